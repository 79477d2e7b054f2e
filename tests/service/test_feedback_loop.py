"""Feedback from what a customer wrote to what it is told when it shipped, over HTTP."""

import datetime as dt
from typing import Any

import httpx
import pytest

from tests.service.conftest import Service
from tests.service.test_data import load

ACCOUNTS = b"id,name,arr,currency,renewal_date\nacme,Acme GmbH,120000,USD,2031-03-01\nbeta,Beta,90000,USD,2030-01-01\n"


def days_ago(days: int) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(days=days)).date().isoformat()


@pytest.fixture
def service(empty_service: Service) -> Service:
    tickets = (
        "id,account_id,contact_id,opened_at,category,subject,body\n"
        f"t1,acme,ada,{days_ago(9)}T09:00:00Z,question,Payments,We need webhooks for payment events.\n"
        f"t2,beta,,{days_ago(3)}T09:00:00Z,,Request,Please add a webhook when a payment changes.\n"
        f"t3,beta,,{days_ago(2)}T09:00:00Z,,Thanks,Great product!\n"
    )
    use = "account_id,date,feature,count\n" + "".join(f"acme,{days_ago(n)},webhooks,2\n" for n in (1, 2))
    files = {
        "accounts.csv": ACCOUNTS,
        "contacts.csv": b"id,account_id,name\nada,acme,Ada Ames\n",
        "tickets.csv": tickets.encode(),
        "feature_usage.csv": use.encode(),
    }
    with empty_service.client() as client:
        assert load(client, files)["status"] == "done"
    return empty_service


def call(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/commands/feedback", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_from_a_ticket_to_the_reply(service: Service) -> None:
    with service.client() as client:
        (proposal,) = call(client, action="collect")["data"]["proposals"]
        assert (proposal["accounts"], proposal["title"]) == (["acme", "beta"], "Webhooks for payment events")
        accepted = call(client, action="accept", ids=[proposal["id"]], impact=8, confidence=0.5, effort=4)
        item = accepted["data"]["added"][0]["id"]
        assert [effect["kind"] for effect in accepted["effects"]] == ["add_feedback"]
        after = call(client, action="collect")["data"]
        assert (after["proposals"], after["recorded"]) == ([], 2)
        followed = call(client, action="shipped", item=item, on=days_ago(2), feature="Webhooks")
        assert [asked["account"] for asked in followed["data"]["asked"]] == ["beta", "acme"]
        assert followed["data"]["asked"][1]["contacts"] == ["Ada Ames"]
        assert followed["data"]["asked"][1]["reply"].startswith("Hello Ada,")
        assert "Beta" not in followed["data"]["asked"][1]["reply"]
        assert followed["data"]["asked"][1]["uses"] == 4
        assert followed["data"]["adoption"]["used_by"] is None  # 30 days are not over
        again = call(client, action="shipped", item=item)
        assert (again["data"]["shipped_on"], again["effects"]) == (days_ago(2), [])
        report = call(client, action="report", month=days_ago(0)[:7])["data"]
        assert report["rates"][1] == {
            "month": days_ago(0)[:7],
            "adopted": 1,
            "counted": 1,
            "unknown": 0,
            "rate": 100.0,
        }


def test_a_limited_key_sees_and_writes_its_own_alone(service: Service) -> None:
    with service.client() as client, service.client(accounts=["acme"]) as limited:
        (mine,) = call(limited, action="collect")["data"]["proposals"]
        assert (mine["accounts"], len(mine["quotes"])) == (["acme"], 1)
        (whole,) = call(client, action="collect")["data"]["proposals"]
        item = call(client, action="accept", ids=[whole["id"]])["data"]["added"][0]["id"]
        refused = limited.post("/v1/commands/feedback", json={"action": "shipped", "item": item, "on": days_ago(1)})
        assert refused.status_code == 422
        assert "shared with customers you may not see" in refused.json()["detail"]
        text = limited.post("/v1/commands/feedback", json={"action": "shipped", "item": item}).text
        assert "Beta" not in text
        assert "payment changes" not in text


def test_a_viewer_may_collect_but_not_accept(service: Service) -> None:
    with service.client(role="viewer") as viewer:
        (proposal,) = call(viewer, action="collect")["data"]["proposals"]
        refused = viewer.post("/v1/commands/feedback", json={"action": "accept", "ids": [proposal["id"]]})
        assert refused.status_code == 403


def test_a_chat_asks_for_the_day_and_takes_the_answer(service: Service) -> None:
    with service.client() as client:
        client.post("/v1/chat", json={"message": "/feedback add Dark mode category=ux account=acme"})
        asked = client.post("/v1/chat", json={"message": "/feedback shipped dark mode"}).json()
        assert asked["question"]["fields"] == ["on"]
        told = client.post("/v1/chat", json={"message": days_ago(1), "thread_id": asked["thread_id"]}).json()
        assert [effect["kind"] for effect in told["effects"]] == ["update_feedback"]
        assert f"Dark mode shipped on {days_ago(1)}" in told["text"]
