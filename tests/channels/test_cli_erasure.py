"""`cse erase` and `cse sweep` as they are typed: what they ask, print and end with."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.channels.cli import cli
from app.store.erasure import AmbiguousPerson, NobodyFound
from tests.databases import empty_database

CONTACTS = "id,account_id,name,email\nc1,a,Ann Lee,ann@acme.example\nc2,a,Bo Ek,\nc3,a,Bo Ek,bo@acme.example\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("CSE_DATA_DIR", str(tmp_path / "data"))
    files = tmp_path / "files"
    files.mkdir()
    (files / "accounts.csv").write_text("id,name\na,Acme\n")
    (files / "contacts.csv").write_text(CONTACTS)
    runner = CliRunner()
    with empty_database("sqlite", tmp_path / "data"):
        assert runner.invoke(cli, ["import", str(files), "--json"]).exit_code == 0
    return runner


def test_it_asks_first_and_tells_what_it_did(run: CliRunner) -> None:
    refused = run.invoke(cli, ["erase", "Ann Lee", "--account", "a"], input="n\n")
    assert refused.exit_code == 1
    assert "Would erase Ann Lee, ann@acme.example (account a): now erased-" in refused.output
    assert "Rows changed: contacts 1." in refused.output
    done = run.invoke(cli, ["erase", "ANN@acme.example"], input="y\n")
    assert done.exit_code == 0, done.output
    assert "Erased: now erased-" in done.output
    again = run.invoke(cli, ["erase", "c1", "--yes"])
    assert isinstance(again.exception, NobodyFound)


def test_json_stands_alone(run: CliRunner) -> None:
    dry = run.invoke(cli, ["erase", "c1", "--dry-run", "--json"])
    assert json.loads(dry.stdout)["dry_run"] is True
    assert run.invoke(cli, ["erase", "c1", "--json"]).exit_code == 2
    done = json.loads(run.invoke(cli, ["erase", "c1", "--yes", "--json"]).stdout)
    assert (done["rows"], done["whom"], done["is_purged"]) == ({"contacts": 1}, [], True)
    swept = json.loads(run.invoke(cli, ["sweep", "--json"]).stdout)
    assert (swept["rows"], swept["transcripts_before"]) == ({}, None)


def test_several_people_are_listed_and_nobody_is_erased(run: CliRunner) -> None:
    tried = run.invoke(cli, ["erase", "Bo Ek", "--yes"])
    assert isinstance(tried.exception, AmbiguousPerson)
    assert "c2 at a; c3 at a" in tried.exception.detail
