"""RavenStack through the whole service: input that nobody here wrote, answered by JSON, stream and command line."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests import ravenstack_folder
from tests.service.conftest import Service, prepare, serve, settings_in
from tests.service.test_chat import chat, stream
from tests.service.test_cli import run

AS_OF = "2024-12-31"
LEVELS = ["critical", "high", "elevated", "unknown", "low"]

pytestmark = ravenstack_folder.needs_ravenstack


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = settings_in(tmp_path_factory.mktemp("ravenstack"))
    ravenstack_folder.fill(settings.data_dir)
    key = asyncio.run(prepare(settings, filled=False))
    for url in serve(settings):
        yield Service(url, settings, key)


@pytest.fixture(scope="module")
def client(service: Service) -> httpx.Client:
    return service.client()


@pytest.fixture(scope="module")
def portfolio(client: httpx.Client) -> list[dict[str, Any]]:
    """All pages of the ranking."""
    accounts: list[dict[str, Any]] = []
    cursor = None
    while True:
        body = {"as_of": AS_OF, "limit": 100, "cursor": cursor}
        data = client.post("/v1/commands/health", json=body).json()["data"]
        accounts += data["accounts"]
        cursor = data["next_cursor"]
        if cursor is None:
            return accounts


def test_no_tier_is_claimed_from_so_little_data(portfolio: list[dict[str, Any]]) -> None:
    assert len(portfolio) == len({account["id"] for account in portfolio}) == 500
    assert {account["tier"] for account in portfolio} == {"unknown"}
    assert {account["score"] for account in portfolio} == {None}
    assert max(account["coverage"] for account in portfolio) <= 40


def test_ranked_by_level_then_by_what_is_at_stake(portfolio: list[dict[str, Any]]) -> None:
    def stake(account: dict[str, Any]) -> tuple[int, float]:
        low, high = account["band"]
        return LEVELS.index(account["churn_level"]), -(100 - (low + high) / 2) * account["arr"]

    assert portfolio == sorted(portfolio, key=stake)


def test_the_newest_data_is_the_day_by_default(client: httpx.Client) -> None:
    assert chat(client, "/health limit=1")["as_of"] == AS_OF


def test_json_stream_and_command_line_agree(
    service: Service, client: httpx.Client, portfolio: list[dict[str, Any]]
) -> None:
    account = portfolio[0]["id"]
    issue = "Dashboard export returns 500 Internal Server Error since 2024-12-30 08:00 UTC, SEV2"
    for message in (f"/health {account} as_of={AS_OF}", "/feedback", f"/escalate {account} {issue}"):
        told = chat(client, message)
        assert told["error"] is None, told
        assert stream(client, message)[-1][2]["blocks"] == told["blocks"]
        asked = json.loads(run(service.settings.data_dir, "ask", message, "--json").stdout)
        assert asked["blocks"] == told["blocks"]


def test_no_warning_has_skill_on_invented_data(client: httpx.Client) -> None:
    """Few customers leave it, so churn cannot be told; losses of ARR are many, and nothing foretold them."""
    data = client.post("/v1/commands/metrics", json={"action": "backtest", "as_of": AS_OF}).json()["data"]
    assert data["events"] < 30 <= data["loss_events"]
    assert {each["verdict"] for each in data["warnings"]} == {"cannot_tell"}
    judged = {each["key"]: each for each in data["loss_warnings"] if each["verdict"] != "cannot_tell"}
    assert {"budget_cuts", "competitor"} <= judged.keys()
    for each in judged.values():
        low, high = each["interval"]
        assert each["verdict"] == "no_skill"
        assert low <= each["base_rate"] <= high
