"""kill -9 in the middle of an import leaves the state before it, and the next import is whole."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports.conftest import Desk

DAYS = 40
ACCOUNTS = "id,name\n" + "".join(f"a{n},Account {n}\n" for n in range(50))
NEW_ACCOUNTS = ACCOUNTS.replace("Account", "Renamed")


def usage(calls: int) -> str:
    days = [f"2026-{1 + day // 28:02}-{1 + day % 28:02}" for day in range(DAYS)]
    return "account_id,date,api_calls\n" + "".join(f"a{n},{day},{calls}\n" for day in days for n in range(50))


BEFORE = {"accounts.csv": ACCOUNTS, "usage.csv": usage(1)}
AFTER = {"accounts.csv": NEW_ACCOUNTS, "usage.csv": usage(2), "nps.csv": "id,account_id,responded_at,score\n"}

KILLED = """
import datetime as dt, os, signal, sys
from pathlib import Path
from zoneinfo import ZoneInfo
from app.imports import run, rows
from app.store import versions
from app.store.engine import Store

database, folder, where, count = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
run.BATCH_ROWS = rows.PROGRESS_ROWS = 300
calls = 0
wrapped = getattr(versions, where)

def then_die(*args, **kwargs):
    global calls
    result = wrapped(*args, **kwargs)
    calls += 1
    if calls == count:
        os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(versions, where, then_die)
now = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
run.run_import(Store(f"sqlite:///{database}", database.parent), folder, now=now, zone=ZoneInfo("UTC"), actor="test")
"""


@pytest.mark.parametrize(
    ("where", "count"),
    [("begin_write", 1), ("put", 1), ("put", 2), ("put", 6), ("put", 8), ("set_feed", 1), ("place", 1)],
)
def test_a_killed_import_leaves_the_state_before_it(desk: Desk, tmp_path: Path, where: str, count: int) -> None:
    desk.load(BEFORE)
    before = (desk.version, desk.rows("accounts", "name"), desk.rows("usage", "account_key", "day", "api_calls"))
    folder = desk.write(AFTER)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "cse.db"), str(folder), where, str(count)]
    killed = subprocess.run(command, check=False, capture_output=True, text=True)
    assert killed.returncode == -9, killed.stderr
    assert before == (
        desk.version,
        desk.rows("accounts", "name"),
        desk.rows("usage", "account_key", "day", "api_calls"),
    )
    assert set(desk.feeds()) == {"usage"}
    report = desk.run(folder)
    assert report.tables["usage"].updated == 50 * DAYS
    assert (report.version, report.errors) == (2, [])
    assert {calls for _, calls in desk.rows("usage", "day", "api_calls")} == {2}
    assert set(desk.feeds()) == {"usage", "nps"}
    assert len(desk.rows("account_source", "account_id")) == 50
