"""Use of the product within a period."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from app.domain.periods import Period, quarter_with
from app.domain.snapshot import DailyUsage, FeatureDays
from app.domain.usage_periods import PRODUCTION, features_figure, features_in, usage_figures, use_in

MARCH = Period("2026-03", dt.date(2026, 3, 1), dt.date(2026, 3, 31), 1)
NONE = float("nan")


def day(text: str) -> int:
    return dt.date.fromisoformat(text).toordinal()


def daily(*rows: tuple[str, float, float], last: str = "2026-04-10", errors: float = 1) -> DailyUsage:
    """Rows of (day, active users, calls)."""
    columns: Any = [np.array(c, dtype=np.float64) for c in zip(*((r[1], r[2]) for r in rows), strict=True)] or [
        np.zeros(0)
    ] * 2
    days = np.array([day(r[0]) for r in rows], dtype=np.int32)
    ones = np.ones(len(rows))
    return DailyUsage(day(last), days, columns[0], ones * NONE, columns[1], ones * errors, ones * NONE)


def test_days_without_a_row_are_zero_from_the_first_row_on() -> None:
    """March 2026 has 22 working days; the 1st is a Sunday, the 2nd a Monday."""
    use = use_in(daily(("2026-02-27", 9, 900), ("2026-03-02", 11, 100), ("2026-03-07", 40, 50)), MARCH)
    assert (use.first, use.last, use.is_complete, use.days) == (MARCH.first, MARCH.last, True, 31)
    assert (use.calls, use.errors) == (150, 2)
    assert use.mean_users == pytest.approx(11 / 22)  # the 40 were on a Saturday
    assert use.peak_users == 40


@pytest.mark.parametrize(
    ("first", "last", "known"),
    [
        ("2026-03-10", "2026-04-10", ("2026-03-10", "2026-03-31")),  # began within
        ("2026-02-10", "2026-03-12", ("2026-03-01", "2026-03-12")),  # the feed ends within
    ],
)
def test_a_period_that_is_known_in_part(first: str, last: str, known: tuple[str, str]) -> None:
    use = use_in(daily((first, 5, 10), last=last), MARCH)
    assert (str(use.first), str(use.last)) == known
    assert not use.is_complete
    calls = usage_figures("a", dt.date(2026, 4, 30), use)["calls"]
    assert calls.label == f"API calls, 2026-03, {known[0]} to {known[1]}"


@pytest.mark.parametrize("rows", [(), (("2026-04-01", 5, 10),)])
def test_a_period_of_which_nothing_is_known(rows: Any) -> None:
    use = use_in(daily(*rows), MARCH)
    assert (use.first, use.calls, use.mean_users, use.peak_users, use.days) == (None, None, None, None, 0)
    assert all(f.value is None for f in usage_figures("a", dt.date(2026, 4, 30), use).values())


def test_a_measure_that_no_row_tells_is_unknown_and_not_zero() -> None:
    use = use_in(daily(("2026-02-01", NONE, 10)), MARCH)
    assert (use.calls, use.mean_users, use.peak_users) == (0, None, None)


def test_figures_say_their_period_and_their_days() -> None:
    figures = usage_figures(
        "a b", dt.date(2026, 4, 30), use_in(daily(("2026-02-27", 9, 0), ("2026-03-02", 1, 8)), MARCH)
    )
    assert figures["calls"].key == "usage.api_calls.2026-03"
    assert figures["calls"].evidence[0].href == "/v1/accounts/a%20b/usage?from=2026-03-01&to=2026-03-31"
    assert figures["error_share"].value == 12.5
    quarter = quarter_with(dt.date(2026, 2, 1), 1)
    assert usage_figures("a", dt.date(2026, 4, 30), use_in(daily(("2026-01-01", 1, 1)), quarter))["calls"].key == (
        "usage.api_calls.2026Q1"
    )


def test_features() -> None:
    rows = [
        ("2026-02-20", "alerts", PRODUCTION, 1.0), ("2026-03-03", "alerts", "sandbox", 2.0),
        ("2026-03-04", "replay", PRODUCTION, 0.0), ("2026-03-05", "webhooks", PRODUCTION, NONE),
    ]  # fmt: skip
    columns = list(zip(*rows, strict=True))
    used = FeatureDays(
        day("2026-04-01"),
        np.array([day(text) for text in columns[0]], dtype=np.int32),
        np.array(columns[1], dtype=object),
        np.array(columns[2], dtype=object),
        np.array(columns[3], dtype=np.float64),
        np.full(4, NONE),
    )
    assert features_in(used, MARCH) == ("alerts", "webhooks")
    assert features_in(used, MARCH, PRODUCTION) == ("webhooks",)
    assert features_in(used, Period("2026-01", dt.date(2026, 1, 1), dt.date(2026, 1, 31), 1)) is None
    assert features_figure("a", dt.date(2026, 4, 1), MARCH, features_in(used, MARCH)).value == 2
    assert features_figure("a", dt.date(2026, 4, 1), MARCH, None).value is None
