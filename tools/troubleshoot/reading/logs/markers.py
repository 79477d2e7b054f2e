"""Lines that tell of a change: a deploy, a release, a restart, a reload, a flag, a certificate."""

from typing import Final

from tools.troubleshoot.facts.logs import Marker, MarkerKind
from tools.troubleshoot.reading.logs.record import Record
from tools.troubleshoot.reading.logs.templates import Group
from tools.troubleshoot.reading.logs.times import moment

MOST_MARKERS, MOST_KEPT, MOST_OF_TEMPLATE = 40, 400, 20
LONGEST_TEXT = 300

_ORDER: Final[tuple[MarkerKind, ...]] = (
    "deploy",
    "release",
    "configuration",
    "feature_flag",
    "certificate",
    "incident",
    "restart",
)
_FREQUENT: Final = frozenset({"restart", "configuration"})


def add_marker(markers: list[tuple[Group, Marker]], record: Record, group: Group, line: int) -> None:
    """Keep the line where its template tells of a change: so many of a template, and in all."""
    if group.marker is None or group.count > MOST_OF_TEMPLATE or len(markers) >= MOST_KEPT:
        return
    at = moment(record.at) if record.at is not None and not record.missing else None
    markers.append((group, Marker(what=group.marker, at=at, line=line, text=record.message[:LONGEST_TEXT])))


def markers_of(markers: list[tuple[Group, Marker]]) -> tuple[Marker, ...]:
    """The markers in the log's order. A restart that is told over and over is noise; deploys go before others."""
    telling = [
        (_ORDER.index(marker.what), marker)
        for group, marker in markers
        if marker.what not in _FREQUENT or group.count <= MOST_OF_TEMPLATE
    ]
    chosen = sorted(telling, key=lambda each: (each[0], each[1].line))[:MOST_MARKERS]
    return tuple(sorted((marker for _, marker in chosen), key=lambda marker: marker.line))
