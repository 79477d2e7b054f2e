"""The rule of a SAML assertion's conditions: whether they held when the service provider read them."""

import datetime as dt
from collections.abc import Iterator

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.identity import SamlResponse
from tools.troubleshoot.rules.answers import answers
from tools.troubleshoot.rules.instants import Clocked, call_time, span, stated_time, told
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.saml_expected import response
from tools.troubleshoot.rules.sign_in_facts import HeardMessage, message, messages


def saml_time(case: Case) -> Finding | None:
    """The assertion was not yet or no longer valid when it was read. Today's clock says nothing of that."""
    heard = message(case, "time")
    found = response(case)
    computed = _by_log(case, heard) or (_by_assertion(case, found, heard) if found else None)
    if computed is None and heard is None:
        return None
    clues = (*((heard.clue,) if heard else ()), *((computed,) if computed else ()))
    return Finding(
        _certainty(heard, computed is not None),
        text("The assertion's conditions did not hold when it was read: the two clocks differ, or it came late"),
        clues,
        rank=6,
        rules_out=frozenset({"saml_audience"}) if computed else frozenset(),
    )


def _certainty(heard: HeardMessage | None, computed: bool) -> Certainty:
    if heard is None:
        return "likely"
    if heard.source == "person":
        return "likely" if computed else "possible"
    return "known" if computed else "likely"


def _by_log(case: Case, heard: HeardMessage | None) -> Clue | None:
    """Both clocks, where the message tells them."""
    if heard is None or heard.message.at_idp is None or heard.message.at_sp is None:
        return None
    limit, clock = heard.message.at_idp, heard.message.at_sp
    apart = (clock - limit).total_seconds()
    figure = case.figure(
        "saml_apart", "Clock against the condition", span(apart), "text", "clock − condition", heard.place
    )
    words = f"The condition is {told(limit)}, the service provider's clock said {told(clock)}: "
    return Clue(text(words, figure, " later" if apart >= 0 else " before"), heard.place, (figure,))


def _by_assertion(case: Case, found: tuple[SamlResponse, Place], heard: HeardMessage | None) -> Clue | None:
    """The assertion's conditions beside the time at which it was read."""
    saml, place = found
    for at in _read_at(case, heard):
        if saml.not_before and at.moment < saml.not_before:
            return _outside(case, at, saml.not_before, "NotBefore", place)
        for limit in (saml.not_on_or_after, saml.subject_not_on_or_after):
            if limit and at.moment >= limit:
                return _outside(case, at, limit, "NotOnOrAfter", place)
    return None


def _read_at(case: Case, heard: HeardMessage | None) -> Iterator[Clocked]:
    """When the assertion was read: by the log of the sign-in, by the request that carried it, by the person."""
    if heard is not None and heard.message.at is not None:
        yield Clocked(heard.message.at, "by the log of the service provider")
    reasons = messages(case, "audience", "recipient", "signature", "issuer", "user_unknown", "in_response_to")
    at = next((each.message.at for each in reasons if each.message.at), None)
    if at is not None:
        yield Clocked(at, "by the log of the service provider")
    for answer in answers(case):
        if "SAMLResponse" in (answer.exchange.request_body or "") or "/saml" in (answer.exchange.path or "").lower():
            clocked = call_time(answer.exchange)
            if clocked is not None:
                yield clocked
    stated = stated_time(case) if heard is not None else None
    if stated is not None:
        yield stated


def _outside(case: Case, at: Clocked, limit: dt.datetime, name: str, place: Place) -> Clue:
    apart = (at.moment - limit).total_seconds()
    figure = case.figure("saml_apart", f"Reading against {name}", span(apart), "text", f"read at − {name}", place)
    words = f"{name} is {told(limit)}; the assertion was read at {at}: "
    return Clue(text(words, figure, " later" if apart >= 0 else " before"), place, (figure,))
