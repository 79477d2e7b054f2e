"""Over the whole demo: one figure has one value in every command, and its evidence is there to be read."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.service.conftest import Service

MOST_EVIDENCE = 20


@pytest.fixture(scope="module")
def client(service: Service) -> httpx.Client:
    return service.client()


@pytest.fixture(scope="module")
def answers(client: httpx.Client) -> list[dict[str, Any]]:
    """The portfolio, and each account's health, brief, handover and escalation."""
    ids = [account["id"] for account in client.get("/v1/accounts?limit=200").json()["items"]]
    calls: list[tuple[str, dict[str, Any]]] = [("health", {"limit": 100}), ("feedback", {})]
    for account_id in ids:
        calls += [("health", {"account": account_id})]
        calls += [("health", {"account": account_id, "action": action}) for action in ("brief", "handover")]
        calls += [("escalate", {"account": account_id, "issue": "The API answers 503 since 2026-11-01 10:00 UTC"})]
        calls += [("troubleshoot", {"account": account_id, "text": "GET /orders answers 429 Too Many Requests"})]
    found = []
    for name, body in calls:
        response = client.post(f"/v1/commands/{name}", json=body)
        assert response.status_code == 200, (name, body, response.text)
        found.append(response.json())
    return found


def figures(answers: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for answer in answers:
        for figure in answer["figures"]:
            yield answer["command"], figure


def test_a_figure_has_one_value_and_one_unit(answers: list[dict[str, Any]]) -> None:
    stated: dict[tuple[str, str, str], tuple[Any, str]] = {}
    for command, figure in figures(answers):
        if figure["key"].startswith("escalation."):
            continue  # about the issue at hand, not about the account
        key = (figure["key"], figure["account_id"], figure["as_of"])
        value = (figure["value"], figure["unit"])
        assert stated.setdefault(key, value) == value, (command, figure)
    assert len(stated) > 500


def test_evidence_can_be_read(client: httpx.Client, answers: list[dict[str, Any]]) -> None:
    """A range names as many records as its link gives; up to 20 records are named one by one."""
    links: dict[str, int] = {}
    for _, figure in figures(answers):
        assert len(figure["evidence"]) <= MOST_EVIDENCE, figure
        for evidence in figure["evidence"]:
            if evidence.get("href"):
                assert links.setdefault(evidence["href"], evidence["count"]) == evidence["count"], figure
    assert links
    for href, count in links.items():
        assert count_of(client, href) >= count, href


def count_of(client: httpx.Client, href: str) -> int:
    count, cursor = 0, ""
    while True:
        page = client.get(f"{href}{'&' if '?' in href else '?'}limit=200{cursor}").json()
        count += len(page["items"])
        if page["next_cursor"] is None:
            return count
        cursor = f"&cursor={page['next_cursor']}"


def test_every_answer_begins_with_a_verdict_of_twelve_lines_at_most(answers: list[dict[str, Any]]) -> None:
    for answer in answers:
        verdict = answer["blocks"][0]
        assert verdict["type"] == "verdict"
        assert len(verdict["lines"]) <= 11


def test_every_demo_account_has_its_story(answers: list[dict[str, Any]]) -> None:
    """The demo covers what the README promises of it."""
    accounts = [a["data"] for a in answers if a["command"] == "health" and "components" in a["data"]]
    tiers = {a["tier"] for a in accounts}
    assert tiers == {"green", "yellow", "red", "unknown"}
    assert any(a["provisional"] for a in accounts)
    assert {a["churn_level"] for a in accounts} >= {"low", "elevated", "high", "critical"}
    triggered = {i["key"] for a in accounts for i in a["indicators"] if i["state"] == "triggered"}
    assert triggered == {
        "usage_decline", "low_adoption", "support_spike", "champion_departure", "budget_cuts", "competitor",
        "missed_meetings",
    }  # fmt: skip
