"""One row's cells → one record, as a profile says. Wrong cells are told by column and in words."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.domain.records import Record
from app.imports.derivations import DERIVATIONS, Surroundings, parse_date
from app.imports.profile import FieldSource, FileMap
from app.imports.reader import FileRefused

MAX_QUOTED = 60
"""Longer cells are cut in a reason."""


class RowRejected(Exception):
    """The row cannot be taken: `column` of the file is at fault, for `reason`."""

    def __init__(self, column: str | None, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


class RowUnmatched(Exception):
    """The row is sound, and the profile has no place for it."""


class RowMapper:
    """Makes records of one type from the rows of one file.

    Raises:
        FileRefused: a column that a required field needs is not in the header.
    """

    def __init__(self, made: FileMap, record_type: type[Record], header: Sequence[str], around: Surroundings) -> None:
        self._type = record_type
        self._around = around
        self._positions = {name: place for place, name in enumerate(header) if name}
        self._columns: dict[str, str] = {}  # field → the column named in its errors
        self._plain: list[tuple[str, int]] = []
        self._made: list[tuple[str, Callable[[list[str]], Any]]] = []
        self.missing: list[str] = []  # columns named by optional fields that the file lacks
        self.unused = [name for name in header if name and name not in _columns_read(made)]
        self._take_fields(made)

    def _take_fields(self, made: FileMap) -> None:
        lacking: list[str] = []
        for name, source in made.fields.items():
            columns = [column.lower() for column in source.reads()]
            absent = [column for column in columns if column not in self._positions]
            if absent:
                (lacking if self._type.model_fields[name].is_required() else self.missing).extend(absent)
                continue
            if columns:
                self._columns[name] = columns[0]
            if source.column is not None and source.values is None and not source.dates:
                self._plain.append((name, self._positions[columns[0]]))
            else:
                self._made.append((name, self._maker(name, source, columns)))
        if lacking:
            named = ", ".join(lacking)
            raise FileRefused("missing_columns", f"the file lacks the required columns {named}", column=named, line=1)

    def _maker(self, name: str, source: FieldSource, columns: list[str]) -> Callable[[list[str]], Any]:
        places = [self._positions[column] for column in columns]
        if source.constant is not None:
            return lambda _row: source.constant
        if source.derive is not None:
            run = DERIVATIONS[source.derive].run
            return _where_filled(places, lambda cells: run(cells, source.dates, self._around))
        if source.values is not None:
            return _where_filled(places, lambda cells: _translate(cells[0], source))
        if dt.datetime in plain_types(self._type, name):
            return _where_filled(places, lambda cells: parse_date(cells[0], source.dates, self._around.zone))
        return _where_filled(places, lambda cells: parse_date(cells[0], source.dates, self._around.zone).date())

    @property
    def given(self) -> frozenset[str]:
        """The fields that the file tells of; an empty cell of such a field makes it unknown."""
        return frozenset(name for name, _ in (*self._plain, *self._made))

    def column_of(self, name: str) -> str | None:
        """The column that fills a field; None where no single one does."""
        return self._columns.get(name)

    def cell(self, row: list[str], column: str) -> str:
        """A cell by its column's name, or "" where the file has no such column."""
        place = self._positions.get(column.lower())
        return "" if place is None else row[place].strip()

    def record(self, row: list[str]) -> Record:
        """The record that the row tells of. Empty cells are unknown.

        Raises:
            RowRejected: a cell is not what its field takes.
            RowUnmatched: the profile has no place for the row.
        """
        values: dict[str, Any] = {name: cell for name, place in self._plain if (cell := row[place].strip())}
        for name, make in self._made:
            try:
                value = make(row)
            except ValueError as error:
                raise RowRejected(self._columns.get(name), str(error)) from None
            if value is not None:
                values[name] = value
        try:
            return self._type.model_validate(values)
        except ValidationError as error:
            raise self._rejection(error.errors(include_url=False)) from None

    def _rejection(self, errors: list[ErrorDetails]) -> RowRejected:
        columns = [self._columns.get(str(e["loc"][0])) if e["loc"] else None for e in errors]
        reasons = [_explain(errors[0])]
        reasons += [f"{column}: {_explain(e)}" for column, e in zip(columns[1:], errors[1:], strict=True)]
        return RowRejected(columns[0], "; ".join(reasons))


def _columns_read(made: FileMap) -> set[str]:
    read = {column.lower() for source in made.fields.values() for column in source.reads()}
    return read | {check.column.lower() for check in made.checks}


def _where_filled(places: list[int], make: Callable[[list[str]], Any]) -> Callable[[list[str]], Any]:
    """`make` over the stripped cells at `places`; None where one of them is empty."""

    def run(row: list[str]) -> Any:
        cells = [row[place].strip() for place in places]
        return make(cells) if all(cells) else None

    return run


def _translate(cell: str, source: FieldSource) -> str | None:
    values = source.values or {}
    if cell in values:
        return values[cell]
    if source.otherwise == "unmatched":
        raise RowUnmatched
    if source.otherwise == "empty":
        return None
    raise ValueError(f"{_quoted(cell)} is not among {', '.join(values)}")


def plain_types(record_type: type[Record], name: str) -> set[Any]:
    """The types that a field's annotation is made of."""
    return _parts(record_type.model_fields[name].annotation)


def _parts(annotation: Any) -> set[Any]:
    parts = get_args(annotation)
    return {annotation} if not parts else set().union(*map(_parts, parts))


def _explain(error: ErrorDetails) -> str:
    kind, context, given = error["type"], error.get("ctx", {}), _quoted(error["input"])
    if kind == "missing":
        return "is required and empty"
    if kind == "value_error":
        reason = str(context["error"])
        return f"{given}: {'this is no ISO 8601 date or time' if reason.startswith('Invalid iso') else reason}"
    if kind.startswith("int"):
        return f"{given} is no whole number"
    if kind.startswith("float"):
        return f"{given} is no number"
    if kind.startswith("bool"):
        return f"{given} is neither true nor false"
    if kind == "literal_error":
        return f"{given} is not among {context['expected']}"
    if kind == "string_too_long":
        return f"is longer than {context['max_length']:,} characters"
    if kind == "string_too_short":
        return "is required and empty"
    return f"{given}: {error['msg'].replace('Input should', 'it must').replace('String should', 'it must')}"


def _quoted(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= MAX_QUOTED else text[:MAX_QUOTED] + "…")
