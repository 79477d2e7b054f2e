"""A turn's life: stopped by its owner, by the lack of readers or by a fault; one at a time in a thread."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from app import turn, turn_runs
from app.agent import graph
from app.agent.state import TurnContext
from app.domain.effects import AddFeedback
from app.domain.events import DoneEvent, ErrorEvent, Event, ProblemDetail, StatusEvent
from app.domain.problems import Conflict, NotFound
from app.domain.records import FeedbackItem
from app.domain.reply import Reply
from app.resources import running_work, turns
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL, Principal
from app.settings import Settings
from app.store.leases import Lease
from app.turn_runs import RunningTurns

OTHER = Principal("key_other", "other", "admin")


def in_runtime(folder: Path, work: Callable[[Runtime], Awaitable[None]]) -> None:
    async def run() -> None:
        settings = Settings(_env_file=None, data_dir=folder)
        async with open_runtime(settings) as runtime:
            await work(runtime)

    asyncio.run(run())


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> None:
    """A graph that says that it has begun, and then nothing more."""

    async def run(message: str, context: TurnContext) -> AsyncIterator[Event]:
        yield StatusEvent(turn_id=context.turn_id, thread_id=context.thread_id, text="begun")
        await asyncio.sleep(3600)

    monkeypatch.setattr(graph, "run", run)


async def begun(runtime: Runtime, thread_id: str | None = None) -> tuple[AsyncIterator[Event], StatusEvent]:
    events = turn.handle(runtime, turn.Turn(LOCAL, "hello", thread_id))
    first = await anext(events)
    assert isinstance(first, StatusEvent)
    return events, first


@pytest.mark.usefixtures("hanging")
def test_the_owner_stops_it(tmp_path: Path) -> None:
    async def work(runtime: Runtime) -> None:
        events, first = await begun(runtime)
        with pytest.raises(NotFound):
            await turn.stop(runtime, OTHER, first.turn_id)
        await turn.stop(runtime, LOCAL, first.turn_id)
        last = await anext(events)
        assert isinstance(last, ErrorEvent)
        assert last.error.code == "stopped"
        stored = await turns.get(runtime, LOCAL, first.turn_id)
        assert (stored.status, stored.problem) == ("stopped", last.error)
        assert [e async for e in turn.follow(runtime, LOCAL, first.turn_id)] == [last]

    in_runtime(tmp_path, work)


@pytest.mark.usefixtures("hanging")
def test_one_running_turn_a_thread(tmp_path: Path) -> None:
    async def work(runtime: Runtime) -> None:
        _, first = await begun(runtime)
        with pytest.raises(Conflict) as caught:
            await begun(runtime, first.thread_id)
        assert (caught.value.code, caught.value.status) == ("turn_in_progress", 409)
        await turn.stop(runtime, LOCAL, first.turn_id)
        await begun(runtime, first.thread_id)

    in_runtime(tmp_path, work)


@pytest.mark.usefixtures("hanging")
def test_without_a_reader_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_runs, "READERLESS_SECONDS", 0.05)

    async def work(runtime: Runtime) -> None:
        events, first = await begun(runtime)
        await events.aclose()  # type: ignore[attr-defined]
        run = runtime.turns.get(first.turn_id)
        assert run is not None
        await run.wait()
        assert (await turns.get(runtime, LOCAL, first.turn_id)).status == "stopped"

    in_runtime(tmp_path, work)


@pytest.mark.usefixtures("hanging")
def test_a_second_reader_keeps_it_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_runs, "READERLESS_SECONDS", 0.05)

    async def work(runtime: Runtime) -> None:
        events, first = await begun(runtime)
        second = turn.follow(runtime, LOCAL, first.turn_id)
        assert await anext(second) == first
        await events.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(0.2)
        assert runtime.turns.get(first.turn_id) is not None
        await turn.stop(runtime, LOCAL, first.turn_id)

    in_runtime(tmp_path, work)


def test_a_fault_is_told_without_its_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(message: str, context: TurnContext) -> AsyncIterator[Event]:
        yield StatusEvent(turn_id=context.turn_id, thread_id=context.thread_id, text="begun")
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(graph, "run", run)

    async def work(runtime: Runtime) -> None:
        last = await turn.answer(runtime, turn.Turn(LOCAL, "/help"))
        assert isinstance(last, ErrorEvent)
        assert last.error.code == "internal_error"
        assert "secret" not in last.error.detail

    in_runtime(tmp_path, work)


def test_a_deadline_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hanging: None) -> None:
    monkeypatch.setattr(turn, "TURN_DEADLINE_SECONDS", 0.05)

    async def work(runtime: Runtime) -> None:
        last = await turn.answer(runtime, turn.Turn(LOCAL, "hello"))
        assert isinstance(last, ErrorEvent)
        assert last.error.code == "deadline"

    in_runtime(tmp_path, work)


@pytest.mark.usefixtures("hanging")
def test_one_lost_in_a_restart_ends_as_interrupted(tmp_path: Path) -> None:
    async def work(runtime: Runtime) -> None:
        _, first = await begun(runtime)
        run = runtime.turns.get(first.turn_id)
        assert run is not None
        runtime.turns.remove(run)
        runtime.lease.release()  # as if the process had died
        await running_work.look_after(dataclasses.replace(runtime, lease=Lease(runtime.store)))
        events = [e async for e in turn.follow(runtime, LOCAL, first.turn_id)]
        assert [e.error.code for e in events if isinstance(e, ErrorEvent)] == ["interrupted"]
        run.stop()
        await run.wait()
        assert (await turns.get(runtime, LOCAL, first.turn_id)).status == "interrupted"

    in_runtime(tmp_path, work)


@pytest.mark.usefixtures("hanging")
def test_one_lost_with_its_process_does_not_block_its_thread(tmp_path: Path) -> None:
    async def work(runtime: Runtime) -> None:
        _, first = await begun(runtime)
        runtime.lease.release()
        next_process = dataclasses.replace(runtime, lease=Lease(runtime.store), turns=RunningTurns())
        _, second = await begun(next_process, first.thread_id)
        assert (await turns.get(runtime, LOCAL, first.turn_id)).status == "interrupted"
        assert second.thread_id == first.thread_id
        await next_process.turns.stop_all()

    in_runtime(tmp_path, work)


@pytest.mark.usefixtures("hanging")
def test_a_reader_through_another_process_keeps_it_alive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[str] = []
    monkeypatch.setattr(turn_runs.TurnRun, "keep", lambda run: kept.append(run.turn_id))

    async def work(runtime: Runtime) -> None:
        _, first = await begun(runtime)
        await running_work.look_after(runtime)
        assert kept == []
        another = dataclasses.replace(runtime, lease=Lease(runtime.store), turns=RunningTurns())
        reading = turn.follow(another, LOCAL, first.turn_id)
        assert isinstance(await anext(reading), StatusEvent)
        await running_work.look_after(runtime)
        assert kept == [first.turn_id]

    in_runtime(tmp_path, work)


def test_a_turn_that_was_stopped_has_no_effects(tmp_path: Path) -> None:
    """The write of a stopped turn may still be under way in its thread."""

    async def work(runtime: Runtime) -> None:
        item = FeedbackItem(id="f", title="Late", category="ux")
        first = await turns.begin(runtime, LOCAL, "turn_1", None, "hello", "http")
        await turns.fail(runtime, LOCAL, "turn_1", "stopped", ProblemDetail(code="stopped", detail="stopped"))
        with pytest.raises(Conflict):
            await turns.record(runtime, LOCAL, "turn_1", first.thread_id, Reply(effects=(AddFeedback(item=item),)))
        assert await turns.data_version(runtime) == 0
        assert (await turns.get(runtime, LOCAL, "turn_1")).status == "stopped"

    in_runtime(tmp_path, work)


def test_the_turn_is_recorded_before_it_is_told(tmp_path: Path) -> None:
    async def work(runtime: Runtime) -> None:
        async for event in turn.handle(runtime, turn.Turn(LOCAL, "/help")):
            if isinstance(event, DoneEvent):
                stored = await turns.get(runtime, LOCAL, event.answer.turn_id)
                assert stored.answer == event.answer

    in_runtime(tmp_path, work)
