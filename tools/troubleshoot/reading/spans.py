"""Reads one span of OTLP JSON: when it ran, of what kind it was, whom it called, how it ended."""

import math
from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["ok", "error", "unset"]

_KINDS = ("", "internal", "server", "client", "producer", "consumer")
_STATUSES: tuple[Status, ...] = ("unset", "ok", "error")
_LATEST, _LONGEST_NUMBER = 2**64, 20  # a fixed64 of the protocol, and its digits
_HTTP_STATUS = ("http.response.status_code", "http.status_code")
_PEERS = ("peer.service", "server.address", "net.peer.name", "http.host", "db.system.name", "db.system")
"""OpenTelemetry's names for whom a span calls, today's and those before, the most telling first."""


@dataclass(frozen=True, slots=True)
class Span:
    """A span: `start` and `end` in ns since 1970, the end never before the start."""

    trace_id: str
    id: str
    parent: str
    service: str
    name: str
    kind: str
    start: int
    end: int
    status: Status
    message: str
    http_status: int | None
    peer: str


def span_of(written: dict[str, Any], service: str) -> Span | None:
    """The span; None where it does not say when it began and ended."""
    start = _nanoseconds(_either(written, "startTimeUnixNano", "start_time_unix_nano"))
    end = _nanoseconds(_either(written, "endTimeUnixNano", "end_time_unix_nano"))
    if start is None or end is None:
        return None
    attributes = _attributes(written.get("attributes"))
    ended = written.get("status")
    status = ended if isinstance(ended, dict) else {}
    return Span(
        trace_id=_text(_either(written, "traceId", "trace_id"), 64),
        id=_text(_either(written, "spanId", "span_id"), 64),
        parent=_text(_either(written, "parentSpanId", "parent_span_id"), 64).strip("0"),
        service=service,
        name=_text(written.get("name"), 200),
        kind=_named(written.get("kind"), _KINDS, "SPAN_KIND_", ""),
        start=start,
        end=max(start, end),
        status=_status(status.get("code")),
        message=_text(status.get("message"), 500),
        http_status=_http_status(attributes),
        peer=next((attributes[name][:200] for name in _PEERS if attributes.get(name)), ""),
    )


def _either(written: dict[str, Any], *names: str) -> Any:
    return next((written[name] for name in names if name in written), None)


def _text(value: Any, most: int) -> str:
    return str(value)[:most] if isinstance(value, str | int) else ""


def _nanoseconds(value: Any) -> int | None:
    """The time; it is written as a number or as a text of digits, and fits into 64 bits."""
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value < _LATEST else None


def _named(value: Any, names: tuple[str, ...], prefix: str, default: str) -> str:
    """A value of an enumeration, written by its number or by its name."""
    if isinstance(value, int) and 0 <= value < len(names):
        return names[value]
    name = value.removeprefix(prefix).lower() if isinstance(value, str) else ""
    return name if name in names else default


def _status(value: Any) -> Status:
    name = _named(value, _STATUSES, "STATUS_CODE_", "unset")
    return next((status for status in _STATUSES if status == name), "unset")


def _attributes(value: Any) -> dict[str, str]:
    """The attributes that are texts or whole numbers, as text."""
    found: dict[str, str] = {}
    for attribute in value if isinstance(value, list) else ():
        if not isinstance(attribute, dict) or not isinstance(attribute.get("value"), dict):
            continue
        held = _either(attribute["value"], "stringValue", "string_value", "intValue", "int_value")
        if isinstance(held, str | int):
            found[str(attribute.get("key"))[:100]] = str(held)[:500]
    return found


def _http_status(attributes: dict[str, str]) -> int | None:
    for name in _HTTP_STATUS:
        value = attributes.get(name, "")
        if value.isascii() and value.isdigit() and len(value) == 3:
            return int(value)
    return None
