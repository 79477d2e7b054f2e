"""Customer data over HTTP: imports as jobs, accounts, records, knowledge, effects."""

import time
from contextlib import closing
from typing import Any

import httpx
import pytest

from app.store import versions
from app.store.engine import Store
from tests.service.conftest import Service

ACCOUNTS = b"id,name,arr,currency,licensed_seats,renewal_date\nacme,Acme GmbH,120000,EUR,50,2027-03-01\n"
TICKETS = (
    b"id,account_id,opened_at,severity,subject\n"
    b"t1,acme,2026-11-02T09:00:00Z,SEV2,Export fails\n"
    b"t2,nobody,2026-11-02T09:00:00Z,SEV2,Lost\n"
    b"t3,acme,2026-11-02T09:00:00,SEV2,No zone\n"
)


@pytest.fixture
def client(empty_service: Service) -> httpx.Client:
    return empty_service.client()


def load(client: httpx.Client, files: dict[str, bytes], **options: str) -> dict[str, Any]:
    started = client.post(
        "/v1/imports", files=[("files", (name, content)) for name, content in files.items()], data=options
    )
    assert started.status_code == 202, started.text
    for _ in range(1200):
        job: dict[str, Any] = client.get(f"/v1/jobs/{started.json()['id']}").json()
        if job["status"] != "running":
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def test_import_reports_each_row_and_can_be_repeated(client: httpx.Client) -> None:
    files = {"accounts.csv": ACCOUNTS, "tickets.csv": TICKETS}
    job = load(client, files)
    assert job["status"] == "done"
    tickets = job["result"]["tickets"]
    assert (tickets["read"], tickets["created"], tickets["rejected"]) == (3, 1, 2)
    assert [(e["file"], e["line"]) for e in job["result"]["errors"]] == [("tickets.csv", 3), ("tickets.csv", 4)]
    again = load(client, files)["result"]
    assert (again["accounts"]["unchanged"], again["tickets"]["unchanged"]) == (1, 1)
    assert (again["accounts"]["created"], again["tickets"]["updated"]) == (0, 0)
    assert client.get("/v1/accounts/acme").json()["name"] == "Acme GmbH"
    page = client.get("/v1/accounts/acme/tickets?from=2026-11-02&to=2026-11-02").json()
    assert [ticket["id"] for ticket in page["items"]] == ["t1"]


def test_dry_run_writes_nothing(client: httpx.Client) -> None:
    job = load(client, {"accounts.csv": ACCOUNTS}, dry_run="true")
    assert job["result"]["accounts"]["created"] == 1
    assert client.get("/v1/accounts").json()["items"] == []


def test_a_zip_is_told(client: httpx.Client) -> None:
    job = load(client, {"accounts.csv": b"PK\x03\x04rest"})
    assert job["status"] == "failed" or job["result"]["errors"]
    assert "zip" in str(job["result"]).lower()


def test_legal_suffix_is_optional(client: httpx.Client) -> None:
    load(client, {"accounts.csv": ACCOUNTS})
    answer = client.post("/v1/commands/health", json={"account": "ACME"}).json()
    assert answer["data"]["tier"] == "unknown"
    assert answer["data"]["score"] is None


def test_effects_are_carried_out_once_and_seen(client: httpx.Client) -> None:
    load(client, {"accounts.csv": ACCOUNTS})
    added = client.post(
        "/v1/chat",
        json={
            "message": '/feedback add "Webhooks for payment events" category=feature_request '
            "reach=50 impact=10 confidence=80% effort=4 accounts=acme"
        },
    ).json()
    assert added["error"] is None, added
    assert [effect["kind"] for effect in added["effects"]] == ["add_feedback"]
    listed = client.post("/v1/commands/feedback", json={}).json()["data"]["items"]
    assert [(item["title"], item["rice"]) for item in listed] == [("Webhooks for payment events", 100.0)]
    called = client.post(
        "/v1/commands/feedback",
        json={
            "action": "add",
            "title": "Dark mode",
            "category": "ux",
            "reach": 5,
            "impact": 2,
            "confidence": 0.5,
            "effort": 1,
        },
    ).json()
    assert client.get(f"/v1/turns/{called['turn_id']}").json()["status"] == "done"
    assert len(client.post("/v1/commands/feedback", json={}).json()["data"]["items"]) == 2


def test_an_answer_that_cannot_be_used_is_asked_for_again(client: httpx.Client) -> None:
    def say(message: str, thread_id: str | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = client.post("/v1/chat", json={"message": message, "thread_id": thread_id}).json()
        return answer

    asked = say('/feedback add "Dark mode" reach=5 impact=2 confidence=0.5 effort=1')
    assert asked["question"]["fields"] == ["category"]
    again = say("colourful", asked["thread_id"])
    assert again["question"]["fields"] == ["category"]
    done = say("ux", asked["thread_id"])
    assert [effect["item"]["category"] for effect in done["effects"]] == ["ux"]


def test_a_viewer_reads_but_does_not_write(empty_service: Service) -> None:
    viewer = empty_service.client("viewer")
    assert viewer.post("/v1/commands/feedback", json={}).status_code == 200
    told = viewer.post(
        "/v1/chat", json={"message": '/feedback add "x" category=ux reach=1 impact=1 confidence=1 effort=1'}
    )
    assert told.json()["error"]["code"] == "forbidden"
    assert viewer.post("/v1/commands/feedback", json={}).json()["data"]["items"] == []


def test_documents_are_seen_at_once(client: httpx.Client) -> None:
    text = "# Zebra gateway\n\nThe zebra gateway answers 418 when its stripes are misaligned; restart the striper."
    put = client.put("/v1/knowledge/documents/zebra", json={"title": "Zebra gateway", "text": text})
    assert put.status_code == 204, put.text
    found = client.get("/v1/knowledge/search", params={"q": "zebra gateway misaligned stripes"}).json()
    assert found["results"][0]["document"] == "zebra"
    assert client.delete("/v1/knowledge/documents/zebra").status_code == 204
    found = client.get("/v1/knowledge/search", params={"q": "zebra gateway misaligned stripes"}).json()
    assert "zebra" not in [result["document"] for result in found["results"]]


def test_two_imports_at_once_are_refused(empty_service: Service, client: httpx.Client) -> None:
    settings = empty_service.settings
    with closing(Store(settings.store_url, settings.data_dir)) as store, versions.import_lock(store):
        response = client.post("/v1/imports", files={"files": ("accounts.csv", ACCOUNTS)})
    assert response.status_code == 409
    assert response.json()["code"] == "import_running"
