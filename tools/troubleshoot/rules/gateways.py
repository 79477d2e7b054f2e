"""Rules of servers that failed: our own, a gateway's, or one that is overloaded. A bare status proves little."""

import re

from app.domain.blocks import Side
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.rules.answers import Seen, is_page, seen, told_status
from tools.troubleshoot.rules.dependencies import dependency_failed
from tools.troubleshoot.rules.receivers import Receiver, is_delivery, is_private, receiver_of, tells_of_deliveries
from tools.troubleshoot.rules.requests import input_fault
from tools.troubleshoot.rules.rule import Clue, Finding, Rule
from tools.troubleshoot.rules.sayings import Quote, all_said, first_said
from tools.troubleshoot.rules.vantage import serves_tenants

_CRASHED = (500, 501, 505, 507, 508, 511, 520)
_UNAVAILABLE = 503
_GATEWAY = (502, 504)

_INSIDE = re.compile(
    r"traceback \(most recent call last\)|\bat [\w$.]{3,120}\([\w.]{1,60}:\d{1,6}\)|\bFile \"[^\"\n]{1,200}\", line \d"
    r"|(?:NullPointer|IllegalState|Runtime|SQL\w{0,20})Exception|(?:unhandled|uncaught|internal) (?:exception|error id)"
    r"|panic: |segmentation fault|(?:error|incident|event|correlation)[ _-]?id[\"' :=]{1,5}[\w-]{6,}"
    r"|deadlock detected|database (?:error|is locked)|relation \S{1,80} does not exist|internal_error",
    re.I,
)
_OVERLOADED = re.compile(
    r"maintenance|over(?:loaded| capacity)|temporarily unavailable|scheduled downtime|at capacity|shedding load"
    r"|service (?:is )?(?:degraded|unavailable due)|try again (?:later|in)|planned outage",
    re.I,
)
_EVERYBODY = re.compile(
    r"\b(?:all|every) (?:\w{1,12} )?(?:users?|customers?|calls?|requests?|endpoints?|clients?|tenants?)\b|everybody"
    r"|everyone"
    r"|\b100 ?%|completely down|nothing works",
    re.I,
)
_UPSTREAM = re.compile(
    r"upstream (?:connect error|request timeout|timed out|prematurely closed|sent|server)|bad gateway|gateway time-?out"
    r"|no healthy upstream|connect\(\) failed|no live upstreams|error from (?:the )?origin|origin (?:is unreachable"
    r"|time-?out)",
    re.I,
)
_UPSTREAM_AT = re.compile(r'upstream: "?https?://(?P<host>[\w.-]{1,253})', re.I)
_NAMES_THEIRS = re.compile(
    r"\b(?:our|my)\b[^.\n]{0,40}\b(?:side-?car|egress|ingress|gateway|proxy|envoy|mesh|nginx|load[ -]?balancer)\b", re.I
)
_OWN_TIMER = re.compile(r"\b50[48]\b.{0,40}\bUT\b|response_timeout|upstream request timeout", re.I)
_OUR_IDS = ("x-request-id", "request-id", "x-correlation-id", "x-trace-id", "traceparent")
"""Headers that an API's own front sets; a corporate proxy in between does not."""


def server_error(case: Case) -> Finding | None:
    """A 500 whose body or log shows the fault within the server. A bare one is no more than possible."""
    failed = _failed(case, *_CRASHED)
    if not failed:
        return None
    inside = next((each for each in all_said(case, _INSIDE, "answer", "log") if _is_of_server(each)), None)
    by_input = input_fault(case)
    shown = inside is not None and by_input is None
    by_log = inside is not None and inside.source == "log"
    served = by_input is None and _is_served_log(case)
    return Finding(
        "likely" if shown or served else "possible",
        text("The server fails while it handles the request"),
        tuple(filter(None, (_status(failed), inside.clue if inside else None))),
        (by_input,) if by_input else (),
        values={"server": _server(case, failed)},
        rank=1 if shown else 0,
        side="product" if served else _side(case, failed, shown=shown and not by_log),
    )


def service_unavailable(case: Case) -> Finding | None:
    """503: overload or maintenance of the server, for everybody."""
    failed = _failed(case, _UNAVAILABLE)
    if not failed:
        return None
    said, everybody = first_said(case, _OVERLOADED, "answer", "log"), first_said(case, _EVERYBODY, "person")
    wait, page = _asks_to_wait(failed), _page(failed)
    by_log = said is not None and said.source == "log"
    shown = page is None and (said is not None or everybody is not None or wait is not None)
    return Finding(
        "likely" if shown else "possible",
        text("The service is overloaded or under maintenance"),
        tuple(
            filter(None, (_status(failed), said.clue if said else None, wait, everybody.clue if everybody else None))
        ),
        (page,) if page else (),
        values={"server": _server(case, failed)},
        side="product" if _is_served_log(case) else _side(case, failed, shown=shown and not by_log),
    )


def gateway_error(case: Case) -> Finding | None:
    """502 or 504, or a 503 that speaks of an upstream: a gateway got no answer of use. Whose, is the question."""
    said = first_said(case, _UPSTREAM)
    failed = _failed(case, *_GATEWAY) or (_failed(case, _UNAVAILABLE) if said else ())
    logged = said is not None and said.source == "log"
    if not failed and not logged:
        return None
    ours = _names_our_front(case, failed)
    return Finding(
        "possible" if not logged and all(each.source == "person" for each in failed) else "likely",
        text("A gateway gets no usable answer from the server behind it"),
        tuple(filter(None, (_status(failed) if failed else None, said.clue if said else None, ours))),
        values={"server": _server(case, failed)},
        side="product" if ours else "customer" if _is_theirs(case, failed, said) else "undecided",
    )


def _is_theirs(case: Case, failed: tuple[Seen, ...], said: Quote | None) -> bool:
    """Whether the gateway is the customer's: it is asked at a private address, says that its upstream is at one, or
    is called theirs and gave up by its own timer: a gateway of theirs may else only pass on what ours does."""
    told = said or first_said(case, _UPSTREAM_AT, "log")
    match = _UPSTREAM_AT.search(told.saying.text) if told else None
    if _receiver(case, failed) == "customer" or (match is not None and is_private(match["host"])):
        return True
    cut = first_said(case, _OWN_TIMER, "log")
    return cut is not None and any(_NAMES_THEIRS.search(line) for _, line in case.statement.lines)


def _failed(case: Case, *statuses: int) -> tuple[Seen, ...]:
    """Where one of the statuses was answered: by no third party, and by no endpoint for webhooks."""
    hooks = tells_of_deliveries(case)
    return tuple(each for each in seen(case, *statuses) if _is_call(case, each, hooks))


def _is_call(case: Case, each: Seen, hooks: bool) -> bool:
    if each.exchange is None:
        return not (hooks and each.source == "person")
    return not is_delivery(case, each.exchange) and receiver_of(case, each.exchange) != "third_party"


def _is_of_server(said: Quote) -> bool:
    """Whether the words stand in an answer that failed, or in a log."""
    exchange = said.saying.exchange
    return exchange is None or (told_status(exchange) or 0) >= 500


def _is_served_log(case: Case) -> bool:
    """Whether the failures stand in the log of the service itself, and several of its clients have them."""
    for log, _ in case.facts(LogSummary):
        clients = log.breakdown("client")
        if clients and serves_tenants(case, log):
            failing = sum(share.errors > 0 for share in clients.values)
            if failing >= case.parameters.extent.clients:
                return True
    return False


def _receiver(case: Case, failed: tuple[Seen, ...]) -> Receiver | None:
    """Who runs the server that failed; None where no request is seen."""
    exchange = next((each.exchange for each in failed if each.exchange is not None), None)
    return receiver_of(case, exchange) if exchange is not None else None


def _side(case: Case, failed: tuple[Seen, ...], *, shown: bool) -> Side:
    """Whose server failed: ours where no request is seen, since its error came to us. A bare status tells nothing."""
    receiver = _receiver(case, failed)
    if receiver == "customer":
        return "customer"
    return "product" if shown and receiver in (None, "ours") else "undecided"


def _server(case: Case, failed: tuple[Seen, ...]) -> str:
    receiver = _receiver(case, failed)
    return "your server" if receiver == "customer" else "our service" if receiver == "ours" else "the server"


def _names_our_front(case: Case, failed: tuple[Seen, ...]) -> Clue | None:
    """A request id in the answer: the API's own front had the request, and the fault lies behind it."""
    for each in failed:
        headers = each.exchange.response_headers if each.exchange else {}
        name = next((name for name in _OUR_IDS if name in headers), None)
        if each.exchange and name and receiver_of(case, each.exchange) == "ours" and not is_page(each.exchange):
            return Clue(text(f"The answer carries {name}: it comes from the API's own front"), each.place)
    return None


def _asks_to_wait(failed: tuple[Seen, ...]) -> Clue | None:
    wait = next((each for each in failed if each.exchange and "retry-after" in each.exchange.response_headers), None)
    return Clue(text("The answer has Retry-After, as for an overload or maintenance"), wait.place) if wait else None


def _page(failed: tuple[Seen, ...]) -> Clue | None:
    page = next((each for each in failed if each.exchange and is_page(each.exchange)), None)
    return Clue(text("The answer is an HTML page: a proxy in between may have made it"), page.place) if page else None


def _status(failed: tuple[Seen, ...]) -> Clue:
    return Clue(text(f"The status is {failed[0].status}"), failed[0].place)


RULES: tuple[Rule, ...] = (
    Rule("dependency_failed", "external", dependency_failed),
    Rule("server_error", "product", server_error),
    Rule("service_unavailable", "product", service_unavailable),
    Rule("gateway_error", "undecided", gateway_error),
)
