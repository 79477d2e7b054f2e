"""Accounts and their records as they are now, for lists and for the evidence behind figures."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, select, true

from app.domain.families import within
from app.domain.problems import AccountNotFound
from app.domain.records import RECORD_TYPES, Account, Record
from app.domain.windows import end_of_day
from app.store import versions
from app.store.column_types import Instant
from app.store.record_rows import COMPACT_TABLES, is_state, key_columns
from app.store.tables import TABLES
from app.store.versions import Visibility

ACCOUNTS, ACCOUNT_SOURCE = TABLES["accounts"], TABLES["account_source"]
DATE_COLUMNS = {
    "tickets": "opened_at", "nps": "responded_at", "escalations": "opened_at", "escalation_updates": "at",
    "usage": "day", "feature_usage": "day",
}  # fmt: skip

Scope = frozenset[str] | None


def list_accounts(
    conn: Connection, scope: Scope, today: dt.date, like: str | None, after: str | None, limit: int
) -> list[Account]:
    """Accounts by id, those after the id `after`; `like` is a part of the id or name."""
    where = [versions.believed(ACCOUNTS, _now(conn))]
    if scope is not None:
        where.append(ACCOUNTS.c.id.in_(sorted(scope)))
    rows = versions.in_force(ACCOUNTS, today, *where).subquery()
    query = select(*_columns(rows, "accounts")).order_by(rows.c.id).limit(limit)
    if after is not None:
        query = query.where(rows.c.id > after)
    if like:
        query = query.where(rows.c.name.icontains(like, autoescape=True) | rows.c.id.icontains(like, autoescape=True))
    return [within(Account.model_validate(dict(row)), scope) for row in conn.execute(query).mappings()]


def get_account(conn: Connection, account_id: str, scope: Scope, today: dt.date) -> Account:
    """One account as it is now.

    Raises:
        AccountNotFound: there is none of that id within the scope.
    """
    where = versions.believed(ACCOUNTS, _now(conn)), ACCOUNTS.c.id == account_id
    row = None
    if scope is None or account_id in scope:
        row = conn.execute(versions.in_force(ACCOUNTS, today, *where)).mappings().one_or_none()
    if row is None:
        raise AccountNotFound(f"There is no account {account_id!r} among those you may see.")
    return within(Account.model_validate({name: row[name] for name in Account.model_fields}), scope)


def list_records(
    conn: Connection,
    table_name: str,
    account_id: str,
    today: dt.date,
    zone: ZoneInfo,
    first: dt.date | None,
    last: dt.date | None,
    offset: int,
    limit: int,
) -> list[Record]:
    """An account's records of one table, oldest first where they have a date. The caller checks the scope."""
    table = TABLES[table_name]
    believed, mine = versions.believed(table, _now(conn)), _of_account(table_name, account_id)
    rows: Any = table
    if is_state(table):
        # All versions of a key are ranked, also those in which it belonged to another account.
        first_key = table.c[key_columns(table_name)[0]]
        once_mine = first_key.in_(select(first_key).where(mine))
        rows = versions.in_force(table, today, believed, once_mine).subquery()
        believed, mine = true(), rows.c.account_id == account_id
    query = select(*_columns(rows, table_name)).where(believed, mine)
    day = rows.c.get(DATE_COLUMNS.get(table_name, "date"))
    if day is not None:
        query = query.where(*_between(day, table_name, zone, first, last))
    key = [rows.c[name] for name in key_columns(table_name)]
    query = query.order_by(*([day] if day is not None else []), *key).offset(offset).limit(limit)
    return [_record(table_name, account_id, dict(row)) for row in conn.execute(query).mappings()]


def find_record(conn: Connection, table_name: str, record_id: str, today: dt.date) -> Record | None:
    """The record of that id as it is now, of whatever account; None where there is none."""
    table = TABLES[table_name]
    where = versions.believed(table, _now(conn)), table.c.id == record_id
    query = versions.in_force(table, today, *where) if is_state(table) else select(table).where(*where)
    row = conn.execute(query).mappings().one_or_none()
    record_type = RECORD_TYPES[table_name]
    if row is None:
        return None
    return record_type.model_validate({name: row[name] for name in record_type.model_fields})


def _now(conn: Connection) -> Visibility:
    return versions.visibility(conn, versions.current(conn))


def _of_account(table_name: str, account_id: str) -> ColumnElement[bool]:
    table = TABLES[table_name]
    if table_name not in COMPACT_TABLES:
        return table.c.account_id == account_id
    return table.c.account_key.in_(
        select(ACCOUNT_SOURCE.c.account_key).where(ACCOUNT_SOURCE.c.account_id == account_id)
    )


def _between(
    day: ColumnElement[Any], table_name: str, zone: ZoneInfo, first: dt.date | None, last: dt.date | None
) -> list[ColumnElement[bool]]:
    """Whole days from `first` to `last`; instants are taken in the deployment's zone."""
    bounds = [None if first is None else first - dt.timedelta(days=1), last]

    def bound(through: dt.date | None) -> Any:
        if through is None or isinstance(day.type, sa.Date):
            return through
        return through.toordinal() if table_name in COMPACT_TABLES else end_of_day(through, zone)

    before, until = map(bound, bounds)
    is_instant = isinstance(day.type, Instant)
    conditions = [] if before is None else [day >= before if is_instant else day > before]
    return conditions if until is None else [*conditions, day < until if is_instant else day <= until]


def _columns(rows: Any, table_name: str) -> list[Any]:
    names = list(RECORD_TYPES[table_name].model_fields)
    if table_name in COMPACT_TABLES:
        names = [name for name in names if name not in ("account_id", "date")] + ["day"]
    return [rows.c[name] for name in names]


def _record(table_name: str, account_id: str, row: dict[str, Any]) -> Record:
    if table_name in COMPACT_TABLES:
        row |= {"account_id": account_id, "date": dt.date.fromordinal(row.pop("day"))}
    return RECORD_TYPES[table_name].model_validate(row)
