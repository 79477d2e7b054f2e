"""`Idempotency-Key`: a POST that is sent twice is carried out once."""

import asyncio
import datetime as dt
import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select

from app.channels import idempotency
from app.resources import keys as key_resource
from app.store import idempotency_rows
from app.store.engine import Store
from tests.service.conftest import Service, bearer
from tests.service.test_data import ACCOUNTS

FEEDBACK = {
    "action": "add", "title": "Dark mode", "category": "ux", "reach": 5, "impact": 2, "confidence": 0.5, "effort": 1,
}  # fmt: skip


@pytest.fixture
def client(empty_service: Service) -> httpx.Client:
    return empty_service.client()


@pytest.fixture
def store(empty_service: Service) -> Iterator[Store]:
    """The running service's database, by a way of its own."""
    settings = empty_service.settings
    opened = Store(settings.store_url, settings.data_dir)
    yield opened
    opened.close()


def keyed(key: str | None = None) -> dict[str, str]:
    return {"Idempotency-Key": key or uuid4().hex}


def feedback_count(client: httpx.Client) -> int:
    return len(client.post("/v1/commands/feedback", json={}).json()["data"]["items"])


def is_replay(response: httpx.Response) -> bool:
    return bool(response.headers.get("Idempotency-Replayed") == "true")


def test_a_command_with_effects_is_carried_out_once(client: httpx.Client) -> None:
    headers = keyed()
    first = client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)
    again = client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)
    assert (first.status_code, is_replay(first)) == (200, False)
    assert (again.status_code, is_replay(again), again.json()) == (200, True, first.json())
    assert again.headers["content-type"] == first.headers["content-type"]
    assert feedback_count(client) == 1


def test_without_a_key_each_request_counts(client: httpx.Client) -> None:
    for title in ("Dark mode", "Light mode"):
        assert client.post("/v1/commands/feedback", json={**FEEDBACK, "title": title}).status_code == 200
    assert feedback_count(client) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/commands/feedback", {**FEEDBACK, "title": "Other"}),
        ("/v1/commands/health", FEEDBACK),
        ("/v1/commands/feedback?x=1", FEEDBACK),
    ],
)
def test_another_request_with_the_same_key_is_refused(client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    headers = keyed()
    client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)
    reused = client.post(path, json=body, headers=headers)
    assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
    assert feedback_count(client) == 1


def test_a_key_belongs_to_its_caller(empty_service: Service) -> None:
    headers = keyed()
    titles = ("One", "Two")
    for title in titles:
        response = empty_service.client().post(
            "/v1/commands/feedback", json={**FEEDBACK, "title": title}, headers=headers
        )
        assert (response.status_code, is_replay(response)) == (200, False)
    assert feedback_count(empty_service.client()) == 2


def test_what_was_refused_may_be_sent_again(client: httpx.Client) -> None:
    headers = keyed()
    refused = client.post("/v1/commands/health", json={"account": "nobody"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "account_not_found")
    broken = client.post("/v1/commands/feedback", content=b"{", headers=headers)
    assert broken.json()["code"] in ("invalid_json", "unsupported_media_type")
    mended = client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)
    assert (mended.status_code, is_replay(mended)) == (200, False)


def test_a_chat_is_answered_once(client: httpx.Client) -> None:
    headers, body = keyed(), {"message": "/help"}
    first, again = (client.post("/v1/chat", json=body, headers=headers) for _ in range(2))
    assert is_replay(again)
    assert again.json() == first.json()
    assert len(client.get("/v1/threads").json()["items"]) == 1


def test_a_stream_is_told_again_from_its_turn(client: httpx.Client) -> None:
    headers, body = {**keyed(), "Accept": "text/event-stream"}, {"message": "/help"}
    first, again = (client.post("/v1/chat", json=body, headers=headers) for _ in range(2))
    assert (is_replay(first), is_replay(again)) == (False, True)
    assert again.headers["content-type"].startswith("text/event-stream")
    told = [part for part in first.text.split("\n\n") if not part.startswith("event: status")]
    assert again.text.split("\n\n") == told
    rest = client.post("/v1/chat", json=body, headers={**headers, "Last-Event-ID": "1"})
    assert rest.text.split("\n\n") == told[1:]
    assert len(client.get("/v1/threads").json()["items"]) == 1
    other = client.post("/v1/chat", json={"message": "/help health"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_an_upload_is_known_by_its_content_whatever_its_boundary(client: httpx.Client) -> None:
    headers = keyed()

    def send(content: bytes, name: str = "accounts.csv") -> httpx.Response:
        return client.post("/v1/imports", files={"files": (name, content)}, headers=headers)

    first, again = send(ACCOUNTS), send(ACCOUNTS)
    assert (first.status_code, again.status_code, is_replay(again)) == (202, 202, True)
    assert again.json()["id"] == first.json()["id"]
    assert send(ACCOUNTS.replace(b"Acme", b"Acne")).json()["code"] == "idempotency_key_reused"
    assert send(ACCOUNTS, "contacts.csv").json()["code"] == "idempotency_key_reused"
    assert len(client.get("/v1/jobs").json()["items"]) == 1


def test_the_secret_of_a_key_is_told_once_and_not_kept(empty_service: Service, store: Store) -> None:
    body, headers = {"name": "robot", "role": "viewer"}, keyed()
    with httpx.Client(base_url=empty_service.url, headers=bearer(empty_service.admin_key)) as admin:
        made = admin.post("/v1/keys", json=body, headers=headers)
        assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
        again = admin.post("/v1/keys", json=body, headers=headers)
        listed = [key["id"] for key in admin.get("/v1/keys").json()["items"] if key["name"] == "robot"]
    problem = again.json()
    assert (again.status_code, problem["code"]) == (409, "idempotency_answer_not_kept")
    assert (problem["first_status"], problem["location"]) == (201, f"/v1/keys/{made.json()['id']}")
    assert listed == [made.json()["id"]]
    with store.reading() as conn:
        (row,) = conn.execute(select(idempotency_rows.REQUESTS)).all()
    assert (row.status, row.body) == (201, None)
    assert made.json()["key"] not in repr(row)


def test_one_that_still_runs_is_told(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on = threading.Event(), threading.Event()
    create = key_resource.create

    async def slow(*args: Any, **kwargs: Any) -> key_resource.NewKey:
        entered.set()
        await asyncio.to_thread(go_on.wait, 30)
        return await create(*args, **kwargs)

    monkeypatch.setattr(key_resource, "create", slow)
    headers, answers = keyed(), []

    def send() -> None:
        answers.append(client.post("/v1/keys", json={"name": "k"}, headers=headers))

    thread = threading.Thread(target=send)
    thread.start()
    assert entered.wait(30)
    running = client.post("/v1/keys", json={"name": "k"}, headers=headers)
    go_on.set()
    thread.join(30)
    assert (running.status_code, running.json()["code"]) == (409, "idempotency_in_progress")
    assert running.headers["retry-after"] == "1"
    assert answers[0].status_code == 403  # a cse creates no keys; so the key is free again
    assert client.post("/v1/keys", json={"name": "k"}, headers=headers).status_code == 403


@pytest.mark.parametrize("key", ["", "x" * 256, "schlüssel", "tab\there", "nul\0"])
def test_a_key_that_cannot_be_one_is_refused(client: httpx.Client, key: str) -> None:
    headers = [(b"Idempotency-Key", key.encode())]
    try:
        response = client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)
    except httpx.HTTPError:
        return  # HTTP itself does not let such a value pass
    assert response.status_code == 400, response.text
    assert feedback_count(client) == 0


def test_two_keys_are_none(client: httpx.Client) -> None:
    headers = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    response = client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)
    assert (response.status_code, response.json()["code"]) == (400, "invalid_idempotency_key")


def test_the_longest_key_is_taken(client: httpx.Client) -> None:
    headers = keyed("x" * 255)
    first, again = (client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers) for _ in range(2))
    assert (first.status_code, is_replay(again)) == (200, True)


def test_nobody_gets_no_answer(client: httpx.Client, empty_service: Service) -> None:
    headers = keyed()
    client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)
    stranger = httpx.post(f"{empty_service.url}/v1/commands/feedback", json=FEEDBACK, headers=headers)
    assert stranger.status_code == 401


def test_after_a_day_a_key_is_a_new_one(client: httpx.Client, store: Store) -> None:
    headers = keyed()
    client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)
    with store.writing() as conn:
        long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=24)
        conn.execute(idempotency_rows.REQUESTS.update().values(created_at=long_ago))
    again = client.post("/v1/commands/feedback", json={**FEEDBACK, "title": "Next day"}, headers=headers)
    assert (again.status_code, is_replay(again)) == (200, False)


def test_a_server_that_died_frees_its_key(empty_service: Service, client: httpx.Client, store: Store) -> None:
    headers = keyed()
    owner = httpx.get(f"{empty_service.url}/v1/keys", headers=bearer(empty_service.admin_key)).json()["items"][-1]["id"]
    with store.writing() as conn:
        now = dt.datetime.now(dt.UTC)
        idempotency_rows.claim(conn, owner, headers["Idempotency-Key"], "runner_that_died", now)
    for _ in range(300):
        response = client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)
        if response.status_code != 409:
            break
        time.sleep(0.05)
    assert (response.status_code, is_replay(response)) == (200, False)


def test_an_answer_too_large_to_keep_is_not_given_again(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "MAX_KEPT_BYTES", 100)
    headers = keyed()
    assert client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers).status_code == 200
    again = client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "idempotency_answer_not_kept")
    assert feedback_count(client) == 1


def test_a_body_that_is_too_large_is_refused_the_second_time_too(client: httpx.Client) -> None:
    headers = keyed()
    client.post("/v1/commands/feedback", json=FEEDBACK, headers=headers)
    large = client.post("/v1/commands/feedback", content=b"x" * 3_000_000, headers=headers)
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")


def test_every_post_of_the_api_tells_of_it(service: Service) -> None:
    paths = httpx.get(f"{service.url}/openapi.json").json()["paths"]
    telling = {
        path
        for path, methods in paths.items()
        if any(p["name"] == "Idempotency-Key" for p in methods.get("post", {}).get("parameters", []))
    }
    assert telling == {path for path, methods in paths.items() if "post" in methods}
    assert {"/v1/chat", "/v1/imports", "/v1/keys", "/v1/commands/health", "/v1/chat/completions"} <= telling
    assert json.dumps(paths).count('"Idempotency-Key"') == len(telling)
