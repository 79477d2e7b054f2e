"""Counts by the values of a dimension, in bounded memory: lossy counting (Manku and Motwani, VLDB 2002)."""

from dataclasses import dataclass, field

from tools.troubleshoot.facts.logs import MOST_VALUES, Breakdown, Dimension, Share
from tools.troubleshoot.reading.logs.times import moment

MOST_COUNTED = 4_000
"""Values that are counted at a time. Up to so many the counts are exact; of more, the rarer half is forgotten."""

BY_ERRORS = 10
"""Places among those told that go to the values with most errors."""

LONGEST_VALUE = 120


@dataclass(slots=True)
class Tally:
    """What is counted of one value; `first_error` is in seconds since 1970."""

    count: int = 0
    errors: int = 0
    first_error: float | None = None


@dataclass(slots=True)
class Shares:
    """The values of one dimension; `forgotten` is how many there was no room for, some perhaps twice."""

    values: dict[str, Tally] = field(default_factory=dict)
    forgotten: int = 0


def add_value(shares: Shares, value: str, is_error: bool, at: float | None) -> None:
    """Count a record with that value."""
    tally = shares.values.get(value)
    if tally is None:
        tally = shares.values[value[:LONGEST_VALUE]] = shares.values.get(value[:LONGEST_VALUE]) or Tally()
        if len(shares.values) > MOST_COUNTED:
            _forget(shares, value[:LONGEST_VALUE])
    tally.count += 1
    if is_error:
        tally.errors += 1
        if at is not None and (tally.first_error is None or at < tally.first_error):
            tally.first_error = at


def _forget(shares: Shares, newest: str) -> None:
    ranked = sorted(shares.values.items(), key=lambda each: (each[0] == newest, each[1].errors, each[1].count))
    shares.forgotten += len(ranked) // 2
    shares.values = dict(ranked[len(ranked) // 2 :])


def breakdown_of(dimension: Dimension, shares: Shares) -> Breakdown:
    """The most frequent values and those with most errors, the most frequent first."""
    by_count = sorted(shares.values.items(), key=lambda each: (-each[1].count, each[0]))
    by_errors = sorted(by_count, key=lambda each: -each[1].errors)[:BY_ERRORS]
    named = {value for value, _ in by_errors}
    frequent = [each for each in by_count if each[0] not in named]
    chosen = sorted(by_errors + frequent[: MOST_VALUES - len(by_errors)], key=lambda each: (-each[1].count, each[0]))
    return Breakdown(
        dimension=dimension,
        values=tuple(_share(value, tally) for value, tally in chosen),
        left_out=len(by_count) - len(chosen) + shares.forgotten,
    )


def _share(value: str, tally: Tally) -> Share:
    first = None if tally.first_error is None else moment(tally.first_error)
    return Share(value=value, count=tally.count, errors=tally.errors, first_error=first)
