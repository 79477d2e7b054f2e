"""HTTP requests and responses, strict and loose, and what is none of them."""

import datetime as dt

import pytest

from tools.troubleshoot.facts.http import Exchange, WebhookDelivery
from tools.troubleshoot.facts.programs import JsonBody
from tools.troubleshoot.reading.exchanges import Message
from tools.troubleshoot.reading.http_messages import find_http, find_loose_http, joined
from tools.troubleshoot.reading.parser import Piece

BOTH = """POST /v1/orders HTTP/1.1
Host: api.example.com
Authorization: Bearer sk_test_fakefake1234
Content-Type: application/json

{"amount": 10}

HTTP/1.1 429 Too Many Requests
Date: Fri, 26 Jun 2026 10:00:00 GMT
Retry-After: 30
X-Request-Id: req_abc123

{"error":{"code":"rate_limited","message":"slow down"}}

We think this is wrong."""


def exchange(piece: Piece) -> Exchange:
    return next(fact for fact in piece.facts if isinstance(fact, Exchange))


def test_a_request_and_its_response_are_one_exchange() -> None:
    (piece,) = find_http(BOTH)
    found = exchange(piece)
    assert (piece.kind, piece.first, piece.last) == ("http", 1, 13)
    assert (found.method, found.url) == ("POST", "https://api.example.com/v1/orders")
    assert (found.status, found.reason, found.http_version) == (429, "Too Many Requests", "1.1")
    assert found.request_body == '{"amount": 10}'
    assert found.response_headers["retry-after"] == "30"
    assert found.at == dt.datetime(2026, 6, 26, 10, tzinfo=dt.UTC)
    assert (found.auth, found.key_tail, found.key_environment) == ("bearer", "1234", "test")
    assert found.request_ids == ("req_abc123",)


def test_an_error_body_is_told_with_its_line() -> None:
    (piece,) = find_http(BOTH)
    body = next(fact for fact in piece.facts if isinstance(fact, JsonBody))
    assert (body.code, body.message, body.line) == ("rate_limited", "slow down", 13)


def test_a_request_body_that_is_no_json_is_told() -> None:
    (piece,) = find_http("POST /x HTTP/1.1\nContent-Type: application/json\n\n{'a': 1}")
    body = next(fact for fact in piece.facts if isinstance(fact, JsonBody))
    assert body.fault == "line 1, column 2: single quotes, where JSON has double ones"


def test_a_form_body_is_not_read_as_json() -> None:
    (piece,) = find_http("POST /x HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\na=1&b=2\nand so on")
    assert exchange(piece).request_body == "a=1&b=2"
    assert piece.last == 4


def test_the_response_after_a_redirect_came_from_where_it_led() -> None:
    text = (
        "HTTP/1.1 301 Moved Permanently\nLocation: https://www.example.com/v1\n\nHTTP/1.1 401 Unauthorized\nServer: x"
    )
    first, second = (exchange(piece) for piece in find_http(text))
    assert (first.status, first.url) == (301, None)
    assert (second.status, second.url) == (401, "https://www.example.com/v1")


def test_an_interim_response_is_passed_over() -> None:
    text = "POST /x HTTP/1.1\nHost: api.example.com\n\nHTTP/1.1 100 Continue\n\nHTTP/1.1 201 Created\nServer: x"
    assert [exchange(piece).status for piece in find_http(text)] == [201]


def test_a_request_without_its_response_is_told_too() -> None:
    request = Message(True, 0, 1, "GET", "/a")
    interim = Message(False, 1, 2, status=100)
    other = Message(True, 2, 3, "GET", "/b")
    response = Message(False, 3, 4, status=200)
    assert list(joined((request, interim, other, response))) == [(request, None), (other, response)]
    assert list(joined((response, request))) == [(None, response), (request, None)]


def test_a_page_where_json_is_due_is_the_body() -> None:
    text = "HTTP/1.1 403 Forbidden\nContent-Type: text/html\nVia: 1.1 proxy\n\n<html>\n\n<b>Blocked</b>\n</html>\nHello"
    (piece,) = find_http(text)
    assert exchange(piece).response_body == "<html>\n\n<b>Blocked</b>\n</html>"
    assert piece.last == 8


def test_text_of_the_declared_length_is_a_body_and_a_sentence_is_not() -> None:
    text = "HTTP/1.1 403 Forbidden\nContent-Length: 9\n\nForbidden\n"
    assert exchange(find_http(text)[0]).response_body == "Forbidden"
    assert exchange(find_http(text.replace("9", "900"))[0]).response_body is None


def test_a_folded_header_goes_on() -> None:
    (piece,) = find_http("GET /x HTTP/1.1\nAuthorization: Bearer abc\n  def\nHost: api.example.com")
    assert exchange(piece).request_headers["authorization"] == "Bearer abc def"
    assert exchange(piece).auth_fault == "whitespace"


@pytest.mark.parametrize(
    ("line", "method", "status", "reason"),
    [
        ("POST https://api.example.com/v1/x → 401 Unauthorized", "POST", 401, "Unauthorized"),
        ("GET /v1/y -> 500 Internal Server Error (30123 ms)", "GET", 500, "Internal Server Error"),
        ("POST https://api.example.com/v1/x 403 (Forbidden)", "POST", 403, "Forbidden"),
        ('DELETE /v1/x returned 404 {"error":"gone"}', "DELETE", 404, ""),
        ("Status: 429", None, 429, ""),
        ("HTTP status code = 503 Service Unavailable", None, 503, "Service Unavailable"),
        ("Status 401", None, 401, ""),
        ("Error 401: Unauthorized", None, 401, "Unauthorized"),
        ("< 401", None, 401, ""),
        ("<-- 401 Unauthorized https://api.example.com/x (12ms)", None, 401, "Unauthorized"),
        ("Response: 502 Bad Gateway", None, 502, "Bad Gateway"),
        ("- Error: 503 Service Unavailable (pool exhausted)", None, 503, "Service Unavailable"),
        ('429 {"error":"slow down"}', None, 429, ""),
        ("401 Unauthorized", None, 401, "Unauthorized"),
        ("HTTP 401", None, 401, ""),
    ],
)
def test_what_tools_and_people_write(line: str, method: str | None, status: int, reason: str) -> None:
    (piece,) = find_loose_http(line)
    found = exchange(piece)
    assert (found.method, found.status, found.reason) == (method, status, reason)
    assert not find_http(line)


def test_loose_request_and_response_with_labels() -> None:
    text = (
        'Request:\nPOST https://api.example.com/x\nContent-Type: text/json\nBody: {"a":1}\n\nResponse:\n429 {"e":"x"}'
    )
    (piece,) = find_loose_http(text)
    found = exchange(piece)
    assert (found.method, found.request_body, found.status, found.response_body) == (
        "POST",
        '{"a":1}',
        429,
        '{"e":"x"}',
    )


def test_what_developer_tools_show() -> None:
    text = "Request URL: https://api.example.com/x\nRequest Method: GET\nStatus Code: 403 Forbidden"
    found = exchange(find_loose_http(text)[0])
    assert (found.method, found.url, found.status) == ("GET", "https://api.example.com/x", 403)


def test_both_header_lists_of_developer_tools_are_one_exchange() -> None:
    text = (
        "Request Headers\n:authority: api.example.com\n:method: POST\n:path: /v1/x\nx-api-key: fakefake1234\n\n"
        "Response Headers\n:status: 403\nserver: x\ncontent-type: text/html"
    )
    (piece,) = find_loose_http(text)
    found = exchange(piece)
    assert (found.method, found.url, found.status) == ("POST", "https://api.example.com/v1/x", 403)


def test_an_indented_exchange_with_words_between() -> None:
    text = (
        '  POST /x HTTP/1.1\n  Host: api.example.com\n\n  {\n    "a": 1\n  }\n\nand we get\n\n  HTTP/1.1 409 Conflict'
    )
    found = exchange(find_http(text)[0])
    assert (found.status, found.request_body) == (409, '{\n  "a": 1\n}')


def test_a_signature_header_with_its_body() -> None:
    (piece,) = find_loose_http('Stripe-Signature: t=1782468000,v1=ab\nbody: {"id": "evt_1"}')
    delivery = piece.facts[0]
    assert isinstance(delivery, WebhookDelivery)
    assert (delivery.event_id, delivery.body_form) == ("evt_1", "spaced")


def test_headers_alone() -> None:
    (piece,) = find_loose_http("x-ratelimit-limit: 100\nx-ratelimit-remaining: 0\nRetry-After: 12")
    assert exchange(piece).response_headers["retry-after"] == "12"
    (piece,) = find_loose_http("Host: api.example.com\nAuthorization: Bearer")
    assert exchange(piece).auth_fault == "empty"


def test_a_signed_request_is_a_webhook() -> None:
    text = 'POST /hook HTTP/1.1\nHost: shop.example.net\nStripe-Signature: t=1782460800,v1=ab\n\n{\n  "id": "evt_1"\n}'
    (piece,) = find_http(text)
    delivery = piece.facts[0]
    assert piece.kind == "webhook"
    assert isinstance(delivery, WebhookDelivery)
    assert (delivery.scheme, delivery.body_form, delivery.event_id) == ("stripe", "indented", "evt_1")
    assert delivery.sent_at == dt.datetime.fromtimestamp(1782460800, dt.UTC)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "We expected a 200.",
        "401 of our users cannot sign in",
        "404 Not Found when we call it",
        "POST /v1/x fails for all",
        "GET /v1/orders returns 401 since yesterday",
        "Date: Monday",
        "Location: Berlin",
        "Server: it is the one in the cellar",
        "Impact: high\nOwner: Jo\nTime: 14:30",
        "From: jo@example.com\nSubject: 401\nDate: Fri, 26 Jun 2026 10:00:00 GMT",
        "See https://api.example.com/docs for more.",
        "500 errors",
        "Status: green",
        "The answer is 42",
    ],
)
def test_sentences_are_no_http(line: str) -> None:
    assert find_loose_http(line) == ()
