"""Both indexes on toy passages, with numbers worked by hand."""

import math
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.retrieval import index
from app.retrieval.chunk import Chunk
from app.retrieval.embed import EmbeddingFailed
from app.retrieval.index import Held, LexicalIndex, VectorIndex, VectorsFailed, passage_key
from app.retrieval.question import read_question
from tests.retrieval.conftest import WordCounter

PASSAGES = {
    "limits": ("Rate limits", "Back-off", "wait before you retry"),
    "hooks": ("Webhooks", "Retries", "the provider sends the message again"),
    "tokens": ("Tokens", "Clock skew", "compare both clocks"),
}


def key(document: str) -> str:
    return passage_key(document, "digest", 0)


@pytest.fixture
def lexical(tmp_path: Path) -> LexicalIndex:
    made = LexicalIndex(tmp_path / "lexical.db")
    made.renew()
    for document, (title, heading, body) in PASSAGES.items():
        audience = "internal" if document == "tokens" else "customer"
        made.put(document, title, audience, Held("digest", None), [Chunk(heading, 3, 5, body)])
    return made


def test_bm25_worked_by_hand(lexical: LexicalIndex) -> None:
    """FTS5 weighs a word in the heading twice: k₁ = 1.2, b = 0.75, idf = ln((N − n + ½) ÷ (n + ½)), at least 1e-6."""
    found = lexical.match(read_question("clock"), "internal", 10)
    idf = math.log((3 - 1 + 0.5) / (1 + 0.5))
    frequency = 2.0 * 1 + 1.0 * 1  # "Clock" in the heading, "clocks" in the body
    words = {"limits": 4 + 4, "hooks": 2 + 6, "tokens": 3 + 3}
    length = words["tokens"] / (sum(words.values()) / 3)
    expected = idf * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * length))
    assert found == {key("tokens"): pytest.approx(expected, rel=1e-6)}


def test_words_match_in_all_their_forms(lexical: LexicalIndex) -> None:
    assert set(lexical.match(read_question("retrying"), "internal", 10)) == {key("limits"), key("hooks")}


def test_customers_find_customer_passages_only(lexical: LexicalIndex) -> None:
    assert lexical.match(read_question("clock"), "customer", 10) == {}


def test_shares_of_a_question_worked_by_hand(lexical: LexicalIndex) -> None:
    question = read_question("retry the message with unicorns")  # pairs: none beside "the" and "with"
    matches = lexical.word_matches(question, [key("limits"), key("hooks"), "gone@digest#0"])
    retry, message, unicorns = math.log(1 + 1.5 / 2.5), math.log(1 + 2.5 / 1.5), math.log(1 + 3.5 / 0.5)
    total = retry + message + unicorns
    assert set(matches) == {key("limits"), key("hooks")}
    assert matches[key("limits")].words == pytest.approx(retry / total)
    assert matches[key("limits")].heading_words == 0
    assert matches[key("hooks")].words == pytest.approx((retry + message) / total)
    assert matches[key("hooks")].heading_words == pytest.approx(retry / total)


def test_neighbouring_words_count_where_they_are_neighbours(lexical: LexicalIndex) -> None:
    question = read_question("rate limits, message again")
    matches = lexical.word_matches(question, [key("limits"), key("hooks")])
    assert question.pairs == (("rate", "limits"), ("limits", "message"), ("message", "again"))
    assert matches[key("limits")].pairs == matches[key("hooks")].pairs == pytest.approx(1 / 3)


def test_common_words_are_left_out_of_large_indexes_only() -> None:
    counts = {"common": 600, "rare": 5, "rarer": 1, "absent": 0}
    assert index._searched(counts, 1_000) == ["common", "rare", "rarer"]
    assert index._searched(counts, index.LARGE) == ["rare", "rarer"]
    assert index._searched({"common": 600, "rare": 5}, index.LARGE) == ["common", "rare"]


HOSTILE = ['" OR *', "NEAR(a b)", "heading : x", "a AND NOT b", "{heading} : x", "^a", "a*", "'; DROP TABLE passage;--"]


@pytest.mark.parametrize("text", HOSTILE)
def test_search_syntax_in_a_question_is_only_words(lexical: LexicalIndex, text: str) -> None:
    question = read_question(text + " clock")
    assert key("tokens") in lexical.match(question, "internal", 10)
    assert lexical.word_matches(question, [key("tokens")])[key("tokens")].words > 0
    assert len(lexical.held()) == len(PASSAGES)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text())
def test_no_question_is_an_error(lexical: LexicalIndex, text: str) -> None:
    question = read_question(text)
    lexical.match(question, "internal", 10)
    lexical.word_matches(question, [key("tokens")])


def test_a_document_is_replaced_and_removed_whole(lexical: LexicalIndex) -> None:
    lexical.put("limits", "Quotas", "customer", Held("other", "c"), [Chunk("", 1, 1, "ask for more")])
    assert lexical.match(read_question("retry"), "internal", 10).keys() == {key("hooks")}
    assert lexical.held(["limits"]) == {"limits": Held("other", "c")}
    lexical.remove("limits")
    assert lexical.match(read_question("quotas"), "internal", 10) == {}
    assert lexical.held().keys() == {"hooks", "tokens"}


def test_a_write_that_fails_changes_nothing(lexical: LexicalIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "prefix", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lexical.put("tokens", "Tokens", "customer", Held("new", None), [Chunk("", 1, 1, "text")])
    monkeypatch.undo()
    assert key("tokens") in lexical.match(read_question("clock"), "internal", 10)


def test_documents_without_vectors_are_counted(lexical: LexicalIndex) -> None:
    lexical.put("hooks", "Webhooks", "customer", Held("digest", "c"), [])
    assert lexical.lacking("c") == 2


def test_an_index_of_another_recipe_or_a_damaged_one_begins_anew(
    lexical: LexicalIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lexical.renew()
    assert len(lexical.held()) == len(PASSAGES)
    monkeypatch.setattr(index, "RECIPE", "another")
    lexical.renew()
    assert lexical.held() == {}
    for suffix in ("-wal", "-shm"):
        (tmp_path / f"lexical.db{suffix}").unlink(missing_ok=True)
    (tmp_path / "lexical.db").write_bytes(b"no database " * 1_000)
    lexical.renew()
    assert lexical.held() == {}


def test_a_locked_index_is_not_begun_anew(lexical: LexicalIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked() -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(lexical, "prepare", locked)
    with pytest.raises(sqlite3.OperationalError):
        lexical.renew()
    monkeypatch.undo()
    assert len(lexical.held()) == len(PASSAGES)


# ── Vectors ──

EAST, NORTH, BETWEEN = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.6, 0.8, 0.0]


def vectors(*rows: list[float]) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    return np.array(rows, np.float32)


def test_cosines_by_hand_and_the_audience(tmp_path: Path) -> None:
    opened = VectorIndex(tmp_path / "chroma", WordCounter(dimension=3))
    opened.put("east", "digest", "internal", 0, vectors(EAST))
    opened.put("others", "digest", "customer", 0, vectors(NORTH, BETWEEN))
    try:
        near = opened.nearest(vectors(EAST), "internal", 2)
        assert near == {key("east"): pytest.approx(1), passage_key("others", "digest", 1): pytest.approx(0.6)}
        assert key("east") not in opened.nearest(vectors(EAST), "customer", 3)
        exact = opened.cosines(vectors(BETWEEN), [key("others"), key("absent")])
        assert exact == {key("others"): pytest.approx(0.8)}
        assert opened.cosines(vectors(EAST), []) == opened.cosines(vectors(EAST), [key("absent")]) == {}
        opened.keep_only("others", "new digest")
        assert opened.nearest(vectors(NORTH), "internal", 3).keys() == {key("east")}
    finally:
        opened.close()


def test_vectors_are_kept_for_the_same_embedder_and_dropped_for_another(tmp_path: Path) -> None:
    def found(embedder: WordCounter) -> tuple[str, int]:
        opened = VectorIndex(tmp_path / "chroma", embedder)
        try:
            query = np.eye(1, embedder.dimension, dtype=np.float32)
            count = len(opened.nearest(query, "internal", 5))
            opened.put("east", "digest", "internal", 0, query)
            return opened.collection, count
        finally:
            opened.close()

    first, before = found(WordCounter(dimension=3))
    again, kept = found(WordCounter(dimension=3))
    other_model, dropped = found(WordCounter(model="other", dimension=3))
    other_dimension, dropped_again = found(WordCounter(model="other", dimension=4))
    assert (before, kept, dropped, dropped_again) == (0, 1, 0, 0)
    assert first == again
    assert len({first, other_model, other_dimension}) == 3


def test_a_folder_that_chroma_cannot_read_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"no database " * 1_000)
    with pytest.raises(VectorsFailed):
        VectorIndex(tmp_path / "chroma", WordCounter())


def test_an_embedder_that_is_down_at_the_opening_is_told_as_such(tmp_path: Path) -> None:
    class Down(WordCounter):
        @property
        def dimension(self) -> int:
            raise EmbeddingFailed("down")

        @dimension.setter
        def dimension(self, value: int) -> None: ...

    with pytest.raises(EmbeddingFailed):
        VectorIndex(tmp_path / "chroma", Down())
