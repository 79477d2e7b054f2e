"""Deliveries of webhooks as people list them: in a table, or by lines of prose, each with the endpoint's answer."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.programs import TableSummary
from tools.troubleshoot.rules.receivers import is_api_host, is_ours
from tools.troubleshoot.rules.rule import Clue

_DELIVERY = re.compile(r"\bdeliver(?:y|ies|ed)\b|\bwebhooks?\b|\b(?:evt|whevt|dlv)_\w", re.IGNORECASE)
_ANSWERED = re.compile(
    r"\b(?P<url>https?://[^\s\"'<>,;]{4,500})(?:[ \t]|->|→|=>|:|-){1,12}(?:HTTP )?(?P<status>[345]\d\d)(?![\w.])",
    re.IGNORECASE,
)
_EVENT_COLUMNS = ("event", "event_id", "event id", "delivery", "delivery_id", "delivery id", "webhook", "webhook_id")
_STATUS_COLUMNS = ("status", "status_code", "code", "response", "response_code", "http_status", "answer")
_URL_COLUMNS = ("url", "endpoint", "target", "destination")
_FAILED = 300


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """The endpoint that did not take a delivery, and what shows it."""

    host: str
    clue: Clue


def failed_deliveries(case: Case) -> FailedDelivery | None:
    """The first list of deliveries to an endpoint of the customer's that tells of one which was not taken."""
    return _in_tables(case) or _in_lines(case)


def _in_lines(case: Case) -> FailedDelivery | None:
    about = _DELIVERY.search(case.statement.text) is not None
    for line, words in case.statement.lines if about else ():
        match = _ANSWERED.search(words)
        host = _host(match["url"]) if match else None
        if match and host and not is_ours(case, host) and not is_api_host(host):
            clue = Clue(text(f"The delivery to {host} is answered {match['status']}"), Place("", line))
            return FailedDelivery(host, clue)
    return None


def _in_tables(case: Case) -> FailedDelivery | None:
    """A table of deliveries has a column of events, one of statuses, and mostly one of addresses."""
    for table, place in case.facts(TableSummary):
        columns = {column.name.strip().lower(): column for column in table.columns}
        if not any(name in columns for name in _EVENT_COLUMNS):
            continue
        status = next((columns[name] for name in _STATUS_COLUMNS if name in columns), None)
        most = status.most if status else ""
        if not (most.isdecimal() and _FAILED <= int(most) < 2 * _FAILED):
            continue
        url = next((columns[name] for name in _URL_COLUMNS if name in columns), None)
        host = (_host(url.top[0][0]) if url and url.top else None) or "your endpoint"
        return FailedDelivery(
            host, Clue(text(f"The table tells of deliveries to {host} that are answered {most}"), place)
        )
    return None


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
