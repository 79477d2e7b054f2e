"""Passages of articles become blocks: read as Markdown, shown as plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agent.markdown_blocks import passage_blocks
from app.domain.blocks import Draft, Paragraph, Table
from app.render.markdown import to_markdown


def paragraphs(markdown: str) -> list[str]:
    return ["".join(map(str, b.text)) for b in passage_blocks(markdown) if isinstance(b, Paragraph)]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("## Heading\n\nText with `code` and **weight**.", ["Text with code and weight."]),
        ("one\ntwo", ["one two"]),
        ("- first\n- second `x`", ["– first\n– second x"]),
        ("1. first\n2. second", ["1. first\n2. second"]),
        ("[a link](https://evil.example/x)", ["a link"]),
        ("![picture](https://evil.example/x.png)", ["picture"]),
        ("", []),
    ],
)
def test_markup_is_read(markdown: str, expected: list[str]) -> None:
    assert paragraphs(markdown) == expected


def test_a_table_is_a_table() -> None:
    (table,) = passage_blocks("| a | b |\n|---|---|\n| 1 | `2` |\n")
    assert isinstance(table, Table)
    assert [column.label for column in table.columns] == ["a", "b"]
    assert table.rows == ((("1",), ("2",)),)


def test_code_is_kept_as_it_is() -> None:
    (draft,) = passage_blocks("```python\nif x:\n    y()\n```\n")
    assert isinstance(draft, Draft)
    assert draft.fields[0].verbatim
    assert draft.fields[0].text == ("if x:\n    y()",)


@given(st.text(alphabet="ab[](){}!<>#*_`|-\n 1.:/&\\"))
def test_any_text_can_be_shown(markdown: str) -> None:
    to_markdown(passage_blocks(markdown), ())
