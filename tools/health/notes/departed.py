"""People who left, who are new, and who became champion, as a note tells it."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.records import Contact
from tools.health.notes.days import MONTH_NAME, WEEKDAY_NAME, DayMention, find_days, vague_time
from tools.health.notes.people import NAME, People, address_in, is_name
from tools.health.notes.phrases import doubt_before, doubt_of, not_said, pattern

_OTHERS = rf"(?:\s*(?:,|and|&)\s*(?:and\s+)?{NAME}){{0,3}}"
_HAS = (
    r"(?:\s*,[^,]{1,60},)?"
    r"(?:['’]s|\s+(?i:has|have|had|just|already|recently|unexpectedly|suddenly|also|both|now|finally)){0,3}"
)
_UNIT = r"(?:week|month|quarter|year|summer|autumn|winter|spring)"
_WHEN = (
    rf"(?:yesterday|today|tomorrow)(?!['’]s)|(?:last|next|this|coming)\s+(?:{_UNIT}|{WEEKDAY_NAME}|{MONTH_NAME})(?!['’]s)"
    rf"|on\s+(?:the\s+)?(?:\d|{WEEKDAY_NAME}|{MONTH_NAME})|(?:in|early|late|mid|since)\s+(?:early\s+|late\s+|mid[\s-])?"
    rf"(?:{MONTH_NAME}|\d|q[1-4]\b|the\s+(?:new\s+year|{_UNIT})|a\s+(?:week|month|few)|two|three)"
    rf"|(?:at\s+the\s+|the\s+)?end\s+of\s+(?!(?:the|this|our|her|his)\s+(?:call|meeting|session|demo))|effective|as\s+of|soon\b"
    rf"|(?:\d+|a|two|three|four|five|six)\s+(?:days?|weeks?|months?)\s+ago|\d{{1,2}}(?:st|nd|rd|th)?\s+{MONTH_NAME}|\d{{4}}-\d"
    rf"|{MONTH_NAME}\s+\d|after\s+(?:\d+|two|three|four|five|many|several)\s+years"
)
_ENDS = (
    r"(?=\s*$|\s*[.,;:!)–—-]|\s+(?:for|to)\s+[A-Z]|\s+(?i:the\s+(?:company|organi[sz]ation|org|business|firm|team|role|job)\b"
    rf"|(?:her|his|their|my)\s+(?:role|job|position|post)\b|to\s+(?:join|pursue|start)\b|{_WHEN}|because\s+of\b"
    rf"|us(?=\s*$|\s*[.,;:!)–—-]|\s+(?:{_WHEN}))|HERE)|\s+us\s+for\s+[A-Z]|\s+and\s+(?:[A-Z]|(?i:joined|is|was|there|nobody|no\s+one)\b))"
)
"""What may stand behind "left", so that somebody left the company and no comment, voicemail or call."""

_LEFT = r"(?i:left|departed|quit|resigned|retired)"
_GOING = (
    r"(?i:(?:(?:is|are|am)|['’][sm])\s+(?:(?:now|both|all)\s+)?(?:leaving|departing|resigning|retiring)|leaves|departs|resigns|retires"
    r"|will\s+(?:be\s+leaving|leave)|(?:is|are|am)\s+going\s+to\s+leave)"
)
_NOTICE = r"(?i:(?:gave|handed\s+in|put\s+in|given|submitted)\s+(?:(?:her|his|their|my)\s+)?(?:notice|resignation))"
_GONE = (
    r"(?i:(?:was|were|got|is\s+being|has\s+been|have\s+been)\s+(?:laid\s+off|let\s+go|made\s+redundant|fired)"
    r"|(?:is|was)\s+(?:gone|no\s+longer\s+(?:with|at|working|part|there|here))|no\s+longer\s+works)"
)
_AWAY = re.compile(
    r"\b(?:vacation|holidays?|pto|trip|travel\w*|maternity|paternity|parental|sabbatical|conference|airport|lunch"
    r"|(?:the|this|our|today['’]s)\s+(?:office|call|meeting|session|demo|project)"
    r"|for\s+(?:a|\d+|two|three|four|some)\s+(?:\w+\s+)?(?:hours?|days?|weeks?|months?|while|bit)|back\s+(?:on|in|by))\b",
    re.IGNORECASE,
)
"""Who leaves for one of these comes back."""

_LAST_DAY_AHEAD = re.compile(r"\blast\s+(?:working\s+)?day\b|\beffective\b", re.IGNORECASE)
_TO_ORG = (
    r"(?i:moved|is\s+moving|has\s+moved|moves|went|switched|joined|is\s+joining|joins|started\s+at|starts\s+at"
    r"|took\s+a\s+job\s+at)"
)
_TO = (
    rf"{_TO_ORG}(?:\s+(?i:to|over\s+to|on\s+to|at))?\s+(?P<org>{NAME})"
    r"(?!\s+(?i:team|department|group|office|role|squad|division))"
)
_LAST_DAY = rf"(?:(?:['’]s?)?\s+(?i:last\s+(?:working\s+)?day)(?:\s+(?i:at|with)\s+{NAME})?\s+(?i:is|was|will\s+be))"
_I = re.compile(r"\b(?:I(?=[\s'’])|[Mm]y(?=\s+last\s))")
_CHAMPION = re.compile(r"\b(?i:our|the|their)\s+(?:(?i:main|exec|executive|long-time|internal)\s+)?(?i:champion)\b")
_COMPANY = re.compile(
    r"[a-z][A-Z]|(?i:\b(?:inc|corp|ltd|llc|gmbh|ag|labs|systems|software|technologies|co|group|bank)\b)"
)
_TOOLS = frozenset({"zoom", "teams", "slack", "meet", "webex", "google", "late", "early", "us"})


@dataclass(frozen=True, slots=True)
class Departure:
    contact: Contact
    left_on: dt.date
    is_dated: bool
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is no contact yet, and of whom the text says who that is."""

    name: str
    role: str | None
    email: str | None
    is_champion: bool
    words: str


class DepartureReader:
    """Reads departures. What is not certain is added to the doubts."""

    def __init__(self, people: People, contacts: Sequence[Contact], account: str, today: dt.date) -> None:
        self._people = people
        self._contacts = tuple(contacts)
        self._champions = [contact for contact in contacts if contact.is_champion and contact.left_on is None]
        self._account = account
        self._today = today
        ends = _ENDS.replace("HERE", re.escape(account))
        self._verbs = re.compile(
            rf"{_OTHERS}{_HAS}(?:\s+(?P<left>{_LEFT}){ends}|\s*(?P<going>{_GOING}){ends}|\s*['’]s\s+(?P<short>leaving){ends}"
            rf"|\s+(?P<gone>{_GONE})|\s+(?P<notice>{_NOTICE})|(?P<last>{_LAST_DAY})|\s+(?P<to>{_TO}))"
        )

    def read(self, sentence: str, doubts: list[str], writer: Contact | None = None) -> Iterator[Departure]:
        """The departures of a sentence; "I" in it is the `writer`, where that is a contact."""
        for start, end, words, contacts in self._subjects(sentence, writer):
            verb = self._verbs.match(sentence, end)
            if verb is None:
                continue
            stop = verb.end()
            doubt = doubt_before(sentence, start)
            told = sentence[start : stop + 20].strip()
            if doubt is not None:
                doubts.append(f"a departure {not_said(doubt)}: “{told}”")
            elif not self._is_departure(verb, words, doubts) or _AWAY.search(sentence, stop):
                continue
            elif len(contacts) != 1:
                doubts.append(self._who(words, contacts))
            elif (found := self._departure(sentence, start, verb, contacts[0], doubts)) is not None:
                yield found

    def _subjects(self, sentence: str, writer: Contact | None) -> Iterator[tuple[int, int, str, tuple[Contact, ...]]]:
        """Who may have left: the writer, contacts, "our champion", and names that are no contact's."""
        taken: list[tuple[int, int]] = []
        if writer in self._contacts:
            yield from ((match.start(), match.end(), match.group(), (writer,)) for match in _I.finditer(sentence))
        for mention in self._people.mentions(sentence):
            taken.append((mention.start, mention.end))
            yield mention.start, mention.end, mention.words, mention.contacts
        for match in _CHAMPION.finditer(sentence):
            after = next((s for s, _ in taken if 0 <= s - match.end() <= 2), None)
            if after is None:
                taken.append(match.span())
                yield match.start(), match.end(), match.group(), tuple(self._champions)
        for match in re.finditer(rf"(?<![\w-]){NAME}", sentence):
            inside = any(start <= match.start() < end or start < match.end() <= end for start, end in taken)
            if not inside and is_name(match.group()) and match.group().lower() != self._account.lower():
                yield match.start(), match.end(), match.group(), ()

    def _is_departure(self, verb: re.Match[str], who: str, doubts: list[str]) -> bool:
        """A move to a company is one; one to a place, a team or a call is not."""
        if verb["to"] is None:
            return True
        org = verb["org"]
        first = org.split()[0].lower()
        if (
            first in _TOOLS
            or not is_name(org)
            or org.lower() == self._account.lower()
            or (org.isupper() and len(org) < 5)
        ):
            return False
        if (
            verb["to"].lower().startswith(("joined", "joins", "is joining"))
            or _COMPANY.search(org)
            or "champion" in who.lower()
        ):
            return True
        doubts.append(f"“{who} {verb['to']}”: to another company? Then log “{who} left”")
        return False

    def _who(self, words: str, contacts: tuple[Contact, ...]) -> str:
        if contacts:
            names = ", ".join(f"{contact.name} ({contact.id})" for contact in contacts)
            return f"“{words}” left: who is it of {names}? Log it with the full name"
        if "champion" in words.lower():
            return f"“{words}” left, and no contact is marked as champion"
        return f"“{words}” left, and is none of the contacts on record: nobody was marked"

    def _departure(
        self, sentence: str, start: int, verb: re.Match[str], contact: Contact, doubts: list[str]
    ) -> Departure | None:
        told = contact.name or contact.id
        if contact.left_on is not None:
            doubts.append(f"{told} is on record as having left on {contact.left_on} already")
            return None
        rest = sentence[verb.start() :][:160]
        last_day = _LAST_DAY_AHEAD.search(sentence, verb.end()) if verb["left"] or verb["notice"] else None
        ahead = bool(verb["going"] or verb["short"] or verb["last"] or verb["notice"] or last_day)
        mention = self._day(rest, ahead=ahead)
        end = verb.end()
        if mention is not None:
            end = max(end, verb.start() + mention.end)
            if mention.day is None:
                doubts.append(f"{mention.doubt}: {told} is not marked as having left")
                return None
            if not ahead and mention.day > self._today:
                doubts.append(f"{told} left on a day that lies ahead ({mention.day}): not marked")
                return None
            return Departure(contact, mention.day, True, sentence[start:end], start, end)
        if vague := vague_time(rest):
            doubts.append(f"“{vague}” names no day: {told} is not marked as having left")
            return None
        if ahead:
            doubts.append(f"{told} is leaving, and no day is given: log “{told} leaves on YYYY-MM-DD”")
            return None
        return Departure(contact, self._today, False, sentence[start:end], start, end)

    def _day(self, rest: str, *, ahead: bool) -> DayMention | None:
        """The first day that is told; where somebody is about to leave, of "gave notice yesterday" none."""
        found = find_days(rest, self._today, "future" if ahead else "past")
        return next((mention for mention in found if not (ahead and mention.backward)), None)


class NewcomerReader:
    """Reads who is new, and who became champion."""

    def __init__(self, people: People, roles: Sequence[str]) -> None:
        self._people = people
        words = [re.escape(role) for role in sorted(roles, key=len, reverse=True)]
        before = r"(?:(?:[\w-]+\s){0,2})"
        role = rf"(?i:{before}(?:{'|'.join(words)})(?:\s+(?:of\s+)?[\w&-]+){{0,3}})"
        plain = role.replace(before, "")
        full = r"[A-ZÀ-ÖØ-Þ][\w'’-]+(?:\s[A-ZÀ-ÖØ-Þ][\w'’.-]*){1,2}"
        self._forms = (
            re.compile(rf"(?P<name>{full})\s*\(\s*(?P<role>[^()]{{2,80}})\)"),
            re.compile(rf"(?P<name>{full})\s*<(?P<email>[^<>\s]{{3,100}}@[^<>\s]{{3,100}})>"),
            re.compile(rf"(?P<name>{full}),\s+(?:(?i:the|their|its|a|an)\s+)?(?:(?i:new)\s+)?(?P<role>{role})(?=\s*[,.;)]|\s*$)"),
            re.compile(rf"(?i:new|their|the)\s+(?:(?i:new)\s+)?(?P<role>{plain})[,:]?\s+(?i:is\s+)?(?P<name>{full})"),
            re.compile(rf"(?P<name>{full})\s+(?i:is|becomes|takes\s+over\s+as|joins\s+as|joined\s+as|started\s+as)\s+"
                       rf"(?:(?i:the|their|our)\s+)?(?:(?i:new)\s+)?(?P<role>{plain}|(?i:champion))\b"),
        )  # fmt: skip
        self._role = pattern(tuple(roles))
        self._champion = re.compile(
            r"(?P<after>\s+(?i:is|becomes|became|takes\s+over\s+as|took\s+over\s+as|acts\s+as)\s+(?:(?i:now)\s+)?(?i:our|the)\s+(?:(?i:new)\s+)?"
            r"(?i:champion)\b)"
        )
        self._champion_is = re.compile(r"\b(?i:new\s+champion(?:\s+is|:|,)?)\s+$")

    def newcomers(self, sentence: str) -> Iterator[Newcomer]:
        """People with a full name, and a role or address, who are no contacts."""
        seen: set[str] = set()
        for form in self._forms:
            for match in form.finditer(sentence):
                made = self._newcomer(match, sentence)
                if made is not None and made.name not in seen:
                    seen.add(made.name)
                    yield made

    def _newcomer(self, match: re.Match[str], sentence: str) -> Newcomer | None:
        groups = match.groupdict()
        name = _without_verb(match["name"])
        role = (groups.get("role") or "").strip(" ,.")
        email = groups.get("email") or address_in(role)
        if email:
            role = role.replace(email, "").strip(" ,;·|-")
        is_champion = role.lower() == "champion" or self._champion.match(sentence, match.end()) is not None
        known_role = bool(self._role and self._role.search(role))
        if " " not in name or not is_name(name) or not (known_role or email or is_champion):
            return None
        if self._people.called(name) or doubt_of(sentence, match.start(), match.end()) is not None:
            return None
        return Newcomer(name, role if known_role else None, email, is_champion, match.group())

    def champions(self, sentence: str) -> Iterator[tuple[Contact, str]]:
        """Contacts who became champion, with the words that say so."""
        for mention in self._people.mentions(sentence):
            after = self._champion.match(sentence, mention.end)
            before = self._champion_is.search(sentence[: mention.start])
            if (after is None and before is None) or len(mention.contacts) != 1:
                continue
            start = before.start() if before else mention.start
            end = after.end() if after else mention.end
            if doubt_of(sentence, start, end) is None:
                yield mention.contacts[0], sentence[start:end]


def _without_verb(name: str) -> str:
    """ "Met Jane Doe" names Jane Doe."""
    first, _, rest = name.partition(" ")
    return name if is_name(first) else rest
