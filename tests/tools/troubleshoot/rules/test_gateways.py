"""Rules of servers that failed: ours, a gateway's, a third party's, the customer's own."""

import pytest

from tests.tools.troubleshoot.made import case_with
from tests.tools.troubleshoot.rules.asked import call, doubts, error, evidence, log, told, with_statuses
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import diagnose
from tools.troubleshoot.facts.http import GraphqlError
from tools.troubleshoot.facts.logs import Template
from tools.troubleshoot.facts.programs import JsonBody, SpanLine, TraceSummary

HTML = {"content-type": "text/html"}
INSIDE = '{"error":"internal_error","error_id":"a8f3c1d2"}'
OVERLOADED = '{"error":"overloaded, try again later"}'
NGINX = 'upstream timed out (110) while reading response header, upstream: "http://10.2.0.17:8080/checkout"'
LOCAL = "http://localhost:8080/v1/orders"


def template(sample: str) -> Template:
    return Template(text=sample, count=3, line=4, sample=sample, is_error=True)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(500, INSIDE)), "likely product"),
        (case_with(call(500, "Traceback (most recent call last):\n  File x")), "likely product"),
        (case_with(JsonBody(text=INSIDE, status=500)), "likely product"),
        (case_with(log(statuses={"500": 9}, templates=(template("panic: nil map"),))), "likely undecided"),
        (case_with(call(500, INSIDE, url=LOCAL)), "likely customer"),
        (case_with(call(500)), "possible undecided"),
        (case_with(call(500, url=LOCAL)), "possible customer"),
        (with_statuses(case_with(said="we get 500 errors since yesterday"), 500), "possible undecided"),
        (case_with(call(400, INSIDE)), None),
        (case_with(call(500, INSIDE, url="https://api.stripe.com/v1/charges")), None),
        (case_with(GraphqlError(message="Boom", code="INTERNAL_SERVER_ERROR")), None),
    ],
)
def test_server_error(case: Case, expected: str | None) -> None:
    assert told("server_error", case) == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(503, OVERLOADED)), "likely product"),
        (case_with(call(503, response_headers={"retry-after": "120"})), "likely product"),
        (with_statuses(case_with(said="503, all their calls fail"), 503), "likely product"),
        (case_with(call(503, OVERLOADED, url=LOCAL)), "likely customer"),
        (case_with(log(statuses={"503": 80}, templates=(template("node at capacity"),))), "likely undecided"),
        (case_with(call(503)), "possible undecided"),
        (case_with(call(503, "<html>under maintenance</html>", response_headers=HTML)), "possible undecided"),
        (with_statuses(case_with(said="we get a 503"), 503), "possible undecided"),
        (case_with(call(500, OVERLOADED)), None),
        (case_with(call(503, url="https://api.twilio.com/x")), None),
    ],
)
def test_service_unavailable(case: Case, expected: str | None) -> None:
    assert told("service_unavailable", case) == expected


def test_a_page_speaks_against_our_service() -> None:
    case = case_with(call(503, "<html>under maintenance</html>", response_headers=HTML))
    assert "a proxy in between may have made it" in doubts("service_unavailable", case)
    assert diagnose(case).side == "undecided"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (
            case_with(call(504, '{"error":"upstream timed out"}', response_headers={"x-request-id": "req_1"})),
            "likely product",
        ),
        (
            case_with(call(502, "<html>nginx</html>", response_headers={"x-request-id": "1", **HTML})),
            "likely undecided",
        ),
        (case_with(call(502)), "likely undecided"),
        (case_with(call(502, url=LOCAL)), "likely customer"),
        (case_with(call(502, url="http://proxy.shop.svc:8080/v1/orders")), "likely customer"),
        (case_with(log(templates=(template(NGINX),))), "likely customer"),
        (case_with(log(templates=(template("no live upstreams while connecting to upstream"),))), "likely undecided"),
        (case_with(call(503, "upstream connect error or disconnect/reset before headers")), "likely undecided"),
        (case_with(log(statuses={"502": 30})), "likely undecided"),
        (with_statuses(case_with(said="sometimes a 504"), 504), "possible undecided"),
        (case_with(call(503)), None),
        (case_with(call(500, '{"error":"upstream timed out"}')), None),
        (case_with(log(statuses={"200": 30})), None),
    ],
)
def test_gateway_error(case: Case, expected: str | None) -> None:
    assert told("gateway_error", case) == expected


STRIPE_SPAN = SpanLine(
    service="checkout", name="POST", duration_ms=900, self_ms=900, status="error", peer="api.stripe.com"
)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(500, '{"error":"Stripe is unavailable, code 503"}')), "likely external"),
        (case_with(call(502, '{"error":"upstream provider error"}')), "likely external"),
        (case_with(call(503, url="https://api.twilio.com/2010-04-01/Messages")), "likely external"),
        (case_with(call(error="timed out", url="https://api.stripe.com/v1/charges")), "likely external"),
        (case_with(log(templates=(template("timeout contacting okta"),))), "likely external"),
        (case_with(TraceSummary(trace_id="t", duration_ms=900, spans=2, failed=(STRIPE_SPAN,))), "likely external"),
        (case_with(said="we hear that Okta is down"), "possible external"),
        (case_with(call(402, '{"error":"payment provider error: card declined"}')), None),
        (case_with(call(424, '{"error":"failed_dependency"}')), "likely external"),
        (case_with(call(402, url="https://api.stripe.com/v1/charges")), None),
        (case_with(call(500, '{"error":"the stripe id is invalid"}')), None),
        (case_with(call(500)), None),
        (case_with(said="we sign in with Okta"), None),
    ],
)
def test_dependency_failed(case: Case, expected: str | None) -> None:
    assert told("dependency_failed", case) == expected


def test_a_third_party_that_failed_excludes_our_500() -> None:
    diagnosed = diagnose(case_with(call(500, '{"error":"internal_error: Stripe is unavailable"}')))
    assert diagnosed.top is not None
    assert diagnosed.top.rule.id == "dependency_failed"
    assert diagnosed.side == "external"
    assert "server_error" not in {each.rule.id for each in diagnosed.causes}


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_bare_status_decides_no_side(status: int) -> None:
    assert diagnose(case_with(call(status))).side == "undecided"
    assert not diagnose(case_with(call(status))).is_known


def test_nothing_of_servers_without_an_answer() -> None:
    case = case_with(error("connect_timeout", "connect timed out"))
    assert {told(each, case) for each in ("server_error", "service_unavailable", "gateway_error")} == {None}
    assert evidence("server_error", case) == ""
