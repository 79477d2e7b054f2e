"""Canaries in every secret setting: `cse serve` and `cse doctor` tell none of them, whatever goes wrong."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from app.settings import Settings
from tests.fakes.slack_server import signed
from tests.service.conftest import bearer, prepare, settings_in
from tests.service.subprocess_server import _plain_environment

SECRETS = {
    "CSE_LLM_API_KEY": "canary-llm-0001",
    "CSE_EMBEDDING_API_KEY": "canary-embedding-0002",
    "CSE_SLACK_SIGNING_SECRET": "canary-slack-0003",
    "CSE_AUDIT_KEY": "canary-audit-0004-canary-audit-0004",
    "CSE_DELIVERY_SECRET": "whsec_Y2FuYXJ5LWRlbGl2ZXJ5LTAwMDUtLS0tLS0t",
}
DEAD = "http://127.0.0.1:9"
OTHERS = {
    "CSE_LLM_BASE_URL": f"{DEAD}/v1",
    "CSE_LLM_MODEL": "m",
    "CSE_EMBEDDING_BASE_URL": f"{DEAD}/v1",
    "CSE_EMBEDDING_MODEL": "e",
    "CSE_DELIVERY_URL": f"{DEAD}/in",
}

PROGRAM = """
import os, sys
from app.resources import accounts

async def broken(*_):
    raise RuntimeError("all of it: " + repr({name: value for name, value in os.environ.items()}))

accounts.list_accounts = broken
from app.channels.cli import main
sys.argv = ["cse", "serve"]
main()
"""


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {**_plain_environment(), **OTHERS, **SECRETS, "CSE_DATA_DIR": str(folder), **more}


def found_in(text: str) -> list[str]:
    return [name for name, secret in SECRETS.items() if secret in text or secret.removeprefix("whsec_") in text]


@pytest.fixture
def key(tmp_path: Path) -> str:
    settings = settings_in(tmp_path).model_copy(update={"audit_key": SecretStr(SECRETS["CSE_AUDIT_KEY"])})
    return asyncio.run(prepare(settings, filled=False))


def test_every_secret_has_a_canary() -> None:
    names = {f"CSE_{n.upper()}" for n, f in Settings.model_fields.items() if "SecretStr" in str(f.annotation)}
    assert names == {*SECRETS, "CSE_DATABASE_URL"}


def test_a_service_in_trouble_tells_no_secret(tmp_path: Path, key: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    started = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=environment(tmp_path, CSE_PORT=str(port)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    url, answers, pause = f"http://127.0.0.1:{port}", "", threading.Event()
    try:
        for _ in range(600):
            assert started.poll() is None
            try:
                httpx.get(f"{url}/livez")
                break
            except httpx.TransportError:
                pause.wait(0.1)
        each_its_own = httpx.Limits(max_keepalive_connections=0)  # the server closes one on which it failed
        with httpx.Client(base_url=url, headers=bearer(key), timeout=30, limits=each_its_own) as client:
            broken = client.get("/v1/accounts")
            assert broken.status_code == 500
            for response in (
                broken,
                client.get("/readyz"),
                client.get("/openapi.json"),
                client.get("/v1/knowledge/search?q=why"),
                client.post("/v1/chat", json={"message": "how do we do?", "narrate": True}),
                client.post("/v1/chat", content=b"{", headers={"Content-Type": "application/json"}),
                client.get("/v1/keys", headers=bearer("cse_wrong")),
                client.post("/slack/events", content="command=/cse", headers=signed("wrong", "command=/cse")),
            ):
                answers += response.text + str(response.headers)
            assert "server" not in broken.headers
    finally:
        started.terminate()
        output, _ = started.communicate(timeout=60)
    assert found_in(answers) == []
    assert "all of it" in output  # what went wrong is told …
    assert "[secret]" in output  # … without them
    assert found_in(output) == []


def test_the_doctor_tells_no_secret(tmp_path: Path) -> None:
    url = "postgresql://u:canary-database-0006@127.0.0.1:9/cse"
    done = subprocess.run(
        [str(Path(sys.executable).parent / "cse"), "doctor", "--json"],
        env=environment(tmp_path, CSE_DATABASE_URL=url),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=tmp_path,
    )
    assert {finding["topic"] for finding in json.loads(done.stdout)} >= {"database", "model", "slack"}
    assert found_in(done.stdout + done.stderr) == []
    assert "canary-database-0006" not in done.stdout + done.stderr
