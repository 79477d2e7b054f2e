"""Sections on slides: all of it is there, and nothing reaches over an edge."""

import itertools
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from app.render import slide_boxes as on_slide
from app.render import slide_flow as flow
from app.render.document import Bullets, Grid, Part, Plot, PlotSeries, Prose, Section, Summary, Tiles
from app.render.measure import is_right_to_left, wrapped
from app.render.sections import sections_of
from app.render.slide_boxes import Box, PlotBox, TableBox, TextBox, TileBox
from app.render.slide_flow import slides_of
from tests.render.every_block import FIGURES, blocks

WORDS = st.text(alphabet="ab日 WI.", max_size=400)
PLOT = Plot("T", "bar", ("a", "b"), (PlotSeries("S", (1.0, None), ("1", "–")),), "calls", "See it.")
PARTS = st.one_of(
    st.builds(Summary, st.sampled_from(["good", "bad"]), WORDS, st.lists(WORDS, max_size=3).map(tuple)),
    st.builds(Prose, WORDS, WORDS.map(lambda words: words[:20]), st.sampled_from(["plain", "strong", "note", "code"])),
    st.builds(lambda line: Prose("\n".join([line] * 30), style="code"), WORDS),
    st.builds(Bullets, st.lists(WORDS, min_size=1, max_size=9).map(tuple)),
    st.builds(Tiles, st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6).map(tuple)),
    st.builds(
        lambda cell, rows: Grid(("A", "B"), (False, True), ((cell, "1"),) * rows, "More."), WORDS, st.integers(1, 40)
    ),
    st.builds(lambda title: replace(PLOT, title=title), WORDS),
)


def height_of(box: Box) -> float:
    return sum(box.heights) if isinstance(box, TableBox) else box.height


@given(st.lists(PARTS, min_size=1, max_size=5), WORDS)
@settings(max_examples=60, deadline=None)
def test_no_slide_is_empty_and_no_box_overlaps_or_leaves_the_page(parts: list[Part], title: str) -> None:
    slides = slides_of([Section(title, tuple(parts))])
    assert slides or all(isinstance(part, Prose) and not (part.text or part.label).strip() for part in parts)
    for number, slide in enumerate(slides, 1):
        assert (slide.number, slide.of) == (number, len(slides))
        assert slide.boxes
        assert len(wrapped(slide.title, on_slide.TITLE_ROOM, slide.title_size, "bold")) <= 2
        assert slide.boxes[0].top >= on_slide.TOP
        last = slide.boxes[-1]
        assert last.top + height_of(last) <= on_slide.BOTTOM + 15  # the space after a last paragraph
        for above, below in itertools.pairwise(slide.boxes):
            assert above.top + height_of(above) <= below.top + 0.01


@given(WORDS, st.integers(1, 60))
@settings(max_examples=30, deadline=None)
def test_every_row_of_a_table_is_on_some_slide(cell: str, rows: int) -> None:
    given_rows = tuple((f"{n}", cell) for n in range(rows))
    slides = slides_of([Section("T", (Grid(("#", "Cell"), (True, False), given_rows),))])
    tables = [box for slide in slides for box in slide.boxes if isinstance(box, TableBox)]
    assert "".join(row[0] for table in tables for row in table.grid.rows) == "".join(map(str, range(rows)))
    assert "".join(row[1] for table in tables for row in table.grid.rows) == cell * rows
    assert all(sum(table.widths) <= on_slide.ROOM + 0.01 for table in tables)


def test_all_words_are_there_in_order() -> None:
    told = " ".join(f"word{n}" for n in range(2000))
    slides = slides_of([Section("T", (Prose(told, "Label"),))])
    boxes = [box for slide in slides for box in slide.boxes if isinstance(box, TextBox)]
    assert len(slides) > 2
    assert "".join(each.text for box in boxes for each in box.paragraphs) == told
    assert [each.label for box in boxes for each in box.paragraphs] == ["Label", *[""] * (len(slides) - 1)]


def test_a_table_that_fits_a_slide_is_not_parted() -> None:
    grid = Grid(("A",), (False,), (("x",),) * 12)
    slides = slides_of([Section("T", (Summary("good", "So it is", ("one",) * 9), grid))])
    assert [type(box) for slide in slides for box in slide.boxes] == [TextBox, TableBox]
    assert len(slides) == 2


def test_the_last_slide_of_a_table_has_some_rows() -> None:
    slides = slides_of([Section("T", (Grid(("A",), (False,), (("x",),) * 17),))])
    counts = [len(box.grid.rows) for slide in slides for box in slide.boxes if isinstance(box, TableBox)]
    assert sum(counts) == 17
    assert len(counts) == 2
    assert min(counts) >= 3


def test_every_kind_of_part_is_laid_out() -> None:
    slides = slides_of(sections_of(blocks(), FIGURES, internal=True))
    kinds = {type(box) for slide in slides for box in slide.boxes}
    assert kinds == {TextBox, TableBox, TileBox, PlotBox}
    titles = [slide.title for slide in slides]
    assert titles == sorted(titles, key=titles.index)  # each section's slides in one piece


def test_too_many_slides_are_left_out_and_the_last_one_says_so() -> None:
    sections = [Section(f"{n}", (Prose("x"),)) for n in range(flow.MOST_SLIDES + 7)]
    slides = slides_of(sections)
    assert len(slides) == flow.MOST_SLIDES + 1
    (box,) = slides[-1].boxes
    assert isinstance(box, TextBox)
    assert box.paragraphs[0].text.startswith("7 further slides are left out")


def test_what_is_written_from_the_right() -> None:
    assert is_right_to_left("1. العربية")
    assert is_right_to_left("שלום")
    assert not is_right_to_left("Łódź العربية")
    assert not is_right_to_left("123")
