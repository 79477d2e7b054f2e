"""Blocks as plain text for a terminal: no markup, no colour, tables aligned by the width that characters take up."""

import io
from collections.abc import Iterable
from typing import assert_never

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text as Cells

from app.domain.blocks import (
    Block,
    Chart,
    Checklist,
    Citations,
    Column,
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
from app.domain.figures import Figure, Text
from app.render import diagnosis, words
from app.render.characters import one_line
from app.render.values import Values, number

_LONGEST_UNCUT_WORD = 24  # in a cell; longer ones are ids and the like, and may be cut
_COLUMN_GAP = 3
_LABEL_AND_VALUE = (Column(label=""), Column(label=""))


def to_text(blocks: Iterable[Block], figures: Iterable[Figure], width: int = 100) -> str:
    """The blocks as text, with a blank line between them; only verbatim text is wider than `width` cells.

    Raises:
        ValueError: a block refers to a figure that is not among `figures`.
    """
    page = _Page(Values(figures), width)
    parts = ["\n".join(line.rstrip() for line in page.block(block)).strip("\n") for block in blocks]
    text = "\n\n".join(filter(None, parts))
    return text + "\n" if text else ""


def _column_widths(texts: list[list[str]], available: int) -> list[int]:
    """Widths of columns: as wide as their texts, then the widest ones narrowed until all fit.

    No column gets narrower than its longest word, so the table may be wider than what is available.
    """
    widths = [max(1, *(cell_len(text) for text in column)) for column in texts]
    least = [_longest_word(column) for column in texts]
    while sum(widths) > available:
        places = [place for place, width in enumerate(widths) if width > least[place]]
        if not places:
            break
        widths[max(places, key=lambda place: widths[place])] -= 1
    return widths


def _longest_word(cells: list[str]) -> int:
    """Width of the longest word, cut to what a column leaves whole."""
    longest = max((cell_len(word) for cell in cells for word in cell.split()), default=1)
    return min(longest, _LONGEST_UNCUT_WORD)


def _console(width: int) -> Console:
    """It only wraps and aligns; nothing is printed. With a height set it asks no terminal for its size."""
    return Console(file=io.StringIO(), width=width, height=1, color_system=None, legacy_windows=False)


class _Page:
    """Turns blocks into lines of a given width."""

    def __init__(self, values: Values, width: int) -> None:
        self.values = values
        self.width = width
        self._console = _console(width)

    def block(self, block: Block) -> list[str]:
        match block:
            case Heading():
                return self._underlined(self._line(block.text))
            case Verdict():
                return self._wrapped(self._line(block.headline)) + self._bullets(block.lines)
            case Paragraph():
                return self._paragraphs(self.values.text(block.text))
            case Metrics():
                rows = [(item.label, self.values.text(item.value)) for item in block.items]
                return self._grid(_LABEL_AND_VALUE, rows, head=False)
            case Table():
                return self._table(block)
            case ScoreCard():
                return self._score_card(block)
            case Checklist():
                return self._checklist(block)
            case Timeline():
                return self._timeline(block)
            case Chart():
                return [*self._wrapped(self._line(block.title)), *self._table(words.chart_table(block))]
            case Draft():
                return self._draft(block)
            case Diagnosis():
                return self._diagnosis(block)
            case Citations():
                return self._citations(block)
            case Notice():
                return self._wrapped(f"{words.NOTICE_LABELS[block.tone]}: {self._line(block.text)}", rest="  ")
            case Question():
                return self._wrapped(self._line(block.text)) + self._bullets([(choice,) for choice in block.choices])
            case _:
                assert_never(block)

    def _table(self, block: Table) -> list[str]:
        rows = [tuple(self.values.text(cell) for cell in row) for row in block.rows]
        more = self._line(block.more)
        return self._grid(block.columns, rows) + (["", *self._wrapped(more)] if more else [])

    def _score_card(self, block: ScoreCard) -> list[str]:
        headline = f"{words.score_headline(block, self.values)}: {words.score_band(block, self.values)}"
        rows = [
            (line.label, words.points(line, self.values), number(line.max, 1), self.values.text(line.because))
            for line in block.lines
        ]
        return [*self._wrapped(headline), "", *self._grid(words.SCORE_COLUMNS, rows)]

    def _checklist(self, block: Checklist) -> list[str]:
        lines: list[str] = []
        for task in block.items:
            mark = "[x] " if task.done else "[ ] "
            lines += self._wrapped(f"{self._line(task.text)} ({one_line(words.task_note(task))})", mark, "    ")
        return lines

    def _timeline(self, block: Timeline) -> list[str]:
        lines: list[str] = []
        for event in block.items:
            mark = f"{words.timeline_mark(event)} "
            lines += self._wrapped(self._line(event.text), mark, " " * len(mark)) or [mark]
        return lines

    def _draft(self, block: Draft) -> list[str]:
        lines = self._underlined(f"{self._line(block.title)} ({words.draft_note(block)})")
        for field in block.fields:
            lines += ["", *self._draft_field(field)] if field.verbatim else self._draft_field(field)
        return lines

    def _draft_field(self, field: DraftField) -> list[str]:
        label, content = f"{one_line(field.label)}:", self.values.text(field.text).strip("\n")
        if field.verbatim:
            return [label, "", *(f"    {line}" for line in content.split("\n")), ""]
        if "\n" in content:
            return [label, *self._paragraphs(content, "  ")]
        return self._wrapped(f"{label} {one_line(content)}", rest="  ")

    def _diagnosis(self, block: Diagnosis) -> list[str]:
        lines = self._wrapped(f"{diagnosis.WHERE}: {diagnosis.side(block)}", rest="  ")
        for label, said in diagnosis.lists(block):
            lines += ["", f"{label}:", *self._bullets(said)]
        for place, cause in enumerate(block.hypotheses, 1):
            marker = f"{place}. "
            indent = " " * len(marker)
            lines += ["", *self._wrapped(self._line(diagnosis.headline(block, cause)), marker, indent)]
            for reason in diagnosis.reasons(cause):
                lines += self._wrapped(self._line(reason), f"{indent}- ", f"{indent}  ")
        return lines

    def _citations(self, block: Citations) -> list[str]:
        lines = [words.SOURCES] if block.items else []
        for place, citation in enumerate(block.items, 1):
            marker = f"{place}. "
            source = f"{words.citation_title(citation)} ({words.citation_place(citation)})"
            lines += self._wrapped(one_line(source), marker, " " * len(marker))
        return lines

    def _grid(self, columns: Iterable[Column], rows: Iterable[tuple[str, ...]], *, head: bool = True) -> list[str]:
        """A table with its head underlined, or without a head. A word of usual length is never cut in two."""
        labels = [(column, one_line(column.label)) for column in columns]
        cells = [[one_line(cell) for cell in row] for row in rows]
        texts = [[label, *(row[place] for row in cells)] for place, (_, label) in enumerate(labels)]
        widths = _column_widths(texts, self.width - _COLUMN_GAP * (len(texts) - 1))
        grid = Grid(box=box.SIMPLE_HEAD, show_header=head, show_edge=False, pad_edge=False)
        for (column, label), width in zip(labels, widths, strict=True):
            grid.add_column(Cells(label), justify=column.align, overflow="fold", width=width)
        for row in cells:
            grid.add_row(*map(Cells, row))
        console = _console(sum(widths) + _COLUMN_GAP * len(widths))
        with console.capture() as printed:
            console.print(grid)
        return printed.get().splitlines()

    def _bullets(self, items: Iterable[Text]) -> list[str]:
        return [line for item in items for line in self._wrapped(self._line(item), "- ", "  ")]

    def _underlined(self, text: str) -> list[str]:
        lines = self._wrapped(text)
        return [*lines, "-" * max(map(cell_len, lines))] if text else []

    def _paragraphs(self, text: str, indent: str = "") -> list[str]:
        """Text of several lines: line breaks, blank lines and indentation are kept."""
        return [part for line in text.split("\n") for part in self._wrapped(line.rstrip(), indent, indent)]

    def _wrapped(self, text: str, first: str = "", rest: str = "") -> list[str]:
        """One line of text, wrapped; its first line after `first`, the others after `rest`, the wider of the two."""
        lines = Cells(text).wrap(self._console, max(1, self.width - cell_len(rest)))
        return [f"{rest if i else first}{line.plain}" for i, line in enumerate(lines)]

    def _line(self, text: Text) -> str:
        return one_line(self.values.text(text))
