"""`cse approvals` and `cse messages`, from what commits us to what a second key approves."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.channels.cli import cli
from app.domain.problems import Problem
from app.domain.records import Account
from app.resources import keys
from app.runtime import open_runtime
from app.security.principals import LOCAL
from app.settings import Settings
from app.store import versions

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line; the problem that it ends with is raised."""
    monkeypatch.setenv("CSE_DATA_DIR", str(tmp_path))

    def run(*words: str, stdin: str | None = None) -> str:
        done = CliRunner().invoke(cli, words, input=stdin)
        if done.exception is not None:
            raise done.exception
        return done.stdout

    return run


@pytest.fixture
def approver_key(run: Run, tmp_path: Path) -> str:
    async def prepare() -> str:
        async with open_runtime(Settings(_env_file=None, data_dir=tmp_path)) as runtime:
            with runtime.store.writing() as conn:
                write_id = versions.begin_write(conn, "import", "test", runtime.clock(), "")
                versions.put(conn, write_id, "accounts", [Account(id="acme", name="Acme")], "crm", runtime.today())
                versions.place(conn, write_id)
            made = await keys.create(runtime, LOCAL, name="bob", role="cse", groups=frozenset({"commercial"}))
        return made.key

    return asyncio.run(prepare())


def test_a_second_key_approves_what_the_command_line_requested(
    run: Run, approver_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = run(
        "messages", "send", "acme", "-", "--subject", "Offer", "--reason", "renewal", stdin="We give you 20 % off."
    )
    assert "waits for commercial, because of: 20 % off" in told
    (item,) = json.loads(run("approvals", "list", "--json"))["items"]
    shown = run("approvals", "show", item["id"])
    assert "Subject: Offer\n\nWe give you 20 % off." in shown
    digest = json.loads(run("approvals", "show", item["id"], "--json"))["content_sha256"]
    approve = ("approvals", "approve", item["id"], "--sha256", digest)
    with pytest.raises(Problem, match="CSE_KEY=KEY cse approvals show"):
        run(*approve)
    monkeypatch.setenv("CSE_KEY", approver_key)
    assert "To approve exactly this" in run("approvals", "show", item["id"])
    approved = run(*approve)
    assert f"{item['id']} is approved." in approved
    monkeypatch.delenv("CSE_KEY")
    message = approved.split("cse messages sent ")[1].strip()
    assert "We give you 20 % off." in run("messages", "show", message)
    assert f"{message} is sent." in run("messages", "sent", message)
    assert "sent by hand: to acme" in run("messages", "list")


def test_words_that_make_no_sense_are_told(run: Run) -> None:
    with pytest.raises(Problem, match="There is no status 'late'"):
        run("approvals", "list", "--status", "late")
    with pytest.raises(Problem, match="There is no approval"):
        run("approvals", "withdraw", "approval_0")
    assert "Nothing waits for you." in run("approvals", "list")
