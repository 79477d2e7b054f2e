"""The plan as the customer may read it: milestones, roles, days, what counts as done, and the questions to them."""

from app.domain.blocks import Block, Heading, Verdict
from app.domain.figures import text
from tools.onboard.told import Told
from tools.onboard.words import customer_state, due_figure, table

WHY = "It shapes the plan"
WHY_PERSON = "The plan needs this part of your team"


def customer_blocks(told: Told) -> tuple[Block, ...]:
    figures, plan = told.found.figures, told.plan
    day = figures.get("onboarding.day")
    lines = []
    if day is not None and "onboarding.phase_end" in figures and told.standing == "running":
        lines.append(
            text("Day ", day, f" of {told.material.days}; this phase ends on ", figures["onboarding.phase_end"], ".")
        )
    blocks: list[Block] = [Verdict(tone="neutral", headline=text(f"Summary for {told.name}"), lines=tuple(lines))]
    if plan is not None and told.standing in ("ahead", "running", "over"):
        rows = [
            (
                text(step.code),
                text(step.milestone.title),
                text(step.milestone.owner or "to be named"),
                text(due_figure(told.material, step, told.stated, kept=plan.kept)),
                text(step.milestone.acceptance or "both sides agree that it is"),
                text(customer_state(step)),
            )
            for step in plan.steps
        ]
        labels = ("Step", "Milestone", "Role", "Due", "Done when", "State")
        blocks += [Heading(text=text("Onboarding plan")), table(labels, rows)]
    asked = [(text(answer.question.ask), text(WHY)) for answer in told.unanswered]
    asked += [(text(f"Who is your {part.called}?"), text(WHY_PERSON)) for part in told.parts if part.is_missing]
    if asked and told.standing in ("ahead", "running", "undated"):
        blocks += [Heading(text=text("Open questions")), table(("Question", "Why we ask"), asked)]
    return tuple(blocks)
