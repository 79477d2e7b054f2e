"""A look at files before they are imported: what a profile would make of them. Nothing is written."""

import datetime as dt
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy import Connection

from app.domain.records import RECORD_TYPES, Record
from app.imports.derivations import Surroundings
from app.imports.files import select_files
from app.imports.mapping import RowMapper
from app.imports.placing import load_matcher, place_record
from app.imports.profile import MOVEMENTS, SUBSCRIPTIONS, FileMap, Profile
from app.imports.reader import FileRefused
from app.imports.report import ImportReport, TableCounts
from app.imports.rows import Reading, open_file, open_mapper, read_rows, unit_of
from app.imports.subscriptions import Subscription, SubscriptionBook
from app.store.engine import Store

PREVIEW_ROWS = 200
"""Rows of each file that are looked at."""

MAX_FAULTS = 5
"""Rows that were refused for no single field, such as those with a cell too many, and are shown."""

SHOWN_VALUES, MAX_SHOWN = 3, 80
"""Values of each field that are shown, and characters of each."""


class FieldPreview(BaseModel):
    """A field, the column found for it (None: the file has none), and its first values as they were understood.

    `fault` is why the first value that was refused was so.
    """

    field: str
    column: str | None
    values: list[str]
    fault: str | None = None


class FilePreview(BaseModel):
    """What becomes of a file's first rows. `matched` and `unmatched` are None where the accounts' ids are ours."""

    file: str
    table: str
    refused: str | None = None
    rows: int = 0
    taken: int = 0
    rejected: int = 0
    left_out: int = 0
    no_place: int = 0
    matched: int | None = None
    unmatched: int | None = None
    fields: list[FieldPreview] = []
    unused: list[str] = []
    remarks: list[str] = []


class Preview(BaseModel):
    """What a profile would make of some files, judged by the first `rows` rows of each."""

    profile: str
    rows: int
    files: list[FilePreview]
    aside: list[str]
    notes: list[str]

    def as_text(self) -> str:
        """The preview for people."""
        lines = [f"Preview, profile {self.profile}: the first {self.rows} rows of each file. Nothing is written."]
        for file in self.files:
            lines += _file_lines(file)
        if self.aside:
            lines.append(f"Left aside, since the profile does not know them: {', '.join(self.aside)}")
        return "\n".join(lines + [f"Note: {note}" for note in self.notes])


def _file_lines(file: FilePreview) -> list[str]:
    if file.refused:
        return [f"{file.file} → {file.table}: cannot be read: {file.refused}"]
    counts = {
        "rows": file.rows,
        "taken": file.taken,
        "rejected": file.rejected,
        "left out": file.left_out,
        "without a place": file.no_place,
        "matched": file.matched,
        "unmatched": file.unmatched,
    }
    told = ", ".join(f"{name} {count:,}" for name, count in counts.items() if count is not None)
    lines = [f"{file.file} → {file.table}: {told}"]
    for field in file.fields:
        found = " | ".join(field.values) or (
            "nothing in the rows that were taken" if field.column else "no such column"
        )
        lines.append(f"  {field.field} ← {field.column or '–'}: {found}")
        lines += [f"    not understood: {field.fault}"] if field.fault else []
    lines += [f"  {remark}" for remark in file.remarks]
    return lines + ([f"  not used: {', '.join(file.unused)}"] if file.unused else [])


def preview(
    store: Store,
    path: Path,
    profile: Profile,
    *,
    source: str | None = None,
    now: dt.datetime,
    zone: ZoneInfo,
    rows: int = PREVIEW_ROWS,
) -> Preview:
    """What an import of `path` would make of it. Blocking: meant for a thread.

    Raises:
        Problem: nothing can be read at `path`.
    """
    selection = select_files(path, profile)
    today = now.astimezone(zone).date()
    with store.reading() as conn:
        looker = _Looker(conn, profile, source or profile.source, today, rows)
    files = profile.files()
    found = [looker.look(key[0], made, path) for key, made in files.items() for path in selection.paths.get(key, ())]
    return Preview(
        profile=profile.name,
        rows=rows,
        files=found,
        aside=[path.name for path, _ in selection.aside],
        notes=list(profile.notes),
    )


class _Looker:
    """Reads the first rows of files, and keeps nothing but what the next files are understood by."""

    def __init__(self, conn: Connection, profile: Profile, source: str, today: dt.date, rows: int) -> None:
        self._profile = profile
        self._rows = rows
        self._matcher = load_matcher(conn, profile, source, today) if profile.matches else None
        day = min(profile.extract_day or today, today)
        self._around = Surroundings(SubscriptionBook(), day, ZoneInfo(profile.time_zone))

    def look(self, table: str, made: FileMap, path: Path) -> FilePreview:
        is_subscriptions = table == SUBSCRIPTIONS
        target = MOVEMENTS if is_subscriptions else table
        shown = FilePreview(file=path.name, table=target)
        report = ImportReport()
        reading = Reading(
            table=target,
            file_name=path.name,
            number=0,
            made=made,
            record_type=Subscription if is_subscriptions else RECORD_TYPES[table],
            around=self._around,
            rules=None,
            matcher=self._matcher,
            report=report,
            counts=TableCounts(unmatched=0),
            unit=unit_of(path),
            on_progress=lambda _rows, _bytes: None,
            on_left_out=lambda _id: None,
        )
        try:
            with ExitStack() as opened:
                file = open_file(path, made)
                opened.enter_context(file)
                mapper = open_mapper(file, reading, self._profile)
                limit = None if is_subscriptions else self._rows  # terms are derived from all of them
                taken = list(read_rows(file, reading, mapper, limit))
        except FileRefused as refused:
            shown.refused = refused.reason
            return shown
        counts = reading.counts
        shown.rows, shown.taken, shown.rejected = counts.read, len(taken), counts.rejected
        shown.no_place = counts.unmatched or 0
        shown.left_out = counts.read - len(taken) - counts.rejected - shown.no_place
        shown.unused = mapper.unused
        shown.remarks = [f"{count:,} × {reason}" for reason, count in sorted(counts.warnings.items())]
        if self._matcher:
            placed = [place_record(self._matcher, row.record, row.clues) is not None for row in taken]
            shown.matched, shown.unmatched = sum(placed), len(placed) - sum(placed)
        shown.fields = _fields(reading, mapper, [row.record for row in taken], report)
        named = {field.column or field.field for field in shown.fields}
        elsewhere = [f"not taken: {error}" for error in report.errors if error.column not in named]
        shown.remarks += elsewhere[:MAX_FAULTS]
        if is_subscriptions:
            for row in taken:
                if isinstance(row.record, Subscription):
                    self._around.subscriptions.add(row.record)
        return shown


def _fields(reading: Reading, mapper: RowMapper, records: Sequence[Record], report: ImportReport) -> list[FieldPreview]:
    """Each field that the profile fills, in the order of the profile."""
    faults = {error.column: error.reason for error in reversed(report.errors)}
    made, given = reading.made, mapper.given | reading.made.distinct.keys()
    return [
        FieldPreview(
            field=name,
            column=mapper.column_of(name) or made.distinct.get(name) or ("(constant)" if name in given else None),
            values=_values(records, name),
            fault=faults.get(mapper.column_of(name) or name),
        )
        for name in (*made.fields, *made.distinct)
    ]


def _values(records: Sequence[Record], name: str) -> list[str]:
    """The first different values of a field."""
    found: dict[str, None] = {}
    for record in records:
        value = getattr(record, name)
        if value is not None and value != ():
            text = "; ".join(value) if isinstance(value, tuple) else str(value)
            found[text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"] = None
        if len(found) == SHOWN_VALUES:
            break
    return list(found)
