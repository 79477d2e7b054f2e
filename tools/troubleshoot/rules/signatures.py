"""Rules of webhook signatures that do not fit: the body was written anew, or the secret is another one."""

import re

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import WebhookDelivery
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.sayings import OF_CALLS, Quote, all_said, first_said, shortened

_MISMATCH = re.compile(
    r"signatures? .{0,40}(?:mismatch|invalid|does(?: not|n't) match|do(?: not|n't) match|fail\w{0,3}|not valid|wrong)"
    r"|(?:invalid|bad|wrong) (?:webhook )?signature|no signatures found matching|SignatureVerification"
    r"|signature (?:verification|check|validation) (?:error|fail)|hmac .{0,20}(?:mismatch|match)",
    re.I,
)
_OF_WEBHOOKS = re.compile(r"webhook|whsec|x-hub|stripe-signature|svix", re.I)
_ROTATED = re.compile(
    r"(?:rotat|roll|regenerat|renew|chang|replac)\w{0,4} .{0,30}secret"
    r"|secret .{0,30}(?:rotat|roll|chang|regenerat|replac)|new (?:webhook )?endpoint|wrong secret"
    r"|(?:test|live|staging|production)(?:[ -]mode)? (?:signing |webhook )?secret|from (?:test|staging) to (?:live"
    r"|prod)",
    re.I,
)


def webhook_body_changed(case: Case) -> Finding | None:
    """The signature is checked over a body that was parsed and written anew, so that it cannot fit."""
    mismatch = mismatch_clue(case)
    parsed = next((each for each in case.facts(WebhookDelivery) if each[0].parsed_first), None)
    formed = next((each for each in case.facts(WebhookDelivery) if each[0].body_form in ("spaced", "indented")), None)
    if parsed is None and (formed is None or mismatch is None):
        return None
    form = formed[0].body_form if formed else "none"
    return Finding(
        _certainty(parsed=parsed is not None, form=form, mismatch=mismatch is not None),
        text("The signature is checked over a body that was written anew"),
        tuple(filter(None, (mismatch, _parsed_clue(parsed), _form_clue(formed)))),
        rank=5,
        rules_out=frozenset({"webhook_secret"}),
    )


def webhook_secret(case: Case) -> Finding | None:
    """The signature does not fit, and nothing shows a changed body: mostly the secret is another one then."""
    mismatch = mismatch_clue(case)
    if mismatch is None:
        return None
    rotated = first_said(case, _ROTATED, "person")
    return Finding(
        "likely" if rotated else "possible",
        text("The signing secret is not that of this endpoint"),
        (mismatch, rotated.clue) if rotated else (mismatch,),
    )


def mismatch_clue(case: Case) -> Clue | None:
    """That a webhook's signature did not fit: the handler's verdict, or words that speak of a webhook's signature."""
    for delivery, place in case.facts(WebhookDelivery):
        if delivery.verdict == "mismatch":
            words = shortened(delivery.verdict_text) or "the signature does not match"
            return Clue(text(f'The handler says: "{words}"'), place)
    said = next((each for each in all_said(case, _MISMATCH, *OF_CALLS, "endpoint") if _is_of_webhook(case, each)), None)
    return said.clue if said else None


def _is_of_webhook(case: Case, said: Quote) -> bool:
    """A token and a SAML assertion have signatures, too."""
    if case.first(WebhookDelivery) is not None or _OF_WEBHOOKS.search(said.saying.text):
        return True
    if said.source == "endpoint":
        return True
    return said.source != "answer" and case.statement.says("webhook") is not None


def _certainty(*, parsed: bool, form: str, mismatch: bool) -> Certainty:
    """People indent a body when they paste it; that it has spaces is what some libraries write."""
    if parsed and mismatch:
        return "known" if form == "spaced" else "likely"
    if mismatch:
        return "likely" if form == "spaced" else "possible"
    return "possible"


def _parsed_clue(parsed: tuple[WebhookDelivery, Place] | None) -> Clue | None:
    if parsed is None:
        return None
    words = shortened(parsed[0].parsed_first_text) or "the body is parsed first"
    return Clue(text(f'The handler reads the body as JSON before it verifies: "{words}"'), parsed[1])


def _form_clue(formed: tuple[WebhookDelivery, Place] | None) -> Clue | None:
    if formed is None:
        return None
    how = "is indented" if formed[0].body_form == "indented" else "has spaces after its separators"
    return Clue(text(f"The body {how}, and is sent without"), formed[1])
