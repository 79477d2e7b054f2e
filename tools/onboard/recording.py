"""What a word about a plan or a list writes, and how the answer says so."""

from collections.abc import Sequence

from app.domain.blocks import Block, Verdict
from app.domain.command import Context, Outcome, Report
from app.domain.effects import AddSlip, Effect, SetCheck, SetMilestone
from app.domain.figures import Text, text
from app.domain.problems import InvalidArguments
from app.domain.records import Check, Milestone, MilestoneSlip
from tools.onboard.data import WriteData
from tools.onboard.plan import Plan, planned
from tools.onboard.told import Told
from tools.onboard.words import due_figure, step_name, turn_words


def plan_to_write(told: Told) -> Plan:
    """The plan that can be written to.

    Raises:
        InvalidArguments: there is none.
    """
    plan = told.plan
    if plan is None:
        raise InvalidArguments(
            f"{told.name} has no plan: its contract's start is not on record. Import it as contract_start first.",
            code="no_plan",
        )
    if told.standing in ("over", "churned") and not plan.kept:
        raise InvalidArguments(
            f"{told.name} is not in onboarding, and no plan of it was kept: there is nothing to write to.",
            code="no_plan",
        )
    return plan


def merged(plan: Plan, changed: Sequence[Milestone]) -> tuple[Milestone, ...]:
    by_id = {each.id: each for each in changed}
    return tuple(by_id.get(milestone.id, milestone) for milestone in plan.milestones)


def next_after(told: Told, plan: Plan, changed: Sequence[Milestone]) -> Text:
    after = planned(told.material, merged(plan, changed), kept=True)
    step = after.next
    if step is None:
        return text("Every milestone is done.")
    due = due_figure(told.material, step, told.stated, kept=True)
    return text(f"Next: {step_name(step)}, due ", due, f", turn: {turn_words(step)}.")


def written(
    ctx: Context,
    told: Told,
    headline: Text,
    lines: Sequence[Text],
    plan: Plan | None,
    *,
    changed: tuple[Milestone, ...] = (),
    slip: MilestoneSlip | None = None,
    checks: tuple[Check, ...] = (),
    more: tuple[Block, ...] = (),
) -> Outcome:
    """The effects and the answer. The first word about a plan keeps all of it, so that no template moves it later."""
    keeps = plan is not None and not plan.kept and bool(changed)
    milestones = merged(plan, changed) if plan is not None and keeps else changed
    effects: list[Effect] = [SetMilestone(item=each) for each in milestones]
    effects += [AddSlip(item=slip)] if slip is not None else []
    effects += [SetCheck(item=each) for each in checks]
    told_lines = list(lines)
    if keeps:
        told_lines.append(text(f"The plan is kept from now on, all {len(milestones)} milestones with their days."))
    if ctx.typed:
        told_lines.append(text(f"Wrong? undo takes it back (POST /v1/turns/{ctx.turn_id}/undo)."))
    else:
        headline = text("Understood, not written: ", headline)
        told_lines.append(text("Only what a person types writes. Type the command to write it."))
    data = WriteData(
        account_id=told.material.account.id,
        written=ctx.typed,
        milestones=changed,
        slip=slip,
        checks=checks,
        plan_kept_now=keeps and ctx.typed,
    )
    verdict = Verdict(tone="good" if ctx.typed else "warning", headline=headline, lines=tuple(told_lines))
    report = Report(data, (verdict, *more), told.stated.figures)
    return Outcome(report, tuple(effects) if ctx.typed else ())


def nothing(told: Told, headline: Text) -> Outcome:
    data = WriteData(account_id=told.material.account.id, written=False)
    verdict = Verdict(tone="neutral", headline=headline, lines=(text("Nothing was written."),))
    return Outcome(Report(data, (verdict,), told.stated.figures))


def listed(parts: Sequence[Text]) -> tuple[Text, ...]:
    return tuple(text("; ", part) if place else part for place, part in enumerate(parts))
