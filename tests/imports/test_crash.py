"""kill -9 in the middle of an import leaves the state before it, and the next import is whole."""

import json
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.imports import rows, run
from app.imports.profile import read_profile
from app.store import versions
from app.store.engine import Store
from tests import processes
from tests.databases import url_of
from tests.imports.conftest import NOW, UTC, Desk, new_desk

DAYS = 40
ACCOUNTS = "id,name\n" + "".join(f"a{n},Account {n}\n" for n in range(50))
NEW_ACCOUNTS = ACCOUNTS.replace("Account", "Renamed")


def usage(calls: int) -> str:
    days = [f"2026-{1 + day // 28:02}-{1 + day % 28:02}" for day in range(DAYS)]
    return "account_id,date,api_calls\n" + "".join(f"a{n},{day},{calls}\n" for day in days for n in range(50))


BEFORE = {"accounts.csv": ACCOUNTS, "usage.csv": usage(1)}
AFTER = {"accounts.csv": NEW_ACCOUNTS, "usage.csv": usage(2), "nps.csv": "id,account_id,responded_at,score\n"}


def _import_and_die(url: str, data_dir: Path, folder: Path, where: str, count: int) -> None:
    """Import until so many calls of that function of `versions` are done."""
    calls, wrapped = 0, getattr(versions, where)

    def then_die(*given: Any, **more: Any) -> Any:
        nonlocal calls
        result = wrapped(*given, **more)
        calls += 1
        if calls == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "BATCH_ROWS", 300)
        patch.setattr(rows, "PROGRESS_ROWS", 300)
        patch.setattr(versions, where, then_die)
        run.run_import(Store(url, data_dir), folder, now=NOW, zone=UTC, actor="test")


@pytest.mark.parametrize(
    ("where", "count"),
    [("begin_write", 1), ("put", 1), ("put", 2), ("put", 6), ("put", 8), ("set_feed", 1), ("place", 1)],
)
def test_a_killed_import_leaves_the_state_before_it(desk: Desk, tmp_path: Path, where: str, count: int) -> None:
    desk.load(BEFORE)
    before = (desk.version, desk.rows("accounts", "name"), desk.rows("usage", "account_key", "day", "api_calls"))
    folder = desk.write(AFTER)
    assert processes.ended(processes.start(_import_and_die, url_of(desk.store), tmp_path, folder, where, count)) == -9
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


PROFILE = """
name: help
source: help
accounts: create
tables:
  accounts: {file: orgs.csv, fields: {id: id, name: name}}
  usage: {file: usage.csv, fields: {account_id: org, date: date, active_users: users}, sum: [active_users]}
  tickets: {file: tickets.json, fields: {id: id, account_id: org, opened_at: opened}}
"""

MIXED = {
    "orgs.csv": "id,name\n" + "".join(f"o{n},Org {n}\n" for n in range(40)),
    "usage.csv": "org,date,users\n" + "".join(f"o{n % 60},2026-02-{1 + n % 28:02},1\n" for n in range(600)),
    "tickets.json": json.dumps(
        {"records": [{"id": n, "org": f"o{n % 50}", "opened": "2026-03-01T09:00:00Z"} for n in range(400)]}
    ),
}

KILLED_ANYWHERE = """
import datetime as dt, os, random, signal, sys
from pathlib import Path
from zoneinfo import ZoneInfo
import sqlalchemy as sa
from app.imports import run
from app.imports.profile import read_profile
from app.store import versions
from app.store.engine import Store
from app.store.record_rows import VERSIONED

url, data_dir, folder, profile, seed = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5]
now = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
run.BATCH_ROWS = 50

def import_all(kill_at=None):
    store = Store(url, data_dir)
    count = 0

    def counted(*_):
        nonlocal count
        count += 1
        if count == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(store.engine, "after_cursor_execute", counted)
    run.run_import(store, folder, profile=read_profile(profile), dry_run=kill_at is None, now=now,
                   zone=ZoneInfo("UTC"), actor="test")
    store.close()
    return count

def state():
    store = Store(url, data_dir)
    with store.reading() as conn:
        n = versions.current(conn)
        seen = versions.visibility(conn, n)
        rows = [conn.execute(sa.select(sa.func.count()).select_from(t).where(versions.believed(t, seen))).scalar()
                for t in VERSIONED]
    store.close()
    return n, rows

before, total = state(), import_all()
# The dry run that counts ends with statements of its own, which undo it.
for point in random.Random(seed).sample(range(1, total * 9 // 10), 10):
    child = os.fork()
    if child == 0:
        import_all(point)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, (point, status)
    assert state() == before, point
print(total)
"""


def test_killed_at_ten_random_points_nothing_is_half_there(tmp_path: Path) -> None:
    """Accounts are created, rows added up, matched and left waiting meanwhile."""
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    profile = tmp_path / "help.yaml"
    profile.write_text(PROFILE)
    with new_desk("sqlite", tmp_path / "one") as desk, new_desk("sqlite", tmp_path / "other") as undisturbed:
        for each in (desk, undisturbed):
            each.load({"orgs.csv": "id,name\no1,Before\n"}, profile=read_profile(profile))
        folder = desk.write(MIXED)
        seed = str(secrets.randbelow(10**9))
        command = [sys.executable, "-c", KILLED_ANYWHERE, url_of(desk.store), str(tmp_path / "one"), str(folder)]
        done = subprocess.run([*command, str(profile), seed], check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"seed {seed}: {done.stderr}"
        assert int(done.stdout) > 20
        after, expected = (each.load(MIXED, profile=read_profile(profile)) for each in (desk, undisturbed))
        assert after.as_json() == expected.as_json()
        assert after.waiting > 0
        assert desk.all_rows() == undisturbed.all_rows()
