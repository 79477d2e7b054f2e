"""The rows of one open file → records, each with its line. What cannot be taken goes into the report."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from app.domain.records import Record
from app.imports.derivations import CHECKS, Surroundings
from app.imports.mapping import RowMapper, RowRejected, RowUnmatched
from app.imports.profile import FileMap
from app.imports.reader import BadRow, CsvFile
from app.imports.report import ImportReport, Rejection, TableCounts
from app.imports.rules import Rules
from app.imports.totals import Totals

PROGRESS_ROWS = 5000
"""Progress is told each time so many rows were read."""

MAX_NAMED = 10
"""Columns listed in a warning."""

Row = tuple[int, Record]
"""The number of the line on which a row began, and its record."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a file for a table needs, and where what it finds is counted."""

    table: str
    file_name: str
    made: FileMap
    record_type: type[Record]
    around: Surroundings
    rules: Rules | None  # None: what the rows refer to is looked at later
    report: ImportReport
    counts: TableCounts
    on_progress: Callable[[int, int], None]  # rows and bytes of this file so far

    def reject(self, line: int | None, column: str | None, reason: str) -> None:
        self.counts.rejected += 1
        self.report.reject(Rejection(self.file_name, line, column, reason))


def open_mapper(file: CsvFile, reading: Reading, *, is_own: bool) -> RowMapper:
    """What makes the records of the file's rows; warns of columns that are unknown or lacking.

    Raises:
        FileRefused: the file lacks a required column.
    """
    mapper = RowMapper(reading.made, reading.record_type, file.header, reading.around)
    if is_own and mapper.unused:
        reading.counts.warn(f"unknown columns, which were ignored: {_listing(mapper.unused)}", len(mapper.unused))
    if not is_own and mapper.missing:
        reading.counts.warn(f"columns that the file lacks: {_listing(mapper.missing)}", len(mapper.missing))
    return mapper


def read_rows(file: CsvFile, reading: Reading, mapper: RowMapper) -> Iterator[Row]:
    """The records of the file's rows; where the profile says so, rows of one key are added up first."""
    rows = _taken(file, reading, mapper)
    return _added_up(rows, reading) if reading.made.sum else rows


def _listing(names: Sequence[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more


def _taken(file: CsvFile, reading: Reading, mapper: RowMapper) -> Iterator[Row]:
    for line, cells in file.rows():
        reading.counts.read += 1
        if reading.counts.read % PROGRESS_ROWS == 0:
            reading.on_progress(reading.counts.read, file.bytes_read)
        if isinstance(cells, BadRow):
            reading.reject(line, cells.column, cells.reason)
            continue
        try:
            record = mapper.record(cells)
        except RowRejected as rejected:
            reading.reject(line, rejected.column, rejected.reason)
            continue
        except RowUnmatched:
            reading.counts.unmatched = (reading.counts.unmatched or 0) + 1
            continue
        if reading.rules and (fault := reading.rules.fault(reading.table, record)):
            reading.reject(line, mapper.column_of(fault[0]), fault[1])
            continue
        for check in reading.made.checks:
            named = CHECKS[check.name]
            if named.is_odd(mapper.cell(cells, check.column), record, reading.around):
                reading.counts.warn(named.warning)
        yield line, record
    reading.on_progress(reading.counts.read, file.bytes_read)


def _added_up(rows: Iterator[Row], reading: Reading) -> Iterator[Row]:
    with Totals(reading.record_type, reading.made.sum) as totals:
        taken = 0
        for line, record in rows:
            totals.add(line, record)
            taken += 1
        kept = 0
        for row in totals.records():
            kept += 1
            yield row
        if taken > kept:
            reading.counts.warn("added to another row of the same key", taken - kept)
