"""Events of a turn: what `turn.handle` yields and every channel encodes."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from app.domain.authority import ApprovalLine
from app.domain.blocks import Block, Citation, Question
from app.domain.command import Audience
from app.domain.effects import Effect
from app.domain.figures import Figure


class _Event(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProblemDetail(_Event):
    """A problem as it is told to the user: see `Problem`."""

    code: str
    detail: str
    extra: dict[str, Any] = {}


class Answer(_Event):
    """A whole turn's answer: the JSON of `POST /v1/chat`. `text` is the blocks as Markdown.

    A command called without a chat has no thread.
    """

    thread_id: str | None
    turn_id: str
    command: str | None = None
    account_id: str | None = None
    as_of: dt.date | None = None
    text: str = ""
    data: dict[str, Any] | None = None
    audience: Audience = "internal"
    blocks: tuple[Block, ...] = ()
    figures: tuple[Figure, ...] = ()
    citations: tuple[Citation, ...] = ()
    effects: tuple[Effect, ...] = ()
    approvals: tuple[ApprovalLine, ...] = ()
    question: Question | None = None
    degraded: str | None = None
    error: ProblemDetail | None = None
    usage: dict[str, int] = {}


class StatusEvent(_Event):
    """What the agent is doing now."""

    event: Literal["status"] = "status"
    turn_id: str
    thread_id: str
    text: str


class TextEvent(_Event):
    event: Literal["text"] = "text"
    delta: str


class BlockEvent(_Event):
    event: Literal["block"] = "block"
    block: Block


class ApprovalEvent(_Event):
    """Something of the answer waits for an approval."""

    event: Literal["approval"] = "approval"
    approval: ApprovalLine


class ErrorEvent(_Event):
    event: Literal["error"] = "error"
    error: ProblemDetail


class DoneEvent(_Event):
    event: Literal["done"] = "done"
    answer: Answer


Event = StatusEvent | TextEvent | BlockEvent | ApprovalEvent | ErrorEvent | DoneEvent
