"""Accounts as they were in force on a day, and their ARR on it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.domain.records import Account, ArrMovement
from app.domain.revenue import ArrAtDate, arr_at
from app.store.tables import TABLES
from app.store.versions import believed
from app.store.view import View, construct


@dataclass(frozen=True, slots=True)
class AccountInForce:
    """An account's row on a day. `effective_on` is later than the day where the account's first row reaches back."""

    account: Account
    effective_on: dt.date
    is_newest: bool


def accounts_in_force(view: View) -> list[AccountInForce]:
    """The accounts of a view, by id."""
    fields = tuple(Account.model_fields)
    rows = view.in_force(TABLES["accounts"]).subquery()
    query = select(*(rows.c[name] for name in fields), rows.c.effective_on, rows.c.newest_effective_on)
    found = [
        AccountInForce(construct(Account, fields, values), day, day == newest)
        for *values, day, newest in view.conn.execute(query)
    ]
    return sorted(found, key=lambda row: row.account.id)


def arr_on_day(view: View, accounts: Sequence[AccountInForce]) -> list[ArrAtDate]:
    """The ARR of each account on the view's day (design, section 4).

    An account row that newer ones have followed was never corrected for what happened after it, so movements later
    than that row and the day are left out; the newest row is read as the account's ARR of today.
    """
    movements = _movements(view)
    found = []
    for row in accounts:
        mine = movements.get(row.account.id, [])
        if mine and not row.is_newest:
            horizon = max(row.effective_on, view.as_of)
            mine = [movement for movement in mine if movement.date <= horizon]
        found.append(arr_at(row.account.arr, mine, view.as_of))
    return found


def _movements(view: View) -> dict[str, list[ArrMovement]]:
    """All ARR movements by account, later ones too: the rule works back from them."""
    table, fields = TABLES["arr_movements"], tuple(ArrMovement.model_fields)
    query = select(*(table.c[name] for name in fields)).where(
        believed(table, view.seen), view.among(table.c.account_id)
    )
    by_account = defaultdict(list)
    for row in view.conn.execute(query):
        movement = construct(ArrMovement, fields, row)
        by_account[movement.account_id].append(movement)
    return dict(by_account)
