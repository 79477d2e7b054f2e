"""A store with its tables, an embedder that counts words, and knowledge bases over them."""

import shutil
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from app.retrieval.embed import Embedder, EmbeddingFailed, FindEmbedder, NoEmbedder, Vectors
from app.retrieval.knowledge import Knowledge
from app.retrieval.question import read_question
from app.retrieval.search import load_thresholds
from app.store.engine import Store

WITHOUT_EMBEDDER = "there is no embedder in this test"


class WordCounter:
    """An embedder for tests: texts that share words are near each other. `texts` are those it was asked for."""

    provider = "test"

    def __init__(self, model: str = "words", dimension: int = 64) -> None:
        self.model = model
        self.dimension = dimension
        self.texts: list[str] = []
        self.down = False

    def embed(self, texts: Sequence[str]) -> Vectors:
        if self.down:
            raise EmbeddingFailed("the embedder is down")
        self.texts.extend(texts)
        vectors = np.full((len(texts), self.dimension), 1e-3, np.float32)
        for row, text in enumerate(texts):
            for word in read_question(text).words:
                vectors[row, zlib.crc32(word.encode()) % self.dimension] += 1
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors


def no_embedder() -> Embedder:
    raise NoEmbedder(WITHOUT_EMBEDDER)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has its tables and nothing in them; copying it is faster than migrating."""
    folder = tmp_path_factory.mktemp("migrated")
    store = Store(f"sqlite:///{folder / 'cse.db'}", folder)
    store.migrate()
    store.close()
    return folder / "cse.db"


@pytest.fixture
def store(migrated: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(migrated, tmp_path)
    opened = Store(f"sqlite:///{tmp_path / migrated.name}", tmp_path)
    yield opened
    opened.close()


KnowledgeBase = Callable[..., AbstractAsyncContextManager[Knowledge]]


@pytest.fixture
def knowledge_base(store: Store) -> KnowledgeBase:
    """Opens a knowledge base over the store, closed at the end of the block."""

    @asynccontextmanager
    async def opened(find: FindEmbedder = no_embedder) -> AsyncIterator[Knowledge]:
        knowledge = Knowledge(store, store.data_dir, find, load_thresholds())
        try:
            yield knowledge
        finally:
            await knowledge.close()

    return opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two articles."""
    made = tmp_path / "articles"
    made.mkdir()
    write_article(made, "limits", "Rate limits", "## Too many requests\n\nWait, then retry with jitter.\n")
    write_article(made, "tokens", "Tokens", "## Clock skew\n\nCompare both clocks.\n", audience="internal")
    return made


def write_article(folder: Path, id_: str, title: str, body: str, audience: str = "customer") -> None:
    matter = f"---\nid: {id_}\ntitle: {title}\naudience: {audience}\n---\n\n"
    (folder / f"{id_}.md").write_text(matter + body, encoding="utf-8")
