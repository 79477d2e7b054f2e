"""The language model's port: what is said to a model, what comes back, how it fails. Any provider fits behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

FaultCode = Literal[
    "rate_limited",
    "server_error",
    "refused",
    "timeout",
    "unreachable",
    "malformed",
    "cut_off",
    "unknown_tool",
    "too_many_steps",
    "unverified",
]


class ModelFault(Exception):
    """The model gave no answer that can be used. `reason` says why, to the user, as the end of a sentence."""

    def __init__(self, code: FaultCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants called. The arguments are a JSON object; nothing in it is checked yet."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the talk. `calls` go with an assistant's message, `call_id` with a tool's result.

    `data` is what others wrote, or what quotes them: it is sent before the text, fenced and under a label.
    """

    role: Literal["system", "user", "assistant", "tool"]
    text: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str | None = None
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as it is offered to the model. `parameters` is the JSON schema of its arguments."""

    name: str
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model said: a text, calls, or both. Tokens are 0 where the server does not count them."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    input_tokens: int = 0
    output_tokens: int = 0


class LLM(Protocol):
    """A language model. One is shared by all turns."""

    @property
    def model(self) -> str:
        """The name that the server knows it by."""

    async def complete(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Completion:
        """The model's next message.

        Raises:
            ModelFault: there is none that can be used; the call was not repeated.
        """

    async def close(self) -> None:
        """Let go of the connections."""
