"""Whose program wrote an artifact, by what it calls and whom it serves; and the sides that follow."""

import pytest

from app.domain.blocks import Side
from tests.tools.troubleshoot.made import case_of, case_with
from tests.tools.troubleshoot.rules.asked import call, log, told
from tools.troubleshoot.case import Place
from tools.troubleshoot.facts.logs import Breakdown, LogSummary, Share
from tools.troubleshoot.facts.programs import SpanLine, TraceSummary
from tools.troubleshoot.rules.receivers import is_elsewhere, receiver_of
from tools.troubleshoot.rules.vantage import is_own_path, serves_tenants, traced_by, written_by

CALLER = "2026-06-26T09:00:00Z INFO GET https://api.example.com/v1/x 200\n2026-06-26T09:00:01Z ERROR heap out of memory"
SERVER = "2026-06-26T09:00:00Z INFO GET /v1/x 200\n2026-06-26T09:00:01Z ERROR heap out of memory"


def tenants(*names: str, errors: int = 0) -> LogSummary:
    shares = tuple(Share(value=name, count=9, errors=errors) for name in names)
    return log(breakdowns=(Breakdown(dimension="client", values=shares),), statuses={"200": 9, "500": errors})


@pytest.mark.parametrize(("text", "side"), [(CALLER, "customer"), (SERVER, None)])
def test_a_log_that_names_an_api_by_its_whole_address_is_a_callers(text: str, side: Side | None) -> None:
    assert written_by(case_of(text), Place("", 2)) == side


@pytest.mark.parametrize(
    ("said", "side"), [("Log of our worker:", "customer"), ("Log of the service:", None), ("Your worker fails:", None)]
)
def test_a_person_says_whose_it_is(said: str, side: Side | None) -> None:
    assert written_by(case_of(f"{said}\n\n{SERVER}"), Place("", 4)) == side


def test_nobody_wrote_what_is_not_there() -> None:
    assert written_by(case_of(CALLER), Place("", 99)) is None
    assert written_by(case_of(CALLER), Place("other.log", 1)) is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("acme", "globex", "initech"), True),
        (("acme", "globex"), False),
        (("203.0.113.1", "203.0.113.2", "203.0.113.3"), False),
        (("203.0.113.1:51514", "203.0.113.2:51514", "2001:db8::1"), False),
        ((), False),
    ],
)
def test_only_the_service_itself_logs_several_named_clients(names: tuple[str, ...], expected: bool) -> None:
    assert serves_tenants(case_with(), tenants(*names)) is expected


def test_errors_of_several_tenants_are_ours() -> None:
    assert told("server_error", case_with(tenants("acme", "globex", "initech", errors=4))) == "likely product"
    assert told("server_error", case_with(tenants("acme", "globex", errors=4))) == "possible undecided"
    one = tenants("acme", "globex", "initech")
    assert told("server_error", case_with(one.model_copy(update={"statuses": {"500": 1}}))) == "possible undecided"


def trace(*spans: SpanLine) -> TraceSummary:
    return TraceSummary(trace_id="t", duration_ms=5_000, spans=len(spans), root_service="svc", slowest=spans)


ROOT = SpanLine(service="svc", name="POST /v1/search", span_kind="server", duration_ms=5_000, self_ms=50)
DATABASE = SpanLine(
    service="svc", name="SELECT", span_kind="client", duration_ms=4_900, self_ms=4_900, peer="pg.internal"
)
OURS = SpanLine(service="svc", name="POST", span_kind="client", duration_ms=200, self_ms=200, peer="api.example.com")


def test_a_trace_that_calls_the_api_is_the_customers() -> None:
    case = case_with(trace(ROOT, DATABASE, OURS))
    assert traced_by(case, trace(ROOT, DATABASE, OURS)) == "customer"
    assert told("dependency_slow", case_with(trace(DATABASE, OURS, ROOT))) == "known customer"


def test_a_trace_of_a_call_to_the_api_is_ours() -> None:
    said = "POST https://api.example.com/v1/search takes 5 s"
    assert told("dependency_slow", case_with(trace(DATABASE, ROOT), said=said)) == "known product"
    assert told("dependency_slow", case_with(trace(DATABASE, ROOT))) == "known undecided"


def test_a_slow_call_of_the_api_within_their_trace_is_ours() -> None:
    slow = OURS.model_copy(update={"duration_ms": 4_900, "self_ms": 4_900})
    assert told("dependency_slow", case_with(trace(slow, ROOT))) == "known product"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("POST /v1/orders 503", True),
        ('"POST /v1/orders HTTP/1.1"', True),
        ("POST /checkout 503", False),
        ("503", False),
    ],
)
def test_a_path_is_ours_where_a_call_to_the_api_has_it(words: str, expected: bool) -> None:
    assert is_own_path(case_with(call(503, method="POST")), words) is expected


POOL = "2026-06-26T07:39:00Z ERROR svc POST {path} 503 1003ms HikariPool-1 - Connection is not available"


@pytest.mark.parametrize(
    ("path", "side"), [("/v1/orders", "product"), ("/checkout", "undecided"), ("/v1/orders/", "undecided")]
)
def test_a_pool_belongs_to_whoever_answers_the_call(path: str, side: Side) -> None:
    message = f"POST https://api.example.com/v1/orders fails.\n\n{POOL.format(path=path)}"
    assert told("pool_exhausted", case_of(message)) == f"likely {side}"


def test_an_api_elsewhere_is_somebody_elses_where_ours_is_named() -> None:
    other = call(429, method="POST", url="https://api.crm.example/v3/contacts")
    alone, beside = case_with(other), case_with(other, said="We read https://api.example.com/v1/contacts as well")
    assert receiver_of(alone, other) == "ours"
    assert receiver_of(beside, other) == "third_party"
    assert told("dependency_failed", beside) == "likely external"
    assert told("dependency_failed", alone) is None
    assert told("rate_limited", beside) is None


@pytest.mark.parametrize(
    ("host", "text", "expected"),
    [
        ("api.crm.example", "api.example.com", True),
        ("api.example.com", "api.example.com", False),
        ("www.crm.example", "api.example.com", False),
        ("api.crm.example", "example.com.evil.test and notexample.com", False),
        ("api.crm.example", "", False),
    ],
)
def test_our_domain_must_be_named(host: str, text: str, expected: bool) -> None:
    assert is_elsewhere(case_with(said=text), host) is expected


def test_memory_that_runs_out_in_a_callers_log_is_theirs() -> None:
    assert told("resources_exhausted", case_of(CALLER)) == "likely customer"
    assert told("resources_exhausted", case_of(SERVER)) == "likely undecided"
