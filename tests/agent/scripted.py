"""A model at the port: says what it is told to, and keeps what was said to it."""

import asyncio
import dataclasses
import threading
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

from app import turn
from app.domain.events import Answer, DoneEvent
from app.domain.llm import Completion, Message, ModelFault, Tool, ToolCall
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL, Principal
from app.settings import Settings

T = TypeVar("T")

Reply = str | float | ModelFault | tuple[ToolCall, ...]
"""What is said; a number of seconds is a model that takes so long to say nothing."""


class ScriptedLLM:
    """Gives one reply after the other, the last again and again."""

    model = "scripted"

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self.heard: list[tuple[tuple[Message, ...], tuple[Tool, ...]]] = []

    async def complete(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Completion:
        self.heard.append((tuple(messages), tuple(tools)))
        reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
        if isinstance(reply, ModelFault):
            raise reply
        if isinstance(reply, float):
            await asyncio.sleep(reply)
            reply = "Sorry that it took so long."
        if isinstance(reply, str):
            return Completion(reply, input_tokens=10, output_tokens=5)
        return Completion("", reply, input_tokens=10, output_tokens=5)

    async def close(self) -> None:
        pass


def call(name: str, **arguments: Any) -> tuple[ToolCall, ...]:
    """One tool call."""
    return (ToolCall(f"call_{name}", name, arguments),)


class Desk:
    """The agent over the demo portfolio, with a model, for one test."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime

    async def ask(self, message: str, *replies: Reply, **given: Any) -> tuple[Answer, ScriptedLLM]:
        """One turn, the model giving these replies."""
        llm = ScriptedLLM(*replies)
        asked = turn.Turn(given.pop("principal", LOCAL), message, **given)
        last = await turn.answer(dataclasses.replace(self.runtime, llm=llm if replies else None), asked)
        assert isinstance(last, DoneEvent), last
        return last.answer, llm


class OpenDesk:
    """A desk whose runtime stays open in a loop of its own: opening one for each test takes seconds."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._closing = open_runtime(Settings(_env_file=None, data_dir=folder))
        self._desk = Desk(self._run(self._closing.__aenter__()))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=120)

    def __call__(self, work: Callable[[Desk], Coroutine[Any, Any, None]]) -> None:
        """Run a test's work."""
        self._run(work(self._desk))

    def close(self) -> None:
        self._run(self._closing.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


def limited_to(*accounts: str, role: Any = "cse") -> Principal:
    return Principal("key_limited", "limited", role, accounts=frozenset(accounts))
