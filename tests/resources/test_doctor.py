"""The doctor: what is wrong is found and its mend told, and nothing is changed."""

import datetime as dt
import os
import shutil
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.domain.problems import Problem
from app.domain.records import Usage
from app.resources.doctor import Finding, examine
from app.security.principals import LOCAL
from app.settings import Settings
from app.store import audit_log, engine, versions
from app.store.engine import Store
from app.store.tables import TABLES
from tests.databases import DATABASES, empty_database

NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
TODAY = NOW.date()


def by_topic(findings: list[Finding], topic: str) -> list[Finding]:
    return [finding for finding in findings if finding.topic == topic]


def one(findings: list[Finding], topic: str) -> Finding:
    (found,) = by_topic(findings, topic)
    return found


def settings_over(folder: Path, database_url: str = "", **others: object) -> Settings:
    given = {"data_dir": folder, "database_url": SecretStr(database_url), **others}
    return Settings(_env_file=None, **given)  # type: ignore[arg-type]


def feed(store: Store, covered: dict[str, dt.date]) -> None:
    with store.writing() as conn:
        write_id = versions.begin_write(conn, "import", "test", NOW, "csv: data")
        versions.put(conn, write_id, "usage", [Usage(account_id="a", date=TODAY)], "crm", TODAY)
        for table, through in covered.items():
            versions.set_feed(conn, write_id, "crm", table, through, through)
        versions.place(conn, write_id)


@pytest.mark.parametrize("database", DATABASES)
def test_a_database_in_order(database: str, tmp_path: Path) -> None:
    with empty_database(database, tmp_path) as url:
        store = Store(url, tmp_path)
        late = TODAY - dt.timedelta(days=8)
        feed(store, {"usage": TODAY - dt.timedelta(days=7), "tickets": late})
        store.close()
        findings = examine(settings_over(tmp_path, url), NOW)
    found = one(findings, "database")
    assert found.state == "ok"
    assert found.detail.startswith("SQLite 3." if database == "sqlite" else "PostgreSQL ")
    lagging, current = by_topic(findings, "feeds")
    assert (lagging.state, current.state) == ("warning", "ok")
    assert lagging.detail == f"tickets of crm is covered through {late}, 8 days behind"
    assert current.detail.startswith("1 tables")
    # The moment given as now is not the database's: a skew that only a server with a clock of its own can have.
    assert [finding.state for finding in by_topic(findings, "clock")] == ([] if database == "sqlite" else ["warning"])
    assert not [finding for finding in findings if finding.state == "error"]


def test_nothing_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    findings = examine(settings_over(folder), NOW)
    assert one(findings, "data folder").state == one(findings, "database").state == "warning"
    assert not folder.exists()


def test_a_new_database_has_no_data_and_no_documents(tmp_path: Path) -> None:
    with empty_database("sqlite", tmp_path) as url:
        findings = examine(settings_over(tmp_path, url), NOW)
        assert os.listdir(tmp_path) == ["cse.db"]
    assert "cse import" in (one(findings, "feeds").mend or "")
    assert "cse kb sync" in (one(findings, "search").mend or "")


def test_a_database_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_SECONDS", 1)
    with socket.socket() as closed:  # bound, and not listening
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql+psycopg://u:s3cret@127.0.0.1:{closed.getsockname()[1]}/cse"
        found = one(examine(settings_over(tmp_path, url), NOW), "database")
    assert found.state == "error"
    assert "s3cret" not in found.detail
    assert "CSE_DATABASE_URL" in (found.mend or "")


def test_a_schema_of_a_newer_version(tmp_path: Path) -> None:
    with empty_database("sqlite", tmp_path) as url:
        store = Store(url, tmp_path)
        with store.writing() as conn:
            conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        findings = examine(settings_over(tmp_path, url), NOW)
        assert one(findings, "database").state == "error"
        assert by_topic(findings, "feeds") == []
        with pytest.raises(Problem) as caught:
            store.migrate()
        assert caught.value.code == "schema_newer"
        store.close()


@pytest.mark.parametrize(("age", "state"), [(dt.timedelta(minutes=5), "ok"), (dt.timedelta(hours=2), "warning")])
def test_an_import_that_has_not_ended(tmp_path: Path, age: dt.timedelta, state: str) -> None:
    with empty_database("sqlite", tmp_path) as url:
        store = Store(url, tmp_path)
        with store.writing() as conn:
            versions.begin_write(conn, "import", "test", NOW - age, "csv: march")
        store.close()
        found = one(examine(settings_over(tmp_path, url), NOW), "imports")
    assert found.state == state
    assert "csv: march" in found.detail


def test_documents_that_are_not_indexed(tmp_path: Path) -> None:
    with empty_database("sqlite", tmp_path) as url:
        store = Store(url, tmp_path)
        row = {"id": "d", "title": "T", "text": "x", "audience": "internal", "digest": "1", "updated_at": NOW}
        with store.writing() as conn:
            conn.execute(TABLES["document"].insert().values(row))
        store.close()
        found = one(examine(settings_over(tmp_path, url), NOW), "search")
    assert (found.state, found.detail) == ("warning", "1 of 1 documents are not in the index as they are")


@pytest.mark.parametrize(("free", "state"), [(2 * 1024**3, "ok"), (500 * 1024**2, "warning"), (1024**2, "error")])
def test_little_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert one(examine(settings_over(tmp_path), NOW), "data folder").state == state


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    assert one(examine(settings_over(tmp_path / "data"), NOW), "data folder").state == "error"


def test_parameters_that_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "health.yaml").write_text("nonsense: 1\n")
    assert one(examine(settings_over(tmp_path), NOW), "parameters").state == "error"


def test_a_models_server_is_called_and_sent_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        settings = settings_over(tmp_path, llm_base_url=url, llm_api_key=SecretStr("k3y"), llm_model="m")
        assert one(examine(settings, NOW), "model").state == "ok"
        server.settimeout(5)
        accepted, _ = server.accept()
        with accepted:
            assert accepted.recv(1) == b""
    found = one(examine(settings, NOW), "model")
    assert found.state == "warning"
    assert "k3y" not in found.model_dump_json()


def test_the_audit_log_is_looked_at(tmp_path: Path) -> None:
    with empty_database("sqlite", tmp_path) as url:
        settings = settings_over(tmp_path, url)
        assert one(examine(settings, NOW), "audit").detail == "there are no events yet"
        store = Store(url, tmp_path)
        with store.writing() as conn:
            audit_log.record(conn, LOCAL, audit_log.Event("test.done"), NOW)
            audit_log.record(conn, LOCAL, audit_log.Event("test.done"), NOW)
        found = one(examine(settings, NOW), "audit")
        assert (found.state, found.detail) == ("ok", "2 events, as the anchor says; the anchor lies in the data folder")
        if os.name != "nt":
            (tmp_path / "audit.key").chmod(0o644)
            assert one(examine(settings, NOW), "audit").state == "warning"
            (tmp_path / "audit.key").chmod(0o600)
        with store.engine.begin() as conn:
            conn.execute(TABLES["audit_event"].delete().where(TABLES["audit_event"].c.seq == 2))
        store.close()
        assert "does not end as the anchor says" in one(examine(settings, NOW), "audit").detail
        (tmp_path / "audit.anchor").write_text("?")
        assert one(examine(settings, NOW), "audit").state == "error"
        (tmp_path / "audit.key").unlink()
        assert one(examine(settings, NOW), "audit").detail == "the key of the log is not there"
