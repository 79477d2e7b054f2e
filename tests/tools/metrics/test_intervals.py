"""Exact intervals against published values."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.metrics.intervals import exact_interval


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),
        (5, 10, 0.1871, 0.8129),
        (10, 10, 0.6915, 1.0),
        (1, 20, 0.0013, 0.2487),
        (263, 1000, 0.2359, 0.2915),
        (0, 0, 0.0, 1.0),
    ],
)
def test_clopper_pearson(hits: int, of: int, low: float, high: float) -> None:
    assert exact_interval(hits, of, 0.95) == pytest.approx((low, high), abs=1e-3 if of == 1000 else 1e-4)


@settings(max_examples=40)
@given(st.integers(1, 300), st.data())
def test_it_holds_what_was_seen_and_more_confidence_is_wider(of: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, of))
    low, high = exact_interval(hits, of, 0.95)
    wide_low, wide_high = exact_interval(hits, of, 0.995)
    assert wide_low <= low <= hits / of <= high <= wide_high
