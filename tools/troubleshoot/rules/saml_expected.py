"""What a service provider expects of a SAML response: by its metadata, its request, its log, or people's words."""

import re
from dataclasses import dataclass

from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.identity import SamlResponse
from tools.troubleshoot.rules.sign_in_facts import HeardMessage

_ENTITY_ID = re.compile(
    r"\b(?:entity ?id|audience|issuer of the sp|sp identifier)\b[^.\n]{0,40}?(?:is|=|:|to)\s{0,3}[\"'`(]?(\S{4,300})",
    re.IGNORECASE,
)
_ACS = re.compile(
    r"\b(?:acs|assertion consumer)\b[^.\n]{0,40}?(?:is|=|:|to)\s{0,3}[\"'`(]?(https?://\S{4,300})", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Expected:
    """A value that is expected; `where` says by whom, as the beginning of a clause."""

    value: str
    where: str


def response(case: Case) -> tuple[SamlResponse, Place] | None:
    """The first response or assertion that can be read."""
    found = ((each, place) for each, place in case.facts(SamlResponse) if each.message in ("response", "assertion"))
    return next((each for each in found if not each[0].fault), None)


def expected_entity_id(case: Case, heard: HeardMessage | None) -> Expected | None:
    """The service provider's entity id."""
    if heard is not None and heard.message.expected:
        return Expected(heard.message.expected, "the log expects")
    for each, _ in case.facts(SamlResponse):
        if each.issuer and (each.message == "request" or (each.message == "metadata" and each.recipient)):
            return Expected(each.issuer, f"the {_what(each)} names")
    return _stated(case, _ENTITY_ID)


def expected_acs(case: Case, heard: HeardMessage | None) -> Expected | None:
    """The address at which the service provider takes responses (assertion consumer service)."""
    if heard is not None and heard.message.expected:
        return Expected(heard.message.expected, "the log expects")
    for each, _ in case.facts(SamlResponse):
        if each.recipient and each.message in ("request", "metadata"):
            return Expected(each.recipient, f"the {_what(each)} names")
    for exchange, _ in case.facts(Exchange):
        if exchange.method == "POST" and "SAMLResponse" in (exchange.request_body or "") and exchange.url:
            return Expected(exchange.url, "the browser sent it to")
    return _stated(case, _ACS)


def spelling(one: str, other: str) -> str:
    """What tells two addresses apart that look alike."""
    if one.rstrip("/") == other.rstrip("/"):
        return ": they differ in the slash at the end"
    if one.lower() == other.lower():
        return ": they differ in capital letters"
    if re.sub(r"^https?:", "", one) == re.sub(r"^https?:", "", other):
        return ": one is http, the other https"
    return ""


def _what(found: SamlResponse) -> str:
    return "service provider's request" if found.message == "request" else "service provider's metadata"


def _stated(case: Case, pattern: re.Pattern[str]) -> Expected | None:
    for _, line in case.statement.lines:
        match = pattern.search(line)
        if match and re.search(r"[:/]", match[1]):
            return Expected(match[1].rstrip(".,;)\"'`"), "the message says that it is")
    return None
