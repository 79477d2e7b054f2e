"""The comparison ledger (design, section 4): what moved the score between two days, line by line, over arrays.

A component's share is 100·p ÷ M: its points of the most that the known components give, M; an unknown component
counts 0. Its line is the share at the later day less the share at the earlier one, both under the settings that were
in force at the earlier. One more line, settings, is the later data under the new settings less the same under the
old. The lines sum to the change of the whole share, which is the score wherever a score is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.domain.snapshot import Flags, Floats, Strings
from tools.health.parameters import ComponentKey
from tools.health.scoring import COMPONENTS, KNOWN, NOT_APPLICABLE, Component, Scores

# Why a line moved: its data did; it became known; it became unknown; only M moved; it did not move.
CHANGED: Final = "changed"
APPEARED: Final = "appeared"
WENT_MISSING: Final = "went_missing"
COVERAGE: Final = "coverage"
UNCHANGED: Final = "unchanged"

ROUNDING = 1e-9
"""Points and shares that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Lines of each account, in points of 100. `groups` says why each component's line moved."""

    lines: Mapping[ComponentKey, Floats]
    groups: Mapping[ComponentKey, Strings]
    settings: Floats
    change: Floats


def ledger(then: Scores, now_as_set: Scores, now: Scores) -> Ledger:
    """The ledger of accounts that stand in the same rows of all three.

    `then` and `now_as_set` are the earlier and the later data under the old settings, `now` is the later under the new.
    """
    before, after = shares(then.components), shares(now_as_set.components)
    settled = total(shares(now.components))
    lines = {key: after[key] - before[key] for key in COMPONENTS}
    return Ledger(
        lines=lines,
        groups={key: _groups(then.components[key], now_as_set.components[key], lines[key]) for key in COMPONENTS},
        settings=settled - total(after),
        change=settled - total(before),
    )


def shares(components: Mapping[ComponentKey, Component]) -> dict[ComponentKey, Floats]:
    """100·p ÷ M of each component; 0 where it is not known, and where nothing is."""
    most = most_known(components)
    return {
        key: np.divide(100 * np.nan_to_num(c.points), most, out=np.zeros(len(most)), where=most > 0)
        for key, c in components.items()
    }


def total(of_each: Mapping[ComponentKey, Floats]) -> Floats:
    """The share of all components together."""
    first, *others = COMPONENTS
    whole = of_each[first].copy()
    for key in others:
        whole += of_each[key]
    return whole


def comparable(then: Scores, now: Scores) -> tuple[Floats, Floats]:
    """The share on each of the two days over the components that are known on both; NaN where there are none.

    Data that came or went missing does not move it: it falls only where something is known to have got worse.
    """
    both = {key: (then.components[key].state == KNOWN) & (now.components[key].state == KNOWN) for key in COMPONENTS}
    return _over(then, both), _over(now, both)


def _over(scores: Scores, both: Mapping[ComponentKey, Flags]) -> Floats:
    points, most = np.zeros(len(scores.score)), np.zeros(len(scores.score))
    for key, counts in both.items():
        component = scores.components[key]
        points += np.where(counts, np.nan_to_num(component.points), 0.0)
        most += np.where(counts, component.max, 0.0)
    share: Floats = np.divide(100 * points, most, out=np.full(len(most), np.nan), where=most > 0)
    return share


def most_known(components: Mapping[ComponentKey, Component]) -> Floats:
    """M: the most that the known components of each account give."""
    most = np.zeros(len(components[COMPONENTS[0]].max))
    for key in COMPONENTS:
        most += np.where(components[key].state == KNOWN, components[key].max, 0.0)
    return most


def _groups(then: Component, now: Component, line: Floats) -> Strings:
    """A component that begins or ceases to apply has changed: the account's usage model did."""
    was, is_known = then.state == KNOWN, now.state == KNOWN
    same = np.isclose(then.points, now.points, rtol=0, atol=ROUNDING) & (then.max == now.max)
    groups = np.where(was & is_known & ~same, CHANGED, UNCHANGED).astype(object)
    groups[was & is_known & same & (np.abs(line) > ROUNDING)] = COVERAGE
    groups[~was & is_known] = APPEARED
    groups[was & ~is_known] = WENT_MISSING
    applied = (then.state == NOT_APPLICABLE) != (now.state == NOT_APPLICABLE)
    groups[applied & (was | is_known)] = CHANGED
    return groups
