"""Working days of a plan: weekends, leap days, ends of phases, slips that keep the order."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.problems import InvalidArguments
from app.domain.records import Milestone
from app.domain.windows import is_working_day
from tests.snapshots import AS_OF
from tests.tools.onboard.desk import PARAMETERS, codes, context, milestone
from tools.onboard.days import between, day_of, moved
from tools.onboard.material import of_account
from tools.onboard.plan import from_template, planned
from tools.onboard.slips import dependants, push

STARTS = st.dates(dt.date(2023, 12, 1), dt.date(2028, 3, 31))
FEW = settings(max_examples=40, deadline=None)


@pytest.mark.parametrize(
    ("start", "number", "day"),
    [
        ("2026-06-01", 1, "2026-06-01"),  # a Monday is its own first day
        ("2026-06-01", 5, "2026-06-05"),
        ("2026-06-01", 6, "2026-06-08"),
        ("2026-06-01", 20, "2026-06-26"),
        ("2026-06-06", 1, "2026-06-08"),  # Saturday: the Monday after
        ("2026-06-07", 5, "2026-06-12"),  # Sunday
        ("2024-02-28", 2, "2024-02-29"),  # a leap day is a day
        ("2024-02-29", 2, "2024-03-01"),
        ("2026-12-31", 2, "2027-01-01"),  # over the end of a year
    ],
)
def test_a_working_day_by_its_number(start: str, number: int, day: str) -> None:
    assert day_of(dt.date.fromisoformat(start), number) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        ("2026-06-26", "2026-06-26", 0),
        ("2026-06-26", "2026-06-27", 0),  # Friday to Saturday
        ("2026-06-26", "2026-06-29", 1),
        ("2026-06-27", "2026-06-29", 1),  # due on a Saturday
        ("2026-06-26", "2026-07-03", 5),
        ("2026-06-26", "2026-06-20", 0),
    ],
)
def test_working_days_between(earlier: str, later: str, days: int) -> None:
    assert between(dt.date.fromisoformat(earlier), dt.date.fromisoformat(later)) == days


NOBODY = of_account(context())


def unmeasured(start: dt.date) -> list[Milestone]:
    """The template's plan without its measures: of a slip only days matter."""
    return [each.model_copy(update={"measures": ()}) for each in from_template("acme", start, "hybrid", PARAMETERS)]


@FEW
@given(STARTS)
def test_each_phase_ends_within_its_calendar_days(start: dt.date) -> None:
    plan = from_template("acme", start, "hybrid", PARAMETERS)
    ends = {1: 7, 2: 28, 3: 56, 4: 90}
    assert all(is_working_day(each.due) and start <= each.due for each in plan)
    assert all((each.due - start).days + 1 <= ends[each.phase] for each in plan)
    assert [each.due for each in plan] == sorted(each.due for each in plan)


@FEW
@given(STARTS, st.integers(-30, 260))
def test_a_move_and_its_reverse(day: dt.date, number: int) -> None:
    there = moved(day, number)
    assert number == 0 or is_working_day(there)
    if is_working_day(day):
        assert moved(there, -number) == day
        assert between(min(day, there), max(day, there)) == abs(number)


@FEW
@given(STARTS, st.integers(1, 14), st.integers(1, 260))
def test_a_slip_keeps_the_order_and_moves_all_alike(start: dt.date, number: int, days: int) -> None:
    rows = unmeasured(start)
    plan = planned(NOBODY, rows, kept=True)
    before = codes(rows)
    after = before | codes([each.milestone for each in push(plan, f"M{number}", days)])
    for row in rows:
        assert after[row.code] in (before[row.code], moved(before[row.code], days))
        assert all(after[earlier] <= after[row.code] for earlier in row.after)


@FEW
@given(STARTS, st.integers(2, 14), st.integers(1, 40))
def test_pulled_forward_nothing_comes_before_what_it_waits_for(start: dt.date, number: int, days: int) -> None:
    rows = unmeasured(start)
    plan = planned(NOBODY, rows, kept=True)
    try:
        pushed = push(plan, f"M{number}", -days)
    except InvalidArguments:
        return
    after = codes(rows) | codes([each.milestone for each in pushed])
    assert all(after[earlier] <= after[row.code] for row in rows for earlier in row.after)
    assert all(after[row.code] <= row.due for row in rows)


def of_rows(*rows: Milestone) -> list[str]:
    """What the first of these pushes."""
    plan = planned(of_account(context()), rows, kept=True)
    return [step.code for step in dependants(plan, rows[0].code)]


def test_what_waits_is_pushed_by_others_too_and_what_is_done_passes_nothing_on() -> None:
    a, b, c = (milestone(code, AS_OF) for code in ("M1", "M2", "M3"))
    assert of_rows(a, b, c) == ["M2", "M3"]  # no dependencies at all: all later ones
    chained = (a, b.model_copy(update={"after": ("M1",)}), c.model_copy(update={"after": ("M2",)}))
    assert of_rows(*chained) == ["M2", "M3"]
    done = chained[1].model_copy(update={"done_on": AS_OF})
    assert of_rows(a, done, chained[2]) == []


def test_dependencies_in_a_circle_end() -> None:
    a, b = milestone("M1", AS_OF, after=("M2",)), milestone("M2", AS_OF, after=("M1",))
    assert of_rows(a, b) == ["M2"]
    assert planned(of_account(context()), (a, b), kept=True).steps[0].waits_for in ("M1", "M2")
