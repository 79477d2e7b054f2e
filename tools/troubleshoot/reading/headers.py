"""Reads header fields (RFC 9110 §5) from lines, and what some of them say."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from tools.escalate.request_ids import find_request_ids
from tools.troubleshoot.reading.instants import http_date

MOST_HEADERS = 120
LONGEST_VALUE = 8_000

_FIELD = re.compile(r"[ \t]{0,8}(?P<name>:?[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}):[ \t]*(?P<value>.*)")
_DEVTOOLS = re.compile(r"[ \t]{0,8}(?P<name>Request URL|Request Method|Status Code|Remote Address):[ \t]*(?P<value>.*)")
_HYPHENATED = re.compile(r"[A-Za-z]\w{0,30}(?:-\w{1,30}){1,8}")
_ONE_WORD = frozenset(
    (
        *("accept", "age", "allow", "apikey", "authorization", "cache", "connection", "cookie", "date", "dnt", "etag"),
        *("expect", "expires", "forwarded", "host", "link", "location", "nel", "origin", "pragma", "priority", "range"),
        *("referer", "server", "signature", "te", "trailer", "upgrade", "vary", "via", "warning"),
    )
)
"""Names of one word. Any other one-word name before a colon is a label: "Impact: high"."""

_OF_REQUESTS = re.compile(
    r"authorization|host|accept(?:-(?:encoding|language|charset))?|user-agent|cookie|origin|referer|apikey"
    r"|idempotency-key|if-(?:match|none-match|modified-since)|access-control-request-[a-z]+|sec-[a-z-]+|expect|dnt"
    r"|:(?:method|path|authority|scheme)|x-forwarded-[a-z]+|(?:x-)?(?:[a-z]+-)?(?:api-key|auth-token|access-token)"
    r"|stripe-signature|x-hub-signature(?:-256)?|x-slack-[a-z-]+|(?:webhook|svix)-(?:id|timestamp|signature)"
    r"|x-shopify-[a-z0-9-]+|x-github-[a-z-]+|x-webhook-[a-z-]+|request url|request method"
)
_OF_RESPONSES = re.compile(
    r"server|set-cookie|www-authenticate|retry-after|(?:x-)?ratelimit-[a-z-]+|x-rate-limit-[a-z-]+|cf-ray|via|etag"
    r"|location|age|vary|access-control-(?:allow|expose)-[a-z-]+|strict-transport-security|x-cache|x-amzn?-[a-z-]+"
    r"|x-powered-by|proxy-authenticate|alt-svc|x-runtime|x-envoy-[a-z-]+|:status|status code|expires|last-modified"
    r"|x-content-type-options|content-security-policy|date"
)
_COMMON_WORDS = frozenset({"date", "server", "location", "host", "age", "via", "origin", "expires", "vary", "expect"})
"""Headers that are labels in letters and forms, too: they make no block of headers by themselves."""

_ID_NAME = re.compile(
    r"(?:x-)?(?:[a-z0-9]+-)*(?:request|correlation|trace|transaction|operation)-?id|cf-ray|traceparent|x-amz-id-2"
)


def field_of(line: str) -> tuple[str, str] | None:
    """Name, in lower case, and value of a line that is a header field; None where it is something else."""
    match = _FIELD.fullmatch(line) or _DEVTOOLS.fullmatch(line)
    if match is None:
        return None
    name = match["name"].lower()
    if not (name in _ONE_WORD or name.startswith(":") or " " in name or _HYPHENATED.fullmatch(name)):
        return None
    return name, match["value"].strip()[:LONGEST_VALUE]


def read_headers(lines: Sequence[str], first: int) -> tuple[dict[str, str], int]:
    """The header fields from line `first` on, and the first line after them. Equal names are one list (§5.3)."""
    fields: dict[str, str] = {}
    name, place = "", first
    while place < min(len(lines), first + MOST_HEADERS):
        found = field_of(lines[place])
        if found is not None:
            name, value = found
            fields[name] = f"{fields[name]}, {value}"[:LONGEST_VALUE] if fields.get(name) else value
        elif name and _goes_on(lines[place]):
            fields[name] = f"{fields[name]} {lines[place].strip()}"[:LONGEST_VALUE]
        else:
            break
        place += 1
    return fields, place


def side_of_headers(fields: Mapping[str, str]) -> str | None:
    """Whose headers they are, "request" or "response", by those that only one of them has; None where none is."""
    asked = [name for name in fields if _OF_REQUESTS.fullmatch(name)]
    answered = [name for name in fields if _OF_RESPONSES.fullmatch(name)]
    if not {*asked, *answered} - _COMMON_WORDS:
        return None
    return "request" if len(asked) >= len(answered) else "response"


def date_of(fields: Mapping[str, str]) -> dt.datetime | None:
    """The Date header: the clock of the server that answered."""
    return http_date(fields["date"]) if "date" in fields else None


def ids_in(fields: Mapping[str, str], body: str | None = None) -> tuple[str, ...]:
    """Request, trace and correlation ids of the headers and of the body."""
    named = [value[:100] for name, value in fields.items() if value and _ID_NAME.fullmatch(name)]
    return tuple(dict.fromkeys([*named, *find_request_ids((body or "")[:4_000])]))[:10]


def _goes_on(line: str) -> bool:
    """Whether the line continues the field before it (obs-fold, RFC 9112 §5.2)."""
    return line[:1] in (" ", "\t") and bool(line.strip()) and line.strip()[0] not in "{[<"
