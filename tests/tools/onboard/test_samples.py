"""/onboard samples: every program is run against a server on this machine, in each language that it has."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.domain.blocks import Draft
from tests.demo_folder import SHARED
from tests.tools.onboard.desk import context, told
from tools.onboard import COMMAND, OnboardArgs

FOLDER = Path(__file__).resolve().parents[3] / "tools" / "onboard" / "samples"
PATH = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
"""make puts a Node.js beside Python where the machine has none."""

NODE, JAVA, JAVAC = (shutil.which(name, path=PATH) for name in ("node", "java", "javac"))
SECRET = "whsec_" + base64.b64encode(b"a secret of the tests, 32 bytes.").decode()
TIMEOUT = 60

language = pytest.mark.parametrize(
    "language",
    [
        "python",
        pytest.param("node", marks=pytest.mark.skipif(NODE is None, reason="needs node")),
        # CI installs no Java, so its absence is no failure there.
        pytest.param("java", marks=pytest.mark.skipif(not (JAVA and JAVAC), reason="no java on this machine")),
    ],
)
FIRST_CALL, RETRY, WEBHOOK = ("first_call", "FirstCall"), ("retry", "Retry"), ("webhook", "Webhook")


def command(language: str, program: tuple[str, str]) -> list[str]:
    match language:
        case "python":
            return [sys.executable, str(FOLDER / f"{program[0]}.py")]
        case "node":
            return [NODE or "node", str(FOLDER / f"{program[0]}.mjs")]
    return [JAVA or "java", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", compiled(), program[1]]


@cache
def compiled() -> str:
    """The Java programs compiled once: started from source, each would compile itself."""
    folder = tempfile.mkdtemp(prefix="samples-", dir=os.environ[SHARED])
    sources = [str(path) for path in FOLDER.glob("*.java")]
    subprocess.run([JAVAC or "javac", "-encoding", "UTF-8", "-d", folder, *sources], check=True, timeout=TIMEOUT)
    return folder


def environment(**values: str) -> dict[str, str]:
    return {"PATH": PATH, "EVENTS_API_KEY": "test", "PYTHONDONTWRITEBYTECODE": "1", **values}


class Api(HTTPServer):
    """Answers with the statuses in turn, then takes every event; keeps what it was sent."""

    def __init__(self, answers: list[tuple[int, Mapping[str, str]]]) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.answers = answers
        self.seen: list[dict[str, str]] = []
        self.at: list[float] = []
        self.bodies: list[dict[str, object]] = []


class Answering(BaseHTTPRequestHandler):
    server: Api

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
        self.server.bodies.append(json.loads(body))
        self.server.at.append(time.monotonic())
        status, headers = self.server.answers.pop(0) if self.server.answers else (202, {})
        answer = json.dumps({"id": "evt_1"}).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def serving(*answers: tuple[int, Mapping[str, str]]) -> Iterator[Api]:
    server = Api(list(answers))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def run(language: str, program: tuple[str, str], server: Api) -> subprocess.CompletedProcess[str]:
    own = environment(EVENTS_API_URL=f"http://127.0.0.1:{server.server_port}")
    return subprocess.run(
        command(language, program), env=own, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )


@language
def test_the_first_call_sends_one_event(language: str) -> None:
    with serving() as server:
        done = run(language, FIRST_CALL, server)
    assert (done.returncode, "evt_1" in done.stdout) == (0, True), done.stderr
    (seen,) = server.seen
    assert (seen["path"], seen["authorization"]) == ("/api/v2/events", "Bearer test")
    assert server.bodies[0]["type"] == "order.shipped"


@language
def test_retries_wait_as_long_as_they_are_asked_to_and_send_the_same_key(language: str) -> None:
    """Two seconds are asked for, where the first pause alone would be under one."""
    with serving((429, {"Retry-After": "2"})) as server:
        done = run(language, RETRY, server)
    assert (done.returncode, "evt_1" in done.stdout) == (0, True), done.stderr
    assert "answered 429, next attempt in 2.0 s" in done.stdout
    first, second = server.seen
    assert first["idempotency-key"] == second["idempotency-key"]
    assert server.at[1] - server.at[0] >= 2


@language
def test_what_will_fail_again_is_not_tried_again(language: str) -> None:
    with serving((401, {})) as server:
        done = run(language, RETRY, server)
    assert done.returncode != 0
    assert len(server.seen) == 1


def signed(body: bytes, *, at: int, message_id: str = "msg_1") -> dict[str, str]:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{message_id}.{at}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": message_id, "webhook-timestamp": str(at), "webhook-signature": signature}


def deliver(port: int, body: bytes, headers: Mapping[str, str]) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", data=body, headers=dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@contextmanager
def receiving(language: str) -> Iterator[int]:
    own = environment(EVENTS_WEBHOOK_SECRET=SECRET, HOST="127.0.0.1", PORT="0")
    with subprocess.Popen(command(language, WEBHOOK), env=own, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline().rsplit(maxsplit=1)[-1])
        finally:
            process.kill()


@language
def test_webhooks_are_taken_where_the_signature_of_the_raw_body_is_right(language: str) -> None:
    now, body = int(time.time()), '{"a":  1, "b": "é"}'.encode()
    right = signed(body, at=now)
    rotated = right | {"webhook-signature": f"v1,AAAA {right['webhook-signature']}"}
    with receiving(language) as port:
        assert [deliver(port, body, each) for each in (right, rotated)] == [204, 204]
        refused = [
            (b'{"a": 1, "b": "x"}', right),
            (body, right | {"webhook-id": "msg_2"}),
            (body, right | {"webhook-signature": right["webhook-signature"].replace("v1,", "v2,")}),
            (body, right | {"webhook-signature": "v1,no base64!"}),
            (body, signed(body, at=now - 301)),
            (body, signed(body, at=now + 400)),
            (body, {}),
        ]
        assert [deliver(port, *each) for each in refused] == [401] * len(refused)


@pytest.mark.parametrize(("asked", "names"), [(None, 9), ("Node.js", 3), ("py", 3), ("java", 3)])
def test_the_answer_holds_the_programs_as_they_are(asked: str | None, names: int) -> None:
    outcome = COMMAND.run(context(), OnboardArgs.model_validate({"action": "samples", "language": asked}))
    fields = [field for block in outcome.report.blocks if isinstance(block, Draft) for field in block.fields]
    assert len(fields) == names
    assert all(field.verbatim for field in fields)
    sources = {path.read_text(encoding="utf-8") for path in FOLDER.iterdir() if path.suffix in (".py", ".mjs", ".java")}
    assert {field.text[0] for field in fields} <= sources
    assert "Code samples that run" in told(outcome)
