"""How passages are ranked and what the best one is worth. Pure: the indexes say what they found, this weighs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from app.domain.blocks import Citation

CANDIDATES = 100
"""So many passages of each index are ranked."""

COSINE_WEIGHT, BM25_WEIGHT = 0.7, 0.3
WORDS_WEIGHT, HEADING_WEIGHT, PAIRS_WEIGHT = 0.1, 0.05, 0.1
"""Measured on two knowledge bases: docs/decisions/0004-retrieval.md."""

THRESHOLDS = Path(__file__).with_name("thresholds.yaml")

Mode = Literal["hybrid", "lexical"]
SearchOutcome = Literal["answer", "caveat", "handover"]


class Limits(BaseModel):
    """The least score of the best passage for an answer, and for an answer with a caveat."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: float
    caveat: float


class Thresholds(BaseModel):
    """Scores of the two modes differ in scale, so each has its own limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hybrid: Limits
    lexical: Limits


class Passage(Citation):
    """A passage found; `score` tells passages of one search apart, and is at most 1.25 (lexical: 0.55)."""

    score: float


class SearchResult(BaseModel):
    """Passages, the best first. `reason` says why the search was lexical only.

    `outcome`: answer from them; answer with the caveat that they may not be to the point; or hand over to a person.
    """

    model_config = ConfigDict(frozen=True)

    outcome: SearchOutcome
    results: tuple[Passage, ...]
    mode: Mode
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """What the indexes say of one passage. `cosine` is None in a lexical search or where it has no vector.

    `bm25` is 0 where no searched word is in it; `words`, `heading_words` and `pairs` are shares of the question's words
    (by rarity), of the same in its heading, and of the question's neighbouring words.
    """

    key: str
    bm25: float
    cosine: float | None
    words: float
    heading_words: float
    pairs: float


def load_thresholds(path: Path = THRESHOLDS) -> Thresholds:
    """The thresholds in force."""
    return Thresholds.model_validate(yaml.safe_load(path.read_text("utf-8")))


def rank(candidates: Sequence[Candidate]) -> list[tuple[str, float]]:
    """Keys with their scores, best first; equal scores in the order of keys.

    Score = 0.7·cosine + 0.3·BM25 ÷ the highest BM25 + 0.1·words + 0.05·heading words + 0.1·pairs.
    """
    highest = max((candidate.bm25 for candidate in candidates), default=0.0)
    scores = [(candidate.key, _score(candidate, highest)) for candidate in candidates]
    return sorted(scores, key=lambda scored: (-scored[1], scored[0]))


def _score(candidate: Candidate, highest_bm25: float) -> float:
    return (
        COSINE_WEIGHT * (candidate.cosine or 0.0)
        + BM25_WEIGHT * (candidate.bm25 / highest_bm25 if highest_bm25 > 0 else 0.0)
        + WORDS_WEIGHT * candidate.words
        + HEADING_WEIGHT * candidate.heading_words
        + PAIRS_WEIGHT * candidate.pairs
    )


def outcome_of(best: float | None, limits: Limits) -> SearchOutcome:
    """What to do with the best score (None: nothing was found)."""
    if best is None or best < limits.caveat:
        return "handover"
    return "answer" if best >= limits.answer else "caveat"
