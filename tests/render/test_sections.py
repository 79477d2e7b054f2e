"""Answers as sections: what stands under which title, bounded, with the figures filled in."""

import pytest

from app.domain.blocks import (
    Block,
    Chart,
    Column,
    Draft,
    DraftField,
    Heading,
    Notice,
    Paragraph,
    Series,
    Table,
    Verdict,
)
from app.domain.figures import Ref, text
from app.render import parts as parts_module
from app.render import sections as sections_module
from app.render.document import Bullets, Grid, Part, Plot, Prose, Section, Summary, Tiles
from app.render.sections import ORIGINS, sections_of
from tests.render.every_block import FIGURES, QUARTERS, blocks, chart, diagnosis, ref


def sections(*given: Block, internal: bool = False) -> tuple[Section, ...]:
    return sections_of(given, FIGURES, internal=internal)


def parts(*given: Block) -> tuple[Part, ...]:
    (section,) = sections(*given)
    return section.parts


def test_headings_and_drafts_begin_sections_and_an_empty_one_is_left_out() -> None:
    titles = [section.title for section in sections_of(blocks("x"), FIGURES, internal=False)]
    assert titles == ["Summary", "x", "Trends", "Rows", "x", "Nothing below"]
    internal = [section.title for section in sections_of(blocks("x"), FIGURES, internal=True)]
    assert internal == ["Summary", "x", "Trends", "Rows", "x (draft for the customer)", "Nothing below", ORIGINS]


def test_a_note_after_a_draft_is_no_part_of_it() -> None:
    draft = Draft(title=text("To Ann"), audience="customer", fields=(DraftField(label="Text", text=text("Hello")),))
    found = sections(draft, Notice(tone="neutral", text=text("Mind the tone.")))
    assert [section.title for section in found] == ["To Ann", "Notes"]


def test_a_verdict_and_a_score_card() -> None:
    summary, tiles, grid = sections_of(blocks("x"), FIGURES, internal=False)[0].parts
    assert summary == Summary("bad", "xUSD -1,234.50", ("x", "Next: 78.4"))
    band = ("Band", "78.4 to 1,500")
    assert tiles == Tiles((("Score", "78.4 of 100"), ("Tier", "red, provisional"), band, ("Coverage", "78.4")))
    assert isinstance(grid, Grid)
    assert grid.rows == (("x", "78.4", "20", "x"), ("NPS", "unknown", "15", "no answers"))


def test_a_diagnosis_is_words_and_lists() -> None:
    assert parts(diagnosis("it fails")) == (
        Prose("with the customer", "Where the fault lies"),
        Prose("Known", style="strong"),
        Bullets(("it fails",)),
        Prose("Assumed, not proven", style="strong"),
        Bullets(("it fails",)),
        Prose("1. Likely: it fails (outside (a third party or the network))", style="strong"),
        Bullets(("For it: it fails (it fails, line 2)", "Against it: it fails", "To settle it: it fails")),
    )


def test_a_chart_keeps_values_unrounded_and_gaps() -> None:
    (plot,) = parts(chart())
    assert isinstance(plot, Plot)
    assert (plot.title, plot.labels, plot.unit, plot.note) == ("Calls a quarter", QUARTERS, "calls", "They rise.")
    calls, goal = plot.series
    assert list(calls.values) == [1200, 1900, None, 2500]
    assert calls.shown == ("1,200", "1,900", "unknown", "2,500")
    assert (goal.values[3], goal.shown[3]) == (None, "–")


@pytest.mark.parametrize("points", [(None,), (ref("calls.2"),), (ref("red"),), (ref("calls.0"), ref("score"))])
def test_a_chart_that_cannot_be_drawn_is_a_table(points: tuple[Ref | None, ...]) -> None:
    labels = tuple("abc"[: len(points)])
    series = (Series(label="S", points=points),)
    title, grid = parts(Chart(title=text("T"), form="line", labels=labels, series=series))
    assert title == Prose("T", style="strong")
    assert isinstance(grid, Grid)


def test_figures_are_told_with_formula_and_evidence_once_in_the_order_of_the_answer() -> None:
    told = sections(Paragraph(text=text(ref("score"), ref("arr"), ref("score"))), internal=True)[-1]
    assert told.title == ORIGINS
    (grid,) = told.parts
    assert isinstance(grid, Grid)
    assert grid.head == ("Figure", "Value", "Formula", "From")
    assert grid.rows == (("Score", "78.4", "sum", "tickets t1"), ("Arr", "USD -1,234.50", "sum", "tickets t1"))


def test_what_is_too_much_is_left_out_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts_module, "MOST_ROWS", 3)
    monkeypatch.setattr(parts_module, "MOST_COLUMNS", 2)
    columns = tuple(Column(label=label) for label in "abc")
    (grid,) = parts(Table(columns=columns, rows=(tuple(text("x") for _ in columns),) * 1005, more=text("See more.")))
    assert isinstance(grid, Grid)
    assert grid.rows == (("x", "x"),) * 3
    rows, column = "1,002 further rows are left out", "1 further columns are left out"
    assert grid.note == f"See more. {rows}; the export to Excel has them. {column}; the export to Excel has them."
    monkeypatch.setattr(sections_module, "MOST_OF_ALL", 200)
    found = sections(*(each for n in range(9) for each in (Heading(text=text(f"{n}")), Paragraph(text=text("a" * 99)))))
    assert found[-1].parts[0] == Prose("8 further sections are left out; the export as Markdown has all of them.")


def test_a_text_is_cut_and_nothing_invisible_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts_module, "MOST_OF_A_TEXT", 8)
    assert parts(Paragraph(text=text("a\x00\u202eb\ufffec\ntoo long for it"))) == (Prose("abc\ntoo…"),)
    assert parts(Verdict(tone="good", headline=text(" a\n b "))) == (Summary("good", "a b", ()),)


def test_an_empty_answer_has_no_section() -> None:
    assert sections(Heading(text=text("Alone")), Table(columns=(Column(label="a"),), rows=())) == ()
    assert sections(Paragraph(text=()), internal=True) == ()
