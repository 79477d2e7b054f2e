"""The planned traffic of a month, of which half is moved by week 8: answered, a goal's target, or the quota."""

from dataclasses import dataclass

from app.domain.figures import Evidence
from app.domain.records import Goal
from tools.onboard.discovery import planned_calls
from tools.onboard.material import Material


@dataclass(frozen=True, slots=True)
class Planned:
    """Calls a month, and in words where they come from."""

    calls: float
    words: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class MovedShare:
    """A goal that measures the share itself, in percent."""

    goal: Goal
    percent: float


def planned(material: Material) -> Planned | None:
    """The planned calls a month: as answered, else the target of a goal on calls, else the quota; None without any."""
    account = material.account
    if answered := planned_calls(material):
        said = material.check("discovery", material.parameters.volume.item)
        evidence = (Evidence(kind="checks", id=said.identity),) if said else ()
        return Planned(answered, f"of the {answered:,.10g} calls a month that were planned", evidence)
    for goal in material.goals:
        times = _times(material, goal)
        if times and goal.target:
            calls = goal.target * times
            return Planned(calls, f"of the goal of {calls:,.10g} calls a month", (Evidence(kind="goals", id=goal.id),))
    if account.api_quota_monthly:
        words = f"of the monthly quota of {account.api_quota_monthly:,}, as no planned volume is on record"
        return Planned(float(account.api_quota_monthly), words, (Evidence(kind="accounts", id=account.id),))
    return None


def moved_share(material: Material) -> MovedShare | None:
    """The goal that measures the share of the traffic itself; None where there is none with a value."""
    for goal in material.goals:
        metric = (goal.metric or "").lower()
        if goal.current is None or not any(words in metric for words in material.parameters.measuring.share_metrics):
            continue
        is_fraction = max(abs(goal.current), abs(goal.target or 0)) <= 1
        return MovedShare(goal, goal.current * 100 if is_fraction else goal.current)
    return None


def _times(material: Material, goal: Goal) -> float:
    """How many of a goal's numbers make a month's calls; 0 where it does not count calls."""
    metric = (goal.metric or "").lower()
    found = (times for words, times in material.parameters.measuring.volume_metrics.items() if words in metric)
    return next(found, 0.0)
