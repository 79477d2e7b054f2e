"""Who is who at a customer, and when each of them was last heard of."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.domain.conversations import CONVERSATION_KINDS
from app.domain.records import Contact, Stakeholder, Touchpoint
from app.domain.snapshot import AccountSnapshot
from tools.health.selections import HELD

PARTS: Mapping[Stakeholder, str] = {
    "exec_sponsor": "executive sponsor",
    "business_owner": "business owner",
    "it_admin": "IT admin",
    "developer": "developer",
    "security": "security",
    "vendor": "vendor",
}
"""What stakeholders are called, those who decide first."""

DECIDERS: tuple[Stakeholder, ...] = ("exec_sponsor", "business_owner")
_RANKS = {part: rank for rank, part in enumerate(PARTS)}


@dataclass(frozen=True, slots=True)
class Person:
    """A contact, and the newest record in which the person took part: its day and what it was."""

    contact: Contact
    heard_on: dt.date | None
    heard_in: str

    @property
    def name(self) -> str:
        return self.contact.name or self.contact.id

    @property
    def part(self) -> str:
        """Champion, and the part the person plays; "" where neither is known."""
        part = PARTS[self.contact.stakeholder] if self.contact.stakeholder else ""
        return ", ".join(word for word in ("champion" if self.contact.is_champion else "", part) if word)


def people(snapshot: AccountSnapshot) -> tuple[Person, ...]:
    """Everybody on record, those who left among them: champions first, then those who decide, then by last word."""
    heard = _heard(snapshot)
    known = (Person(c, *heard.get(c.id, (None, ""))) for c in snapshot.contacts)
    return tuple(sorted(known, key=_order))


def held(touchpoint: Touchpoint) -> bool:
    """Whether it took place."""
    return (touchpoint.status or "") in HELD


def last_talk(snapshot: AccountSnapshot, before: dt.date) -> Touchpoint | None:
    """The newest conversation that took place before a day."""
    talks = (t for t in snapshot.touchpoints if t.kind in CONVERSATION_KINDS and held(t) and t.date < before)
    return max(talks, key=lambda t: (t.date, t.contact_id is not None, t.id), default=None)


def _order(person: Person) -> tuple[bool, int, int, str]:
    contact = person.contact
    rank = _RANKS[contact.stakeholder] if contact.stakeholder else len(_RANKS)
    heard = person.heard_on.toordinal() if person.heard_on else 0
    return (not contact.is_champion, rank, -heard, person.name)


def _heard(snapshot: AccountSnapshot) -> dict[str, tuple[dt.date, str]]:
    newest: dict[str, tuple[dt.date, str]] = {}
    for contact_id, day, what in _records(snapshot):
        if contact_id is not None and (contact_id not in newest or day > newest[contact_id][0]):
            newest[contact_id] = (day, what)
    return newest


def _records(snapshot: AccountSnapshot) -> Iterator[tuple[str | None, dt.date, str]]:
    zone = snapshot.columns.timezone
    for touchpoint in snapshot.touchpoints:
        if held(touchpoint) and touchpoint.kind != "note":
            yield touchpoint.contact_id, touchpoint.date, touchpoint.kind.replace("_", " ")
    for ticket in snapshot.tickets:
        yield ticket.contact_id, ticket.opened_at.astimezone(zone).date(), "ticket"
    for response in snapshot.nps:
        yield response.contact_id, response.responded_at.astimezone(zone).date(), "NPS"
