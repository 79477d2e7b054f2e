"""Escalations from the opening to the close, over HTTP: in a chat, by two people, within their scope."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.service.conftest import Service
from tests.service.test_data import load

FILES = {
    "accounts.csv": (
        "id,name,arr,currency,renewal_date\nacme,Acme,500000,USD,2031-03-01\nglobex,Globex,90000,USD,2031-05-01\n"
    ),
    "tickets.csv": (
        "id,account_id,opened_at,first_response_at,resolved_at,severity,subject\n"
        "SUP-7,acme,2026-01-05T10:00:00Z,2026-01-05T10:30:00Z,2026-01-05T17:00:00Z,SEV1,Payments answer 503\n"
        "SUP-8,globex,2026-01-06T10:00:00Z,,,SEV2,Export is slow\n"
    ),
}
ISSUE = "POST /v1/payments answers 503 since 14:30 UTC, SEV1"


@pytest.fixture
def desk(empty_service: Service) -> Service:
    done = load(empty_service.client("admin"), {name: content.encode() for name, content in FILES.items()})
    assert done["status"] == "done", done
    return empty_service


def chat(client: httpx.Client, message: str, **more: Any) -> dict[str, Any]:
    response = client.post("/v1/chat", json={"message": message, **more})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def call(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post("/v1/commands/escalate", json=body)


def test_from_the_opening_to_the_close_in_a_chat_by_two_people(desk: Service) -> None:
    sofia, marcus = desk.client(), desk.client()
    opened = chat(sofia, f"/escalate acme {ISSUE}")
    name = opened["data"]["opened"]["id"]
    assert [effect["kind"] for effect in opened["effects"]] == ["set_escalation", "add_escalation_update"]
    assert f"Opened as {name}" in opened["text"]

    dropped = chat(sofia, "never mind", thread_id=opened["thread_id"])
    assert "Dropped" in dropped["text"]
    assert dropped["question"] is None

    again = chat(marcus, f"/escalate acme {ISSUE}")
    assert again["effects"] == []
    assert again["data"]["already_open"]["id"] == name

    told = chat(marcus, f"/escalate update {name} The pool is exhausted. Globex has it too.")
    assert [each["text"] for each in told["data"]["withheld"]] == ["Globex has it too."]
    assert "Globex" not in told["data"]["customer_text"]

    early = chat(marcus, f"/escalate close {name} verified: 200 again")
    assert early["error"]["code"] == "escalation_not_resolved"

    chat(sofia, f"/escalate resolve {name} Pool enlarged")
    asked = chat(sofia, f"/escalate close {name}")
    assert asked["question"]["fields"] == ["text"]
    closed = chat(sofia, "Verified: their request answers 200", thread_id=asked["thread_id"])
    assert closed["data"]["escalation"]["state"] == "closed"
    assert "Verified: their request answers 200 (checked by" in closed["data"]["verified"]

    found = call(sofia, action="list", status="all").json()
    assert [(line["id"], line["state"]) for line in found["data"]["escalations"]] == [(name, "closed")]
    kept = sofia.get("/v1/accounts/acme/escalations").json()["items"]
    assert [record["id"] for record in kept] == [name]
    kinds = [record["kind"] for record in sofia.get("/v1/accounts/acme/escalation_updates").json()["items"]]
    assert sorted(kinds) == ["check", "closed", "opened", "resolved", "update"]

    drafted = call(sofia, action="postmortem", escalation=name).json()
    assert drafted["data"]["escalation_id"] == name
    assert drafted["effects"] == []


def test_undo_takes_the_opening_back(desk: Service) -> None:
    client = desk.client()
    opened = chat(client, f"/escalate acme {ISSUE}")
    chat(client, "undo", thread_id=opened["thread_id"])
    assert call(client, action="list", status="all").json()["data"]["escalations"] == []


def test_an_answer_completes_what_was_opened(desk: Service) -> None:
    client = desk.client()
    opened = chat(client, f"/escalate acme {ISSUE}")
    assert "request_ids" in opened["question"]["fields"]
    more = chat(client, "request ids: req_11aa22; environment: production", thread_id=opened["thread_id"])
    assert more["data"]["completed"]["id"] == opened["data"]["opened"]["id"]
    assert len(call(client, action="list").json()["data"]["escalations"]) == 1


def test_a_reader_gets_the_package_and_may_not_write(desk: Service) -> None:
    reader, writer = desk.client("viewer"), desk.client()
    shown = call(reader, account="acme", issue=ISSUE)
    assert shown.status_code == 200
    assert (shown.json()["data"]["sendable"], shown.json()["effects"]) == (True, [])
    assert "your key may only read" in shown.json()["text"]
    assert call(reader, action="list").json()["data"]["escalations"] == []
    name = call(writer, account="acme", issue=ISSUE).json()["data"]["opened"]["id"]
    assert [line["id"] for line in call(reader, action="list").json()["data"]["escalations"]] == [name]
    assert call(reader, action="update", escalation=name, text="no change").status_code == 403


def test_a_limited_key_learns_nothing_of_other_accounts(desk: Service) -> None:
    writer, limited = desk.client(), desk.client("cse", ["globex"])
    name = call(writer, account="acme", issue=ISSUE).json()["data"]["opened"]["id"]
    mine = call(limited, account="globex", issue=ISSUE).json()
    assert mine["data"]["similar_escalations"] == []
    assert "acme" not in str(mine).lower()
    own = mine["data"]["opened"]["id"]
    found = call(limited, action="list", status="all").json()
    assert [line["id"] for line in found["data"]["escalations"]] == [own]
    assert "acme" not in str(found).lower()
    assert call(limited, action="similar", escalation=own).json()["data"]["escalations"] == []
    assert call(writer, action="similar", escalation=own).json()["data"]["escalations"][0]["escalation_id"] == name
    for action in ("update", "check", "resolve", "reopen", "close", "similar", "postmortem"):
        said = {"text": "verified"} if action not in ("similar", "postmortem") else {}
        for hidden in (name, "SUP-7"):
            forbidden = call(limited, action=action, escalation=hidden, **said)
            absent = call(limited, action=action, escalation="esc-none-none", **said)
            assert (forbidden.status_code, absent.status_code) == (404, 404), (action, hidden, forbidden.text)
            assert forbidden.json()["detail"].replace(hidden, "?") == absent.json()["detail"].replace(
                "esc-none-none", "?"
            )
    assert limited.get("/v1/accounts/acme/escalations").status_code == 404


def test_a_ticket_has_a_postmortem_without_an_escalation(desk: Service) -> None:
    data = call(desk.client(), action="postmortem", escalation="sup-7").json()["data"]
    assert (data["ticket_id"], data["escalation_id"], data["response_hours"], data["resolution_hours"]) == (
        "SUP-7",
        None,
        0.5,
        7,
    )


def test_what_cannot_be_done_is_told(desk: Service) -> None:
    client = desk.client()
    wrong: tuple[tuple[int, dict[str, Any]], ...] = (
        (422, {}),
        (422, {"account": "acme"}),
        (422, {"account": "acme", "issue": ""}),
        (422, {"action": "nonsense"}),
        (422, {"action": "update", "escalation": "x" * 201, "text": "y"}),
        (422, {"action": "update", "escalation": "esc-0\x00", "text": "y"}),
        (404, {"action": "list", "account": "nobody"}),
        (404, {"action": "postmortem", "escalation": "' or 1=1 --"}),
        (404, {"action": "update", "account": "acme", "text": "no change"}),
    )
    for status, body in wrong:
        response = call(client, **body)
        assert response.status_code == status, (body, response.text)
        assert response.json()["code"], body


def test_the_same_trouble_opened_at_the_same_moment_is_one_record(desk: Service) -> None:
    clients = [desk.client() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda client: chat(client, f"/escalate acme {ISSUE}"), clients))
    told = [answer["data"]["opened"] or answer["data"]["already_open"] for answer in answers]
    assert len({each["id"] for each in told}) == 1
    assert len(clients[0].get("/v1/accounts/acme/escalations").json()["items"]) == 1
    kinds = [each["kind"] for each in clients[0].get("/v1/accounts/acme/escalation_updates").json()["items"]]
    assert kinds == ["opened"]
