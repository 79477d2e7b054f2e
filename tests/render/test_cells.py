"""Tables as cells, CSV and workbooks: numbers are numbers, and no text is ever a formula."""

import csv
import datetime as dt
import io
import re
import zipfile
from xml.etree import ElementTree

import pytest

from app.domain.blocks import Block, Column, Diagnosis, Heading, Paragraph, ScoreCard, ScoreLine, Table
from app.domain.figures import Evidence, Figure, Ref, text
from app.render import cells
from app.render.cells import Cell, Number, Sheet, as_number, figures_of, tables_of
from app.render.csv_file import neutralised, to_csv
from app.render.spreadsheet import MOST_TEXT, to_xlsx
from tests.render.every_block import diagnosis

AS_OF = dt.date(2026, 1, 31)
CREATED = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)
XML = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def figure(key: str, value: float | str | dt.date | None, unit: str, account: str | None = "a") -> Figure:
    return Figure(key=key, label=key.title(), value=value, unit=unit, account_id=account, as_of=AS_OF, formula="given")


def ref(key: str) -> Ref:
    return Ref(figure=key, account_id="a")


FIGURES = (
    figure("arr", -1234.56, "USD"),
    figure("share", 64.123, "%"),
    figure("none", None, "count"),
    figure("nan", float("nan"), "count"),
    figure("day", "2026-02-01", "date"),
    figure("word", "=red", "text"),
)


def rows_of(*row: Cell) -> Sheet:
    return Sheet("T", tuple("abcdefgh"[: len(row)]), (row,))


def parsed(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def book(content: bytes) -> dict[str, ElementTree.Element]:
    """The workbook's parts; each must be well-formed XML."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: ElementTree.fromstring(archive.read(name)) for name in archive.namelist()}  # noqa: S314 - our own


def shown(content: bytes, sheet: int = 1) -> list[list[object]]:
    """The cells of a sheet as a spreadsheet reads them: texts, and numbers as floats."""
    parts = book(content)
    strings = ["".join(item.itertext()) for item in parts["xl/sharedStrings.xml"]]
    return [
        [
            strings[int(value)] if cell.get("t") == "s" else float(value)
            for cell in row
            if (value := cell.findtext(f"{XML}v")) is not None
        ]
        for row in parts[f"xl/worksheets/sheet{sheet}.xml"].iter(f"{XML}row")
    ]


def test_a_table_keeps_its_numbers_dates_and_words() -> None:
    row = (
        text("Acme"),
        text(ref("arr")),
        text(" ", ref("share")),
        text(ref("none")),
        text(ref("nan")),
        text(ref("day")),
        text("about ", ref("arr")),
        text("-3.5"),
        text("-3.5"),
    )
    aligned = ["left"] * 8 + ["right"]
    columns = tuple(Column.model_validate({"label": "x", "align": align}) for align in aligned)
    (sheet,) = tables_of([Heading(text=text("Accounts")), Table(columns=columns, rows=(row,))], FIGURES)
    assert sheet.title == "Accounts"
    assert sheet.rows == (
        (
            "Acme",
            Number(-1234.56, "USD"),
            Number(64.123, "%"),
            "unknown",
            "unknown",
            dt.date(2026, 2, 1),
            "about USD -1,234.56",
            "-3.5",
            Number(-3.5, "count"),
        ),
    )


def test_a_score_card_is_a_table() -> None:
    known = ScoreLine(label="Users", state="known", points=ref("share"), max=20, because=text("used"))
    unknown = ScoreLine(label="NPS", state="unknown", points=None, max=15, because=text("no answers"))
    card = ScoreCard(
        score=None,
        low=ref("share"),
        high=ref("share"),
        coverage=ref("share"),
        tier="unknown",
        provisional=False,
        lines=(known, unknown),
    )
    (sheet,) = tables_of([card], FIGURES)
    assert sheet.rows == (
        ("Users", Number(64.123, "%"), Number(20, "points"), "used"),
        ("NPS", "unknown", Number(15, "points"), "no answers"),
    )


def test_the_causes_of_a_diagnosis_are_a_table() -> None:
    (sheet,) = tables_of([diagnosis("it fails")], ())
    assert sheet.title == "Causes"
    assert sheet.head == ("Cause", "How sure", "Where", "For it", "Against it", "To settle it", "Rule")
    where = "outside (a third party or the network)"
    assert sheet.rows == (
        ("it fails", "likely", where, "it fails (it fails, line 2)", "it fails", "it fails", "dns_failure"),
    )
    assert tables_of([Diagnosis(side="undecided")], ()) == ()


def test_the_figures_tell_where_they_come_from() -> None:
    many = Evidence(kind="usage", first=AS_OF, last=AS_OF, count=31, href="/v1/accounts/a/usage")
    arr = FIGURES[0].model_copy(update={"evidence": (Evidence(kind="tickets", id="t1", date=AS_OF), many)})
    (row,) = figures_of([arr]).rows
    assert row == (
        "Arr",
        "a",
        Number(-1234.56, "USD"),
        "USD",
        AS_OF,
        "given",
        "tickets t1 (2026-01-31); usage 2026-01-31 to 2026-01-31, 31 records /v1/accounts/a/usage",
        "arr",
    )


def test_nothing_makes_nothing() -> None:
    blocks: list[Block] = [Paragraph(text=text("a")), Table(columns=(), rows=())]
    assert tables_of(blocks[:1], ()) == ()
    assert parsed(to_csv(tables_of(blocks, ()))) == [[]]
    assert to_csv([]) == b"\xef\xbb\xbf"
    assert shown(to_xlsx([figures_of(())], CREATED)) == [["Label", "Account", "Value", "Unit", "As of", "Formula", "Evidence", "Key"]]  # fmt: skip  # noqa: E501


def test_a_huge_table_is_bounded_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "MOST_ROWS", 3)
    table = Table(columns=(Column(label="a"), Column(label="b")), rows=((text("x"), text("y")),) * 1005)
    (sheet,) = tables_of([table], ())
    assert sheet.rows[-1] == ("1,002 further rows are left out.", "")
    assert len(sheet.rows) == 4


def test_a_row_of_another_length_and_an_unknown_figure_are_errors() -> None:
    with pytest.raises(ValueError, match="shorter"):
        tables_of([Table(columns=(Column(label="a"),), rows=((text("x"), text("y")),))], ())
    with pytest.raises(ValueError, match="no figure"):
        tables_of([Table(columns=(Column(label="a"),), rows=((text(ref("gone")),),))], FIGURES)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("0", Number(0, "count")),
        ("1,200", Number(1200, "count")),
        ("-0.5", Number(-0.5, "count")),
        ("+3.25", Number(3.25, "count")),
        ("64%", Number(64, "%")),
        ("USD -1,234.56", Number(-1234.56, "USD")),
        *(
            (words, None)
            for words in ("", "-", "007", "1,2", "1.2.3", "1e5", "٣", "12 34", "=1", "1" * 400, "USD", "5 d")
        ),
    ],
)
def test_what_is_a_number(words: str, number: Number | None) -> None:
    assert as_number(words) == number


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("=1+1", "'=1+1"),
        ("+SUM(1)", "'+SUM(1)"),
        ("-2+3", "'-2+3"),
        ("@SUM(1)", "'@SUM(1)"),
        ("\t=1", "'\t'=1"),
        ("\rx", "'\rx"),
        (" \u00a0\u3000\u2800=1", "' \u00a0\u3000\u2800=1"),
        ("＝1", "'＝1"),
        ("﹢1", "'﹢1"),
        ("|calc", "'|calc"),
        ("a;=1", "a;'=1"),
        ("a; -1", "a;' -1"),
        ("a\n=1", "a\n'=1"),
        ("-5", "-5"),
        ("+1.5%", "+1.5%"),
        ("- a list", "'- a list"),
        ("a = b, c - d; e", "a = b, c - d; e"),
        ("", ""),
    ],
)
def test_what_would_be_a_formula_begins_with_an_apostrophe(words: str, told: str) -> None:
    assert neutralised(words) == told


def test_csv_quotes_texts_and_leaves_numbers() -> None:
    sheet = rows_of('say "hi", =1', "=1", Number(-5, "count"), Number(0.1, "%"), AS_OF, "a\nb")
    content = to_csv([sheet])
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines()[1].startswith('"say ""hi"", =1","\'=1",-5,0.1,"2026-01-31"')
    assert parsed(content)[1] == ['say "hi", =1', "'=1", "-5", "0.1", "2026-01-31", "a\nb"]


def test_several_tables_stand_below_their_titles() -> None:
    two = [Sheet("=One", ("a",), (("x",),)), Sheet("Two", ("b",), ())]
    assert parsed(to_csv(two)) == [["'=One"], ["a"], ["x"], [], ["Two"], ["b"]]


def test_a_workbook_keeps_numbers_as_numbers_and_texts_as_texts() -> None:
    row: tuple[Cell, ...] = ("=1+1", "https://evil.example", "12", "", Number(-1234.5, "USD"), Number(7, "%"), AS_OF)
    content = to_xlsx([rows_of(*row)], CREATED)
    assert shown(content)[1] == ["=1+1", "https://evil.example", "12", "", -1234.5, 7.0, 46053.0]
    sheet = book(content)["xl/worksheets/sheet1.xml"]
    assert [each for tag in ("f", "hyperlink") for each in sheet.iter(f"{XML}{tag}")] == []
    formats = {each.get("formatCode") for each in book(content)["xl/styles.xml"].iter(f"{XML}numFmt")}
    assert {'"USD" #,##0.00', '0.0"%"', "yyyy-mm-dd"} <= formats
    marked = [each.get("quotePrefix") for each in book(content)["xl/styles.xml"].iter(f"{XML}xf")]
    assert "1" in marked


def test_a_workbook_is_whole_whatever_is_in_it() -> None:
    texts = ("<r><t>x</t></r></si>", "<r></r>", "_x0041_", "a" * 40_000, "😀" * 20_000, "]]>&<", "\ufffd", "\tx\n")
    read = shown(to_xlsx([rows_of(*texts)], CREATED))[1]
    assert [str(told).strip() for told in read[:2]] == list(texts[:2])
    assert read[3] == "a" * (MOST_TEXT - 1) + "…"
    assert read[4] == "😀" * ((MOST_TEXT - 1) // 2) + "…"
    assert read[5:] == list(texts[5:])


def test_names_of_sheets_are_valid_and_differ() -> None:
    titles = ["a/b:c[d]*?\\", "'quoted'", "", "History", "x" * 40, "x" * 41, "X" * 50, "😀" * 30, "Figures", "figures"]
    workbook = book(to_xlsx([Sheet(title, ("a",), ()) for title in titles], CREATED))["xl/workbook.xml"]
    names = [sheet.get("name") or "" for sheet in workbook.iter(f"{XML}sheet")]
    assert len({name.lower() for name in names}) == len(titles)
    assert all(1 <= len(name.encode("utf-16-le")) // 2 <= 31 for name in names)
    assert not [name for name in names if re.search(r"[\[\]:*?/\\']|^history$", name, re.IGNORECASE)]


def test_the_same_answer_gives_the_same_bytes() -> None:
    sheets = [figures_of(FIGURES)]
    assert to_xlsx(sheets, CREATED) == to_xlsx(sheets, CREATED)
