"""The audit log of a real service: what is done is in it, each caller sees its own accounts, and no secret is."""

import json

import pytest
from typer.testing import CliRunner

from app.channels.cli import cli
from tests.service.conftest import Service

ACCOUNTS = "id,name\nacme,Acme\nborg,Borg\n"
CANARY = "sk-canary-9f8e7d6c5b4a39281706f5e4d3c2b1a0"


def load(service: Service) -> None:
    with service.client() as client:
        sent = client.post("/v1/imports", files={"files": ("accounts.csv", ACCOUNTS)})
        assert sent.status_code == 202
        for _ in range(200):
            if client.get(sent.headers["Location"]).json()["status"] != "running":
                return
    pytest.fail("the import did not end")


def test_what_is_done_is_in_the_log_and_it_holds(empty_service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    load(empty_service)
    with empty_service.client("admin") as admin:
        note = {"kind": "call", "date": "2026-01-05", "text": f"My key is {CANARY}"}
        assert admin.post("/v1/accounts/acme/touchpoints", json=note).status_code == 201
        assert admin.post("/v1/chat", json={"message": f"/health borg {CANARY}"}).status_code == 200
        assert admin.post("/v1/chat", json={"message": "/health borg"}).status_code == 200
        article = {"title": "Penguins", "text": "They live in Antarctica."}
        assert admin.put("/v1/knowledge/documents/a", json=article).status_code == 204
        made = admin.post("/v1/keys", json={"name": "Berta", "role": "viewer"}).json()
        assert admin.delete(f"/v1/keys/{made['id']}").status_code == 204

        page = admin.get("/v1/audit", params={"limit": 200}).json()
        actions = {event["action"] for event in page["items"]}
        assert actions >= {
            "parameters.in_force", "key.created", "key.revoked", "import.accepted", "import.finished",
            "turn.answered", "knowledge.changed",
        }  # fmt: skip
        assert [event["seq"] for event in page["items"]] == list(range(len(page["items"]), 0, -1))
        told = json.dumps(page)
        assert CANARY not in told
        assert made["key"] not in told
        assert empty_service.admin_key not in told
        assert "Antarctica" not in told
        verified = admin.get("/v1/audit/verify").json()
        assert (verified["findings"], verified["events"]) == ([], len(page["items"]))

        first = admin.get("/v1/audit", params={"limit": 2}).json()
        rest = admin.get("/v1/audit", params={"limit": 200, "cursor": first["next_cursor"]}).json()
        assert first["items"] + rest["items"] == page["items"]
        (finished,) = admin.get("/v1/audit", params={"action": "import.finished"}).json()["items"]
        assert finished["details"]["tables"]["accounts"]["created"] == 2
        about = admin.get("/v1/audit", params={"account": "acme"}).json()["items"]
        assert [event["action"] for event in about] == ["turn.answered"]
        for cursor in ("x", "-1", "9" * 30, "١"):
            refused = admin.get("/v1/audit", params={"cursor": cursor})
            assert (refused.status_code, refused.json()["code"]) == (422, "invalid_cursor")

    monkeypatch.setenv("CSE_DATA_DIR", str(empty_service.settings.data_dir))
    monkeypatch.setenv("CSE_DATABASE_URL", empty_service.settings.store_url)
    verify = CliRunner().invoke(cli, ["audit", "verify", "--json"])
    assert (verify.exit_code, json.loads(verify.stdout)["findings"]) == (0, [])
    listed = CliRunner().invoke(cli, ["audit", "list", "--account", "acme", "--json"])
    assert [event["action"] for event in json.loads(listed.stdout)] == ["turn.answered"]


def test_a_limited_key_sees_its_accounts_alone(empty_service: Service) -> None:
    load(empty_service)
    with empty_service.client("admin") as admin:
        for account in ("acme", "borg"):
            assert admin.post("/v1/chat", json={"message": f"/health {account}"}).status_code == 200
    with empty_service.client("manager", accounts=["acme"]) as limited:
        seen = limited.get("/v1/audit", params={"limit": 200}).json()["items"]
        assert {event["account_id"] for event in seen} == {"acme"}
        for account in ("borg", "nowhere"):
            assert limited.get("/v1/audit", params={"account": account}).json()["items"] == []
        assert limited.get("/v1/audit/verify").status_code == 403
    with empty_service.client("cse") as cse:
        assert cse.get("/v1/audit").status_code == 403
