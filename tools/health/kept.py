"""/health log kept c-12, /health log done: sent the document: which open promise is meant, and its close."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.blocks import Verdict
from app.domain.command import Context, Outcome, Report
from app.domain.effects import RecordCommitment
from app.domain.figures import text
from app.domain.problems import InvalidArguments
from app.domain.records import Commitment
from app.domain.snapshot import AccountSnapshot
from tools.health.log_data import LogData
from tools.health.notes.days import find_days

_CLOSING = re.compile(r"\s*(?:kept|done|closed)\b(?P<colon>\s*:)?\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_JOINING = frozenset({"and", "&", "+"})
_LIKE_AN_ID = re.compile(r"[a-z]{1,5}-?[\da-f]*\d[\da-f-]*", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]{2,}")
_COMMON = frozenset(
    {"the", "an", "to", "of", "and", "or", "for", "with", "by", "on", "in", "at", "we", "they", "them", "us"}
)
"""Words that any two promises may share."""

LEAST_ID = 5
"""An id may be cut short to so many characters, where one open promise alone begins so."""

LEAST_LEAD = 1
"""The promise that is meant shares at least so many words more than any other."""

MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class Closing:
    """The promises that were kept, and the day."""

    promises: tuple[Commitment, ...]
    on: dt.date


def closing(note: str, snapshot: AccountSnapshot, today: dt.date) -> Closing | None:
    """The promises that a text closes; None where it is a note.

    Raises:
        InvalidArguments: it closes a promise, and none that is open is meant, or several (`promise_not_found`,
            `promise_ambiguous`).
    """
    match = _CLOSING.fullmatch(note)
    if match is None:
        return None
    rest, open_ones = match["rest"].strip(), [c for c in snapshot.commitments if c.done_on is None]
    if not rest:
        raise _not_found("say which promise", open_ones, snapshot)
    day = next((d.day for d in find_days(rest, today, "past") if d.day is not None and d.day <= today), today)
    if whole := _by_id(rest, open_ones):
        return Closing((whole,), today)
    named, others = _by_ids(rest, open_ones)
    if unknown := next((word for word in others[:1] if _LIKE_AN_ID.fullmatch(word)), None):
        raise _not_found(f"no open promise {unknown}", open_ones, snapshot)
    if named:
        return Closing(named, day)
    return Closing((_by_words(rest, open_ones, snapshot),), day) if match["colon"] else None


def outcome(ctx: Context, snapshot: AccountSnapshot, closed: Closing) -> Outcome:
    """The effects that close the promises, and what is so now."""
    done = tuple(item.model_copy(update={"done_on": closed.on}) for item in closed.promises)
    lines = [text(f"{item.what} ({item.id}), kept on {closed.on}.") for item in done[:MOST_LISTED]]
    data = LogData(account_id=snapshot.account.id, written=ctx.typed, commitments=done)
    noun = f"{len(done)} promises" if len(done) > 1 else "a promise"
    if not ctx.typed:
        told = text("Nothing was written: only what a person types writes. Type the command to close it.")
        verdict = Verdict(tone="warning", headline=text(f"Understood: kept {noun} to close"), lines=(*lines, told))
        return Outcome(Report(data, (verdict,)))
    undo = text(f"Wrong? `undo` opens it again (POST /v1/turns/{ctx.turn_id}/undo).")
    verdict = Verdict(tone="good", headline=text(f"Kept: {noun} closed, {snapshot.account.name}"), lines=(*lines, undo))
    return Outcome(Report(data, (verdict,)), effects=tuple(RecordCommitment(item=item) for item in done))


def _by_ids(words: str, open_ones: Sequence[Commitment]) -> tuple[tuple[Commitment, ...], list[str]]:
    """The promises whose ids the words begin with, each once, and the words after these."""
    named: dict[str, Commitment] = {}
    left = words.replace(",", " ").split()
    while left and (left[0].lower() in _JOINING or _by_id(left[0], open_ones)):
        found = _by_id(left.pop(0), open_ones)
        if found is not None:
            named[found.id] = found
    return tuple(named.values()), left


def _by_id(word: str, open_ones: Sequence[Commitment]) -> Commitment | None:
    exact = [c for c in open_ones if c.id.lower() == word.lower()]
    begun = [c for c in open_ones if len(word) >= LEAST_ID and c.id.lower().startswith(word.lower())]
    found = exact or begun
    return found[0] if len(found) == 1 else None


def _by_words(words: str, open_ones: Sequence[Commitment], snapshot: AccountSnapshot) -> Commitment:
    """The open promise that shares the most words."""
    said = _words(words)
    shared = sorted(((len(said & _words(c.what)), c) for c in open_ones), key=lambda pair: -pair[0])
    if not shared or not shared[0][0]:
        raise _not_found("no open promise is like that", open_ones, snapshot)
    if len(shared) > 1 and shared[0][0] - shared[1][0] < LEAST_LEAD:
        alike = [promise for count, promise in shared if count == shared[0][0]]
        raise _not_found("several open promises are like that", alike, snapshot, code="promise_ambiguous")
    return shared[0][1]


def _words(words: str) -> frozenset[str]:
    return frozenset(word.rstrip("s") for word in _WORD.findall(words.lower()) if word not in _COMMON)


def _not_found(
    why: str, open_ones: Sequence[Commitment], snapshot: AccountSnapshot, code: str = "promise_not_found"
) -> InvalidArguments:
    listed = "; ".join(f"{c.id} ({c.what[:60]})" for c in open_ones[:MOST_LISTED]) or "none"
    return InvalidArguments(
        f"Nothing was closed: {why}. Open promises: {listed}. Close one with "
        f"`/health {snapshot.account.id} log kept ID`.",
        code=code,
    )
