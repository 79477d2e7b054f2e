"""What dated ARR movements tell of an account on a day: its ARR (design, section 4), its start and its churn."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.records import Account, ArrMovement, Lifecycle

SIGNS = {"new": 1, "expansion": 1, "reactivation": 1, "downgrade": -1, "churn": -1}

RUNNING = ("adopting", "established", "renewing")
"""Stages of a customer: a contract that starts later is then a new term."""


@dataclass(frozen=True, slots=True)
class ArrAtDate:
    """`amount` is None where unknown; `mismatch` is the account's own ARR less the sum of all its movements."""

    amount: float | None
    mismatch: float | None
    movements: tuple[ArrMovement, ...]  # those the amount is made of; empty: the account's own field


def arr_at(own: float | None, movements: Sequence[ArrMovement], day: dt.date) -> ArrAtDate:
    """ARR on `day`: the movements up to it, where the earliest is `new`; else the account's own ARR less later ones."""
    ordered = _in_order(movements)
    until = tuple(m for m in ordered if m.date <= day)
    if ordered and ordered[0].kind == "new":
        total = sum(SIGNS[m.kind] * m.amount for m in ordered)
        mismatch = None if own is None or abs(own - total) < 0.005 else own - total
        return ArrAtDate(sum((SIGNS[m.kind] * m.amount for m in until), 0.0), mismatch, until)
    if own is None:
        return ArrAtDate(None, None, ())
    later = sum(SIGNS[m.kind] * m.amount for m in ordered if m.date > day)
    return ArrAtDate(own - later, None, ())


def begins_after(account: Account, movements: Sequence[ArrMovement], day: dt.date, *, assumed: bool) -> dt.date | None:
    """The day on which the account becomes a customer, where that is later than `day`; None where it is one by then.

    It is the contract's start or the `new` movement that comes first of all. No start is later where a movement came by
    `day`, or where the account was on record as a running customer by then (`assumed`: its fields were recorded later).
    """
    ordered = _in_order(movements)
    if ordered and ordered[0].date <= day:
        return None
    if account.lifecycle in RUNNING and not assumed and not ordered:
        return None
    starts = [ordered[0].date] if ordered and ordered[0].kind == "new" else []
    if account.contract_start is not None:
        starts.append(account.contract_start)
    return min((start for start in starts if start > day), default=None)


def lifecycle_at(
    account: Account, movements: Sequence[ArrMovement], day: dt.date, *, assumed: bool
) -> Lifecycle | None:
    """The account's stage on `day`: a churn that is dated later has not happened yet, and the stage is then unknown.

    Stages carry no date. Where the account's fields were recorded after `day` (`assumed`), its movements up to `day`
    must end in a churn for it to have churned by then.
    """
    if account.lifecycle != "churned" or not movements:
        return account.lifecycle
    ordered = _in_order(movements)
    until = [m for m in ordered if m.date <= day]
    if until and until[-1].kind == "churn":
        return account.lifecycle
    churns_later = any(m.kind == "churn" for m in ordered[len(until) :])
    return None if assumed or churns_later else account.lifecycle


def _in_order(movements: Sequence[ArrMovement]) -> list[ArrMovement]:
    return sorted(movements, key=lambda m: (m.date, m.kind != "new", m.id))
