"""A whole import: files → records → an invisible write → one version, or nothing at all."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from app.domain.problems import Problem
from app.domain.records import RECORD_TYPES
from app.imports.derivations import Surroundings
from app.imports.feeds import FACT_DAYS, Coverage
from app.imports.files import Selection, select_files
from app.imports.profile import MOVEMENTS, SUBSCRIPTIONS, Profile, load_profile, own_profile
from app.imports.reader import CsvFile, FileRefused
from app.imports.report import ImportReport, Rejection, TableCounts
from app.imports.rows import Reading, Row, open_mapper, read_rows
from app.imports.rules import Rules
from app.imports.seen import SeenKeys
from app.imports.subscriptions import Subscription, SubscriptionBook
from app.store import versions
from app.store.engine import Store
from app.store.tables import TABLES

BATCH_ROWS = 5000
BATCH_BYTES = 8 * 1024 * 1024
"""A batch is written when it has so many rows, or came from so many bytes."""

OnProgress = Callable[[str, int, int, int], None]
"""Called with a file's name, and over the whole import rows done, bytes done and bytes in all."""


def run_import(
    store: Store,
    path: Path,
    *,
    profile: str | Profile | None = None,
    source: str | None = None,
    dry_run: bool = False,
    through: dt.date | None = None,
    effective: dt.date | None = None,
    now: dt.datetime,
    zone: ZoneInfo,
    actor: str,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Import a CSV file, or the CSV files of a folder. Blocking: meant for a thread.

    All of it becomes visible at once, as one version; where nothing changed no version is made. A dry run gives the
    same report and leaves nothing. `through` is the day to which event feeds are complete, `effective` the day from
    which undated state holds; both are the day of the import unless the profile says otherwise. `source` names the
    feed (default: the profile's). What `on_progress` raises ends the import and undoes it.

    Raises:
        Problem: nothing can be read at `path`, the profile is unknown, or a day lies ahead.
        Conflict: another import is running (`import_running`).
    """
    chosen = own_profile() if profile is None else load_profile(profile) if isinstance(profile, str) else profile
    today = now.astimezone(zone).date()
    plan = _Plan(
        profile=chosen,
        selection=select_files(path, chosen),
        source=source or chosen.source,
        today=today,
        through=_past_day("through", through, chosen.extract_day, today),
        effective=_past_day("effective", effective, chosen.extract_day, today),
        zone=zone,
    )
    with versions.import_lock(store):
        with store.writing() as conn:
            versions.undo_unfinished(conn)
            write_id = versions.begin_write(conn, "import", actor, now, f"{chosen.name}: {path.name}")
        try:
            run = _Run(store, write_id, plan, on_progress)
            run.read_files()
            return run.finish(dry_run)
        except BaseException:
            with suppress(SQLAlchemyError, Problem), store.writing() as conn:
                versions.undo_unfinished(conn)
            raise


def _past_day(name: str, given: dt.date | None, extract_day: dt.date | None, today: dt.date) -> dt.date:
    if given is not None and given > today:
        raise Problem(
            f"The day {given} given as {name} lies ahead; today is {today}.", code=f"{name}_in_future", status=422
        )
    return given or min(extract_day or today, today)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What an import is to do."""

    profile: Profile
    selection: Selection
    source: str
    today: dt.date
    through: dt.date
    effective: dt.date
    zone: ZoneInfo


@dataclass(slots=True)
class _Progress:
    """How far an import has come, over all its files."""

    on_progress: OnProgress | None
    bytes_total: int
    rows_before: int = 0  # of the files that are done
    bytes_before: int = 0

    def told(self, file_name: str, rows: int, byte_count: int) -> None:
        if self.on_progress:
            self.on_progress(file_name, self.rows_before + rows, self.bytes_before + byte_count, self.bytes_total)

    def file_done(self, rows: int, byte_count: int) -> None:
        self.rows_before += rows
        self.bytes_before += byte_count


class _Run:
    """One import under way. Its rows are written batch by batch and seen by nobody before `finish`."""

    def __init__(self, store: Store, write_id: int, plan: _Plan, on_progress: OnProgress | None) -> None:
        self._store = store
        self._write_id = write_id
        self._plan = plan
        self._progress = _Progress(on_progress, plan.selection.size())
        self._report = ImportReport(notes=plan.profile.notes)
        self._coverage: dict[str, Coverage] = {}
        self._refused: list[FileRefused] = []
        self._subscribed: tuple[Reading, list[tuple[int, Subscription]]] | None = None
        with store.reading() as conn:
            accounts, contacts = versions.account_ids(conn, write_id), _contact_ids(conn)
        self._rules = Rules(plan.today, plan.zone, accounts, contacts)
        self._around = Surroundings(SubscriptionBook(), plan.effective, ZoneInfo(plan.profile.time_zone))

    def read_files(self) -> None:
        """Read every file and write its records.

        Raises:
            Problem: no file could be read at all.
        """
        selection = self._plan.selection
        for path, reason in selection.aside:
            self._report.reject(Rejection(path.name, None, None, reason))
        for table in (SUBSCRIPTIONS, *RECORD_TYPES):
            if table in selection.paths:
                self._read_file(table, selection.paths[table])
            elif table == MOVEMENTS and self._subscribed is not None:
                self._write_movements(*self._subscribed)
        if len(self._refused) == len(selection.paths):
            detail = "; ".join(f"{e.file}: {e.reason}" for e in self._report.errors)
            raise Problem(f"Nothing was imported. {detail}.", code=self._refused[0].code, status=422)

    def finish(self, dry_run: bool) -> ImportReport:
        """Make the import visible, or undo it where it changed nothing or was only tried."""
        report = self._report
        report.dry_run = dry_run
        with self._store.writing() as conn:
            for table, coverage in self._coverage.items():
                if covered := coverage.covered_through():
                    versions.set_feed(conn, self._write_id, self._plan.source, table, covered, coverage.newest)
            report.placed = not dry_run and (report.changed or _connected_or_covered(conn, self._write_id))
            if report.placed:
                versions.place(conn, self._write_id)
            else:
                versions.undo_unfinished(conn)
            report.version = versions.current(conn)
        return report

    def _read_file(self, table: str, path: Path) -> None:
        reading = self._reading(table, path)
        try:
            if reading.made.needs_subscriptions and self._subscribed is None:
                raise FileRefused("needs_subscriptions", "it can only be read together with the file of subscriptions")
            with CsvFile(path) as file:
                mapper = open_mapper(file, reading, is_own=self._plan.profile.is_own)
                rows = read_rows(file, reading, mapper)
                if table == SUBSCRIPTIONS:
                    self._keep_subscriptions(reading, rows)
                else:
                    self._write(reading, _batches(rows, file), mapper.given)
                self._progress.file_done(reading.counts.read, file.bytes_read)
        except FileRefused as refused:
            self._refused.append(refused)
            self._report.reject(Rejection(path.name, refused.line, refused.column, refused.reason))
        except OSError as error:
            detail = f"{path.name} cannot be read to its end: {error.strerror}. Nothing was imported."
            raise Problem(detail, code="file_unreadable", status=422) from error

    def _reading(self, table: str, path: Path) -> Reading:
        """A file about to be read. Subscriptions count as the movements they become; accounts are read after them."""
        is_subscriptions = table == SUBSCRIPTIONS
        target = MOVEMENTS if is_subscriptions else table
        counts = TableCounts(unmatched=None if self._plan.profile.is_own else 0)
        self._report.tables[target] = counts
        return Reading(
            table=target,
            file_name=path.name,
            made=self._plan.profile.files()[table],
            record_type=Subscription if is_subscriptions else RECORD_TYPES[table],
            around=self._around,
            rules=None if is_subscriptions else self._rules,
            report=self._report,
            counts=counts,
            on_progress=partial(self._progress.told, path.name),
        )

    def _keep_subscriptions(self, reading: Reading, rows: Iterator[Row]) -> None:
        """Keep them in memory: accounts, terms and movements are looked up in them afterwards."""
        kept = [
            (line, s) for line, s in _without_repeats(list(rows), SeenKeys(), reading) if isinstance(s, Subscription)
        ]
        for _, subscription in kept:
            self._around.subscriptions.add(subscription)
        self._subscribed = (reading, kept)

    def _write_movements(self, reading: Reading, subscriptions: list[tuple[int, Subscription]]) -> None:
        """Write the ARR movements that the subscriptions of known accounts amount to, in place of earlier ones."""
        book = SubscriptionBook()
        for line, subscription in subscriptions:
            if fault := self._rules.fault(MOVEMENTS, subscription):
                reading.reject(line, reading.made.fields[fault[0]].column, fault[1])
            else:
                book.add(subscription)
        movements = list(book.movements())
        self._write(reading, [[(0, movement) for movement in movements]])
        kept = {movement.id for movement in movements}
        with self._store.writing() as conn:
            ended = _end_other_movements(conn, self._write_id, self._plan.source, book.account_ids(), kept)
        if ended:
            reading.counts.updated += ended
            reading.counts.warn("movements that the subscriptions do not give any more were ended", ended)

    def _write(self, reading: Reading, batches: Iterable[Sequence[Row]], given: frozenset[str] | None = None) -> None:
        """Write a table's records, of which the fields `given` are told (None: all), and watch how far they reach."""
        table, plan = reading.table, self._plan
        seen = SeenKeys()
        coverage = Coverage(table, plan.today, plan.through, plan.zone) if table in FACT_DAYS else None
        for batch in batches:
            records = [record for _, record in _without_repeats(batch, seen, reading)]
            with self._store.writing() as conn:
                done = versions.put(conn, self._write_id, table, records, plan.source, plan.effective, given)
            reading.counts.add(done.created, done.updated, done.unchanged)
            for record in records:
                self._rules.accept(record)
            if coverage:
                coverage.observe(records)
        if coverage:
            self._coverage[table] = coverage
        if table == "accounts" and (unknown := self._rules.unknown_parents()):
            reading.counts.warn("ids given as parent_id that no account has", len(unknown))


def _batches(rows: Iterator[Row], file: CsvFile) -> Iterator[list[Row]]:
    """Rows in batches of bounded size."""
    batch: list[Row] = []
    begun_at = file.bytes_read
    for row in rows:
        batch.append(row)
        if len(batch) >= BATCH_ROWS or file.bytes_read - begun_at >= BATCH_BYTES:
            yield batch
            batch, begun_at = [], file.bytes_read
    if batch:
        yield batch


def _without_repeats(rows: Sequence[Row], seen: SeenKeys, reading: Reading) -> list[Row]:
    """The rows whose key is new in the file. One that says the same again is unchanged; another is rejected."""
    fresh: list[Row] = []
    for row, first in zip(rows, seen.first_seen(rows), strict=True):
        if first is None:
            fresh.append(row)
            continue
        line, same = first
        if same:
            reading.counts.unchanged += 1
            reading.counts.warn("repeats an earlier row")
        else:
            key = ", ".join(row[1].key)
            reading.reject(row[0], None, f"line {line} has the same {key} and says something else; mend one of them")
    return fresh


def _end_other_movements(
    conn: Connection, write_id: int, source: str, account_ids: Collection[str], kept: Collection[str]
) -> int:
    """End the source's movements of these accounts but for those that are kept; how many there were."""
    table = TABLES[MOVEMENTS]
    seen = replace(versions.visibility(conn, versions.current(conn)), own=write_id)
    mine = conn.execute(select(table).where(table.c.origin == source, versions.believed(table, seen)))
    ended = [{"ended": row.row_id} for row in mine if row.account_id in account_ids and row.id not in kept]
    if ended:
        conn.execute(table.update().where(table.c.row_id == bindparam("ended")).values(until=write_id), ended)
    return len(ended)


def _contact_ids(conn: Connection) -> Iterable[str]:
    contacts = TABLES["contacts"]
    seen = versions.visibility(conn, versions.current(conn))
    return conn.execute(select(contacts.c.id).where(versions.believed(contacts, seen)).distinct()).scalars().all()


def _connected_or_covered(conn: Connection, write_id: int) -> bool:
    """Whether the write moved a feed, or made its source know an account."""
    tables = (TABLES["feed"], TABLES["account_source"])
    return any(conn.execute(select(t.c.since).where(t.c.since == write_id).limit(1)).first() for t in tables)
