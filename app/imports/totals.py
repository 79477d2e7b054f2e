"""Adding up rows of one key: a file's rows come in any order, so they are sorted on disk, and memory stays flat."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from types import TracebackType
from typing import Self

from app.domain.records import Record


class Totals:
    """One record for each key, with the sums of some fields. A field that is unknown in all rows stays unknown.

    Use as a context manager. The rows wait in a private file of SQLite's that goes with the connection.
    """

    def __init__(self, record_type: type[Record], summed: Sequence[str]) -> None:
        self._type = record_type
        self._summed = summed
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("CREATE TABLE waiting (key TEXT, line INTEGER, record TEXT)")
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, line: int, record: Record) -> None:
        key = json.dumps([str(getattr(record, name)) for name in record.key])
        self._database.execute("INSERT INTO waiting VALUES (?, ?, ?)", (key, line, record.model_dump_json()))

    def records(self) -> Iterator[tuple[int, Record]]:
        """(first line, record) of each key."""
        rows = self._database.execute("SELECT key, line, record FROM waiting ORDER BY key, line")
        for _, group in groupby(rows, lambda row: row[0]):
            parts = [(line, self._type.model_validate_json(text)) for _, line, text in group]
            first_line, first = parts[0]
            yield first_line, first.model_copy(update={name: self._sum(name, parts) for name in self._summed})

    def _sum(self, name: str, parts: Sequence[tuple[int, Record]]) -> float | None:
        known = [value for _, record in parts if (value := getattr(record, name)) is not None]
        return sum(known) if known else None
