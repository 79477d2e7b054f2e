"""`undo` in a chat: takes back what the conversation's last turn that wrote something wrote, or a given turn."""

import re

from app.agent.state import TurnContext
from app.domain.reply import Reply
from app.resources import undo

_UNDO = re.compile(
    r"\s*(?:/undo(?:\s+(?P<turn>\S+))?|(?:please\s+)?undo(?:\s+(?:that|this|it"
    r"|(?:(?:the|my)\s+)?last(?:\s+(?:one|note|turn|change))?|(?:the|that|this|my)\s+note))?(?:\s+please)?\s*[.!]?)\s*",
    re.IGNORECASE,
)


def is_undo(message: str) -> bool:
    return _UNDO.fullmatch(message) is not None


async def reply(message: str, ctx: TurnContext) -> Reply:
    """The reply that takes back, when it is recorded.

    Raises:
        Problem: there is nothing to undo, or it cannot be undone any more.
    """
    match = _UNDO.fullmatch(message)
    turn_id = match["turn"] if match else None
    if turn_id is not None:
        return (await undo.find(ctx.runtime, ctx.principal, turn_id)).reply()
    return (await undo.find_last(ctx.runtime, ctx.principal, ctx.thread_id)).reply()
