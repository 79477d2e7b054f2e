"""A key limited to some accounts never learns of another: the same 404 for absent and forbidden."""

import httpx
import pytest

from tests.service.conftest import Service


@pytest.fixture(scope="module")
def accounts(service: Service) -> list[dict[str, str]]:
    items: list[dict[str, str]] = service.client().get("/v1/accounts?limit=200").json()["items"]
    return items


@pytest.fixture(scope="module")
def mine(accounts: list[dict[str, str]]) -> dict[str, str]:
    return accounts[0]


@pytest.fixture(scope="module")
def limited(service: Service, mine: dict[str, str]) -> httpx.Client:
    return service.client("cse", [mine["id"]])


def test_lists_show_own_accounts_only(limited: httpx.Client, mine: dict[str, str]) -> None:
    assert [a["id"] for a in limited.get("/v1/accounts").json()["items"]] == [mine["id"]]
    portfolio = limited.post("/v1/commands/health", json={}).json()
    assert [a["id"] for a in portfolio["data"]["accounts"]] in ([mine["id"]], [])


def test_others_are_as_absent(limited: httpx.Client, accounts: list[dict[str, str]]) -> None:
    for other in accounts[1:]:
        forbidden = limited.post("/v1/commands/health", json={"account": other["id"]})
        absent = limited.post("/v1/commands/health", json={"account": "zz-absent"})
        assert (forbidden.status_code, absent.status_code) == (404, 404)
        assert forbidden.json()["detail"].replace(other["id"], "?") == absent.json()["detail"].replace("zz-absent", "?")
        assert limited.get(f"/v1/accounts/{other['id']}").status_code == 404
        assert limited.get(f"/v1/accounts/{other['id']}/tickets").status_code == 404


def test_no_answer_names_another_account(limited: httpx.Client, accounts: list[dict[str, str]]) -> None:
    mine = accounts[0]
    answers = [
        limited.post("/v1/chat", json={"message": message}).text
        for message in (
            "/health",
            f"/health {mine['id']}",
            "/feedback",
            f"/escalate {mine['id']} The API returns 503 errors and checkout is down",
            f"/health {accounts[1]['name']}",
        )
    ]
    for other in accounts[1:]:
        for answer in answers[:4]:
            assert other["id"] not in answer
            assert other["name"] not in answer
        assert f'"{other["id"]}"' not in answers[4]


def test_a_limited_key_cannot_import_or_write_feedback_for_others(
    limited: httpx.Client, accounts: list[dict[str, str]]
) -> None:
    assert limited.post("/v1/imports", files={"files": ("accounts.csv", b"id,name\nx,X\n")}).status_code == 403
    assert limited.put("/v1/knowledge/documents/x", json={"title": "t", "text": "t"}).status_code == 403
    assert limited.delete("/v1/knowledge/documents/x").status_code == 403
    response = limited.post(
        "/v1/commands/feedback",
        json={
            "action": "add",
            "title": "Bulk export",
            "category": "feature_request",
            "impact": 5,
            "confidence": 0.5,
            "effort": 2,
            "accounts": [accounts[1]["id"]],
        },
    )
    assert response.status_code in (404, 422)
    assert "Bulk export" not in limited.post("/v1/commands/feedback", json={}).text
