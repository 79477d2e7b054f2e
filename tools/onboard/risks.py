"""Risks of an onboarding that the data show, each with what is on record and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.figures import Evidence, Figure, Text, text
from tools.health.findings import Findings
from tools.health.promises import shortened
from tools.health.wording import counted
from tools.onboard import checklists, discovery
from tools.onboard.material import Material
from tools.onboard.parameters import RiskKey
from tools.onboard.people import parts
from tools.onboard.plan import Plan
from tools.onboard.slips import waited
from tools.onboard.words import turn_words


@dataclass(frozen=True, slots=True)
class Risk:
    key: RiskKey
    label: str
    seen: Text
    do: str
    evidence: tuple[Evidence, ...] = ()
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    key: RiskKey
    seen: Text
    evidence: tuple[Evidence, ...] = ()
    figures: tuple[Figure, ...] = ()


def risks(material: Material, found: Findings, plan: Plan | None) -> tuple[Risk, ...]:
    """What is seen, the most pressing first."""
    told = material.parameters.risks.told
    order = {key: place for place, key in enumerate(told)}
    seen = sorted(_all(material, found, plan), key=lambda each: order[each.key])
    return tuple(Risk(s.key, told[s.key].label, s.seen, told[s.key].do, s.evidence, s.figures) for s in seen)


def _all(material: Material, found: Findings, plan: Plan | None) -> Iterator[_Seen]:
    if plan is not None:
        yield from _of_plan(material, plan)
    yield from _of_people(material)
    yield from _of_record(material, found)
    yield from _of_technology(material, plan)


def _of_plan(material: Material, plan: Plan) -> Iterator[_Seen]:
    if late := plan.overdue:
        words = "; ".join(
            f"{step.code} by {step.late} working day{'' if step.late == 1 else 's'}, turn: {turn_words(step)}"
            for step in late[:3]
        )
        evidence = tuple(Evidence(kind="milestones", id=step.milestone.id) for step in late) if plan.kept else ()
        yield _Seen("overdue", text(words), evidence)
    slipped = waited(material.slips)
    if sum(slipped.values()) >= material.parameters.risks.slipped_working_days:
        evidence = tuple(Evidence(kind="milestone_slips", id=slip.id, date=slip.date) for slip in material.slips)
        yield _Seen("slipped", text(f"{sum(slipped.values())} working days in all"), evidence)
    last = max((step.milestone.due for step in plan.steps), default=None)
    early = [
        (due, goal.id, goal)
        for goal in material.goals
        if (due := goal.due) and last and material.as_of <= due < last and goal.status != "achieved"
    ]
    if early:
        due, _, first = min(early, key=lambda each: (each[0], each[1]))
        later = [s for s in plan.open if "production" in s.milestone.measures and due < s.milestone.due]
        after = f"{later[0].code} “{later[0].milestone.title}” only on {later[0].milestone.due}" if later else ""
        seen = text(f"“{shortened(first.title)}” is due on {due}, {after or f'the plan ends on {last}'}")
        yield _Seen("deadline", seen, (Evidence(kind="goals", id=first.id),))


def _of_people(material: Material) -> Iterator[_Seen]:
    rules, champions = material.parameters.risks, [c for c in material.people if c.is_champion]
    by_part = {part.stakeholder: part.people for part in parts(material)}
    developers = by_part["developer"]
    if material.account.usage_model != "seats":
        if not developers:
            yield _Seen("no_developers", text("no contact is marked as developer"))
        elif len(developers) <= rules.small_team_developers:
            evidence = tuple(Evidence(kind="contacts", id=c.id) for c in developers)
            noun = "developer" if len(developers) == 1 else "developers"
            yield _Seen("small_team", text(f"{len(developers)} {noun} on record"), evidence)
    if not champions:
        yield _Seen("no_champion", text("no contact who is still there is marked as champion"))
    elif len(champions) == 1:
        yield _Seen("one_champion", text("one champion is marked"), (Evidence(kind="contacts", id=champions[0].id),))
    if not by_part["business_owner"]:
        yield _Seen("no_business_owner", text("no contact is marked as business owner"))
    if not by_part["exec_sponsor"]:
        yield _Seen("no_sponsor", text("no contact is marked as executive sponsor"))


def _of_record(material: Material, found: Findings) -> Iterator[_Seen]:
    if found.triggered("competitor"):
        figures = tuple(found.indicators["competitor"].values())
        yield _Seen("competitor", found.indicator_seen("competitor"), figures[0].evidence, figures)
    if tickets := checklists.severe_tickets(material):
        evidence = tuple(Evidence(kind="tickets", id=each) for each in tickets)
        rule = "open tickets of SEV1 and SEV2"
        number = material.figure(
            "severe_tickets", "Open SEV1 and SEV2 tickets", len(tickets), "tickets", rule, evidence
        )
        yield _Seen(
            "severe_tickets",
            text(counted(number, "ticket", "tickets"), f": {', '.join(tickets[:3])}"),
            evidence,
            (number,),
        )
    if "onboarding_stalled" in found.case.watching:
        figures = tuple(found.watch["onboarding_stalled"].values())
        yield _Seen("stalled", found.watch_seen("onboarding_stalled"), figures[0].evidence, figures)
    late = [clock for clock in found.promises if clock.promise.overdue]
    if late:
        first = late[0]
        seen = text(f"“{shortened(first.promise.what)}” (", first.who(), "), ", first.told())
        yield _Seen("promise", seen, (Evidence(kind="commitments", id=first.promise.id),), first.figures)
    open_keys = {question.by for question in discovery.still_open(material)}
    if "goal_measure" in open_keys:
        yield _Seen("no_measure", text(f"{len(material.goals)} goals on record, none with metric, baseline and target"))


def _of_technology(material: Material, plan: Plan | None) -> Iterator[_Seen]:
    """What is missing from the technical phase on."""
    stage, row = material.stage, material.case.row
    late = stage is None or stage.day is None or stage.phase is not material.case.parameters.onboarding.phases[0]
    started = late and material.case.begins is None
    if material.integrations and not checklists.live(material, "production") and started:
        states = "; ".join(f"{i.kind}: {i.status or 'no status'} ({i.environment})" for i in material.integrations)
        evidence = tuple(Evidence(kind="integrations", id=i.identity) for i in material.integrations)
        yield _Seen("not_in_production", text(states), evidence)
    elif not material.integrations and started:
        yield _Seen("not_in_production", text("no integration is on record at all"))
    use = material.first_use
    if started and not (use.calls_on[row] or use.users_on[row]) and material.usable("usage"):
        yield _Seen("no_use", text("no call and no active user so far"))
    missing = checklists.missing(checklists.readiness(material))
    open_plan = plan is None or any(
        step.state != "done" and "readiness" in step.milestone.measures for step in plan.steps
    )
    if missing and started and open_plan:
        named = ", ".join(line.item.key.replace("_", " ") for line in missing[:4])
        more = f" and {len(missing) - 4} more" if len(missing) > 4 else ""
        yield _Seen("readiness", text(f"required and open: {named}{more}"))
