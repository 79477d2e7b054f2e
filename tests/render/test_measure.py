"""How much room text takes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.render.measure import breakable, column_widths, width, wrapped

TEXTS = st.text(alphabet="abW .i日é", max_size=60)


@given(TEXTS, st.floats(20, 200))
@settings(max_examples=60)
def test_lines_are_the_text_and_fit(text: str, most: float) -> None:
    lines = wrapped(text, most, 10)
    assert "".join(lines) == text
    assert all(width(line.rstrip(), 10) <= most for line in lines)
    assert breakable(text, most, 10).replace("\u200b", "") == text


def test_a_line_ends_between_words_and_a_long_word_is_broken() -> None:
    assert wrapped("one two three", width("one two", 10) + 1, 10) == ["one two ", "three"]
    assert wrapped("aaaa", width("aa", 10), 10) == ["aa", "aa"]
    assert wrapped("", 10, 10) == [""]


def test_wide_letters_take_more_room() -> None:
    assert width("iii", 10) < width("aaa", 10) < width("WWW", 10) < width("日日日", 10)
    assert width("a", 10, "bold") > width("a", 10)
    assert width("i", 10, "mono") == width("m", 10, "mono") * 0.62 / 0.95
    assert width("e\u0301", 10) == width("e", 10)


@pytest.mark.parametrize(
    "columns",
    [
        [["#", "1"], ["Name", "some words " * 30], ["ARR", "USD 1,234,567"]],
        [["a"], ["b"]],
        [["word " * 50] for _ in range(12)],
        [["x" * 400], ["y"]],
        [[""]],
    ],
)
def test_columns_fill_the_room(columns: list[list[str]]) -> None:
    right = [column[0] == "ARR" for column in columns]
    widths = column_widths(columns, right, 500, 10, 8)
    assert sum(widths) == pytest.approx(500)
    assert all(each > 8 for each in widths)
    for column, is_number, room in zip(columns, right, widths, strict=True):
        if is_number:
            assert max(width(cell, 10, "bold") for cell in column) + 8 <= room
