"""Effects: what a command wants done. Tools only describe them; `app.effects` carries them out."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from app.domain.records import FeedbackItem


class AddFeedback(BaseModel):
    """Write a feedback item. Its id is given when the effect is carried out, from the turn's id."""

    model_config = ConfigDict(frozen=True)
    kind: Literal["add_feedback"] = "add_feedback"
    item: FeedbackItem


Effect = AddFeedback
"""The closed union of effects; commands that write more kinds of record add members here."""
