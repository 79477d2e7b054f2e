"""What an item's status means."""

import datetime as dt
from typing import Literal

from app.domain.records import FeedbackItem
from tools.feedback.parameters import FeedbackParameters, StatusClass

Answer = StatusClass | Literal["unknown"]
"""What became of an item; `unknown`: its status is a word that no parameter explains."""

LABELS: dict[Answer, str] = {
    "waiting": "no answer yet",
    "accepted": "accepted",
    "planned": "planned",
    "in_progress": "in progress",
    "shipped": "shipped",
    "declined": "declined",
    "duplicate": "a duplicate",
    "closed": "closed",
    "unknown": "status unknown",
}


def answer_of(item: FeedbackItem, as_of: dt.date, parameters: FeedbackParameters) -> Answer:
    """What became of the item by as_of: one that shipped by then is shipped, whatever its status says."""
    if item.shipped_on is not None and item.shipped_on <= as_of:
        return "shipped"
    return meaning(item.status, parameters)


def meaning(status: str | None, parameters: FeedbackParameters) -> Answer:
    """What a status means, however it is written: "Won't do" and wont_do are one."""
    written = "_".join((status or "").strip().lower().replace("'", "").replace("’", "").replace("-", " ").split())
    if not written:
        return "waiting"
    return next((name for name, words in parameters.statuses.items() if written in words), "unknown")
