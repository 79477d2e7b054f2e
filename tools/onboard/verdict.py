"""The verdict of /onboard ACCOUNT: where it stands, whose turn it is, and the next step."""

from app.domain.blocks import Tone, Verdict
from app.domain.figures import Evidence, Figure, Text, joined, text
from app.domain.first_value import first_value_figures
from tools.health.promises import shortened
from tools.health.wording import counted, listing
from tools.onboard.material import Material
from tools.onboard.plan import Plan
from tools.onboard.slips import PARTY_WORDS, waited
from tools.onboard.told import Told, goal_number, missing_data
from tools.onboard.words import due_figure, late_figure, step_name, turn_words

MOST_RISKS = 3
"""So many risks are named in the verdict."""


def verdict(told: Told) -> Verdict:
    headline, tone = _headline(told)
    makers = (
        _phase_line,
        _late_line,
        _unknown_line,
        _next_line,
        _waited_line,
        _value_line,
        _goal_line,
        _risk_line,
        _question_line,
    )
    lines = [make(told) for make in (*makers, _missing_line, _step_line)]
    return Verdict(tone=tone, headline=headline, lines=tuple(line for line in lines if line))


def _headline(told: Told) -> tuple[Text, Tone]:
    figures, plan = told.found.figures, told.plan
    match told.standing:
        case "churned":
            return text(f"{told.name} is no customer any more: there is no onboarding to run"), "neutral"
        case "undated":
            return text(f"{told.name}: no plan can be dated, since the contract's start is not on record"), "warning"
        case "ahead":
            day = figures.get("contract.begins")
            begins = text(day) if day is not None else text(str(told.material.account.contract_start))
            return text(f"{told.name} is not a customer yet: the contract starts ", begins), "neutral"
        case "over":
            return _over(told)
    day = figures["onboarding.day"]
    of = f" of {told.material.days}" if isinstance(day.value, int) and day.value <= told.material.days else ""
    start = text(f"{told.name}: onboarding day ", day, of)
    if plan is None or not plan.overdue:
        return text(start, _no_overdue(plan)), "warning" if plan and plan.unknown else "good"
    first = plan.overdue[0]
    late = late_figure(told.material, first, told.stated, kept=plan.kept)
    late_text = text(f", {step_name(first)} overdue by ", counted(late, "working day", "working days"))
    return text(start, late_text, f", turn: {turn_words(first)}"), "bad"


def _no_overdue(plan: Plan | None) -> str:
    if plan is None or not plan.open:
        return ", every milestone is done"
    if not plan.unknown:
        return ", on track"
    number = len(plan.unknown)
    which = "one milestone" if number == 1 else f"{number} milestones"
    return f", no plan is kept: of {which} past the day nothing on record tells"


def _over(told: Told) -> tuple[Text, Tone]:
    """Past the first 90 days: what came of the plan."""
    plan = told.plan
    if plan is None:
        ended = f", which ended on {told.material.ends}" if told.material.ends else ""
        return text(f"{told.name} is past its first {told.material.days} days{ended}; no plan was kept"), "neutral"
    if not plan.open:
        return text(f"{told.name} is through onboarding: every milestone was done"), "good"
    codes = listing([step.code for step in plan.open])
    return text(f"{told.name} is past its first {told.material.days} days, never closed: {codes}"), "warning"


def _phase_line(told: Told) -> Text:
    plan, figures = told.plan, told.found.figures
    if plan is None:
        return ()
    done = [step for step in plan.steps if step.is_done]
    evidence = tuple(Evidence(kind="milestones", id=step.milestone.id) for step in done) if plan.kept else ()
    rule = "milestones that were signed, or that data show done"
    number = told.material.figure("milestones.done", "Milestones done", len(done), "count", rule, evidence)
    told.stating(number)
    signed = sum(step.by == "signed" for step in done)
    how = f" ({signed} signed, {len(done) - signed} shown by data)" if done else ""
    counts = text(number, f" of {len(plan.steps)} milestones done{how}.")
    stage = told.material.stage
    if told.standing != "running" or stage is None or "onboarding.phase_end" not in figures:
        return counts if told.standing != "ahead" else ()
    return text(f"Phase: {stage.phase.name}, to ", figures["onboarding.phase_end"], "; ", counts)


def _late_line(told: Told) -> Text:
    if told.plan is None or told.standing != "running" or len(told.plan.overdue) < 2:
        return ()
    parts_ = []
    for step in told.plan.overdue[1:4]:
        late = late_figure(told.material, step, told.stated, kept=told.plan.kept)
        parts_.append(text(f"{step_name(step)} by ", late, f" (turn: {turn_words(step)})"))
    more = len(told.plan.overdue) - 4
    return text("Overdue too, in working days: ", joined(parts_, "; "), f"; and {more} more." if more > 0 else ".")


def _unknown_line(told: Told) -> Text:
    """Milestones of which nobody knows, where others are known to be overdue."""
    plan = told.plan
    if plan is None or told.standing != "running" or not plan.unknown or not plan.overdue:
        return ()
    return text(f"No plan is kept, and nothing on record tells of {listing([step.code for step in plan.unknown])}.")


def _next_line(told: Told) -> Text:
    """The milestone that is due next, of those that are not overdue."""
    plan = told.plan
    if plan is None or told.standing not in ("running", "ahead"):
        return ()
    step = plan.next
    if step is None:
        return ()
    due = due_figure(told.material, step, told.stated, kept=plan.kept)
    return text(
        f"Next: {step_name(step)}, due ", due, f", owner {step.milestone.owner or 'nobody'}, turn: {turn_words(step)}."
    )


def _waited_line(told: Told) -> Text:
    waits = waited(told.material.slips)
    if not waits:
        return ()
    parts_ = [
        text(_waited_figure(told, party, number), f" for {PARTY_WORDS[party]}") for party, number in waits.items()
    ]
    return text("Moved so far, in working days: ", joined(parts_, ", "), ".")


def _waited_figure(told: Told, party: str | None, number: int) -> Figure:
    evidence = tuple(
        Evidence(kind="milestone_slips", id=slip.id, date=slip.date)
        for slip in told.material.slips
        if slip.whose == party
    )
    label, rule = (
        f"Working days waited for {party or 'nobody named'}",
        "sum of the slips; what was won back is taken off",
    )
    figure = told.material.figure(f"waited.{party or 'unnamed'}", label, number, "days", rule, evidence)
    told.stated.add((figure,))
    return figure


def _value_line(told: Told) -> Text:
    """Time to value, or how long it has been without any."""
    material = told.material
    figures = first_value_figures(material.case.portfolio, material.first_use, material.case.row)
    told.stated.add(figures.values())
    if figures["ttv.days"].value is not None:
        return text(
            "First production use on ",
            figures["ttv.first_use_on"],
            ", time to value ",
            counted(figures["ttv.days"], "day", "days"),
            ".",
        )
    if figures["ttv.first_use_on"].value is not None:
        return text("First production use on ", figures["ttv.first_use_on"], ".")
    start = material.account.contract_start
    if told.standing != "running" or start is None:
        return ()
    return text(
        "No production use yet, ",
        counted(told.stating(waiting(told.material)), "day", "days"),
        " after the contract's start.",
    )


def _goal_line(told: Told) -> Text:
    goal = next((g for g in told.material.goals if g.baseline is not None and g.target is not None), None)
    if goal is None or told.standing in ("churned", "over"):
        return ()
    numbers = text(goal_number(told, goal, "baseline"), " to ", goal_number(told, goal, "target"))
    due = f" by {goal.due}" if goal.due else ""
    return text(f"Success: {shortened(goal.title)}, {goal.metric or 'its number'} from ", numbers, f"{due}.")


def _risk_line(told: Told) -> Text:
    names = [risk.label.lower() for risk in told.risks if risk.key != "overdue"]
    if not names:
        return ()
    more = f" and {len(names) - MOST_RISKS} more" if len(names) > MOST_RISKS else ""
    return text(f"Risks: {', '.join(names[:MOST_RISKS])}{more}.")


def _question_line(told: Told) -> Text:
    if not told.unanswered or told.standing in ("churned", "over"):
        return ()
    keys = listing([answer.question.key for answer in told.unanswered])
    return text(f"Still to ask: {keys} (of {len(told.answers)} questions of discovery).")


def _missing_line(told: Told) -> Text:
    missing = missing_data(told)
    return text(f"Missing: {'; '.join(missing)}.") if missing else ()


def _step_line(told: Told) -> Text:
    """What to do next, in one sentence."""
    plan = told.plan
    if told.standing == "undated":
        return text("Next step: put the contract's start on record, then ask what is still to ask.")
    if plan is None or told.standing not in ("running", "ahead"):
        return _closing_line(told)
    if told.standing == "ahead":
        return text("Next step: invite both teams to the kick-off, and ask the questions of discovery.")
    if plan.overdue:
        first = plan.overdue[0]
        code, party = first.waits_for or first.code, PARTY_WORDS[first.whose]
        return text(f"Next step: settle {code} with {party}; then done {code}, or slip {code} +Nd whose=… and why.")
    if plan.unknown:
        code = plan.unknown[0].code
        return text(
            f"Next step: go through the plan with the owner, and sign what was done: done {code}. That keeps it."
        )
    if told.unanswered:
        asked = told.unanswered[0].question
        return text(f"Next step: ask “{asked.ask}” and write it down: answer {asked.key} ….")
    step = plan.next
    if step is None:
        return text("Next step: agree on the goals of the next 90 days.")
    counts = step.milestone.acceptance or "both sides sign it."
    return text(f"Next step: {step.milestone.owner or 'an owner'} for {step.code}. It is done when: {counts}")


def _closing_line(told: Told) -> Text:
    if told.standing == "over" and told.is_kept and told.plan is not None and told.plan.open:
        return text("Next step: sign what was done since (done CODE), and carry the rest into the success plan.")
    if told.standing == "over" and not told.is_kept:
        return text("Next step: see /adoption for how far use has come, and /health for how the account does now.")
    return ()


def waiting(material: Material) -> Figure:
    """Days since the contract's start without any production use."""
    start = material.account.contract_start
    value = None if start is None else (material.as_of - start).days
    rule, evidence = "as_of less the contract's start", (Evidence(kind="accounts", id=material.account.id),)
    return material.figure("days_without_value", "Days without production use", value, "days", rule, evidence)
