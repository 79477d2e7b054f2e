"""Rules of connections: whose end refused, closed, stayed silent, was not found, or answered in another's place."""

import pytest

from tests.tools.troubleshoot.made import at, case_of, case_with
from tests.tools.troubleshoot.rules.asked import API, ask, call, doubts, error, evidence, log, told, with_statuses
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import diagnose
from tools.troubleshoot.facts.logs import Durations, Template
from tools.troubleshoot.facts.programs import JsonBody, StackTrace

HTML = {"content-type": "text/html"}
ASKS_JSON = {"accept": "application/json"}


def template(sample: str) -> Template:
    return Template(text=sample, count=3, line=1, sample=sample, is_error=True)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (
            case_with(error("refused", "connect ECONNREFUSED 127.0.0.1:8080", host="127.0.0.1", port=8080)),
            "known customer",
        ),
        (case_with(error("refused", "connect ECONNREFUSED 10.2.0.7:443", address="10.2.0.7")), "likely customer"),
        (case_with(error("refused", "Connection refused", host="api.example.com"), call()), "likely undecided"),
        (case_with(error("refused", "Connection refused", host="api.stripe.com")), "likely external"),
        (case_with(error("refused", "Connection refused", host="db.example.net")), "likely undecided"),
        (
            case_with(
                StackTrace(
                    language="java", exception="java.net.ConnectException", message="Connection refused to localhost:9"
                )
            ),
            "known customer",
        ),
        (
            case_with(
                log(
                    templates=(template("connect() failed (111: Connection refused), upstream: http://127.0.0.1:9000"),)
                )
            ),
            None,
        ),
        (case_with(said="we get connection refused"), "possible undecided"),
        (case_with(error("reset", "read ECONNRESET")), None),
        (case_with(call(403, '{"error":"refused by policy"}')), None),
    ],
)
def test_connection_refused(case: Case, expected: str | None) -> None:
    assert told("connection_refused", case) == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(error("reset", "read ECONNRESET", host="api.example.com")), "likely undecided"),
        (case_with(error("closed_early", "Remote end closed connection without response")), "likely undecided"),
        (
            case_with(error("closed_early", "socket hang up"), said="only on the first request after an idle hour"),
            "likely customer",
        ),
        (case_with(call(error="socket hang up on a reused connection")), "likely customer"),
        (case_with(log(templates=(template("write: broken pipe"),))), "likely undecided"),
        (case_with(error("refused", "connect ECONNREFUSED 192.0.2.1:443")), None),
        (case_with(call(429, '{"error":"limit resets at noon"}')), None),
    ],
)
def test_connection_reset(case: Case, expected: str | None) -> None:
    assert told("connection_reset", case) == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(error("connect_timeout", "connect timed out", host="api.example.com")), "likely undecided"),
        (case_with(error("network_unreachable", "no route to host", address="10.0.0.3")), "likely customer"),
        (case_with(error("timeout", "operation timed out")), "possible undecided"),
        (case_with(said="connection timed out since noon"), "possible undecided"),
        (case_with(error("read_timeout", "Read timed out. (read timeout=5)")), None),
        (case_with(error("dns_not_found", "getaddrinfo ENOTFOUND api.example.com"), said="connection timed out"), None),
    ],
)
def test_connection_timeout(case: Case, expected: str | None) -> None:
    assert told("connection_timeout", case) == expected


NORMAL = Durations(count=900, p50=6_200, p95=9_000, p99=9_900, max=12_000)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(error("read_timeout", "Read timed out.", after_seconds=30.0)), "likely undecided"),
        (case_with(error("read_timeout", "timed out", after_seconds=5.0), log(durations=NORMAL)), "likely customer"),
        (
            case_with(error("timeout", "timed out", after_seconds=5.0), call(200, duration_ms=8_000.0)),
            "likely customer",
        ),
        (case_with(error("read_timeout", "timed out", after_seconds=30.0), log(durations=NORMAL)), "likely undecided"),
        (
            case_with(error("read_timeout", "timed out", after_seconds=2.0), said="it takes 8.1 s by hand"),
            "likely customer",
        ),
        (case_with(error("read_timeout", "timed out", after_seconds=2.0), said="it takes 810 ms"), "likely undecided"),
        (
            case_with(
                error("read_timeout", "ReadTimeout"), error("read_timeout", "x", after_seconds=2.0), said="takes 8 s"
            ),
            "likely customer",
        ),
        (case_with(log(templates=(template("upstream timed out (110: Connection timed out)"),))), None),
        (case_with(call(error="timeout of 3000 ms exceeded", timeout_seconds=3.0)), "likely undecided"),
        (case_with(error("connect_timeout", "connect timed out")), None),
        (case_with(error("timeout", "Resolving timed out after 5000 milliseconds")), None),
    ],
)
def test_read_timeout(case: Case, expected: str | None) -> None:
    assert told("read_timeout", case) == expected


def test_what_the_call_normally_takes_is_a_figure() -> None:
    case = case_with(error("read_timeout", "timed out", after_seconds=5.0), log(durations=NORMAL))
    assert "The client waited 5 s" in evidence("read_timeout", case)
    assert "normally takes 6,200 ms, which is longer than the client waits" in evidence("read_timeout", case)


def test_a_vague_timeout_says_so() -> None:
    case = case_with(error("timeout", "operation timed out"))
    assert "does not tell" in doubts("read_timeout", case)
    assert diagnose(case).side == "undecided"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(error("dns_not_found", "getaddrinfo ENOTFOUND api.example.com")), "likely undecided"),
        (case_with(error("dns_not_found", "ENOTFOUND api.exmaple.com"), call(200)), "known customer"),
        (case_with(error("dns_not_found", "", host="api.exmaple.com"), said="use api.example.com"), "likely customer"),
        (case_with(error("dns_not_found", "ENOTFOUND api2.example.com"), call(200)), "likely undecided"),
        (
            case_with(error("dns_not_found", "ENOTFOUND eu.example.com"), said="us.example.com works"),
            "likely undecided",
        ),
        (case_with(error("dns_not_found", "ENOTFOUND undefined", host="undefined")), "known customer"),
        (case_with(error("dns_not_found", "ENOTFOUND billing", host="billing")), "likely customer"),
        (case_with(error("dns_temporary", "getaddrinfo EAI_AGAIN api.example.com")), "likely customer"),
        (
            case_with(error("dns_not_found", "NXDOMAIN api.example.com"), said="it resolves from another network"),
            "likely customer",
        ),
        (case_with(error("dns_temporary", "SERVFAIL looking up api.example.com")), "likely external"),
        (case_with(error("dns_temporary", "SERVFAIL"), said="our DNS host has an incident"), "likely external"),
        (case_with(error("timeout", "Resolving timed out after 5000 milliseconds")), "likely customer"),
        (case_with(said="could not resolve host api.example.com"), "possible undecided"),
        (case_with(error("connect_timeout", "connect timed out", host="api.example.com")), None),
        (case_with(call(404, '{"error":"no such host record in your account"}')), None),
    ],
)
def test_dns_failure(case: Case, expected: str | None) -> None:
    assert told("dns_failure", case) == expected


def test_a_timeout_that_is_dns() -> None:
    diagnosed = diagnose(
        case_with(error("timeout", "Resolving timed out after 5000 milliseconds", host="api.example.com"))
    )
    assert [each.rule.id for each in diagnosed.causes] == ["dns_failure"]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(503, '{"error":"database connection pool exhausted"}')), "known product"),
        (case_with(JsonBody(text='{"error":"connection pool exhausted"}', status=503)), "known product"),
        (case_with(call(500, '{"error":"connection pool exhausted"}', url="http://10.0.0.4/x")), "known customer"),
        (case_with(error("pool_exhausted", "HTTPConnectionPool: Pool is full")), "likely customer"),
        (case_with(error("ports_exhausted", "cannot assign requested address")), "likely customer"),
        (
            case_with(
                StackTrace(
                    language="java",
                    exception="SQLTransientConnectionException",
                    message="HikariPool-1 - Connection is not available, request timed out after 30000ms",
                )
            ),
            "likely customer",
        ),
        (case_with(log(templates=(template("remaining connection slots are reserved"),))), "likely undecided"),
        (with_statuses(case_with(said="503 (database connection pool exhausted)"), 503), "likely product"),
        (
            case_with(error("read_timeout", "HTTPSConnectionPool(host='api.example.com', port=443): Read timed out.")),
            None,
        ),
        (case_with(call(503, '{"error":"try again later"}')), None),
        (case_with(call(429, '{"error":"too many connections from your address"}')), None),
        (case_with(said="how large should our connection pool be?"), None),
    ],
)
def test_pool_exhausted(case: Case, expected: str | None) -> None:
    assert told("pool_exhausted", case) == expected


def test_a_pool_that_ran_out_excludes_the_bare_503() -> None:
    diagnosed = diagnose(case_with(call(503, '{"error":"database connection pool exhausted"}')))
    assert [each.rule.id for each in diagnosed.causes] == ["pool_exhausted"]
    assert diagnosed.side == "product"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(call(407)), "known customer"),
        (case_with(error("proxy_authentication", "Proxy Authentication Required")), "known customer"),
        (case_with(error("proxy_refused", "Tunnel connection failed: 403 Forbidden")), "known customer"),
        (case_with(call(error="CONNECT tunnel failed, response 403")), "known customer"),
        (case_with(call(503, "<html>", response_headers={"x-squid-error": "ERR_CONNECT_FAIL 110"})), "known customer"),
        (case_with(call(403, "<html>Zscaler: blocked by policy</html>", response_headers=HTML)), "known customer"),
        (case_with(call(503, "<html>", response_headers={"via": "1.1 wifi (squid/4.6)", **HTML})), "likely customer"),
        (
            case_with(call(400, "<html><h1>400</h1>", response_headers=HTML, request_headers=ASKS_JSON)),
            "possible undecided",
        ),
        (case_with(call(400, "<html>400</html>", response_headers=HTML)), "possible undecided"),
        (case_with(call(502, "<html>nginx</html>", response_headers=HTML)), None),
        (case_with(call(403, "<html>", response_headers=HTML, url="https://www.example.com/")), None),
        (case_with(call(503, '{"error":"overloaded"}')), None),
        (case_with(call(200, "<html>squid</html>", response_headers=HTML)), None),
        (case_with(call(403, '{"error":"blocked by policy"}')), None),
        (case_with(said="could it be our proxy (Zscaler)?"), None),
        (with_statuses(case_with(said="407?"), 407), None),
    ],
)
def test_proxy_interference(case: Case, expected: str | None) -> None:
    assert told("proxy_interference", case) == expected


@pytest.mark.parametrize("status", [400, 403, 429, 502, 503])
def test_a_proxy_in_the_way_excludes_what_its_status_would_mean(status: int) -> None:
    page = call(status, "<html>Blocked by your company policy</html>", response_headers=HTML, at=at("11:00:00"))
    diagnosed = diagnose(case_with(page))
    assert [each.rule.id for each in diagnosed.causes] == ["proxy_interference"]
    assert diagnosed.side == "customer"


def test_the_host_that_refuses_is_named() -> None:
    found = ask("connection_refused", case_with(error("refused", "refused", host="api.example.com"), call(url=API)))
    assert found is not None
    assert found.finding.values == {"target": "api.example.com"}


def test_a_name_that_leads_into_their_own_network_is_theirs_to_mend() -> None:
    failed = error("connect_timeout", "Failed to connect to api.example.com", host="api.example.com")
    led = error("connect_timeout", "connect to 192.168.77.5 failed", address="192.168.77.5")
    assert told("connection_timeout", case_with(failed)) == "likely undecided"
    assert told("connection_timeout", case_with(failed, led)) == "likely customer"


@pytest.mark.parametrize(
    ("said", "side"),
    [
        ("Since we attached the function to our VPC every call times out", "customer"),
        ("Since we changed the firewall rules every call times out", "customer"),
        ("Since we released the app every call times out", "undecided"),
    ],
)
def test_a_change_of_their_network_tells_the_side(said: str, side: str) -> None:
    failed = error("connect_timeout", "connect timeout after 10000ms, host: api.example.com:443")
    assert told("connection_timeout", case_with(failed, said=said)) == f"likely {side}"


ENVOY = '[2026-06-26T09:10:15.000Z] "POST /v1/exports HTTP/2" 504 UT response_timeout - "-" 412 24 15000 - "-"'
ENVOY += ' "x/2.0" "FAKE-00" "api.example.com" "203.0.113.10:443"'


@pytest.mark.parametrize(("whose", "side"), [("Our sidecar's log", "customer"), ("The log", "undecided")])
def test_a_proxy_that_gives_up_by_its_own_timer(whose: str, side: str) -> None:
    case = case_of(f"{whose}:\n\n" + "\n".join([ENVOY] * 3))
    assert told("read_timeout", case) == f"likely {side}"
    assert told("gateway_error", case) == f"likely {side}"


def test_a_proxys_name_that_is_not_found_is_told_beside_the_proxy() -> None:
    words = "tunneling socket could not be established, cause=getaddrinfo ENOTFOUND proxy.acme.example"
    case = case_with(error("proxy_refused", words))
    assert told("dns_failure", case) is not None
    assert told("proxy_interference", case) == "known customer"


@pytest.mark.parametrize(
    ("header", "certainty"), [({"via": "1.1 zscaler"}, "likely"), ({"server": "Zscaler/6.2"}, "known")]
)
def test_a_proxy_that_passed_an_answer_on_need_not_have_made_it(header: dict[str, str], certainty: str) -> None:
    assert told("proxy_interference", case_with(call(403, "{}", response_headers=header))) == f"{certainty} customer"
