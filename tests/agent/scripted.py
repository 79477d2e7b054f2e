"""A model at the port: says what it is told to, and keeps what was said to it."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from app import turn
from app.domain.events import Answer, DoneEvent
from app.domain.llm import Completion, Message, ModelFault, Tool, ToolCall
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL, Principal
from app.settings import Settings

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


def at_the_desk(folder: Path, work: Callable[[Desk], Awaitable[None]]) -> None:
    """Run a test's work at a desk over the data in `folder`."""

    async def run() -> None:
        async with open_runtime(Settings(_env_file=None, data_dir=folder)) as runtime:
            await work(Desk(runtime))

    asyncio.run(run())


def limited_to(*accounts: str, role: Any = "cse") -> Principal:
    return Principal("key_limited", "limited", role, accounts=frozenset(accounts))
