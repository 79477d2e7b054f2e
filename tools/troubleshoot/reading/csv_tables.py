"""Finds CSV: its columns, what its rows repeat, and what keeps a program from reading it."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Literal

from tools.troubleshoot.facts.programs import TableSummary
from tools.troubleshoot.reading.columns import column_of, id_column, is_spoiled
from tools.troubleshoot.reading.parser import Piece

DELIMITERS = ",;\t|"
MOST_COLUMNS = 300
MOST_CELLS = 1_000_000
MOST_HEADERS = 500
"""Lines of a text that are looked at closely, as the header of a table."""

LONGEST_HEADER = 8_000
"""Characters of a header; a longer line is none."""

_SAMPLE_ROWS, _LONGEST_SAMPLE = 20, 4_000
_LEAST_ROWS = 2
_LEAST_EVEN = 0.6
"""So large a share of the first rows has as many cells as the header, or it is no table."""

_MOST_LISTED_IDS = 20
_MOST_WORDS_NAME, _MOST_WORDS_CELL = 4, 8
_NAME = re.compile(r"[^\W\d][\w .()/%#&$€£:+-]{0,60}")
_RULED = re.compile(r"[\s:|+-]*+$")
_MOJIBAKE = re.compile(r"Ã[\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œžŸ]|â€[™œ“”\u009d\u0099\u009c˜¦]|Â[\u00a0-\u00bf]|ï»¿")
BOM = "\ufeff"
WITH_BOM, MISREAD, NOT_UTF8 = "utf-8 with a byte order mark", "utf-8 read as windows-1252", "not utf-8"
UNCLOSED = "a quotation mark is never closed"

Row = list[str]
Quoting = Literal[0, 3]
"""`csv.QUOTE_MINIMAL` or `csv.QUOTE_NONE`."""


@dataclass(slots=True)
class _Table:
    """The `count` rows below a header, which stands on line `first`; those of another length are only counted."""

    first: int
    last: int
    delimiter: str
    header: Row
    rows: list[Row] = field(default_factory=list)
    count: int = 0
    ragged: int = 0
    ragged_row: int | None = None
    fault: str = ""


def find_tables(text: str) -> tuple[Piece, ...]:
    """The tables of the text. Neither a Markdown table nor a sentence with commas is one."""
    lines = [line.removesuffix("\r").replace("\r", " ") for line in text.split("\n")]
    pieces: list[Piece] = []
    at = tried = 0
    while at < len(lines) - _LEAST_ROWS and tried < MOST_HEADERS:
        if not _could_be_header(lines[at], lines[at + 1]):
            at += 1
            continue
        tried += 1
        table = _table_at(lines, at)
        if table is None:
            at += 1
            continue
        pieces.append(Piece("csv", table.first, table.last, (_summary(table, lines),), _notes(table)))
        at = table.last
    return tuple(pieces)


def _table_at(lines: Sequence[str], at: int) -> _Table | None:
    """The table whose header is this line."""
    line = lines[at].removeprefix(BOM)
    for delimiter in sorted(DELIMITERS, key=line.count, reverse=True):
        header = next(csv.reader([line], delimiter=delimiter), [])
        if _is_header(header) and _is_table(lines, at, delimiter, len(header)):
            table = _read(lines, at, delimiter, header)
            return table if table.count >= _LEAST_ROWS else None
    return None


def _could_be_header(line: str, following: str) -> bool:
    """Whether a closer look pays: it begins with a letter, and both lines hold a delimiter."""
    first = line[:LONGEST_HEADER].lstrip(f"{BOM}\"' ")[:1]
    if len(line) > LONGEST_HEADER or not (first.isalpha() or first == "_"):
        return False
    return any(delimiter in line and delimiter in following for delimiter in DELIMITERS)


def _is_header(cells: Row) -> bool:
    """Whether these are names of columns: short, different, and no sentence."""
    names = [cell.strip() for cell in cells]
    if not 2 <= len(names) <= MOST_COLUMNS or len({name.lower() for name in names}) < len(names):
        return False
    if any(not _NAME.fullmatch(name) or len(name.split()) > _MOST_WORDS_NAME for name in names):
        return False
    if any(name.count("(") != name.count(")") for name in names):
        return False
    spaced = sum(cell.startswith(" ") for cell in cells)
    return not (spaced and any(" " in name for name in names))


def _is_table(lines: Sequence[str], at: int, delimiter: str, width: int) -> bool:
    """Whether the first rows below look like rows of a table so wide."""
    sample = [f"{line[:_LONGEST_SAMPLE]}\n" for line in lines[at + 1 : at + 1 + _SAMPLE_ROWS]]
    if _RULED.match(sample[0]):
        return False  # a table as Markdown or a database's client draws it
    rows = list(takewhile(bool, csv.reader(sample, delimiter=delimiter)))
    even = [row for row in rows if len(row) == width]
    words = [len(cell.split()) for row in even for cell in row]
    if len(even) < max(_LEAST_ROWS, _LEAST_EVEN * len(rows)):
        return False
    return sum(words) <= _MOST_WORDS_CELL * len(words) and not all(_is_sentence(row) for row in even)


def _is_sentence(row: Row) -> bool:
    """Whether the cells read on as prose does: each after the first begins with a space, the last ends a sentence."""
    return all(cell.startswith(" ") for cell in row[1:]) and row[-1].rstrip().endswith((".", "!", "?", ",", ":"))


def _read(lines: Sequence[str], at: int, delimiter: str, header: Row) -> _Table:
    """All of the table, to the first blank line that no quotation holds, or to the first line that is none of it."""
    table = _Table(at + 1, at + 1, delimiter, header)
    try:
        _fill(table, _rows(lines, at + 1, delimiter, csv.QUOTE_MINIMAL))
    except csv.Error:
        table = _Table(at + 1, at + 1, delimiter, header, fault=UNCLOSED)
        _fill(table, _rows(lines, at + 1, delimiter, csv.QUOTE_NONE))
    return table


def _rows(lines: Sequence[str], at: int, delimiter: str, quoting: Quoting) -> Iterator[tuple[int, int, Row]]:
    """The rows from a line on, and on which lines, from 1, each begins and ends.

    Raises:
        csv.Error: a quotation is never closed, as far as a cell may reach.
    """
    reader = csv.reader((f"{lines[place]}\n" for place in range(at, len(lines))), delimiter=delimiter, quoting=quoting)
    last = at
    for row in reader:
        first, last = last + 1, at + reader.line_num
        if last > first and sum(line.count('"') for line in lines[first - 1 : last]) % 2:
            raise csv.Error(UNCLOSED)
        yield first, last, row


def _fill(table: _Table, rows: Iterator[tuple[int, int, Row]]) -> None:
    width = len(table.header)
    for first, last, row in rows:
        if not row or (len(row) == 1 and len(row[0].split()) != 1):
            return
        table.count += 1
        table.last = last
        if len(row) != width:
            table.ragged += 1
            table.ragged_row = table.ragged_row or first
        elif table.count * width <= MOST_CELLS:
            table.rows.append(row)


def _summary(table: _Table, lines: Sequence[str]) -> TableSummary:
    columns = [
        column_of(name.strip(), [row[place] for row in table.rows])
        for place, name in enumerate(cell.removeprefix(BOM) for cell in table.header)
    ]
    place = id_column(columns)
    ids = Counter(row[place].strip() for row in table.rows if row[place].strip()) if place is not None else Counter()
    repeated = [(value, count) for value, count in ids.most_common() if count > 1]
    encoding = _encoding(lines[table.first - 1 : table.last])
    return TableSummary(
        rows=table.count,
        columns=tuple(columns),
        delimiter=table.delimiter,
        ragged=table.ragged,
        ragged_row=table.ragged_row - table.first + 1 if table.ragged_row else None,
        duplicate_rows=len(table.rows) - len({tuple(row) for row in table.rows}),
        id_column=columns[place].name if place is not None else "",
        repeated_ids=len(repeated),
        duplicate_ids=tuple(repeated[:_MOST_LISTED_IDS]),
        spoiled_ids=sum(count for value, count in ids.items() if is_spoiled(value)),
        encoding=encoding,
        fault=table.fault,
    )


def _encoding(lines: Sequence[str]) -> str:
    """How the text is encoded, or how it was read wrongly before it came here."""
    text = "\n".join(lines)
    if "\ufffd" in text:
        return NOT_UTF8
    if _MOJIBAKE.search(text):
        return MISREAD
    return WITH_BOM if text.startswith(BOM) else "utf-8"


def _notes(table: _Table) -> tuple[str, ...]:
    unread = table.count - table.ragged - len(table.rows)
    return (f"Of {unread} rows at the end only the number of cells was looked at.",) if unread else ()
