"""Embedders: the local weights against published numbers, and an endpoint played by a server on loopback."""

import importlib.metadata
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from app.retrieval import embed
from app.retrieval.embed import (
    ENDPOINT_BATCH,
    MAX_ENDPOINT_CHARACTERS,
    Embedder,
    EmbeddingFailed,
    Endpoint,
    EndpointEmbedder,
    NoEmbedder,
    find_embedder,
)


@pytest.fixture(scope="module")
def local() -> Embedder:
    try:
        return find_embedder(None)
    except NoEmbedder as reason:
        pytest.skip(str(reason))


def test_similarities_are_those_published_for_the_model(local: Embedder) -> None:
    """The three sentences and their similarities stand in the documentation of sentence-transformers."""
    sentences = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    vectors = local.embed(sentences)
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    np.testing.assert_allclose(vectors @ vectors.T, published, atol=1e-4)


def test_a_text_has_one_vector_whatever_else_is_embedded_with_it(local: Embedder) -> None:
    texts = ["short", "a somewhat longer sentence about rate limits and retries", "", "word " * 400, "short"]
    together = local.embed(texts)
    alone = np.concatenate([local.embed([text]) for text in texts])
    assert together.shape == (5, local.dimension)
    assert together.dtype == np.float32
    np.testing.assert_allclose(together, alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_text_beyond_256_tokens_does_not_count(local: Embedder) -> None:
    beyond = embed.MAX_TOKENS * "word "
    vectors = local.embed([beyond, beyond + "unicorn", "word " * 200, "word " * 200 + "unicorn"])
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=1e-6)
    assert vectors[2] @ vectors[3] < 0.999  # below 256 it does, so the tokenizer's own 128 is overridden


def test_no_package_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "WEIGHTS_PACKAGE", "a-package-that-is-not-there")
    with pytest.raises(NoEmbedder, match="not installed"):
        find_embedder(None)


@pytest.mark.parametrize(
    ("names", "message"), [([], "has no model.safetensors"), (["model.safetensors"], "is not the expected file")]
)
def test_weights_that_are_not_the_pinned_ones_are_not_loaded(
    names: list[str], message: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dataclass
    class File:
        name: str

        def locate(self) -> str:
            return str(tmp_path / self.name)

    for name in names:
        (tmp_path / name).write_bytes(b"other weights")
    monkeypatch.setattr(importlib.metadata, "files", lambda _: [File(name) for name in names])
    with pytest.raises(NoEmbedder, match=message):
        find_embedder(None)


# ── An endpoint ──


@dataclass
class Server:
    """An embeddings server. `answer` makes the vectors of a request's texts; `requests` are what it was sent."""

    url: str
    answer: Callable[[list[str]], Any]
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    status: int = 200


def axis(text: str) -> list[float]:
    return [float(len(text)), 0.0, 1.0]


def rows(vectors: list[list[float]]) -> dict[str, Any]:
    """The answer's data, last text first: order is by index."""
    data = [{"object": "embedding", "index": i, "embedding": vector} for i, vector in enumerate(vectors)]
    return {"object": "list", "model": "m", "data": data[::-1], "usage": {"prompt_tokens": 1, "total_tokens": 1}}


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            played.requests.append(request)
            played.keys.append(self.headers["Authorization"])
            body = json.dumps(played.answer(request["input"])).encode()
            self.send_response(played.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None: ...

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    played = Server(f"http://127.0.0.1:{listening.server_port}/v1", lambda texts: rows([axis(t) for t in texts]))
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield played
    listening.shutdown()
    listening.server_close()
    thread.join()


def test_an_endpoint_is_taken_before_the_local_weights(server: Server) -> None:
    embedder = find_embedder(Endpoint(server.url, "m", "secret"))
    vectors = embedder.embed(["a", "bbb"])
    np.testing.assert_allclose(vectors, [[0.5**0.5, 0, 0.5**0.5], [3 / 10**0.5, 0, 1 / 10**0.5]], atol=1e-6)
    assert (embedder.provider, embedder.model, embedder.dimension) == ("endpoint", "m", 3)
    assert set(server.keys) == {"Bearer secret"}
    assert server.requests[0]["encoding_format"] == "float"


def test_an_endpoint_gets_batches_cut_and_masked(server: Server) -> None:
    embedder = EndpointEmbedder(Endpoint(server.url, "m"))
    texts = ["password: hunter2secret"] + ["x" * (MAX_ENDPOINT_CHARACTERS + 1)] + ["y"] * ENDPOINT_BATCH
    assert len(embedder.embed(texts)) == len(texts)
    assert [len(request["input"]) for request in server.requests] == [
        1,
        ENDPOINT_BATCH,
        2,
    ]  # one asks for the dimension
    assert "hunter2secret" not in server.requests[1]["input"][0]
    assert len(server.requests[1]["input"][1]) == MAX_ENDPOINT_CHARACTERS


@pytest.mark.parametrize(
    "answer",
    [
        lambda texts: rows([axis(t) for t in texts][:-1]),
        lambda texts: rows([[float("nan")] * 3 for _ in texts]),
        lambda texts: rows([[1.0] * (i + 1) for i, _ in enumerate(texts)]),
        lambda texts: {"data": None},
        lambda texts: {},
        lambda texts: [],
        lambda texts: "hello",
    ],
    ids=["one missing", "not finite", "ragged", "no data", "empty", "a list", "a string"],
)
def test_an_answer_without_usable_vectors_is_a_failure(server: Server, answer: Callable[[list[str]], Any]) -> None:
    server.answer = answer
    with pytest.raises(EmbeddingFailed):
        EndpointEmbedder(Endpoint(server.url, "m")).embed(["a", "b"])


def test_vectors_that_change_their_length_are_a_failure(server: Server) -> None:
    embedder = EndpointEmbedder(Endpoint(server.url, "m"))
    embedder.embed(["a"])
    server.answer = lambda texts: rows([[1.0, 2.0] for _ in texts])
    with pytest.raises(EmbeddingFailed, match="length"):
        embedder.embed(["a"])


def test_a_refusing_or_absent_server_is_a_failure(server: Server) -> None:
    server.status, server.answer = 401, lambda texts: {"error": {"message": "no"}}
    with pytest.raises(EmbeddingFailed):
        EndpointEmbedder(Endpoint(server.url, "m")).embed(["a"])
    with pytest.raises(EmbeddingFailed):
        EndpointEmbedder(Endpoint("http://127.0.0.1:9/v1", "m")).embed(["a"])
