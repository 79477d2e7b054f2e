"""The agent as a model of the OpenAI API: `/v1/models` and `/v1/chat/completions`, whole or streamed.

A client sends the whole conversation with each call and knows no thread. The thread is found again by what was said
before, so an open question and the account in talk go on. The client's own system prompt and tools are ignored: the
agent has its persona and its commands.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from app import turn
from app.channels.callers import App, Caller, open_stream
from app.channels.http_problems import openai_error
from app.channels.sse import HEADERS, begun
from app.domain.events import Answer, DoneEvent, ErrorEvent, Event, TextEvent
from app.domain.problems import InvalidArguments, NotFound, Problem
from app.resources import turns
from app.runtime import Runtime
from app.security.principals import Principal

MODEL = "cse-agent"

OPERATORS = ("system", "developer")
"""Who speaks for the client's operator; the agent has its own."""

TASK, TASK_HISTORY = "### Task:", "<chat_history>"
"""What Open WebUI's calls hold by which it titles and tags a chat; they are no questions to the agent."""

NO_TASKS = json.dumps({"title": MODEL, "tags": [], "follow_ups": []})


class OpenAIRoute(APIRoute):
    """Answers wrong fields as OpenAI does: with 400, naming one field."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                first = error.errors()[0]
                field = ".".join(map(str, first["loc"][1:]))
                told = f"{field or 'body'}: {first['msg']}"
                return JSONResponse(openai_error(told, "invalid_arguments", 400, field), 400)

        return handled


router = APIRouter(prefix="/v1", route_class=OpenAIRoute, tags=["OpenAI-compatible"])


class Part(BaseModel):
    """A part of a message. Only text is understood."""

    type: str
    text: str = ""


class ChatMessage(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    def text(self) -> str:
        """The message's text.

        Raises:
            InvalidArguments: it holds what is no text.
        """
        if not isinstance(self.content, list):
            return self.content or ""
        if any(part.type != "text" for part in self.content):
            raise InvalidArguments("Only text can be read; paste what the picture or file says.", status=400)
        return "\n".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    include_usage: bool = False


class CompletionRequest(BaseModel):
    """What is used of a call; anything else is ignored."""

    model: str
    messages: list[ChatMessage] = Field(min_length=1)
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = 1


@router.get("/models")
async def list_models(caller: Caller, runtime: App) -> dict[str, Any]:
    """The one model there is: this agent."""
    return {"object": "list", "data": [_model(runtime)]}


@router.get("/models/{model}")
async def get_model(model: str, caller: Caller, runtime: App) -> dict[str, Any]:
    """The agent as a model."""
    _check_model(model)
    return _model(runtime)


@router.post("/chat/completions", response_model=None)
async def complete(
    body: CompletionRequest, request: Request, caller: Caller, runtime: App
) -> Response | dict[str, Any]:
    """One turn of the agent, as a completion or a stream of its chunks."""
    _check_model(body.model)
    talk = [(message.role, message.text()) for message in body.messages if message.role not in OPERATORS]
    if not talk or talk[-1][0] != "user":
        raise InvalidArguments("The last message must be the user's.", status=400)
    said, message = talk[:-1], talk[-1][1]
    created = int(runtime.clock().timestamp())
    if message.startswith(TASK) and TASK_HISTORY in message:
        return _completion("chatcmpl-task", created, NO_TASKS, {})
    asked = turn.Turn(caller, message, conversation=_name(said) if said else None)
    if not body.stream:
        end = await turn.answer(runtime, asked)
        if isinstance(end, ErrorEvent):
            raise Problem(end.error.detail, code=end.error.code, status=500)
        await _remember(runtime, caller, talk, end.answer)
        return _completion(f"chatcmpl-{end.answer.turn_id}", created, end.answer.text, end.answer.usage)
    open_stream(request, caller)
    events = await begun(turn.handle(runtime, asked))
    with_usage = body.stream_options is not None and body.stream_options.include_usage

    async def remember(answer: Answer) -> None:
        await _remember(runtime, caller, talk, answer)

    chunks = _chunks(events, created, with_usage, remember)
    return StreamingResponse(chunks, media_type="text/event-stream", headers=HEADERS)


def _check_model(model: str) -> None:
    if model != MODEL:
        raise NotFound(f"There is no model {model!r}; the agent is {MODEL!r}.", code="model_not_found")


def _model(runtime: Runtime) -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": int(runtime.clock().timestamp()), "owned_by": MODEL}


# ── The thread that a conversation goes on in ─────────────────────────────────────────────────────────────────────


def _name(said: Sequence[tuple[str, str]]) -> str:
    """The conversation's name: a hash of what was said in it. White space around a message does not count."""
    plain = json.dumps([(role, text.strip()) for role, text in said])
    return f"openai:{hashlib.sha256(plain.encode('utf-8', 'surrogatepass')).hexdigest()}"


async def _remember(runtime: Runtime, caller: Principal, talk: Sequence[tuple[str, str]], answer: Answer) -> None:
    """Let the next call find the thread: it will send all of this before its question."""
    if answer.thread_id is not None:
        name = _name([*talk, ("assistant", answer.text)])
        await turns.name_conversation(runtime, caller, answer.thread_id, name)


# ── Encoding ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def _chunks(
    events: AsyncIterator[Event],
    created: int,
    with_usage: bool,
    remember: Callable[[Answer], Awaitable[None]],
) -> AsyncIterator[bytes]:
    chunk_id = f"chatcmpl-{uuid4().hex}"

    def chunk(choices: list[dict[str, Any]], **more: Any) -> bytes:
        body = {"id": chunk_id, "object": "chat.completion.chunk", "created": created, "model": MODEL}
        return _line({**body, "choices": choices, **more})

    yield chunk([_choice({"role": "assistant", "content": ""})])
    async for event in events:
        match event:
            case TextEvent():
                yield chunk([_choice({"content": event.delta})])
            case ErrorEvent():
                yield _line(openai_error(event.error.detail, event.error.code, 500))
                return
            case DoneEvent():
                await remember(event.answer)
                yield chunk([_choice({}, "stop")])
                if with_usage:
                    yield chunk([], usage=_usage(event.answer.usage))
                yield b"data: [DONE]\n\n"


def _line(body: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(body)}\n\n".encode()


def _choice(delta: dict[str, str], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _completion(completion_id: str, created: int, text: str, usage: dict[str, int]) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "refusal": None}
    return {
        "id": completion_id,
        "object": "chat.completion",
        "created": created,
        "model": MODEL,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": _usage(usage),
    }


def _usage(usage: dict[str, int]) -> dict[str, int]:
    """What the agent's own model used; 0 without one."""
    prompt, completion = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
