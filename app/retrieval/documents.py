"""Documents of the knowledge base: their rows in the `document` table, and the shipped articles in a folder."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
import yaml
from sqlalchemy import Connection

from app.domain.command import Audience
from app.domain.problems import Problem
from app.retrieval.chunk import FRONT_MATTER, normalized
from app.store.tables import TABLES

MAX_BYTES = 1_000_000
MAX_TITLE_CHARACTERS = 300
SHIPPED = "cse."
"""Ids of shipped articles begin with it; nobody else's do."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")
_FORBIDDEN = re.compile(r"[\x00\ud800-\udfff]")
GONE = ""
"""The digest of a deleted document."""


@dataclass(frozen=True, slots=True)
class Article:
    """A document: Markdown with a title. `audience` customer means that customers may read it, too."""

    id: str
    title: str
    text: str
    audience: Audience

    @property
    def digest(self) -> str:
        """SHA-256 of the content, by which indexes know whether they have it."""
        return hashlib.sha256(json.dumps([self.title, self.text, self.audience]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Stored:
    """State of a document's row: settled once the index holds the row's digest. A deleted one's digest is empty."""

    digest: str
    indexed_digest: str | None

    @property
    def deleted(self) -> bool:
        return self.digest == GONE

    @property
    def settled(self) -> bool:
        return self.indexed_digest == self.digest


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of documents by what a write did to them."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()


class InvalidDocument(Problem):
    """A document that cannot be kept as it is."""

    code = "invalid_document"
    status = 422


def checked(article: Article) -> Article:
    """The article with its line ends made one kind.

    Raises:
        InvalidDocument: a bad id, title or text.
        Problem: `document_too_large`.
    """
    check_id(article.id)
    if not article.title.strip() or len(article.title) > MAX_TITLE_CHARACTERS:
        raise InvalidDocument(f"Give the document a title of 1 to {MAX_TITLE_CHARACTERS} characters.")
    if _FORBIDDEN.search(article.title) or _FORBIDDEN.search(article.text):
        raise InvalidDocument("The document is not plain text: remove NUL bytes and lone surrogates.")
    if len(article.text.encode()) > MAX_BYTES:
        raise Problem(
            f"A document may have {MAX_BYTES:,} bytes at most; split it into several.",
            code="document_too_large",
            status=413,
        )
    if not article.text.strip():
        raise InvalidDocument("The document has no text.")
    return Article(article.id, " ".join(article.title.split()), normalized(article.text), article.audience)


def check_id(document: str) -> None:
    """Raises: InvalidDocument (`invalid_document_id`): not an id of a document."""
    if not _ID.fullmatch(document):
        raise InvalidDocument(
            "A document's id has 1 to 200 letters, digits and . _ : - and begins with a letter or digit.",
            code="invalid_document_id",
        )


def check_own(document: str) -> None:
    """Raises: Problem (`shipped_document`): the document belongs to the shipped articles."""
    if document.startswith(SHIPPED):
        raise Problem(
            f"Ids that begin with {SHIPPED} belong to the articles of the knowledge folder: change the file there and"
            " run `cse kb sync`, or choose another id.",
            code="shipped_document",
            status=409,
        )


def read_folder(folder: Path) -> tuple[Article, ...]:
    """The Markdown files of a folder; each begins with front matter that has `id`, `title` and `audience`.

    Raises:
        InvalidDocument: naming the file that cannot be read, and why.
    """
    if not folder.is_dir():  # to be told from an empty one: syncing that deletes the shipped articles
        raise InvalidDocument(f"The folder of articles is missing: {folder.name}.")
    articles = [_read_file(path) for path in sorted(folder.glob("*.md"))]
    ids = [article.id for article in articles]
    repeated = {id_ for id_ in ids if ids.count(id_) > 1}
    if repeated:
        raise InvalidDocument(f"Two files of {folder.name} have the id {min(repeated)}: give one another id.")
    return tuple(articles)


def _read_file(path: Path) -> Article:
    try:
        text = normalized(path.read_text("utf-8"))
        matter = FRONT_MATTER.match(text)
        fields = yaml.safe_load(matter[1] if matter else "{}")
        article = Article(f"{SHIPPED}{fields['id']}", str(fields["title"]), text, _audience(fields["audience"]))
        return checked(article)
    except (OSError, ValueError, TypeError, KeyError, yaml.YAMLError) as error:
        raise InvalidDocument(f"{path.name} cannot be read as an article: {error}") from error
    except InvalidDocument as problem:
        raise InvalidDocument(f"{path.name}: {problem.detail}") from problem


def _audience(value: object) -> Audience:
    if value == "customer":
        return "customer"
    if value == "internal":
        return "internal"
    raise ValueError(f"the audience is internal or customer, not {value!r}")


def put_all(conn: Connection, articles: Iterable[Article], now: dt.datetime) -> Changes:
    """Write documents; those with the same content stay as they are."""
    articles = tuple(articles)
    before = states(conn, [article.id for article in articles])
    created: list[str] = []
    updated: list[str] = []
    unchanged: list[str] = []
    for article in articles:
        state = before.get(article.id)
        if state and state.digest == article.digest:
            unchanged.append(article.id)
            continue
        (updated if state and not state.deleted else created).append(article.id)
        values = {
            "title": article.title,
            "text": article.text,
            "audience": article.audience,
            "digest": article.digest,
            "updated_at": now,
            "deleted_at": None,
            "indexed_digest": None,
        }
        if state:
            conn.execute(sa.update(_document()).where(_document().c.id == article.id).values(values))
        else:
            conn.execute(sa.insert(_document()).values(id=article.id, **values))
    return Changes(tuple(created), tuple(updated), (), tuple(unchanged))


def put_folder(conn: Connection, articles: Collection[Article], now: dt.datetime) -> Changes:
    """Make the shipped articles those of the folder: the others among them are deleted."""
    shipped = {id_ for id_, state in states(conn).items() if id_.startswith(SHIPPED) and not state.deleted}
    gone = shipped - {article.id for article in articles}
    done = put_all(conn, articles, now)
    return Changes(done.created, done.updated, delete_all(conn, gone, now), done.unchanged)


def delete_all(conn: Connection, ids: Iterable[str], now: dt.datetime) -> tuple[str, ...]:
    """Delete documents with their text; returns the ids of those that were there."""
    ids = tuple(ids)
    before = states(conn, ids)
    gone = tuple(sorted(id_ for id_ in ids if id_ in before and not before[id_].deleted))
    values = {"text": "", "digest": GONE, "updated_at": now, "deleted_at": now, "indexed_digest": None}
    for id_ in gone:
        conn.execute(sa.update(_document()).where(_document().c.id == id_).values(values))
    return gone


def states(conn: Connection, ids: Collection[str] | None = None) -> dict[str, Stored]:
    """State of the documents of these ids (None: all) that are or ever were there."""
    table = _document()
    query = sa.select(table.c.id, table.c.digest, table.c.indexed_digest)
    rows = conn.execute(query if ids is None else query.where(table.c.id.in_(ids)))
    return {id_: Stored(digest, indexed) for id_, digest, indexed in rows}


def newest_change(conn: Connection) -> dt.datetime | None:
    """When any document was last written or deleted; None where there are none."""
    newest: dt.datetime | None = conn.execute(sa.select(sa.func.max(_document().c.updated_at))).scalar()
    return newest


def changed_at(conn: Connection, document: str) -> dt.datetime | None:
    """When the document was last written or deleted; None where it never was there."""
    changed: dt.datetime | None = conn.execute(
        sa.select(_document().c.updated_at).where(_document().c.id == document)
    ).scalar_one_or_none()
    return changed


def load(conn: Connection, document: str) -> Article | None:
    """A document's content; None where there is none or it was deleted."""
    table = _document()
    query = sa.select(table.c.id, table.c.title, table.c.text, table.c.audience)
    row = conn.execute(query.where(table.c.id == document, table.c.digest != GONE)).one_or_none()
    return Article(row.id, row.title, row.text, _audience(row.audience)) if row else None


def mark_indexed(conn: Connection, document: str, digest: str) -> None:
    """Note what the indexes hold now; a document that changed meanwhile stays unsettled."""
    table = _document()
    conn.execute(sa.update(table).where(table.c.id == document, table.c.digest == digest).values(indexed_digest=digest))


def _document() -> sa.Table:
    return TABLES["document"]
