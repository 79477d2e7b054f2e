"""An answer as a PowerPoint file: text is text, charts are native, and nothing reaches over an edge.

The deck is python-pptx's own template, stripped to what is used: nobody's name, picture or printer is left in it.
"""

import io
import zipfile
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from app.render.document import About, Section
from app.render.measure import LINE, wrapped
from app.render.slide_boxes import BOTTOM, HEIGHT, LEFT, ROOM, TITLE_HEIGHT, TITLE_TOP, WIDTH, Slide
from app.render.slide_flow import slides_of

if TYPE_CHECKING:  # imported late, since only an export needs it
    from pptx.presentation import Presentation
    from pptx.slide import Slide as Page
    from pptx.slide import SlideLayout

FONT = "Arial"
ACCENT, DARK, MUTED, LINE_COLOUR = "2457C5", "1B1E22", "5C636B", "E2E2DD"

_TITLE_LAYOUT, _PAGE_LAYOUT = "Title Slide", "Title Only"
_TITLE_SIZES = (40.0, 32.0, 26.0)
_SUBTITLE, _FOOT = 18.0, 10.0
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LEFT_OUT = ("thumbnail", "printerSettings")


def to_pptx(about: About, sections: Sequence[Section]) -> bytes:
    """A deck of a title slide and the sections. The same document gives the same bytes."""
    deck = _empty_deck()
    _describe(deck, about)
    _title_slide(deck, about)
    for number, slide in enumerate(slides_of(sections), 2):
        _add(deck, slide, about, number)
    file = io.BytesIO()
    deck.save(file)
    return _settled(file.getvalue())


def _empty_deck() -> "Presentation":
    import pptx
    from pptx.util import Pt

    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = Pt(WIDTH), Pt(HEIGHT)
    for layout in list(deck.slide_layouts):
        if layout.name not in (_TITLE_LAYOUT, _PAGE_LAYOUT):
            deck.slide_layouts.remove(layout)
    for part in (deck.part.package, deck.part):
        for name, rel in list(part._rels.items()):
            if rel.reltype.rpartition("/")[2] in _LEFT_OUT:
                part._rels.pop(name)
    _style(deck)
    return deck


def _style(deck: "Presentation") -> None:
    """Our font and accent in the theme; titles where our slides have them; no other placeholder."""
    from pptx.oxml.ns import qn
    from pptx.util import Pt

    master = deck.slide_master
    theme: Any = next(r.target_part for r in master.part.rels.values() if r.reltype.endswith("/theme"))
    theme._blob = theme.blob.replace(b"Calibri", FONT.encode()).replace(b"4F81BD", ACCENT.encode())
    for holder in (master, *deck.slide_layouts):
        for shape in list(holder.placeholders):
            if shape.placeholder_format.type not in _titles():
                shape._element.getparent().remove(shape._element)
                continue
            shape.left, shape.top, shape.width, shape.height = Pt(LEFT), Pt(TITLE_TOP), Pt(ROOM), Pt(TITLE_HEIGHT)
    for style in master._element.iter(qn("p:titleStyle")):
        for level in style.iter(qn("a:lvl1pPr")):
            level.set("algn", "l")


def _titles() -> tuple[Any, ...]:
    from pptx.enum.shapes import PP_PLACEHOLDER

    return PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE


def _describe(deck: "Presentation", about: About) -> None:
    told = deck.core_properties
    told.title = about.title[:255]
    told.author = told.last_modified_by = told.subject = told.keywords = told.comments = told.category = ""
    told.created = told.modified = about.at.replace(tzinfo=None, microsecond=0)
    told.revision = 1


def _layout(deck: "Presentation", name: str) -> "SlideLayout":
    return next(layout for layout in deck.slide_layouts if layout.name == name)


def _title_slide(deck: "Presentation", about: About) -> None:
    from app.render import slide_shapes as shapes

    page = deck.slides.add_slide(_layout(deck, _TITLE_LAYOUT))
    size = next((s for s in _TITLE_SIZES if len(wrapped(about.title, ROOM, s, "bold")) <= 2), _TITLE_SIZES[-1])
    lines = wrapped(about.title, ROOM, size, "bold")
    title = about.title if len(lines) <= 3 else "".join(lines[:3]).rstrip()[:-1] + "…"
    height = min(len(lines), 3) * size * LINE
    top = 230.0 - height
    shapes.bar(page, LEFT, top - 34, 56, 4, ACCENT)
    shapes.place(page.shapes.title, LEFT, top, ROOM, height)
    shapes.words(page.shapes.title.text_frame, title, size, bold=True)
    y = 246.0
    for line in about.subtitle.split("\n"):
        told = wrapped(line, ROOM, _SUBTITLE)[:3]
        box = shapes.text_box(page, LEFT, y, ROOM, len(told) * _SUBTITLE * LINE)
        shapes.words(box.text_frame, "".join(told), _SUBTITLE, colour=MUTED)
        y += len(told) * _SUBTITLE * LINE + 6
    _foot(page, about, None)


def _add(deck: "Presentation", slide: Slide, about: About, number: int) -> None:
    from app.render import slide_shapes as shapes

    page = deck.slides.add_slide(_layout(deck, _PAGE_LAYOUT))
    shapes.words(page.shapes.title.text_frame, slide.title, slide.title_size, bold=True, at_bottom=True)
    if slide.of > 1:
        shapes.run(
            page.shapes.title.text_frame.paragraphs[0],
            f"\u00a0 ({slide.number}\u00a0of\u00a0{slide.of})",
            14,
            colour=MUTED,
        )
    for box in slide.boxes:
        shapes.draw(page, box, about.at)
    _foot(page, about, number)


def _foot(page: "Page", about: About, number: int | None) -> None:
    from app.render import slide_shapes as shapes

    shapes.bar(page, LEFT, BOTTOM + 18, ROOM, 0.75, LINE_COLOUR)
    foot = wrapped(about.foot, ROOM - 80, _FOOT)
    told = about.foot if len(foot) == 1 else f"{foot[0].rstrip()[:-1]}…"
    box = shapes.text_box(page, LEFT, BOTTOM + 24, ROOM - 60, 16)
    shapes.words(box.text_frame, told, _FOOT, colour=MUTED)
    if number is not None:
        shapes.page_number(page, LEFT + ROOM - 60, BOTTOM + 24, 60, 16, number, _FOOT)


def _settled(content: bytes) -> bytes:
    """The same package with the same day on all its files, so that it does not tell when it was packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name in given.namelist():
            about = zipfile.ZipInfo(name, _EPOCH)
            about.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(about, given.read(name))
    return file.getvalue()
