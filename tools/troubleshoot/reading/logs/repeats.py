"""Ids that stand in several lines of one kind, each an event of its own."""

from dataclasses import dataclass, field
from typing import Final

from tools.troubleshoot.facts.logs import Repeated
from tools.troubleshoot.reading.logs.record import IdKind, Record
from tools.troubleshoot.reading.logs.templates import Group
from tools.troubleshoot.reading.logs.times import moment

MOST_REMEMBERED = 8_000
"""Ids of a kind that are remembered at a time; of more, the older half of those seen once is forgotten."""

MOST_TOLD, MOST_STATUSES = 10, 10

_KINDS: Final[tuple[IdKind, ...]] = ("event_id", "delivery_id", "idempotency_key", "request_id", "record_id")
_Place = tuple[str, str]


@dataclass(slots=True)
class Seen:
    """An id in lines of one kind; times in seconds since 1970."""

    line: int
    first: float | None
    last: float | None
    count: int = 1
    is_dated: bool = True
    statuses: set[int] = field(default_factory=set)


Repeats = dict[IdKind, dict[_Place, Seen]]


def add_ids(repeats: Repeats, record: Record, group: Group, line: int) -> None:
    """Count the record's ids. Lines of one kind are requests to one path, or others of one template.

    The same id at the same time and place is the same event, written twice. A request's id counts in requests alone:
    in other lines it says what they belong to.
    """
    kind_of_line = f"{record.method} {record.path}" if record.is_request else f"{group.line}"
    for kind, value in record.ids:
        if kind == "request_id" and not record.is_request:
            continue
        known = repeats.setdefault(kind, {})
        seen = known.get((value, kind_of_line))
        if seen is None:
            seen = known[value, kind_of_line] = Seen(line, record.at, record.at, is_dated=not record.missing)
            _bound(known)
        elif record.at is None or record.at != seen.last:
            seen.count += 1
            seen.last = record.at
        if record.status is not None and len(seen.statuses) < MOST_STATUSES:
            seen.statuses.add(record.status)


def _bound(known: dict[_Place, Seen]) -> None:
    if len(known) <= MOST_REMEMBERED:
        return
    once = [place for place, seen in known.items() if seen.count == 1] or list(known)
    for place in once[: max(1, len(once) // 2)]:
        del known[place]


def repeated_of(repeats: Repeats) -> tuple[Repeated, ...]:
    """The ids that were there more than once, the most frequent of each kind first; one entry for each id."""
    found: list[Repeated] = []
    for kind in _KINDS:
        ranked = sorted(repeats.get(kind, {}).items(), key=lambda each: (-each[1].count, each[1].line))
        best: dict[str, Seen] = {}
        for (value, _), seen in ranked:
            if seen.count > 1 and len(best) < MOST_TOLD:
                best.setdefault(value, seen)
        found += [_repeated(kind, value, seen) for value, seen in best.items()]
    return tuple(found)


def _repeated(kind: IdKind, value: str, seen: Seen) -> Repeated:
    return Repeated(
        what=kind,
        value=value,
        count=seen.count,
        first=moment(seen.first) if seen.first is not None and seen.is_dated else None,
        last=moment(seen.last) if seen.last is not None and seen.is_dated else None,
        line=seen.line,
        statuses=tuple(sorted(seen.statuses)),
    )
