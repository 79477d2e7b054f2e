"""JSON → rows: an answer of an API, or JSON lines, as columns by path. Whatever the bytes are, memory stays flat.

A value within objects is a column by its path (`fields.status.name`). Lists are passed through: a cell holds all values
that a record has at the path. A file is read twice: once for the columns that its records have between them, once for
the rows; so one that is broken anywhere is refused before any of it is taken.
"""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import ijson  # type: ignore[import-untyped]

from app.imports.reader import (
    BYTE_ORDER_MARK,
    MAX_RECORD_BYTES,
    BadRow,
    FileRefused,
    open_regular,
    refuse_other_formats,
)

MAX_DEPTH = 32
"""A record that is nested deeper is rejected."""

MAX_PATHS = 5000
"""Columns of a file; where there are more, ids or dates stand as names."""

MAX_VALUES = 1000
"""Values of a record at one path."""

MAX_DIGITS = 4000
"""Digits in a row. Python reads numbers of up to 4,300."""

MAX_SILENCE = 8 * 1024 * 1024
"""Bytes of one value. A parser must hold a whole text before it can tell of it."""

SEVERAL = "\x1f"
"""Stands between the values of a cell that holds several."""

HALF = "\ufdd0"
"""Stands for half a character: an escape such as \\ud800 without its other half. No text has it."""

Event = tuple[str, Any]
Cells = dict[str, list[str]]
"""A record's values by path."""

LINES = (".jsonl", ".ndjson")
SUFFIXES = (".json", *LINES)

_ESCAPES = re.compile(
    rb"\\u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\.", re.DOTALL
)
_LONG_NUMBER = re.compile(rb"[0-9]{%d}" % MAX_DIGITS)
_PAIR_BYTES, _ESCAPE_BYTES = 12, 6


class JsonFile:
    """An open JSON file: its columns, then its rows. Use as a context manager.

    `envelopes` are the names under which an answer may hold its records.

    Raises:
        FileRefused: no regular file, or no JSON from beginning to end.
    """

    nests = True

    def __init__(self, path: Path, envelopes: Collection[str]) -> None:
        self._stream = open_regular(path)
        self._by_line = is_json_lines(path)
        self._envelopes = frozenset(envelopes)
        self.bytes_read = 0
        try:
            self.header = self._read_header()
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def rows(self) -> Iterator[tuple[int, list[str] | BadRow]]:
        """Each record as cells, in the order of the header, with its number (JSON lines: the number of its line)."""
        places = {path: place for place, path in enumerate(self.header)}
        for number, record in self._records():
            if isinstance(record, BadRow):
                yield number, record
                continue
            cells = [""] * len(self.header)
            for path, values in record.items():
                cells[places[path]] = SEVERAL.join(values)
            yield number, cells

    def _read_header(self) -> tuple[str, ...]:
        """The paths that any of the records has."""
        refuse_other_formats(self._stream.read(8), "JSON")
        paths: dict[str, None] = {}
        for number, record in self._records():
            if not isinstance(record, BadRow):
                paths.update(dict.fromkeys(record))
            if len(paths) > MAX_PATHS:
                detail = f"its records have more than {MAX_PATHS:,} different fields up to the {number:,}. of them"
                raise FileRefused("not_json", f"{detail}; it is no list of records of one kind")
        return tuple(paths)

    def _records(self) -> Iterator[tuple[int, Cells | BadRow]]:
        self._stream.seek(0)
        if self._stream.read(len(BYTE_ORDER_MARK)) != BYTE_ORDER_MARK:
            self._stream.seek(0)
        self.bytes_read = self._stream.tell()
        yield from self._lines() if self._by_line else self._values()

    def _values(self) -> Iterator[tuple[int, Cells | BadRow]]:
        """The records of a file that is one value, or several behind each other."""
        number = 0
        source = _Source(self._stream)
        place = "at the beginning"
        with _told(lambda: place):
            for record in _records(source, self._envelopes):
                number += 1
                place = f"behind record {number}"
                yield number, record
                self.bytes_read = self._stream.tell()
        self.bytes_read = self._stream.tell()

    def _lines(self) -> Iterator[tuple[int, Cells | BadRow]]:
        """The records of a file with one value a line: a broken line spoils nothing else."""
        number = 0
        while line := self._stream.readline(MAX_RECORD_BYTES + 1):
            number += 1
            self.bytes_read += len(line)
            if len(line) > MAX_RECORD_BYTES and not line.endswith(b"\n"):
                while not line.endswith(b"\n") and (line := self._stream.readline(MAX_RECORD_BYTES)):
                    self.bytes_read += len(line)
                yield number, BadRow(f"the line is longer than {MAX_RECORD_BYTES:,} bytes")
            elif line.strip():
                yield number, self._of_line(line)

    def _of_line(self, line: bytes) -> Cells | BadRow:
        try:
            with _told(lambda: "in this line"):
                records = list(_records(_Source(BytesIO(line)), self._envelopes))
        except FileRefused as refused:
            return BadRow(refused.reason)
        if len(records) != 1:
            return BadRow(f"the line holds {len(records)} records; each needs a line of its own")
        return records[0]


class _Source:
    """A stream for the parser. Half characters, which it would turn into question marks, are made to be seen."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._held = b""
        self._digits = b""
        self.silence = 0  # bytes since the parser last told of something

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self.silence += len(chunk)
        if self.silence > MAX_SILENCE:
            raise FileRefused("not_json", f"a value is longer than {MAX_SILENCE:,} bytes")
        self._refuse_long_numbers(chunk)
        data = self._held + chunk
        cut = _last_escape(data) if chunk and size != 0 else len(data)
        self._held = data[cut:]
        data = data[:cut]
        if not data and chunk:
            return self.read(size)
        return _ESCAPES.sub(_mark_half, data) if b"\\u" in data else data

    def _refuse_long_numbers(self, chunk: bytes) -> None:
        """The parser does not survive a whole number that is longer than Python reads."""
        if _LONG_NUMBER.search(self._digits + chunk):
            raise FileRefused("not_json", f"a number has {MAX_DIGITS:,} digits or more")
        if chunk:
            self._digits = chunk[len(chunk.rstrip(b"0123456789")) :][-MAX_DIGITS:]


def _last_escape(data: bytes) -> int:
    """Where an escape at the end of `data` begins that may not be complete; its length where there is none."""
    cut = data.rfind(b"\\", max(len(data) - _PAIR_BYTES, 0))
    if cut < 0:
        return len(data)
    while True:
        while cut > 0 and data[cut - 1] == ord("\\"):
            cut -= 1
        if cut < _ESCAPE_BYTES or data[cut - _ESCAPE_BYTES : cut - _ESCAPE_BYTES + 2] != b"\\u":
            return cut
        cut -= _ESCAPE_BYTES


def _mark_half(match: re.Match[bytes]) -> bytes:
    is_half = len(match[0]) == _ESCAPE_BYTES
    return HALF.encode("ascii", "backslashreplace") if is_half else match[0]


@contextmanager
def _told(place: Callable[[], str]) -> Iterator[None]:
    """The parser's complaints as refusals that say where."""
    try:
        yield
    except ijson.IncompleteJSONError as error:
        raise FileRefused("not_json", f"this is no JSON {place()}: {_complaint(error)}") from None
    except UnicodeDecodeError:
        raise FileRefused("not_json", f"a text {place()} is not UTF-8; save the file as UTF-8") from None


def _complaint(error: Exception) -> str:
    """The parser's own words without its drawing."""
    first = str(error).removeprefix("b'").replace("\\n", "\n").split("\n", maxsplit=1)[0].strip()
    if "premature EOF" in first:
        return "it ends too early"
    if "UTF8" in first:
        return "a text is not UTF-8; save the file as UTF-8"
    return first.removeprefix("lexical error: ").removeprefix("parse error: ").rstrip(".")


def _records(source: _Source, envelopes: frozenset[str]) -> Iterator[Cells | BadRow]:
    """The records of each value: the elements of a list, those under an envelope's name, or the object itself."""
    events = _events(source)
    for event, _ in events:
        if event == "start_array":
            yield from _elements(events)
        elif event == "start_map":
            yield from _object_or_envelope(events, envelopes)
        else:
            yield BadRow("the record is no object")


def _events(source: _Source) -> Iterator[Event]:
    for event in ijson.basic_parse(source, multiple_values=True):
        source.silence = 0
        yield event


def _elements(events: Iterator[Event]) -> Iterator[Cells | BadRow]:
    """The elements of a list that has begun."""
    for event, _ in events:
        if event == "end_array":
            return
        if event == "start_map":
            record = _Record()
            _fill(record, events)
            yield record.result()
        else:
            if event == "start_array":
                _fill(_Record(), events)
            yield BadRow("the record is no object")


def _object_or_envelope(events: Iterator[Event], envelopes: frozenset[str]) -> Iterator[Cells | BadRow]:
    """The records of an object that has begun."""
    record = _Record()
    is_envelope = False
    for event, value in events:
        if event == "map_key" and record.depth == 1 and value in envelopes:
            name = value
            event, value = next(events)
            if event == "start_array":
                is_envelope = True
                yield from _elements(events)
                continue
            record.take("map_key", name)
        if record.take(event, value):
            break
    if not is_envelope:
        yield record.result()


def _fill(record: "_Record", events: Iterator[Event]) -> None:
    for event, value in events:
        if record.take(event, value):
            return


class _Record:
    """Gathers the values of one record, whose object or list has begun, from the parser's events."""

    def __init__(self) -> None:
        self.depth = 1
        self._paths: list[str] = [""]  # of the objects and lists that are open
        self._names: list[set[str]] = [set()]
        self._path = ""  # of the value to come
        self._cells: Cells = {}
        self._size = 0
        self._fault: BadRow | None = None

    def take(self, event: str, value: Any) -> bool:
        """One event; whether the record ends with it."""
        if event in ("start_map", "start_array"):
            self._open()
        elif event in ("end_map", "end_array"):
            return self._close()
        elif self._fault is None:
            if event == "map_key":
                self._name(value)
            else:
                self._add(value)
        return False

    def result(self) -> Cells | BadRow:
        return self._fault or self._cells

    def _open(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._spoil(f"the record is nested deeper than {MAX_DEPTH} levels")
        else:
            self._paths.append(self._path)
            self._names.append(set())

    def _close(self) -> bool:
        self.depth -= 1
        if self.depth < MAX_DEPTH:
            self._names.pop()
            self._path = self._paths.pop()
        return self.depth == 0

    def _name(self, name: str) -> None:
        if name in self._names[-1]:
            self._spoil("the name is there twice in one object", name)
        self._names[-1].add(name)
        self._path = f"{self._paths[-1]}.{name}" if self._paths[-1] else name
        if HALF in name:
            self._spoil("a name holds half a character")

    def _add(self, value: Any) -> None:
        values = self._cells.setdefault(self._path, [])
        if value is None:
            return
        text = str(value).lower() if isinstance(value, bool) else str(value)
        self._size += len(text) + len(self._path)
        if self._size > MAX_RECORD_BYTES or len(values) >= MAX_VALUES:
            self._spoil(f"the record is longer than {MAX_RECORD_BYTES:,} characters or {MAX_VALUES:,} values")
            self._cells = {}
        elif HALF in text or "\0" in text:
            self._spoil("the text holds half a character or a NUL")
        else:
            values.append(text.replace(SEVERAL, " "))

    def _spoil(self, reason: str, name: str | None = None) -> None:
        if self._fault is None:
            self._fault = BadRow(reason, name or self._path or None)


def is_json_lines(path: Path) -> bool:
    return path.suffix.lower() in LINES


def is_json(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES
