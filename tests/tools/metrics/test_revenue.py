"""NRR and GRR of a period: who is in the cohort, who is left out and said to be."""

import datetime as dt
from typing import Any

import pytest

from app.domain.records import Account, ArrMovement, MovementKind
from tests.snapshots import account
from tests.tools.metrics.world import metric, of_period, parameters
from tools.metrics.data import PeriodMetrics

Q1 = dt.date(2026, 1, 1)


def moved(account_id: str, day: str, kind: MovementKind, amount: float) -> ArrMovement:
    return ArrMovement(
        id=f"{account_id}-{day}-{kind}",
        account_id=account_id,
        date=dt.date.fromisoformat(day),
        kind=kind,
        amount=amount,
    )


def customer(
    account_id: str, start: float, *later: tuple[str, MovementKind, float], **fields: Any
) -> tuple[Account, list[ArrMovement]]:
    """An account won in 2025 with `start` ARR, whose movements explain its ARR."""
    movements = [moved(account_id, "2025-02-01", "new", start)]
    movements += [moved(account_id, day, kind, amount) for day, kind, amount in later]
    signs = {"churn": -1, "downgrade": -1}
    arr = sum(signs.get(m.kind, 1) * m.amount for m in movements)
    return account(account_id, **{"arr": arr, "contract_start": dt.date(2025, 2, 1)} | fields), movements


def answer(*customers: tuple[Account, list[ArrMovement]], asked: str = "2026Q1", **given: Any) -> PeriodMetrics:
    movements = [movement for _, mine in customers for movement in mine]
    return of_period([each for each, _ in customers], asked, arr_movements=movements, **given)


def test_the_personas_example_through_the_command() -> None:
    data = answer(
        customer("grew", 6e6, ("2026-03-01", "expansion", 2e6)),
        customer("left", 0.5e6, ("2026-05-01", "churn", 0.5e6), lifecycle="churned"),
        customer("shrank", 3.5e6, ("2026-02-01", "downgrade", 0.3e6)),
        asked="2026",
    )
    nrr, grr = metric(data, "nrr"), metric(data, "grr")
    assert nrr.value == pytest.approx(112)
    assert grr.value == pytest.approx(92)
    assert nrr.numerator == pytest.approx(11.2e6)
    assert (nrr.denominator, nrr.cohort.n) == (10e6, 3)
    assert nrr.figure == "metrics.nrr.USD.2026"


def test_who_was_won_in_the_period_is_not_in_it() -> None:
    won = (account("won", arr=500.0, contract_start=dt.date(2026, 2, 1)), [moved("won", "2026-02-01", "new", 500)])
    alone, both = answer(customer("old", 100)), answer(customer("old", 100), won)
    for key in ("nrr", "grr"):
        assert metric(alone, key).value == metric(both, key).value == 100
        assert metric(both, key).cohort.n == 1


def test_who_left_and_came_back_stays_churned() -> None:
    data = answer(
        customer("a", 100), customer("b", 100, ("2026-01-10", "churn", 100), ("2026-03-10", "reactivation", 90))
    )
    assert metric(data, "nrr").value == metric(data, "grr").value == 50


def test_movements_count_on_the_days_of_the_period_alone() -> None:
    data = answer(
        customer(
            "a", 100, ("2025-12-31", "expansion", 100), ("2026-01-01", "expansion", 20), ("2026-04-01", "churn", 220)
        )
    )
    assert metric(data, "nrr").value == 110  # 220 ÷ 200
    assert metric(data, "grr").value == 100


def test_currencies_are_never_added_up() -> None:
    data = answer(
        customer("a", 100, ("2026-02-01", "downgrade", 10)),
        customer("b", 200, ("2026-02-01", "expansion", 20), currency="EUR"),
    )
    assert metric(data, "nrr", "USD").value == 90
    assert metric(data, "nrr", "EUR").value == pytest.approx(110)


def test_a_parent_that_contains_its_children_counts_the_rest_alone() -> None:
    child, movements = customer("child", 40, ("2026-02-01", "downgrade", 20), parent_id="parent")
    parent = account("parent", arr=100.0, contract_start=dt.date(2025, 2, 1))
    data = answer((child, movements), (parent, []))
    found = metric(data, "grr")
    assert found.denominator == 100  # 40 of the child, 60 that the parent has beside it
    assert found.value == 80


def test_who_cannot_be_judged_is_named() -> None:
    silent = account("silent", contract_start=dt.date(2025, 1, 1))
    gone = account("gone", lifecycle="churned", contract_start=dt.date(2025, 1, 1))
    data = answer(customer("a", 100), (silent, []), (gone, []), covered={"arr_movements": {"silent": None}})
    found = metric(data, "nrr")
    assert found.cohort.n == 1
    left = {each.reason: each.ids for each in found.cohort.left_out}
    assert left == {
        "no dated ARR movements reach the end of the period": ("silent",),
        "left on a day that no movement tells": ("gone",),
    }


def test_arr_that_its_movements_do_not_explain_is_named() -> None:
    told, movements = customer("a", 100)
    data = answer((told.model_copy(update={"arr": 130.0}), movements), customer("b", 100))
    assert data.arr_unexplained == ("a",)


@pytest.mark.parametrize(
    ("words", "goal"),
    [("2026Q1", 102.411), ("2025", 110.0), ("2026-02", 100.797)],  # the 4th and the 12th root of 1.1
)
def test_the_targets_of_a_year_are_scaled_to_the_period(words: str, goal: float) -> None:
    target = metric(answer(customer("a", 100), asked=words), "nrr").target
    assert target is not None
    assert target.value == 110
    assert target.goal == pytest.approx(goal, abs=1e-3)


def test_a_period_that_runs_is_not_compared_with_one_that_is_over() -> None:
    mine = customer("a", 100, ("2026-02-01", "expansion", 20))
    assert metric(answer(mine, asked="this"), "nrr").trend.before is None
    assert metric(answer(mine, asked="2026-05"), "nrr").trend.before == 100


def test_before_any_data_nothing_is_told() -> None:
    data = answer(customer("a", 100), first_day=Q1)
    found = metric(data, "nrr")
    assert (found.value, found.verdict) == (None, "cannot_tell")
    assert "before any data" in found.why
    assert metric(data, "mttr").trend.before is None


def test_a_segment_has_targets_of_its_own() -> None:
    settings = parameters(overrides=[{"segment": "smb", "set": {"metrics": {"grr": {"target": {"value": 80}}}}}])
    small, movements = customer("a", 100, ("2026-02-01", "downgrade", 4), segment="smb")
    narrowed = answer((small, movements), settings=settings, args={"segment": "SMB"})
    assert metric(narrowed, "grr").verdict == "met"  # 96 against 94.6, the 4th root of 0.8
    assert metric(narrowed, "grr").figure == "metrics.segment_smb.grr.USD.2026Q1"
    assert metric(answer((small, movements), settings=settings), "grr").verdict == "missed"  # against 97.4
