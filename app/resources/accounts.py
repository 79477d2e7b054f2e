"""Accounts as the caller may see them: finding them by name, listing them, reading their records."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, SerializeAsAny
from sqlalchemy import Connection

from app.domain.directory import AccountDirectory, AccountName
from app.domain.problems import INVALID_CURSOR, AccountNotFound, InvalidArguments
from app.domain.records import Account, Record
from app.domain.redact import mask_credentials
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import account_rows, snapshots, versions

RecordTable = Literal[
    "contacts", "usage", "feature_usage", "tickets", "nps", "touchpoints", "goals", "signals", "arr_movements",
    "commitments", "escalations", "escalation_updates", "integrations", "milestones", "milestone_slips", "checks",
]  # fmt: skip
"""The tables whose records belong to one account."""

KEPT_DIRECTORIES = 16
"""Directories of recent (version, scope) pairs that stay in memory."""


async def directory(runtime: Runtime, principal: Principal) -> AccountDirectory:
    """The names of the accounts that the caller may see, as of the newest data."""
    version = await runtime.store.read(versions.current)
    kept = runtime.directories
    key = (version, principal.accounts)
    if key not in kept:
        names = await runtime.store.read(snapshots.account_names, version, principal.accounts)
        if len(kept) >= KEPT_DIRECTORIES:
            kept.clear()
        kept[key] = AccountDirectory(AccountName(*name) for name in names)
    return kept[key]


async def resolve(runtime: Runtime, principal: Principal, account: str) -> str:
    """The id of the account with exactly this id, name or alias.

    Raises:
        AccountNotFound: there is none, or several (`extra["candidates"]`).
    """
    found = (await directory(runtime, principal)).exact(account)
    if len(found) == 1:
        return found[0].id
    if found:
        raise AccountNotFound(
            f"Several accounts are called {account!r}; use the id.",
            code="account_ambiguous",
            status=409,
            candidates=[{"id": a.id, "name": a.name} for a in found],
        )
    close = (await directory(runtime, principal)).close(account)
    hint = f" Spelt like it: {', '.join(f'{a.name} ({a.id})' for a in close)}." if close else ""
    raise AccountNotFound(f"There is no account {mask_credentials(account)!r} among those you may see.{hint}")


class AccountPage(BaseModel):
    items: list[Account]
    next_cursor: str | None


class RecordPage(BaseModel):
    items: list[SerializeAsAny[Record]]
    next_cursor: str | None


async def list_accounts(
    runtime: Runtime, principal: Principal, like: str | None, limit: int, cursor: str | None
) -> AccountPage:
    """The accounts that the caller may see, by id."""
    found = await runtime.store.read(
        account_rows.list_accounts, principal.accounts, runtime.today(), like, cursor, limit + 1
    )
    return AccountPage(items=found[:limit], next_cursor=found[limit - 1].id if len(found) > limit else None)


async def get(runtime: Runtime, principal: Principal, account_id: str) -> Account:
    """One account as it is now.

    Raises:
        AccountNotFound: there is none of that id among those the caller may see.
    """
    return await runtime.store.read(account_rows.get_account, account_id, principal.accounts, runtime.today())


async def list_records(
    runtime: Runtime,
    principal: Principal,
    account_id: str,
    table: RecordTable,
    first: dt.date | None,
    last: dt.date | None,
    limit: int,
    cursor: str | None,
) -> RecordPage:
    """The account's records of one table from `first` to `last`: what figures cite as evidence.

    Raises:
        AccountNotFound: there is none of that id among those the caller may see.
        InvalidArguments: the cursor is none of ours.
    """
    offset = _offset(cursor)

    def read(conn: Connection) -> list[Record]:
        today = runtime.today()
        account_rows.get_account(conn, account_id, principal.accounts, today)
        zone = runtime.settings.zone
        return account_rows.list_records(conn, table, account_id, today, zone, first, last, offset, limit + 1)

    found = await runtime.store.read(read)
    return RecordPage(items=found[:limit], next_cursor=str(offset + limit) if len(found) > limit else None)


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not cursor.isdecimal() or len(cursor) > 9:
        raise InvalidArguments(INVALID_CURSOR, code="invalid_cursor")
    return int(cursor)
