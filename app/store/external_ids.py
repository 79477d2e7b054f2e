"""What sources call accounts and contacts, and rows that wait until somebody says whose they are.

Both are versioned like all customer data. No snapshot shows a waiting row: it becomes data by a write of its own.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select

from app.store import versions
from app.store.record_rows import COMPACT_TABLES, VERSIONED, Cells, is_state, key_columns, shape
from app.store.tables import TABLES
from app.store.versions import Visibility, believed

Subject = Literal["account", "contact"]
How = Literal["created", "crm_id", "name", "domain", "email", "set"]

EXTERNAL_ID, WAITING_ROW = TABLES["external_id"], TABLES["waiting_row"]
CONTACTS, ACCOUNT_SOURCE, WRITE = TABLES["contacts"], TABLES["account_source"], TABLES["write"]

WAITING_KEY = ("source", "table_name", "record_key")

CHUNK = 1000
"""Rows read or bound at a time."""

MAX_NAMES = 5
"""Names of an account that are listed."""


@dataclass(frozen=True, slots=True)
class Link:
    """Which account or contact of ours `external_id` of `source` is, and why."""

    source: str
    subject: Subject
    external_id: str
    internal_id: str
    how: How


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record that waits: its fields as JSON, with the external ids in them. `given` is None for all fields."""

    table: str
    key: str
    external_id: str
    name: str | None
    record: Mapping[str, Any]
    given: frozenset[str] | None
    effective_on: dt.date


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """The rows that wait for one match. `names` are what the source calls the account, a few of them."""

    source: str
    external_id: str
    rows: Mapping[str, int]
    names: tuple[str, ...]


def current_sight(conn: Connection, write_id: int | None = None) -> Visibility:
    """What is believed now, and what the write `write_id` has put itself."""
    seen = versions.visibility(conn, versions.current(conn))
    return seen if write_id is None else replace(seen, own=write_id)


# Links


def links(conn: Connection, subject: Subject, source: str | None = None) -> list[Link]:
    """The links of a source, or of all, by source and external id."""
    t = EXTERNAL_ID
    where = [believed(t, current_sight(conn)), t.c.subject == subject]
    if source is not None:
        where.append(t.c.source == source)
    names = ("source", "subject", "external_id", "internal_id", "how")
    query = select(*(t.c[name] for name in names)).where(*where).order_by(t.c.source, t.c.external_id)
    return [Link(*row) for row in conn.execute(query)]


def put_links(conn: Connection, write_id: int, new: Sequence[Link]) -> None:
    """Write links of external ids that have none."""
    names = ("source", "subject", "external_id", "internal_id", "how")
    rows = [{name: getattr(link, name) for name in names} | {"since": write_id} for link in new]
    for start in range(0, len(rows), CHUNK):
        conn.execute(EXTERNAL_ID.insert(), rows[start : start + CHUNK])


def end_link(conn: Connection, write_id: int, source: str, external_id: str) -> int | None:
    """End the link of an account: 0, or the write that made it where a person asked for it; None: no such link."""
    t = EXTERNAL_ID
    mine = and_(*_is_link(source, "account", external_id), believed(t, current_sight(conn, write_id)))
    since = conn.execute(select(t.c.since).where(mine)).scalar()
    if since is None:
        return None
    _end(conn, write_id, t, mine)
    kind = conn.execute(select(WRITE.c.kind).where(WRITE.c.id == since)).scalar_one()
    return int(since) if kind == "match" else 0


def _is_link(source: str, subject: str, external_id: str) -> tuple[ColumnElement[bool], ...]:
    t = EXTERNAL_ID
    return t.c.source == source, t.c.subject == subject, t.c.external_id == external_id


def contacts(conn: Connection, today: dt.date) -> list[tuple[str, str, str | None, str]]:
    """Id, account, e-mail address and origin of each contact, as it is today."""
    rows = versions.in_force(CONTACTS, today, believed(CONTACTS, current_sight(conn))).subquery()
    return [tuple(row) for row in conn.execute(select(rows.c.id, rows.c.account_id, rows.c.email, rows.c.origin))]


# Rows that wait


def put_waiting(conn: Connection, write_id: int, source: str, rows: Sequence[Waiting]) -> None:
    """Keep rows until they are matched. One that waits as it is stays; fields that are not given keep theirs."""
    old = _waiting_by_key(conn, write_id, source, rows)
    ended: list[int] = []
    inserted: dict[tuple[str, str, dt.date], dict[str, Any]] = {}
    for row in rows:
        before = old[row.table, row.key]
        merged = _merged(row, before)
        if before is not None and _same(merged, before):
            continue
        if before is not None and _replaces(merged, before):
            ended.append(before.row_id)
        inserted[row.table, row.key, row.effective_on] = {
            "source": source,
            "table_name": merged.table,
            "record_key": merged.key,
            "external_id": merged.external_id,
            "name": merged.name,
            "record": dict(merged.record),
            "given": None if merged.given is None else sorted(merged.given),
            "effective_on": merged.effective_on,
            "since": write_id,
        }
    _end_rows(conn, write_id, ended)
    if inserted:
        conn.execute(WAITING_ROW.insert(), list(inserted.values()))


def _waiting_by_key(
    conn: Connection, write_id: int, source: str, rows: Sequence[Waiting]
) -> defaultdict[tuple[str, str], Any]:
    """The newest waiting row of each key up to the row's day."""
    t, seen = WAITING_ROW, current_sight(conn, write_id)
    found: defaultdict[tuple[str, str], Any] = defaultdict(lambda: None)
    by_table: defaultdict[str, list[Waiting]] = defaultdict(list)
    for row in rows:
        by_table[row.table].append(row)
    for table, of_table in by_table.items():
        last = max(row.effective_on for row in of_table)
        for start in range(0, len(of_table), CHUNK):
            mine = and_(
                _is_key(conn, source, table, [row.key for row in of_table[start : start + CHUNK]]), believed(t, seen)
            )
            query = select(t).where(mine, t.c.effective_on <= last).order_by(t.c.effective_on)
            for row_found in conn.execute(query):
                found[table, row_found.record_key] = row_found
    return found


def _merged(row: Waiting, before: Any) -> Waiting:
    if before is None or row.given is None:
        return row
    kept = {name: value for name, value in before.record.items() if name not in row.given}
    given = None if before.given is None else row.given | frozenset(before.given)
    return replace(row, record=dict(row.record) | kept, given=given)


def _same(row: Waiting, before: Any) -> bool:
    given = None if row.given is None else sorted(row.given)
    old = (before.record, before.given, before.external_id, before.name)
    return old == (dict(row.record), given, row.external_id, row.name)


def _replaces(row: Waiting, before: Any) -> bool:
    """A fact is corrected; undated state of a later day is news."""
    state = is_state(TABLES[row.table])
    return not state or before.effective_on == row.effective_on or before.external_id != row.external_id


def has_waiting(conn: Connection, source: str, table: str) -> bool:
    t = WAITING_ROW
    mine = and_(t.c.source == source, t.c.table_name == table, believed(t, current_sight(conn)))
    return conn.execute(select(t.c.row_id).where(mine).limit(1)).first() is not None


def end_waiting(conn: Connection, write_id: int, source: str, table: str, keys: Collection[str]) -> None:
    """End the waiting rows of these keys: they came in again and are data now."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), CHUNK):
        _end(conn, write_id, WAITING_ROW, _is_key(conn, source, table, wanted[start : start + CHUNK]))


def _is_key(conn: Connection, source: str, table: str, keys: Sequence[str]) -> ColumnElement[bool]:
    """Whether a row waits under one of these keys."""
    return versions.key_in(conn, WAITING_ROW, WAITING_KEY, [(source, table, key) for key in keys])


def take_waiting(conn: Connection, write_id: int, source: str, external_id: str) -> list[Waiting]:
    """End up to CHUNK of the rows that wait for a match; none where none are left.

    Contacts come first, since other rows refer to them, then what came first.
    """
    t = WAITING_ROW
    mine = and_(t.c.source == source, t.c.external_id == external_id, believed(t, current_sight(conn, write_id)))
    people_first = sa.case((t.c.table_name == CONTACTS.name, 0), else_=1)
    rows = conn.execute(select(t).where(mine).order_by(people_first, t.c.effective_on, t.c.row_id).limit(CHUNK)).all()
    _end_rows(conn, write_id, [row.row_id for row in rows])
    return [
        Waiting(
            row.table_name,
            row.record_key,
            row.external_id,
            row.name,
            row.record,
            None if row.given is None else frozenset(row.given),
            row.effective_on,
        )
        for row in rows
    ]


def waiting_groups(
    conn: Connection, source: str | None, after: tuple[str, str] | None, limit: int
) -> list[WaitingGroup]:
    """What waits, by source and external id; those behind `after`."""
    t = WAITING_ROW
    where = [believed(t, current_sight(conn))]
    if source is not None:
        where.append(t.c.source == source)
    if after is not None:
        where.append(sa.or_(t.c.source > after[0], and_(t.c.source == after[0], t.c.external_id > after[1])))
    keys = (
        select(t.c.source, t.c.external_id).where(*where).distinct().order_by(t.c.source, t.c.external_id).limit(limit)
    )
    found = [(row[0], row[1]) for row in conn.execute(keys)]
    counts = _counts(conn, found)
    return [WaitingGroup(*key, counts[key], _names(conn, *key)) for key in found]


def _counts(conn: Connection, keys: Sequence[tuple[str, str]]) -> defaultdict[tuple[str, str], dict[str, int]]:
    """The rows that wait for each of these, by table; all in one statement."""
    found: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    if not keys:
        return found
    t = WAITING_ROW
    columns = (t.c.source, t.c.external_id, t.c.table_name)
    mine = and_(versions.key_in(conn, t, ("source", "external_id"), keys), believed(t, current_sight(conn)))
    for source, external_id, table, count in conn.execute(
        select(*columns, func.count()).where(mine).group_by(*columns).order_by(*columns)
    ):
        found[source, external_id][table] = count
    return found


def _names(conn: Connection, source: str, external_id: str) -> tuple[str, ...]:
    t = WAITING_ROW
    mine = and_(t.c.source == source, t.c.external_id == external_id, believed(t, current_sight(conn)))
    query = select(t.c.name).where(mine, t.c.name.is_not(None)).distinct().order_by(t.c.name).limit(MAX_NAMES)
    return tuple(conn.execute(query).scalars())


def count_waiting(conn: Connection) -> dict[str, int]:
    """How many rows wait, by source."""
    t = WAITING_ROW
    query = select(t.c.source, func.count()).where(believed(t, current_sight(conn))).group_by(t.c.source)
    return {row[0]: row[1] for row in conn.execute(query.order_by(t.c.source))}


# What a match changes


def sums_of_source(
    conn: Connection, write_id: int, table_name: str, source: str, keys: Sequence[Cells]
) -> dict[Cells, dict[str, Any]]:
    """The fields of daily rows that came from `source`, by key (account id, day, …)."""
    form, seen = shape(table_name), current_sight(conn, write_id)
    assert table_name in COMPACT_TABLES  # noqa: S101 - the key below is theirs
    t = form.table
    account_ids = sorted({key[0] for key in keys})
    known = select(ACCOUNT_SOURCE.c.account_id, ACCOUNT_SOURCE.c.account_key).where(
        ACCOUNT_SOURCE.c.account_id.in_(account_ids)
    )
    numbers = {row[0]: row[1] for row in conn.execute(known)}
    names = {number: account_id for account_id, number in numbers.items()}
    days = sorted({key[1].toordinal() for key in keys})
    mine = and_(t.c.account_key.in_(sorted(names)), t.c.day.in_(days), t.c.origin == source, believed(t, seen))
    found: dict[Cells, dict[str, Any]] = {}
    for row in conn.execute(select(*(t.c[name] for name in (*form.key, *form.values))).where(mine)).mappings():
        key = (names[row["account_key"]], dt.date.fromordinal(row["day"]), *(row[name] for name in form.key[2:]))
        found[key] = {name: row[name] for name in form.values}
    return found


def revert(conn: Connection, write_id: int, reverted: int) -> int:
    """Take back what the write `reverted` did, where nothing changed it since; the number of rows that went."""
    gone = 0
    for table in VERSIONED:
        made = and_(table.c.since == reverted, table.c.until.is_(None))
        gone += conn.execute(table.update().where(made).values(until=write_id)).rowcount
        names = [column.name for column in table.c if column.name not in ("row_id", "since", "until")]
        newer = table.alias("newer")
        key = key_columns(table.name) + (("effective_on",) if is_state(table) else ())
        replaced = and_(*(newer.c[name] == table.c[name] for name in key), newer.c.until.is_(None))
        again = select(*(table.c[name] for name in names), sa.literal(write_id)).where(
            table.c.until == reverted, ~select(newer.c.since).where(replaced).exists()
        )
        conn.execute(table.insert().from_select([*names, "since"], again))
    return gone


def _end(conn: Connection, write_id: int, table: sa.Table, *where: ColumnElement[bool]) -> None:
    """End the believed rows under a condition; those of this very write are deleted."""
    condition = and_(*where, believed(table, current_sight(conn, write_id)))
    conn.execute(table.delete().where(condition, table.c.since == write_id))
    conn.execute(table.update().where(condition).values(until=write_id))


def _end_rows(conn: Connection, write_id: int, row_ids: Sequence[int]) -> None:
    if not row_ids:
        return
    t, rows = WAITING_ROW, [{"ended": row_id} for row_id in row_ids]
    is_row = t.c.row_id == bindparam("ended")
    conn.execute(t.delete().where(is_row, t.c.since == write_id), rows)
    conn.execute(t.update().where(is_row).values(until=write_id), rows)
