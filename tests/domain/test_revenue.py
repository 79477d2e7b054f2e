"""ARR at a date, by hand."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.records import Account, ArrMovement, MovementKind
from app.domain.revenue import SIGNS, arr_at, begins_after, lifecycle_at


def movement(movement_id: str, day: str, kind: MovementKind, amount: float) -> ArrMovement:
    return ArrMovement(id=movement_id, account_id="a", date=dt.date.fromisoformat(day), kind=kind, amount=amount)


LIFE = (
    movement("m3", "2024-09-01", "downgrade", 20_000),
    movement("m1", "2024-01-01", "new", 100_000),
    movement("m2", "2024-06-01", "expansion", 50_000),
    movement("m4", "2025-01-01", "churn", 130_000),
    movement("m5", "2025-06-01", "reactivation", 60_000),
)


@pytest.mark.parametrize(
    ("day", "amount", "ids"),
    [
        ("2023-12-31", 0, []),
        ("2024-01-01", 100_000, ["m1"]),
        ("2024-06-01", 150_000, ["m1", "m2"]),
        ("2024-12-31", 130_000, ["m1", "m2", "m3"]),
        ("2025-01-01", 0, ["m1", "m2", "m3", "m4"]),
        ("2025-12-31", 60_000, ["m1", "m2", "m3", "m4", "m5"]),
    ],
)
def test_from_the_first_movement_on_it_is_their_sum(day: str, amount: float, ids: list[str]) -> None:
    found = arr_at(60_000, LIFE, dt.date.fromisoformat(day))
    assert (found.amount, found.mismatch) == (amount, None)
    assert [m.id for m in found.movements] == ids


@pytest.mark.parametrize(("own", "mismatch"), [(75_000, 15_000), (None, None), (60_000.004, None), (0, -60_000)])
def test_a_mismatch_with_the_account_is_told(own: float | None, mismatch: float | None) -> None:
    found = arr_at(own, LIFE, dt.date(2024, 6, 1))
    assert (found.amount, found.mismatch) == (150_000, mismatch)


@pytest.mark.parametrize(
    ("day", "amount"),
    [("2024-03-01", 130_000 - 50_000 + 20_000), ("2024-06-01", 130_000 + 20_000), ("2024-09-01", 130_000)],
)
def test_with_no_beginning_it_is_the_account_less_what_came_later(day: str, amount: float) -> None:
    later = (LIFE[0], LIFE[2])
    found = arr_at(130_000, later, dt.date.fromisoformat(day))
    assert (found.amount, found.mismatch, found.movements) == (amount, None, ())


def test_with_neither_beginning_nor_account_it_is_unknown() -> None:
    for movements in ((), (LIFE[2],)):
        found = arr_at(None, movements, dt.date(2024, 6, 1))
        assert (found.amount, found.mismatch, found.movements) == (None, None, ())
    assert arr_at(5_000, (), dt.date(2024, 6, 1)).amount == 5_000


def test_an_account_begins_with_new_whatever_else_is_dated_that_day() -> None:
    same_day = (movement("a", "2024-01-01", "expansion", 10), movement("b", "2024-01-01", "new", 100))
    found = arr_at(None, same_day, dt.date(2024, 1, 1))
    assert (found.amount, [m.id for m in found.movements]) == (110, ["b", "a"])


KINDS: tuple[MovementKind, ...] = ("new", "expansion", "downgrade", "churn", "reactivation")
MOVEMENTS = st.lists(
    st.builds(
        ArrMovement,
        id=st.integers(0, 10**6).map(str),
        account_id=st.just("a"),
        date=st.dates(dt.date(2024, 1, 1), dt.date(2024, 3, 1)),
        kind=st.sampled_from(KINDS),
        amount=st.integers(0, 10**6).map(float),
    )
)


@given(MOVEMENTS, st.integers(0, 10**6).map(float), st.dates(dt.date(2024, 1, 1), dt.date(2024, 3, 1)))
def test_between_two_days_it_changes_by_the_movements_between(
    movements: list[ArrMovement], own: float, day: dt.date
) -> None:
    next_day = day + dt.timedelta(days=1)
    before, after = arr_at(own, movements, day).amount, arr_at(own, movements, next_day).amount
    assert before is not None
    assert after is not None
    assert after - before == sum(SIGNS[m.kind] * m.amount for m in movements if m.date == next_day)
    assert arr_at(own, movements[::-1], day).amount == before


def test_every_kind_of_movement_has_a_sign() -> None:
    assert set(SIGNS) == set(KINDS)


DAY = dt.date(2026, 6, 30)


def _moves(*kinds_and_days: tuple[MovementKind, str]) -> list[ArrMovement]:
    return [
        ArrMovement(id=f"m{i}", account_id="a", date=dt.date.fromisoformat(day), kind=kind, amount=100)
        for i, (kind, day) in enumerate(kinds_and_days)
    ]


@pytest.mark.parametrize(
    ("start", "movements", "expected"),
    [
        (None, [], None),
        ("2026-06-30", [], None),
        ("2026-07-01", [], "2026-07-01"),
        ("2026-01-01", [("new", "2026-08-01")], "2026-08-01"),
        ("2026-07-15", [("new", "2026-08-01")], "2026-07-15"),
        ("2026-07-15", [("new", "2026-06-30")], None),  # paid already: a new term
        (None, [("expansion", "2026-08-01")], None),  # what came before is not on record
    ],
)
def test_an_account_becomes_a_customer_later(
    start: str | None, movements: list[tuple[MovementKind, str]], expected: str | None
) -> None:
    one = Account(id="a", name="A", contract_start=start and dt.date.fromisoformat(start))
    found = begins_after(one, _moves(*movements), DAY, assumed=False)
    assert found == (expected and dt.date.fromisoformat(expected))


@pytest.mark.parametrize(("assumed", "begins"), [(False, None), (True, dt.date(2026, 7, 1))])
def test_a_running_customer_s_later_contract_is_a_new_term(assumed: bool, begins: dt.date | None) -> None:
    one = Account(id="a", name="A", lifecycle="renewing", contract_start=dt.date(2026, 7, 1))
    assert begins_after(one, [], DAY, assumed=assumed) == begins


@pytest.mark.parametrize(
    ("movements", "assumed", "expected"),
    [
        ([], True, "churned"),
        ([("new", "2026-01-01"), ("churn", "2026-06-30")], True, "churned"),
        ([("new", "2026-01-01"), ("churn", "2026-07-01")], False, None),
        ([("new", "2026-01-01"), ("churn", "2026-07-01")], True, None),
        ([("new", "2026-01-01")], True, None),
        ([("new", "2026-01-01")], False, "churned"),  # on record as churned by then, and nothing dates it later
        ([("churn", "2026-02-01"), ("reactivation", "2026-03-01"), ("churn", "2026-08-01")], True, None),
    ],
)
def test_a_churn_dated_later_has_not_happened_yet(
    movements: list[tuple[MovementKind, str]], assumed: bool, expected: str | None
) -> None:
    one = Account(id="a", name="A", lifecycle="churned")
    assert lifecycle_at(one, _moves(*movements), DAY, assumed=assumed) == expected


def test_other_stages_stay_as_they_are() -> None:
    one = Account(id="a", name="A", lifecycle="adopting")
    assert lifecycle_at(one, _moves(("churn", "2026-01-01")), DAY, assumed=True) == "adopting"
