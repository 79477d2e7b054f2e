"""What a column of a table holds: ids, times, numbers, categories, or text."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from tools.troubleshoot.facts.programs import ColumnSummary

Kind = Literal["id", "time", "number", "category", "text", "empty"]

_LONGEST_VALUE = 100
_MOST_TOP = 5
_LEAST_OF_KIND = 0.9
"""So large a share of the filled cells decides what a column holds."""

_MOST_CATEGORIES = 30
_LEAST_DIFFERENT = 0.5
"""A column of ids whose values differ less is a reference to something else, such as a customer's id in orders."""

_KIND_SAMPLE = 500
_ID_NAME = re.compile(
    r"(?:^|[_ .-])(?:id|uuid|guid|key|number|no|ref|reference)$|[a-z](?:Id|ID|Uuid|Key)$", re.IGNORECASE
)
_OWN_ID_NAME = re.compile(
    r"(?:id|uuid|guid|(?:event|message|request|transaction|record|idempotency)[_ ]?(?:id|key))", re.IGNORECASE
)
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?\s?(?:Z|[+-]\d\d:?\d\d|UTC)?)?"
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4}(?: .{1,15})?"
)
_SPOILED = re.compile(r"\d(?:[.,]\d{1,15})?[eE]\+\d{1,2}")


def column_of(name: str, cells: Sequence[str]) -> ColumnSummary:
    """The summary of a column."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    counts = Counter(filled)
    kind = _kind(name, filled, len(counts))
    least, most = _range(kind, counts)
    return ColumnSummary(
        name=name[:_LONGEST_VALUE],
        kind=kind,
        filled=len(filled),
        distinct=len(counts),
        repeated=sum(count > 1 for count in counts.values()),
        least=least[:_LONGEST_VALUE],
        most=most[:_LONGEST_VALUE],
        top=_top(counts) if kind == "category" else (),
    )


def id_column(columns: Sequence[ColumnSummary]) -> int | None:
    """The place of the column whose values are meant to differ: one called `id` or the like, else the first of ids."""
    ids = [place for place, column in enumerate(columns) if column.kind == "id" and column.filled]
    named = [place for place in ids if _OWN_ID_NAME.fullmatch(columns[place].name)]
    first = [place for place in ids if place == 0]
    differing = (
        place for place in named or first if columns[place].distinct >= _LEAST_DIFFERENT * columns[place].filled
    )
    return next(differing, None)


def is_spoiled(value: str) -> bool:
    """Whether a spreadsheet has made a number of an id: 1.23457E+15."""
    return _SPOILED.fullmatch(value) is not None


def _kind(name: str, filled: Sequence[str], distinct: int) -> Kind:
    if not filled:
        return "empty"
    if _ID_NAME.search(name):
        return "id"
    sample = filled[:_KIND_SAMPLE]
    if sum(_TIME.fullmatch(value) is not None for value in sample) >= _LEAST_OF_KIND * len(sample):
        return "time"
    if sum(_number(value) is not None for value in sample) >= _LEAST_OF_KIND * len(sample):
        return "number"
    return "category" if distinct <= _MOST_CATEGORIES and 2 * distinct <= len(filled) else "text"


def _range(kind: Kind, counts: Counter[str]) -> tuple[str, str]:
    """The least and the greatest value, where the column has an order."""
    if kind == "time":
        return min(counts), max(counts)
    numbers = {value: number for value in counts if (number := _number(value)) is not None} if kind == "number" else {}
    return (min(numbers, key=numbers.__getitem__), max(numbers, key=numbers.__getitem__)) if numbers else ("", "")


def _top(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple((value[:_LONGEST_VALUE], count) for value, count in counts.most_common(_MOST_TOP))


def _number(value: str) -> float | None:
    """The number; with a decimal comma too."""
    try:
        number = float(value.replace(",", ".", 1))
    except ValueError:
        return None
    return number if math.isfinite(number) else None
