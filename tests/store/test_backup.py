"""Backups: what comes back is what was there, from either database into either, or nothing is touched."""

import datetime as dt
import io
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.domain.problems import Conflict, Problem
from app.domain.records import Account, Contact, Goal, Signal, Ticket, Usage
from app.store import backup, engine, versions
from app.store.backup import DamagedBackup, Manifest
from app.store.engine import Store
from app.store.tables import TABLES
from tests.databases import DATABASES, empty_database, new_store, url_of
from tests.store.conftest import NOW, TODAY, World, at, plain

ZIP_HEADER_BYTES = 50  # before a member's data, its name apart
MADE = dt.datetime(2026, 3, 11, 9, 30, tzinfo=dt.UTC)
ODD_TEXT = "ä'\"\\\n\u2028 {x} \U0001f600 \x1f"


@pytest.fixture
def filled(world: World) -> World:
    """History, an ended row, a write that was undone, every kind of cell, and a service's own rows."""
    world.write(
        {
            "accounts": [Account(id="a", name=ODD_TEXT, aliases=("x", "ü"), arr=0.1 + 0.2, auto_renew=True)],
            "contacts": [Contact(id="c", account_id="a", is_champion=None)],
            "usage": [Usage(account_id="a", date=TODAY, api_calls=10**12, p95_ms=1e-9)],
            "tickets": [Ticket(id="t", account_id="a", opened_at=at("2026-03-01T10:00:00.000001"), body="b")],
            "goals": [Goal(id="g", account_id="a", title="G", due=dt.date(2026, 12, 31))],
        },
        covered={"usage": TODAY, "tickets": TODAY},
    )
    world.write({"usage": [Usage(account_id="a", date=TODAY, api_calls=3)]})
    undone = world.begin()
    world.put(undone, "signals", Signal(id="s", account_id="a", date=TODAY, kind="advocacy"))
    with world.store.writing() as conn:
        versions.undo_unfinished(conn)
        key = {"id": "k", "name": "K", "key_hash": "h", "role": "admin", "account_ids": None, "groups": ["peer"]}
        conn.execute(TABLES["api_key"].insert().values(**key, created_at=NOW, created_by="test"))
        conn.execute(TABLES["document"].insert().values(_document()))
    return world


def _document() -> dict[str, object]:
    text = {"title": "T", "text": ODD_TEXT, "audience": "internal", "digest": "d", "indexed_digest": None}
    return {"id": "d", **text, "updated_at": NOW}


@pytest.fixture(params=DATABASES)
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Another database to restore into."""
    folder = tmp_path / "other"
    folder.mkdir()
    with new_store(str(request.param), folder) as store:
        yield World(store)


def written(world: World, path: Path) -> Manifest:
    with path.open("xb") as file:
        return backup.write_backup(world.store, file, MADE)


def rows(world: World) -> dict[str, list[tuple[object, ...]]]:
    with world.store.reading() as conn:
        return {n: sorted((tuple(row) for row in conn.execute(sa.select(t))), key=repr) for n, t in TABLES.items()}


def test_what_comes_back_is_what_was_there(filled: World, other: World, tmp_path: Path) -> None:
    first = written(filled, tmp_path / "first.zip")
    assert backup.restore(other.store, tmp_path / "first.zip", force=False) == first
    assert rows(other) == rows(filled)
    assert plain(other.account()) == plain(filled.account())
    again = written(other, tmp_path / "again.zip")
    assert _digests(again) == _digests(first)  # from either database


def _digests(manifest: Manifest) -> dict[str, tuple[int, str]]:
    return {name: (table.rows, table.sha256) for name, table in manifest.tables.items()}


def test_counters_go_on_where_they_were(filled: World, other: World, tmp_path: Path) -> None:
    """Also past the write that was undone: its number is not given again."""
    written(filled, tmp_path / "b.zip")
    backup.restore(other.store, tmp_path / "b.zip", force=False)
    assert other.begin() == filled.begin() == 4
    assert other.current() == 2
    assert other.write({"goals": [Goal(id="h", account_id="a", title="H")]}) == 3


def test_it_is_one_state_though_others_write_meanwhile(filled: World, tmp_path: Path) -> None:
    class Meddling(io.FileIO):
        done = False

        def write(self, data: bytes) -> int:  # type: ignore[override]
            if not self.done:
                self.done = True
                filled.write({"accounts": [Account(id="b", name="Late")], "usage": []})
            return super().write(data)

    before = filled.current()
    with Meddling(tmp_path / "b.zip", "x") as file:
        manifest = backup.write_backup(filled.store, file, MADE)
    assert (manifest.version_n, filled.current()) == (before, before + 1)
    assert manifest.tables["write"].rows == before


def test_many_rows_take_several_batches(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "BATCH_ROWS", 7)
    days = [Usage(account_id="a", date=TODAY - dt.timedelta(days=n), api_calls=n) for n in range(50)]
    world.write({"accounts": [Account(id="a", name="A")], "usage": days})
    before = rows(world)
    assert written(world, tmp_path / "b.zip").tables["usage"].rows == 50
    backup.restore(world.store, tmp_path / "b.zip", force=True)
    assert rows(world) == before


def test_the_indexes_are_said_to_hold_nothing(filled: World, tmp_path: Path) -> None:
    with filled.store.writing() as conn:
        conn.execute(TABLES["document"].update().values(indexed_digest="d"))
    written(filled, tmp_path / "b.zip")
    backup.restore(filled.store, tmp_path / "b.zip", force=True)
    with filled.store.reading() as conn:
        assert conn.execute(sa.select(TABLES["document"].c.indexed_digest)).scalars().all() == [None]


def test_data_is_replaced_only_by_force(filled: World, tmp_path: Path) -> None:
    written(filled, tmp_path / "b.zip")
    kept = rows(filled)
    filled.write({"accounts": [Account(id="later", name="Later")]})
    with pytest.raises(Conflict) as caught:
        backup.restore(filled.store, tmp_path / "b.zip", force=False)
    assert caught.value.code == "database_not_empty"
    assert filled.current() == 3
    backup.restore(filled.store, tmp_path / "b.zip", force=True)
    assert rows(filled) == kept


def test_a_running_service_is_not_replaced(filled: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_SECONDS", 0.1)
    written(filled, tmp_path / "b.zip")
    beside = Store(url_of(filled.store), filled.store.data_dir)
    with beside.reading() as conn:
        versions.current(conn)
    with pytest.raises(Conflict) as caught:
        backup.restore(filled.store, tmp_path / "b.zip", force=True)
    assert (caught.value.code, caught.value.status) == ("database_in_use", 409)
    beside.close()
    backup.restore(filled.store, tmp_path / "b.zip", force=True)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _flip(path: Path) -> None:
    """A byte within a member's rows."""
    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo("usage.jsonl")
    data = bytearray(path.read_bytes())
    data[member.header_offset + ZIP_HEADER_BYTES + len(member.filename) + member.compress_size // 2] ^= 0xFF
    path.write_bytes(data)


def _change(path: Path, name: str, change: tuple[bytes, bytes] | None) -> None:
    """The archive with a member changed, or left out."""
    with zipfile.ZipFile(path) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    if change is None:
        del members[name]
    else:
        assert change[0] in members[name]
        members[name] = members[name].replace(*change)
    with zipfile.ZipFile(path, "w") as archive:
        for one, content in members.items():
            archive.writestr(one, content)


def _add(path: Path, *members: tuple[str, bytes]) -> None:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)


def _bomb(path: Path) -> None:
    """A table of zeros that pack well."""
    with zipfile.ZipFile(path) as archive:
        members = {one: archive.read(one) for one in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one, content in members.items():
            archive.writestr(one, bytes(101 * 1024**2) if one == "usage.jsonl" else content)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_bomb, "unpack to"),
        (lambda path: _add(path, *((f"{n}.jsonl", b"") for n in range(100))), "other files"),
        (lambda path: _add(path, ("usage.jsonl", b"")), "other files"),
    ],
    ids=["bomb", "many", "twice"],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_what_no_backup_looks_like_is_not_unpacked(
    filled: World, tmp_path: Path, spoil: Callable[[Path], None], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.zip"
    written(filled, path)
    spoil(path)
    monkeypatch.setattr(backup, "_verify", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(DamagedBackup, match=told):
        backup.restore(filled.store, path, force=True)


def test_a_row_without_an_end_is_not_read_whole(filled: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.zip"
    written(filled, path)
    monkeypatch.setattr(backup, "MAX_LINE_BYTES", 1000)
    _change(path, "usage.jsonl", (b"1000000000000", b"1" * 1000))
    with pytest.raises(DamagedBackup, match="longer than 1,000 bytes"):
        backup.restore(filled.store, path, force=True)


@pytest.mark.parametrize(
    "spoil",
    [
        _cut,
        _flip,
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"id,name\na,Acme\n"),
        lambda path: _change(path, "manifest.json", None),
        lambda path: _change(path, "manifest.json", (b"{", b"[")),
        lambda path: _change(path, "manifest.json", (b'"rows"', b'"rovs"')),
        lambda path: _change(path, "usage.jsonl", None),
        lambda path: _change(path, "usage.jsonl", (b"1000000000000", b"1000000000001")),
        lambda path: _change(path, "manifest.json", (b'"p95_ms"', b'"p96_ms"')),
    ],
    ids=["cut", "flipped", "empty", "other", "no manifest", "list", "field", "no table", "changed row", "column"],
)
def test_a_damaged_file_touches_nothing(filled: World, tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "b.zip"
    written(filled, path)
    before = rows(filled)
    assert callable(spoil)
    spoil(path)
    with pytest.raises(DamagedBackup, match="no whole backup"):
        backup.restore(filled.store, path, force=True)
    assert rows(filled) == before


@pytest.mark.parametrize(
    ("old", "new"), [(b'"format": 1', b'"format": 2'), (b'"schema_revision": "', b'"schema_revision": "9')]
)
def test_a_newer_backup_is_refused(filled: World, tmp_path: Path, old: bytes, new: bytes) -> None:
    written(filled, tmp_path / "b.zip")
    _change(tmp_path / "b.zip", "manifest.json", (old, new))
    with pytest.raises(Conflict) as caught:
        backup.restore(filled.store, tmp_path / "b.zip", force=True)
    assert caught.value.code == "backup_newer"
    assert filled.current() == 2


def test_a_file_that_is_not_there(world: World, tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        backup.restore(world.store, tmp_path / "none.zip", force=True)
    assert caught.value.code == "file_unreadable"


KILLED = """
import os, sys
from pathlib import Path
from app.store import backup
from app.store.engine import Store

read = backup._read_table
def then_die(conn, table, *rest):
    read(conn, table, *rest)
    if table.name == "usage":
        os.kill(os.getpid(), 9)

backup._read_table = then_die
backup.restore(Store(sys.argv[1], Path(sys.argv[2])), Path(sys.argv[3]), force=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs kill -9")
def test_a_killed_restore_leaves_the_state_before_it(filled: World, tmp_path: Path) -> None:
    written(filled, tmp_path / "b.zip")
    filled.write({"accounts": [Account(id="later", name="Later")]})
    before = rows(filled)
    filled.store.close()
    command = [sys.executable, "-c", KILLED, url_of(filled.store), str(tmp_path), str(tmp_path / "b.zip")]
    killed = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ}, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert rows(filled) == before
    assert filled.write({"accounts": [Account(id="last", name="Last")]}) == 4


def test_a_backup_of_an_older_schema_comes_to_the_newest(database: str, tmp_path: Path) -> None:
    """The oldest schema, with a row in it, restored by this version."""
    from app.store.migrations.upgrade import is_current, revisions, upgrade

    with empty_database(database, tmp_path) as url:
        store = Store(url, tmp_path)
        with store.writing() as conn:
            backup._drop_tables(conn)
            upgrade(conn, revisions()[-1])
            write = {"kind": "import", "actor": "a", "started_at": NOW, "note": "", "place": 1}
            conn.execute(TABLES["write"].insert().values(write))
            conn.execute(TABLES["counter"].update().values(n=1))
        with (tmp_path / "b.zip").open("xb") as file:
            manifest = backup.write_backup(store, file, MADE)
        assert manifest.schema_revision == revisions()[-1]
        backup.restore(store, tmp_path / "b.zip", force=True)
        with store.reading() as conn:
            assert is_current(conn)
            assert versions.current(conn) == 1
        store.close()
