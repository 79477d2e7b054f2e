"""Rules of slow calls, from the durations of a log: since when, at which hours, and whether only some are slow."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from app.domain.blocks import Certainty
from app.domain.figures import Figure, text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.facts.programs import MetricsSummary
from tools.troubleshoot.parameters import Latency
from tools.troubleshoot.rules.call_times import client_side_slow, dependency_slow, large_response
from tools.troubleshoot.rules.change_points import level_rise
from tools.troubleshoot.rules.rule import Clue, Finding, Rule
from tools.troubleshoot.rules.times import minute, zone_note

_LEAST_HOURS = 6
"""Hours of the day with enough calls, of which some can be slower than the rest."""

_MOST_OF_DAYS = 0.5


_Days = dict[int, dict[dt.date, list[tuple[float, int]]]]
"""By hour and day: medians in ms, and of how many calls each."""


@dataclass(frozen=True, slots=True)
class _Tail:
    """Percentiles in ms of `count` calls. `whose`: which calls; `note`: how they were worked out."""

    whose: str
    p50: float
    p99: float
    count: float
    note: str
    place: Place


def latency_step(case: Case) -> Finding | None:
    """The median duration rose in a step, or was high when the log began and then fell."""
    for log, place in case.facts(LogSummary):
        timed = sorted(_timed(log, case.parameters.latency.timed))
        rise = level_rise(np.array([each for _, each in timed]), case.parameters.change) if timed else None
        if rise is None:
            continue
        start = minute(timed[rise.start][0]) if rise.start is not None else ""
        end = minute(timed[rise.end][0]) if rise.end is not None else ""
        before = _ms(case, "step.before", "Median duration outside the step", rise.before, place)
        after = _ms(case, "step.after", "Median duration within the step", rise.after, place)
        clue = Clue(
            text("The median rose from ", before, " ms to ", after, f" ms{zone_note(log)}"), place, (before, after)
        )
        fell = (Clue(text(f"It fell back at {end}"), place),) if end else ()
        title = (
            text(f"Calls are slower since {start}: ", before, " ms before, ", after, " ms after")
            if start
            else text("Calls were slow before the log begins: ", after, f" ms until {end}, then ", before, " ms")
        )
        values = {name: value for name, value in (("start", start), ("end", end)) if value}
        return Finding("likely", title, (clue, *fell), values=values)
    return None


def latency_by_hour(case: Case) -> Finding | None:
    """Calls are slow at the same hours on most days."""
    for log, place in case.facts(LogSummary):
        hours = _slow_hours(case, log)
        if not hours:
            continue
        named = ", ".join(f"{hour:02}:00" for hour in hours)
        common, slow = _hour_medians(log, hours)
        usual = _ms(case, "hours.usual", "Median of the hours' median durations", common, place)
        high = _ms(case, "hours.slow", "Median of the slow hours' median durations", slow, place)
        clue = Clue(
            text(
                "In the hours that begin at ",
                named,
                " the median is ",
                high,
                " ms, else ",
                usual,
                f" ms{zone_note(log)}",
            ),
            place,
            (usual, high),
        )
        return Finding(
            "likely", text(f"Calls are slow at the same hours each day: {named} UTC"), (clue,), values={"hours": named}
        )
    return None


def latency_tail(case: Case) -> Finding | None:
    """Most calls are quick, and a few take many times as long."""
    least = case.parameters.latency
    for tail in _tails(case):
        is_tail = tail.p50 <= least.median_well and tail.p99 >= max(least.slow, least.tail_ratio * tail.p50)
        if tail.count < least.tail_timed or not is_tail:
            continue
        certainty: Certainty = "likely" if tail.count >= least.tail_sure else "possible"
        p50 = _ms(case, "tail.p50", f"p50 of {tail.whose}", tail.p50, tail.place)
        p99 = _ms(case, "tail.p99", f"p99 of {tail.whose}", tail.p99, tail.place)
        clue = Clue(
            text("Half of the calls take up to ", p50, " ms, one in a hundred over ", p99, f" ms{tail.note}"),
            tail.place,
            (p50, p99),
        )
        title = text("Most calls are quick, a few are very slow: p50 ", p50, " ms, p99 ", p99, " ms")
        return Finding(certainty, title, (clue,))
    return None


def _timed(log: LogSummary, least: int) -> Iterator[tuple[dt.datetime, float]]:
    """The medians over time, where enough calls tell their duration."""
    for bucket in log.buckets:
        if bucket.p50_ms and bucket.p50_ms > 0 and bucket.timed >= least:
            yield bucket.start, bucket.p50_ms


def _slow_hours(case: Case, log: LogSummary) -> tuple[int, ...]:
    """The hours whose median is far above that of the day, on most of the days on which they have calls."""
    least = case.parameters.latency
    medians = {each.hour: each.p50_ms for each in log.hours if each.p50_ms and each.count >= least.hour_days}
    if len(medians) < _LEAST_HOURS or log.bucket_seconds > 3600:
        return ()
    bound = least.hour_ratio * median(medians.values())
    days: _Days = defaultdict(lambda: defaultdict(list))
    for bucket in log.buckets:
        if bucket.p50_ms and bucket.timed:
            days[bucket.start.hour][bucket.start.date()].append((bucket.p50_ms, bucket.timed))
    slow = [hour for hour in sorted(medians) if medians[hour] >= bound and _recurs(days[hour], bound, least)]
    return tuple(slow) if len(slow) <= least.hour_share * len(medians) else ()


def _recurs(days: Mapping[dt.date, Sequence[tuple[float, int]]], bound: float, least: Latency) -> bool:
    """Whether an hour was slow on half of its days; on each of its days where those have few calls."""
    slow = sum(median(each for each, _ in day) >= bound for day in days.values())
    if all(sum(timed for _, timed in day) >= least.timed for day in days.values()):
        return slow >= max(least.hour_days, _MOST_OF_DAYS * len(days))
    return slow == len(days) >= least.probe_days


def _hour_medians(log: LogSummary, slow: tuple[int, ...]) -> tuple[float, float]:
    """The median of the hours' medians: of the others, and of the slow ones."""
    others = [each.p50_ms for each in log.hours if each.p50_ms and each.hour not in slow]
    return median(others), median([each.p50_ms for each in log.hours if each.p50_ms and each.hour in slow])


def _tails(case: Case) -> Iterator[_Tail]:
    for log, place in case.facts(LogSummary):
        if log.durations is not None:
            yield _Tail("the log's calls", log.durations.p50, log.durations.p99, log.durations.count, "", place)
    for metrics, place in case.facts(MetricsSummary):
        for name, values in metrics.quantiles.items():
            if "p50" in values and "p99" in values:
                note = " (of a histogram: interpolated within its buckets)"
                yield _Tail(name, 1000 * values["p50"], 1000 * values["p99"], metrics.counts.get(name, 0), note, place)


def _ms(case: Case, name: str, label: str, value: float, place: Place) -> Figure:
    return case.figure(f"latency.{name}", label, value, "ms", "worked out from the durations in the artifact", place)


RULES: tuple[Rule, ...] = (
    Rule("client_side_slow", "customer", client_side_slow),
    Rule("large_response", "customer", large_response),
    Rule("dependency_slow", "undecided", dependency_slow),
    Rule("latency_step", "undecided", latency_step, "context"),
    Rule("latency_by_hour", "undecided", latency_by_hour, "context"),
    Rule("latency_tail", "undecided", latency_tail, "context"),
)
