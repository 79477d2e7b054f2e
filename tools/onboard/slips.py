"""A milestone that moves: what it pushes, and who has kept the plan waiting for how long."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.domain.problems import InvalidArguments
from app.domain.records import Milestone, MilestoneSlip, Party
from tools.onboard.days import moved
from tools.onboard.plan import Plan, Step, place_of

PARTIES: tuple[Party, ...] = ("customer", "us", "vendor")
PARTY_WORDS: Mapping[Party | None, str] = {
    "customer": "the customer", "us": "us", "vendor": "a third party", None: "nobody named",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moved:
    """A milestone with the day it was due and the one it is due now."""

    milestone: Milestone
    before: dt.date

    @property
    def after(self) -> dt.date:
        return self.milestone.due


def dependants(plan: Plan, code: str) -> tuple[Step, ...]:
    """The open milestones that wait for this one, directly or by others that are open.

    Where the plan names no dependencies at all, these are all later ones.
    """
    steps = plan.steps
    if not any(step.milestone.after for step in steps):
        place = next(at for at, step in enumerate(steps) if step.code == code)
        return tuple(step for step in steps[place + 1 :] if not step.is_done)
    reached = {code}
    grown = True
    while grown:
        grown = False
        for step in steps:
            if step.code not in reached and not step.is_done and reached & set(step.milestone.after):
                reached.add(step.code)
                grown = True
    return tuple(step for step in steps if step.code in reached - {code})


def push(plan: Plan, code: str, working_days: int) -> tuple[Moved, ...]:
    """The milestone and what waits for it, each moved by as many working days; the order of days stays.

    Pulled forward, none comes before what it waits for.

    Raises:
        InvalidArguments: the milestone itself would come before one that it waits for.
    """
    steps = {step.code: step for step in plan.steps}
    own = steps[code].milestone
    due = {each: step.milestone.due for each, step in steps.items()}
    due[code] = moved(own.due, working_days)
    early = [each for each in own.after if each in due and working_days < 0 and due[code] < due[each] <= own.due]
    if early:
        raise InvalidArguments(
            f"{code} cannot be due on {due[code]}: it waits for {early[0]}, which is due on {due[early[0]]}. "
            f"Move {early[0]} first.",
            invalid=["text"],
        )
    pushed = sorted(dependants(plan, code), key=lambda step: (step.milestone.due, place_of(step.milestone)))
    for step in pushed:
        milestone = step.milestone
        wanted = moved(milestone.due, working_days)
        kept = [
            due[each] for each in milestone.after if each in due and due[each] > wanted and due[each] <= milestone.due
        ]
        due[step.code] = max((wanted, *kept)) if working_days < 0 else wanted
    chosen = (own, *(step.milestone for step in sorted(pushed, key=lambda step: place_of(step.milestone))))
    return tuple(Moved(each.model_copy(update={"due": due[each.code]}), each.due) for each in chosen)


def waited(slips: Sequence[MilestoneSlip]) -> Mapping[Party | None, int]:
    """Working days by which milestones were moved, by whose wait it was; what was won back is taken off."""
    totals: Counter[Party | None] = Counter()
    for slip in slips:
        totals[slip.whose] += slip.working_days
    return {party: totals[party] for party in (*PARTIES, None) if totals[party]}
