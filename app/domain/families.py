"""Parents and their product lines: who stands below whom, and ARR counted once.

What a record calls its parent may be missing, out of the caller's sight, or go round in a circle. A parent that is not
among the accounts is none; accounts that go round in a circle have none either.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from app.domain.records import Account

CENT = 0.005
"""Sums of money that differ by less are the same."""


@dataclass(frozen=True, slots=True)
class Family:
    """`parents` gives the parent of each account that has one; `circling` are those whose parents go in a circle."""

    parents: Mapping[str, str]
    children: Mapping[str, tuple[str, ...]]
    circling: frozenset[str]

    def below(self, account_id: str) -> dict[str, int]:
        """All accounts below this one, parents before their children, each with how deep it stands (1: a child)."""
        found: dict[str, int] = {}
        waiting = [(child, 1) for child in reversed(self.children.get(account_id, ()))]
        while waiting:
            one, depth = waiting.pop()
            found[one] = depth
            waiting += [(child, depth + 1) for child in reversed(self.children.get(one, ()))]
        return found


def within(account: Account, scope: Collection[str] | None) -> Account:
    """The account as a caller sees it who may see those in `scope`, None for all: a parent outside it is none."""
    if scope is None or account.parent_id is None or account.parent_id in scope:
        return account
    return account.model_copy(update={"parent_id": None})


def family_of(parent_ids: Mapping[str, str | None]) -> Family:
    """The family that these accounts, each with what it calls its parent, make among themselves."""
    named = {one: parent for one, parent in parent_ids.items() if parent is not None and parent in parent_ids}
    circling = _circling(named)
    parents = {one: parent for one, parent in named.items() if one not in circling}
    children: dict[str, list[str]] = defaultdict(list)
    for one in sorted(parents):
        children[parents[one]].append(one)
    return Family(parents, {parent: tuple(below) for parent, below in children.items()}, circling)


def arr_counted_once(
    accounts: Collection[Account],
    arr: Mapping[str, float],
    currencies: Mapping[str, str],
    own_contracts: Collection[str] = (),
) -> dict[str, float]:
    """What each account's known ARR adds to a sum in which no money counts twice.

    `own_contracts` are the accounts whose ARR is the sum of movements of their own: they add the whole. Of the others,
    a parent's ARR that reaches the sum of its children's contains it, and adds the rest alone; one that is less is a
    contract of its own too. Children in another currency are none here.
    """
    family = family_of({account.id: account.parent_id for account in accounts})
    if not family.parents:
        return dict(arr)
    counted = dict(arr)
    below: dict[str, float] = defaultdict(float)
    for one in reversed(_parents_first(family)):
        own = arr.get(one, 0.0)
        contains = one in arr and one not in own_contracts and below[one] > 0 and own >= below[one] - CENT
        if contains:
            counted[one] = max(own - below[one], 0.0)
        parent = family.parents.get(one)
        if parent is not None and currencies.get(one) == currencies.get(parent):
            below[parent] += own if contains else own + below[one]
    return counted


def _parents_first(family: Family) -> list[str]:
    """Every account of a family, parents before their children."""
    roots = [parent for parent in family.children if parent not in family.parents]
    return [one for root in roots for one in (root, *family.below(root))]


def _circling(parents: Mapping[str, str]) -> frozenset[str]:
    """The accounts that are their own parent's parent, however far up."""
    circling: set[str] = set()
    settled: set[str] = set()
    for start in parents:
        path: dict[str, int] = {}
        one: str | None = start
        while one is not None and one not in settled and one not in path:
            path[one] = len(path)
            one = parents.get(one)
        if one is not None and one in path:
            circling |= {other for other, place in path.items() if place >= path[one]}
        settled |= path.keys()
    return frozenset(circling)
