"""How a step of the plan is told: its state, and whose turn it is."""

from collections.abc import Sequence

from app.domain.blocks import Column, Table
from app.domain.figures import Evidence, Figure, Text, text
from tools.health.stated import Stated
from tools.health.wording import counted
from tools.onboard.material import Material
from tools.onboard.plan import Step
from tools.onboard.slips import PARTY_WORDS


def turn_words(step: Step) -> str:
    """Whose turn it is, and for which milestone it waits."""
    party = PARTY_WORDS[step.whose]
    return f"{party}, for {step.waits_for}" if step.waits_for else party


def due_of(material: Material, step: Step, *, kept: bool) -> Figure:
    """The day on which a milestone is due."""
    rule = (
        "the day that the kept plan gives, with its slips" if kept else "working days counted from the contract's start"
    )
    evidence = _evidence(material, step, kept=kept)
    return material.figure(f"{step.code}.due", f"{step.code} is due", step.milestone.due, "date", rule, evidence)


def late_of(material: Material, step: Step, *, kept: bool) -> Figure:
    """Working days since a milestone's due day."""
    rule, label = "working days after the due day, up to as_of", f"{step.code} is overdue by"
    evidence = _evidence(material, step, kept=kept)
    return material.figure(f"{step.code}.overdue", label, step.late, "days", rule, evidence)


def due_figure(material: Material, step: Step, stated: Stated, *, kept: bool) -> Figure:
    """`due_of`, stated from now on."""
    figure = due_of(material, step, kept=kept)
    stated.add((figure,))
    return figure


def late_figure(material: Material, step: Step, stated: Stated, *, kept: bool) -> Figure:
    """`late_of`, stated from now on."""
    figure = late_of(material, step, kept=kept)
    stated.add((figure,))
    return figure


def state_text(material: Material, step: Step, stated: Stated, *, kept: bool) -> Text:
    """ "done 2026-06-16, shown by data", "overdue by 3 working days", "due in 2 working days"."""
    if step.is_done:
        how = "signed" if step.by == "signed" else "shown by data"
        return text(f"done {step.done_on}, {how}" if step.done_on else f"done, {how}, day not on record")
    if step.state == "overdue":
        late = late_figure(material, step, stated, kept=kept)
        return text("overdue by ", counted(late, "working day", "working days"))
    if step.state == "unknown":
        return text("not known")
    if step.state == "due":
        return text("due today" if step.milestone.due == material.as_of else f"due in {days(step.left)}")
    return text("ahead")


def days(number: int) -> str:
    return f"{number} working day{'' if number == 1 else 's'}"


def customer_state(step: Step) -> str:
    """The same for the customer: no blame, no measure of ours."""
    if step.is_done:
        return f"done {step.done_on}" if step.done_on else "done"
    return {"overdue": "late", "unknown": "to be confirmed"}.get(step.state, "open")


def shown_by(step: Step) -> Text:
    """What data show of the measures; "by sign-off" where they cannot tell."""
    parts: list[Text] = []
    for reading in step.readings:
        parts.append(text("; ", reading.seen) if parts else reading.seen)
    return text(*parts) if parts else text("by sign-off: done CODE")


def table(labels: Sequence[str], rows: Sequence[tuple[Text, ...]], more: Text = ()) -> Table:
    return Table(columns=tuple(Column(label=label) for label in labels), rows=tuple(rows), more=more)


def step_name(step: Step) -> str:
    return f"{step.code} “{step.milestone.title}”"


def _evidence(material: Material, step: Step, *, kept: bool) -> tuple[Evidence, ...]:
    if kept:
        return (Evidence(kind="milestones", id=step.milestone.id),)
    return (Evidence(kind="accounts", id=material.account.id),)
