"""The rule of records that are not there for the key that asks: deleted, or of another account or environment."""

import re

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.rules.paths import GONE, NO_RECORD, NO_ROUTE, NOT_FOUND, asked_for, has_id, missing, odd_path
from tools.troubleshoot.rules.receivers import host_of
from tools.troubleshoot.rules.refusals import refusals, status_clues
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import Quote, first_said

_ELSEWHERE = re.compile(
    r"(?:exists|object|found|created|belongs) .{0,40}(?:in|to) (?:the )?(?:other|different|live|test|sandbox"
    r"|production)"
    r"|(?:other|another|different|wrong) (?:account|tenant|environment|workspace|organi[sz]ation|project)"
    r"|(?:test|live) mode|(?:was|has been) deleted",
    re.I,
)
_STAGING = re.compile(r"(?:^|[.-])(?:sandbox|staging|stage|test|dev|uat|demo|preprod)(?:[.-]|$)", re.I)


def record_unknown(case: Case) -> Finding | None:
    """404 or 410 of a record: deleted, or one of another account, tenant or environment."""
    found = refusals(case, NOT_FOUND, GONE)
    route = first_said(case, NO_ROUTE, "answer") is not None
    said = None if route else first_said(case, NO_RECORD, "answer", "client", "log")
    elsewhere, other = first_said(case, _ELSEWHERE, "answer", "person"), _other_environment(case)
    named = any(has_id(answer.exchange.path) for answer in missing(case))
    pointed = elsewhere is not None or other is not None
    by_answer = said is not None and said.source == "answer"
    if not (found or by_answer) or (not pointed and (route or (odd_path(case) and not (said or named)))):
        return None
    clues = (*status_clues(found)[:1], said.clue if said else None, elsewhere.clue if elsewhere else None, other)
    return Finding(
        _certainty(said, elsewhere, pointed=pointed, named=named),
        text("The record is not there for this key: deleted, or of another account or environment"),
        tuple(filter(None, clues)),
        values={"endpoint": asked_for(case, found)},
        rank=1 if pointed else 0,
        rules_out=frozenset({"endpoint_unknown"}) if pointed or said else frozenset(),
    )


def _certainty(said: Quote | None, elsewhere: Quote | None, *, pointed: bool, named: bool) -> Certainty:
    if elsewhere is not None and elsewhere.source == "answer":
        return "known"
    return "likely" if said or pointed or named else "possible"


def _other_environment(case: Case) -> Clue | None:
    """That a record was asked for with a key, or at a host, of another environment."""
    for answer in missing(case):
        host, environment = host_of(answer.exchange) or "", answer.exchange.key_environment
        if environment == "live" and _STAGING.search(host):
            return Clue(text(f"The key is of the live environment, and {host} is not"), answer.place)
        if environment == "test" and has_id(answer.exchange.path) and not _STAGING.search(host):
            return Clue(text("The key is of the test environment, which sees records of that one only"), answer.place)
    return None
