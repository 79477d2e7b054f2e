"""Tables on slides. Imported late, since it imports python-pptx.

The cells are built as XML here: through python-pptx's objects a table of 400 rows takes seconds.
"""

from typing import Any

from lxml import etree
from pptx.oxml.ns import qn
from pptx.slide import Slide as Page
from pptx.util import Pt

from app.render import slide_boxes as boxes
from app.render.measure import LINE, is_right_to_left
from app.render.slide_boxes import TableBox

_DARK, _MUTED, _HEAD_RULE, _RULE = "1B1E22", "5C636B", "8A939D", "E2E2DD"
_NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # "No Style, No Grid", which every PowerPoint has
_TAGS = {
    name: qn(f"a:{name}")
    for name in (
        "bodyPr", "lnB", "lnSpc", "lstStyle", "p", "pPr", "r", "rPr", "solidFill", "spcAft", "spcBef", "spcPts",
        "srgbClr", "t", "tableStyleId", "tc", "tcPr", "tr", "txBody",
    )
}  # fmt: skip


def draw_table(page: Page, box: TableBox) -> None:
    grid = box.grid
    place = (Pt(boxes.LEFT), Pt(box.top), Pt(boxes.ROOM), Pt(sum(box.heights)))
    frame = page.shapes.add_table(1, len(grid.head), *place)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", ", ".join(filter(None, grid.head)))
    for column, width in zip(frame.table.columns, box.widths, strict=True):
        column.width = Pt(width)
    table = frame.table._tbl
    table.tblPr.set("bandRow", "0")
    for style in table.tblPr.iter(_TAGS["tableStyleId"]):
        style.text = _NO_STYLE
    table.remove(table.tr_lst[0])
    for height, texts in zip(box.heights, (grid.head, *grid.rows), strict=True):
        row = _add(table, "tr", h=str(Pt(height)))
        for text, right in zip(texts, grid.right, strict=True):
            _cell(row, text, box.size, right=right, is_head=texts is grid.head)


def _cell(row: Any, text: str, size: float, *, right: bool, is_head: bool) -> None:
    cell = _add(row, "tc")
    body = _add(cell, "txBody")
    _add(body, "bodyPr", wrap="square")
    _add(body, "lstStyle")
    paragraph = _add(body, "p")
    direction = {"algn": "r"} if right else {"algn": "r", "rtl": "1"} if is_right_to_left(text) else {}
    properties = _add(paragraph, "pPr", **direction)
    for name, points in (("lnSpc", size * LINE), ("spcBef", 0.0), ("spcAft", 0.0)):
        _add(_add(properties, name), "spcPts", val=str(round(points * 100)))
    run = _add(paragraph, "r")
    _fill(_add(run, "rPr", lang="en-US", sz=str(round(size * 100)), b=str(int(is_head))), _MUTED if is_head else _DARK)
    _add(run, "t").text = text
    side, edge = str(Pt(boxes.CELL_PADDING / 2)), str(Pt(boxes.ROW_PADDING / 2))
    anchor = "b" if is_head else "t"
    room = _add(cell, "tcPr", marL=side, marR=side, marT=edge, marB=edge, anchor=anchor)
    _fill(_add(room, "lnB", w=str(Pt(0.75))), _HEAD_RULE if is_head else _RULE)


def _fill(element: Any, colour: str) -> None:
    _add(_add(element, "solidFill"), "srgbClr", val=colour)


def _add(parent: Any, name: str, **attributes: str) -> Any:
    return etree.SubElement(parent, _TAGS[name], attributes)
