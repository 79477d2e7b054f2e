"""Puts the fields of structured lines into records."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from tools.troubleshoot.reading.logs.field_names import LONGEST_NAME, role_of
from tools.troubleshoot.reading.logs.levels import level_of, level_of_number
from tools.troubleshoot.reading.logs.paths import host_of, path_of
from tools.troubleshoot.reading.logs.record import IdKind, Record
from tools.troubleshoot.reading.logs.times import epoch_seconds, read_stamp
from tools.troubleshoot.reading.logs.values import (
    LONGEST_VALUE,
    address_of,
    long_text_of,
    milliseconds,
    number_of,
    product_of,
    status_of,
    text_of,
)

Roles = dict[str, Any]
_EMPTY = ("", "-")


def roles_of(pairs: Iterable[tuple[str, Any]]) -> Roles:
    """The first value of each role that has one."""
    roles: Roles = {}
    for name, value in pairs:
        role = role_of(name) if len(name) <= LONGEST_NAME else ""
        if role == "status" and status_of(value) is None:
            role = "level"  # as Datadog calls it
        if role and role not in roles and value is not None and value not in _EMPTY:
            roles[role] = value
    return roles


def fill(record: Record, roles: Roles) -> None:
    """Put what the fields say into the record; what it has already stays."""
    for role, value in roles.items():
        put = _PUT.get(role)
        if put is not None:
            put(record, value)
    if "duration" in roles and record.duration_ms is None:
        in_seconds = isinstance(roles["duration"], float) and isinstance(roles.get("time"), float)  # as zap writes both
        record.duration_ms = milliseconds(roles["duration"], 1e3 if in_seconds else 1.0)
    if "address" in roles and not record.client:
        record.client = address_of(text_of(roles["address"]))
    if "agent" in roles and not record.version:
        record.version = product_of(text_of(roles["agent"]))
    if "trace" in roles and not record.details:
        record.details = long_text_of(roles["trace"])


def _put_time(record: Record, written: Any) -> None:
    if record.at_text:
        return
    if isinstance(written, str):
        stamp = read_stamp(written)
        if stamp is not None:
            record.at, record.zone_known, record.missing = stamp.seconds, stamp.zone_known, stamp.missing
            record.at_text = written[:60]
            return
    seconds = number_of(written)
    if seconds is not None and not isinstance(written, bool):
        record.at, record.at_text = epoch_seconds(seconds), str(written)[:60]


def _put_level(record: Record, value: Any) -> None:
    if record.level:
        return
    if isinstance(value, str):
        record.level = level_of_number(int(value[:4])) if value.isdecimal() else level_of(value)
    elif isinstance(value, int):
        record.level = level_of_number(value)


def _put_status(record: Record, value: Any) -> None:
    if record.status is None:
        record.status = status_of(value)


def _put_method(record: Record, value: Any) -> None:
    method = text_of(value).upper()
    if not record.method and method.isalpha() and len(method) <= 10:
        record.method = method


def _put_path(record: Record, value: Any) -> None:
    if record.path:
        return
    target = text_of(value)
    record.path = path_of(target)
    if "://" in target and not record.host:
        record.host = host_of(target)


def _put_message(record: Record, value: Any) -> None:
    if not record.message and isinstance(value, str):
        record.message = value[:LONGEST_VALUE]


def _put_details(record: Record, value: Any) -> None:
    record.details = record.details or long_text_of(value)


def _put_client(record: Record, value: Any) -> None:
    record.client = record.client or text_of(value)


def _put_region(record: Record, value: Any) -> None:
    record.region = record.region or text_of(value)


def _put_host(record: Record, value: Any) -> None:
    record.host = record.host or text_of(value)


def _put_version(record: Record, value: Any) -> None:
    record.version = record.version or text_of(value)


def _put_code(record: Record, value: Any) -> None:
    """An error's code: a word, or a number with letters; a number alone may be anything's."""
    if not record.error_code and isinstance(value, str) and not value.isdecimal():
        record.error_code = value[:80]


def _put_retry_after(record: Record, value: Any) -> None:
    number = number_of(value)
    if record.retry_after is None and number is not None and 0 <= number <= 1e9:
        record.retry_after = number


def _put_duration(unit: float) -> Callable[[Record, Any], None]:
    def put(record: Record, value: Any) -> None:
        if record.duration_ms is None:
            record.duration_ms = milliseconds(value, unit)

    return put


def _put_id(kind: IdKind) -> Callable[[Record, Any], None]:
    def put(record: Record, value: Any) -> None:
        text = text_of(value)
        if text:
            record.ids += ((kind, text),)

    return put


_PUT: Final[dict[str, Callable[[Record, Any], None]]] = {
    "time": _put_time,
    "seconds_part": _put_time,
    "level": _put_level,
    "status": _put_status,
    "method": _put_method,
    "path": _put_path,
    "message": _put_message,
    "details": _put_details,
    "client": _put_client,
    "region": _put_region,
    "host": _put_host,
    "version": _put_version,
    "error_code": _put_code,
    "retry_after": _put_retry_after,
    "ms": _put_duration(1.0),
    "seconds": _put_duration(1e3),
    "micros": _put_duration(1e-3),
    "nanos": _put_duration(1e-6),
    "event_id": _put_id("event_id"),
    "delivery_id": _put_id("delivery_id"),
    "idempotency_key": _put_id("idempotency_key"),
    "request_id": _put_id("request_id"),
    "record_id": _put_id("record_id"),
}
