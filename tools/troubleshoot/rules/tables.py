"""Rules of CSV: what its rows repeat, and what keeps a program from reading it."""

from collections.abc import Iterator

from app.domain.blocks import Certainty, Side
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.artifact import Artifact
from tools.troubleshoot.facts.programs import TableSummary
from tools.troubleshoot.reading.csv_tables import MISREAD, NOT_UTF8, WITH_BOM
from tools.troubleshoot.rules.rule import Clue, Finding

_ENCODINGS = {
    MISREAD: "Text in it was written in UTF-8 and read as Windows-1252: letters such as ü stand there as two",
    NOT_UTF8: "It is not encoded in UTF-8: some characters could not be read",
}
_BYTE_ORDER_MARK = "byte order mark"
_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_OURS = (
    "your export",
    "you exported",
    "download from your",
    "downloaded from your",
    "exported from your",
    "report you send",
)
"""Words by which the file came from us."""

_EQUAL = "rows that are equal to one before them in every column"
_UNREAD_COLUMNS = ("missing column", "unknown column", "column not found", "missing header", "invalid header")
"""What a program says that takes another delimiter: the whole header is one column to it."""

_IMPORTS = ("import", "upload", "csv", "parse")


def duplicate_rows(case: Case) -> Finding | None:
    """Rows or ids that should differ stand in a table several times."""
    for table, place in case.facts(TableSummary):
        if table.repeated_ids:
            return _repeated_ids(case, table, place)
        if table.duplicate_rows and _tells_rows_apart(table):
            rows = case.figure("table.duplicates", "Rows that repeat one", table.duplicate_rows, "count", _EQUAL, place)
            clue = Clue(text(rows, f" of {table.rows:,} rows are equal to one before, in every column"), place, (rows,))
            values = {"count": f"{table.duplicate_rows:,}"}
            return Finding("likely", text("The table holds ", rows, " rows twice"), (clue,), values=values)
    return None


def table_malformed(case: Case) -> Finding | None:
    """A table cannot be read as it is, or not as it is meant."""
    for table, place, artifact in _tables(case):
        faults = _faults(table, place)
        misread = table.delimiter in _DELIMITERS and case.statement.says(*_UNREAD_COLUMNS) is not None
        certainty: Certainty = "likely" if faults or misread else "possible"
        told = faults or _minor(case, table, place, artifact)
        if told:
            worst, _ = told[0]
            title = text(f"The table cannot be read as it is: {worst}")
            clues = tuple(clue for _, clue in told)
            return Finding(certainty, title, clues, values={"fault": worst}, side=_side(case))
    return None


def _repeated_ids(case: Case, table: TableSummary, place: Place) -> Finding:
    count = case.figure(
        "table.ids", f"Values of {table.id_column} in several rows", table.repeated_ids, "count", "counted", place
    )
    named = ", ".join(f"{value} ({times} times)" for value, times in table.duplicate_ids[:3])
    clues = [Clue(text(count, f" values of {table.id_column} stand in several rows: {named}"), place, (count,))]
    if table.duplicate_rows:
        clues.append(Clue(text(f"{table.duplicate_rows:,} rows are equal to one before in every column"), place))
    else:
        clues.append(Clue(text("Their rows differ in other columns: versions of a record, or parts of it"), place))
    values = {"column": table.id_column, "count": f"{table.repeated_ids:,}"}
    return Finding("likely", text(f"The table repeats values of {table.id_column}"), tuple(clues), values=values)


def _tells_rows_apart(table: TableSummary) -> bool:
    """Whether equal rows are a surprise: a list of categories and numbers may well repeat."""
    kinds = {column.kind for column in table.columns}
    return bool(kinds & {"id", "time"}) and len(table.columns) > 2


def _tables(case: Case) -> Iterator[tuple[TableSummary, Place, Artifact]]:
    for artifact in case.artifacts:
        for fact in artifact.facts:
            if isinstance(fact, TableSummary):
                yield fact, Place(artifact.name, artifact.first + fact.line - 1), artifact


def _faults(table: TableSummary, place: Place) -> list[tuple[str, Clue]]:
    """What is wrong with it, the worst first: in a few words, and as a clue."""
    found: list[tuple[str, Clue]] = []
    if table.fault:
        found.append((table.fault, Clue(text(f"In it {table.fault}"), place)))
    if table.ragged:
        line = Place(place.name, place.line + (table.ragged_row or 1) - 1)
        words = f"{table.ragged:,} of {table.rows:,} rows have another number of cells than the header"
        found.append(("rows of different lengths", Clue(text(f"{words}; the first of them is here"), line)))
    if table.encoding in _ENCODINGS:
        found.append(("a wrong encoding", Clue(text(_ENCODINGS[table.encoding]), place)))
    if table.spoiled_ids:
        words = f"{table.spoiled_ids:,} ids were turned into numbers such as 1.23E+15, as spreadsheets do"
        found.append(("ids that a spreadsheet has changed", Clue(text(words), place)))
    return found


def _minor(case: Case, table: TableSummary, place: Place, artifact: Artifact) -> list[tuple[str, Clue]]:
    """What only some programs stumble over; told where somebody speaks of reading it."""
    if case.statement.says(*_IMPORTS) is None:
        return []
    found = []
    if table.encoding == WITH_BOM or any(_BYTE_ORDER_MARK in note for note in artifact.notes):
        clue = Clue(
            text("It begins with a byte order mark, which some programs read as a part of the first name"), place
        )
        found.append(("a byte order mark", clue))
    if table.delimiter in _DELIMITERS:
        name = _DELIMITERS[table.delimiter]
        found.append((f"{name} in place of commas", Clue(text(f"Its cells are parted by {name}"), place)))
    return found


def _side(case: Case) -> Side | None:
    return "undecided" if case.statement.says(*_OURS) else None
