"""What an error body says, whatever its shape: status, code, message, and the fields that it calls wrong."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

MOST_FIELDS = 30
_NAME = re.compile(r"[\w$.\[\]/@-]{1,100}")

_MESSAGE = (
    "message",
    "error_description",
    "detail",
    "errorMessage",
    "Message",
    "msg",
    "title",
    "description",
    "reason",
)
_CODE = ("code", "error_code", "errorCode", "Code", "__type", "type", "error", "name", "status")
_STATUS = ("status", "statusCode", "status_code", "httpStatus", "http_status", "code")
_FIELD = (
    "field",
    "param",
    "parameter",
    "loc",
    "path",
    "pointer",
    "property",
    "propertyPath",
    "attribute",
    "name",
    "key",
)
_LISTS = ("errors", "details", "violations", "invalid-params", "invalid_params", "invalidParams", "fieldViolations",
          "validation_errors", "fieldErrors", "field_errors", "detail", "issues")  # fmt: skip


def status_in(value: Any) -> int | None:
    """The HTTP error status that the body names."""
    for part in _levels(value):
        for name in _STATUS:
            found = part.get(name)
            if isinstance(found, bool):
                continue
            if isinstance(found, str) and re.fullmatch(r"[45]\d\d", found):
                return int(found)
            if isinstance(found, int) and 400 <= found <= 599:
                return found
    return None


def code_in(value: Any) -> str:
    """The error's code: a word, not a sentence. Of AWS's `prefix#Code` and of a problem's URI, the last part."""
    for part in reversed(list(_levels(value))):
        for name in _CODE:
            found = part.get(name)
            if isinstance(found, int) and not isinstance(found, bool) and name in ("code", "errorCode", "error_code"):
                return str(found)[:20]
            if isinstance(found, str) and found and " " not in found.strip() and found != "about:blank":
                return re.split(r"[#/]", found.rstrip("/"))[-1][:100]
    return ""


def message_in(value: Any) -> str:
    """The error's message in words; of several the first."""
    parts = [*_levels(value), *islice(_entries(value), 1)]
    return next((found for part in parts if (found := _message_of(part))), "") or _bare_error(value)


def fields_in(value: Any) -> tuple[str, ...]:
    """Names of the fields that are said to be wrong, as RFC 9457, JSON:API, Rails, FastAPI and others have them."""
    found: dict[str, None] = {}
    for part in _levels(value):
        for name in ("errors", "fields", "fieldErrors", "field_errors", "detail", "validation_errors"):
            nested = part.get(name)
            if isinstance(nested, dict):
                found |= dict.fromkeys(str(key)[:100] for key, said in nested.items() if isinstance(said, list | str))
        if isinstance(part.get("param"), str):
            found[part["param"][:100]] = None
    for entry in _entries(value):
        if name := _field_of(entry):
            found[name] = None
    return tuple(name for name in list(found)[:MOST_FIELDS] if _NAME.fullmatch(name))


def is_error(value: Any) -> bool:
    """Whether the body tells of a failure at all."""
    if not isinstance(value, dict):
        return False
    names = {"error", "errors", "error_description", "__type", "errorCode", "error_code", "errorMessage", "violations"}
    problem = isinstance(value.get("title"), str) and isinstance(value.get("status"), int)
    told = any(value.get(name) not in (None, [], {}, "", False) for name in names)
    return told or problem or status_in(value) is not None or _says_detail(value)


def _message_of(part: dict[str, Any]) -> str:
    for name in (*_MESSAGE, "error", "errors"):
        found = part.get(name)
        if isinstance(found, list) and found and isinstance(found[0], str):
            found = found[0]
        if isinstance(found, str) and found.strip() and (name != "error" or " " in found.strip()):
            return found.strip()[:1_000]
    return ""


def _says_detail(value: dict[str, Any]) -> bool:
    """FastAPI's and Django's `{"detail": …}`, and a message by itself."""
    return len(value) <= 4 and isinstance(value.get("detail", value.get("message")), str | list)


def _levels(value: Any) -> Iterator[dict[str, Any]]:
    """The body, and the object in it that holds the error."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        return
    yield value
    for name in ("error", "fault", "Error", "response", "data", "body"):
        nested = value.get(name)
        if isinstance(nested, dict):
            yield nested
            return
    errors = value.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        yield errors[0]


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    for part in _levels(value):
        for name in _LISTS:
            for entry in _dicts(part.get(name)):
                yield entry
                yield from _dicts(entry.get("fieldViolations"))


def _dicts(listed: Any) -> list[dict[str, Any]]:
    """The objects of a list; none where it is no list."""
    return [each for each in listed[:MOST_FIELDS] if isinstance(each, dict)] if isinstance(listed, list) else []


def _field_of(entry: dict[str, Any]) -> str:
    source = entry.get("source")
    if isinstance(source, dict):
        entry = {**entry, **source}
    for name in _FIELD:
        found = entry.get(name)
        if isinstance(found, list) and found:
            return ".".join(str(step)[:40] for step in found[:10] if step not in ("body", "query", "path", "header"))
        if isinstance(found, str) and found.strip():
            return found.strip().strip("/")[:100]
    return ""


def _bare_error(value: Any) -> str:
    """`{"error": "unauthorized"}`: its only word is its message, too."""
    found = value.get("error") if isinstance(value, dict) else None
    return found[:1_000] if isinstance(found, str) else ""
