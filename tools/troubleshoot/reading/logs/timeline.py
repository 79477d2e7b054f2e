"""Records over time: in spans that double their width as the log grows, and by the hour of the day."""

from dataclasses import dataclass, field
from itertools import accumulate

from tools.troubleshoot.facts.logs import MOST_BUCKETS, Bucket, HourOfDay
from tools.troubleshoot.reading.logs.histogram import Histogram, merge, percentiles
from tools.troubleshoot.reading.logs.times import moment

FIRST_WIDTH = 60
"""Seconds of a span to begin with."""

STRAY_SHARE, STRAY_DISTANCE, STRAY_LEAST = 0.01, 10.0, 86_400.0
"""So few records at either end, further from all others than ten times their span, and than a day, are a wrong
clock's."""

MOST_MINUTES = 5_000


@dataclass(slots=True)
class Span:
    """Counts within a span of time; `first` and `last` are in seconds since 1970."""

    first: float
    last: float
    count: int = 0
    errors: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    durations: Histogram = field(default_factory=dict)


@dataclass(slots=True)
class Timeline:
    """Spans by their number since 1970: only those with records, so a stray time costs one."""

    width: int = FIRST_WIDTH
    spans: dict[int, Span] = field(default_factory=dict)


def add_to(timeline: Timeline, at: float, is_error: bool, status: int | None, duration: int | None) -> None:
    """Count a record; `duration` is its class in a histogram."""
    place = int(at // timeline.width)
    span = timeline.spans.get(place)
    if span is None:
        span = timeline.spans[place] = Span(at, at)
        if len(timeline.spans) > MOST_BUCKETS:
            _double(timeline)
            span = timeline.spans[int(at // timeline.width)]
    elif at < span.first:
        span.first = at
    elif at > span.last:
        span.last = at
    span.count += 1
    span.errors += is_error
    if status is not None:
        span.statuses[status] = span.statuses.get(status, 0) + 1
    if duration is not None:
        span.durations[duration] = span.durations.get(duration, 0) + 1


def _double(timeline: Timeline) -> None:
    """Double the width until there are few enough spans."""
    while len(timeline.spans) > MOST_BUCKETS:
        timeline.width *= 2
        merged: dict[int, Span] = {}
        for place, span in timeline.spans.items():
            into = merged.setdefault(place // 2, span)
            if into is not span:
                _merge_spans(into, span)
        timeline.spans = merged


def _merge_spans(into: Span, other: Span) -> None:
    into.first, into.last = min(into.first, other.first), max(into.last, other.last)
    into.count += other.count
    into.errors += other.errors
    merge(into.statuses, other.statuses)
    merge(into.durations, other.durations)


def without_strays(timeline: Timeline) -> int:
    """Leave out times that are far from all others, and say how many records that were."""
    places = sorted(timeline.spans)
    if not places:
        return 0
    low, high = _edge(timeline, places), _edge(timeline, places[::-1])
    distance = max(STRAY_LEAST / timeline.width, STRAY_DISTANCE * (high - low + 1))
    kept = {place: timeline.spans[place] for place in places if low - distance <= place <= high + distance}
    left_out = sum(span.count for place, span in timeline.spans.items() if place not in kept)
    timeline.spans = kept
    return left_out


def _edge(timeline: Timeline, places: list[int]) -> int:
    """The first place with more than `STRAY_SHARE` of all records up to it."""
    allowed = STRAY_SHARE * sum(span.count for span in timeline.spans.values())
    counts = accumulate(timeline.spans[place].count for place in places)
    return next(place for place, count in zip(places, counts, strict=True) if count > allowed)


def buckets_of(timeline: Timeline) -> tuple[Bucket, ...]:
    """The spans in order of time."""
    return tuple(_bucket(place * timeline.width, timeline.spans[place]) for place in sorted(timeline.spans))


def _bucket(start: int, span: Span) -> Bucket:
    timed = sum(span.durations.values())
    p50, p95 = percentiles(span.durations, 0.5, 0.95) if timed else (None, None)
    statuses = {str(status): span.statuses[status] for status in sorted(span.statuses)}
    return Bucket(
        start=moment(start),
        count=span.count,
        errors=span.errors,
        statuses=statuses,
        p50_ms=p50,
        p95_ms=p95,
        timed=timed,
    )


@dataclass(slots=True)
class Hours:
    """By hour of the day (UTC): records, errors, durations."""

    counts: list[int] = field(default_factory=lambda: [0] * 24)
    errors: list[int] = field(default_factory=lambda: [0] * 24)
    durations: list[Histogram] = field(default_factory=lambda: [{} for _ in range(24)])


def add_to_hour(hours: Hours, at: float, is_error: bool, duration: int | None) -> None:
    """Count a record in its hour."""
    hour = int(at // 3600) % 24
    hours.counts[hour] += 1
    hours.errors[hour] += is_error
    if duration is not None:
        histogram = hours.durations[hour]
        histogram[duration] = histogram.get(duration, 0) + 1


def hours_of(hours: Hours) -> tuple[HourOfDay, ...]:
    """The hours that have records."""
    return tuple(_hour(hours, hour) for hour in range(24) if hours.counts[hour])


def _hour(hours: Hours, hour: int) -> HourOfDay:
    durations = hours.durations[hour]
    p50, p95 = percentiles(durations, 0.5, 0.95) if durations else (None, None)
    return HourOfDay(hour=hour, count=hours.counts[hour], errors=hours.errors[hour], p50_ms=p50, p95_ms=p95)


@dataclass(slots=True)
class Minutes:
    """Requests by calendar minute; where there are too many, the emptier half is forgotten."""

    counts: dict[int, int] = field(default_factory=dict)
    most: int = 0


def add_to_minute(minutes: Minutes, at: float) -> None:
    """Count a request in its minute."""
    minute = int(at // 60)
    count = minutes.counts.get(minute, 0) + 1
    minutes.counts[minute] = count
    minutes.most = max(minutes.most, count)
    if len(minutes.counts) > MOST_MINUTES:
        ranked = sorted(minutes.counts, key=lambda each: (minutes.counts[each], each), reverse=True)
        minutes.counts = {each: minutes.counts[each] for each in ranked[: MOST_MINUTES // 2]}
