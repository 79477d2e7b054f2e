"""Rules of where a request went: endpoints, records, redirects, GraphQL queries."""

import pytest

from tests.tools.troubleshoot.made import case_with
from tests.tools.troubleshoot.rules.asked import API, ask, call, evidence, told, with_statuses
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import diagnose
from tools.troubleshoot.facts.http import GraphqlError
from tools.troubleshoot.facts.programs import JsonBody
from tools.troubleshoot.rules.paths import has_id

HTML = {"content-type": "text/html"}
ORDER = f"{API}/ord_8fj3k2"
ENDPOINT_MISSING = '{"error":"Cannot POST /v1/order"}'
RECORD_MISSING = '{"error":{"code":"resource_missing","message":"No such order"}}'


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(404, ENDPOINT_MISSING, url=f"{API}x")), "known customer"),
        (case_with(call(405, method="PUT", response_headers={"allow": "GET, POST"})), "known customer"),
        (case_with(call(405, method="PUT")), "likely customer"),
        (case_with(call(405, response_headers={"allow": "POST"})), "likely customer"),
        (case_with(call(404, url="https://api.example.com/v1//orders")), "likely customer"),
        (case_with(call(404, url="https://api.example.com/api/api/orders")), "likely customer"),
        (case_with(call(404)), "likely customer"),
        (case_with(call(404, url=ORDER)), "possible customer"),
        (with_statuses(case_with(said="404"), 404), "possible customer"),
        (case_with(call(404, RECORD_MISSING, url=ORDER)), None),
        (case_with(call(404, url="https://api.stripe.com/v1/nothing")), None),
        (
            case_with(
                call(404, method="POST", url="https://hooks.example.org/in", request_headers={"webhook-signature": "a"})
            ),
            None,
        ),
        (case_with(call(403)), None),
    ],
)
def test_endpoint_unknown(case: Case, expected: str | None) -> None:
    assert told("endpoint_unknown", case) == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (
            case_with(call(404, '{"error":"No such order; a similar object exists in live mode"}', url=ORDER)),
            "known customer",
        ),
        (case_with(call(404, RECORD_MISSING, url=ORDER)), "likely customer"),
        (case_with(JsonBody(text=RECORD_MISSING, status=404)), "likely customer"),
        (case_with(call(404, url=ORDER)), "likely customer"),
        (case_with(call(404), said="perhaps it belongs to another tenant"), "likely customer"),
        (
            case_with(call(404, url="https://sandbox.example.com/v1/orders/77", key_environment="live")),
            "likely customer",
        ),
        (case_with(call(410, '{"error":"The order has been deleted"}', url=ORDER)), "known customer"),
        (case_with(call(404)), "possible customer"),
        (case_with(call(404, ENDPOINT_MISSING, url=f"{API}x")), None),
        (case_with(call(405, url=ORDER)), None),
        (case_with(call(404, url="https://api.example.com/v1//orders")), None),
    ],
)
def test_record_unknown(case: Case, expected: str | None) -> None:
    assert told("record_unknown", case) == expected


def test_a_404_of_another_environment_is_no_wrong_path() -> None:
    case = case_with(call(404, url="https://sandbox.example.com/v1/orders/77", key_environment="live"))
    assert [each.rule.id for each in diagnose(case).causes if "unknown" in each.rule.id] == ["record_unknown"]
    assert "sandbox.example.com is not" in evidence("record_unknown", case)


def test_a_bare_404_leaves_both_open() -> None:
    diagnosed = diagnose(with_statuses(case_with(said="404"), 404))
    assert {each.rule.id for each in diagnosed.causes} == {"endpoint_unknown", "record_unknown"}
    assert diagnosed.side == "undecided"


def test_the_endpoint_is_named() -> None:
    found = ask("endpoint_unknown", case_with(call(405, method="PUT")))
    assert found is not None
    assert found.finding.values == {"endpoint": "PUT /v1/orders"}


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("/v1/orders/ord_8fj3k2", True),
        ("/v1/orders/123", True),
        ("/v1/orders/6f1c2a3b-0000-4000-8000-000000000000/items", True),
        ("/v1/orders", False),
        ("/v1/organizations", False),
        ("/v2/data_exports", True),  # cannot be told from an id: then nothing is more than possible
        (None, False),
    ],
)
def test_has_id(path: str | None, holds: bool) -> None:
    assert has_id(path) is holds


MOVED = call(301, method="POST", url="http://api.example.com/v1/orders", response_headers={"location": API})


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(MOVED, call(405)), "known customer"),
        (case_with(MOVED, call(200)), "likely customer"),
        (case_with(MOVED, call(url=None, error="* Switch from POST to GET")), "known customer"),
        (with_statuses(case_with(MOVED, said="then 404"), 404), "likely customer"),
        (case_with(MOVED), "possible customer"),
        (case_with(said="curl says: Switch from POST to GET"), "possible customer"),
        (case_with(call(308, method="POST", response_headers={"location": API}), call(405)), None),
        (case_with(call(301, response_headers={"location": API}), call(404)), None),
    ],
)
def test_redirect_changed_request(case: Case, expected: str | None) -> None:
    assert told("redirect_changed_request", case) == expected


def test_a_redirect_excludes_the_405_that_follows() -> None:
    answer = call(405, response_headers={"allow": "POST"})
    assert [each.rule.id for each in diagnose(case_with(MOVED, answer)).causes][:1] == ["redirect_changed_request"]
    assert "endpoint_unknown" not in {each.rule.id for each in diagnose(case_with(MOVED, answer)).causes}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            GraphqlError(message='Cannot query field "nam" on type "Order".', code="GRAPHQL_VALIDATION_FAILED"),
            "known customer",
        ),
        (GraphqlError(message='Variable "$id" of required type "ID!" was not provided.'), "known customer"),
        (GraphqlError(message="Query exceeds the maximum depth of 10"), "known customer"),
        (GraphqlError(message="Syntax Error: Unexpected Name", code="GRAPHQL_PARSE_FAILED"), "known customer"),
        (GraphqlError(message="Not logged in", code="UNAUTHENTICATED"), None),
        (GraphqlError(message="Boom", code="INTERNAL_SERVER_ERROR"), None),
        (GraphqlError(message="Cannot query field x", code="INTERNAL_SERVER_ERROR"), None),
        (GraphqlError(message="The order was not found"), None),
    ],
)
def test_graphql_request(error: GraphqlError, expected: str | None) -> None:
    assert told("graphql_request", case_with(error)) == expected
