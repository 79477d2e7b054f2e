"""Reads stack traces of JavaScript: of Node, and of browsers that write theirs the same way."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.troubleshoot.facts.programs import Frame
from tools.troubleshoot.reading.chains import Raised, Read, trace_of
from tools.troubleshoot.reading.frames import frame_of

_NAMED = re.compile(r"\s*+at (?:async )?([^()\n]{1,300}+)(?<= )\((.{1,600})\)(?:\s*+\{)?$")
_BARE = re.compile(r"\s*+at (?:async )?([^\s()]{1,600}+)(?:\s*+\{)?$")
_PLACE = re.compile(r"(.{0,500}[/\\.>].{0,500}?):(\d{1,9}):(\d{1,9})$")
_NAME = r"([A-Za-z_$][\w$.]{0,100}+)(?: \[[\w-]{1,80}\])?"
_AT_START = re.compile(rf"\s*+(?:Uncaught (?:\(in promise\) )?)?{_NAME}(?:: (.*)|\s*+)$")
_IN_LINE = re.compile(r"(?<![\w$.])([A-Z]?[\w$]{0,100}?(?:Error|Exception))(?: \[[\w-]{1,80}\])?(?:: (.*)|\s*+)$")
_CAUSE = re.compile(r"\s*+\[cause\]: (.*)")
_LEFT_OUT = re.compile(r"\s*+\.\.\. \d{1,6} lines matching")
_ERROR_NAME = re.compile(r"(?:[Ee]rror|Exception|Rejection)$")
_LONGEST_MESSAGE = 4
_MOST_PROPERTIES = 200
"""Lines of an error's properties that Node prints after its frames, in braces."""


@dataclass(slots=True)
class _Open:
    """An error whose frames are still being read."""

    exception: str
    message: str
    frames: list[Frame] = field(default_factory=list)

    def closed(self) -> Raised:
        return Raised(self.exception, self.message, tuple(reversed(self.frames)))


def is_start(line: str) -> bool:
    """Whether this is the first frame of a trace, the line after its error."""
    return _frame(line) is not None


def read_at(lines: Sequence[str], place: int, floor: int) -> Read | None:
    """The trace whose first frame stands at this line; its error stands before, not before `floor`."""
    first, exception, message = _error_before(lines, place, floor)
    chain = [_Open(exception, message)]
    last = at = place
    opened = 0  # braces
    end = len(lines)
    while at < end:
        line = lines[at]
        if (frame := _frame(line)) is not None:
            chain[-1].frames.append(frame)
        elif match := _CAUSE.match(line):
            chain.append(_Open(*_named(match[1])))
        elif not opened and not _LEFT_OUT.match(line):
            break
        was_open = opened > 0
        opened += _braces(line)
        if opened and not was_open:
            end = min(len(lines), at + _MOST_PROPERTIES)
        last = at
        at += 1
        if was_open and opened <= 0:
            break
    return Read(first, last, trace_of("node", [each.closed() for each in chain]))


def _braces(line: str) -> int:
    """By how many levels the line opens (or closes) the properties of an error."""
    bare = line.strip()
    return bare.endswith(("{", "[")) - bare.startswith(("}", "]"))


def _frame(line: str) -> Frame | None:
    if match := _NAMED.match(line):
        return _frame_at(match[1].strip(), match[2])
    match = _BARE.match(line)
    return _frame_at("", match[1]) if match and _PLACE.match(match[1]) else None


def _frame_at(function: str, place: str) -> Frame:
    match = _PLACE.match(place)
    file = (match[1] if match else place).removeprefix("file://")
    return frame_of("node", function, file, int(match[2]) if match else None)


def _error_before(lines: Sequence[str], place: int, floor: int) -> tuple[int, str, str]:
    """The line, type and message of the error; ("", "") where none is named."""
    for at in range(place - 1, max(place - 1 - _LONGEST_MESSAGE, floor - 1), -1):
        if not lines[at].strip():
            break
        match = _AT_START.match(lines[at])
        if match is None or not _ERROR_NAME.search(match[1]):
            match = _IN_LINE.search(lines[at])
        if match:
            more = " ".join(line.strip() for line in lines[at + 1 : place])
            return at, match[1], f"{(match[2] or '').strip()} {more}".strip()
    return place, "", ""


def _named(words: str) -> tuple[str, str]:
    match = _AT_START.match(words.strip().removesuffix("{"))
    return (match[1], (match[2] or "").strip()) if match else ("Error", words.strip())
