"""Which fields an error body calls wrong: RFC 9457's extensions, and the shapes that APIs mostly use."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

MOST_FIELDS = 10

_LISTS = ("errors", "details", "detail", "invalid-params", "invalid_params", "violations", "fieldViolations", "fields")
_NAMES = ("field", "param", "parameter", "property", "pointer", "path", "loc", "name", "source")
_DEEPEST = 4


def fields_in(body: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the fields at fault, each once, in order."""
    found = islice(_fields(body, 0), MOST_FIELDS)
    return tuple(dict.fromkeys(found))


def _fields(body: Mapping[str, Any], depth: int) -> Iterator[str]:
    if depth >= _DEEPEST:
        return
    for name in ("param", "field"):
        if isinstance(body.get(name), str):
            yield body[name]
    if isinstance(body.get("error"), Mapping):
        yield from _fields(body["error"], depth + 1)
    for name in _LISTS:
        listed = body.get(name)
        if isinstance(listed, Mapping):  # {"email": ["is required"]}
            yield from (str(each) for each in listed)
        elif isinstance(listed, list):
            yield from (field for each in listed for field in _of_entry(each))


def _of_entry(entry: object) -> Iterator[str]:
    """The field that an entry of a list of errors names: by its name, a JSON pointer, or a path in parts."""
    if not isinstance(entry, Mapping):
        return
    for name in _NAMES:
        value = entry.get(name)
        if isinstance(value, Mapping):
            value = value.get("pointer") or value.get("parameter")
        if isinstance(value, list):
            value = ".".join(str(part) for part in value if part not in ("body", "query"))
        if isinstance(value, str) and value:
            yield value.strip("/#").replace("/", ".")[:80]
            return
