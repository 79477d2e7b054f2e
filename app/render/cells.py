"""An answer's tables as rows of cells: what its spreadsheets and CSV files are made of."""

import datetime as dt
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.blocks import Block, Chart, Column, Diagnosis, Heading, ScoreCard, Table
from app.domain.figures import Evidence, Figure, Ref, Text
from app.render import diagnosis, words
from app.render.characters import one_line
from app.render.values import UNKNOWN, Values

MOST_ROWS = 10_000
"""Of one table; its last row says how many are left out."""

MOST_TABLES = 50

FIGURES = "Figures"
_FIGURE_HEAD = ("Label", "Account", "Value", "Unit", "As of", "Formula", "Evidence", "Key")

_NUMERAL = re.compile(r"(?:([A-Z]{3}) )?([+-]?(?:[1-9]\d{0,2}(?:,\d{3}){1,4}|[1-9]\d{0,14}|0)(?:\.\d{1,12})?)(%?)")
"""A number as the renderer writes it: `1,200`, `-0.5`, `64%`, `USD 500,000`; no `007`, which is somebody's id."""


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number, unrounded, in a figure's unit."""

    value: float
    unit: str


Cell = str | Number | dt.date
"""Text is on one line and holds nothing invisible."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table under its title. Each row is as long as the head."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables_of(blocks: Iterable[Block], figures: Iterable[Figure]) -> tuple[Sheet, ...]:
    """The tables, score cards and causes, each under the heading that it stands below; `Table` where there is none.

    Raises:
        ValueError: a block refers to a figure that is not among `figures`, or a row is not as long as its head.
    """
    cells = _Cells(figures)
    title, sheets = "Table", []
    for block in blocks:
        match block:
            case Heading():
                title = cells.plain(block.text) or title
            case Table():
                sheets.append(_sheet(title, block.columns, (cells.row(row, block.columns) for row in block.rows)))
            case Chart():
                table = words.chart_table(block)
                rows = (cells.row(row, table.columns) for row in table.rows)
                sheets.append(_sheet(cells.plain(block.title) or title, table.columns, rows))
            case ScoreCard():
                sheets.append(_sheet("Score", words.SCORE_COLUMNS, cells.score_lines(block)))
            case Diagnosis() if block.hypotheses:
                causes = (diagnosis.cause_row(block, cause) for cause in block.hypotheses)
                rows = (cells.row(row, diagnosis.CAUSE_COLUMNS) for row in causes)
                sheets.append(_sheet(diagnosis.CAUSES, diagnosis.CAUSE_COLUMNS, rows))
    return tuple(sheets[:MOST_TABLES])


def figures_of(figures: Iterable[Figure]) -> Sheet:
    """The figures, each with its formula and the records that it came from."""
    rows = (
        (
            one_line(figure.label),
            one_line(figure.account_id or ""),
            _value(figure),
            one_line(figure.unit),
            figure.as_of,
            one_line(figure.formula),
            one_line("; ".join(map(_evidence, figure.evidence))),
            one_line(figure.key),
        )
        for figure in figures
    )
    return _bounded(FIGURES, _FIGURE_HEAD, rows)


class _Cells:
    """Texts as cells, with the figures' values."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        figures = tuple(figures)
        self._values = Values(figures)
        self._figures = {(figure.key, figure.account_id): figure for figure in reversed(figures)}

    def row(self, row: Sequence[Text], columns: Sequence[Column]) -> tuple[Cell, ...]:
        return tuple(self.cell(text, column) for text, column in zip(row, columns, strict=True))

    def cell(self, text: Text, column: Column) -> Cell:
        """A figure alone is its value. In a column of numbers, aligned right, a number in words of ours is one too."""
        spans = [span for span in text if not isinstance(span, str) or span.strip()]
        if len(spans) == 1 and isinstance(spans[0], Ref):
            return self._figure(spans[0])
        plain = self.plain(text)
        return as_number(plain) or plain if column.align == "right" else plain

    def plain(self, text: Text) -> str:
        return one_line(self._values.text(text))

    def score_lines(self, card: ScoreCard) -> Iterable[tuple[Cell, ...]]:
        for line in card.lines:
            points = self._figure(line.points) if line.points else words.points(line, self._values)
            yield one_line(line.label), points, Number(line.max, "points"), self.plain(line.because)

    def _figure(self, ref: Ref) -> Cell:
        self._values.value(ref)
        return _value(self._figures.get((ref.figure, ref.account_id)) or self._figures[(ref.figure, None)])


def as_number(text: str) -> Number | None:
    """The number that the text is, and nothing besides."""
    numeral = _NUMERAL.fullmatch(text)
    if numeral is None:
        return None
    currency, digits, percent = numeral.groups()
    value = float(digits.replace(",", ""))
    return Number(int(value) if value.is_integer() else value, currency or percent or "count")


def _value(figure: Figure) -> Cell:
    match figure.value:
        case int() | float() as value if math.isfinite(value):
            return Number(value, figure.unit)
        case dt.date() as day:
            return day
        case str() as day if figure.unit == "date":  # as JSON, an answer's dates are texts
            return dt.date.fromisoformat(day)
        case str() as told:
            return one_line(told)
        case _:
            return UNKNOWN


def _evidence(evidence: Evidence) -> str:
    """One record, or a range of them: "tickets t1 (2026-01-05)", "usage 2026-01-01 to 2026-01-28, 28 records"."""
    if evidence.count is None:
        return f"{evidence.kind} {evidence.id or ''} {f'({evidence.date})' if evidence.date else ''}"
    return f"{evidence.kind} {evidence.first} to {evidence.last}, {evidence.count} records {evidence.href or ''}"


def _sheet(title: str, columns: Iterable[Column], rows: Iterable[tuple[Cell, ...]]) -> Sheet:
    return _bounded(title, tuple(one_line(column.label) for column in columns), rows)


def _bounded(title: str, head: tuple[str, ...], rows: Iterable[tuple[Cell, ...]]) -> Sheet:
    all_rows = tuple(rows)
    if len(all_rows) <= MOST_ROWS or not head:
        return Sheet(title, head, all_rows[:MOST_ROWS])
    note = (f"{len(all_rows) - MOST_ROWS:,} further rows are left out.", *[""] * (len(head) - 1))
    return Sheet(title, head, (*all_rows[:MOST_ROWS], note))
