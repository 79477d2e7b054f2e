"""How a client's error is known by its words."""

import re
from dataclasses import dataclass

from tools.troubleshoot.facts.http import ClientErrorReason


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one error. `library` is whose they are; of several that match a line, the first counts."""

    reason: ClientErrorReason
    library: str
    pattern: re.Pattern[str]


def words(reason: ClientErrorReason, library: str, pattern: str) -> Words:
    """Words by their pattern, which must take time linear in the line."""
    return Words(reason, library, re.compile(pattern))
