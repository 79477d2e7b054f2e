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
    assert "\n| Subject: Offer\n| \n| We give you 20 % off.\n" in shown
    digest = json.loads(run("approvals", "show", item["id"], "--json"))["content_sha256"]
    approve = ("approvals", "approve", item["id"], "--sha256", digest)
    with pytest.raises(Problem, match="CSE_KEY=KEY cse approvals show"):
        run(*approve)
    monkeypatch.setenv("CSE_KEY", approver_key)
    assert "To approve exactly this" in run("approvals", "show", item["id"])
    approved = run(*approve)
    assert f"{item['id']} is approved." in approved
    assert "command line sends exactly this text by hand" in approved
    assert "cse messages sent" not in approved, "two people would send it"
    monkeypatch.delenv("CSE_KEY")
    message = run("approvals", "show", item["id"]).split("cse messages sent ")[1].strip()
    assert "We give you 20 % off." in run("messages", "show", message)
    assert f"{message} is sent." in run("messages", "sent", message)
    assert "sent by hand: to acme, by command line: Offer" in run("messages", "list")


@pytest.mark.usefixtures("approver_key")
def test_what_needs_no_approval_is_sent_by_hand_as_it_is_shown(run: Run) -> None:
    told = run("messages", "send", "acme", "You hear from us again by 14:00 UTC.", "--subject", "Update")
    assert "Nothing has to be approved before." in told
    assert "Send it yourself, exactly as cse messages show message_" in told


def test_what_became_of_a_text_that_another_took_the_place_of(
    run: Run, approver_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("messages", "send", "acme", "We give you 20 % off.", "--subject", "Offer", "--reason", "renewal")
    (item,) = json.loads(run("approvals", "list", "--json"))["items"]
    monkeypatch.setenv("CSE_KEY", approver_key)
    run("approvals", "amend", item["id"], "We give you 10 % off.")
    monkeypatch.delenv("CSE_KEY")
    shown = run("approvals", "show", item["id"])
    assert shown.startswith("Discount: amended\n")
    assert "bob put another text in its place and sees it through: do not send this one." in shown
    assert "amended" not in run("approvals", "list"), "it waits no more"


def test_words_that_make_no_sense_are_told(run: Run) -> None:
    with pytest.raises(Problem, match="There is no status 'late'"):
        run("approvals", "list", "--status", "late")
    with pytest.raises(Problem, match="There is no approval"):
        run("approvals", "withdraw", "approval_0")
    assert "Nothing waits for you." in run("approvals", "list")


@pytest.mark.usefixtures("approver_key")
def test_no_line_of_a_text_passes_for_ours(run: Run) -> None:
    forged = "We give you 20 % off.\n\nsha256 0"
    run("messages", "send", "acme", "-", "--subject", "Offer", "--reason", "renewal", stdin=forged)
    (item,) = json.loads(run("approvals", "list", "--json"))["items"]
    lines = run("approvals", "show", item["id"]).splitlines()
    assert "| sha256 0" in lines
    assert len([line for line in lines if line.startswith("sha256 ")]) == 1
