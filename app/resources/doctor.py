"""What is wrong with this deployment, and how to mend it. Nothing is changed, and no data leaves the machine."""

import contextlib
import datetime as dt
import os
import shutil
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, func, literal_column, select

from app.domain.problems import Problem
from app.domain.windows import STALE_AFTER_DAYS
from app.parameters import load_parameters
from app.retrieval import documents
from app.retrieval.embed import NoEmbedder, find_embedder
from app.retrieval.index import LexicalIndex
from app.runtime import PROJECT, discover_commands, seal_of
from app.security.seal import NO_EVENTS, AnchorUnusable, follows
from app.settings import Settings
from app.store import anchoring, versions
from app.store.engine import DatabaseUnavailable, Store
from app.store.migrations.upgrade import revision, revisions
from app.store.tables import TABLES

LEAST_FREE_BYTES = 100 * 1024**2
LITTLE_FREE_BYTES = 1024**3
MOST_SKEW_SECONDS = 5
CONNECT_SECONDS = 3
LONG_IMPORT = dt.timedelta(hours=1)

State = Literal["ok", "warning", "error"]


class Finding(BaseModel):
    """What one check found. `mend` says what to do where it is not ok."""

    model_config = ConfigDict(frozen=True)
    topic: str
    state: State
    detail: str
    mend: str | None = None


def examine(settings: Settings, now: dt.datetime) -> list[Finding]:
    """All findings, in the order in which one would mend them."""
    found = [Finding(topic="settings", state="ok", detail="they can be read")]
    found += _data_folder(settings.data_dir)
    found += _parameters(settings)
    found += _database(settings, now)
    found += [_embedder(settings), _model(settings), _slack(settings)]
    if settings.chroma_url:
        found.append(_server("Chroma", "chroma", settings.chroma_url, "Searches go by words alone until it answers."))
    return found


def settings_error(problem: Problem) -> Finding:
    """The one finding where the settings cannot be read."""
    return Finding(
        topic="settings", state="error", detail=problem.detail, mend="Nothing else can be checked until then."
    )


def _data_folder(folder: Path) -> Iterator[Finding]:
    topic = "data folder"
    if not folder.exists():
        yield Finding(
            topic=topic, state="warning", detail=f"{folder} is not there yet", mend="The first start makes it."
        )
        return
    if not folder.is_dir() or not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        mend = "Give the user that runs the service a folder to write in, or set CSE_DATA_DIR."
        yield Finding(topic=topic, state="error", detail=f"{folder} is no folder that can be written", mend=mend)
        return
    free = shutil.disk_usage(folder).free
    told = f"{folder} can be written; {free / 1024**3:,.1f} GiB are free"
    if free >= LITTLE_FREE_BYTES:
        yield Finding(topic=topic, state="ok", detail=told)
        return
    mend = "Make room on that disk: imports, indexes and backups need it."
    yield Finding(topic=topic, state="error" if free < LEAST_FREE_BYTES else "warning", detail=told, mend=mend)


def _parameters(settings: Settings) -> Iterator[Finding]:
    try:
        found = load_parameters(discover_commands(), PROJECT / "tools", settings.data_dir / "parameters")
    except Problem as problem:
        yield Finding(topic="parameters", state="error", detail=problem.detail, mend="The service does not start so.")
        return
    yield Finding(topic="parameters", state="ok", detail=f"version {found.version}")


def _database(settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    """The database, then what is in it."""
    store = Store(settings.store_url, settings.data_dir)
    try:
        if store.sqlite_file is not None and not store.sqlite_file.exists():
            detail = f"there is none at {store.sqlite_file} yet"
            yield Finding(topic="database", state="warning", detail=detail, mend="The first start makes it.")
            return
        try:
            with store.reading() as conn:
                yield from _reached(conn, settings, now)
        except DatabaseUnavailable as problem:
            reason = str(getattr(problem.__cause__, "orig", problem)).strip().splitlines()[0]
            mend = "Start it, or mend CSE_DATABASE_URL. Until then the service answers with 503."
            yield Finding(topic="database", state="error", detail=reason, mend=mend)
        except Problem as problem:
            yield Finding(topic="database", state="error", detail=problem.detail, mend="Run this again in a moment.")
    finally:
        store.close()


def _reached(conn: Connection, settings: Settings, now: dt.datetime) -> Iterator[Finding]:
    found, newest = revision(conn), revisions()[0]
    told = f"{_server_version(conn)}; schema {found or 'none'}"
    if found == newest:
        yield Finding(topic="database", state="ok", detail=told)
    elif found in (None, *revisions()):
        mend = f"The next start brings it to the schema {newest}" + (". Back it up before." if found else ".")
        yield Finding(topic="database", state="warning", detail=told, mend=mend)
    else:
        mend = f"A newer version wrote it; this one knows the schema {newest}. Update."
        yield Finding(topic="database", state="error", detail=told, mend=mend)
    yield from _clock(conn, now)
    if found != newest:
        return
    yield from _feeds(conn, now.astimezone(settings.zone).date())
    yield from _unfinished(conn, now)
    yield from _search(conn, settings.data_dir / "knowledge" / "lexical.db")
    yield _audit(conn, settings)


def _audit(conn: Connection, settings: Settings) -> Finding:
    """Whether the audit log can go on. Whether it was tampered with, `cse audit verify` says."""
    topic, seal, newest = "audit", seal_of(settings), anchoring.newest(conn)
    if newest == NO_EVENTS and not seal.anchor_file.exists():
        return Finding(topic=topic, state="ok", detail="there are no events yet")
    if not seal.has_key():
        mend = "Put it back (CSE_AUDIT_KEY, or audit.key in the data folder): until then nothing is written."
        return Finding(topic=topic, state="error", detail="the key of the log is not there", mend=mend)
    if seal.key_file is not None and os.name != "nt" and seal.key_file.stat().st_mode & 0o077:
        mend = f"`chmod 600 {seal.key_file}`: who has the key can forge events."
        return Finding(topic=topic, state="warning", detail="others than its owner may read the key", mend=mend)
    try:
        anchor = seal.read()
    except AnchorUnusable as problem:
        mend = "Put it back from where you copy it to, or set CSE_AUDIT_ANCHOR: until then nothing is written."
        return Finding(topic=topic, state="error", detail=problem.detail, mend=mend)
    if anchor is None or anchor.broken is not None or not follows(anchor, newest, partial(anchoring.holds, conn)):
        mend = "`cse audit verify` says what is missing."
        return Finding(topic=topic, state="error", detail="the log does not end as the anchor says", mend=mend)
    told = f"{newest.seq:,} events, as the anchor says"
    if seal.anchor_file.resolve().parent == settings.data_dir.resolve():
        mend = "Set CSE_AUDIT_ANCHOR to a file that those who can write to the database cannot change."
        return Finding(topic=topic, state="ok", detail=f"{told}; the anchor lies in the data folder", mend=mend)
    return Finding(topic=topic, state="ok", detail=told)


def _server_version(conn: Connection) -> str:
    if conn.dialect.name == "sqlite":
        return f"SQLite {conn.execute(select(func.sqlite_version())).scalar_one()}"
    return f"PostgreSQL {conn.execute(select(func.current_setting('server_version'))).scalar_one()}"


def _clock(conn: Connection, now: dt.datetime) -> Iterator[Finding]:
    """SQLite has no clock of its own."""
    if conn.dialect.name == "sqlite":
        return
    there: dt.datetime = conn.execute(select(literal_column("clock_timestamp()"))).scalar_one()
    skew = (there - now).total_seconds()
    told = f"the database's clock is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} this machine's"
    if abs(skew) <= MOST_SKEW_SECONDS:
        yield Finding(topic="clock", state="ok", detail=told)
        return
    yield Finding(topic="clock", state="warning", detail=told, mend="Let both machines follow a time server (NTP).")


def _feeds(conn: Connection, today: dt.date) -> Iterator[Finding]:
    feed = TABLES["feed"]
    query = (
        select(feed.c.source, feed.c.table_name, feed.c.covered_through)
        .where(versions.believed(feed, versions.visibility(conn, versions.current(conn))))
        .order_by(feed.c.source, feed.c.table_name)
    )
    current = 0
    for source, table, covered_through in conn.execute(query):
        covered = dt.date.fromordinal(covered_through)
        behind = (today - covered).days
        if behind <= STALE_AFTER_DAYS:
            current += 1
            continue
        detail = f"{table} of {source} is covered through {covered}, {behind} days behind"
        mend = "Import newer files; until then what rests on it counts as unknown."
        yield Finding(topic="feeds", state="warning", detail=detail, mend=mend)
    if current:
        detail = f"{current} tables are covered to within {STALE_AFTER_DAYS} days of {today}"
        yield Finding(topic="feeds", state="ok", detail=detail)
    elif versions.current(conn) == 0:
        mend = "`cse import FOLDER` loads your own, `cse demo load` the demo portfolio."
        yield Finding(topic="feeds", state="warning", detail="no customer data was ever imported", mend=mend)


def _unfinished(conn: Connection, now: dt.datetime) -> Iterator[Finding]:
    write = TABLES["write"]
    query = select(write.c.started_at, write.c.note).where(write.c.place.is_(None)).order_by(write.c.id)
    for started_at, note in conn.execute(query):
        detail = f"an import ({note}) that began at {started_at:%Y-%m-%d %H:%M} UTC has not ended"
        if now - started_at < LONG_IMPORT:
            yield Finding(topic="imports", state="ok", detail=detail)
            continue
        mend = "Where none is running it was broken off: nobody sees its rows, and the next import removes them."
        yield Finding(topic="imports", state="warning", detail=detail, mend=mend)


def _search(conn: Connection, path: Path) -> Iterator[Finding]:
    """The indexes on this machine against the documents."""
    wanted = {id_: state.digest for id_, state in documents.states(conn).items() if not state.deleted}
    held = LexicalIndex(path).held() if path.exists() else {}
    lacking = [id_ for id_, digest in wanted.items() if id_ not in held or held[id_].digest != digest]
    surplus = held.keys() - wanted.keys()
    if not wanted:
        mend = "`cse kb sync` loads the shipped articles."
        yield Finding(topic="search", state="warning", detail="the knowledge base has no documents", mend=mend)
    elif lacking or surplus:
        detail = f"{len(lacking)} of {len(wanted)} documents are not in the index as they are"
        if surplus:
            detail += f", and {len(surplus)} that are gone still are"
        mend = "`cse kb sync` brings it in line; a running service does so by itself within seconds."
        yield Finding(topic="search", state="warning", detail=detail, mend=mend)
    else:
        vectors = sum(one.collection is not None for one in held.values())
        detail = f"all {len(wanted)} documents are indexed, {vectors} of them with vectors"
        yield Finding(topic="search", state="ok", detail=detail)


def _embedder(settings: Settings) -> Finding:
    if settings.embedding_base_url:
        url = settings.embedding_base_url
        return _server("the embedding endpoint", "embedder", url, "Searches go by words alone until it answers.")
    try:
        found = find_embedder(None)
    except NoEmbedder as error:
        mend = "Searches go by words alone. `make setup` installs the local embedder; or set CSE_EMBEDDING_BASE_URL."
        return Finding(topic="embedder", state="warning", detail=str(error), mend=mend)
    return Finding(topic="embedder", state="ok", detail=f"local, {found.model}")


def _model(settings: Settings) -> Finding:
    if not settings.llm_model:
        return Finding(topic="model", state="ok", detail="none is set: all commands work without")
    mend = "Answers come without a model's words until it answers."
    return _server(f"the server of {settings.llm_model}", "model", settings.llm_base_url, mend)


def _slack(settings: Settings) -> Finding:
    is_set = bool(settings.slack_signing_secret.get_secret_value())
    return Finding(topic="slack", state="ok", detail="a signing secret is set" if is_set else "not set up")


def _server(name: str, topic: str, url: str, mend: str) -> Finding:
    """Whether a connection can be made. Nothing is sent."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with contextlib.closing(socket.create_connection((parts.hostname or "", port), CONNECT_SECONDS)):
            return Finding(topic=topic, state="ok", detail=f"{name} at {parts.hostname}:{port} takes connections")
    except OSError as error:
        detail = f"{name} at {parts.hostname}:{port} cannot be reached: {error.strerror or error}"
        return Finding(topic=topic, state="warning", detail=detail, mend=mend)
