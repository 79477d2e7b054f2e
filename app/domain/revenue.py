"""ARR at a date (design, section 4)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.records import ArrMovement

SIGNS = {"new": 1, "expansion": 1, "reactivation": 1, "downgrade": -1, "churn": -1}


@dataclass(frozen=True, slots=True)
class ArrAtDate:
    """`amount` is None where unknown; `mismatch` is the account's own ARR less the sum of all its movements."""

    amount: float | None
    mismatch: float | None
    movements: tuple[ArrMovement, ...]  # those the amount is made of; empty: the account's own field


def arr_at(own: float | None, movements: Sequence[ArrMovement], day: dt.date) -> ArrAtDate:
    """ARR on `day`: the movements up to it, where the earliest is `new`; else the account's own ARR less later ones."""
    ordered = sorted(movements, key=lambda m: (m.date, m.kind != "new", m.id))
    until = tuple(m for m in ordered if m.date <= day)
    if ordered and ordered[0].kind == "new":
        total = sum(SIGNS[m.kind] * m.amount for m in ordered)
        mismatch = None if own is None or abs(own - total) < 0.005 else own - total
        return ArrAtDate(sum((SIGNS[m.kind] * m.amount for m in until), 0.0), mismatch, until)
    if own is None:
        return ArrAtDate(None, None, ())
    later = sum(SIGNS[m.kind] * m.amount for m in ordered if m.date > day)
    return ArrAtDate(own - later, None, ())
