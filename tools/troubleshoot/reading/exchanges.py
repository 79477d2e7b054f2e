"""Puts a request and its response together into one fact."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urljoin

from tools.troubleshoot.facts.base import LONGEST_TEXT
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.reading.credentials import Credentials, credentials_of
from tools.troubleshoot.reading.headers import date_of, ids_in

Source = Literal["curl", "http", "har", "log", "code", "trace"]


@dataclass(frozen=True, slots=True)
class Message:
    """An HTTP request (`asks`) or response as it stands in lines [first, end), from 0."""

    asks: bool
    first: int
    end: int
    method: str | None = None
    url: str | None = None
    version: str = ""
    status: int | None = None
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    body_line: int = 0  # from 0
    took_ms: float | None = None


def exchange_of(
    request: Message | None,
    response: Message | None,
    source: Source,
    *,
    line: int = 1,
    credentials: Credentials | None = None,
    expanded: bool = True,
) -> Exchange:
    """The fact of a request, its response, or both. `expanded` as for `credentials_of`."""
    asked = request or Message(True, 0, 0)
    answered = response or Message(False, 0, 0)
    url = absolute(asked.url, asked.headers) or answered.url
    known = credentials or credentials_of(asked.headers, url, expanded=expanded)
    return Exchange(
        line=line,
        source=source,
        method=asked.method,
        url=url,
        http_version=asked.version or answered.version,
        request_headers=dict(asked.headers),
        request_body=_cut(asked.body),
        status=answered.status,
        reason=answered.reason[:200],
        response_headers=dict(answered.headers),
        response_body=_cut(answered.body),
        at=date_of(answered.headers) or date_of(asked.headers),
        at_text=answered.headers.get("date") or asked.headers.get("date", ""),
        duration_ms=answered.took_ms if answered.took_ms is not None else asked.took_ms,
        auth=known.scheme,
        auth_fault=known.fault,
        key_tail=known.tail,
        key_environment=known.environment,
        request_ids=tuple(dict.fromkeys([*ids_in(answered.headers, answered.body), *ids_in(asked.headers)]))[:10],
    )


def absolute(url: str | None, headers: Mapping[str, str]) -> str | None:
    """The URL of a request: a mere path is completed by the Host header where there is one."""
    host = headers.get("host") or headers.get(":authority")
    target = url or headers.get(":path")
    if target is None or not target.startswith("/") or not host:
        return target
    scheme = headers.get(":scheme", "https")
    return f"{'http' if scheme == 'http' or _is_plain(host) else 'https'}://{host}{target}"


def redirected(url: str | None, response: Message) -> str | None:
    """Where a redirect leads to; None where the response is none."""
    location = response.headers.get("location")
    if not location or response.status not in (301, 302, 303, 307, 308):
        return None
    try:
        return urljoin(url or "", location)
    except ValueError:
        return location


def _is_plain(host: str) -> bool:
    """Local servers and those on ports for plain HTTP seldom speak TLS."""
    return host.startswith(("localhost", "127.0.0.1")) or host.endswith((":80", ":8080"))


def _cut(body: str | None) -> str | None:
    return body[: 2 * LONGEST_TEXT] if body is not None else None
