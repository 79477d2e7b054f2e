"""Reads tracebacks of Python: chained ones and those of exception groups too."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tools.troubleshoot.facts.programs import Frame
from tools.troubleshoot.reading.chains import Raised, Read, trace_of
from tools.troubleshoot.reading.frames import frame_of

_HEADER = "Traceback (most recent call last):"
_GROUP_HEADER = "Exception Group Traceback (most recent call last):"
_FRAME = re.compile(r'\s*+File "([^"\n]{1,500})", line (\d{1,9})(?:, in (.{1,300}))?')
_EXCEPTION = re.compile(r"\s*+([A-Za-z_][\w.]{0,199})(?::(?:\s(.*))?)?$")
_DIRECT = "The above exception was the direct cause of the following exception:"
_CONTEXT = "During handling of the above exception, another exception occurred:"
_BAR = re.compile(r"[ ]{0,200}[|+][ ]?")
_DIVIDER = re.compile(r"[ ]{0,200}\+[-+]{3,}")
_MOST_SECTIONS = 100


@dataclass(frozen=True, slots=True)
class _Section:
    """A traceback with its exception, up to the line `last`."""

    raised: Raised
    last: int


def is_start(line: str) -> bool:
    """Whether a traceback may begin here: its header, or a frame whose header was not copied."""
    return _HEADER in line or line.lstrip().startswith('File "')


def read_at(lines: Sequence[str], place: int, floor: int) -> Read | None:
    """The traceback that begins at this line; no line before `floor` belongs to it."""
    if _GROUP_HEADER in lines[place]:
        return _read_group(lines, place)
    section = _section(lines, place)
    if section is None or not (section.raised.exception or section.raised.frames[0].function):
        return None
    sections, directs = [section], []
    while len(sections) < _MOST_SECTIONS and (link := _link(lines, section.last + 1)):
        following = _section(lines, link[0])
        if following is None:
            break
        section = following
        sections.append(section)
        directs.append(link[1])
    return Read(place, section.last, trace_of("python", _chain(sections, directs)))


def _chain(sections: Sequence[_Section], directs: Sequence[bool]) -> list[Raised]:
    """The exception that came out, then what led to it: Python prints them the other way round."""
    chain = [sections[-1].raised]
    for section, direct in zip(sections[-2::-1], reversed(directs), strict=True):
        raised = section.raised
        chain.append(Raised(raised.exception, raised.message, raised.frames, direct))
    return chain


def _link(lines: Sequence[str], place: int) -> tuple[int, bool] | None:
    """Where the next traceback of the chain begins, and whether the one before is its direct cause."""
    place = _past_blank(lines, place)
    if place >= len(lines) or not lines[place].strip().startswith((_DIRECT, _CONTEXT)):
        return None
    direct = lines[place].strip().startswith(_DIRECT)
    place = _past_blank(lines, place + 1)
    return (place, direct) if place < len(lines) and is_start(lines[place]) else None


def _past_blank(lines: Sequence[str], place: int) -> int:
    end = min(place + 3, len(lines))
    while place < end and not lines[place].strip():
        place += 1
    return place


def _section(lines: Sequence[str], place: int) -> _Section | None:
    """The traceback at this line; without an exception where it is cut; None where no frame follows."""
    header = _HEADER in lines[place]
    base = _base(lines[place], header)
    frames: list[Frame] = []
    at = place + header
    while at < len(lines) and lines[at].strip():
        line = lines[at]
        if match := _FRAME.match(line):
            frames.append(frame_of("python", match[3] or "", match[1], int(match[2])))
        elif not frames or _indent(line) <= base:
            return _ended(line, frames, at)
        at += 1
    return _Section(Raised("", "", tuple(frames)), at - 1) if frames else None


def _ended(line: str, frames: Sequence[Frame], at: int) -> _Section | None:
    """The section that ends with this line, or before it where the line names no exception."""
    match = _EXCEPTION.match(line)
    if match and frames:
        return _Section(Raised(match[1], (match[2] or "").strip(), tuple(frames)), at)
    return _Section(Raised("", "", tuple(frames)), at - 1) if frames else None


def _base(line: str, header: bool) -> int:
    """How far the exception's line is indented: as its header, which words may precede, or less than a frame."""
    if not header:
        return max(_indent(line) - 2, 0)
    return _indent(line) if line.lstrip().startswith(_HEADER) else 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _read_group(lines: Sequence[str], place: int) -> Read | None:
    """An exception group: the group's own traceback, and those within it as its causes."""
    if place + 1 >= len(lines) or not _FRAME.match(_BAR.sub("", lines[place + 1], count=1)):
        return None
    end = place + 1
    while end < len(lines) and _BAR.match(lines[end]):
        end += 1
    bare = [_BAR.sub("", lines[place], count=1)]
    bare += ["" if _DIVIDER.match(line) else _BAR.sub("", line, count=1) for line in lines[place + 1 : end]]
    chain: list[Raised] = []
    at = 0
    while at < len(bare) and len(chain) < _MOST_SECTIONS:
        raised, at = _next_in_group(bare, at)
        if raised is not None:
            chain.append(raised)
    return Read(place, end - 1, trace_of("python", _outermost_first(chain))) if chain else None


def _next_in_group(lines: Sequence[str], at: int) -> tuple[Raised | None, int]:
    """The next exception of a group and where to go on; one that was never raised has no traceback."""
    if is_start(lines[at]):
        section = _section(lines, at)
        return (section.raised, section.last + 1) if section else (None, at + 1)
    match = _EXCEPTION.match(lines[at]) if lines[at].strip() else None
    return (Raised(match[1], (match[2] or "").strip()) if match else None), at + 1


def _outermost_first(chain: Sequence[Raised]) -> list[Raised]:
    """The frames go down into the first exception of the group alone: the others are beside it, not below."""
    return [*chain[:2], *(Raised(each.exception, each.message, each.frames, False) for each in chain[2:])]
