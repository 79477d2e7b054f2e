"""Reads the calls of an API in pasted code: Python's requests and httpx, fetch, axios, Java's and Go's clients."""

import re

from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.reading.exchanges import Message, exchange_of

MOST_CALLS = 10
REACH = 2_000
"""Characters after the beginning of a call in which its headers and options stand."""

_CALL = re.compile(
    r"\b(?:requests|httpx|session|client|axios|http|\$http|got|superagent|ky|restTemplate|HTTParty|Faraday)"
    r"\.(?P<method>get|post|put|patch|delete|head)\(\s*f?(?P<quote>[\"'`])(?P<url>(?:https?://|/|\$\{"
    r"|\{)[^\"'`\n]{1,2000})(?P=quote)"
    r"|\bfetch\(\s*(?P<fetched>[\"'`])(?P<address>(?:https?://|/|\$\{)[^\"'`\n]{1,2000})(?P=fetched)"
    r"|\bhttp\.NewRequest(?:WithContext)?\((?:ctx, ?)?(?:\"(?P<verb>[A-Z]{3,7})\""
    r"|http\.Method(?P<named>[A-Z][a-z]{2,6})), ?\"(?P<target>https?://[^\"\n]{1,2000})\"",
    re.IGNORECASE,
)
_METHOD = re.compile(r"\bmethod[\"']?\s*:\s*[\"'`]([A-Za-z]{3,7})[\"'`]")
_HEADER = re.compile(
    r"[\"'`]?(?P<name>Authorization|Content-Type|Accept|Idempotency-Key|User-Agent"
    r"|(?:X-)?(?:[A-Za-z]{1,20}-)?Api-?Key)[\"'`]?"
    r"\s*(?::|,|=>|\]\s*=)\s*f?[\"'`](?P<value>[^\"'`\n]{0,500})[\"'`]",
    re.IGNORECASE,
)
_TIMEOUT = re.compile(r"\btimeout\s*[=:]\s*(\d{1,7}(?:\.\d{1,3})?)\b")
_FILLED = re.compile(r"\$\{[^}]{0,100}\}|\{[^{}]{0,100}\}")


def calls_in(code: str) -> tuple[Exchange, ...]:
    """The requests that the code sends, as far as they are written out. What it fills in itself stays open."""
    starts = list(_CALL.finditer(code))[:MOST_CALLS]
    ends = [*(match.start() for match in starts), len(code)][1:]
    return tuple(_exchange(code, match, end) for match, end in zip(starts, ends, strict=True))


def _exchange(code: str, match: re.Match[str], end: int) -> Exchange:
    said = match.groupdict()
    options = code[match.end() : min(end, match.end() + REACH)]
    stated = _METHOD.search(options)
    method = said["method"] or said["verb"] or said["named"] or (stated[1] if stated else "GET")
    around = code[max(match.start() - REACH, 0) : match.end()] + options
    headers = {found["name"].lower(): found["value"] for found in _HEADER.finditer(around)}
    asked = Message(
        True,
        0,
        0,
        method.upper(),
        said["url"] or said["address"] or said["target"],
        headers={name: value for name, value in headers.items() if not _FILLED.search(value)},
    )
    line = code.count("\n", 0, match.start()) + 1
    exchange = exchange_of(asked, None, "code", line=line)
    timeout = _TIMEOUT.search(options)
    return exchange.model_copy(update={"timeout_seconds": _seconds(said, timeout)})


def _seconds(said: dict[str, str | None], timeout: re.Match[str] | None) -> float | None:
    """Python's timeouts are in seconds, those of JavaScript in ms: large ones are."""
    if timeout is None:
        return None
    value = float(timeout[1])
    return value / 1_000 if value >= 500 else value
