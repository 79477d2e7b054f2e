"""The rule of proxies: the answer, or the refusal, came from a box on the customer's side and not from the API."""

import re

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.http import ClientError, Exchange
from tools.troubleshoot.rules.answers import is_page, seen
from tools.troubleshoot.rules.receivers import calls, looks_like_api
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import SAYS, first_said, line_around, shortened

_OUTBOUND = re.compile(
    r"zscaler|netskope|blue ?coat|forcepoint|websense|fortiguard|mcafee web gateway|skyhigh|cisco umbrella|ironport"
    r"|x-squid-error|your (?:company|organi[sz]ation|administrator)",
    re.I,
)
"""Products that stand in front of a company's people only, never in front of an API; or words that say so."""

_PRODUCT = re.compile(
    r"zscaler|netskope|squid|blue ?coat|forcepoint|websense|fortiguard|fortigate|fortinet|palo ?alto|mcafee web gateway"
    r"|skyhigh|sophos|barracuda|check ?point|cisco umbrella|ironport|untangle|tinyproxy",
    re.I,
)
_BLOCKED = re.compile(
    r"blocked by (?:(?:your|the|company|corporate|security|web) ){0,3}(?:policy|administrator|firewall|proxy"
    r"|organi[sz]ation)|web ?page (?:is )?blocked|access (?:to this (?:site|page) )?(?:has been |is )?blocked"
    r"|url (?:category|filter)|ERR_ACCESS_DENIED|cache access denied|content filter|proxy authentication"
    rf"|{_PRODUCT.pattern}",
    re.I,
)
_TUNNEL = re.compile(
    r"tunnel connection failed|CONNECT tunnel failed|unable to connect to proxy|ProxyError|ERR_TUNNEL_CONNECTION_FAILED"
    r"|ERR_PROXY_CONNECTION_FAILED|response \d{3} from proxy|proxy CONNECT aborted"
    r"|tunneling socket could not be established",
    re.I,
)
_TELLING_HEADERS = ("server", "via", "x-cache", "x-squid-error", "proxy-agent", "proxy-connection", "x-proxy-error")
_PASSED_ON = ("via", "x-cache")
"""A proxy adds these to answers of the API's own, too: they do not tell who refused."""

_GATEWAYS = (502, 504)
"""Any gateway, ours too, answers these with a page."""

_OUTRULED = frozenset(
    {
        "gateway_error",
        "server_error",
        "service_unavailable",
        "payload_invalid",
        "rate_limited",
        "endpoint_unknown",
        "record_unknown",
        "connection_refused",
        "ip_not_allowed",
        "key_invalid",
        "token_scope",
    }
)


def proxy_interference(case: Case) -> Finding | None:
    """A proxy or web filter of the customer answered in the API's place, or refused the way to it."""
    proof = _asked_to_sign_in(case) or _tunnel(case)
    if proof is not None:
        return _finding("known", proof)
    named = _named(case)
    return _finding(*named) if named else _foreign_page(case)


def _finding(certainty: Certainty, clue: Clue) -> Finding:
    title = text("A proxy answers in the API's place")
    return Finding(certainty, title, (clue,), rank=5, rules_out=_OUTRULED)


def _asked_to_sign_in(case: Case) -> Clue | None:
    """407 is a proxy's own refusal (RFC 9110 §15.5.8): no API sends it."""
    found = next((each for each in seen(case, 407) if each.source != "person"), None)
    if found is not None:
        return Clue(text("The status is 407: a proxy asks for its own credentials"), found.place)
    for error, place in case.facts(ClientError):
        if error.reason in ("proxy_authentication", "proxy_refused"):
            return Clue(text(f'{SAYS["client"]}: "{shortened(error.text)}"'), place)
    return None


def _tunnel(case: Case) -> Clue | None:
    said = first_said(case, _TUNNEL, "client", "log")
    return said.clue if said else None


def _named(case: Case) -> tuple[Certainty, Clue] | None:
    """A failed answer whose headers name a product of company networks, or whose page speaks of its policy."""
    for answer in calls(case):
        exchange = answer.exchange
        if not exchange.failed:
            continue
        header = _telling_header(exchange)
        if header is not None:
            line = f"{header}: {shortened(exchange.response_headers[header])}"
            weight = "likely" if header in _PASSED_ON else _weight(line)
            return weight, Clue(text(f'The answer has the header "{line}"'), answer.place)
        blocked = _BLOCKED.search(exchange.response_body or "") if is_page(exchange) else None
        if blocked:
            line = line_around(exchange.response_body or "", blocked)
            return _weight(line), Clue(text(f'The answer is a page that says "{line}"'), answer.place)
    return None


def _weight(line: str) -> Certainty:
    return "known" if _OUTBOUND.search(line) else "likely"


def _telling_header(exchange: Exchange) -> str | None:
    headers = exchange.response_headers
    if "x-squid-error" in headers:
        return "x-squid-error"
    return next((name for name in _TELLING_HEADERS if _PRODUCT.search(headers.get(name, ""))), None)


def _foreign_page(case: Case) -> Finding | None:
    """A failed answer that is a page, where other answers of the host, or what was asked for, are JSON."""
    for answer in calls(case):
        exchange = answer.exchange
        if exchange.failed and exchange.status not in _GATEWAYS and is_page(exchange) and _json_is_due(case, exchange):
            clue = Clue(text("The answer is an HTML page where JSON is due"), answer.place)
            server = exchange.response_headers.get("server")
            clues = (
                (clue, Clue(text(f'Its header server says "{shortened(server)}"'), answer.place)) if server else (clue,)
            )
            return Finding(
                "possible",
                text("Something between the client and the API may answer in its place"),
                clues,
                side="undecided",
            )
    return None


def _json_is_due(case: Case, exchange: Exchange) -> bool:
    if looks_like_api(exchange):
        return True
    asked = " ".join(exchange.request_headers.get(name, "") for name in ("accept", "content-type"))
    if "json" in asked.lower():
        return True
    others = (each for each, _ in case.facts(Exchange) if each.host == exchange.host and each is not exchange)
    return any("json" in each.response_headers.get("content-type", "").lower() for each in others)
