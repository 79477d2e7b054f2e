"""Turns and threads of a caller: begun, recorded, replayed. Every thread belongs to the key that began it."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from app import effects
from app.domain.authority import ApprovalLine
from app.domain.blocks import Paragraph
from app.domain.events import Answer, ApprovalEvent, BlockEvent, DoneEvent, ErrorEvent, Event, ProblemDetail, TextEvent
from app.domain.problems import INVALID_CURSOR, Conflict, InvalidArguments, NotFound
from app.domain.redact import disarm, mask_credentials, mask_secrets
from app.domain.reply import Pending, Reply
from app.prompts import PERSONA
from app.render.characters import one_line, visible
from app.render.links import LinkHosts
from app.render.markdown import to_markdown
from app.render.values import with_shown
from app.resources import approvals, proposals
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import attachment_rows, audit_log, turn_rows, versions
from app.store.attachment_rows import Attached
from app.store.turn_rows import StoredTurn as StoredTurn  # channels take it from here
from app.store.turn_rows import Thread

EndStatus = Literal["failed", "stopped", "interrupted"]

INTERRUPTED = ProblemDetail(
    code="interrupted", detail="The service was restarted while this turn ran. Nothing was changed; ask again."
)
TITLE_LENGTH = 80
TITLE_READ = 4_000
"""Characters of a message that its thread's title is taken from, with what they hold of secrets."""

POLL_SECONDS = 1.0
LONGEST_TURN = dt.timedelta(minutes=5)
"""No turn runs as long as this."""

_PENDING: TypeAdapter[Pending | None] = TypeAdapter(Pending | None)


class ThreadPage(BaseModel):
    items: list[Thread]
    next_cursor: str | None


class ThreadWithTurns(Thread):
    """A thread and its turns, oldest first."""

    turns: list[StoredTurn]


@dataclass(frozen=True, slots=True)
class Begun:
    """`account_id` is the account in talk."""

    turn_id: str
    thread_id: str
    pending: Pending | None
    account_id: str | None


async def begin(
    runtime: Runtime,
    principal: Principal,
    turn_id: str,
    thread_id: str | None,
    message: str,
    channel: str,
    conversation: str | None = None,
    files: Sequence[str] = (),
) -> Begun:
    """Write the turn as running, in its thread, in the one that the channel calls `conversation`, or in a new one.

    The message is kept without the credentials in it; `files` are the ids of those that come with it.

    Raises:
        NotFound: the thread, or a file, is not the caller's, or is not there.
        Conflict: another turn of the thread is running.
    """

    kept = await asyncio.to_thread(_masked, message, mask_credentials)

    def write(conn: Connection) -> Begun:
        now = runtime.clock()
        attached = attachment_rows.attached(conn, principal.key_id, files)
        own_id = thread_id
        if own_id is None and conversation is not None:
            own_id = turn_rows.find_conversation(conn, principal.key_id, conversation)
        if own_id is None:
            title = _title(message, attached)
            own_id = f"thread_{turn_id.removeprefix('turn_')}"
            turn_rows.add_thread(conn, own_id, principal.key_id, title, conversation, now)
        else:
            _require_own_thread(conn, principal, own_id)
            runtime.lease.remove_lost(conn, now)
            turn_rows.interrupt_lost(conn, INTERRUPTED, now)
        runner = runtime.lease.take(conn, now)
        turn_rows.add_turn(conn, turn_id, own_id, principal.key_id, kept, channel, now, runner, attached)
        pending = _PENDING.validate_python(turn_rows.pending_of(conn, own_id))
        return Begun(turn_id, own_id, pending, turn_rows.get_thread(conn, own_id).account_id)

    try:
        return await runtime.store.write(write)
    except IntegrityError:
        raise Conflict(
            "Another turn of this thread is still running; wait for it or stop it.", code="turn_in_progress"
        ) from None


def _title(message: str, attached: Sequence[Attached]) -> str:
    """What a new thread is called: as its first message begins, else by the files that it consists of."""
    said = one_line(mask_secrets(visible(message[:TITLE_READ]))) or ", ".join(file.name for file in attached)
    return said[:TITLE_LENGTH]


async def record(
    runtime: Runtime, principal: Principal, turn_id: str, thread_id: str, reply: Reply
) -> tuple[Event, ...]:
    """Carry out the reply's effects and store the answer, in one transaction; the events that tell it.

    Raises:
        Conflict: the turn was stopped before; nothing is written then.
    """
    answer = _answer(runtime, turn_id, thread_id, reply)
    pending = await asyncio.to_thread(_without_credentials, _PENDING.dump_python(reply.pending, mode="json"))

    def write(conn: Connection) -> Answer:
        now = runtime.clock()
        told = _carry_out(conn, runtime, principal, answer, reply, now)
        if not turn_rows.finish(conn, told, reply.version, runtime.parameters.version, now):
            raise Conflict("The turn was stopped before its answer was recorded.", code="stopped")
        turn_rows.touch_thread(conn, thread_id, pending, reply.account_id, now)
        return told

    return events_of(await runtime.store.write(write), runtime.settings.link_hosts)


async def record_call(
    runtime: Runtime, principal: Principal, turn_id: str, message: str, reply: Reply
) -> tuple[ApprovalLine, ...]:
    """Carry out the effects of a command called without a chat and store the call as a turn of no thread.

    What of it waits for an approval is given back.
    """
    return await runtime.store.write(store_call, runtime, principal, turn_id, message, reply)


def store_call(
    conn: Connection, runtime: Runtime, principal: Principal, turn_id: str, message: str, reply: Reply
) -> tuple[ApprovalLine, ...]:
    """As `record_call`, within the caller's transaction."""
    now = runtime.clock()
    turn_rows.add_turn(conn, turn_id, None, principal.key_id, message, "call", now)
    answer = _carry_out(conn, runtime, principal, _answer(runtime, turn_id, None, reply), reply, now)
    turn_rows.finish(conn, answer, reply.version, runtime.parameters.version, now)
    return answer.approvals


def _carry_out(
    conn: Connection, runtime: Runtime, principal: Principal, answer: Answer, reply: Reply, now: dt.datetime
) -> Answer:
    """Do what the reply wants done; the answer, with what of it waits for an approval."""
    turn_id = answer.turn_id
    if reply.undoes is not None:
        effects.take_back(conn, principal, reply.undoes, now)
        proposals.withdraw_of_turn(conn, principal, reply.undoes, now)
    effects.carry_out(conn, principal, turn_id, reply.effects, now, runtime.today())
    audit_log.record(conn, principal, _told(runtime, turn_id, reply), now)
    raised = [approvals.propose(conn, runtime, principal, turn_id, each, now) for each in reply.proposals]
    return answer.model_copy(update={"approvals": tuple(line for lines in raised for line in lines)})


def _masked(text: str, mask: Callable[[str], str]) -> str:
    """The text masked; without its invisible characters where they hid something from the mask."""
    kept, seen = mask(text), mask(visible(text))
    return kept if visible(kept) == seen else seen


def _without_credentials(pending: Any) -> Any:
    """What is typed again when the question is answered: of its tokens what can be read stays, and no more."""
    match pending:
        case str():
            return _masked(pending, disarm)
        case dict():
            return {name: _without_credentials(value) for name, value in pending.items()}
        case list():
            return [_without_credentials(value) for value in pending]
        case _:
            return pending


def _told(runtime: Runtime, turn_id: str, reply: Reply) -> audit_log.Event:
    """The turn as the audit log tells it: what was asked of which account, with which prompts, and what it wrote."""
    used = {name: runtime.prompts[name].version for name in (PERSONA, reply.command or "") if name in runtime.prompts}
    with_model = bool(reply.usage.get("model_calls"))
    return audit_log.Event(
        action="turn.answered",
        account_id=reply.account_id,
        turn_id=turn_id,
        prompt_version=",".join(f"{name}:{version}" for name, version in used.items()) if with_model else None,
        model=runtime.llm.model if runtime.llm and with_model else None,
        input_tokens=reply.usage.get("input_tokens"),
        output_tokens=reply.usage.get("output_tokens"),
        details={
            "command": reply.command,
            "data_version": reply.version,
            "parameters": runtime.parameters.version,
            "effects": [{"kind": effect.kind, "id": effect.item.identity} for effect in reply.effects],
            "undoes": reply.undoes,
            "error": reply.error.code if reply.error else None,
        },
    )


def require_own_turn(conn: Connection, principal: Principal, turn_id: str) -> None:
    """Let pass only a turn of the caller's.

    Raises:
        NotFound: no such turn of this caller.
    """
    if turn_rows.owner_of_turn(conn, turn_id) != principal.key_id:
        raise NotFound(f"There is no turn {turn_id!r} of yours.", code="turn_not_found")


def _answer(runtime: Runtime, turn_id: str, thread_id: str | None, reply: Reply) -> Answer:
    text = to_markdown(reply.blocks, reply.figures, runtime.settings.link_hosts)
    if reply.error is not None and not text:
        text = to_markdown((Paragraph(text=(reply.error.detail,)),), ()).rstrip("\n")
    return Answer(
        thread_id=thread_id,
        turn_id=turn_id,
        text=text,
        figures=with_shown(reply.figures),
        citations=tuple(c for b in reply.blocks if b.type == "citations" for c in b.items),
        effects=() if reply.audience == "customer" else reply.effects,
        **{name: getattr(reply, name) for name in _SHARED_FIELDS},
    )


_SHARED_FIELDS = (
    "command", "account_id", "as_of", "audience", "data", "blocks", "question", "degraded", "error",
    "usage",
)  # fmt: skip


def events_of(answer: Answer, link_hosts: LinkHosts = ()) -> tuple[Event, ...]:
    """The events that tell a finished answer; the same whenever it is told."""
    events: list[Event] = []
    for block in answer.blocks:
        if part := to_markdown((block,), answer.figures, link_hosts):
            events.append(TextEvent(delta=f"{part}\n"))
        events.append(BlockEvent(block=block))
    if not answer.blocks and answer.text:
        events.append(TextEvent(delta=answer.text))
    events += [ApprovalEvent(approval=line) for line in answer.approvals]
    return (*events, DoneEvent(answer=answer))


async def fail(runtime: Runtime, principal: Principal, turn_id: str, status: EndStatus, problem: ProblemDetail) -> None:
    """End a turn of the caller's without an answer; one that has ended already stays as it is."""

    def write(conn: Connection) -> None:
        now = runtime.clock()
        if turn_rows.fail(conn, turn_id, status, problem, now):
            details = {"status": status, "error": problem.code}
            audit_log.record(conn, principal, audit_log.Event("turn.failed", turn_id=turn_id, details=details), now)

    await runtime.store.write(write)


async def get(runtime: Runtime, principal: Principal, turn_id: str) -> StoredTurn:
    """A turn of the caller's.

    Raises:
        NotFound: no such turn of this caller.
    """

    def read(conn: Connection) -> StoredTurn:
        require_own_turn(conn, principal, turn_id)
        return turn_rows.get_turn(conn, turn_id)

    return await runtime.store.read(read)


async def replay(runtime: Runtime, principal: Principal, turn_id: str) -> tuple[Event, ...]:
    """The events of a turn that no longer runs here, from its row."""
    turn = await get(runtime, principal, turn_id)
    if turn.answer is not None:
        return events_of(turn.answer, runtime.settings.link_hosts)
    return (ErrorEvent(error=turn.problem or INTERRUPTED),)


async def wait_elsewhere(runtime: Runtime, principal: Principal, turn_id: str) -> AsyncIterator[StoredTurn]:
    """The turn as it stands, again and again while another process runs it; the last time it has ended, if it ends.

    Raises:
        NotFound: no such turn of this caller.
    """
    for _ in range(int(LONGEST_TURN.total_seconds() / POLL_SECONDS)):
        turn = await get(runtime, principal, turn_id)
        yield turn
        if turn.status != "running":
            return
        await asyncio.sleep(POLL_SECONDS)


async def request_stop(runtime: Runtime, turn_id: str) -> None:
    """Ask the process that runs a turn of the caller's to stop it."""
    await runtime.store.write(turn_rows.request_stop, turn_id, runtime.clock())


async def note_reader(runtime: Runtime, turn_id: str) -> None:
    """Let the process that runs a turn of the caller's know that it is read here."""
    await runtime.store.write(turn_rows.note_reader, turn_id, runtime.clock())


async def recent(runtime: Runtime, thread_id: str, limit: int) -> list[tuple[str, Answer]]:
    """Messages and answers of the last turns of a thread that the caller was let into, oldest first."""
    return await runtime.store.read(turn_rows.recent_turns, thread_id, limit)


async def name_conversation(runtime: Runtime, principal: Principal, thread_id: str, conversation: str) -> None:
    """Let the channel find the thread by that name from now on.

    Raises:
        NotFound: no such thread of this caller.
    """

    def write(conn: Connection) -> None:
        _require_own_thread(conn, principal, thread_id)
        turn_rows.name_conversation(conn, thread_id, conversation)

    await runtime.store.write(write)


async def list_threads(runtime: Runtime, principal: Principal, limit: int, cursor: str | None) -> ThreadPage:
    """The caller's threads, the last used first.

    Raises:
        InvalidArguments: the cursor is none of ours (`invalid_cursor`).
    """

    def read(conn: Connection) -> list[Thread]:
        if cursor is not None and turn_rows.owner_of_thread(conn, cursor) != principal.key_id:
            raise InvalidArguments(INVALID_CURSOR, code="invalid_cursor")
        return turn_rows.list_threads(conn, principal.key_id, limit + 1, cursor)

    items = await runtime.store.read(read)
    return ThreadPage(items=items[:limit], next_cursor=items[limit - 1].id if len(items) > limit else None)


async def thread(runtime: Runtime, principal: Principal, thread_id: str) -> ThreadWithTurns:
    """One of the caller's threads with its turns, oldest first.

    Raises:
        NotFound: no such thread of this caller.
    """

    def read(conn: Connection) -> ThreadWithTurns:
        _require_own_thread(conn, principal, thread_id)
        found = turn_rows.get_thread(conn, thread_id)
        return ThreadWithTurns(**found.model_dump(), turns=turn_rows.list_turns(conn, thread_id))

    return await runtime.store.read(read)


async def data_version(runtime: Runtime) -> int:
    """The newest version of the data."""
    return await runtime.store.read(versions.current)


def _require_own_thread(conn: Connection, principal: Principal, thread_id: str) -> None:
    if turn_rows.owner_of_thread(conn, thread_id) != principal.key_id:
        raise NotFound(f"There is no thread {thread_id!r} of yours.", code="thread_not_found")
