"""OTLP JSON: whose time it is, whatever the spelling, and nothing of it that breaks the reader."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.troubleshoot.made import at
from tools.troubleshoot.facts.programs import TraceSummary
from tools.troubleshoot.reading.otlp import find_traces
from tools.troubleshoot.reading.spans import Span
from tools.troubleshoot.reading.trace_times import covered, own_times

BEGIN = 1_782_466_200_000_000_000  # 2026-06-26T09:30:00Z
MS = 1_000_000


def span(
    id_: str, parent: str, name: str, start: float, end: float, *, kind: Any = "SPAN_KIND_INTERNAL", **more: Any
) -> dict[str, Any]:
    return {
        "traceId": "5b8aa5a2d2c872e8321cf37308d69df2",
        "spanId": id_,
        "parentSpanId": parent,
        "name": name,
        "kind": kind,
        "startTimeUnixNano": str(BEGIN + int(start * MS)),
        "endTimeUnixNano": str(BEGIN + int(end * MS)),
        **more,
    }


def attribute(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


def document(*spans: dict[str, Any], service: str = "checkout") -> dict[str, Any]:
    resource = {"attributes": [attribute("service.name", service)]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "x"}, "spans": list(spans)}]}]}


SLOW = document(
    span("a1", "", "POST /orders", 0, 1000, kind=2),
    span("b1", "a1", "SELECT stock", 50, 100, kind=3, attributes=[attribute("db.system", "postgresql")]),
    span(
        "c1",
        "a1",
        "POST /charges",
        100,
        950,
        kind="SPAN_KIND_CLIENT",
        attributes=[
            attribute("server.address", "pay.example.net"),
            {"key": "http.response.status_code", "value": {"intValue": "504"}},
        ],
        status={"code": "STATUS_CODE_ERROR", "message": "deadline"},
    ),
)


def traces(text: str) -> list[TraceSummary]:
    return [fact for piece in find_traces(text) for fact in piece.facts if isinstance(fact, TraceSummary)]


def snake(value: Any) -> Any:
    """The document as its schema spells it."""
    if isinstance(value, dict):
        return {"".join(f"_{c.lower()}" if c.isupper() else c for c in key): snake(each) for key, each in value.items()}
    return [snake(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("written", [SLOW, snake(SLOW), [SLOW]])
@pytest.mark.parametrize("indent", [None, 2])
def test_the_time_lies_where_no_child_covers_it(written: Any, indent: int | None) -> None:
    (trace,) = traces(f"Our trace:\n{json.dumps(written, indent=indent)}\nWhy?")
    assert (trace.duration_ms, trace.spans, trace.services) == (1000, 3, ("checkout",))
    assert trace.started_at == at("09:30:00")
    charge, own, stock = trace.slowest
    assert (charge.name, charge.self_ms, charge.span_kind, charge.peer) == (
        "POST /charges",
        850,
        "client",
        "pay.example.net",
    )
    assert (charge.status, charge.message, charge.http_status) == ("error", "deadline", 504)
    assert (own.name, own.self_ms) == ("POST /orders", 100)
    assert (stock.self_ms, stock.peer) == (50, "postgresql")
    assert trace.failed == (charge,)


def test_the_piece_takes_the_document_s_lines_only() -> None:
    text = f"Hello\n\n{json.dumps(SLOW, indent=1)}\n\nBye"
    (piece,) = find_traces(text)
    assert (piece.first, piece.last) == (3, text.count("\n") - 1)


def test_children_side_by_side_count_once() -> None:
    calls = [span(f"c{n}", "a1", "GET /price", 100 + 100 * n, 400 + 100 * n, kind=3) for n in range(3)]
    (trace,) = traces(json.dumps(document(span("a1", "", "GET /cart", 0, 1000), *calls)))
    lines = {line.name: line for line in trace.slowest}
    assert lines["GET /cart"].self_ms == 1000 - 500  # 100 to 600 is covered
    assert (lines["GET /price"].count, lines["GET /price"].duration_ms) == (3, 900)
    assert lines["GET /price"].self_ms == 500


def test_a_file_with_a_document_a_line_is_one_piece() -> None:
    documents = [document(span(f"a{n}", "" if n == 0 else "a0", f"step {n}", n, 90 - n)) for n in range(70)]
    (piece,) = find_traces("\n".join(json.dumps(each) for each in documents))
    (trace,) = piece.facts
    assert isinstance(trace, TraceSummary)
    assert (piece.first, piece.last, trace.spans) == (1, 70, 70)


def test_times_may_be_numbers() -> None:
    written = span("a1", "", "x", 0, 0) | {"startTimeUnixNano": BEGIN, "endTimeUnixNano": float(BEGIN + 5 * MS)}
    (trace,) = traces(json.dumps(document(written)))
    assert trace.duration_ms == pytest.approx(5, abs=0.001)


@pytest.mark.parametrize(
    ("spans", "duration"),
    [
        ([span("a", "a", "its own parent", 0, 10)], 10),
        ([span("a", "b", "one", 0, 10), span("b", "a", "two", 0, 20)], 20),
        ([span("a", "lost", "no parent", 0, 10)], 10),
        ([span("a", "", "ends before it starts", 10, 0)], 0),
        ([span("a", "", "longer child", 0, 10), span("b", "a", "child", 5, 50)], 10),
        ([span("a", "", "same id", 0, 10), span("a", "", "same id", 20, 50)], 50),
    ],
)
def test_broken_traces_are_told_as_far_as_they_go(spans: list[dict[str, Any]], duration: float) -> None:
    (trace,) = traces(json.dumps(document(*spans)))
    assert trace.duration_ms == duration
    assert all(0 <= line.self_ms <= line.duration_ms for line in trace.slowest)


@pytest.mark.parametrize(
    "broken", ["", None, True, "x", -1, 2**64, 10**400, float("nan"), float("inf"), [], {}, "9" * 30, "٣"]
)
def test_spans_without_times_are_left_out_and_counted(broken: Any) -> None:
    written = document(span("a", "", "x", 0, 1), span("b", "a", "y", 0, 1) | {"startTimeUnixNano": broken})
    (piece,) = find_traces(json.dumps(written))
    (trace,) = piece.facts
    assert isinstance(trace, TraceSummary)
    assert trace.spans == 1
    assert piece.notes == ("1 spans that say neither when they began nor when they ended are left out.",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "we use resourceSpans",
        '"resourceSpans" is a field',
        '{"resourceSpans": []}',
        '{"resourceSpans": "none"}',
        '{"resourceSpans": [1, null, {"scopeSpans": [{"spans": [7]}]}]}',
        '{"resourceMetrics": []}',
    ],
)
def test_what_holds_no_spans(text: str) -> None:
    assert find_traces(text) == ()


@pytest.mark.parametrize("text", [json.dumps(SLOW)[:-40], '{"resourceSpans":' * 5_000, '{"resourceSpans": [nope]}'])
def test_a_document_that_is_cut_or_broken_says_so(text: str) -> None:
    (piece,) = find_traces(text)
    assert piece.facts == ()
    assert piece.notes == ("The traces cannot be read: the JSON is cut or broken.",)


@pytest.mark.parametrize(
    "unit", ['{"resourceSpans":\n', '{"resourceSpans":[{', "[", '"resourceSpans"{\n', '{"resourceSpans":[]}\n', "{\n"]
)
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    text = '"resourceSpans"' + unit * (200_000 // len(unit))
    assert isinstance(find_traces(text), tuple)


def test_many_spans_are_read() -> None:
    spans = [
        span(f"{n:x}", f"{n // 2:x}" if n else "", f"step {n % 50}", n / 100, 2_000 - n / 100) for n in range(100_000)
    ]
    text = json.dumps(document(*spans))
    (trace,) = traces(text)
    assert trace.spans == 100_000
    assert len(trace.slowest) == 20


interval = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair)))


@settings(max_examples=100, deadline=None)
@given(st.lists(interval, max_size=12))
def test_a_union_is_as_long_as_its_points(intervals: list[tuple[int, int]]) -> None:
    assert covered(intervals) == len({point for start, end in intervals for point in range(start, end)})


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(interval, st.integers(0, 9), st.integers(0, 9)), max_size=15))
def test_own_time_is_never_negative_nor_longer_than_the_span(written: list[tuple[tuple[int, int], int, int]]) -> None:
    spans = [
        Span("t", str(id_), str(parent), "s", "n", "", start, end, "unset", "", None, "")
        for (start, end), id_, parent in written
    ]
    assert all(0 <= own <= each.end - each.start for own, each in zip(own_times(spans), spans, strict=True))
