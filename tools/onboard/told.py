"""What is told of one account's onboarding, gathered once for its plan and for what is written to it."""

from dataclasses import dataclass

from app.domain.command import Context
from app.domain.figures import Evidence, Figure, Text, text
from app.domain.records import Goal
from tools.health.findings import Findings, findings
from tools.health.promises import shortened
from tools.health.stated import Stated
from tools.health.wording import listing
from tools.onboard import discovery
from tools.onboard.discovery import Answer
from tools.onboard.material import Material, of_account
from tools.onboard.people import Part, parts
from tools.onboard.plan import Plan, plan_of
from tools.onboard.risks import Risk, risks
from tools.onboard.standing import Standing, standing_of


@dataclass(frozen=True, slots=True)
class Told:
    """All that the answer tells of one account."""

    material: Material
    found: Findings
    stated: Stated
    standing: Standing
    plan: Plan | None
    risks: tuple[Risk, ...]
    answers: tuple[Answer, ...]
    parts: tuple[Part, ...]
    with_names: bool

    @property
    def name(self) -> str:
        return self.material.account.name

    @property
    def unanswered(self) -> tuple[Answer, ...]:
        return tuple(answer for answer in self.answers if answer.is_open)

    @property
    def is_kept(self) -> bool:
        return self.plan is not None and self.plan.kept

    def answer(self, answer: Answer) -> str:
        """What answers a question; people's names only for those whose role works with them."""
        if answer.question.by == "champion" and answer.evidence and not self.with_names:
            return f"{len(answer.evidence)} on record"
        return answer.found

    def stating(self, figure: Figure) -> Figure:
        """The figure, stated from now on."""
        self.stated.add((figure,))
        return figure


def told_of(ctx: Context) -> Told:
    if ctx.account is None:
        raise TypeError("/onboard needs an account in its context")
    material = of_account(ctx)
    found = findings(material.case, ctx.account)
    plan = plan_of(material)
    stated = Stated(found.case)
    stated.add(found.figures.values())
    standing = standing_of(material)
    seen = risks(material, found, plan) if standing in ("running", "undated") else ()
    for risk in seen:
        stated.add(risk.figures)
    return Told(
        material, found, stated, standing, plan, seen, discovery.answers(material), parts(material), ctx.sees_people
    )


def goal_number(told: Told, goal: Goal, name: str) -> Text:
    """A goal's own number as it was given: what it counts is not known, so it is not rounded."""
    value: float | None = getattr(goal, name)
    if value is None:
        return text("not on record")
    label, evidence = f"{name.capitalize()}: {shortened(goal.title)}", (Evidence(kind="goals", id=goal.id),)
    figure = told.material.figure(
        f"goal.{goal.id}.{name}", label, f"{value:,.10g}", "text", "the goal's own field", evidence
    )
    told.stated.add((figure,))
    return text(figure)


def missing_data(told: Told) -> tuple[str, ...]:
    """What is not on record, and how it gets there."""
    found = []
    if told.material.account.contract_start is None and told.standing != "churned":
        found.append("the contract's start (contract_start of the account)")
    if told.standing in ("running", "ahead", "undated"):
        roles = [part.name for part in told.parts if part.is_missing]
        if roles:
            found.append(f"contacts: {listing(roles)} (/health log NAME)")
        if not told.material.goals:
            found.append("goals with baseline and target (goals of the account)")
    return tuple(found)
