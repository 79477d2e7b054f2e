"""Two days of real imports: the comparison, the week's changes, settings that changed, a stopped feed, and parents."""

import asyncio
import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.service.conftest import Service, bearer, prepare, serve, settings_in
from tests.service.test_data import load
from tests.service.test_hand_worked import AS_OF, FILES, lines

MONTH_AGO = AS_OF - dt.timedelta(days=30)
CHILDREN = lines(
    "id,name,parent_id,product,arr,currency,owner",
    ["acme-desk,Acme Desk,acme,Desk,60000,USD,Kim", "acme-api,Acme API,acme,API,40000,USD,Kim"],
)


def health(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/commands/health", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def compare(client: httpx.Client, **body: Any) -> dict[str, Any]:
    return health(client, action="compare", account="acme", **body)


def ledger(answer: dict[str, Any]) -> dict[str, float]:
    return {f["key"]: f["value"] for f in answer["figures"] if f["key"].startswith("health.ledger.")}


def test_every_account_of_the_demo_on_two_days(service: Service, today: dt.date) -> None:
    """The lines sum to the change, whatever changed; values of the two days are what each day's own answer says."""
    client = service.client()
    ids = [account["id"] for account in client.get("/v1/accounts?limit=200").json()["items"]]
    assert len(ids) > 15
    for back in (3, 45, 160):
        since = today - dt.timedelta(days=back)
        days = {"since": str(since), "as_of": str(today)}
        for account in ids:
            answer = health(client, action="compare", account=account, **days)
            assert sum(ledger(answer).values()) == pytest.approx(answer["data"]["change"], abs=1e-9), account
            assert len(ledger(answer)) == 11
            assert len(answer["blocks"][0]["lines"]) <= 11
        week = health(client, action="changes", limit=100, **days)
        assert len(week["blocks"][0]["lines"]) <= 11
        for told in week["data"]["accounts"]:
            own = health(client, action="compare", account=told["id"], **days)["data"]
            assert (told["change"], told["then"], told["now"]) == (own["change"], own["then"], own["now"])


def test_two_days_of_an_account(empty_service: Service) -> None:
    client = empty_service.client()
    load(client, FILES)
    answer = compare(client, dates=f"{MONTH_AGO} {AS_OF}")
    data, lines_of = answer["data"], ledger(answer)
    assert answer["as_of"] == str(AS_OF)
    assert len(lines_of) == 11
    assert all(key.endswith(f".since_{MONTH_AGO}") for key in lines_of)
    assert sum(lines_of.values()) == pytest.approx(data["change"], abs=1e-9)
    for day, side in ((MONTH_AGO, "then"), (AS_OF, "now")):
        own = health(client, account="acme", as_of=str(day))["data"]
        assert (data[side]["score"], data[side]["tier"]) == (own["score"], own["tier"])
    assert lines_of[f"health.ledger.settings.since_{MONTH_AGO}"] == 0


def test_the_same_in_a_chat(empty_service: Service) -> None:
    client = empty_service.client()
    load(client, FILES)
    typed = client.post("/v1/chat", json={"message": f"/health acme compare {MONTH_AGO} {AS_OF}"}).json()
    assert typed["error"] is None
    assert ledger(typed) == ledger(compare(client, dates=f"{MONTH_AGO} {AS_OF}"))
    asked = client.post("/v1/chat", json={"message": "/health acme compare"}).json()
    assert asked["question"]["fields"] == ["dates"]
    filled = client.post("/v1/chat", json={"message": f"{MONTH_AGO} {AS_OF}", "thread_id": asked["thread_id"]}).json()
    assert ledger(filled) == ledger(typed)


def test_days_that_make_no_sense(empty_service: Service) -> None:
    client = empty_service.client()
    load(client, FILES)
    for body, code in (
        ({}, "invalid_arguments"),
        ({"dates": "2026-06-01 2026-06-01"}, "invalid_arguments"),
        ({"dates": "yesterday"}, "invalid_date"),
        ({"dates": "1990-01-01 2026-06-26"}, "as_of_before_data"),
        ({"dates": "2026-06-01 2099-01-01"}, "as_of_in_future"),
        ({"dates": "2026-06-01 2026-06-26", "as_of": "2026-06-20"}, "invalid_arguments"),
        ({"dates": "2026-06-26", "as_of": "2026-06-20"}, "invalid_arguments"),
    ):
        answer = client.post("/v1/commands/health", json={"action": "compare", "account": "acme"} | body)
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text


def test_what_happened_in_a_week(empty_service: Service) -> None:
    """A SEV1 was opened, and the account has an owner now."""
    client = empty_service.client()
    load(client, FILES, effective=str(MONTH_AGO))
    urgent = lines("id,account_id,opened_at,severity", ["u1,acme,2026-06-25T10:00:00Z,SEV1"])
    moved = lines("id,name,owner", ["acme,Acme,Kim"])
    load(client, {"tickets.csv": urgent, "accounts.csv": moved}, effective=str(AS_OF))
    answer = health(client, action="changes", as_of=str(AS_OF))
    data = answer["data"]
    assert (data["since"], data["until"]) == (str(AS_OF - dt.timedelta(days=7)), str(AS_OF))
    assert (data["worse"], data["quiet"]) == (1, 0)
    assert data["accounts"][0]["owner"] == "Kim"
    assert "SEV1 opened: u1" in answer["text"]
    assert "owner Kim, was unknown" in answer["text"]
    typed = client.post("/v1/chat", json={"message": f"/health changes since={data['since']} as_of={AS_OF}"}).json()
    assert typed["text"] == answer["text"]
    assert health(client, action="changes", as_of=str(AS_OF), owner="Nobody")["data"]["accounts"] == []


def test_a_feed_that_stopped_through_imports(empty_service: Service) -> None:
    """The same tickets, complete to ten days before, then to the day: the first band is wider, no points are less."""
    client = empty_service.client()
    tickets = FILES["tickets.csv"].split(b"o0,")[0]
    load(client, FILES | {"tickets.csv": tickets}, through=str(AS_OF - dt.timedelta(days=10)))
    without = health(client, account="acme", as_of=str(AS_OF))["data"]
    load(client, {"tickets.csv": tickets}, through=str(AS_OF))
    whole = health(client, account="acme", as_of=str(AS_OF))["data"]
    assert without["band"][0] < whole["band"][0]
    assert without["band"][1] >= whole["band"][1]
    points = [{c["key"]: c["points"] for c in data["components"]} for data in (without, whole)]
    unknown = {key for key in points[0] if points[0][key] is None and points[1][key] is not None}
    assert unknown >= {"ticket_volume", "resolution_time", "escalations"}
    assert all(points[0][key] in (None, points[1][key]) for key in points[0])


@contextmanager
def started(folder: Path, key: str) -> Iterator[httpx.Client]:
    for url in serve(settings_in(folder)):
        with httpx.Client(base_url=url, headers=bearer(key), timeout=60) as client:
            yield client


def scored_files(yesterday: dt.date) -> dict[str, bytes]:
    """Half of the meetings attended, goals met, NPS 100: usage unknown."""
    return {
        "accounts.csv": FILES["accounts.csv"],
        "goals.csv": lines("id,account_id,title,status", ["g1,acme,Faster,achieved"]),
        "nps.csv": lines("id,account_id,responded_at,score", [f"n{i},acme,{yesterday}T01:00:00Z,9" for i in range(3)]),
        "touchpoints.csv": lines(
            "id,account_id,date,kind,status",
            [f"p{i},acme,{yesterday},qbr,{s}" for i, s in enumerate(("attended", "no_show"))],
        ),
        "tickets.csv": lines("id,account_id,opened_at,severity", [f"t1,acme,{yesterday}T01:00:00Z,SEV4"]),
    }


def test_settings_that_a_deployment_changes_are_a_line_of_their_own(tmp_path: Path) -> None:
    """Between two starts the deployment gives NPS 25 points and active users 10: the ledger tells what that moved.

    The settings in force at the end of a day count for it, so the first start is put back to yesterday.
    """
    key = asyncio.run(prepare(settings_in(tmp_path), filled=False))
    today = dt.datetime.now(dt.UTC).date()
    yesterday = today - dt.timedelta(days=1)
    with started(tmp_path, key) as client:
        load(client, scored_files(yesterday))
        assert compare(client, dates=f"{yesterday} {today}")["data"]["settings"] == []
    with sqlite3.connect(tmp_path / "cse.db") as conn:
        conn.execute("UPDATE parameters_in_force SET since = ?", (f"{yesterday} 00:00:00.000000",))
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "health.yaml").write_text("weights: {dau: 10, nps: 25}\n", encoding="utf-8")
    with started(tmp_path, key) as client:
        answer = compare(client, dates=f"{yesterday} {today}")
        settings = {s["setting"]: (s["then"], s["now"]) for s in answer["data"]["settings"]}
        assert settings == {"weights.dau": ("20", "10"), "weights.nps": ("15", "25")}
        assert abs(ledger(answer)[f"health.ledger.settings.since_{yesterday}"]) > 0.1
        assert sum(ledger(answer).values()) == pytest.approx(answer["data"]["change"], abs=1e-9)
        assert "Settings changed: " in answer["text"]
        figures = {f["key"]: f["value"] for f in answer["figures"]}
        assert figures["health.score"] == health(client, account="acme", as_of=str(today))["data"]["score"]
        week = health(client, action="changes", since=str(yesterday), as_of=str(today))["data"]
        assert (week["worse"], week["better"]) == (0, 0)


def test_a_parent_and_the_accounts_below_it(empty_service: Service) -> None:
    client = empty_service.client()
    load(client, FILES)
    load(client, {"accounts.csv": CHILDREN})
    group = health(client, account="acme")["data"]["group"]
    assert group["accounts"] == 2
    assert group["currencies"][0]["arr"] == 100_000  # the parent's field is the sum of the two
    assert health(client)["data"]["totals"]["currencies"][0]["arr"] == 100_000
    assert health(client, account="acme-desk")["data"]["group"] is None


def test_a_key_sees_only_its_own_accounts_below_a_parent(empty_service: Service) -> None:
    client = empty_service.client()
    load(client, FILES)
    load(client, {"accounts.csv": CHILDREN})
    limited = empty_service.client(accounts=["acme", "acme-api"])
    answer = limited.post("/v1/commands/health", json={"account": "acme"})
    assert [line["id"] for line in answer.json()["data"]["group"]["below"]] == ["acme-api"]
    assert "desk" not in answer.text.lower()
    alone = health(empty_service.client(accounts=["acme-api"]))
    assert [line["parent"] for line in alone["data"]["accounts"]] == [None]
    assert health(empty_service.client(accounts=["acme"]), account="acme")["data"]["group"] is None
