"""Fiscal quarters and years, and months."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.periods import PeriodQuery, add_months, period_of, quarter_after, quarter_with
from app.domain.problems import InvalidArguments

AS_OF = dt.date(2026, 6, 26)


@pytest.mark.parametrize(
    ("asked", "back", "fiscal_start", "name", "first", "last"),
    [
        (None, 0, 1, "2026Q1", "2026-01-01", "2026-03-31"),
        (None, 1, 1, "2025Q4", "2025-10-01", "2025-12-31"),
        ("this", 0, 1, "2026Q2", "2026-04-01", "2026-06-30"),
        ("Q2", 0, 1, "2026Q2", "2026-04-01", "2026-06-30"),
        ("Q3", 0, 1, "2025Q3", "2025-07-01", "2025-09-30"),  # of this year it has not begun
        ("q4 2025", 0, 1, "2025Q4", "2025-10-01", "2025-12-31"),
        ("2025-Q4", 0, 1, "2025Q4", "2025-10-01", "2025-12-31"),
        ("2024", 0, 1, "2024", "2024-01-01", "2024-12-31"),
        ("2024-02", 0, 1, "2024-02", "2024-02-01", "2024-02-29"),
        ("2024-02", 12, 1, "2023-02", "2023-02-01", "2023-02-28"),
        ("FY2026Q2", 0, 4, "FY2026Q2", "2025-07-01", "2025-09-30"),
        ("this", 0, 4, "FY2027Q1", "2026-04-01", "2026-06-30"),
        (None, 0, 2, "FY2027Q1", "2026-02-01", "2026-04-30"),  # a year from February 2026 ends in 2027
        ("FY2026", 0, 10, "FY2026", "2025-10-01", "2026-09-30"),
    ],
)
def test_periods(asked: str | None, back: int, fiscal_start: int, name: str, first: str, last: str) -> None:
    found = period_of(PeriodQuery(asked, back), AS_OF, fiscal_start)
    assert (found.name, str(found.first), str(found.last)) == (name, first, last)


def test_a_quarter_that_ends_today_has_ended() -> None:
    assert period_of(PeriodQuery(), dt.date(2026, 6, 30), 1).name == "2026Q2"
    assert period_of(PeriodQuery(), dt.date(2026, 6, 29), 1).name == "2026Q1"


@pytest.mark.parametrize("asked", ["soon", "2026Q5", "2026-13", "1026", "9999Q1", "2026Q3", "2027", "Q", "²026Q1"])
def test_what_is_no_period_is_refused(asked: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        period_of(PeriodQuery(asked), AS_OF, 1)
    assert refused.value.code == "invalid_period"


@given(st.dates(dt.date(1980, 1, 1), dt.date(2090, 1, 1)), st.integers(1, 12))
def test_quarters_follow_each_other_without_a_gap(day: dt.date, fiscal_start: int) -> None:
    this = quarter_with(day, fiscal_start)
    after = quarter_after(this, fiscal_start)
    assert day in this
    assert 89 <= this.days <= 92
    assert after.first == this.last + dt.timedelta(days=1)
    assert period_of(PeriodQuery(this.name), this.last, fiscal_start) == this
    assert period_of(PeriodQuery(after.name, 1), after.last, fiscal_start) == this
    year = period_of(PeriodQuery(this.name[:-2]), this.last, fiscal_start)
    assert year.first <= this.first
    assert this.last <= year.last


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [("2024-01-31", 1, "2024-02-29"), ("2024-02-29", 12, "2025-02-28"), ("2026-03-31", -1, "2026-02-28")],
)
def test_months_later(day: str, months: int, later: str) -> None:
    assert str(add_months(dt.date.fromisoformat(day), months)) == later
