"""Tables as a CSV file that a spreadsheet opens without running anything.

Every text is quoted; one that a spreadsheet would read as a formula begins with an apostrophe, as OWASP advises. So
does what follows a semicolon in it, since some countries' spreadsheets part cells there. Numbers stay numbers.
"""

import csv
import io
import re
from collections.abc import Iterable

from app.render.cells import Cell, Number, Sheet, as_number

_FORMULA = re.compile("(^|[;\t\r\n])(?=[\\s\u2800]*[=+\\-@|＝＋－＠｜﹦﹢﹣﹫]|[\t\r\n])")


def to_csv(sheets: Iterable[Sheet]) -> bytes:
    """The tables in UTF-8 with a byte order mark, by which spreadsheets know it.

    One table is its head and rows alone; of several, each stands below its title, after an empty line.
    """
    sheets = tuple(sheets)
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
    for place, sheet in enumerate(sheets):
        if len(sheets) > 1:
            writer.writerows([[], [neutralised(sheet.title)]] if place else [[neutralised(sheet.title)]])
        writer.writerow(map(neutralised, sheet.head))
        writer.writerows(map(_plain, row) for row in sheet.rows)
    return file.getvalue().encode("utf-8-sig")


def neutralised(text: str) -> str:
    """The text, with an apostrophe before what would be a formula; a number is none."""
    return text if as_number(text) else _FORMULA.sub(r"\1'", text)


def _plain(cell: Cell) -> str | float:
    match cell:
        case Number():
            return cell.value
        case str():
            return neutralised(cell)
        case _:
            return cell.isoformat()
