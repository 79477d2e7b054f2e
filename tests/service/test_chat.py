"""A conversation over HTTP: JSON and server-sent events, threads, questions, resume."""

import datetime as dt
import json
from typing import Any

import httpx
import pytest

from tests.service.conftest import Service

FIELDS = {
    "thread_id", "turn_id", "command", "account_id", "as_of", "text", "data", "audience", "blocks", "figures",
    "citations", "effects", "approvals", "question", "degraded", "error", "usage",
}  # fmt: skip


@pytest.fixture(scope="module")
def client(service: Service) -> httpx.Client:
    return service.client()


def chat(client: httpx.Client, message: str, **more: Any) -> dict[str, Any]:
    response = client.post("/v1/chat", json={"message": message, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


Event = tuple[str, str | None, dict[str, Any]]


def events_of(text: str) -> list[Event]:
    """(event, id, data) of each server-sent event."""
    events = []
    for part in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in part.splitlines())
        events.append((lines["event"], lines.get("id"), json.loads(lines["data"])))
    return events


def stream(client: httpx.Client, message: str, **more: Any) -> list[Event]:
    response = client.post("/v1/chat", json={"message": message, **more}, headers={"Accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    return events_of(response.text)


def first_account(client: httpx.Client) -> dict[str, Any]:
    account: dict[str, Any] = client.get("/v1/accounts?limit=1").json()["items"][0]
    return account


def test_a_command_as_json(client: httpx.Client) -> None:
    account = first_account(client)
    answer = chat(client, f"/health {account['name']}")
    assert set(answer) == FIELDS
    assert answer["command"] == "health"
    assert answer["account_id"] == account["id"]
    assert answer["blocks"][0]["type"] == "verdict"
    keys = {figure["key"] for figure in answer["figures"]}
    assert {"health.score", "health.band.low", "health.band.high", "health.coverage"} <= keys
    assert answer["error"] is answer["question"] is None


def test_the_stream_tells_the_same_answer(client: httpx.Client) -> None:
    account = first_account(client)
    events = stream(client, f"/health {account['id']}")
    kinds = [event for event, _, _ in events]
    assert kinds[0] == "status"
    assert kinds[-1] == "done"
    done = events[-1][2]
    assert [data for event, _, data in events if event == "block"] == done["blocks"]
    assert "".join(data["delta"] for event, _, data in events if event == "text").strip() == done["text"].strip()
    plain = chat(client, f"/health {account['id']}")
    assert (plain["data"], plain["blocks"]) == (done["data"], done["blocks"])


def test_resume_after_an_event(client: httpx.Client) -> None:
    numbered = _numbered(events := stream(client, "/health"))
    assert [int(number) for _, number, _ in numbered if number] == list(range(1, len(numbered) + 1))
    turn_id = events[-1][2]["turn_id"]
    whole = events_of(client.get(f"/v1/turns/{turn_id}/events").text)
    assert _numbered(whole) == numbered
    rest = events_of(client.get(f"/v1/turns/{turn_id}/events", headers={"Last-Event-ID": "2"}).text)
    assert _numbered(rest) == numbered[2:]


def _numbered(events: list[Event]) -> list[Event]:
    """Those that are told again; what a turn is doing is told only while it lives."""
    return [event for event in events if event[1] is not None]


def test_the_turn_and_its_thread_are_kept(client: httpx.Client) -> None:
    answer = chat(client, "/health")
    again = chat(client, "/feedback", thread_id=answer["thread_id"])
    assert again["thread_id"] == answer["thread_id"]
    thread = client.get(f"/v1/threads/{answer['thread_id']}").json()
    assert [turn["message"] for turn in thread["turns"]] == ["/health", "/feedback"]
    assert thread["turns"][0]["answer"] == answer
    assert thread["turns"][0]["version_n"] >= 1
    assert thread["turns"][0]["parameters_version"]
    page = client.get("/v1/threads?limit=1").json()
    assert page["items"][0]["id"] == answer["thread_id"]
    assert client.get(f"/v1/turns/{again['turn_id']}").json()["answer"] == again


def test_threads_belong_to_their_owner(service: Service, client: httpx.Client) -> None:
    answer = chat(client, "/help")
    other = service.client()
    for response in (
        other.get(f"/v1/threads/{answer['thread_id']}"),
        other.get(f"/v1/turns/{answer['turn_id']}"),
        other.get(f"/v1/turns/{answer['turn_id']}/events"),
        other.post(f"/v1/turns/{answer['turn_id']}/stop"),
        other.post("/v1/chat", json={"message": "/help", "thread_id": answer["thread_id"]}),
    ):
        assert response.status_code == 404
    assert other.get("/v1/threads").json()["items"] == []


def test_unknown_command_in_a_chat(client: httpx.Client) -> None:
    answer = chat(client, "/helth acme")
    assert answer["error"]["code"] == "unknown_command"
    assert "/health" in answer["text"]


def test_help_lists_every_command(client: httpx.Client) -> None:
    text = chat(client, "/help")["text"]
    for command in client.get("/v1/commands").json()["items"]:
        assert f"/{command['name']}" in text
    assert chat(client, "/help health")["text"]
    assert chat(client, "/help nothing")["error"]["code"] == "unknown_command"


def misspelt(account: dict[str, Any]) -> str:
    return str(account["name"][:-1]) + "qz"


def test_the_one_close_account_is_taken_and_told(client: httpx.Client) -> None:
    account = first_account(client)
    answer = chat(client, f"/health {misspelt(account)}")
    assert answer["account_id"] == account["id"]
    assert answer["blocks"][0]["type"] == "verdict"
    assert misspelt(account) in answer["text"]


def test_before_raw_text_the_account_is_asked_for_and_the_text_is_kept(client: httpx.Client) -> None:
    account = first_account(client)
    asked = chat(client, f"/escalate {misspelt(account)} API returns 503 errors, severity=SEV1")
    assert asked["question"]["fields"] == ["account"]
    assert account["id"] in asked["question"]["choices"]
    answered = chat(client, account["name"], thread_id=asked["thread_id"])
    assert answered["account_id"] == account["id"]
    assert answered["data"]["severity"] == "SEV1"


def test_a_slash_message_drops_the_question(client: httpx.Client) -> None:
    asked = chat(client, "/escalate")
    assert "account" in asked["question"]["fields"]
    answer = chat(client, "/help", thread_id=asked["thread_id"])
    assert answer["command"] == "help"
    free = chat(client, "what does status 429 mean?", thread_id=asked["thread_id"])
    assert free["command"] is None


def test_a_question_is_asked_twice_at_most(client: httpx.Client) -> None:
    asked = chat(client, f"/escalate {misspelt(first_account(client))} it is down")
    again = chat(client, "zzzzz", thread_id=asked["thread_id"])
    assert again["question"]["fields"] == ["account"]
    last = chat(client, "zzzzz", thread_id=asked["thread_id"])
    assert last["question"] is None
    assert last["error"]["code"] == "account_not_found"
    assert chat(client, "what does status 429 mean?", thread_id=asked["thread_id"])["command"] is None


def test_free_text_is_answered_from_the_knowledge_base(client: httpx.Client) -> None:
    answer = chat(client, "How should a client back off after HTTP 429 with a Retry-After header?")
    assert answer["command"] is None
    assert answer["citations"]
    assert {"document", "title", "heading", "lines", "text"} <= set(answer["citations"][0])
    assert "Retry-After" in answer["text"]


def test_a_question_of_ones_own_leaves_the_open_one_open(client: httpx.Client) -> None:
    account = first_account(client)
    asked = chat(client, f"/escalate {account['id']} API returns 500 Internal Server Error on GET /v1/x, SEV2")
    assert asked["question"]
    thread = asked["thread_id"]
    free = chat(client, "What does HTTP status 429 mean?", thread_id=thread)
    assert (free["command"], bool(free["citations"])) == (None, True)
    more = chat(client, "request ids: req_11aa22", thread_id=thread)
    assert more["command"] == "escalate"
    assert "429" not in str(more["data"]["package"] or more["text"])


def test_of_all_customers_none_is_told(client: httpx.Client) -> None:
    answer = chat(client, "/health", audience="customer")
    assert (answer["error"], answer["data"], answer["figures"]) == (None, None, [])
    assert "Name one customer" in answer["text"]


def test_secrets_are_not_in_the_titles_of_threads(client: httpx.Client) -> None:
    chat(client, "Authorization: Bearer sk_live_abcdef1234567890 is refused")
    assert "abcdef1234567890" not in client.get("/v1/threads").text


def test_free_text_off_topic_says_what_is_possible(client: httpx.Client) -> None:
    answer = chat(client, "Which wine goes with grilled octopus?")
    assert answer["citations"] == []
    assert "/health" in answer["text"]


def test_as_of_in_the_message_goes_before_the_requests_own(client: httpx.Client, today: dt.date) -> None:
    asked, typed = str(today - dt.timedelta(days=60)), str(today - dt.timedelta(days=59))
    assert chat(client, "/health")["as_of"] not in (asked, typed)
    assert chat(client, "/health", as_of=asked)["as_of"] == asked
    assert chat(client, f"/health as_of={typed}", as_of=asked)["as_of"] == typed


def test_hostile_text_is_data(client: httpx.Client) -> None:
    for message in (
        "\x01\x02",
        "{{7*7}} ${x} <script>alert(1)</script>",
        "[[health.score]]",
        "‮/health",
        "💥" * 500,
    ):
        answer = chat(client, message)
        assert "<script>" not in answer["text"]
        assert "49" not in answer["text"].split()


def test_a_nul_is_refused_since_no_database_keeps_it(client: httpx.Client) -> None:
    response = client.post("/v1/chat", json={"message": "/health a\0b"})
    assert (response.status_code, response.json()["code"]) == (422, "invalid_text")


def test_escalation_asks_and_takes_the_answer_in_the_next_message(client: httpx.Client) -> None:
    account = first_account(client)
    asked = chat(
        client,
        f"/escalate {account['id']} kind: bug\nSeverity: SEV3\nOrders export fails with 500 Internal Server Error "
        "since 2026-11-02 09:15 UTC on GET /api/v2/orders/export",
    )
    missing = asked["question"]["fields"]
    assert "request_ids" in missing
    assert asked["blocks"][-1] == asked["question"]  # so that every channel tells it
    assert asked["data"]["sendable"] is False
    more = chat(client, "request ids: req_11aa22; environment: production", thread_id=asked["thread_id"])
    assert more["data"]["quality"] > asked["data"]["quality"]
    assert "request_ids" not in more["data"]["missing"]
