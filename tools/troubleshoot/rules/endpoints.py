"""The rule of endpoints that are not there: a wrong path, method, version or host."""

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.rules.answers import Seen, is_page
from tools.troubleshoot.rules.paths import (
    GONE,
    NO_RECORD,
    NO_ROUTE,
    NOT_ALLOWED,
    NOT_FOUND,
    asked_for,
    has_id,
    missing,
    odd_path,
)
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.refusals import refusals
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import Quote, first_said


def endpoint_unknown(case: Case) -> Finding | None:
    """404, 405 or 410 for what the path, method, version or host is; not for a record that is not there."""
    found = refusals(case, NOT_FOUND, NOT_ALLOWED, GONE)
    said = first_said(case, NO_ROUTE, "answer", "client", "log")
    of_record = said is None and first_said(case, NO_RECORD, "answer") is not None
    if not found or of_record:
        return None
    followed = Clue(text("It is a GET: a redirect may have made one of a POST"), found[0].place)
    status = Clue(text(f"The status is {found[0].status}"), found[0].place)
    allowed, odd, page = _allowed(case), odd_path(case), _page(found)
    return Finding(
        _certainty(case, found, said, allowed=allowed is not None and not _is_get(found), odd=odd is not None),
        text("The request names an endpoint that is not there"),
        tuple(filter(None, (status, said.clue if said else None, allowed, odd))),
        tuple(filter(None, (page, followed if allowed and _is_get(found) else None))),
        values={"endpoint": asked_for(case, found)},
    )


def _certainty(case: Case, found: tuple[Seen, ...], said: Quote | None, *, allowed: bool, odd: bool) -> Certainty:
    if all(each.source == "person" for each in found):
        return "possible"
    if allowed or (said is not None and said.source == "answer"):
        return "known"
    if said is not None or odd or any(each.status == NOT_ALLOWED for each in found):
        return "likely"
    paths = [answer.exchange.path for answer in missing(case) if answer.exchange.path]
    return "likely" if paths and not any(map(has_id, paths)) else "possible"


def _is_get(found: tuple[Seen, ...]) -> bool:
    return any(each.status == NOT_ALLOWED and each.exchange and each.exchange.method == "GET" for each in found)


def _allowed(case: Case) -> Clue | None:
    """The Allow header of a 405, where it lacks the method (RFC 9110 §15.5.6)."""
    for answer in calls(case):
        allow = answer.exchange.response_headers.get("allow", "")
        if answer.exchange.status == NOT_ALLOWED and allow and answer.exchange.method:
            methods = {each.strip().upper() for each in allow.split(",")}
            if answer.exchange.method not in methods:
                return Clue(text(f"The answer allows {allow[:80]} and not {answer.exchange.method}"), answer.place)
    return None


def _page(found: tuple[Seen, ...]) -> Clue | None:
    page = next((each for each in found if each.exchange is not None and is_page(each.exchange)), None)
    return Clue(text("The answer is an HTML page: a server in front may have made it"), page.place) if page else None
