"""Where the body of a message begins and ends among lines of text."""

import re
from collections.abc import Mapping, Sequence

from tools.troubleshoot.reading.cleaning import BOUNDARY

LONGEST_BODY, MOST_BODY_LINES = 50_000, 2_000
"""Characters and lines through which the end of a body is looked for, over empty lines, too."""

_JSON = re.compile(r"\{\s*(?:$|[\"'“}]|[A-Za-z_$][\w$-]{0,60}\s*:)|\[\s*(?:$|[\"'{\[\]\d-]|(?:true|false|null)\b)")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\]]')
_MARKUP = re.compile(r"<(?:!doctype|\?xml|[A-Za-z][\w:.-]{0,40}[\s/>])", re.IGNORECASE)
_PAGE = re.compile(r"<!doctype html|<html", re.IGNORECASE)
_FORM = re.compile(r"[\w.%+\[\]-]{1,80}=[^\s&]*(?:&[\w.%+\[\]-]{1,80}=[^\s&]*)*")


def begins_json(line: str) -> bool:
    """Whether JSON, perhaps broken, begins with the line."""
    return _JSON.match(line.strip()[:200]) is not None


def json_end(lines: Sequence[str], first: int) -> int | None:
    """The line after the one on which the JSON that begins at `first` is closed; None where it never is."""
    depth, left = 0, LONGEST_BODY
    for place in range(first, min(len(lines), first + MOST_BODY_LINES)):
        if lines[place] == BOUNDARY or left <= 0:
            return None
        for mark in _BRACKETS.finditer(lines[place][:left]):
            sign = mark.group()[0]
            depth += 1 if sign in "{[" else -1 if sign in "}]" else 0
            if depth <= 0 and sign in "}]":
                return place + 1
        left -= len(lines[place]) + 1
    return None


def paragraph_end(lines: Sequence[str], first: int) -> int:
    """The first empty line from `first` on."""
    place = first
    while place < len(lines) and lines[place].strip():
        place += 1
    return place


def body_end(lines: Sequence[str], first: int, headers: Mapping[str, str]) -> int | None:
    """The line after the body that begins at `first`; None where what stands there is no body but goes on in prose."""
    line = lines[first].strip()
    if begins_json(line):
        return json_end(lines, first) or paragraph_end(lines, first)
    if _MARKUP.match(line):
        return _markup_end(lines, first)
    if _FORM.fullmatch(line[:LONGEST_BODY]):
        return first + 1
    end = paragraph_end(lines, first)
    return end if _declared(lines[first:end], headers) else None


def _markup_end(lines: Sequence[str], first: int) -> int:
    """A page ends with its last tag, whatever empty lines it holds; other markup with its paragraph."""
    if not _PAGE.match(lines[first].strip()):
        return paragraph_end(lines, first)
    left = LONGEST_BODY
    for place in range(first, min(len(lines), first + MOST_BODY_LINES)):
        if lines[place] == BOUNDARY or left <= 0:
            break
        if "</html" in lines[place].lower():
            return place + 1
        left -= len(lines[place]) + 1
    return paragraph_end(lines, first)


def _declared(lines: Sequence[str], headers: Mapping[str, str]) -> bool:
    """Whether the headers say that text of this length follows."""
    length = headers.get("content-length", "")
    if not length.isascii() or not length.isdigit() or len(length) > 7:
        return False
    return abs(len("\n".join(lines).encode(errors="replace")) - int(length)) <= 2
