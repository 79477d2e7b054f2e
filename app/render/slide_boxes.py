"""What stands on a slide, and where: the measures of all slides, and the boxes that they hold. All in points."""

from dataclasses import dataclass, field
from typing import Literal

from app.render.document import Grid, Plot
from app.render.measure import LINE

WIDTH, HEIGHT = 960.0, 540.0
LEFT, TOP, BOTTOM = 54.0, 104.0, 486.0
TITLE_TOP = 28.0
ROOM = WIDTH - 2 * LEFT
TITLE_SIZES = (26.0, 22.0, 18.0)
TITLE_HEIGHT = 56.0
TITLE_ROOM = ROOM - 80.0  # "(12 of 34)" stands there too

BODY, HEADLINE, NOTE, CODE = 15.0, 22.0, 12.0, 10.5
CELL_SIZES = (12.0, 11.0, 10.0, 9.0)
WHOLE_SIZES = (15.0, 13.5, 12.0, 11.0)  # of a table that is on one slide
CELL_PADDING = 12.0
ROW_PADDING = 8.0
TILE_ROOM, TILES_IN_A_ROW, TILE_GAP = 10.0, 4, 12.0
TILE_LABEL, TILE_VALUE = 11.0, 18.0
PLOT_LEAST, PLOT_MOST = 210.0, 330.0
GAP = 14.0

Style = Literal["plain", "strong", "note", "code", "bullet"]


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph: a label in bold, then text, of so many lines."""

    text: str
    size: float
    lines: int
    label: str = ""
    style: Style = "plain"
    after: float = 6.0

    @property
    def height(self) -> float:
        return self.lines * self.size * LINE + self.after


@dataclass(slots=True)
class TextBox:
    """Paragraphs below each other; `tone` colours a bar at their left."""

    top: float
    paragraphs: list[Words] = field(default_factory=list)
    tone: str = ""

    @property
    def height(self) -> float:
        return sum(each.height for each in self.paragraphs)


@dataclass(frozen=True, slots=True)
class TableBox:
    top: float
    grid: Grid
    widths: tuple[float, ...]
    heights: tuple[float, ...]
    """Of the head, then of each row."""
    size: float


@dataclass(frozen=True, slots=True)
class TileBox:
    top: float
    height: float
    items: tuple[tuple[str, str], ...]
    value_size: float


@dataclass(frozen=True, slots=True)
class PlotBox:
    top: float
    height: float
    plot: Plot


Box = TextBox | TableBox | TileBox | PlotBox


@dataclass(frozen=True, slots=True)
class Slide:
    """`number` of `of` slides of its section. There is at least one box on it."""

    title: str
    title_size: float
    number: int
    of: int
    boxes: tuple[Box, ...]
