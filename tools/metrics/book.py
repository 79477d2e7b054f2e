"""The data that metrics are made from: what belongs to a segment or an owner, and what of it falls into a period."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from app.domain.command import Context, OnDay, OnPeriod
from app.domain.periods import Period
from app.domain.problems import InvalidArguments
from app.domain.records import Account, ArrMovement, Escalation, Milestone, Record, Ticket, Touchpoint
from app.domain.snapshot import PortfolioSnapshot
from app.domain.windows import end_of_day
from tools.feedback.parameters import FeedbackParameters
from tools.health import Assessment, HealthParameters, assess
from tools.health.parents import is_customer
from tools.metrics.parameters import MetricsParameters

R = TypeVar("R", bound=Record)

HELD = (None, "attended")
"""A touchpoint with one of these statuses took place."""


@dataclass(frozen=True)
class Span:
    """The days of a period that count: to as_of, where it still runs. `before` and `end` are the data around them."""

    period: Period
    last: dt.date
    begins_at: dt.datetime
    ends_at: dt.datetime
    before: OnDay | None = None
    end: OnDay | None = None

    @property
    def months(self) -> float:
        """How many months are over: all, or of a period that runs the part in days."""
        return self.period.months * ((self.last - self.period.first).days + 1) / self.period.days

    def holds(self, moment: dt.datetime | None) -> bool:
        return moment is not None and self.begins_at <= moment < self.ends_at

    def has(self, day: dt.date | None) -> bool:
        return day is not None and self.period.first <= day <= self.last


class Book:
    """A context, narrowed to the accounts of a segment or an owner as they stand on as_of."""

    def __init__(self, ctx: Context, parameters: MetricsParameters, filters: Mapping[str, str]) -> None:
        if ctx.portfolio is None or ctx.first_use is None or ctx.feedback is None:
            raise TypeError("/metrics needs the portfolio, first use and feedback in its context")
        self.ctx, self.parameters, self.filters = ctx, parameters, filters
        self.portfolio, self.first_use, self.feedback = ctx.portfolio, ctx.first_use, ctx.feedback
        self.accounts = {a.id: a for a in ctx.portfolio.accounts if _passes(a, filters)}
        self._happened: dict[tuple[str, dt.date, dt.date], list[Ticket]] = {}
        self._assessed: dict[int, Assessment] = {}
        self._customers: dict[int, list[int]] = {}

    @property
    def is_whole(self) -> bool:
        return not self.filters

    @cached_property
    def rows(self) -> tuple[int, ...]:
        """The rows of the accounts in the portfolio as of as_of."""
        return tuple(row for row, a in enumerate(self.portfolio.accounts) if a.id in self.accounts)

    def name(self, account_id: str) -> str:
        account = self.accounts.get(account_id)
        return account.name if account else account_id

    # Records

    def records(self, record_type: type[R]) -> list[R]:
        """The accounts' records of a type."""
        found = self.ctx.listing(record_type).records
        return list(found) if self.is_whole else [r for r in found if getattr(r, "account_id", None) in self.accounts]

    @cached_property
    def tickets(self) -> list[Ticket]:
        return self.records(Ticket)

    @cached_property
    def touchpoints(self) -> list[Touchpoint]:
        return self.records(Touchpoint)

    @cached_property
    def milestones(self) -> list[Milestone]:
        return self.records(Milestone)

    @cached_property
    def escalations(self) -> list[Escalation]:
        return self.records(Escalation)

    @cached_property
    def movements(self) -> Mapping[str, Sequence[ArrMovement]]:
        """By account, oldest first."""
        found: defaultdict[str, list[ArrMovement]] = defaultdict(list)
        for movement in sorted(self.records(ArrMovement), key=lambda m: (m.date, m.kind != "new", m.id)):
            found[movement.account_id].append(movement)
        return found

    def opened(self, span: Span) -> list[Ticket]:
        """Tickets that were opened within the span."""
        key = ("opened", span.period.first, span.last)
        if key not in self._happened:
            self._happened[key] = [t for t in self.tickets if span.holds(t.opened_at)]
        return self._happened[key]

    def resolved(self, span: Span) -> list[Ticket]:
        """Tickets that were solved within the span and have stayed so until as_of."""
        key = ("resolved", span.period.first, span.last)
        if key not in self._happened:
            self._happened[key] = [t for t in self.tickets if span.holds(t.resolved_at) and is_solved(t)]
        return self._happened[key]

    @cached_property
    def solved_at(self) -> Mapping[tuple[str, str], Sequence[dt.datetime]]:
        """When tickets were solved, in order, by account and category; one that was reopened was solved before."""
        found: defaultdict[tuple[str, str], list[dt.datetime]] = defaultdict(list)
        for ticket in self.tickets:
            if ticket.category and ticket.resolved_at is not None and ticket.resolved_at >= ticket.opened_at:
                found[ticket.account_id, ticket.category.casefold()].append(ticket.resolved_at)
        return {key: sorted(moments) for key, moments in found.items()}

    # Days

    def customers(self, day: OnDay) -> list[int]:
        """Rows of the accounts that are customers on a day, in that day's portfolio."""
        portfolio = portfolio_of(day)
        if id(portfolio) not in self._customers:
            rows = (row for row, account in enumerate(portfolio.accounts) if account.id in self.accounts)
            self._customers[id(portfolio)] = [row for row in rows if is_customer(portfolio, row)]
        return self._customers[id(portfolio)]

    def assessment(self, day: OnDay) -> Assessment:
        """The portfolio of a day, scored with the settings of /health that were in force."""
        portfolio = portfolio_of(day)
        if id(portfolio) not in self._assessed:
            self._assessed[id(portfolio)] = assess(portfolio, health_of(day.others))
        return self._assessed[id(portfolio)]

    @cached_property
    def ticket_feed_ends(self) -> Mapping[str, dt.datetime]:
        """The end of the last day on which each account's tickets are known; none where no source has tickets."""
        ends: dict[str, dt.datetime] = {}
        by_day: dict[int, dt.datetime] = {}
        for row, last in enumerate(self.portfolio.feeds.window_end("tickets")):
            if last > 0:
                day = int(last)
                if day not in by_day:
                    by_day[day] = end_of_day(dt.date.fromordinal(day), self.ctx.timezone)
                ends[self.portfolio.accounts[row].id] = by_day[day]
        return ends

    def span(self, period: Period, on: OnPeriod | None = None) -> Span:
        """The span of a period, with the data around it where that is given."""
        last, zone = min(period.last, self.ctx.as_of), self.ctx.timezone
        begins = end_of_day(period.first - dt.timedelta(days=1), zone)
        return Span(period, last, begins, end_of_day(last, zone), on.before if on else None, on.end if on else None)


def is_solved(ticket: Ticket) -> bool:
    """Resolved, and not reopened since; one dated before its opening tells nothing."""
    if ticket.resolved_at is None or ticket.resolved_at < ticket.opened_at:
        return False
    return ticket.reopened_at is None or ticket.reopened_at <= ticket.resolved_at


def portfolio_of(day: OnDay) -> PortfolioSnapshot:
    if day.portfolio is None:
        raise TypeError("/metrics needs the portfolio of each day")
    return day.portfolio


def health_of(others: Mapping[str, object]) -> HealthParameters:
    found = others["health"]
    if not isinstance(found, HealthParameters):
        raise TypeError("/metrics needs the parameters of /health")
    return found


def feedback_of(others: Mapping[str, object]) -> FeedbackParameters:
    found = others["feedback"]
    if not isinstance(found, FeedbackParameters):
        raise TypeError("/metrics needs the parameters of /feedback")
    return found


def canonical(filters: Mapping[str, str], accounts: Sequence[Account]) -> dict[str, str]:
    """The filters as the accounts spell them.

    Raises:
        InvalidArguments: no account has such a value (`no_match`).
    """
    found = {}
    for field, wanted in filters.items():
        known = sorted({str(value) for a in accounts if (value := getattr(a, field))})
        named = next((value for value in known if value.casefold() == wanted.strip().casefold()), None)
        if named is None:
            those = f"Known: {', '.join(known[:20])}." if known else f"No account names its {field}."
            raise InvalidArguments(f"No account has the {field} {wanted!r}. {those}", code="no_match", known=known[:20])
        found[field] = named
    return found


def _passes(account: Account, filters: Mapping[str, str]) -> bool:
    return all(getattr(account, field) == wanted for field, wanted in filters.items())


def nan_to_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
