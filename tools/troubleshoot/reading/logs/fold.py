"""Folds a log line by line into a summary: one pass, in memory that does not grow with the log."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple, get_args

from tools.troubleshoot.facts.logs import Dimension, Durations, LogFormat, LogSummary, Marker
from tools.troubleshoot.reading.logs.calendar import Calendar, complete
from tools.troubleshoot.reading.logs.excerpts import Excerpt, Excerpts, add_continuation, add_head, excerpts_of
from tools.troubleshoot.reading.logs.histogram import Histogram, class_of, percentiles
from tools.troubleshoot.reading.logs.lines import read_line
from tools.troubleshoot.reading.logs.markers import add_marker, markers_of
from tools.troubleshoot.reading.logs.paths import endpoint_of
from tools.troubleshoot.reading.logs.record import Record
from tools.troubleshoot.reading.logs.repeats import Repeats, add_ids, repeated_of
from tools.troubleshoot.reading.logs.retries import RetryCounts, add_request, retries_of
from tools.troubleshoot.reading.logs.samples import Samples, add_sample
from tools.troubleshoot.reading.logs.shares import Shares, add_value, breakdown_of
from tools.troubleshoot.reading.logs.templates import Group, Groups, add, templates_of
from tools.troubleshoot.reading.logs.timeline import (
    Hours,
    Minutes,
    Timeline,
    add_to,
    add_to_hour,
    add_to_minute,
    buckets_of,
    hours_of,
    without_strays,
)
from tools.troubleshoot.reading.logs.times import moment

LONGEST_LINE = 32_768
"""Characters of a line that are read; the rest is cut."""

BINARY_SHARE = 0.1
"""A line with a larger share of characters that nobody prints is binary."""

_DIMENSIONS: Final[tuple[Dimension, ...]] = get_args(Dimension)


class Folded(NamedTuple):
    """The summary, and the first lines of each kind of error for parsers of what stands in these."""

    summary: LogSummary
    excerpts: tuple[Excerpt, ...]


@dataclass(slots=True)
class Fold:
    """All that is known of the lines so far. Give it each line with `add_line`, then take `folded`."""

    calendar: Calendar
    lines: int = 0
    parsed: int = 0
    errors: int = 0
    last_text: str = ""
    naive: int = 0
    formats: Counter[LogFormat] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    shares: dict[Dimension, Shares] = field(default_factory=lambda: {each: Shares() for each in _DIMENSIONS})
    durations: Histogram = field(default_factory=dict)
    longest: float = 0.0
    timeline: Timeline = field(default_factory=Timeline)
    hours: Hours = field(default_factory=Hours)
    minutes: Minutes = field(default_factory=Minutes)
    groups: Groups = field(default_factory=Groups)
    markers: list[tuple[Group, Marker]] = field(default_factory=list)
    repeats: Repeats = field(default_factory=dict)
    retries: RetryCounts = field(default_factory=RetryCounts)
    samples: Samples = field(default_factory=Samples)
    excerpts: Excerpts = field(default_factory=Excerpts)


def fold(lines: Iterable[str], today: dt.date | None = None, year: int | None = None) -> Folded:
    """Fold lines, each with or without its line break.

    Times that lack their year are given that of lines before them, else `year`, else that of `today`.
    """
    state = Fold(Calendar(today, year))
    for line in lines:
        add_line(state, line)
    return folded(state)


def add_line(state: Fold, text: str) -> None:
    """Read one line and count it."""
    if len(text) > LONGEST_LINE:
        state.calendar.faults["cut"] += 1
        text = text[:LONGEST_LINE]
    text = text.rstrip("\r\n")
    if not text.isprintable():
        text = text.replace("\x00", "").lstrip("\ufeff")
        if _is_binary(text):
            state.calendar.faults["binary"] += 1
            state.lines += 1
            return
    count_line(state, text, read_line(text) if text else None)


def count_line(state: Fold, text: str, record: Record | None) -> None:
    """Count a line that was read already: its record, or None where it begins none."""
    state.lines += 1
    if text and text == state.last_text:
        state.calendar.faults["repeated"] += 1
    state.last_text = text
    if record is None:
        add_continuation(state.excerpts, state.lines, text)
        return
    _add_record(state, record, text)


def _is_binary(text: str) -> bool:
    odd = sum(1 for character in text[:400] if not character.isprintable() and character not in "\t\x1b\u200b\ufeff")
    return odd + text.count("\ufffd", 0, 400) > BINARY_SHARE * min(len(text), 400)


def _add_record(state: Fold, record: Record, text: str) -> None:
    state.parsed += 1
    complete(state.calendar, record)
    is_error = record.is_error
    group = add(state.groups, record, state.lines, text)
    state.errors += is_error
    state.formats[record.format] += 1
    if record.level:
        state.levels[record.level] += 1
    duration = _add_duration(state, record)
    if record.at is not None:
        _add_time(state, record, record.at, is_error, duration)
    _add_dimensions(state, record, is_error)
    if record.is_request:
        add_request(state.retries, record)
    if record.ids:
        add_ids(state.repeats, record, group, state.lines)
    add_marker(state.markers, record, group, state.lines)
    add_sample(state.samples, record, state.lines)
    add_head(state.excerpts, group, is_error, state.lines, text)


def _add_duration(state: Fold, record: Record) -> int | None:
    """The class of the record's duration."""
    if record.duration_ms is None:
        return None
    duration = class_of(record.duration_ms)
    state.durations[duration] = state.durations.get(duration, 0) + 1
    state.longest = max(state.longest, record.duration_ms)
    return duration


def _add_time(state: Fold, record: Record, at: float, is_error: bool, duration: int | None) -> None:
    """A time without its day still has its hour and minute."""
    if not record.zone_known:
        state.naive += 1
    if not record.missing:
        add_to(state.timeline, at, is_error, record.status, duration)
    add_to_hour(state.hours, at, is_error, duration)
    if record.is_request:
        add_to_minute(state.minutes, at)


def _add_dimensions(state: Fold, record: Record, is_error: bool) -> None:
    at = None if record.missing else record.at
    if record.path:
        endpoint = endpoint_of(record.path)
        name = f"{record.method} {endpoint}" if record.method else endpoint
        add_value(state.shares["endpoint"], name, is_error, at)
    if record.status is not None:
        state.statuses[record.status] += 1
        add_value(state.shares["status"], str(record.status), is_error, at)
    if record.client:
        add_value(state.shares["client"], record.client, is_error, at)
    if record.version:
        add_value(state.shares["version"], record.version, is_error, at)
    if record.host:
        add_value(state.shares["host"], record.host, is_error, at)
    if record.region:
        add_value(state.shares["region"], record.region, is_error, at)
    if record.error_code:
        add_value(state.shares["error_code"], record.error_code, is_error, at)


def folded(state: Fold) -> Folded:
    """What the lines so far come to."""
    strays = without_strays(state.timeline)
    if strays:
        state.calendar.faults["stray_time"] = strays
    spans = state.timeline.spans.values()
    summary = LogSummary(
        format=max(state.formats, key=lambda each: state.formats[each], default="plain"),
        lines=state.lines,
        parsed=state.parsed,
        records=state.parsed,
        errors=state.errors,
        zone_known=bool(spans) and not state.naive,
        first=moment(min(span.first for span in spans)) if spans else None,
        last=moment(max(span.last for span in spans)) if spans else None,
        levels=dict(state.levels),
        statuses={str(status): state.statuses[status] for status in sorted(state.statuses)},
        bucket_seconds=state.timeline.width,
        buckets=buckets_of(state.timeline),
        templates=templates_of(state.groups),
        breakdowns=tuple(breakdown_of(each, shares) for each, shares in state.shares.items() if shares.values),
        durations=_durations(state),
        hours=hours_of(state.hours),
        markers=markers_of(state.markers),
        repeated=repeated_of(state.repeats),
        retries=retries_of(state.retries),
        samples=tuple(state.samples.exchanges),
        request_ids=tuple(state.samples.request_ids),
        most_in_a_minute=state.minutes.most,
        truncated=_truncated(state),
        faults=dict(state.calendar.faults),
    )
    return Folded(summary, excerpts_of(state.excerpts))


def _durations(state: Fold) -> Durations | None:
    if not state.durations:
        return None
    p50, p95, p99 = (min(each, state.longest) for each in percentiles(state.durations, 0.5, 0.95, 0.99))
    return Durations(count=sum(state.durations.values()), p50=p50, p95=p95, p99=p99, max=state.longest)


def _truncated(state: Fold) -> str:
    faults = state.calendar.faults
    told = (
        (faults["cut"], f"of {faults['cut']:,} lines only the first {LONGEST_LINE:,} characters were read"),
        (faults["binary"], f"{faults['binary']:,} lines are binary"),
        (faults["stray_time"], f"{faults['stray_time']:,} lines have a time far from all others"),
        (faults["no_year"], f"{faults['no_year']:,} lines tell no year"),
        (faults["no_day"], f"{faults['no_day']:,} lines tell a time of day without its day"),
        (state.groups.dropped, f"{state.groups.dropped:,} lines are of templates too rare to be told"),
    )
    return "; ".join(sentence for count, sentence in told if count)
