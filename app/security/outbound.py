"""HTTP clients for what leaves the house: to the one server that a setting names, wherever its name may lead.

The name is resolved once for each connection, every address is checked, and the connection goes to a checked one, so
that a name that leads elsewhere the next moment gains nothing. Redirects are not followed. Where the environment names
a proxy for the address (`HTTPS_PROXY`), the proxy resolves and connects in our place.
"""

import asyncio
import socket
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2
import httpx2

from app.domain.destinations import Destination, destination, is_loopback, may_reach

Options = Iterable[Any] | None


def async_client(url: str, private_hosts: Collection[str], seconds: float) -> httpx2.AsyncClient:
    """A client for the server at `url`; `seconds` is the time limit of each connect, read and write.

    Raises:
        ValueError: the address may not be used.
    """
    server, proxy = destination(url, private_hosts), _proxy_for(url)
    transport = httpx2.AsyncHTTPTransport(proxy=proxy)
    if proxy is None:
        transport._pool._network_backend = _AsyncConnections(server)
    return httpx2.AsyncClient(transport=transport, timeout=seconds, follow_redirects=False)


def client(url: str, private_hosts: Collection[str], seconds: float) -> httpx2.Client:
    """Like `async_client`, blocking."""
    server, proxy = destination(url, private_hosts), _proxy_for(url)
    transport = httpx2.HTTPTransport(proxy=proxy)
    if proxy is None:
        transport._pool._network_backend = _Connections(server)
    return httpx2.Client(transport=transport, timeout=seconds, follow_redirects=False)


def addresses(server: Destination, host: str, port: int) -> tuple[str, ...]:
    """The IP addresses of `host`, resolved now: it must be the server, and each of them one that it may be at.

    Raises:
        ConnectError: no connection may be made, or the name is not known.
    """
    if (host, port) != (server.host, server.port):
        raise httpcore2.ConnectError(f"connections go to {server.host}:{server.port} alone")
    try:
        found = {str(info[4][0]): None for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise httpcore2.ConnectError(f"{host} cannot be resolved: {error.strerror}") from None
    refused = next((address for address in found if not may_reach(server, address)), None)
    if refused is not None:
        raise httpcore2.ConnectError(
            f"{host} leads to {refused}, not of the internet; CSE_PRIVATE_HOSTS names servers of your own network"
        )
    return tuple(found)


class _AsyncConnections(httpcore2.AsyncNetworkBackend):
    def __init__(self, server: Destination) -> None:
        self._server = server
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as the library calls it
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore2.AsyncNetworkStream:
        *others, last = await asyncio.to_thread(addresses, self._server, host, port)
        for address in others:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._network.connect_tcp(last, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class _Connections(httpcore2.NetworkBackend):
    def __init__(self, server: Destination) -> None:
        self._server = server
        self._network = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Options = None,
    ) -> httpcore2.NetworkStream:
        *others, last = addresses(self._server, host, port)
        for address in others:
            try:
                return self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return self._network.connect_tcp(last, port, timeout, local_address, socket_options)


def _proxy_for(url: str) -> str | None:
    """The proxy that the environment names for the address; none for this machine's own."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    named = getproxies()
    proxy = named.get(parts.scheme) or named.get("all")
    return proxy if proxy is None or "://" in proxy else f"http://{proxy}"
