"""What flows through the graph, and what every node may use."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict

from app.domain.blocks import Citation
from app.domain.command import Audience, Invocation
from app.domain.llm import Message
from app.domain.reply import Pending, Reply
from app.resources.commands import Executed
from app.runtime import Runtime
from app.security.principals import Principal


@dataclass(frozen=True, slots=True)
class TurnContext:
    """Fixed for the turn. `account_id` is the account in talk; the model is asked until `model_until` (loop time).

    `attachments` are the ids of the files that came with the message.
    """

    runtime: Runtime
    principal: Principal
    turn_id: str
    thread_id: str
    as_of: dt.date | None
    audience: Audience
    narrate: bool
    pending: Pending | None
    account_id: str | None
    model_until: float
    attachments: tuple[str, ...] = ()


class State(TypedDict, total=False):
    """`route` sets `invocation` where a command is to run, or the `reply` itself.

    `asked` counts the questions asked so far; `typed` says that the command was not found in free text, and so may
    write; `note` says how the message was read; `executed` are the commands run,
    `passages` what retrieval found first. With a model: `talk` is what was said to it and by it, `usage` what that
    cost, `fault` why it gave no answer.
    """

    message: str
    invocation: Invocation
    asked: int
    typed: bool
    note: str
    executed: tuple[Executed, ...]
    passages: tuple[Citation, ...]
    talk: tuple[Message, ...]
    usage: dict[str, int]
    fault: str
    reply: Reply
