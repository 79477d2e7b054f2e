"""All that /adoption knows of one account: features, quota and plans, the signs of growth, what speaks against it."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.command import Context
from app.domain.contract import lapsed_days
from app.domain.figures import Figure
from app.domain.records import Account, Plan
from app.domain.snapshot import AccountSnapshot
from tools.adoption.depth import uses_enough
from tools.adoption.features import (
    FeatureCase,
    Peers,
    feature_cases,
    habit_figure,
    known_names,
    peers_of,
    stage_counts,
)
from tools.adoption.months import Month, full_months, growth_figure
from tools.adoption.parameters import AdoptionParameters
from tools.adoption.plans import Headroom, next_plan, smaller_plan
from tools.adoption.quota import Quota, quota_of
from tools.adoption.signals import Heard, Signal, SignalReader, open_items
from tools.feedback.parameters import FeedbackParameters
from tools.health.actions import AT_RISK
from tools.health.case import assess
from tools.health.findings import Findings, findings
from tools.health.parameters import HealthParameters


@dataclass(frozen=True, slots=True)
class Study:
    """One account. `used` and `available` are the figures of the health score; their values None where unknown.

    `features_on` is the day that the stages are of, None where no use was ever recorded; `features_current` is False
    where that day is too far back to say anything of as_of. `right_size` says that the quota is far larger than what is
    used, `smaller` is a plan that would do. `hold_off` says why nothing should be offered now.
    """

    found: Findings
    parameters: AdoptionParameters
    currency: str
    cases: tuple[FeatureCase, ...]
    peers: Peers
    features_on: dt.date | None
    features_current: bool
    quota: Quota
    months: tuple[Month, ...]
    growth: Figure | None
    next_plan: Headroom | None
    right_size: bool
    smaller: Plan | None
    signals: tuple[Signal, ...]
    hold_off: str | None

    @property
    def account(self) -> Account:
        return self.found.case.account

    @property
    def snapshot(self) -> AccountSnapshot:
        return self.found.snapshot

    @property
    def as_of(self) -> dt.date:
        return self.found.case.as_of

    @property
    def depth(self) -> Mapping[str, Figure]:
        """The figures `used` and `available`."""
        return self.found.components["feature_adoption"]

    @property
    def used(self) -> int | None:
        return _whole(self.depth["used"])

    @property
    def available(self) -> int | None:
        return _whole(self.depth["available"])

    @property
    def enough(self) -> bool | None:
        """Whether it uses enough of the features available; None where that is not known."""
        return uses_enough(self.used, self.available, self.parameters.enough_share) if self.features_current else None

    @property
    def worthwhile(self) -> tuple[FeatureCase, ...]:
        """The features that deserve a step now, the one worth most first; none where the stages are out of date."""
        least = self.parameters.least_worth if self.features_current else math.inf
        return tuple(case for case in self.cases if case.holds and case.worth >= least)

    @property
    def next_feature(self) -> FeatureCase | None:
        """The feature worth most next; None where none stands out."""
        return next((case for case in self.worthwhile if case.use.stage != "habit"), None)

    @property
    def habits(self) -> Figure:
        """How many features are in habit."""
        number = stage_counts(self.cases)["habit"] if self.features_current else None
        return habit_figure(self.account.id, self.as_of, number, self.parameters.habit_weeks)

    @property
    def tell_right_size(self) -> bool:
        """Whether there is something to tell of a quota that is too large: not where no smaller plan would do."""
        return self.right_size and (self.smaller is not None or not self.snapshot.plans)

    @property
    def near_limit(self) -> bool:
        """The quota is nearly used, or used up, or will be before the month is over."""
        if self.quota.state in ("unknown", "not_applicable"):
            return False
        return self.quota.limit_on is not None or any(
            signal.key == "near_limit" and signal.state == "triggered" for signal in self.signals
        )


def study(ctx: Context, parameters: AdoptionParameters) -> Study:
    """What the context tells of its account."""
    snapshot, portfolio = ctx.account, ctx.portfolio
    health, feedback = ctx.others["health"], ctx.others["feedback"]
    if snapshot is None or portfolio is None or ctx.daily is None or ctx.feature_days is None or ctx.feedback is None:
        raise ValueError("/adoption needs the account with its daily use, the portfolio and the feedback")
    if not isinstance(health, HealthParameters) or not isinstance(feedback, FeedbackParameters):
        raise TypeError("/adoption needs the parameters of /health and /feedback")
    account, as_of = snapshot.account, snapshot.as_of
    effective = parameters.for_account(account.segment, account.lifecycle)
    items = open_items(ctx.feedback, account.id, as_of, feedback)
    peers = peers_of(portfolio, account, effective.least_peers)
    days = ctx.feature_days
    known = bool(snapshot.columns.features_first[0])
    quota, months = (
        quota_of(account, ctx.daily, as_of),
        full_months(account.id, as_of, ctx.daily, effective.quota.months_shown),
    )
    heard = Heard(0, math.nan if quota.used is None else quota.used, ctx.voices, items)
    found = findings(assess(snapshot.columns, health).case(0, ctx.currency), snapshot)
    right_size = _is_too_large(account, as_of, quota, months, effective)
    needed = max((month.calls for month in months), default=0.0) * (1 + effective.quota.spare_share)
    return Study(
        found=found,
        parameters=effective,
        currency=account.currency or ctx.currency,
        cases=feature_cases(snapshot, days, known_names(portfolio), peers, items, effective) if known else (),
        peers=peers,
        features_on=dt.date.fromordinal(days.last) if known and days.last else None,
        features_current=known and bool(snapshot.columns.feeds.usable("feature_usage")[0]),
        quota=quota,
        months=months,
        growth=growth_figure(account.id, as_of, months),
        next_plan=next_plan(account, snapshot.plans),
        right_size=right_size,
        smaller=smaller_plan(account, snapshot.plans, needed) if right_size else None,
        signals=SignalReader(snapshot.columns, effective, health).signals(heard),
        hold_off=_hold_off(found),
    )


def _is_too_large(
    account: Account, as_of: dt.date, quota: Quota, months: tuple[Month, ...], parameters: AdoptionParameters
) -> bool:
    """Whether the last full month and the whole of this one both stay far under the quota.

    A young contract may still grow into it.
    """
    start, rules = account.contract_start, parameters.quota
    if account.lifecycle == "onboarding" or not quota.quota or not months or quota.projected is None:
        return False
    if start is not None and (as_of - start).days < rules.right_size_after_days:
        return False
    return max(months[-1].calls, quota.projected) < rules.right_size_share * quota.quota


def _hold_off(found: Findings) -> str | None:
    """Why an offer would come at the wrong time (retention before growth)."""
    case = found.case
    if case.account.lifecycle == "onboarding":
        return "the onboarding is not over"
    if lapsed := lapsed_days(case.account, case.as_of):
        return f"the contract lapsed {lapsed} day{'' if lapsed == 1 else 's'} ago"
    if any(t.severity == "SEV1" and t.resolved_at is None for t in found.snapshot.tickets):
        return "a SEV1 is open"
    if found.level in AT_RISK:
        return f"the churn level is {found.level}"
    return "the account is red" if found.tier == "red" else None


def _whole(figure: Figure) -> int | None:
    return figure.value if isinstance(figure.value, int) else None
