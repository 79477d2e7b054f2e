"""Slides as PowerPoint reads them: text is text, charts are native, and nothing tells who made them or when."""

import io
import zipfile
from xml.etree import ElementTree

import pytest
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER

from app.render.characters import visible
from app.render.sections import sections_of
from app.render.slide_flow import slides_of
from app.render.slides import to_pptx
from tests.hostile.strings import STRINGS
from tests.render.every_block import ABOUT, AT, FIGURES, QUARTERS, blocks

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


@pytest.fixture(scope="module")
def deck() -> bytes:
    return to_pptx(ABOUT, sections_of(blocks(), FIGURES, internal=True))


def test_each_slide_has_its_title_foot_and_number(deck: bytes) -> None:
    slides = list(Presentation(io.BytesIO(deck)).slides)
    laid_out = slides_of(sections_of(blocks(), FIGURES, internal=True))
    assert len(slides) == len(laid_out) + 1
    first, *others = slides
    texts = [shape.text_frame.text for shape in first.shapes if shape.has_text_frame]
    assert {"Łódź Freight", "/health", "As of 2026-01-31"} <= set(texts)
    for number, (slide, given) in enumerate(zip(others, laid_out, strict=True), 2):
        of = f"\xa0 ({given.number}\xa0of\xa0{given.of})" if given.of > 1 else ""
        assert slide.shapes.title.text_frame.text == given.title + of
        fields = [field.findtext(f"{A}t") for shape in slide.shapes for field in shape._element.iter(f"{A}fld")]
        assert fields == [str(number)]
        assert ABOUT.foot in [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]


def test_nothing_leaves_the_page_and_no_placeholder_is_left_empty(deck: bytes) -> None:
    shown = Presentation(io.BytesIO(deck))
    for slide in shown.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= shown.slide_width
            assert shape.top + shape.height <= shown.slide_height
            if shape.is_placeholder:
                assert shape.placeholder_format.type in (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
                assert shape.text_frame.text


def test_a_chart_is_native_with_its_gap_and_numbers(deck: bytes) -> None:
    (chart,) = [s.chart for slide in Presentation(io.BytesIO(deck)).slides for s in slide.shapes if s.has_chart]
    assert list(chart.plots[0].categories) == ["some words", *QUARTERS[1:]]
    assert [(series.name, tuple(series.values)) for series in chart.plots[0].series] == [
        ("some words", (1200.0, 1900.0, None, 2500.0)),
        ("Goal", (1500.0, 1600.0, 2000.0, None)),
    ]
    book = parts_of(chart.part.chart_workbook.xlsx_part.blob)
    assert b"<f>" not in b"".join(book.values())
    assert b'name="Sheet1"' in book["xl/workbook.xml"]


def test_tables_are_tables(deck: bytes) -> None:
    tables = [s.table for slide in Presentation(io.BytesIO(deck)).slides for s in slide.shapes if s.has_table]
    heads = [[cell.text for cell in table.rows[0].cells] for table in tables]
    assert heads.count(["some words", "ARR"]) > 1  # parted, each part with the head
    assert ["What to do", "Whose", "Due", "State"] in heads
    assert ["Day", "What happened"] in heads
    assert ["Source", "Where"] in heads


def test_it_says_nothing_of_who_made_it_and_when(deck: bytes) -> None:
    told = Presentation(io.BytesIO(deck)).core_properties
    assert (told.title, told.author, told.last_modified_by, told.subject) == ("Łódź Freight", "", "", "")
    assert told.created == told.modified == AT.replace(tzinfo=None)
    assert not [name for name in parts_of(deck) if "thumbnail" in name or "printer" in name]
    assert deck == to_pptx(ABOUT, sections_of(blocks(), FIGURES, internal=True))
    with zipfile.ZipFile(io.BytesIO(deck)) as package:
        assert {each.date_time for each in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_hostile_words_are_words() -> None:
    words = " | ".join(hostile.text[:300] for hostile in STRINGS) + " \x00\x1f\ud800\ufffe ]]> =1+1 _x0041_"
    parts = parts_of(to_pptx(ABOUT, sections_of(blocks(words), FIGURES, internal=True)))
    assert not [name for name in parts if name.endswith((".bin", ".vml")) or "embeddings/ole" in name.lower()]
    for name, part in parts.items():
        if not name.endswith((".xml", ".rels")):
            continue
        tree = ElementTree.fromstring(part)  # noqa: S314 - our own
        assert not [each for each in tree.iter() if each.tag.endswith(("hlinkClick", "hlinkHover"))], name
        assert not [each for each in tree.iter() if each.get("TargetMode")], name
        shown = "".join(tree.itertext())
        assert visible(shown) == shown, name
    for name, book in parts.items():
        if name.endswith(".xlsx"):
            written = parts_of(book)
            assert not [part for part in written.values() if b"<f>" in part or b"<hyperlink" in part], name
