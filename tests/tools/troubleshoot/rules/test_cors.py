"""Rules of browsers: refused preflights and origins, and the answers that hide behind them."""

import pytest

from tests.tools.troubleshoot.made import case_with
from tests.tools.troubleshoot.rules.asked import API, ask, call, doubts, evidence, told, with_statuses
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import diagnose
from tools.troubleshoot.facts.http import CorsMessage, Exchange

PAGE = "https://shop.northwind.example"


def message(reason: str, **more: object) -> CorsMessage:
    return CorsMessage.model_validate(
        {"reason": reason, "text": f"blocked: {reason}", "origin": PAGE, "url": API, **more}
    )


def preflight(status: int, **headers: str) -> Exchange:
    return call(status, method="OPTIONS", request_headers={"access-control-request-method": "POST", **headers})


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(message("header_not_allowed", detail="authorization")), "known customer"),
        (case_with(message("header_not_allowed", detail="x-trace")), "known undecided"),
        (case_with(message("method_not_allowed", detail="PATCH")), "known undecided"),
        (case_with(message("preflight_redirect")), "known undecided"),
        (case_with(message("preflight_status")), "likely undecided"),
        (case_with(message("preflight_status"), call(auth="bearer")), "likely customer"),
        (case_with(message("preflight_status", url="http://localhost:3000/api")), "likely customer"),
        (case_with(message("preflight_status"), said="we call it with our secret key"), "likely customer"),
        (case_with(preflight(405, origin=PAGE)), "likely undecided"),
        (case_with(preflight(403, **{"access-control-request-headers": "authorization"})), "likely customer"),
        (case_with(preflight(204)), None),
        (case_with(call(405, method="OPTIONS")), None),
        (case_with(message("no_allow_origin")), None),
        (case_with(said="is it CORS?"), None),
    ],
)
def test_cors_preflight(case: Case, expected: str | None) -> None:
    assert told("cors_preflight", case) == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(message("origin_not_allowed")), "known customer"),
        (case_with(message("credentials_wildcard")), "known customer"),
        (case_with(message("credentials_not_allowed")), "known customer"),
        (case_with(message("several_origins")), "known undecided"),
        (case_with(message("several_origins", url="http://localhost:8080/api")), "known customer"),
        (case_with(message("several_origins", url="https://gateway.northwind.example/me")), "known customer"),
        (case_with(message("no_allow_origin")), "possible customer"),
        (case_with(message("no_allow_origin"), call(200)), "likely customer"),
        (case_with(message("no_allow_origin", origin="http://localhost:3000")), "likely customer"),
        (case_with(message("other")), "possible undecided"),
        (case_with(message("preflight_status")), None),
        (case_with(call(200), said="no CORS here"), None),
    ],
)
def test_cors_origin(case: Case, expected: str | None) -> None:
    assert told("cors_origin", case) == expected


@pytest.mark.parametrize("status", [404, 500, 502])
def test_an_error_behind_the_message_is_the_cause(status: int) -> None:
    case = case_with(message("no_allow_origin"), call(status))
    assert told("cors_origin", case) == "possible customer"
    assert f"The request itself is answered {status}" in doubts("cors_origin", case)
    diagnosed = diagnose(case)
    assert diagnosed.top is not None
    assert diagnosed.top.rule.id != "cors_origin"


def test_an_error_that_is_told_in_prose_counts_too() -> None:
    case = with_statuses(case_with(message("no_allow_origin"), said="our server shows a 500 for it"), 500)
    assert told("cors_origin", case) == "possible customer"


def test_an_error_of_another_url_hides_nothing() -> None:
    other = call(500, url="https://api.example.com/v1/other")
    assert told("cors_origin", case_with(message("no_allow_origin"), other, call(200))) == "likely customer"


@pytest.mark.parametrize("origin", ["null", "http://localhost:3000"])
def test_an_origin_of_development_is_named(origin: str) -> None:
    shown = evidence("cors_origin", case_with(message("no_allow_origin", origin=origin)))
    assert f"The origin {origin} is one of development" in shown


def test_the_texts_name_origin_and_header() -> None:
    found = ask("cors_preflight", case_with(message("header_not_allowed", detail="x-trace")))
    assert found is not None
    assert found.finding.values == {"origin": PAGE, "detail": "x-trace"}
