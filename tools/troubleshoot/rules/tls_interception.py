"""The rule of TLS connections that are opened on their way: by a company's proxy, or by a virus scanner."""

import re
from collections.abc import Iterator

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.tls import Certificate, TlsTranscript
from tools.troubleshoot.rules.receivers import is_private
from tools.troubleshoot.rules.rule import Clue, Finding
from tools.troubleshoot.rules.tls_faults import TlsFault, faults

_INTERNAL = re.compile(
    r"\bcorp(?:orate)?\b|\binternal\b|\binspection\b|\bproxy\b|\bfirewall\b|\benterprise (?:root|ca)\b|\bintranet\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"\b(?:corporate|company|office)[- ](?:proxy|network|firewall|laptop|vpn)|\b(?:ssl|tls)[- ]inspection\b"
    r"|\bfrom the office\b"
    r"|\bbehind (?:a|our|the) (?:proxy|firewall)",
    re.IGNORECASE,
)
_SAME_ELSEWHERE = frozenset({"tls_chain_incomplete", "tls_self_signed", "tls_host_mismatch", "tls_expired"})


def tls_intercepted(case: Case) -> Finding | None:
    """Somebody on the caller's side signs the connection anew with an authority that the client does not know."""
    found = [
        each for each in faults(case) if each.reason in _SAME_ELSEWHERE and not (each.host and is_private(each.host))
    ]
    if not found:
        return None
    named, internal = _inspector(case, found), _internal_issuer(case)
    above = next((each for each in found if each.root_in_chain), None)
    behind = next(((number, line) for number, line in case.statement.lines if _BEHIND.search(line)), None)
    proof = named or internal
    if proof is None and above is None:
        return None
    told = Clue(text(f'The message says: "{behind[1][:160]}"'), Place("", behind[0])) if behind else None
    fault = above or found[0]
    return Finding(
        _certainty(fault, named=named is not None, internal=internal is not None, behind=behind is not None),
        text("A proxy or a virus scanner on the caller's side opens the TLS connection and signs it anew"),
        tuple(filter(None, (proof, fault.clue, told))),
        values={"host": fault.host or "our host"},
        rank=6,
        rules_out=_SAME_ELSEWHERE,
    )


def _certainty(fault: TlsFault, *, named: bool, internal: bool, behind: bool) -> Certainty:
    """A root in the chain alone may be the server's own authority as well."""
    if not fault.is_seen:
        return "likely" if named else "possible"
    if named:
        return "known"
    return "likely" if internal or behind or fault.host else "possible"


def _inspector(case: Case, found: list[TlsFault]) -> Clue | None:
    """An issuer, or the words of an error or of the person, that name a product which opens connections."""
    for name, place in _issuers(case):
        product = _product(case, name)
        if product:
            return Clue(
                text(f"The certificate was issued by {name}: that is {product}, and no public authority"), place
            )
    for each in found:
        product = _product(case, each.words)
        if product:
            return Clue(text(f"The error names {product}"), each.place)
    return None


def _internal_issuer(case: Case) -> Clue | None:
    for name, place in _issuers(case):
        if _INTERNAL.search(name) and not any(_signs_itself(each) for each in case.facts(TlsTranscript)):
            return Clue(text(f"The certificate was issued by {name}, which is no public authority"), place)
    return None


def _signs_itself(seen: tuple[TlsTranscript, Place]) -> bool:
    """Whether the server's own certificate is its own issuer: no proxy makes such a one."""
    chain = seen[0].chain
    return bool(chain) and chain[0].subject == chain[0].issuer


def _issuers(case: Case) -> Iterator[tuple[str, Place]]:
    for transcript, place in case.facts(TlsTranscript):
        if not is_private(transcript.server_name or transcript.host or "public.example"):
            yield from ((link.issuer, place) for link in transcript.chain)
    for certificate, place in case.facts(Certificate):
        yield certificate.issuer, place


def _product(case: Case, words: str) -> str | None:
    lowered = words.lower()
    return next((name for name in case.parameters.inspectors if re.search(rf"\b{re.escape(name)}", lowered)), None)
