"""Undo: takes back what a turn wrote, as a new version of the data."""

from dataclasses import dataclass
from typing import assert_never
from uuid import uuid4

from pydantic import BaseModel
from sqlalchemy import Connection

from app import effects
from app.domain.blocks import Paragraph, Verdict
from app.domain.effects import (
    AddEscalationUpdate,
    AddFeedback,
    AddSignal,
    AddSlip,
    Effect,
    LogTouchpoint,
    RecordCommitment,
    SetCheck,
    SetContact,
    SetEscalation,
    SetGoal,
    SetMilestone,
    SignOffRamp,
    UpdateFeedback,
)
from app.domain.figures import text
from app.domain.problems import Conflict
from app.domain.reply import Reply
from app.resources import turns
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import approval_rows, effect_rows, versions

MOST_LISTED = 10
MOST_CHARACTERS = 120
COMMAND = "undo"


class UndoneRecord(BaseModel):
    """A record that is as it was before: gone where the turn had made it."""

    kind: str
    id: str
    what: str


class Undone(BaseModel):
    """`turn_id` is the undo's own turn, `undone` the turn whose records were taken back."""

    turn_id: str
    undone: str
    records: tuple[UndoneRecord, ...]


@dataclass(frozen=True, slots=True)
class Undoing:
    """A turn whose effects can be taken back."""

    turn_id: str
    effects: tuple[Effect, ...]
    asks: bool
    """Whether something that it proposed waits for approval."""

    def records(self) -> tuple[UndoneRecord, ...]:
        return tuple(UndoneRecord(kind=e.kind, id=e.item.identity, what=_described(e)) for e in self.effects)

    def reply(self) -> Reply:
        """The reply that takes them back when it is recorded, and says so."""
        told = [text(record.what[:1].upper() + record.what[1:]) for record in self.records()]
        lines = told[:MOST_LISTED] if len(told) <= MOST_LISTED else [*told[: MOST_LISTED - 1], text("…")]
        lines += [text("What it had proposed and nobody has approved yet is withdrawn.")] if self.asks else []
        noun = "record" if len(told) == 1 else "records"
        verdict = Verdict(tone="good", headline=text(f"Undone: {len(told)} {noun} as before."), lines=tuple(lines))
        final = Paragraph(text=text("An undo is not undone: type the command again to write it anew."))
        return Reply(blocks=(verdict, final), command=COMMAND, undoes=self.turn_id)


async def undo(runtime: Runtime, principal: Principal, turn_id: str) -> Undone:
    """Take back what a turn of the caller's wrote; the undo is a turn of its own.

    Raises:
        NotFound: no such turn of this caller.
        Conflict: `nothing_to_undo`, `already_undone`, or `changed_since` with the records; nothing is undone then.
        Forbidden, AccountNotFound: the key's role or accounts no longer allow it.
    """
    undoing = await find(runtime, principal, turn_id)
    own_id = f"turn_{uuid4().hex}"
    await turns.record_call(runtime, principal, own_id, f"/{COMMAND} {turn_id}", undoing.reply())
    return Undone(turn_id=own_id, undone=turn_id, records=undoing.records())


async def find(runtime: Runtime, principal: Principal, turn_id: str) -> Undoing:
    """What undoing a turn would take back.

    Raises:
        Problem: as `undo`.
    """

    def read(conn: Connection) -> Undoing:
        turns.require_own_turn(conn, principal, turn_id)
        undone = effects.undoable(conn, principal, turn_id)
        return Undoing(turn_id, undone, bool(approval_rows.waiting_of_turn(conn, turn_id, principal.key_id)))

    return await runtime.store.read(read)


async def find_last(runtime: Runtime, principal: Principal, thread_id: str) -> Undoing:
    """What undoing the last turn that wrote something in a thread of the caller's would take back.

    Raises:
        Problem: as `undo`; where that turn is undone already, the sentence names the one before it.
    """
    last = await runtime.store.read(_last_turns, thread_id)
    if not last:
        raise Conflict(
            "Nothing was written in this conversation. `/undo turn_…` undoes a turn of another one.",
            code="nothing_to_undo",
        )
    try:
        return await find(runtime, principal, last[0])
    except Conflict as refused:
        if refused.code != "already_undone" or len(last) == 1:
            raise
        raise Conflict(f"{refused.detail} To undo the one before it: /{COMMAND} {last[1]}", code=refused.code) from None


def _last_turns(conn: Connection, thread_id: str) -> list[str]:
    """The last turn that wrote something, and the one before it that still stands."""
    first, *others = effect_rows.last_turns(conn, thread_id, MOST_LISTED) or [""]
    standing = (
        turn
        for turn in others
        if all(versions.undo_of(conn, write_id) is None for _, write_id in effect_rows.of_turn(conn, turn))
    )
    return [turn for turn in (first, next(standing, "")) if turn]


def _described(effect: Effect) -> str:
    """What was written, in a few words."""
    match effect:
        case LogTouchpoint(item=item):
            return f"{item.kind.replace('_', ' ')} of {item.date}"
        case AddSignal(item=item):
            return f"signal: {item.kind.replace('_', ' ')}"
        case SetGoal(item=item):
            return f"goal: {_short(item.title)}"
        case SetContact(item=item):
            return f"contact: {_short(item.name or item.id)}"
        case RecordCommitment(item=item):
            return f"promise: {_short(item.what)}"
        case AddFeedback(item=item) | UpdateFeedback(item=item):
            return f"feedback: {_short(item.title)}"
        case SetEscalation(item=item):
            return f"escalation: {_short(item.title)}"
        case AddEscalationUpdate(item=item):
            return f"update of escalation {item.escalation_id}"
        case SetMilestone(item=item):
            return f"milestone {item.code}: {_short(item.title)}"
        case AddSlip(item=item):
            return f"move of a milestone by {item.working_days} working days"
        case SetCheck(item=item):
            return f"{item.checklist.replace('_', ' ')}: {_short(item.item)}"
        case SignOffRamp(item=item):
            return f"ramp goal of {item.owner}: {_short(item.goal)}"
        case _:
            assert_never(effect)


def _short(words: str) -> str:
    return words if len(words) <= MOST_CHARACTERS else f"{words[: MOST_CHARACTERS - 1]}…"
