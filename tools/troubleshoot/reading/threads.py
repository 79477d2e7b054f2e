"""Finds a ticket's thread in a text, and tells it by its own sentences."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from app.domain.redact import mask_secrets
from tools.escalate.moments import find_moments
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.thread_heads import Head, heads_of

LEAST_MESSAGES = 2
LONGEST_READ = 400_000
LEAST_WORDS, MOST_WORDS, LONGEST_SENTENCE = 4, 60, 400

_SENTENCE = re.compile(r"[^.!?\n]{1,600}+(?:[.!?]++(?=[\w/])[^.!?\n]{0,600}+)*+[.!?]*")
_GREETING = re.compile(r"(?:hi|hello|hey|dear)\b[^,.!?\n]{0,30}[,!] ", re.IGNORECASE)
_QUOTE = re.compile(r"^(?:[ ]?>[ ]?){1,10}")
_POLITE = re.compile(
    r"(?:hi|hello|hey|dear|thanks?|thank you|many thanks|cheers|best|kind|regards|sincerely|sent from"
    r"|good (?:morning|day))\b",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\b(?:[45]\d\d|HTTP [45]|errors?|exceptions?|fail(?:s|ed|ing|ures?)?|timeouts?|timed out|refused|rejected|denied"
    r"|invalid"
    r"|expired|unauthori[sz]ed|forbidden|crash(?:es|ed)?|down|outage|[A-Z]\w{1,40}(?:Error|Exception)|E[A-Z]{5,14})\b"
)
_TRIED = re.compile(
    r"\b(?:tried|restart(?:ed|ing)|rotated|rolled back|reverted|switched|disabled|enabled|cleared"
    r"|upgraded|downgraded|re-?created"
    r"|re-?issued|increased|checked|verified|tested|reproduced?|confirmed"
    r"|ruled out|set .{1,40} to|changed|replaced|works? from)\b",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"\b(?:(?:we|i|they)(?:'ll| will| shall| are going to| am going to)|will (?:be|have|get|send|update|fix|ship|look)"
    r"|by (?:tomorrow"
    r"|tonight|today|monday|tuesday|wednesday|thursday|friday|end of|eod|cob|next)|eta\b|as soon as|get back to you)",
    re.IGNORECASE,
)
_FOUND: Final = re.compile(
    r"\b(?:root cause|because|caused by|due to|turns out|found (?:that|out)|the reason|since (?:we|the|you))\b",
    re.IGNORECASE,
)


class Message(NamedTuple):
    """One message: who wrote it, and its lines without quotation marks."""

    who: str
    lines: tuple[str, ...]


class Sentence(NamedTuple):
    """A sentence in the thread's order of time, and how much it tells."""

    who: str
    text: str
    weight: int


def find_threads(text: str) -> tuple[Piece, ...]:
    """The thread that a text holds: two messages or more, or one that quotes another. It has no facts of its own."""
    lines = text[:LONGEST_READ].split("\n")
    heads = heads_of(lines)
    if not _is_thread(lines, heads):
        return ()
    last = max(place for place, line in enumerate(lines) if line.strip())
    return (Piece("thread", heads[0].line + 1, max(last, heads[-1].line) + 1, ()),)


def summarise_thread(text: str, sentences: int = 5) -> tuple[tuple[str, str], ...]:
    """The sentences that tell most, each with who wrote it, oldest first, masked: the thread's own words, no others.

    Those that name errors, times, causes, what was tried and what was promised; the newest question always.
    """
    told = list(_sentences(messages_of(text)))
    question = next((place for place in reversed(range(len(told))) if told[place].text.endswith("?")), None)
    ranked = sorted(range(len(told)), key=lambda place: (place != question, -told[place].weight, -place))
    chosen = sorted(place for place in ranked[: max(0, sentences)] if told[place].weight > 0 or place == question)
    return tuple((told[place].who, told[place].text) for place in chosen)


def messages_of(text: str) -> tuple[Message, ...]:
    """The messages of a thread, oldest first; who wrote what stands before the first head is not told."""
    lines = text[:LONGEST_READ].split("\n")
    heads = heads_of(lines)
    found = [Message("", _unquoted(lines[: heads[0].line] if heads else lines))]
    for place, head in enumerate(heads):
        end = heads[place + 1].line if place + 1 < len(heads) else len(lines)
        found.append(Message(mask_secrets(head.who), _unquoted([head.rest, *lines[head.body : end]])))
    messages = [message for message in found if any(line.strip() for line in message.lines)]
    return tuple(reversed(messages) if _is_newest_first(heads) else messages)


def _is_thread(lines: list[str], heads: list[Head]) -> bool:
    if len(heads) >= LEAST_MESSAGES:
        return True
    if not heads or not heads[0].is_reply:
        return False
    return any(line.strip() for line in lines[: heads[0].line])


def _is_newest_first(heads: list[Head]) -> bool:
    """By the days of the first and last message where both tell theirs; else mails quote what is older."""
    days = [next((moment.day for moment in find_moments(head.when)), None) for head in (heads[:1] + heads[-1:])]
    if len(days) == 2 and days[0] and days[1] and days[0] != days[1]:
        return days[0] > days[1]
    return any(head.is_reply for head in heads)


def _unquoted(lines: list[str]) -> tuple[str, ...]:
    return tuple(_QUOTE.sub("", line) for line in lines)


def _sentences(messages: tuple[Message, ...]) -> Iterator[Sentence]:
    """Every sentence once, where it was first written: replies quote."""
    seen: set[str] = set()
    for message in messages:
        for written in _SENTENCE.findall(_flowing(message.lines)):
            text = _GREETING.sub("", " ".join(mask_secrets(written[: 2 * LONGEST_SENTENCE]).split()), count=1)
            key = text.lower().strip(" .!?")
            if key in seen or not _is_sentence(text):
                continue
            seen.add(key)
            yield Sentence(message.who, text[:LONGEST_SENTENCE], _weight(text))


def _flowing(lines: tuple[str, ...]) -> str:
    """Lines of a wrapped paragraph as one; a list's item and what follows an empty line begin anew."""
    parts: list[str] = []
    for line in lines:
        stripped = line.strip()
        begins = (
            not stripped
            or stripped[0] in "-*•#"
            or (stripped[0].isupper() and bool(parts) and parts[-1][-1:] in ".:?!,")
        )
        parts.append(("\n" if begins else " ") + stripped.lstrip("-*•# "))
    return "".join(parts)


def _is_sentence(text: str) -> bool:
    words = text.split()
    if not LEAST_WORDS <= len(words) <= MOST_WORDS or _POLITE.match(text):
        return False
    return sum(character.isalpha() for character in text) > len(text) / 2


def _weight(text: str) -> int:
    """How much a sentence tells: 3 for an error, a cause, a trial or a promise, 2 for a time."""
    weight = sum(3 for words in (_ERROR, _TRIED, _PROMISE, _FOUND) if words.search(text))
    return weight + (2 if any(find_moments(text)) else 0)
