"""What every drawing of a plot shares: the scale of its axis, how its numbers are written, its colours."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.render.document import Plot
from app.render.values import number

SERIES_COLOURS = ("2457C5", "8A939D", "86AEF5", "1B1E22", "C48700", "18764A")
"""Of the first series to the last; the first is the accent of all our drawings."""

STEPS = 5
MOST_MARKED = 12
"""Points whose values are written beside them; of more, the axis alone tells."""

MOST_DOTS = 30
"""Points of a line that are drawn as dots; of more, the line alone is."""

_NOISE = 1e-9  # a difference that nobody sees
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)
_CURRENCY = re.compile(r"[A-Z]{3}")
_SIGNS = ("%",)
_MEASURED = ("%", "ratio", "points")


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `low` to `high`, with a line at every `step`."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> tuple[float, ...]:
        count = round((self.high - self.low) / self.step)
        return tuple(round(self.low + place * self.step, 10) for place in range(count + 1))


def scale_of(plot: Plot) -> Scale:
    """Round numbers around all values. It begins at nought, but for lines of a share or a score high above it."""
    values = values_of(plot)
    low, high = min(values), max(values)
    if plot.form == "bar" or plot.unit not in _MEASURED or low < high / 2:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < _NOISE:
        low, high = (0.0, 1.0) if abs(low) < _NOISE else (low - abs(low) / 10, high + abs(high) / 10)
    if is_marked(plot):  # room for what is written beside the outermost points
        room = (high - low) / 10
        low, high = low - room * (low < 0), high + room * (high > 0)
    step = _nice((high - low) / STEPS)
    if step < 1 and all(float(value).is_integer() for value in values):
        step = 1.0
    first, last = math.floor(low / step), math.ceil(high / step)
    return Scale(first * step, last * step, step)


def values_of(plot: Plot) -> tuple[float, ...]:
    """The known values, of all series."""
    return tuple(value for series in plot.series for value in series.values if value is not None)


def is_marked(plot: Plot) -> bool:
    """Whether there is room for each value beside its point."""
    return len(values_of(plot)) <= MOST_MARKED


def written(value: float, unit: str) -> str:
    """A number of an axis: `500`, `64%`, `USD 500,000`."""
    told = number(value, 2)
    if _CURRENCY.fullmatch(unit):
        return f"{unit} {told}"
    return f"{told}{unit}" if unit in _SIGNS else told


def excel_format(values: Sequence[float], unit: str) -> str:
    """The format in which Excel and PowerPoint write these values."""
    is_whole = all(float(value).is_integer() for value in values)
    if _CURRENCY.fullmatch(unit):
        form = "#,##0" if is_whole else "#,##0.00"
        return f'"{unit}" {form};"{unit}" -{form}'
    form = "#,##0" if is_whole else "#,##0.0"
    return f'{form}"{unit}"' if unit in _SIGNS else form


def _nice(step: float) -> float:
    scale = 10.0 ** math.floor(math.log10(step))
    return next(each * scale for each in _NICE if each * scale >= step * (1 - 1e-9))
