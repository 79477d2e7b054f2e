"""When somebody last spoke with a customer."""

import datetime as dt

from app.domain.records import TouchpointKind
from app.domain.snapshot import AccountSnapshot

CONVERSATION_KINDS: frozenset[TouchpointKind] = frozenset(
    {"qbr", "health_check", "call", "email", "office_hours", "training"}
)
"""Touchpoints in which both sides speak; a webinar or a note is none."""


def last_conversation(snapshot: AccountSnapshot | None) -> dt.date | None:
    """The day of the last conversation that took place before the snapshot's own day; None where none is on record."""
    if snapshot is None:
        return None
    held = (t.date for t in snapshot.touchpoints if t.kind in CONVERSATION_KINDS and t.status in (None, "attended"))
    return max((day for day in held if day < snapshot.as_of), default=None)
