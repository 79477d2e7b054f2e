"""What the words of a message tell: the request, its status and duration, ids, an address.

A search that most messages would fail is only begun where a character that it needs is there: most lines of a log
tell nothing of this, and each is looked at.
"""

import re
from typing import Final

from tools.troubleshoot.reading.logs.fields import fill
from tools.troubleshoot.reading.logs.paths import host_of, path_of
from tools.troubleshoot.reading.logs.record import IdKind, Record
from tools.troubleshoot.reading.logs.structured import pairs_of
from tools.troubleshoot.reading.logs.values import milliseconds

LONGEST_READ = 1_000
"""Characters of a message that are looked at."""

_REQUEST = re.compile(
    r"\b(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \"?(https?://[^\s\"<>]{1,1000}+|/[^\s\"<>]{0,1000}+)\"?"
    r"(?: HTTP/[\d.]{1,3}+\"?)?"
)
_STATUS_NEXT = re.compile(r"(?: -| ->|:|,| returned| responded| =>| failed with| answered)? ([1-5]\d\d)(?![\w.%/])")
_THREE_DIGITS = re.compile(r"(?<![\w.,#/-])[1-5]\d\d(?![\w.%/]|,\d)")
_BEFORE_STATUS = re.compile(
    r"(?:\b(?:status(?:[ _]?code)?|http(?:/[\d.]{1,3}+)?|code|completed|returned|responded(?: with)?"
    r"|response|got|received|failed with|answered|error)\b|->|→)[\"']?[ :=]{1,3}+\(?[\"']?$",
    re.IGNORECASE,
)
_TOOK = re.compile(
    r"(?<![\w.])(\d{1,9}(?:\.\d{1,9})?) ?(ms|µs|us|ns|milliseconds|seconds|secs?|s)(?!\w)", re.IGNORECASE
)
_SPAN_WORD = re.compile(r"\b(?:in|took|after|duration|elapsed|latency|time)[ :=]{1,3}+$", re.IGNORECASE)
_UNITS: Final = {"ms": 1.0, "milliseconds": 1.0, "us": 1e-3, "µs": 1e-3, "ns": 1e-6}

_ID_VALUE = re.compile(r"[_ -]?(?:id|ID|Id|key|Key|KEY)[\"']?(?:[:=][ ]?| )[\"']?([\w-]{4,80}+)")
_NAMED_ID = re.compile(r"(event|delivery|idempotency|request|correlation|trace|order|payment|invoice)$", re.IGNORECASE)
_PREFIXED_ID = re.compile(r"(?<![\w-])(evt|req)_\w{6,80}+")
_KINDS: Final[dict[str, IdKind]] = {
    "event": "event_id",
    "evt": "event_id",
    "delivery": "delivery_id",
    "idempotency": "idempotency_key",
    "request": "request_id",
    "req": "request_id",
    "correlation": "request_id",
    "trace": "request_id",
    "order": "record_id",
    "payment": "record_id",
    "invoice": "record_id",
}
_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_BEFORE_CLIENT = re.compile(r"(?:\b(?:client|from|for|by)[ :=]{1,3}+|^)$", re.IGNORECASE)
_SYSTEM_CODE = re.compile(r"\b(E[A-Z]{4,15}|AADSTS\d{4,7}|ERR_[A-Z_]{3,40})\b")
_NO_CODES: Final = frozenset({"ERROR", "EVENT", "ENTRY", "EXPIRED", "EMPTY", "ENABLED", "ENTER", "EXTERNAL", "EUROPE"})
_RETRY_AFTER = re.compile(r"\bretry[- _]?after[\"']?[ :=]{1,3}+[\"']?(\d{1,6}(?:\.\d{1,3})?)(?![\w.])", re.IGNORECASE)


def read_words(record: Record) -> None:
    """Put what the message's words tell into the record; what it has already stays."""
    text = record.message[:LONGEST_READ]
    if "=" in text:
        fill(record, pairs_of(text))
    end = _read_request(record, text) if "/" in text else 0
    if record.status is None:
        record.status = _status(text, end)
    if record.duration_ms is None and (end or record.status is not None):
        record.duration_ms = _duration(text)
    _read_ids(record, text)
    if not record.client and text.count(".") >= 3:
        record.client = _client(text)
    if not record.error_code and "E" in text:
        code = _SYSTEM_CODE.search(text)
        record.error_code = code[1] if code and code[1] not in _NO_CODES else ""
    if record.retry_after is None and ("etry" in text or "ETRY" in text):
        told = _RETRY_AFTER.search(text)
        record.retry_after = float(told[1]) if told else None


def _read_request(record: Record, text: str) -> int:
    """Where the request ends in the text; 0 where there is none."""
    match = _REQUEST.search(text)
    if match is None:
        return 0
    if not record.path:
        record.method, record.path = match[1], path_of(match[2])
        record.host = record.host or host_of(match[2])
    return match.end()


def _status(text: str, end_of_request: int) -> int | None:
    """A status right after the request, or after a word that says so."""
    following = _STATUS_NEXT.match(text, end_of_request) if end_of_request else None
    if following:
        return int(following[1])
    for digits in _THREE_DIGITS.finditer(text):
        start = digits.start()
        if _BEFORE_STATUS.search(text, max(0, start - 24), start):
            return int(digits.group())
    return None


def _duration(text: str) -> float | None:
    """The duration of a request in ms: one after "in" or "took" before others; never the wait before a retry."""
    found = [match for match in _TOOK.finditer(text) if "etry" not in text[max(0, match.start() - 16) : match.start()]]
    named = (match for match in found if _SPAN_WORD.search(text, max(0, match.start() - 14), match.start()))
    best = next(named, found[0] if found and found[0][2].lower() in _UNITS else None)
    if best is None:
        return None
    return milliseconds(float(best[1]), _UNITS.get(best[2].lower(), 1e3))


def _read_ids(record: Record, text: str) -> None:
    """Ids after their names (`event id evt_1…`, `Idempotency-Key: …`), and those whose first letters tell."""
    if "_" in text:
        for match in _PREFIXED_ID.finditer(text):
            _add_id(record, _KINDS[match[1]], match.group())
    if "id" not in text and "ID" not in text and "ey" not in text and "Id" not in text:
        return
    for match in _ID_VALUE.finditer(text):
        named = _NAMED_ID.search(text, max(0, match.start() - 12), match.start())
        if named and any(character.isdigit() for character in match[1]):
            _add_id(record, _KINDS[named[1].lower()], match[1])


def _add_id(record: Record, kind: IdKind, value: str) -> None:
    if not any(kind == known for known, _ in record.ids):
        record.ids += ((kind, value),)


def _client(text: str) -> str:
    for address in _ADDRESS.finditer(text):
        if _BEFORE_CLIENT.search(text, max(0, address.start() - 8), address.start()):
            return address.group()
    return ""
