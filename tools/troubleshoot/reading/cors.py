"""Reads what the consoles of Chrome, Firefox and Safari say of requests that CORS blocked (Fetch standard, §3.2)."""

import re
from typing import Literal

from tools.troubleshoot.facts.base import LONGEST_TEXT
from tools.troubleshoot.facts.http import CorsMessage
from tools.troubleshoot.reading.parser import Piece

Reason = Literal[
    "no_allow_origin",
    "origin_not_allowed",
    "several_origins",
    "credentials_wildcard",
    "credentials_not_allowed",
    "preflight_status",
    "preflight_redirect",
    "header_not_allowed",
    "method_not_allowed",
    "private_network",
    "other",
]

MOST_MESSAGES = 30
MOST_LINES = 50_000

_WORDS = ("CORS", "Access-Control", "access control check", "Same Origin Policy", "Preflight response")
_IS_MESSAGE = re.compile(
    r"blocked by CORS policy|Cross-Origin Request Blocked|due to access control checks"
    r"|is not allowed by Access-Control-Allow-(?:Origin|Headers|Methods)|Preflight response is not successful"
    r"|Credentials flag is true, but|Cannot use wildcard in Access-Control-Allow-Origin"
    r"|Redirect is not allowed for a preflight request"
    r"|Response to preflight request doesn['’]t pass access control check"
)
_REASONS: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (
        "preflight_redirect",
        re.compile(r"Redirect is not allowed for a preflight|CORS request external redirect not allowed"),
    ),
    (
        "preflight_status",
        re.compile(
            r"It does not have HTTP ok status|CORS preflight (?:response|channel) did not succeed"
            r"|Preflight response is not successful"
        ),
    ),
    (
        "header_not_allowed",
        re.compile(
            r"Request header field (?P<a>[\w-]{1,80}) is not allowed by Access-Control-Allow-Headers"
            r"|header ['‘](?P<b>[\w-]{1,80})['’] is not allowed according to header ['‘]Access-Control-Allow-Headers"
            r"|missing token ['‘](?P<c>[\w-]{1,80})['’] in CORS header ['‘]Access-Control-Allow-Headers"
        ),
    ),
    (
        "method_not_allowed",
        re.compile(
            r"Method (?P<a>[A-Z]{1,20}) is not allowed by Access-Control-Allow-Methods"
            r"|Did not find method in CORS header ['‘]Access-Control-Allow-Methods"
        ),
    ),
    (
        "credentials_wildcard",
        re.compile(
            r"must not be the wildcard|Credential is not supported if the CORS header"
            r"|Cannot use wildcard in Access-Control-Allow-Origin"
        ),
    ),
    (
        "credentials_not_allowed",
        re.compile(
            r"['‘]?Access-Control-Allow-Credentials['’]? header in the response is|Credentials flag is true, but"
            r"|expected ['‘]true['’] in CORS header ['‘]Access-Control-Allow-Credentials"
        ),
    ),
    (
        "several_origins",
        re.compile(
            r"contains multiple values ['‘\"](?P<a>[^'’\"]{1,300})|Multiple CORS header ['‘]Access-Control-Allow-Origin"
        ),
    ),
    (
        "origin_not_allowed",
        re.compile(
            r"that is not equal to the supplied origin|CORS header ['‘]Access-Control-Allow-Origin['’] does not match"
            r"|Origin \S{1,300} is not allowed by Access-Control-Allow-Origin|contains the invalid value"
        ),
    ),
    (
        "private_network",
        re.compile(r"more-private address space|Access-Control-Allow-Private-Network|loopback. address space"),
    ),
    (
        "no_allow_origin",
        re.compile(
            r"No ['‘]Access-Control-Allow-Origin['’] header is present"
            r"|CORS header ['‘]Access-Control-Allow-Origin['’] missing"
        ),
    ),
)
_ORIGIN = re.compile(
    r"from origin ['‘\"](?P<a>[^'’\"\s]{1,300})|\bOrigin (?P<b>https?://[^\s'\"]{1,300}) is not allowed"
)
_URL = re.compile(
    r"Access to .{1,40}? at ['‘\"](?P<a>[^'’\"\s]{1,2000})"
    r"|remote resource at (?P<b>https?://[^\s'\"]{1,2000}?)[.,]?(?= |$)"
    r"|(?:XMLHttpRequest|Fetch API|EventSource) cannot load (?P<c>https?://[^\s'\"]{1,2000}?)[.,]?(?= |$)"
)
_STATUS = re.compile(r"[Ss]tatus code: (\d{3})\b")


def find_cors(text: str) -> tuple[Piece, ...]:
    """The lines with such messages, each once."""
    if not any(word in text for word in _WORDS):
        return ()
    found: dict[str, Piece] = {}
    for number, line in enumerate(text.split("\n")[:MOST_LINES], start=1):
        message = cors_message(line)
        if message is not None and message.text not in found and len(found) < MOST_MESSAGES:
            found[message.text] = Piece("cors", number, number, (message,))
    return tuple(found.values())


def cors_message(line: str) -> CorsMessage | None:
    """The message of a line; None where it is none."""
    line = line[:LONGEST_TEXT]
    if not any(word in line for word in _WORDS) or not _IS_MESSAGE.search(line):
        return None
    reason, detail = _reason(line)
    status = _STATUS.search(line)
    return CorsMessage(
        reason=reason,
        text=line.strip(),
        origin=_named(_ORIGIN, line),
        url=_named(_URL, line),
        detail=detail,
        status=int(status[1]) if status else None,
    )


def _reason(line: str) -> tuple[Reason, str]:
    for reason, pattern in _REASONS:
        if match := pattern.search(line):
            return reason, next((group for group in match.groups() if group), "")
    return "other", ""


def _named(pattern: re.Pattern[str], line: str) -> str | None:
    match = pattern.search(line)
    return next((group for group in match.groups() if group), None) if match else None
