"""Plans beside the one an account has: what a bigger one gives for what it costs, and whether a smaller one would do.

Prices are those of the plans on record: what a customer would pay is for Sales to say.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.figures import Evidence, Figure, account_figure
from app.domain.records import Account, Plan


@dataclass(frozen=True, slots=True)
class Headroom:
    """A bigger plan beside the account's own: `headroom` and `cost` are its quota and price in multiples of the own.

    `cost` is None where a price is not on record.
    """

    own: Plan | None
    plan: Plan
    own_quota: int
    headroom: float
    cost: float | None

    @property
    def ratio(self) -> float | None:
        """Headroom per cost: 10 times the quota for 2.5 times the price is 4 (persona §5.2)."""
        return None if not self.cost else self.headroom / self.cost


def own_plan(account: Account, plans: Sequence[Plan]) -> Plan | None:
    """The account's plan, where it is on record."""
    return next((plan for plan in plans if plan.name.casefold() == (account.plan or "").casefold()), None)


def next_plan(account: Account, plans: Sequence[Plan]) -> Headroom | None:
    """The plan with the next bigger quota, other than the account's own and no cheaper; None where there is none."""
    own, quota = own_plan(account, plans), account.api_quota_monthly
    if not quota:
        return None
    bigger = [(plan.quota_monthly, plan) for plan in plans if plan.quota_monthly and plan.quota_monthly > quota]
    others = [(calls, plan) for calls, plan in bigger if plan is not own and not _is_cheaper(plan, own)]
    if not others:
        return None
    calls, plan = min(others, key=lambda each: (each[0], each[1].name))
    own_price = own.price_monthly if own else None
    cost = plan.price_monthly / own_price if plan.price_monthly is not None and own_price else None
    return Headroom(own, plan, quota, calls / quota, cost)


def smaller_plan(account: Account, plans: Sequence[Plan], calls: float) -> Plan | None:
    """The smallest plan that holds so many calls a month, if it is smaller than the account's quota."""
    quota = account.api_quota_monthly or 0
    sized = ((plan.quota_monthly, plan) for plan in plans if plan.quota_monthly)
    fitting = [(held, plan) for held, plan in sized if calls <= held < quota]
    return min(fitting, key=lambda each: (each[0], each[1].name))[1] if fitting else None


def headroom_figures(account: Account, as_of: dt.date, found: Headroom, currency: str) -> dict[str, Figure]:
    """The arithmetic for Sales, by key: `expansion.headroom`, `expansion.cost`, `expansion.headroom_per_cost`."""
    return {figure.key: figure for figure in _figures(account, as_of, found, currency) if figure.value is not None}


def _figures(account: Account, as_of: dt.date, found: Headroom, currency: str) -> Iterator[Figure]:
    plan, own = found.plan, found.own
    records = tuple(Evidence(kind="plans", id=each.name) for each in (own, plan) if each is not None)

    def stated(name: str, label: str, value: float | None, unit: str, rule: str) -> Figure:
        return account_figure(account.id, as_of, f"expansion.{name}", label, value, unit, rule, records)

    money, listed = account.currency or currency, "list price of the plan, a month"
    yield stated("next_quota", f"Calls a month on {plan.name}", plan.quota_monthly, "calls", "quota of the plan")
    yield stated("next_price", f"List price of {plan.name}, a month", plan.price_monthly, money, listed)
    if own is not None:
        yield stated("own_price", f"List price of {own.name}, a month", own.price_monthly, money, listed)
    rule = f"quota of {plan.name} ÷ own quota: {plan.quota_monthly:,} ÷ {found.own_quota:,}"
    yield stated("headroom", "Quota of the next plan, in own quotas", found.headroom, "ratio", rule)
    if own is not None and plan.price_monthly is not None and own.price_monthly:
        rule = f"price of {plan.name} ÷ price of {own.name}: {plan.price_monthly:,.0f} ÷ {own.price_monthly:,.0f}"
        yield stated("cost", "Price of the next plan, in own prices", found.cost, "ratio", rule)
        rule = f"headroom ÷ cost: {found.headroom:.4g} ÷ {found.cost:.4g}"
        yield stated("headroom_per_cost", "Headroom per cost of the next plan", found.ratio, "ratio", rule)


def _is_cheaper(plan: Plan, own: Plan | None) -> bool:
    prices = (plan.price_monthly, own.price_monthly if own else None)
    return prices[0] is not None and prices[1] is not None and prices[0] < prices[1]
