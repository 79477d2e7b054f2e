"""What happened with a customer, from its dated records: the timeline of a brief and of a handover."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.blocks import Timeline, TimelineEvent, Tone
from app.domain.figures import Evidence, Text, text
from app.domain.records import ArrMovement, Goal, MovementKind, SignalKind, Ticket, Touchpoint
from app.domain.snapshot import FeedbackBook
from tools.health.findings import Findings
from tools.health.open_work import NO_SEVERITY
from tools.health.people import held
from tools.health.promises import shortened
from tools.health.stated import Stated

EventKind = Literal[
    "contract",
    "arr",
    "escalation",
    "ticket",
    "person",
    "meeting",
    "goal",
    "signal",
    "nps",
    "feedback",
    "promise",
    "tier",
]

MAJOR_MEETINGS = ("qbr", "health_check")
BAD_SIGNALS: tuple[SignalKind, ...] = ("budget_cut", "competitor", "incident")
_MOVES: dict[MovementKind, tuple[str, Tone]] = {
    "new": ("New contract: ", "good"),
    "expansion": ("Expansion: ", "good"),
    "reactivation": ("Reactivation: ", "good"),
    "downgrade": ("Downgrade: ", "warning"),
    "churn": ("Churn: ", "bad"),
}
_GOAL_TONES: dict[str | None, Tone] = {"achieved": "good", "at_risk": "warning", "missed": "bad"}


@dataclass(frozen=True, slots=True)
class PastEvent:
    """`major` ones belong into the history of years; the others only matter for a while."""

    on: dt.date
    kind: EventKind
    what: Text
    tone: Tone = "neutral"
    major: bool = True


def past_events(found: Findings, stated: Stated, feedback: FeedbackBook | None) -> tuple[PastEvent, ...]:
    """All of them up to the findings' day, oldest first."""
    snapshot, as_of = found.snapshot, found.case.as_of
    events = [
        *_contract(found),
        *_arr(snapshot.arr_movements, found.case.currency, stated),
        *_escalations(found),
        *_tickets(snapshot.tickets, found),
        *_departures(found),
        *_meetings(snapshot.touchpoints, found),
        *_goals(snapshot.goals),
        *_signals(found),
        *_answers(found, stated),
        *_shipped(found, feedback),
        *_kept(found),
    ]
    return tuple(sorted((e for e in events if e.on <= as_of), key=lambda event: event.on))


def timeline(events: Iterable[PastEvent]) -> Timeline:
    return Timeline(items=tuple(TimelineEvent(on=event.on, text=event.what, tone=event.tone) for event in events))


def _contract(found: Findings) -> Iterator[PastEvent]:
    start = found.case.account.contract_start
    if start is not None:
        yield PastEvent(start, "contract", text("Contract began"))


def _arr(movements: Sequence[ArrMovement], currency: str, stated: Stated) -> Iterator[PastEvent]:
    for movement in movements:
        words, tone = _MOVES[movement.kind]
        evidence = (Evidence(kind="arr_movements", id=movement.id, date=movement.date),)
        label, rule = f"ARR movement, {movement.kind}", "the movement's own amount"
        amount = stated.number(f"arr_movement.{movement.id}", label, movement.amount, currency, rule, evidence)
        yield PastEvent(movement.date, "arr", text(words, amount), tone)


def _escalations(found: Findings) -> Iterator[PastEvent]:
    zone = found.case.portfolio.timezone
    for escalation in found.snapshot.escalations:
        name = f"{escalation.id}, {escalation.severity or 'no severity'}: {shortened(escalation.title)}"
        yield PastEvent(escalation.opened_at.astimezone(zone).date(), "escalation", text(f"Escalated {name}"), "bad")
        if escalation.closed_at is not None:
            yield PastEvent(escalation.closed_at.astimezone(zone).date(), "escalation", text(f"Closed {name}"), "good")


def _tickets(tickets: Sequence[Ticket], found: Findings) -> Iterator[PastEvent]:
    """Opened and resolved ones; of years' history the SEV1 and what was escalated."""
    zone = found.case.portfolio.timezone
    for ticket in tickets:
        severity = ticket.severity or NO_SEVERITY
        major = severity == "SEV1" or bool(ticket.escalated) or ticket.escalated_at is not None
        name = f"{ticket.id} ({severity}){_quoted(ticket.subject)}"
        tone: Tone = "bad" if severity == "SEV1" else "warning" if major or severity == "SEV2" else "neutral"
        escalated = ", escalated" if ticket.escalated or ticket.escalated_at is not None else ""
        opened = ticket.opened_at.astimezone(zone).date()
        yield PastEvent(opened, "ticket", text(f"Ticket opened{escalated}: {name}"), tone, major)
        if ticket.resolved_at is not None and (ticket.reopened_at is None or ticket.reopened_at < ticket.resolved_at):
            resolved = ticket.resolved_at.astimezone(zone).date()
            yield PastEvent(resolved, "ticket", text(f"Ticket resolved: {name}"), "good", major=False)


def _departures(found: Findings) -> Iterator[PastEvent]:
    for contact in found.snapshot.contacts:
        if contact.left_on is not None:
            part = "Champion" if contact.is_champion else "Contact"
            tone: Tone = "bad" if contact.is_champion else "neutral"
            words = text(f"{part} left: {contact.name or contact.id}{_bracketed(contact.role)}")
            yield PastEvent(contact.left_on, "person", words, tone, major=bool(contact.is_champion))


def _meetings(touchpoints: Sequence[Touchpoint], found: Findings) -> Iterator[PastEvent]:
    names = {contact.id: contact.name or contact.id for contact in found.snapshot.contacts}
    for touchpoint in touchpoints:
        kind = touchpoint.kind.replace("_", " ")
        kind = {"qbr": "business review", "note": "our note"}.get(kind, kind)
        whom = names.get(touchpoint.contact_id or "", "")
        with_whom = f" with {whom}" if whom else ""
        if touchpoint.status in ("no_show", "declined"):
            missed = "missed" if touchpoint.status == "no_show" else "declined"
            words = text(f"{kind.capitalize()}{with_whom} {missed} by the customer")
            yield PastEvent(touchpoint.date, "meeting", words, "warning", major=touchpoint.kind in MAJOR_MEETINGS)
        elif held(touchpoint):
            words = text(f"{kind.capitalize()}{with_whom}{_quoted(touchpoint.text)}")
            yield PastEvent(touchpoint.date, "meeting", words, "neutral", touchpoint.kind in MAJOR_MEETINGS)


def _goals(goals: Sequence[Goal]) -> Iterator[PastEvent]:
    for goal in goals:
        if goal.status is not None and goal.status_on is not None:
            words = text(f"Goal {goal.status.replace('_', ' ')}: {shortened(goal.title)}")
            yield PastEvent(goal.status_on, "goal", words, _GOAL_TONES.get(goal.status, "neutral"))


def _signals(found: Findings) -> Iterator[PastEvent]:
    for signal in found.snapshot.signals:
        tone: Tone = "warning" if signal.kind in BAD_SIGNALS else "good"
        words = text(f"Heard of: {signal.kind.replace('_', ' ')}{_quoted(signal.text)}")
        yield PastEvent(signal.date, "signal", words, tone)


def _answers(found: Findings, stated: Stated) -> Iterator[PastEvent]:
    """Answers to the NPS survey: 9 and 10 promote, up to 6 detract."""
    for response in found.snapshot.nps:
        day = response.responded_at.astimezone(found.case.portfolio.timezone).date()
        evidence = (Evidence(kind="nps", id=response.id, date=day),)
        score = stated.number(
            f"nps.{response.id}.score", "NPS answer", response.score, "count", "the answer, 0 to 10", evidence
        )
        tone: Tone = "good" if response.score >= 9 else "bad" if response.score <= 6 else "neutral"
        yield PastEvent(day, "nps", text("NPS answer ", score, _quoted(response.comment)), tone, major=False)


def _shipped(found: Findings, feedback: FeedbackBook | None) -> Iterator[PastEvent]:
    for item in feedback.items if feedback is not None else ():
        if item.shipped_on is not None and found.case.account.id in item.account_ids:
            yield PastEvent(
                item.shipped_on, "feedback", text(f"Shipped what they asked for: {shortened(item.title)}"), "good"
            )


def _kept(found: Findings) -> Iterator[PastEvent]:
    for promise in found.snapshot.commitments:
        if promise.done_on is not None:
            by = f" by {promise.by}" if promise.by else ""
            words = text(f"Promise kept{by}: {shortened(promise.what)}")
            yield PastEvent(promise.done_on, "promise", words, "good", major=False)


def _quoted(words: str | None) -> str:
    return f": “{shortened(words)}”" if words and words.strip() else ""


def _bracketed(words: str | None) -> str:
    return f" ({words})" if words else ""
