"""What a metric comes to: its value, what it was divided from, whom it counts and whom it leaves out."""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence
from tools.metrics.parameters import Better, MetricKey

Noun = Literal["accounts", "tickets", "escalations", "items", "articles", "sessions", "responses"]

HUNDREDTH = 0.005
"""Sums of money that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What a metric does not count, by its ids, and why."""

    reason: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a metric, by severity or support tier. `most` is what its value may reach, None where it is not judged.

    `beside` is the share of repeat issues that belongs beside a speed.
    """

    key: str
    label: str
    value: float | None
    unit: str
    n: int
    most: float | None = None
    beside: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric over one period.

    `value` is None where it is unknown; `missing` then says what is lacking. `numerator` ÷ `denominator` gives the
    value, by the factor that `formula` names; both are None where the value is a median. `at_least`: the value is a
    lower bound, since it rests on waits that are not over. `of` narrows the key: a currency.
    """

    key: MetricKey
    value: float | None
    formula: str
    n: int
    noun: Noun
    who: str
    numerator: float | None = None
    denominator: float | None = None
    parted: tuple[str, str] = ("", "")  # what the numerator and the denominator are
    unit: str = ""  # of numerator and denominator; "": a count
    left_out: tuple[LeftOut, ...] = ()
    parts: tuple[Part, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    missing: str = ""
    at_least: bool = False
    of: str = ""


@dataclass(frozen=True, slots=True)
class Waits:
    """Days that something took: known ones, and those of waits that are not over, which are lower bounds."""

    over: tuple[int, ...]
    still: tuple[int, ...]

    @property
    def n(self) -> int:
        return len(self.over) + len(self.still)

    def median(self) -> tuple[float | None, bool]:
        """The median, and whether it is a lower bound: that is where a wait that is not over takes part in it."""
        days = sorted([*((day, False) for day in self.over), *((day, True) for day in self.still)])
        if not days:
            return None, False
        middle = days[(len(days) - 1) // 2 : len(days) // 2 + 1]
        bound = any(open_ for _, open_ in middle) or any(day < middle[0][0] for day in self.still)
        return statistics.median(day for day, _ in days), bound


def percent(part: float, whole: float) -> float | None:
    """100 × part ÷ whole; None where there is no whole."""
    return 100 * part / whole if whole else None


def mean(values: Sequence[float]) -> float | None:
    """None of nothing."""
    return sum(values) / len(values) if values else None


def improves(value: float, earlier: float, by_percent: float, better: Better) -> bool:
    """Whether a value is that much better than an earlier one; at 0 per cent: no worse."""
    if better == "lower":
        return value <= earlier * (1 - by_percent / 100) + 1e-9
    return value >= earlier * (1 + by_percent / 100) - 1e-9


def account_evidence(ids: Sequence[str]) -> tuple[Evidence, ...]:
    """The accounts, each of them, or how many where there are many."""
    if len(ids) <= MAX_LISTED_EVIDENCE:
        return tuple(Evidence(kind="accounts", id=one) for one in ids)
    return (Evidence(kind="accounts", count=len(ids)),)


class Leaving:
    """Collects what a metric leaves out, by reason."""

    def __init__(self) -> None:
        self._ids: defaultdict[str, list[str]] = defaultdict(list)

    def out(self, reason: str, one: str) -> None:
        self._ids[reason].append(one)

    def found(self) -> tuple[LeftOut, ...]:
        return tuple(LeftOut(reason, tuple(ids)) for reason, ids in self._ids.items())
