"""The one way in for every channel: `handle(turn)` yields the events of a turn."""

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from app.agent.state import TurnContext
from app.domain.command import Audience
from app.domain.events import DoneEvent, ErrorEvent, Event, ProblemDetail, StatusEvent
from app.domain.problems import InvalidArguments, Problem
from app.resources import turns
from app.runtime import Runtime
from app.security.principals import Principal
from app.turn_runs import TurnRun

MAX_MESSAGE_BYTES = 256 * 1024
TURN_DEADLINE_SECONDS = 120
MODEL_SECONDS = 90.0
"""Of a turn's time, so much is the model's; the rest is for the answer without it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """A message to the agent.

    It goes on in the thread `thread_id`, else in the one that the channel calls `conversation`, else in a new one.
    `narrate` asks the model to put a command's answer into words. `channel` says where it came from. `attachments` are
    ids of the caller's files: see `app.resources.attachments`. A message may consist of them alone.
    """

    principal: Principal
    message: str
    thread_id: str | None = None
    conversation: str | None = None
    as_of: dt.date | None = None
    audience: Audience = "internal"
    narrate: bool = False
    channel: str = "http"
    attachments: tuple[str, ...] = ()


async def handle(runtime: Runtime, turn: Turn) -> AsyncIterator[Event]:
    """Run the turn and yield its events, the last of which is `done` or `error`.

    The run goes on for a while when the reader leaves; see `follow`.

    Raises:
        Problem: before the first event: empty or too large a message, another owner's thread or file, a turn still
            running.
    """
    run = await start(runtime, turn)
    async for event in run.follow():
        yield event


async def follow(runtime: Runtime, principal: Principal, turn_id: str) -> AsyncIterator[Event]:
    """The events of a turn from its first: of a running one live, of a finished one from its row.

    One that another process runs is told when it has ended.

    Raises:
        NotFound: no such turn of this caller.
    """
    run = runtime.turns.get(turn_id)
    if run is not None and run.owner == principal.key_id:
        async for event in run.follow():
            yield event
        return
    is_told = False
    async for stored in turns.wait_elsewhere(runtime, principal, turn_id):
        if stored.status != "running" or stored.thread_id is None:
            break
        with suppress(Problem):  # it is noted again with the next look
            await turns.note_reader(runtime, turn_id)
        if not is_told:
            yield StatusEvent(turn_id=turn_id, thread_id=stored.thread_id, text="Working on it")
        is_told = True
    for event in await turns.replay(runtime, principal, turn_id):
        yield event


async def stop(runtime: Runtime, principal: Principal, turn_id: str) -> None:
    """Stop a running turn and wait until it is recorded as stopped; a finished one stays as it is.

    Raises:
        NotFound: no such turn of this caller.
    """
    run = runtime.turns.get(turn_id)
    if run is not None and run.owner == principal.key_id:
        run.stop()
        await run.wait()
        return
    asked = False
    async for stored in turns.wait_elsewhere(runtime, principal, turn_id):
        if stored.status == "running" and not asked:
            await turns.request_stop(runtime, turn_id)
            asked = True


async def answer(runtime: Runtime, turn: Turn) -> DoneEvent | ErrorEvent:
    """Run the turn to its end and give the last event."""
    last: Event | None = None
    async for event in handle(runtime, turn):
        last = event
    if isinstance(last, DoneEvent | ErrorEvent):
        return last
    raise RuntimeError("a turn ended without a last event")


async def start(runtime: Runtime, turn: Turn) -> TurnRun:
    """Begin the turn, for those who want to know its id before its events.

    Raises:
        Problem: as `handle`.
    """
    try:
        size = len(turn.message.encode())
    except UnicodeEncodeError:
        raise InvalidArguments("The message holds half characters; send it as UTF-8.", code="invalid_text") from None
    if size > MAX_MESSAGE_BYTES:
        raise InvalidArguments(
            f"The message is larger than {MAX_MESSAGE_BYTES:,} bytes. Attach the long part as a file: with the paper "
            "clip of the page, POST /v1/attachments, or cse ask --file.",
            code="message_too_large",
            status=413,
        )
    if not turn.message.strip() and not turn.attachments:
        raise InvalidArguments("The message is empty. Type a question, or /help.", code="message_empty")
    begun = await turns.begin(
        runtime,
        turn.principal,
        f"turn_{uuid4().hex}",
        turn.thread_id,
        turn.message,
        turn.channel,
        turn.conversation,
        turn.attachments,
    )
    context = TurnContext(
        runtime=runtime,
        principal=turn.principal,
        turn_id=begun.turn_id,
        thread_id=begun.thread_id,
        as_of=turn.as_of,
        audience=turn.audience,
        narrate=turn.narrate,
        pending=begun.pending,
        attachments=turn.attachments,
        account_id=begun.account_id,
        model_until=asyncio.get_running_loop().time() + MODEL_SECONDS,
    )
    run = TurnRun(begun.turn_id, begun.thread_id, turn.principal.key_id)
    runtime.turns.add(run)
    run.start(_work(run, turn.message, context))
    return run


async def _work(run: TurnRun, message: str, context: TurnContext) -> None:
    """The turn's task: whatever happens, the row is finished and a last event is published."""
    from app.agent import graph  # langgraph takes seconds to import: the command line mostly does without

    try:
        async with asyncio.timeout(TURN_DEADLINE_SECONDS):
            async for event in graph.run(message, context):
                run.publish(event)
    except asyncio.CancelledError:
        await _fail(run, context, "stopped", ProblemDetail(code="stopped", detail="The turn was stopped."))
    except TimeoutError:
        detail = f"The turn took longer than {TURN_DEADLINE_SECONDS} s and was stopped. Ask for less at once."
        await _fail(run, context, "failed", ProblemDetail(code="deadline", detail=detail))
    except Problem as problem:
        told = ProblemDetail(code=problem.code, detail=problem.detail, extra=problem.extra)
        await _fail(run, context, "failed", told)
    except Exception:
        log.exception("turn %s failed", run.turn_id)
        detail = f"Something went wrong on our side. Nothing was changed. Report it with the id {run.turn_id}."
        await _fail(run, context, "failed", ProblemDetail(code="internal_error", detail=detail))
    finally:
        context.runtime.turns.remove(run)


async def _fail(run: TurnRun, context: TurnContext, status: turns.EndStatus, problem: ProblemDetail) -> None:
    if run.ended:
        return
    try:
        await turns.fail(context.runtime, context.principal, run.turn_id, status, problem)
    finally:
        run.publish(ErrorEvent(error=problem))
