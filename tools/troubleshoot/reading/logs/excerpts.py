"""The first lines of each kind of error with the lines that go on from them, for parsers of what stands in these."""

import re
from dataclasses import dataclass, field

from tools.troubleshoot.reading.logs.templates import Group

MOST_EXCERPTS = 40
MOST_LINES, LONGEST_LINE = 60, 2_000

_ERROR_WORDS = re.compile(
    r"\b(?:[A-Z]\w{0,60}+(?<=Error|ption)|E(?:CONN|TIMEDOUT|NOTFOUND|AI_AGAIN|PIPE)\w{0,20}|panic:|[Ff]ailed|[Rr]efused"
    r"|[Tt]imed? ?out|x509|curl:|SSL|TLS)"
)
_TRACE = re.compile(r"\s{1,16}at [\w$.<]|Traceback \(most recent|Caused by:|goroutine \d|panic: |\s{2,8}File \"")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines from `line` on, and how many lines of the log say the same as the first."""

    line: int
    text: str
    count: int


@dataclass(slots=True, eq=False)
class Open:
    """An excerpt that lines may still be added to."""

    line: int
    group: Group | None
    lines: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Excerpts:
    """`last` is the last record's line, in case that a stack trace follows it; `groups` those that have theirs."""

    kept: list[Open] = field(default_factory=list)
    groups: set[int] = field(default_factory=set)
    open: Open | None = None
    last: tuple[int, Group, str] | None = None


def add_head(excerpts: Excerpts, group: Group, is_error: bool, line: int, text: str) -> None:
    """A record begins here: keep it where it is an error, or sounds like one, and is the first of its kind."""
    excerpts.open = None
    excerpts.last = (line, group, text)
    if group.count == 1 and _has_room(excerpts, group) and (is_error or _ERROR_WORDS.search(text[:LONGEST_LINE])):
        _keep(excerpts, Open(line, group, [text[:LONGEST_LINE]]))


def add_continuation(excerpts: Excerpts, line: int, text: str) -> None:
    """A line that begins no record: the rest of a stack trace, which may follow any record, or stand alone."""
    begun = excerpts.open
    if begun is None:
        if not _TRACE.match(text[:80]):
            return
        begun = _last(excerpts) or Open(line, None)
        if not _has_room(excerpts, begun.group):
            return
        _keep(excerpts, begun)
    skipped = line - begun.line - len(begun.lines)
    if skipped + len(begun.lines) < MOST_LINES:
        begun.lines += [""] * skipped + [text[:LONGEST_LINE]]


def _last(excerpts: Excerpts) -> Open | None:
    if excerpts.last is None:
        return None
    line, group, text = excerpts.last
    return Open(line, group, [text[:LONGEST_LINE]])


def _has_room(excerpts: Excerpts, group: Group | None) -> bool:
    return len(excerpts.kept) < MOST_EXCERPTS and (group is None or group.line not in excerpts.groups)


def _keep(excerpts: Excerpts, begun: Open) -> None:
    excerpts.kept.append(begun)
    excerpts.open = begun
    if begun.group is not None:
        excerpts.groups.add(begun.group.line)


def excerpts_of(excerpts: Excerpts) -> tuple[Excerpt, ...]:
    """The excerpts in the log's order."""
    return tuple(
        Excerpt(each.line, "\n".join(each.lines), each.group.count if each.group else 1) for each in excerpts.kept
    )
