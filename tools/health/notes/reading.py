"""A note as it is understood: one touchpoint, and what it says of people, signals and promises."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from app.domain.promises import CUSTOMER, US, Side, side_of
from app.domain.records import Account, Contact
from tools.health.notes.days import find_days
from tools.health.notes.departed import Departure, DepartureReader, Newcomer, NewcomerReader
from tools.health.notes.heard import Heard, SignalReader
from tools.health.notes.occasion import Occasion, Spoken, occasion
from tools.health.notes.people import NAME, People, address_in, is_name
from tools.health.notes.promised import Promised, PromiseReader
from tools.health.notes.sentences import Note, split
from tools.health.parameters import Notes

_MET = re.compile(
    r"\b(?:(?i:call|meeting|met|spoke|talked|qbr|sync|chat|session|training|review|check-in|kickoff)\b[^.;,]{0,30}?\s(?i:with|to)"
    r"|(?i:met|called|emailed|phoned|e-?mail from|call from|mail from))"
    rf"\s+(?P<names>{NAME}(?:\s*(?:,|and|&)\s*{NAME}){{0,4}})"
)
"""People whom somebody met or heard from."""

_SAYS = re.compile(
    rf"(?P<name>{NAME})\s+(?i:said|says|wrote|writes|replied|told\s+(?:us|me)|confirmed|mentioned)[^.;\"“]{{0,30}}[\"“:][^.;\"”]{{0,200}}$"
)
"""Whose words are quoted: "we" in them are they."""

T = TypeVar("T")

_NAMED = re.compile(rf"[\W\d]{{0,12}}(?P<name>{NAME})\s*:\s")
"""A line of minutes that begins with who said it: "I" in it is that person, "we" may be either side."""

_AND = re.compile(rf"(?P<name>{NAME})\s+(?:and|&)\s+$")
_WE = frozenset({"we", "i", "us", "me", "", "our team", "our side"})
_THEY = frozenset({"they", "customer", "the customer", "client", "the client", "their team"})
_EVENT_DAY = re.compile(
    r"\b(?P<event>qbr|ebr|business review|health check|webinar|training|go-?live|kick-?off|launch|call|meeting)\b"
    r"[^.;]{0,30}$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Given:
    """A promise with who gave it: "us", "customer" or a person; None where it is not known."""

    by: str | None
    what: str
    due: dt.date | None
    due_words: str
    words: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was understood. `doubts` are sentences on what was not written since it is not certain."""

    occasion: Occasion
    contacts: tuple[Contact, ...]
    departures: tuple[Departure, ...]
    newcomers: tuple[Newcomer, ...]
    champions: tuple[tuple[Contact, str], ...]
    signals: tuple[Heard, ...]
    promises: tuple[Given, ...]
    doubts: tuple[str, ...]
    unread: int


class NoteReader:
    """Reads notes on one account. `today` is the day on which they are written."""

    def __init__(self, notes: Notes, account: Account, contacts: Sequence[Contact], today: dt.date) -> None:
        self._notes = notes
        self._account = account
        self._contacts = tuple(contacts)
        self._today = today
        self._people = People(contacts, account.owner or "")
        self._own = (account.id, account.name, *account.aliases)

    def read(self, text: str) -> Reading:
        """What the note says."""
        note = split(text)
        note = replace(note, sentences=tuple(map(self._people.with_capitals, note.sentences)))
        doubts: list[str] = []
        today = self._written_on(note)
        sender = self._sender(note)
        departed = DepartureReader(self._people, self._contacts, self._account.name, today)
        new = NewcomerReader(self._people, self._notes.roles)
        promised = PromiseReader(today, self._notes.promise_verbs, self._events(note, today), self._is_known)
        heard = SignalReader(self._notes, self._people, self._own)
        departures: list[Departure] = []
        newcomers: list[Newcomer] = []
        champions: list[tuple[Contact, str]] = []
        signals: list[Heard] = []
        promises: list[Given] = []
        spoken: list[Spoken] = []
        talked_of: set[str] = set()
        for sentence, name in zip(note.sentences, note.speakers, strict=True):
            writer = self._speaking(name) if name else sender
            gone = list(departed.read(sentence, doubts, writer))
            given = promised.read(sentence, doubts, is_theirs=writer is not None)
            gone_spans = [(each.start, each.end) for each in gone]
            taken = (*gone_spans, *((each.start, each.end) for each in given))
            signals += heard.read(sentence, gone_spans, doubts)
            departures += gone
            newcomers += new.newcomers(sentence)
            champions += new.champions(sentence)
            promises += [
                self._given(each, talked_of | self._names(sentence[: each.start], new), sentence, writer)
                for each in given
            ]
            talked_of |= self._names(sentence, new)
            spoken.append(Spoken(sentence, taken))
        found = occasion(spoken, self._notes, today, self._side_of, is_mail=note.is_mail, doubts=doubts)
        contacts = self._named(note, sender)
        self._tell_unknown(note, newcomers, doubts)
        return Reading(
            occasion=found,
            contacts=contacts,
            departures=_once(departures, lambda each: each.contact.id),
            newcomers=_once(newcomers, lambda each: each.name.lower()),
            champions=_once(champions, lambda each: each[0].id),
            signals=self._limited(_once(signals, lambda each: (each.kind, each.about)), "signals", doubts),
            promises=self._limited(_once(promises, lambda each: (each.by, each.what.lower())), "promises", doubts),
            doubts=tuple(dict.fromkeys(doubts)),
            unread=note.unread,
        )

    def _written_on(self, note: Note) -> dt.date:
        """The day that "tomorrow" is told from: a mail's own day, else the note's."""
        days = find_days(note.sent, self._today, "past")
        dated = next((day.day for day in days if day.day is not None and any(c.isdigit() for c in day.words)), None)
        if dated is None or dated > self._today:
            return self._today
        return dated

    def _sender(self, note: Note) -> Contact | None:
        """The contact who wrote the mail; None where one of us did."""
        if not note.sender:
            return None
        address = address_in(note.sender)
        name = re.sub(r"<.*|\(.*|[\"']", "", note.sender).strip()
        for words in (address or "", name):
            found = self._people.called(words)
            if len(found) == 1:
                return found[0]
        domain = address.rpartition("@")[2].lower() if address else ""
        ours = {(contact.email or "").rpartition("@")[2].lower() for contact in self._contacts} - {""}
        if domain and domain in ours:
            return Contact(id="-", account_id=self._account.id, name=name or address)
        return None

    def _events(self, note: Note, today: dt.date) -> dict[str, dt.date]:
        """The days of what a promise may be due before: the contract's, and events that the note itself dates."""
        known = {
            "renewal": self._account.renewal_date,
            "renewal date": self._account.renewal_date,
            "contract end": self._account.renewal_date,
            "decision date": self._account.decision_date,
        }
        events = {name: day for name, day in known.items() if day is not None}
        for sentence in note.sentences:
            for mention in find_days(sentence, today, "future"):
                named = _EVENT_DAY.search(sentence[: mention.start])
                if named is not None and mention.day is not None and mention.day >= today:
                    events.setdefault(named["event"].lower(), mention.day)
        return events

    def _side_of(self, words: str) -> Side:
        return "customer" if self._people.called(words) else side_of(words, self._account, ())

    def _is_known(self, words: str) -> bool:
        words = words.removesuffix("'s team").removesuffix("’s team")
        return self._side_of(words) != "unknown"

    def _names(self, words: str, new: NewcomerReader) -> set[str]:
        """The people whom words name: where it is one, "she" further on is that person."""
        names = {c.name or c.id for mention in self._people.mentions(words) for c in mention.contacts}
        return names | {person.name for person in new.newcomers(words)}

    def _speaking(self, name: str) -> Contact | None:
        """The contact who speaks in a chat; None where it is one of us."""
        found = self._people.called(name)
        if len(found) == 1:
            return found[0]
        is_ours = side_of(name, self._account, ()) == "us"
        return None if is_ours else Contact(id="-", account_id=self._account.id, name=name)

    def _quoted(self, before: str) -> Contact | None:
        """The contact whose words are quoted."""
        says = _SAYS.search(before)
        found = self._people.called(says["name"]) if says else ()
        return found[0] if len(found) == 1 else None

    def _given(self, promise: Promised, talked_of: set[str], sentence: str, writer: Contact | None) -> Given:
        before = sentence[: promise.start]
        labelled = _NAMED.match(before)
        contacts = self._people.called(labelled["name"]) if labelled and writer is None else ()
        quoted = self._quoted(before) or (
            contacts[0] if len(contacts) == 1 and promise.subject.lower() == "i" else None
        )
        if contacts and quoted is None and promise.subject.lower() == "we":
            by = None
        elif (
            self._people.called(promise.subject)
            and (other := _AND.search(before))
            and self._people.called(other["name"])
        ):
            by = CUSTOMER
        else:
            by = self._by(promise.subject, talked_of, quoted or writer)
        return Given(by, promise.what, promise.due, promise.due_words, promise.words)

    def _by(self, subject: str, talked_of: set[str], sender: Contact | None) -> str | None:
        """Who gave a promise. In a mail of theirs "we" are they, and "you" are we."""
        who = subject.lower()
        if who in _WE:
            return US if sender is None else (sender.name or CUSTOMER)
        if who == "you":
            return US
        if who in _THEY:
            return CUSTOMER if sender is None or who != "they" else None
        if who in ("he", "she"):
            return next(iter(talked_of)) if len(talked_of) == 1 else None
        found = self._people.called(subject.removesuffix("'s team"))
        if found and who == (self._account.owner or "").lower().split(" ")[0]:
            return subject
        if len(found) == 1:
            return found[0].name or found[0].id
        if len(found) > 1:
            return CUSTOMER
        side = side_of(subject, self._account, ())
        owner = self._account.owner
        if side == "us" and owner and owner.lower().split()[:1] == [who.split()[0]]:
            return owner
        if side == "us" or who.startswith("our "):
            return US
        return CUSTOMER if side == "customer" or who.startswith("their ") else subject

    def _named(self, note: Note, sender: Contact | None) -> tuple[Contact, ...]:
        """The contacts who are named, in the note's order; those whose name another has are left out."""
        found = {sender.id: sender} if sender is not None and sender.id != "-" else {}
        for sentence in note.sentences:
            for mention in self._people.mentions(sentence):
                if len(mention.contacts) == 1:
                    found.setdefault(mention.contacts[0].id, mention.contacts[0])
        return tuple(found.values())

    def _tell_unknown(self, note: Note, newcomers: Sequence[Newcomer], doubts: list[str]) -> None:
        """People whom somebody spoke with and who are no contacts: nothing is made of a mere name."""
        known = {each.name.lower() for each in newcomers}
        owner = (self._account.owner or "").lower()
        for sentence in note.sentences:
            for match in _MET.finditer(sentence):
                for name in re.split(r"\s*(?:,|\band\b|&)\s*", match["names"]):
                    is_own = name.lower() in (*(own.lower() for own in self._own), owner, *owner.split()[:1])
                    in_new = any(name.lower() in each for each in known)
                    if name and not is_own and not in_new and is_name(name) and not self._people.called(name):
                        doubts.append(f"{name} is none of the contacts on record")

    def _limited(self, found: tuple[T, ...], what: str, doubts: list[str]) -> tuple[T, ...]:
        most = self._notes.most_records
        if len(found) > most:
            doubts.append(f"{len(found) - most} more {what} than the {most} that one note may write; log them in parts")
        return found[:most]


def _once(found: Sequence[T], key: Callable[[T], object]) -> tuple[T, ...]:
    """The first of each key."""
    first: dict[object, T] = {}
    for each in found:
        first.setdefault(key(each), each)
    return tuple(first.values())
