"""CSV bytes → rows. Whatever the bytes are, each row is either cells or a reason, and every line is accounted for.

A file is read line by line, never whole. A record whose quoting is broken spoils its first line only: reading resumes
on the next line, so that one stray quotation mark does not swallow the rows behind it.
"""

import csv
import os
import stat
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

MAX_RECORD_BYTES = 1024 * 1024
"""A longer record is rejected: the longest texts a record may hold need less (two of 100,000 characters)."""

MAGIC = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"%PDF", "a PDF"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)
MAX_COLUMNS = 5000
"""Of a file, as of a JSON file's paths; where there are more, ids or dates stand as names."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}


class FileRefused(Exception):
    """The file as a whole cannot be read; nothing of it was. `reason` says why and what to do."""

    def __init__(self, code: str, reason: str, *, line: int | None = None, column: str | None = None) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.line = line
        self.column = column


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken, with the column at fault where there is one."""

    reason: str
    column: str | None = None


class _RecordTooLong(Exception):
    pass


class _Lines:
    """The physical lines of a file as text. Those of the record being read are kept, so that reading can go back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._again: deque[bytes] = deque()
        self._record: list[bytes] = []
        self._record_bytes = 0
        self._number = 0
        self.bytes_read = 0
        self.suspect = False  # the record being read holds a NUL or bytes that are not UTF-8

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        raw = self._again.popleft() if self._again else self._read_line()
        if not raw:
            raise StopIteration
        self._number += 1
        self._record.append(raw)
        self._record_bytes += len(raw)
        if self._record_bytes > MAX_RECORD_BYTES:
            raise _RecordTooLong
        if b"\0" in raw:
            self.suspect = True
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.suspect = True
            return raw.decode(errors="surrogateescape")

    def _read_line(self) -> bytes:
        """The next line; of one beyond the limit, as much as shows that it is too long: the rest is passed over."""
        raw = self._stream.readline(MAX_RECORD_BYTES + 1)
        self.bytes_read += len(raw)
        if len(raw) > MAX_RECORD_BYTES and not raw.endswith(b"\n"):
            while rest := self._stream.readline(MAX_RECORD_BYTES):
                self.bytes_read += len(rest)
                if rest.endswith(b"\n"):
                    break
        return raw

    @property
    def first_line(self) -> int:
        """Number of the line on which the record being read began."""
        return self._number - len(self._record) + 1

    def start_record(self) -> None:
        self._record.clear()
        self._record_bytes = 0
        self.suspect = False

    def keep_first_line_only(self) -> None:
        """Hand out the record's other lines once more."""
        others = self._record[1:]
        self._again.extendleft(reversed(others))
        self._number -= len(others)
        del self._record[1:]

    def describe_bytes(self) -> str:
        """What is wrong with the bytes of a suspect record."""
        for number, raw in enumerate(self._record, self.first_line):
            try:
                raw.decode()
            except UnicodeDecodeError as error:
                return (
                    f"byte 0x{raw[error.start]:02X} at position {error.start + 1} of line {number} is not UTF-8; "
                    "save the file as UTF-8"
                )
        return "the row holds a NUL byte; save the file as plain UTF-8 text"


class CsvFile:
    """An open CSV file: its header, then its rows. Use as a context manager.

    Raises:
        FileRefused: no regular file, no CSV, or no header.
    """

    nests = False  # a cell never holds several values

    def __init__(self, path: Path) -> None:
        self.header: tuple[str, ...] = ()
        self._stream = open_regular(path)
        try:
            self._refuse_other_formats()
            self._lines = _Lines(self._stream)
            csv.field_size_limit(MAX_RECORD_BYTES)
            self._records = csv.reader(self._lines, strict=True)
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

    @property
    def bytes_read(self) -> int:
        return self._lines.bytes_read

    def _refuse_other_formats(self) -> None:
        start = self._stream.read(8)
        refuse_other_formats(start)
        self._stream.seek(len(BYTE_ORDER_MARK) if start.startswith(BYTE_ORDER_MARK) else 0)

    def _read_header(self) -> tuple[str, ...]:
        """The columns' names; a column without a name is ""."""
        for line, cells in self._read_records():
            if isinstance(cells, BadRow):
                raise FileRefused("not_csv", f"the header row cannot be read: {cells.reason}", line=line)
            if len(cells) > MAX_COLUMNS:
                raise FileRefused("not_csv", f"it has {len(cells):,} columns; {MAX_COLUMNS:,} are read", line=line)
            if len(cells) == 1:
                _refuse_other_delimiter(cells[0], line)
            return tuple(cell.strip() for cell in cells)
        raise FileRefused("empty_file", "the file is empty; its first row must name the columns")

    def rows(self) -> Iterator[tuple[int, list[str] | BadRow]]:
        """Each row with the number of its first line. Rows without any value are passed over."""
        width = len(self.header)
        for line, cells in self._read_records():
            if isinstance(cells, BadRow) or len(cells) == width:
                yield line, cells
            else:
                yield line, self._ragged(len(cells))

    def _ragged(self, count: int) -> BadRow:
        width = len(self.header)
        if count > width:
            return BadRow(f"{count} cells for {width} columns; a cell with a comma in it needs quotation marks")
        return BadRow(f"{count} cells for {width} columns", self.header[count])

    def _read_records(self) -> Iterator[tuple[int, list[str] | BadRow]]:
        lines = self._lines
        while True:
            lines.start_record()
            try:
                cells = next(self._records)
            except StopIteration:
                return
            except (csv.Error, _RecordTooLong) as error:
                lines.keep_first_line_only()
                yield lines.first_line, BadRow(_explain(error))
                continue
            if lines.suspect:
                yield lines.first_line, BadRow(lines.describe_bytes(), self._suspect_column(cells))
            elif any(cells):
                yield lines.first_line, cells

    def _suspect_column(self, cells: list[str]) -> str | None:
        for name, cell in zip(self.header, cells, strict=False):
            if "\0" in cell or any("\ud800" <= letter <= "\udfff" for letter in cell):
                return name
        return None


def refuse_other_formats(start: bytes, wanted: str = "CSV") -> None:
    """Look at the first bytes of a file that should be `wanted`.

    Raises:
        FileRefused: they are those of an archive, a workbook or another format that is no text in UTF-8.
    """
    for magic, what in MAGIC:
        if start.startswith(magic):
            raise FileRefused(
                f"not_{wanted.lower()}", f"this is {what}, not a {wanted} file; export it as {wanted} in UTF-8"
            )


def open_regular(path: Path) -> BinaryIO:
    """The file opened for reading, where it is a regular file and no symbolic link.

    Raises:
        FileRefused: it is none, is not there, or may not be read.
    """
    try:
        if path.is_symlink():
            raise FileRefused("not_a_file", "this is a symbolic link; give the file itself")
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise FileRefused("not_a_file", "this is not a regular file; give a CSV file")
        return os.fdopen(descriptor, "rb", buffering=256 * 1024)
    except FileNotFoundError:
        raise FileRefused("file_gone", "the file has gone") from None
    except OSError as error:
        raise FileRefused("file_unreadable", f"the file cannot be read: {error.strerror}") from None


def _refuse_other_delimiter(header: str, line: int) -> None:
    for delimiter, name in OTHER_DELIMITERS.items():
        if delimiter in header:
            raise FileRefused(
                "wrong_delimiter", f"the columns are separated by {name}; save the file with commas", line=line
            )


def _explain(error: Exception) -> str:
    if isinstance(error, _RecordTooLong):
        return f"the row is longer than {MAX_RECORD_BYTES:,} bytes, or a quotation mark in it is never closed"
    text = str(error)
    if "field larger" in text:
        return f"a cell is longer than {MAX_RECORD_BYTES:,} characters"
    if "new-line" in text:
        return "a line break that is not in quotation marks (lines must end with LF or CRLF)"
    if "end of data" in text:
        return "a quotation mark is opened and never closed"
    return "after a closing quotation mark comes neither a comma nor the end of the row"
