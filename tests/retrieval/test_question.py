"""How a question is taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.retrieval.question import MAX_WORDS, phrase, read_question


@pytest.mark.parametrize(
    ("text", "words", "pairs"),
    [
        ("What does Retry-After mean?", ("retry", "after", "mean"), (("retry", "after"), ("after", "mean"))),
        ("rate limit, rate LIMIT", ("rate", "limit"), (("rate", "limit"), ("limit", "rate"))),
        ("how to do it", ("how", "to", "do", "it"), ()),
        ("snake_case 429", ("snake", "case", "429"), (("snake", "case"), ("case", "429"))),
        ("cafe\u0301", ("caf\u00e9",), ()),
        ("?! \u2026 \U0001f600", (), ()),
    ],
)
def test_words_and_pairs(text: str, words: tuple[str, ...], pairs: tuple[tuple[str, str], ...]) -> None:
    question = read_question(text)
    assert (question.words, question.pairs) == (words, pairs)


def test_a_long_question_is_cut() -> None:
    question = read_question(" ".join(f"word{i}" for i in range(1_000)))
    assert len(question.words) == MAX_WORDS
    assert question.pairs[-1] == question.words[-2:]


def test_a_question_of_many_pairs_is_cut() -> None:
    words = [f"word{i}" for i in range(20)]
    assert len(read_question(" ".join(f"{a} {b}" for a in words for b in words)).pairs) == MAX_WORDS


@given(st.text())
def test_words_need_no_quoting(text: str) -> None:
    question = read_question(text)
    assert all(word.isalnum() for word in question.words)
    assert all(set(pair) <= set(question.words) for pair in question.pairs)
    assert phrase("a", "b") == '"a b"'
