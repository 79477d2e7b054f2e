"""Finds errors of SCIM, by which an identity provider creates and removes users (RFC 7644 §3.12)."""

import re
from collections.abc import Mapping
from typing import Any

from tools.troubleshoot.facts.identity import ScimError
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.places import Lines, json_objects, nested

ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
TYPES = frozenset(
    {
        "invalidFilter",
        "tooMany",
        "uniqueness",
        "mutability",
        "invalidSyntax",
        "invalidPath",
        "noTarget",
        "invalidValue",
        "invalidVers",
        "sensitive",
    }
)
"""The values of scimType (RFC 7644 §3.12, table 9)."""

_PATH = re.compile(r"/(?:scim/v2|v2|scim)/(?:Users|Groups|Bulk|Schemas|Me)[^\s\"'<>]{0,200}", re.IGNORECASE)
_TYPE = re.compile(rf"\b({'|'.join(sorted(TYPES - {'sensitive', 'uniqueness', 'mutability'}))})\b")


def find_scim_errors(text: str) -> tuple[Piece, ...]:
    """The JSON objects that are such errors."""
    lines = Lines(text)
    pieces = []
    for span in json_objects(text, (ERROR_SCHEMA, '"scimType"')):
        error = _first(span.value, text[max(0, span.start - 500) : span.start])
        if error is not None:
            pieces.append(Piece("scim_error", lines.at(span.start), lines.at(span.end - 1), (error,)))
    return tuple(pieces)


def scim_error_in(text: str, around: str = "") -> ScimError | None:
    """The error that a body or a line of a log holds; `around` is where its path may be named."""
    for span in json_objects(text, (ERROR_SCHEMA, '"scimType"')):
        error = _first(span.value, around)
        if error is not None:
            return error
    named = _TYPE.search(text)
    if named is None or "scim" not in f"{text} {around}".lower():
        return None
    return ScimError(scim_type=named[1], detail=" ".join(text.split())[:1_000], path=_path(f"{text} {around}"))


def _first(value: dict[str, Any], around: str) -> ScimError | None:
    return next((error for each in nested(value) if (error := _error(each, around)) is not None), None)


def _error(value: Mapping[str, Any], around: str) -> ScimError | None:
    schemas = value.get("schemas")
    scim_type = value.get("scimType")
    is_error = isinstance(schemas, list) and ERROR_SCHEMA in schemas[:10]
    if not is_error and not (isinstance(scim_type, str) and scim_type in TYPES):
        return None
    detail = value.get("detail")
    return ScimError(
        status=_status(value.get("status")),
        scim_type=scim_type[:100] if isinstance(scim_type, str) else "",
        detail=detail[:1_000] if isinstance(detail, str) else "",
        path=_path(around),
    )


def _status(value: Any) -> int | None:
    """A status is a string (RFC 7644 §3.12), and often a number all the same."""
    if isinstance(value, str) and re.fullmatch(r"[1-5]\d\d", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599 else None


def _path(text: str) -> str:
    found = _PATH.search(text)
    return found.group() if found else ""
