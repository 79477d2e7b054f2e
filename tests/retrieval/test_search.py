"""Ranking and outcome, by numbers worked by hand."""

import pytest

from app.retrieval.search import Candidate, Limits, SearchOutcome, load_thresholds, outcome_of, rank


def test_scores_worked_by_hand() -> None:
    candidates = [
        Candidate("a", bm25=4.0, cosine=0.5, words=1.0, heading_words=0.5, pairs=0.0),
        Candidate("b", bm25=8.0, cosine=0.2, words=0.6, heading_words=0.0, pairs=1.0),
        Candidate("c", bm25=0.0, cosine=0.9, words=0.0, heading_words=0.0, pairs=0.0),
        Candidate("d", bm25=2.0, cosine=None, words=0.2, heading_words=1.0, pairs=0.5),
    ]
    scores = dict(rank(candidates))
    assert scores["a"] == pytest.approx(0.35 + 0.15 + 0.1 + 0.025)  # 0.7·0.5 + 0.3·4/8 + 0.1·1 + 0.05·0.5
    assert scores["b"] == pytest.approx(0.14 + 0.3 + 0.06 + 0.1)
    assert scores["c"] == pytest.approx(0.63)
    assert scores["d"] == pytest.approx(0.075 + 0.02 + 0.05 + 0.05)
    assert [key for key, _ in rank(candidates)] == ["c", "a", "b", "d"]


def test_equal_scores_keep_the_order_of_keys() -> None:
    alike = [Candidate(key, 1.0, None, 0.5, 0.0, 0.0) for key in ("z", "a", "m")]
    assert [key for key, _ in rank(alike)] == ["a", "m", "z"]


def test_no_word_found_divides_by_nothing() -> None:
    ((_, score),) = rank([Candidate("a", 0.0, 0.5, 0.0, 0.0, 0.0)])
    assert score == pytest.approx(0.35)
    assert rank([]) == []


@pytest.mark.parametrize(
    ("best", "outcome"),
    [(None, "handover"), (0.49, "handover"), (0.5, "caveat"), (0.69, "caveat"), (0.7, "answer"), (1.2, "answer")],
)
def test_outcome(best: float | None, outcome: SearchOutcome) -> None:
    assert outcome_of(best, Limits(answer=0.7, caveat=0.5)) == outcome


def test_the_shipped_thresholds_are_in_order() -> None:
    thresholds = load_thresholds()
    for limits in (thresholds.hybrid, thresholds.lexical):
        assert 0 < limits.caveat < limits.answer
