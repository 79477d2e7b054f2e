"""Rules of webhook deliveries: too old when they are checked, handled twice, not taken by the endpoint."""

import re
from collections.abc import Iterator

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import WebhookDelivery
from tools.troubleshoot.facts.logs import LogSummary, Repeated
from tools.troubleshoot.facts.programs import JsonBody
from tools.troubleshoot.rules.answers import Answer, line_of
from tools.troubleshoot.rules.delivery_lists import failed_deliveries
from tools.troubleshoot.rules.receivers import deliveries, is_signed
from tools.troubleshoot.rules.rule import Clue, Finding, Rule
from tools.troubleshoot.rules.sayings import OF_CALLS, first_said, shortened
from tools.troubleshoot.rules.signatures import mismatch_clue, webhook_body_changed, webhook_secret

_TOO_OLD = re.compile(
    r"timestamp .{0,30}(?:outside|too old|tolerance|expired|too far)|outside (?:of )?(?:the )?tolerance"
    r"|message timestamp too|replay(?:ed)? (?:window|attack|detected)",
    re.I,
)
_TWICE = re.compile(r"\b(?:twice|duplicat\w{0,4}|(?:two|several|multiple|many) times|more than once)\b", re.I)
_DELIVERIES_FAIL = re.compile(
    r"(?:webhook|deliver\w{1,4}|endpoint)\b.{0,60}\b(?:fail\w{0,3}|time[sd]? ?out|disabled|retr\w{1,4}"
    r"|returns? (?:an? )?(?:error )?[345]\d\d"
    r"|answers? [345]\d\d|responds? with [345]\d\d)",
    re.I,
)
_FAILED_LINE = re.compile(r"\b[45]\d\d\b|\bERROR\b|\bfail", re.I)
_EVENT_ID = re.compile(
    r"\"(?:event|event_?id|webhook_?id|id)\":\s{0,3}\"(?P<event>(?:evt|event|msg|whevt)_[\w-]{2,80})\"", re.I
)
_AGE = "the timestamp is outside the tolerance"
_MOVED = (301, 302, 303, 307, 308)


def webhook_replay_window(case: Case) -> Finding | None:
    """The signed time is further from that of receipt than the handler tolerates."""
    said = first_said(case, _TOO_OLD, *OF_CALLS, "endpoint")
    for delivery, place in case.facts(WebhookDelivery):
        if delivery.verdict in ("mismatch", "ok", "missing"):
            continue
        old = delivery.verdict == "too_old"
        age = _age_clue(case, delivery, place)
        if age or old:
            refused = (
                Clue(text(f'The handler says: "{shortened(delivery.verdict_text) or _AGE}"'), place) if old else None
            )
            clues = (age, refused, said.clue if said and not old else None, _attempt_clue(delivery, place))
            certainty: Certainty = "known" if age and (old or said) else "likely"
            return _replayed("possible" if not age and _clocks_unknown(case) else certainty, *clues)
    of_webhooks = case.first(WebhookDelivery) is not None or case.statement.says("webhook") is not None
    if said is None or not of_webhooks:
        return None
    return _replayed("possible" if said.source == "person" else "likely", said.clue)


def webhook_duplicate(case: Case) -> Finding | None:
    """One event is handled several times: delivery is at least once, and the handler does not know what it has done."""
    complaint = first_said(case, _TWICE, "person")
    repeated = _repeated_in_log(case) or _repeated_deliveries(case)
    if repeated is None:
        if complaint is None or case.statement.says("webhook", "same event") is None:
            return None
        return _doubled("possible", complaint.clue)
    clue, handled = repeated
    late = next((answer for answer in deliveries(case) if not _is_taken(answer)), None)
    again = (
        Clue(text("A delivery was not answered with 2xx in time, so it is sent again"), late.place) if late else None
    )
    return _doubled("known" if handled and complaint else "likely", clue, complaint.clue if complaint else None, again)


def webhook_endpoint_failing(case: Case) -> Finding | None:
    """Deliveries fail at the customer's endpoint. Where it refuses a signature or an age, that is the cause instead."""
    refused = mismatch_clue(case) or any(each.verdict == "too_old" for each, _ in case.facts(WebhookDelivery))
    failing = next((answer for answer in deliveries(case) if not _is_taken(answer)), None)
    if refused:
        return None
    if failing is None and (in_log := _failed_in_log(case)):
        return _failing("likely", "your endpoint", in_log)
    if failing is None and (told := failed_deliveries(case)):
        return _failing("likely", told.host, told.clue)
    if failing is None:
        said = first_said(case, _DELIVERIES_FAIL, "person") if case.statement.says("webhook") else None
        return _failing("possible", "your endpoint", said.clue) if said else None
    exchange = failing.exchange
    host = exchange.host or "your endpoint"
    how = f"is answered {exchange.status}" if exchange.status is not None else "gets no answer"
    clue = Clue(text(f"The delivery to {host} {how}"), failing.place)
    moved = Clue(text("Deliveries follow no redirects"), failing.place) if exchange.status in _MOVED else None
    proven = exchange.status is not None and is_signed(exchange)
    return _failing("known" if proven else "likely", host, clue, moved)


def _replayed(certainty: Certainty, *clues: Clue | None) -> Finding:
    title = text("The delivery is too old, or too new, when it is verified")
    shown = tuple(clue for clue in clues if clue is not None)
    return Finding(certainty, title, shown, rank=5, rules_out=frozenset({"webhook_secret", "webhook_body_changed"}))


def _doubled(certainty: Certainty, *clues: Clue | None) -> Finding:
    return Finding(
        certainty, text("One event is handled several times"), tuple(clue for clue in clues if clue is not None)
    )


def _failing(certainty: Certainty, host: str, *clues: Clue | None) -> Finding:
    return Finding(
        certainty,
        text("Deliveries fail at the endpoint"),
        tuple(clue for clue in clues if clue is not None),
        values={"endpoint": host},
        rules_out=frozenset({"server_error", "service_unavailable", "gateway_error"}),
    )


def _age_clue(case: Case, delivery: WebhookDelivery, place: Place) -> Clue | None:
    """How far receipt lies from the signed time, where that is more than the tolerance."""
    if delivery.sent_at is None or delivery.received_at is None:
        return None
    seconds = (delivery.received_at - delivery.sent_at).total_seconds()
    allowed = delivery.tolerance_seconds or case.parameters.clocks.webhook_tolerance
    if abs(seconds) <= allowed:
        return None
    age = case.figure(
        "webhook.age", "Seconds from signing to receipt", seconds, "count", "time of receipt − signed time", place
    )
    rule = "the handler's own tolerance" if delivery.tolerance_seconds else "the usual tolerance"
    limit = case.figure("webhook.tolerance", "Seconds that are tolerated", allowed, "count", rule, place)
    said = text("From signing to receipt ", age, " s go by, and ", limit, " s are tolerated")
    return Clue(said, place, (age, limit))


def _clocks_unknown(case: Case) -> bool:
    """Whether times of several clocks are told and none names its zone: then any of them may be wrong."""
    moments = case.statement.moments
    return len(moments) > 1 and all(moment.zone is None for moment in moments)


def _attempt_clue(delivery: WebhookDelivery, place: Place) -> Clue | None:
    if delivery.attempt is None or delivery.attempt < 2:
        return None
    return Clue(text(f"It is attempt {delivery.attempt}: an old signature may have been sent again"), place)


def _repeated_in_log(case: Case) -> tuple[Clue, bool] | None:
    """An event's id that a log holds several times, and whether several were answered with success."""
    for log, place in case.facts(LogSummary):
        for each in log.repeated:
            where = line_of(log, place, each)
            if each.what in ("event_id", "delivery_id") and each.count > 1 and _is_handled(each, case, where):
                count = case.figure(
                    "webhook.times", "Times that one event is in the log", each.count, "count", "", where
                )
                clue = Clue(text(f"{each.value} is in the log ", count, " times"), where, (count,))
                return clue, sum(200 <= status < 300 for status in each.statuses) > 1
    return None


def _is_handled(repeated: Repeated, case: Case, where: Place) -> bool:
    """Whether a line may be an event that was taken: attempts of a delivery that all fail are no duplicates."""
    if repeated.statuses:
        return any(200 <= status < 300 for status in repeated.statuses)
    lines = [line for line in _text_at(case, where).split("\n") if repeated.value in line]
    return repeated.what == "event_id" and not (lines and all(map(_FAILED_LINE.search, lines)))


def _text_at(case: Case, place: Place) -> str:
    found = (each for each in case.artifacts if each.name == place.name and each.first <= place.line <= each.last)
    return next((each.text for each in found if each.kind == "log"), "")


def _failed_in_log(case: Case) -> Clue | None:
    """A delivery that a log holds several times, and never as taken."""
    for log, place in case.facts(LogSummary):
        for each in log.repeated:
            where = line_of(log, place, each)
            if each.what == "delivery_id" and each.count > 1 and not _is_handled(each, case, where):
                return Clue(
                    text(f"The delivery {shortened(each.value)} is tried several times, and never taken"), where
                )
    return None


def _repeated_deliveries(case: Case) -> tuple[Clue, bool] | None:
    """An event's id that several deliveries, or several records of their handling, carry."""
    known: set[str] = set()
    for event, place in (*_delivered(case), *_recorded(case)):
        if event in known:
            return Clue(text(f"{event} is there a second time"), place), False
        known.add(event)
    return None


def _delivered(case: Case) -> Iterator[tuple[str, Place]]:
    for delivery, place in case.facts(WebhookDelivery):
        if delivery.event_id is not None:
            yield delivery.event_id, place


def _recorded(case: Case) -> Iterator[tuple[str, Place]]:
    """Events that JSON lines tell of as handled."""
    for body, place in case.facts(JsonBody):
        match = _EVENT_ID.search(body.text)
        if match and not body.message:
            yield match["event"], place


def _is_taken(answer: Answer) -> bool:
    """Whether the endpoint answered with success, or nothing is told of its answer."""
    status = answer.exchange.status
    return not answer.exchange.error and (status is None or 200 <= status < 300)


RULES: tuple[Rule, ...] = (
    Rule("webhook_body_changed", "customer", webhook_body_changed),
    Rule("webhook_replay_window", "customer", webhook_replay_window),
    Rule("webhook_duplicate", "customer", webhook_duplicate),
    Rule("webhook_endpoint_failing", "customer", webhook_endpoint_failing),
    Rule("webhook_secret", "customer", webhook_secret),
)
