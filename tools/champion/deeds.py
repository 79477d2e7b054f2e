"""What people at a customer did: for us, and to tell us something; and what the feed of logins holds of them."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.figures import Evidence, listed
from app.domain.records import Contact, ContactActivity, FeedbackItem, TouchpointKind
from app.domain.snapshot import AccountSnapshot
from tools.champion.parameters import Advocate, GivesFeedback, PowerUser
from tools.health.people import held

ACTIVITY = "contact_activity"
REFUSED = ("no_show", "declined")
SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a person did, on a day: a record of `table`, of `kind`, with its text. `day` is None where undated."""

    table: str
    id: str
    day: dt.date | None
    kind: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Activity:
    """What the feed of logins holds of an account: the days of the window that it covers, or why there are none."""

    rows: tuple[ContactActivity, ...]
    first: dt.date | None
    last: dt.date | None
    missing: str = ""

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1 if self.first and self.last else 0


def activity_of(snapshot: AccountSnapshot, rows: Sequence[ContactActivity], rule: PowerUser) -> Activity:
    """The window ends on the feed's last covered day, and begins with its first row where that is later."""
    feeds = snapshot.columns.feeds
    last = dt.date.fromordinal(end) if (end := int(feeds.window_end(ACTIVITY)[0])) else None
    if last is None:
        return Activity((), None, None, "no feed of logins is connected")
    if not feeds.usable(ACTIVITY)[0]:
        return Activity((), None, None, f"the feed of logins ends {last}, {int(feeds.lag(ACTIVITY)[0])} days ago")
    mine = {contact.id for contact in snapshot.contacts}
    known = [row for row in rows if row.contact_id in mine and row.date <= last]
    begins = last - dt.timedelta(days=rule.window_days - 1)
    within = tuple(row for row in known if row.date >= begins)
    if not within:
        return Activity((), None, None, "the feed of logins has no row of anybody there")
    first = max(begins, min(row.date for row in known))
    if (last - first).days + 1 < rule.least_days:
        return Activity((), None, None, f"the feed of logins begins only on {first}")
    return Activity(within, first, last)


class Deeds:
    """The deeds on an account's record, by person."""

    def __init__(self, snapshot: AccountSnapshot, items: Sequence[FeedbackItem]) -> None:
        self._snapshot, self._items = snapshot, items
        self._named = _names(snapshot.contacts)

    def acts(self, contact: Contact, rule: Advocate) -> list[Deed]:
        """What the person did on our behalf: touchpoints with the person, and signals whose text names the person."""
        done = self._touchpoints(rule.touchpoint_kinds, rule.window_days, contact.id)
        return done + [deed for deed in self._signals(rule) if contact.id in self._spoken_of(deed)]

    def of_nobody(self, rule: Advocate) -> int:
        """Acts on our behalf that name nobody."""
        acts = self._touchpoints(rule.touchpoint_kinds, rule.window_days, None)
        return len(acts) + sum(not self._spoken_of(deed) for deed in self._signals(rule))

    def told_us(self, contact: Contact, rule: GivesFeedback) -> list[Deed]:
        """Sessions that the person attended, answers to surveys, and feedback items that the person gave."""
        sessions = self._touchpoints(rule.touchpoint_kinds, rule.window_days, contact.id)
        zone = self._snapshot.columns.timezone
        answers = [
            Deed("nps", each.id, each.responded_at.astimezone(zone).date(), f"NPS {each.score}")
            for each in self._snapshot.nps
            if each.contact_id == contact.id
        ]
        items = [
            Deed("feedback", each.id, each.created_on, f"item {each.id}")
            for each in self._items
            if each.contact_id == contact.id
        ]
        return sessions + [deed for deed in (*answers, *items) if self._within(deed.day, rule.window_days)]

    def sessions_of_nobody(self, rule: GivesFeedback) -> int:
        """Sessions that somebody attended who is not named."""
        return len(self._touchpoints(rule.touchpoint_kinds, rule.window_days, None))

    def refused(self, contact: Contact, rule: GivesFeedback) -> int:
        """Sessions from which the person stayed away."""
        return sum(
            t.contact_id == contact.id and t.status in REFUSED and self._within(t.date, rule.window_days)
            for t in self._snapshot.touchpoints
            if t.kind in rule.touchpoint_kinds
        )

    def _touchpoints(self, kinds: Sequence[TouchpointKind], days: int, contact_id: str | None) -> list[Deed]:
        return [
            Deed("touchpoints", t.id, t.date, t.kind, t.text or "")
            for t in self._snapshot.touchpoints
            if t.kind in kinds and held(t) and t.contact_id == contact_id and self._within(t.date, days)
        ]

    def _signals(self, rule: Advocate) -> list[Deed]:
        return [
            Deed("signals", s.id, s.date, s.kind, s.text or "")
            for s in self._snapshot.signals
            if s.kind in rule.signal_kinds and self._within(s.date, rule.window_days)
        ]

    def _spoken_of(self, deed: Deed) -> set[str]:
        """The people whom its text names."""
        words = set(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", deed.words.casefold()))
        return {contact_id for contact_id, names in self._named.items() if names & words}

    def _within(self, day: dt.date | None, days: int) -> bool:
        return day is None or 0 <= (self._snapshot.as_of - day).days < days


def evidence_of(deeds: Sequence[Deed], as_of: dt.date) -> tuple[Evidence, ...]:
    """The records that the deeds are."""
    tables = dict.fromkeys(deed.table for deed in deeds)
    return tuple(
        each
        for table in tables
        for each in listed(table, [(d.id, d.day or as_of) for d in deeds if d.table == table], None)
    )


def _names(contacts: Sequence[Contact]) -> dict[str, set[str]]:
    """The parts of each person's name that are no other's."""
    parts = {c.id: {p for p in (c.name or "").casefold().split() if len(p) >= SHORTEST_NAME} for c in contacts}
    return {
        one: {part for part in mine if not any(part in theirs for other, theirs in parts.items() if other != one)}
        for one, mine in parts.items()
    }
