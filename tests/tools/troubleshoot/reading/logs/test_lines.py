"""One line of each format, and what is none."""

import datetime as dt
import json
from typing import Any

import pytest

from tools.troubleshoot.reading.logs.lines import read_line
from tools.troubleshoot.reading.logs.times import moment

UUID = "0a1b2c3d-aaaa-4bbb-8ccc-0a1b2c3d4e5f"
AT = dt.datetime(2026, 6, 26, 14, 3, 11, tzinfo=dt.UTC)

PLAIN: list[tuple[str, dict[str, Any]]] = [
    (
        "2026-06-26 14:03:11,123 ERROR payments: POST /v1/payments failed with 503 in 30012 ms",
        {"level": "error", "method": "POST", "path": "/v1/payments", "status": 503, "duration_ms": 30012.0},
    ),
    ("2026-06-26 14:03:11,123 - acme.client - WARNING - retrying in 2.0 s", {"level": "warn", "duration_ms": None}),
    ("2026-06-26 14:03:11.123  INFO 4711 --- [main] c.e.Shop : Started Shop in 2.3 seconds", {"level": "info"}),
    ("[2026-06-26 14:03:11] production.ERROR: SQLSTATE[HY000] refused", {"level": "error"}),
    ("[2026-06-26T14:03:11.123] [ERROR] default - status=503", {"level": "error", "status": 503}),
    (
        "E, [2026-06-26T14:03:11.123456 #99] ERROR -- : Completed 500 Internal Server Error in 123ms (Views: 0.2ms)",
        {"level": "error", "status": 500, "duration_ms": 123.0},
    ),
    (
        'I, [2026-06-26T14:03:11.1 #9]  INFO -- : Started GET "/v1/x?a=b" for 203.0.113.5 at 2026-06-26 14:03:11 +0200',
        {"level": "info", "method": "GET", "path": "/v1/x", "client": "203.0.113.5"},
    ),
    (
        "2026/06/26 14:03:11 [error] 7#7: *1 connect() failed (111: Connection refused), client: 203.0.113.5, "
        'server: api.example.com, request: "GET /x HTTP/1.1"',
        {"level": "error", "client": "203.0.113.5", "path": "/x", "status": None},
    ),
    (
        "[Fri Jun 26 14:03:11.123456 2026] [proxy:error] [pid 1] [client 203.0.113.5:1234] AH01114: failed",
        {"level": "error", "client": "203.0.113.5"},
    ),
    ("ERROR 2026-06-26 14:03:11,123 views oops", {"level": "error", "message": "views oops"}),
    ("[ERROR] 2026-06-26T14:03:11.123 boom", {"level": "error", "message": "boom"}),
    ("26-Jun-2026 14:03:11.123 SEVERE [main] org.apache.catalina boom", {"level": "error"}),
    ("Jun 26, 2026 2:03:11 PM com.example.Shop run", {"level": ""}),
    ("2026/06/26 14:03:11 server.go:42: listening", {"level": "", "message": "server.go:42: listening"}),
    ("2026-06-26 14:03:11 INFO order id: ord-20417 stored", {"ids": (("record_id", "ord-20417"),)}),
    ("2026-06-26 14:03:11 INFO Idempotency-Key: k-12345 used", {"ids": (("idempotency_key", "k-12345"),)}),
    ("2026-06-26 14:03:11 INFO handled evt_1a2b3c4d", {"ids": (("event_id", "evt_1a2b3c4d"),)}),
    ("2026-06-26 14:03:11 WARN got 429, Retry-After: 30", {"status": 429, "retry_after": 30.0}),
    ("2026-06-26 14:03:11 ERROR connect ECONNREFUSED 203.0.113.7:443", {"error_code": "ECONNREFUSED", "status": None}),
    ("2026-06-26 14:03:11 INFO 200 rows read, 404 of them new", {"status": None}),
    ("2026-06-26 14:03:11 INFO paid 503.20 EUR", {"status": None}),
    (
        'INFO:     203.0.113.5:1234 - "GET /v1/x HTTP/1.1" 503 Service Unavailable',
        {"level": "info", "status": 503, "path": "/v1/x", "client": "203.0.113.5", "at": None},
    ),
    (
        '2026-06-26 14:03:11 INFO HTTP Request: POST https://api.example.com/v1/x "HTTP/1.1 429 Too Many Requests"',
        {"status": 429, "method": "POST", "path": "/v1/x", "host": "api.example.com"},
    ),
]

SERVERS: list[tuple[str, dict[str, Any]]] = [
    (
        '203.0.113.5 - - [26/Jun/2026:16:03:11 +0200] "POST /v1/orders/123?key=1 HTTP/1.1" 503 19 "-" '
        '"acme-py/2.3" 0.123',
        {
            "format": "nginx",
            "status": 503,
            "path": "/v1/orders/123",
            "duration_ms": 123.0,
            "client": "203.0.113.5",
            "version": "acme-py/2.3",
        },
    ),
    (
        '203.0.113.5 - acme [26/Jun/2026:16:03:11 +0200] "GET / HTTP/2.0" 200 5 "-" "Mozilla/5.0" rt=0.250 region=eu',
        {"format": "nginx", "client": "acme", "version": "", "duration_ms": 250.0, "region": "eu"},
    ),
    (
        'api.example.com:443 203.0.113.5 - - [26/Jun/2026:14:03:11 +0000] "GET /a HTTP/1.1" 404 -',
        {"format": "nginx", "host": "api.example.com", "status": 404, "duration_ms": None},
    ),
    (
        f'2001:db8::5 - - [26/Jun/2026:14:03:11 +0000] "GET /a HTTP/1.1" 502 9 "-" "x/1" 34 0.2 [a-80] [] - - {UUID}',
        {"format": "nginx", "client": "2001:db8::5", "ids": (("request_id", UUID),)},
    ),
    (
        '203.0.113.5 - - [26/Jun/2026:14:03:11 +0000] "\\x16\\x03\\x01" 400 9',
        {"format": "nginx", "status": 400, "method": "", "path": ""},
    ),
    (
        '[2026-06-26T14:03:11.000Z] "POST /v1/pay?x=1 HTTP/1.1" 503 UF upstream_reset - "-" 0 91 12 - "203.0.113.5" '
        f'"acme-node/1.0" "{UUID}" "api.example.com" "10.0.0.1:8080"',
        {
            "format": "envoy",
            "status": 503,
            "error_code": "UF",
            "duration_ms": 12.0,
            "host": "api.example.com",
            "path": "/v1/pay",
            "ids": (("request_id", UUID),),
        },
    ),
    (
        f'[2026-06-26T14:03:11.000Z] "GET /x HTTP/1.1" 0 DC 0 0 12 - "-" "-" "{UUID}" "-" "-"',
        {"format": "envoy", "status": None, "error_code": "DC", "client": ""},
    ),
    (
        '<165>1 2026-06-26T14:03:11Z web1 api 99 ID47 [x@1 a="b]"] it broke',
        {"format": "syslog", "level": "info", "host": "web1", "message": "it broke"},
    ),
    (
        "<131>1 2026-06-26T14:03:11Z web1 api - - - it broke",
        {"format": "syslog", "level": "error", "message": "it broke"},
    ),
    (
        "2026-06-26T14:03:11.000+00:00 web1 api[99]: it broke",
        {"format": "syslog", "host": "web1", "message": "it broke"},
    ),
    (
        f"2026-06-26T14:03:11.000Z\t{UUID}\tERROR\tTask timed out after 3.00 seconds",
        {"format": "cloudwatch", "level": "error", "ids": (("request_id", UUID),)},
    ),
    (
        f"2026-06-26T14:03:11.000Z START RequestId: {UUID} Version: $LATEST",
        {"format": "cloudwatch", "level": "info"},
    ),
    (
        f"2026-06-26T14:03:11.000Z\tREPORT RequestId: {UUID}\tDuration: 123.45 ms\tBilled Duration: 124 ms",
        {"format": "cloudwatch", "duration_ms": 123.45, "ids": (("request_id", UUID),)},
    ),
    (
        f"REPORT RequestId: {UUID}\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tStatus: timeout",
        {"format": "cloudwatch", "level": "error", "at": None},
    ),
]

OBJECTS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (  # pino
        {
            "level": 50,
            "time": 1782482591000,
            "hostname": "web1",
            "req": {"method": "GET", "url": "/v1/x/5?key=1"},
            "res": {"statusCode": 503},
            "responseTime": 12,
            "msg": "request failed",
        },
        {"level": "error", "status": 503, "path": "/v1/x/5", "duration_ms": 12.0, "host": "web1"},
    ),
    (  # bunyan
        {"name": "api", "level": 40, "msg": "slow", "time": "2026-06-26T14:03:11.000Z", "v": 0, "req_id": "r-1"},
        {"level": "warn", "version": "", "ids": (("request_id", "r-1"),)},
    ),
    (  # zap, whose durations are in seconds
        {"level": "error", "ts": 1782482591.0, "caller": "x.go:1", "msg": "boom", "duration": 0.25},
        {"level": "error", "duration_ms": 250.0},
    ),
    (  # winston
        {"level": "warn", "message": "slow", "timestamp": "2026-06-26T14:03:11Z", "metadata": {"client_id": "c1"}},
        {"level": "warn", "client": "c1"},
    ),
    (  # structlog
        {"event": "payment_failed", "level": "error", "timestamp": "2026-06-26T14:03:11Z", "payment_id": "p-1"},
        {"message": "payment_failed", "ids": (("record_id", "p-1"),)},
    ),
    (  # Google Cloud
        {
            "severity": "ERROR",
            "timestamp": "2026-06-26T14:03:11Z",
            "httpRequest": {
                "requestMethod": "GET",
                "requestUrl": "https://api.example.com/v1/x",
                "status": 504,
                "latency": "0.512s",
                "remoteIp": "203.0.113.5",
            },
            "jsonPayload": {"message": "upstream"},
        },
        {
            "status": 504,
            "duration_ms": 512.0,
            "client": "203.0.113.5",
            "message": "upstream",
            "host": "api.example.com",
        },
    ),
    (  # Datadog, whose level is its status
        {
            "timestamp": 1782482591000,
            "status": "error",
            "http": {"status_code": "429", "method": "GET", "url": "/x"},
            "duration": 12_000_000,
            "message": "m",
        },
        {"level": "error", "status": 429, "duration_ms": 12.0},
    ),
    (  # Elastic Common Schema
        {
            "@timestamp": "2026-06-26T14:03:11Z",
            "log.level": "error",
            "http": {"request": {"method": "GET"}, "response": {"status_code": 502}},
            "url": {"path": "/v1/x"},
            "event": {"duration": 12_000_000},
            "cloud": {"region": "eu-west-1"},
            "error": {"code": "E1", "message": "bad"},
        },
        {"status": 502, "duration_ms": 12.0, "region": "eu-west-1", "error_code": "E1", "details": "bad"},
    ),
    (  # Envoy as JSON
        {
            "start_time": "2026-06-26T14:03:11Z",
            "method": "GET",
            "path": "/v1/x?y=1",
            "response_code": 503,
            "response_flags": "UH",
            "duration": 7,
            "x_forwarded_for": "203.0.113.5,10.0.0.1",
            "authority": "api.example.com",
        },
        {"status": 503, "error_code": "UH", "client": "203.0.113.5", "path": "/v1/x", "duration_ms": 7.0},
    ),
]

WITHIN: list[tuple[str, dict[str, Any]]] = [
    (
        '2026-06-26T14:03:11.000000000Z stdout F {"level":"warn","msg":"slow","duration_ms":1200}',
        {"format": "json", "level": "warn", "duration_ms": 1200.0},
    ),
    ('2026-06-26T14:03:11Z {"level":"warn","msg":"slow"}', {"format": "json", "message": "slow"}),
    ("api-1  | 2026-06-26T14:03:11Z ERROR pool exhausted", {"level": "error", "message": "pool exhausted"}),
    ("[pod/api-7c9d/api] 2026-06-26T14:03:11Z ERROR pool exhausted", {"level": "error"}),
    (
        '{"log":"2026-06-26 16:03:11 ERROR boom\\n","stream":"stderr","time":"2026-06-26T14:03:11Z"}',
        {"format": "plain", "level": "error", "message": "boom", "zone_known": True},
    ),
    ("\x1b[31m2026-06-26T14:03:11Z\x1b[0m \x1b[31mERROR\x1b[0m boom", {"level": "error", "message": "boom"}),
    ('2026-06-26T14:03:11Z level=error msg="it broke" status=500', {"format": "logfmt", "message": "it broke"}),
    (
        'time=2026-06-26T14:03:11Z level=error msg="request \\"x\\" failed" status=503 path=/v1/x duration=12ms',
        {"format": "logfmt", "status": 503, "duration_ms": 12.0, "message": 'request "x" failed'},
    ),
]


@pytest.mark.parametrize(("line", "expected"), PLAIN + SERVERS + WITHIN)
def test_a_line_is_read(line: str, expected: dict[str, Any]) -> None:
    record = read_line(line)
    assert record is not None
    assert {name: getattr(record, name) for name in expected} == expected
    if record.at is not None:
        assert moment(record.at).replace(microsecond=0) == AT


@pytest.mark.parametrize(("fields", "expected"), OBJECTS)
def test_an_object_is_read(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    for line in (json.dumps(fields), f"{json.dumps(fields)},", f"api-1  | {json.dumps(fields)}"):
        record = read_line(line)
        assert record is not None
        assert record.format == "json"
        assert record.at is not None
        assert moment(record.at) == AT
        assert {name: getattr(record, name) for name in expected} == expected


def test_a_heroku_router_has_no_time_of_its_own() -> None:
    record = read_line('at=info method=GET path="/x" fwd="203.0.113.5" dyno=web.1 status=503 bytes=1')
    assert record is not None
    assert (record.format, record.status, record.client, record.at) == ("logfmt", 503, "203.0.113.5", None)


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("<131>Jun 26 14:03:11 web1 api[99]: it broke", "year"),
        ("Jun 26 14:03:11 web1 sshd: it broke", "year"),
        ("E0626 14:03:11.123456       1 server.go:42] it broke", "year"),
        ("14:03:11.123 [main] ERROR c.e.Shop - it broke", "day"),
    ],
)
def test_what_a_time_does_not_tell(line: str, missing: str) -> None:
    record = read_line(line)
    assert record is not None
    assert record.missing == missing
    assert "it broke" in record.message


@pytest.mark.parametrize(
    "line",
    [
        "",
        "   ",
        "Hi team, since yesterday we see errors.",
        "Error: something happened",
        "- 2026-06-26 14:03:11 ERROR in a list",
        "2026-06-26 14:03 we saw errors",
        "2026-06-26T14:03:11Z,503,12.5",
        "2026-06-26;1;2",
        "1. restart the worker",
        "10.5 % of the calls fail",
        "# Errors since 2026-06-26",
        '{"error": {"code": "invalid", "message": "no"}}',
        '{"id": 1, "status": "paid", "amount": 12}',
        '{"status": 500, "error": ',
        "a=1",
        "x=1 y=2 z=3",
        "export API_URL=https://api.example.com TOKEN=x",
        "curl -X POST https://api.example.com/v1/x -d status=503",
        "HTTP/1.1 503 Service Unavailable",
        "GET /v1/x HTTP/1.1",
        "Date: Fri, 26 Jun 2026 14:03:11 GMT",
        'http_requests_total{status="503"} 12',
        "    at com.example.Shop.run(Shop.java:12)",
        "Traceback (most recent call last):",
        "May I ask a question?",
        "Info about the ticket",
        "<html><body>502</body></html>",
        "<999>1 - - - - - -",
    ],
)
def test_what_is_no_line_of_a_log(line: str) -> None:
    assert read_line(line) is None


def test_a_year_that_no_clock_has_makes_no_time() -> None:
    for year in ("9999", "0001", "1850"):
        record = read_line(f"{year}-06-26 14:03:11 ERROR boom")
        assert record is not None
        assert (record.level, record.at) == ("error", None)


def test_values_that_no_field_has_are_not_taken() -> None:
    record = read_line(
        '{"time": NaN, "level": "error", "msg": "x", "status": true, "duration": -5, "retry_after": "soon", '
        '"level": "info"}'
    )
    assert record is not None
    assert (record.at, record.level, record.status, record.duration_ms, record.retry_after) == (
        None,
        "info",
        None,
        None,
        None,
    )
