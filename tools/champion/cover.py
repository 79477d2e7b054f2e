"""How well an account is covered by champions, and what hangs on it: everything that the answer is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.domain.command import Context
from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure, account_figure
from app.domain.records import Account, Commitment, ContactActivity, FeedbackItem, Goal, RoadmapItem
from app.domain.snapshot import AccountSnapshot
from tools.champion.deeds import Deeds, activity_of
from tools.champion.parameters import ChampionParameters
from tools.champion.people import Judged, judge
from tools.champion.traits import TraitReader
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.statuses import answer_of
from tools.health import HealthParameters, assess
from tools.health.case import Case
from tools.health.figures import account_figures
from tools.health.inputs import component_inputs
from tools.health.parents import is_customer

Cover = Literal["unknown", "none", "departed", "single", "covered"]

COVERS: dict[Cover, str] = {
    "departed": "champion left",
    "none": "no champion",
    "unknown": "nobody on record",
    "single": "one champion",
    "covered": "two or more",
}
"""How an account is covered, the most urgent first."""

TO_CUSTOMERS = "customer"
SEV1 = 1


@dataclass(frozen=True, slots=True)
class Told:
    """An account's people and what bears on asking them for anything."""

    ctx: Context
    snapshot: AccountSnapshot
    parameters: ChampionParameters
    case: Case
    figures: Mapping[str, Figure]
    people: tuple[Judged, ...]
    betas: tuple[RoadmapItem, ...]
    items: tuple[FeedbackItem, ...]
    incident: Figure | None
    unattributed: int
    activity_missing: str

    @property
    def account(self) -> Account:
        return self.snapshot.account

    @property
    def champions(self) -> tuple[Judged, ...]:
        return tuple(person for person in self.people if person.marked)

    @property
    def candidates(self) -> tuple[Judged, ...]:
        return tuple(person for person in self.people if person.standing == "candidate")

    @property
    def departed(self) -> tuple[Judged, ...]:
        """Champions who left: all where nobody follows, else those of late; the latest first."""
        gone = [person for person in self.people if person.standing == "departed"]
        if self.champions:
            gone = [person for person in gone if self._days_gone(person) < self.parameters.departed_days]
        return tuple(sorted(gone, key=self._days_gone))

    @property
    def cover(self) -> Cover:
        present = [person for person in self.people if person.present]
        if len(self.champions) > 1:
            return "covered"
        if self.champions:
            return "single"
        if self.departed:
            return "departed"
        return "none" if present else "unknown"

    @property
    def is_customer(self) -> bool:
        return is_customer(self.snapshot.columns, 0)

    @property
    def decides_soon(self) -> bool:
        days = self.figures.get("renewal.days_to_decision") or self.figures.get("renewal.days_lapsed")
        return days is not None and isinstance(days.value, int) and days.value <= self.parameters.decision_days

    @property
    def tier(self) -> str:
        return str(self.case.scores.tier[0])

    @property
    def reached(self) -> tuple[Goal, ...]:
        return tuple(goal for goal in self.snapshot.goals if goal.status == "achieved")

    def promises_of(self, person: Judged) -> tuple[Commitment, ...]:
        """What the person owes us, or somebody there owes about the person, and is still open."""
        name = (person.contact.name or "").casefold()
        return tuple(
            each
            for each in self.snapshot.commitments
            if each.done_on is None and name and ((each.by or "").casefold() == name or name in each.what.casefold())
        )

    def _days_gone(self, person: Judged) -> int:
        left = person.contact.left_on
        return (self.ctx.as_of - left).days if left else 0


def told_of(ctx: Context) -> Told:
    """Everything about the account in the context."""
    snapshot, health, feedback = ctx.account, ctx.others.get("health"), ctx.others.get("feedback")
    if snapshot is None or not isinstance(health, HealthParameters) or not isinstance(feedback, FeedbackParameters):
        raise TypeError("/champion needs an account, and the parameters of /health and /feedback")
    parameters = parameters_of(ctx).for_account(snapshot.account.segment, snapshot.account.lifecycle)
    case = assess(snapshot.columns, health).case(0, ctx.currency)
    inputs = component_inputs(case)
    figures = account_figures(case) | {f.key: f for f in inputs["champion"].values()}
    available = inputs.get("feature_adoption", {}).get("available")
    activity = activity_of(snapshot, ctx.listing(ContactActivity).records, parameters.traits.power_user)
    items = ctx.feedback.items if ctx.feedback else ()
    deeds = Deeds(snapshot, items)
    reader = TraitReader(snapshot, activity, deeds, available, parameters)
    return Told(
        ctx=ctx,
        snapshot=snapshot,
        parameters=parameters,
        case=case,
        figures=figures,
        people=judge(snapshot, reader, parameters),
        betas=_betas(ctx),
        items=tuple(item for item in items if _is_open(item, snapshot, feedback)),
        incident=_incident(snapshot),
        unattributed=deeds.of_nobody(parameters.traits.advocate),
        activity_missing=activity.missing,
    )


def parameters_of(ctx: Context) -> ChampionParameters:
    """The command's own parameters."""
    if not isinstance(ctx.parameters, ChampionParameters):
        raise TypeError("/champion needs its own parameters in its context")
    return ctx.parameters


def _betas(ctx: Context) -> tuple[RoadmapItem, ...]:
    """Betas that are open and may be told to customers."""
    found = ctx.listing(RoadmapItem).records
    return tuple(each for each in found if each.beta_open and (each.audience or "").casefold() == TO_CUSTOMERS)


def _is_open(item: FeedbackItem, snapshot: AccountSnapshot, feedback: FeedbackParameters) -> bool:
    """Whether the account waits for it."""
    if snapshot.account.id not in item.account_ids:
        return False
    return answer_of(item, snapshot.as_of, feedback) not in feedback.left_ranking


def _incident(snapshot: AccountSnapshot) -> Figure | None:
    """How many SEV1 tickets and escalations are open; None where there is none."""
    columns = snapshot.columns.tickets
    unsolved = np.isnat(columns.resolved_at) & (columns.severity == SEV1)
    tickets = [str(each) for each in columns.id[unsolved]]
    others = [
        each.id
        for each in snapshot.escalations
        if each.severity == f"SEV{SEV1}" and each.resolved_at is None and each.closed_at is None
        if each.ticket_id not in tickets
    ]
    if not tickets and not others:
        return None
    evidence = [Evidence(kind="tickets", id=each) for each in tickets]
    evidence += [Evidence(kind="escalations", id=each) for each in others]
    rule = "SEV1 tickets that are not solved, and SEV1 escalations without such a ticket"
    key, number = "champion.sev1_open", len(evidence)
    made_of = tuple(evidence[:MAX_LISTED_EVIDENCE])
    return account_figure(snapshot.account.id, snapshot.as_of, key, "Open SEV1", number, "count", rule, made_of)
