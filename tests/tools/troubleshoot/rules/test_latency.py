"""Slow calls: since when, at which hours, only a few of them."""

import datetime as dt

import pytest

from tests.tools.troubleshoot.made import at, case_with
from tests.tools.troubleshoot.rules.made_log import finding, log_of, rule_of
from tools.troubleshoot.facts.logs import Bucket, Durations, HourOfDay, LogSummary
from tools.troubleshoot.facts.programs import MetricsSummary
from tools.troubleshoot.rules.latency import RULES

STEP, HOURS, TAIL = (rule_of(RULES, id_) for id_ in ("latency_step", "latency_by_hour", "latency_tail"))


def test_a_step_tells_its_start_and_both_medians() -> None:
    found = finding(STEP, log_of(medians=[200, 210, 190] * 10 + [600, 640, 620] * 10))
    assert found is not None
    assert (found.certainty, found.values) == ("likely", {"start": "2026-06-26 09:30 UTC"})
    before, after = found.clues[0].figures
    assert before.unit == after.unit == "ms"
    assert before.value == pytest.approx(200, rel=0.02)
    assert after.value == pytest.approx(620, rel=0.02)


def test_a_step_that_the_log_begins_after() -> None:
    found = finding(STEP, log_of(medians=[900, 950, 920] * 5 + [200, 210] * 20))
    assert found is not None
    assert found.values == {"end": "2026-06-26 09:15 UTC"}


@pytest.mark.parametrize(
    "medians",
    [
        [],
        [200, 300, 150, 260, 180] * 10,
        [float(each) for each in range(200, 800, 10)],
        [200] * 30 + [300] * 30,
        [200] * 58 + [900] * 2,
    ],
    ids=["nothing", "noise", "drift", "less than twice", "a peak"],
)
def test_what_is_no_step(medians: list[float]) -> None:
    assert finding(STEP, log_of(medians=medians)) is None


def test_medians_of_too_few_calls_are_no_step() -> None:
    assert finding(STEP, log_of(counts=2, medians=[200.0] * 30 + [900.0] * 30)) is None


def week(slow: dict[int, float], days: int = 5, *, only_on: int | None = None, count: int = 50) -> LogSummary:
    """A log of so many days with 200 ms, and other medians in the hours of `slow`; `only_on` one of the days."""

    def median(day: int, hour: int) -> float:
        return slow.get(hour, 200.0) if only_on in (None, day) else 200.0

    begin = at("00:00")
    places = [(day, hour) for day in range(days) for hour in range(24)]
    buckets = tuple(
        Bucket(
            start=begin + dt.timedelta(days=day, hours=hour),
            count=count,
            errors=0,
            p50_ms=median(day, hour),
            timed=count,
        )
        for day, hour in places
    )
    hours = tuple(
        HourOfDay(hour=hour, count=count * days, errors=0, p50_ms=slow.get(hour, 200.0)) for hour in range(24)
    )
    return log_of().model_copy(update={"buckets": buckets, "bucket_seconds": 3600, "hours": hours})


@pytest.mark.parametrize(
    ("slow", "named"), [({2: 900.0}, "02:00"), ({8: 600.0, 9: 700.0, 17: 500.0}, "08:00, 09:00, 17:00")]
)
def test_slow_at_the_same_hours_each_day(slow: dict[int, float], named: str) -> None:
    found = finding(HOURS, week(slow))
    assert found is not None
    assert (found.certainty, found.values) == ("likely", {"hours": named})
    usual, high = found.clues[0].figures
    assert (usual.value, high.value) == (200.0, sorted(slow.values())[len(slow) // 2])


@pytest.mark.parametrize(
    "log",
    [
        week({}),
        week({2: 900.0}, only_on=1),
        week({2: 900.0}, days=1),
        week({2: 350.0}),
        week(dict.fromkeys(range(8, 18), 900.0)),
        week({2: 900.0}, count=1, days=2),
        week({2: 900.0}, count=1, only_on=1),
        log_of(),
    ],
    ids=[
        "never",
        "one day only",
        "one day's log",
        "less than twice",
        "half the day",
        "few calls",
        "few calls on one day",
        "no hours",
    ],
)
def test_what_is_no_habit(log: LogSummary) -> None:
    assert finding(HOURS, log) is None


def test_a_probe_an_hour_is_enough_where_it_was_slow_each_day() -> None:
    found = finding(HOURS, week({2: 900.0, 3: 800.0}, days=3, count=1))
    assert found is not None
    assert found.values == {"hours": "02:00, 03:00"}


def durations(p50: float, p99: float, count: int = 1_000) -> LogSummary:
    return log_of().model_copy(update={"durations": Durations(count=count, p50=p50, p95=p99 / 2, p99=p99, max=p99)})


def test_a_few_calls_are_slow() -> None:
    found = finding(TAIL, durations(80, 4_000))
    assert found is not None
    assert found.certainty == "likely"
    assert [figure.value for figure in found.clues[0].figures] == [80, 4_000]


def test_of_few_calls_a_tail_is_possible_only() -> None:
    found = finding(TAIL, durations(80, 4_000, count=75))
    assert found is not None
    assert found.certainty == "possible"


def test_a_few_calls_are_slow_by_a_histogram() -> None:
    name = 'http_request_duration_seconds{path="/orders"}'
    quantiles = {"p50": 0.08, "p95": 1.0, "p99": 4.0}
    metrics = MetricsSummary(families=1, quantiles={name: quantiles}, counts={name: 900})
    found = TAIL.examine(case_with(metrics, kind="prometheus"))
    assert found is not None
    assert [figure.value for figure in found.clues[0].figures] == [80, 4_000]
    assert "interpolated" in "".join(str(span) for span in found.clues[0].text)
    few = metrics.model_copy(update={"counts": {name: 30}})
    assert TAIL.examine(case_with(few, kind="prometheus")) is None


@pytest.mark.parametrize(
    "log",
    [durations(80, 700), durations(80, 4_000, count=49), durations(900, 12_000), durations(300, 2_500), log_of()],
    ids=["not slow", "few calls", "the median is slow too", "less than ten times", "no durations"],
)
def test_what_is_no_tail(log: LogSummary) -> None:
    assert finding(TAIL, log) is None


def test_the_three_are_contexts() -> None:
    assert {rule.role for rule in (STEP, HOURS, TAIL)} == {"context"}
