"""Where things stand in a text: line numbers of offsets, and JSON objects in the midst of other text."""

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

MOST_OBJECTS = 60
"""JSON objects that are tried within a text; what follows is left to other parsers."""


@dataclass(frozen=True, slots=True)
class Span:
    """A JSON object and the offsets at which it stands, [start, end)."""

    value: dict[str, Any]
    start: int
    end: int


class Lines:
    """The lines of a text, by offset."""

    def __init__(self, text: str) -> None:
        self._starts = [0]
        position = text.find("\n")
        while position >= 0:
            self._starts.append(position + 1)
            position = text.find("\n", position + 1)

    def at(self, offset: int) -> int:
        """The number of the line in which the offset lies, from 1."""
        return bisect_right(self._starts, offset)


def json_objects(text: str, words: Sequence[str]) -> Iterator[Span]:
    """The JSON objects of the text that are written with one of the words, those within another one left out."""
    position, tried = text.find("{"), 0
    while position >= 0 and tried < MOST_OBJECTS and any(text.find(word, position) >= 0 for word in words):
        tried += 1
        found = _object_at(text, position)
        if found is not None and any(text.find(word, position, found.end) >= 0 for word in words):
            yield found
        position = text.find("{", found.end if found else position + 1)


def nested(value: dict[str, Any], depth: int = 4) -> Iterator[dict[str, Any]]:
    """The object itself and the objects within it, down to `depth`."""
    yield value
    if depth <= 0:
        return
    for each in list(value.values())[:50]:
        parts = each[:10] if isinstance(each, list) else [each]
        for part in parts:
            if isinstance(part, dict):
                yield from nested(part, depth - 1)


def _object_at(text: str, start: int) -> Span | None:
    try:
        value, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return Span(value, start, end) if isinstance(value, dict) else None
