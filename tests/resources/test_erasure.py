"""`cse erase` and `cse sweep` as a deployment has them: files, indexes, imports, backups, and what is kept how long."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from app.domain.problems import Forbidden, Problem
from app.resources import audit, commands, erasure, imports, operations
from app.resources.imports import Options
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL, Principal
from app.settings import Settings
from app.store import audit_log
from app.store.erasure import NobodyFound
from app.store.tables import TABLES
from tests.databases import DATABASES, empty_database

NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
OLD, NEW = NOW - dt.timedelta(days=40), NOW - dt.timedelta(days=1)
CSE = Principal("k", "C", "cse")

ACCOUNTS = "id,name\na,Acme\nb,Beta\n"
CONTACTS = (
    "id,account_id,name,email,role,is_champion\n"
    "c1,a,Ünal Öz,Unal.Oz@acme.example,CTO,true\n"
    "x2,a,Ann Wong,ann.wong@acme.example,,\n"
)
TICKETS = (
    "id,account_id,contact_id,opened_at,subject,body\n"
    "t1,a,c1,2026-03-01T10:00:00Z,From Ünal Öz,Write to unal.oz@ACME.example. Öz of Acme; Ann Wong knows\n"
)
ACTIVITY = "contact_id,date,logins,features\nc1,2026-03-01,3,2\n"


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    folder = tmp_path / "data"
    folder.mkdir()
    with empty_database(str(request.param), folder) as url:
        yield Settings(_env_file=None, data_dir=folder, database_url=SecretStr(url))


@asynccontextmanager
async def opened(settings: Settings, now: dt.datetime = NOW) -> AsyncIterator[Runtime]:
    async with open_runtime(settings, clock=lambda: now) as runtime:
        yield runtime


async def load(runtime: Runtime, **files: str) -> Any:
    folder = runtime.settings.data_dir.parent / "files"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return await imports.run_path(runtime, LOCAL, folder, Options())


async def load_all(runtime: Runtime) -> Any:
    return await load(runtime, accounts=ACCOUNTS, contacts=CONTACTS, tickets=TICKETS, contact_activity=ACTIVITY)


def rows(runtime: Runtime, table: str, *columns: str) -> list[tuple[Any, ...]]:
    t = TABLES[table]
    with runtime.store.reading() as conn:
        query = sa.select(*(t.c[c] for c in columns))
        query = query.where(t.c.until.is_(None)) if "until" in t.c else query
        return [tuple(row) for row in conn.execute(query.order_by(*t.primary_key))]


def holding(folder: Path) -> list[str]:
    """Files that hold the person's name or address."""
    traces = [trace.encode() for trace in ("ünal öz", "unal.oz@", "\\u00fcnal", "Ünal Öz")]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(trace in path.read_bytes().lower() for trace in traces)]


def test_a_person_goes_from_files_and_index(settings: Settings) -> None:
    async def scenario() -> None:
        async with opened(settings) as runtime:
            await load_all(runtime)
            await runtime.knowledge.put("own", "On Ünal Öz", "Ask Ünal Öz of Acme about penguins.")
            await runtime.knowledge.put("other", "Seals", "Seals swim.")
            found = await runtime.knowledge.search("penguins")
            assert "Ünal" in found.results[0].text
            foreseen = await erasure.erase(runtime, LOCAL, "unal.oz@acme.example", dry_run=True)
            assert rows(runtime, "contacts", "name")[0] == ("Ünal Öz",)
            done = await erasure.erase(runtime, LOCAL, "unal.oz@acme.example")
            assert (done.rows, done.documents, done.is_purged) == (foreseen.rows, ("own",), True)
            assert done.rows == {"contact_activity": 1, "contacts": 1, "document": 1, "tickets": 1}
            found = await runtime.knowledge.search("penguins")
            assert (found.results[0].title, found.results[0].text) == (
                "On [erased]",
                "Ask [erased] of Acme about penguins.",
            )
            assert (await runtime.knowledge.search("seals")).results[0].document == "other"
            assert not any("nal" in passage.text for passage in (await runtime.knowledge.search("Ünal")).results)
            assert (await audit.verify(runtime, LOCAL)).is_whole
        assert holding(settings.data_dir) == []

    asyncio.run(scenario())


def test_beside_a_running_service_its_index_is_built_anew(settings: Settings) -> None:
    async def scenario() -> None:
        async with opened(settings) as service:
            await load_all(service)
            await service.knowledge.put("own", "On Ünal Öz", "Ask Ünal Öz about penguins.")
            async with opened(settings) as beside:
                await erasure.erase(beside, LOCAL, "c1")
            assert (await service.knowledge.search("penguins")).results[0].title == "On [erased]"
            assert holding(settings.data_dir / "knowledge") == []

    asyncio.run(scenario())


def test_an_import_does_not_bring_the_person_back(settings: Settings) -> None:
    async def scenario() -> None:
        async with opened(settings) as runtime:
            await load_all(runtime)
            (pseudonym,) = (await erasure.erase(runtime, LOCAL, "c1")).pseudonyms
            contacts = CONTACTS + "new,b,U. Öz,UNAL.oz@acme.example,,\n"
            more = TICKETS + "t2,a,c1,2026-03-02T10:00:00Z,Again,Ünal Öz wrote\n"
            report = await load(
                runtime,
                accounts=ACCOUNTS,
                contacts=contacts,
                tickets=more,
                contact_activity=ACTIVITY.replace("3,2", "4,2"),
            )
            assert report.tables["contacts"].rejected == 2
            assert all("erased on request" in rejection.reason for rejection in report.errors)
            assert report.tables["tickets"].warnings == {
                "a text named a person who was erased; the name was left out": 2
            }
            assert rows(runtime, "contacts", "id", "name") == [(pseudonym, None), ("x2", "Ann Wong")]
            assert rows(runtime, "contact_activity", "contact_id", "logins") == [(pseudonym, 4)]
            assert sorted(rows(runtime, "tickets", "id", "contact_id", "subject", "body")) == [
                ("t1", pseudonym, "From [erased]", "Write to [erased]. Öz of Acme; Ann Wong knows"),
                ("t2", pseudonym, "Again", "[erased] wrote"),
            ]

    asyncio.run(scenario())


def test_health_is_as_before(settings: Settings) -> None:
    async def health(runtime: Runtime) -> dict[str, Any]:
        answer = await commands.call(runtime, LOCAL, "health", {"account": "a"})
        data: dict[str, Any] = answer.model_dump(mode="json")["data"]
        return data

    async def scenario() -> None:
        async with opened(settings) as runtime:
            await load_all(runtime)
            before = await health(runtime)
            await erasure.erase(runtime, LOCAL, "c1")
            assert await health(runtime) == before

    asyncio.run(scenario())


def test_a_restored_backup_does_not_bring_the_person_back(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"

    async def fill() -> None:
        async with opened(settings) as runtime:
            await load_all(runtime)

    async def erase() -> erasure.Erasure:
        async with opened(settings) as runtime:
            return await erasure.erase(runtime, LOCAL, "c1")

    async def check(pseudonym: str) -> None:
        async with opened(settings) as runtime:
            assert rows(runtime, "contacts", "id", "name") == [(pseudonym, None), ("x2", "Ann Wong")]
            assert rows(runtime, "tickets", "subject") == [("From [erased]",)]
            assert (await load_all(runtime)).tables["contacts"].rejected == 1
            assert (await audit.verify(runtime, LOCAL)).is_whole

    asyncio.run(fill())
    operations.backup(settings, file, NOW)
    done = asyncio.run(erase())
    assert [(backup.path, backup.is_there) for backup in done.backups] == [(str(file.resolve()), True)]
    assert operations.restore(settings, file, force=True, now=NOW).erased_again == 1
    asyncio.run(check(done.pseudonyms[0]))
    assert holding(settings.data_dir) == []


def test_who_may_and_who_is_nobody(settings: Settings) -> None:
    async def scenario() -> None:
        async with opened(settings) as runtime:
            await load_all(runtime)
            for work in (erasure.erase(runtime, CSE, "c1"), erasure.sweep(runtime, CSE)):
                with pytest.raises(Forbidden):
                    await work
            scoped = Principal("k", "A", "admin", accounts=frozenset({"a"}))
            for work in (erasure.erase(runtime, scoped, "c1"), erasure.sweep(runtime, scoped)):
                with pytest.raises(Problem, match="all accounts"):
                    await work
            for wanted in ("c9", "nobody@acme.example", ""):
                for dry_run in (True, False):
                    with pytest.raises(NobodyFound):
                        await erasure.erase(runtime, LOCAL, wanted, dry_run=dry_run)
            assert rows(runtime, "erased", "digest") == []
            await erasure.erase(runtime, LOCAL, "c1")
            with pytest.raises(NobodyFound, match="erased on 2026-03-10"):
                await erasure.erase(runtime, LOCAL, "c1")

    asyncio.run(scenario())


# Retention


def plant(runtime: Runtime) -> None:
    """Turns, proposals and messages, old and new, ended and not."""
    old, new = OLD, NEW
    texts = {"channel": "http", "message": "m", "owner_key_id": "k", "number": 1}
    with runtime.store.writing() as conn:

        def add(table: str, **values: Any) -> None:
            conn.execute(TABLES[table].insert().values(values))

        for name, at, status in (
            ("old", old, "done"), ("new", new, "done"), ("runs", old, "running"), ("waits", old, "done"),
            ("sends", old, "done"), ("decided", old, "done"), ("reviewed", old, "done"),
        ):  # fmt: skip
            add("thread", id=name, owner_key_id="k", title="t", created_at=at, updated_at=at)
            finished = None if status == "running" else at
            add("turn", id=name, thread_id=name, status=status, started_at=at, finished_at=finished, **texts)
            add("effect", turn_id=name, index=0, kind="add_signal", content={}, write_id=1, created_at=at)
        for name, status, approval in (
            ("waits", "pending", "pending"), ("sends", "approved", "approved"), ("decided", "rejected", "rejected"),
            ("reviewed", "approved", "pending"),
        ):  # fmt: skip
            add(
                "proposal", id=name, turn_id=name, requester_key_id="k", requester="K", content="c", content_sha256="s",
                figures=[], evidence=[], reason="", status=status, created_at=old, ended_at=old,
            )  # fmt: skip
            add(
                "approval", id=name, proposal_id=name, kind="price", approver_group="peer", words="w", rule="r",
                status=approval, is_review=name == "reviewed", created_at=old, expires_at=old,
            )  # fmt: skip
        for name, status in (("sends", "by_hand"), ("sent", "delivered"), ("failed", "failed")):
            add(
                "outbox", id=name, proposal_id=name if name == "sends" else None, turn_id=name, requester_key_id="k",
                requester="K", outgoing={}, content_sha256="s", status=status, attempts=0, not_before=old,
                created_at=old, finished_at=old,
            )  # fmt: skip
        for name, status, at in (("done", "done", old), ("running", "running", old), ("young", "done", new)):
            add("job", id=name, kind="export", owner_key_id="k", status=status, created_at=at, updated_at=at)
        for name, at in (("done", old), ("young", new)):
            add(
                "attachment", id=name, owner_key_id="k", command="c", name="n", sha256="s", bytes=1, lines=1,
                content={}, created_at=at,
            )  # fmt: skip
        for name, expires, used in (
            ("used", NOW + dt.timedelta(1), NOW),
            ("late", NOW, None),
            ("good", NOW + dt.timedelta(1), None),
        ):
            add("sign_in_code", code_hash=name, key_id="k", expires_at=expires, used_at=used)
        for name, at in (("old", NOW - dt.timedelta(hours=25)), ("new", new + dt.timedelta(hours=1))):
            add("idempotency", owner_key_id="k", key=name, status=200, created_at=at)
        for at in (old, old, new):
            audit_log.record(conn, LOCAL, audit_log.Event("key.created"), at)


KEPT = {
    "turn": {"new", "runs", "waits", "sends", "reviewed"},
    "thread": {"new", "runs", "waits", "sends", "reviewed"},
    "effect": {"new", "runs", "waits", "sends", "reviewed"},
    "proposal": {"waits", "sends", "reviewed"},
    "approval": {"waits", "sends", "reviewed"},
    "outbox": {"sends"},
    "job": {"running", "young"},
    "attachment": {"young"},
}


def ids(runtime: Runtime, table: str) -> set[str]:
    key = next(iter(TABLES[table].primary_key))
    return {row[0] for row in rows(runtime, table, key.name)}


def test_a_sweep_removes_what_is_old_and_done(settings: Settings) -> None:
    swept_settings = settings.model_copy(update={"keep_transcripts_days": 30, "keep_audit_days": 30})

    async def scenario() -> None:
        async with opened(swept_settings, OLD) as runtime:
            plant(runtime)
        async with opened(swept_settings) as runtime:
            events = len(rows(runtime, "audit_event", "seq"))
            everything = {table: ids(runtime, table) for table in KEPT}
            foreseen = await erasure.sweep(runtime, LOCAL, dry_run=True)
            assert {table: ids(runtime, table) for table in KEPT} == everything
            assert len(rows(runtime, "audit_event", "seq")) == events
            done = await erasure.sweep(runtime, LOCAL)
            assert (done.rows, done.is_purged) == (foreseen.rows, True)
            assert {table: ids(runtime, table) for table in KEPT} == KEPT
            assert ids(runtime, "sign_in_code") == {"good"}
            assert rows(runtime, "idempotency", "key") == [("new",)]
            assert done.rows["audit_event"] >= 2
            assert min(at for (at,) in rows(runtime, "audit_event", "at")) == NEW
            assert (await audit.verify(runtime, LOCAL)).is_whole
            assert rows(runtime, "audit_event", "action", "details")[-1][0] == "retention.swept"
            assert (await erasure.sweep(runtime, LOCAL)).rows == {}

    asyncio.run(scenario())


def test_without_settings_conversations_and_events_stay(settings: Settings) -> None:
    async def scenario() -> None:
        async with opened(settings) as runtime:
            plant(runtime)
            everything = {table: ids(runtime, table) for table in KEPT}
            done = await erasure.sweep(runtime, LOCAL)
            assert done.rows == {"idempotency": 1, "sign_in_code": 2}
            assert {table: ids(runtime, table) for table in KEPT} == everything

    asyncio.run(scenario())
