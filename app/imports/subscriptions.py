"""Subscriptions → ARR movements and contract terms: pure, whatever billing system they come from.

An account's ARR on a day is the sum over its paid subscriptions that run on that day, from their start up to but not
including their end. Several may run at once.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from app.domain.records import ArrMovement, Day, Id, Lifecycle, Money, MovementKind, Name, Record

CENT = 0.005


class Subscription(Record):
    """A contract over one plan. `arr` is money a year; `term_months` is how long one billing period lasts."""

    id: Id
    account_id: Id
    start: Day
    end: Day | None = None
    arr: Money
    seats: Annotated[int, Field(ge=0)] | None = None
    plan: Name | None = None
    term_months: Annotated[int, Field(ge=1, le=240)] | None = None
    auto_renew: bool | None = None

    def runs_on(self, day: dt.date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an account's subscriptions say of it on a day. Plan, term and renewal are those of the main one."""

    arr: float = 0.0
    lifecycle: Lifecycle | None = None  # churned, where it once paid and does not any more
    seats: int | None = None
    plan: str | None = None
    term_months: int | None = None
    renewal_date: dt.date | None = None
    auto_renew: bool | None = None


class SubscriptionBook:
    """All subscriptions of an import, by id and by account."""

    def __init__(self, subscriptions: Iterable[Subscription] = ()) -> None:
        self._by_id: dict[str, Subscription] = {}
        self._by_account: defaultdict[str, list[Subscription]] = defaultdict(list)
        for subscription in subscriptions:
            self.add(subscription)

    def add(self, subscription: Subscription) -> None:
        self._by_id[subscription.id] = subscription
        self._by_account[subscription.account_id].append(subscription)

    def get(self, subscription_id: str) -> Subscription | None:
        return self._by_id.get(subscription_id)

    def account_ids(self) -> Collection[str]:
        return self._by_account.keys()

    def terms(self, account_id: str, day: dt.date) -> Terms | None:
        """The account's terms on `day`; None where it has no subscription at all."""
        known = self._by_account.get(account_id)
        return terms(known, day) if known else None

    def movements(self) -> Iterator[ArrMovement]:
        for account_id in sorted(self._by_account):
            yield from movements(self._by_account[account_id])


def movements(subscriptions: Iterable[Subscription]) -> list[ArrMovement]:
    """The ARR movements of one account: one for each day on which its running total changes.

    The first is `new`, from zero back up `reactivation`, down to zero `churn`, else `expansion` or `downgrade`.
    """
    changes: defaultdict[dt.date, float] = defaultdict(float)
    account_id = ""
    for subscription in subscriptions:
        account_id = subscription.account_id
        changes[subscription.start] += subscription.arr
        if subscription.end is not None:
            changes[max(subscription.end, subscription.start)] -= subscription.arr
    found: list[ArrMovement] = []
    total = 0.0
    for day in sorted(changes):
        before, total = total, total + changes[day]
        kind = _kind(before, total, bool(found))
        if kind is not None:
            amount = abs(total - before)
            found.append(
                ArrMovement(id=f"{account_id}:{day}", account_id=account_id, date=day, kind=kind, amount=amount)
            )
    return found


def _kind(before: float, after: float, known: bool) -> MovementKind | None:
    if abs(after - before) < CENT:
        return None
    if before < CENT:
        return "reactivation" if known else "new"
    if after < CENT:
        return "churn"
    return "expansion" if after > before else "downgrade"


def terms(subscriptions: Iterable[Subscription], day: dt.date) -> Terms:
    """The terms on `day` of an account with these subscriptions. ARR and seats are sums over the paid ones.

    The main subscription is the one with the longest term, then the most ARR, then the earliest start: a contract by
    the year says when the customer decides, one by the month does not.
    """
    begun = [s for s in subscriptions if s.arr > 0 and s.start <= day]
    paid = [s for s in begun if s.runs_on(day)]
    if not paid:
        return Terms(lifecycle="churned" if begun else None)
    main = min(paid, key=lambda s: (-(s.term_months or 0), -s.arr, s.start, s.id))
    seats = [s.seats for s in paid if s.seats is not None]
    return Terms(
        arr=sum(s.arr for s in paid),
        seats=sum(seats) if seats else None,
        plan=main.plan,
        term_months=main.term_months,
        renewal_date=main.end or next_renewal(main.start, main.term_months, day),
        auto_renew=main.auto_renew,
    )


def next_renewal(start: dt.date, term_months: int | None, day: dt.date) -> dt.date | None:
    """The first end of a term after `day`, counted in whole terms from `start`."""
    if term_months is None:
        return None
    months = (day.year - start.year) * 12 + day.month - start.month
    count = max(months // term_months, 1) * term_months
    while (renewal := add_months(start, count)) <= day:
        count += term_months
    return renewal


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of the month so many months later, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))
