"""Two servers of a deployment, each with indexes of its own over one PostgreSQL: what one writes the other finds."""

import asyncio
import time
from pathlib import Path

from app.retrieval.knowledge import Knowledge
from app.retrieval.search import load_thresholds
from app.store.engine import Store
from tests.databases import new_store
from tests.retrieval.conftest import no_embedder

PATIENCE_SECONDS = 20


def test_what_one_server_writes_the_other_finds(tmp_path: Path) -> None:
    async def until(knowledge: Knowledge, query: str, expected: list[str]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while [passage.document for passage in (await knowledge.search(query)).results] != expected:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)

    async def scenario(store: Store) -> None:
        here, there = (Knowledge(store, tmp_path / name, no_embedder, load_thresholds()) for name in ("here", "there"))
        await there.open()
        await here.put("a", "Penguins", "They swim.")
        await until(there, "penguins", ["a"])
        await here.delete("a")
        await until(there, "penguins", [])
        await here.close()
        await there.close()

    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    with new_store("postgresql", tmp_path) as store:
        asyncio.run(scenario(store))
