"""What flows through the graph, and what every node may use."""

import datetime as dt
from dataclasses import dataclass
from typing import TypedDict

from app.domain.command import Audience, Invocation
from app.domain.reply import Pending, Reply
from app.runtime import Runtime
from app.security.principals import Principal


@dataclass(frozen=True, slots=True)
class TurnContext:
    """Fixed for the turn."""

    runtime: Runtime
    principal: Principal
    turn_id: str
    thread_id: str
    as_of: dt.date | None
    audience: Audience
    pending: Pending | None


class State(TypedDict, total=False):
    """`route` sets `invocation` where a command is to run, or the `reply` itself.

    `asked` counts the questions asked so far; `note` says how the message was read.
    """

    message: str
    invocation: Invocation
    asked: int
    note: str
    reply: Reply
