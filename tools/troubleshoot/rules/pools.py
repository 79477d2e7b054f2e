"""The rule of pools that ran out: whose pool it was decides where the fault lies."""

import re

from app.domain.blocks import Certainty, Side
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.http import ClientError
from tools.troubleshoot.facts.programs import TraceSummary
from tools.troubleshoot.rules.answers import told_status
from tools.troubleshoot.rules.receivers import SIDE_OF, receiver_of
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import SAYS, Quote, all_said, shortened
from tools.troubleshoot.rules.vantage import is_own_path, traced_by, written_by

_POOL = re.compile(
    r"(?:connection[ _-]?)?pool (?:is )?(?:exhausted|full|limit (?:of|reached)|timed? ?out|empty)|pool[ _-]exhaust"
    r"|HikariPool-\d{1,4} - Connection is not available|QueuePool limit|remaining connection slots are reserved"
    r"|too many (?:clients already|connections)\b|timeout waiting for (?:a )?connection from (?:the )?pool"
    r"|unable to (?:get|acquire|obtain) (?:a )?connection from (?:the )?pool|cannot assign requested address"
    r"|EADDRNOTAVAIL|\bPoolTimeout\b|ResourceRequest timed out|no more connections",
    re.I,
)

_SERVER_SAYS = re.compile(
    r"\bHTTP\S* 50\d\b|\b50[03] (?:service|internal)|service unavailable|internal server error", re.I
)
"""A line that quotes an error of the server tells of the server's pool."""


_ANSWERED = re.compile(r" 50[03]\b")
_WHOSE: dict[Side, str] = {
    "product": "our service's pool of connections",
    "customer": "your application's pool of connections",
}


def pool_exhausted(case: Case) -> Finding | None:
    """A pool of connections ran out: the client's own, or that of the server which says so in its answer."""
    said = next((each for each in all_said(case, _POOL) if _is_of_server(each)), None)
    if said is not None and said.source == "answer":
        return _of_server(case, said)
    own = next(
        (each for each in case.facts(ClientError) if each[0].reason in ("pool_exhausted", "ports_exhausted")), None
    )
    if own is not None:
        clue = Clue(text(f'{SAYS["client"]}: "{shortened(own[0].text)}"'), own[1])
        if _SERVER_SAYS.search(own[0].text) or _is_of_our_call(case, own[0].text):
            return _finding("likely", clue, "product", _WHOSE["product"])
        if any(traced_by(case, trace) == "product" for trace, _ in case.facts(TraceSummary)):
            return _finding("likely", clue, "product", _WHOSE["product"])
        if _ANSWERED.search(own[0].text):  # a server's own line; whose server that is nothing tells
            return _finding("likely", clue, "undecided", "a server's pool of connections")
        return _finding("likely", clue, "customer", "your client's pool of connections")
    if said is None:
        return None
    if said.source == "client":
        return _finding("likely", said.clue, "customer", _WHOSE["customer"])
    if said.source == "log":
        side = "product" if _is_of_our_call(case, said.line) else written_by(case, said.saying.place) or "undecided"
        return _finding("likely", said.clue, side, _WHOSE.get(side, "a pool of connections"))
    return _finding(
        "likely" if case.statement.statuses else "possible", said.clue, _by_statuses(case), "a pool of connections"
    )


def _is_of_our_call(case: Case, line: str) -> bool:
    """Whether a log's line answers a call of the API with an error of the server, and names the pool as its reason."""
    return _ANSWERED.search(line) is not None and is_own_path(case, line)


def _is_of_server(said: Quote) -> bool:
    """A refusal of the caller (4xx) for too many connections speaks of a limit, and of no pool."""
    status = told_status(said.saying.exchange) if said.saying.exchange else None
    return status is None or status >= 500


def _of_server(case: Case, said: Quote) -> Finding:
    """An answer says it of the server that gave it; where no request is seen the API's answer is meant."""
    side = SIDE_OF[receiver_of(case, said.saying.exchange)] if said.saying.exchange else "product"
    whose = _WHOSE | {"customer": "your endpoint's pool of connections"}
    return _finding("known", said.clue, side, whose.get(side, "the server's pool of connections"))


def _by_statuses(case: Case) -> Side:
    """Prose that quotes it beside an error of the server (5xx) quotes the server."""
    return "product" if any(status >= 500 for status in case.statement.statuses) else "undecided"


def _finding(certainty: Certainty, clue: Clue, side: Side, whose: str) -> Finding:
    return Finding(
        certainty,
        text("A pool of connections has run out"),
        (clue,),
        values={"whose": whose},
        rank=5,
        rules_out=frozenset({"service_unavailable", "server_error", "gateway_error", "connection_timeout"}),
        side=side,
    )
