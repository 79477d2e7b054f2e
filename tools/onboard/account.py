"""/onboard ACCOUNT: where the plan stands, whose turn it is, what endangers it, and what is still to be asked."""

from collections.abc import Iterator

from app.domain.blocks import Block, Heading, Paragraph, Table
from app.domain.command import Context, Needs, Report
from app.domain.figures import Text, text
from tools.health.open_work import progress
from tools.health.promises import shortened
from tools.onboard.customer import customer_blocks
from tools.onboard.people import named
from tools.onboard.plan import Plan, Step
from tools.onboard.plan_data import plan_data
from tools.onboard.slips import PARTY_WORDS
from tools.onboard.standing import weeks
from tools.onboard.told import Told, goal_number, told_of
from tools.onboard.verdict import verdict
from tools.onboard.words import due_figure, shown_by, state_text, table, turn_words


def needs(account: str, *, today: bool = False) -> Needs:
    return Needs(account=account, daily=True, first_use=True, parameters_of=("health",), today=today)


def report(ctx: Context) -> Report:
    """The account's plan; for its customer without what is ours alone."""
    told = told_of(ctx)
    blocks = customer_blocks(told) if ctx.audience == "customer" else tuple(_blocks(told))
    return Report(plan_data(told), blocks, told.stated.figures)


def _blocks(told: Told) -> Iterator[Block]:
    yield verdict(told)
    if told.plan is not None:
        yield Heading(text=text("Onboarding plan"))
        yield _plan_table(told, told.plan)
        if not told.plan.kept and told.standing in ("ahead", "running"):
            yield Paragraph(
                text=text("The days come from the template; the first done, slip or sign-off keeps them on record.")
            )
    if told.standing == "undated" and told.plan is None:
        yield Heading(text=text("Plan to be dated"))
        yield _undated_table(told)
    if told.risks:
        yield Heading(text=text("Risks"))
        rows = [(text(risk.label), risk.seen, text(risk.do)) for risk in told.risks]
        yield table(("Risk", "On record", "What to do"), rows)
    if told.plan is not None:
        yield Heading(text=text("What the data show"), folded=True)
        yield _measure_table(told, told.plan)
    if told.material.slips:
        yield Heading(text=text("What moved, and who kept it waiting"), folded=True)
        yield _slip_table(told)
    yield Heading(text=text("Discovery"), folded=True)
    yield _question_table(told)
    yield Heading(text=text("Measures of success"), folded=True)
    yield from _goals(told)
    yield Heading(text=text("The customer's people"), folded=True)
    yield _people_table(told)


# ── Tables ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _plan_table(told: Told, plan: Plan) -> Table:
    rows = []
    for step in plan.steps:
        due = due_figure(told.material, step, told.stated, kept=plan.kept)
        moved = f" (first {step.milestone.planned})" if step.milestone.planned != step.milestone.due else ""
        state, turn = _state(told, step), "–" if step.is_done or told.standing != "running" else turn_words(step)
        owner = step.milestone.owner or "–"
        week = weeks(told.material, step.milestone.phase)
        rows.append(
            (text(step.code), text(week), text(step.milestone.title), text(owner), text(due, moved), state, text(turn))
        )
    return table(("Step", "Weeks", "Milestone", "Role", "Due", "State", "Turn"), rows)


def _undated_table(told: Told) -> Table:
    """The template for the account's usage model, in working days from a contract start that nobody knows yet."""
    model = told.material.account.usage_model
    rows = [
        (text(str(each.day)), text(each.title), text(each.owner), text(each.wording))
        for each in told.material.parameters.milestones
        if model in each.models
    ]
    return table(("Working day", "Milestone", "Role", "Done when"), rows)


def _state(told: Told, step: Step) -> Text:
    if told.standing in ("over", "churned") and not step.is_done:
        return text("never closed")
    return state_text(told.material, step, told.stated, kept=told.is_kept)


def _measure_table(told: Told, plan: Plan) -> Table:
    rows = []
    for step in plan.steps:
        for reading in step.readings:
            told.stated.add(reading.figures)
        rows.append((text(step.code), text(step.milestone.acceptance or "–"), shown_by(step)))
    return table(("Step", "Done when", "On record"), rows)


def _slip_table(told: Told) -> Table:
    codes = {step.milestone.id: step.code for step in (told.plan.steps if told.plan else ())}
    rows = [
        (
            text(str(slip.date)),
            text(codes.get(slip.milestone_id, slip.milestone_id)),
            text(f"{slip.working_days:+d} working days"),
            text(PARTY_WORDS[slip.whose]),
            text(shortened(slip.reason or "–")),
        )
        for slip in sorted(told.material.slips, key=lambda each: (each.date, each.id))
    ]
    return table(("On", "Step", "Moved", "For", "Why"), rows)


def _question_table(told: Told) -> Table:
    rows = [
        (text(answer.question.key), text(answer.question.ask), text(shortened(told.answer(answer)) or "not answered"))
        for answer in told.answers
    ]
    return table(("Key", "Question", "Answer"), rows, text("Write one down: answer KEY and the answer."))


def _goals(told: Told) -> Iterator[Block]:
    if not told.material.goals:
        yield Paragraph(text=text("No goal is on record: agree on one number, its value today and its target."))
        return
    rows = []
    for goal in told.material.goals:
        reached = progress(goal, told.stated)
        numbers = (goal_number(told, goal, name) for name in ("baseline", "target", "current"))
        row = (text(shortened(goal.title)), text(shortened(goal.metric or "–")), *numbers)
        rows.append((*row, text(reached) if reached else text("–"), text(str(goal.due or "no day"))))
    yield table(("Goal", "Measured by", "From", "To", "Now", "Progress", "Due"), rows)


def _people_table(told: Told) -> Table:
    rows = []
    for part in told.parts:
        who = (
            named(part.people, with_names=told.with_names)
            if part.people
            else ("missing: ask who it is" if part.is_needed else "–")
        )
        rows.append((text(part.name), text(who), text(part.does)))
    return table(("Part", "Who", "Does in the plan"), rows)
