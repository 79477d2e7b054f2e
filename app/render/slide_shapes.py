"""Boxes drawn on a slide. Imported late, since it imports python-pptx."""

import datetime as dt
from typing import Any, assert_never

from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.shapes.autoshape import Shape
from pptx.slide import Slide as Page
from pptx.text.text import TextFrame, _Paragraph
from pptx.util import Pt

from app.render import slide_boxes as boxes
from app.render.measure import LINE, is_right_to_left
from app.render.slide_boxes import Box, PlotBox, TableBox, TextBox, TileBox, Words
from app.render.slide_charts import draw_chart
from app.render.slide_tables import draw_table

DARK, MUTED, RULE, SUNKEN = "1B1E22", "5C636B", "C9C9C2", "F5F5F2"
TONES = {"good": "18764A", "warning": "C48700", "bad": "B92C26", "neutral": "2457C5"}
MONO = "Courier New"
_INDENT = 16.0
_BULLET = "•"


def draw(page: Page, box: Box, created: dt.datetime) -> None:
    match box:
        case TextBox():
            _text(page, box)
        case TableBox():
            draw_table(page, box)
        case TileBox():
            _tiles(page, box)
        case PlotBox():
            draw_chart(page, box, created)
        case _:
            assert_never(box)


def place(shape: Any, left: float, top: float, width: float, height: float) -> None:
    shape.left, shape.top, shape.width, shape.height = Pt(left), Pt(top), Pt(width), Pt(height)


def bar(page: Page, left: float, top: float, width: float, height: float, colour: str) -> Shape:
    """A filled rectangle."""
    shape = page.shapes.add_shape(MSO_SHAPE.RECTANGLE, Pt(left), Pt(top), Pt(width), Pt(height))
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(colour)
    shape.line.fill.background()
    shape._element.remove(shape._element.find(qn("p:style")))  # the theme's shadow and outline
    return shape


def text_box(page: Page, left: float, top: float, width: float, height: float) -> Shape:
    """A box without margins, whose text begins at its top and wraps."""
    box = page.shapes.add_textbox(Pt(left), Pt(top), Pt(width), Pt(height))
    _settle(box.text_frame)
    return box


def words(
    frame: TextFrame, text: str, size: float, *, bold: bool = False, colour: str = DARK, at_bottom: bool = False
) -> None:
    """The text as the frame's one paragraph."""
    _settle(frame)
    if at_bottom:
        frame.vertical_anchor = MSO_ANCHOR.BOTTOM
    paragraph = frame.paragraphs[0]
    _space(paragraph, size)
    run(paragraph, text, size, bold=bold, colour=colour)
    _direct(paragraph, text)


def run(
    paragraph: _Paragraph, text: str, size: float, *, bold: bool = False, colour: str = DARK, mono: bool = False
) -> None:
    """More text at the end of the paragraph."""
    made = paragraph.add_run()
    made.text = text
    made.font.size, made.font.bold = Pt(size), bold
    made.font.color.rgb = RGBColor.from_string(colour)
    if mono:
        made.font.name = MONO


def page_number(page: Page, left: float, top: float, width: float, height: float, number: int, size: float) -> None:
    """The slide's number, which PowerPoint keeps right when slides are moved."""
    paragraph = text_box(page, left, top, width, height).text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT
    field = etree.SubElement(paragraph._p, qn("a:fld"), id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}", type="slidenum")
    etree.SubElement(field, qn("a:rPr"), lang="en-US", sz=str(int(size * 100)))
    etree.SubElement(field, qn("a:t")).text = str(number)


def _settle(frame: TextFrame) -> None:
    frame.word_wrap = True
    frame.vertical_anchor = MSO_ANCHOR.TOP
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0


def _space(paragraph: _Paragraph, size: float, after: float = 0.0) -> None:
    """Lines as high as they were measured, whatever the font."""
    paragraph.space_before, paragraph.space_after, paragraph.line_spacing = Pt(0), Pt(after), Pt(size * LINE)


def _direct(paragraph: _Paragraph, text: str) -> None:
    if is_right_to_left(text):
        paragraph._p.get_or_add_pPr().set("rtl", "1")
        paragraph.alignment = PP_ALIGN.RIGHT


def _text(page: Page, box: TextBox) -> None:
    inset = _INDENT if box.tone else 0.0
    if box.tone:
        bar(page, boxes.LEFT, box.top, 4, box.height - box.paragraphs[-1].after, TONES[box.tone])
    frame = text_box(page, boxes.LEFT + inset, box.top, boxes.ROOM - inset, box.height).text_frame
    for place_, each in enumerate(box.paragraphs):
        _paragraph(frame.paragraphs[0] if place_ == 0 else frame.add_paragraph(), each)


def _paragraph(paragraph: _Paragraph, told: Words) -> None:
    _space(paragraph, told.size, told.after)
    colour = MUTED if told.style == "note" else DARK
    if told.style == "bullet":
        _bullet(paragraph)
    if told.label:
        run(paragraph, f"{told.label}: ", told.size, bold=True, colour=colour)
    run(paragraph, told.text, told.size, bold=told.style == "strong", colour=colour, mono=told.style == "code")
    _direct(paragraph, told.text)


def _bullet(paragraph: _Paragraph) -> None:
    properties = paragraph._p.get_or_add_pPr()
    properties.set("marL", str(Pt(_INDENT)))
    properties.set("indent", str(-Pt(_INDENT)))
    etree.SubElement(properties, qn("a:buFont"), typeface="Arial")
    etree.SubElement(properties, qn("a:buChar"), char=_BULLET)


def _tiles(page: Page, box: TileBox) -> None:
    width = (boxes.ROOM - boxes.TILE_GAP * (len(box.items) - 1)) / len(box.items)
    for number, (label, value) in enumerate(box.items):
        shape = bar(page, boxes.LEFT + number * (width + boxes.TILE_GAP), box.top, width, box.height, SUNKEN)
        frame = shape.text_frame
        words(frame, label, boxes.TILE_LABEL, colour=MUTED)
        frame.margin_left = frame.margin_right = frame.margin_top = Pt(boxes.TILE_ROOM)
        below = frame.add_paragraph()
        _space(below, box.value_size)
        run(below, value, box.value_size, bold=True)
        for paragraph in frame.paragraphs:
            paragraph.alignment = PP_ALIGN.LEFT
        _direct(below, value)
