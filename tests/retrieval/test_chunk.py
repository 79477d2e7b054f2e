"""Chunks: what belongs together stays together, and every chunk is exactly its lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.retrieval.chunk import FRONT_MATTER, MAX_CHARACTERS, TARGET_CHARACTERS, chunk, normalized

MARKDOWN_LINES = st.sampled_from(
    [
        *(
            "# A",
            "## B *x*",
            "### `C`",
            "",
            "  ",
            "text one",
            "long " * 60,
            "- item",
            "  - nested",
            "1. n",
            "```",
            "~~~",
        ),
        *("| a | b |", "|---|---|", "| 1 | 2 |", "> quote", "[r]: http://x", "---", "===", "    code", "<div>", "x: y"),
        *("***", "\u00a0", "\x0b", "word " * 300),
    ]
)


@given(st.lists(MARKDOWN_LINES | st.text(max_size=20), max_size=40), st.sampled_from(["\n", "\r\n", "\r"]))
def test_chunks_are_their_lines_and_hold_every_line_once(lines: list[str], end: str) -> None:
    text = end.join(lines)
    source = normalized(text).split("\n")
    matter = FRONT_MATTER.match(normalized(text))
    first = matter[0].count("\n") if matter else 0
    chunks = chunk(text)
    held = [line for c in chunks for line in range(c.first_line, c.last_line + 1)]
    assert all(c.text == "\n".join(source[c.first_line - 1 : c.last_line]) for c in chunks)
    assert held == sorted(set(held))
    assert {place for place, line in enumerate(source, 1) if line.strip() and place > first} <= set(held)


def test_headings_give_the_path_and_stand_in_the_chunk_they_begin() -> None:
    text = "Intro.\n\n# Keys\n\nOne.\n\n## `kid` *rotation*\n\nTwo.\n\n# Clocks\n\nThree.\n"
    assert [(c.heading, c.first_line, c.last_line) for c in chunk(text)] == [
        ("", 1, 1),
        ("Keys", 3, 5),
        ("Keys > kid rotation", 7, 9),
        ("Clocks", 11, 13),
    ]


def test_a_heading_with_nothing_under_it_goes_with_the_next_section() -> None:
    chunks = chunk("# Guide\n\n## First\n\nText.\n\n## Last\n")
    assert [(c.heading, c.first_line, c.last_line) for c in chunks] == [("Guide > First", 1, 5), ("Guide > Last", 7, 7)]


def test_front_matter_is_skipped_and_lines_count_from_the_top_of_the_file() -> None:
    (only,) = chunk("---\nid: a\ntitle: A\n---\n\nBody.\n")
    assert (only.first_line, only.last_line, only.text) == (6, 6, "Body.")


@pytest.mark.parametrize("text", ["---\n\nText between rules.\n\n---\n", "---\nid: a\nno end\n"])
def test_a_rule_at_the_top_is_no_front_matter(text: str) -> None:
    assert chunk(text)[0].first_line == 1


def test_paragraphs_are_joined_up_to_the_target() -> None:
    paragraph = "word " * 60  # 300 characters
    sizes = [len(c.text) for c in chunk("\n\n".join([paragraph] * 9))]
    assert len(sizes) == 3
    assert max(sizes) <= TARGET_CHARACTERS


@pytest.mark.parametrize(
    "block",
    [
        "```python\n" + "x = 1\n\n" * 300 + "```",
        "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 200,
        "- one item\n" * 200,
        "1. one item\n" * 200,
    ],
    ids=["fence", "table", "list", "numbered list"],
)
def test_fences_tables_and_lists_stay_whole(block: str) -> None:
    block = block.strip()
    assert TARGET_CHARACTERS < len(block) <= MAX_CHARACTERS
    assert block in [c.text for c in chunk(f"Before.\n\n{block}\n\nAfter.\n")]


def test_a_block_beyond_the_maximum_is_cut_between_lines() -> None:
    fence = "```\n" + "a line of log\n" * 1_000 + "```"
    sizes = [len(c.text) for c in chunk(fence)]
    assert len(sizes) > 10
    assert max(sizes) <= TARGET_CHARACTERS


def test_blank_text_has_no_chunks() -> None:
    assert chunk(" \n\n\t\n") == ()
