"""What the service makes anew at each start, or for each database, and the tests once in a process.

Hundreds of tests start a service or open a store: without this, half of their time is spent here.
"""

import ssl
from collections.abc import Hashable, Sequence
from functools import cache, lru_cache, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.util import LRUCache

from app import runtime
from app.retrieval.embed import Embedder, Endpoint, Vectors, find_embedder
from app.security.commitments import Commitments, load_commitments
from app.security.policy import Policy
from app.store import engine

MOST_STATEMENTS = 4_000


class Statements(LRUCache[tuple[Any, ...], Any]):
    """SQL that was compiled for one engine serves all engines of its kind. SQLAlchemy's keys begin with the dialect."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(_of_kind(key), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(_of_kind(key), value)


def _of_kind(key: tuple[Any, ...]) -> tuple[Hashable, ...]:
    return type(key[0]), *key[1:]


class Remembering:
    """The local embedder; it remembers the questions that it was asked, which tests ask again and again."""

    def __init__(self, embedder: Embedder) -> None:
        self.provider, self.model, self.dimension = embedder.provider, embedder.model, embedder.dimension
        self._embedder = embedder
        self._of_one = lru_cache(1_000)(lambda text: embedder.embed((text,)))

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self._of_one(texts[0]).copy() if len(texts) == 1 else self._embedder.embed(texts)


@cache
def _local_embedder() -> Embedder:
    return Remembering(find_embedder(None))


def _embedder(endpoint: Endpoint | None) -> Embedder:
    return find_embedder(endpoint) if endpoint else _local_embedder()


@cache
def _commitments_of(policy: str) -> Commitments:
    return load_commitments(Policy.model_validate_json(policy))


def _commitments(policy: Policy) -> Commitments:
    return _commitments_of(policy.model_dump_json())


def install() -> None:
    """For all tests of this process."""
    statements = Statements(MOST_STATEMENTS)
    for module, name, made in (
        (engine, "create_engine", partial(sa.create_engine, execution_options={"compiled_cache": statements})),
        (runtime, "find_embedder", _embedder),
        (runtime, "load_commitments", _commitments),
        (ssl, "create_default_context", cache(ssl.create_default_context)),  # 20 ms for each client of HTTP
    ):
        setattr(module, name, made)
