"""The term that a renewal is about."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.snapshots import account
from tests.tools.renewal.conftest import contract, term
from tools.renewal.terms import months_between, term_of

day = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("renewal", "notice", "months", "auto", "as_of", "runs_to", "decided", "rolled", "lapsed"),
    [
        ("2026-12-31", 30, 12, True, "2026-06-26", "2026-12-31", "2026-12-01", False, None),
        (
            "2026-06-26",
            0,
            12,
            False,
            "2026-06-26",
            "2026-06-26",
            "2026-06-26",
            False,
            None,
        ),  # on the day itself it runs
        ("2026-06-12", 30, 12, False, "2026-06-26", "2026-06-12", "2026-05-13", False, 14),
        (
            "2026-06-12",
            30,
            12,
            None,
            "2026-06-26",
            "2026-06-12",
            "2026-05-13",
            False,
            14,
        ),  # not known to renew: it lapsed
        ("2026-06-12", 30, 12, True, "2026-06-26", "2027-06-12", "2027-05-13", True, None),
        ("2024-02-29", 60, 12, True, "2026-06-26", "2027-02-28", "2026-12-30", True, None),  # no 29th in 2027
        ("2024-02-29", 60, 12, True, "2028-01-10", "2028-02-29", "2027-12-31", True, None),  # and one again in 2028
        ("2026-05-31", 0, 1, True, "2026-06-26", "2026-06-30", "2026-06-30", True, None),
        ("2020-01-01", 730, 36, True, "2026-06-26", "2029-01-01", "2027-01-02", True, None),
    ],
)
def test_the_term_that_runs(
    renewal: str, notice: int, months: int, auto: bool | None, as_of: str, runs_to: str, decided: str,
    rolled: bool, lapsed: int | None,
) -> None:  # fmt: skip
    one = contract(day(renewal), notice, auto, term_months=months, contract_start=None)
    found = term(one, day(as_of))
    assert (found.renewal, found.decision, found.rolled, found.lapsed) == (day(runs_to), day(decided), rolled, lapsed)


def test_no_term_without_a_date_or_the_length_of_one_that_renewed() -> None:
    assert term_of(account(renewal_date=None), day("2026-06-26")) is None
    assert term_of(contract(day("2026-06-01"), auto=True, term_months=None), day("2026-06-26")) is None


@pytest.mark.parametrize(
    ("renewal", "months", "begun", "starts", "anniversaries"),
    [
        ("2026-12-31", 36, None, "2023-12-31", ["2024-12-31", "2025-12-31"]),
        (
            "2026-12-31",
            36,
            "2024-12-31",
            "2024-12-31",
            ["2025-12-31"],
        ),  # the contract began after the term's first year
        ("2027-02-28", 24, None, "2025-02-28", ["2026-02-28"]),
        ("2026-12-31", 18, None, "2025-06-30", ["2025-12-31"]),  # counted back from the end
        ("2026-12-31", 12, None, "2025-12-31", []),
        ("2026-12-31", None, "2024-01-01", "2024-01-01", []),
    ],
)
def test_anniversaries_lie_within_a_term_of_several_years(
    renewal: str, months: int | None, begun: str | None, starts: str, anniversaries: list[str]
) -> None:
    one = contract(day(renewal), term_months=months, contract_start=day(begun) if begun else None)
    found = term(one)
    assert found.starts == day(starts)
    assert [str(each) for each in found.anniversaries] == anniversaries


@pytest.mark.parametrize(
    ("first", "end", "months"),
    [
        ("2026-01-15", "2026-02-15", 1),
        ("2026-01-15", "2026-03-01", 1 + 14 / 28),
        ("2026-01-15", "2026-01-15", 0),
        ("2026-01-31", "2026-02-28", 1),  # the last day of a shorter month
        ("2024-02-29", "2025-02-28", 12),
        ("2026-04-01", "2026-04-16", 0.5),
    ],
)
def test_months_in_whole_and_part(first: str, end: str, months: float) -> None:
    assert months_between(day(first), day(end)) == pytest.approx(months)


@settings(max_examples=60)
@given(
    renewal=st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)),
    as_of=st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31)),
    notice=st.sampled_from([0, 1, 30, 90, 730]),
    months=st.integers(1, 60),
)
def test_a_contract_that_renews_by_itself_always_runs(
    renewal: dt.date, as_of: dt.date, notice: int, months: int
) -> None:
    one = contract(renewal, notice, True, term_months=months, contract_start=None)
    found = term(one, as_of)
    assert found.renewal >= as_of
    assert found.lapsed is None
    assert found.renewal - found.decision == dt.timedelta(days=notice)
    assert found.starts is not None
    assert found.starts < found.renewal
    assert not found.rolled or found.starts < as_of  # the term before it is over
    assert all(found.starts < each < found.renewal for each in found.anniversaries)
