"""Reads JSON strictly (RFC 8259), and says in plain words where and why a text is none."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

LONGEST_JSON = 2_000_000

_AROUND = 12
_WORD = re.compile(r"-?[A-Za-z_$][\w$]*")
_KEY = re.compile(r"[A-Za-z_$][\w$-]*\s*:")
_NOT_JSON_WORDS = {"NaN", "Infinity", "-Infinity", "undefined", "None", "True", "False"}


@dataclass(frozen=True, slots=True)
class JsonRead:
    """The value, or the fault for which there is none; `repeated` are names that one object has twice."""

    value: Any = None
    fault: str = ""
    repeated: tuple[str, ...] = ()


def read_json(text: str) -> JsonRead:
    """The JSON of the text."""
    repeated: list[str] = []

    def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) < len(pairs):
            counted = Counter(name for name, _ in pairs)
            repeated.extend(name for name, count in counted.items() if count > 1)
        return value

    text = text[:LONGEST_JSON]
    try:
        value = json.loads(text, object_pairs_hook=_object if len(text) < 100_000 else None, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        return JsonRead(fault=_fault(text, error))
    except RecursionError:
        return JsonRead(fault="it is nested too deeply to be read")
    except ValueError as error:
        return JsonRead(fault=str(error)[:200])
    return JsonRead(value, repeated=tuple(dict.fromkeys(repeated))[:10])


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON value")


def _fault(text: str, error: json.JSONDecodeError) -> str:
    """Such as `line 3, column 5: a comma before the closing bracket`."""
    return f"line {error.lineno}, column {error.colno}: {_why(text, error)}"


def _why(text: str, error: json.JSONDecodeError) -> str:
    place = error.pos
    here = text[place : place + 1]
    before = text[max(place - 200, 0) : place].rstrip()
    word = _WORD.match(text, place)
    if error.msg.startswith("Unterminated string"):
        return "a string that is not closed"
    if error.msg.startswith("Invalid control character"):
        return "a line break or control character within a string"
    if error.msg.startswith("Invalid \\"):
        return "a backslash that escapes nothing JSON knows"
    if not text[place:].strip():
        return "it ends before it is closed"
    if (here in "}]" and before.endswith(",")) or error.msg.startswith("Illegal trailing comma"):
        return "a comma before the closing bracket"
    if here == "'":
        return "single quotes, where JSON has double ones"
    if here and here in "“”‘’":
        return "typographic quotes, where JSON has straight ones"
    if text.startswith(("//", "/*"), place):
        return "a comment, which JSON has not"
    if word and word.group() in _NOT_JSON_WORDS:
        return f"{word.group()}, which is no JSON value"
    if error.msg.startswith("Expecting property name") and _KEY.match(text, place):
        return "a name without quotes"
    return _plain(error.msg, text[place : place + _AROUND].split("\n")[0])


def _plain(message: str, around: str) -> str:
    words = {
        "Expecting ',' delimiter": "a comma is missing",
        "Expecting ':' delimiter": "a colon is missing",
        "Expecting value": "a value is missing",
        "Expecting property name enclosed in double quotes": "a name in double quotes is missing",
        "Extra data": "more follows after its end",
    }
    return f"{words.get(message, message)} before “{around}”" if around else words.get(message, message)
