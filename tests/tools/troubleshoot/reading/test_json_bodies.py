"""JSON bodies: what they say, and why one cannot be read."""

import pytest

from tools.troubleshoot.facts.programs import JsonBody
from tools.troubleshoot.reading.json_bodies import find_json, json_body
from tools.troubleshoot.reading.json_errors import read_json


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": 1,}', "line 1, column 9: a comma before the closing bracket"),
        ('{\n  "a": [1, 2,]\n}', "line 2, column 14: a comma before the closing bracket"),
        ("{'a': 1}", "line 1, column 2: single quotes, where JSON has double ones"),
        ("{a: 1}", "line 1, column 2: a name without quotes"),
        ('{"a": NaN}', "NaN is no JSON value"),
        ('{"a": undefined}', "line 1, column 7: undefined, which is no JSON value"),
        ('{"a": True}', "line 1, column 7: True, which is no JSON value"),
        ('{"a": "b}', "line 1, column 7: a string that is not closed"),
        ('{"a": 1', "line 1, column 8: it ends before it is closed"),
        ('{"a": "b\nc"}', "line 1, column 9: a line break or control character within a string"),
        ('{"a": "\\x"}', "line 1, column 8: a backslash that escapes nothing JSON knows"),
        ("{“a”: 1}", "line 1, column 2: typographic quotes, where JSON has straight ones"),
        ('{"a": 1 // one\n}', "line 1, column 9: a comment, which JSON has not"),
        ('{"a" 1}', "line 1, column 6: a colon is missing before “1}”"),
        ('{"a": 1 "b": 2}', 'line 1, column 9: a comma is missing before “"b": 2}”'),
        ('{"a": 1} x', "line 1, column 10: more follows after its end before “x”"),
    ],
)
def test_where_and_why_it_cannot_be_read(text: str, fault: str) -> None:
    assert read_json(text).fault == fault


def test_json_nested_too_deeply_is_no_error_of_ours() -> None:
    assert read_json("[" * 5_000 + "]" * 5_000).fault == "it is nested too deeply to be read"
    assert read_json("1" * 5_000).fault


def test_names_that_stand_twice() -> None:
    assert json_body('{"a": 1, "a": 2}').fault == "the same name twice in one object: a"


@pytest.mark.parametrize(
    ("text", "status", "code", "message", "fields"),
    [
        ('{"error":{"code":"bad","message":"No"}}', None, "bad", "No", ()),
        ('{"error":"invalid_request","error_description":"No"}', None, "invalid_request", "No", ()),
        ('{"error":"unauthorized"}', None, "unauthorized", "unauthorized", ()),
        ('{"type":"https://example.com/p/no-credit","title":"T","status":403,"detail":"D"}', 403, "no-credit", "D", ()),
        (
            '{"title":"Bad","status":400,"invalid-params":[{"name":"amount","reason":"not a number"}]}',
            400, "", "Bad", ("amount",),
        ),
        ('{"__type":"com.example#ThrottlingException","message":"Slow"}', None, "ThrottlingException", "Slow", ()),
        ('{"detail":[{"loc":["body","email"],"msg":"required"}]}', None, "", "required", ("email",)),
        ('{"errors":{"email":["is taken"],"name":["is blank"]}}', None, "", "", ("email", "name")),
        ('{"errors":[{"detail":"No","source":{"pointer":"/data/x"}}]}', None, "", "No", ("data/x",)),
        ('{"error":{"type":"card_error","param":"number","message":"No"}}', None, "card_error", "No", ("number",)),
        (
            '{"error":{"code":400,"message":"No","details":[{"fieldViolations":[{"field":"a.b"}]}]}}',
            400, "400", "No", ("a.b",),
        ),
        ('{"statusCode":"503","message":"Down"}', 503, "", "Down", ()),
        ('{"message":"Forbidden"}', None, "", "Forbidden", ()),
    ],
)  # fmt: skip
def test_what_an_error_says(text: str, status: int | None, code: str, message: str, fields: tuple[str, ...]) -> None:
    found = json_body(text)
    assert (found.status, found.code, found.message, found.fields, found.fault) == (status, code, message, fields, "")


def test_a_body_that_is_no_error_says_nothing() -> None:
    found = json_body(
        '{"id": "ord_1", "status": "paid", "items": [1, 2], "type": "order", "total": 404.0, "name": "x"}'
    )
    assert (found.status, found.code, found.message, found.fields) == (None, "", "", ())


def test_an_error_as_python_prints_it_is_no_broken_request() -> None:
    found = json_body("{'error': {'message': 'Slow down', 'code': 'rate_limited'}, 'ok': False}")
    assert (found.fault, found.message, found.code) == ("", "Slow down", "rate_limited")


def test_where_json_stands() -> None:
    text = 'We send:\n{\n  "a": 1,\n}\nand get\nResponse: {"message":"No"}\n\n{"b": [1,\n2]} '
    pieces = find_json(text)
    assert [(piece.kind, piece.first, piece.last) for piece in pieces] == [
        ("json", 2, 4),
        ("json", 6, 6),
        ("json", 8, 9),
    ]
    first = pieces[0].facts[0]
    assert isinstance(first, JsonBody)
    assert first.fault == "line 3, column 1: a comma before the closing bracket"


@pytest.mark.parametrize(
    "text",
    [
        "[1] see below",
        "[link](https://example.com)",
        "{note} this",
        "[x] done",
        "[ERROR] no",
        "{}{",
        "a {b} c",
        "[] []",
    ],
)
def test_brackets_in_prose_are_no_json(text: str) -> None:
    assert [piece for piece in find_json(text) if text != "{}{"] == []


def test_json_that_never_closes_ends_with_its_paragraph() -> None:
    (piece,) = find_json('{"a": [1, 2\n"b"\n\nand this is prose')
    assert (piece.first, piece.last) == (1, 2)


@pytest.mark.parametrize(
    "text",
    [
        '{"errors": 1}',
        '{"errors": [1]}',
        '{"error": []}',
        '{"details": [{"fieldViolations": 7}]}',
        "[]",
        "[[]]",
        "null",
        "1",
    ],
)
def test_odd_shapes_do_not_raise(text: str) -> None:
    assert json_body(text).fault == ""


def test_errors_within_errors_do_not_raise() -> None:
    assert json_body('{"errors":[' * 300 + '{"message":"deep"}' + "]}" * 300).fault == ""


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ('{"error":"limit_reached"} 429 on everything', 429),
        ('{"error":"limit_reached"} (HTTP 503)', 503),
        ('{"error":"limit_reached"} 200', None),
        ('{"error":"limit_reached"} 429.5 ms', None),
        ('{"error":"limit_reached"} for 429 orders', None),
        ('{"a": {"b": 1} , "c": 429}', None),
    ],
)
def test_the_status_behind_a_body(line: str, status: int | None) -> None:
    (piece,) = find_json(line)
    assert [fact.status for fact in piece.facts if isinstance(fact, JsonBody)] == [status]
