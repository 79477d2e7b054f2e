"""Reads HAR files (HTTP Archive 1.2): the requests that failed and the slowest ones, with their timings."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import ijson  # type: ignore[import-untyped]

from tools.troubleshoot.facts.base import LONGEST_TEXT, Fact
from tools.troubleshoot.facts.http import ClientError, Exchange
from tools.troubleshoot.reading.client_errors import client_error
from tools.troubleshoot.reading.exchanges import Message, exchange_of
from tools.troubleshoot.reading.headers import LONGEST_VALUE, MOST_HEADERS
from tools.troubleshoot.reading.instants import instant
from tools.troubleshoot.reading.json_bodies import facts_of_bodies
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.webhooks import delivery_of

MOST_ENTRIES = 50_000
MOST_FAILURES, MOST_SLOW = 40, 12
TIMINGS = ("blocked", "dns", "connect", "ssl", "send", "wait", "receive")

_BEGIN = re.compile(r"^[ \t]*\{", re.MULTILINE)
_SAMPLE = 4_000


def find_har(text: str) -> tuple[Piece, ...]:
    """The HAR that the text is, or that begins in it; what it was cut off at is noted."""
    begin = _BEGIN.search(text[: 20 * _SAMPLE])
    if begin is None or '"log"' not in text[begin.start() : begin.start() + _SAMPLE] or '"entries"' not in text:
        return ()
    har = text[begin.start() :].strip()
    entries, note = _entries(har)
    if not entries:
        return ()
    first = text.count("\n", 0, begin.start()) + 1
    last = first + har.count("\n")
    kept = sorted({*_failed(entries), *_slowest(entries)})
    facts = [fact for place in kept for fact in _facts(entries[place], _line(har, entries[place]))]
    left_out = len(entries) - len(kept)
    notes = [note, f"{len(entries):,} requests, of which {left_out:,} neither failed nor were slow" if left_out else ""]
    return (Piece("har", first, last, tuple(facts), tuple(each for each in notes if each)),)


def _entries(har: str) -> tuple[list[dict[str, Any]], str]:
    """The entries, and what could not be read of them."""
    try:
        value = json.JSONDecoder().raw_decode(har)[0]
        log = value.get("log") if isinstance(value, dict) else None
        entries = log.get("entries") if isinstance(log, dict) else None
        listed = entries if isinstance(entries, list) else []
        note = ""
    except (ValueError, RecursionError):
        listed = list(_until_broken(har))
        note = f"it is broken after {len(listed):,} requests"
    valid = [entry for entry in listed[:MOST_ENTRIES] if isinstance(entry, dict)]
    return valid, note


def _until_broken(har: str) -> Iterator[Any]:
    """The entries before the place at which the file is cut off or broken."""
    source = io.BytesIO(har.encode(errors="replace"))
    try:
        yield from islice(ijson.items(source, "log.entries.item", use_float=True), MOST_ENTRIES)
    except (ijson.JSONError, ValueError, RecursionError, UnicodeError):
        return


def _failed(entries: list[dict[str, Any]]) -> list[int]:
    failed = (place for place, entry in enumerate(entries) if not 0 < _status(entry) < 400)
    return list(islice(failed, MOST_FAILURES))


def _slowest(entries: list[dict[str, Any]]) -> list[int]:
    return sorted(range(len(entries)), key=lambda place: -_number(entries[place].get("time")))[:MOST_SLOW]


def _facts(entry: dict[str, Any], line: int) -> list[Fact]:
    exchange = _exchange(entry, line)
    error = client_error(exchange.error) if exchange.error else None
    found: list[Fact] = [fact for fact in (delivery_of(exchange), exchange) if fact is not None]
    if isinstance(error, ClientError):
        found.append(error.model_copy(update={"line": line, "host": error.host or exchange.host, "at": exchange.at}))
    body = Message(False, 0, 0, body=exchange.response_body, body_line=line - 1)
    return [*found, *facts_of_bodies([body])] if exchange.failed else found


def _exchange(entry: dict[str, Any], line: int) -> Exchange:
    asked, answered = _object(entry, "request"), _object(entry, "response")
    request = Message(
        True,
        0,
        0,
        _text(asked.get("method")) or None,
        _text(asked.get("url")) or None,
        headers=_headers(asked),
        body=_body(_object(asked, "postData").get("text")),
    )
    status = _status(entry)
    response = Message(
        False,
        0,
        0,
        status=status or None,
        reason=_text(answered.get("statusText")),
        headers=_headers(answered),
        body=_body(_object(answered, "content").get("text")),
    )
    started = _text(entry.get("startedDateTime"))
    exchange = exchange_of(request, response, "har", line=line)
    return exchange.model_copy(
        update={
            "at": instant(started) or exchange.at,
            "at_text": started or exchange.at_text,
            "duration_ms": _number(entry.get("time")) or None,
            "timings": _timings(_object(entry, "timings")),
            "error": "" if status else _error(entry, answered),
            "response_bytes": _size(answered),
        }
    )


def _timings(told: Mapping[str, Any]) -> dict[str, float]:
    """In ms; -1 says that a phase did not take place. HAR counts TLS within connect, we count it apart."""
    times = {
        name: _number(told[name]) for name in TIMINGS if isinstance(told.get(name), int | float) and told[name] >= 0
    }
    if "ssl" in times and "connect" in times:
        times["connect"] = max(times["connect"] - times["ssl"], 0.0)
    return times


def _error(entry: dict[str, Any], answered: Mapping[str, Any]) -> str:
    """Why there was no answer: browsers write it beside the format, each in its own place."""
    for told in (answered.get("_error"), entry.get("_error"), answered.get("statusText")):
        if isinstance(told, str) and told:
            return told[:500]
    return "no answer"


def _headers(message: Mapping[str, Any]) -> dict[str, str]:
    listed = message.get("headers")
    pairs = listed[:MOST_HEADERS] if isinstance(listed, list) else []
    return {
        _text(pair.get("name")).lower()[:100]: _text(pair.get("value"))[:LONGEST_VALUE]
        for pair in pairs
        if isinstance(pair, dict) and pair.get("name")
    }


def _line(har: str, entry: dict[str, Any]) -> int:
    """The line at which the entry begins, by its time, which is written once as a rule."""
    started = _text(entry.get("startedDateTime"))
    place = har.find(f'"{started}"') if started else -1
    return har.count("\n", 0, place) + 1 if place > 0 else 1


def _size(answered: Mapping[str, Any]) -> int | None:
    for told in (answered.get("_transferSize"), answered.get("bodySize")):
        if isinstance(told, int) and 0 < told < 10**15:
            return told
    return None


def _status(entry: dict[str, Any]) -> int:
    status = _object(entry, "response").get("status")
    return status if isinstance(status, int) and not isinstance(status, bool) and 0 <= status <= 999 else 0


def _number(told: Any) -> float:
    """A time in ms; what is no sensible one counts as 0."""
    return float(told) if isinstance(told, int | float) and 0 <= told < 10**12 else 0.0


def _object(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = of.get(name)
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value[:LONGEST_VALUE] if isinstance(value, str) else ""


def _body(value: Any) -> str | None:
    return value[: 4 * LONGEST_TEXT] if isinstance(value, str) and value else None
