"""Blocks as parts of a document: the figures filled in, bounded in size, with a line where something is left out."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import assert_never

from app.domain.blocks import (
    Block,
    Chart,
    Checklist,
    Citations,
    Diagnosis,
    Draft,
    DraftField,
    Heading,
    Metrics,
    Notice,
    Paragraph,
    Question,
    ScoreCard,
    Table,
    Timeline,
    Verdict,
)
from app.domain.figures import Figure, Ref, Text
from app.render import diagnosis, words
from app.render.characters import one_line, visible
from app.render.document import Bullets, Grid, Part, Plot, PlotSeries, Prose, Summary, Tiles
from app.render.values import Values, number

MOST_ROWS = 400
"""Of one table."""

MOST_COLUMNS = 12
MOST_OF_A_CELL = 2_000
MOST_OF_A_TEXT = 20_000
"""Characters."""

SCORE = "Score"


class Parts:
    """Blocks as parts."""

    def __init__(self, figures: tuple[Figure, ...]) -> None:
        self._values = Values(figures)
        self._figures = {(figure.key, figure.account_id): figure for figure in reversed(figures)}

    def line(self, text: Text) -> str:
        return cut(one_line(self._values.text(text)), MOST_OF_A_TEXT)

    def of(self, block: Block) -> Iterator[Part]:
        match block:
            case Heading():
                return
            case Verdict():
                yield Summary(block.tone, self.line(block.headline), tuple(map(self.line, block.lines)))
            case Paragraph():
                yield from self._prose(block.text)
            case Metrics():
                yield from _tiles((one_line(item.label), self.line(item.value)) for item in block.items)
            case Table():
                yield from self._table(block)
            case ScoreCard():
                yield from self._score_card(block)
            case Checklist():
                yield from self._checklist(block)
            case Timeline():
                yield from self._timeline(block)
            case Chart():
                yield from self._chart(block)
            case Draft():
                yield from itertools.chain.from_iterable(map(self._field, block.fields))
            case Diagnosis():
                yield from self._diagnosis(block)
            case Citations():
                yield from self._citations(block)
            case Notice():
                yield Prose(self.line(block.text), words.NOTICE_LABELS[block.tone], "note")
            case Question():
                yield Prose(self.line(block.text), style="strong")
                yield from _bullets(map(one_line, block.choices))
            case _:
                assert_never(block)

    def _prose(self, text: Text) -> Iterator[Part]:
        if told := self._lines(text):
            yield Prose(told)

    def _lines(self, text: Text) -> str:
        return cut(visible(self._values.text(text)).strip("\n").rstrip(), MOST_OF_A_TEXT)

    def _table(self, table: Table) -> Iterator[Part]:
        rows = (tuple(map(self.line, row)) for row in table.rows[:MOST_ROWS])
        right = [column.align == "right" for column in table.columns]
        labels = [column.label for column in table.columns]
        yield from grid_of(labels, right, rows, self.line(table.more), left_out=len(table.rows) - MOST_ROWS)

    def _score_card(self, card: ScoreCard) -> Iterator[Part]:
        low, high, coverage = (self._values.value(ref) for ref in (card.low, card.high, card.coverage))
        score = "unknown" if card.score is None else f"{self._values.value(card.score)} of 100"
        tier = f"{card.tier}, provisional" if card.provisional else card.tier
        band = () if low == high else (("Band", f"{low} to {high}"),)
        yield Tiles(((SCORE, score), ("Tier", tier), *band, ("Coverage", coverage)))
        rows = (
            (one_line(line.label), words.points(line, self._values), number(line.max, 1), self.line(line.because))
            for line in card.lines
        )
        right = [column.align == "right" for column in words.SCORE_COLUMNS]
        yield from grid_of([column.label for column in words.SCORE_COLUMNS], right, rows)

    def _checklist(self, checklist: Checklist) -> Iterator[Part]:
        tasks = checklist.items
        rows: list[tuple[str, ...]] = [(self.line(task.text), one_line(task.owner)) for task in tasks]
        head = ["What to do", "Whose"]
        if any(task.due for task in tasks):
            head.append("Due")
            rows = [(*row, task.due.isoformat() if task.due else "") for row, task in zip(rows, tasks, strict=True)]
        if any(task.done for task in tasks):
            head.append("State")
            rows = [(*row, "done" if task.done else "open") for row, task in zip(rows, tasks, strict=True)]
        yield from grid_of(head, [False] * len(head), rows)

    def _timeline(self, timeline: Timeline) -> Iterator[Part]:
        rows = [(words.timeline_mark(event), self.line(event.text)) for event in timeline.items]
        yield from grid_of(["Day", "What happened"], [False, False], rows)

    def _chart(self, chart: Chart) -> Iterator[Part]:
        series = tuple(
            PlotSeries(one_line(s.label), tuple(map(self._number, s.points)), tuple(map(self._shown, s.points)))
            for s in chart.series
        )
        units = {self._figure(ref).unit for each in chart.series for ref in each.points if ref is not None}
        title, note = self.line(chart.title), self.line(chart.note)
        if len(units) != 1 or all(value is None for each in series for value in each.values):
            yield Prose(title, style="strong")
            yield from self._table(words.chart_table(chart))
        else:
            yield Plot(title, chart.form, tuple(map(one_line, chart.labels)), series, units.pop(), note)

    def _figure(self, ref: Ref) -> Figure:
        self._values.value(ref)
        return self._figures.get((ref.figure, ref.account_id)) or self._figures[(ref.figure, None)]

    def _number(self, ref: Ref | None) -> float | None:
        value = None if ref is None else self._figure(ref).value
        return value if isinstance(value, int | float) and math.isfinite(value) else None

    def _shown(self, ref: Ref | None) -> str:
        return "–" if ref is None else one_line(self._values.value(ref))

    def _field(self, field: DraftField) -> Iterator[Part]:
        label = one_line(field.label)
        told = self._lines(field.text)
        if field.verbatim:
            yield Prose(label, style="strong")
            yield Prose(told, style="code")
        elif "\n" in told:
            yield Prose(label, style="strong")
            yield Prose(told)
        else:
            yield Prose(told, label)

    def _diagnosis(self, block: Diagnosis) -> Iterator[Part]:
        yield Prose(diagnosis.side(block), diagnosis.WHERE)
        for label, said in diagnosis.lists(block):
            yield Prose(label, style="strong")
            yield from _bullets(map(self.line, said))
        for place, cause in enumerate(block.hypotheses, 1):
            yield Prose(f"{place}. {self.line(diagnosis.headline(block, cause))}", style="strong")
            yield from _bullets(map(self.line, diagnosis.reasons(cause)))

    def _citations(self, citations: Citations) -> Iterator[Part]:
        rows = [(one_line(words.citation_title(c)), one_line(words.citation_place(c))) for c in citations.items]
        yield from grid_of(["Source", "Where"], [False, False], rows)


def _tiles(items: Iterable[tuple[str, str]]) -> Iterator[Part]:
    if found := tuple(itertools.islice(items, MOST_COLUMNS)):
        yield Tiles(found)


def _bullets(items: Iterable[str]) -> Iterator[Part]:
    if found := tuple(item for item in items if item):
        yield Bullets(found[:MOST_ROWS])


def grid_of(
    head: Sequence[str],
    right: Sequence[bool],
    rows: Iterable[tuple[str, ...]],
    note: str = "",
    *,
    left_out: int = 0,
) -> Iterator[Part]:
    """A table with a row at least; its note says what is left out."""
    found = tuple(rows)
    left_out = max(left_out, len(found) - MOST_ROWS)
    notes = [note] if note else []
    if left_out > 0:
        notes.append(f"{left_out:,} further rows are left out; the export to Excel has them.")
    if len(head) > MOST_COLUMNS:
        notes.append(f"{len(head) - MOST_COLUMNS} further columns are left out; the export to Excel has them.")
    kept = tuple(tuple(cut(cell, MOST_OF_A_CELL) for cell in row[:MOST_COLUMNS]) for row in found[:MOST_ROWS])
    if kept and head:
        yield Grid(tuple(map(one_line, head[:MOST_COLUMNS])), tuple(right[:MOST_COLUMNS]), kept, " ".join(notes))
    elif notes:
        yield Prose(" ".join(notes), style="note")


def cut(text: str, most: int) -> str:
    """The text in at most so many characters, the last an ellipsis where it is cut."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
