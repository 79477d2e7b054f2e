"""What is open with a customer: promises of both sides, tickets, escalations, goals; their figures and tables."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.blocks import Column, Table
from app.domain.figures import Evidence, Figure, Text, text
from app.domain.promises import Side
from app.domain.records import Escalation, Goal, Severity, Ticket
from app.domain.snapshot import EscalationBook
from tools.health import selections
from tools.health.case import Case
from tools.health.findings import Findings
from tools.health.promises import Clock, evidence_of, shortened
from tools.health.stated import Stated
from tools.health.wording import counted

NO_SEVERITY: Severity = "SEV3"
"""A ticket without severity counts as SEV3 (design, section 4)."""

SIDES: tuple[tuple[Side, str], ...] = (("us", "ours"), ("unknown", "unclear whose"), ("customer", "theirs"))
"""Ours first: of those one should know before the call."""


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """`late` says that it is older than the target of its severity."""

    ticket: Ticket
    opened_on: dt.date
    late: bool
    escalated: bool

    @property
    def severity(self) -> Severity:
        return self.ticket.severity or NO_SEVERITY


@dataclass(frozen=True, slots=True)
class OpenEscalation:
    """`told_on` is the day of its newest update; None where there is none."""

    escalation: Escalation
    opened_on: dt.date
    told_on: dt.date | None

    @property
    def state(self) -> Literal["open", "fix in, not yet verified"]:
        return "open" if self.escalation.resolved_at is None else "fix in, not yet verified"


@dataclass(frozen=True, slots=True)
class OpenWork:
    """All of it, the most pressing first. `goals` are those that are not achieved."""

    promises: tuple[Clock, ...]
    tickets: tuple[OpenTicket, ...]
    escalations: tuple[OpenEscalation, ...]
    goals: tuple[Goal, ...]

    def of_side(self, side: Side) -> tuple[Clock, ...]:
        return tuple(clock for clock in self.promises if clock.promise.side == side)

    def overdue(self, side: Side) -> tuple[Clock, ...]:
        return tuple(clock for clock in self.of_side(side) if clock.promise.overdue)


def open_work(found: Findings, book: EscalationBook | None) -> OpenWork:
    """What is open as of the findings' day."""
    return OpenWork(
        promises=found.promises,
        tickets=_tickets(found),
        escalations=tuple(_escalations(found, book)),
        goals=tuple(sorted((g for g in found.snapshot.goals if g.status != "achieved"), key=_goal_order)),
    )


def past_due(goal: Goal, as_of: dt.date) -> bool:
    return goal.due is not None and goal.due < as_of


# ── Figures ───────────────────────────────────────────────────────────────────────────────────────────────────────


def promise_counts(work: OpenWork, stated: Stated) -> Text:
    """How many promises each side has open: "ours: 2 open, 1 overdue; theirs: 1 open"."""

    def number(state: str, side: Side, mine: Sequence[Clock], rule: str) -> Figure:
        label = f"{state.capitalize()} promises of {side}"
        return stated.number(f"promises.{side}.{state}", label, len(mine), "count", rule, evidence_of(mine))

    parts = []
    for side, words in SIDES:
        mine, late = work.of_side(side), work.overdue(side)
        if mine:
            part = text(f"{words}: ", number("open", side, mine, "not kept by as_of"), " open")
            overdue = (
                text(", ", number("overdue", side, late, "due before as_of, not kept"), " overdue") if late else ()
            )
            parts.append(text(part, overdue))
    return joined(parts, "; ")


def ticket_counts(work: OpenWork, case: Case, stated: Stated) -> Text:
    """How many tickets and escalations are open; what is not known is said."""
    if not case.portfolio.feeds.usable("tickets")[case.row]:
        parts = [text("open tickets unknown")]
    else:
        records = tuple(Evidence(kind="tickets", id=t.ticket.id, date=t.opened_on) for t in work.tickets)
        number = stated.count("tickets.open", "Open tickets", records, "opened and not resolved", "tickets")
        parts = [counted(number, "open ticket", "open tickets")]
        for severity in ("SEV1", "SEV2"):
            mine = tuple(r for r, t in zip(records, work.tickets, strict=True) if t.severity == severity)
            if mine:
                key, label = f"tickets.open.{severity.lower()}", f"Open {severity} tickets"
                parts.append(
                    text(f"{severity}: ", stated.count(key, label, mine, f"open, of severity {severity}", "tickets"))
                )
    if work.escalations:
        records = tuple(Evidence(kind="escalations", id=e.escalation.id, date=e.opened_on) for e in work.escalations)
        number = stated.count("escalations.open", "Open escalations", records, "opened and not closed")
        parts.append(counted(number, "open escalation", "open escalations"))
    return joined(parts, ", ")


def progress(goal: Goal, stated: Stated) -> Figure | None:
    """How far a goal has come from its baseline to its target, in percent; None where a number is missing."""
    if goal.current is None or goal.target is None or goal.baseline is None or goal.target == goal.baseline:
        return None
    share = 100 * (goal.current - goal.baseline) / (goal.target - goal.baseline)
    rule = f"100 × ({goal.current:g} − {goal.baseline:g}) ÷ ({goal.target:g} − {goal.baseline:g})"
    evidence = (Evidence(kind="goals", id=goal.id),)
    return stated.number(f"goal.{goal.id}.progress", f"Progress: {shortened(goal.title)}", share, "%", rule, evidence)


def joined(parts: Sequence[Text], between: str) -> Text:
    return text(*(span for place, part in enumerate(parts) for span in ((between, *part) if place else part)))


# ── Tables ────────────────────────────────────────────────────────────────────────────────────────────────────────


def promise_table(work: OpenWork, stated: Stated) -> Table:
    """Ours first, then theirs, the longest overdue of each first."""
    rows = []
    for side, words in SIDES:
        for clock in work.of_side(side):
            stated.add(clock.figures)
            row = (text(words), text(shortened(clock.promise.what)), text(clock.promise.by or "–"), clock.due_text())
            rows.append((*row, clock.told()))
    return _table(("Whose", "Promise", "By", "Due", "Clock"), rows)


def ticket_table(work: OpenWork, stated: Stated, as_of: dt.date, most: int) -> Table:
    rows = []
    for item in work.tickets[:most]:
        ticket = item.ticket
        states = [word for word, so in (("late", item.late), ("escalated", item.escalated)) if so]
        evidence = (Evidence(kind="tickets", id=ticket.id, date=item.opened_on),)
        age = stated.number(
            f"ticket.{ticket.id}.age",
            f"Age of ticket {ticket.id}",
            (as_of - item.opened_on).days,
            "days",
            "days from its opening to as_of",
            evidence,
        )
        rows.append(
            (
                text(ticket.id),
                text(item.severity),
                counted(age, "day", "days"),
                text(", ".join(states) or "in time"),
                text(shortened(ticket.subject or "") or "–"),
            )
        )
    more = text(f"Not shown: {len(work.tickets) - most} more.") if len(work.tickets) > most else ()
    return _table(("Ticket", "Severity", "Age", "State", "Subject"), rows, more)


def escalation_table(work: OpenWork) -> Table:
    rows = [
        (
            text(item.escalation.id),
            text(item.escalation.severity or "–"),
            text(f"{item.state}, since {item.opened_on}"),
            text(str(item.told_on or "none on record")),
            text(item.escalation.owner or "–"),
            text(shortened(item.escalation.title)),
        )
        for item in work.escalations
    ]
    return _table(("Escalation", "Severity", "State", "Last update", "Owner", "Title"), rows)


def goal_table(goals: Sequence[Goal], stated: Stated, as_of: dt.date, currency: str) -> Table:
    rows = []
    for goal in goals:
        reached, value = progress(goal, stated), text("–")
        if goal.value_amount is not None:
            label = f"Value of {shortened(goal.title)}"
            evidence = (Evidence(kind="goals", id=goal.id),)
            key, rule = f"goal.{goal.id}.value", "the goal's own field"
            value = text(stated.number(key, label, goal.value_amount, currency, rule, evidence))
        due = f"{goal.due}{', past due' if goal.status != 'achieved' and past_due(goal, as_of) else ''}"
        rows.append(
            (
                text(shortened(goal.title)),
                text((goal.status or "no status").replace("_", " ")),
                text(reached) if reached else text("–"),
                value,
                text(due if goal.due else "no day"),
            )
        )
    return _table(("Goal", "Status", "Progress", "Value", "Due"), rows)


def _table(labels: Sequence[str], rows: Sequence[tuple[Text, ...]], more: Text = ()) -> Table:
    return Table(columns=tuple(Column(label=label) for label in labels), rows=tuple(rows), more=more)


# ── Gathering ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _tickets(found: Findings) -> tuple[OpenTicket, ...]:
    """By severity, then the oldest first."""
    portfolio, zone = found.case.portfolio, found.case.portfolio.timezone
    columns, targets = portfolio.tickets, found.case.parameters.components.resolution_time.target_hours
    still_open, late = selections.tickets_open(portfolio), selections.tickets_overdue(portfolio, targets)
    places = {str(columns.id[place]): place for place in range(len(columns.id)) if still_open[place]}
    mine = [
        OpenTicket(
            ticket,
            ticket.opened_at.astimezone(zone).date(),
            bool(late[places[ticket.id]]),
            bool(columns.escalated[places[ticket.id]]),
        )
        for ticket in found.snapshot.tickets
        if ticket.id in places
    ]
    return tuple(sorted(mine, key=lambda item: (item.severity, item.ticket.opened_at, item.ticket.id)))


def _escalations(found: Findings, book: EscalationBook | None) -> Iterator[OpenEscalation]:
    zone = found.case.portfolio.timezone
    for escalation in sorted(found.snapshot.escalations, key=lambda e: (e.severity or "SEV9", e.opened_at, e.id)):
        if escalation.closed_at is None:
            updates = book.updates.get(escalation.id, ()) if book is not None else ()
            told = max((update.at for update in updates), default=None)
            opened_on = escalation.opened_at.astimezone(zone).date()
            yield OpenEscalation(escalation, opened_on, told.astimezone(zone).date() if told else None)


def _goal_order(goal: Goal) -> tuple[dt.date, str]:
    return (goal.due or dt.date.max, goal.id)
