"""What pages and slides are made of: titled sections of words, lists, tables, tiles and plots, all of it plain text."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from app.domain.blocks import Tone


@dataclass(frozen=True, slots=True)
class Summary:
    """The verdict."""

    tone: Tone
    headline: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Prose:
    """Text of one or more lines, after a label in bold where it has one. Code keeps its spaces."""

    text: str
    label: str = ""
    style: Literal["plain", "strong", "note", "code"] = "plain"


@dataclass(frozen=True, slots=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tiles:
    """Labels and values, side by side."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: each row is as long as the head; `right` says which columns hold numbers."""

    head: tuple[str, ...]
    right: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlotSeries:
    """Values, None where there is none, and how each is written."""

    label: str
    values: tuple[float | None, ...]
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart, its values unrounded and all in one unit, at least one of them known."""

    title: str
    form: Literal["line", "bar"]
    labels: tuple[str, ...]
    series: tuple[PlotSeries, ...]
    unit: str
    note: str


Part = Summary | Prose | Bullets | Tiles | Grid | Plot


@dataclass(frozen=True, slots=True)
class Section:
    """Parts under a title; there is at least one."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class About:
    """What a document says of itself: on its first page, and at the foot of each."""

    title: str
    subtitle: str
    foot: str
    at: dt.datetime
