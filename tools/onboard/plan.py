"""The plan of an account: its milestones, kept as rows or from the template, and where each of them stands."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.domain.records import Milestone, MilestoneSlip, Party
from tools.onboard.days import between, day_of
from tools.onboard.material import Material
from tools.onboard.parameters import OnboardParameters, measure_of
from tools.onboard.readings import Reading, read
from tools.onboard.standing import standing_of

State = Literal["done", "overdue", "unknown", "due", "ahead"]
"""`unknown`: its day is over, nobody keeps the plan, and nothing on record tells whether it is done."""

_KEY_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Step:
    """A milestone as of a day.

    `done_on` is None where it is not done, or where data show it done with no day on record. `by` says whether a person
    signed it or data show it. `late` are the working days since its due day, `left` those to it. `whose` is the party
    whose turn it is, `waits_for` the code of the first milestone before it that is not done.
    """

    milestone: Milestone
    readings: tuple[Reading, ...]
    is_done: bool
    done_on: dt.date | None
    by: Literal["signed", "data"] | None
    state: State
    late: int
    left: int
    whose: Party | None = None
    waits_for: str | None = None

    @property
    def code(self) -> str:
        return self.milestone.code


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps in the plan's order. `kept` says that they are rows, and no template can move them."""

    steps: tuple[Step, ...]
    kept: bool

    @property
    def open(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if not step.is_done)

    @property
    def overdue(self) -> tuple[Step, ...]:
        """The longest overdue first."""
        late = (step for step in self.steps if step.state == "overdue")
        return tuple(sorted(late, key=lambda step: (step.milestone.due, place_of(step.milestone))))

    @property
    def unknown(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.state == "unknown")

    @property
    def next(self) -> Step | None:
        """The open milestone that is due next, of those whose day is not over; None where there is none."""
        ahead = (step for step in self.steps if step.state in ("due", "ahead"))
        return min(ahead, key=lambda step: (step.milestone.due, place_of(step.milestone)), default=None)

    def step(self, code: str) -> Step | None:
        return next((step for step in self.steps if step.code.casefold() == code.casefold()), None)

    @property
    def milestones(self) -> tuple[Milestone, ...]:
        return tuple(step.milestone for step in self.steps)


def from_template(account_id: str, start: dt.date, model: str, parameters: OnboardParameters) -> tuple[Milestone, ...]:
    """The template's milestones for a usage model, dated from the contract's start."""
    chosen = [each for each in parameters.milestones if model in each.models]
    codes = {each.key: f"M{number}" for number, each in enumerate(chosen, 1)}
    owner = hashlib.sha256(account_id.encode()).hexdigest()[:_KEY_LENGTH]
    return tuple(
        Milestone(
            id=f"ms-{owner}.{each.key}",
            account_id=account_id,
            code=codes[each.key],
            title=each.title,
            phase=each.phase,
            owner=each.owner,
            planned=day_of(start, each.day),
            due=day_of(start, each.day),
            acceptance=each.wording,
            measures=each.measures,
            after=tuple(codes[key] for key in each.after if key in codes),
        )
        for each in chosen
    )


def plan_of(material: Material) -> Plan | None:
    """The account's plan; None where it has no rows, and no template can be dated or none is wanted any more."""
    kept, start = material.milestones, material.account.contract_start
    if kept:
        return planned(material, sorted(kept, key=place_of), kept=True)
    if start is None or standing_of(material) not in ("ahead", "running"):
        return None
    rows = from_template(material.account.id, start, material.account.usage_model, material.parameters)
    return planned(material, rows, kept=False)


def planned(material: Material, milestones: Sequence[Milestone], *, kept: bool) -> Plan:
    """These milestones with where each stands."""
    steps = tuple(_step(material, milestone, kept=kept) for milestone in milestones)
    by_code = {step.code: step for step in steps}
    slips = newest_slips(material.slips)
    return Plan(tuple(_with_turn(step, by_code, slips, material.parameters.roles) for step in steps), kept)


def place_of(milestone: Milestone) -> tuple[int, int, str]:
    """The order of a plan: by code, as people count them."""
    digits = "".join(character for character in milestone.code if character.isdigit())
    return (int(digits) if digits else 10**6, milestone.phase, milestone.code)


def newest_slips(slips: tuple[MilestoneSlip, ...]) -> Mapping[str, MilestoneSlip]:
    """The newest slip of each milestone that says whose wait it is, by milestone id."""
    found: dict[str, MilestoneSlip] = {}
    for slip in sorted(slips, key=lambda each: (each.date, each.id)):
        if slip.whose is not None:
            found[slip.milestone_id] = slip
    return found


def _step(material: Material, milestone: Milestone, *, kept: bool) -> Step:
    measures = tuple(measure for written in milestone.measures if (measure := measure_of(written)))
    readings = tuple(read(material, measure) for measure in measures)
    signed = milestone.done_on is not None and milestone.done_on <= material.as_of
    known = bool(readings) and len(measures) == len(milestone.measures)
    shown = known and all(reading.holds == "yes" for reading in readings)
    days = [reading.on for reading in readings]
    shown_on = max((day for day in days if day), default=None) if None not in days else None
    is_done = signed or shown
    tells = kept or any(reading.holds == "no" for reading in readings)
    late, left = between(milestone.due, material.as_of), between(material.as_of, milestone.due)
    return Step(
        milestone=milestone,
        readings=readings,
        is_done=is_done,
        done_on=milestone.done_on if signed else shown_on if shown else None,
        by="signed" if signed else "data" if shown else None,
        state=_state(material, is_done=is_done, late=late, left=left, tells=tells),
        late=0 if is_done else late,
        left=0 if is_done else left,
    )


def _state(material: Material, *, is_done: bool, late: int, left: int, tells: bool) -> State:
    """Overdue from the first working day after the due day, where a plan is kept or data tell that it is not done."""
    if is_done:
        return "done"
    if late > 0:
        return "overdue" if tells else "unknown"
    return "due" if left <= material.parameters.soon_working_days else "ahead"


def _with_turn(
    step: Step, by_code: Mapping[str, Step], slips: Mapping[str, MilestoneSlip], roles: Mapping[str, Party]
) -> Step:
    if step.is_done:
        return step
    first = _blocking(step, by_code, frozenset())
    slip = slips.get(first.milestone.id)
    whose = slip.whose if slip else roles.get(first.milestone.owner or "")
    waits_for = first.code if first is not step else None
    return replace(step, whose=whose, waits_for=waits_for)


def _blocking(step: Step, by_code: Mapping[str, Step], seen: frozenset[str]) -> Step:
    """The milestone that has to be done first of all for this one; itself where nothing before it is known open."""
    for code in step.milestone.after:
        before = by_code.get(code)
        if before is not None and before.state not in ("done", "unknown") and code not in seen:
            return _blocking(before, by_code, seen | {step.code})
    return step
