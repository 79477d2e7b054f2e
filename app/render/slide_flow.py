"""Sections laid out on slides, measured so that nothing reaches over an edge. All in points."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from app.render.document import Bullets, Grid, Part, Plot, Prose, Section, Summary, Tiles
from app.render.measure import LINE, Face, column_widths, width, wrapped
from app.render.slide_boxes import (
    BODY,
    BOTTOM,
    CELL_PADDING,
    CELL_SIZES,
    CODE,
    GAP,
    HEADLINE,
    NOTE,
    PLOT_LEAST,
    PLOT_MOST,
    ROOM,
    ROW_PADDING,
    TILE_GAP,
    TILE_LABEL,
    TILE_ROOM,
    TILE_VALUE,
    TILES_IN_A_ROW,
    TITLE_HEIGHT,
    TITLE_ROOM,
    TITLE_SIZES,
    TOP,
    WHOLE_SIZES,
    Box,
    PlotBox,
    Slide,
    Style,
    TableBox,
    TextBox,
    TileBox,
    Words,
)

MOST_SLIDES = 90
"""Of all sections; the slide after them says how many are left out."""

_INDENT = 16.0
_LINE_GAP, _PARAGRAPH_GAP = 2.0, 10.0
_FACES: dict[str, Face] = {"strong": "bold", "code": "mono"}
_MOST_ON_A_SLIDE = 20
_FEWEST_ROWS = 3  # left alone on the last slide of a table
_WIDEST_LEAST = 1.3  # columns may be so much too narrow for their words before the letters get smaller


def slides_of(sections: Sequence[Section]) -> tuple[Slide, ...]:
    """The slides of the sections, in order."""
    slides = [slide for section in sections for slide in _section(section)]
    if len(slides) <= MOST_SLIDES:
        return tuple(slides)
    rest = f"{len(slides) - MOST_SLIDES:,} further slides are left out; the export as PDF or Markdown has all of it."
    return (*slides[:MOST_SLIDES], *_section(Section("What is left out", (Prose(rest),))))


def _section(section: Section) -> Iterator[Slide]:
    title, size = _title(section.title)
    flow = _Flow()
    if title != section.title:
        flow.add(Prose(section.title, style="strong"))
    for part in section.parts:
        flow.add(part)
    pages = [page for page in flow.pages if page]
    for number, boxes in enumerate(pages, 1):
        yield Slide(title, size, number, len(pages), tuple(boxes))


def _title(title: str) -> tuple[str, float]:
    """A title that fits, and its size; what is too long for the smallest is cut."""
    for size in TITLE_SIZES:
        if len(wrapped(title, TITLE_ROOM, size, "bold")) * size * LINE <= TITLE_HEIGHT:
            return title, size
    first, second, *_ = wrapped(title, TITLE_ROOM, TITLE_SIZES[-1], "bold")
    return f"{first} {second[:-2]}…", TITLE_SIZES[-1]


class _Flow:
    """Fills a slide from the top; what does not fit goes on to the next."""

    def __init__(self) -> None:
        self.pages: list[list[Box]] = [[]]
        self._y = TOP

    def add(self, part: Part) -> None:
        match part:
            case Summary():
                self._summary(part)
            case Prose():
                self._prose(part)
            case Bullets():
                for item in part.items:
                    self._words(item, BODY, "bullet")
            case Tiles():
                for start in range(0, len(part.items), TILES_IN_A_ROW):
                    self._tiles(part.items[start : start + TILES_IN_A_ROW])
            case Grid():
                self._grid(part)
            case Plot():
                self._plot(part)
            case _:
                assert_never(part)

    @property
    def _room(self) -> float:
        return BOTTOM - self._y

    def _next_page(self) -> None:
        self.pages.append([])
        self._y = TOP

    def _put(self, box: Box, height: float) -> None:
        self.pages[-1].append(box)
        self._y += height

    def _gap(self) -> None:
        if self.pages[-1]:
            self._y += GAP

    def _summary(self, part: Summary) -> None:
        self._gap()
        self._words(part.headline, HEADLINE, "strong", tone=part.tone, after=12.0)
        for line in part.lines:
            self._words(line, BODY, "bullet", tone=part.tone)

    def _prose(self, part: Prose) -> None:
        size = {"code": CODE, "note": NOTE}.get(part.style, BODY)
        lines = part.text.split("\n")
        label = part.label
        for line, following in itertools.pairwise((*lines, None)):
            if line or label or part.style == "code":
                after = _LINE_GAP if following else _PARAGRAPH_GAP
                self._words(line or "", size, part.style, label=label, after=after)
                label = ""

    def _words(
        self,
        text: str,
        size: float,
        style: Style,
        *,
        label: str = "",
        tone: str = "",
        after: float = 6.0,
    ) -> None:
        """A paragraph, parted between lines where it does not fit; what is strong stays with a line below it."""
        face = _FACES.get(style, "plain")
        room = ROOM - (_INDENT if style in ("bullet", "code") or tone else 0.0)
        lead = f"{label}: " if label else ""
        lines = wrapped(lead + text, room, size, face)
        while lines:
            kept = (2 * BODY * LINE if style == "strong" else 0.0) + (0.0 if self._goes_on(tone) else GAP)
            fit = int((self._room - kept) // (size * LINE))
            if fit < min(2, len(lines)) and self.pages[-1]:
                self._next_page()
                continue
            taken, lines = lines[: max(fit, 1)], lines[max(fit, 1) :]
            told = "".join(taken).removeprefix(lead)
            self._line(Words(told, size, len(taken), label, style, after), tone)
            label, lead = "", ""

    def _goes_on(self, tone: str) -> bool:
        """Whether the next line stands in the box above it."""
        last = self.pages[-1][-1] if self.pages[-1] else None
        return isinstance(last, TextBox) and last.tone == tone

    def _line(self, words: Words, tone: str) -> None:
        page = self.pages[-1]
        if not self._goes_on(tone):
            self._gap()
            page.append(TextBox(self._y, tone=tone))
        last = page[-1]
        if not isinstance(last, TextBox):
            raise TypeError("a line stands in a box of text")
        last.paragraphs.append(words)
        self._y += words.height

    def _tiles(self, items: tuple[tuple[str, str], ...]) -> None:
        room = (ROOM - TILE_GAP * (len(items) - 1)) / len(items) - 2 * TILE_ROOM
        size = TILE_VALUE if all(width(value, TILE_VALUE, "bold") <= room for _, value in items) else BODY - 2
        lines = max(
            len(wrapped(label, room, TILE_LABEL)) * TILE_LABEL + len(wrapped(value, room, size, "bold")) * size
            for label, value in items
        )
        height = lines * LINE + 2 * TILE_ROOM
        if height > BOTTOM - TOP:
            self._grid(Grid(("", ""), (False, False), items))
            return
        if height + GAP > self._room and self.pages[-1]:
            self._next_page()
        self._gap()
        self._put(TileBox(self._y, height, items, size), height)

    def _plot(self, plot: Plot) -> None:
        note = len(wrapped(plot.note, ROOM, NOTE)) * NOTE * LINE + 6.0 if plot.note else 0.0
        title = len(wrapped(plot.title, ROOM, BODY, "bold")) * BODY * LINE + 6.0
        if title + note + PLOT_LEAST + 2 * GAP > self._room and self.pages[-1]:
            self._next_page()
        self._words(plot.title, BODY, "strong")
        height = max(PLOT_LEAST, min(PLOT_MOST, self._room - note - 2 * GAP))
        if height + GAP > self._room:  # below a title as long as a slide
            self._next_page()
        self._put(PlotBox(self._y, height, replace(plot, note="")), height)
        if plot.note:
            self._words(plot.note, NOTE, "note")

    def _grid(self, grid: Grid) -> None:
        size, widths = _fitted(grid)
        lines = [_row_lines(row, widths, size) for row in grid.rows]
        head = _row_lines(grid.head, widths, size, "bold")
        head_height = _height(head, size)
        most = max(1, int((BOTTOM - TOP - head_height - ROW_PADDING) // (size * LINE)))
        rows = [part for row in lines for part in _parted(row, most)]
        heights = [_height(row, size) for row in rows]
        whole = head_height + sum(heights) + GAP
        if self._room < whole <= BOTTOM - TOP and self.pages[-1]:
            self._next_page()
        while rows:
            start = self._y + (GAP if self.pages[-1] else 0.0)
            fit = _fitting(heights, BOTTOM - start - head_height)
            if fit < min(2, len(rows)) and self.pages[-1]:
                self._next_page()
                continue
            if 0 < len(rows) - fit < _FEWEST_ROWS < fit:
                fit = len(rows) - _FEWEST_ROWS
            taken = tuple(tuple("".join(cell) for cell in row) for row in rows[:fit])
            self._gap()
            box = TableBox(
                self._y, replace(grid, rows=taken, note=""), tuple(widths), (head_height, *heights[:fit]), size
            )
            self._put(box, sum(box.heights))
            rows, heights = rows[fit:], heights[fit:]
        if grid.note:
            self._words(grid.note, NOTE, "note")


def _fitted(grid: Grid) -> tuple[float, list[float]]:
    """The largest letters in which a slide holds the table, or else no word is broken; the columns' widths in them."""
    columns = list(zip(grid.head, *grid.rows, strict=True))
    if len(grid.rows) <= _MOST_ON_A_SLIDE:
        for size in WHOLE_SIZES:
            widths = column_widths(columns, grid.right, ROOM, size, CELL_PADDING)
            heights = [_height(_row_lines(row, widths, size, "bold"), size) for row in (grid.head, *grid.rows)]
            if sum(heights) + 2 * GAP + NOTE <= BOTTOM - TOP and not _is_broken(columns, widths, size, 1.0):
                return size, widths
    for size in CELL_SIZES:
        widths = column_widths(columns, grid.right, ROOM, size, CELL_PADDING)
        rows = [_row_lines(row, widths, size) for row in grid.rows]
        if not _is_broken(columns, widths, size, _WIDEST_LEAST) and max(map(_tallest, rows)) <= 8:
            break
    return size, widths


def _is_broken(columns: Sequence[Sequence[str]], widths: Sequence[float], size: float, by: float) -> bool:
    """Whether a word is more than so many times as wide as its column."""
    return any(
        width(word, size, "bold") + CELL_PADDING > room * by + 0.1
        for room, column in zip(widths, columns, strict=True)
        for cell in column
        for word in cell.split(" ")
    )


def _tallest(row: list[list[str]]) -> int:
    return max(map(len, row))


def _row_lines(row: Sequence[str], widths: Sequence[float], size: float, face: Face = "plain") -> list[list[str]]:
    return [wrapped(cell, room - CELL_PADDING, size, face) for cell, room in zip(row, widths, strict=True)]


def _height(row: list[list[str]], size: float) -> float:
    return _tallest(row) * size * LINE + ROW_PADDING


def _parted(row: list[list[str]], most: int) -> Iterator[list[list[str]]]:
    """The row in rows of at most so many lines."""
    for start in range(0, _tallest(row), most):
        yield [cell[start : start + most] for cell in row]


def _fitting(heights: Sequence[float], room: float) -> int:
    """How many rows fit; one at least."""
    used = 0.0
    for place, height in enumerate(heights):
        used += height
        if used > room:
            return max(place, 1)
    return len(heights)
