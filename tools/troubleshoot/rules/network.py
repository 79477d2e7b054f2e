"""Rules of connections: refused, reset, not made in time, no answer in time."""

import re

from app.domain.blocks import Certainty, Side
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import ClientError, Exchange
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.rules.connections import Failure, failure, waited_clue
from tools.troubleshoot.rules.names import dns_failure
from tools.troubleshoot.rules.pools import pool_exhausted
from tools.troubleshoot.rules.proxies import proxy_interference
from tools.troubleshoot.rules.receivers import SIDE_OF, Receiver, is_private, receiver_at
from tools.troubleshoot.rules.rule import Clue, Finding, Rule
from tools.troubleshoot.rules.sayings import first_said, shortened

_IDLE = re.compile(
    r"keep-?alive|\bidle\b|stale connection|reus\w{1,3} (?:a |the |an? )?(?:old |existing )?connection"
    r"|first (?:call|request) after",
    re.I,
)
_TAKES = re.compile(r"\btakes? (?:about |around |up to |~)?(?P<number>\d{1,6}(?:\.\d{1,3})?) ?(?P<unit>ms|s|sec)", re.I)
_NETWORK = re.compile(
    r"\b(?:VPC|subnet|firewall|VPN|proxy|security group|NAT|egress|network|route|allow-?list|data ?cent(?:er|re))\b",
    re.I,
)
"""What a customer changes of the way that calls take out of their network."""

_UNCONNECTED = ("connect_timeout", "network_unreachable", "timeout")
_PROXY_TIMER = re.compile(r"\bUT\b|response_timeout|upstream request timeout")
_THEIR_PROXY = re.compile(r"\b(?:our|my)\b[^.\n]{0,40}\b(?:side-?car|egress|proxy|envoy|mesh|gateway)\b", re.I)
_LOOPBACK = re.compile(r"localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[?::1\]?", re.I)


def connection_refused(case: Case) -> Finding | None:
    """Nobody listens at the address, or a firewall answers for it. A gateway's words are on its upstream."""
    found = failure(case, "refused")
    if found is None:
        return None
    behind = found.source == "log" or "upstream" in found.text.lower()
    own = not behind and found.host is not None and _LOOPBACK.fullmatch(found.host) is not None
    here = Clue(text(f"{found.host} is the machine that makes the call: nothing listens there"))
    return Finding(
        "known" if own and found.source == "client" else _certainty(found),
        text(f"{shortened(found.host)} refuses the connection" if found.host else "The connection is refused"),
        (found.clue, here) if own else (found.clue,),
        values={"target": _target(found)},
        side="undecided" if behind else _side(receiver_at(case, found.host)),
    )


def connection_reset(case: Case) -> Finding | None:
    """The connection was closed before the answer was there; a connection that lay idle is the client's to renew."""
    found = failure(case, "reset", "closed_early")
    if found is None:
        return None
    idle = first_said(case, _IDLE, "client", "log", "person")
    receiver = receiver_at(case, found.host)
    return Finding(
        _certainty(found),
        text("The connection is closed before the answer is there"),
        (found.clue, idle.clue) if idle else (found.clue,),
        values={"target": _target(found)},
        side="customer" if idle or receiver == "customer" else "undecided",
    )


def connection_timeout(case: Case) -> Finding | None:
    """No connection came about in time: a firewall, a route, a wrong address. A name not found looks like it, too."""
    found = failure(case, "connect_timeout", "network_unreachable") or failure(case, "timeout")
    if found is None or failure(case, "dns_not_found", "dns_temporary"):
        return None
    where = f"No connection to {shortened(found.host)}" if found.host else "No connection"
    waited = waited_clue(case, found)
    return Finding(
        "possible" if found.reason == "timeout" else _certainty(found),
        text(f"{where} comes about in time"),
        (found.clue, waited) if waited else (found.clue,),
        _vague(found),
        values={"target": _target(found)},
        side="customer" if _is_of_their_network(case, found) else "undecided",
    )


def _is_of_their_network(case: Case, found: Failure) -> bool:
    """Whether the name leads to an address of the customer's own network, or it began when that was changed."""
    if receiver_at(case, found.host) == "customer":
        return True
    led = (each.address for each, _ in case.facts(ClientError) if each.address and each.reason in _UNCONNECTED)
    if any(is_private(address) for address in led):
        return True
    return any(_NETWORK.search(said) for said in case.statement.changed)


def read_timeout(case: Case) -> Finding | None:
    """Connected, and no answer in time; the client's own where it gives up sooner than the call normally takes."""
    found = failure(case, "read_timeout") or failure(case, "timeout")
    if found is None or failure(case, "dns_not_found", "dns_temporary"):
        return None
    waited, short = waited_clue(case, found), _too_short(case, found)
    return Finding(
        "possible" if found.reason == "timeout" and short is None else _certainty(found),
        text("The client gives up before the answer is there"),
        tuple(filter(None, (found.clue, waited, short))),
        _vague(found),
        values={"target": _target(found)},
        side="customer" if short or _is_their_timer(case, found) else "undecided",
    )


def _is_their_timer(case: Case, found: Failure) -> bool:
    """Whether their own server is late, or a proxy of theirs gave up by its own timer."""
    if receiver_at(case, found.host) == "customer":
        return True
    logged = found.source == "log" and found.clue.place is not None
    return (
        logged and _PROXY_TIMER.search(found.text) is not None and _THEIR_PROXY.search(case.statement.text) is not None
    )


def _target(found: Failure) -> str:
    return shortened(found.host or "the server")


def _certainty(found: Failure) -> Certainty:
    return "possible" if found.source == "person" else "likely"


def _side(receiver: Receiver) -> Side:
    """A refusal at the customer's or a third party's host is theirs; at ours a firewall in between may refuse, too."""
    return "undecided" if receiver == "ours" else SIDE_OF[receiver]


def _vague(found: Failure) -> tuple[Clue, ...]:
    if found.reason != "timeout":
        return ()
    return (
        Clue(text("The error does not tell a connection that fails from an answer that is late"), found.clue.place),
    )


def _too_short(case: Case, found: Failure) -> Clue | None:
    """That such calls normally take longer than the client waits: by a log's median, or by one that went well."""
    if found.after is None:
        return None
    normal = _normal_ms(case)
    if normal is None or normal[0] <= 1_000 * found.after:
        return None
    milliseconds, place, rule = normal
    figure = case.figure("client.normal_ms", "What the call normally takes, in ms", milliseconds, "ms", rule, place)
    return Clue(
        text("The call normally takes ", figure, " ms, which is longer than the client waits"), place, (figure,)
    )


def _normal_ms(case: Case) -> tuple[float, Place, str] | None:
    for log, place in case.facts(LogSummary):
        if log.durations is not None:
            return log.durations.p50, place, "median duration in the log"
    for exchange, place in case.facts(Exchange):
        if exchange.duration_ms is not None and 200 <= (exchange.status or 0) < 300:
            return exchange.duration_ms, place, "duration of a call that went well"
    said = first_said(case, _TAKES, "person")
    match = _TAKES.search(said.line) if said else None
    if said is None or match is None:
        return None
    factor = 1 if match["unit"].lower().startswith("ms") else 1_000
    return factor * float(match["number"]), said.saying.place, "as the message says"


RULES: tuple[Rule, ...] = (
    Rule("proxy_interference", "customer", proxy_interference),
    Rule("dns_failure", "undecided", dns_failure),
    Rule("connection_refused", "undecided", connection_refused),
    Rule("pool_exhausted", "undecided", pool_exhausted),
    Rule("connection_timeout", "undecided", connection_timeout),
    Rule("connection_reset", "undecided", connection_reset),
    Rule("read_timeout", "undecided", read_timeout),
)
