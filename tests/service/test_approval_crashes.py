"""kill -9 at every step of an approval: its effect has happened once or is seen to wait, and a restart ends it."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from app.domain.records import Account
from app.resources import approvals, audit, decisions, keys, messages
from app.resources.delivery import open_deliverer
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL, Principal
from app.settings import Settings
from app.store import versions
from tests.databases import DATABASES, empty_database
from tests.fakes.receiver import SECRET, Receiver, receiving
from tests.service.conftest import bearer
from tests.service.subprocess_server import server_process

KILLED = """
import asyncio, datetime, functools, importlib, json, os, signal, sys
from app.domain.problems import Problem
from app.resources import approvals, decisions, keys, messages
from app.resources.delivery import open_deliverer
from app.runtime import open_runtime
from app.settings import load_settings
from app.store import leases

leases.LEASE = datetime.timedelta(milliseconds=1)  # PostgreSQL holds nobody for dead before it has run out
secrets = json.loads(sys.argv[1])

def armed(target, when):
    "Kill this process before or after the next call of the target."
    module, _, path = target.partition(":")
    *owners, name = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    wrapped = getattr(owner, name)

    def deadly(*args, **kwargs):
        if when == "after":
            wrapped(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, name, deadly)

async def run(target, when, step, body):
    async with open_runtime(load_settings()) as runtime:
        requester, approver = [await keys.authenticate(runtime, secret) for secret in secrets]
        if step == "propose":
            armed(target, when)
        sending = await messages.send(runtime, requester, "acme", "Offer", body, "renewal")
        found = await approvals.get(runtime, approver, sending.approvals[0].id)
        if step == "approve":
            armed(target, when)
        await decisions.approve(runtime, approver, found.id, found.content_sha256)
        async with open_deliverer(runtime) as deliverer:
            if step == "deliver":
                armed(target, when)
            await deliverer.deliver_due()

async def warm():
    async with open_runtime(load_settings()) as runtime:
        requester = await keys.authenticate(runtime, secrets[0])
        try:
            await messages.send(runtime, requester, "acme", "Offer", "We give you 20 % off.")
        except Problem:  # a reason is missing: nothing is written
            pass

asyncio.run(warm())
for line in sys.stdin:  # each in a process of its own, which has all imported and read already
    child = os.fork()
    if child == 0:
        asyncio.run(run(*json.loads(line)))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""

STEPS = {
    "proposed, not committed": ("app.store.approval_rows:add_approval", "after", "propose"),
    "proposed, told to the anchor, not committed": ("app.security.seal:Seal.prepare", "after", "propose"),
    "proposed and committed": ("app.security.seal:Seal.confirm", "before", "propose"),
    "approved, not yet in the outbox": ("app.store.approval_rows:decide", "after", "approve"),
    "in the outbox, not committed": ("app.store.outbox_rows:add", "after", "approve"),
    "approved, told to the anchor, not committed": ("app.security.seal:Seal.prepare", "after", "approve"),
    "approved and committed": ("app.security.seal:Seal.confirm", "before", "approve"),
    "claimed, not committed": ("app.store.outbox_rows:claim", "after", "deliver"),
    "claimed and committed": ("app.resources.delivery:Deliverer._refusal", "before", "deliver"),
    "posted, not marked": ("app.resources.delivery:Deliverer._mark", "before", "deliver"),
    "marked, not committed": ("app.resources.outbox:record", "after", "deliver"),
    "marked and committed": ("app.security.seal:Seal.confirm", "before", "deliver"),
}
POSTED = {"posted, not marked", "marked, not committed", "marked and committed"}
WAIT_SECONDS = 90


@dataclass(frozen=True)
class Deployment:
    settings: Settings
    receiver: Receiver
    secrets: tuple[str, str]
    """Of the requester and the approver."""

    def environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("CSE_", "OPENAI_"))}
        return plain | {
            "CSE_DATA_DIR": str(self.settings.data_dir),
            "CSE_DATABASE_URL": self.settings.database_url.get_secret_value(),
            "CSE_DELIVERY_URL": self.receiver.url,
            "CSE_DELIVERY_SECRET": SECRET,
        }


@pytest.fixture(params=DATABASES)
def deployment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Deployment]:
    with empty_database(request.param, tmp_path) as url, receiving(Receiver()) as receiver:
        settings = Settings(
            _env_file=None,
            data_dir=tmp_path,
            database_url=SecretStr(url),
            delivery_url=receiver.url,
            delivery_secret=SecretStr(SECRET),
        )
        yield Deployment(settings, receiver, asyncio.run(_prepare(settings)))


async def _prepare(settings: Settings) -> tuple[str, str]:
    async with open_runtime(settings) as runtime:
        with runtime.store.writing() as conn:
            write_id = versions.begin_write(conn, "import", "test", runtime.clock(), "")
            versions.put(conn, write_id, "accounts", [Account(id="acme", name="Acme")], "crm", runtime.today())
            versions.place(conn, write_id)
        requester = await keys.create(runtime, LOCAL, name="requester", role="cse")
        approver = await keys.create(runtime, LOCAL, name="approver", role="cse", groups=frozenset({"commercial"}))
    return requester.key, approver.key


def test_the_effect_happens_once_wherever_the_process_dies(deployment: Deployment) -> None:
    command = [sys.executable, "-c", KILLED, json.dumps(deployment.secrets)]
    with subprocess.Popen(
        command, env=deployment.environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as runner:
        assert runner.stdin is not None
        assert runner.stdout is not None
        for number, (name, steps) in enumerate(STEPS.items()):
            body = f"We give you {10 + number} % off."
            runner.stdin.write(f"{json.dumps([*steps, body])}\n")
            runner.stdin.flush()
            assert runner.stdout.readline() == "-9\n", name
            assert _taken(deployment.receiver, body) == (name in POSTED), name
            asyncio.run(_end(deployment, body, name))
            assert _taken(deployment.receiver, body) == 1, name
        runner.stdin.close()
    assert deployment.receiver.posts == len(STEPS) + len(POSTED) - 1


def _taken(receiver: Receiver, body: str) -> int:
    return sum(told["body"] == body for told in receiver.messages.values())


async def _end(deployment: Deployment, body: str, name: str) -> None:
    """What is left after the crash is seen, and ended by whoever would."""
    async with open_runtime(deployment.settings) as runtime:
        requester, approver = [await keys.authenticate(runtime, secret) for secret in deployment.secrets]
        assert (await audit.verify(runtime, LOCAL)).is_whole, name
        left = await _pending(runtime, approver)
        if name.startswith("proposed") and not left:
            sending = await messages.send(runtime, requester, "acme", "Offer", body, "renewal")
            left = [line.id for line in sending.approvals]
        for approval in left:
            found = await approvals.get(runtime, approver, approval)
            assert found.content.endswith(body), name
            await decisions.approve(runtime, approver, approval, found.content_sha256)
        async with open_deliverer(runtime) as deliverer:
            await deliverer.deliver_due()
        statuses = {each.status for each in (await messages.list_messages(runtime, requester, None, 50, None)).items}
        assert statuses == {"delivered"}, name
        assert await _pending(runtime, approver) == []
        assert (await audit.verify(runtime, LOCAL)).is_whole, name


async def _pending(runtime: Runtime, caller: Principal) -> list[str]:
    page = await approvals.list_approvals(runtime, caller, None, None, mine=False, limit=50, cursor=None)
    return [item.id for item in page.items]


@pytest.mark.parametrize("deployment", ["sqlite"], indirect=True)
def test_a_server_that_is_killed_after_the_post_delivers_it_no_second_time(deployment: Deployment) -> None:
    before = (
        "import os, signal\nfrom app.resources import delivery\n"
        f"os.environ['CSE_DELIVERY_URL'] = {deployment.receiver.url!r}\n"
        f"os.environ['CSE_DELIVERY_SECRET'] = {SECRET!r}\n"
    )
    deadly = "delivery.Deliverer._mark = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
    requester, approver = (bearer(secret) for secret in deployment.secrets)
    sent = {"account": "acme", "subject": "Offer", "body": "We give you 20 % off.", "reason": "renewal"}
    with server_process(deployment.settings, before + deadly) as server, httpx.Client(timeout=WAIT_SECONDS) as client:
        asked = client.post(f"{server.url}/v1/messages", json=sent, headers=requester)
        assert asked.status_code == 202
        where = f"{server.url}/v1/approvals/{asked.json()['approvals'][0]['id']}"
        read = client.get(where, headers=approver).json()
        with contextlib.suppress(httpx.TransportError):  # it may die before it has answered
            client.post(f"{where}/approve", json={"content_sha256": read["content_sha256"]}, headers=approver)
        _wait(lambda: deployment.receiver.posts == 1)
    with server_process(deployment.settings, before) as server, httpx.Client(timeout=WAIT_SECONDS) as client:
        (message,) = client.get(f"{server.url}/v1/messages", headers=requester).json()["items"]
        where = f"{server.url}/v1/messages/{message['id']}"
        _wait(lambda: client.get(where, headers=requester).json()["status"] == "delivered")
    assert deployment.receiver.keys == [message["id"]] * 2
    assert len(deployment.receiver.messages) == 1


def _wait(until: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(WAIT_SECONDS * 10):
        if until():
            return
        pause.wait(0.1)
    raise AssertionError("it did not come to that")
