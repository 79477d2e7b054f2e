"""Reads the errors of GraphQL responses (GraphQL specification, October 2021, §7.1.2), and those told in words."""

import re
from typing import Any

from tools.troubleshoot.facts.base import LONGEST_TEXT
from tools.troubleshoot.facts.http import GraphqlError
from tools.troubleshoot.reading.parser import Piece

MOST_ERRORS = 20
MOST_LINES = 20_000

_MESSAGES = re.compile(
    r"Cannot query field [\"'“].{1,200}? on type |Unknown (?:argument|directive|fragment|operation named) [\"'“]"
    r"|Variable [\"'“]\$\w{1,100}[\"'”] (?:of (?:required )?type|got invalid value|is not defined|of non-null type)"
    r"|Field [\"'“].{1,100}?[\"'”] of type [\"'“].{1,100}?[\"'”] must have a selection"
    r"|Field [\"'“].{1,100}?[\"'”] argument [\"'“].{1,100}?[\"'”] of type "
    r"|Syntax Error(?: GraphQL[^:]{0,60})?: (?:Expected|Unexpected|Cannot parse)"
    r"|Cannot return null for non-nullable field |Must provide (?:an operation|query string)"
    r"|(?:PersistedQueryNotFound|PERSISTED_QUERY_NOT_FOUND|GRAPHQL_(?:VALIDATION|PARSE)_FAILED)\b"
)
_WORDS = ("Cannot query", "Unknown ", "Variable ", "must have a", "argument", "Syntax Error", "Cannot return null",
          "Must provide", "ersistedQuery", "PERSISTED_QUERY", "GRAPHQL_")  # fmt: skip


def graphql_errors(value: Any, line: int = 1) -> tuple[GraphqlError, ...]:
    """The errors of a response, decoded; none where it is no GraphQL response."""
    if not isinstance(value, dict) or not isinstance(value.get("errors"), list):
        return ()
    errors = [each for each in value["errors"][:MOST_ERRORS] if isinstance(each, dict) and "message" in each]
    if not any(_is_graphql(each) for each in errors) and "data" not in value:
        return ()
    return tuple(_error(each, line, value.get("data") is not None) for each in errors)


def find_graphql_messages(text: str) -> tuple[Piece, ...]:
    """Lines with the words in which servers of GraphQL refuse a query, outside of JSON."""
    if not any(word in text for word in _WORDS):
        return ()
    found: dict[str, Piece] = {}
    for number, line in enumerate(text.split("\n")[:MOST_LINES], start=1):
        if line.lstrip().startswith(("{", '"')) or not (match := _MESSAGES.search(line[:LONGEST_TEXT])):
            continue
        message = line[match.start() : match.start() + 500].strip()
        if message not in found and len(found) < MOST_ERRORS:
            found[message] = Piece("graphql", number, number, (GraphqlError(message=message),))
    return tuple(found.values())


def _is_graphql(error: dict[str, Any]) -> bool:
    """`locations`, or a path of names, is GraphQL's own; `extensions` with a code is by its convention."""
    extensions = error.get("extensions")
    has_code = isinstance(extensions, dict) and "code" in extensions
    return has_code or isinstance(error.get("locations"), list) or isinstance(error.get("path"), list)


def _error(error: dict[str, Any], line: int, has_data: bool) -> GraphqlError:
    extensions = error.get("extensions")
    code = extensions.get("code", "") if isinstance(extensions, dict) else ""
    path = error.get("path")
    return GraphqlError(
        line=line,
        message=str(error["message"])[:LONGEST_TEXT],
        code=str(code)[:100],
        path=".".join(str(step)[:60] for step in path[:20]) if isinstance(path, list) else "",
        has_data=has_data,
    )
