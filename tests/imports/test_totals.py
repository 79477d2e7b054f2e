"""Rows of one key are added up, in whatever order they come."""

import datetime as dt

from app.domain.records import FeatureUsage
from app.imports.totals import Totals

DAY = dt.date(2026, 1, 2)


def used(feature: str, count: int | None, day: dt.date = DAY) -> FeatureUsage:
    return FeatureUsage(account_id="a", date=day, feature=feature, count=count)


def test_sums_by_key() -> None:
    with Totals(FeatureUsage, ["count"]) as totals:
        for line, record in enumerate(
            [used("x", 1), used("y", 5), used("x", 10), used("z", None), used("z", None), used("y", None)], start=2
        ):
            totals.add(line, record)
        totals.add(9, used("x", 3, dt.date(2026, 1, 3)))
        found = [(line, r.date.day, r.feature, r.count) for line, r in totals.records() if isinstance(r, FeatureUsage)]
    assert sorted(found) == [(2, 2, "x", 11), (3, 2, "y", 5), (5, 2, "z", None), (9, 3, "x", 3)]
