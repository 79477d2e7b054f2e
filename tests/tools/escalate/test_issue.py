"""What is read from the text of an issue: labelled lines, answers, free prose."""

from typing import Any

import pytest

from tests.tools.escalate.conftest import PARAMETERS, data
from tools.escalate.issue import Issue, read_issue


def read(text: str) -> Issue:
    return read_issue(text, PARAMETERS)


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("Endpoint: POST /v1/a", "endpoint", "POST /v1/a"),
        ("  - **Endpoint**: `POST /v1/a`", "endpoint", "POST /v1/a"),
        ("* API endpoint: POST /v1/a", "endpoint", "POST /v1/a"),
        ("endpoint=/v1/a", "endpoint", "/v1/a"),
        ("it fails on POST /v1/a, always", "endpoint", "POST /v1/a"),
        ("it fails on POST https://api.x.io/v1/a?b=c today", "endpoint", "POST /v1/a"),
        ("exports at /api/v2/exports fail", "endpoint", "/api/v2/exports"),
        ("curl https://api.x.io/v1/a", "request", "curl https://api.x.io/v1/a"),
        (
            "We ran curl https://x.io/a -d 1 and got 500 Internal Server Error.",
            "request",
            "curl https://x.io/a -d 1",
        ),
        ("Request:\n```\ncurl https://x.io/a \\\n  -d 1\n```\nmore", "request", "curl https://x.io/a \\\n  -d 1"),
        ("it is\nrequests.post('https://x.io/a', json=body)\nthat fails", "request", None),
        ("Error: boom", "error", "boom"),
        ("it returns 503 Service Unavailable (pool exhausted) again", "error", None),
        ("it says “cursor is invalid” — see", "error", "cursor is invalid"),
        ('answer {"error": "cursor is invalid"}', "error", "cursor is invalid"),
        ("ValueError: bad cursor", "error", "ValueError: bad cursor"),
        ("environment: production eu-west-1", "environment", "production eu-west-1"),
        ("we see it in production, eu-west-1, with Python SDK 2.3.1", "environment", None),
        ("sandbox, eu-west-1", "environment", "sandbox, eu-west-1"),
        ("prod", "environment", "prod"),
        ("prod, eu-west", "environment", "prod, eu-west"),
        ("prod (EU)", "environment", "prod (EU)"),
        ("Region: eu-west-1\nSDK: python 2.3", "environment", "Region: eu-west-1\nSDK: python 2.3"),
        ("Logs: see a.log", "logs", "see a.log"),
        ("the logs are attached (a.log)", "logs", "attached: a.log"),
        ("Impact: 40% of calls", "impact", "40% of calls"),
        ("40% of their calls fail", "impact", "40% of their calls fail"),
        ("1,200 users are affected", "impact", "1,200 users are affected"),
        ("they lose $50K per hour", "business_impact", "they lose $50K per hour"),
        ("it blocks their go-live", "business_impact", "it blocks their go-live"),
        ("They expect a fix by noon. Thanks", "customer_expectation", "They expect a fix by noon"),
        ("Steps to reproduce:\n1. log in\n2. export", "reproduction", "1. log in\n2. export"),
        ("Expected: 200\nActual: 500", "reproduction", "Expected: 200\nActual: 500"),
        ("it fails every time", "reproduction", "it fails every time"),
    ],
)
def test_a_field_is_read(text: str, field: str, value: str | None) -> None:
    expected = {
        "request": "requests.post('https://x.io/a', json=body)",
        "error": "503 Service Unavailable (pool exhausted)",
        "environment": "production, eu-west-1, Python SDK 2.3.1",
    }
    assert read(text).texts.get(field) == (value or expected[field])


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("production is down", "environment"),
        ("production down since noon", "environment"),
        ("it returns 503 errors", "error"),
        ("they have 500 seats and $500K ARR", "error"),
        ("we used curl to test", "request"),
        ("no data loss so far", "impact"),
        ("99% of calls OK, the docs are wrong", "impact"),
        ("$500K ARR", "business_impact"),
        ("logs will follow", "logs"),
        ("Logs: to follow", "logs"),
        ("environment: unknown", "environment"),
        ("impact: ?", "impact"),
    ],
)
def test_what_is_not_said_is_not_read(text: str, field: str) -> None:
    assert field not in read(text).texts


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("since 2024-01-15 14:30 UTC", "UTC"),
        ("2024-01-15T14:30:02.123Z", "Z"),
        ("2024-01-15 14:30+01:00", "+01:00"),
        ("15 Jan 2024 at 2:30 pm PST", "PST"),
        ("Jan 15, 2024 14:30 Europe/Berlin", "Europe/Berlin"),
        ("14:30 (UTC) on 2024-01-15", "UTC"),
        ("between 13:30-14:00 UTC", None),
        ("since 2024-01-15 14:30", None),
        ("yesterday 3 PM", None),
        ("since 2024-01-15 14:30, all times are in CET", "CET"),
        ("since 2024-01-15 14:30\nUTC", "UTC"),
        ("since 2024-01-15 14:30\ntime zone: Europe/Paris", "Europe/Paris"),
        ("since 2024-01-15 14:30\ntime zone: CET (UTC+1)", "CET"),
        ("since 2024-01-15 14:30\ntime zone: theirs", None),
    ],
)
def test_a_time_says_its_zone_or_not(text: str, zone: str | None) -> None:
    assert read(text).moments[0].zone == zone


@pytest.mark.parametrize(
    "text",
    [
        "host 127.0.0.1:8080",
        "app.py:12:30",
        "00:11:22:33:44:55",
        "ratio 10:1",
        "2024-01-15",
        "they want it by 17:00 UTC",
    ],
)
def test_what_is_no_time_of_failure(text: str) -> None:
    assert read(text).moments == ()


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("request ids: req_8f2, req_9a1; environment: production", ("req_8f2", "req_9a1")),
        ("Request IDs:\n- abc-123\n- def-456\n\nmore", ("abc-123", "def-456")),
        ("request ids: req_1\nrequest ids: req_2", ("req_1", "req_2")),
        ("X-Request-Id: 550e8400-e29b-41d4-a716-446655440000", ("550e8400-e29b-41d4-a716-446655440000",)),
        ("the request id is 9f8e7d6c, trace_id=4bf92f3577b3", ("9f8e7d6c", "4bf92f3577b3")),
        ("failing calls req_8f2a and req_9b", ("req_8f2a", "req_9b")),
        ("curl https://x.io/a -H 'X-Request-Id: a1b2c3d4'", ("a1b2c3d4",)),
        ("the req_body and request id header", ()),
        ("request ids: see the logs", ()),
    ],
)
def test_request_ids_are_read(text: str, ids: tuple[str, ...]) -> None:
    assert sorted(read(text).request_ids) == sorted(ids)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("API returns 503", "outage"),
        ("the API is down since noon", "outage"),
        ("the service is unavailable, errors and timeouts everywhere", "outage"),
        ("usage is down 20% and exports show an error", "bug"),
        ("the dashboard is slow", "performance"),
        ("requests time out with errors", "performance"),
        ("reports take 5 s instead of 300 ms", "performance"),
        ("invoices show wrong totals", "data_corruption"),
        ("two days of records are missing", "data_corruption"),
        ("they see another customer's data", "security"),
        ("an intruder got unauthorised access", "security"),
        ("memory leak makes exports crash", "bug"),
        ("it is slow, there is no data loss and no outage", "performance"),
        ("400: missing field amount, 500 Internal Server Error", "bug"),
        ("Kind: data corruption\nAPI returns 503", "data_corruption"),
        ("kind=bug API returns 503", "bug"),
        ("exports fail slowly\nbug", "bug"),
        ("hello, please call me", None),
        ("503 errors and data loss", None),
        ("Business impact: their site is down", None),
        ("Business impact: it hurts\nas their site is down", None),
        ("99% of calls OK, no 503s seen, but the docs are wrong", None),
        ("we are not seeing any 503 in the logs", None),
        ("no 503s at noon, then 503 errors again", "outage"),
        ("API not working, 503 errors", "outage"),
        ("no, 503s everywhere", "outage"),
        ("deployed without errors, 503s ever since", "outage"),
        ("It was down yesterday but works again now. Not urgent.", None),
        ("it was down, works again at noon, is down again", "outage"),
        ("records are missing, the API works again", "data_corruption"),
        ("Kind: outage\nit works again", "outage"),
        ("someone logged into our account from russia?? we did not do that", "security"),
        ("there are suspicious logins", "security"),
        ("someone logged a ticket about slow exports", "performance"),
        ("401 unauthorized on login is an error", "bug"),
        ("Severity: SEV2 checkout shows wrong totals", "data_corruption"),
        ("Severity: SEV3 (exports crash)", "bug"),
    ],
)
def test_the_kind_is_read_from_the_issue_s_own_words(text: str, kind: str | None) -> None:
    assert read(text).kind.kind == kind


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("Severity: SEV1 (down)", "SEV1"),
        ("severity=SEV2 it fails", "SEV2"),
        ("this is a sev-3", "SEV3"),
        ("Priority: P1", "SEV1"),
        ("it fails\nSEV4", "SEV4"),
        ("was SEV3\nSeverity: SEV2\nSeverity: SEV1", "SEV1"),
        ("not a SEV1, rather SEV3", "SEV3"),
        ("SEV1 or SEV2", None),
        ("Severity: SEV1 or SEV2, it fails", None),
        ("Severity: SEV1/SEV2", None),
        ("Severity: SEV2, down from SEV1", "SEV2"),
        ("SEV9", None),
        ("p95 is high and S3 fails", None),
    ],
)
def test_the_severity_is_read_only_where_it_is_stated(text: str, severity: str | None) -> None:
    assert read(text).severity == severity


@pytest.mark.parametrize(
    ("text", "now", "normal", "factor"),
    [
        ("5 s instead of 300 ms", 5000, 300, None),
        ("p95 4.2s, normally 600ms", 4200, 600, None),
        ("latency went from 200ms to 4.2s", 4200, 200, None),
        ("takes 5 seconds vs 0.3 s usually", 5000, 300, None),
        ("latency: 5 s\nnormal latency: 300 ms", 5000, 300, None),
        ("latency_ms=5000 normal_latency_ms=300 slow", 5000, 300, None),
        ("the dashboard is 10x slower", None, None, 10),
        ("12 times the normal latency", None, None, 12),
        ("5-second latencies", 5000, None, None),
        ("fix it within 30 minutes", None, None, None),
        ("reports take 200ms -> 300ms", 300, 200, None),
        ("latency: 200 ms → 4 s", 4000, 200, None),
        ("latency_ms=200ms -> 300ms for some", 300, 200, None),
    ],
)
def test_latency_is_read(text: str, now: float | None, normal: float | None, factor: float | None) -> None:
    found = read(text).latency
    assert (found.now_ms, found.normal_ms, found.factor) == (now, normal, factor)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("it takes 5 s instead of 300 ms", "5 s instead of 300 ms"),
        ("it takes 5 s. We asked twice. Normally 300 ms", "5 s … 300 ms"),
        ("it takes 5 s\nnormally 300 ms", "5 s … 300 ms"),
    ],
)
def test_a_latency_is_quoted_within_a_sentence(text: str, quote: str) -> None:
    assert read(text).latency.quote == quote


@pytest.mark.parametrize(
    ("text", "severity", "kind", "summary"),
    [
        ("kind: bug, error 500 since 10:00 UTC", None, "bug", "error 500 since 10:00 UTC"),
        ("Severity: SEV2, checkout shows wrong totals", "SEV2", "data_corruption", "checkout shows wrong totals"),
        ("**Severity:** SEV2 – exports crash", "SEV2", "bug", "exports crash"),
        ("kind=bug; exports are slow\nand more", None, "bug", "exports are slow and more"),
        ("Priority: high, exports crash", None, "bug", "exports crash"),
        ("Severity: SEV1 (production down)", "SEV1", "outage", "SEV1 (production down)"),
    ],
)
def test_what_follows_a_kind_or_severity_on_its_line_is_of_the_issue(
    text: str, severity: str | None, kind: str, summary: str
) -> None:
    found = read(text)
    assert (found.severity, found.kind.kind, found.summary) == (severity, kind, summary)


def test_the_rest_of_a_kind_s_line_is_searched() -> None:
    found = read("kind: bug, error 500 on /v1/x since 2026-11-20 10:00 UTC")
    assert (found.statuses, found.texts["endpoint"]) == ((500,), "/v1/x")
    assert [moment.text for moment in found.moments] == ["2026-11-20 10:00 UTC"]


@pytest.mark.parametrize("after", [". all teachers", "\n. all teachers", " and all teachers"])
def test_a_curl_command_leaves_no_stray_stops_behind(after: str) -> None:
    summary = read(f"it fails for 7f3c-22. curl https://x.io/a -d 1{after}").summary
    assert summary.startswith("it fails for 7f3c-22. a")


@pytest.mark.parametrize(
    ("text", "count", "several"),
    [
        ("12 customers are affected", 12, False),
        ("3 other customers see the same", 4, False),
        ("several customers report it", None, True),
        ("customers affected: 5", 5, False),
        ("only this customer", 1, False),
        ("our 100 customers like it", None, False),
    ],
)
def test_customers_affected_are_read(text: str, count: int | None, several: bool) -> None:
    found = read(text).customers
    assert (found.count, found.several) == (count, several)


@pytest.mark.parametrize(
    ("issue", "fields"),
    [("curl -X PUT https://api.x.io/v1/a -d 1", {}), ("it fails", {"request": "curl -X PUT https://api.x.io/v1/a"})],
)
def test_the_endpoint_is_the_one_that_the_curl_command_calls(issue: str, fields: dict[str, str]) -> None:
    package = data(f"{issue}\nSEV1", **fields).package
    assert package is not None
    assert package.endpoint == "PUT /v1/a"


def test_nothing_in_a_curl_command_is_taken_for_a_label() -> None:
    body = '{"note": "x; Severity: SEV1", "b": "Kind: bug"}'
    found = read(f"Request: curl https://x.io/a -d '{body}'\nSeverity: SEV3")
    assert (found.severity, found.kind.kind) == ("SEV3", None)
    assert found.texts["request"] == f"curl https://x.io/a -d '{body}'"


def test_log_lines_are_an_excerpt_and_no_labels() -> None:
    log = "2024-01-15T14:30:02Z ERROR pool\n[ERROR] error: x; severity: SEV4\n\tat com.acme.Pool.get(Pool.java:3)"
    found = read(f"It fails.\n{log}\nThanks")
    assert found.texts["logs"] == log
    assert found.severity is None
    assert found.moments[0].zone == "Z"


@pytest.mark.parametrize(
    ("text", "items", "unreasoned"),
    [
        ("request ids: n/a, the call never reached us", {"request_ids": "the call never reached us"}, ()),
        ("logs: not applicable because nothing is logged", {"logs": "nothing is logged"}, ()),
        ("not applicable: request ids=no call was made", {"request_ids": "no call was made"}, ()),
        ("request ids: n/a", {}, ("request_ids",)),
    ],
)
def test_an_item_is_not_applicable_with_a_reason_only(
    text: str, items: dict[str, str], unreasoned: tuple[str, ...]
) -> None:
    found = read(text)
    assert (dict(found.not_applicable), found.unreasoned) == (items, unreasoned)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"severity": "SEV2"}, "Severity: SEV2 is given by itself, the text says SEV1"),
        ({"endpoint": "GET /v1/refunds"}, "Endpoint: “GET /v1/refunds” is given by itself, the text says “POST /v1/a”"),
        ({"error": "timeout"}, "Error: “timeout” is given by itself, the text says “503 Service Unavailable”"),
        ({"kind": "bug"}, "Kind: product bug is given by itself, the text reads as outage (“503”)"),
        ({"latency_ms": 900}, "Latency in ms: 900.0 is given by itself, the text says 5000.0"),
    ],
)
def test_a_field_given_by_itself_counts_and_the_disagreement_is_told(fields: dict[str, Any], told: str) -> None:
    issue = "Severity: SEV1\nEndpoint: POST /v1/a\nError: 503 Service Unavailable\nlatency is 5 s"
    assert any(told in line for line in data(issue, **fields).disagreements)


def test_a_field_that_says_more_of_the_same_is_no_disagreement() -> None:
    assert (
        data("Severity: SEV1\nError: 503 Service Unavailable", error="503 Service Unavailable (pool)").disagreements
        == ()
    )


def test_an_answer_added_later_replaces_what_the_text_said_before() -> None:
    found = data("Severity: SEV3\nIt fails with an error\nSeverity: SEV2")
    assert found.severity == "SEV2"
    assert found.disagreements == ("Severity is stated twice in the text, first as “SEV3”; the last counts.",)
