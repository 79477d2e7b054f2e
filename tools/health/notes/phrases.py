"""Phrases of the parameters as patterns, and what takes the meaning out of a match: denied, supposed or asked."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Literal

_BETWEEN = r"[^\w,;:.!?]{1,3}"
GAP = rf"(?:{_BETWEEN}[\w'’%-]+){{0,4}}?{_BETWEEN}"
"""Up to four words between two, in one clause."""

Doubt = Literal["denied", "supposed", "asked"]

_CLAUSE = re.compile(r"[,;:()–—]| but | and | although | though | however | while ", re.IGNORECASE)
_TURN = re.compile(r";| but | however ", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:no|not|never|none|nobody|nothing|without|neither|nor|denied|denies|denying|unlikely|refused|declined"
    r"|instead of|rather than|cannot|stopped|ruled out|rejected|rule out|avoid|avoided|averted|cancelled"
    r"|canceled|(?:did|do|does|wo|is|are|was|were|has|have|had|ca|could|would|should)nt)\b|n['’]t\b",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"^[^,;.]{0,30}?(?:\b(?:is|are|was|were|has|have|been|got|did|does|do)\s+)(?:been\s+)?(?:not|never|ruled out"
    r"|off the table|avoided|averted|rejected|dismissed|no longer|out of the|unlikely|cancelled|canceled)\b"
    r"|^[^,;.]{0,30}?\b(?:is|are|was|were|did|does|do|has|have)n['’]t\b|^\s+not\b"
    r"|^\s+(?:(?:is|was|has\s+been|have\s+been|are|were)\s+)?(?:lifted|over|reversed|ended|off|undone)\b",
    re.IGNORECASE,
)
_IF = re.compile(
    r"\b(?:if|unless|whether|in case|suppose|supposing|assuming|provided|what if"
    r"|ask(?:ed|s|ing)? (?:\w+ ){0,3}(?:about|for|to|if)|as soon as|otherwise)\b",
    re.IGNORECASE,
)
_IF_AFTER = re.compile(r"\b(?:if|unless|provided (?:that )?|in case|assuming)\b", re.IGNORECASE)
_PERHAPS = re.compile(
    r"\b(?:would|could|might|may(?! \d)|should|wonder\w*|hypothetical\w*|fears?|feared|afraid|worr\w+|rumou?r\w*"
    r"|risk of|potential\w*|possib\w+|perhaps|maybe|hopes?|hoping|used to|last year)\b",
    re.IGNORECASE,
)


_NOT_SAID: dict[Doubt, str] = {
    "denied": "is denied, so none was written",
    "supposed": "is only supposed, so none was written",
    "asked": "is only asked about, so none was written",
}


def not_said(doubt: Doubt) -> str:
    """Why something was not written, after its name."""
    return _NOT_SAID[doubt]


@cache
def pattern(phrases: Sequence[str]) -> re.Pattern[str] | None:
    """One pattern for all of the phrases; None for none."""
    ordered = sorted(phrases, key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(_phrase, ordered))})(?![\w-])", re.IGNORECASE) if phrases else None


def _phrase(phrase: str) -> str:
    made = ""
    gap = ""
    for word in phrase.split():
        if word == "~":
            gap = GAP
            continue
        alternatives = "|".join(re.escape(each).replace("'", "['’]?") for each in word.split("|"))
        made += f"{gap if made else ''}(?:{alternatives})"
        gap = r"[\s-]{1,3}"
    return made


def matches(phrases: Sequence[str], sentence: str) -> Iterator[re.Match[str]]:
    made = pattern(tuple(phrases))
    return iter(()) if made is None else made.finditer(sentence)


def doubt_of(sentence: str, start: int, end: int) -> Doubt | None:
    """Why what stands from `start` to `end` of a sentence says nothing; None where it is said plainly."""
    before = doubt_before(sentence, start)
    if before is not None:
        return before
    if _PERHAPS.search(sentence[start:end]):
        return "supposed"
    if _DENIED.search(sentence[start:end]) or _DENIED_AFTER.search(sentence[end : end + 80]):
        return "denied"
    return None


def doubt_before(sentence: str, start: int) -> Doubt | None:
    """Why what begins at `start` of a sentence says nothing, by what stands before it and how the sentence ends."""
    if is_question(sentence):
        return "asked"
    clause = _clause_before(sentence, start)
    if _IF.search(_since_turn(sentence, start)) or _PERHAPS.search(clause):
        return "supposed"
    return "denied" if _DENIED.search(clause) else None


def is_conditional(sentence: str, start: int, end: int) -> bool:
    """Whether a condition stands before a promise in its sentence, or in the promise itself."""
    return bool(_IF.search(_since_turn(sentence, start)) or _IF_AFTER.search(sentence[start:end]))


def is_question(sentence: str) -> bool:
    return sentence.rstrip(" \"”')").endswith("?")


def _since_turn(sentence: str, start: int) -> str:
    turns = [match.end() for match in _TURN.finditer(sentence, 0, start)]
    return sentence[turns[-1] if turns else 0 : start]


def _clause_before(sentence: str, start: int) -> str:
    breaks = [match.end() for match in _CLAUSE.finditer(sentence, 0, start)]
    return sentence[breaks[-1] if breaks else 0 : start]
