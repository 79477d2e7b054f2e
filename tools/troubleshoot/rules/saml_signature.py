"""The rule of SAML signatures: none, broken, or made with a certificate that the service provider does not know."""

import re

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.identity import SamlResponse
from tools.troubleshoot.facts.tls import Certificate
from tools.troubleshoot.rules.instants import told
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.saml_expected import response
from tools.troubleshoot.rules.sign_in_facts import HeardMessage, message

_FINGERPRINT = re.compile(r"\b[0-9A-F]{2}(?::[0-9A-F]{2}){15,31}\b", re.IGNORECASE)
_ROTATED = re.compile(
    r"\b(?:renew\w*|rotat\w*|rolled|rollover|replac\w*|new|chang\w*|updat\w*)\b[^.\n]{0,40}\b(?:certificate|cert"
    r"|signing key)\b"
    r"|\b(?:certificate|cert|signing key)\b[^.\n]{0,40}\b(?:renewed|rotated|rolled|replaced|changed|updated|expired)\b",
    re.IGNORECASE,
)


def saml_signature(case: Case) -> Finding | None:
    """The signature was not accepted. A rotated certificate is known only where both certificates are seen."""
    heard = message(case, "certificate") or message(case, "signature")
    found = response(case)
    other, same = _certificates(case, found, heard)
    odd = _odd(found) if found else None
    rotated = next((line for _, line in case.statement.lines if _ROTATED.search(line)), None)
    if heard is None and other is None and not (odd and found and found[0].signature_fault):
        return None
    words = Clue(text(f'The message says: "{rotated[:160]}"')) if rotated and other is None else None
    clues = tuple(filter(None, (heard.clue if heard else None, other, odd, words)))
    return Finding(
        _certainty(heard, other=other is not None, odd=odd is not None, doubted=same is not None and odd is None),
        text(_title(other is not None or rotated is not None, found)),
        clues,
        (same,) if same else (),
        rank=5,
    )


def _title(rotated: bool, found: tuple[SamlResponse, Place] | None) -> str:
    if rotated:
        return "The identity provider signs with a certificate that the service provider does not know"
    if found and not _is_signed(found[0]):
        return "The response carries no signature"
    return "The signature of the SAML response was not accepted"


def _certainty(heard: HeardMessage | None, *, other: bool, odd: bool, doubted: bool) -> Certainty:
    if heard is None:
        return "likely" if other else "possible"
    if heard.source == "person":
        return "likely" if other or odd else "possible"
    if doubted:
        return "possible"
    return "known" if other else "likely"


def _certificates(
    case: Case, found: tuple[SamlResponse, Place] | None, heard: HeardMessage | None
) -> tuple[Clue | None, Clue | None]:
    """That the response's certificate is another one than is configured; or else that it is the same."""
    if (
        heard is not None
        and heard.message.got
        and heard.message.expected
        and heard.message.got != heard.message.expected
    ):
        got, expected = heard.message.got, heard.message.expected
        return Clue(text(f"It is signed with {got}, configured is {expected}"), heard.place), None
    told = _told_fingerprints(case)
    if heard is not None and len(told) == 2:
        return Clue(text(f"Two fingerprints are told: {told[0][:23]}… and {told[1][:23]}…")), None
    configured = _configured(case)
    if found is None or not found[0].certificates or not configured:
        return None, None
    saml, place = found
    known = next((each for each in configured if each[0] in saml.certificates), None)
    if known is not None:
        return None, Clue(text(f"The response names the certificate that is configured ({known[0][:16]}…)"), place)
    ends = next((moment for _, moment in configured if moment), "")
    words = (
        f"The response is signed with certificate {saml.certificates[0][:16]}…, configured is {configured[0][0][:16]}…"
    )
    return Clue(text(f"{words}{f', which ends at {ends}' if ends else ''}"), place), None


def _told_fingerprints(case: Case) -> tuple[str, ...]:
    """The fingerprints that the person tells, each once."""
    found = (match.group().upper() for _, line in case.statement.lines for match in _FINGERPRINT.finditer(line))
    return tuple(dict.fromkeys(found))


def _configured(case: Case) -> list[tuple[str, str]]:
    """Fingerprints of the certificates that the service provider has, and when each ends."""
    pasted = [(each.sha256, told(each.not_after)) for each, _ in case.facts(Certificate) if each.sha256]
    metadata = [
        (fingerprint, told(each.certificate_expires_at) if each.certificate_expires_at else "")
        for each, _ in case.facts(SamlResponse)
        if each.message == "metadata"
        for fingerprint in each.certificates
    ]
    return [*pasted, *metadata]


def _odd(found: tuple[SamlResponse, Place]) -> Clue | None:
    """What is wrong with the signature as it stands in the response."""
    saml, place = found
    if saml.signature_fault:
        return Clue(text(f"In the response, {saml.signature_fault}"), place)
    if not _is_signed(saml) and not saml.encrypted and saml.status in ("", "Success"):
        return Clue(text("Neither the response nor its assertion is signed"), place)
    if saml.certificate_expires_at and saml.issue_instant and saml.certificate_expires_at < saml.issue_instant:
        return Clue(text(f"The certificate in the response ended at {told(saml.certificate_expires_at)}"), place)
    return None


def _is_signed(saml: SamlResponse) -> bool:
    return saml.response_signed or saml.assertion_signed
