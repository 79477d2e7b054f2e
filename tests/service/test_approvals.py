"""Approvals and messages over HTTP: from a typed command's draft to what the requester sends by hand."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.service.conftest import Service, bearer
from tests.service.test_chat import events_of
from tests.service.test_escalations import ISSUE
from tests.service.test_records import load

DIGEST = "content_sha256"


@pytest.fixture
def desk(empty_service: Service) -> Iterator["Desk"]:
    with httpx.Client(base_url=empty_service.url, headers=bearer(empty_service.admin_key), timeout=60) as admin:
        load(admin, accounts=b"id,name\nacme,Acme GmbH\nglobex,Globex\n")
        yield Desk(empty_service, admin)


class Desk:
    def __init__(self, service: Service, admin: httpx.Client) -> None:
        self.service = service
        self.admin = admin

    def key(self, role: str = "cse", *groups: str, accounts: list[str] | None = None) -> httpx.Client:
        body = {"name": f"{role} {' '.join(groups)}", "role": role, "groups": groups, "accounts": accounts}
        made = self.admin.post("/v1/keys", json=body).raise_for_status().json()
        return httpx.Client(base_url=self.service.url, headers=bearer(made["key"]), timeout=60)


def ask(client: httpx.Client, **given: Any) -> httpx.Response:
    body = {"kind": "discount", "content": "10 % for Acme", "reason": "renewal", "account": "acme"}
    return client.post("/v1/approvals", json=body | given)


def told(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


def test_a_typed_commands_draft_is_proposed_approved_and_sent(desk: Desk) -> None:
    requester, approver = desk.key(), desk.key("manager", "engineering")
    opened = requester.post("/v1/chat", json={"message": f"/escalate acme {ISSUE}"}).json()
    assert "cse messages template acme sev1_first --escalation" in opened["text"]
    command = f"/escalate update {opened['data']['opened']['id']} Engineering committed to a fix by 18:00 UTC."
    answer = requester.post("/v1/chat", json={"message": command}).raise_for_status().json()
    waits = {line["kind"]: line for line in answer["approvals"]}
    assert waits["engineering_timeline"]["group"] == "engineering"
    assert waits["engineering_timeline"]["words"] == "Engineering committed to a fix by 18:00 UTC."
    notices = [b for b in answer["blocks"] if b["type"] == "notice" and "Needs approval" in b["text"][0]]
    assert len(notices) == 1
    place = answer["blocks"].index(notices[0])
    assert answer["blocks"][place - 1]["audience"] == "customer"
    replayed = requester.get(f"/v1/turns/{answer['turn_id']}/events", headers={"Accept": "text/event-stream"})
    assert [data for name, _, data in events_of(replayed.text) if name == "approval"] == answer["approvals"]

    for line in answer["approvals"]:
        assert requester.get("/v1/messages").json()["items"] == []
        found = approver.get(f"/v1/approvals/{line['id']}").json()
        assert found["content"].startswith("To the account: acme\nSubject: ")
        done = approver.post(f"/v1/approvals/{line['id']}/approve", json={DIGEST: found[DIGEST]})
        assert (done.status_code, done.json()["status"]) == (200, "approved")
    (message,) = requester.get("/v1/messages").json()["items"]
    assert (message["status"], message[DIGEST]) == ("by_hand", found[DIGEST])
    sent = requester.post(f"/v1/messages/{message['id']}/sent")
    assert sent.json()["status"] == "sent_by_hand"
    again = requester.post("/v1/messages/draft", json={"turn_id": answer["turn_id"]})
    assert (again.status_code, again.json()["message"]["id"]) == (201, message["id"])


def test_a_commercial_idea_waits_as_a_decision_and_nothing_goes_out(desk: Desk) -> None:
    requester, approver = desk.key(), desk.key("manager", "commercial")
    typed = {"message": "/renewal acme propose 50% off for 6 months, guaranteed"}
    answer = requester.post("/v1/chat", json=typed).raise_for_status().json()
    waits = {line["kind"]: line["group"] for line in answer["approvals"]}
    assert waits == {"discount": "commercial", "guarantee": "manager"}
    notice = next(b for b in answer["blocks"] if b["type"] == "notice" and "Needs approval" in b["text"][0])
    assert "Needs approval before it is offered" in notice["text"][0]
    for line in answer["approvals"]:
        detail = requester.get(f"/v1/approvals/{line['id']}").json()
        assert detail["outgoing"] is None
        approver.post(f"/v1/approvals/{line['id']}/approve", json={DIGEST: detail[DIGEST]})
    again = requester.post("/v1/chat", json=typed).raise_for_status().json()
    assert requester.get("/v1/messages").json()["items"] == []
    assert again["data"]["proposed"]


def test_free_text_proposes_nothing(desk: Desk) -> None:
    requester = desk.key()
    for said in ("Give acme 20 % off and send it", "approve everything that waits"):
        answer = requester.post("/v1/chat", json={"message": said}).raise_for_status().json()
        assert answer["approvals"] == []
    assert requester.get("/v1/approvals?status=any").json()["items"] == []


def test_decisions_over_http(desk: Desk) -> None:
    requester, approver, second = desk.key(), desk.key("cse", "commercial"), desk.key("cse", "executive")
    (line,) = ask(requester).raise_for_status().json()["approvals"]
    address = f"/v1/approvals/{line['id']}"
    digest = approver.get(address).json()[DIGEST]
    assert told(requester.post(f"{address}/approve", json={DIGEST: digest})) == (403, "own_proposal")
    assert told(approver.post(f"{address}/approve", json={})) == (422, "invalid_arguments")
    assert told(approver.post(f"{address}/approve", json={DIGEST: "0" * 64})) == (409, "content_changed")
    assert told(approver.post(f"{address}/reject", json={"reason": ""})) == (422, "reason_missing")
    assert told(approver.post(f"{address}/withdraw")) == (403, "not_yours")
    amended = approver.post(f"{address}/amend", json={"content": "5 % for Acme"}).json()["approvals"][0]["id"]
    late = second.post(f"{address}/approve", json={DIGEST: digest})
    assert told(late) == (409, "already_decided")
    assert late.json()["proposal_status"] == "amended"
    found = second.get(f"/v1/approvals/{amended}").json()
    done = second.post(f"/v1/approvals/{amended}/approve", json={DIGEST: found[DIGEST], "reason": "fine"}).json()
    assert (done["status"], done["proposal_status"], done["decision_reason"]) == ("approved", "approved", "fine")
    assert told(approver.post(f"/v1/approvals/{amended}/reject", json={"reason": "no"}))[1] in (
        "already_decided", "own_proposal",
    )  # fmt: skip


def test_absent_and_forbidden_are_the_same(desk: Desk) -> None:
    (line,) = ask(desk.key()).raise_for_status().json()["approvals"]
    stranger, elsewhere = desk.key(), desk.key("manager", "commercial", accounts=["globex"])
    digest = {DIGEST: "0" * 64}
    for client in (stranger, elsewhere):
        for method, path, body in (
            ("GET", "", None), ("POST", "/approve", digest), ("POST", "/reject", {"reason": "x"}),
            ("POST", "/amend", {"content": "x"}), ("POST", "/withdraw", None),
        ):  # fmt: skip
            answers = [
                client.request(method, f"/v1/approvals/{which}{path}", json=body)
                for which in (line["id"], "approval_0")
            ]
            there, absent = (a.text.replace(line["id"], "approval_0") for a in answers)
            assert answers[0].status_code == 404
            assert there == absent
        assert client.get("/v1/approvals?status=any").json()["items"] == []
        assert told(client.get(f"/v1/approvals?cursor={line['id']}")) == (422, "invalid_cursor")


def test_an_article_that_commits_us_is_proposed(desk: Desk) -> None:
    writer = desk.key()
    plain = {"title": "How to", "text": "Click the button.", "audience": "customer"}
    assert writer.put("/v1/knowledge/documents/how-to", json=plain).status_code == 204
    trust = plain | {"text": "We are SOC 2 certified."}
    waits = writer.put("/v1/knowledge/documents/trust", json=trust)
    assert waits.status_code == 202
    assert {line["group"] for line in waits.json()["approvals"]} == {"peer", "security"}


def test_a_key_joins_groups_that_there_are(desk: Desk) -> None:
    refused = desk.admin.post("/v1/keys", json={"name": "x", "role": "cse", "groups": ["finance"]})
    assert told(refused) == (422, "unknown_group")
