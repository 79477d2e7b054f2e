"""Exact intervals of a share (Clopper and Pearson, 1934): they hold for few cases, too."""

import numpy as np

from app.domain.snapshot import Floats

_HALVINGS = 60


def exact_interval(hits: int, of: int, confidence: float) -> tuple[float, float]:
    """Where the true share lies (0–1), with at least that confidence; 0 to 1 of no cases."""
    if of == 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    ways = _log_ways(of)
    low = 0.0 if hits == 0 else _share_where(ways, of, hits, tail)
    high = 1.0 if hits == of else 1 - _share_where(ways, of, of - hits, tail)
    return low, high


def _share_where(ways: Floats, of: int, hits: int, chance: float) -> float:
    """The share at which `hits` or more of `of` have that chance; found by halving, since the chance grows with it."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_least(ways, of, hits, middle) < chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_least(ways: Floats, of: int, hits: int, share: float) -> float:
    """The chance of `hits` or more of `of` cases, each with the chance `share`, which lies between 0 and 1."""
    number = np.arange(of + 1)
    chances = np.exp(ways + number * np.log(share) + (of - number) * np.log1p(-share))
    return float(chances[hits:].sum())


def _log_ways(of: int) -> Floats:
    """The logarithm of the number of ways to choose 0, 1, … of `of` cases."""
    number = np.arange(1, of + 1)
    return np.concatenate([[0.0], np.cumsum(np.log(of - number + 1) - np.log(number))])
