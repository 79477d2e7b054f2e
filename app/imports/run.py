"""A whole import: files → records → an invisible write → one version, or nothing at all."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import SQLAlchemyError

from app.domain.problems import Problem
from app.domain.records import RECORD_TYPES, Record
from app.imports.derivations import Surroundings
from app.imports.feeds import EVENT_TABLES, FACT_DAYS, Coverage
from app.imports.files import UNKNOWN, Selection, select_files
from app.imports.matching import ADDED_UP, LARGEST
from app.imports.placing import Placing, load_matcher
from app.imports.profile import MOVEMENTS, SUBSCRIPTIONS, FileKey, FileMap, Profile, load_profile, own_profile
from app.imports.reader import FileRefused
from app.imports.report import ImportReport, Rejection, TableCounts
from app.imports.rows import Reading, Taken, open_file, open_mapper, read_rows, unit_of
from app.imports.rules import Rules
from app.imports.seen import SeenKeys
from app.imports.subscriptions import Subscription, SubscriptionBook
from app.imports.totals import Totals
from app.store import versions
from app.store.engine import Store
from app.store.erased_people import ErasedPeople, all_erased
from app.store.tables import TABLES

BATCH_ROWS = 5000
BATCH_BYTES = 8 * 1024 * 1024
"""A batch is written when it has so many rows, or came from so many bytes."""

MAX_ASIDE = 10
"""Files left aside that are told by name."""

LESSENED = "days became less: the files hold only some of the ids of their account; import one that holds all of them"

LINE_BITS = 40
"""A row's place among those of all files: the file's number, and in the lower bits the line."""

OnProgress = Callable[[str, int, int, int], None]
"""Called with a file's name, and over the whole import rows done, bytes done and bytes in all."""

AtEnd = Callable[[Connection, ImportReport], None]
"""Called in the transaction that makes the import visible: what it writes stands or falls with the import."""


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
    at_end: AtEnd | None = None,
) -> ImportReport:
    """Import a file, or the files of a folder that the profile knows. Blocking: meant for a thread.

    All of it becomes visible at once, as one version; where nothing changed no version is made. A dry run gives the
    same report and leaves nothing. `through` is the day to which event feeds are complete, `effective` the day from
    which undated state holds; both are the day of the import unless the profile says otherwise. `source` names the
    feed (default: the profile's). What `on_progress` or `at_end` raises ends the import and undoes it.

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
            return run.finish(dry_run, at_end)
        except BaseException:
            with suppress(SQLAlchemyError, Problem), store.writing() as conn:
                versions.undo(conn, write_id)
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
        self._seen: dict[str, SeenKeys] = {}
        self._files: list[str] = []
        self._refused: list[FileRefused] = []
        self._left_out: defaultdict[str, list[str]] = defaultdict(list)  # ids of events, by table
        self._subscribed: tuple[Reading, list[tuple[int, Subscription]]] | None = None
        with store.reading() as conn:
            accounts, contacts = versions.account_ids(conn, write_id), _contact_ids(conn)
            self._erased = ErasedPeople(store.seal, all_erased(conn))
            matcher = load_matcher(conn, plan.profile, plan.source, plan.today) if plan.profile.matches else None
        self._rules = Rules(plan.today, plan.zone, accounts, contacts)
        self._around = Surroundings(SubscriptionBook(), plan.effective, ZoneInfo(plan.profile.time_zone))
        self._placing = Placing(store, write_id, matcher, self._report) if matcher else None

    def read_files(self) -> None:
        """Read every file and write its records.

        Raises:
            Problem: no file could be read at all.
        """
        selection, files = self._plan.selection, self._plan.profile.files()
        self._tell_aside(selection)
        for table in (SUBSCRIPTIONS, *RECORD_TYPES):
            keys = [key for key in files if key[0] == table and key in selection.paths]
            for key in keys:
                self._read(key, files[key], selection.paths[key])
            if not keys and table == MOVEMENTS and self._subscribed is not None:
                self._write_movements(*self._subscribed)
        if len(self._refused) == selection.count():
            detail = "; ".join(f"{e.file}: {e.reason}" for e in self._report.errors)
            raise Problem(f"Nothing was imported. {detail}.", code=self._refused[0].code, status=422)

    def finish(self, dry_run: bool, at_end: AtEnd | None) -> ImportReport:
        """Make the import visible, or undo it where it changed nothing or was only tried."""
        report = self._report
        report.dry_run = dry_run
        if self._placing:
            self._placing.finish()
        with self._store.writing() as conn:
            for table, coverage in self._coverage.items():
                if covered := coverage.covered_through():
                    versions.set_feed(conn, self._write_id, self._plan.source, table, covered, coverage.newest)
            report.placed = not dry_run and (report.changed or _changed_otherwise(conn, self._write_id))
            if report.placed:
                versions.place(conn, self._write_id)
            else:
                versions.undo(conn, self._write_id)
            report.version = versions.current(conn)
            if at_end:
                at_end(conn, report)
        return report

    def _tell_aside(self, selection: Selection) -> None:
        """Of the own set each file that is left aside is told; a profile takes what it knows from a folder of many."""
        others = [path.name for path, reason in selection.aside if reason.startswith(UNKNOWN)]
        for path, reason in selection.aside:
            if self._plan.profile.is_own or not reason.startswith(UNKNOWN):
                self._report.reject(Rejection(path.name, None, None, reason))
        if others and not self._plan.profile.is_own:
            named = ", ".join(others[:MAX_ASIDE]) + (f" and {len(others) - MAX_ASIDE} more" * (len(others) > MAX_ASIDE))
            self._report.notes += (f"Files that the profile does not know were left aside: {named}.",)

    def _read(self, key: FileKey, made: FileMap, paths: Sequence[Path]) -> None:
        """Read the files of one kind, one by one; where rows are added up, all of them before any is written."""
        table = key[0]
        if not made.adds_up:
            with self._days(table) as days:
                for path in paths:
                    with ExitStack() as opened:
                        if started := self._open(table, made, path, opened):
                            if table == SUBSCRIPTIONS:
                                self._keep_subscriptions(started.reading, started.rows)
                            else:
                                batches = _batches(started.rows, started.position)
                                self._write(started.reading, batches, started.given, days)
            return
        record_type = RECORD_TYPES[table]
        with (
            Totals(record_type, made.sum, counted=tuple(made.distinct)) as totals,
            self._days(table) as days,
        ):
            reading, given, taken = None, frozenset(made.distinct), 0
            for path in paths:
                with ExitStack() as opened:
                    if started := self._open(table, made, path, opened):
                        reading, given = started.reading, given | started.given
                        for row in started.rows:
                            totals.add(row.line, row.record, row.counted)
                            taken += 1
            if reading is not None:
                kept = _Counted(Taken(line, record) for line, record in totals.records())
                self._write(reading, _batches(kept), given, days)
                if taken > kept.count:
                    reading.counts.warn("added to another row of the same key", taken - kept.count)

    def _open(self, table: str, made: FileMap, path: Path, opened: ExitStack) -> "_Started | None":
        """A file about to be read; None where it is refused."""
        reading = self._reading(table, made, path)
        try:
            if made.needs_subscriptions and self._subscribed is None:
                raise FileRefused("needs_subscriptions", "it can only be read together with the file of subscriptions")
            file = open_file(path, made)
            opened.enter_context(file)
            mapper = open_mapper(file, reading, self._plan.profile)
        except FileRefused as refused:
            self._refused.append(refused)
            self._report.reject(Rejection(path.name, refused.line, refused.column, refused.reason))
            return None

        def rows() -> Iterator[Taken]:
            before = reading.counts.read
            try:
                yield from read_rows(file, reading, mapper)
                self._retract_left_out(reading.table)
            except OSError as error:
                detail = f"{path.name} cannot be read to its end: {error.strerror}. Nothing was imported."
                raise Problem(detail, code="file_unreadable", status=422) from error
            self._progress.file_done(reading.counts.read - before, file.bytes_read)

        return _Started(reading, rows(), mapper.given, lambda: file.bytes_read)

    def _reading(self, table: str, made: FileMap, path: Path) -> Reading:
        """A file about to be read. Subscriptions count as the movements they become; accounts are read after them."""
        is_subscriptions = table == SUBSCRIPTIONS
        target = MOVEMENTS if is_subscriptions else table
        counts = TableCounts(unmatched=None if self._plan.profile.is_own else 0)
        self._files.append(path.name)
        return Reading(
            table=target,
            file_name=path.name,
            number=len(self._files) - 1,
            made=made,
            record_type=Subscription if is_subscriptions else RECORD_TYPES[table],
            around=self._around,
            rules=None if is_subscriptions else self._rules,
            matcher=self._placing.matcher if self._placing else None,
            report=self._report,
            counts=self._report.tables.setdefault(target, counts),
            unit=unit_of(path),
            on_progress=partial(self._progress.told, path.name),
            on_left_out=partial(self._leave_out, target) if target in EVENT_TABLES else _pass_over,
            erased=self._erased,
        )

    def _keep_subscriptions(self, reading: Reading, rows: Iterator[Taken]) -> None:
        """Keep them in memory: accounts, terms and movements are looked up in them afterwards."""
        fresh = self._without_repeats(list(rows), reading)
        kept = [(row.line, row.record) for row in fresh if isinstance(row.record, Subscription)]
        for _, subscription in kept:
            self._around.subscriptions.add(subscription)
        self._subscribed = (reading, kept)

    def _write_movements(self, reading: Reading, subscriptions: list[tuple[int, Subscription]]) -> None:
        """Write the ARR movements that the subscriptions of known accounts amount to, in place of earlier ones."""
        book = SubscriptionBook()
        for line, subscription in subscriptions:
            if fault := self._rules.fault(MOVEMENTS, subscription):
                reading.reject(line, _first_column(reading.made, fault[0]), fault[1])
            else:
                book.add(subscription)
        movements = list(book.movements())
        self._seen.pop(MOVEMENTS, None)  # it holds the subscriptions' keys
        self._write(reading, [[Taken(0, movement) for movement in movements]])
        kept = {movement.id for movement in movements}
        with self._store.writing() as conn:
            ended = _end_other_movements(conn, self._write_id, self._plan.source, book.account_ids(), kept)
        if ended:
            reading.counts.updated += ended
            reading.counts.warn("movements that the subscriptions do not give any more were ended", ended)

    @contextmanager
    def _days(self, table: str) -> Iterator["_Days | None"]:
        """Where one account may have several ids, its days are added up over all files before any is written."""
        if self._placing is None or table not in ADDED_UP:
            yield None
            return
        with Totals(RECORD_TYPES[table], ADDED_UP[table], LARGEST[table]) as totals:
            days = _Days(totals)
            yield days
            for batch in _batches(Taken(0, record) for _, record in totals.records()):
                if days.reading is not None:
                    records = [row.record for row in batch]
                    self._warn_of_parts(days.reading, records)
                    self._put(days.reading, records, days.given)

    def _warn_of_parts(self, reading: Reading, records: Sequence[Record]) -> None:
        """Tell of days that get less because the files hold only some of the ids of an account."""
        if self._placing is None:
            return
        with self._store.reading() as conn:
            fewer = self._placing.lessened(conn, reading.table, records)
        if fewer:
            reading.counts.warn(LESSENED, fewer)

    def _leave_out(self, table: str, record_id: str) -> None:
        self._left_out[table].append(record_id)
        if len(self._left_out[table]) >= BATCH_ROWS:
            self._retract_left_out(table)

    def _retract_left_out(self, table: str) -> None:
        """Events that are left out now are taken back, where an earlier import of this source brought them."""
        ids = self._left_out.pop(table, [])
        if not ids:
            return
        with self._store.writing() as conn:
            ended = versions.retract_records(conn, self._write_id, self._plan.source, table, ids)
            if self._placing:
                self._placing.forget(conn, table, ids)
        if ended:
            counts = self._report.tables[table]
            counts.updated += ended
            counts.warn("left out now and taken before: taken back", ended)

    def _write(
        self,
        reading: Reading,
        batches: Iterable[Sequence[Taken]],
        given: frozenset[str] | None = None,
        days: "_Days | None" = None,
    ) -> None:
        """Write a table's records, of which the fields `given` are told (None: all), and watch how far they reach.

        Where `days` are added up, the records go there instead.
        """
        table, plan, placing = reading.table, self._plan, self._placing
        if table in FACT_DAYS and table not in self._coverage:
            self._coverage[table] = Coverage(table, plan.today, plan.through, plan.zone)
        coverage = self._coverage.get(table)
        for batch in batches:
            rows = self._without_repeats(batch, reading)
            if coverage:
                coverage.observe([row.record for row in rows])
            records = [row.record for row in rows]
            if placing:
                records = placing.place(table, rows, reading.counts, given, plan.effective)
            if days is None:
                self._put(reading, records, given)
            else:
                days.add(reading, records, given)
        if table == "accounts" and (unknown := self._rules.unknown_parents()):
            reading.counts.warn("ids given as parent_id that no account has", len(unknown))

    def _put(self, reading: Reading, records: Sequence[Record], given: frozenset[str] | None) -> None:
        table, plan = reading.table, self._plan
        groups = self._placing.by_fields(table, records, given) if self._placing else {given: records}
        for fields, of_fields in groups.items():
            with self._store.writing() as conn:
                done = versions.put(conn, self._write_id, table, of_fields, plan.source, plan.effective, fields)
            reading.counts.add(done.created, done.updated, done.unchanged)
        for record in records:
            self._rules.accept(record)

    def _without_repeats(self, rows: Sequence[Taken], reading: Reading) -> list[Taken]:
        """The rows whose key is new. One that says the same again is unchanged; another is rejected."""
        seen = self._seen.setdefault(reading.table, SeenKeys())
        fresh: list[Taken] = []
        places = [(reading.number << LINE_BITS | row.line, row.record) for row in rows]
        for row, first in zip(rows, seen.first_seen(places), strict=True):
            if first is None:
                fresh.append(row)
                continue
            place, same = first
            if same:
                reading.counts.unchanged += 1
                reading.counts.warn("repeats an earlier row")
                continue
            key, line = ", ".join(row.record.key), place & ((1 << LINE_BITS) - 1)
            file_name = self._files[place >> LINE_BITS]
            where = f"{file_name}, {line}," if file_name != reading.file_name else f"{reading.unit} {line}"
            reading.reject(row.line, None, f"{where} has the same {key} and says something else; mend one of them")
        return fresh


@dataclass(frozen=True, slots=True)
class _Started:
    """A file that is being read: its rows, the fields that it tells of, and how many bytes of it were read."""

    reading: Reading
    rows: Iterator[Taken]
    given: frozenset[str]
    position: Callable[[], int]


class _Days:
    """Daily records of several files and ids, before they are written."""

    def __init__(self, totals: Totals) -> None:
        self._totals = totals
        self.reading: Reading | None = None
        self.given: frozenset[str] | None = frozenset()

    def add(self, reading: Reading, records: Iterable[Record], given: frozenset[str] | None) -> None:
        self.reading = reading
        self.given = None if given is None or self.given is None else self.given | given
        for record in records:
            self._totals.add(0, record)


def _pass_over(_id: str) -> None:
    """State that is left out stays: it may be known from elsewhere, and it has a history."""


class _Counted:
    """Counts rows as they go by."""

    def __init__(self, rows: Iterator[Taken]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[Taken]:
        for row in self._rows:
            self.count += 1
            yield row


def _batches(rows: Iterable[Taken], position: Callable[[], int] = lambda: 0) -> Iterator[list[Taken]]:
    """Rows in batches of bounded size; `position` tells how many bytes of their file were read."""
    batch: list[Taken] = []
    begun_at = position()
    for row in rows:
        batch.append(row)
        if len(batch) >= BATCH_ROWS or position() - begun_at >= BATCH_BYTES:
            yield batch
            batch, begun_at = [], position()
    if batch:
        yield batch


def _first_column(made: FileMap, field: str) -> str | None:
    return next((column for source in made.fields[field] for column in source.reads()), None)


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


def _changed_otherwise(conn: Connection, write_id: int) -> bool:
    """Whether the write moved a feed, made its source know an account, or changed what is matched or waits."""
    tables = [TABLES[name] for name in ("feed", "account_source", "external_id", "waiting_row")]
    return any(
        conn.execute(select(t.c.since).where((t.c.since == write_id) | (t.c.until == write_id)).limit(1)).first()
        for t in tables
    )
