"""Rules of writes that collide: an idempotency key that is used for two, a version that has moved on."""

import re

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.identity import ScimError
from tools.troubleshoot.rules.limit_words import parallel_told
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.refusals import refusals, status_clues
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import first_said, shortened

KEY_HEADERS = ("idempotency-key", "x-idempotency-key")

_REFUSING = (400, 409, 422)
_KEY = re.compile(r"idempoten", re.I)
_BUSY = re.compile(r"in[ _]progress|in use|still (?:being|running)|being processed|concurrent|another request", re.I)
_REUSED = re.compile(
    r"different|re-?used?|already (?:been )?used|mismatch|does not match|other (?:body|parameters|payload)", re.I
)
_VERSION = re.compile(
    r"\betags?\b|if-match|precondition (?:failed|required)|optimistic[ _-]?lock|version[ _](?:conflict|mismatch)"
    r"|stale (?:object|version|data|record)|(?:modified|changed|updated) (?:by|since)\b"
    r"|in the meantime|concurrent (?:modification|update|edit)|edit conflict|locked by|resource is locked",
    re.I,
)
_UNIQUE = re.compile(r"already (?:exists|taken|in use|registered)|unique(?:ness)?|duplicate (?:key|entry|value)", re.I)


def idempotency_conflict(case: Case) -> Finding | None:
    """An Idempotency-Key that was used for another body, or whose first attempt is still running."""
    refused, said = refusals(case, *_REFUSING), first_said(case, _KEY, "answer", "client", "log")
    bodies = _two_bodies(case) if refused else None
    words = said.saying.text if said else ""
    busy, reused = _BUSY.search(words) is not None, _REUSED.search(words) is not None
    if not (bodies or busy or reused):
        return None
    still = busy and not reused
    return Finding(
        "known" if said and said.source == "answer" and (busy or reused) else "likely",
        text(
            "The first attempt with this key is still running"
            if still
            else "One idempotency key is used for two bodies"
        ),
        tuple(filter(None, (said.clue if said else None, bodies, *status_clues(refused)[:1]))),
        values={"instead": "to wait for the first attempt" if still else "a new key for each new request"},
        rank=5,
        rules_out=frozenset({"conflicting_update", "payload_invalid", "concurrency_limited", "duplicate_records"}),
    )


def conflicting_update(case: Case) -> Finding | None:
    """409, 412 or 428 because somebody else changed the record since it was read."""
    refused = refusals(case, 409, 412, 428)
    if not refused or case.first(ScimError) is not None or parallel_told(case) is not None:
        return None
    said = first_said(case, _VERSION, "answer", "client", "log")
    matched = _if_match(case)
    if said is None and matched is None and first_said(case, _UNIQUE, "answer", "client"):
        return None
    return Finding(
        _certainty(said is not None and said.source == "answer", matched is not None, said is not None),
        text("The record was changed by somebody else since it was read"),
        tuple(filter(None, (*status_clues(refused)[:1], said.clue if said else None, matched))),
    )


def _certainty(answered: bool, matched: bool, said: bool) -> Certainty:
    if answered or matched:
        return "known"
    return "likely" if said else "possible"


def _if_match(case: Case) -> Clue | None:
    """A 412 to a request with If-Match: the version that it names is not the present one (RFC 9110 §13.1.1)."""
    for answer in calls(case):
        headers = answer.exchange.request_headers
        if answer.exchange.status == 412 and ("if-match" in headers or "if-unmodified-since" in headers):
            return Clue(text("The request names the version that it read, and the answer is 412"), answer.place)
    return None


def _two_bodies(case: Case) -> Clue | None:
    """One key in two requests whose bodies differ."""
    bodies: dict[str, str | None] = {}
    for answer in calls(case):
        exchange = answer.exchange
        key = next((exchange.request_headers[name] for name in KEY_HEADERS if name in exchange.request_headers), None)
        if key is None:
            continue
        if key in bodies and bodies[key] != exchange.request_body:
            return Clue(text(f"The key {shortened(key)} stands in two requests whose bodies differ"), answer.place)
        bodies.setdefault(key, exchange.request_body)
    return None
