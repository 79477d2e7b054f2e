"""Whose a promise is, and what its clock says."""

import datetime as dt

import pytest

from app.domain.promises import Promise, open_promises, side_of
from app.domain.records import Commitment
from tests.snapshots import account, contact, portfolio

FRIDAY = dt.date(2026, 6, 26)
ACME = account("acme", name="Acme GmbH", aliases=("ACM",), owner="Sam Park")
PEOPLE = ["Maria Santos", "c1", "Lee Chan"]


@pytest.mark.parametrize(
    ("by", "side"),
    [
        ("us", "us"),
        ("We", "us"),
        ("Sam Park", "us"),
        ("sam", "us"),
        ("customer", "customer"),
        ("Acme GmbH", "customer"),
        ("acm", "customer"),
        ("Maria Santos", "customer"),
        (" maria ", "customer"),
        ("c1", "customer"),
        ("Kim", "unknown"),
        ("", "unknown"),
    ],
)
def test_side(by: str, side: str) -> None:
    assert side_of(by, ACME, PEOPLE) == side


def test_a_first_name_of_both_sides_is_nobodys() -> None:
    assert side_of("Sam", ACME, ["Sam Stone"]) == "unknown"
    assert side_of("Sam Stone", ACME, ["Sam Stone"]) == "customer"


def promised(due: dt.date | None, as_of: dt.date, **fields: object) -> Promise:
    item = Commitment.model_validate({"id": "k", "account_id": "acme", "what": "call", "due": due, **fields})
    (found,) = open_promises(portfolio([ACME], as_of=as_of, commitments=[item]))
    return found


@pytest.mark.parametrize(
    ("as_of", "days_left", "working_days", "overdue"),
    [
        (FRIDAY - dt.timedelta(days=7), 7, 5, False),
        (FRIDAY - dt.timedelta(days=1), 1, 1, False),
        (FRIDAY, 0, 0, False),  # it can be kept until the day is over
        (FRIDAY + dt.timedelta(days=1), -1, 0, True),  # Saturday
        (FRIDAY + dt.timedelta(days=3), -3, 1, True),  # Monday
        (FRIDAY + dt.timedelta(days=14), -14, 10, True),
    ],
)
def test_the_clock(as_of: dt.date, days_left: int, working_days: int, overdue: bool) -> None:
    found = promised(FRIDAY, as_of, by="us")
    assert (found.days_left, found.working_days, found.overdue) == (days_left, working_days, overdue)


def test_no_due_day_has_no_clock() -> None:
    found = promised(None, FRIDAY)
    assert (found.days_left, found.working_days, found.overdue, found.side) == (None, None, False, "unknown")


def test_order_kept_ones_and_other_accounts() -> None:
    beta = account("beta")
    items = [
        Commitment(id="none", account_id="acme", what="a"),
        Commitment(id="soon", account_id="acme", what="b", due=FRIDAY + dt.timedelta(days=2)),
        Commitment(id="late", account_id="beta", what="c", due=FRIDAY - dt.timedelta(days=2)),
        Commitment(id="later", account_id="acme", what="d", due=FRIDAY - dt.timedelta(days=9), by="Maria"),
        Commitment(id="kept", account_id="acme", what="e", due=FRIDAY - dt.timedelta(days=9), done_on=FRIDAY),
    ]
    snapshot = portfolio([ACME, beta], as_of=FRIDAY, commitments=items, contacts=[contact("c1", name="Maria Santos")])
    assert [(p.id, p.side) for p in open_promises(snapshot)] == [
        ("later", "customer"),
        ("late", "unknown"),
        ("soon", "unknown"),
        ("none", "unknown"),
    ]
    assert [p.id for p in open_promises(snapshot, [1])] == ["late"]
