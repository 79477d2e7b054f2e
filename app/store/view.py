"""What a snapshot is read through: a version, a day, and the accounts that may be looked at."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, Select, or_, select

from app.domain.records import Record
from app.domain.windows import end_of_day
from app.store.column_types import Instant
from app.store.record_rows import is_state, key_columns
from app.store.tables import TABLES
from app.store.versions import Visibility, believed, in_force, visibility

DATED_BY = {
    "tickets": "opened_at",
    "nps": "responded_at",
    "touchpoints": "date",
    "signals": "date",
    "arr_movements": "date",
    "commitments": "made_on",
    "escalations": "opened_at",
    "escalation_updates": "at",
    "milestone_slips": "date",
}
"""The field that dates a fact. A commitment without a date is taken as made before any day."""

R = TypeVar("R", bound=Record)

_UTC = ZoneInfo("UTC")

ColumnsOf = Callable[[str, Sequence[str]], Sequence[list[Any]]]
"""Gives the named fields of a table's rows, as one list for each field."""

CHUNK_ROWS = 200
"""Rows become columns so many at a time: tuples that live longer cost the garbage collector a third of the whole."""


@dataclass(frozen=True, slots=True)
class View:
    """`end` is the first instant after `as_of`. `ids` are the accounts to look at; None is all of them.

    `scope` are those that may be looked at, as far as what is looked at names others.
    """

    conn: Connection
    seen: Visibility
    as_of: dt.date
    end: dt.datetime
    ids: tuple[str, ...] | None
    scope: frozenset[str] | None = None

    def among(self, account_id: ColumnElement[str]) -> ColumnElement[bool]:
        return sa.true() if self.ids is None else account_id.in_(self.ids)

    def columns(self, table_name: str, fields: Sequence[str]) -> list[list[Any]]:
        """Fields of facts or state. Instants come as the database holds them, in UTC: arrays need no zones."""
        rows = self._source(table_name)
        query = select(*(_undecorated(rows.c[name]) for name in fields))
        found = self.conn.execute(self._narrowed(query, table_name, rows))
        columns: list[list[Any]] = [[] for _ in fields]
        for chunk in found.partitions(CHUNK_ROWS):
            for column, values in zip(columns, zip(*chunk, strict=True), strict=True):
                column.extend(values)
        return columns

    def records(self, record_type: type[R], table_name: str) -> list[R]:
        """Facts or state as records."""
        rows, fields = self._source(table_name), tuple(record_type.model_fields)
        query = select(*(rows.c[name] for name in fields))
        found = self.conn.execute(self._narrowed(query, table_name, rows))
        return [construct(record_type, fields, row) for row in found]

    def rows(self, table_name: str, fields: Sequence[str], since: dt.date | None) -> sa.CursorResult[Any]:
        """Fields of dated facts, from a day on (None: all)."""
        table = TABLES[table_name]
        query = self._narrowed(select(*(table.c[name] for name in fields)), table_name, table)
        if since is not None:
            dated_by = table.c[DATED_BY[table_name]]
            first = end_of_day(since - dt.timedelta(days=1), _UTC) if isinstance(dated_by.type, Instant) else since
            query = query.where(dated_by >= first)
        return self.conn.execute(query)

    def _source(self, table_name: str) -> sa.FromClause:
        table = TABLES[table_name]
        return self.in_force(table).subquery() if is_state(table) else table

    def _narrowed(self, query: Select[Any], table_name: str, rows: sa.FromClause) -> Select[Any]:
        """Only the accounts looked at; facts up to as_of, by account and time; state by its key."""
        if "account_id" in rows.c:
            query = query.where(self.among(rows.c.account_id))
        if is_state(TABLES[table_name]):
            return query.order_by(*(rows.c[name] for name in key_columns(table_name)))
        dated_by = rows.c[DATED_BY[table_name]]
        before = dated_by < self.end if isinstance(dated_by.type, Instant) else dated_by <= self.as_of
        undated = or_(before, dated_by.is_(None)) if table_name == "commitments" else before
        return query.where(believed(rows, self.seen), undated).order_by(
            rows.c.account_id, dated_by.nulls_first(), rows.c.id
        )

    def in_force(self, table: sa.Table) -> Select[Any]:
        """State on as_of. All versions of a key are ranked, also those in which it belonged to another account."""
        conditions = [believed(table, self.seen)]
        if table.name == "accounts":
            conditions.append(self.among(table.c.id))
        elif self.ids is not None and "account_id" in table.c:
            key = table.c[key_columns(table.name)[0]]
            conditions.append(key.in_(select(key).where(table.c.account_id.in_(self.ids))))
        return in_force(table, self.as_of, *conditions)


def construct(record_type: type[R], fields: Sequence[str], cells: Sequence[Any]) -> R:
    """A record from the database: its fields were validated before they were written."""
    return cast("R", record_type.model_construct(**dict(zip(fields, cells, strict=True))))


def _undecorated(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """An instant without the conversion to an aware datetime, which arrays have no use for."""
    return sa.type_coerce(column, sa.DateTime()) if isinstance(column.type, Instant) else column


def open_view(
    conn: Connection, n: int, as_of: dt.date, zone: ZoneInfo, scope: frozenset[str] | None, only: frozenset[str] | None
) -> View:
    """A view of version `n` as of a day, of the accounts that are in `scope` and in `only`, where these are given."""
    limits = [limit for limit in (scope, only) if limit is not None]
    ids = tuple(sorted(frozenset.intersection(*limits))) if limits else None
    return View(conn, visibility(conn, n), as_of, end_of_day(as_of, zone), ids, scope)
