"""One account's renewal: its health, term, plan and all else that the answer tells."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.command import Context
from app.domain.contract import contract_figures
from app.domain.figures import Evidence, Figure, account_figure
from app.domain.records import Account, Goal
from app.domain.value import value_figures
from tools.health import HealthParameters, assess
from tools.health.case import Case
from tools.health.data import Level, Tier
from tools.health.findings import Findings, findings
from tools.health.open_work import OpenWork, open_work
from tools.health.people import DECIDERS, Person, people
from tools.health.stated import Stated
from tools.renewal.blockers import Blocker, blockers
from tools.renewal.commit import CommitUse, commit_figures, commit_use
from tools.renewal.facts import facts
from tools.renewal.parameters import RenewalParameters, Step
from tools.renewal.steps import PlannedStep, plan
from tools.renewal.terms import Term, term_of

DateName = str
"""renewal, decision, to_renewal, to_decision or lapsed."""


@dataclass(frozen=True, slots=True)
class RenewalCase:
    """`steps` is empty without a term to plan for. `dates` are the term's dates by `DateName`, `usage` the commit's."""

    found: Findings
    parameters: RenewalParameters
    stated: Stated
    work: OpenWork
    term: Term | None
    steps: tuple[PlannedStep, ...]
    dates: Mapping[DateName, Figure]
    blockers: tuple[Blocker, ...]
    commit: CommitUse | None
    usage: Mapping[str, Figure]
    value: Mapping[str, Figure]
    people: tuple[Person, ...]
    goals: tuple[Goal, ...]
    sees_people: bool

    @property
    def account(self) -> Account:
        return self.found.case.account

    @property
    def tier(self) -> Tier:
        return tier_of(self.found.case)

    @property
    def level(self) -> Level:
        return level_of(self.found.case)

    @property
    def at_risk(self) -> bool:
        return self.parameters.at_risk.holds(self.tier, self.level)

    @property
    def is_customer(self) -> bool:
        return self.account.lifecycle != "churned" and self.found.case.begins is None

    @property
    def is_lapsed(self) -> bool:
        return self.term is not None and self.term.lapsed is not None

    def told(self, step: Step) -> str:
        """What is to be done in a step."""
        return step.told(self.tier, lapsed=self.is_lapsed)

    def name_of(self, person: Person) -> str:
        """The person's name; to whom no names are told, the part that the person plays."""
        return person.name if self.sees_people else person.part or "somebody"

    @property
    def champions(self) -> tuple[Person, ...]:
        """Champions who are there."""
        return tuple(each for each in self.people if each.contact.is_champion and each.contact.left_on is None)

    @property
    def decision_makers(self) -> tuple[Person, ...]:
        """Who decides or pays, as far as it is on record."""
        here = (each for each in self.people if each.contact.left_on is None)
        return tuple(each for each in here if each.contact.stakeholder in DECIDERS)


def renewal_case(ctx: Context) -> RenewalCase:
    """All that is known of the renewal of the context's account."""
    snapshot, parameters, health = ctx.account, ctx.parameters, ctx.others["health"]
    if snapshot is None or not isinstance(parameters, RenewalParameters) or not isinstance(health, HealthParameters):
        raise TypeError("/renewal needs an account, its own parameters and those of /health in its context")
    account = snapshot.account
    own = parameters.for_account(account.segment, account.lifecycle)
    found = findings(assess(snapshot.columns, health).case(0, ctx.currency), snapshot)
    stated, work = Stated(found.case), open_work(found, ctx.escalations)
    stated.add(found.all_figures())
    is_customer = account.lifecycle != "churned" and found.case.begins is None
    term = term_of(account, ctx.as_of) if is_customer else None
    at_risk = own.at_risk.holds(tier_of(found.case), level_of(found.case))
    known = facts(snapshot.touchpoints, snapshot.commitments, snapshot.contacts)
    commit = commit_use(account, term, ctx.daily, ctx.as_of, own.commit) if is_customer else None
    return RenewalCase(
        found=found,
        parameters=own,
        stated=stated,
        work=work,
        term=term,
        steps=plan(term, known, ctx.as_of, own, at_risk=at_risk) if term is not None else (),
        dates=date_figures(found.case, term),
        blockers=blockers(snapshot, work, ctx.feedback, own.blockers) if is_customer else (),
        commit=commit,
        usage=commit_figures(account, ctx.as_of, commit) if commit is not None else {},
        value=value_figures(snapshot, ctx.currency),
        people=people(snapshot),
        goals=snapshot.goals,
        sees_people=ctx.sees_people,
    )


def tier_of(case: Case) -> Tier:
    tier: Tier = case.scores.tier[case.row]
    return tier


def level_of(case: Case) -> Level:
    level: Level = case.churn.level[case.row]
    return level


def date_figures(case: Case, term: Term | None) -> dict[DateName, Figure]:
    """The term's dates. Those of the term on record are the contract's own figures, those of a later term are ours."""
    if term is None:
        return {}
    if not term.rolled:
        contract = contract_figures(case.portfolio, case.row, case.currency)
        names = {
            "renewal": "renewal.date",
            "decision": "renewal.decision_date",
            "to_renewal": "renewal.days_to_renewal",
            "to_decision": "renewal.days_to_decision",
            "lapsed": "renewal.days_lapsed",
        }
        return {name: contract[key] for name, key in names.items() if key in contract}
    months = case.account.term_months
    rule = (
        f"the renewal date on record, moved on by {months} months until it is not over: the contract renews by itself"
    )
    values: dict[DateName, tuple[str, str, dt.date | int, str]] = {
        "renewal": ("next_date", "Renewal date of the term that runs", term.renewal, "date"),
        "decision": ("next_decision_date", "Decision date of the term that runs", term.decision, "date"),
        "to_renewal": ("days_to_next_renewal", "Days to that renewal", (term.renewal - case.as_of).days, "days"),
        "to_decision": ("days_to_next_decision", "Days to that decision", (term.decision - case.as_of).days, "days"),
    }
    made_of = (Evidence(kind="accounts", id=case.account.id),)
    return {
        name: account_figure(case.account.id, case.as_of, f"renewal.{key}", label, value, unit, rule, made_of)
        for name, (key, label, value, unit) in values.items()
    }


def step_figures(case: Case, planned: PlannedStep) -> dict[str, Figure]:
    """A step's days: by_renewal, by_decision, due, and do_by or done_on where it has one."""
    account, step = case.account.id, planned.step
    before = f"{step.days} days before the {{}}; the Friday before where that is a weekend"

    def stated(name: str, label: str, value: dt.date, rule: str, evidence: tuple[Evidence, ...]) -> Figure:
        key = f"renewal.{step.key}.{name}"
        return account_figure(account, case.as_of, key, f"{step.title}: {label}", value, "date", rule, evidence)

    own = (Evidence(kind="accounts", id=account),)
    made = {
        "by_renewal": stated(
            "by_renewal", "day from the renewal", planned.by_renewal, before.format("renewal date"), own
        ),
        "by_decision": stated(
            "by_decision", "day from the decision", planned.by_decision, before.format("decision date"), own
        ),
        "due": stated("due", "due day", planned.due, f"the day from the {planned.binding} date, which binds", own),
    }
    if planned.do_by is not None:
        rule = "a few working days from as_of, since the due day is over" if planned.overdue else "the due day"
        made["do_by"] = stated("do_by", "to be done by", planned.do_by, rule, own)
    if planned.done is not None:
        rule = "the day of the newest record that shows it"
        made["done_on"] = stated("done_on", "done on", planned.done.on, rule, (planned.done.evidence,))
    return made
