"""The figures of what comes again and again in tickets."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.domain.figures import Figure, Text, listed
from app.domain.records import Ticket
from tools.feedback.repeats import Repeat, Trend, hours_of
from tools.feedback.spans import Counts, Money, Span


class TrendFigures:
    """Makes them: `trends.<category>.<what>.<period>`."""

    def __init__(self, span: Span, money: Money, zone: ZoneInfo, repeat_days: int) -> None:
        self._span, self._money, self._zone, self._repeat_days = span, money, zone, repeat_days
        self._as_of: dt.date = span.as_of
        self._counts = Counts("trends", span.period, span.as_of)

    @property
    def made(self) -> tuple[Figure, ...]:
        """All that were made."""
        return tuple(self._counts.made.values())

    def tickets(self, trend: Trend) -> Figure:
        """Tickets of the period."""
        return self._of(
            trend.category, "tickets", "Tickets", len(trend.tickets), "tickets", "opened in the period", trend.tickets
        )

    def before(self, trend: Trend) -> Figure:
        """Tickets of the period before."""
        rule = f"opened in {self._span.before.name}"
        return self._of(
            trend.category, "tickets_before", "Tickets before", len(trend.before), "tickets", rule, trend.before
        )

    def hours(self, trend: Trend) -> Figure:
        """Calendar hours from first response to solution, of those solved."""
        rule = f"sum of calendar hours from first response to solution over the {len(trend.solved)} solved"
        return self._of(trend.category, "hours", "Hours", trend.hours, "hours", rule, trend.solved)

    def reopened(self, trend: Trend) -> Figure:
        """Share of those once solved that came back, in percent."""
        rule = f"100 × {len(trend.reopened)} reopened ÷ {len(trend.ever_solved)} solved once"
        return self._of(trend.category, "reopened", "Reopened", trend.reopened_share, "%", rule, trend.reopened)

    def customers(self, trend: Trend) -> Figure:
        """Customers with such a ticket."""
        return self._counts.accounts(f"{trend.category}.accounts", f"Customers, {trend.category}", trend.account_ids)

    def arr(self, trend: Trend) -> Text:
        """ARR of these customers."""
        return self._counts.money(
            f"{trend.category}.arr", f"ARR touched, {trend.category}", self._money.arr(trend.account_ids)
        )

    def repeat_hours(self, repeat: Repeat) -> Figure:
        """Calendar hours that solved tickets about the same took."""
        hours = sum(hours_of(ticket) or 0.0 for ticket in repeat.tickets)
        days = self._repeat_days
        rule = f"sum of calendar hours from first response to solution, {days} days to {self._as_of}"
        return self._of(f"repeat.{repeat.document}", "hours", "Hours", hours, "hours", rule, repeat.tickets)

    def _of(
        self, name: str, what: str, label: str, value: float | None, unit: str, rule: str, tickets: Sequence[Ticket]
    ) -> Figure:
        evidence = listed("tickets", [(t.id, t.opened_at.astimezone(self._zone).date()) for t in tickets], None)
        return self._counts.figure(f"{name}.{what}", f"{label}, {name}", value, unit, rule, evidence)
