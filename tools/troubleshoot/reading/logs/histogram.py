"""Durations counted by their magnitude: percentiles within 2.5 %, in memory that does not grow with their number."""

from math import ceil, exp, log
from typing import Final

Histogram = dict[int, int]
"""How many durations lie in each class; each is 5 % wide, and stands for its middle."""

_WIDTH: Final = log(1.05)
_PER_WIDTH: Final = 1 / _WIDTH
_LEAST_MS: Final = 0.001
_NOUGHT: Final = -10_000
"""The class of what is shorter than a microsecond."""


def class_of(milliseconds: float) -> int:
    """The class of a duration, which is not negative."""
    if milliseconds < _LEAST_MS:
        return _NOUGHT
    return int(log(milliseconds) * _PER_WIDTH + 10_000) - 10_000  # rounds down, also below 0


def merge(one: Histogram, other: Histogram) -> None:
    """Add the other's counts to the one's."""
    for place, count in other.items():
        one[place] = one.get(place, 0) + count


def percentiles(histogram: Histogram, *shares: float) -> tuple[float, ...]:
    """The durations that the shares (0 to 1) of all do not exceed, by the nearest rank; of none at all, 0.

    `shares` ascend.
    """
    places = sorted(histogram)
    total = sum(histogram.values())
    if not total:
        return tuple(0.0 for _ in shares)
    found: list[float] = []
    passed, place = histogram[places[0]], 0
    for share in shares:
        rank = max(1, ceil(share * total - 1e-9))
        while passed < rank:
            place += 1
            passed += histogram[places[place]]
        found.append(_middle(places[place]))
    return tuple(found)


def _middle(place: int) -> float:
    return 0.0 if place == _NOUGHT else exp((place + 0.5) * _WIDTH)
