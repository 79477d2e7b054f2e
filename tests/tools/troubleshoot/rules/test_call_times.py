"""Where the time of a call goes: before it leaves, on its way back, in a dependency."""

from typing import Any

import pytest

from tests.tools.troubleshoot.made import case_with
from tests.tools.troubleshoot.rules.made_log import rule_of
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.programs import SpanLine, TraceSummary
from tools.troubleshoot.rules.latency import RULES
from tools.troubleshoot.rules.rule import Finding

CLIENT, LARGE, DEPENDENCY = (rule_of(RULES, id_) for id_ in ("client_side_slow", "large_response", "dependency_slow"))
URL = "https://api.example.com/v1/orders"


def call(
    status: int = 200, *, size: int | None = None, headers: dict[str, str] | None = None, **timings: float
) -> Exchange:
    return Exchange(
        source="har",
        method="GET",
        url=URL,
        status=status,
        timings=timings,
        response_bytes=size,
        response_headers=headers or {},
    )


def slow(*calls: Exchange) -> tuple[Finding | None, Finding | None]:
    """What both rules find."""
    case = case_with(*calls, kind="har")
    return CLIENT.examine(case), LARGE.examine(case)


@pytest.mark.parametrize(
    ("timings", "certainty", "part"),
    [
        ({"blocked": 2_400, "wait": 90}, "known", "waiting for a free connection in the client"),
        ({"dns": 5_000, "connect": 20, "wait": 200}, "known", "looking up the name"),
        ({"send": 3_000, "wait": 2_000}, "likely", "sending the request"),
        ({"connect": 3_000, "wait": 200}, "possible", "opening the connection"),
        ({"connect": 300, "ssl": 1_500, "wait": 100, "receive": 10}, "possible", "the TLS handshake"),
    ],
)
def test_the_time_passes_before_the_server_has_it(timings: dict[str, float], certainty: str, part: str) -> None:
    client, large = slow(call().model_copy(update={"timings": timings}))
    assert client is not None
    assert large is None
    assert (client.certainty, client.side, client.values) == (certainty, None, {"part": part})
    assert bool(client.against) is (certainty == "possible")
    assert CLIENT.side == "customer"


@pytest.mark.parametrize(
    "one",
    [
        call(dns=20, connect=30, wait=4_000, receive=5),  # the server
        call(blocked=300, wait=90),  # quick
        call(blocked=-1, dns=-1, wait=2_000),
        call(503, blocked=9_000, wait=90),  # failed
        call(),
        call(blocked=900, wait=950),
    ],
)
def test_the_time_is_not_the_client_s(one: Exchange) -> None:
    assert slow(one) == (None, None)


def test_a_large_answer() -> None:
    client, large = slow(call(wait=300, receive=6_000, size=9_000_000, headers={"content-type": "application/json"}))
    assert client is None
    assert large is not None
    assert large.certainty == "known"
    said = " ".join(str(span) for clue in large.clues for span in clue.text)
    assert "not compressed" in said
    assert "no page" in said


def test_a_large_answer_by_its_length_alone() -> None:
    one = Exchange(
        source="http", url=URL, status=200, duration_ms=8_000, response_headers={"content-length": "9000000"}
    )
    _, large = slow(one)
    assert large is not None
    assert large.certainty == "possible"


def test_a_small_answer_that_comes_in_slowly() -> None:
    client, large = slow(call(wait=300, receive=6_000, size=2_000))
    assert large is None
    assert client is not None
    assert (client.certainty, client.values["part"]) == ("possible", "receiving the answer")


@pytest.mark.parametrize(
    "one",
    [
        call(wait=300, receive=6_000, size=9_000_000, headers={"content-type": "text/event-stream"}),
        call(wait=6_000, receive=300, size=9_000_000),
        call(wait=300, receive=6_000),  # of unknown size
        call(500, wait=300, receive=6_000, size=9_000_000),
        Exchange(source="http", url=URL, status=200, duration_ms=80, response_headers={"content-length": "9000000"}),
        Exchange(source="http", url=URL, status=200, duration_ms=8_000, response_headers={"content-length": "9" * 30}),
    ],
)
def test_what_is_no_large_answer(one: Exchange) -> None:
    assert slow(one) == (None, None)


def trace(own: float, total: float = 2_000, **line: Any) -> Finding | None:
    """What is found in a trace of checkout whose longest own time is this line's."""
    described = {"service": "checkout", "name": "POST /charges", "span_kind": "client", "duration_ms": own} | line
    top = SpanLine.model_validate({**described, "self_ms": own})
    rest = SpanLine(service="checkout", name="POST /orders", span_kind="server", duration_ms=total, self_ms=total - own)
    summary = TraceSummary(
        trace_id="5b8aa5", duration_ms=total, spans=9, root_service="checkout", slowest=(top, rest) if own else ()
    )
    return DEPENDENCY.examine(case_with(summary, kind="otlp"))


@pytest.mark.parametrize(
    ("line", "whom", "side"),
    [
        ({"peer": "api.stripe.com"}, "api.stripe.com", "external"),
        ({"peer": "pay.example.net"}, "pay.example.net", None),
        ({"peer": "postgresql", "count": 40}, "postgresql", None),
        ({"service": "pricing", "span_kind": "server"}, "pricing", None),
        ({"service": "pricing", "span_kind": ""}, "pricing", None),
    ],
)
def test_the_time_lies_in_one_dependency(line: dict[str, Any], whom: str, side: str | None) -> None:
    found = trace(1_500, **line)
    assert found is not None
    assert (found.certainty, found.values["dependency"], found.side) == ("likely", whom, side)
    assert [figure.value for figure in found.clues[0].figures] == [2_000, 1_500]
    assert DEPENDENCY.side == "undecided"


def test_a_trace_whose_time_is_nearly_all_in_one_call_proves_it() -> None:
    found = trace(1_700)
    assert found is not None
    assert found.certainty == "known"


def test_what_the_dependency_said_is_told() -> None:
    found = trace(1_500, status="error", message="deadline exceeded")
    assert found is not None
    assert 'It failed: "deadline exceeded"' in [span for clue in found.clues for span in clue.text]


@pytest.mark.parametrize(
    ("own", "total", "line"),
    [
        (900, 2_000, {}),  # less than half
        (300, 400, {}),  # a quick trace
        (1_500, 2_000, {"span_kind": "internal"}),  # its own work
        (1_500, 2_000, {"service": "mailer", "span_kind": "consumer"}),  # nobody waits for it
        (0, 2_000, {}),
    ],
)
def test_the_time_lies_in_no_dependency(own: float, total: float, line: dict[str, Any]) -> None:
    assert trace(own, total, **line) is None
