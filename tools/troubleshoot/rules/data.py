"""Rules of data that comes out wrong: lists that drift while they are read, writes that were made twice."""

import re
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import urlsplit

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import ClientError, Exchange, WebhookDelivery
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.facts.programs import TableSummary
from tools.troubleshoot.rules.answers import Answer, line_of
from tools.troubleshoot.rules.conflicts import KEY_HEADERS, conflicting_update, idempotency_conflict
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.rule import Clue, Finding, Rule
from tools.troubleshoot.rules.sayings import first_said, shortened

_CURSOR_GONE = re.compile(
    r"(?:cursor|(?:page|continuation|next)[ _-]?token)\b.{0,30}\b(?:expired|invalid|not valid|no longer|unknown)"
    r"|(?:expired|invalid|stale) (?:cursor|(?:page|continuation)[ _-]?token)",
    re.I,
)
_AGED = re.compile(r"expired|no longer|stale", re.I)
"""A cursor that is called invalid may as well be one that was cut, or one of another list."""

_PAGING = re.compile(r"\bpag(?:e|es|ing|ination|inated)\b|\boffset\b|\bcursor\b", re.I)
_DRIFT = re.compile(
    r"\b(?:twice|duplicat\w{0,4}|missing|skip(?:s|ped)?|not (?:all|every)|lost|gaps?|fewer|different (?:count"
    r"|number))\b",
    re.I,
)
_BY_OFFSET = re.compile(r"(?:^|&)(?:offset|skip|start|page|page_?number|startIndex)=\d{1,9}(?:&|$)", re.I)
_OFFSET_IN_PROSE = re.compile(r"[?&](?:offset|skip|page|page_?number|startIndex)=\d{1,9}", re.I)
_TWICE = re.compile(
    r"\b(?:twice|duplicat\w{0,4}|doubled?\b[- ]?(?:charged?|booked|entries|orders?)?|\d(?:-\d)? times"
    r"|two (?:\w{1,12} )?(?:orders|records|charges|payments|entries|invoices)|more than once)\b",
    re.I,
)
_SENT_AGAIN = re.compile(
    r"retr(?:y|ies|ied|ying)\b|\btime[sd]? ?out\b|\btimeouts?\b|\bsen[dt] (?:it )?again\b|\bresen[dt]\b"
    r"|\bclick\w{0,3} (?:again|twice)",
    re.I,
)
_NO_KEY = re.compile(r"\b(?:no|without(?: an?)?) idempotency[- ]key", re.I)
_WRITES = ("POST", "PATCH")


def pagination_drift(case: Case) -> Finding | None:
    """Paging by offset over data that changes meanwhile, or a cursor that is no longer valid."""
    gone = first_said(case, _CURSOR_GONE)
    if gone is not None:
        title = text("The cursor of a list is no longer valid")
        aged = _AGED.search(gone.words) is not None
        certainty: Certainty = "likely" if gone.certainty == "known" and not aged else gone.certainty
        return Finding(certainty, title, (gone.clue,), rules_out=frozenset({"payload_invalid", "record_unknown"}))
    drift, paging = first_said(case, _DRIFT, "person"), first_said(case, _PAGING, "person")
    by_offset, repeats = _offsets(case), _repeated_rows(case)
    if not (drift or repeats) or not (by_offset or paging):
        return None
    clues = (by_offset, drift.clue if drift else None, repeats, paging.clue if paging and not by_offset else None)
    return Finding(
        "likely" if by_offset else "possible",
        text("Records shift between pages while they are read"),
        tuple(dict.fromkeys(clue for clue in clues if clue is not None)),
    )


def duplicate_records(case: Case) -> Finding | None:
    """A write was sent again without the idempotency key of the first, and both took effect."""
    if _is_of_deliveries(case):
        return None
    complaint, again = first_said(case, _TWICE, "person"), first_said(case, _SENT_AGAIN, "person")
    logged = first_said(case, _SENT_AGAIN, "log")
    told = complaint.clue if complaint else None
    twins = next(_twins(case), None)
    if twins is not None and (complaint or _both_made(twins)):
        return _doubled("known" if _both_made(twins) and complaint else "likely", *_twin_clues(twins), told)
    if complaint is None or first_said(case, _PAGING, "person") or case.statement.says("webhook"):
        return None
    repeats, shown = (
        again.clue if again else logged.clue if logged else _retried_in_log(case),
        _bare_write(case) or _late(case) or _no_key_told(case),
    )
    if repeats is None:
        return None
    return _doubled("likely" if shown or again is None else "possible", told, repeats, shown)


def _doubled(certainty: Certainty, *clues: Clue | None) -> Finding:
    shown = tuple(dict.fromkeys(clue for clue in clues if clue is not None))
    return Finding(
        certainty, text("A repeated write made its record twice"), shown, rules_out=frozenset({"read_timeout"})
    )


def _retried_in_log(case: Case) -> Clue | None:
    """That a log holds failed calls that were sent again."""
    for log, place in case.facts(LogSummary):
        if log.retries is not None and log.retries.repeated > 0:
            return Clue(text("The log holds failed calls that were sent again"), place)
    return None


def _bare_write(case: Case) -> Clue | None:
    """A write that carries no idempotency key."""
    for answer in calls(case):
        if answer.exchange.method in _WRITES and not answer.in_log and _key(answer.exchange) is None:
            return Clue(text(f"{answer.exchange.method} is sent without an idempotency key"), answer.place)
    return None


def _no_key_told(case: Case) -> Clue | None:
    said = first_said(case, _NO_KEY, "person")
    return said.clue if said else None


def _late(case: Case) -> Clue | None:
    late = ("read_timeout", "timeout", "reset", "closed_early")
    found = (place for error, place in case.facts(ClientError) if error.reason in late)
    return next((Clue(text("A call got no answer, and may have taken effect"), place) for place in found), None)


def _is_of_deliveries(case: Case) -> bool:
    """Whether what is doubled is a delivery of ours and not a write of theirs."""
    if case.first(WebhookDelivery) is not None:
        return True
    return any(each.what in ("event_id", "delivery_id") for log, _ in case.facts(LogSummary) for each in log.repeated)


def _twins(case: Case) -> Iterator[tuple[Answer, Answer]]:
    """Two writes of one body to one URL that do not share an idempotency key, the second of which took effect."""
    groups: dict[tuple[str | None, str | None, str], list[Answer]] = defaultdict(list)
    for answer in calls(case):
        exchange = answer.exchange
        if exchange.method in _WRITES and exchange.request_body:
            groups[exchange.method, exchange.url, exchange.request_body].append(answer)
    for group in groups.values():
        done = [answer for answer in group if 200 <= (answer.status or 0) < 300]
        first = group[0]
        if len(group) > 1 and done and done[-1] is not first and not _share_a_key(first, done[-1]):
            yield first, done[-1]


def _share_a_key(one: Answer, other: Answer) -> bool:
    key = _key(one.exchange)
    return key is not None and key == _key(other.exchange)


def _key(exchange: Exchange) -> str | None:
    return next((exchange.request_headers[name] for name in KEY_HEADERS if name in exchange.request_headers), None)


def _both_made(twins: tuple[Answer, Answer]) -> bool:
    """Whether both writes were answered with success, by bodies that differ."""
    one, other = (answer.exchange for answer in twins)
    bodies_differ = one.response_body != other.response_body
    return 200 <= (one.status or 0) < 300 and bodies_differ and bool(one.response_body and other.response_body)


def _twin_clues(twins: tuple[Answer, Answer]) -> tuple[Clue, Clue]:
    first, second = twins
    ended = first.exchange.status if first.exchange.status is not None else "with no answer"
    keys = "with another idempotency key" if _key(second.exchange) else "without an idempotency key"
    sent = Clue(text(shortened(f"{first.exchange.method} {first.exchange.path} ends {ended}")), first.place)
    return sent, Clue(text(f"The same body is sent again, {keys}, and takes effect"), second.place)


def _offsets(case: Case) -> Clue | None:
    """That a list is read by offset or page number."""
    for answer in calls(case):
        try:
            query = urlsplit(answer.exchange.url or "").query
        except ValueError:
            continue
        match = _BY_OFFSET.search(query)
        if match:
            return Clue(text(f"The list is read by {match.group().strip('&')}"), answer.place)
    for line, words in case.statement.lines:
        match = _OFFSET_IN_PROSE.search(words)
        if match:
            return Clue(text(f"The list is read by {match.group().strip('?&')}"), Place("", line))
    for artifact in case.artifacts:
        match = _OFFSET_IN_PROSE.search(artifact.text) if artifact.kind in ("log", "code") else None
        if match:
            where = artifact.first + artifact.text.count("\n", 0, match.start())
            return Clue(text(f"The list is read by {match.group().strip('?&')}"), Place(artifact.name, where))
    return None


def _repeated_rows(case: Case) -> Clue | None:
    """That a table or a log holds records several times."""
    for table, place in case.facts(TableSummary):
        if table.duplicate_ids:
            return Clue(text(f"The table holds the id {table.duplicate_ids[0][0]} several times"), place)
    for log, place in case.facts(LogSummary):
        repeated = next((each for each in log.repeated if each.what == "record_id" and each.count > 1), None)
        if repeated is not None:
            where = line_of(log, place, repeated)
            return Clue(text(f"The log holds the record {repeated.value} several times"), where)
    return None


RULES: tuple[Rule, ...] = (
    Rule("idempotency_conflict", "customer", idempotency_conflict),
    Rule("duplicate_records", "customer", duplicate_records),
    Rule("conflicting_update", "customer", conflicting_update),
    Rule("pagination_drift", "customer", pagination_drift),
)
