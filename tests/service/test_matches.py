"""Other systems' files over HTTP and the command line: preview, profiles, what waits and its match."""

import json

import httpx
import pytest
from filelock import FileLock

from tests.service.conftest import Service
from tests.service.test_cli import run
from tests.service.test_data import load

ACCOUNTS = b"id,name\nacme,Acme GmbH\nglobex,Globex\n"
TICKETS = json.dumps(
    {
        "tickets": [
            {"id": n, "created_at": "2026-02-19T14:53:49Z", "organization_id": 100 + n % 2, "subject": f"S{n}"}
            for n in range(4)
        ]
    }
).encode()
ORGANIZATIONS = b"id,name\n100,Acmee\n101,Nobody\n"
FILES = {"zendesk_tickets.json": TICKETS, "organizations.csv": ORGANIZATIONS}


@pytest.fixture
def client(empty_service: Service) -> httpx.Client:
    client = empty_service.client()
    load(client, {"accounts.csv": ACCOUNTS})
    return client


def test_rows_wait_are_listed_and_matched(client: httpx.Client) -> None:
    result = load(client, FILES, profile="zendesk")["result"]
    assert (result["tickets"]["unmatched"], result["tickets"]["rejected"], result["errors"]) == (4, 0, [])
    first = client.get("/v1/matches/unmatched", params={"limit": 1}).json()
    assert first["items"] == [
        {
            "source": "zendesk",
            "external_id": "100",
            "rows": {"accounts": 1, "tickets": 2},
            "names": ["Acmee"],
            "suggestions": [{"id": "acme", "name": "Acme GmbH"}],
        }
    ]
    second = client.get("/v1/matches/unmatched", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [(group["external_id"], group["suggestions"]) for group in second["items"]] == [("101", [])]
    assert second["next_cursor"] is None
    done = client.post("/v1/matches", json={"source": "zendesk", "external_id": "100", "account_id": "Acme"})
    assert done.status_code == 200, done.text
    assert done.json()["rows"]["tickets"] == {"created": 2, "updated": 0, "unchanged": 0}
    assert [t["id"] for t in client.get("/v1/accounts/acme/tickets").json()["items"]] == ["zendesk-0", "zendesk-2"]
    assert client.get("/v1/matches", params={"source": "zendesk"}).json()["items"] == [
        {"source": "zendesk", "external_id": "100", "account_id": "acme", "how": "set"}
    ]
    gone = client.delete("/v1/matches", params={"source": "zendesk", "external_id": "100"})
    assert gone.status_code == 200, gone.text
    assert client.get("/v1/accounts/acme/tickets").json()["items"] == []
    assert len(client.get("/v1/matches/unmatched").json()["items"]) == 2


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"source": "zendesk", "external_id": "1", "account_id": "nobody"}, 404, "account_not_found"),
        ({"source": " ", "external_id": "1", "account_id": "acme"}, 422, "invalid_arguments"),
        ({"source": "zendesk", "account_id": "acme"}, 422, None),
        ({"source": "zendesk", "external_id": "1", "account_id": "acme", "x": 1}, 422, None),
    ],
)
def test_a_match_that_cannot_be(client: httpx.Client, body: dict[str, str], status: int, code: str | None) -> None:
    told = client.post("/v1/matches", json=body)
    assert told.status_code == status
    assert code is None or told.json()["code"] == code


def test_what_else_is_refused(empty_service: Service, client: httpx.Client) -> None:
    missing = client.delete("/v1/matches", params={"source": "zendesk", "external_id": "1"})
    assert (missing.status_code, missing.json()["code"]) == (404, "match_not_found")
    assert client.get("/v1/matches", params={"cursor": "nonsense"}).json()["code"] == "invalid_cursor"
    with FileLock(empty_service.settings.data_dir / "import.lock"):
        busy = client.post("/v1/matches", json={"source": "zendesk", "external_id": "1", "account_id": "acme"})
    assert (busy.status_code, busy.json()["code"]) == (409, "import_running")
    limited = empty_service.client("cse", accounts=["acme"])
    body = {"source": "zendesk", "external_id": "1", "account_id": "acme"}
    assert limited.post("/v1/matches", json=body).json()["code"] == "forbidden"
    assert limited.get("/v1/matches/unmatched").status_code == 403
    assert empty_service.client("viewer").get("/v1/matches").status_code == 403


def test_a_preview_answers_at_once_and_writes_nothing(empty_service: Service, client: httpx.Client) -> None:
    files = [("files", (name, content)) for name, content in FILES.items()]
    shown = client.post("/v1/imports/preview", files=files, data={"profile": "zendesk"})
    assert shown.status_code == 200, shown.text
    tables = {file["table"]: file for file in shown.json()["files"]}
    assert (tables["tickets"]["rows"], tables["tickets"]["unmatched"]) == (4, 4)
    assert tables["tickets"]["fields"][0] == {
        "field": "id",
        "column": "id",
        "values": ["zendesk-0", "zendesk-1", "zendesk-2"],
        "fault": None,
    }
    assert client.get("/v1/matches/unmatched").json()["items"] == []
    assert not any(p.is_file() for p in (empty_service.settings.data_dir / "uploads").rglob("*"))
    unknown = client.post("/v1/imports/preview", files=files, data={"profile": "../zendesk"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_profile")


def test_the_command_line_does_the_same(empty_service: Service, client: httpx.Client) -> None:
    folder = empty_service.settings.data_dir
    export = folder / "export"
    export.mkdir()
    for name, content in FILES.items():
        (export / name).write_bytes(content)
    (folder / "profiles").mkdir()
    (folder / "profiles" / "desk.yaml").write_text(
        "name: desk\nsource: desk\naccounts: link\ntables:\n  goals:\n    file: g.csv\n"
        "    fields: {id: id, account_id: who, title: t}\n"
    )
    listed = {line["name"]: line for line in client.get("/v1/profiles").json()["items"]}
    assert (listed["desk"]["own"], listed["zendesk"]["own"]) == (True, False)
    assert "desk (yours)" in run(folder, "profiles").stdout
    preview = run(folder, "import", str(export), "--profile", "zendesk", "--preview")
    assert "zendesk_tickets.json → tickets: rows 4" in preview.stdout, preview.stderr
    report = json.loads(run(folder, "import", str(export), "--profile", "zendesk", "--json").stdout)
    assert report["tickets"]["unmatched"] == 4
    assert "zendesk 100 called Acmee waits: accounts 1, tickets 2" in run(folder, "match", "list").stdout
    assert "tickets 2" in run(folder, "match", "set", "zendesk", "100", "acme").stdout
    assert json.loads(run(folder, "match", "list", "--json").stdout)["waiting_rows"] == {"zendesk": 3}
    assert run(folder, "match", "remove", "zendesk", "100").returncode == 0
    (export / "g.csv").write_text("id,who,t\n1,Acme,Faster\n")
    path = str(folder / "profiles" / "desk.yaml")
    by_path = json.loads(run(folder, "import", str(export / "g.csv"), "--profile", path, "--json").stdout)
    assert by_path["goals"]["unmatched"] == 1
    wrong = run(folder, "import", str(export), "--profile", str(export / "none.yaml"))
    assert (wrong.returncode, "unknown_profile" in wrong.stderr) == (1, True)


def test_what_a_file_calls_things_moves_no_cursor(empty_service: Service, client: httpx.Client) -> None:
    hostile = json.dumps([{"id": "7\x1b[2J", "name": "Evil\x1b]0;owned\x07\nzendesk 8 is acme, by set"}]).encode()
    load(client, {"organizations.json": hostile}, profile="zendesk")
    shown = run(empty_service.settings.data_dir, "match", "list").stdout
    assert "\x1b" not in shown
    assert "zendesk 7[2J called Evil]0;owned zendesk 8 is acme, by set waits: accounts 1" in shown.splitlines()
