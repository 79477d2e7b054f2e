"""The rule of redirects that change a request: of a POST they make a GET without a body."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.rules.answers import Answer
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.refusals import refusals
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import first_said, shortened

_MOVED = (301, 302, 303)
"""On these clients mostly turn a POST into a GET (RFC 9110 §15.4); 307 and 308 keep it."""

_AFTERWARDS = (400, 404, 405)
_SWITCHED = re.compile(r"switch(?:ed|ing)?(?: from \w{3,7})? to GET|method changed to GET|became a GET", re.I)


def redirect_changed_request(case: Case) -> Finding | None:
    """A redirect made a GET of a request with a body, which the new address then refused."""
    said = first_said(case, _SWITCHED)
    for answer, following in _redirects(case):
        exchange = answer.exchange
        target = shortened(exchange.response_headers.get("location", "the new address"))
        clue = Clue(text(f"{exchange.method} is answered {exchange.status}, which leads to {target}"), answer.place)
        if following is not None:
            then = f"The client follows with {following.exchange.method or 'GET'}, answered {following.exchange.status}"
            return _changed("known" if following.exchange.failed else "likely", clue, Clue(text(then), following.place))
        if said is not None:
            return _changed("known" if said.source == "client" else "likely", clue, said.clue)
        after = refusals(case, *_AFTERWARDS)
        return _changed("likely" if after else "possible", clue)
    return _changed("possible" if said.source == "person" else "likely", said.clue) if said else None


def _changed(certainty: Certainty, *clues: Clue) -> Finding:
    return Finding(
        certainty,
        text("A redirect turned the request into a GET without a body"),
        clues,
        rank=3,
        rules_out=frozenset({"endpoint_unknown", "payload_invalid", "record_unknown"}),
    )


def _redirects(case: Case) -> Iterator[tuple[Answer, Answer | None]]:
    """Requests with a body that were redirected, each with the GET that followed, where it is seen."""
    all_calls = list(calls(case))
    for place, answer in enumerate(all_calls):
        exchange = answer.exchange
        if exchange.status in _MOVED and exchange.method in ("POST", "PUT", "PATCH", "DELETE"):
            yield answer, next((each for each in all_calls[place + 1 :] if _follows(answer, each)), None)


def _follows(redirect: Answer, answer: Answer) -> bool:
    if answer.exchange.method != "GET" or answer.exchange.url is None:
        return False
    try:
        target = urljoin(redirect.exchange.url or "", redirect.exchange.response_headers.get("location", ""))
    except ValueError:
        return False
    return target.rstrip("/") == answer.exchange.url.rstrip("/")
