"""Requests that failed and were sent again by the same client, and how long it waited."""

from dataclasses import dataclass, field
from typing import Final

from tools.troubleshoot.facts.logs import Retries
from tools.troubleshoot.reading.logs.histogram import Histogram, class_of, percentiles
from tools.troubleshoot.reading.logs.record import Record

WINDOW = 60.0
"""Seconds after a failure within which the same request counts as sent again."""

GROWS, GROWS_SHARE = 1.5, 0.6
"""A pause grows where it is so many times the one before; a client backs off where so large a share of them grows."""

LONGEST_USUAL = 3_600.0
"""Seconds; a longer pause between two calls says nothing of how often a client calls."""

LEEWAY, HONOURS_SHARE = 0.5, 0.8
"""Seconds by which a clock may be off when Retry-After is kept, and the share of waits that must be kept."""

MOST_CLIENTS, MOST_SEQUENCES, MOST_GAPS = 10_000, 50, 20

_Key = tuple[str, str, str]


@dataclass(slots=True)
class Last:
    """The last call of its kind: when, whether it failed; if so the pause before it, and how long it was to wait."""

    at: float
    has_failed: bool
    gap: float | None = None
    wait: float | None = None


@dataclass(slots=True)
class RetryCounts:
    """`last` are the last calls by client, method and path; `sequences` the pauses of the first that retried."""

    requests: int = 0
    repeated: int = 0
    last: dict[_Key, Last] = field(default_factory=dict)
    sequences: dict[_Key, list[float]] = field(default_factory=dict)
    gaps: Histogram = field(default_factory=dict)
    usual: Histogram = field(default_factory=dict)
    compared: int = 0
    grown: int = 0
    waits: int = 0
    waits_kept: int = 0
    named_client: bool = False


def add_request(counts: RetryCounts, record: Record) -> None:
    """Count a request. Requests without time or path are counted, and never taken as sent again."""
    counts.requests += 1
    counts.named_client = counts.named_client or bool(record.client)
    if record.at is None or not record.path:
        return
    key = (record.client, record.method, record.path)
    before = counts.last.pop(key, None)
    pause = None if before is None else record.at - before.at
    gap = None
    if before is not None and pause is not None and pause >= 0:
        gap = _count_pause(counts, key, before, pause, record.has_failed)
    counts.last[key] = Last(record.at, record.has_failed, gap, record.retry_after if record.has_failed else None)
    if len(counts.last) > MOST_CLIENTS:
        _forget(counts)


def _count_pause(counts: RetryCounts, key: _Key, before: Last, pause: float, has_failed: bool) -> float | None:
    """Count the pause between two calls; it is given back where the second is a failure that repeats one."""
    if not before.has_failed:
        if pause <= LONGEST_USUAL:
            _count(counts.usual, pause)
        return None
    if before.wait is not None:
        counts.waits += 1
        counts.waits_kept += pause >= before.wait - LEEWAY
    if not has_failed or pause > WINDOW:
        return None
    _count_retry(counts, key, before, pause)
    return pause


def _count(histogram: Histogram, pause: float) -> None:
    place = class_of(pause * 1e3)
    histogram[place] = histogram.get(place, 0) + 1


def _count_retry(counts: RetryCounts, key: _Key, before: Last, gap: float) -> None:
    counts.repeated += 1
    _count(counts.gaps, gap)
    if before.gap is not None:
        counts.compared += 1
        counts.grown += gap >= GROWS * before.gap and gap > 0
    sequence = counts.sequences.get(key)
    if sequence is None and len(counts.sequences) < MOST_SEQUENCES:
        sequence = counts.sequences[key] = []
    if sequence is not None and len(sequence) < MOST_GAPS:
        sequence.append(gap)


def _forget(counts: RetryCounts) -> None:
    """Forget the calls that are longest ago in the log's order."""
    for key in list(counts.last)[: MOST_CLIENTS // 2]:
        del counts.last[key]


def retries_of(counts: RetryCounts) -> Retries | None:
    """What was found; None where the log has no requests."""
    if not counts.requests:
        return None
    longest: Final = max(counts.sequences.values(), key=len, default=[])
    return Retries(
        requests=counts.requests,
        repeated=counts.repeated,
        share=counts.repeated / counts.requests,
        gaps=tuple(round(gap, 3) for gap in longest),
        median_gap=_median(counts.gaps),
        usual_gap=_median(counts.usual),
        backs_off=counts.grown >= GROWS_SHARE * counts.compared if counts.compared >= 2 else None,
        honours_retry_after=counts.waits_kept >= HONOURS_SHARE * counts.waits if counts.waits else None,
        by_client=counts.named_client,
    )


def _median(pauses: Histogram) -> float | None:
    """The median in seconds."""
    return round(percentiles(pauses, 0.5)[0] / 1e3, 3) if pauses else None
