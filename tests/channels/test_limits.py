"""Requests are counted by key, or by address until a key has proved good; memory is bounded."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from app.channels import limits
from app.channels.callers import secret_of
from app.channels.limits import Counters, Limits, LimitsMiddleware, TooManyStreams, Visit
from app.settings import Settings


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def scope_of(key: str | None = None, address: str = "192.0.2.1", **headers: str) -> dict[str, Any]:
    sent = {**headers, **({} if key is None else {"authorization": f"Bearer {key}"})}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
    return {"type": "http", "path": "/v1/accounts", "headers": raw, "client": (address, 1234)}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counts(clock: Clock) -> Limits:
    return Limits(requests_per_minute=3, streams_per_key=2, clock=clock)


def good(counts: Limits, key: str, **more: str) -> Visit:
    visit = counts.visit(scope_of(key, **more))
    visit.authenticated()
    return visit


def test_a_key_has_so_many_requests_a_minute(counts: Limits, clock: Clock) -> None:
    good(counts, "a")
    told = []
    for _ in range(5):
        visit = counts.visit(scope_of("a"))
        told.append((visit.is_admitted, visit.remaining, visit.seconds))
        clock.now += 10
    assert told == [(True, 2, 60), (True, 1, 50), (True, 0, 40), (False, 0, 30), (False, 0, 20)]
    clock.now += 10
    assert counts.visit(scope_of("a")).remaining == 2


def test_keys_are_counted_apart_wherever_they_come_from(counts: Limits) -> None:
    for key in "ab":
        good(counts, key, address="192.0.2.7")
        for address in ("192.0.2.7", "192.0.2.8", "192.0.2.9"):
            assert counts.visit(scope_of(key, address)).is_admitted
        assert not counts.visit(scope_of(key, "192.0.2.10")).is_admitted


def test_made_up_keys_do_not_evade(counts: Limits) -> None:
    admitted = [counts.visit(scope_of(f"made-up-{n}")).is_admitted for n in range(5)]
    assert admitted == [True, True, True, False, False]
    assert not counts.visit(scope_of()).is_admitted
    assert counts.visit(scope_of(address="192.0.2.2")).is_admitted


def test_a_key_that_was_good_before_is_not_locked_out_by_others_at_its_address(counts: Limits) -> None:
    good(counts, "a")
    for n in range(5):
        counts.visit(scope_of(f"made-up-{n}"))
    assert counts.visit(scope_of("a")).is_admitted


@pytest.mark.parametrize("spelled", ["Bearer a", "bearer a", "BEARER a", "Bearer   a ", "Bearer a\t"])
def test_another_spelling_is_the_same_key(counts: Limits, spelled: str) -> None:
    good(counts, "a")
    for _ in range(3):
        counts.visit(scope_of("a"))
    assert not counts.visit(scope_of(authorization=spelled)).is_admitted


def test_a_session_is_counted_whatever_other_cookies_come_along(counts: Limits) -> None:
    counts.visit(scope_of(cookie="cse_session=s")).authenticated()
    admitted = [counts.visit(scope_of(cookie=f"x={n}; cse_session=s; y={n}")).is_admitted for n in range(4)]
    assert admitted == [True, True, True, False]


def test_a_subscribers_ipv6_addresses_are_one(counts: Limits) -> None:
    admitted = [counts.visit(scope_of(address=f"2001:db8:0:1::{n:x}")).is_admitted for n in range(1, 5)]
    assert admitted == [True, True, True, False]
    assert counts.visit(scope_of(address="2001:db8:0:2::1")).is_admitted


@pytest.mark.parametrize("address", ["", "fe80::1%eth0", "not:an:address", "unix"])
def test_any_address_can_be_counted(counts: Limits, address: str) -> None:
    admitted = [counts.visit(scope_of(address=address)).is_admitted for _ in range(4)]
    assert admitted == [True, True, True, False]
    assert counts.visit({**scope_of(), "client": None}).is_admitted is (address != "")


def test_memory_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    counters = Counters(clock, most=100)
    for n in range(1000):
        counters.incr(f"k{n}", 60)
    assert counters.reset() == 100
    monkeypatch.setattr(limits, "MOST_KNOWN", 10)
    counts = Limits(3, 2, clock)
    for n in range(100):
        good(counts, f"k{n}")
    assert len(counts._known) == 10


def test_streams_of_a_key(counts: Limits) -> None:
    first, second, third = (good(counts, "a") for _ in range(3))
    first.open_stream("key_a")
    second.open_stream("key_a")
    with pytest.raises(TooManyStreams) as caught:
        third.open_stream("key_a")
    assert (caught.value.status, caught.value.extra["retry_after"]) == (429, 5)
    third.open_stream("key_b")
    first.end()
    third.open_stream("key_a")
    second.end()
    third.end()
    assert not counts._streams


@pytest.mark.parametrize(
    ("headers", "secret"),
    [
        ([], ("", True)),
        ([(b"authorization", b"Bearer k")], ("k", False)),
        ([(b"authorization", b"Basic k"), (b"cookie", b"cse_session=s")], ("s", True)),
        ([(b"cookie", b"cse_session=s"), (b"authorization", b"bearer k")], ("k", False)),
        ([(b"authorization", b"Bearer "), (b"cookie", b"a=b; cse_session=s")], ("s", True)),
        ([(b"authorization", b"Bearer \xff\xfe")], ("\xff\xfe", False)),
        ([(b"cookie", b";;=;cse_session")], ("", True)),
    ],
)
def test_what_a_request_carries(headers: list[tuple[bytes, bytes]], secret: tuple[str, bool]) -> None:
    assert secret_of(headers) == secret


def ask(middleware: LimitsMiddleware, scope: dict[str, Any]) -> list[MutableMapping[str, Any]]:
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b""}

    asyncio.run(middleware({**scope, "method": "GET", "query_string": b""}, receive, send))
    return sent


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/v1/broken":
        scope["state"]["visit"].open_stream("key_a")
        raise RuntimeError
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_answers_tell_what_is_left() -> None:
    middleware = LimitsMiddleware(app, Settings(_env_file=None, requests_per_minute=1))
    start = ask(middleware, scope_of())[0]
    assert dict(start["headers"]) == {b"ratelimit-policy": b'"default";q=1;w=60', b"ratelimit": b'"default";r=0;t=60'}
    refused = ask(middleware, scope_of())[0]
    headers = dict(refused["headers"])
    assert (refused["status"], headers[b"content-type"]) == (429, b"application/problem+json")
    assert 1 <= int(headers[b"retry-after"]) <= 60
    assert headers[b"ratelimit"].startswith(b'"default";r=0;t=')
    for probe in ("/livez", "/readyz"):
        assert ask(middleware, {**scope_of(), "path": probe})[0]["status"] == 200
    openai = ask(middleware, {**scope_of(), "path": "/v1/chat/completions"})
    assert openai[0]["status"] == 429
    assert b'"code":"rate_limited"' in openai[1]["body"]
    assert openai[1]["body"].startswith(b'{"error":')


def test_a_stream_that_breaks_is_not_counted_any_longer() -> None:
    middleware = LimitsMiddleware(app, Settings(_env_file=None, streams_per_key=1))
    for _ in range(3):
        with pytest.raises(RuntimeError):
            ask(middleware, {**scope_of(), "path": "/v1/broken"})
