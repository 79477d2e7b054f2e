"""The two indexes of the knowledge base: words in SQLite's FTS5, vectors in Chroma.

Both are derived from the `document` table and can be rebuilt from it. The lexical file is also the ledger of what both
hold: a passage is there once its row is, and vectors of passages that have no row are ignored.
"""

import hashlib
import json
import logging
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from app.domain.command import Audience
from app.retrieval.chunk import HEADING_SEPARATOR, Chunk
from app.retrieval.embed import Embedder, Vectors
from app.retrieval.question import Question, phrase

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

RECIPE = "1"
"""Changes with the chunker, the prefix or the tokenizer: an index made by another recipe is built anew."""

TOKENIZER = "porter unicode61 remove_diacritics 2"
HEADING_WEIGHT, BODY_WEIGHT = 2.0, 1.0
LARGE = 5_000
COMMON_SHARE = 0.10
LEAST_RARER_TERMS = 2
"""From LARGE passages on, words in more than COMMON_SHARE of them are not searched for where so many rarer ones are
left: it saves two thirds of the time there. On fewer passages it saves nothing and ranks worse."""

BUSY_TIMEOUT_SECONDS = 5
COLLECTION = "passages"
SEARCH_BREADTH = 200
"""How many neighbours Chroma's graph search keeps in view; twice what is asked for, so that few are missed."""

log = logging.getLogger(__name__)

_TABLES = f"""
CREATE TABLE IF NOT EXISTS recipe (recipe TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS held (document TEXT PRIMARY KEY, digest TEXT NOT NULL, collection TEXT);
CREATE TABLE IF NOT EXISTS passage (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, document TEXT NOT NULL, title TEXT NOT NULL,
    heading TEXT NOT NULL, audience TEXT NOT NULL, first_line INTEGER NOT NULL, last_line INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS passage_document ON passage (document);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(heading, body, tokenize='{TOKENIZER}');
"""
_CANDIDATES = f"CREATE VIRTUAL TABLE temp.candidate USING fts5(heading, body, tokenize='{TOKENIZER}')"


class VectorsFailed(Exception):
    """The vector index cannot be used now."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the indexes hold of a document: the digest of its content, and the collection that has its vectors."""

    digest: str
    collection: str | None


@dataclass(frozen=True, slots=True)
class IndexedPassage:
    """A chunk in the index. `heading` is its heading path, without the title."""

    document: str
    title: str
    heading: str
    audience: str
    lines: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class WordMatch:
    """How much of a question's words a passage has, each share from 0 to 1; words count by their rarity."""

    words: float
    heading_words: float
    pairs: float


def prefix(title: str, heading: str) -> str:
    """What both indexes put before a passage: the title and the heading path."""
    return f"{title}{HEADING_SEPARATOR}{heading}" if heading else title


def embedded_text(title: str, chunk: Chunk) -> str:
    """The text whose vector stands for a passage."""
    return f"{prefix(title, chunk.heading)}\n\n{chunk.text}"


def passage_key(document: str, digest: str, number: int) -> str:
    """A passage's name. It differs with the document's content, so old and new vectors never mix."""
    return f"{document}@{digest[:16]}#{number}"


class LexicalIndex:
    """Passages and their words in one SQLite file, which any process may read and one at a time writes.

    Every method blocks and opens the file anew.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def prepare(self) -> None:
        """Create the file where it is missing."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._connected() as db:
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(_TABLES)

    def renew(self) -> None:
        """Begin an empty file in place of one that another recipe made or that is damaged. For the owner only."""
        try:
            self.prepare()
            with self._connected() as db:
                if [recipe for recipe, _ in _recipes(db)] == [RECIPE]:
                    return
        except sqlite3.OperationalError:
            raise  # locked, or the disk is full: nothing that a new file would mend
        except sqlite3.DatabaseError:
            log.warning("%s is damaged and is built anew", self._path.name)
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        self.prepare()
        with self._writing() as db:
            db.execute("INSERT INTO recipe VALUES (?)", (RECIPE,))

    def mark(self) -> str:
        """The mark with which the index was begun: see `begin_anew`."""
        with self._connected() as db:
            return next((mark for _, mark in _recipes(db)), "")

    def begin_anew(self, mark: str) -> None:
        """Empty the index so that nothing of it is left in its file, and note the mark. For the owner only."""
        with self._writing() as db:
            for table in ("words", "passage", "held", "recipe"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            db.execute("INSERT INTO words (words) VALUES ('rebuild')")
            db.execute("INSERT INTO recipe VALUES (?)", (f"{RECIPE} {mark}",))
        with self._connected() as db:
            db.execute("VACUUM")
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def held(self, documents: Sequence[str] | None = None) -> dict[str, Held]:
        """What the indexes hold of these documents (None: of all)."""
        chosen = json.dumps(None if documents is None else list(documents))
        with self._connected() as db:
            rows = db.execute(
                "SELECT document, digest, collection FROM held"
                " WHERE ? = 'null' OR document IN (SELECT value FROM json_each(?))",
                (chosen, chosen),
            )
            return {document: Held(digest, collection) for document, digest, collection in rows}

    def lacking(self, collection: str) -> int:
        """Number of documents whose vectors are not in this collection."""
        with self._connected() as db:
            count = "SELECT count(*) FROM held WHERE collection IS NOT ?"
            return int(db.execute(count, (collection,)).fetchone()[0])

    def put(self, document: str, title: str, audience: str, held: Held, chunks: Sequence[Chunk]) -> None:
        """Replace a document's passages, in one transaction."""
        with self._writing() as db:
            _remove(db, document)
            for place, chunk in enumerate(chunks):
                key = passage_key(document, held.digest, place)
                row = (key, document, title, chunk.heading, audience, chunk.first_line, chunk.last_line)
                number = db.execute(
                    "INSERT INTO passage (key, document, title, heading, audience, first_line, last_line)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    row,
                ).lastrowid
                words = (number, prefix(title, chunk.heading), chunk.text)
                db.execute("INSERT INTO words (rowid, heading, body) VALUES (?, ?, ?)", words)
            db.execute("INSERT INTO held VALUES (?, ?, ?)", (document, held.digest, held.collection))

    def remove(self, document: str) -> None:
        """Forget a document; nothing where it is not there."""
        with self._writing() as db:
            _remove(db, document)

    def match(self, question: Question, audience: Audience, limit: int) -> dict[str, float]:
        """The best passages by BM25 (higher is better), by key."""
        with self._connected() as db:
            terms = _searched(_counts(db, question.words), _total(db))
            if not terms:
                return {}
            rows = db.execute(
                "SELECT passage.key, bm25(words, ?, ?) AS rank FROM words JOIN passage ON passage.number = words.rowid"
                " WHERE words MATCH ? AND (? = 'internal' OR passage.audience = 'customer') ORDER BY rank, key LIMIT ?",
                (HEADING_WEIGHT, BODY_WEIGHT, " OR ".join(map(phrase, terms)), audience, limit),
            )
            return {key: -rank for key, rank in rows}

    def word_matches(self, question: Question, keys: Sequence[str]) -> dict[str, WordMatch]:
        """How much of the question's words each passage has; keys that are no passages are left out."""
        with self._connected() as db:
            rarity = _rarity(_counts(db, question.words), _total(db))
            db.execute(_CANDIDATES)
            db.execute(
                "INSERT INTO temp.candidate (rowid, heading, body) SELECT words.rowid, words.heading, words.body"
                " FROM words WHERE words.rowid IN"
                " (SELECT number FROM passage WHERE key IN (SELECT value FROM json_each(?)))",
                (json.dumps(list(keys)),),
            )
            names = "SELECT number, key FROM passage WHERE number IN (SELECT rowid FROM temp.candidate)"
            found = {word: _found(db, phrase(word)) for word in question.words}
            headed = {word: _found(db, f"heading : {phrase(word)}") for word in question.words}
            paired = [_found(db, phrase(*pair)) for pair in question.pairs]
            return {
                key: WordMatch(
                    _share(number, found, rarity),
                    _share(number, headed, rarity),
                    sum(number in numbers for numbers in paired) / max(len(paired), 1),
                )
                for number, key in db.execute(names).fetchall()
            }

    def passages(self, keys: Sequence[str]) -> dict[str, IndexedPassage]:
        """The passages of these keys, as far as they are there."""
        with self._connected() as db:
            rows = db.execute(
                "SELECT key, document, title, passage.heading, audience, first_line, last_line, words.body"
                " FROM passage JOIN words ON words.rowid = passage.number"
                " WHERE key IN (SELECT value FROM json_each(?))",
                (json.dumps(list(keys)),),
            )
            return {
                key: IndexedPassage(document, title, heading, audience, (first, last), text)
                for key, document, title, heading, audience, first, last, text in rows
            }

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)) as db:
            yield db

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as db:
            db.execute("PRAGMA synchronous = NORMAL")  # after a power cut the last documents are indexed again
            db.execute("BEGIN IMMEDIATE")
            yield db
            db.execute("COMMIT")  # without it, closing the connection rolls back


def _recipes(db: sqlite3.Connection) -> list[tuple[str, str]]:
    """The recipe and the mark; one pair where the file is whole."""
    parts = [row[0].partition(" ") for row in db.execute("SELECT recipe FROM recipe")]
    return [(recipe, mark) for recipe, _, mark in parts]


def _remove(db: sqlite3.Connection, document: str) -> None:
    db.execute("DELETE FROM words WHERE rowid IN (SELECT number FROM passage WHERE document = ?)", (document,))
    db.execute("DELETE FROM passage WHERE document = ?", (document,))
    db.execute("DELETE FROM held WHERE document = ?", (document,))


def _total(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM passage").fetchone()[0])


def _counts(db: sqlite3.Connection, words: Sequence[str]) -> dict[str, int]:
    """In how many passages each word is."""
    count = "SELECT count(*) FROM words WHERE words MATCH ?"
    return {word: int(db.execute(count, (phrase(word),)).fetchone()[0]) for word in words}


def _searched(counts: Mapping[str, int], total: int) -> list[str]:
    """The words worth searching for: in a large index common ones only where few rarer ones are found."""
    found = [word for word, count in counts.items() if count]
    rare = [word for word in found if counts[word] <= COMMON_SHARE * total]
    return rare if total >= LARGE and len(rare) >= LEAST_RARER_TERMS else found


def _rarity(counts: Mapping[str, int], total: int) -> dict[str, float]:
    """Inverse document frequency, as BM25 has it: ln(1 + (N − n + ½) ÷ (n + ½)), above 0 for every word."""
    return {word: math.log(1 + (total - count + 0.5) / (count + 0.5)) for word, count in counts.items()}


def _found(db: sqlite3.Connection, expression: str) -> set[int]:
    return {number for (number,) in db.execute("SELECT rowid FROM candidate WHERE candidate MATCH ?", (expression,))}


def _share(number: int, found: Mapping[str, set[int]], rarity: Mapping[str, float]) -> float:
    """The share of the words that passage `number` has, by rarity."""
    total = sum(rarity.values())
    return sum(rarity[word] for word, numbers in found.items() if number in numbers) / total if total else 0.0


class VectorIndex:
    """Vectors of passages in Chroma's collection, for one embedder. One process at a time may open a folder.

    Every method blocks, and raises VectorsFailed where Chroma fails in any way.
    """

    def __init__(self, place: Path | str, embedder: Embedder, mark: str = "") -> None:
        """Open a folder, or a Chroma server at its address. Vectors of another embedder or recipe must never be
        compared: in a folder they are dropped, on a server they have a collection of their own. Those of another
        `mark` (see `LexicalIndex.begin_anew`) are dropped in either.

        Raises:
            EmbeddingFailed: the embedder could not say what its dimension is.
            VectorsFailed: the folder or the server cannot be opened.
        """
        made_by = {
            "provider": embedder.provider,
            "model": embedder.model,
            "dimension": embedder.dimension,
            "recipe": RECIPE,
        } | ({"mark": mark} if mark else {})
        with _failing():
            if isinstance(place, str):
                self._client, self._collection = _open_on_server(place, made_by)
            else:
                self._client, self._collection = _open_collection(place, made_by)

    @property
    def collection(self) -> str:
        """The collection's id; a collection that is made anew has another."""
        return str(self._collection.id)

    def put(self, document: str, digest: str, audience: str, first: int, vectors: Vectors) -> None:
        """Add vectors of a document's passages, from passage `first` (from 0) on; `keep_only` drops earlier content."""
        keys = [passage_key(document, digest, first + row) for row in range(len(vectors))]
        about: dict[str, Any] = {"document": document, "digest": digest, "audience": audience}
        with _failing():
            self._collection.upsert(ids=keys, embeddings=vectors, metadatas=[about] * len(keys))

    def keep_only(self, document: str, digest: str) -> None:
        """Delete the document's vectors but those of this content."""
        others: Any = {"$and": [{"document": document}, {"digest": {"$ne": digest}}]}
        with _failing():
            self._collection.delete(where=others)

    def nearest(self, vector: Vectors, audience: Audience, limit: int) -> dict[str, float]:
        """Cosine similarity of the nearest passages, by key."""
        where: Any = {"audience": "customer"} if audience == "customer" else None  # a filter is slow: only where needed
        with _failing():
            found = self._collection.query(query_embeddings=vector, n_results=limit, where=where, include=["distances"])
        return {
            key: 1 - distance for key, distance in zip(found["ids"][0], (found["distances"] or [[]])[0], strict=True)
        }

    def cosines(self, vector: Vectors, keys: Sequence[str]) -> dict[str, float]:
        """Exact cosine similarity of these passages, as far as they have vectors."""
        if not keys:
            return {}
        with _failing():
            found = self._collection.get(ids=list(keys), include=["embeddings"])
        if not found["ids"]:
            return {}
        return dict(zip(found["ids"], (np.asarray(found["embeddings"]) @ vector[0]).tolist(), strict=True))

    def close(self) -> None:
        with _failing():
            self._client.close()


def _open_collection(folder: Path, made_by: dict[str, Any]) -> "tuple[Client, Collection]":
    import chromadb
    from chromadb.config import Settings
    from chromadb.errors import NotFoundError

    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(anonymized_telemetry=False, chroma_otel_collection_endpoint="")
    client = cast("Client", chromadb.PersistentClient(path=str(folder), settings=settings))
    try:
        try:
            collection = client.get_collection(COLLECTION, embedding_function=None)
            if collection.metadata == made_by:
                return client, collection
            client.delete_collection(COLLECTION)
        except NotFoundError:
            pass
        collection = client.create_collection(
            COLLECTION, configuration=_space(), metadata=made_by, embedding_function=None
        )
    except Exception:
        client.close()
        raise
    return client, collection


def _open_on_server(url: str, made_by: dict[str, Any]) -> "tuple[Client, Collection]":
    """The collection of this embedder and recipe, which all processes of a deployment share."""
    from chromadb.errors import NotFoundError

    from app.retrieval.chroma_server import connect

    client = connect(url)
    name = f"{COLLECTION}-{hashlib.sha256(json.dumps(made_by, sort_keys=True).encode()).hexdigest()[:16]}"
    for other in client.list_collections():
        if other.name != name and _unmarked(other.metadata) == _unmarked(made_by):
            with suppress(NotFoundError):  # another process was faster
                client.delete_collection(other.name)
    return client, client.get_or_create_collection(
        name, configuration=_space(), metadata=made_by, embedding_function=None
    )


def _unmarked(made_by: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (made_by or {}).items() if name != "mark"}


def _space() -> Any:
    return {"hnsw": {"space": "cosine", "ef_search": SEARCH_BREADTH}}


@contextmanager
def _failing() -> Iterator[None]:
    """Chroma raises its own errors, the database's and plain ones: all mean that vectors are not to be had now."""
    try:
        yield
    except Exception as error:
        raise VectorsFailed(f"the vector index failed: {error}") from error
