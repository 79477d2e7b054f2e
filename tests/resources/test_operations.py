"""Backup and restore as the command line calls them: files that are whole, private, and never overwritten."""

import datetime as dt
import hashlib
import os
import stat
import sys
import zipfile
from pathlib import Path

import pytest

from app.domain.problems import Conflict, Problem
from app.resources import operations
from app.runtime import seal_of
from app.settings import Settings
from app.store import audit_check, audit_log, versions
from app.store import backup as backups
from app.store.engine import Store
from tests.databases import new_store

NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "data"
    folder.mkdir()
    with new_store("sqlite", folder) as store, store.writing() as conn:
        versions.place(conn, versions.begin_write(conn, "import", "test", NOW, ""))
    return Settings(_env_file=None, data_dir=folder)


def test_the_file_is_whole_and_private(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    made = operations.backup(settings, file, NOW)
    assert made.version_n == 1
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
    assert sorted(os.listdir(tmp_path)) == ["b.zip", "data"]


def test_a_file_that_is_there_stays(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("mine")
    with pytest.raises(Conflict) as caught:
        operations.backup(settings, tmp_path / "b.zip", NOW)
    assert caught.value.code == "file_exists"
    assert (tmp_path / "b.zip").read_text() == "mine"


def test_what_is_broken_off_leaves_no_file(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups, "_write_table", full)
    with pytest.raises(Problem, match="No space left") as caught:
        operations.backup(settings, tmp_path / "b.zip", NOW)
    assert caught.value.code == "file_unwritable"
    assert os.listdir(tmp_path) == ["data"]


def test_no_folder_for_the_file(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Problem, match="No such file") as caught:
        operations.backup(settings, tmp_path / "none" / "b.zip", NOW)
    assert caught.value.code == "file_unwritable"


def test_no_database_is_told_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(Problem) as caught:
        operations.backup(Settings(_env_file=None, data_dir=tmp_path), tmp_path / "b.zip", NOW)
    assert caught.value.code == "no_database"
    assert os.listdir(tmp_path) == []


def test_a_database_without_tables_has_nothing_to_back_up(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path)
    store = Store(settings.store_url, tmp_path)
    with store.writing() as conn:
        conn.exec_driver_sql("CREATE TABLE other (id INTEGER)")
    store.close()
    with pytest.raises(Problem) as caught:
        operations.backup(settings, tmp_path / "b.zip", NOW)
    assert caught.value.code == "nothing_to_back_up"
    assert not (tmp_path / "b.zip").exists()


def test_a_new_machine_is_restored_to(settings: Settings, tmp_path: Path) -> None:
    operations.backup(settings, tmp_path / "b.zip", NOW)
    there = Settings(_env_file=None, data_dir=tmp_path / "new" / "data")
    assert operations.restore(there, tmp_path / "b.zip", force=False, now=NOW).version_n == 1
    store = Store(there.store_url, there.data_dir)
    with store.reading() as conn:
        assert versions.current(conn) == 1
    store.close()


def verified(settings: Settings) -> audit_check.Verified:
    store = Store(settings.store_url, settings.data_dir, seal_of(settings))
    try:
        return audit_check.verify(store)
    finally:
        store.close()


def test_a_backup_and_a_restore_are_in_the_log(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    operations.backup(settings, file, NOW)
    operations.backup(settings, tmp_path / "c.zip", NOW)
    operations.restore(settings, file, force=True, now=NOW)
    found = verified(settings)
    assert (found.events, found.findings) == (1, ())  # the first backup is older than its own event
    assert found.notes == ("Event 1 put a backup in the place of the log, which had gone on to event 2 before.",)
    store = Store(settings.store_url, settings.data_dir)
    with store.reading() as conn:
        (event,) = audit_log.events(conn, audit_log.Wanted(), 9)
    store.close()
    assert event.details is not None
    assert (event.action, event.details["head_before"], event.details["anchor_before"]) == ("restore.done", 2, 2)


def test_a_lost_key_is_mended_by_a_backup_and_its_restore(settings: Settings, tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip"):
        operations.backup(settings, tmp_path / name, NOW)
    (settings.data_dir / "audit.key").unlink()
    operations.backup(settings, tmp_path / "now.zip", NOW)
    operations.restore(settings, tmp_path / "now.zip", force=True, now=NOW)
    found = verified(settings)
    assert [(finding.kind, finding.seq) for finding in found.findings] == [("other_key", 1)]
    operations.backup(settings, tmp_path / "later.zip", NOW)  # the log goes on
    assert verified(settings).events == 4


def test_a_backup_tells_its_digest_and_its_place(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    made = operations.backup(settings, file, NOW)
    store = Store(settings.store_url, settings.data_dir)
    with store.reading() as conn:
        (event,) = audit_log.events(conn, audit_log.Wanted(action="backup.made"), 9)
    store.close()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert event.details == {"path": str(file), "sha256": digest, "rows": made.rows, "data_version": 1}
