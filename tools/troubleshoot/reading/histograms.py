"""Percentiles of metrics that measure time: of histograms, whose buckets count up to their bounds, and summaries."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.troubleshoot.facts.programs import Sample

QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_UNITS = {"_seconds": 1.0, "_milliseconds": 0.001, "_ms": 0.001, "_microseconds": 0.000001}
"""What a metric's name ends with, and seconds in its unit."""

Labels = tuple[tuple[str, str], ...]
Bucket = tuple[float, float]
"""The bound of a bucket, and how many values lie up to it."""


@dataclass(frozen=True, slots=True)
class Percentiles:
    """p50, p95 and p99 of a metric with its labels, in seconds, of `count` values."""

    metric: str
    quantiles: dict[str, float]
    count: float


def percentiles_of(samples: Sequence[Sample]) -> list[Percentiles]:
    """Those of all histograms and summaries whose names tell a unit of time, the largest p99 first."""
    found = [*_of_histograms(samples), *_of_summaries(samples)]
    return sorted(found, key=lambda each: each.quantiles.get("p99", 0.0), reverse=True)


def quantile(share: float, buckets: Sequence[Bucket]) -> float | None:
    """The value below which the share of all lies: linear within its bucket, the first beginning at 0.

    Of the bucket without a bound its lower bound is taken. None where the buckets are empty or contradict each other.
    """
    ordered = sorted(buckets)
    counts = [count for _, count in ordered]
    if not ordered or counts != sorted(counts) or counts[-1] <= 0 or ordered[-1][0] != math.inf:
        return None
    rank = share * counts[-1]
    below, lower = 0.0, min(0.0, ordered[0][0])
    for bound, count in ordered:
        if count >= rank:
            return lower if bound == math.inf else lower + (bound - lower) * (rank - below) / max(count - below, 1e-12)
        below, lower = count, bound
    return None


def _of_histograms(samples: Sequence[Sample]) -> list[Percentiles]:
    buckets: dict[tuple[str, Labels], list[Bucket]] = {}
    for sample in samples:
        bound = _number(sample.labels.get("le"))
        name = sample.name.removesuffix("_bucket")
        if bound is not None and name != sample.name and _unit(name) and math.isfinite(sample.value):
            buckets.setdefault((name, _without(sample.labels, "le")), []).append((bound, sample.value))
    found = []
    for (name, labels), each in buckets.items():
        values = {key: quantile(share, each) for key, share in QUANTILES.items()}
        told = {key: value * _unit(name) for key, value in values.items() if value is not None}
        if told:
            found.append(Percentiles(_written(name, labels), told, max(count for _, count in each)))
    return found


def _of_summaries(samples: Sequence[Sample]) -> list[Percentiles]:
    wanted = {share: key for key, share in QUANTILES.items()}
    counts = {
        (s.name.removesuffix("_count"), _without(s.labels, "")): s.value for s in samples if s.name.endswith("_count")
    }
    told: dict[tuple[str, Labels], dict[str, float]] = {}
    for sample in samples:
        key = wanted.get(_number(sample.labels.get("quantile")) or 0.0)
        if key and _unit(sample.name) and math.isfinite(sample.value):
            labels = _without(sample.labels, "quantile")
            told.setdefault((sample.name, labels), {})[key] = sample.value * _unit(sample.name)
    return [Percentiles(_written(*metric), values, counts.get(metric, 0.0)) for metric, values in told.items()]


def _unit(name: str) -> float:
    """Seconds in the unit of the metric; 0 where it does not measure time."""
    return next((seconds for ending, seconds in _UNITS.items() if name.endswith(ending)), 0.0)


def _without(labels: Mapping[str, str], name: str) -> Labels:
    return tuple(sorted((key, value) for key, value in labels.items() if key != name))


def _written(name: str, labels: Labels) -> str:
    inner = ",".join(f'{key}="{value}"' for key, value in labels)
    return f"{name}{{{inner}}}"[:300] if inner else name


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return None if math.isnan(value) else value
