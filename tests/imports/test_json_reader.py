"""JSON → rows: answers of APIs and JSON lines; whatever the bytes are, there are rows or a reason with its place."""

import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.json_reader import MAX_DEPTH, MAX_PATHS, MAX_SILENCE, SEVERAL, JsonFile
from app.imports.reader import BadRow, FileRefused

Rows = list[tuple[int, dict[str, str] | str]]


def read(path: Path, content: bytes | str, envelopes: tuple[str, ...] = ("records", "results")) -> Rows:
    """Each record's number with its filled cells by path, or the reason it has none."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with JsonFile(path, envelopes) as file:
        rows: Rows = []
        for number, cells in file.rows():
            if isinstance(cells, BadRow):
                rows.append((number, cells.reason))
            else:
                rows.append((number, {p: c for p, c in zip(file.header, cells, strict=True) if c}))
        assert file.bytes_read == path.stat().st_size
    return rows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accounts.json"


A, B = {"id": "1"}, {"id": "2"}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param('[{"id": 1}, {"id": 2}]', id="a list"),
        pytest.param('\ufeff[{"id": 1},\n\n{"id": 2}]\n', id="byte order mark and white space"),
        pytest.param(
            '{"totalSize": 2, "done": true, "records": [{"id": 1}, {"id": 2}], "next": {"id": 3}}', id="envelope"
        ),
        pytest.param('{"results": [{"id": 1}]}{"results": [{"id": 2}]}', id="two pages"),
        pytest.param('{"id": 1}\n{"id": 2}\n', id="objects behind each other"),
        pytest.param('{"id": 1, "records": null}\n{"id": 2}', id="a field called like an envelope"),
    ],
)
def test_where_the_records_are(path: Path, content: str) -> None:
    assert read(path, content) == [(1, A), (2, B)]


def test_one_object_is_one_record_and_nothing_is_none(path: Path) -> None:
    assert read(path, '{"id": 1}') == [(1, A)]
    assert read(path, '{"records": []}') == []
    assert read(path, "[]") == []


def test_values_by_path(path: Path) -> None:
    record = {
        "id": 12345678901234567890,
        "properties": {"name": "Łódź", "size": 950000000.0, "closed": False, "owner": None},
        "labels": ["a", "b"],
        "components": [{"name": "x"}, {"name": "y"}, 3],
        "empty": {},
    }
    assert read(path, json.dumps([record])) == [
        (
            1,
            {
                "id": "12345678901234567890",
                "properties.name": "Łódź",
                "properties.size": "950000000.0",
                "properties.closed": "false",
                "labels": SEVERAL.join("ab"),
                "components.name": SEVERAL.join("xy"),
                "components": "3",
            },
        )
    ]


def test_the_columns_are_those_of_all_records(path: Path) -> None:
    path.write_text('[{"a": 1}, {"b": {"c": null}}, {"a": 2, "d": []}]')
    with JsonFile(path, ()) as file:
        assert file.header == ("a", "b.c")
        assert [cells for _, cells in file.rows()] == [["1", ""], ["", ""], ["2", ""]]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ('{"id": 1, "id": 2}', "the name is there twice"),
        ('{"a": {"x": 1, "x": 1}}', "the name is there twice"),
        (r'{"id": "\ud83d"}', "half a character"),
        (r'{"id": "x\udE00y"}', "half a character"),
        (r'{"\ud83d": 1}', "half a character"),
        (r'{"id": "a\u0000b"}', "NUL"),
        ('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1), f"deeper than {MAX_DEPTH}"),
        ("[" * 5000 + "]" * 5000, "no object"),
        ('{"a":' * 5000 + "1" + "}" * 5000, f"deeper than {MAX_DEPTH}"),
        ('{"text": "' + "x" * 1_100_000 + '"}', "longer than 1,048,576"),
        ('{"n": [' + "1," * 2000 + "1]}", "1,000 values"),
        ("7", "no object"),
        ('"text"', "no object"),
        ("null", "no object"),
        ("[]", "no object"),
    ],
)
def test_a_hostile_record_is_told_and_those_around_it_are_read(path: Path, record: str, reason: str) -> None:
    first, second, third = read(path, f'[{{"id": 1}}, {record}, {{"id": 2}}]')
    assert (first, third) == ((1, A), (3, B))
    assert second[0] == 2
    assert isinstance(second[1], str)
    assert reason in second[1]


def test_whole_characters_and_backslashes_are_no_halves(path: Path) -> None:
    told = r'[{"a": "\ud83d\ude00", "b": "\\ud83d", "c": "\\\\", "d": "\u00e9\n"}]'
    assert read(path, told) == [(1, {"a": "😀", "b": r"\ud83d", "c": "\\\\", "d": "é\n"})]


@pytest.mark.parametrize("shift", range(14))
def test_an_escape_may_lie_across_two_reads(path: Path, shift: int) -> None:
    """The parser reads 64 KiB at a time."""
    text = "x" * (65536 - 9 - shift)
    assert read(path, rf'[{{"a": "{text}\ud83d\ude00"}}]') == [(1, {"a": text + "😀"})]
    ((_, reason),) = read(path, rf'[{{"a": "{text}\ud83d."}}]')
    assert "half a character" in str(reason)


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        (b"", "at the beginning", "ends too early"),
        (b'[{"id": 1}, {"id"', "behind record 1", "ends too early"),
        (b'[{"id": NaN}]', "at the beginning", "invalid char"),
        (b'[{"id": 1}, {"id": Infinity}]', "behind record 1", "invalid"),
        (b"id,name\n1,Acme\n", "at the beginning", "invalid char"),
        (b'[{"id": "\xff"}]', "at the beginning", "UTF-8"),
        (b'[{"id": 1}, {"id": "\xed\xa0\x80"}]', "behind record 1", "UTF-8"),
        (b"<html>", "at the beginning", "invalid char"),
        (b'[{"id": 1} {"id": 2}]', "behind record 1", "after array element"),
        (b'[{"id": ' + b"9" * 5000 + b"}]", "", "digits"),
        (b" " * (65536 - 10) + b'[{"id": ' + b"9" * 4001 + b"}]", "", "digits"),
        (b"PK\x03\x04", "", "zip archive"),
        ('[{"id": 1}]'.encode("utf-16"), "", "UTF-16"),
        (b"\x1f\x8b\x08", "", "gzip"),
    ],
)
def test_a_file_that_is_no_json_is_refused_before_any_row(path: Path, content: bytes, place: str, reason: str) -> None:
    path.write_bytes(content)
    with pytest.raises(FileRefused) as refused:
        JsonFile(path, ())
    assert refused.value.code == "not_json"
    assert place in refused.value.reason
    assert reason in refused.value.reason


def test_ids_as_names_are_no_columns(path: Path) -> None:
    path.write_text(json.dumps([{f"id{n}": 1 for n in range(MAX_PATHS + 1)}]))
    with pytest.raises(FileRefused, match="no list of records"):
        JsonFile(path, ())


def test_a_text_without_end_takes_no_memory_without_end(path: Path) -> None:
    path.write_bytes(b'[{"id": "' + b"x" * (4 * MAX_SILENCE))
    tracemalloc.start()
    with pytest.raises(FileRefused, match="longer than"):
        JsonFile(path, ())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * MAX_SILENCE


def test_json_lines_go_on_behind_a_broken_line(tmp_path: Path) -> None:
    lines = [
        b'{"id": 1}',
        b"",
        b'{"id": ',
        b'{"id": "\xff"}',
        b'{"a":1}{"b":2}',
        b'{"id": NaN}',
        b"x" * 2_000_000,
        b'{"id": 2}',
    ]
    rows = read(tmp_path / "events.jsonl", b"\n".join(lines))
    assert [number for number, _ in rows] == [1, 3, 4, 5, 6, 7, 8]
    assert (rows[0][1], rows[-1][1]) == (A, B)
    reasons = [str(told) for _, told in rows[1:-1]]
    for told, reason in zip(reasons, ["too early", "UTF-8", "2 records", "invalid", "longer than"], strict=True):
        assert reason in told


@given(st.binary(max_size=300), st.sampled_from([b"", b'[{"id": 1}, ', b'{"records": [', b'{"id": "']))
def test_any_bytes_give_rows_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes
) -> None:
    folder = tmp_path_factory.mktemp("any")
    for name in ("x.json", "x.jsonl"):
        (folder / name).write_bytes(start + content)
        try:
            with JsonFile(folder / name, ("records",)) as file:
                for _, cells in file.rows():
                    assert isinstance(cells, BadRow) or len(cells) == len(file.header)
        except FileRefused:
            continue
