"""Lines of JSON and of logfmt."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tools.troubleshoot.reading.logs.field_names import is_container
from tools.troubleshoot.reading.logs.fields import Roles, fill, roles_of
from tools.troubleshoot.reading.logs.record import Record
from tools.troubleshoot.reading.logs.values import status_of

MOST_FIELDS, DEEPEST = 150, 4

_PAIR = re.compile(r"""(?<![\w.@/-])([A-Za-z@_][\w.@/-]{0,79}+)=(?:"((?:[^"\\]|\\.)*+)"|([^\s",]++))""")
_LOGFMT = re.compile(r"""[A-Za-z@_][\w.@/-]{0,79}+=(?:"(?:[^"\\]|\\.)*+"|[^\s"]*+)(?: |$)""")
_CODER = json.JSONDecoder()


def read_json(text: str) -> Record | None:
    """The record of a line that is a JSON object; None where it is none, or tells neither of a time nor a level.

    `text` begins with `{`; a comma may follow the object, as in an array that is written line by line.
    """
    try:
        parsed, end = _CODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict) or text[end:].strip() not in ("", ","):
        return None
    roles = roles_of(_flat(parsed))
    if not _tells_enough(roles):
        return None
    record = Record("json")
    fill(record, roles)
    return record if record.at_text or record.level else None


def read_logfmt(text: str) -> Record | None:
    """The record of a logfmt line; None where the text is none: pairs of which two are known, a time or level first."""
    if not _LOGFMT.match(text):
        return None
    roles = pairs_of(text)
    is_request = "status" in roles and ("method" in roles or "path" in roles)
    if not is_request and not (("time" in roles or "level" in roles) and len(roles) >= 2):
        return None
    record = Record("logfmt")
    fill(record, roles)
    return record


def pairs_of(text: str) -> Roles:
    """The known fields among `name=value` pairs within a text."""
    return roles_of(_pairs(text))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for place, (name, quoted, bare) in enumerate(_PAIR.findall(text)):
        if place >= MOST_FIELDS:
            return
        yield name, quoted.replace('\\"', '"') if quoted else bare


def _tells_enough(roles: Roles) -> bool:
    if not any(role in roles for role in ("time", "level", "seconds_part", "status")):
        return False
    if "message" in roles or "details" in roles:
        return True
    return status_of(roles.get("status")) is not None or ("method" in roles and "path" in roles)


def _flat(parsed: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The scalars with their dotted names, those nearer to the top first; bounded in number and depth."""
    level: list[tuple[str, dict[str, Any]]] = [("", parsed)]
    left = MOST_FIELDS
    for _ in range(DEEPEST):
        below: list[tuple[str, dict[str, Any]]] = []
        for prefix, fields in level:
            for name, value in fields.items():
                left -= 1
                if left < 0:
                    return
                if isinstance(value, dict):
                    below.append((prefix if is_container(name[:40]) else f"{prefix}{name[:40]}.", value))
                elif not isinstance(value, list):
                    yield prefix + name if prefix else name, value
        level = below
