"""The knowledge base that the service holds: documents in the store, indexes beside it, one search over both."""

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from app.domain.command import Audience
from app.domain.problems import InvalidArguments, NotFound, Problem
from app.retrieval import documents
from app.retrieval.documents import Article, Changes
from app.retrieval.embed import EmbeddingFailed, FindEmbedder, Vectors
from app.retrieval.index import VectorsFailed
from app.retrieval.keeper import Dense, Keeper
from app.retrieval.question import Question, read_question
from app.retrieval.search import CANDIDATES, Candidate, Mode, Passage, SearchResult, Thresholds, outcome_of, rank
from app.store.engine import Store

MAX_QUERY_CHARACTERS = 4_000
MAX_RESULTS = 50

AtEnd = Callable[[Connection, Changes], None]

T = TypeVar("T")

VECTORS_DEADLINE_SECONDS = 10.0
"""For the vectors' part of a search, beyond which the answer is lexical."""


@dataclass(frozen=True, slots=True)
class KnowledgeMode:
    """How searches are answered now; `reason` says why by words only."""

    name: Mode
    reason: str | None


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Knowledge:
    """Search over documents, and changes to them that return once searches see them.

    Nothing is opened before the first call. Every method may be called from many tasks of one event loop.
    """

    def __init__(
        self,
        store: Store,
        data_dir: Path,
        find_embedder: FindEmbedder,
        thresholds: Thresholds,
        now: Callable[[], dt.datetime] = _utc_now,
        chroma_url: str = "",
    ) -> None:
        self._store = store
        self._thresholds = thresholds
        self._now = now
        self._keeper = Keeper(store, data_dir / "knowledge", find_embedder, chroma_url)
        self._lexical = self._keeper.lexical
        self._fixed: tuple[Dense, tuple[str, ...], Vectors] | None = None  # what `likeness` was asked about last

    @property
    def mode(self) -> KnowledgeMode:
        """How a search would be answered now."""
        reason = self._keeper.no_vectors
        return KnowledgeMode("lexical" if reason else "hybrid", reason)

    async def open(self) -> None:
        """Load what searches need (a few seconds), so that the first one need not wait for it."""
        await self._keeper.open()

    async def close(self) -> None:
        """Let another process own the indexes."""
        await self._keeper.close()

    async def sync(self, folder: Path, at_end: AtEnd | None = None) -> Changes:
        """Make the shipped articles those of `folder`, and bring the indexes in line with all documents.

        Here and below, `at_end` is called in the transaction of the documents.

        Raises:
            InvalidDocument: a file of the folder is no article; nothing was changed.
            OwnerSilent: another process owns the indexes and does not answer.
        """
        articles = await asyncio.to_thread(documents.read_folder, folder)
        changes = await self._change(documents.put_folder, articles, at_end)
        await self._keeper.settle()
        return changes

    async def put(
        self, document: str, title: str, text: str, audience: Audience = "internal", at_end: AtEnd | None = None
    ) -> None:
        """Write a document, new or in place of what it was, and return once searches see it.

        Raises:
            InvalidDocument: `invalid_document_id` or `invalid_document`.
            Problem: `document_too_large`, or `shipped_document` for an id of the shipped articles.
            OwnerSilent: it is written, but the process that owns the indexes does not answer.
        """
        article = documents.checked(Article(document, title, text, audience))
        documents.check_own(document)
        await self._change(documents.put_all, [article], at_end)
        await self._keeper.settle([document])

    async def delete(self, document: str, at_end: AtEnd | None = None) -> None:
        """Delete a document, and return once no search finds it.

        Raises:
            NotFound: `document_not_found`.
            Problem: `shipped_document` for an id of the shipped articles.
            OwnerSilent: it is deleted, but the process that owns the indexes does not answer.
        """
        documents.check_own(document)

        def gone(conn: Connection, ids: Sequence[str], now: dt.datetime) -> Changes:
            return Changes(deleted=documents.delete_all(conn, ids, now))

        if not (await self._change(gone, [document], at_end)).deleted:
            raise NotFound("There is no document with this id.", code="document_not_found")
        await self._keeper.settle([document])

    async def _change(
        self,
        change: Callable[[Connection, Sequence[T], dt.datetime], Changes],
        items: Sequence[T],
        at_end: AtEnd | None,
    ) -> Changes:
        """Change the documents. What stays as it is ends nothing."""

        def write(conn: Connection) -> Changes:
            changes = change(conn, items, self._now())
            if at_end and (changes.created or changes.updated or changes.deleted):
                at_end(conn, changes)
            return changes

        return await self._store.write(write)

    async def settle(self, ids: Sequence[str]) -> None:
        """Return once the indexes hold these documents as the store has them, and nothing of a person erased there.

        Raises:
            OwnerSilent: the process that owns the indexes does not answer.
        """
        await self._keeper.settle(ids)

    async def search(self, query: str, k: int = 5, audience: Audience = "internal") -> SearchResult:
        """The `k` best passages for a question; for customers, of customer documents only.

        Where vectors are not to be had the search is by words, and the result says why.

        Raises:
            Problem: `empty_query`, or `query_too_long` over MAX_QUERY_CHARACTERS.
            InvalidArguments: `k` is not 1 to MAX_RESULTS.
        """
        question = _question(query, k)
        await self._keeper.open()
        found = await asyncio.to_thread(self._lexical.match, question, audience, CANDIDATES)
        cosines: dict[str, float] | None = None
        reason = self._keeper.no_vectors
        if dense := self._keeper.dense:
            try:
                async with asyncio.timeout(VECTORS_DEADLINE_SECONDS):
                    cosines = await asyncio.to_thread(_cosines, dense, query, found, audience)
            except (EmbeddingFailed, VectorsFailed, TimeoutError) as error:
                self._keeper.vectors_failed(dense, error)
                reason = str(error) or "the vectors took too long"
        passages = await asyncio.to_thread(self._ranked, question, found, cosines, k)
        limits = self._thresholds.lexical if cosines is None else self._thresholds.hybrid
        return SearchResult(
            outcome=outcome_of(passages[0].score if passages else None, limits),
            results=passages,
            mode="lexical" if cosines is None else "hybrid",
            reason=reason,
        )

    async def likeness(self, text: str, others: Sequence[str]) -> list[float] | None:
        """How like `text` each of some fixed texts is in meaning (cosine); None where vectors are not to be had."""
        await self._keeper.open()
        dense = self._keeper.dense
        if dense is None:
            return None
        try:
            async with asyncio.timeout(VECTORS_DEADLINE_SECONDS):
                return await asyncio.to_thread(self._cosines_of, dense, text, tuple(others))
        except (EmbeddingFailed, TimeoutError) as error:
            self._keeper.vectors_failed(dense, error)
            return None

    def _cosines_of(self, dense: Dense, text: str, others: tuple[str, ...]) -> list[float]:
        kept = self._fixed
        if kept is None or kept[:2] != (dense, others):
            kept = self._fixed = (dense, others, dense.embedder.embed(others))
        return [float(cosine) for cosine in kept[2] @ dense.embedder.embed([text])[0]]

    def _ranked(
        self, question: Question, bm25: dict[str, float], cosines: dict[str, float] | None, k: int
    ) -> tuple[Passage, ...]:
        """The best passages. A key that only Chroma knows is of a passage that is not there any more."""
        cosines = cosines or {}
        matches = self._lexical.word_matches(question, list(bm25 | cosines))
        candidates = [
            Candidate(key, bm25.get(key, 0.0), cosines.get(key), match.words, match.heading_words, match.pairs)
            for key, match in matches.items()
        ]
        best = rank(candidates)[:k]
        found = self._lexical.passages([key for key, _ in best])
        return tuple(
            Passage(
                document=passage.document,
                title=passage.title,
                heading=passage.heading,
                lines=passage.lines,
                text=passage.text,
                score=score,
            )
            for key, score in best
            if (passage := found.get(key))
        )


def _question(query: str, k: int) -> Question:
    if len(query) > MAX_QUERY_CHARACTERS:
        raise Problem(
            f"A question to the knowledge base may have {MAX_QUERY_CHARACTERS:,} characters; shorten it.",
            code="query_too_long",
            status=413,
        )
    if not 1 <= k <= MAX_RESULTS:
        raise InvalidArguments(f"Ask for 1 to {MAX_RESULTS} results.")
    question = read_question(query)
    if not question.words:
        raise Problem("Write the question in words.", code="empty_query", status=422)
    return question


def _cosines(dense: Dense, query: str, found: dict[str, float], audience: Audience) -> dict[str, float]:
    """Cosine similarity of the nearest passages, and of those that were found by words."""
    vector = dense.embedder.embed([query])
    near = dense.index.nearest(vector, audience, CANDIDATES)
    return near | dense.index.cosines(vector, [key for key in found if key not in near])
