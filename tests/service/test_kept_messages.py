"""What a message holds of credentials is kept nowhere, and what waits for an answer can still be read."""

import json
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from app.store.tables import TABLES
from tests.service.conftest import Service

KEY = "sk_live_" + "Otter5Brook77Stone31Fern"
SIGNATURE = "Pebble8Signature"
JWT = "eyJhbGciOiJIUzI1NiJ9" + f".eyJzdWIiOiJwZWJibGUifQ.{SIGNATURE}"
HIDDEN = "sk_live_Ba\u2060dger6Moss18Trail40Pine"
"""A key that no mask knows before its invisible character is gone."""

MESSAGE = f"curl -H 'X-Api-Key: {KEY}' -H 'Authorization: Bearer {JWT}' {HIDDEN} ann@example.com answers 401"
"""Of it stays: the call, the tails, the address."""

KEPT = "curl -H 'X-Api-Key: [api-key…Fern]' -H 'Authorization: Bearer [jwt]' [api-key…Pine] ann@example.com answers 401"
ARMED = (KEY, SIGNATURE, "Badger6Moss")


@pytest.fixture
def client(empty_service: Service) -> httpx.Client:
    client = empty_service.client("admin")
    client.post("/v1/imports", files={"files": ("accounts.csv", b"id,name\nacme,Acme\nglobex,Globex\n")})
    return client


def rows(service: Service, table: str) -> list[dict[str, Any]]:
    engine = sa.create_engine(service.settings.store_url)
    with engine.connect() as conn:
        return [dict(row) for row in conn.execute(sa.select(TABLES[table])).mappings()]


def all_rows(service: Service) -> str:
    return json.dumps([rows(service, name) for name in TABLES], default=str, ensure_ascii=False)


def test_a_message_is_kept_without_its_credentials(client: httpx.Client, empty_service: Service) -> None:
    told = client.post("/v1/chat", json={"message": f"why? {MESSAGE}"}).json()
    turn = client.get(f"/v1/turns/{told['turn_id']}").json()
    assert turn["message"] == f"why? {KEPT}"
    assert [each for each in ARMED if each in all_rows(empty_service)] == []


def test_what_waits_for_an_answer_can_be_read_and_is_worth_nothing(
    client: httpx.Client, empty_service: Service
) -> None:
    asked = client.post("/v1/chat", json={"message": f"/escalate Nowhere {MESSAGE}"}).json()
    assert asked["question"]["fields"] == ["account"]
    (thread,) = rows(empty_service, "thread")
    issue = thread["pending"]["invocation"]["arguments"]["issue"]
    assert JWT.replace(SIGNATURE, "[signature]") in issue
    assert [each for each in ARMED if each in all_rows(empty_service)] == []
    answer = client.post("/v1/chat", json={"message": "acme", "thread_id": asked["thread_id"]}).json()
    assert (answer["account_id"], answer["error"]) == ("acme", None)
    assert [each for each in ARMED if each in all_rows(empty_service) + json.dumps(answer)] == []


@pytest.mark.parametrize(
    "message",
    [
        f"/{KEY}",
        f"/health {KEY}",
        f"/health account={KEY}",
        f"/health x={JWT}",
        f"/health as_of={JWT}",
    ],
)
def test_an_error_repeats_no_credential(client: httpx.Client, empty_service: Service, message: str) -> None:
    told = client.post("/v1/chat", json={"message": message})
    assert [each for each in ARMED if each in told.text + all_rows(empty_service)] == []


@pytest.mark.parametrize("body", [{"account": KEY}, {"account": "acme", KEY: 1}, {"as_of": KEY}, {"action": KEY}])
def test_nor_does_a_call_s(client: httpx.Client, body: dict[str, Any]) -> None:
    assert KEY not in client.post("/v1/commands/health", json=body).text
