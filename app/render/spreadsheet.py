"""Tables as an Excel workbook. Text is written as text, so nothing in it is ever a formula or a link.

XlsxWriter takes two texts for more than text: what looks like its own rich strings (`<r>…</r>`) it writes as XML, and
Excel makes a formula of one that begins like one as soon as somebody edits its cell. The first gets a space at its end,
the second Excel's own mark for text.
"""

import datetime as dt
import io
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.render.cells import Number, Sheet
from app.render.csv_file import neutralised

if TYPE_CHECKING:  # imported late, since only an export needs it
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

MOST_TEXT = 32_000
"""Excel takes 32,767 characters in a cell, counted in UTF-16; what is longer is cut, with an ellipsis."""

NAME_LENGTH = 31
WIDEST_COLUMN = 400  # pixels

_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_RESERVED = "history"

_FORMATS = {"points": "0.0", "%": '0.0"%"', "ratio": "0.00", "RICE": "#,##0.0"}
_WHOLE, _BROKEN = "#,##0", "#,##0.0#"
_CURRENCY = re.compile(r"[A-Z]{3}")


def to_xlsx(sheets: Iterable[Sheet], created: dt.datetime) -> bytes:
    """The tables, one a sheet, in a workbook that says it was made at `created`."""
    from xlsxwriter import Workbook

    file = io.BytesIO()
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(file, {"in_memory": True, **as_text}) as workbook:
        workbook.set_properties({"created": created.replace(tzinfo=None)})
        formats = _Formats(workbook)
        names: set[str] = {_RESERVED}
        for sheet in sheets:
            _write(workbook, _name(sheet.title, names), sheet, formats)
    return file.getvalue()


class _Formats:
    """The formats of a workbook, each made once."""

    def __init__(self, workbook: "Workbook") -> None:
        self._workbook = workbook
        self._made: dict[str, Format] = {}
        self.head = workbook.add_format({"bold": True, "quote_prefix": True})
        self.text = workbook.add_format({"quote_prefix": True})
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd"})

    def number(self, number: Number) -> "Format":
        shown = _number_format(number)
        if shown not in self._made:
            self._made[shown] = self._workbook.add_format({"num_format": shown})
        return self._made[shown]


def _write(workbook: "Workbook", name: str, sheet: Sheet, formats: _Formats) -> None:
    page = workbook.add_worksheet(name)
    page.freeze_panes(1, 0)
    for column, label in enumerate(sheet.head):
        page.write_string(0, column, _text(label), formats.head)
    for place, row in enumerate(sheet.rows, start=1):
        for column, cell in enumerate(row):
            match cell:
                case Number():
                    page.write_number(place, column, cell.value, formats.number(cell))
                case str():
                    page.write_string(place, column, _text(cell), formats.text if neutralised(cell) != cell else None)
                case _:
                    page.write_datetime(place, column, dt.datetime.combine(cell, dt.time()), formats.day)
    page.autofit(WIDEST_COLUMN)


def _text(text: str) -> str:
    short = text if len(text) <= MOST_TEXT // 2 else _cut(text, MOST_TEXT)
    return f"{short} " if short.startswith("<r>") and short.endswith("</r>") else short


def _name(title: str, taken: set[str]) -> str:
    """A name that Excel takes and that is not `taken`, where it is put."""
    plain = " ".join(_NOT_IN_NAMES.sub(" ", title).split()) or "Table"
    number, name = 1, _cut(plain, NAME_LENGTH)
    while name.lower() in taken:
        number += 1
        suffix = f" ({number})"
        name = f"{_cut(plain, NAME_LENGTH - len(suffix))}{suffix}"
    taken.add(name.lower())
    return name


def _cut(text: str, most: int) -> str:
    """The text in at most so many UTF-16 units, the last an ellipsis where it is cut."""
    if len(text.encode("utf-16-le")) // 2 <= most:
        return text
    return text.encode("utf-16-le")[: 2 * (most - 1)].decode("utf-16-le", "ignore").rstrip() + "…"


def _number_format(number: Number) -> str:
    if _CURRENCY.fullmatch(number.unit):
        return f'"{number.unit}" {_WHOLE if float(number.value).is_integer() else "#,##0.00"}'
    return _FORMATS.get(number.unit) or (_WHOLE if float(number.value).is_integer() else _BROKEN)
