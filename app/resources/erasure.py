"""The erasure of a person from everything that the deployment holds, and the removal of what is old enough."""

import asyncio
import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, func, select

from app.domain.problems import Problem
from app.resources import idempotency
from app.retrieval import documents
from app.runtime import Runtime
from app.security.naming import Naming, load_words
from app.security.principals import Principal
from app.store import approval_rows, audit_log, erased_people, erasure, retention, versions
from app.store.anchoring import seal_of
from app.store.audit_log import EMPTIED, Event
from app.store.engine import Store
from app.store.erasure import Changed, Found
from app.store.purging import purge
from app.store.tables import TABLES

ERASED_MESSAGE = "It names a person who was erased; write it anew."
"""What is told of a message that was not to be sent any more."""


class Backup(BaseModel):
    """A backup that still holds the person. `is_there` says whether the file is where it was written."""

    model_config = ConfigDict(frozen=True)
    path: str
    made_at: dt.datetime
    is_there: bool


class Erasure(BaseModel):
    """What an erasure did, or in a dry run would do.

    `whom` names the person in a dry run, and nobody once it is done. `rows` counts changed rows by table. `shipped` are
    articles that `cse kb sync` takes from files again. `withdrawn` were to be approved, `unsent` were to be sent.
    `audit_events` lost their details. `kept_addresses` are those of other contacts as well. `unfinished` counts turns
    and jobs that ran and may write the person again. `is_purged` says that the bytes are gone from the database's
    files; None: nothing was written.
    """

    model_config = ConfigDict(frozen=True)
    dry_run: bool
    whom: tuple[str, ...]
    pseudonyms: tuple[str, ...]
    accounts: tuple[str, ...]
    rows: dict[str, int]
    documents: tuple[str, ...]
    shipped: tuple[str, ...]
    withdrawn: tuple[str, ...]
    unsent: tuple[str, ...]
    audit_events: int
    kept_addresses: tuple[str, ...]
    unfinished: int
    backups: tuple[Backup, ...]
    is_purged: bool | None = None


class Swept(BaseModel):
    """What a sweep removed, or in a dry run would remove: rows by table."""

    model_config = ConfigDict(frozen=True)
    dry_run: bool
    transcripts_before: dt.datetime | None
    audit_before: dt.datetime | None
    rows: dict[str, int]
    is_purged: bool | None = None


async def erase(
    runtime: Runtime, principal: Principal, person: str, account_id: str | None = None, *, dry_run: bool = False
) -> Erasure:
    """Remove the person of this contact id, e-mail address or name from all that is held, in one transaction.

    Raises:
        Forbidden: the caller is no admin, or its key is limited to some accounts.
        NobodyFound, AmbiguousPerson: nobody is meant, or one of several.
        Conflict: an import is running (`import_running`).
        OwnerSilent: it is done, but for the index of the knowledge base: its owner does not answer.
    """
    _require_owner(principal, "Erasing a person")
    done = await asyncio.to_thread(_erase, runtime, principal, person, account_id, dry_run=dry_run)
    if dry_run:
        return done
    is_purged = await asyncio.to_thread(purge, runtime.store, done.rows)
    if done.documents:
        await runtime.knowledge.settle(done.documents)
    return done.model_copy(update={"is_purged": is_purged})


async def sweep(runtime: Runtime, principal: Principal, *, dry_run: bool = False) -> Swept:
    """Remove what is older than the settings let it grow, and spent codes and answers.

    Raises:
        Forbidden: the caller is no admin, or its key is limited to some accounts.
    """
    _require_owner(principal, "Removing old conversations")
    done = await runtime.store.write(_sweep, runtime, principal, dry_run=dry_run)
    if dry_run:
        return done
    is_purged = await asyncio.to_thread(purge, runtime.store, done.rows)
    return done.model_copy(update={"is_purged": is_purged})


def erase_again(conn: Connection, principal: Principal, now: dt.datetime) -> int:
    """After the restore of an old backup, within its transaction: erase everybody again who was erased since; how many.

    The digests of those people must have been put back before.
    """
    seal = seal_of(conn)
    people = list(erasure.found_again(conn, seal, (row.digest for row in erased_people.all_erased(conn))))
    for found in people:
        erase_found(conn, principal, found, now)
    return len(people)


def erase_found(conn: Connection, principal: Principal, found: Found, now: dt.datetime) -> Erasure:
    """Erase a person within a write transaction. An event tells it, with the pseudonym and no name."""
    naming = Naming(found.person, load_words())
    done = _changes(conn, naming, write=True)
    documents.put_all(conn, [article for each in done.documents if (article := documents.load(conn, each))], now)
    withdrawn = [each for each in done.proposals if approval_rows.end_proposal(conn, each, "withdrawn", now)]
    _stop_messages(conn, done.messages, now)
    seqs = erasure.audit_seqs(conn, naming)
    reindexed = bool(done.documents)
    erased_people.put(conn, found.digests(seal_of(conn), now, reindexed=reindexed))
    report = _report(conn, found, done, seqs, now, dry_run=False)
    report = report.model_copy(update={"withdrawn": tuple(withdrawn)})
    details = {
        EMPTIED: audit_log.empty_details(conn, seqs),
        "pseudonyms": report.pseudonyms,
        "accounts": report.accounts,
        "rows": report.rows,
        "documents": report.documents,
        "withdrawn": report.withdrawn,
        "unsent": report.unsent,
    }
    account_id = report.accounts[0] if len(report.accounts) == 1 else None
    audit_log.record(conn, principal, Event("erasure.done", account_id, found.pseudonym, details=details), now)
    return report


def _erase(runtime: Runtime, principal: Principal, person: str, account_id: str | None, *, dry_run: bool) -> Erasure:
    store, now = runtime.store, runtime.clock()
    if dry_run:
        with store.reading() as conn:
            return _foreseen(conn, _found(conn, store, person, account_id), now)
    with versions.import_lock(store), store.writing() as conn:
        versions.undo_unfinished(conn)
        return erase_found(conn, principal, _found(conn, store, person, account_id), now)


def _found(conn: Connection, store: Store, person: str, account_id: str | None) -> Found:
    """The person. An address that is no contact's must be in some text.

    Raises:
        NobodyFound, AmbiguousPerson: nobody is meant, or one of several.
    """
    found = erasure.find(conn, store.seal, person, account_id)
    if not found.person.pseudonyms and not any(True for _ in erasure.changes(conn, Naming(found.person, load_words()))):
        raise erasure.NobodyFound(f"Nobody has the address {person!r}, and no text holds it.")
    return found


def _foreseen(conn: Connection, found: Found, now: dt.datetime) -> Erasure:
    naming = Naming(found.person, load_words())
    done = _changes(conn, naming, write=False)
    return _report(conn, found, done, erasure.audit_seqs(conn, naming), now, dry_run=True)


def _changes(conn: Connection, naming: Naming, *, write: bool) -> Changed:
    """Make the changes, or only count them."""
    done = Changed()
    for change in erasure.changes(conn, naming):
        done.note(conn, change)
        if write:
            erasure.apply(conn, change)
    return done


def _stop_messages(conn: Connection, messages: Sequence[str], now: dt.datetime) -> None:
    """What is to be sent is what was approved, byte for byte: without the name it is not that any more."""
    outbox = TABLES["outbox"]
    values = {"status": "failed", "finished_at": now, "last_error": ERASED_MESSAGE}
    conn.execute(outbox.update().where(outbox.c.id.in_(messages)).values(values))


def _report(
    conn: Connection, found: Found, done: Changed, seqs: Collection[int], now: dt.datetime, *, dry_run: bool
) -> Erasure:
    return Erasure(
        dry_run=dry_run,
        whom=(*found.person.names, *found.person.emails) if dry_run else (),
        pseudonyms=tuple(dict.fromkeys(found.known_by.values())),
        accounts=tuple(sorted(found.person.accounts)),
        rows=dict(sorted(done.rows.items())),
        documents=tuple(each for each in done.documents),
        shipped=tuple(each for each in done.documents if each.startswith(documents.SHIPPED)),
        withdrawn=tuple(done.proposals),
        unsent=tuple(done.messages),
        audit_events=len(seqs),
        kept_addresses=found.kept_emails,
        unfinished=_unfinished(conn),
        backups=_backups(conn, now),
    )


def _unfinished(conn: Connection) -> int:
    """Turns and jobs that run now: they read the person before the erasure, and write after it."""
    counts = [
        select(func.count()).select_from(TABLES[name]).where(TABLES[name].c.status == "running")
        for name in ("turn", "job")
    ]
    return sum(int(conn.execute(count).scalar_one()) for count in counts)


def _backups(conn: Connection, now: dt.datetime) -> tuple[Backup, ...]:
    """Backups of which the audit log knows: no erasure reaches them."""
    events = audit_log.EVENTS
    query = select(events.c.at, events.c.subject, events.c.details).where(
        events.c.action == "backup.made", events.c.at <= now
    )
    found = [(at, str((details or {}).get("path") or subject)) for at, subject, details in conn.execute(query)]
    return tuple(Backup(path=path, made_at=at, is_there=Path(path).exists()) for at, path in sorted(found))


def _sweep(conn: Connection, runtime: Runtime, principal: Principal, *, dry_run: bool) -> Swept:
    settings, now = runtime.settings, runtime.clock()
    transcripts_before = _days_ago(now, settings.keep_transcripts_days)
    audit_before = _days_ago(now, settings.keep_audit_days)
    conditions = retention.spent(now, now - idempotency.KEPT)
    if transcripts_before is not None:
        conditions += retention.transcripts(transcripts_before)
    with _tried(conn, dry_run=dry_run):
        rows = retention.remove(conn, conditions)
        if audit_before is not None:
            rows["audit_event"] = audit_log.prune(conn, principal, audit_before, now)
        rows = {name: count for name, count in rows.items() if count}
        done = Swept(dry_run=dry_run, transcripts_before=transcripts_before, audit_before=audit_before, rows=rows)
        if rows:
            details = {"transcripts_before": transcripts_before, "audit_before": audit_before, "rows": rows}
            audit_log.record(conn, principal, Event("retention.swept", details=details), now)
    return done


@contextmanager
def _tried(conn: Connection, *, dry_run: bool) -> Iterator[None]:
    """A part of the transaction that a dry run takes back."""
    with conn.begin_nested() as part:
        yield
        if dry_run:
            part.rollback()


def _days_ago(now: dt.datetime, days: int | None) -> dt.datetime | None:
    return None if days is None else now - dt.timedelta(days=days)


def _require_owner(principal: Principal, what: str) -> None:
    principal.require("admin", what)
    if principal.accounts is not None:
        raise Problem(f"{what} needs a key for all accounts.", code="forbidden", status=403)
