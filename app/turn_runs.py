"""Turns that are running in this process: their events so far, who reads them, how they are stopped."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from app.domain.events import DoneEvent, ErrorEvent, Event

READERLESS_SECONDS = 30
"""A run that nobody reads for so long is stopped (design, section 3)."""


class TurnRun:
    """One running turn. Events are kept until it ends, so that a reader can come back and resume."""

    def __init__(self, turn_id: str, thread_id: str, owner: str) -> None:
        self.turn_id = turn_id
        self.thread_id = thread_id
        self.owner = owner
        self._events: list[Event] = []
        self._changed = asyncio.Event()
        self._readers = 0
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        self._task = asyncio.create_task(work, name=f"turn {self.turn_id}")
        self._watch()

    @property
    def ended(self) -> bool:
        return bool(self._events) and isinstance(self._events[-1], DoneEvent | ErrorEvent)

    def publish(self, event: Event) -> None:
        self._events.append(event)
        self._changed.set()
        self._changed = asyncio.Event()

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def keep(self) -> None:
        """Somebody reads it through another process."""
        self._watch()

    async def wait(self) -> None:
        if self._task is not None:
            await asyncio.wait([self._task])

    async def follow(self) -> AsyncIterator[Event]:
        """All events from the first, then the new ones as they come, until the run ends."""
        self._readers += 1
        self._watch()
        try:
            position = 0
            while True:
                changed = self._changed
                while position < len(self._events):
                    yield self._events[position]
                    position += 1
                if self.ended:
                    return
                await changed.wait()
        finally:
            self._readers -= 1
            self._watch()

    def _watch(self) -> None:
        """Start the clock when the last reader has left, stop it when one is there."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._readers == 0 and not self.ended:
            self._timer = asyncio.get_running_loop().call_later(READERLESS_SECONDS, self.stop)


class RunningTurns:
    """The turns running in this process, by id."""

    def __init__(self) -> None:
        self._runs: dict[str, TurnRun] = {}

    def get(self, turn_id: str) -> TurnRun | None:
        return self._runs.get(turn_id)

    def add(self, run: TurnRun) -> None:
        self._runs[run.turn_id] = run

    def remove(self, run: TurnRun) -> None:
        self._runs.pop(run.turn_id, None)

    async def stop_all(self) -> None:
        """Stop every run and wait until each has recorded that it was stopped."""
        runs = list(self._runs.values())
        for run in runs:
            run.stop()
        for run in runs:
            await run.wait()
