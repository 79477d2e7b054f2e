"""The rule of users whom the service provider does not find: unknown, not provisioned, or named in another way."""

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.saml_expected import response
from tools.troubleshoot.rules.sign_in_facts import HeardMessage, error, message

_MAILLESS = ("persistent", "transient")
_TITLES = {
    "user_unknown": "The identity is right, and no user here belongs to it",
    "name_id": "The name that the identity provider sends (NameID) is not the one that users are found by",
    "attribute_missing": "The identity provider does not send an attribute that is needed",
}


def sso_user_unknown(case: Case) -> Finding | None:
    """No user was found by what the identity provider sent."""
    heard = message(case, "user_unknown", "name_id", "attribute_missing")
    if heard is not None:
        proof = _proof(case, heard)
        clues = (heard.clue, *((proof,) if proof else ()))
        certainty: Certainty = "known" if proof and heard.source != "person" else heard.certainty
        return Finding(certainty, text(_TITLES[heard.message.reason]), clues, rank=3)
    refused = error(case, "user_unknown")
    if refused is None:
        return None
    certainty = "possible" if refused.source == "person" and not refused.error.provider_code else "likely"
    title = text("The identity provider's directory does not know the user")
    return Finding(certainty, title, (refused.clue,), rank=3, rules_out=frozenset({"oauth_consent"}))


def _proof(case: Case, heard: HeardMessage) -> Clue | None:
    """What of the response itself shows it."""
    found = response(case)
    if found is None or found[0].encrypted:
        return None
    saml, place = found
    if heard.message.reason == "attribute_missing" and not saml.attributes:
        return Clue(text("The assertion holds no attributes at all"), place)
    if heard.message.reason == "name_id" and saml.name_id_format in _MAILLESS:
        return Clue(text(f"The NameID's format is {saml.name_id_format}"), place)
    return None
