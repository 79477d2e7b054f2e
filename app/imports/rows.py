"""The rows of one open file → records, each with its line. What cannot be taken goes into the report."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from app.domain.records import FeedbackItem, Record
from app.imports.derivations import CHECKS, Surroundings
from app.imports.json_reader import JsonFile, is_json, is_json_lines
from app.imports.mapping import Columns, RowMapper, RowRejected, RowUnmatched, listing
from app.imports.matching import NO_CLUES, Clue, Matcher
from app.imports.profile import FileMap, Profile
from app.imports.reader import BadRow, CsvFile
from app.imports.report import ImportReport, Rejection, TableCounts
from app.imports.rules import Rules
from app.store.erased_people import NOBODY, ErasedPeople
from app.store.erasure import PLAN

ERASED = "this person was erased on request; erase the person where the file comes from, too"
"""Why a row is not taken. It names nobody."""

PROGRESS_ROWS = 5000
"""Progress is told each time so many rows were read."""

DataFile = CsvFile | JsonFile


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a file for a table needs, and where what it finds is counted."""

    table: str
    file_name: str
    number: int  # of the file within the import
    made: FileMap
    record_type: type[Record]
    around: Surroundings
    rules: Rules | None  # None: what the rows refer to is looked at later
    matcher: Matcher | None  # None: the accounts' ids are ours
    report: ImportReport
    counts: TableCounts
    unit: str  # what the file's rows are counted in: lines, or JSON's records
    on_progress: Callable[[int, int], None]  # rows and bytes of this file so far
    on_left_out: Callable[[str], None]  # the id of a row that the profile leaves out
    erased: ErasedPeople = NOBODY

    def reject(self, line: int | None, column: str | None, reason: str) -> None:
        self.counts.rejected += 1
        self.report.reject(Rejection(self.file_name, line, column, reason, self.unit))


class Taken(NamedTuple):
    """A row that was taken. `counted` holds the values of which the different ones are counted."""

    line: int
    record: Record
    clues: Clue = NO_CLUES
    counted: tuple[str, ...] = ()


def unit_of(path: Path) -> str:
    """What the rows of a file are counted in."""
    return "record" if is_json(path) and not is_json_lines(path) else "line"


def open_file(path: Path, made: FileMap) -> DataFile:
    """The file opened for reading, by its name as CSV or JSON. Use as a context manager.

    Raises:
        FileRefused: it cannot be read.
    """
    return JsonFile(path, made.records) if is_json(path) else CsvFile(path)


def open_mapper(file: DataFile, reading: Reading, profile: Profile) -> RowMapper:
    """What makes the records of the file's rows; warns of columns that are unknown or lacking.

    Raises:
        FileRefused: the file lacks a required column, or repeats one.
    """
    columns = Columns(file.header, file.nests, is_empty=file.nests and not file.header)
    mapper = RowMapper(reading.made, reading.record_type, columns, reading.around, profile)
    if profile.is_own and mapper.unused:
        reading.counts.warn(f"unknown columns, which were ignored: {listing(mapper.unused)}", len(mapper.unused))
    if not profile.is_own and mapper.missing and not columns.is_empty:
        reading.counts.warn(f"columns that the file lacks: {listing(mapper.missing)}", len(mapper.missing))
    return mapper


def read_rows(file: DataFile, reading: Reading, mapper: RowMapper, limit: int | None = None) -> Iterator[Taken]:
    """The rows that can be taken, as records, of the first `limit` rows (None: of all).

    Where a source is to be matched, its own ids of accounts stand in place of ours.
    """
    counts, rows = reading.counts, 0
    for line, cells in islice(file.rows(), limit):
        counts.read += 1
        rows += 1
        if rows % PROGRESS_ROWS == 0:
            reading.on_progress(rows, file.bytes_read)
        if isinstance(cells, BadRow):
            reading.reject(line, cells.column, cells.reason)
            continue
        try:
            taken = _take(line, cells, reading, mapper)
        except RowRejected as rejected:
            reading.reject(line, rejected.column, rejected.reason)
            continue
        except RowUnmatched:
            counts.unmatched = (counts.unmatched or 0) + 1
            continue
        if taken is not None:
            yield taken
    reading.on_progress(rows, file.bytes_read)


def _take(line: int, cells: list[str], reading: Reading, mapper: RowMapper) -> Taken | None:
    """The row as a record; None where the profile leaves it out.

    Raises:
        RowRejected: the row cannot be taken.
        RowUnmatched: the profile has no place for it.
    """
    made, matcher = reading.made, reading.matcher
    try:
        rule = mapper.left_out(cells) if made.leave_out else None
        clues = mapper.clues(cells) if matcher else {}
    except ValueError as error:
        raise RowRejected(None, str(error)) from None
    if rule is not None:
        reading.counts.warn(f"left out: {rule.reason}")
        if record_id := mapper.id_of(cells):
            reading.on_left_out(record_id)
        return None
    values = mapper.values(cells)
    if matcher and "account_id" in reading.record_type.model_fields:
        _name_account(values, clues, matcher)
    record = _not_erased(mapper.record(values), reading)
    if matcher and isinstance(record, FeedbackItem):
        for customer in record.account_ids:
            matcher.external_id(customer, {"crm_id": customer, "name": customer}, None, None)
    if reading.rules and (fault := reading.rules.fault(reading.table, record, matched=matcher is None)):
        raise RowRejected(mapper.column_of(fault[0]), fault[1])
    for check in made.checks:
        named = CHECKS[check.name]
        if named.is_odd(mapper.first_filled((check.column,))(cells), record, reading.around):
            reading.counts.warn(named.warning)
    if matcher is None and not made.distinct:
        return Taken(line, record)
    return Taken(line, record, clues, mapper.counted(cells))


def _not_erased(record: Record, reading: Reading) -> Record:
    """The record, without people who were erased: a pseudonym in place of a contact, their names out of texts.

    Raises:
        RowRejected: it is that person.
    """
    if reading.erased.is_erased(record):
        raise RowRejected(None, ERASED)
    if reading.erased.is_empty:
        return record
    record = reading.erased.repointed(record)
    columns = PLAN.get(reading.table)
    texts = {name: text for name in columns.texts if (text := getattr(record, name))} if columns else {}
    accounts = _accounts_of(record, reading.matcher)
    changed = {n: new for n, text in texts.items() if (new := reading.erased.without(text, accounts)) != text}
    if not changed:
        return record
    reading.counts.warn("a text named a person who was erased; the name was left out")
    return record.model_copy(update=changed)


def _accounts_of(record: Record, matcher: Matcher | None) -> tuple[str, ...]:
    """Our ids of the record's accounts; none where one of them is not known yet."""
    ids: tuple[str, ...] = getattr(record, "account_ids", ()) or (getattr(record, "account_id", ""),)
    if matcher is None:
        return ids
    found = [matcher.account_of(each) for each in ids]
    return () if None in found else tuple(each for each in found if each)


def _name_account(values: dict[str, Any], clues: dict[str, str], matcher: Matcher) -> None:
    """Put in what the source calls the row's account, and let the matcher look for it."""
    own_id = values.get("id") or values.get("contact_id")
    person = values.get("contact_id") or (values.get("id") if "email" in values else None)
    external_id = matcher.external_id(str(values.get("account_id", "")), clues, person, own_id)
    if external_id:
        values["account_id"] = external_id
