"""What a failure does to the customer's business, by the part of their own message that tells it."""

import re
from collections.abc import Iterator

from tools.troubleshoot.statement import Statement

MOST_READ = 4_000
"""Characters of a message that are looked at: what hurts comes first."""

LEAST_WORDS = 3
LEAST_SCORE = 2

_SENTENCE = re.compile(r"[.!?]+(?=\s|$)|\n")
_CLAUSE = re.compile(r"[,;:] +| [–-] ")
_HURTS = re.compile(
    r"\b(?:empty|behind|waiting|waits?|stopped|stuck|wrong|late|lost|missing|twice|forever|delayed|blocked|down"
    r"|launch|go live"
    r"|nothing (?:has|is|was|gets|comes|goes|works|arrives)|cannot|unable"
    r"|nobody|none of|slow|fails?|errors?|refused|offline|do(?:es)? not|did not"
    r"|(?:can|don|doesn|didn|isn|aren)['’]t|(?:is|are|have|has) no|no new)\b",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    r"\bour\b|\b(?:customers|users|people|staff|employees|teams?|homes|patients|students)\b", re.IGNORECASE
)
_TECHNICAL = re.compile(
    r"https?:|[{}<>=\\]|\b[45]\d\d\b|\B/\w|\b(?:API|calls?|requests?|endpoint|errors?|header|curl|log|status|SSO|webhooks?"
    r"|token|certificate|GET|POST|PUT|PATCH|DELETE)\b",
    re.IGNORECASE,
)
_NOT_TOLD_BACK = re.compile(
    r"\b(?:your|they|their|them|customer|SEV\d|USD|EUR|GBP|CHF|JPY|dollars?|euros?|pounds?)\b|[$€£¥]", re.IGNORECASE
)
"""Words that blame us, that a colleague wrote about the customer, or a sum: none of these is told back."""


def own_words(said: Statement) -> str:
    """The clauses of the one sentence that tells best what it does to them; "" where none does."""
    best, most = "", 0
    for sentence in _SENTENCE.split(said.text[:MOST_READ]):
        told = [(clause, score) for clause in _clauses(sentence) if (score := _score(clause)) >= LEAST_SCORE]
        if told and max(score for _, score in told) > most:
            best, most = ", ".join(clause for clause, _ in told), max(score for _, score in told)
    return best


def _clauses(sentence: str) -> Iterator[str]:
    for clause in _CLAUSE.split(sentence):
        words = " ".join(clause.split())
        if words.count(" ") + 1 >= LEAST_WORDS:
            yield words


def _score(clause: str) -> int:
    """Something of theirs that suffers counts most; technical words tell of the failure and not of what it does."""
    if _NOT_TOLD_BACK.search(clause) or not _HURTS.search(clause):
        return 0
    return 3 + (1 if _THEIRS.search(clause) else 0) - (2 if _TECHNICAL.search(clause) else 0)
