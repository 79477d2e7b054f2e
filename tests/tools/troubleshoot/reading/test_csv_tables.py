"""CSV: what its columns hold, what repeats, what is broken; and what only looks like CSV."""

import csv
import io
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.troubleshoot.facts.programs import TableSummary
from tools.troubleshoot.reading.csv_tables import MISREAD, NOT_UTF8, UNCLOSED, WITH_BOM, find_tables

ORDERS = """order_id,customer_id,created_at,amount,status,note
o-1,c-7,2026-06-25T10:00:00Z,12.50,paid,first
o-2,c-7,2026-06-25T10:01:00Z,7,paid,"second, large"
o-3,c-8,2026-06-25T10:02:00Z,100.25,open,third one
o-2,c-7,2026-06-25T10:01:00Z,7,paid,"second, large"
o-4,c-9,2026-06-25T10:04:00Z,0.5,paid,
"""


def only(text: str) -> TableSummary:
    (piece,) = find_tables(text)
    (fact,) = piece.facts
    assert isinstance(fact, TableSummary)
    return fact


def test_columns_and_what_repeats() -> None:
    table = only(ORDERS)
    assert [(column.name, column.kind) for column in table.columns] == [
        ("order_id", "id"),
        ("customer_id", "id"),
        ("created_at", "time"),
        ("amount", "number"),
        ("status", "category"),
        ("note", "text"),
    ]
    assert (table.rows, table.duplicate_rows, table.ragged) == (5, 1, 0)
    assert (table.id_column, table.repeated_ids, table.duplicate_ids) == ("order_id", 1, (("o-2", 2),))
    amount, status = table.columns[3], table.columns[4]
    assert (amount.least, amount.most, amount.filled, amount.distinct, amount.repeated) == ("0.5", "100.25", 5, 4, 1)
    assert status.top == (("paid", 4), ("open", 1))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_delimiters_and_line_ends(delimiter: str, end: str) -> None:
    rows = list(csv.reader(io.StringIO(ORDERS)))
    held = io.StringIO()
    csv.writer(held, delimiter=delimiter, lineterminator=end).writerows(rows)
    table = only(held.getvalue())
    assert (table.delimiter, table.rows, len(table.columns), table.duplicate_rows) == (delimiter, 5, 6, 1)


def test_a_semicolon_with_decimal_commas() -> None:
    table = only("id;preis;name\n1;12,50;a\n2;7,00;b\n3;1,25;c\n")
    assert (table.delimiter, table.columns[1].kind) == (";", "number")


def test_the_table_in_a_message_takes_its_lines_only() -> None:
    text = f"Here is the export:\n{ORDERS}\nWhy is o-2 there twice?"
    (piece,) = find_tables(text)
    assert (piece.first, piece.last) == (2, 7)
    (piece,) = find_tables(f"Hello,\n{ORDERS}Why is it there twice?")
    assert (piece.first, piece.last) == (2, 7)


def test_two_tables() -> None:
    assert [piece.first for piece in find_tables(f"{ORDERS}\n{ORDERS}")] == [1, 8]


def test_a_quotation_over_several_lines_with_a_blank_one() -> None:
    table = only('id,note\n1,"a\n\nb"\n2,c\n3,d\n')
    assert (table.rows, table.ragged, table.fault) == (3, 0, "")


def test_ragged_rows_and_where_the_first_stands() -> None:
    table = only("id,name,amount\n1,a,5\n2,b\n3,c,7\n4,d,8,9\n5,e,6\n")
    assert (table.rows, table.ragged, table.ragged_row) == (5, 2, 3)


def test_a_quotation_that_is_never_closed() -> None:
    for more in (20, 100_000):
        table = only('id,name\n1,a\n2,"b\n' + "3,c\n" * more)
        assert (table.fault, table.rows) == (UNCLOSED, more + 2)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("id,name\n1,Müller\n2,Ana\n", "utf-8"),
        ("\ufeffid,name\n1,Müller\n2,Ana\n", WITH_BOM),
        ("id,name\n1,MÃ¼ller\n2,Ana\n", MISREAD),
        ("id,name\n1,itâ€™s\n2,Ana\n", MISREAD),
        ("id,name\n1,M\ufffdller\n2,Ana\n", NOT_UTF8),
        ("id,name\n1,Ângela\n2,São\n", "utf-8"),
    ],
)
def test_encodings(text: str, encoding: str) -> None:
    table = only(text)
    assert table.encoding == encoding
    assert table.columns[0].name == "id"


def test_ids_that_a_spreadsheet_has_spoiled() -> None:
    assert only("id,name\n1.23457E+15,a\n1.23457E+15,b\n17,c\n").spoiled_ids == 2


def test_a_reference_is_no_id_of_the_row() -> None:
    rows = "".join(f"c-{n % 3},{n}.5\n" for n in range(12))
    table = only(f"customer_id,amount\n{rows}")
    assert (table.id_column, table.duplicate_ids) == ("", ())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b",
        "id,name\n1,a",
        "Hello team, we have a problem\nsince noon, all calls fail\nplease help, it is urgent",
        "Hello, Sam\nthanks, that helped.\nregards, Kim.\n",
        "First, we deploy, then we test\nSecond, we look, then we wait\nThird, we stop, then we go",
        "| id | name |\n|----|------|\n| 1 | a |\n| 2 | b |",
        "id | name\n---|-----\n1 | a\n2 | b",
        " id | name\n----+------\n  1 | a\n  2 | b",
        '{"a": 1, "b": 2}\n{"a": 1, "b": 3}\n{"a": 2, "b": 2}',
        "2026-06-26 10:00:00,123 INFO a\n2026-06-26 10:00:01,123 INFO b\n2026-06-26 10:00:02,123 INFO c",
        "foo(a, b)\nfoo(c, d)\nfoo(e, f)",
        "import os, sys\nimport re, json\nimport io, csv",
        "Accept: text/html, application/json\nAccept-Language: de, en\nVia: 1.1 a, 1.1 b",
        "id,id\n1,2\n3,4",
        "name,\n1,2\n3,4",
        ",,,\n,,,\n,,,",
        "const a = 1;\nconst b = 2;\nconst c = 3;",
    ],
)
def test_what_is_no_table(text: str) -> None:
    assert find_tables(text) == ()


@pytest.mark.parametrize(
    "unit",
    [
        "a,b\n",
        "a,b\n1,2\n",
        'a,b\n1,"2\n3,4\n',
        "a,b\n\n",
        ",",
        '"',
        "a,",
        "a\tb\n",
        'a,"b',
        "a;b,c|d\n",
        "a,b\nx y z\n1,2\n",
        "\n",
    ],
)
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    assert isinstance(find_tables(text), tuple)


def test_a_megabyte_of_rows_is_read() -> None:
    text = "id,name,amount,status\n" + "".join(f"{n},name {n % 100},{n}.5,open\n" for n in range(40_000))
    assert only(text).rows == 40_000


cells = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff"), max_size=12)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), cells, cells), min_size=2, max_size=20))
def test_repeated_rows_and_ids_are_counted_as_they_are(rows: list[tuple[int, str, str]]) -> None:
    held = io.StringIO()
    csv.writer(held, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([("id", "a", "b"), *rows])
    (piece,) = find_tables(held.getvalue()) or (None,)
    if piece is None:  # long words in most cells: taken for prose
        return
    (table,) = piece.facts
    assert isinstance(table, TableSummary)
    assert table.rows == len(rows)
    assert table.duplicate_rows == len(rows) - len(set(rows))


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from('ab,;"\n\r\t|\x00 1é\ufeff\ud800'), max_size=200))
def test_any_text_is_read(text: str) -> None:
    count = text.count("\n") + 1
    pieces = find_tables(text)
    assert all(1 <= piece.first <= piece.last <= count for piece in pieces)
    assert all(one.last < two.first for one, two in pairwise(pieces))
