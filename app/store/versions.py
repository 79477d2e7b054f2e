"""Versions of customer data: who sees what, and how a change becomes visible (docs/decisions/0002-versions.md).

A *write* is one change of any size. Its rows carry its id, and it gets its *place* N, the next number of one counter,
when it commits. A reader at N sees what the writes placed up to N left, and a snapshot at N never changes again.

    with store.writing() as conn:
        write_id = begin_write(conn, "effects", "key_1", now, "turn_1")
        put(conn, write_id, "goals", goals, source="cse", effective_on=today)
        n = place(conn, write_id)

An import does the same in many transactions, under `import_lock`: its rows stay invisible until `place`.
"""

import datetime as dt
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy import ARRAY, ColumnElement, Connection, Select, and_, bindparam, case, func, not_, or_, select, tuple_

from app.domain.problems import Conflict
from app.domain.records import Record
from app.store.engine import Store
from app.store.record_rows import VERSIONED, Cells, Shape, account_id_of, is_state, key_columns, shape
from app.store.tables import TABLES

MAX_BOUND_VALUES = 30_000
"""Values bound to one statement; SQLite's own limit is 32,766."""

MAX_RETRACTED = 1000
"""Ids looked for in one statement."""

UNDO = "undo"
"""The kind of a write that takes another back; its note is the other's id."""

IMPORT_LOCK_KEY = 7_263_001
"""Names the import lock among PostgreSQL's advisory locks."""

_WRITE, _COUNTER, _FEED, _ACCOUNT_SOURCE = (TABLES[n] for n in ("write", "counter", "feed", "account_source"))


# Who sees what


@dataclass(frozen=True, slots=True)
class Visibility:
    """The writes that a reader sees: ids up to `high` but for `excluded`, and `own`, a write that has no place yet."""

    high: int
    excluded: tuple[int, ...] = ()
    own: int | None = None


def current(conn: Connection) -> int:
    """The newest version N; 0 before the first write."""
    return int(conn.execute(select(_COUNTER.c.n)).scalar_one())


def visibility(conn: Connection, n: int) -> Visibility:
    """What a reader at version `n` sees, now and for ever."""
    newest = select(_WRITE.c.id).where(_WRITE.c.place <= n).order_by(_WRITE.c.id.desc()).limit(1).scalar_subquery()
    unseen = or_(_WRITE.c.place.is_(None), _WRITE.c.place > n)
    query = select(_WRITE.c.id).where(_WRITE.c.id <= newest, or_(_WRITE.c.id == newest, unseen))
    *excluded, high = conn.execute(query.order_by(_WRITE.c.id)).scalars().all() or (0,)
    return Visibility(high, tuple(excluded))


def believed(table: sa.FromClause, seen: Visibility) -> ColumnElement[bool]:
    """The condition under which a row of a versioned table is believed: it was made, and not ended, by seen writes."""
    return and_(_is_seen(table.c.since, seen), or_(table.c.until.is_(None), not_(_is_seen(table.c.until, seen))))


def _is_seen(write_id: ColumnElement[int], seen: Visibility) -> ColumnElement[bool]:
    clause = write_id <= seen.high
    if seen.excluded:
        clause = and_(clause, write_id.not_in(seen.excluded))
    return clause if seen.own is None else or_(clause, write_id == seen.own)


def in_force(table: sa.Table, as_of: dt.date, *where: ColumnElement[bool]) -> Select[Any]:
    """The row of each key that holds on `as_of` in a table of undated state, among rows that meet `where`.

    That is the row with the greatest `effective_on` up to `as_of`; where there is none, the one with the smallest:
    the first version reaches back. `newest_effective_on` is the greatest `effective_on` of the key.
    """
    key = [table.c[name] for name in key_columns(table.name)]
    effective_on = table.c.effective_on
    past = effective_on <= as_of
    order = (case((past, 0), else_=1), case((past, effective_on)).desc(), effective_on, table.c.since.desc())
    ranked = (
        select(
            table,
            func.row_number().over(partition_by=key, order_by=order).label("rank"),
            func.max(effective_on).over(partition_by=key).label("newest_effective_on"),
        )
        .where(*where)
        .subquery(table.name)
    )
    return select(ranked).where(ranked.c.rank == 1)


# Writing


@dataclass(frozen=True, slots=True)
class Counts:
    """What `put` did with the records it was given."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.created + other.created, self.updated + other.updated, self.unchanged + other.unchanged)


LOCK_SECONDS = 1.0
"""An import waits so long for the lock: who only looks whether it is free holds it for a moment."""

LOCK_POLL_SECONDS = 0.02


@contextmanager
def import_lock(store: Store, wait_seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Held for the whole of an import or a retraction; a process that dies lets go of it.

    Raises:
        Conflict: another import is running (code `import_running`).
    """
    hold = _file_lock if store.engine.dialect.name == "sqlite" else _advisory_lock
    with hold(store, wait_seconds):
        yield


@contextmanager
def _file_lock(store: Store, wait_seconds: float) -> Iterator[None]:
    path = store.data_dir / "import.lock"
    lock = FileLock(path, timeout=wait_seconds, thread_local=False, poll_interval=LOCK_POLL_SECONDS)
    try:
        lock.acquire()
    except Timeout:
        raise _import_running() from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _advisory_lock(store: Store, wait_seconds: float) -> Iterator[None]:
    """PostgreSQL's, held by a connection of its own, which never goes back to the pool, outside any transaction."""
    give_up = time.monotonic() + wait_seconds
    with store.alone() as conn:
        while not conn.execute(select(func.pg_try_advisory_lock(IMPORT_LOCK_KEY))).scalar():
            if time.monotonic() >= give_up:
                raise _import_running()
            time.sleep(LOCK_POLL_SECONDS)
        yield


def _import_running() -> Conflict:
    return Conflict("Another import is running; wait until it has ended.", code="import_running")


def begin_write(conn: Connection, kind: str, actor: str, now: dt.datetime, note: str) -> int:
    """Begin a change and return its id. `kind` says what it is (import, effects, retract, …), `actor` whose."""
    values = {"kind": kind, "actor": actor, "started_at": now, "note": note}
    return int(conn.execute(_WRITE.insert().values(values).returning(_WRITE.c.id)).scalar_one())


def put(
    conn: Connection,
    write_id: int,
    table_name: str,
    records: Sequence[Record],
    source: str,
    effective_on: dt.date,
    given: frozenset[str] | None = None,
) -> Counts:
    """Write a batch of a few thousand records of one table, by key, in a constant number of statements.

    A record that is believed as it stands is left alone. A changed fact ends the row before it; changed state does so
    only where that row has the same `effective_on`, else both stay, as history. A row that a short write changed since
    this write began is newer knowledge and stays. `effective_on` means nothing for dated facts.

    `given` names the fields that the records tell of; None: all. The others keep their values, for state those in
    force on `effective_on`; only a new record takes its own.
    """
    if not records:
        return Counts()
    seen = _seen_by(conn, write_id)
    account_id = account_id_of(table_name)
    account_keys = _connect(conn, seen, set(map(account_id, records)), source) if account_id else {}
    form = shape(table_name)
    new = form.cells(records, account_keys)
    old = _find(conn, form, seen, list(new), effective_on)
    new = _completed(new, old, form, given)
    plan = _plan(new, old, write_id, effective_on)
    _delete(conn, form.table, plan.deleted)
    _end(conn, form.table, plan.ended, write_id)
    if plan.inserted:
        names = (*form.key, *form.values)
        stamp: dict[str, Any] = {"origin": source, "since": write_id}
        if is_state(form.table):
            stamp["effective_on"] = effective_on
        rows = [dict(zip(names, (*key, *new[key]), strict=True)) | stamp for key in plan.inserted]
        conn.execute(form.table.insert(), rows)
    return plan.counts


def set_feed(
    conn: Connection,
    write_id: int,
    source: str,
    table_name: str,
    covered_through: dt.date,
    newest_on: dt.date | None,
) -> None:
    """Say how far `source` covers a table now, and the day of its newest dated fact. A feed never moves back."""
    seen = _seen_by(conn, write_id)
    mine = and_(_FEED.c.source == source, _FEED.c.table_name == table_name, believed(_FEED, seen))
    before = conn.execute(select(_FEED.c.covered_through, _FEED.c.newest_on).where(mine)).first()
    covered, newest = covered_through.toordinal(), newest_on.toordinal() if newest_on else None
    if before is not None:
        covered = max(covered, before.covered_through)
        newest = max((day for day in (newest, before.newest_on) if day is not None), default=None)
        if (covered, newest) == tuple(before):
            return
    conn.execute(_FEED.update().where(mine).values(until=write_id))
    row = {"source": source, "table_name": table_name, "covered_through": covered, "newest_on": newest}
    conn.execute(_FEED.insert().values(**row, since=write_id))


def retract_source(conn: Connection, write_id: int, source: str) -> int:
    """End every row that came from `source`, with its feeds and accounts, for every as_of; the number of rows.

    Called under `import_lock`, since a running import's rows could not be seen.
    """
    seen = _seen_by(conn, write_id)
    ended = 0
    for table in VERSIONED:
        origin = table.c.origin if "origin" in table.c else table.c.source
        change = table.update().where(origin == source, believed(table, seen)).values(until=write_id)
        ended += conn.execute(change).rowcount
    return ended


def retract_records(conn: Connection, write_id: int, source: str, table_name: str, ids: Sequence[str]) -> int:
    """End the rows with these ids that came from `source`, for every as_of; the number of rows."""
    table, seen = TABLES[table_name], _seen_by(conn, write_id)
    ended = 0
    for start in range(0, len(ids), MAX_RETRACTED):
        some = ids[start : start + MAX_RETRACTED]
        mine = and_(table.c.id.in_(some), table.c.origin == source, believed(table, seen))
        ended += conn.execute(table.delete().where(mine, table.c.since == write_id)).rowcount
        ended += conn.execute(table.update().where(mine).values(until=write_id)).rowcount
    return ended


def begin_undo(conn: Connection, actor: str, now: dt.datetime, undone: int) -> int:
    """Begin the write that takes `undone` back; its id."""
    return begin_write(conn, UNDO, actor, now, str(undone))


def undo_of(conn: Connection, write_id: int) -> int | None:
    """The write that took this one back; None where it stands."""
    return _undos(conn, [write_id]).get(write_id)


def revert(conn: Connection, write_id: int, undone: int, wrote: Mapping[str, Sequence[Record]]) -> None:
    """Take back what a placed write did to the records that it `wrote`, by table.

    What it wrote is ended, and what it had ended is written again: both as the write `write_id` from `begin_undo`, so
    snapshots at earlier versions stay as they are. Which accounts a source knows is left.

    Raises:
        Conflict: a later write that still stands changed one of the records (`changed_since`, the records in
            `extra["records"]`); then nothing is to be placed.
    """
    _require_unplaced(conn, write_id)
    require_unchanged(conn, undone, wrote)
    for name, records in wrote.items():
        table, rows = TABLES[name], _versions_of(conn, name, records)
        live = [_live(conn, table, row) for row in rows if row["since"] == undone]
        _end(conn, table, [tuple(row[c.name] for c in table.primary_key.columns) for row in live], write_id)
        names = [column.name for column in table.c if column.name not in ("row_id", "since", "until")]
        again = [{column: row[column] for column in names} for row in rows if row["until"] == undone]
        if again:
            conn.execute(table.insert(), [row | {"since": write_id} for row in again])


def require_unchanged(conn: Connection, write_id: int, wrote: Mapping[str, Sequence[Record]]) -> None:
    """Let pass where no later write that still stands changed a record that this one wrote.

    Raises:
        Conflict: as `revert`.
    """
    changed = [
        f"{name} {key[0]}"
        for name, records in wrote.items()
        for key in _changed_since(conn, name, _versions_of(conn, name, records), write_id)
    ]
    if changed:
        raise Conflict(
            f"Changed since: {', '.join(changed)}. Nothing was undone; undo the later change first, or write the "
            "record anew.",
            code="changed_since",
            records=changed,
        )


def place(conn: Connection, write_id: int) -> int:
    """Make a write visible, all at once; returns its version N.

    What short writes changed while an import ran stays as they left it: the import's rows of the same keys are dropped.
    """
    _require_unplaced(conn, write_id)
    if conn.execute(select(_WRITE.c.id).where(_WRITE.c.id > write_id).limit(1)).first():
        for table in VERSIONED:
            _yield_to_later(conn, table, write_id)
    n = conn.execute(_COUNTER.update().values(n=_COUNTER.c.n + 1).returning(_COUNTER.c.n)).scalar_one()
    conn.execute(_WRITE.update().where(_WRITE.c.id == write_id).values(place=n))
    return int(n)


def undo_unfinished(conn: Connection) -> int:
    """Remove what imports left that never got their place; how many there were. Called under `import_lock`."""
    dead = list(conn.execute(select(_WRITE.c.id).where(_WRITE.c.place.is_(None))).scalars())
    _remove(conn, dead)
    return len(dead)


def undo(conn: Connection, write_id: int) -> None:
    """Remove a write that has no place yet; nothing happens where it has one, or is gone."""
    unplaced = select(_WRITE.c.id).where(_WRITE.c.id == write_id, _WRITE.c.place.is_(None))
    _remove(conn, list(conn.execute(unplaced).scalars()))


def _remove(conn: Connection, write_ids: Sequence[int]) -> None:
    """Delete the rows of these writes, and open again what they had ended."""
    if not write_ids:
        return
    for table in VERSIONED:
        conn.execute(table.delete().where(table.c.since.in_(write_ids)))
        conn.execute(table.update().where(table.c.until.in_(write_ids)).values(until=None))
    conn.execute(_WRITE.delete().where(_WRITE.c.id.in_(write_ids)))


def account_ids(conn: Connection, write_id: int) -> frozenset[str]:
    """Ids of the accounts that a write can refer to: those believed now and those it has put itself."""
    accounts = TABLES["accounts"]
    seen = _seen_by(conn, write_id)
    return frozenset(conn.execute(select(accounts.c.id).where(believed(accounts, seen)).distinct()).scalars())


# The parts of taking back


def _undos(conn: Connection, write_ids: Iterable[int]) -> dict[int, int]:
    """Of these writes those that were taken back, each with the write that did."""
    notes = [str(write_id) for write_id in write_ids]
    query = select(_WRITE.c.note, _WRITE.c.id).where(
        _WRITE.c.kind == UNDO, _WRITE.c.note.in_(notes), _WRITE.c.place.is_not(None)
    )
    return {int(note): undo for note, undo in conn.execute(query)}


def _versions_of(conn: Connection, table_name: str, records: Sequence[Record]) -> list[sa.RowMapping]:
    """All rows that these records ever had."""
    form = shape(table_name)
    keys = sorted({form.key_of(record) for record in records})
    query = select(form.table).where(key_in(conn, form.table, form.key, keys))
    return list(conn.execute(query).mappings())


def _changed_since(conn: Connection, table_name: str, rows: Sequence[sa.RowMapping], write_id: int) -> list[Cells]:
    """The keys that a write placed later changed which is no undo and was not taken back."""
    writers: dict[Cells, set[int]] = {}
    for row in rows:
        key = tuple(row[name] for name in key_columns(table_name))
        writers.setdefault(key, set()).update({row["since"], row["until"]} - {None})
    later = _standing_after(conn, write_id, set().union(*writers.values()))
    return sorted(key for key, wrote in writers.items() if wrote & later)


def _standing_after(conn: Connection, write_id: int, others: set[int]) -> set[int]:
    """Of the other writes those placed after this one that are no undo and were not taken back."""
    place = select(_WRITE.c.place).where(_WRITE.c.id == write_id).scalar_subquery()
    query = select(_WRITE.c.id).where(_WRITE.c.id.in_(others), _WRITE.c.place > place, _WRITE.c.kind != UNDO)
    later = set(conn.execute(query).scalars())
    return later - _undos(conn, later).keys()


def _live(conn: Connection, table: sa.Table, row: sa.RowMapping) -> sa.RowMapping:
    """The row itself; where a write ended it that was taken back, the row that the undo wrote in its place.

    A row that only a running import has ended is live: it yields to what is written meanwhile.
    """
    names = key_columns(table.name) + (("effective_on",) if is_state(table) else ())
    while row["until"] is not None and (undo := undo_of(conn, row["until"])) is not None:
        same = and_(*(table.c[name] == row[name] for name in names), table.c.since == undo)
        row = conn.execute(select(table).where(same)).mappings().one()
    return row


# The parts of writing


def _require_unplaced(conn: Connection, write_id: int) -> None:
    """Rows of a write that was undone would be seen by everyone: nothing may be added to it.

    Raises:
        Conflict: the connection that held the import lock was cut, and another import has begun (`import_lost`).
    """
    query = select(_WRITE.c.id).where(_WRITE.c.id == write_id, _WRITE.c.place.is_(None))
    if conn.execute(query).first() is None:
        raise Conflict("The database was away during the import; nothing was taken. Import again.", code="import_lost")


def _seen_by(conn: Connection, write_id: int) -> Visibility:
    """What a write builds on: all that is placed, and its own rows."""
    _require_unplaced(conn, write_id)
    return replace(visibility(conn, current(conn)), own=write_id)


def _connect(conn: Connection, seen: Visibility, account_ids: Iterable[str], source: str) -> dict[str, int]:
    """Make `source` know these accounts; the whole number that stands for each."""
    table = _ACCOUNT_SOURCE
    wanted = sorted(account_ids)
    rows = conn.execute(
        select(table.c.account_id, table.c.account_key, table.c.source == source, believed(table, seen)).where(
            table.c.account_id.in_(wanted)
        )
    ).all()
    keys = {row[0]: row[1] for row in rows}
    connected = {row[0] for row in rows if row[2] and row[3]}
    missing = [account_id for account_id in wanted if account_id not in connected]
    if not missing:
        return keys
    next_key = (conn.execute(select(func.max(table.c.account_key))).scalar() or 0) + 1
    for account_id in missing:
        if account_id not in keys:
            keys[account_id] = next_key
            next_key += 1
    stamp = {"source": source, "since": seen.own}
    conn.execute(table.insert(), [{"account_id": a, "account_key": keys[a]} | stamp for a in missing])
    return keys


@dataclass(frozen=True, slots=True)
class _Found:
    """A believed row: its other cells, the write that made it, its primary key, and the day from which it holds.

    A dated fact counts as holding from the day that is written about.
    """

    values: Cells
    since: int
    primary_key: Cells
    effective_on: dt.date


def _find(
    conn: Connection, form: Shape, seen: Visibility, keys: Sequence[Cells], effective_on: dt.date
) -> dict[Cells, _Found]:
    """The believed row of each key; for state, the one in force on `effective_on`."""
    table, state = form.table, is_state(form.table)
    found: dict[Cells, _Found] = {}
    k, v = len(form.key), len(form.values)
    chunk = MAX_BOUND_VALUES // k
    for start in range(0, len(keys), chunk):
        conditions = (key_in(conn, table, form.key, keys[start : start + chunk]), believed(table, seen))
        rows: sa.FromClause = in_force(table, effective_on, *conditions).subquery() if state else table
        names = (*form.key, *form.values, "since", *table.primary_key.columns.keys())
        query = select(*(rows.c[name] for name in names), rows.c.effective_on if state else sa.literal(effective_on))
        for row in conn.execute(query if state else query.where(*conditions)):
            found[tuple(row[:k])] = _Found(tuple(row[k : k + v]), row[k + v], tuple(row[k + v + 1 : -1]), row[-1])
    return found


def key_in(conn: Connection, table: sa.Table, key: Sequence[str], keys: Sequence[Cells]) -> ColumnElement[bool]:
    """Whether a row has one of these keys, a key being the values of the columns `key`."""
    columns = [table.c[name] for name in key]
    if len(columns) == 1:
        return columns[0].in_([cells[0] for cells in keys])
    if conn.dialect.name == "sqlite":
        return tuple_(*columns).in_(keys)
    # PostgreSQL makes a chain of thousands of OR of a list of tuples; arrays it joins with.
    lists = [
        sa.literal(list(cells), ARRAY(column.type))
        for column, cells in zip(columns, zip(*keys, strict=True), strict=True)
    ]
    wanted = func.unnest(*lists).table_valued(*(sa.column(c.name, c.type) for c in columns)).render_derived("wanted")
    return tuple_(*columns).in_(select(*wanted.c))


def _completed(
    new: dict[Cells, Cells], old: Mapping[Cells, _Found], form: Shape, given: frozenset[str] | None
) -> dict[Cells, Cells]:
    """The new cells, with the old ones in the columns of fields that are not given."""
    kept = [given is not None and name not in given for name in form.values]
    if not any(kept):
        return new
    return {
        key: tuple(b if k else v for k, b, v in zip(kept, old[key].values, values, strict=True))
        if key in old
        else values
        for key, values in new.items()
    }


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a batch changes: keys to insert, and primary keys of rows to end, or to delete as the write's own."""

    inserted: list[Cells]
    ended: list[Cells]
    deleted: list[Cells]
    counts: Counts


def _plan(new: dict[Cells, Cells], old: dict[Cells, _Found], write_id: int, effective_on: dt.date) -> _Plan:
    inserted: list[Cells] = []
    ended: list[Cells] = []
    deleted: list[Cells] = []
    created = 0
    for key, values in new.items():
        before = old.get(key)
        if before is None:
            created += 1
        else:
            same_day = before.effective_on == effective_on
            if before.values == values and before.effective_on <= effective_on:
                continue
            if same_day and before.since > write_id:
                continue
            if same_day:
                (deleted if before.since == write_id else ended).append(before.primary_key)
        inserted.append(key)
    counts = Counts(created, len(inserted) - created, len(new) - len(inserted))
    return _Plan(inserted, ended, deleted, counts)


def _delete(conn: Connection, table: sa.Table, primary_keys: Sequence[Cells]) -> None:
    if primary_keys:
        conn.execute(table.delete().where(_is_row(table)), _bound(table, primary_keys))


def _end(conn: Connection, table: sa.Table, primary_keys: Sequence[Cells], write_id: int) -> None:
    if primary_keys:
        conn.execute(table.update().where(_is_row(table)).values(until=write_id), _bound(table, primary_keys))


def _is_row(table: sa.Table) -> ColumnElement[bool]:
    return and_(*(column == bindparam(f"pk_{column.name}") for column in table.primary_key.columns))


def _bound(table: sa.Table, primary_keys: Sequence[Cells]) -> list[dict[str, Any]]:
    names = [f"pk_{column.name}" for column in table.primary_key.columns]
    return [dict(zip(names, cells, strict=True)) for cells in primary_keys]


def _yield_to_later(conn: Connection, table: sa.Table, write_id: int) -> None:
    """Drop the write's rows whose key a later write has changed."""
    later = table.alias("later")
    if not conn.execute(select(later.c.since).where(later.c.since > write_id).limit(1)).first():
        return
    names = key_columns(table.name) + (("effective_on",) if is_state(table) else ())
    same_row = and_(*(later.c[name] == table.c[name] for name in names))
    changed = select(later.c.since).where(later.c.since > write_id, same_row).exists()
    conn.execute(table.delete().where(table.c.since == write_id, changed))
