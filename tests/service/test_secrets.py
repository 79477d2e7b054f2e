"""Canaries in every secret setting, and in what customers paste: nothing tells any of them, whatever goes wrong."""

import asyncio
import io
import json
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pypdfium2 as pdfium
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from app.render.characters import visible
from app.settings import Settings
from app.store.tables import TABLES
from tests.fakes.slack_server import signed
from tests.service.conftest import Service, bearer, prepare, serve, settings_in
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


# ── What customers paste ──────────────────────────────────────────────────────────────────────────────────────────

CANARIES = {
    "Otter5Brook77Stone": "X-Api-Key: sk_live_" + "Otter5Brook77Stone31Fern",
    "tok55aa66bb77cc88": "Authorization: Bearer tok55aa66bb77cc88dd99ee",
    "c3ZjOldpbGxvdzc3": "Proxy: a\nAuthorization: Basic c3ZjOldpbGxvdzc3UmVlZA==",
    "Wicker-Fjord-58": "password: Wicker-Fjord-58!",
    "Juniper42Quartz9": "Cookie: session=Juniper42Quartz9",
    "Pebble8Signature": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiJwZWJibGUiLCJleHAiOjE3ODI0ODAwMDB9.Pebble8Signature",
    "MIIPlumb0b7Kettle": "-----BEGIN " + "PRIVATE KEY-----\nMIIPlumb0b7Kettle\n-----END PRIVATE KEY-----",
    "5555 5555 5555 4444": "card 5555 5555 5555 4444",
    "Badger6Moss18": "secret sk_live_Ba\u2060dger6Moss18Trail40Pine",
    "Heron31Lantern": "https://ops:Heron31Lantern@api.example.com/v1/orders?api_key=Heron31Lantern7788",
    "whHeron77Signing": "whsec_" + "whHeron77SigningSecretAbc123",
}
PASTED = "\n".join(
    (
        "All calls fail since 09:00 UTC, what is wrong?",
        f"curl -i https://api.example.com/v1/orders -H '{CANARIES['Otter5Brook77Stone']}' -u ops:Wicker-Fjord-58!",
        f"HTTP/1.1 401 Unauthorized\nSet-Cookie: session=Juniper42Quartz9\nX-Token: {CANARIES['Pebble8Signature']}",
        '{"error":"invalid_token","access_token":"tok55aa66bb77cc88dd99ee"}',
        *CANARIES.values(),
    )
)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = settings_in(tmp_path_factory.mktemp("pasted"))
    key = asyncio.run(prepare(settings, filled=False))
    for url in serve(settings):
        made = Service(url, settings, key)
        with made.client("admin") as admin:
            admin.post("/v1/imports", files={"files": ("accounts.csv", b"id,name\nacme,Acme\n")}).raise_for_status()
        yield made


def pasted_in(*told: str | bytes) -> list[str]:
    """Canaries that stand there, whatever is invisible between their letters; also within zipped and packed parts."""
    plain = [each if isinstance(each, str) else unpacked(each) for each in told]
    return [canary for canary in CANARIES if any(canary in visible(text) for text in plain)]


def unpacked(content: bytes) -> str:
    """The text of a file, of a zip archive's members, and of what a PDF holds compressed."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())
    if content.startswith(b"%PDF"):
        with closing(pdfium.PdfDocument(content)) as document:
            return "\n".join(page.get_textpage().get_text_range() for page in document)
    return content.decode(errors="replace")


def rows_of(service: Service) -> str:
    with sa.create_engine(service.settings.store_url).connect() as conn:
        rows = [[dict(row) for row in conn.execute(sa.select(table)).mappings()] for table in TABLES.values()]
    return json.dumps(rows, default=str, ensure_ascii=False)


def asked(client: httpx.Client, message: str, **more: Any) -> list[str | bytes]:
    """Ask, and give all that is told of it: answer, events, turn, thread and exports."""
    response = client.post("/v1/chat", json={"message": message, **more})
    assert response.status_code == 200, response.text
    answer = response.json()
    assert answer["command"] == "troubleshoot"
    turn = f"/v1/turns/{answer['turn_id']}"
    told: list[str | bytes] = [response.text, client.get(f"/v1/threads/{answer['thread_id']}").text]
    told += [client.get(turn).text, client.get(f"{turn}/events").text, client.get("/v1/threads").text]
    for form in ("md", "csv", "xlsx", "pptx", "pdf"):
        exported = client.get(f"{turn}/export?format={form}")
        told.append(exported.content if exported.is_success else exported.text)
    return told


@pytest.mark.parametrize("audience", ["internal", "customer"])
def test_nothing_tells_a_secret_that_was_pasted(desk: Service, audience: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with desk.client("admin") as client:
        told = asked(client, f"/troubleshoot acme {PASTED}", audience=audience)
        told += asked(client, f"/troubleshoot acme repro {PASTED}", audience=audience)
        body = {"account": "acme", "text": PASTED, "audience": audience}
        told.append(client.post("/v1/commands/troubleshoot", json=body).text)
        told.append(client.post("/v1/chat", json={"message": PASTED, "audience": audience}).text)
        streamed = {"message": f"/troubleshoot acme {PASTED}", "audience": audience}
        told.append(client.post("/v1/chat", json=streamed, headers={"Accept": "text/event-stream"}).text)
        told.append(client.post("/v1/chat", json={"message": f"/troubleshoot {PASTED[:60]} account={PASTED}"}).text)
    assert "[api-key…Pine]" in rows_of(desk)  # it was there
    assert pasted_in(*told) == []
    assert pasted_in(rows_of(desk)) == []
    assert pasted_in(caplog.text) == []


def test_nor_one_that_stood_in_a_file(desk: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    name = f"app {CANARIES['Otter5Brook77Stone']}.log"
    with desk.client("admin") as client:
        files = {"files": (name, PASTED.encode())}
        uploaded = client.post("/v1/attachments", files=files, headers={"Idempotency-Key": "canary-file"})
        ids = [item["id"] for item in uploaded.json()["items"]]
        told = [uploaded.text, *asked(client, "All calls of Acme fail", attachments=ids)]
        told += asked(client, "", attachments=ids)
    assert pasted_in(*told) == []
    assert pasted_in(rows_of(desk)) == []
    assert pasted_in(caplog.text) == []
