"""An answer as a PDF file, set by Typst from `pdf.typ`, to which it comes as data: nothing in it is ever markup.

Set in Noto, whose fonts come with a package; of the machine's own fonts what Noto lacks, such as Chinese, Japanese and
Korean. A character that no font has is shown as a box.
"""

import importlib.util
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

from app.render.charts import MOST_DOTS, SERIES_COLOURS, is_marked, scale_of, written
from app.render.document import About, Bullets, Grid, Part, Plot, Prose, Section, Summary, Tiles
from app.render.measure import breakable, column_widths, width

if TYPE_CHECKING:  # imported late, since only an export needs it
    from typst import Fonts

ROOM = 487.0  # points between the margins of a sheet of A4
BODY, HEADLINE, NOTE, CODE = 10.0, 13.0, 8.5, 8.0
CELL_SIZES = (9.0, 8.0, 7.0)
CELL_PADDING = 10.0
TILES_IN_A_ROW = 4
_SAFE = 0.92  # Noto is wider than most
_TEMPLATE = Path(__file__).with_name("pdf.typ")
_FONT_PACKAGE = "manimgx_fonts"
_MAIN, _LAST = "Noto Sans", "Noto Emoji"  # emoji last, since they have digits of their own
_PLOT_LABEL = 8.0


def to_pdf(about: About, sections: Sequence[Section]) -> bytes:
    """The document on sheets of A4. The same document gives the same bytes."""
    import typst

    data = {
        "title": _soft(about.title, 24, "bold"),
        "subtitle": [_soft(line, BODY) for line in about.subtitle.split("\n")],
        "foot": about.foot,
        "fonts": _families(),
        "sections": [
            {"title": _soft(section.title, 15, "bold"), "parts": [_part(part) for part in section.parts]}
            for section in sections
        ],
    }
    content = typst.compile(
        _TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data)},
        format="pdf",
        timestamp=int(about.at.timestamp()),
    )
    assert isinstance(content, bytes)  # noqa: S101 - of one file, with no path to write to
    return content


@cache
def _fonts() -> "Fonts":
    import typst

    found = importlib.util.find_spec(_FONT_PACKAGE)
    folders = list(found.submodule_search_locations or ()) if found else []
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=folders)


@cache
def _families() -> tuple[str, ...]:
    """Noto first, whatever else the machine has."""
    noto = [name for name in _fonts().families() if name.startswith(_MAIN) and "CJK" not in name]
    return (_MAIN, *(name for name in noto if name != _MAIN), _LAST)


def _soft(text: str, size: float, face: Any = "plain", room: float = ROOM) -> str:
    return breakable(text, room * _SAFE, size, face)


def _part(part: Part) -> dict[str, Any]:
    match part:
        case Summary():
            told = {"headline": _soft(part.headline, HEADLINE, "bold"), "lines": [_soft(x, BODY) for x in part.lines]}
            return {"kind": "summary", "tone": part.tone, **told}
        case Prose(style="code"):
            code = (breakable(line, ROOM * _SAFE - 20, CODE, "mono") for line in part.text.split("\n"))
            return {"kind": "code", "text": "\n".join(code)}
        case Prose():
            size = NOTE if part.style == "note" else BODY
            lines = [_soft(line, size, "bold") for line in part.text.split("\n")]
            return {"kind": "prose", "style": part.style, "label": part.label, "lines": lines}
        case Bullets():
            return {"kind": "bullets", "items": [_soft(item, BODY) for item in part.items]}
        case Tiles():
            return _tiles(part)
        case Grid():
            return _grid(part)
        case Plot():
            return _plot(part)
        case _:
            assert_never(part)


def _tiles(tiles: Tiles) -> dict[str, Any]:
    across = min(len(tiles.items), TILES_IN_A_ROW)
    room = ROOM / across - 30
    items = [(_soft(label, NOTE, room=room), _soft(value, HEADLINE, "bold", room)) for label, value in tiles.items]
    return {"kind": "tiles", "across": across, "items": items}


def _grid(grid: Grid) -> dict[str, Any]:
    columns = list(zip(grid.head, *grid.rows, strict=True))
    size, widths = _fitted(columns, grid.right)
    rows = [
        [_soft(cell, size, "bold", room - CELL_PADDING) for cell, room in zip(row, widths, strict=True)]
        for row in (grid.head, *grid.rows)
    ]
    return {
        "kind": "grid",
        "size": size,
        "widths": [room / ROOM for room in widths],
        "align": ["right" if right else "left" for right in grid.right],
        "head": rows[0],
        "rows": rows[1:],
        "note": _soft(grid.note, NOTE),
    }


def _fitted(columns: Sequence[Sequence[str]], right: Sequence[bool]) -> tuple[float, list[float]]:
    """The largest letters in which no word is broken, and the widths of the columns in them."""
    for size in CELL_SIZES:
        widths = column_widths(columns, right, ROOM, size, CELL_PADDING)
        words = (
            (word, room)
            for column, room in zip(columns, widths, strict=True)
            for cell in column
            for word in cell.split(" ")
        )
        if all(width(word, size, "bold") + CELL_PADDING <= room * 1.01 for word, room in words):
            break
    return size, widths


def _plot(plot: Plot) -> dict[str, Any]:
    """The plot with every value as a share of the height."""
    scale = scale_of(plot)

    def share(value: float) -> float:
        return (value - scale.low) / (scale.high - scale.low)

    widest = max(width(label, _PLOT_LABEL) for label in plot.labels) + 6
    every = max(1, round(len(plot.labels) * min(widest, 90.0) / (ROOM * 0.8) + 0.5))
    return {
        "kind": "plot",
        "form": plot.form,
        "title": _soft(plot.title, BODY, "bold"),
        "note": _soft(plot.note, NOTE),
        "labels": [breakable(label, 84, _PLOT_LABEL) if n % every == 0 else "" for n, label in enumerate(plot.labels)],
        "every": every,
        "ticks": [(share(tick), written(tick, plot.unit)) for tick in scale.ticks],
        "base": share(min(max(0.0, scale.low), scale.high)),
        "marked": is_marked(plot),
        "radius": 2.2 if len(plot.labels) <= MOST_DOTS else 1.2,
        "series": [
            {
                **asdict(series),
                "values": [None if value is None else share(value) for value in series.values],
                "colour": f"#{colour}",
            }
            for series, colour in zip(plot.series, SERIES_COLOURS, strict=False)
        ],
    }
