"""MTTR beside the repeat-issue rate, first responses in time, first contact resolution, escalations and CSAT."""

import bisect
import datetime as dt
import statistics
from collections.abc import Iterable, Sequence
from functools import cached_property

from app.domain.figures import Evidence, listed
from app.domain.records import Severity, Ticket
from tools.health.selections import SEVERITIES
from tools.metrics.book import Book, Span, health_of
from tools.metrics.measure import LeftOut, Measure, Part, mean, percent
from tools.metrics.parameters import Response

NO_TICKETS_SOLVED = "a ticket solved in the period"
NO_TICKETS = "a ticket opened in the period"
SOLVED = "tickets solved in the period and not reopened since"
HOUR = dt.timedelta(hours=1)
UNRATED: Severity = "SEV3"
"""What a ticket without a severity counts as (design §4)."""


def mttr(book: Book, span: Span) -> Measure:
    """Mean calendar hours from opening to resolution, by severity against the targets of /health."""
    solved, repeats = book.resolved(span), Repeats(book, span)
    targets = health_of(book.ctx.others).components.resolution_time.target_hours
    hours = [hours_to_solve(ticket) for ticket in solved]
    still = [t for t in book.tickets if t.opened_at < span.ends_at and not _solved_by(t, span)]
    overdue = [t for t in still if _age(book, span, t) > targets[severity_of(t)]]
    parts = []
    for severity in SEVERITIES:
        mine = [hours_to_solve(t) for t in solved if severity_of(t) == severity]
        rate = percent(*repeats.counts(severity))
        parts.append(Part(severity, severity, mean(mine), "hours", len(mine), targets[severity], rate))
    left = (LeftOut("open past their target at the end, and so in no mean", _ids(overdue)),) if overdue else ()
    return Measure(
        "mttr",
        mean(hours),
        "sum of calendar hours from opening to resolution ÷ tickets",
        len(hours),
        "tickets",
        SOLVED,
        sum(hours) if hours else None,
        len(hours) or None,
        ("hours", "tickets solved"),
        unit="hours",
        left_out=left,
        parts=tuple(parts),
        evidence=ticket_evidence(solved),
        missing="" if hours else NO_TICKETS_SOLVED,
    )


def repeat_issue_rate(book: Book, span: Span) -> Measure:
    """Share of tickets that open a category again which the same account had solved only days before."""
    repeats = Repeats(book, span)
    again, of = repeats.counts(None)
    days = book.parameters.rules.repeat_days
    return Measure(
        "repeat_issue_rate",
        percent(again, of),
        f"100 × tickets whose account had one of the same category solved in the {days} days before ÷ tickets opened",
        of,
        "tickets",
        "tickets opened in the period that have a category",
        again if of else None,
        of or None,
        ("repeats", "tickets opened"),
        left_out=(LeftOut("without a category", _ids(repeats.uncategorized)),) if repeats.uncategorized else (),
        evidence=ticket_evidence(repeats.found),
        missing="" if of else f"{NO_TICKETS} that has a category",
    )


class Repeats:
    """Tickets opened within a span for what the same account had solved shortly before."""

    def __init__(self, book: Book, span: Span) -> None:
        self._within = dt.timedelta(days=book.parameters.rules.repeat_days)
        opened = book.opened(span)
        self._opened = [t for t in opened if t.category]
        self.uncategorized = [t for t in opened if not t.category]
        self._solved_at = book.solved_at

    @cached_property
    def found(self) -> list[Ticket]:
        return [ticket for ticket in self._opened if self._is_repeat(ticket)]

    def counts(self, severity: Severity | None) -> tuple[int, int]:
        """Repeats, and tickets opened that have a category; of one severity where it is given."""
        of = [t for t in self._opened if severity in (None, severity_of(t))]
        return sum(severity in (None, severity_of(t)) for t in self.found), len(of)

    def _is_repeat(self, ticket: Ticket) -> bool:
        moments = self._solved_at.get((ticket.account_id, (ticket.category or "").casefold()), [])
        place = bisect.bisect_right(moments, ticket.opened_at) - 1
        return place >= 0 and ticket.opened_at - moments[place] <= self._within


def first_contact(book: Book, span: Span) -> Measure:
    """Share of solved tickets that took few replies, no escalation and no second opening."""
    most = book.parameters.rules.first_contact_replies
    solved = book.resolved(span)
    counted = [t for t in solved if t.replies is not None]
    first = [t for t in counted if not _needed_more(t) and (t.replies or 0) <= most]
    unknown = [t for t in solved if t.replies is None]
    return Measure(
        "fcr",
        percent(len(first), len(counted)),
        f"100 × solved with at most {most} replies, never reopened, never escalated ÷ tickets solved",
        len(counted),
        "tickets",
        SOLVED,
        len(first) if counted else None,
        len(counted) or None,
        ("solved at first contact", "tickets solved"),
        left_out=(LeftOut("the number of replies is not known", _ids(unknown)),) if unknown else (),
        evidence=ticket_evidence(first),
        missing="" if counted else (NO_TICKETS_SOLVED if not solved else "the number of replies of each ticket"),
    )


def sla_adherence(book: Book, span: Span) -> Measure:
    """Share of first responses that came in time, by support tier; who still waits past the time counts as late."""
    met, missed, parts, left = [], [], [], []
    opened = book.opened(span)
    for key, tier in book.parameters.response.items():
        answers = _Answers(book, tier, [t for t in opened if severity_of(t) in tier.severities])
        met += answers.met
        missed += answers.missed
        n = len(answers.met) + len(answers.missed)
        parts.append(Part(f"{key}.in_time", f"{tier.label}: {_by_when(tier)}", percent(len(answers.met), n), "%", n))
        waits = [wait / HOUR for wait in answers.waits]
        middle = statistics.median(waits) if waits else None
        parts.append(Part(f"{key}.hours", f"{tier.label}: median wait", middle, "hours", len(waits)))
        left += answers.left_out(tier)
    n = len(met) + len(missed)
    return Measure(
        "sla_adherence",
        percent(len(met), n),
        "100 × first responses in time ÷ (first responses + tickets that wait past their time)",
        n,
        "tickets",
        "tickets opened in the period; whose time is not over does not count yet",
        len(met) if n else None,
        n or None,
        ("answered in time", "due"),
        left_out=tuple(left),
        parts=tuple(parts),
        evidence=ticket_evidence(missed),
        missing="" if n else f"{NO_TICKETS} with the time of its first response",
    )


class _Answers:
    """The tickets of one support tier, by whether the first response came in time."""

    def __init__(self, book: Book, tier: Response, tickets: Iterable[Ticket]) -> None:
        self.met: list[Ticket] = []
        self.missed: list[Ticket] = []
        self.waits: list[dt.timedelta] = []
        self._not_due: list[Ticket] = []
        self._unknown: list[Ticket] = []
        self._hourless: list[Ticket] = []
        self._book, self._tier, self._limit = book, tier, dt.timedelta(hours=tier.hours)
        for ticket in tickets:
            self._place(ticket).append(ticket)

    def left_out(self, tier: Response) -> list[LeftOut]:
        found = (
            ("not answered, and not due yet", self._not_due),
            ("no first response on record", self._unknown),
            ("opened at midnight sharp: its hour is not on record", self._hourless),
        )
        return [LeftOut(f"{tier.label}: {reason}", _ids(tickets)) for reason, tickets in found if tickets]

    def _place(self, ticket: Ticket) -> list[Ticket]:
        if self._tier.clock == "business" and _is_midnight(ticket.opened_at, self._book):
            return self._hourless
        if ticket.first_response_at is not None:
            wait = self._wait(ticket, ticket.first_response_at)
            self.waits.append(wait)
            return self.met if wait < self._limit else self.missed
        if ticket.resolved_at is not None:  # answered by then at the latest
            return self.met if self._wait(ticket, ticket.resolved_at) < self._limit else self._unknown
        until = self._book.ticket_feed_ends.get(ticket.account_id)
        until = min(until, self._book.ctx.now) if until else self._book.ctx.now
        return self.missed if self._wait(ticket, until) >= self._limit else self._not_due

    def _wait(self, ticket: Ticket, until: dt.datetime) -> dt.timedelta:
        if self._tier.clock == "always":
            return until - ticket.opened_at
        return self._book.parameters.business_hours.between(ticket.opened_at, until, self._book.ctx.timezone)


def escalation_rate(book: Book, span: Span) -> Measure:
    """Share of the tickets opened that went to engineering."""
    opened = book.opened(span)
    escalated = [t for t in opened if is_escalated(t)]
    return Measure(
        "escalation_rate",
        percent(len(escalated), len(opened)),
        "100 × tickets escalated ÷ tickets opened in the period",
        len(opened),
        "tickets",
        "tickets opened in the period",
        len(escalated) if opened else None,
        len(opened) or None,
        ("escalated", "opened"),
        evidence=ticket_evidence(escalated),
        missing="" if opened else NO_TICKETS,
    )


def escalation_quality(book: Book, span: Span) -> Measure:
    """Mean of the quality that was stored with each escalation, 0 to 5."""
    opened = [e for e in book.escalations if span.holds(e.opened_at)]
    scored = [(e, e.quality) for e in opened if e.quality is not None]
    unscored = tuple(e.id for e in opened if e.quality is None)
    days = [(e.id, e.opened_at.astimezone(book.ctx.timezone).date()) for e, _ in scored]
    return Measure(
        "escalation_quality",
        mean([quality for _, quality in scored]),
        "sum of the quality of each escalation's package, 0 to 5 ÷ escalations with one",
        len(scored),
        "escalations",
        "escalations opened in the period",
        sum(quality for _, quality in scored) if scored else None,
        len(scored) or None,
        ("sum of the scores", "escalations scored"),
        left_out=(LeftOut("no quality on record", unscored),) if unscored else (),
        evidence=listed("escalations", days, None) if days else (),
        missing="" if scored else "an escalation opened in the period with its quality: /escalate stores it",
    )


def csat(book: Book, span: Span) -> Measure:
    """Mean satisfaction, 1 to 5, of the tickets solved in the period."""
    solved = book.resolved(span)
    rated = [(t, t.csat) for t in solved if t.csat is not None]
    unrated = [t for t in solved if t.csat is None]
    return Measure(
        "csat",
        mean([score for _, score in rated]),
        "sum of the scores, 1 to 5 ÷ tickets with one",
        len(rated),
        "tickets",
        SOLVED,
        sum(score for _, score in rated) if rated else None,
        len(rated) or None,
        ("sum of the scores", "tickets rated"),
        left_out=(LeftOut("no score was given", _ids(unrated)),) if unrated else (),
        evidence=ticket_evidence([t for t, _ in rated]),
        missing="" if rated else "satisfaction scores of tickets (the column csat, 1 to 5)",
    )


def severity_of(ticket: Ticket) -> Severity:
    return ticket.severity or UNRATED


def hours_to_solve(ticket: Ticket) -> float:
    """Calendar hours from the opening to the resolution."""
    if ticket.resolved_at is None:
        raise ValueError(f"{ticket.id} is not solved")
    return (ticket.resolved_at - ticket.opened_at) / HOUR


def is_escalated(ticket: Ticket) -> bool:
    return ticket.escalated is True or ticket.escalated_at is not None


def _needed_more(ticket: Ticket) -> bool:
    return ticket.reopened_at is not None or is_escalated(ticket)


def _solved_by(ticket: Ticket, span: Span) -> bool:
    return ticket.resolved_at is not None and ticket.resolved_at < span.ends_at


def _age(book: Book, span: Span, ticket: Ticket) -> float:
    """Calendar hours that a ticket was open by the end of the span, as far as its feed tells."""
    until = book.ticket_feed_ends.get(ticket.account_id, span.ends_at)
    return (min(until, span.ends_at, book.ctx.now) - ticket.opened_at) / HOUR


def _is_midnight(moment: dt.datetime, book: Book) -> bool:
    return moment.astimezone(book.ctx.timezone).time() == dt.time()


def _by_when(tier: Response) -> str:
    return f"in under {tier.hours:g} {'business ' if tier.clock == 'business' else ''}hour{'s' * (tier.hours != 1)}"


def _ids(tickets: Sequence[Ticket]) -> tuple[str, ...]:
    return tuple(ticket.id for ticket in tickets)


def ticket_evidence(tickets: Sequence[Ticket]) -> tuple[Evidence, ...]:
    return listed("tickets", [(t.id, t.opened_at.date()) for t in tickets], None) if tickets else ()
