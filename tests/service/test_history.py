"""The brief and the handover through HTTP and chat: a talk, a promise, an escalation and what came after."""

import datetime as dt
from typing import Any

import httpx
import pytest

from tests.service.conftest import Service
from tests.service.test_chat import chat


@pytest.fixture(scope="module")
def client(service: Service) -> httpx.Client:
    return service.client()


def command(client: httpx.Client, **body: Any) -> dict[str, Any]:
    response = client.post("/v1/commands/health", json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_a_brief_says_the_same_as_the_account_and_as_the_day_of_the_last_contact(client: httpx.Client) -> None:
    brief = command(client, account="kestrel", action="brief")
    now = command(client, account="kestrel")["data"]
    talked_on = brief["data"]["last_contact"]["on"]
    then = command(client, account="kestrel", as_of=talked_on)["data"]
    assert brief["data"]["then"]["on"] == talked_on
    assert (brief["data"]["now"]["score"], brief["data"]["now"]["tier"]) == (now["score"], now["tier"])
    assert brief["data"]["then"]["score"] == pytest.approx(then["score"])
    assert brief["data"]["change"] == pytest.approx(now["score"] - then["score"])
    figures = {figure["key"]: figure["value"] for figure in brief["figures"]}
    assert figures[f"health.score.on_{talked_on}"] == pytest.approx(then["score"])
    assert len(brief["data"]["questions"]) == 3
    assert all(event["on"] > talked_on for event in brief["data"]["events"])


def test_a_brief_on_an_earlier_day_knows_nothing_later(client: httpx.Client) -> None:
    talked_on = command(client, account="kestrel", action="brief")["data"]["last_contact"]["on"]
    earlier = command(client, account="kestrel", action="brief", as_of=talked_on)["data"]
    assert earlier["last_contact"] is None or earlier["last_contact"]["on"] < talked_on
    assert all(event["on"] <= talked_on for event in earlier["events"])


def test_a_handover_has_its_history_in_order_and_its_first_days_ahead(client: httpx.Client) -> None:
    answer = command(client, account="kestrel", action="handover")
    days = [event["on"] for event in answer["data"]["events"]]
    assert days == sorted(days)
    assert {"contract", "arr"} <= {event["kind"] for event in answer["data"]["events"]}
    as_of = dt.date.fromisoformat(answer["as_of"])
    due = [dt.date.fromisoformat(task["due"]) for task in answer["data"]["first_days"]]
    assert all(as_of <= day <= as_of + dt.timedelta(days=30) for day in due)
    assert any(block["type"] == "timeline" for block in answer["blocks"])


@pytest.mark.parametrize("action", ["brief", "handover"])
def test_chat_answers_as_the_command_does_for_every_account(client: httpx.Client, action: str) -> None:
    for account in client.get("/v1/accounts?limit=200").json()["items"]:
        answer = command(client, account=account["id"], action=action)
        assert answer["blocks"][0]["type"] == "verdict"
        assert len(answer["blocks"][0]["lines"]) <= 11
        assert answer["effects"] == []
    said = chat(client, "/health kestrel " + action)
    assert said["error"] is None
    assert said["text"].startswith("**Kestrel" if action == "brief" else "**Handover of Kestrel")


def test_without_an_account_the_question_names_it(client: httpx.Client) -> None:
    response = client.post("/v1/commands/health", json={"action": "brief"})
    assert response.status_code == 422
    assert response.json()["missing"] == ["account"]
