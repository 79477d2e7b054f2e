"""Finds what HTTP libraries say of a status that came back, such as `Request failed with status code 429`."""

import re

from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.reading.exchanges import Message
from tools.troubleshoot.reading.json_bodies import facts_of_bodies
from tools.troubleshoot.reading.parser import Piece

MOST_MESSAGES = 20
MOST_LINES = 50_000
LONGEST_LINE = 4_000

_URL = r"(?P<url>https?://[^\s'\"<>,;)\]]{1,2000})"
_STATUS = r"(?P<status>[45]\d\d)"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_STATUS} (?:Client|Server) Error: (?P<reason>[^\n:]{{0,60}}?) for url: {_URL}",
        rf"(?:Client|Server) error '{_STATUS} (?P<reason>[^'\n]{{1,60}})' for url '{_URL}'",
        rf"Request failed with status code {_STATUS}",
        rf"Response status code does not indicate success: {_STATUS} \((?P<reason>[^)\n]{{1,60}})\)",
        rf"HTTP Error {_STATUS}: (?P<reason>[A-Za-z][^\n]{{1,60}})",
        rf"Http(?:Client|Server)ErrorException(?:\$\w{{1,40}})?: {_STATUS} (?P<reason>[A-Z][\w ]{{1,40}}?)(?:: |$)",
        rf"Error code: {_STATUS} - (?P<body>\{{[^\n]{{1,2000}})",
        rf"Server returned HTTP response code: {_STATUS} for URL: {_URL}",
        rf"WebClientResponseException(?:\$\w{{1,40}})?: {_STATUS} (?P<reason>[A-Z][\w ]{{1,40}})"
        rf" from (?P<method>[A-Z]{{3,7}}) {_URL}",
        rf"FeignException(?:\$\w{{1,40}})?: \[{_STATUS} (?P<reason>[^\]\n]{{0,60}})\]"
        rf" during \[(?P<method>[A-Z]{{3,7}})\] to \[{_URL}\]",
        rf"\b(?P<method>GET|POST|PUT|PATCH|DELETE|HEAD"
        rf"|OPTIONS) {_URL} (?:net::ERR_\w{{1,60}} )?{_STATUS}(?: \((?P<reason>[^)\n]{{0,60}})\))?",
        rf"Failed to load resource: the server responded with a status of {_STATUS} \((?P<reason>[^)\n]{{0,60}})\)",
        rf"unexpected status(?: code)?:? {_STATUS}(?: (?P<reason>[A-Z][a-z]{{1,20}}(?: [A-Z][a-z]{{1,20}}){{0,3}}))?",
    )
)
_WORDS = (
    " Error: ",
    "error '",
    "status code",
    "HTTP Error",
    "ErrorException",
    "Error code:",
    "response code:",
    "ResponseException",
    "FeignException",
    "http",
    "status of",
    "unexpected status",
)


def find_status_messages(text: str) -> tuple[Piece, ...]:
    """The lines in which a library tells of an error status, each status and address once."""
    found: dict[tuple[int | None, str | None], Piece] = {}
    for number, line in enumerate(text.split("\n")[:MOST_LINES], start=1):
        if len(found) >= MOST_MESSAGES:
            break
        if not any(word in line for word in _WORDS):
            continue
        read = _read(line[:LONGEST_LINE])
        if read is not None:
            exchange, body = read
            message = Message(False, 0, 0, body=body)
            piece = Piece("http", number, number, (exchange, *facts_of_bodies([message])))
            found.setdefault((exchange.status, exchange.url), piece)
    return tuple(found.values())


def _read(line: str) -> tuple[Exchange, str | None] | None:
    match = next((match for pattern in _PATTERNS if (match := pattern.search(line))), None)
    if match is None:
        return None
    said = match.groupdict()
    exchange = Exchange(
        source="code",
        method=said.get("method"),
        url=said.get("url"),
        status=int(said["status"]),
        reason=(said.get("reason") or "").strip(),
        response_body=said.get("body"),
    )
    return exchange, said.get("body")
