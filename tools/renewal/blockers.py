"""What stands in the way of a renewal, each with whose it is to clear."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.domain.figures import Text, text
from app.domain.records import FeedbackItem
from app.domain.snapshot import AccountSnapshot, FeedbackBook
from tools.health.open_work import OpenWork
from tools.health.promises import OURS, shortened
from tools.renewal.parameters import BlockerRules

BlockerKind = Literal["ticket", "escalation", "promise", "integration", "request", "signal"]

LABELS: dict[BlockerKind, str] = {
    "ticket": "Open ticket",
    "escalation": "Open escalation",
    "promise": "Overdue promise",
    "integration": "Failed integration",
    "request": "Blocking request",
    "signal": "Signal",
}


@dataclass(frozen=True, slots=True)
class Blocker:
    """`id` is the record's; `since` its day, where it has one."""

    kind: BlockerKind
    id: str
    what: Text
    since: dt.date | None
    owner: str


def blockers(
    snapshot: AccountSnapshot, work: OpenWork, book: FeedbackBook | None, rules: BlockerRules
) -> tuple[Blocker, ...]:
    """All of them: tickets and escalations by severity, then overdue promises, integrations, requests and signals."""
    return (
        *_tickets(work, rules),
        *_escalations(work, rules),
        *_promises(work, rules),
        *_integrations(snapshot, rules),
        *_requests(snapshot, book, rules),
        *_signals(snapshot, rules),
    )


def _tickets(work: OpenWork, rules: BlockerRules) -> Iterator[Blocker]:
    for item in work.tickets:
        if item.severity in rules.severities:
            owner = rules.owners.escalated if item.escalated else rules.owners.ticket
            what = text(f"{item.severity} {item.ticket.id}: {shortened(item.ticket.subject or 'no subject')}")
            yield Blocker("ticket", item.ticket.id, what, item.opened_on, owner)


def _escalations(work: OpenWork, rules: BlockerRules) -> Iterator[Blocker]:
    for item in work.escalations:
        escalation = item.escalation
        if escalation.severity in rules.severities:
            what = text(f"{escalation.severity} {escalation.id}: {shortened(escalation.title)} ({item.state})")
            yield Blocker("escalation", escalation.id, what, item.opened_on, escalation.owner or rules.owners.escalated)


def _promises(work: OpenWork, rules: BlockerRules) -> Iterator[Blocker]:
    for clock in work.promises:
        promise = clock.promise
        if promise.overdue and promise.side in OURS:
            what = text(f"“{shortened(promise.what)}”, ", clock.told())
            yield Blocker("promise", promise.id, what, promise.due, promise.by or rules.owners.promise)


def _integrations(snapshot: AccountSnapshot, rules: BlockerRules) -> Iterator[Blocker]:
    for item in snapshot.integrations:
        if (item.status or "").casefold() in rules.integration_statuses:
            note = f": {shortened(item.note)}" if item.note else ""
            what = text(f"{item.kind} in {item.environment} is {item.status}{note}")
            yield Blocker("integration", item.identity, what, None, rules.owners.integration)


def _requests(snapshot: AccountSnapshot, book: FeedbackBook | None, rules: BlockerRules) -> Iterator[Blocker]:
    for item in book.items if book is not None else ():
        if snapshot.account.id in item.account_ids and _blocks(item, rules):
            severity = f"{item.severity} " if item.severity else ""
            what = text(f"{severity}{item.id}: {shortened(item.title)} ({item.status or 'no status'})")
            yield Blocker("request", item.id, what, item.created_on, rules.owners.request)


def _blocks(item: FeedbackItem, rules: BlockerRules) -> bool:
    """Not settled, and marked: by a severity, or by words in its title or quote."""
    if (item.status or "").casefold() in rules.request_done:
        return False
    return item.severity in rules.request_severities or said_in((item.title, item.quote or ""), rules.request_words)


def _signals(snapshot: AccountSnapshot, rules: BlockerRules) -> Iterator[Blocker]:
    first = snapshot.as_of - dt.timedelta(days=rules.signal_days - 1)
    for item in sorted(snapshot.signals, key=lambda signal: signal.date, reverse=True):
        if item.kind in rules.signals and item.date >= first:
            said = f": “{shortened(item.text)}”" if item.text else ""
            what = text(f"{item.kind.replace('_', ' ')}{said}")
            yield Blocker("signal", item.id, what, item.date, rules.owners.signal)


def said_in(texts: Iterable[str], words: Iterable[str]) -> bool:
    """Whether any of the words stand in any of the texts, in any case."""
    said = " ".join(" ".join(each.split()).casefold() for each in texts)
    return any(each.casefold() in said for each in words)
