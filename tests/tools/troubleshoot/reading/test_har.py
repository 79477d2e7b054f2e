"""HAR files: what failed and what was slow, with timings; cut and broken ones, too."""

import json
from typing import Any

from tests.tools.troubleshoot.made import at
from tools.troubleshoot.facts.http import ClientError, Exchange
from tools.troubleshoot.reading.har import MOST_FAILURES, MOST_SLOW, find_har


def entry(status: int = 200, time: float = 10, **more: Any) -> dict[str, Any]:
    return {
        "startedDateTime": "2026-06-26T10:00:00.000Z",
        "time": time,
        "request": {
            "method": "GET",
            "url": "https://api.example.com/v1/x",
            "headers": [{"name": "Authorization", "value": "Bearer sk_test_fakefake1234"}],
        },
        "response": {"status": status, "statusText": "", "headers": [], "content": {"text": ""}, "_transferSize": 512},
        "timings": {"blocked": 1, "dns": -1, "connect": 30, "ssl": 20, "send": 1, "wait": 5, "receive": 2},
        **more,
    }


def har(*entries: Any, indent: int | None = None) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": entries}}, indent=indent)


def exchanges(text: str) -> list[Exchange]:
    return [fact for piece in find_har(text) for fact in piece.facts if isinstance(fact, Exchange)]


def test_an_entry() -> None:
    (found,) = exchanges(har(entry(401)))
    assert (found.source, found.method, found.status, found.at) == ("har", "GET", 401, at("10:00:00"))
    assert (found.auth, found.key_tail, found.response_bytes, found.duration_ms) == ("bearer", "1234", 512, 10)
    assert found.timings == {"blocked": 1, "connect": 10, "ssl": 20, "send": 1, "wait": 5, "receive": 2}


def test_failures_and_the_slowest_are_kept() -> None:
    entries = [entry(500 if place % 10 == 0 else 200, time=place) for place in range(1_000)]
    found = exchanges(har(*entries))
    assert sum(each.failed for each in found) == MOST_FAILURES + 1  # one of the slowest failed, too
    assert len(found) == MOST_FAILURES + MOST_SLOW
    assert max(each.duration_ms or 0 for each in found) == 999
    assert find_har(har(*entries))[0].notes == ("1,000 requests, of which 948 neither failed nor were slow",)


def test_no_answer_is_a_client_error() -> None:
    blocked = entry(0)
    blocked["response"]["_error"] = "net::ERR_NAME_NOT_RESOLVED"
    (piece,) = find_har(har(blocked))
    exchange, error = piece.facts
    assert isinstance(exchange, Exchange)
    assert isinstance(error, ClientError)
    assert (exchange.status, exchange.error) == (None, "net::ERR_NAME_NOT_RESOLVED")
    assert (error.reason, error.host, error.at) == ("dns_not_found", "api.example.com", at("10:00:00"))


def test_where_an_entry_begins() -> None:
    second = entry(500, startedDateTime="2026-06-26T10:00:01.000Z")
    text = har(entry(), second, indent=1)
    line = next(each.line for each in exchanges(text) if each.status == 500)
    assert "10:00:01" in text.split("\n")[line - 1]


def test_a_file_that_is_cut_tells_what_there_is() -> None:
    text = har(*(entry(500) for _ in range(5)))
    (piece,) = find_har(text[:-200])
    assert piece.notes == ("it is broken after 4 requests",)
    assert sum(isinstance(fact, Exchange) for fact in piece.facts) == 4


def test_prose_before_it_stays() -> None:
    (piece,) = find_har(f"Here is the HAR:\n\n{har(entry(500))}")
    assert (piece.first, piece.last) == (3, 3)


def test_odd_entries_do_not_raise() -> None:
    odd = [
        None,
        1,
        {},
        {"request": 1, "response": [], "timings": "x", "time": "y"},
        entry("x", time=-1),  # type: ignore[arg-type]
        entry(True, time=1e400),
        {"response": {"status": 10**9, "headers": [1, {"name": None}], "bodySize": -5, "content": 3}},
        {
            "request": {"url": "http://[", "headers": {"a": 1}, "postData": []},
            "startedDateTime": "9999-99-99T99:99:99Z",
        },
    ]
    assert len(exchanges(har(*odd))) == 6


def test_other_json_is_no_har() -> None:
    assert find_har('{"log": {"entries": []}}') == ()
    assert find_har('{"log": 1, "entries": 2}') == ()
    assert find_har('{"a": 1}') == ()
    assert find_har("") == ()
