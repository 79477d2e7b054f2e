"""Instants and spans of time as clues tell them, and when a call was made, by which clock."""

import datetime as dt
import re
from dataclasses import dataclass

from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.reading.instants import http_date, instant

_CLOCK_OF = {
    "log": "by the log's clock",
    "curl": "by the caller's clock",
    "har": "by the browser's clock",
    "http": "by the caller's clock",
    "code": "by the caller's clock",
    "trace": "by the trace's clock",
}
_ZONED = re.compile(r"(?:Z|UTC|GMT|[+-]\d\d:?\d\d)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clocked:
    """An instant and the clock that told it."""

    moment: dt.datetime
    clock: str

    def __str__(self) -> str:
        return f"{told(self.moment)}, {self.clock}"


def told(moment: dt.datetime) -> str:
    """The instant in UTC, to the second."""
    return f"{moment.astimezone(dt.UTC):%Y-%m-%d %H:%M:%S} UTC"


def span(seconds: float) -> str:
    """A length of time in its two largest units: `3 min 29 s`."""
    left = abs(round(seconds))
    parts = []
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def server_time(exchange: Exchange) -> dt.datetime | None:
    """When the server says that it answered, by its Date header."""
    return http_date(exchange.response_headers.get("date", ""))


def call_time(exchange: Exchange) -> Clocked | None:
    """When the call was made. The server's clock comes first: it is the one that judges a token."""
    at_server = server_time(exchange)
    if at_server is not None:
        return Clocked(at_server, "by the server's Date header")
    return Clocked(exchange.at, _CLOCK_OF[exchange.source]) if exchange.at else None


def stated_time(case: Case) -> Clocked | None:
    """The first moment that the person states with its day and zone."""
    for moment in case.statement.moments:
        at = instant(moment.text) if _ZONED.search(moment.text) else None
        if at is not None:
            return Clocked(at, "as the message says")
    return None
