"""Reads stack traces of Java, Kotlin and whatever else runs on the JVM, with their causes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tools.troubleshoot.facts.programs import Frame
from tools.troubleshoot.reading.chains import Raised, Read, trace_of
from tools.troubleshoot.reading.frames import frame_of

_AT = re.compile(r"\s*+at ([\w$./@<>-]{1,400}+)\(([^()\n]{0,200}+)\)")
_MORE = re.compile(r"\s*+\.\.\. \d{1,6} (?:more|common frames omitted)")
_CAUSED = re.compile(r"(\s*+)(Caused by|Suppressed): (.*)")
_CLASS = r"(?:[a-zA-Z_][\w$]{0,60}\.){1,12}[A-Z][\w$]{0,100}"
_AT_START = re.compile(rf"\s*+({_CLASS})(?::\s(.*)|\s*+)$")
_IN_LINE = re.compile(rf"(?<![\w.$])({_CLASS}(?:Exception|Error|Throwable|Failure))(?::\s(.*)|\s*+)$")
_LONGEST_MESSAGE = 4
"""Lines of a message that are looked over for the exception's name."""


@dataclass(slots=True)
class _Open:
    """An exception whose frames are still being read."""

    exception: str
    message: str
    frames: list[Frame] = field(default_factory=list)

    def closed(self) -> Raised:
        return Raised(self.exception, self.message, tuple(reversed(self.frames)))


def is_start(line: str) -> bool:
    """Whether this is the first frame of a trace, the line after its exception."""
    return _AT.match(line) is not None


def read_at(lines: Sequence[str], place: int, floor: int) -> Read | None:
    """The trace whose first frame stands at this line; its exception stands before, not before `floor`."""
    first, exception, message = _exception_before(lines, place, floor)
    chain = [_Open(exception, message)]
    base = len(lines[first]) - len(lines[first].lstrip())
    set_aside: _Open | None = None  # of a suppressed exception
    last = at = place
    while at < len(lines):
        line = lines[at]
        if match := _AT.match(line):
            (set_aside or chain[-1]).frames.append(_frame(match[1], match[2]))
        elif match := _CAUSED.match(line):
            opened = _Open(*_named(match[3]))
            if match[2] == "Suppressed" or len(match[1]) > base:
                set_aside = opened
            else:
                chain.append(opened)
                set_aside = None
            at = _past_message(lines, at)
        elif not _MORE.match(line):
            break
        last = at
        at += 1
    return Read(first, last, trace_of("java", [each.closed() for each in chain]))


def _frame(where: str, file: str) -> Frame:
    function = where.rpartition("/")[2] if "$$Lambda" not in where else where
    name, colon, row = file.rpartition(":")
    return frame_of("java", function, name if colon else file, int(row) if colon and row.isdecimal() else None)


def _exception_before(lines: Sequence[str], place: int, floor: int) -> tuple[int, str, str]:
    """The line, type and message of the exception; ("", "") where none is named."""
    for at in range(place - 1, max(place - 1 - _LONGEST_MESSAGE, floor - 1), -1):
        if not lines[at].strip():
            break
        match = _AT_START.match(lines[at]) or _IN_LINE.search(lines[at])
        if match:
            more = " ".join(line.strip() for line in lines[at + 1 : place])
            return at, match[1], f"{(match[2] or '').strip()} {more}".strip()
    return place, "", ""


def _named(words: str) -> tuple[str, str]:
    """Type and message of a cause."""
    exception, _, message = words.strip().partition(": ")
    return exception, message.strip()


def _past_message(lines: Sequence[str], at: int) -> int:
    """The last line of the message that begins at `at`: the one before the cause's first frame."""
    for after in range(at + 1, min(at + 1 + _LONGEST_MESSAGE, len(lines))):
        if _AT.match(lines[after]) or _MORE.match(lines[after]):
            return after - 1
        if not lines[after].strip() or _CAUSED.match(lines[after]):
            break
    return at
