"""The client of an OpenAI-compatible model server: masks what leaves, parses strictly what comes back."""

import asyncio
import importlib
import logging
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field, JsonValue, TypeAdapter, ValidationError

from app.agent.untrusted import LABEL, as_json, seen_by_model
from app.domain.llm import LLM, Completion, Message, ModelFault, Tool, ToolCall
from app.settings import Settings

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

CALL_SECONDS = 30.0
"""A whole call may take so long. The SDK's own time-out is for each read, which a dripping server outlives."""

NO_KEY = "none"
"""Local servers ask for no key, the SDK does."""

MAX_REPLY_BYTES = 1024 * 1024

log = logging.getLogger(__name__)


def open_llm(settings: Settings) -> LLM | None:
    """The configured model; None where none is set, which is a normal state. Nothing is connected before a call."""
    if not settings.llm_model:
        return None
    key = settings.llm_api_key.get_secret_value() or NO_KEY
    return OpenAICompatible(settings.llm_base_url, key, settings.llm_model, settings.private_hosts)


class OpenAICompatible:
    """A model behind `POST {base_url}/chat/completions`, through one shared client.

    What is said goes to that server only (`app.security.outbound`), and no header of the shell's OpenAI account is
    sent. A call is made once: the deterministic answer is at hand, and a repeated call is a longer wait and a second
    bill.
    """

    def __init__(self, base_url: str, api_key: str, model: str, private_hosts: Collection[str] = ()) -> None:
        self.model = model
        self._private_hosts = private_hosts
        self._base_url = base_url
        self._api_key = api_key
        self._client: AsyncOpenAI | None = None

    async def complete(self, messages: Sequence[Message], tools: Sequence[Tool]) -> Completion:
        client = await self._open()
        from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAIError, omit

        wire: Any = [_wire_message(message) for message in messages]
        offered: Any = [_wire_tool(tool) for tool in tools]
        try:
            async with asyncio.timeout(CALL_SECONDS):
                response = await client.chat.completions.with_raw_response.create(
                    model=self.model, messages=wire, tools=offered or omit
                )
        except (TimeoutError, APITimeoutError):
            raise ModelFault("timeout", f"it did not answer within {CALL_SECONDS:.0f} s") from None
        except APIStatusError as error:
            raise _status_fault(error) from None
        except APIConnectionError:
            raise ModelFault("unreachable", "it cannot be reached, or the connection broke off") from None
        except (OpenAIError, ValueError) as error:
            log.warning("the model call failed: %s", type(error).__name__)
            raise ModelFault("malformed", "it sent what is no answer") from None
        return parse_reply(response.content)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def _open(self) -> "AsyncOpenAI":
        if self._client is None:
            openai = await asyncio.to_thread(importlib.import_module, "openai")  # takes seconds the first time
            from app.security import outbound

            self._client = self._client or openai.AsyncOpenAI(
                base_url=self._base_url,
                api_key=self._api_key,
                timeout=CALL_SECONDS,
                max_retries=0,
                default_headers={"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()},
                http_client=outbound.async_client(self._base_url, self._private_hosts, CALL_SECONDS),
            )
        return self._client


def _status_fault(error: "APIStatusError") -> ModelFault:
    status = error.status_code
    if status == 429:
        return ModelFault("rate_limited", "its server is over its rate limit or quota (HTTP 429)")
    if status >= 500:
        return ModelFault("server_error", f"its server failed (HTTP {status})")
    return ModelFault("refused", f"its server refused the request (HTTP {status}); the key or the model may be wrong")


# ── Out ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _wire_message(message: Message) -> dict[str, Any]:
    """The message as the API takes it, secrets and mail addresses masked: nothing leaves by another way."""
    wire: dict[str, Any] = {"role": message.role, "content": _content(message)}
    if message.calls:
        wire["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": as_json(call.arguments)},
            }
            for call in message.calls
        ]
    if message.call_id is not None:
        wire["tool_call_id"] = message.call_id
    return wire


def _content(message: Message) -> str:
    """The data, which is masked text by text, since what is masked in the whole could end it; then the text."""
    text = seen_by_model(message.text)
    if message.data is None:
        return text
    if message.role == "tool":
        return as_json({"label": LABEL, **message.data})
    return f"{LABEL}\n{as_json(message.data)}\n\n{text}"


def _wire_tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


# ── Back ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Function(BaseModel):
    name: str = Field(min_length=1)
    arguments: str


class _Call(BaseModel):
    id: str = Field(min_length=1)
    type: Literal["function"] = "function"
    function: _Function


class _Said(BaseModel):
    content: str | None = None
    refusal: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(BaseModel):
    message: _Said
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(default=0, ge=0)
    completion_tokens: int = Field(default=0, ge=0)


class _Reply(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


_ARGUMENTS: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
_FINISHED = ("stop", "tool_calls")


def parse_reply(body: bytes) -> Completion:
    """The first choice of a chat completion.

    Raises:
        ModelFault: the body is no completion, is empty, was cut off, or calls a tool with what is no JSON object.
    """
    if len(body) > MAX_REPLY_BYTES:
        raise ModelFault("malformed", "it sent more than any answer needs")
    try:
        reply = _Reply.model_validate_json(body)
        choice = reply.choices[0]
        calls = tuple(_parse_call(call) for call in choice.message.tool_calls or ())
    except ValidationError:
        raise ModelFault("malformed", "it sent what is no answer") from None
    if choice.finish_reason not in _FINISHED:
        raise ModelFault("cut_off", "its answer was cut off")
    if choice.message.refusal:
        raise ModelFault("refused", "it declined to answer")
    text = choice.message.content or ""
    if not text.strip() and not calls:
        raise ModelFault("malformed", "it sent an empty answer")
    usage = reply.usage or _Usage()
    return Completion(text, calls, usage.prompt_tokens, usage.completion_tokens)


def _parse_call(call: _Call) -> ToolCall:
    """Arguments are a JSON object; some servers send an empty text where a tool needs none."""
    arguments = _ARGUMENTS.validate_json(call.function.arguments or "{}")
    return ToolCall(call.id, call.function.name, arguments)
