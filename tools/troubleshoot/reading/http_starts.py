"""Tells the lines with which an HTTP request or response begins, as the protocol, tools and people write them."""

import re
from dataclasses import dataclass
from http import HTTPStatus

LONGEST_LINE = 8_000

_METHOD = r"(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|CONNECT|TRACE)"
_TARGET = r"(?P<url>https?://[^\s\"'<>]{1,4000}|/[^\s\"'<>]{0,4000})"
_STATUS = r"(?P<status>[1-5]\d\d)"
_REASON = r"(?P<reason>(?-i:[A-Z])[A-Za-z'-]{1,20}(?: [A-Za-z][A-Za-z'-]{0,20}){0,5})"
_TOOK = r"(?:[ ,]{1,3}\(?(?:in )?(?P<took>\d{1,7}(?:\.\d{1,3})?) ?(?P<unit>ms|s)\)?)?"
_BODY = r"(?P<body>[\[{].*)"
_TAIL = r"(?: \((?P<tail>[^()\n]{1,300})\))?"
_ARROW = r"(?:→|⇒|←|->|-->|=>|==>|<-|<--|<=)"

_REQUEST = re.compile(rf"{_METHOD} (?P<url>\S{{1,4000}}) HTTP/(?P<version>\d(?:\.\d)?)")
_RESPONSE = re.compile(rf"HTTP/(?P<version>\d(?:\.\d)?) {_STATUS}(?: (?P<reason>.{{0,100}}))?")

_SAID = rf"{_STATUS}(?:[: ]{{1,2}}\(?{_REASON}\)?)?"
_RESULT = (
    rf"(?: {{0,3}}(?:{_ARROW}|:|-|returned|returns|gave|gives|failed with|responded with)? {{0,3}}"
    rf"(?:HTTP[ /]?(?:[\d.]{{1,3}} )?|status:? )?{_SAID}{_TOOK}(?: {{0,2}}[:-]? {{0,2}}{_BODY})?)?"
)


def _loose(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_LOOSE = (
    # POST https://api.example.com/x, perhaps with → 401 Unauthorized
    _loose(
        rf"(?:(?:request|endpoint|call|url)[:=] {{0,3}}|{_ARROW} )?{_METHOD} {{1,3}}{_TARGET}"
        rf"(?: HTTP/(?P<version>\d(?:\.\d)?))?{_RESULT}"
    ),
    # Status code: 429 Too Many Requests
    _loose(rf"(?:(?:http|response) )?status(?:[ _-]?code)?[\"']?(?: {{0,2}}[:=] {{0,2}}| ){_SAID}{_TAIL},?"),
    # <-- 401 Unauthorized https://api.example.com/x (12ms)
    _loose(rf"{_ARROW} {{0,2}}(?:HTTP/\S{{1,3}} )?{_SAID}(?: {_TARGET})?{_TOOK}(?: {_BODY})?"),
    # < 401
    _loose(rf"<{{1,2}} ?(?:HTTP/(?P<version>\d(?:\.\d)?) )?{_SAID}{_TOOK}(?: {_BODY})?"),
    # Response: 502 Bad Gateway
    _loose(
        r"(?:response|result|reply|returns?|returned|got|answer|output|error|http(?:/[\d.]{1,3})?)(?: code| status)?"
        rf"(?::|=|) {{1,2}}(?:HTTP )?{_SAID}{_TOOK}(?: {{0,2}}[:,-]? {{0,2}}{_BODY}|{_TAIL})"
    ),
)
_BARE = re.compile(
    rf"(?:HTTP )?{_STATUS}(?:[ :-]{{1,3}}\(?(?P<reason>[A-Za-z][A-Za-z' -]{{1,40}}?)\)?)?"
    rf"(?: {{0,2}}[:-]? {{0,2}}{_BODY}|:[ ](?P<tail>[^\n]{{1,300}}))?",
)
_MAY_START = re.compile(r"[1-5]\d\d|/")
_BULLET = re.compile(r"(?:[-•] |\d{1,2}[.)] )(?=\S)")
_PHRASES = {status.value: status.phrase.lower() for status in HTTPStatus} | {
    302: "found",
    413: "payload too large",
    422: "unprocessable entity",
}
_OTHER_PHRASES = frozenset(
    {"request entity too large", "content too large", "unprocessable content", "moved temporarily"}
)


@dataclass(frozen=True, slots=True)
class Start:
    """What the first line of a message says; a line such as `GET /x → 404` is both request and response."""

    method: str | None = None
    url: str | None = None
    version: str = ""
    status: int | None = None
    reason: str = ""
    body: str | None = None
    took_ms: float | None = None

    @property
    def is_request(self) -> bool:
        return self.method is not None


def strict_start(line: str) -> Start | None:
    """The start line of a message by the protocol (RFC 9112 §2.1)."""
    line = line.strip()[:LONGEST_LINE]
    match = _REQUEST.fullmatch(line)
    if match:
        return Start(match["method"], match["url"], match["version"])
    match = _RESPONSE.fullmatch(line)
    return Start(status=int(match["status"]), reason=match["reason"] or "", version=match["version"]) if match else None


def loose_start(line: str) -> Start | None:
    """The start of a message as tools and people write it, by a line that holds nothing else; None for prose."""
    line = line.strip()[:LONGEST_LINE]
    found = strict_start(line)
    if found is not None:
        return found
    if not _MAY_START.search(line):
        return None
    line = _BULLET.sub("", line, count=1).strip("`")
    match = next((match for pattern in _LOOSE if (match := pattern.fullmatch(line))), None)
    return _of(match) if match else _bare(line)


def _of(match: re.Match[str]) -> Start:
    said = match.groupdict()
    took = float(said["took"]) * (1_000 if said["unit"] == "s" else 1) if said.get("took") else None
    return Start(
        said["method"].upper() if said.get("method") else None,
        said.get("url"),
        said.get("version") or "",
        int(said["status"]) if said.get("status") else None,
        (said.get("reason") or "").strip(),
        said.get("body") or said.get("tail"),
        took,
    )


def _bare(line: str) -> Start | None:
    """A status by itself counts with its own phrase, with a body, or as `HTTP 401`: not any number does."""
    match = _BARE.fullmatch(line)
    if match is None:
        return None
    status, reason = int(match["status"]), (match["reason"] or "").strip()
    named = reason.lower() == _PHRASES.get(status) or reason.lower() in _OTHER_PHRASES
    if reason and not named:
        return None
    if not (named or match["body"] or (line.startswith("HTTP ") and not match["tail"])):
        return None
    return Start(status=status, reason=reason, body=match["body"] or match["tail"])
