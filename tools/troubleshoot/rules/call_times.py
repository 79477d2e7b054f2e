"""Rules of where the time of a single call goes: before it leaves, in a dependency, or on the answer's way back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.blocks import Certainty, Side
from app.domain.figures import Figure, text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.programs import SpanLine, TraceSummary
from tools.troubleshoot.rules.receivers import is_api_host, third_party_at
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.vantage import traced_by

_BEFORE = {
    "blocked": "waiting for a free connection in the client",
    "dns": "looking up the name",
    "connect": "opening the connection",
    "ssl": "the TLS handshake",
    "send": "sending the request",
}
"""Parts of a call before the server has it, by HAR's names."""

_ON_THE_WAY = ("connect", "ssl")
"""Here distance, a proxy or the server's own door may be what is slow."""

_PAGING = re.compile(r"[?&](?:limit|per_page|page_size|pageSize|page|cursor|offset|first|top|\$top)=", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Timed:
    """A call that took long, with its parts and their sum in ms."""

    exchange: Exchange
    place: Place
    parts: dict[str, float]
    total: float

    def of(self, *names: str) -> float:
        return sum(self.parts.get(name, 0.0) for name in names)

    @property
    def size(self) -> int | None:
        """Bytes of the answer, where they are told."""
        length = self.exchange.response_headers.get("content-length", "")
        told = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None
        return self.exchange.response_bytes or told


def client_side_slow(case: Case) -> Finding | None:
    """Most of a slow call's time passes before the server has it, or while a small answer comes in."""
    for call in _slow_calls(case):
        before = call.of(*_BEFORE)
        if before >= case.parameters.latency.part * call.total:
            largest = max(_BEFORE, key=lambda name: call.parts.get(name, 0.0))
            certainty = "possible" if largest in _ON_THE_WAY else _sure(case, before, call.total)
            return _before(case, call, largest, certainty)
        small = call.size is not None and call.size < case.parameters.latency.large_bytes
        if small and not _streams(call) and call.of("receive") >= case.parameters.latency.part * call.total:
            return _slow_line(case, call)
    return None


def large_response(case: Case) -> Finding | None:
    """Most of a slow call's time is the answer on its way, and the answer is large; or it is, and no times are told."""
    least = case.parameters.latency
    for call in _slow_calls(case):
        large = call.size is not None and call.size >= least.large_bytes
        if large and not _streams(call) and call.of("receive") >= least.part * call.total:
            return _large(case, call, _sure(case, call.of("receive"), call.total))
    for exchange, place in case.facts(Exchange):
        call = _Timed(exchange, place, {}, exchange.duration_ms or 0.0)
        is_large = (call.size or 0) >= least.large_bytes and not exchange.timings
        if is_large and call.total >= least.slow and not exchange.failed and not _streams(call):
            return _large(case, call, "possible")
    return None


def dependency_slow(case: Case) -> Finding | None:
    """Most of a slow trace's time lies in calls of one kind to something downstream."""
    least = case.parameters.latency
    for trace, place in case.facts(TraceSummary):
        if trace.duration_ms < least.slow or not trace.slowest:
            continue
        top = trace.slowest[0]
        if top.self_ms >= least.part * trace.duration_ms and _is_downstream(top, trace):
            return _dependency(case, trace, top, place)
    return None


def _sure(case: Case, part: float, total: float) -> Certainty:
    """A call that was measured proves where its own time lies, if hardly any of it lies elsewhere."""
    return "known" if part >= case.parameters.latency.part_sure * total else "likely"


def _slow_calls(case: Case) -> Iterator[_Timed]:
    """The calls that took long and tell where, the slowest first; failed ones are others' to explain."""
    calls = []
    for exchange, place in case.facts(Exchange):
        parts = {
            name: value
            for name, value in exchange.timings.items()
            if name in (*_BEFORE, "wait", "receive") and value > 0
        }
        total = sum(parts.values())
        if parts and total >= case.parameters.latency.slow and not exchange.failed:
            calls.append(_Timed(exchange, place, parts, total))
    yield from sorted(calls, key=lambda call: call.total, reverse=True)


def _streams(call: _Timed) -> bool:
    """Whether the answer is meant to come in slowly."""
    kind = call.exchange.response_headers.get("content-type", "").lower()
    return "event-stream" in kind or "ndjson" in kind or "grpc" in kind


def _before(case: Case, call: _Timed, largest: str, certainty: Certainty) -> Finding:
    before = _ms(case, "before", "Time before the server has the request", call.of(*_BEFORE), call.place)
    total = _ms(case, "total", "Time of the whole call", call.total, call.place)
    wait = _ms(case, "wait", "Time until the server answers", call.of("wait"), call.place)
    clue = Clue(
        text(
            "Of ", total, " ms ", before, f" ms pass before the server has the request, most of it {_BEFORE[largest]}"
        ),
        call.place,
        (total, before),
    )
    server = Clue(text("The server itself took ", wait, " ms"), call.place, (wait,))
    against = Clue(text("One slow call is no pattern: distance, a proxy or the server's own entry can look the same"))
    return Finding(
        certainty,
        text(f"The time passes before the call reaches the server: {_BEFORE[largest]}"),
        (clue, server),
        (against,) if certainty == "possible" else (),
        {"part": _BEFORE[largest]},
    )


def _slow_line(case: Case, call: _Timed) -> Finding:
    receive = _ms(case, "receive", "Time in which the answer comes in", call.of("receive"), call.place)
    clue = Clue(text("A small answer took ", receive, " ms to come in after its first byte"), call.place, (receive,))
    against = Clue(text("A server that writes its answer bit by bit looks the same"))
    part = "receiving the answer"
    return Finding("possible", text("A small answer comes in slowly"), (clue,), (against,), {"part": part})


def _large(case: Case, call: _Timed, certainty: Certainty) -> Finding:
    size = case.figure(
        "answer.bytes", "Bytes of the answer", call.size, "count", "as the artifact tells it", call.place
    )
    total = _ms(case, "total", "Time of the whole call", call.total, call.place)
    clues = [Clue(text("The answer has ", size, " bytes, the call took ", total, " ms"), call.place, (size, total))]
    if call.parts:
        receive = _ms(case, "receive", "Time in which the answer comes in", call.of("receive"), call.place)
        clues.append(Clue(text(receive, " ms of it are the answer on its way"), call.place, (receive,)))
    if call.exchange.response_headers and "content-encoding" not in call.exchange.response_headers:
        clues.append(Clue(text("The answer is not compressed"), call.place))
    if call.exchange.url and not _PAGING.search(call.exchange.url):
        clues.append(Clue(text("The request asks for no page and no limit"), call.place))
    return Finding(certainty, text("The answer is large, and most of the time is its way"), tuple(clues))


def _is_downstream(line: SpanLine, trace: TraceSummary) -> bool:
    """Whether it is a call to something else, or work in another service than the one that was called."""
    if line.span_kind in ("producer", "consumer"):
        return False
    elsewhere = bool(trace.root_service and line.service and line.service != trace.root_service)
    return line.span_kind == "client" or elsewhere


def _dependency(case: Case, trace: TraceSummary, top: SpanLine, place: Place) -> Finding:
    own = _ms(case, "span", f"Own time of {top.name}", top.self_ms, place)
    total = _ms(case, "trace", "Time of the whole trace", trace.duration_ms, place)
    whom = top.peer or top.service or top.name
    calls = f" in {top.count:,} calls" if top.count > 1 else ""
    clue = Clue(
        text("Of ", total, " ms ", own, f' ms are own time of "{top.name}"{calls}, to {whom}'), place, (total, own)
    )
    failed = (Clue(text(f'It failed: "{top.message[:160]}"'), place),) if top.status == "error" and top.message else ()
    party = third_party_at(case, top.peer.lower())
    return Finding(
        _sure(case, top.self_ms, trace.duration_ms),
        text(f"Most of the time lies in one dependency: {whom}"),
        (clue, *failed),
        values={"dependency": whom, "call": top.name},
        side="external" if party else _whose(case, trace, top),
    )


def _whose(case: Case, trace: TraceSummary, top: SpanLine) -> Side | None:
    """A slow call of the API lies with us; what a service calls behind itself lies with whoever runs the service."""
    if top.span_kind == "client" and is_api_host(top.peer.lower()):
        return "product"
    return traced_by(case, trace)


def _ms(case: Case, name: str, label: str, value: float, place: Place) -> Figure:
    return case.figure(f"call.{name}", label, value, "ms", "added up from the times in the artifact", place)
