"""Connections of our own: to the server that a setting names, checked when they are made."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2
import pytest

from app.security import outbound


class Server(ThreadingHTTPServer):
    """Answers ok, or sends on to `redirect_to`; counts what reached it."""

    redirect_to: str | None = None
    asked = 0


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(302 if self.server.redirect_to else 200)
        if self.server.redirect_to:
            self.send_header("Location", self.server.redirect_to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def running() -> Iterator[Server]:
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    with running() as one:
        yield one


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def resolve_to(monkeypatch: pytest.MonkeyPatch, *rounds: tuple[str, ...]) -> None:
    """Let each resolution of a name give the next of `rounds`."""
    real, left = socket.getaddrinfo, list(rounds)

    def resolve(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if not str(host).endswith(".example"):
            return real(host, port, *args, **kwargs)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in left.pop(0)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def get(url: str, private_hosts: tuple[str, ...] = (), path: str = "/", *, asynchronous: bool = False) -> int:
    if not asynchronous:
        with outbound.client(url, private_hosts, 5) as client:
            return client.get(url + path).status_code

    async def run() -> int:
        async with outbound.async_client(url, private_hosts, 5) as client:
            return (await client.get(url + path)).status_code

    return asyncio.run(run())


both = pytest.mark.parametrize("asynchronous", [False, True])


@both
def test_a_local_server_is_reached(server: Server, asynchronous: bool) -> None:
    assert get(f"http://127.0.0.1:{server.server_port}", asynchronous=asynchronous) == 200
    assert get(f"http://localhost:{server.server_port}", asynchronous=asynchronous) == 200


@both
def test_a_name_that_leads_inside_is_not_connected_to(
    server: Server, asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, ("93.184.215.14", "127.0.0.1"))  # one bad address spoils the name
    with pytest.raises(httpx2.ConnectError, match="CSE_PRIVATE_HOSTS"):
        get(f"https://api.example:{server.server_port}", asynchronous=asynchronous)
    assert server.asked == 0


@both
def test_a_named_private_server_is_reached_at_the_address_that_was_checked(
    server: Server, asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, ("127.0.0.1",))  # a second resolution fails the test
    url = f"http://model.example:{server.server_port}"
    assert get(url, ("model.example",), asynchronous=asynchronous) == 200


@both
def test_another_address_is_tried_where_the_first_is_dead(
    server: Server, asynchronous: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, ("::1", "127.0.0.1"))  # it listens at the second alone
    url = f"http://model.example:{server.server_port}"
    assert get(url, ("model.example",), asynchronous=asynchronous) == 200


@both
def test_redirects_are_not_followed(server: Server, asynchronous: bool) -> None:
    with running() as other:
        server.redirect_to = f"http://127.0.0.1:{other.server_port}/"
        assert get(f"http://127.0.0.1:{server.server_port}", asynchronous=asynchronous) == 302
        assert other.asked == 0


@both
def test_no_other_server_is_asked(server: Server, asynchronous: bool) -> None:
    with running() as other:

        def stray() -> None:
            with outbound.client(f"http://127.0.0.1:{server.server_port}", (), 5) as client:
                client.get(f"http://127.0.0.1:{other.server_port}/")

        async def async_stray() -> None:
            async with outbound.async_client(f"http://127.0.0.1:{server.server_port}", (), 5) as client:
                await client.get(f"http://127.0.0.1:{other.server_port}/")

        with pytest.raises(httpx2.ConnectError, match="alone"):
            asyncio.run(async_stray()) if asynchronous else stray()
        assert other.asked == 0


def test_the_environments_proxy_connects_in_our_place(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as proxy:
        monkeypatch.setenv("http_proxy", f"127.0.0.1:{proxy.server_port}")
        assert get("http://model.example", ("model.example",)) == 200
        assert proxy.asked == 1
        assert get(f"http://127.0.0.1:{server.server_port}") == 200
        assert proxy.asked == 1
        monkeypatch.setenv("no_proxy", "model.example")
        resolve_to(monkeypatch, ("127.0.0.1",))
        assert get(f"http://model.example:{server.server_port}", ("model.example",)) == 200
        assert proxy.asked == 1


def test_an_address_that_may_not_be_used() -> None:
    with pytest.raises(ValueError, match="https://"):
        outbound.client("http://api.example", (), 5)
    with pytest.raises(ValueError, match="https://"):
        outbound.async_client("http://api.example", (), 5)
