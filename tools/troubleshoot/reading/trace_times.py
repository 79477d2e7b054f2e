"""Where the time of a trace goes: each span's own time is its duration less what its children cover."""

import datetime as dt
from collections.abc import Iterable, Sequence

from tools.troubleshoot.facts.programs import SpanLine, TraceSummary
from tools.troubleshoot.reading.spans import Span, Status

MOST_TRACES = 20
MOST_SPAN_LINES = 20
_NS = 1_000_000  # in a millisecond
_WORST: tuple[Status, ...] = ("error", "ok", "unset")

Interval = tuple[int, int]


def summaries(spans: Sequence[Span]) -> tuple[list[TraceSummary], int]:
    """The longest traces among the spans, and how many more there are."""
    traces: dict[str, list[Span]] = {}
    for span in spans:
        traces.setdefault(span.trace_id, []).append(span)
    longest = sorted(traces.values(), key=_length, reverse=True)
    return [_summary(each) for each in longest[:MOST_TRACES]], len(longest[MOST_TRACES:])


def covered(intervals: Iterable[Interval]) -> int:
    """The length of the union of the intervals."""
    total = 0
    reached: int | None = None
    for start, end in sorted(intervals):
        if reached is None or start > reached:
            total += end - start
            reached = end
        elif end > reached:
            total += end - reached
            reached = end
    return total


def own_times(spans: Sequence[Span]) -> list[int]:
    """The own time of each span, in ns. A span that calls itself its parent is no child of its own."""
    children: dict[str, list[Interval]] = {}
    for span in spans:
        if span.parent and span.parent != span.id:
            children.setdefault(span.parent, []).append((span.start, span.end))
    return [span.end - span.start - covered(_within(children.get(span.id, ()), span)) for span in spans]


def _within(intervals: Iterable[Interval], span: Span) -> list[Interval]:
    """The parts of the intervals during which the span ran."""
    cut = ((max(start, span.start), min(end, span.end)) for start, end in intervals)
    return [(start, end) for start, end in cut if start < end]


def _length(spans: Sequence[Span]) -> int:
    root = _root(spans)
    return root.end - root.start if root else max(s.end for s in spans) - min(s.start for s in spans)


def _root(spans: Sequence[Span]) -> Span | None:
    """The one span without a parent among the spans, where there is exactly one."""
    ids = {span.id for span in spans}
    roots = [span for span in spans if span.parent not in ids or span.parent == span.id]
    return roots[0] if len(roots) == 1 else None


def _summary(spans: Sequence[Span]) -> TraceSummary:
    root = _root(spans)
    lines = _lines(spans, root)
    return TraceSummary(
        trace_id=spans[0].trace_id,
        started_at=_moment(min(span.start for span in spans)),
        duration_ms=_length(spans) / _NS,
        spans=len(spans),
        root_service=root.service if root else "",
        services=tuple(sorted({span.service for span in spans if span.service}))[:MOST_SPAN_LINES],
        slowest=tuple(lines[:MOST_SPAN_LINES]),
        failed=tuple(line for line in lines if line.status == "error")[:MOST_SPAN_LINES],
    )


def _lines(spans: Sequence[Span], root: Span | None) -> list[SpanLine]:
    """The spans folded by what they do, those with the most time of their own first."""
    folded: dict[tuple[str, str, str, str], list[tuple[Span, int]]] = {}
    for span, own in zip(spans, own_times(spans), strict=True):
        folded.setdefault((span.service, span.name, span.kind, span.peer), []).append((span, own))
    lines = [_line(same, root) for same in folded.values()]
    return sorted(lines, key=lambda line: line.self_ms, reverse=True)


def _line(same: Sequence[tuple[Span, int]], root: Span | None) -> SpanLine:
    spans = [span for span, _ in same]
    intervals = [(span.start, span.end) for span in spans]
    running = covered(_within(intervals, root) if root else intervals)
    first = spans[0]
    return SpanLine(
        service=first.service,
        name=first.name,
        span_kind=first.kind,
        count=len(spans),
        duration_ms=sum(span.end - span.start for span in spans) / _NS,
        self_ms=min(sum(own for _, own in same), running) / _NS,
        status=next(status for status in _WORST if any(span.status == status for span in spans)),
        message=next((span.message for span in spans if span.message), ""),
        http_status=next((span.http_status for span in spans if span.http_status), None),
        peer=first.peer,
    )


def _moment(nanoseconds: int) -> dt.datetime | None:
    try:
        return dt.datetime.fromtimestamp(nanoseconds / 1e9, tz=dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
