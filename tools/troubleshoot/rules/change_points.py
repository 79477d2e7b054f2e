"""Finds where a rate or a level rose in a step: not by chance, and not by drifting.

The spans of time with the most above the average, on end, are the candidate (as CUSUM finds them). Its start is the
place at which two constant rates explain the series best, by likelihood. It counts where a constant rate would hardly
look like that anywhere in the series, where most of the difference lies right at the start, and where a straight line
does not explain it better.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.troubleshoot.parameters import Change

Series = NDArray[np.float64]
_WINDOWS, _BLUR = 8, 0.1
"""What is near the step: at most an eighth of the series on each side; less where that tells the difference to 10 %."""

_MEDIAN_SQUARE = 0.455
"""The median of the square of a normal variable, of variance 1."""

_LEAST_NOISE = 0.05
"""Logarithms of medians are taken to vary by 5 % at least, or two equal values would prove anything."""


@dataclass(frozen=True, slots=True)
class Rise:
    """The series was high from the place `start` up to before `end`; None: from its beginning, or to its end.

    `before` is the rate outside, before the start where there is one; `after` the rate within.
    """

    start: int | None
    end: int | None
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a series varies: the log-likelihood of a part by its sum and size, variance at a mean, the least noise."""

    likelihood: Callable[[Series, Series], Series]
    variance: Callable[[float], float]
    least_noise: float


def rate_rise(failures: Series, counts: Series, least: Change) -> Rise | None:
    """Where the share of failures rose; None where nothing did, or too few failed to tell."""
    if failures.sum() < least.failures:
        return None
    rise = _rise(failures, counts, _RATE, least)
    big = rise is not None and rise.after >= max(least.rate, least.ratio * rise.before)
    return rise if big else None


def level_rise(levels: Series, least: Change) -> Rise | None:
    """Where values above zero, such as medians of durations, rose."""
    rise = _rise(np.log(levels), np.ones(len(levels)), _LEVEL, least)
    if rise is None or rise.after - rise.before < np.log(least.ratio):
        return None
    return Rise(rise.start, rise.end, float(np.exp(rise.before)), float(np.exp(rise.after)))


def unlikeliness(failures: float, count: float, other_failures: float, other_count: float) -> float:
    """How badly one common rate explains both: minus the logarithm of how likely it does (by Chernoff's bound)."""
    parts = np.array([[failures, other_failures], [count, other_count]], dtype=float)
    apart = _binomial(parts[0], parts[1]).sum()
    return float(apart - _binomial(parts[0].sum(), parts[1].sum()))


def _rise(sums: Series, sizes: Series, kind: _Kind, least: Change) -> Rise | None:
    end = _heaviest(sums - sizes * (sums.sum() / sizes.sum()))[1] if sizes.sum() > 0 else 0
    end = end if len(sums) - end >= least.buckets else len(sums)
    start = _best_start(sums[:end], sizes[:end], kind, least.buckets)
    if start is None or not _is_step(sums[:end], sizes[:end], start, kind, least):
        return _from_beginning(sums, sizes, kind, least)
    high, low = slice(start, end), slice(0, start)
    ended = end if end < len(sums) and _holds(sums, sizes, high, slice(end, None), kind, least) else None
    return Rise(start, ended, _mean(sums, sizes, low), _mean(sums, sizes, high))


def _from_beginning(sums: Series, sizes: Series, kind: _Kind, least: Change) -> Rise | None:
    """A series that is high when it begins, and then falls: the same, read backwards."""
    start = _best_start(sums[::-1], sizes[::-1], kind, least.buckets)
    if start is None or not _is_step(sums[::-1], sizes[::-1], start, kind, least):
        return None
    end = len(sums) - start
    return Rise(None, end, _mean(sums, sizes, slice(end, None)), _mean(sums, sizes, slice(0, end)))


def _heaviest(excess: Series) -> tuple[int, int]:
    """The part [start, end) of the series whose sum is the greatest."""
    best, best_sum, start, total = (0, 0), 0.0, 0, 0.0
    for place, value in enumerate(excess.tolist()):
        if total <= 0:
            start, total = place, 0.0
        total += value
        if total > best_sum:
            best, best_sum = (start, place + 1), total
    return best


def _best_start(sums: Series, sizes: Series, kind: _Kind, least: int) -> int | None:
    """The place at which two rates explain the series best; None where the later is no higher, or one is too short."""
    if len(sums) < 2 * least:
        return None
    below, size_below = np.cumsum(sums)[:-1], np.cumsum(sizes)[:-1]
    above, size_above = sums.sum() - below, sizes.sum() - size_below
    likelihood = kind.likelihood(below, size_below) + kind.likelihood(above, size_above)
    likelihood[above * size_below <= below * size_above] = -np.inf
    start = int(np.argmax(likelihood)) + 1
    long_enough = least <= start <= len(sums) - least
    return start if long_enough and np.isfinite(likelihood[start - 1]) else None


def _is_step(sums: Series, sizes: Series, start: int, kind: _Kind, least: Change) -> bool:
    low, high = slice(0, start), slice(start, None)
    return (
        _holds(sums, sizes, high, low, kind, least)
        and _is_sudden(sums, sizes, start, kind, least)
        and not _is_drift(sums, sizes, start)
    )


def _holds(sums: Series, sizes: Series, high: slice, low: slice, kind: _Kind, least: Change) -> bool:
    """Whether one rate for both parts is so unlikely that it would hardly be seen anywhere in the series."""
    parts = [(sums[part], sizes[part]) for part in (high, low)]
    if any(size.sum() <= 0 for _, size in parts):
        return False
    apart = sum(float(kind.likelihood(each.sum(), size.sum())) for each, size in parts)
    gain = apart - float(kind.likelihood(sum(each.sum() for each, _ in parts), sum(size.sum() for _, size in parts)))
    places = len(sums) ** 2 / 2
    return gain / _noise(parts, kind) >= float(np.log(places / least.chance))


def _noise(parts: list[tuple[Series, Series]], kind: _Kind) -> float:
    """How much more the parts vary around their means than their kind says; 1 or the least where they do not."""
    squares, places = 0.0, -len(parts)
    for sums, sizes in parts:
        mean = sums.sum() / sizes.sum()
        variance = kind.variance(mean)
        seen = sizes > 0
        places += int(seen.sum())
        if variance > 0:
            squares += float((sizes[seen] * (sums[seen] / sizes[seen] - mean) ** 2).sum()) / variance
    return max(kind.least_noise, squares / places if places > 0 else 0.0)


def _is_sudden(sums: Series, sizes: Series, start: int, kind: _Kind, least: Change) -> bool:
    """Whether most of the difference lies right at the start: within windows just as wide as it takes to see it."""
    low, high = slice(0, start), slice(start, None)
    all_of_it = _mean(sums, sizes, high) - _mean(sums, sizes, low)
    told = kind.least_noise * kind.variance(_mean(sums, sizes, high))
    needed = 2 * max(told, _noise_between(sums, sizes)) / (sizes.mean() * (_BLUR * all_of_it) ** 2)
    near = int(np.clip(np.ceil(needed), least.buckets, max(least.buckets, len(sums) // _WINDOWS)))
    after, before = slice(start, start + near), slice(max(start - near, 0), start)
    return _mean(sums, sizes, after) - _mean(sums, sizes, before) >= least.near * all_of_it


def _noise_between(sums: Series, sizes: Series) -> float:
    """The variance by the differences from one place to the next, in which neither waves nor a step count for much."""
    seen = sizes > 0
    differences = np.diff(sums[seen] / sizes[seen])
    return float(np.median(differences**2)) / _MEDIAN_SQUARE / 2 * float(sizes.mean()) if len(differences) else 0.0


def _is_drift(sums: Series, sizes: Series, start: int) -> bool:
    """Whether a straight line lies closer to the series than the step does, by weighted squares."""
    seen = sizes > 0
    at, weights = np.arange(len(sums), dtype=float)[seen], sizes[seen]
    rates = sums[seen] / weights
    step = np.where(at < start, _mean(sums, sizes, slice(0, start)), _mean(sums, sizes, slice(start, None)))
    line = np.polynomial.Polynomial.fit(at, rates, 1, w=np.sqrt(weights))(at)
    return bool((weights * (rates - line) ** 2).sum() <= (weights * (rates - step) ** 2).sum())


def _mean(sums: Series, sizes: Series, part: slice) -> float:
    size = float(sizes[part].sum())
    return float(sums[part].sum()) / size if size else 0.0


def _binomial(failures: Series, counts: Series) -> Series:
    """The log-likelihood of the failures at their own rate; 0 × log 0 is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(counts > 0, failures / np.where(counts > 0, counts, 1.0), 0.0)
        failed = np.where(share > 0, failures * np.log(share), 0.0)
        passed = np.where(share < 1, (counts - failures) * np.log1p(-np.minimum(share, 1.0)), 0.0)
    return np.asarray(failed + passed)


def _normal(sums: Series, sizes: Series) -> Series:
    """The log-likelihood of values around their mean, but for what all partings have in common; of variance 1."""
    return np.asarray(np.where(sizes > 0, sums**2 / (2 * np.where(sizes > 0, sizes, 1.0)), 0.0))


_RATE = _Kind(_binomial, lambda mean: mean * (1 - mean), 1.0)
_LEVEL = _Kind(_normal, lambda mean: 1.0, _LEAST_NOISE**2)
