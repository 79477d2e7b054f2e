"""What is known of one account's onboarding: the same for its own plan and for its row of the pipeline."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from app.domain.command import Context
from app.domain.figures import Evidence, Figure, account_figure
from app.domain.records import (
    Account,
    Check,
    CheckList,
    Contact,
    Goal,
    Integration,
    Milestone,
    MilestoneSlip,
    Record,
    TouchpointKind,
)
from app.domain.snapshot import DailyUsage, FeatureDays, FirstUse
from tools.health import HealthParameters, assess
from tools.health.case import Assessment, Case
from tools.health.onboarding import Stage, stage
from tools.health.selections import HELD
from tools.onboard.parameters import OnboardParameters

LISTED: tuple[type[Record], ...] = (Milestone, MilestoneSlip, Check, Integration, Goal, Contact)
"""Records that a portfolio's columns do not hold, or not whole."""

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting or call that took place."""

    id: str
    on: dt.date
    kind: str

    @property
    def evidence(self) -> Evidence:
        return Evidence(kind="touchpoints", id=self.id, date=self.on)


@dataclass(frozen=True, slots=True)
class Material:
    """One account. `daily` and `feature_days` are None in the pipeline: then no day is told on which a measure held."""

    case: Case
    parameters: OnboardParameters
    first_use: FirstUse
    goals: tuple[Goal, ...] = ()
    contacts: tuple[Contact, ...] = ()
    integrations: tuple[Integration, ...] = ()
    checks: tuple[Check, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    slips: tuple[MilestoneSlip, ...] = ()
    daily: DailyUsage | None = None
    feature_days: FeatureDays | None = None

    @property
    def account(self) -> Account:
        return self.case.account

    @property
    def as_of(self) -> dt.date:
        return self.case.as_of

    @property
    def stage(self) -> Stage | None:
        """Where the account stands in its first 90 days; None before, and once it is past them."""
        return stage(self.account, self.as_of, self.case.parameters.onboarding)

    @property
    def days(self) -> int:
        """How many days onboarding takes."""
        return self.case.parameters.onboarding.days

    @property
    def ends(self) -> dt.date | None:
        """Its last day; None where the contract's start is not known."""
        start = self.account.contract_start
        return None if start is None else start + dt.timedelta(days=self.days - 1)

    @property
    def people(self) -> tuple[Contact, ...]:
        """The contacts who have not left."""
        return tuple(c for c in self.contacts if c.left_on is None or c.left_on > self.as_of)

    def check(self, checklist: CheckList, item: str) -> Check | None:
        """What was said of an item by as_of."""
        return next(
            (
                c
                for c in self.checks
                if (c.checklist, c.item) == (checklist, item) and (c.checked_on is None or c.checked_on <= self.as_of)
            ),
            None,
        )

    def held(self, kinds: Iterable[TouchpointKind], before_days: int = 0) -> tuple[Held, ...]:
        """What took place from so many days before the contract's start on, oldest first."""
        points, start = self.case.portfolio.touchpoints, self.account.contract_start
        first = 0 if start is None else start.toordinal() - before_days
        wanted = set(kinds)
        found = [
            Held(str(points.id[at]), dt.date.fromordinal(int(points.day[at])), str(points.kind[at]))
            for at in range(len(points.id))
            if points.account[at] == self.case.row
            and points.kind[at] in wanted
            and points.status[at] in HELD
            and first <= points.day[at] <= self.as_of.toordinal()
        ]
        return tuple(sorted(found, key=lambda each: (each.on, each.id)))

    def usable(self, table: str) -> bool:
        """Whether a feed is connected and not too old for as_of."""
        return bool(self.case.portfolio.feeds.usable(table)[self.case.row])

    def figure(
        self,
        key: str,
        label: str,
        value: float | str | dt.date | None,
        unit: str,
        formula: str,
        evidence: tuple[Evidence, ...] = (),
    ) -> Figure:
        """A figure of the account under `onboarding.`."""
        return account_figure(self.account.id, self.as_of, f"onboarding.{key}", label, value, unit, formula, evidence)


def of_account(ctx: Context) -> Material:
    """The material of the context's account."""
    snapshot, health = ctx.account, ctx.others.get("health")
    if snapshot is None or ctx.first_use is None or not isinstance(health, HealthParameters):
        raise TypeError("/onboard needs an account, its first use and the parameters of /health in its context")
    account = snapshot.account
    return Material(
        case=assess(snapshot.columns, health).case(0, ctx.currency),
        parameters=parameters_of(ctx).for_account(account.segment, account.lifecycle),
        first_use=ctx.first_use,
        goals=snapshot.goals,
        contacts=snapshot.contacts,
        integrations=snapshot.integrations,
        checks=snapshot.checks,
        milestones=snapshot.milestones,
        slips=snapshot.milestone_slips,
        daily=ctx.daily,
        feature_days=ctx.feature_days,
    )


def of_portfolio(ctx: Context, assessed: Assessment, rows: Iterable[int]) -> tuple[Material, ...]:
    """The materials of these rows of the context's portfolio, which was assessed."""
    if ctx.first_use is None:
        raise TypeError("the pipeline needs the first use of every account in its context")
    listed: Mapping[type[Record], Mapping[str, list[Record]]] = {each: _by_account(ctx, each) for each in LISTED}

    def of(account_id: str, record_type: type[R]) -> tuple[R, ...]:
        return tuple(each for each in listed[record_type].get(account_id, ()) if isinstance(each, record_type))

    materials = []
    for row in rows:
        account = assessed.portfolio.accounts[row]
        materials.append(
            Material(
                case=assessed.case(row, ctx.currency),
                parameters=parameters_of(ctx).for_account(account.segment, account.lifecycle),
                first_use=ctx.first_use,
                goals=of(account.id, Goal),
                contacts=of(account.id, Contact),
                integrations=of(account.id, Integration),
                checks=of(account.id, Check),
                milestones=of(account.id, Milestone),
                slips=of(account.id, MilestoneSlip),
            )
        )
    return tuple(materials)


def parameters_of(ctx: Context) -> OnboardParameters:
    """The command's own parameters."""
    if not isinstance(ctx.parameters, OnboardParameters):
        raise TypeError("/onboard needs its own parameters in its context")
    return ctx.parameters


def _by_account(ctx: Context, record_type: type[Record]) -> Mapping[str, list[Record]]:
    found: defaultdict[str, list[Record]] = defaultdict(list)
    for record in ctx.listing(record_type).records:
        found[str(getattr(record, "account_id", ""))].append(record)
    return found
