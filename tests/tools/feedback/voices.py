"""What customers say, for tests."""

from typing import Any

from app.domain.snapshot import Voice, VoiceKind
from tests.snapshots import days_before


def voice(
    text: str, kind: VoiceKind = "tickets", voice_id: str = "t1", account_id: str = "acme", **fields: Any
) -> Voice:
    """Said two days before AS_OF; `subject` and `about` are empty unless given."""
    given: dict[str, Any] = {"contact_id": None, "day": days_before(2), "about": "", "subject": "", "score": None}
    return Voice(kind=kind, id=voice_id, account_id=account_id, text=text, **(given | fields))
