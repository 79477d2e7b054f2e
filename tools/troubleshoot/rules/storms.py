"""Failed calls that the client sends again at once: how many, how soon, and whether they explain the refusals."""

import datetime as dt
import itertools
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.logs import Bucket, LogSummary
from tools.troubleshoot.parameters import Traffic
from tools.troubleshoot.rules.pace import Ceiling, Pace, ceiling, pace
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.rule import Clue

GROWTH = 1.5
"""The last pauses must be so many times the first ones to count as growing: back-off doubles them."""

Standing = Literal["below", "near", "over", "unhurried", "unknown"]
"""The busiest minute without its repeats: below the limit, which only the repeats exceed; near it or over it by itself;
unhurried, as not even all calls reach the limit; unknown, as an excerpt does not tell."""


@dataclass(frozen=True, slots=True)
class Storm:
    """Repeats of failed calls: `repeated` of `requests`, the median pause in seconds, and whether pauses grow.

    `surge` is the rate of calls where they fail ÷ the rate before, None where no time before is seen. `same` says that
    the calls are known to be the same, by a body or an id; a log tells them by client, method and path only.
    """

    requests: int
    repeated: int
    pause: float
    grows: bool
    place: Place
    surge: float | None = None
    same: bool = False

    @property
    def share(self) -> float:
        return self.repeated / self.requests


@dataclass(frozen=True, slots=True)
class Weighed:
    """How far a storm explains the refusals, and what speaks for and against that."""

    certainty: Certainty
    clues: tuple[Clue, ...]
    against: tuple[Clue, ...]


def storm(case: Case) -> Storm | None:
    """The first log or set of exchanges in which most calls repeat one that had just failed, at once."""
    limits = case.parameters.traffic
    for found in (*_of_logs(case), *_of_exchanges(case)):
        if found.repeated < limits.storm_calls or found.share < limits.storm_share:
            continue
        if found.pause <= limits.storm_pause and not found.grows:
            return found
    return None


def weighed(case: Case) -> Weighed | None:
    """The storm of the case, weighed: new work at the same address looks like repeats, and must be told from them."""
    found = storm(case)
    if found is None:
        return None
    limit = ceiling(case)
    measured = pace(case, limit)
    alone = _alone(case, found, measured, limit) if measured and limit else None
    clues = [*storm_clues(case, found)]
    against: list[Clue] = []
    surge = _surge_clue(case, found)
    if surge:
        (clues if (found.surge or 0) >= case.parameters.traffic.storm_surge else against).append(surge)
    if alone and alone[0] != "unknown":
        (clues if alone[0] == "below" else against).append(alone[1])
    return Weighed(_weight(case.parameters.traffic, found, alone[0] if alone else None), tuple(clues), tuple(against))


def storm_clues(case: Case, found: Storm) -> tuple[Clue, ...]:
    """What the storm rests on: the share of repeats, and the pause between them."""
    share = case.figure(
        "retries.share",
        "Share of calls that repeat one that had just failed",
        100 * found.share,
        "%",
        f"100 × {found.repeated:,} repeats ÷ {found.requests:,} calls",
        found.place,
    )
    pause = case.figure(
        "retries.pause",
        "Median pause before a repeat, in ms",
        1_000 * found.pause,
        "ms",
        "median of the pauses between a failed call and its repeat",
        found.place,
    )
    said = text(share, " of the calls repeat one that had just failed")
    waited = text("Repeats follow after ", pause, " ms in the median, and the pauses do not grow")
    return Clue(said, found.place, (share,)), Clue(waited, found.place, (pause,))


def _weight(limits: Traffic, found: Storm, alone: Standing | None) -> Certainty:
    """`alone` is how first attempts stand to the limit; None where no limit, or no rate, is known."""
    surges = found.surge is not None and found.surge >= limits.storm_surge
    if alone in ("over", "unhurried") or (found.surge is not None and found.surge < limits.storm_steady):
        return "possible"
    if found.same and alone == "below":
        return "known"
    plain = alone in (None, "unknown") and found.share >= limits.storm_most
    return "likely" if found.same or surges or alone == "below" or plain else "possible"


def _alone(case: Case, found: Storm, measured: Pace, limit: Ceiling) -> tuple[Standing, Clue]:
    """How the busiest minute without its repeats stands to the limit, and the comparison."""
    alone = measured.calls * (1 - found.share)
    figure = case.figure(
        "retries.first_attempts",
        "Calls of the busiest minute that are no repeats",
        alone,
        "calls",
        f"{measured.calls:,} calls × (1 − {found.repeated:,} repeats ÷ {found.requests:,} calls)",
        measured.place,
    )
    said = text("Without repeats the busiest minute holds ", figure, " calls, and the limit is ", limit.figure)
    clue = Clue(said, measured.place, (figure, limit.figure))
    if measured.calls <= limit.calls:
        return ("unhurried" if measured.whole else "unknown"), clue
    near = case.parameters.traffic.storm_near
    if alone > (1 + near) * limit.calls:
        return "over", clue
    return "near" if alone > (1 - near) * limit.calls else "below", clue


def _surge_clue(case: Case, found: Storm) -> Clue | None:
    if found.surge is None:
        return None
    rule = "median calls of the spans with failures ÷ median of those before the first failure"
    figure = case.figure(
        "retries.surge", "Calls where they fail, in calls before", found.surge, "ratio", rule, found.place
    )
    return Clue(text("Where calls fail there are ", figure, " times the calls of before"), found.place, (figure,))


def _of_logs(case: Case) -> Iterator[Storm]:
    for log, place in case.facts(LogSummary):
        retries = log.retries
        if retries is None or retries.requests < 1 or retries.repeated < 1:
            continue
        pause = retries.median_gap if retries.median_gap is not None else _median(retries.gaps)
        grows = retries.backs_off if retries.backs_off is not None else _grow(retries.gaps)
        if pause is None:
            continue
        least = case.parameters.traffic.storm_calls
        same = any(each.what == "idempotency_key" and each.count >= least for each in log.repeated)
        repeated = min(retries.repeated, retries.requests)
        yield Storm(retries.requests, repeated, pause, grows, place, _surge(log.buckets), same)


def _surge(buckets: tuple[Bucket, ...]) -> float | None:
    """How many times more calls the spans with failures hold than those before the first failure."""
    first = next((place for place, bucket in enumerate(buckets) if bucket.errors), None)
    if not first:
        return None
    before = statistics.median(bucket.count for bucket in buckets[:first])
    failing = statistics.median(bucket.count for bucket in buckets[first:] if bucket.errors)
    return failing / before if before else None


def _of_exchanges(case: Case) -> Iterator[Storm]:
    """The calls of one method, URL and body, in order: a repeat follows one that failed."""
    groups: dict[tuple[str | None, str, str | None], list[tuple[dt.datetime, Exchange, Place]]] = defaultdict(list)
    for answer in calls(case):
        exchange = answer.exchange
        if exchange.at and exchange.url and not answer.in_log:
            groups[exchange.method, exchange.url, exchange.request_body].append((exchange.at, exchange, answer.place))
    for group in groups.values():
        ordered = sorted(group, key=lambda each: each[0])
        pairs = itertools.pairwise(ordered)
        gaps = tuple((after[0] - before[0]).total_seconds() for before, after in pairs if before[1].failed)
        pause = _median(gaps)
        if pause is not None:
            yield Storm(len(ordered), len(gaps), pause, _grow(gaps), ordered[0][2], same=True)


def _median(gaps: tuple[float, ...]) -> float | None:
    return statistics.median(gaps) if gaps else None


def _grow(gaps: tuple[float, ...]) -> bool:
    """Whether later pauses are longer than earlier ones by far."""
    half = len(gaps) // 2
    if half == 0:
        return False
    return statistics.fmean(gaps[half:]) > GROWTH * max(statistics.fmean(gaps[:half]), 0.001)
