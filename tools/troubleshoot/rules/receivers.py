"""Who runs the server that a request went to: we, the customer, or a third party. In doubt nobody can tell."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Literal
from urllib.parse import urlsplit

from app.domain.blocks import Side
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.http import Exchange, WebhookDelivery
from tools.troubleshoot.parameters import ThirdParty
from tools.troubleshoot.rules.answers import Answer, answers

Receiver = Literal["ours", "customer", "third_party", "unknown"]

SIDE_OF: dict[Receiver, Side] = {
    "ours": "product",
    "customer": "customer",
    "third_party": "external",
    "unknown": "undecided",
}
"""Where a fault of the server itself lies."""

_PRIVATE = tuple(
    ipaddress.ip_network(network)
    for network in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "100.64.0.0/10",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
_HOOK_HOST = re.compile(r"(?:web)?hooks?\.", re.IGNORECASE)
_PRIVATE_NAMES = (
    ".svc",
    ".local",
    ".internal",
    ".lan",
    ".corp",
    ".home",
    ".localhost",
    ".localdomain",
    ".cluster.local",
)
_SIGNATURE = re.compile(
    r"(?:stripe|svix|webhook|x-webhook|x-hub|x-slack|x-twilio|x-[a-z]{2,20}-webhook)-signature(?:-\d{1,3})?"
    r"|x-shopify-hmac-sha256|x-(?:github|gitlab|webhook)-event|webhook-id"
)
"""Headers of webhook deliveries; a signature under another name may be that of a signed request to an API."""

_DELIVERY_PATH = re.compile(r"/(?:web)?hooks?\b|/callbacks?\b", re.IGNORECASE)
_API_LIKE = re.compile(r"^api[.-]|[.-]api\.|/(?:api|v\d{1,2}|graphql|rest)(?:/|$)", re.IGNORECASE)


def receiver_of(case: Case, exchange: Exchange) -> Receiver:
    """Who runs the server that got this request."""
    host = host_of(exchange)
    if is_delivery(case, exchange) or (host is not None and is_private(host)):
        return "customer"
    if host is None:
        return "ours" if _is_answer_by_itself(exchange) else "unknown"
    if third_party_at(case, host) or is_elsewhere(case, host):
        return "third_party"
    if exchange.source == "har" and not looks_like_api(exchange):
        return "unknown"
    return "ours"


def _is_answer_by_itself(exchange: Exchange) -> bool:
    """Whether it is an API's answer that was brought to us without its request: JSON, and no page of a proxy."""
    kind = exchange.response_headers.get("content-type", "").lower()
    return exchange.source in ("http", "curl") and exchange.url is None and "json" in kind


def looks_like_api(exchange: Exchange) -> bool:
    """Whether host or path are such as APIs have: `api.example.com`, `/v1/`, `/graphql`."""
    return _API_LIKE.search(f"{exchange.host or ''}{exchange.path or ''}") is not None


def is_api_host(host: str) -> bool:
    """Whether a host's name is such as APIs have."""
    return _API_LIKE.search(host) is not None


def receiver_at(case: Case, host: str | None) -> Receiver:
    """Who runs the host of this name: ours is one to which the customer is seen to send requests."""
    if host is None:
        return "unknown"
    if is_private(host) or (_HOOK_HOST.match(host) and tells_of_deliveries(case)):
        return "customer"
    if third_party_at(case, host):
        return "third_party"
    asked = (each.exchange for each in answers(case) if host_of(each.exchange) == host)
    found = {receiver_of(case, exchange) for exchange in asked}
    return found.pop() if len(found) == 1 else "unknown"


def calls(case: Case) -> Iterator[Answer]:
    """The requests of the customer: no webhook deliveries, and nothing that went to a third party."""
    hooks = tells_of_deliveries(case)
    for answer in answers(case):
        host = host_of(answer.exchange) or ""
        if _is_delivery(answer.exchange, hooks) or third_party_at(case, host) or is_elsewhere(case, host):
            continue
        yield answer


def deliveries(case: Case) -> Iterator[Answer]:
    """The webhook deliveries to the customer's endpoint."""
    hooks = tells_of_deliveries(case)
    return (answer for answer in answers(case) if _is_delivery(answer.exchange, hooks))


def is_delivery(case: Case, exchange: Exchange) -> bool:
    """Whether the request is a webhook delivery: it is sent as one, or goes to a hook where deliveries are told of."""
    return _is_delivery(exchange, tells_of_deliveries(case))


def is_signed(exchange: Exchange) -> bool:
    """Whether the request's headers are those of a webhook delivery: a signature, or its sender's name."""
    headers = exchange.request_headers
    return any(map(_SIGNATURE.fullmatch, headers)) or "webhook" in headers.get("user-agent", "").lower()


def tells_of_deliveries(case: Case) -> bool:
    """Whether the case is about webhooks: a status in its prose is then that of the customer's endpoint."""
    return case.first(WebhookDelivery) is not None or case.statement.says("webhook") is not None


def _is_delivery(exchange: Exchange, hooks: bool) -> bool:
    if exchange.method not in (None, "POST"):
        return False
    to_hook = _DELIVERY_PATH.search(exchange.path or "") or _HOOK_HOST.match(exchange.host or "")
    at_hook = hooks and exchange.auth is None and to_hook is not None
    return at_hook or is_signed(exchange)


def third_party_at(case: Case, host: str) -> ThirdParty | None:
    """The third party whose well-known API the host is."""
    for party in case.parameters.third_parties:
        if any(host == known or host.endswith(f".{known}") for known in party.hosts):
            return party
    return None


def is_elsewhere(case: Case, host: str) -> bool:
    """Whether the host is an API's at another domain than ours, in a case that names one of ours, too."""
    if not is_api_host(host) or is_ours(case, host):
        return False
    domains = case.parameters.our_domains
    return any(_names(artifact.text, domain) for artifact in case.artifacts for domain in domains)


def is_ours(case: Case, host: str) -> bool:
    """Whether the host lies within one of our domains."""
    return any(host == domain or host.endswith(f".{domain}") for domain in case.parameters.our_domains)


def _names(words: str, domain: str) -> bool:
    """Whether the words hold a host of the domain, and not one that only begins like it."""
    return re.search(rf"(?<![\w-]){re.escape(domain)}(?![\w-]|\.\w)", words) is not None


def is_private(host: str) -> bool:
    """Whether the host is the caller's own machine or network: a private address, `localhost`, a name with no dot."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return "." not in host or host.lower().endswith(_PRIVATE_NAMES)
    return any(address in network for network in _PRIVATE)


def host_of(exchange: Exchange) -> str | None:
    """The host of the URL, else that of the Host header."""
    if exchange.host:
        return exchange.host
    header = exchange.request_headers.get("host", "")
    try:
        return urlsplit(f"//{header}").hostname if header else None
    except ValueError:
        return None
