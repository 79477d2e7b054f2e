"""Whether a customer uses enough features."""

import pytest

from tools.adoption.depth import uses_enough


@pytest.mark.parametrize(
    ("used", "available", "enough"),
    [
        (6, 10, True),  # persona §8.1
        (5, 10, False),
        (3, 5, True),  # 0.6 × 5 is 3.0000000000000004 short of nothing
        (2, 4, False),
        (0, 10, False),
        (None, 10, None),
        (6, None, None),
        (6, 0, None),
    ],
)
def test_six_of_ten_are_enough(used: float | None, available: float | None, enough: bool | None) -> None:
    assert uses_enough(used, available, 0.6) is enough
