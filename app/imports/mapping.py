"""One row's cells → one record, as a profile says. Wrong cells are told by column and in words."""

import datetime as dt
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.domain.records import Record
from app.imports.derivations import DERIVATIONS, Surroundings, domain_of, parse_date
from app.imports.headers import Header
from app.imports.json_reader import SEVERAL
from app.imports.profile import FieldSource, FileMap, LeftOut, Profile, fold_word, is_number, plain_types
from app.imports.reader import FileRefused

MAX_QUOTED = 60
"""Longer cells are cut in a reason."""

MAX_CLUE = 300
"""Characters of a clue; no account's name is longer."""

MAX_NAMED = 10
"""Columns listed in a reason or warning."""

_COMMA_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:[.\s][0-9]{3})+|[0-9]+)(?:,[0-9]+)?")

Row = list[str]
Cell = Callable[[Row], str]
"""Gives a cell, stripped; "" where it is empty or the file lacks the column. Its ValueError rejects the row."""


class RowRejected(Exception):
    """The row cannot be taken: `column` of the file is at fault, for `reason`."""

    def __init__(self, column: str | None, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


class RowUnmatched(Exception):
    """The row is sound, and the profile has no place for it."""


class RowLeftOut(Exception):
    """The profile says to leave the row out, for `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Columns:
    """What the rows of a file are like: its columns, and whether a cell may hold several values."""

    names: Sequence[str]
    nests: bool = False
    is_empty: bool = False  # it has no rows, and so no columns


class RowMapper:
    """Makes records of one type from the rows of one file.

    Raises:
        FileRefused: a column that a required field needs is not in the header, or one is repeated.
    """

    def __init__(
        self, made: FileMap, record_type: type[Record], columns: Columns, around: Surroundings, profile: Profile
    ) -> None:
        self._type = record_type
        self._around = around
        self._dates = profile.dates
        self._decimal_comma = profile.decimal_comma and not columns.nests  # JSON has numbers of its own
        self._nests = columns.nests
        self._header = Header(columns.names, profile.prefixes)
        self.columns: dict[str, str] = {}  # field → the column named in its errors, as the file spells it
        self._plain: list[tuple[str, int]] = []
        self._made: list[tuple[str, Callable[[Row], Any]]] = []
        self.missing: list[str] = []  # columns named by optional fields that the file lacks
        if profile.is_own:
            self._refuse_repeated(self._header.repeated())
        self._take_fields(made, columns.is_empty, profile)
        self.unused = self._unused(made)
        self._left_out = [(self.first_filled(rule.column), rule) for rule in made.leave_out]
        self._clues = {
            "crm_id": self._clue(made.match.crm_id),
            "name": self._clue(made.match.name),
            "email": self._clue(made.match.email),
            "domain": self._clue(made.match.domain),
        }
        self._counted = [(name, self.first_filled((column,))) for name, column in made.distinct.items()]

    def _take_fields(self, made: FileMap, is_empty: bool, profile: Profile) -> None:
        lacking: list[str] = []
        for name, sources in made.fields.items():
            makers = [(source, maker) for source in sources if (maker := self._maker(name, source)) is not None]
            if not makers:
                columns = [column for source in sources for column in source.reads()]
                may_lack = (profile.matches and name == "account_id") or _left_out_anyway(made, columns)
                required = self._type.model_fields[name].is_required() and not may_lack
                absent = [column for column in columns if not self._header.find(column)]
                (lacking if required else self.missing).append(absent[0])
                continue
            self.columns[name] = self._named(makers[0][0])
            place = self._plain_place(name, makers[0][0]) if len(makers) == 1 else None
            if place is None:
                self._made.append((name, _first_given([maker for _, maker in makers])))
            else:
                self._plain.append((name, place))
        if lacking and not is_empty:
            named, there = ", ".join(lacking), listing([name for name in self._header.names if name])
            raise FileRefused(
                "missing_columns", f"the file lacks the required columns {named}; it has {there}", column=named, line=1
            )
        self.columns = {name: column for name, column in self.columns.items() if column}

    def _named(self, source: FieldSource) -> str:
        places = [place for column in source.reads() for place in self._header.find(column)]
        return self._header.names[places[0]] if places else ""

    def _plain_place(self, name: str, source: FieldSource) -> int | None:
        """The place of the one column that gives the field as it stands; None where there is more to do."""
        places = [place for column in source.column for place in self._header.find(column)]
        is_plain = not (self._nests or source.derive or source.values or source.prefix or source.joined is not None)
        is_plain = is_plain and not self._formats(name, source) and not self._has_comma(name)
        return places[0] if is_plain and len(places) == 1 else None

    def _has_comma(self, name: str) -> bool:
        return self._decimal_comma and is_number(self._type, name)

    def _formats(self, name: str, source: FieldSource) -> tuple[str, ...]:
        """How the source writes the dates of the field; none where it is no date, or written as the record takes it."""
        if not plain_types(self._type, name) & {dt.date, dt.datetime}:
            return source.dates
        return source.dates or self._dates

    def _maker(self, name: str, source: FieldSource) -> Callable[[Row], Any] | None:
        """What gives the field's value, None for unknown; None where the file lacks a column that is needed."""
        if source.constant is not None:
            return lambda _row: source.constant
        cells = [self._cell(each, source.joined is not None) for each in source.inputs()]
        present = [cell for cell in cells if cell is not None]
        if not present or (source.derive and len(present) < len(cells)):
            return None
        if source.joined is not None:
            joined = source.joined
            return lambda row: source.prefix + text if (text := _join(present, row, joined)) else None
        formats = self._formats(name, source)
        if source.derive is not None:
            run, types = DERIVATIONS[source.derive].run, plain_types(self._type, name)
            whole_days = dt.date in types and dt.datetime not in types
            return _where_filled(present, lambda filled: self._derived(run(filled, formats, self._around), whole_days))
        if source.values is not None:
            words = {fold_word(word): ours for word, ours in source.values.items()}
            return _where_filled(present, lambda filled: _translate(filled[0], words, source))
        if formats and dt.datetime in plain_types(self._type, name):
            return _where_filled(present, lambda filled: parse_date(filled[0], formats, self._around.zone))
        if formats:
            return _where_filled(present, lambda filled: _day(filled[0], formats, self._around))
        if self._has_comma(name):
            return _where_filled(present, lambda filled: _with_point(filled[0]))
        return _where_filled(present, lambda filled: source.prefix + filled[0])

    def _derived(self, value: Any, whole_days: bool) -> Any:
        """What a derivation gave; of an instant its day, where the field is a day."""
        is_instant = isinstance(value, dt.datetime)
        return value.astimezone(self._around.zone).date() if is_instant and whole_days else value

    def _cell(self, columns: Iterable[str], repeats: bool = False) -> Cell | None:
        """What gives the first filled cell of these columns; None where the file has none of them.

        With `repeats` it gives all values of the first column that has any, with SEVERAL between them.
        """
        found = [places for column in columns if (places := self._header.find(column))]
        if not found:
            return None
        if not repeats:
            self._refuse_repeated([self._header.names[places[0]] for places in found if len(places) > 1])
            return _filled([places[0] for places in found], self._nests)
        return lambda row: next(filter(None, (_values(row, places) for places in found)), "")

    def _refuse_repeated(self, names: Sequence[str]) -> None:
        if names:
            named = ", ".join(names)
            raise FileRefused(
                "repeated_columns", f"repeated columns: {named}; each may be there once", line=1, column=named
            )

    def _unused(self, made: FileMap) -> list[str]:
        read = {place for column in made.reads() for place in self._header.find(column)}
        return [name for place, name in enumerate(self._header.names) if name and place not in read]

    @property
    def given(self) -> frozenset[str]:
        """The fields that the file tells of; an empty cell of such a field makes it unknown."""
        return frozenset(name for name, _ in (*self._plain, *self._made))

    def column_of(self, name: str) -> str | None:
        """The column that fills a field; None where no single one does."""
        return self.columns.get(name)

    def first_filled(self, columns: Iterable[str]) -> Cell:
        """What gives the first filled cell of these columns, "" where there is none."""
        return self._cell(columns) or (lambda _row: "")

    def _clue(self, columns: Iterable[str]) -> Cell:
        """Like `first_filled`; of several values in a cell the first is clue enough."""
        return self._cell(columns, repeats=True) or (lambda _row: "")

    def left_out(self, row: Row) -> LeftOut | None:
        """The first rule by which the row is left out."""
        return next((rule for cell, rule in self._left_out if rule.holds(cell(row))), None)

    def id_of(self, row: Row) -> str | None:
        """The row's id, whatever its other cells are; None where it has none that can be read."""
        for name, place in self._plain:
            if name == "id":
                return row[place].strip() or None
        make = next((make for name, make in self._made if name == "id"), None)
        try:
            return make(row) if make else None
        except (ValueError, OverflowError, RowUnmatched):
            return None

    def clues(self, row: Row) -> dict[str, str]:
        """What the row tells of whose it is, beside the account's id; what is empty is left away."""
        found = {
            name: text
            for name, cell in self._clues.items()
            if (text := cell(row).partition(SEVERAL)[0]) and len(text) <= MAX_CLUE
        }
        domain = domain_of(found.get("domain", "")) or domain_of(found.get("email", ""))
        found.pop("domain", None)
        return found | ({"domain": domain} if domain else {})

    def counted(self, row: Row) -> tuple[str, ...]:
        """The values of which the different ones are counted."""
        return tuple(cell(row) for _, cell in self._counted)

    def values(self, row: Row) -> dict[str, Any]:
        """The fields that the row tells of. Empty cells are unknown.

        Raises:
            RowRejected: a cell is not what its field takes.
            RowUnmatched: the profile has no place for the row.
        """
        values: dict[str, Any] = {name: cell for name, place in self._plain if (cell := row[place].strip())}
        for name, make in self._made:
            try:
                value = make(row)
            except (ValueError, OverflowError) as error:
                raise RowRejected(self.columns.get(name), str(error)) from None
            if value is not None:
                values[name] = value
        return values

    def record(self, values: dict[str, Any]) -> Record:
        """The record of these values.

        Raises:
            RowRejected: a value is not what its field takes.
        """
        try:
            return self._type.model_validate(values)
        except ValidationError as error:
            raise self._rejection(error.errors(include_url=False)) from None

    def _rejection(self, errors: list[ErrorDetails]) -> RowRejected:
        fields = [str(e["loc"][0]) if e["loc"] else "" for e in errors]
        columns = [self.columns.get(name) or name or None for name in fields]
        reasons = [_explain(errors[0])]
        reasons += [f"{column}: {_explain(e)}" for column, e in zip(columns[1:], errors[1:], strict=True)]
        return RowRejected(columns[0], "; ".join(reasons))


def listing(names: Sequence[str]) -> str:
    """The first few of these names, and how many more there are."""
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more


def _left_out_anyway(made: FileMap, columns: Collection[str]) -> bool:
    """Whether a row with none of these columns is left out, so that the file may lack them."""
    return any(rule.holds("") and rule.column and set(columns) <= set(rule.column) for rule in made.leave_out)


def _filled(places: Sequence[int], nests: bool) -> Cell:
    """What gives the first filled cell at these places."""

    def one(row: Row) -> str:
        text = next((cell for place in places if (cell := row[place].strip())), "")
        if SEVERAL in text:
            raise ValueError(f"holds {text.count(SEVERAL) + 1} values; the profile takes one")
        return text

    if nests:
        return one
    if len(places) == 1:
        place = places[0]
        return lambda row: row[place].strip()
    return lambda row: next((cell for place in places if (cell := row[place].strip())), "")


def _values(row: Row, places: Sequence[int]) -> str:
    return SEVERAL.join(cell for place in places if (cell := row[place].strip()))


def _join(cells: Sequence[Cell], row: Row, joined: str) -> str:
    found = (part for cell in cells for part in cell(row).split(SEVERAL))
    return joined.join(text for part in found if (text := part.strip()))


def _first_given(makers: Sequence[Callable[[Row], Any]]) -> Callable[[Row], Any]:
    if len(makers) == 1:
        return makers[0]
    return lambda row: next((value for make in makers if (value := make(row)) is not None), None)


def _where_filled(cells: Sequence[Cell], make: Callable[[list[str]], Any]) -> Callable[[Row], Any]:
    """`make` over the cells; None where one of them is empty."""

    def run(row: Row) -> Any:
        filled = [cell(row) for cell in cells]
        return make(filled) if all(filled) else None

    return run


def _day(text: str, formats: tuple[str, ...], around: Surroundings) -> dt.date:
    return parse_date(text, formats, around.zone).astimezone(around.zone).date()


def _with_point(text: str) -> str:
    """A number as 1.234,50 or 1 234,50, written with a decimal point."""
    if not _COMMA_NUMBER.fullmatch(text):
        raise ValueError(f"{_quoted(text)} is no number such as 1.234,50")
    return re.sub(r"[.\s]", "", text).replace(",", ".")


def _translate(cell: str, words: dict[str, str], source: FieldSource) -> str | None:
    ours = words.get(fold_word(cell))
    if ours is not None:
        return source.prefix + ours
    if source.otherwise == "unmatched":
        raise RowUnmatched
    if source.otherwise == "empty":
        return None
    raise ValueError(f"{_quoted(cell)} is not among {', '.join(source.values or ())}")


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
        return f"{given} is no number such as 1234.5"
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
