"""What the person says beside the artifacts: which of the five questions of persona §4.2 are answered, and by what."""

from dataclasses import dataclass, field
from typing import Literal

from tools.escalate.endpoints import Endpoint
from tools.escalate.moments import Moment

QuestionKey = Literal["error", "request", "time", "key", "expected"]
"""The exact error, the endpoint with its request, when it failed with the zone, the key's last four characters, and
what was expected in place of what came."""

QUESTIONS: tuple[QuestionKey, ...] = ("error", "request", "time", "key", "expected")


@dataclass(frozen=True, slots=True)
class Statement:
    """The prose, masked, and what it says. `quotes` holds for each question that is answered the words that do it.

    `statuses` are HTTP errors that are named, `extent` words on who is hit ("all users", "only from the office"),
    `changed` words on what changed before ("after we rotated the key"), `since` words on when it began, `impact` what
    it costs the customer's business, `lines` of the prose with their line numbers.
    """

    text: str
    quotes: dict[QuestionKey, str] = field(default_factory=dict)
    statuses: tuple[int, ...] = ()
    endpoint: Endpoint | None = None
    moments: tuple[Moment, ...] = ()
    request_ids: tuple[str, ...] = ()
    extent: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    since: str = ""
    impact: str = ""
    lines: tuple[tuple[int, str], ...] = ()

    def says(self, *phrases: str) -> str | None:
        """The line that holds one of the phrases, whatever its case; None where none does."""
        lowered = tuple(phrase.lower() for phrase in phrases)
        found = (line for _, line in self.lines if any(phrase in line.lower() for phrase in lowered))
        return next(found, None)
