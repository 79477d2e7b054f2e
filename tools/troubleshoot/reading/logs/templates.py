"""Groups the messages of a log by their templates: Drain (He et al., ICWS 2017), in bounded memory.

A tree of fixed depth leads a message to a few candidates: by its level and status, the number of its words, its first
two words. Of those it joins the most similar one, or begins a new one. See docs/decisions/0022-log-templates.md.
"""

from dataclasses import dataclass, field
from operator import eq

from tools.troubleshoot.facts.logs import MOST_TEMPLATES, MarkerKind, Template
from tools.troubleshoot.reading.logs.changes import change_in
from tools.troubleshoot.reading.logs.paths import endpoint_of
from tools.troubleshoot.reading.logs.record import Record
from tools.troubleshoot.reading.logs.times import moment
from tools.troubleshoot.reading.logs.variables import PLACE, pattern_of

SIMILAR, SIMILAR_SHORT, SHORT = 0.5, 0.75, 4
"""The share of equal words from which two messages are one template; of up to `SHORT` words one may differ in four."""

MOST_BRANCHES = 100
MOST_IN_LEAF = 24
MOST_GROUPS = 1_000
MOST_REMEMBERED = 5_000
ROOM_FOR_OTHERS = 15
LONGEST_SAMPLE = 500

GroupKey = tuple[str, int | None, bool, str]
"""Level, status, whether it is an error, its code: messages that differ in these are never one template."""


@dataclass(slots=True, eq=False)
class Group:
    """Messages of one template. `first` and `last` are in seconds since 1970; `line` is the first one's.

    `marker` is the change that its lines tell of.
    """

    key: GroupKey
    words: list[str]
    line: int
    sample: str
    marker: MarkerKind | None = None
    count: int = 0
    first: float | None = None
    last: float | None = None
    is_dropped: bool = False

    @property
    def level(self) -> str:
        return self.key[0]

    @property
    def is_error(self) -> bool:
        return self.key[2]

    @property
    def text(self) -> str:
        return " ".join(self.words)


@dataclass(slots=True)
class Groups:
    """All groups so far, the tree that leads to them, and messages that were led before.

    `dropped` counts messages of groups that there was no room for: the rarest, errors last.
    """

    all: list[Group] = field(default_factory=list)
    tree: dict[tuple[GroupKey, int], dict[str, dict[str, list[Group]]]] = field(default_factory=dict)
    remembered: dict[tuple[GroupKey, str], Group] = field(default_factory=dict)
    dropped: int = 0


def add(groups: Groups, record: Record, line: int, text: str) -> Group:
    """Count the record in its group, which may be new; `text` is the line as written."""
    key = (record.level, record.status, record.is_error, record.error_code)
    pattern = _pattern(record)
    group = groups.remembered.get((key, pattern))
    if group is None or group.is_dropped:
        group = _grouped(groups, key, pattern)
        if group is None:
            marker = None if record.is_request else change_in(record.message)
            group = _new(groups, Group(key, pattern.split(" "), line, text[:LONGEST_SAMPLE], marker))
        if len(groups.remembered) >= MOST_REMEMBERED:
            groups.remembered.clear()
        groups.remembered[key, pattern] = group
    group.count += 1
    if record.at is not None and not record.missing:
        group.first = record.at if group.first is None or record.at < group.first else group.first
        group.last = record.at if group.last is None or record.at > group.last else group.last
    return group


def _pattern(record: Record) -> str:
    """The record's words without what varies; requests without words are told by method, endpoint and status."""
    if record.message:
        return pattern_of(record.message)
    told = (record.method, endpoint_of(record.path), str(record.status or ""), pattern_of(record.details))
    return " ".join(part for part in told if part)


def _grouped(groups: Groups, key: GroupKey, pattern: str) -> Group | None:
    """The most similar group of those that the tree leads to, widened to cover the message; None: none is similar."""
    words = pattern.split(" ")
    best, most = None, 0
    for group in _leaf(groups, key, words):
        equal = sum(map(eq, group.words, words))
        if equal > most:
            best, most = group, equal
    needed = SIMILAR_SHORT if len(words) <= SHORT else SIMILAR
    if best is None or most < needed * len(words):
        return None
    best.words = [one if one == other else PLACE for one, other in zip(best.words, words, strict=True)]
    return best


def _leaf(groups: Groups, key: GroupKey, words: list[str]) -> list[Group]:
    branch = groups.tree.setdefault((key, len(words)), {})
    first, second = (_step(words[place]) if len(words) > place else "" for place in (0, 1))
    below = branch.setdefault(first if first in branch or len(branch) < MOST_BRANCHES else PLACE, {})
    return below.setdefault(second if second in below or len(below) < MOST_BRANCHES else PLACE, [])


def _step(word: str) -> str:
    return PLACE if PLACE in word else word


def _new(groups: Groups, group: Group) -> Group:
    leaf = _leaf(groups, group.key, group.words)
    if len(leaf) >= MOST_IN_LEAF:
        rarest = min(leaf, key=_worth)
        leaf.remove(rarest)
        _drop(groups, rarest)
    leaf.append(group)
    groups.all.append(group)
    if len(groups.all) > MOST_GROUPS:
        _drop_rarest(groups)
    return group


def _worth(group: Group) -> tuple[bool, int]:
    return group.is_error, group.count


def _drop(groups: Groups, group: Group) -> None:
    group.is_dropped = True
    groups.dropped += group.count


def _drop_rarest(groups: Groups) -> None:
    """Keep the better half, and plant the tree anew."""
    *known, newest = groups.all
    ranked = sorted((group for group in known if not group.is_dropped), key=_worth, reverse=True)
    for group in ranked[MOST_GROUPS // 2 :]:
        _drop(groups, group)
    groups.all = sorted((*ranked[: MOST_GROUPS // 2], newest), key=lambda group: group.line)
    groups.tree.clear()
    for group in groups.all:
        _leaf(groups, group.key, group.words).append(group)


def templates_of(groups: Groups) -> tuple[Template, ...]:
    """The templates worth telling, errors first, then the most frequent; some room is kept for what is no error."""
    ranked = sorted(
        (group for group in groups.all if not group.is_dropped), key=lambda group: (-group.count, group.line)
    )
    errors = [group for group in ranked if group.is_error]
    others = [group for group in ranked if not group.is_error]
    room = MOST_TEMPLATES - min(len(others), ROOM_FOR_OTHERS)
    chosen = (errors[:room] + others)[:MOST_TEMPLATES]
    return tuple(_template(group) for group in chosen)


def _template(group: Group) -> Template:
    return Template(
        text=group.text,
        count=group.count,
        level=group.level,
        is_error=group.is_error,
        first=None if group.first is None else moment(group.first),
        last=None if group.last is None else moment(group.last),
        line=group.line,
        sample=group.sample,
    )
