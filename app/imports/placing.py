"""Rows whose accounts bear the ids of their source: they become data, or wait until somebody says whose they are."""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.domain.directory import AccountName
from app.domain.records import RECORD_TYPES, Account, Record
from app.imports.feeds import EVENT_TABLES
from app.imports.matching import ADDED_UP, LARGEST, Clue, KnownContact, Matcher, key_of
from app.imports.profile import Profile
from app.imports.report import Found, ImportReport, TableCounts
from app.imports.rows import Taken
from app.store import external_ids, snapshots, versions
from app.store.engine import Store
from app.store.external_ids import Waiting
from app.store.record_rows import COMPACT_TABLES

KEPT_FIELDS: Mapping[str, frozenset[str]] = {
    "accounts": frozenset({"name", "aliases", "usage_model"}),
    "contacts": frozenset({"name", "email", "account_id"}),
}
"""What a source does not change in an account or contact that another brought."""

Fields = frozenset[str] | None
"""The fields that records tell of; None for all."""


def load_matcher(conn: Connection, profile: Profile, source: str, today: dt.date) -> Matcher:
    """A matcher with all that is known now."""
    return _matcher(conn, source, profile.accounts == "create", today)


def manual_matcher(conn: Connection, source: str, today: dt.date) -> Matcher:
    """A matcher for rows that a person matches: it creates no account."""
    return _matcher(conn, source, False, today)


def _matcher(conn: Connection, source: str, may_create: bool, today: dt.date) -> Matcher:
    names = snapshots.account_names(conn, versions.current(conn), None)
    return Matcher(
        source,
        may_create,
        (AccountName(*name) for name in names),
        (*external_ids.links(conn, "account"), *external_ids.links(conn, "contact", source)),
        (KnownContact(*row) for row in external_ids.contacts(conn, today)),
    )


def place_record(matcher: Matcher, record: Record, clues: Clue) -> Record | None:
    """The record with our ids; None where it has to wait."""
    if isinstance(record, Account):
        return matcher.place_account(record, clues)[0]
    return matcher.translate(record)


def by_fields(matcher: Matcher, table: str, records: Iterable[Record], given: Fields) -> dict[Fields, list[Record]]:
    """The records by the fields that they may change.

    A source adds to an account or contact that another brought in: it neither renames nor empties anything.
    """
    groups: defaultdict[Fields, list[Record]] = defaultdict(list)
    for record in records:
        if table in KEPT_FIELDS and matcher.is_joined(table, str(getattr(record, "id"))):  # noqa: B009
            told = type(record).model_fields.keys() if given is None else given
            filled = {name for name in told if getattr(record, name) not in (None, ())}
            groups[frozenset(filled - KEPT_FIELDS[table])].append(record)
        else:
            groups[given].append(record)
    return groups


class Placing:
    """Places the rows of one import, and keeps those that wait."""

    def __init__(self, store: Store, write_id: int, matcher: Matcher, report: ImportReport) -> None:
        self.matcher = matcher
        self._store = store
        self._write_id = write_id
        self._report = report
        self._waited: dict[str, bool] = {}  # whether rows of the table waited before
        self._waiting: Counter[tuple[str, str]] = Counter()  # rows of this import, by table and external id
        self._ids: defaultdict[tuple[str, str], set[str]] = defaultdict(set)  # of an account's daily rows, by table

    def place(
        self, table: str, rows: Sequence[Taken], counts: TableCounts, given: Fields, effective_on: dt.date
    ) -> list[Record]:
        """The rows as records with our ids; the others wait, and are counted as unmatched."""
        placed: list[Record] = []
        keys: list[str] = []
        waiting: list[Waiting] = []
        for row in rows:
            record = place_record(self.matcher, row.record, row.clues)
            if record is None:
                waiting.append(_waiting(self.matcher, table, row, given, effective_on))
            elif table in KEPT_FIELDS and self._is_second(table, record, row.record):
                counts.unchanged += 1
                counts.warn("another row came first that is the same account or contact; the first counts")
            else:
                placed.append(record)
                keys.append(key_of(row.record))
                if table in ADDED_UP:
                    self._ids[table, getattr(record, "account_id")].add(getattr(row.record, "account_id"))  # noqa: B009
        counts.unmatched = (counts.unmatched or 0) + len(waiting)
        self._report.waiting += len(waiting)
        self._waiting.update((table, row.external_id) for row in waiting)
        taken_back = self._keep(table, waiting, keys)
        if taken_back:
            counts.warn("moved to an account that nobody knows: taken back until it is matched", taken_back)
        return placed

    def _is_second(self, table: str, placed: Record, record: Record) -> bool:
        return self.matcher.came_before(table, key_of(placed), key_of(record))

    def _keep(self, table: str, waiting: Sequence[Waiting], placed_keys: Collection[str]) -> int:
        """Write what waits; the number of events that were data of another account before."""
        source, taken_back = self.matcher.source, 0
        with self._store.writing() as conn:
            if table not in self._waited:
                self._waited[table] = external_ids.has_waiting(conn, source, table)
            if waiting:
                external_ids.put_waiting(conn, self._write_id, source, waiting)
                if table in EVENT_TABLES:
                    ids = [str(row.record["id"]) for row in waiting]
                    taken_back = versions.retract_records(conn, self._write_id, source, table, ids)
            if placed_keys and self._waited[table]:
                external_ids.end_waiting(conn, self._write_id, source, table, placed_keys)
        return taken_back

    def by_fields(self, table: str, records: Sequence[Record], given: Fields) -> dict[Fields, list[Record]]:
        return by_fields(self.matcher, table, records, given)

    def lessened(self, conn: Connection, table: str, records: Iterable[Record]) -> int:
        """Days whose sums become less while this import holds only some of the ids of their account."""
        parts: dict[tuple[object, ...], Record] = {}
        for record in records:
            account_id: str = getattr(record, "account_id")  # noqa: B009
            if self.matcher.ids_of(account_id) - self._ids[table, account_id]:
                parts[tuple(getattr(record, name) for name in record.key)] = record
        if not parts:
            return 0
        stored = external_ids.sums_of_source(conn, self._write_id, table, self.matcher.source, list(parts))
        return sum(_is_less(table, parts[key], before) for key, before in stored.items() if key in parts)

    def forget(self, conn: Connection, table: str, ids: Sequence[str]) -> None:
        """End rows that wait and are left out now."""
        keys = [json.dumps([each], ensure_ascii=False) for each in ids]
        external_ids.end_waiting(conn, self._write_id, self.matcher.source, table, keys)

    def finish(self) -> None:
        """Write the links that were found, tell of them, and make data of the rows that waited for them."""
        found = list(self.matcher.found)
        with self._store.writing() as conn:
            external_ids.put_links(conn, self._write_id, found)
        of_accounts = [link for link in found if link.subject == "account"]
        self._report.links += [
            Found(link.source, link.external_id, link.internal_id, link.how)
            for link in of_accounts
            if link.how != "created"
        ]
        for link in of_accounts:
            for table, done in release(self._store, self._write_id, self.matcher, link.external_id).items():
                self._tell_released(table, link.external_id, done)

    def _tell_released(self, table: str, external_id: str, done: "Released") -> None:
        """Rows of this very import count in their table, as if they had never waited."""
        mine = self._waiting.pop((table, external_id), 0)
        if not mine:
            self._report.released[table] = self._report.released.get(table, 0) + done.rows
            return
        counts = self._report.tables[table]
        counts.unmatched = (counts.unmatched or 0) - mine
        counts.add(done.counts.created, done.counts.updated, done.counts.unchanged)
        self._report.waiting -= mine


@dataclass(slots=True)
class Released:
    """What became of rows of a table that had waited."""

    rows: int = 0
    counts: versions.Counts = field(default_factory=versions.Counts)


def release(store: Store, write_id: int, matcher: Matcher, external_id: str) -> dict[str, Released]:
    """Make data of the rows that wait for `external_id`, which the matcher knows now; by table, what was done."""
    done: dict[str, Released] = {}
    while True:
        with store.writing() as conn:
            batch = external_ids.take_waiting(conn, write_id, matcher.source, external_id)
            for table, given, effective_on, rows in _alike(batch):
                told = done.setdefault(table, Released())
                records = _placed(conn, write_id, matcher, rows)
                told.rows += len(records)
                if table in COMPACT_TABLES:
                    records = _added(conn, write_id, matcher.source, table, records)
                for fields, of_fields in by_fields(matcher, table, records, given).items():
                    told.counts += versions.put(conn, write_id, table, of_fields, matcher.source, effective_on, fields)
        if not batch:
            return {table: done[table] for table in RECORD_TYPES if table in done}


def _alike(rows: Iterable[Waiting]) -> Iterator[tuple[str, Fields, dt.date, list[Waiting]]]:
    """Rows of one table, with the same fields and day, in the order in which tables are read."""
    groups: defaultdict[tuple[str, Fields, dt.date], list[Waiting]] = defaultdict(list)
    for row in rows:
        groups[row.table, row.given, row.effective_on].append(row)
    order = list(RECORD_TYPES)
    for table, given, day in sorted(groups, key=lambda key: (order.index(key[0]), key[2])):
        yield table, given, day, groups[table, given, day]


def _placed(conn: Connection, write_id: int, matcher: Matcher, rows: Sequence[Waiting]) -> list[Record]:
    """The rows as records with our ids; one that names a further account, which nobody knows, waits on for that."""
    placed: list[Record] = []
    again: list[Waiting] = []
    for row in rows:
        record = RECORD_TYPES[row.table].model_validate(row.record)
        known = place_record(matcher, record, {})
        if known is None:
            taken = Taken(0, record, {"name": row.name} if row.name else {})
            again.append(_waiting(matcher, row.table, taken, row.given, row.effective_on))
        else:
            placed.append(known)
    external_ids.put_waiting(conn, write_id, matcher.source, again)
    return placed


def _waiting(matcher: Matcher, table: str, row: Taken, given: Fields, effective_on: dt.date) -> Waiting:
    record = row.record
    of_account = (record.id, record.name) if isinstance(record, Account) else None
    external_id, name = of_account or (matcher.waits_for(record), row.clues.get("name"))
    return Waiting(
        table=table,
        key=key_of(record),
        external_id=external_id,
        name=name,
        record=record.model_dump(mode="json"),
        given=given,
        effective_on=effective_on,
    )


def _added(conn: Connection, write_id: int, source: str, table: str, records: Sequence[Record]) -> list[Record]:
    """Daily records, added up by key, with what other ids of the same accounts did in this source."""
    by_key: dict[tuple[object, ...], Record] = {}
    for record in records:
        key = tuple(getattr(record, name) for name in record.key)
        by_key[key] = _sum(table, record, by_key[key].model_dump()) if key in by_key else record
    stored = external_ids.sums_of_source(conn, write_id, table, source, list(by_key))
    return [_sum(table, record, stored[key]) if key in stored else record for key, record in by_key.items()]


def _is_less(table: str, record: Record, before: Mapping[str, object]) -> bool:
    values = ((getattr(record, name), before[name]) for name in ADDED_UP[table])
    return any(isinstance(old, int | float) and new is not None and new < old for new, old in values)


def _sum(table: str, record: Record, other: Mapping[str, object]) -> Record:
    changed: dict[str, object] = {}
    for names, add in ((ADDED_UP[table], sum), (LARGEST[table], max)):
        for name in names:
            known = [value for value in (getattr(record, name), other[name]) if isinstance(value, int | float)]
            changed[name] = add(known) if known else None
    return record.model_copy(update=changed)
