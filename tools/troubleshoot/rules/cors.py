"""Rules of browsers: a refused preflight, an origin that is not allowed. The true cause is often the answer behind."""

import re

from app.domain.blocks import Certainty, Side
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import CorsMessage, Exchange
from tools.troubleshoot.rules.answers import seen
from tools.troubleshoot.rules.receivers import host_of, receiver_at
from tools.troubleshoot.rules.rule import Clue, Finding, Rule
from tools.troubleshoot.rules.sayings import first_said, shortened

_KEY_HEADERS = re.compile(r"authorization|x-(?:api|auth|access)-?(?:key|token)|api-?key", re.I)
_FROM_PAGE = re.compile(
    r"\b(?:secret|api) key\b|\bwith (?:our|the) key\b|\b(?:directly|straight) from (?:our |the |a )?(?:\w{1,12} )?"
    r"(?:browser|page|front-?end|shop|app)\b",
    re.I,
)
_DEVELOPMENT = re.compile(r"https?://(?:localhost|127\.0\.0\.1)(?::\d{1,5})?|null", re.I)
_PREFLIGHT = frozenset(
    {"preflight_status", "preflight_redirect", "header_not_allowed", "method_not_allowed", "private_network"}
)
_PROVEN = frozenset({"origin_not_allowed", "several_origins", "credentials_wildcard", "credentials_not_allowed"})
"""Reasons in which the browser quotes the header that does not fit; a header that is missing may have other causes."""

_TITLES = {
    "preflight_status": "The preflight request is answered with an error",
    "preflight_redirect": "The preflight request is redirected",
    "header_not_allowed": "The preflight does not allow a header of the request",
    "method_not_allowed": "The preflight does not allow the method of the request",
    "private_network": "The browser does not let a public page call a private address",
    "no_allow_origin": "The answer does not allow the page's origin",
    "origin_not_allowed": "The answer allows another origin than the page's",
    "several_origins": "The answer names several origins, where one is allowed",
    "credentials_wildcard": "The request sends credentials, and the answer allows any origin",
    "credentials_not_allowed": "The request sends credentials, which the answer does not allow",
    "other": "The browser's same-origin policy blocks the request",
}


def cors_preflight(case: Case) -> Finding | None:
    """The OPTIONS request before the real one was refused, redirected, or did not allow what the request needs."""
    found = next((each for each in case.facts(CorsMessage) if each[0].reason in _PREFLIGHT), None)
    if found is not None:
        return _finding(case, *found, _preflight_side(case, found[0]))
    refused = _failed_preflight(case)
    if refused is None:
        return None
    exchange, place = refused
    clue = Clue(text(f"The OPTIONS request of the browser is answered {exchange.status}"), place)
    values = {"origin": exchange.request_headers.get("origin", "the page"), "detail": "the request"}
    keyed = _KEY_HEADERS.search(exchange.request_headers.get("access-control-request-headers", ""))
    side: Side = "customer" if keyed else "undecided"
    return Finding("likely", text(_TITLES["preflight_status"]), (clue,), values=values, side=side)


def cors_origin(case: Case) -> Finding | None:
    """The answer does not allow the page's origin, or not with credentials."""
    found = next((each for each in case.facts(CorsMessage) if each[0].reason not in _PREFLIGHT), None)
    if found is None:
        return None
    message, place = found
    side: Side = "undecided" if message.reason in ("several_origins", "other") else "customer"
    if receiver_at(case, _host(message)) == "customer":
        side = "customer"
    if message.reason == "several_origins" and _same_site(message):
        side = "customer"
    return _finding(case, message, place, side)


def hidden_failure(case: Case, message: CorsMessage) -> tuple[int, Place] | None:
    """The error that the real request was answered with: error pages mostly carry no CORS headers."""
    for exchange, place in case.facts(Exchange):
        same = message.url is None or exchange.url is None or _bare(message.url) == _bare(exchange.url)
        if same and exchange.method != "OPTIONS" and (exchange.status or 0) >= 400:
            return exchange.status or 0, place
    if message.reason != "no_allow_origin":
        return None
    told = (each for each in seen(case, *range(400, 600)) if each.source == "person")
    return next(((each.status, each.place) for each in told), None)


def _finding(case: Case, message: CorsMessage, place: Place, side: Side) -> Finding:
    clue = Clue(text(f'The browser says: "{shortened(message.text)}"'), place)
    hidden = hidden_failure(case, message)
    if hidden is not None:
        status, where = hidden
        line = text(f"The request itself is answered {status}: an error without CORS headers looks like this to a page")
        title = text(f"The browser hides an answer with the status {status}")
        return Finding("possible", title, (clue,), (Clue(line, where),), _values(message), rank=-1, side=side)
    development = message.origin is not None and _DEVELOPMENT.fullmatch(message.origin) is not None
    origin = Clue(text(f"The origin {message.origin} is one of development"), place)
    clues = (clue, origin) if development else (clue,)
    certainty = _certainty(message, sure=development or _answered(case, message))
    return Finding(certainty, text(_TITLES[message.reason]), clues, values=_values(message), side=side)


def _answered(case: Case, message: CorsMessage) -> bool:
    """Whether the request itself is seen to be answered with success."""
    found = (exchange for exchange, _ in case.facts(Exchange) if exchange.url and message.url)
    return any(200 <= (each.status or 0) < 300 and _bare(each.url or "") == _bare(message.url or "") for each in found)


def _same_site(message: CorsMessage) -> bool:
    """Whether page and API share their domain: then the server in front of the API is the customer's."""
    page = host_of(Exchange(source="http", url=message.origin))
    host = _host(message)
    return page is not None and host is not None and _domain(page) == _domain(host)


def _domain(host: str) -> list[str]:
    """The last two labels; three where the last but one is as short as in `co.uk`."""
    labels = host.split(".")
    return labels[-3:] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2:]


def _certainty(message: CorsMessage, *, sure: bool) -> Certainty:
    """A header that is missing may be missing on an error alone, so that it is likely only where nothing failed."""
    if message.reason in _PROVEN or message.reason in (
        "header_not_allowed",
        "method_not_allowed",
        "preflight_redirect",
    ):
        return "known"
    if message.reason == "other" or (message.reason == "no_allow_origin" and not sure):
        return "possible"
    return "likely"


def _values(message: CorsMessage) -> dict[str, str]:
    return {"origin": message.origin or "the page", "detail": message.detail or "the request"}


def _preflight_side(case: Case, message: CorsMessage) -> Side:
    """A key does not belong into a browser: a page that sends one calls an API for servers."""
    if _KEY_HEADERS.search(message.detail) or receiver_at(case, _host(message)) == "customer":
        return "customer"
    if first_said(case, _FROM_PAGE, "person"):
        return "customer"
    sent = (exchange for exchange, _ in case.facts(Exchange) if _host(message) == host_of(exchange))
    return "customer" if any(each.auth for each in sent) else "undecided"


def _failed_preflight(case: Case) -> tuple[Exchange, Place] | None:
    for exchange, place in case.facts(Exchange):
        asked = exchange.method == "OPTIONS" and "access-control-request-method" in exchange.request_headers
        if asked and (exchange.status or 0) >= 300:
            return exchange, place
    return None


def _host(message: CorsMessage) -> str | None:
    return host_of(Exchange(source="http", url=message.url))


def _bare(url: str) -> str:
    return url.partition("?")[0].rstrip("/")


RULES: tuple[Rule, ...] = (
    Rule("cors_preflight", "undecided", cors_preflight),
    Rule("cors_origin", "customer", cors_origin),
)
