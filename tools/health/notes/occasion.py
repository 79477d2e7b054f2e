"""What kind of touchpoint a note tells of, on which day, and whether it took place."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.promises import Side
from app.domain.records import TouchpointKind, TouchpointStatus
from tools.health.notes.days import DayMention, find_days
from tools.health.notes.phrases import doubt_of, matches
from tools.health.parameters import Notes

MOST_SENTENCES = 5
"""The occasion is told at the beginning of a note."""

SILENT: tuple[TouchpointKind, ...] = ("email", "note")
"""Kinds that have no status: they are sent or written, not attended."""

_ONLY_SPOKEN_OF = re.compile(
    r"\b(?:about|want|wants|wanted|need|needs|needed|request|requests|requested|asked|asks|asking|interested|propose|proposes"
    r"|proposed|suggest|suggests|suggested|discuss|discussed|plan|plans|planning|prepare|preparing|prepared|prep|before|until|offer"
    r"|offered|recording|notes(?!\s+(?:from|of))|slides|deck|agenda|invite|invitation|next|no(?!-)|not|without|per|each|every|monthly|weekly|api|rate"
    r"|cold|first)\b[^,;:.]{0,30}$",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?<![\d./:-])\d{1,3}(?:,\d{3})*\s*$")
_NOT_A_CALL = re.compile(r"^\s*(?:s\b|off\b|out\b|quota|volume|limit|it\b|environment|account|data)", re.IGNORECASE)
_CANCELLED = re.compile(
    r"\b(?P<passive>(?:was|were|got|is|been)\s+)?cancell?ed\b(?:\s+by\s+(?P<by>[\w'’-]+))?", re.IGNORECASE
)
_NOTHING_ELSE = re.compile(
    r"\s*(?:$|[.,;!)]|(?:it|again|on\s+us|last\s+minute|at\s+short|today|this\s+morning|yesterday)\b)", re.IGNORECASE
)
"""What follows "cancelled" where it is the meeting, and not a project or an order."""

_ADVERB = re.compile(r"(?:\s+(?:has|have|had|just|again|also|then|suddenly|unfortunately))*\s*$", re.IGNORECASE)
_AHEAD = re.compile(r"\b(?:scheduled|booked|planned|upcoming|will be|is set|set up|is on)\b", re.IGNORECASE)
_NOT_ITS_DAY = re.compile(
    r"\b(?:(?:by|until|till|before|from|since|after|of|starting)\s+(?:the\s+|next\s+|this\s+|end\s+of\s+)?"
    r"|(?:due|renewal|renews?|expires?|deadline|contract|launch|live)\b[^,;.]{0,20})$",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[,;:.]| and | but | about ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A touchpoint as it was read; "" for words where something was taken for want of any."""

    kind: TouchpointKind
    kind_words: str
    status: TouchpointStatus | None
    status_words: str
    day: dt.date
    day_words: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence, and what in it promises, departures and the like have taken up."""

    sentence: str
    taken: tuple[tuple[int, int], ...]

    def is_free(self, start: int) -> bool:
        return not any(first <= start < last for first, last in self.taken)


def occasion(
    spoken: Sequence[Spoken],
    notes: Notes,
    today: dt.date,
    side_of: Callable[[str], Side],
    *,
    is_mail: bool,
    doubts: list[str],
) -> Occasion:
    """The touchpoint: its kind from the first that is named, its day and status from what stands near it.

    `side_of` tells whose side a name or pronoun is on. A meeting of which nobody is told to have cancelled it did not
    take place, and counts for neither side: it is a note.
    """
    opening = spoken[:MOST_SENTENCES]
    kind, words, at = _kind(opening, notes, today)
    status, status_words = _status(opening, notes)
    if status is None and at is not None and (cancelled := _cancelled(opening[at[0]].sentence, at[1])) is not None:
        who, status_words = cancelled
        status = _CANCELLED_BY[side_of(who)]
        if status is None:
            doubts.append(
                f"who cancelled is not said, so a note was written: log “we cancelled” or “they cancelled the {kind}”"
            )
            kind, words, at = "note", "", None
    if is_mail:
        kind, words, status, status_words, at = "email", "the mail's header", None, "", None
    if kind == "note" and status == "no_show":
        kind = "call"
    day = _day(opening, at, today, doubts)
    on = day.day if day and day.day else today
    if status == "no_show" and on > today:
        on, day = today, None
    if kind in SILENT and on > today:
        on, day = today, None
    if kind in SILENT:
        status, status_words = None, ""
    elif on > today and status not in ("declined", "rescheduled", "cancelled_by_us"):
        status = "scheduled"
    elif status is None or (status == "scheduled" and on <= today and day is not None):
        status = "attended"
    return Occasion(kind, words, status, status_words, on, day.words if day and day.day == on else "")


def _kind(
    opening: Sequence[Spoken], notes: Notes, today: dt.date
) -> tuple[TouchpointKind, str, tuple[int, int] | None]:
    """The kind, its words, and the sentence and place where it is named."""
    for index, part in enumerate(opening):
        named = [
            (match.start(), -match.end(), kind, match.group())
            for kind, phrases in notes.kinds.items()
            for match in matches(phrases, part.sentence)
            if part.is_free(match.start()) and _took_place(part.sentence, match, today)
        ]
        if named:
            start, _, kind, words = min(named)
            return kind, words, (index, start)
    return "note", "", None


def _took_place(sentence: str, match: re.Match[str], today: dt.date) -> bool:
    before = sentence[max(0, match.start() - 60) : match.start()]
    if _ONLY_SPOKEN_OF.search(before) or _NOT_A_CALL.match(sentence[match.end() :]):
        return False
    if _COUNTED.search(before) and not any(day.end == len(before.rstrip()) for day in find_days(before, today, "past")):
        return False
    return doubt_of(sentence, match.start(), match.end()) in (None, "denied") and not _is_denied(before)


def _is_denied(before: str) -> bool:
    return (
        re.search(
            r"\b(?:no|never|without|did not|didn['’]t|haven['’]t|have not)\s+(?:\w+\s+){0,2}$", before, re.IGNORECASE
        )
        is not None
    )


def _status(opening: Sequence[Spoken], notes: Notes) -> tuple[TouchpointStatus | None, str]:
    for part in opening:
        for status, phrases in notes.statuses.items():
            for match in matches(phrases, part.sentence):
                asked_or_supposed = doubt_of(part.sentence, match.start(), match.start()) in ("asked", "supposed")
                if part.is_free(match.start()) and not asked_or_supposed:
                    return status, match.group()
    return None, ""


_CANCELLED_BY: Mapping[Side, TouchpointStatus | None] = {
    "us": "cancelled_by_us",
    "customer": "declined",
    "unknown": None,
}


def _cancelled(sentence: str, kind_at: int) -> tuple[str, str] | None:
    """Who cancelled what is named at `kind_at` ("" where it is not said), and the words; None where nobody did."""
    for match in _CANCELLED.finditer(sentence):
        first, last = sorted((kind_at, match.start()))
        if _CLAUSE_END.search(sentence, first, last) and not _NOTHING_ELSE.match(sentence, match.end()):
            continue
        if match["passive"] or match["by"]:
            return match["by"] or "", match.group()
        before = _ADVERB.sub("", sentence[: match.start()])
        return (before.split() or [""])[-1].strip("-*•"), match.group()
    return None


def _day(opening: Sequence[Spoken], at: tuple[int, int] | None, today: dt.date, doubts: list[str]) -> DayMention | None:
    """The day at the beginning of the note, else the one in the clause of its kind, else one that looks back."""
    for index, part in enumerate(opening):
        is_ahead = _AHEAD.search(part.sentence) is not None
        for mention in find_days(part.sentence, today, "future" if is_ahead else "nearest"):
            if not part.is_free(mention.start) or _NOT_ITS_DAY.search(part.sentence[: mention.start]):
                continue
            opens = index == 0 and mention.start <= 3
            with_kind = at is not None and at[0] == index and _is_near(part.sentence, at[1], mention)
            looks_back = at is None and index == 0 and mention.backward
            if not (opens or with_kind or looks_back):
                continue
            if mention.day is None and at is None:
                return None
            if mention.day is None:
                doubts.append(f"{mention.doubt}: taken as {today}")
                return None
            return mention
    return None


def _is_near(sentence: str, kind_at: int, mention: DayMention) -> bool:
    """In one clause with the kind, or just before or behind its comma."""
    first, last = sorted((kind_at, mention.start))
    return last - first <= 100 and len(_CLAUSE_END.findall(sentence[first:last])) <= 1
