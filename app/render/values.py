"""How a figure's value is shown: the only place that rounds."""

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.figures import Figure, Ref, Text
from app.render.characters import visible

UNKNOWN = "unknown"

_CURRENCY = re.compile(r"[A-Z]{3}")
_NOISE = 1e-9  # a sum of floats may miss the whole number it stands for by so much (relative, from 1 up)
_MOST_DECIMALS = 9  # a difference that these do not show is noise


@dataclass(frozen=True, slots=True)
class _Format:
    """Decimals to round to; `padded` keeps trailing zeros; `sign` is written right after the number."""

    decimals: int
    padded: bool = False
    sign: str = ""


_FORMATS = {
    "points": _Format(1, padded=True),
    "%": _Format(1, sign="%"),
    "ratio": _Format(2),
    "count": _Format(1),
    "calls": _Format(1),
    "users": _Format(1),
    "seats": _Format(1),
    "features": _Format(1),
    "tickets": _Format(1),
    "hours": _Format(1),
    "days": _Format(1),
    "weeks": _Format(1),
    "ms": _Format(1),
    "RICE": _Format(1),
}


class Values:
    """The values of an answer's figures, as they are shown."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._shown: dict[tuple[str, str | None], set[str]] = {}
        for figure in figures:
            self._shown.setdefault((figure.key, figure.account_id), set()).add(show(figure))

    def value(self, ref: Ref) -> str:
        """The value of the figure with the reference's key and account, or with that key and no account.

        Raises:
            ValueError: there is no such figure, or there are several with different values.
        """
        shown = self._shown.get((ref.figure, ref.account_id)) or self._shown.get((ref.figure, None)) or set()
        if len(shown) != 1:
            found = "no figure" if not shown else f"{len(shown)} different figures"
            raise ValueError(f"{found} {ref.figure!r} of account {ref.account_id!r} in the answer")
        return next(iter(shown))

    def text(self, text: Text) -> str:
        """Plain text with the figures filled in and nothing invisible left; newlines stay.

        Raises:
            ValueError: see `value`.
        """
        return visible("".join(span if isinstance(span, str) else self.value(span) for span in text))


def show(figure: Figure) -> str:
    """The figure's value for a reader: rounded by its unit, `unknown` where it has none.

    Percentages and money carry their sign (`64%`, `USD 500,000`); of other units the text around gives the noun.

    Raises:
        ValueError: the unit is not one of those that `Figure` lists.
    """
    value = figure.value
    if value is None:
        return UNKNOWN
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str):
        return value
    if _CURRENCY.fullmatch(figure.unit):
        return _money(value, figure.unit)
    if figure.unit not in _FORMATS:
        raise ValueError(f"figure {figure.key!r} has the unit {figure.unit!r}, which nothing here can show")
    form = _FORMATS[figure.unit]
    return number(value, form.decimals, padded=form.padded) + (form.sign if math.isfinite(value) else "")


def with_shown(figures: Iterable[Figure]) -> tuple[Figure, ...]:
    """The figures, each with its value as it is shown: what a client needs that renders blocks by itself."""
    return tuple(figure.model_copy(update={"shown": show(figure)}) for figure in figures)


def number(value: float, decimals: int, *, padded: bool = False) -> str:
    """`value` with thousands separators, rounded to `decimals`, trailing zeros kept where `padded`.

    A value that is not whole is never shown as a whole number, since thresholds are whole numbers: 89.96 at one
    decimal gives 89.96, not 90.0. NaN and infinity are unknown.
    """
    if not math.isfinite(value):
        return UNKNOWN
    whole = round(value)
    if abs(value - whole) <= _NOISE * max(1.0, abs(value)):
        return f"{whole:,.{decimals}f}" if padded else f"{whole:,}"
    rounded = (f"{value:,.{places}f}" for places in range(decimals, _MOST_DECIMALS + 1))
    shown = next(text for text in rounded if not text.rstrip("0").endswith("."))
    return shown if padded else shown.rstrip("0")


def _money(amount: float, currency: str) -> str:
    """Money after its ISO 4217 code, with cents only where there are any."""
    if not math.isfinite(amount):
        return UNKNOWN
    cents = f"{amount:z,.2f}"
    return f"{currency} {cents.removesuffix('.00')}"
