"""The rule of GraphQL requests that the schema refuses."""

import re

from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.http import GraphqlError
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import shortened

_CODES = frozenset(
    {
        "GRAPHQL_VALIDATION_FAILED",
        "GRAPHQL_PARSE_FAILED",
        "BAD_USER_INPUT",
        "OPERATION_RESOLUTION_FAILURE",
        "PERSISTED_QUERY_NOT_FOUND",
        "QUERY_TOO_COMPLEX",
        "MAX_DEPTH_EXCEEDED",
        "MAX_COMPLEXITY_EXCEEDED",
    }
)
_WORDS = re.compile(
    r"cannot query field|unknown (?:argument|type|fragment|operation|directive)|syntax error"
    r"|variable \\?[\"']?\$\w{1,60}\\?[\"']? (?:of|got|is not|was not)"
    r"|must have a (?:selection|sub-?selection)|field \S{1,80} (?:of type|argument|doesn't exist|must)|(?:undefined"
    r"|missing)field"
    r"|(?:query|maximum) (?:depth|complexity|cost)|exceeds? (?:the )?max\w{0,5} (?:query )?(?:depth|complexity|cost)",
    re.I,
)


def graphql_request(case: Case) -> Finding | None:
    """The query itself is refused: a field, an argument or a variable that the schema does not have, or its size."""
    for error, place in case.facts(GraphqlError):
        coded, worded = error.code.upper() in _CODES, _WORDS.search(error.message)
        if coded or (worded and not error.code):
            words = shortened(f"{error.code} {error.message}")
            where = f" at {error.path}" if error.path else ""
            return Finding(
                "known",
                text("The GraphQL query is not what the schema takes"),
                (Clue(text(f'The answer says{where}: "{words}"'), place),),
                values={"message": shortened(error.message)},
                rules_out=frozenset({"payload_invalid", "server_error"}),
            )
    return None
