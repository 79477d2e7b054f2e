"""Reads what Go prints: panics, fatal errors, goroutine dumps, and errors written with `%+v`."""

import re
from collections.abc import Sequence

from tools.troubleshoot.facts.programs import Frame
from tools.troubleshoot.reading.chains import Raised, Read, trace_of
from tools.troubleshoot.reading.frames import frame_of

_PANIC = re.compile(r"(?:.{0,200}?\bhttp: )?(panic|fatal error)(?: serving [^\s]{1,80})?: (.*)")
_INNER_PANIC = re.compile(r"\s+panic: (.*)")
_GOROUTINE = re.compile(r"goroutine \d{1,12} (?:gp=\S{1,40} m=\S{1,40} (?:mp=\S{1,40} )?)?\[([^\]\n]{1,100})\]:?\s*$")
_FILE = re.compile(r"(?:\t|[ ]{4,8})(\S{1,500}\.(?:go|s)):(\d{1,9})(?: \+0x[0-9a-f]{1,16})?\s*$")
_FUNCTION = re.compile(r"(?:created by )?([\w./*()\[\]{}·~@%-]{1,400})")
_BETWEEN = re.compile(r"(?:\[signal |exit status \d|rax |runtime stack:|\s*$)")
_MOST_BETWEEN = 6
"""Lines between a panic and its goroutine, and blank ones between goroutines."""


def is_start(line: str) -> bool:
    """Whether a panic, a dump of goroutines, or the first file of an error's stack stands here."""
    return bool(_PANIC.match(line) or _GOROUTINE.match(line) or _FILE.match(line))


def read_at(lines: Sequence[str], place: int, floor: int) -> Read | None:
    """What begins at this line; no line before `floor` belongs to it."""
    panic = _PANIC.match(lines[place])
    if panic:
        return _read_panic(lines, place, panic)
    if _GOROUTINE.match(lines[place]):
        frames, last = _goroutines(lines, place)
        return Read(place, last, trace_of("go", [Raised("", lines[place].strip(), frames)])) if frames else None
    return _read_error(lines, place, floor)


def _read_panic(lines: Sequence[str], place: int, panic: re.Match[str]) -> Read | None:
    """A panic and all goroutines after it: the first is the one that panicked."""
    inner: list[Raised] = []
    at = place + 1
    end = min(len(lines), place + 1 + _MOST_BETWEEN)
    while at < end and not _GOROUTINE.match(lines[at]):
        if match := _INNER_PANIC.match(lines[at]):
            inner.append(Raised("panic", match[1].strip()))
        elif not _BETWEEN.match(lines[at]):
            break
        at += 1
    if at >= len(lines) or not _GOROUTINE.match(lines[at]):
        return None
    frames, last = _goroutines(lines, at)
    return Read(place, last, trace_of("go", [Raised(panic[1], panic[2].strip(), frames), *inner]))


def _goroutines(lines: Sequence[str], place: int) -> tuple[tuple[Frame, ...], int]:
    """The frames of the first goroutine, and the last line of them all."""
    frames, last = _stack(lines, place + 1)
    if not frames:
        return (), place
    at = _past_blank(lines, last + 1)
    while at < len(lines) and (_GOROUTINE.match(lines[at]) or lines[at].startswith("exit status ")):
        _, last = _stack(lines, at + 1)
        at = _past_blank(lines, last + 1)
    return frames, last


def _stack(lines: Sequence[str], at: int) -> tuple[tuple[Frame, ...], int]:
    """The frames from this line on, the innermost last, and the last line that belongs to them."""
    frames: list[Frame] = []
    while at + 1 < len(lines) and (file := _FILE.match(lines[at + 1])) and (name := _function(lines[at])):
        frames.append(frame_of("go", name, file[1], int(file[2])))
        at += 2
    return tuple(reversed(frames)), at - 1


def _function(line: str) -> str:
    """The function's name without its arguments; nothing where the line names none."""
    bare = line.strip().partition(" in goroutine ")[0]
    if bare.endswith(")") and not bare.endswith((".0)", "*)")):
        bare = bare[: bare.rfind("(")]
    match = _FUNCTION.fullmatch(bare)
    return match[1] if match and ("." in match[1] or bare == "panic") else ""


def _past_blank(lines: Sequence[str], at: int) -> int:
    end = min(len(lines), at + _MOST_BETWEEN)
    while at < end and not lines[at].strip():
        at += 1
    return at


def _read_error(lines: Sequence[str], place: int, floor: int) -> Read | None:
    """An error with its stack: what was wrapped is printed first, each message before its frames."""
    if place - 1 < floor or not _function(lines[place - 1]):
        return None
    first = place - 2 if place - 2 >= floor and lines[place - 2].strip() else place - 1
    raised: list[Raised] = []
    at, last = first, first
    while at + 2 < len(lines):
        named = not (_FILE.match(lines[at + 1]) and _function(lines[at]))
        frames, end = _stack(lines, at + named)
        if not frames:
            break
        raised.append(Raised("error", lines[at].strip() if named else "", frames))
        at, last = end + 1, end
    return Read(first, last, trace_of("go", raised[::-1])) if raised else None
