"""Asks one rule about a case, and holds every finding to what all findings must keep."""

import dataclasses
import re

from app.domain.blocks import Certainty, Side
from app.render.values import Values
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import CERTAINTIES, Found
from tools.troubleshoot.facts.http import ClientError, ClientErrorReason, Exchange
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.rules.catalogue import RULES
from tools.troubleshoot.rules.rule import Clue

API = "https://api.example.com/v1/orders"
JSON = {"content-type": "application/json"}


def ask(rule_id: str, case: Case) -> Found | None:
    """What the rule finds. Its clues state their figures, and its texts find a value for each of their places."""
    rule = next(rule for rule in RULES if rule.id == rule_id)
    finding = rule.examine(case)
    if finding is None:
        return None
    assert finding.clues
    assert finding.certainty in CERTAINTIES
    for clue in (*finding.clues, *finding.against):
        assert said(clue)
    texts = case.parameters.rules[rule_id]
    for words in (texts.means, *texts.now, *texts.prevent, *texts.settles, texts.check):
        places = re.findall(r"\{(\w+)\}", words)
        assert set(places) <= finding.values.keys(), (rule_id, words)
        assert all(finding.values[place] for place in places)
    return Found(rule, finding)


def judged(rule_id: str, case: Case) -> tuple[Certainty, Side] | None:
    """Certainty and side of what the rule finds; None where it finds nothing."""
    found = ask(rule_id, case)
    return (found.finding.certainty, found.side) if found else None


def said(clue: Clue) -> str:
    """The clue as a reader sees it."""
    shown = Values(clue.figures).text(clue.text)
    assert not shown.endswith(".")
    return shown


def evidence(rule_id: str, case: Case) -> str:
    """All clues for what the rule finds, as a reader sees them."""
    found = ask(rule_id, case)
    return "\n".join(said(clue) for clue in found.finding.clues) if found else ""


def doubts(rule_id: str, case: Case) -> str:
    """All clues against what the rule finds."""
    found = ask(rule_id, case)
    return "\n".join(said(clue) for clue in found.finding.against) if found else ""


def with_statuses(case: Case, *statuses: int) -> Case:
    """The case whose prose names these statuses."""
    return dataclasses.replace(case, statement=dataclasses.replace(case.statement, statuses=statuses))


def call(status: int | None = None, body: str | None = None, /, **more: object) -> Exchange:
    """A request of the customer to the API, and its answer."""
    return Exchange.model_validate(
        {"source": "http", "method": "GET", "url": API, "status": status, "response_body": body, **more}
    )


def error(reason: ClientErrorReason, text: str, /, **more: object) -> ClientError:
    """What a client says of a connection that failed."""
    return ClientError.model_validate({"reason": reason, "text": text, **more})


def log(**more: object) -> LogSummary:
    """A log of 1,000 requests."""
    whole = {"format": "json", "lines": 1_000, "parsed": 1_000, "records": 1_000, "errors": 0, "zone_known": True}
    return LogSummary.model_validate({**whole, **more})


def told(rule_id: str, case: Case) -> str | None:
    """Certainty and side in one word each, such as `known customer`; None where the rule finds nothing."""
    found = judged(rule_id, case)
    return " ".join(found) if found else None
