"""A Chroma server on loopback: found by meaning through it, and by words where it is gone or does not answer."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.retrieval import chroma_server, keeper
from app.retrieval.index import VectorIndex, VectorsFailed
from app.retrieval.knowledge import Knowledge
from app.retrieval.search import load_thresholds
from app.store.engine import Store
from tests.databases import new_store
from tests.retrieval.conftest import WordCounter

CHROMA = Path(sys.executable).with_name("chroma")
START_SECONDS = 30


@contextmanager
def running(folder: Path, port: int) -> Iterator[str]:
    with running_process(folder, port) as (url, _):
        yield url


@contextmanager
def running_process(folder: Path, port: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    command = [str(CHROMA), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not _answers(port):
                assert process.poll() is None
                assert time.monotonic() < deadline, "Chroma did not start"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.kill()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store("sqlite", tmp_path) as opened:
        yield opened


def knowledge_of(store: Store, folder: Path, url: str) -> Knowledge:
    return Knowledge(store, folder, WordCounter, load_thresholds(), chroma_url=url)


def test_found_by_meaning_and_by_words_while_it_is_gone(
    store: Store, tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "RETRY_SECONDS", 0.5)

    async def scenario() -> None:
        with running(tmp_path / "server", free_port) as url:
            knowledge = knowledge_of(store, tmp_path, url)
            await knowledge.put("a", "Penguins", "They live in Antarctica.")
            await knowledge.put("b", "Bears", "They live in the Arctic.", "customer")
            found = await knowledge.search("Where do penguins live?")
            assert (found.mode, found.results[0].document) == ("hybrid", "a")
            await knowledge.put("a", "Penguins", "They swim.")
            assert (await knowledge.search("penguins swim")).results[0].text == "They swim."
            found = await knowledge.search("penguins bears", audience="customer")
            assert [passage.document for passage in found.results] == ["b"]
        found = await knowledge.search("penguins")
        assert (found.mode, found.results[0].document) == ("lexical", "a")
        assert found.reason
        assert not (tmp_path / "knowledge" / "chroma").exists()
        with running(tmp_path / "server", free_port):
            deadline = time.monotonic() + START_SECONDS
            while (await knowledge.search("penguins")).mode != "hybrid":
                assert time.monotonic() < deadline, "it was not found again"
                await asyncio.sleep(0.1)
        await knowledge.close()

    asyncio.run(scenario())


def test_two_machines_share_it(store: Store, tmp_path: Path, free_port: int) -> None:
    """Each has its own folder; another embedder's vectors are kept apart from theirs."""
    with running(tmp_path / "server", free_port) as url:
        first, second = VectorIndex(url, WordCounter()), VectorIndex(url, WordCounter())
        embedder = WordCounter()
        first.put("a", "digest", "internal", 0, embedder.embed(["penguins"]))
        assert second.nearest(embedder.embed(["penguins"]), "internal", 5) == {"a@digest#0": pytest.approx(1)}
        assert VectorIndex(url, WordCounter("another")).nearest(embedder.embed(["penguins"]), "internal", 5) == {}
        assert first.collection == second.collection


def test_a_server_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chroma_server, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(VectorsFailed):
        VectorIndex(f"http://127.0.0.1:{silent.getsockname()[1]}", WordCounter())


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGSTOP")
def test_a_server_that_stops_answering_is_given_up(
    tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chroma_server, "ANSWER_SECONDS", 1)
    with running_process(tmp_path, free_port) as (url, process):
        index = VectorIndex(url, WordCounter())
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(VectorsFailed):
            index.nearest(WordCounter().embed(["penguins"]), "internal", 5)


def test_a_server_that_is_not_there(free_port: int) -> None:
    with pytest.raises(VectorsFailed):
        VectorIndex(f"http://127.0.0.1:{free_port}", WordCounter())
