"""Access logs: nginx and Apache (combined, with what is added at the end), Envoy's default format."""

import re
from functools import lru_cache
from typing import Final

from tools.troubleshoot.reading.logs.paths import host_of, path_of
from tools.troubleshoot.reading.logs.record import Record
from tools.troubleshoot.reading.logs.structured import pairs_of
from tools.troubleshoot.reading.logs.times import Stamp, read_stamp
from tools.troubleshoot.reading.logs.values import milliseconds, product_of, status_of

_QUOTED = r'"((?:[^"\\]|\\.)*+)"'
_COMBINED = re.compile(
    rf"(?:([\w.-]{{1,253}}+(?::\d{{1,5}})?) )?([\w.:-]{{1,253}}+) [^\s\[]{{1,100}}+ ([^\[\n]{{1,100}}?) ?"
    rf"\[([^\]\n]{{15,40}}+)\] "
    rf"{_QUOTED} (\d{{3}}) (\d++|-)(?: {_QUOTED} {_QUOTED})?"
)
_ENVOY = re.compile(
    rf'\[(\d{{4}}-[^\]\s]{{10,30}}+)\] {_QUOTED} (\d{{1,3}}) (\S{{1,60}}+) (?:(\S{{1,200}}+) \S{{1,200}}+ "([^"]*+)" )?'
    rf"(?:-|\d++) (?:-|\d++) (-|\d++) (?:-|\d++) {_QUOTED} {_QUOTED} {_QUOTED} {_QUOTED}"
)
_DECIMAL = re.compile(r"(?<![\w.])\d{1,6}\.\d{1,6}(?![\w.])")
_HEX_ID = re.compile(r"(?<![\w-])(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![\w-])")
_NAMED_TIME = re.compile(r"\b(rt|request_time|reqtime)[=:]\"?(\d{1,6}(?:\.\d{1,6})?)")
_METHODS: Final = frozenset(
    ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "CONNECT", "TRACE", "PROPFIND")
)


def read_combined(text: str) -> Record | None:
    """The record of a line of nginx or Apache in the common or combined format, with or without a virtual host."""
    match = _COMBINED.match(text)
    if match is None:
        return None
    virtual_host, address, user, written, request, status, _, _, agent = match.groups()
    stamp = _stamp_of_second(written)
    if stamp is None:
        return None
    record = Record("nginx", at=stamp.seconds, at_text=written, zone_known=stamp.zone_known)
    record.status = status_of(int(status))
    record.client = user if user not in ("-", "") else address
    record.host = (virtual_host or "").partition(":")[0]
    record.version = product_of(agent or "")
    _read_request(record, request)
    _read_rest(record, text[match.end() :])
    return record


def read_envoy(text: str) -> Record | None:
    """The record of a line of Envoy in its default format, or Istio's."""
    match = _ENVOY.match(text)
    if match is None:
        return None
    written, request, status, flags, details, failure, took, forwarded, agent, request_id, authority = match.groups()
    stamp = read_stamp(written)
    if stamp is None:
        return None
    record = Record("envoy", at=stamp.seconds, at_text=written, zone_known=stamp.zone_known, status=status_of(status))
    _read_request(record, request)
    record.duration_ms = milliseconds(took, 1.0)
    record.error_code = flags if flags != "-" else ""
    record.details = " ".join(part for part in (details, failure) if part and part != "-")
    record.client = forwarded.partition(",")[0].strip() if forwarded != "-" else ""
    record.version = product_of(agent)
    record.host = authority if authority != "-" else ""
    if request_id not in ("-", ""):
        record.ids = (("request_id", request_id[:200]),)
    return record


@lru_cache(1_024)
def _stamp_of_second(written: str) -> Stamp | None:
    """A time to the second, which many lines share."""
    return read_stamp(written)


def _read_request(record: Record, request: str) -> None:
    """`GET /v1/x?y HTTP/1.1`; what is none (a TLS hello at a plain port) leaves method and path empty."""
    method, _, rest = request.partition(" ")
    if method not in _METHODS:
        return
    target = rest.partition(" ")[0]
    record.method, record.path = method, path_of(target)
    record.host = record.host or host_of(target)


def _read_rest(record: Record, rest: str) -> None:
    """What a site added to its format: a request's time in seconds (a decimal fraction, or by its name), an id."""
    if len(rest) < 4:
        return
    named = _NAMED_TIME.search(rest) if "=" in rest or ":" in rest else None
    decimal = None if named else _DECIMAL.search(rest)
    if named or decimal:
        record.duration_ms = milliseconds(named[2] if named else decimal.group() if decimal else None, 1e3)
    if "=" in rest:
        roles = pairs_of(rest)
        record.ids = (("request_id", str(roles["request_id"])),) if "request_id" in roles else ()
        record.region = str(roles.get("region", ""))
    if not record.ids and len(rest) > 32:
        found = _HEX_ID.search(rest)
        record.ids = (("request_id", found.group()),) if found else ()
