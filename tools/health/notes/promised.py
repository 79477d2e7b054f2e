"""Promises in a note: who will do what by when. A request, a condition or a denial is none."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from tools.health.notes.days import DayMention, find_days, vague_time
from tools.health.notes.people import NAME, is_name
from tools.health.notes.phrases import is_conditional, is_question, pattern

MOST_TRAILING = 3
"""So many joining words are dropped from the end of what was promised."""

MOST_CHARACTERS = 500
"""What was promised is kept to this length."""

_SUBJECT = (
    rf"(?P<subject>(?i:we|i|they|he|she|you|us)|(?:[Tt]he\ )?(?:[Cc]ustomer|[Cc]lient)"
    r"|(?i:(?:the|their|our)\ (?:[\w-]+\ )?"
    r"(?:team|side|engineers|developers|engineering|support|product|sales|it|security))"
    rf"|(?i:engineering|support|product|sales)|{NAME}(?:['’]s\ team)?)"
)
_ALSO = r"(?:\s+(?i:also|both|all|then|now|still|each))?"
_WILL = r"(?:['’](?i:ll)|\s+(?i:will|shall)|(?:\s+(?i:is|are|am)|['’](?i:re|m|s))\s+(?i:going\s+to|gonna))"
_SAID = r"(?:(?:\s+(?i:has|have|had|just))|['’](?i:ve|s|d))?\s+(?i:promised|agreed|committed|pledged|offered|undertook)"
_WHOM = r"(?:\s+(?i:us|them|him|her|me|you|the customer)|\s+[A-Z][\w'’-]*)?"
_THAT = r"(?:\s+(?i:to)|(?:\s+(?i:that))?\s+(?P<inner>(?i:we|they|he|she|i|it))(?:['’](?i:ll|d)|\s+(?i:will|would)))"
_LABEL = r"(?i:ai|ap|action(?:\s+item)?s?|todo|to[ -]do|promises?|next\s+steps?|follow[ -]?ups?|owner|open)\s*[:–-]\s*"
_OPENING = rf"^\W{{0,6}}(?:{_LABEL}|(?i:ai|ap|action|todo)\s+(?=[A-Z][\w'’-]*\s*:))?"

_HEADS: tuple[re.Pattern[str], ...] = (
    re.compile(rf"(?<![\w@-]){_SUBJECT}{_ALSO}{_WILL}(?P<rest>\s)"),
    re.compile(rf"(?<![\w@-]){_SUBJECT}{_SAID}{_WHOM}{_THAT}(?P<rest>\s)"),
    re.compile(
        rf"(?<![\w@-]){_SUBJECT}{_SAID}{_WHOM}(?:\s+(?i:to))?(?P<rest>\s)(?=\s*(?i:the|a|an|our|their|her|his)\s)"
    ),
    re.compile(rf"(?<![\w@-]){_SUBJECT}\s+(?i:owes?){_WHOM}(?P<rest>\s)"),
    re.compile(rf"(?:{_OPENING}|[,;]\s+(?:and\s+)?|\band\s+){_SUBJECT}\s+to(?P<rest>\s)"),
    re.compile(rf"{_OPENING}{_SUBJECT}\s*(?:[-=]>|→|[:–—-])(?P<rest>\s)"),
    re.compile(
        r"^\W{0,6}(?P<subject>)(?i:will|ill|gonna|going\s+to|promised(?:\s+\w+)?\s+to|agreed\s+to|committed\s+to)(?P<rest>\s)"
    ),
    re.compile(
        rf"^\W{{0,6}}(?P<label>{_LABEL})?(?P<subject>)(?i:(?:(?:we|i)\s+)?(?:need|have)\s+to\s+)?(?P<rest>(?=[A-Za-z]))"
    ),
    re.compile(
        rf"(?<![\w@-]){_SUBJECT}\s+(?i:said|says|confirmed|told{_WHOM})(?:\s+(?i:that))?\s+(?P<inner>(?i:we|they|he|she|i))"
        r"(?:['’](?i:ll|d)|\s+(?i:will|would))(?P<rest>\s)"
    ),
    re.compile(
        rf"^\W{{0,6}}(?P<subject>)(?i:said|told|promised){_WHOM}(?:\s+(?i:that))?\s+(?i:we|i)"
        r"(?:['’](?i:ll|d)|\s+(?i:will|would))(?P<rest>\s)"
    ),
)
"""A future, a promise that is told, one of a thing, a debt, "Dana to send", "Dana: send", "Will send", "Send … by",
"said she would", and "Told Dana we would"."""

_OWED, _TO, _NAMED, _BARE = 3, 4, 5, 7
_A_THING = (2, _OWED)

_ADVERBS = re.compile(r"\s*(?i:(?:also|then|now|still|gladly|happily|definitely|certainly|personally|all)\s+)*")
_UNCERTAIN = re.compile(
    r"\s*(?i:not\b|never\b|n['’]t\b|probably|likely|hopefully|maybe|perhaps|possibly|try\b|be\s+able|no\s+longer|only\s+if)"
)
_NO_PROMISE = re.compile(
    r"(?i:be|see|have|need|know|think|wait|stay|continue|lose|win|miss|want|like|get|leave|churn|cancel|renew|switch|move"
    r"|renegotiate|drop|go|remain|keep|fail|depend|cost|take|love|hate|feel|expand|grow|buy|save|benefit|default)\b"
)
_BEFORE_DUE = re.compile(
    r"(?:[\s,(]*\b(?:by|until|till|before|on|no later than|not later than|due|latest|at|at the latest|for|the|this"
    r"|around)\b)*"
    r"[\s,(]*$",
    re.IGNORECASE,
)
_DUE_WORD = re.compile(r"\b(?:by|until|till|before|no later than|not later than|due|latest)\b", re.IGNORECASE)
_NOT_DUE = re.compile(r"\b(?:from|of|since|dated|after|last|discussed|agreed|raised|sent)\s+(?:on\s+)?$", re.IGNORECASE)
_FOR = re.compile(r"\bfor\s+$", re.IGNORECASE)
_SPAN = re.compile(r"(?:this|next)\s+(?:month|quarter|year)$", re.IGNORECASE)
"""A plan for next year is not due next year."""

_AFTER_DUE = re.compile(
    r"[,;:()–—]|\s-\s|[.!]\s|\s(?:so|as|and|or|when|once|if|not|unless|after|since)\b", re.IGNORECASE
)
"""What stands behind the due day and belongs to the promise ends here."""

_NEW_CLAUSE = re.compile(
    rf"(?:,|\s[-–—])\s+(?:(?i:and|but)\s+)?(?:(?i:we|i|they|he|she|it|this|that|there)\b|(?P<name>{NAME})(?:['’]s)?"
    r"\s+(?:is|are|has|(?!this|thus|plus|less)[a-z]{2,}(?:s|ed))\b)"
)
"""A comma splice: somebody else does something now."""

_IN_BRACKETS = re.compile(rf"\(\s*(?P<owner>(?i:me|us)|{NAME})\s*[,:–-]\s*(?i:by\s+|due\s+)?$")
"""Who and by when at the end of an action item: "send the deck (Sam, Friday)"."""
_EVENT = re.compile(
    r"[\s,(]*\b(?:by|until|till|before|ahead of|prior to|in time for)\s+(?:the\s+|our\s+|their\s+|your\s+)?(?:next\s+)?"
    r"(?P<event>renewal(?:\s+date)?|contract\s+end|decision\s+date|qbr|ebr|business\s+review|health\s+check|webinar|training"
    r"|go-?live|kick-?off|launch|(?:next\s+)?(?:call|meeting))\b",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"\s*;\s*|\s+but\s+|,\s+(?:while|whereas|otherwise|because|since|although|which)\s+|\s+because\s+"
    r"|\s+so\s+(?:that\s+)?(?=(?:we|i|they|he|she|it)\b)",
    re.IGNORECASE,
)
_AND = re.compile(r"^[\s,)]*(?:and|then|plus|,)\s+(?:then\s+|also\s+)?", re.IGNORECASE)
_TRAILING = re.compile(r"(?:[\s,.:;!)(–\"“”-]|\b(?:and|(?<!by )then|plus|so|that)\s*$)+$", re.IGNORECASE)
_NOUN_AFTER = re.compile(
    r"\s+(?:with|from|about|of|for|on|at|to discuss|notes|held|went|was|is|has|had)\b", re.IGNORECASE
)
_NOUNS_TOO = re.compile(
    r"(?:call|e-?mail|demo|review|report|name|test|check|document|file|release|sign|update|sync|show|host|run|walk|present"
    r"|return|ping|answer|open|schedule|book|fix|ship|document|put|make|let|invite|present|submit|share)",
    re.IGNORECASE,
)
_OBJECT = re.compile(r"\s+(?:(?i:the|a|an|our|their|them|him|her|back|up|us|all|this|that|it|usage|customer)\b|[A-Z])")
"""What follows a verb that is a noun as well, where it is the verb: "review the export", not "review went well"."""

_ONLY_THOUGHT = re.compile(
    r"\b(?:hop(?:e[sd]?|ing)|thinks?|thought|doubts?|expect(?:s|ed|ing)?|believes?|guess(?:es)?|assum(?:e[sd]?|ing)|suspects?|seems?"
    r"|(?:looks|sounds)\s+like|fears?|worr(?:y|ies|ied))\s+(?:that\s+)?$",
    re.IGNORECASE,
)
"""Before a future that somebody only expects."""

_REQUEST = re.compile(r"\b(?:please|kindly|could you|can you|would you)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise as it was read. `subject` is who gave it, in the note's words ("" where it is the writer)."""

    subject: str
    what: str
    due: dt.date | None
    due_words: str
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Head:
    subject: str
    start: int
    rest: int
    form: int
    has_label: bool


@dataclass(frozen=True, slots=True)
class PromiseReader:
    """Reads the promises of a sentence. `events` are the days of what a promise may be due before.

    `is_known` says whether a name is a person's or side's that is known here.
    """

    today: dt.date
    verbs: Sequence[str]
    events: Mapping[str, dt.date]
    is_known: Callable[[str], bool]

    def read(self, sentence: str, doubts: list[str], *, is_theirs: bool = False) -> list[Promised]:
        """The promises of a sentence, `is_theirs` where the customer wrote it.

        What looks like one and is not certain is added to the doubts.
        """
        if is_question(sentence):
            return []
        heads = [head for head in self._heads(sentence) if is_theirs or head.subject.lower() != "you"]
        found: list[Promised] = []
        for head, following in zip_longest(heads, heads[1:]):
            end = self._clause_end(sentence, head.rest, following.start if following else len(sentence))
            unsure: list[str] = []
            given = list(self._of_head(sentence, head, end, unsure))
            if given and is_conditional(sentence, head.start, end):
                told = _short(sentence[head.start : end])
                doubts.append(f"a promise on a condition is none yet, so it was not written: “{told}”")
                continue
            found += given
            doubts += unsure
        return found

    def _clause_end(self, sentence: str, start: int, end: int) -> int:
        """Where what is promised from `start` on ends, at `end` at the latest."""
        cut = _CUT.search(sentence, start, end)
        end = cut.start() if cut else end
        for match in _NEW_CLAUSE.finditer(sentence, start, end):
            if match["name"] is None or self.is_known(match["name"]):
                return match.start()
        return end

    def _heads(self, sentence: str) -> list[_Head]:
        """Where promises begin, in order; of several at a place the one that says most of who gives it."""
        found: dict[int, _Head] = {}
        taken = -1
        candidates = [
            _Head(
                _subject(match),
                match.start("subject"),
                match.start("rest"),
                form,
                bool(match.groupdict().get("label")),
            )
            for form, head in enumerate(_HEADS)
            for match in head.finditer(sentence)
        ]
        for head in sorted(candidates, key=lambda h: (h.start, h.form)):
            if head.start < taken or not self._begins_promise(sentence, head):
                continue
            found[head.start] = head
            taken = head.rest
        return list(found.values())

    def _begins_promise(self, sentence: str, head: _Head) -> bool:
        rest = sentence[head.rest :]
        if _UNCERTAIN.match(rest) or _REQUEST.search(sentence, 0, head.rest + 8):
            return False
        if _ONLY_THOUGHT.search(sentence[: head.start]):
            return False
        subject = head.subject
        names_nobody = subject[:1].isupper() and not is_name(subject.removesuffix("'s team"))
        if names_nobody and not self.is_known(subject) and subject.lower() not in _PRONOUNS:
            return False
        return subject.lower() != "us" or head.form in (_TO, _NAMED)

    def _of_head(self, sentence: str, head: _Head, end: int, doubts: list[str]) -> Iterator[Promised]:
        """The promise that a head begins, and those that go on with "and" and a verb of their own."""
        start = head.start
        place = head.rest + len(_ADVERBS.match(sentence[head.rest : end]).group())  # type: ignore[union-attr]
        while place < end:
            part = sentence[place:end]
            due = self._due(part)
            if not self._is_promise(part, head, due):
                return
            split = self._goes_on(part, due)
            what_end = split[0] if split else _end_of_promise(part, due)
            owner = _IN_BRACKETS.search(part, 0, due.start) if due and not head.subject else None
            what = _what(part[:what_end], due) if owner is None else _what(part[: owner.start()], None)
            if what:
                if unsure := _doubt_of_day(part[:what_end], due):
                    doubts.append(f"{unsure}: the promise “{_short(what)}” has no day")
                day = due.day if due else None
                subject = owner["owner"] if owner else head.subject
                words = sentence[start : place + what_end]
                yield Promised(subject, what, day, due.words if due else "", words, start, place + what_end)
            if split is None:
                return
            start = place = place + split[1]

    def _is_promise(self, part: str, head: _Head, due: DayMention | None) -> bool:
        """A verb that promises do, or any with a day by which it is done; at the start of a line both."""
        verb = self._verb(part)
        if head.form in _A_THING:
            return True
        if head.form in (_BARE, _NAMED):
            if verb is None or _NOUN_AFTER.match(part[verb.end() :]):
                return False
            if _NOUNS_TOO.fullmatch(verb.group()) and not _OBJECT.match(part[verb.end() :]):
                return False
            return due is not None or head.has_label
        if head.form == _TO and verb is None:
            return False
        if verb is not None:
            return True
        is_dated = due is not None and _DUE_WORD.search(part[max(0, due.start - 16) : due.start]) is not None
        return is_dated and not _NO_PROMISE.match(part)

    def _verb(self, part: str) -> re.Match[str] | None:
        made = pattern(tuple(self.verbs))
        return made.match(part) if made else None

    def _due(self, part: str) -> DayMention | None:
        """The first day or event by which it is to be done."""
        event = _EVENT.search(part)
        for mention in find_days(part, self.today, "future"):
            before = part[: mention.start]
            if mention.backward or _NOT_DUE.search(before) or (_SPAN.match(mention.words) and _FOR.search(before)):
                continue
            if event is not None and event.start() < mention.start:
                break
            return mention
        if event is None:
            return None
        name = " ".join(event["event"].lower().split())
        day = self.events.get(name)
        words = event.group().strip(" ,(")
        return DayMention(event.start(), event.end(), words, day, "" if day else f"no day is on record for “{words}”")

    def _goes_on(self, part: str, due: DayMention | None) -> tuple[int, int] | None:
        """Where the first promise ends and the next verb begins, after its due day.

        "And" joins them, or a comma where the verb has an object.
        """
        if due is None:
            return None
        joint = _AND.match(part[due.end :])
        after = due.end + joint.end() if joint else 0
        verb = self._verb(part[after:]) if joint else None
        if joint is None or verb is None:
            return None
        if not joint.group().strip(" ,)") and not _OBJECT.match(part[after + verb.end() :]):
            return None
        return due.end, after


def _subject(match: re.Match[str]) -> str:
    """Who gives the promise: in "we agreed that they will" they, in "they agreed that we will" we."""
    inner = (match.groupdict().get("inner") or "").lower()
    is_ours = match["subject"].lower() in ("we", "i")
    if (inner == "they" and is_ours) or (inner in ("we", "i") and not is_ours):
        return inner
    return match["subject"]


_PRONOUNS = frozenset({"we", "i", "they", "he", "she", "you", "us", "the customer", "customer", "client", "the client",
                       "engineering", "support", "product", "sales"})  # fmt: skip


def _end_of_promise(part: str, due: DayMention | None) -> int:
    """Where the words of a promise end: behind its day only what belongs to them goes on."""
    after = _AFTER_DUE.search(part, due.end) if due else None
    return after.start() if after else len(part)


def _doubt_of_day(part: str, due: DayMention | None) -> str:
    """Why a promise has no day although its words name a time; "" where they name a day or no time."""
    if due is not None:
        return due.doubt
    vague = vague_time(part)
    return f"“{vague}” names no day; write YYYY-MM-DD" if vague else ""


def _what(part: str, due: DayMention | None) -> str:
    """What is promised: the words without the day."""
    if due is not None and due.end <= len(part):
        before = part[: due.start]
        lead = _BEFORE_DUE.search(before)
        before = before[: lead.start()] if lead else before
        part = f"{before} {part[due.end :].lstrip(' ,)')}" if part[due.end :].strip(" .,;!)") else before
    what = " ".join(part.split())
    for _ in range(MOST_TRAILING):
        what = _TRAILING.sub("", what)
    closing = ")" if what.count("(") == what.count(")") + 1 else ""
    return f"{what[: MOST_CHARACTERS - 1]}{closing}"


def _short(words: str) -> str:
    words = " ".join(words.split())
    return words if len(words) <= 80 else f"{words[:79]}…"
