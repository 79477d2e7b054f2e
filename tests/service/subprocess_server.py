"""The service as a process of its own, for tests that kill it."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.settings import Settings

START_SECONDS = 60

PROGRAM = """
import socket, sys, uvicorn
from app.main import create_app
from app.settings import load_settings
{before}
with socket.socket() as listener:
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(create_app(load_settings()), log_level="warning"))
    print(f"at http://127.0.0.1:{{listener.getsockname()[1]}}", flush=True)
    server.run(sockets=[listener])
"""


class Process:
    """A server's process and its address."""

    def __init__(self, process: "subprocess.Popen[str]", url: str) -> None:
        self._process = process
        self.url = url

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()
        self._process.wait(START_SECONDS)

    def terminate(self) -> int:
        """Ask it to end, as `docker stop` does; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(START_SECONDS)


@contextmanager
def server_process(settings: Settings, before: str = "") -> Iterator[Process]:
    """A server with these settings that runs `before` first; whatever is left of it is killed at the end."""
    environment = {**_plain_environment(), "CSE_DATA_DIR": str(settings.data_dir)}
    if url := settings.database_url.get_secret_value():
        environment["CSE_DATABASE_URL"] = url
    if key := settings.audit_key.get_secret_value():
        environment["CSE_AUDIT_KEY"] = key
    command = [sys.executable, "-c", PROGRAM.format(before=before)]
    started = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    )
    try:
        url = _address(started)
        _wait_until_ready(started, url)
        yield Process(started, url)
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate(timeout=START_SECONDS)


def _plain_environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("CSE_", "OPENAI_"))}


def _address(started: "subprocess.Popen[str]") -> str:
    assert started.stdout is not None
    for line in started.stdout:
        if found := re.fullmatch(r"at (\S+)\n", line):
            return found[1]
    raise AssertionError(f"the server ended with {started.wait(START_SECONDS)}")


def _wait_until_ready(started: "subprocess.Popen[str]", url: str) -> None:
    pause = threading.Event()
    for _ in range(START_SECONDS * 10):
        assert started.poll() is None, "the server ended"
        try:
            if httpx.get(f"{url}/livez").status_code == 200:
                return
        except httpx.TransportError:
            pause.wait(0.1)
    raise AssertionError("the server does not answer")
