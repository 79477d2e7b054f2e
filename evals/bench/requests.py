"""Benchmarks of requests: the CPU that the server's process spends on one, beside a bare FastAPI POST."""

import asyncio
import datetime as dt
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel, SecretStr

from app.main import create_app
from app.resources import keys
from app.runtime import open_runtime
from app.security.principals import LOCAL
from app.settings import Settings
from evals.bench import portfolio
from evals.bench.databases import new_database

ACCOUNTS = 20
WARM_UP = 20
START_SECONDS = 60.0
QUIET_SECONDS, QUIET_SHARE = 1.0, 0.05
"""A server is quiet when it uses less than so much of a core for so long."""
SAMPLES = 5
"""The CPU is read after each of so many shares of the requests, and the median counts: other work comes in bursts."""


@dataclass(frozen=True, slots=True)
class RequestFigures:
    """Milliseconds of CPU that a request costs the server, and how many bare POSTs that is."""

    database: str
    request: str
    cpu_ms: float
    bare_posts: float


class _Echo(BaseModel):
    account: str
    as_of: dt.date | None = None


def request_figures(database: str, server: str | None, requests: int) -> list[RequestFigures]:
    """`/health` of one account as a command and in a chat, and the bare POST; `requests` of each are measured."""
    with TemporaryDirectory() as name, new_database(server, Path(name)) as url:
        settings = Settings(_env_file=None, data_dir=Path(name), database_url=SecretStr(url))
        key = asyncio.run(_prepare(settings))
        account = portfolio.account_name(1)
        with _served(_bare) as served:
            bare = _cpu_ms(served, "/", {"account": account}, "", requests)
        with _served(_service, settings) as served:
            command = _cpu_ms(served, "/v1/commands/health", {"account": account}, key, requests)
            chat = _cpu_ms(served, "/v1/chat", {"message": f"/health {account}"}, key, requests)
    told = {"bare POST": bare, "POST /v1/commands/health": command, "POST /v1/chat": chat}
    return [RequestFigures(database, request, cpu, cpu / bare) for request, cpu in told.items()]


async def _prepare(settings: Settings) -> str:
    async with open_runtime(settings) as runtime:
        await asyncio.to_thread(portfolio.fill, runtime.store, ACCOUNTS, runtime.today())
        return (await keys.create(runtime, LOCAL, name="bench", role="cse")).key


@dataclass(frozen=True, slots=True)
class _Served:
    """A server in a process of its own: its address, and its CPU seconds so far."""

    url: str
    cpu: Callable[[], float]


def _cpu_ms(served: _Served, path: str, body: dict[str, Any], key: str, requests: int) -> float:
    """Milliseconds of the server's CPU for one POST, sent one after the other."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    share = max(requests // SAMPLES, 1)
    with httpx.Client(base_url=served.url, headers=headers, timeout=60) as client:

        def send(count: int) -> None:
            for _ in range(count):
                client.post(path, json=body).raise_for_status()

        send(min(WARM_UP, requests))
        samples = []
        for _ in range(SAMPLES):
            before = served.cpu()
            send(share)
            samples.append((served.cpu() - before) * 1000 / share)
    return sorted(samples)[SAMPLES // 2]


@contextmanager
def _served(make: Callable[..., FastAPI], *args: Any) -> Iterator[_Served]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, make, *args), daemon=True)
    process.start()
    theirs.close()

    def cpu() -> float:
        ours.send("cpu")
        return float(ours.recv())

    try:
        if not ours.poll(START_SECONDS):
            raise RuntimeError("the server did not start")
        served = _Served(str(ours.recv()), cpu)
        _wait_until_quiet(served)
        yield served
    finally:
        process.terminate()
        process.join(START_SECONDS)


def _wait_until_quiet(served: _Served) -> None:
    """What a start does in the background, such as loading the embedder, is no part of a request."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        before = served.cpu()
        time.sleep(QUIET_SECONDS)
        if served.cpu() - before < QUIET_SHARE * QUIET_SECONDS:
            return


def _serve(pipe: Connection, make: Callable[..., FastAPI], *args: Any) -> None:
    """Tell the address once it serves, then the CPU seconds each time they are asked for."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(make(*args), log_level="warning", access_log=False))
        threading.Thread(target=_answer, args=(pipe, server, listener.getsockname()[1]), daemon=True).start()
        server.run(sockets=[listener])


def _answer(pipe: Connection, server: uvicorn.Server, port: int) -> None:
    while not server.started:
        time.sleep(0.02)
    pipe.send(f"http://127.0.0.1:{port}")
    while pipe.recv():
        pipe.send(time.process_time())


def _bare() -> FastAPI:
    app = FastAPI()

    @app.post("/")
    async def echo(body: _Echo) -> _Echo:
        return body

    return app


def _service(settings: Settings) -> FastAPI:
    return create_app(settings)
