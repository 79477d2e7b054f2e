"""Finds metrics in Prometheus text, that of OpenMetrics too."""

import math
import re
from collections.abc import Iterator, Sequence

from prometheus_client.parser import text_string_to_metric_families

from tools.troubleshoot.facts.base import MOST_LISTED
from tools.troubleshoot.facts.programs import MetricsSummary, Sample
from tools.troubleshoot.reading.histograms import Percentiles, percentiles_of
from tools.troubleshoot.reading.parser import Piece

MOST_SAMPLES_READ = 6_000
LONGEST_LINE = 2_000
LEAST_SAMPLES = 3
"""So many samples on end count as metrics where no line says their type."""

_TYPE = re.compile(r"# TYPE ([A-Za-z_:][\w:]{0,200}) (\w{1,20})\s*$")
_COMMENT = re.compile(r"# (?:TYPE|HELP|UNIT) [A-Za-z_:][\w:]{0,200}(?: |$)|# EOF\s*$")
_SAMPLE = re.compile(
    r"[A-Za-z_:][\w:]{0,200}+(?:\{[^\n]{0,1800}\})?[ \t]{1,8}"
    r"(?:[+-]?(?:\d{1,20}+(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,4})?|[+-]?Inf|NaN)(?:[ \t]{1,8}[-\d.]{1,20})?\s*$"
)
_BEGUN = re.compile(r"[a-z_:][a-z0-9_:]{2,200}\{")
_EXEMPLAR = re.compile(r" # \{[^}\n]{0,500}\}[^{}\n]{0,80}$")
_TELLING = re.compile(
    r"error|fail|reject|timeout|retr|drop|exhaust|_fds|memory|heap|pool|connections|queue|throttl|limit|up$",
    re.IGNORECASE,
)


def find_metrics(text: str) -> tuple[Piece, ...]:
    """The metrics of the text, one piece for each run of lines."""
    lines = [line[: LONGEST_LINE + 1].rstrip("\r") for line in text.split("\n")]
    return tuple(piece for first, last in _runs(lines) if (piece := _piece(lines, first, last)))


def _runs(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The first and last lines, from 0, of runs of metrics; empty lines and broken ones may lie between."""
    first: int | None = None
    last = 0
    for at, line in enumerate(lines):
        if _is_metric(line):
            first = at if first is None else first
            last = at
        elif first is not None and line and not _is_broken(line):
            yield first, last
            first = None
    if first is not None:
        yield first, last


def _is_metric(line: str) -> bool:
    if line.startswith("#"):
        return _COMMENT.match(line) is not None
    return bool(line) and _SAMPLE.match(_EXEMPLAR.sub("", line)) is not None


def _is_broken(line: str) -> bool:
    """A sample that is cut or too long: it is left out, and ends nothing."""
    return len(line) > LONGEST_LINE or _BEGUN.match(line) is not None


def _piece(lines: Sequence[str], first: int, last: int) -> Piece | None:
    types = {match[1]: match[2] for line in lines[first : last + 1] if (match := _TYPE.match(line))}
    written = [line for line in lines[first : last + 1] if line.strip() and not line.startswith("#")]
    if not written or (not types and len(written) < LEAST_SAMPLES):
        return None
    samples = [sample for line in written[:MOST_SAMPLES_READ] if (sample := _sample(line))]
    percentiles = percentiles_of(samples)
    notes = _unread(len(written), len(samples))
    if percentiles:
        notes.append("Percentiles of histograms are interpolated within their buckets.")
    return Piece("prometheus", first + 1, last + 1, (_summary(types, samples, percentiles),), tuple(notes))


def _unread(written: int, read: int) -> list[str]:
    """What is said of samples that were not read."""
    malformed = min(written, MOST_SAMPLES_READ) - read
    notes = [f"{malformed} samples could not be read."] if malformed else []
    if written > MOST_SAMPLES_READ:
        notes.append(f"Only the first {MOST_SAMPLES_READ} samples were read; {written - MOST_SAMPLES_READ} follow.")
    return notes


def _sample(line: str) -> Sample | None:
    """The sample on the line; None where it is malformed."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        read = next(
            (sample for family in text_string_to_metric_families(_EXEMPLAR.sub("", line)) for sample in family.samples),
            None,
        )
    except (ValueError, IndexError, KeyError):
        return None
    return Sample(name=read.name, labels=read.labels, value=read.value) if read else None


def _summary(types: dict[str, str], samples: Sequence[Sample], percentiles: Sequence[Percentiles]) -> MetricsSummary:
    told = [sample for sample in samples if _is_told(sample)]
    return MetricsSummary(
        families=len({_family(sample.name, types) for sample in samples}),
        samples=tuple(sorted(told, key=_least_telling)[:MOST_LISTED]),
        quantiles={each.metric: each.quantiles for each in percentiles[:MOST_LISTED]},
        counts={each.metric: each.count for each in percentiles[:MOST_LISTED]},
    )


def _is_told(sample: Sample) -> bool:
    """Neither a bucket nor a time of creation, and a number at all."""
    return not sample.name.endswith(("_bucket", "_created")) and math.isfinite(sample.value)


def _least_telling(sample: Sample) -> int:
    """Errors and whatever is limited come first."""
    failed = any(
        value[:1] == "5" or value[:3] == "429" for name, value in sample.labels.items() if name in _STATUS_LABELS
    )
    return 0 if failed or _TELLING.search(sample.name) else 1


_STATUS_LABELS = ("status", "code", "status_code", "http_status", "http_response_status_code")


def _family(name: str, types: dict[str, str]) -> str:
    """The name under which the type of a sample is told: without the endings of histograms, summaries and counters."""
    for ending in ("_bucket", "_sum", "_count", "_total", "_created", "_info"):
        if name.endswith(ending) and name.removesuffix(ending) in types:
            return name.removesuffix(ending)
    return name
