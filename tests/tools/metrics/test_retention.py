"""NRR and GRR: numbers worked by hand, and what must hold of any cohort."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.records import ArrMovement, MovementKind
from tools.metrics.retention import Change, change, retention

Moves = list[tuple[MovementKind, float]]


def moves(given_: Moves, account_id: str = "a") -> list[ArrMovement]:
    first = dt.date(2026, 1, 1)
    return [
        ArrMovement(id=f"m{i}", account_id=account_id, date=first + dt.timedelta(days=i), kind=kind, amount=amount)
        for i, (kind, amount) in enumerate(given_)
    ]


def test_the_personas_example() -> None:
    """persona §8.2: 10M, 2M of expansion, 0.5M of churn, 0.3M of downgrades."""
    cohort = [
        change("grew", 6_000_000, moves([("expansion", 2_000_000)])),
        change("left", 500_000, moves([("churn", 500_000)])),
        change("shrank", 3_500_000, moves([("downgrade", 300_000)])),
    ]
    sums = retention(cohort)
    assert (sums.starting, sums.expansion, sums.churn, sums.downgrades) == (10e6, 2e6, 0.5e6, 0.3e6)
    assert sums.nrr == pytest.approx(112)
    assert sums.grr == pytest.approx(92)


@pytest.mark.parametrize(
    ("starting", "given_", "net", "kept"),
    [
        (100, [], 100, 100),
        (100, [("expansion", 20), ("downgrade", 30)], 90, 70),
        (100, [("expansion", 50), ("churn", 150)], 0, 0),  # no more than the start is lost of it
        (100, [("churn", 100), ("reactivation", 80)], 0, 0),  # came back: no expansion, and it stays churn
        (100, [("churn", 100), ("reactivation", 80), ("expansion", 40)], 0, 0),
        (100, [("churn", 100), ("new", 300)], 0, 0),
        (100, [("churn", 100), ("reactivation", 80), ("churn", 80)], 0, 0),  # the same money does not leave twice
        (100, [("churn", 40), ("reactivation", 40)], 60, 60),  # a part that left and came back
        (100, [("churn", 40), ("reactivation", 40), ("downgrade", 50)], 50, 50),  # of what came back 40, of the rest 10
        (100, [("new", 30)], 130, 100),  # a second product of a customer who is there
        (100, [("downgrade", 250)], 0, 0),
    ],
)
def test_one_account(starting: float, given_: Moves, net: float, kept: float) -> None:
    found = change("a", starting, moves(given_))
    assert (found.net, found.kept) == (net, kept)


def test_nothing_at_the_start_has_no_rate() -> None:
    assert retention([]).nrr is None
    assert retention([Change("won", 0.0)]).grr is None


KINDS: list[MovementKind] = ["new", "expansion", "downgrade", "churn", "reactivation"]
ACCOUNTS = st.lists(
    st.tuples(
        st.floats(min_value=1, max_value=1e6),
        st.lists(st.tuples(st.sampled_from(KINDS), st.floats(min_value=0, max_value=1e6)), max_size=6),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60)
@given(ACCOUNTS)
def test_nrr_is_never_below_grr_and_grr_lies_between_0_and_100(accounts: list[tuple[float, Moves]]) -> None:
    sums = retention([change(f"a{i}", start, moves(given_)) for i, (start, given_) in enumerate(accounts)])
    assert sums.nrr is not None
    assert sums.grr is not None
    assert -1e-9 <= sums.grr <= 100 + 1e-9
    assert sums.nrr >= sums.grr - 1e-9


@settings(max_examples=40)
@given(ACCOUNTS, st.floats(min_value=1, max_value=1e6))
def test_who_was_won_changes_nothing(accounts: list[tuple[float, Moves]], won: float) -> None:
    cohort = [change(f"a{i}", start, moves(given_)) for i, (start, given_) in enumerate(accounts)]
    with_won = [*cohort, change("won", 0.0, moves([("new", won), ("expansion", won)]))]
    assert retention(with_won) == retention(cohort)
