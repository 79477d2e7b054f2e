"""Who keeps the indexes in line with the documents: one process at a time, the owner."""

import asyncio
import contextlib
import logging
import shutil
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from app.domain.problems import Problem
from app.retrieval import documents
from app.retrieval.chunk import Chunk, chunk
from app.retrieval.documents import Article
from app.retrieval.embed import Embedder, EmbeddingFailed, FindEmbedder, NoEmbedder
from app.retrieval.index import Held, LexicalIndex, VectorIndex, VectorsFailed, embedded_text
from app.store import erased_people
from app.store.engine import Store

OPEN_DEADLINE_SECONDS = 20.0
"""For loading the embedder and Chroma, of which the first import alone takes seconds."""

EMBED_BATCH = 64
EMBED_DEADLINE_SECONDS = 60.0
"""For one batch of passages."""

RETRY_SECONDS = 30.0
"""How long vectors are left alone after a failure."""

WATCH_SECONDS = 0.5
OWNER_POLL_SECONDS = 0.1
OWNER_DEADLINE_SECONDS = 30.0
"""How long a process waits for the owner to take up any of its changes."""

log = logging.getLogger(__name__)


class OwnerSilent(Problem):
    """The process that keeps the indexes did not take up a change in time."""

    code = "index_busy"
    status = 503


@dataclass(frozen=True, slots=True)
class Dense:
    """An embedder, and the index of its vectors."""

    embedder: Embedder
    index: VectorIndex


class Keeper:
    """Brings both indexes in line with the `document` table.

    The first process that opens the indexes owns them, by a file lock, until it closes them or ends: it alone writes
    them, and it alone opens Chroma, whose files two processes must not share. The others write the `document` table,
    tell the owner so by a file, and wait until it has marked the documents as indexed.
    """

    def __init__(self, store: Store, folder: Path, find_embedder: FindEmbedder, chroma_url: str = "") -> None:
        """`chroma_url` is a Chroma server's address; empty: Chroma's files are in the folder."""
        self.lexical = LexicalIndex(folder / "lexical.db")
        self._store = store
        self._folder = folder
        self._vectors_at: Path | str = chroma_url or folder / "chroma"
        self._find_embedder = find_embedder
        self._lock = FileLock(folder / "owner.lock", thread_local=False)
        self._opening = asyncio.Lock()
        self._writing = asyncio.Lock()
        self._closing = asyncio.Event()
        self._watcher: asyncio.Task[None] | None = None  # runs while this process is the owner
        self._dense: Dense | None = None
        self._no_vectors: str | None = "the knowledge base is not open yet"
        self._retry_at = float("inf")
        self._lacking = 0
        self._mark = ""  # of the newest erasure that the indexes know of

    @property
    def no_vectors(self) -> str | None:
        """Why searches must do without vectors; None where they need not."""
        if self._no_vectors is None and self._lacking:
            return f"vectors of {self._lacking} documents are still to be made"
        return self._no_vectors

    @property
    def dense(self) -> Dense | None:
        """What a search by meaning needs; None where `no_vectors` says why not."""
        return self._dense if self.no_vectors is None else None

    def vectors_failed(self, dense: Dense, error: Exception) -> None:
        """Do without vectors for a while; nothing where others than `dense` were opened meanwhile."""
        if dense is self._dense:
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        reason = str(error) or "the embedder took too long"
        log.warning("searching without vectors for %.0f s: %s", RETRY_SECONDS, reason)
        self._no_vectors = reason
        self._retry_at = time.monotonic() + RETRY_SECONDS

    async def open(self) -> None:
        """Make the lexical index ready, and become the owner where there is none. Again costs next to nothing."""
        async with self._opening:
            if self._watcher:
                return
            if not await asyncio.to_thread(self._take_ownership):
                self._no_vectors = "another process keeps the vector index"
                return
            await asyncio.to_thread(self.lexical.renew)
            await self._follow_erasures()
            await self._open_dense()
            self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Give up the ownership, after the document at hand."""
        self._closing.set()
        if self._watcher:
            await self._watcher
        async with self._writing:
            await self._close_dense()
            self._lock.release(force=True)

    async def settle(self, ids: Sequence[str] | None = None) -> None:
        """Return once the indexes hold these documents (None: all) as they are now.

        Raises:
            OwnerSilent: another process owns the indexes and took up none of them in time.
        """
        await self.open()
        if not self._watcher:
            await self._wait_for_owner(ids)
        if not self._watcher:
            return
        if await self._follow_erasures():
            await self._open_dense()
            ids = None
        if ids is None:
            await self._index_all()
        for document in ids or ():
            await self._index(document)

    async def _wait_for_owner(self, ids: Sequence[str] | None) -> None:
        """Wait until the owner settled the documents, or has ended and this process is the owner."""
        await asyncio.to_thread(self._tell_owner)
        left, deadline = float("inf"), 0.0
        while not self._watcher:
            states = await self._store.read(documents.states, ids)
            unsettled = sum(not state.settled for state in states.values())
            if not unsettled:
                return
            if unsettled < left:
                left, deadline = unsettled, time.monotonic() + OWNER_DEADLINE_SECONDS
            if time.monotonic() > deadline:
                raise OwnerSilent(
                    "The change is saved, but the process that keeps the search index has not taken it up yet: it will"
                    " when it is free. Is it still running?"
                )
            await asyncio.sleep(OWNER_POLL_SECONDS)
            await self.open()

    async def _watch(self) -> None:
        """Follow what other processes write, and try again what failed, until the keeper closes."""
        seen: str | None = None
        while not self._closing.is_set():
            try:
                if time.monotonic() >= self._retry_at:
                    await self._open_dense()
                    seen = None
                told = await self._told()
                if told != seen:
                    if await self._follow_erasures():
                        await self._open_dense()
                    await self._index_all()
                    seen = told
            except Exception:  # whatever it was, the next round tries again
                log.exception("the indexes could not be brought in line with the documents")
                await self._pause(RETRY_SECONDS)
            await self._pause(WATCH_SECONDS)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), seconds)

    async def _follow_erasures(self) -> bool:
        """Begin both indexes anew, where a person was erased from articles since: what is deleted stays in Chroma."""
        self._mark = mark = await self._store.read(erased_people.index_mark)
        if await asyncio.to_thread(self.lexical.mark) == mark:
            return False
        async with self._writing:
            await self._close_dense()
            if isinstance(self._vectors_at, Path):
                await asyncio.to_thread(shutil.rmtree, self._vectors_at, ignore_errors=True)
            await asyncio.to_thread(self.lexical.begin_anew, mark)
        return True

    async def _index_all(self) -> None:
        """Index every document whose row or vectors are not what the indexes hold."""
        states = await self._store.read(documents.states)
        held = await asyncio.to_thread(self.lexical.held)
        collection = self._collection()
        for document in sorted(held.keys() | states.keys()):
            if self._closing.is_set():
                return
            state = states.get(document)
            digest = state.digest if state else documents.GONE
            if (state and not state.settled) or not _holds(held.get(document), digest, collection):
                await self._index(document)

    async def _index(self, document: str) -> None:
        """Bring the indexes in line with a document's row, and mark it."""
        async with self._writing:
            article = await self._store.read(documents.load, document)
            held = (await asyncio.to_thread(self.lexical.held, [document])).get(document)
            digest = article.digest if article else documents.GONE
            if not _holds(held, digest, self._collection()):
                await (self._put(article) if article else self._remove(document))
            await self._store.write(documents.mark_indexed, document, digest)
            await self._count_lacking()

    async def _put(self, article: Article) -> None:
        """Vectors first: a passage is found from the moment its words are in, in one transaction."""
        chunks = await asyncio.to_thread(chunk, article.text)
        collection = await self._put_vectors(article, chunks)
        held = Held(article.digest, collection)
        await asyncio.to_thread(self.lexical.put, article.id, article.title, article.audience, held, chunks)
        await self._drop_vectors(article.id, keep=article.digest)

    async def _remove(self, document: str) -> None:
        await asyncio.to_thread(self.lexical.remove, document)
        await self._drop_vectors(document, keep=documents.GONE)

    async def _put_vectors(self, article: Article, chunks: Sequence[Chunk]) -> str | None:
        """The collection that has the document's vectors now; None where they are not to be had."""
        if self._no_vectors or not self._dense:
            return None
        dense = self._dense
        texts = [embedded_text(article.title, passage) for passage in chunks]
        try:
            for start in range(0, len(texts), EMBED_BATCH):
                if self._closing.is_set():
                    return None
                async with asyncio.timeout(EMBED_DEADLINE_SECONDS):
                    vectors = await asyncio.to_thread(dense.embedder.embed, texts[start : start + EMBED_BATCH])
                about = (article.id, article.digest, article.audience)
                await asyncio.to_thread(dense.index.put, *about, start, vectors)
        except (EmbeddingFailed, VectorsFailed, TimeoutError) as error:
            self._fail(error)
            return None
        return dense.index.collection

    async def _drop_vectors(self, document: str, keep: str) -> None:
        """Delete a document's vectors of other content than `keep`. Those that stay are found by no search."""
        if self._dense and not self._no_vectors:
            try:
                await asyncio.to_thread(self._dense.index.keep_only, document, keep)
            except VectorsFailed as error:
                self._fail(error)

    def _collection(self) -> str | None:
        return self._dense.index.collection if self._dense and not self._no_vectors else None

    async def _count_lacking(self) -> None:
        collection = self._collection()
        self._lacking = await asyncio.to_thread(self.lexical.lacking, collection) if collection else 0

    async def _open_dense(self) -> None:
        """Find the embedder and open its vectors; where that fails, note why, and when to try again."""
        await self._close_dense()
        try:
            async with asyncio.timeout(OPEN_DEADLINE_SECONDS):
                self._dense = await asyncio.to_thread(self._load_dense)
            self._no_vectors, self._retry_at = None, float("inf")
        except NoEmbedder as error:
            self._no_vectors, self._retry_at = str(error), float("inf")
        except (EmbeddingFailed, VectorsFailed, TimeoutError) as error:
            self._fail(error)
        await self._count_lacking()

    def _load_dense(self) -> Dense:
        embedder = self._find_embedder()
        return Dense(embedder, VectorIndex(self._vectors_at, embedder, self._mark))

    async def _close_dense(self) -> None:
        dense, self._dense = self._dense, None
        if dense:
            with contextlib.suppress(VectorsFailed):
                await asyncio.to_thread(dense.index.close)

    def _take_ownership(self) -> bool:
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            self.lexical.prepare()
            return False
        return True

    def _tell_owner(self) -> None:
        (self._folder / "changed").write_text(uuid.uuid4().hex)

    async def _told(self) -> str:
        """Differs when another process has written documents: one on this machine, or, by a database server, any."""
        newest = await self._store.read(documents.newest_change) if self._store.sqlite_file is None else None
        return f"{await asyncio.to_thread(self._told_by_file)} {newest}"

    def _told_by_file(self) -> str:
        try:
            return (self._folder / "changed").read_text()
        except FileNotFoundError:
            return ""


def _holds(held: Held | None, digest: str, collection: str | None) -> bool:
    """Whether the indexes hold this content, with vectors where a collection for them is open."""
    if digest == documents.GONE:
        return held is None
    return held is not None and held.digest == digest and collection in (None, held.collection)
