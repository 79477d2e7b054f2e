"""Records written by hand over HTTP: validated as imports are, within the scope, each one turn."""

import datetime as dt
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.service.conftest import Service

ACCOUNTS = b"id,name,owner,renewal_date\nacme,Acme,Sam Park,2099-01-01\nglobex,Globex,Sam Park,2099-01-01\n"
CONTACTS = b"id,account_id,name,email,is_champion\nc1,acme,Maria Santos,maria@acme.com,true\nc2,globex,Bo Lind,,false\n"


def load(client: httpx.Client, **files: bytes) -> None:
    uploads = [("files", (f"{name}.csv", content)) for name, content in files.items()]
    job = client.post("/v1/imports", files=uploads).json()
    for _ in range(600):
        if (state := client.get(f"/v1/jobs/{job['id']}").json())["status"] not in ("queued", "running"):
            assert state["status"] == "done", state
            return
        time.sleep(0.1)
    raise AssertionError("the import did not end")


@pytest.fixture
def cse(empty_service: Service) -> Iterator[httpx.Client]:
    with empty_service.client("admin") as admin:
        load(admin, accounts=ACCOUNTS, contacts=CONTACTS)
    with empty_service.client("cse") as client:
        yield client


def test_each_table_is_written_and_read_back(cse: httpx.Client, today: dt.date) -> None:
    bodies = {
        "touchpoints": {"date": str(today), "kind": "call", "text": "password: hunter2x", "contact_id": "c1"},
        "signals": {"date": str(today), "kind": "competitor", "text": "RivalCo"},
        "goals": {"title": "Halve the handling time, password: hunter2x", "status": "on_track"},
        "contacts": {"name": "Jane Doe", "role": "CTO"},
        "commitments": {"what": "send the SSO doc", "by": "us", "due": "2099-01-01"},
    }
    for table, body in bodies.items():
        answer = cse.post(f"/v1/accounts/acme/{table}", json=body)
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert made["undo"] == f"/v1/turns/{made['turn_id']}/undo"
        assert made["record"] in cse.get(f"/v1/accounts/acme/{table}").json()["items"]
        turn = cse.get(f"/v1/turns/{made['turn_id']}").json()
        assert (turn["thread_id"], turn["account_id"]) == (None, "acme")
        assert "hunter2x" not in answer.text
        if table == "commitments":
            assert made["record"]["made_on"] == str(today)


def test_an_existing_record_changes_only_in_the_given_fields(cse: httpx.Client) -> None:
    answer = cse.post("/v1/accounts/acme/contacts", json={"id": "c1", "role": "VP", "is_champion": None})
    assert answer.json()["record"] == {
        "id": "c1",
        "account_id": "acme",
        "name": "Maria Santos",
        "email": "maria@acme.com",
        "role": "VP",
        "stakeholder": None,
        "is_champion": None,
        "influence": None,
        "left_on": None,
    }
    made = cse.post("/v1/accounts/acme/commitments", json={"what": "call"}).json()["record"]
    today = made["made_on"]
    kept = cse.post("/v1/accounts/acme/commitments", json={"id": made["id"], "done_on": today}).json()["record"]
    assert kept == made | {"done_on": today}


@pytest.mark.parametrize(
    ("table", "body", "status", "code"),
    [
        ("touchpoints", {"kind": "call"}, 422, "invalid_arguments"),
        ("touchpoints", {"date": "2026-01-01", "kind": "party"}, 422, "invalid_arguments"),
        ("touchpoints", {"date": "2098-01-01", "kind": "call", "status": "attended"}, 422, "invalid_arguments"),
        ("signals", {"date": "2098-01-01", "kind": "competitor"}, 422, "invalid_arguments"),
        ("signals", {"date": "01/02/2026", "kind": "competitor"}, 422, "invalid_arguments"),
        ("goals", {"title": None}, 422, "invalid_arguments"),
        ("goals", {"title": "x", "colour": "red"}, 422, "invalid_arguments"),
        ("commitments", {"what": "call", "done_on": "2098-01-01"}, 422, "invalid_arguments"),
        ("contacts", {"name": "X", "account_id": "globex"}, 422, "invalid_arguments"),
        ("contacts", {"id": "c2", "name": "X"}, 409, "id_taken"),
        ("contacts", {"id": 7, "name": "X"}, 422, "invalid_arguments"),
        ("touchpoints", {"date": "2026-01-01", "kind": "call", "contact_id": "c2"}, 422, "invalid_arguments"),
        ("touchpoints", {"date": "2026-01-01", "kind": "call", "contact_id": "nobody"}, 422, "invalid_arguments"),
        ("touchpoints", {"date": "2026-01-01", "kind": "call", "text": "x" * 100_001}, 422, "invalid_arguments"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_written(
    cse: httpx.Client, table: str, body: dict[str, object], status: int, code: str
) -> None:
    before = cse.get(f"/v1/accounts/acme/{table}").json()
    answer = cse.post(f"/v1/accounts/acme/{table}", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert cse.get(f"/v1/accounts/acme/{table}").json() == before


def test_role_and_scope(empty_service: Service, cse: httpx.Client) -> None:
    body = {"title": "x"}
    with empty_service.client("viewer") as viewer:
        assert viewer.post("/v1/accounts/acme/goals", json=body).status_code == 403
    with empty_service.client("cse", ["globex"]) as limited:
        forbidden = limited.post("/v1/accounts/acme/goals", json=body)
        absent = limited.post("/v1/accounts/nobody/goals", json=body)
        assert (forbidden.status_code, absent.status_code) == (404, 404)
        assert forbidden.json()["detail"].replace("acme", "?") == absent.json()["detail"].replace("nobody", "?")
    assert cse.post("/v1/accounts/acme/tickets", json=body).status_code == 405


def test_a_note_by_hand_counts_with_no_feed_and_promises_head_the_day(cse: httpx.Client, today: dt.date) -> None:
    """A signal triggers, a promise that is overdue heads the portfolio and the account's actions, kept closes it."""
    late = str(today - dt.timedelta(days=3))
    cse.post("/v1/accounts/acme/signals", json={"date": str(today), "kind": "competitor"})
    promise = cse.post(
        "/v1/accounts/acme/commitments", json={"what": "send the SSO doc", "by": "us", "due": late, "made_on": late}
    ).json()["record"]
    cse.post("/v1/accounts/acme/commitments", json={"what": "share the plan", "by": "Maria", "due": late})
    account = cse.post("/v1/commands/health", json={"account": "acme"}).json()
    assert {i["key"]: i["state"] for i in account["data"]["indicators"]}["competitor"] == "triggered"
    assert account["data"]["actions"][0]["key"] == "overdue_promise"
    promises = sorted((p["side"], p["days_left"], p["overdue"]) for p in account["data"]["promises"])
    assert promises == [("customer", -3, True), ("us", -3, True)]
    assert "log kept" in account["text"]
    portfolio = cse.post("/v1/commands/health", json={}).json()
    assert [p["id"] for p in portfolio["data"]["overdue_promises"]] == [promise["id"]]
    assert "1 promise of ours is overdue" in portfolio["text"].split("\n\n")[1]
    said = cse.post("/v1/chat", json={"message": f"/health acme log kept {promise['id']}"}).json()
    assert "Kept" in said["text"]
    assert cse.post("/v1/commands/health", json={}).json()["data"]["overdue_promises"] == []
