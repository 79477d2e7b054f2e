"""Errors of GraphQL, in responses and in words."""

import pytest

from tools.troubleshoot.facts.http import GraphqlError
from tools.troubleshoot.reading.graphql import find_graphql_messages, graphql_errors
from tools.troubleshoot.reading.json_bodies import find_json


def test_the_errors_of_a_response() -> None:
    text = (
        '{"data":{"a":null},"errors":[{"message":"No","path":["a",0,"b"],"extensions":{"code":"FORBIDDEN"}},'
        '{"message":"Cannot query field","locations":[{"line":1,"column":2}]}]}'
    )
    (piece,) = find_json(text)
    first, second = piece.facts
    assert piece.kind == "graphql"
    assert isinstance(first, GraphqlError)
    assert isinstance(second, GraphqlError)
    assert (first.message, first.code, first.path, first.has_data) == ("No", "FORBIDDEN", "a.0.b", True)
    assert second.message == "Cannot query field"


@pytest.mark.parametrize(
    "value",
    [
        {"errors": [{"message": "x"}]},
        {"errors": "x"},
        {"errors": []},
        {"data": {}, "errors": [1, None]},
        [],
        None,
        {"errors": [{"path": ["a"]}]},
    ],
)
def test_other_errors_are_not_graphql(value: object) -> None:
    assert graphql_errors(value) == ()


@pytest.mark.parametrize(
    "line",
    [
        'GraphQLError: Cannot query field "nme" on type "User".',
        'Variable "$id" of required type "ID!" was not provided.',
        "Syntax Error: Expected Name, found }",
        'Field "user" of type "User" must have a selection of subfields.',
        "code: GRAPHQL_VALIDATION_FAILED",
    ],
)
def test_the_words_of_servers(line: str) -> None:
    (piece,) = find_graphql_messages(f"hello\n{line}\n{line}")
    assert (piece.kind, piece.first) == ("graphql", 2)


@pytest.mark.parametrize(
    "line", ["We cannot query fields.", "Unknown argument", "There is a syntax error.", "Variable costs"]
)
def test_sentences_are_no_graphql(line: str) -> None:
    assert find_graphql_messages(line) == ()
