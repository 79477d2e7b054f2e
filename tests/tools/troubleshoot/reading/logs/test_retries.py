"""Requests sent again, repeated events, and markers of change."""

import datetime as dt
import json
from typing import Any

import pytest

from tools.troubleshoot.facts.logs import LogSummary, Retries
from tools.troubleshoot.reading.logs.changes import change_in
from tools.troubleshoot.reading.logs.fold import fold

START = dt.datetime(2026, 6, 26, 14, tzinfo=dt.UTC)


def line(second: float, **fields: Any) -> str:
    at = (START + dt.timedelta(seconds=second)).isoformat()
    return json.dumps({"time": at, "level": "info", **fields})


def call(second: float, status: int = 503, **more: Any) -> str:
    return line(second, **{"method": "POST", "path": "/v1/pay", "status": status, "client_id": "c1", **more})


def retries_of(*lines: str) -> Retries:
    found = fold(lines).summary.retries
    assert found is not None
    return found


def test_a_storm_is_seen() -> None:
    found = retries_of(*(call(0.5 * number) for number in range(40)), call(30, 200))
    assert (found.requests, found.repeated) == (41, 39)
    assert found.share == pytest.approx(39 / 41)
    assert found.gaps == (0.5,) * 20
    assert found.median_gap == pytest.approx(0.5, rel=0.03)
    assert found.backs_off is False
    assert found.honours_retry_after is None


def test_growing_pauses_are_seen() -> None:
    found = retries_of(*(call(second) for second in (0, 1, 3, 7, 15, 31)))
    assert (found.gaps, found.backs_off) == ((1, 2, 4, 8, 16), True)


def test_what_is_no_retry() -> None:
    for lines in (
        (call(0), call(61)),  # too late
        (call(0), call(1, 200), call(2)),  # it worked in between
        (call(0), call(1, client_id="c2")),
        (call(0), call(1, path="/v1/other")),
        (call(0), call(1, method="GET")),
        (call(0, 200), call(1, 200)),
        (call(5), call(3)),  # out of order
    ):
        assert retries_of(*lines).repeated == 0


def test_the_pause_after_calls_that_worked_is_told_beside() -> None:
    steady = [call(5 * number, 503 if number > 20 else 200) for number in range(40)]
    found = retries_of(*steady)
    assert found.median_gap == pytest.approx(5, rel=0.03)
    assert found.usual_gap == pytest.approx(5, rel=0.03)
    assert retries_of(call(0), call(1)).usual_gap is None
    assert retries_of(call(0, 200), call(4_000, 200)).usual_gap is None


def test_whether_retry_after_is_honoured() -> None:
    waits = (call(0, 429, retry_after=5), call(5, 429, retry_after=5), call(10, 200))
    assert retries_of(*waits).honours_retry_after is True
    assert (
        retries_of(call(0, 429, retry_after=5), call(1, 429, retry_after=5), call(2, 429)).honours_retry_after is False
    )


def test_a_log_that_names_no_clients_says_so() -> None:
    lines = [f"2026-06-26T14:03:{second}Z ERROR POST /v1/pay returned 503" for second in (11, 12, 13)]
    found = retries_of(*lines)
    assert (found.repeated, found.by_client) == (2, False)
    assert retries_of(call(0)).by_client is True


def test_many_clients_are_bounded() -> None:
    found = retries_of(*(call(number / 100, client_id=f"c{number}") for number in range(25_000)))
    assert (found.requests, found.repeated) == (25_000, 0)


def repeated_of(*lines: str) -> list[tuple[str, str, int, tuple[int, ...]]]:
    summary: LogSummary = fold(lines).summary
    return [(each.what, each.value, each.count, each.statuses) for each in summary.repeated]


def test_an_event_that_comes_again_is_told() -> None:
    lines = [call(60 * number, 500, path="/hooks", event_id="evt_100001") for number in range(3)]
    lines += [call(5, 200, path="/hooks", event_id=f"evt_2{number:05}") for number in range(50)]
    assert repeated_of(*lines) == [("event_id", "evt_100001", 3, (500,))]


def test_several_lines_on_one_event_are_not_a_repetition() -> None:
    words = ("received event", "signature of event verified", "stored the event in the queue", "event was handled")
    assert repeated_of(*(line(number, message=text, event_id="evt_100001") for number, text in enumerate(words))) == []


def test_a_line_that_is_there_twice_is_not_a_repetition() -> None:
    assert repeated_of(*[line(1, message="received event", event_id="evt_100001")] * 2) == []


def test_a_request_id_counts_in_requests_alone() -> None:
    assert repeated_of(*(line(number, message="query done", request_id="r-1") for number in range(5))) == []
    assert repeated_of(*(call(number, request_id="r-1") for number in range(3))) == [("request_id", "r-1", 3, (503,))]


def test_many_ids_are_bounded_and_what_repeats_is_kept() -> None:
    lines = [call(0, idempotency_key="k-1"), call(1, idempotency_key="k-1")]
    lines += [call(2 + number, idempotency_key=f"u-{number}") for number in range(20_000)]
    lines += [call(30_000, idempotency_key="k-1")]
    assert repeated_of(*lines) == [("idempotency_key", "k-1", 3, (503,))]


@pytest.mark.parametrize(
    ("message", "what"),
    [
        ("Deployed version 2.3.1 to production", "deploy"),
        ("deployment of api v2.3.1 finished", "deploy"),
        ("rolling out build 4711", "deploy"),
        ("rollback to v2.3.0", "deploy"),
        ("Running version 2.3.1", "release"),
        ("Released v2.4", "release"),
        ("configuration reloaded", "configuration"),
        ("reloading config from /etc/api.yaml", "configuration"),
        ("feature flag new-checkout enabled", "feature_flag"),
        ("certificate api.example.com renewed", "certificate"),
        ("rotated signing keys", "certificate"),
        ("Server restarted", "restart"),
        ("received SIGTERM, shutting down", "restart"),
        ("Listening on port 8080", "restart"),
        ("incident 42 declared", "incident"),
        ("failed over to replica 2", "incident"),
        ("no config changed", None),
        ("order released to the customer", None),
        ("certificate verify failed", None),
        ("the transaction was not restarted", None),
        ("started job 12", None),
        ("POST /v1/deployments", None),
        ("user clicked the flag icon", None),
    ],
)
def test_a_change_is_recognised_by_its_words(message: str, what: str | None) -> None:
    assert change_in(message) == what


def test_markers_stand_in_order_and_noise_is_left_out() -> None:
    lines = [line(number, message="worker process restarted") for number in range(100)]
    lines[50:50] = [line(50.5, message="Deployed version 2.3.1"), line(50.6, message="Deployed version 2.3.2")]
    markers = fold(lines).summary.markers
    assert [(each.what, each.line, each.text) for each in markers] == [
        ("deploy", 51, "Deployed version 2.3.1"),
        ("deploy", 52, "Deployed version 2.3.2"),
    ]
    assert markers[0].at == START + dt.timedelta(seconds=50.5)
    assert [each.what for each in fold(lines[:3]).summary.markers] == ["restart"] * 3


def test_a_request_to_a_path_that_sounds_so_is_no_marker() -> None:
    assert fold([call(1, path="/v1/deploy", message="deploy finished")]).summary.markers == ()
