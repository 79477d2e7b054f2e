"""A folded log is what counting all of its lines at once comes to, in bounded size."""

import datetime as dt
import json
import math
from collections import Counter
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.troubleshoot.facts.logs import MOST_BUCKETS, MOST_SAMPLES, MOST_TEMPLATES, MOST_VALUES, LogSummary
from tools.troubleshoot.reading.logs.fold import LONGEST_LINE, fold

START = dt.datetime(2026, 6, 26, tzinfo=dt.UTC)


class Call(NamedTuple):
    second: int
    status: int
    client: str
    took: float


CALLS = st.lists(
    st.builds(
        Call,
        st.integers(0, 3 * 86_400),
        st.sampled_from((200, 201, 404, 408, 429, 500, 503)),
        st.sampled_from(("acme", "globex", "initech")),
        st.floats(0.01, 90_000),
    ),
    min_size=1,
    max_size=60,
)


def line_of(call: Call, **more: object) -> str:
    at = (START + dt.timedelta(seconds=call.second)).isoformat()
    fields = {"time": at, "method": "GET", "path": "/v1/x", "status": call.status, "client_id": call.client}
    return json.dumps({**fields, "duration_ms": call.took, **more})


def summary_of(*lines: str) -> LogSummary:
    return fold(lines).summary


def is_error(call: Call) -> bool:
    return call.status >= 500 or call.status in (408, 429)


def rank(values: list[float], share: float) -> float:
    return sorted(values)[max(1, math.ceil(share * len(values))) - 1]


@settings(max_examples=100, deadline=None)
@given(CALLS)
def test_counts_are_those_of_all_lines(calls: list[Call]) -> None:
    summary = summary_of(*(line_of(call) for call in calls))
    errors = [call for call in calls if is_error(call)]
    assert (summary.lines, summary.parsed, summary.records) == (len(calls),) * 3
    assert summary.errors == len(errors)
    assert summary.statuses == {str(k): n for k, n in Counter(call.status for call in calls).items()}
    minutes = Counter(call.second // 60 for call in calls)
    assert summary.most_in_a_minute == max(minutes.values())
    hours = Counter(call.second // 3600 % 24 for call in calls)
    assert {hour.hour: hour.count for hour in summary.hours} == hours
    assert sum(hour.errors for hour in summary.hours) == len(errors)
    by_client = summary.breakdown("client")
    assert by_client is not None
    assert {each.value: each.count for each in by_client.values} == Counter(call.client for call in calls)
    for share in by_client.values:
        failed = [call.second for call in errors if call.client == share.value]
        assert share.errors == len(failed)
        assert share.first_error == (START + dt.timedelta(seconds=min(failed)) if failed else None)


@settings(max_examples=100, deadline=None)
@given(CALLS)
def test_buckets_hold_every_line_that_is_no_stray(calls: list[Call]) -> None:
    summary = summary_of(*(line_of(call) for call in calls))
    assert summary.bucket_seconds == 60
    expected = Counter(call.second // 60 for call in calls)
    found = {int((bucket.start - START).total_seconds()) // 60: bucket.count for bucket in summary.buckets}
    assert found == expected
    assert [bucket.start for bucket in summary.buckets] == sorted(bucket.start for bucket in summary.buckets)
    for bucket in summary.buckets:
        within = [call for call in calls if START + dt.timedelta(seconds=call.second // 60 * 60) == bucket.start]
        assert bucket.errors == sum(map(is_error, within))
        assert bucket.p50_ms == pytest.approx(rank([call.took for call in within], 0.5), rel=0.03)
        assert bucket.p95_ms == pytest.approx(rank([call.took for call in within], 0.95), rel=0.03)


@settings(max_examples=100, deadline=None)
@given(CALLS)
def test_percentiles_are_within_three_per_cent(calls: list[Call]) -> None:
    durations = summary_of(*(line_of(call) for call in calls)).durations
    took = [call.took for call in calls]
    assert durations is not None
    assert (durations.count, durations.max) == (len(calls), max(took))
    for share, told in ((0.5, durations.p50), (0.95, durations.p95), (0.99, durations.p99)):
        assert told == pytest.approx(rank(took, share), rel=0.03)


@settings(max_examples=50, deadline=None)
@given(CALLS, st.randoms(use_true_random=False))
def test_the_order_of_lines_changes_no_count(calls: list[Call], random: Random) -> None:
    lines = [line_of(call) for call in calls]
    one, other = summary_of(*lines), summary_of(*random.sample(lines, len(lines)))
    assert one.buckets == other.buckets
    assert (one.first, one.last, one.hours, one.durations) == (other.first, other.last, other.hours, other.durations)


def test_buckets_double_their_width_and_lose_nothing() -> None:
    minutes = 2 * MOST_BUCKETS + 100
    lines = [line_of(Call(60 * minute, 503 if minute % 3 else 200, "acme", 5)) for minute in range(minutes)]
    summary = summary_of(*lines)
    assert summary.bucket_seconds == 240
    assert len(summary.buckets) <= MOST_BUCKETS
    assert sum(bucket.count for bucket in summary.buckets) == minutes
    assert sum(bucket.errors for bucket in summary.buckets) == summary.errors
    assert sum(bucket.timed for bucket in summary.buckets) == minutes
    assert all(bucket.start.timestamp() % 240 == 0 for bucket in summary.buckets)


def test_a_wrong_clock_does_not_widen_the_buckets() -> None:
    lines = [line_of(Call(second, 200, "acme", 5)) for second in range(300)]
    odd = ["2099-01-01T00:00:00Z INFO from the future", "1995-01-01T00:00:00Z INFO from the past"]
    summary = summary_of(*lines, *odd)
    assert (summary.bucket_seconds, len(summary.buckets)) == (60, 5)
    assert summary.last == START + dt.timedelta(seconds=299)
    assert summary.first == START
    assert summary.faults["stray_time"] == 2
    assert "2 lines have a time far from all others" in summary.truncated


def test_two_days_with_a_week_between_are_no_strays() -> None:
    lines = [line_of(Call(day * 604_800 + second, 200, "acme", 5)) for day in range(2) for second in range(10)]
    summary = summary_of(*lines)
    assert "stray_time" not in summary.faults
    assert sum(bucket.count for bucket in summary.buckets) == 20


def test_lines_out_of_order_and_a_clock_set_back_are_counted() -> None:
    late = summary_of(*(line_of(Call(second, 200, "a", 1)) for second in (0, 100, 50, 110, 120)))
    assert late.faults == {"out_of_order": 1}
    back = summary_of(*(line_of(Call(second, 200, "a", 1)) for second in (1000, 1001, 2, 3, 4, 5)))
    assert back.faults["clock_set_back"] == 1


def test_zones_are_brought_together() -> None:
    summary = summary_of(
        "2026-06-26T14:03:11Z INFO a", "2026-06-26T16:03:12+02:00 INFO b", "2026-06-26T10:03:13-04:00 INFO c"
    )
    assert summary.zone_known
    assert (len(summary.buckets), summary.buckets[0].count) == (1, 3)
    assert not summary_of("2026-06-26T14:03:11Z INFO a", "2026-06-26 14:03:12 INFO b").zone_known
    assert not summary_of("ERROR:root:no time").zone_known


def test_a_year_is_taken_from_today_or_from_lines_before() -> None:
    line = "Dec 31 23:59:58 web1 api[9]: it broke"
    assert fold([line]).summary.buckets == ()
    assert fold([line]).summary.faults == {"no_year": 1}
    assert fold([line], dt.date(2027, 1, 1)).summary.first == dt.datetime(2026, 12, 31, 23, 59, 58, tzinfo=dt.UTC)
    after = fold(["2026-12-30T00:00:00Z INFO a", line, "Jan  1 00:00:01 web1 api[9]: on"]).summary
    assert after.last == dt.datetime(2027, 1, 1, 0, 0, 1, tzinfo=dt.UTC)
    assert fold(["Feb 29 10:00:00 web1 api[9]: x"], dt.date(2026, 6, 1)).summary.buckets == ()


def test_a_time_of_day_takes_the_day_of_lines_before() -> None:
    lines = ["2026-06-26T23:59:00Z INFO a", "23:59:30 [main] ERROR b - c", "00:00:10 [main] ERROR b - c"]
    assert summary_of(*lines).last == START + dt.timedelta(days=1, seconds=10)
    alone = summary_of("23:59:30 [main] ERROR b - c")
    assert (alone.first, alone.hours[0].hour, alone.faults) == (None, 23, {"no_day": 1})


def test_continuation_lines_are_no_records() -> None:
    summary = summary_of(
        "2026-06-26T14:03:11Z ERROR worker failed", "Traceback (most recent call last):", "KeyError: 'x'", ""
    )
    assert (summary.lines, summary.parsed, summary.records, summary.errors) == (4, 1, 1, 1)


def test_levels_formats_and_request_ids() -> None:
    summary = summary_of(
        "2026-06-26T14:03:11Z ERROR a",
        "2026-06-26T14:03:12Z WARN b",
        *(line_of(Call(1, 503, "a", 1), request_id=f"r-{number % 25}") for number in range(60)),
    )
    assert summary.format == "json"
    assert summary.levels == {"error": 1, "warn": 1}
    assert summary.errors == 61
    assert summary.request_ids == tuple(f"r-{number}" for number in range(20))


def test_samples_are_the_first_failures_of_each_status_and_those_with_retry_after() -> None:
    calls = [Call(number, status, "a", 1) for number, status in enumerate((200, 503, 503, 503, 503, 429, 401))]
    lines = [line_of(call, message="no room") for call in calls]
    lines.append(line_of(Call(9, 503, "a", 1), retry_after=30, error="slow down"))
    samples = summary_of(*lines).samples
    assert [(each.line, each.status) for each in samples] == [
        (2, 503),
        (3, 503),
        (4, 503),
        (6, 429),
        (7, 401),
        (8, 503),
    ]
    assert samples[-1].response_headers == {"retry-after": "30"}
    assert (samples[-1].reason, samples[0].reason) == ("slow down", "no room")
    assert samples[0].at == START + dt.timedelta(seconds=1)
    assert samples[0].url == "/v1/x"


def test_a_sample_without_a_zone_tells_its_time_as_written_alone() -> None:
    sample = summary_of("2026-06-26 14:03:11 ERROR GET /v1/x returned 503").samples[0]
    assert (sample.at, sample.at_text) == (None, "2026-06-26 14:03:11")


def test_paths_are_told_as_endpoints() -> None:
    lines = [
        line_of(Call(number, 200, "a", 1), path=f"/v1/orders/{number}/items?page={number}") for number in range(40)
    ]
    found = summary_of(*lines).breakdown("endpoint")
    assert found is not None
    assert [(each.value, each.count) for each in found.values] == [("GET /v1/orders/{id}/items", 40)]


def test_values_of_a_dimension_are_bounded_and_late_ones_are_seen() -> None:
    rare = [line_of(Call(number, 200, f"rare-{number}", 1)) for number in range(9_000)]
    late = [line_of(Call(number, 503, "late", 1)) for number in range(9_000, 9_050)]
    found = summary_of(*rare, *late).breakdown("client")
    assert found is not None
    assert len(found.values) == MOST_VALUES
    assert (found.values[0].value, found.values[0].count, found.values[0].errors) == ("late", 50, 50)
    assert found.left_out == 9_001 - MOST_VALUES


def test_odd_lines_are_counted_and_the_others_read() -> None:
    good = "2026-06-26T14:03:11Z ERROR boom"
    lines = [good, good, "\x01\x02\x03\x04" * 50, "\x00" * 80 + good, good + " x" * LONGEST_LINE, good[:12]]
    summary = summary_of(*lines)
    assert summary.lines == len(lines)
    assert summary.records == 4
    assert (summary.faults["binary"], summary.faults["cut"], summary.faults["repeated"]) == (1, 1, 2)
    assert "1 lines are binary" in summary.truncated


def test_nothing_is_a_log_of_nothing() -> None:
    summary = fold(()).summary
    assert (summary.lines, summary.records, summary.first, summary.retries, summary.durations) == (
        0,
        0,
        None,
        None,
        None,
    )


def test_every_list_is_bounded() -> None:
    lines = [
        line_of(
            Call(37 * number, 400 + number % 190, f"c{number}", number), message=f"word{'x' * (number % 300)} failed"
        )
        for number in range(4_000)
    ]
    summary = summary_of(*lines)
    assert len(summary.samples) <= MOST_SAMPLES
    assert len(summary.templates) <= MOST_TEMPLATES
    assert len(summary.request_ids) <= 20
    assert len(summary.model_dump_json()) < 400_000
