"""Finds stack traces of Python, Java, JavaScript and Go, and counts those that are there several times."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tools.troubleshoot.facts.base import MOST_LISTED
from tools.troubleshoot.facts.programs import StackTrace
from tools.troubleshoot.reading import go_traces, java_traces, node_traces, python_traces
from tools.troubleshoot.reading.chains import LONGEST_LINE, Read
from tools.troubleshoot.reading.parser import Piece

_WORDS = ("Traceback (", 'File "', "at ", "panic", "fatal error", "goroutine ", ".go:")
_STAMP = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)"
_PREFIX = re.compile(rf"(?:[A-Za-z][\w.-]{{0,60}}[ ]{{1,20}}\|[ ])?(?:{_STAMP}[ ])?(?:(?:stdout|stderr)[ ][FP][ ])?")
"""What docker, compose and kubectl put before each line."""

_TIME = re.compile(_STAMP)


@dataclass(frozen=True, slots=True)
class _Language:
    is_start: Callable[[str], bool]
    read_at: Callable[[Sequence[str], int, int], Read | None]


_LANGUAGES = (
    _Language(python_traces.is_start, python_traces.read_at),
    _Language(java_traces.is_start, java_traces.read_at),
    _Language(node_traces.is_start, node_traces.read_at),
    _Language(go_traces.is_start, go_traces.read_at),
)


def find_stack_traces(text: str) -> tuple[Piece, ...]:
    """The stack traces of the text. One that is there several times is a fact once, with its count."""
    if not any(word in text for word in _WORDS):
        return ()
    written = text.split("\n")
    lines = [_PREFIX.sub("", line[:LONGEST_LINE], count=1).rstrip() if line else "" for line in written]
    found = _found(lines)
    counts: dict[object, int] = {}
    for read in found:
        counts[_sameness(read.trace)] = counts.get(_sameness(read.trace), 0) + 1
    return tuple(_pieces(found, written, counts))


def _found(lines: Sequence[str]) -> list[Read]:
    found: list[Read] = []
    place = floor = 0
    while place < len(lines):
        read = _read_at(lines, place, floor) if lines[place] else None
        if read is None:
            place += 1
            continue
        found.append(read)
        place = floor = read.last + 1
    return found


def _read_at(lines: Sequence[str], place: int, floor: int) -> Read | None:
    for language in _LANGUAGES:
        if language.is_start(lines[place]):
            read = language.read_at(lines, place, floor)
            return read if read and _is_whole(read.trace) else None
    return None


def _is_whole(trace: StackTrace) -> bool:
    """Not a single line of prose that looks like a frame."""
    return trace.language in ("python", "go") or bool(trace.exception) or len(trace.frames) > 1


def _sameness(trace: StackTrace) -> object:
    """What two traces share that are the same: messages may differ in their ids."""
    return trace.language, trace.exception, trace.frames


def _pieces(found: Sequence[Read], written: Sequence[str], counts: dict[object, int]) -> list[Piece]:
    """A piece for each; the fact is in the first of those that are the same, and only so many are told apart."""
    told: set[object] = set()
    pieces = []
    for read in found:
        same = _sameness(read.trace)
        facts: tuple[StackTrace, ...] = ()
        if same not in told and len(told) < MOST_LISTED:
            told.add(same)
            at = _moment(written, read.first)
            facts = (read.trace.model_copy(update={"count": counts[same], "at": at}),)
        pieces.append(Piece("stack_trace", read.first + 1, read.last + 1, facts, read.notes))
    return pieces


def _moment(written: Sequence[str], first: int) -> dt.datetime | None:
    """The time, with its zone, on the trace's first line or the one before."""
    for line in (written[first], written[first - 1] if first else ""):
        match = _TIME.search(line[:200])
        if match:
            return _time(match.group())
    return None


def _time(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text.replace(",", "."))
    except ValueError:
        return None
