"""Finds the endpoint that failed, and compares endpoints."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tools.escalate.curl import path_of

_METHOD = r"(?-i:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)"
_REST = r"[^\s'\"`<>,;)\]]{1,500}"
_ENDPOINT = re.compile(rf"\b(?P<method>{_METHOD})\s{{1,3}}(?P<url>(?:https?://|/){_REST})", re.IGNORECASE)
_BARE_PATH = re.compile(rf"(?<![\w./:-])/(?:api|v\d{{1,2}}|rest|graphql)(?:/{_REST})?", re.IGNORECASE)
_WRITTEN = re.compile(r"\s*(?:(?P<method>[A-Za-z]{3,7})\s+)?(?P<url>(?:https?://|/)\S+)\s*", re.IGNORECASE)
_CODE = re.compile(
    r"\b(?:requests|httpx|axios|session|client|http)\.(?:get|post|put|patch|delete|request)\(|\bfetch\("
    r"|\bhttps? (?:GET|POST|PUT|PATCH|DELETE) "
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An HTTP method, where stated, and a path."""

    path: str
    method: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}" if self.method else self.path


def read_endpoint(written: str) -> Endpoint | None:
    """An endpoint written as `POST /v1/x`, a path or a URL; None where it is something else, such as a name."""
    match = _WRITTEN.fullmatch(written)
    if match is None:
        return None
    return Endpoint(path_of(match["url"]), match["method"].upper() if match["method"] else None)


def find_endpoint(text: str) -> Endpoint | None:
    """The first endpoint in the text; one with a method goes before a bare path."""
    return next(find_endpoints(text), None)


def find_endpoints(text: str) -> Iterator[Endpoint]:
    """All endpoints in the text: those with a method, then the bare paths."""
    for match in _ENDPOINT.finditer(text):
        yield Endpoint(path_of(match["url"].rstrip(".:")), match["method"].upper())
    for bare in _BARE_PATH.finditer(_ENDPOINT.sub(" ", text)):
        yield Endpoint(path_of(bare.group().rstrip(".:")))


def names_path(text: str, endpoint: Endpoint) -> bool:
    """Whether the text names the endpoint's path, and not only the start of a longer one."""
    path = endpoint.path.rstrip("/").lower()
    return bool(path) and re.search(rf"(?<![\w-]){re.escape(path)}(?![\w-]|/\w)", text.lower()) is not None


def same_endpoint(one: Endpoint, other: Endpoint) -> bool:
    """Whether both name one endpoint: path parameters such as `{id}` stand for any segment."""
    if one.method and other.method and one.method != other.method:
        return False
    ours, theirs = (e.path.rstrip("/").lower().split("/") for e in (one, other))
    if len(ours) != len(theirs):
        return False
    return all(a == b or _is_parameter(a) or _is_parameter(b) for a, b in zip(ours, theirs, strict=True))


def find_code_request(text: str) -> str | None:
    """A line of code, not a curl command, that sends a request."""
    match = _CODE.search(text)
    if match is None:
        return None
    start = text.rfind("\n", 0, match.start()) + 1
    end = text.find("\n", match.end())
    return text[start : end if end >= 0 else len(text)].strip()


def _is_parameter(segment: str) -> bool:
    return segment[:1] in ("{", "<", ":", "$") or segment == "*"
