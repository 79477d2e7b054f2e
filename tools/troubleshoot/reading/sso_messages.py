"""Finds what logs and pages of service providers and identity providers say of a sign-in that failed, in words."""

import re
from collections.abc import Iterator

from tools.troubleshoot.facts.base import LONGEST_TEXT, MOST_LISTED
from tools.troubleshoot.facts.identity import SsoMessage, SsoReason
from tools.troubleshoot.reading.instants import instant
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.sso_words import OTHER, WORDS

_MARKUP = re.compile(r"xmlns|^\s*<|NotBefore: [A-Z][a-z]{2} |SAML(?:Response|Request)=")
"""A message itself, or a certificate's dates: not what is said of them."""

_QUOTED = re.compile(r"[\"“`]([^\"“”`\n]{12,600})[\"”`]")
_PERSON = re.compile(r"\b(?:we|our|i|my|us|since|yesterday|today|please|hello|hi|thanks|customers?|users say)\b")
_VALUE = r"[:=]?\s{0,3}(?:is\s|was\s|to be\s)?[\[\"'<`({]{0,2}([^\s\"'\]>,;`)}]{3,300})"
_THING = r"(?:audience|issuer|recipient|destination|entity id|value|certificate|fingerprint|nameid|state|nonce)"
_EXPECTED = re.compile(
    rf"\b(?:expected|configured|registered|should be|instead of|metadata has"
    rf"|not match (?:the )?(?:expected |configured )?(?:acs url|{_THING}))(?:\s{_THING})?{_VALUE}",
    re.IGNORECASE,
)
_GOT = re.compile(
    rf"\b(?:received at|received|actual|got|found|but was|given|provided|signed with|signed by)(?:\s{_THING})?{_VALUE}",
    re.IGNORECASE,
)
_BEFORE = re.compile(r"[\"'`]?([^\s\"'`]{6,300})[\"'`]? is not a valid audience", re.IGNORECASE)
_OF = re.compile(rf"\b{_THING}{_VALUE}", re.IGNORECASE)
_INSTANT = r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?\s?(?:Z|UTC|[+-]\d\d:?\d\d))"
_LIMIT = re.compile(
    rf"(?:not\s?before|notonorafter|not on or after|expired|expires|valid from|valid until)[^\d\n]{{0,40}}{_INSTANT}",
    re.IGNORECASE,
)
_CLOCK = re.compile(rf"(?:\bnow\b|current|clock|server time|local time)[^\d\n]{{0,40}}{_INSTANT}", re.IGNORECASE)
_AT_START = re.compile(rf"[\s\[\"]{{0,3}}{_INSTANT}")


def find_sso_messages(text: str) -> tuple[Piece, ...]:
    """The lines that say so by themselves; what a person writes in a sentence of their own stays with them."""
    return tuple(_pieces(text))


def sso_message_in(line: str) -> SsoMessage | None:
    """What a line, a sentence or a message of a log says of a sign-in that failed."""
    line = line[:LONGEST_TEXT]
    reason = _reason(line.lower())
    if reason is None or _MARKUP.search(line):
        return None
    limit, clock, start = _LIMIT.search(line), _CLOCK.search(line), _AT_START.match(line)
    return SsoMessage(
        reason=reason,
        text=" ".join(line.split())[:1_000],
        got=_got(line),
        expected=_named(_EXPECTED.search(line)),
        at=instant(start[1]) if start else None,
        at_idp=instant(limit[1]) if limit else None,
        at_sp=instant(clock[1]) if clock else None,
    )


def is_own_words(line: str) -> bool:
    """Whether a line is a person's own sentence, and not a line that a program wrote and a person pasted."""
    return _PERSON.search(line.lower()) is not None


def quoted_in(line: str) -> tuple[str, ...]:
    """What a person quotes within a sentence: words of a program, as they stood on the screen."""
    return tuple(match[1] for match in _QUOTED.finditer(line[:LONGEST_TEXT]))


def _pieces(text: str) -> Iterator[Piece]:
    found = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not 12 <= len(line) <= LONGEST_TEXT or is_own_words(line):
            continue
        message = sso_message_in(line)
        if message is not None:
            found += 1
            yield Piece("sso_message", number, number, (message,))
        if found >= MOST_LISTED:
            return


def _reason(lowered: str) -> SsoReason | None:
    for reason, groups in WORDS:
        if all(any(word in lowered for word in group) for group in groups):
            return None if reason in OTHER and OTHER[reason].search(lowered) else reason
    return None


def _got(line: str) -> str:
    before = _BEFORE.search(line)
    return before[1] if before else _named(_GOT.search(line)) or _named(_OF.search(line))


def _named(match: re.Match[str] | None) -> str:
    """The value, where it looks like one: an address or an identifier, and not the next word of the sentence."""
    if match is None:
        return ""
    value = match[1].rstrip(".:")
    return value if re.search(r"[:/_\d]|\w\.\w|\w-\w", value) else ""
