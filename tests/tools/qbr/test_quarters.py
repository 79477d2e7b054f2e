"""Which days stand side by side: whole quarters, or as many days of the one before."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.periods import PeriodQuery, period_of
from app.domain.problems import InvalidArguments
from tests.snapshots import AS_OF
from tests.tools.qbr.conftest import qbr_context
from tools.qbr.quarters import Quarters, quarters


def made(name: str, as_of: dt.date = AS_OF, fiscal_start: int = 1) -> Quarters:
    query = PeriodQuery(name)
    earlier = period_of(PeriodQuery(name, back=1), as_of, fiscal_start)
    return Quarters(period_of(query, as_of, fiscal_start), earlier, as_of, fiscal_start)


def ordinal(text: str) -> int:
    return dt.date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(
    ("name", "first", "last", "expected"),
    [
        ("2026Q1", "2025-01-01", "2026-06-26", ("2025Q4", "2025-10-01", "2025-12-31")),  # both whole
        ("2026Q2", "2025-01-01", "2026-06-26", ("2026Q1-first-87d", "2026-01-01", "2026-03-28")),  # runs: 87 days
        ("2026Q1", "2025-10-01", "2026-01-10", ("2025Q4-first-10d", "2025-10-01", "2025-10-10")),  # the feed ends early
        ("2026Q1", "2025-10-02", "2026-06-26", None),  # not all of the quarter before is known
        ("2026Q1", "2025-01-01", "2025-12-31", None),  # nothing of the quarter is known
        ("2026Q2", "2025-01-01", "2026-06-29", ("2026Q1", "2026-01-01", "2026-03-31")),  # 90 days of 91: all 90
    ],
)
def test_the_days_that_are_compared(name: str, first: str, last: str, expected: tuple[str, str, str] | None) -> None:
    found = made(name).days_alike(ordinal(first), ordinal(last))
    assert (None if found is None else (found.name, str(found.first), str(found.last))) == expected


@given(
    as_of=st.dates(dt.date(2023, 1, 1), dt.date(2032, 12, 31)),
    fiscal_start=st.integers(1, 12),
    lag=st.integers(0, 40),
)
@settings(max_examples=60)
def test_never_more_days_than_are_known_and_never_outside_the_quarter_before(
    as_of: dt.date, fiscal_start: int, lag: int
) -> None:
    found = made("this", as_of, fiscal_start)
    last = as_of.toordinal() - lag
    alike = found.days_alike(1, last)
    known = last - found.period.first.toordinal() + 1
    if alike is None:
        assert known <= 0
        return
    assert alike.days <= max(known, found.earlier.days)
    assert alike.first == found.earlier.first
    assert alike.last <= found.earlier.last < found.period.first
    assert alike.days == min(known, found.earlier.days) or known >= found.period.days


def test_a_fiscal_year_that_begins_in_february() -> None:
    found = made("last", dt.date(2026, 6, 26), fiscal_start=2)
    assert (found.period.name, str(found.period.first), str(found.period.last)) == (
        "FY2027Q1",
        "2026-02-01",
        "2026-04-30",
    )
    assert (found.earlier.name, str(found.earlier.last)) == ("FY2026Q4", "2026-01-31")


def test_months_end_with_the_newest_that_is_looked_at() -> None:
    assert [month.name for month in made("2026Q1").months(4)] == ["2025-12", "2026-01", "2026-02", "2026-03"]
    assert made("this").months(2)[-1].name == "2026-06"


@pytest.mark.parametrize("name", ["2026", "2026-05", "2026Q3", "never"])
def test_what_is_no_quarter_that_has_begun_is_refused(name: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        quarters(qbr_context(), name)
    assert refused.value.code == "invalid_period"
