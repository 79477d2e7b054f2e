"""CSV bytes → rows: whatever the bytes are, each row is cells or a reason, and its line number is right."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.reader import MAX_RECORD_BYTES, BadRow, CsvFile, FileRefused

Rows = list[tuple[int, list[str] | str]]


def read(path: Path, content: bytes) -> tuple[tuple[str, ...], Rows]:
    """The header, and each row's line with its cells or the reason it has none."""
    path.write_bytes(content)
    with CsvFile(path) as file:
        rows = [(line, cells.reason if isinstance(cells, BadRow) else cells) for line, cells in file.rows()]
        assert file.bytes_read >= len(content) - 3
        return file.header, rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accounts.csv"


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        pytest.param(b"a,b\n1,2\n", [(2, ["1", "2"])], id="plain"),
        pytest.param(b"a,b\n1,2", [(2, ["1", "2"])], id="no newline at the end"),
        pytest.param(b"\xef\xbb\xbfa,b\r\n1,2\r\n", [(2, ["1", "2"])], id="BOM and CRLF"),
        pytest.param(b"\n\na,b\n\n1,2\n,\n\n3,4\n", [(5, ["1", "2"]), (8, ["3", "4"])], id="blank rows"),
        pytest.param(b" a , b\n1,2\n", [(2, ["1", "2"])], id="names with spaces around"),
        pytest.param(b"a,b\n", [], id="header only"),
        pytest.param(b'a,b\n"1\nx\ny",2\n3,4\n', [(2, ["1\nx\ny", "2"]), (5, ["3", "4"])], id="cell of three lines"),
        pytest.param(b'a,b\n"say ""hi""",2\n', [(2, ['say "hi"', "2"])], id="quotes in a cell"),
        pytest.param(b'a,b\n5" pipe,2\n', [(2, ['5" pipe', "2"])], id="quote in a bare cell"),
        pytest.param(b"a,b\n=cmd|' /C calc'!A0,2\n", [(2, ["=cmd|' /C calc'!A0", "2"])], id="formula"),
        pytest.param("a,b\nŁódź,😀\n".encode(), [(2, ["Łódź", "😀"])], id="UTF-8"),
    ],
)
def test_rows(path: Path, content: bytes, rows: Rows) -> None:
    assert read(path, content) == (("a", "b"), rows)


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b"a,b\n1\n3,4\n", 2, "1 cells for 2 columns"),
        (b"a,b\n1,2,3\n3,4\n", 2, "3 cells for 2 columns"),
        (b"a,b\n1,\xe9t\xe9\n3,4\n", 2, "byte 0xE9 at position 3 of line 2 is not UTF-8"),
        (b'a,b\n"x\n\xff",2\n3,4\n', 2, "byte 0xFF at position 1 of line 3 is not UTF-8"),
        (b"a,b\n1,\x002\n3,4\n", 2, "NUL byte"),
        (b'a,b\n1,"2"x\n3,4\n', 2, "after a closing quotation mark"),
        (b'a,b\n1,"2\n3,4\n', 2, "never closed"),
        (b'a,b\n1,"2\n3,4\n5,"6"\n', 2, "after a closing quotation mark"),
        (b"a,b\n1\r1,2\n3,4\n", 2, "line break"),
        (b"a,b\n1," + b"x" * MAX_RECORD_BYTES + b"\n3,4\n", 2, "longer than 1,048,576"),
        (b'a,b\n1,"' + (b"x" * 999 + b"\n") * 1100 + b"3,4\n", 2, "never closed"),
    ],
)
def test_a_bad_row_is_told_and_those_behind_it_are_read(path: Path, content: bytes, line: int, reason: str) -> None:
    _, rows = read(path, content)
    assert rows[0][0] == line
    assert isinstance(rows[0][1], str)
    assert reason in rows[0][1]
    assert [cells for _, cells in rows].count(["3", "4"]) == 1


def test_line_numbers_go_on_after_a_quote_that_is_never_closed(path: Path) -> None:
    _, rows = read(path, b'a,b\n1,2\n3,"4\n5,6\n"7\n8",9\n10,11\n')
    assert [line for line, _ in rows] == [2, 3, 4, 5, 7]
    assert rows[3][1] == ["7\n8", "9"]


def test_a_bad_row_names_its_column(path: Path) -> None:
    path.write_bytes(b"a,b\n1\n1,\xff\n1,\x00\n1,2,3\n")
    with CsvFile(path) as file:
        columns = [cells.column for _, cells in file.rows() if isinstance(cells, BadRow)]
    assert columns == ["b", "b", "b", None]


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        (b"", "empty_file", "empty"),
        (b"\n\n", "empty_file", "empty"),
        (b"PK\x03\x04\x14\x00", "not_csv", "zip archive or an Excel workbook"),
        (b"\x1f\x8b\x08", "not_csv", "gzip"),
        (b"\xd0\xcf\x11\xe0\xa1", "not_csv", "old Excel workbook"),
        (b"%PDF-1.7", "not_csv", "PDF"),
        ("a,b\n1,2\n".encode("utf-16"), "not_csv", "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-be"), "not_csv", "NUL byte"),
        (b"a,\xe9\n1,2\n", "not_csv", "byte 0xE9"),
        (b"a;b\n1;2\n", "wrong_delimiter", "semicolons"),
        (b"a\tb\n1\t2\n", "wrong_delimiter", "tabs"),
        (b"a,b\r1,2\r3,4\r", "not_csv", "LF or CRLF"),
    ],
)
def test_a_file_that_is_no_csv_is_refused(path: Path, content: bytes, code: str, reason: str) -> None:
    path.write_bytes(content)
    with pytest.raises(FileRefused) as refused:
        CsvFile(path)
    assert refused.value.code == code
    assert reason in refused.value.reason


def test_only_regular_files_are_opened(path: Path, tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_text("a\n1\n")
    path.symlink_to(tmp_path / "real.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    for name, code in [
        ("accounts.csv", "not_a_file"),
        ("pipe.csv", "not_a_file"),
        ("gone.csv", "file_gone"),
    ]:
        with pytest.raises(FileRefused) as refused:
            CsvFile(tmp_path / name)
        assert refused.value.code == code


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_give_rows_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, headed: bool
) -> None:
    """Nothing else is ever raised, and line numbers only grow."""
    path = tmp_path_factory.mktemp("any") / "x.csv"
    path.write_bytes((b"a,b\n" if headed else b"") + content)
    try:
        with CsvFile(path) as file:
            lines = [line for line, _ in file.rows()]
    except FileRefused:
        return
    assert lines == sorted(set(lines))
