"""The knowledge base as the service uses it: changes are seen at once, indexes heal, and one process owns them."""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from app.domain.problems import NotFound, Problem
from app.retrieval import keeper
from app.retrieval.keeper import OwnerSilent
from app.retrieval.knowledge import MAX_QUERY_CHARACTERS, MAX_RESULTS, Knowledge
from app.retrieval.search import SearchResult, load_thresholds
from app.store.engine import Store
from tests.retrieval.conftest import WITHOUT_EMBEDDER, KnowledgeBase, WordCounter, no_embedder, write_article


def found(result: SearchResult) -> list[str]:
    return [passage.document for passage in result.results]


@pytest.mark.parametrize("hybrid", [True, False])
def test_a_change_is_seen_when_the_call_returns(knowledge_base: KnowledgeBase, hybrid: bool) -> None:
    async def scenario() -> None:
        async with knowledge_base((lambda: WordCounter()) if hybrid else no_embedder) as knowledge:
            await knowledge.put("a", "Penguins", "# Where\n\nThey live in Antarctica.")
            result = await knowledge.search("Where do penguins live?")
            assert result.mode == knowledge.mode.name == ("hybrid" if hybrid else "lexical")
            assert result.reason == (None if hybrid else WITHOUT_EMBEDDER)
            (passage,) = result.results
            assert (passage.document, passage.title, passage.heading) == ("a", "Penguins", "Where")
            assert (passage.lines, passage.text) == ((1, 3), "# Where\n\nThey live in Antarctica.")
            await knowledge.put("a", "Polar bears", "They live in the Arctic.")
            assert "Antarctica" not in (await knowledge.search("antarctica arctic live")).results[0].text
            await knowledge.delete("a")
            assert found(await knowledge.search("polar bears live")) == []

    asyncio.run(scenario())


def test_customers_are_shown_customer_documents_only(knowledge_base: KnowledgeBase) -> None:
    async def scenario() -> None:
        async with knowledge_base(WordCounter) as knowledge:
            await knowledge.put("open", "Refunds", "How refunds work.", "customer")
            await knowledge.put("secret", "Refunds inside", "How refunds really work.", "internal")
            assert set(found(await knowledge.search("refunds"))) == {"open", "secret"}
            assert found(await knowledge.search("refunds", audience="customer")) == ["open"]
            await knowledge.put("open", "Refunds", "How refunds work.", "internal")
            assert found(await knowledge.search("refunds", audience="customer")) == []

    asyncio.run(scenario())


@pytest.mark.parametrize("query", ["", " \n", "?!", '"*" :', "\U0001f600"])
def test_a_question_without_words_is_refused(knowledge_base: KnowledgeBase, query: str) -> None:
    async def scenario() -> None:
        async with knowledge_base() as knowledge:
            with pytest.raises(Problem) as refused:
                await knowledge.search(query)
            assert (refused.value.code, refused.value.status) == ("empty_query", 422)

    asyncio.run(scenario())


def test_bounds_of_a_search(knowledge_base: KnowledgeBase) -> None:
    async def scenario() -> None:
        async with knowledge_base() as knowledge:
            await knowledge.put("a", "Words", "\n\n".join(f"## Part {i}\n\nwords" for i in range(60)))
            assert len((await knowledge.search("words", k=MAX_RESULTS)).results) == MAX_RESULTS
            assert len((await knowledge.search("words " * (MAX_QUERY_CHARACTERS // 6))).results) == 5
            for query, k, code in [
                ("w" * (MAX_QUERY_CHARACTERS + 1), 5, "query_too_long"),
                ("words", 0, "invalid_arguments"),
                ("words", MAX_RESULTS + 1, "invalid_arguments"),
            ]:
                with pytest.raises(Problem) as refused:
                    await knowledge.search(query, k)
                assert refused.value.code == code

    asyncio.run(scenario())


def test_documents_that_cannot_be_changed(knowledge_base: KnowledgeBase) -> None:
    async def scenario() -> None:
        async with knowledge_base() as knowledge:
            with pytest.raises(NotFound) as absent:
                await knowledge.delete("absent")
            assert absent.value.code == "document_not_found"
            for change in (knowledge.put("cse.mine", "T", "Text."), knowledge.delete("cse.mine")):
                with pytest.raises(Problem) as shipped:
                    await change
                assert (shipped.value.code, shipped.value.status) == ("shipped_document", 409)

    asyncio.run(scenario())


def test_sync_is_idempotent_and_follows_the_folder(knowledge_base: KnowledgeBase, folder: Path) -> None:
    async def scenario() -> None:
        counter = WordCounter()
        async with knowledge_base(lambda: counter) as knowledge:
            assert len((await knowledge.sync(folder)).created) == 2
            embedded = len(counter.texts)
            assert len((await knowledge.sync(folder)).unchanged) == 2
            assert len(counter.texts) == embedded
            (folder / "tokens.md").unlink()
            write_article(folder, "limits", "Rate limits", "## Quotas\n\nAsk for more.\n")
            changes = await knowledge.sync(folder)
            assert (changes.updated, changes.deleted) == (("cse.limits",), ("cse.tokens",))
            assert found(await knowledge.search("quotas")) == ["cse.limits"]
            assert found(await knowledge.search("clock skew")) == ["cse.limits"]

    asyncio.run(scenario())


def test_a_sync_that_was_cut_off_goes_on_where_it_was(knowledge_base: KnowledgeBase, folder: Path) -> None:
    class Dies(WordCounter):
        def embed(self, texts: Any) -> Any:
            if any("Clock" in text for text in texts):
                raise SystemError("as good as kill -9")
            return super().embed(texts)

    async def scenario() -> None:
        async with knowledge_base(Dies) as knowledge:
            with pytest.raises(SystemError):
                await knowledge.sync(folder)
        counter = WordCounter()
        async with knowledge_base(lambda: counter) as knowledge:
            await knowledge.sync(folder)
            assert [text for text in counter.texts if "jitter" in text] == []
            assert found(await knowledge.search("clock skew"))[0] == "cse.tokens"
            assert found(await knowledge.search("retry jitter"))[0] == "cse.limits"

    asyncio.run(scenario())


def test_indexes_that_were_lost_are_made_anew(knowledge_base: KnowledgeBase, store: Store, folder: Path) -> None:
    async def scenario() -> None:
        for lost in ("lexical.db", "chroma"):
            async with knowledge_base(WordCounter) as knowledge:
                await knowledge.sync(folder)
            path = store.data_dir / "knowledge" / lost
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            async with knowledge_base(WordCounter) as knowledge:
                await knowledge.sync(folder)
                result = await knowledge.search("retry jitter")
                assert (result.mode, found(result)[0]) == ("hybrid", "cse.limits")

    asyncio.run(scenario())


def test_another_embedder_reindexes_and_never_mixes(knowledge_base: KnowledgeBase, folder: Path) -> None:
    async def scenario() -> None:
        async with knowledge_base(WordCounter) as knowledge:
            await knowledge.sync(folder)
        other = WordCounter(model="other", dimension=32)
        async with knowledge_base(lambda: other) as knowledge:
            await knowledge.open()
            await knowledge.sync(folder)
            assert len(other.texts) == 2
            assert (await knowledge.search("retry jitter")).mode == "hybrid"

    asyncio.run(scenario())


def test_while_vectors_are_missing_the_search_is_by_words_and_says_so(
    knowledge_base: KnowledgeBase, folder: Path
) -> None:
    async def scenario() -> None:
        async with knowledge_base() as knowledge:
            await knowledge.sync(folder)
        async with knowledge_base(WordCounter) as knowledge:
            await knowledge._keeper._writing.acquire()  # nothing is indexed meanwhile
            result = await knowledge.search("retry jitter")
            assert (result.mode, found(result)) == ("lexical", ["cse.limits"])
            assert result.reason == "vectors of 2 documents are still to be made"
            knowledge._keeper._writing.release()
            await knowledge.sync(folder)
            assert (await knowledge.search("retry jitter")).mode == "hybrid"

    asyncio.run(scenario())


def test_chroma_failing_leaves_answers_by_words(knowledge_base: KnowledgeBase, store: Store, folder: Path) -> None:
    async def scenario() -> None:
        chroma = store.data_dir / "knowledge" / "chroma"
        chroma.mkdir(parents=True)
        (chroma / "chroma.sqlite3").write_bytes(b"no database " * 1_000)
        async with knowledge_base(WordCounter) as knowledge:
            await knowledge.sync(folder)
            result = await knowledge.search("retry jitter")
            assert (result.mode, found(result)) == ("lexical", ["cse.limits"])
            assert "vector index failed" in str(result.reason)
            assert knowledge.mode.reason == result.reason

    asyncio.run(scenario())


def test_an_embedder_that_goes_down_is_tried_again(
    knowledge_base: KnowledgeBase, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        counter = WordCounter()
        async with knowledge_base(lambda: counter) as knowledge:
            await knowledge.sync(folder)
            counter.down = True
            result = await knowledge.search("retry jitter")
            assert (result.mode, result.reason, found(result)) == ("lexical", "the embedder is down", ["cse.limits"])
            await knowledge.put("late", "Written meanwhile", "Unicorns.")
            assert found(await knowledge.search("unicorns")) == ["late"]
            counter.down = False
            async with asyncio.timeout(20):
                while (result := await knowledge.search("unicorns")).mode == "lexical":
                    pass
            assert found(result)[0] == "late"

    monkeypatch.setattr(keeper, "RETRY_SECONDS", 0.2)
    monkeypatch.setattr(keeper, "WATCH_SECONDS", 0.02)
    asyncio.run(scenario())


def test_a_slow_vector_search_is_not_waited_for(knowledge_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        async with knowledge_base(WordCounter) as knowledge:
            await knowledge.put("a", "Penguins", "They live in Antarctica.")
            monkeypatch.setattr("app.retrieval.knowledge.VECTORS_DEADLINE_SECONDS", 0.0)
            result = await knowledge.search("penguins")
            assert (result.mode, found(result)) == ("lexical", ["a"])
            assert result.reason == "the vectors took too long"

    asyncio.run(scenario())


# ── Two processes ──

OTHER_PROCESS = """
import asyncio, json, sys
from pathlib import Path
from app.retrieval.knowledge import Knowledge
from app.retrieval.search import load_thresholds
from app.store.engine import Store
from tests.retrieval.conftest import WordCounter

async def main():
    folder = Path(sys.argv[1])
    knowledge = Knowledge(Store(f"sqlite:///{folder}/cse.db", folder), folder, WordCounter, load_thresholds())
    await knowledge.put("theirs", "Unicorns", "They live in the woods.")
    result = await knowledge.search("unicorns")
    print(json.dumps([result.mode, result.reason, [p.document for p in result.results]]))
    await knowledge.close()

asyncio.run(main())
"""


async def other_process(folder: Path) -> Any:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", OTHER_PROCESS, str(folder)), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(out)


def test_what_another_process_writes_is_indexed_by_the_owner(knowledge_base: KnowledgeBase, store: Store) -> None:
    async def scenario() -> None:
        async with knowledge_base(WordCounter) as owner:
            await owner.put("ours", "Penguins", "They live in Antarctica.")
            mode, reason, documents = await other_process(store.data_dir)
            assert (mode, documents) == ("lexical", ["theirs"])
            assert reason == "another process keeps the vector index"
            result = await owner.search("unicorns")
            assert (result.mode, found(result)[0]) == ("hybrid", "theirs")

    asyncio.run(scenario())


def test_with_no_owner_any_process_owns_the_indexes(knowledge_base: KnowledgeBase, store: Store) -> None:
    async def scenario() -> None:
        assert await other_process(store.data_dir) == ["hybrid", None, ["theirs"]]
        async with knowledge_base(WordCounter) as knowledge:
            assert found(await knowledge.search("unicorns"))[0] == "theirs"

    asyncio.run(scenario())


def test_a_process_takes_over_from_an_owner_that_ended(knowledge_base: KnowledgeBase) -> None:
    async def scenario() -> None:
        async with knowledge_base(WordCounter) as second:
            async with knowledge_base(WordCounter) as first:
                await first.put("a", "Penguins", "They live in Antarctica.")
                assert (await second.search("penguins")).mode == "lexical"
                await first._keeper._writing.acquire()  # the owner hangs
                change = asyncio.create_task(second.delete("a"))
                await asyncio.sleep(0.3)
                assert not change.done()
                first._keeper._writing.release()
            await change
            result = await second.search("penguins")
            assert (result.mode, found(result)) == ("hybrid", [])

    asyncio.run(scenario())


def test_an_owner_that_does_not_answer_is_told_and_nothing_is_lost(
    knowledge_base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with knowledge_base() as owner, knowledge_base() as other:
            await owner.open()
            await owner._keeper._writing.acquire()
            with monkeypatch.context() as impatient:
                impatient.setattr(keeper, "OWNER_DEADLINE_SECONDS", 0.2)
                with pytest.raises(OwnerSilent) as silent:
                    await other.put("a", "Penguins", "They live in Antarctica.")
            assert (silent.value.code, silent.value.status) == ("index_busy", 503)
            owner._keeper._writing.release()
            await other.put("a", "Penguins", "They live in Antarctica.")
            assert found(await other.search("penguins")) == found(await owner.search("penguins")) == ["a"]

    asyncio.run(scenario())


def test_nothing_is_opened_before_the_first_call(store: Store) -> None:
    knowledge = Knowledge(store, store.data_dir, WordCounter, load_thresholds())
    assert knowledge.mode.name == "lexical"
    assert not (store.data_dir / "knowledge").exists()
    asyncio.run(knowledge.close())
