"""Rules of whom it hits, by shares of failures and of traffic: one client, region or endpoint, or all clients alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.blocks import Side
from app.domain.figures import Figure, text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.logs import Breakdown, Dimension, LogSummary, Share
from tools.troubleshoot.parameters import Extent
from tools.troubleshoot.rules.change_points import unlikeliness
from tools.troubleshoot.rules.rule import Clue, Finding, Rule

_NAMES: dict[Dimension, str] = {
    "client": "client",
    "host": "host",
    "version": "version",
    "region": "region",
    "endpoint": "endpoint",
}


@dataclass(frozen=True, slots=True)
class _Focus:
    """The one value that has the failures, and what the others have."""

    top: Share
    others: int
    other_errors: int

    @property
    def of_failures(self) -> float:
        return self.top.errors / (self.top.errors + self.other_errors)

    @property
    def of_traffic(self) -> float:
        return self.top.count / (self.top.count + self.others)


def one_client(case: Case) -> Finding | None:
    """Failures come from one client; else from one host or version, where nobody can tell whose that is."""
    return _one(case, "client", "customer") or _one(case, "version", "undecided") or _one(case, "host", "undecided")


def one_region(case: Case) -> Finding | None:
    """Failures are in one region only."""
    return _one(case, "region", "undecided")


def one_endpoint(case: Case) -> Finding | None:
    """Failures are at one endpoint only."""
    return _one(case, "endpoint", "undecided")


def all_clients(case: Case) -> Finding | None:
    """Failures are spread over all clients in proportion to their traffic."""
    for log, place in case.facts(LogSummary):
        breakdown = log.breakdown("client")
        alike = _alike(breakdown.values, case.parameters.extent, case.parameters.change.rate) if breakdown else ()
        if alike:
            return _all(case, alike, place)
    return None


def _one(case: Case, dimension: Dimension, side: Side) -> Finding | None:
    for log, place in case.facts(LogSummary):
        breakdown = log.breakdown(dimension)
        focus = _focus(breakdown, case) if breakdown else None
        if focus is not None:
            return _finding(case, focus, dimension, place, side)
    return None


def _focus(breakdown: Breakdown, case: Case) -> _Focus | None:
    """The value that fails alone. One that is most of the traffic has most failures anyway: it proves nothing."""
    least = case.parameters.extent
    top = max(breakdown.values, key=lambda each: each.errors, default=None)
    if top is None:
        return None
    others = [each for each in breakdown.values if each is not top]
    focus = _Focus(top, sum(each.count for each in others), sum(min(each.errors, each.count) for each in others))
    if focus.others < least.others or top.errors + focus.other_errors < least.failures or top.errors > top.count:
        return None
    if focus.of_failures < least.of_failures or focus.of_traffic > least.of_traffic:
        return None
    other_rate = focus.other_errors / focus.others
    if other_rate > least.well or top.errors / top.count < least.ratio * other_rate:
        return None
    unlikely = unlikeliness(top.errors, top.count, focus.other_errors, focus.others)
    return focus if unlikely >= np.log(len(breakdown.values) / case.parameters.change.chance) else None


def _finding(case: Case, focus: _Focus, dimension: Dimension, place: Place, side: Side) -> Finding:
    name, value = _NAMES[dimension], focus.top.value
    of_failures = _share(
        case, f"{dimension}.failures", f"Share of the failures at {name} {value}", focus.of_failures, place
    )
    of_traffic = _share(
        case, f"{dimension}.traffic", f"Share of the traffic of {name} {value}", focus.of_traffic, place
    )
    clue = Clue(
        text(f"{value} has ", of_failures, " of the failures and ", of_traffic, " of the requests"),
        place,
        (of_failures, of_traffic),
    )
    others = Clue(text(f"The others failed in {focus.other_errors:,} of {focus.others:,} requests"), place)
    values = {"name": name, "value": value}
    return Finding("likely", text(f"Failures come from one {name}: {value}"), (clue, others), values=values, side=side)


def _alike(values: Sequence[Share], least: Extent, rate: float) -> tuple[Share, ...]:
    """The clients that tell something, where all of them fail alike; nothing where they do not."""
    count, errors = sum(each.count for each in values), sum(each.errors for each in values)
    if errors < least.failures or errors < rate * count or max(each.count for each in values) > least.largest * count:
        return ()
    common = errors / count
    telling = tuple(each for each in values if common * each.count >= least.expected)
    if len(telling) < least.clients:
        return ()
    rates = [each.errors / each.count for each in telling]
    return telling if all(common / least.spread <= each <= common * least.spread for each in rates) else ()


def _all(case: Case, alike: Sequence[Share], place: Place) -> Finding:
    rates = sorted(each.errors / each.count for each in alike)
    low = _share(case, "clients.least", "Lowest share of failures of a client", rates[0], place)
    high = _share(case, "clients.most", "Highest share of failures of a client", rates[-1], place)
    clue = Clue(
        text(f"{len(alike)} clients fail alike: between ", low, " and ", high, " of their requests"), place, (low, high)
    )
    return Finding(
        "likely",
        text(f"All {len(alike)} clients with enough requests fail alike"),
        (clue,),
        values={"clients": str(len(alike))},
    )


def _share(case: Case, name: str, label: str, share: float, place: Place) -> Figure:
    return case.figure(f"extent.{name}", label, 100 * share, "%", "counted in the log", place)


RULES: tuple[Rule, ...] = (
    Rule("all_clients", "product", all_clients, "context"),
    Rule("one_client", "customer", one_client, "context"),
    Rule("one_region", "undecided", one_region, "context"),
    Rule("one_endpoint", "undecided", one_endpoint, "context"),
)
