"""Accounts as they were in force on a day, and their ARR on it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.domain.families import within
from app.domain.records import Account, ArrMovement, Lifecycle
from app.domain.revenue import ArrAtDate, arr_at, begins_after, lifecycle_at
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
        AccountInForce(within(construct(Account, fields, values), view.scope), day, day == newest)
        for *values, day, newest in view.conn.execute(query)
    ]
    return sorted(found, key=lambda row: row.account.id)


@dataclass(frozen=True, slots=True)
class AccountOnDay:
    """An account as it was on a day. `begins` is the day on which it becomes a customer, where that is later."""

    account: Account
    effective_on: dt.date
    begins: dt.date | None
    arr: ArrAtDate


def accounts_on_day(view: View, accounts: Sequence[AccountInForce]) -> list[AccountOnDay]:
    """Each account on the view's day: its ARR, and what its dated movements say of its start and its churn.

    An account row that newer ones have followed was never corrected for what happened after it, so movements later
    than that row and the day are left out; the newest row is read as the account's ARR of today.
    """
    movements, day = _movements(view), view.as_of
    found = []
    for row in accounts:
        mine = movements.get(row.account.id, [])
        arr = arr_at(row.account.arr, mine if row.is_newest else _until(mine, max(row.effective_on, day)), day)
        assumed = row.effective_on > day
        lifecycle = lifecycle_at(row.account, mine, day, assumed=assumed)
        begins = begins_after(row.account, mine, day, assumed=assumed)
        account = row.account if lifecycle == row.account.lifecycle else _with(row.account, lifecycle)
        found.append(AccountOnDay(account, row.effective_on, begins, arr))
    return found


def _until(movements: Sequence[ArrMovement], last: dt.date) -> list[ArrMovement]:
    return [movement for movement in movements if movement.date <= last]


def _with(account: Account, lifecycle: Lifecycle | None) -> Account:
    return account.model_copy(update={"lifecycle": lifecycle})


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
