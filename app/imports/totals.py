"""Adding up rows of one key: a file's rows come in any order, so they are sorted on disk, and memory stays flat."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from types import TracebackType
from typing import Self

from app.domain.records import Record


class Totals:
    """One record for each key: sums of some fields, the largest of others, the number of different values for others.

    A field that is unknown in all rows stays unknown. Use as a context manager. The rows wait in a private file of
    SQLite's that goes with the connection.
    """

    def __init__(
        self,
        record_type: type[Record],
        summed: Sequence[str] = (),
        largest: Sequence[str] = (),
        counted: Sequence[str] = (),
    ) -> None:
        self._type = record_type
        self._summed, self._largest, self._counted = summed, largest, counted
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("CREATE TABLE waiting (key TEXT, line INTEGER, record TEXT, counted TEXT)")
        self._database.execute("BEGIN")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, line: int, record: Record, counted: Sequence[str] = ()) -> None:
        """Take a row; `counted` holds its values of which the different ones are counted, "" where it has none."""
        key = json.dumps([str(getattr(record, name)) for name in record.key])
        row = (key, line, record.model_dump_json(), json.dumps(counted) if counted else None)
        self._database.execute("INSERT INTO waiting VALUES (?, ?, ?, ?)", row)

    def records(self) -> Iterator[tuple[int, Record]]:
        """(first line, record) of each key."""
        rows = self._database.execute("SELECT key, line, record, counted FROM waiting ORDER BY key, line")
        for _, group in groupby(rows, lambda row: row[0]):
            yield self._total(group)

    def _total(self, rows: Iterator[tuple[str, int, str, str | None]]) -> tuple[int, Record]:
        """One record from the rows of a key. Rows are looked at one by one: a key may have millions."""
        first: Record | None = None
        first_line = 0
        found: dict[str, float] = {}
        different: list[set[str]] = [set() for _ in self._counted]
        for _, line, text, counted in rows:
            record = self._type.model_validate_json(text)
            if first is None:
                first, first_line = record, line
            for name in self._summed:
                if (value := getattr(record, name)) is not None:
                    found[name] = found.get(name, 0) + value
            for name in self._largest:
                if (value := getattr(record, name)) is not None:
                    found[name] = max(found.get(name, value), value)
            for values, value in zip(different, json.loads(counted) if counted else (), strict=False):
                if value:
                    values.add(value)
        if first is None:
            raise ValueError("a key without rows")
        counts = {name: len(values) for name, values in zip(self._counted, different, strict=True) if values}
        return first_line, first.model_copy(update=found | counts)
