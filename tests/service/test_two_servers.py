"""Two servers on one PostgreSQL: imports, turns and keys of either are respected by the other."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from app import runtime as runtime_module
from app.agent import graph
from app.agent.state import TurnContext
from app.domain.events import Event, StatusEvent
from app.resources import turns
from app.settings import Settings
from tests.postgres import postgres_database
from tests.service.conftest import bearer, prepare, serve
from tests.service.subprocess_server import server_process
from tests.service.test_chat import events_of
from tests.service.test_data import ACCOUNTS
from tests.service.test_idempotency import FEEDBACK, feedback_count, is_replay, keyed
from tests.service.test_jobs import LARGE, SLOW, has_begun, has_ended, kept_uploads, send, slow, wait_for

__all__ = ["slow"]  # a fixture

pytestmark = pytest.mark.usefixtures("quick_beats")

SHORT_LEASE = "import datetime; from app.store import leases; leases.LEASE = datetime.timedelta(seconds=5)\n"


@pytest.fixture
def quick_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wishes are seen sooner than in three seconds."""
    monkeypatch.setattr(runtime_module, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(turns, "POLL_SECONDS", 0.1)


@dataclass(frozen=True)
class Pair:
    """Two servers, each with a data folder of its own, and a client of each with the same key."""

    first: httpx.Client
    second: httpx.Client


@pytest.fixture
def url() -> Iterator[str]:
    with postgres_database() as fresh:
        yield fresh


def settings_of(tmp_path: Path, url: str, name: str) -> Settings:
    key = SecretStr("k" * 32)  # servers that share a database need the same
    return Settings(_env_file=None, data_dir=tmp_path / name, database_url=SecretStr(url), audit_key=key)


@pytest.fixture
def pair(tmp_path: Path, url: str) -> Iterator[Pair]:
    first, second = (settings_of(tmp_path, url, name) for name in ("first", "second"))
    headers = bearer(asyncio.run(prepare(first, filled=False)))
    with (
        contextlib.closing(serve(first)) as one,
        contextlib.closing(serve(second)) as two,
        httpx.Client(base_url=next(one), headers=headers, timeout=60) as a,
        httpx.Client(base_url=next(two), headers=headers, timeout=60) as b,
    ):
        yield Pair(a, b)


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A graph that begins, and answers when the event is set."""
    go_on = threading.Event()
    answer = graph.run

    async def run(message: str, context: TurnContext) -> AsyncIterator[Event]:
        yield StatusEvent(turn_id=context.turn_id, thread_id=context.thread_id, text="begun")
        await asyncio.to_thread(go_on.wait)
        async for event in answer(message, context):
            yield event

    monkeypatch.setattr(graph, "run", run)
    yield go_on
    go_on.set()


@contextlib.contextmanager
def begun_turn(client: httpx.Client) -> Iterator[str]:
    """A turn that this client begins and reads; its id."""
    headers = {"Accept": "text/event-stream"}
    with client.stream("POST", "/v1/chat", json={"message": "/help"}, headers=headers) as response:
        lines = response.iter_lines()
        assert next(lines) == "event: status"
        yield response.headers["content-location"].split("/")[3]


def test_of_two_imports_one_is_refused(pair: Pair, slow: None) -> None:
    job_id = send(pair.first, LARGE)
    refused = pair.second.post("/v1/imports", files={"files": ("accounts.csv", ACCOUNTS)})
    assert (refused.status_code, refused.json()["code"]) == (409, "import_running")
    pair.first.post(f"/v1/jobs/{job_id}/cancel")
    wait_for(pair.second, job_id, has_ended)
    assert wait_for(pair.second, send(pair.second, {"accounts.csv": ACCOUNTS}), has_ended)["status"] == "done"
    assert pair.first.get("/v1/accounts/acme").json()["name"] == "Acme GmbH"


def test_of_two_imports_at_the_same_moment_one_is_refused(pair: Pair, slow: None) -> None:
    def start(client: httpx.Client) -> httpx.Response:
        return client.post("/v1/imports", files=[("files", (name, content)) for name, content in LARGE.items()])

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(start, [pair.first, pair.second]))
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["code"] == "import_running"
    (job,) = pair.first.get("/v1/jobs").json()["items"]
    pair.second.post(f"/v1/jobs/{job['id']}/cancel")
    assert wait_for(pair.first, job["id"], has_ended)["status"] == "cancelled"


def test_a_job_is_followed_and_cancelled_through_the_other(pair: Pair, slow: None) -> None:
    job_id = send(pair.first, LARGE)
    assert wait_for(pair.second, job_id, has_begun)["progress"]["file"] == "usage.csv"
    assert pair.second.post(f"/v1/jobs/{job_id}/cancel").status_code == 202
    assert wait_for(pair.second, job_id, has_ended)["status"] == "cancelled"
    assert pair.first.get("/v1/accounts").json()["items"] == []


def test_a_turn_is_read_through_the_other(pair: Pair, answering: threading.Event) -> None:
    with begun_turn(pair.first) as turn_id, pair.second.stream("GET", f"/v1/turns/{turn_id}/events") as elsewhere:
        parts = elsewhere.iter_text()
        first = next(parts)
        answering.set()
        told = [event for event, _, _ in events_of(first + "".join(parts))]
    assert (told[0], told[-1]) == ("status", "done")
    assert pair.second.get(f"/v1/turns/{turn_id}").json()["status"] == "done"


def test_a_turn_is_stopped_through_the_other(pair: Pair, answering: threading.Event) -> None:
    with begun_turn(pair.first) as turn_id:
        assert pair.second.post(f"/v1/turns/{turn_id}/stop").status_code == 204
        assert pair.second.get(f"/v1/turns/{turn_id}").json()["status"] == "stopped"


def test_a_thread_has_one_running_turn_over_both(pair: Pair, answering: threading.Event) -> None:
    with begun_turn(pair.first) as turn_id:
        thread_id = pair.second.get(f"/v1/turns/{turn_id}").json()["thread_id"]
        refused = pair.second.post("/v1/chat", json={"message": "/help", "thread_id": thread_id})
        assert (refused.status_code, refused.json()["code"]) == (409, "turn_in_progress")
        answering.set()


def test_a_request_that_goes_to_both_is_carried_out_once(pair: Pair) -> None:
    headers = keyed()

    def post(client: httpx.Client) -> httpx.Response:
        return client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(post, [pair.first, pair.second]))
    assert {answer.status_code for answer in answers} <= {200, 409}
    again = post(pair.second)
    assert (again.status_code, is_replay(again)) == (200, True)
    assert feedback_count(pair.first) == 1


def test_a_server_that_starts_ends_nothing_of_the_other(tmp_path: Path, url: str, slow: None) -> None:
    first, second = (settings_of(tmp_path, url, name) for name in ("first", "second"))
    headers = bearer(asyncio.run(prepare(first, filled=False)))
    for one in serve(first):
        with httpx.Client(base_url=one, headers=headers) as client:
            job_id = send(client, LARGE)
            wait_for(client, job_id, has_begun)
            for two in serve(second):
                job = httpx.get(f"{two}/v1/jobs/{job_id}", headers=headers).json()
                assert job["status"] == "running"
            assert client.get(f"/v1/jobs/{job_id}").json()["status"] == "running"
            client.post(f"/v1/jobs/{job_id}/cancel")
            assert wait_for(client, job_id, has_ended)["status"] == "cancelled"


def test_when_one_is_killed_the_other_tells_what_was_lost(tmp_path: Path, url: str) -> None:
    first, second = (settings_of(tmp_path, url, name) for name in ("first", "second"))
    key = asyncio.run(prepare(first, filled=False))
    for here in serve(second):
        with (
            server_process(first, SHORT_LEASE + SLOW) as process,
            httpx.Client(base_url=process.url, headers=bearer(key), timeout=60) as client,
            httpx.Client(base_url=here, headers=bearer(key), timeout=60) as other,
        ):
            job_id = send(client, LARGE)
            wait_for(other, job_id, has_begun)
            process.kill()
            job = wait_for(other, job_id, has_ended)
            assert (job["status"], job["result"]["problem"]["code"]) == ("interrupted", "interrupted")
            done = wait_for(other, send(other, LARGE), has_ended)
            assert (done["status"], done["result"]["usage"]["created"]) == ("done", 6000)
    assert kept_uploads(first.data_dir) != []
    for _ in serve(first):
        assert kept_uploads(first.data_dir) == []
