"""What goals are worth, and the return on ARR."""

from typing import Any

import pytest

from app.domain.value import value_figures
from tests import snapshots


@pytest.mark.parametrize(
    ("arr", "goals", "delivered", "in_reach", "roi"),
    [
        (250_000, [("achieved", 500_000)], 500_000, None, 2),  # persona §3.3
        (100_000, [("achieved", 30_000), ("achieved", 20_000), ("on_track", 90_000)], 50_000, 90_000, 0.5),
        (100_000, [("missed", 70_000), (None, 10), ("achieved", None)], None, None, None),
        (0, [("achieved", 500_000)], 500_000, None, None),
        (None, [("achieved", 500_000)], 500_000, None, None),
        (100_000, [("achieved", -5_000)], -5_000, None, -0.05),
    ],
)
def test_return(arr: float | None, goals: Any, delivered: Any, in_reach: Any, roi: Any) -> None:
    rows = [snapshots.goal(f"g{n}", status, value_amount=worth) for n, (status, worth) in enumerate(goals)]
    account = snapshots.account_snapshot(snapshots.account(arr=arr), goals=rows)
    figures = value_figures(account, "EUR")
    assert [figures[f"value.{key}"].value for key in ("delivered", "in_reach", "roi")] == [delivered, in_reach, roi]
    assert figures["value.delivered"].unit == "USD"
