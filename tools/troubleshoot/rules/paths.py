"""What the path of a request that found nothing tells: of a record, of an endpoint, of a slip in writing it."""

import re
from collections.abc import Iterator

from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.rules.answers import Answer, Seen
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.rule import Clue
from tools.troubleshoot.rules.sayings import shortened

NOT_FOUND, NOT_ALLOWED, GONE = 404, 405, 410

NO_ROUTE = re.compile(
    r"\bcannot (?:GET|POST|PUT|PATCH|DELETE) /|no (?:such )?(?:route|endpoint|handler|static resource)"
    r"|(?:route|endpoint|path|method) (?:was )?(?:not found|does not exist|unknown|not allowed|not supported)"
    r"|unknown (?:endpoint|path|route|method)|unsupported (?:api )?version|requested URL .{0,80}was not found"
    r"|version (?:is )?(?:not (?:found|supported)|unknown|unsupported|invalid)|no Route matched"
    r"|endpoint .{0,40}(?:removed|retired|sunset)|method not allowed",
    re.I,
)
"""Words by which a server says that nothing answers at this path, or not for this method."""

NO_RECORD = re.compile(
    r"no such \w{2,30}|resource[_ ](?:missing|not[_ ]found)|(?:has been|was) deleted|with (?:this|that|the given) id"
    r"|\b(?:record|object|entity|item|user|customer|order|invoice|account|document|file|project|\w{2,30} with id"
    r"|\w{1,30} ['\"]?[\w-]{4,60}['\"]?) (?:was |is |could )?(?:not (?:be )?found|does not exist|doesn't exist)",
    re.I,
)
"""Words by which a server says that a record is not there."""

_DOUBLED = re.compile(r"[^:/]//|^//|/(api|v\d{1,2}|rest)/\1(?:/|$)|/v\d{1,2}/v\d{1,2}(?:/|$)")
_ID = re.compile(
    r"/(?:[a-z]{2,12}_[\w-]{4,}|\d{2,}|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{20,}|(?=[A-Z]{0,20}\d)[A-Z0-9]{10,})(?:/|$)",
    re.I,
)


def missing(case: Case) -> Iterator[Answer]:
    """The customer's requests that found nothing."""
    return (answer for answer in calls(case) if answer.status in (NOT_FOUND, NOT_ALLOWED, GONE))


def has_id(path: str | None) -> bool:
    """Whether the path holds what looks like a record's id."""
    return path is not None and _ID.search(path) is not None


def odd_path(case: Case) -> Clue | None:
    """A path that holds two slashes in a row, or its prefix twice."""
    for answer in missing(case):
        path = answer.exchange.path or ""
        if _DOUBLED.search(path):
            return Clue(text(f"The path {shortened(path)} holds a part twice, or two slashes"), answer.place)
    return None


def asked_for(case: Case, found: tuple[Seen, ...]) -> str:
    """Method and path of the request that found nothing, as far as they are told."""
    exchange = next((each.exchange for each in found if each.exchange and each.exchange.path), None)
    if exchange is not None:
        return shortened(f"{exchange.method or ''} {exchange.path}")
    return shortened(str(case.statement.endpoint or "the request"))
