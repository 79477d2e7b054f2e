"""Finds what clients say where they got no answer, each error once with how often it is said."""

import re
from collections.abc import Iterator
from typing import Any

from tools.troubleshoot.facts.http import ClientError
from tools.troubleshoot.reading.client_error_words import ALL, STEMS
from tools.troubleshoot.reading.client_words import Words
from tools.troubleshoot.reading.instants import instant
from tools.troubleshoot.reading.parser import Piece

MOST_LINES = 200_000
MOST_TRIED = 150_000
"""Characters of lines that are read closely, each line once that is like no other; a long log repeats them."""

MOST_ERRORS = 40
LONGEST_LINE = 2_000

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
_URL_HOST = re.compile(rf"\b[a-z]{{2,12}}://(?:[^/\s@]{{1,100}}@)?(?P<host>{_HOST})(?::(?P<port>\d{{1,5}}))?")
_TARGETS = (
    re.compile(rf"host='(?P<host>{_HOST})', port=(?P<port>\d{{1,5}})"),
    re.compile(
        r"(?:dial|read"
        r"|write) tcp (?:[\d.:\[\]a-f]{3,60}->)?(?:lookup )?\[?(?P<host>[^\s\]:]{1,253})\]?(?::(?P<port>\d{1,5}))?"
    ),
    re.compile(rf"\blookup (?P<host>{_HOST})"),
    _URL_HOST,
    re.compile(
        rf"(?:ECONNREFUSED|ETIMEDOUT|ECONNRESET|EHOSTUNREACH|ENETUNREACH|connect) (?P<host>\d[\d.]{{6,14}}|::1"
        rf"|{_HOST}):(?P<port>\d{{1,5}})"
    ),
    re.compile(rf"(?:ENOTFOUND|EAI_AGAIN|UnknownHostException:) (?P<host>{_HOST})(?::(?P<port>\d{{1,5}}))?"),
    re.compile(
        rf"(?:Failed to connect to|connect to(?! host)|Could not resolve (?:host|proxy):"
        rf"|resolve host address) [‘']?(?P<host>{_HOST})[’']?(?: \([^)]{{1,60}}\))?(?: port (?P<port>\d{{1,5}}))?"
    ),
    re.compile(rf"connection to server at \"(?P<host>{_HOST})\"(?: \([^)]{{1,60}}\))?, port (?P<port>\d{{1,5}})"),
    re.compile(rf"Cannot connect to host (?P<host>{_HOST}):(?P<port>\d{{1,5}})"),
    re.compile(rf"Connection to (?P<host>{_HOST}) timed out"),
    re.compile(rf"Connect to (?P<host>{_HOST}):(?P<port>\d{{1,5}})"),
    re.compile(rf"\((?P<host>{_HOST}):(?P<port>\d{{1,5}})\)"),
    re.compile(rf"(?:certificate is not valid for|target host(?: name)?|\bHost:|hostname) '?(?P<host>{_HOST})"),
    re.compile(rf"attempted address(?:es)?: (?P<host>{_HOST}):(?P<port>\d{{1,5}})"),
    re.compile(rf"can't find (?P<host>{_HOST})"),
)
_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
_AFTER = re.compile(
    r"(?:after|timeout of|timeout[= ]|exceeded timeout of|Timeout of"
    r"|timeout: ?)[ ]?(?P<value>\d{1,9}(?:\.\d{1,6})?) ?(?P<unit>milliseconds|ms|seconds|secs?|s)?"
)
_VARYING = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.,]{5,20}|\d\d:\d\d:\d\d[\d.,]{0,10}|\d{5,}|\b[0-9a-f]{8,}\b")
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_NOT_SAID = re.compile(r"^\s*(?:Traceback|File \"|at |raise |throw |except\b|\}? ?catch\b|import |from \w)")


def find_client_errors(text: str) -> tuple[Piece, ...]:
    """The lines with such errors; of equal ones the first, with their count."""
    if not any(stem in text for stem in STEMS):
        return ()
    found: dict[tuple[Any, ...], tuple[int, ClientError]] = {}
    for number, error in _errors(text):
        key = (error.reason, error.host, error.port, error.library)
        first, known = found.get(key, (number, error))
        if key in found:
            known = known.model_copy(update={"count": known.count + 1})
        if key in found or len(found) < MOST_ERRORS:
            found[key] = (first, known)
    return tuple(Piece("client_error", number, number, (error,)) for number, error in found.values())


def client_error(line: str) -> ClientError | None:
    """The error that a line tells of; None where it tells of none."""
    line = line[:LONGEST_LINE]
    if not any(stem in line for stem in STEMS):
        return None
    words = next((words for words in ALL if words.pattern.search(line)), None)
    return _error(line, words) if words else None


def _errors(text: str) -> Iterator[tuple[int, ClientError]]:
    read: dict[str, ClientError | None] = {}
    left = MOST_TRIED
    for number, line in enumerate(text.split("\n")[:MOST_LINES], start=1):
        if not any(stem in line for stem in STEMS) or _NOT_SAID.match(line):
            continue
        like = _VARYING.sub("#", line[:LONGEST_LINE])
        if like not in read and left > 0:
            left -= len(like)
            read[like] = client_error(line)
        if error := read.get(like):
            yield number, error


def _error(line: str, words: Words) -> ClientError:
    host, port = _target(line)
    address = _ADDRESS.search(line)
    clock = _CLOCK.search(line)
    return ClientError(
        reason=words.reason,
        text=line.strip()[:1_000],
        host=host,
        port=port,
        address=address.group() if address else None,
        library=words.library,
        after_seconds=_after(line),
        at=instant(line[clock.start() :]) if clock else None,
    )


def _target(line: str) -> tuple[str | None, int | None]:
    """Host and port. Where the connection is told by its address alone, the host is the one of the URL beside it."""
    match = next((match for pattern in _TARGETS if (match := pattern.search(line))), None)
    if match is None:
        return None, None
    host, port = match["host"].lower(), match.groupdict().get("port")
    url = _URL_HOST.search(line) if _ADDRESS.fullmatch(host) else None
    return url["host"].lower() if url else host, int(port) if port and int(port) < 65_536 else None


def _after(line: str) -> float | None:
    """How long it waited, in seconds. A number without a unit is in ms where it is large."""
    match = _AFTER.search(line)
    if match is None:
        return None
    value = float(match["value"])
    unit = match["unit"] or ("ms" if value >= 1_000 else "s")
    return value / 1_000 if unit.startswith("m") else value
