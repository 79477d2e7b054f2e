"""Reads what an answer's headers say of a limit: Retry-After (RFC 9110 §10.2.3), and the RateLimit fields.

`RateLimit` and `RateLimit-Policy` are those of the IETF draft (draft-ietf-httpapi-ratelimit-headers, all its forms);
the `X-RateLimit-…` ones are each vendor's own, so that a window which is not named stays unknown.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from tools.troubleshoot.facts.http import Exchange

_MINUTE, _DAY, _MONTH = 60.0, 86_400.0, 30 * 86_400.0
_WINDOWS = {"second": 1.0, "minute": _MINUTE, "hour": 3_600.0, "day": _DAY, "month": _MONTH}
_STEM = r"(?:x-)?(?:rate-?limit|quota)-{part}(?:-(?P<window>second|minute|hour|day|month|requests))?"
_LIMIT = re.compile(_STEM.format(part="limit"))
_REMAINING = re.compile(_STEM.format(part="remaining"))
_RESET = re.compile(_STEM.format(part="reset"))
_NUMBER = re.compile(r"(?<![\w.])\d{1,15}(?![\w.])")
_PART = re.compile(r"\b(?P<name>limit|remaining|reset|q|w|r|t)=(?P<value>\d{1,12})\b")
_EPOCH_SECONDS, _EPOCH_MILLISECONDS = 1e9, 1e12
"""A reset from here on is no span but a time: seconds, or milliseconds, since 1970."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that an answer names: `calls` in `window` seconds (None: not named), what is left of it, and after how
    many seconds it begins anew. `header` is the name of the field, as it is written in lower case.
    """

    calls: int
    window: float | None
    remaining: int | None
    reset_after: float | None
    header: str

    @property
    def a_minute(self) -> float | None:
        """Calls a minute; None where the window is not named, or is longer than a minute and says nothing of one."""
        return self.calls * _MINUTE / self.window if self.window and self.window <= _MINUTE else None


def limit_of(exchange: Exchange) -> Limit | None:
    """The limit that the answer names; of several windows the shortest."""
    headers = exchange.response_headers
    return _of_policy(headers) or _of_vendor(exchange)


def quota_used_up(exchange: Exchange) -> tuple[str, float | None] | None:
    """The header that says that nothing is left, and the seconds until it begins anew; None where no header does."""
    header, left = _valued(exchange.response_headers, _REMAINING)
    if left != 0:
        return None
    window = _WINDOWS.get(_window_name(header))
    return header, window if window == _MONTH else _reset_after(exchange)


def retry_after(exchange: Exchange) -> float | None:
    """Seconds that Retry-After says to wait: it is a number of seconds, or a date, counted from the answer's own."""
    written = exchange.response_headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}", written):
        return float(written)
    until, answered = _date(written), _answered(exchange)
    return max(0.0, (until - answered).total_seconds()) if until and answered else None


def _of_policy(headers: Mapping[str, str]) -> Limit | None:
    """The draft's fields: `"default";q=100;w=60` with `"default";r=0;t=20`, or `limit=100, remaining=0, reset=20`."""
    policies = headers.get("ratelimit-policy", "") or _with_window(headers.get("ratelimit-limit", ""))
    stands = {part["name"]: int(part["value"]) for part in _PART.finditer(headers.get("ratelimit", "")[:500])}
    left = stands.get("r", stands.get("remaining", _first_number(headers.get("ratelimit-remaining"))))
    reset = stands.get("t", stands.get("reset", _first_number(headers.get("ratelimit-reset"))))
    found = [_policy(each) for each in policies[:500].split(",")]
    known = sorted((window, calls) for calls, window in filter(None, found))
    if known:
        window, calls = known[0]
        return Limit(calls, window, left, _as_float(reset), "ratelimit-policy")
    if "limit" in stands:
        return Limit(stands["limit"], None, left, _as_float(reset), "ratelimit")
    return None


def _policy(written: str) -> tuple[int, float] | None:
    parts = {part["name"]: int(part["value"]) for part in _PART.finditer(written)}
    calls = parts.get("q", _first_number(written.partition(";")[0]))
    window = parts.get("w")
    return (calls, float(window)) if calls is not None and window else None


def _with_window(written: str) -> str:
    return written if "w=" in written else ""


def _of_vendor(exchange: Exchange) -> Limit | None:
    header, calls = _valued(exchange.response_headers, _LIMIT)
    if calls is None:
        return None
    _, left = _valued(exchange.response_headers, _REMAINING)
    return Limit(calls, _WINDOWS.get(_window_name(header)), left, _reset_after(exchange), header)


def _valued(headers: Mapping[str, str], pattern: re.Pattern[str]) -> tuple[str, int | None]:
    """The header of the shortest window that the pattern names, and its number."""
    named = [name for name in headers if pattern.fullmatch(name)]
    header = min(named, key=lambda name: _WINDOWS.get(_window_name(name), _MONTH), default="")
    return header, _first_number(headers.get(header))


def _window_name(header: str) -> str:
    return header.rpartition("-")[2]


def _reset_after(exchange: Exchange) -> float | None:
    header, _ = _valued(exchange.response_headers, _RESET)
    written = exchange.response_headers.get(header, "").strip()
    number = int(written) if re.fullmatch(r"\d{1,15}", written) else None
    if number is not None and number < _EPOCH_SECONDS:
        return float(number)
    in_seconds = None if number is None else number / (1_000 if number >= _EPOCH_MILLISECONDS else 1)
    until = _date(written) if in_seconds is None else _from_epoch(in_seconds)
    answered = _answered(exchange)
    return (until - answered).total_seconds() if until and answered else None


def _answered(exchange: Exchange) -> dt.datetime | None:
    """When the answer was made: by its own Date header, else by the artifact."""
    return _date(exchange.response_headers.get("date", "")) or exchange.at


def _date(written: str) -> dt.datetime | None:
    """An HTTP date or an ISO 8601 one with its zone; None where it is neither."""
    try:
        moment = parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        try:
            moment = dt.datetime.fromisoformat(written)
        except ValueError:
            return None
    return moment if moment.tzinfo else None


def _from_epoch(seconds: float) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _first_number(written: str | None) -> int | None:
    match = _NUMBER.search(written[:200]) if written else None
    return int(match.group()) if match else None


def _as_float(number: int | None) -> float | None:
    return None if number is None else float(number)
