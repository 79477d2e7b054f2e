"""Rules of SAML 2.0 messages: for whom, where to, when, signed by whom, with which status, in answer to what."""

import re

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.identity import SamlResponse
from tools.troubleshoot.reading.sso_messages import is_own_words
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.saml_expected import (
    Expected,
    expected_acs,
    expected_entity_id,
    response,
    spelling,
)
from tools.troubleshoot.rules.sayings import first_said
from tools.troubleshoot.rules.sign_in_facts import HeardMessage, message

_STATUS = re.compile(
    r"urn:oasis:names:tc:SAML:2\.0:status:(Re(?:quester|sponder)|VersionMismatch|AuthnFailed|RequestDenied|NoPassive"
    r"|[A-Z]\w{3,40})"
)
_OUTAGE = re.compile(
    r"unavailable|internal (?:server )?error|outage|timed? ?out|maintenance|try again later", re.IGNORECASE
)
_UNASKED = re.compile(
    r"unsolicited|idp[- ]initiated|inresponseto[^.\n]{0,30}(?:missing|absent|empty|not present)", re.IGNORECASE
)


def saml_audience(case: Case) -> Finding | None:
    """The assertion is for another service provider than the one that reads it."""
    heard = message(case, "audience")
    got, place = _audiences(case)
    expected = expected_entity_id(case, heard)
    return _compared("Audience", heard, got, place, expected, "is not the entity id of the service provider")


def saml_recipient(case: Case) -> Finding | None:
    """The response was made out to another address than the one at which it is taken."""
    heard = message(case, "recipient")
    found = response(case)
    got = tuple(filter(None, (found[0].recipient, found[0].destination))) if found else ()
    expected = expected_acs(case, heard)
    return _compared(
        "Recipient", heard, got, found[1] if found else None, expected, "is not the address that takes responses (ACS)"
    )


def _audiences(case: Case) -> tuple[tuple[str, ...], Place | None]:
    found = response(case)
    return (found[0].audiences, found[1]) if found else ((), None)


def _compared(
    name: str,
    heard: HeardMessage | None,
    got: tuple[str, ...],
    place: Place | None,
    expected: Expected | None,
    wrong: str,
) -> Finding | None:
    """The value in the response beside the one that is expected; a message that names both goes first."""
    if heard is not None and heard.message.got and (not got or heard.message.expected):
        got, place = (heard.message.got,), heard.place
    differs = bool(got and expected) and _differs(name, got, expected.value if expected else "")
    if heard is None and not differs:
        return None
    clues = [heard.clue] if heard else []
    against: tuple[Clue, ...] = ()
    if differs and expected:
        clues.append(
            Clue(
                text(
                    f"{name} is {', '.join(got)}; {expected.where} {expected.value}{spelling(got[0], expected.value)}"
                ),
                place,
            )
        )
    elif got and expected:
        against = (Clue(text(f"{name} in the response is {expected.value}, as is expected"), place),)
    values = {
        "got": got[0] if got else "another value",
        "expected": expected.value if expected else "the configured value",
    }
    return Finding(
        _certainty(heard, differs=differs, doubted=bool(against)),
        text(f"The response's {name} {wrong}"),
        tuple(clues),
        against,
        values=values,
        rank=4,
    )


def _differs(name: str, got: tuple[str, ...], expected: str) -> bool:
    """One of several audiences is enough; recipient and destination have to be right both."""
    return expected not in got if name == "Audience" else any(each != expected for each in got)


def _certainty(heard: HeardMessage | None, *, differs: bool, doubted: bool) -> Certainty:
    if doubted:
        return "possible"
    if heard is None:
        return "likely"
    if heard.source == "person":
        return "likely" if differs else "possible"
    return "known" if differs else "likely"


def saml_status(case: Case) -> Finding | None:
    """The identity provider itself answered that it does not sign the user in."""
    found = next(
        ((each, place) for each, place in case.facts(SamlResponse) if each.status not in ("", "Success")), None
    )
    if found is not None:
        return _status(
            found[0].status,
            found[0].sub_status,
            found[0].status_message,
            Clue(_status_text(found[0]), found[1]),
            "known",
        )
    said = first_said(case, _STATUS)
    if said is None or said.words.endswith("Success"):
        return None
    status = said.words.rpartition(":")[2]
    return _status(
        status,
        "",
        said.line,
        said.clue,
        "possible" if said.source == "person" and is_own_words(said.line) else "likely",
    )


def _status_text(found: SamlResponse) -> tuple[str, ...]:
    sub = f", {found.sub_status}" if found.sub_status else ""
    words = f': "{found.status_message[:160]}"' if found.status_message else ""
    return (f"The identity provider's status is {found.status}{sub}{words}",)


def _status(status: str, sub: str, words: str, clue: Clue, certainty: Certainty) -> Finding:
    fails_itself = status == "Responder" and _OUTAGE.search(words) is not None
    return Finding(
        certainty,
        text(f"The identity provider refused the sign-in: {sub or status}"),
        (clue,),
        values={"status": sub or status},
        rank=5,
        rules_out=frozenset({"saml_signature", "sso_user_unknown"}) if certainty == "known" else frozenset(),
        side="external" if fails_itself else None,
    )


def saml_request_unmatched(case: Case) -> Finding | None:
    """The response answers no request that is open: unasked for, too late, or seen before."""
    heard = message(case, "in_response_to")
    found = response(case)
    asked = next((each for each, _ in case.facts(SamlResponse) if each.message == "request" and each.id), None)
    other = bool(found and asked and found[0].in_response_to and found[0].in_response_to != asked.id)
    if heard is None and not other:
        return None
    clues = [heard.clue] if heard else []
    if other and found and asked:
        clues.append(Clue(text(f"The response answers {found[0].in_response_to}, the request is {asked.id}"), found[1]))
    unasked = bool(heard and found and found[0].in_response_to is None and _UNASKED.search(heard.message.text))
    if unasked and found:
        clues.append(
            Clue(text("The response has no InResponseTo: the sign-in began at the identity provider"), found[1])
        )
    by_log = heard is not None and heard.source != "person"
    certainty: Certainty = "known" if by_log and (other or unasked) else "likely" if by_log or other else "possible"
    return Finding(certainty, text("The SAML response answers no open request"), tuple(clues), rank=3)
