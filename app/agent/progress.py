"""What a node tells while it works."""

from app.agent.state import TurnContext
from app.domain.events import StatusEvent


def status(ctx: TurnContext, words: str) -> StatusEvent:
    return StatusEvent(turn_id=ctx.turn_id, thread_id=ctx.thread_id, text=words)
