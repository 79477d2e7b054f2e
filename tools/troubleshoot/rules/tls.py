"""Rules of TLS connections."""

import re

from app.domain.blocks import Certainty
from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.facts.tls import TlsTranscript
from tools.troubleshoot.rules.rule import Clue, Finding, Rule
from tools.troubleshoot.rules.sayings import first_said
from tools.troubleshoot.rules.tls_certificates import tls_expired, tls_host_mismatch
from tools.troubleshoot.rules.tls_faults import TlsFault, chain_of, first_fault, side_of_server
from tools.troubleshoot.rules.tls_interception import tls_intercepted

_BROWSER = re.compile(r"\b(?:browser|chrome|firefox|safari|edge)\b", re.IGNORECASE)
_WORKS = re.compile(r"\b(?:works?|fine|ok|opens?|no (?:problem|error|warning))\b", re.IGNORECASE)
_CLIENT_CERTIFICATE = re.compile(
    r"no required ssl certificate was sent|client certificate (?:is )?(?:required|missing|not (?:provided|present"
    r"|sent))"
    r"|the ssl certificate error|mutual tls|\bmTLS\b[^.\n]{0,40}\b(?:required|failed|missing)",
    re.IGNORECASE,
)
_OLD = re.compile(r"protocol|version(?! number)|legacy|too small", re.IGNORECASE)
_BARE_ALERT = re.compile(r"alert handshake failure|handshake_failure|SSLV3_ALERT_HANDSHAKE_FAILURE", re.IGNORECASE)
"""Alert 40 (RFC 8446 §6.2) comes for a cipher, a version, and a client certificate that is missing alike."""

_CIPHER = re.compile(r"cipher|TLS ?v?1[.,]?[01]\b|TLSv1\b|SSLv3 only|java ?[67]\b|protocol|\bversion\b", re.IGNORECASE)
_PLAIN = re.compile(r"wrong version number|record does not look like|HTTP response to HTTPS", re.IGNORECASE)
_TRUST_OF_CALLER = re.compile(
    r"PKIX|unknown authority|UntrustedRoot|PartialChain|RemoteCertificateChain", re.IGNORECASE
)


def tls_chain_incomplete(case: Case) -> Finding | None:
    """The server sends its own certificate without the intermediate ones."""
    fault = first_fault(case, "tls_chain_incomplete")
    if fault is None:
        return None
    chain = chain_of(case, fault)
    alone = len(chain) == 1 and bool(chain[0].issuer) and chain[0].issuer != chain[0].subject
    browser = next((line for _, line in case.statement.lines if _BROWSER.search(line) and _WORKS.search(line)), None)
    sends = (
        Clue(text(f"The server sends one certificate only; {chain[0].issuer}, which issued it, is not there"))
        if alone
        else None
    )
    works = Clue(text(f'A browser fetches what is missing: "{browser[:160]}"')) if browser else None
    against = (
        (Clue(text(f"The server sends {len(chain)} certificates: the caller may not know the root")),)
        if len(chain) > 1
        else ()
    )
    return Finding(
        _chain_certainty(fault, alone=alone and tls_intercepted(case) is None, doubted=bool(against)),
        text(f"{fault.host or 'The server'} does not send the whole chain of certificates"),
        tuple(filter(None, (fault.clue, sends, works))),
        against,
        values=_values(fault),
        rank=4,
        side=side_of_server(case, fault.host),
    )


def _chain_certainty(fault: TlsFault, *, alone: bool, doubted: bool) -> Certainty:
    """A caller that does not know the root says the same, and some say no more than that; a proxy that signs anew
    mostly sends its own certificate alone, too."""
    if doubted or not fault.is_seen:
        return "possible"
    if alone and fault.transcript is not None:
        return "known"
    return "likely" if alone or not _TRUST_OF_CALLER.search(fault.words) else "possible"


def tls_self_signed(case: Case) -> Finding | None:
    """The server's own certificate is signed by nobody but itself."""
    fault = first_fault(case, "tls_self_signed")
    if fault is None or fault.root_in_chain:
        return None
    chain = chain_of(case, fault)
    own = bool(chain) and chain[0].issuer == chain[0].subject
    clue = Clue(text(f"The certificate of {chain[0].subject} names itself as its issuer")) if own else None
    certainty: Certainty = (
        "known" if fault.transcript is not None and own else "likely" if fault.is_seen else "possible"
    )
    return Finding(
        certainty,
        text(f"{fault.host or 'The server'} has a certificate that it signed itself"),
        tuple(filter(None, (fault.clue, clue))),
        values=_values(fault),
        rank=4,
        rules_out=frozenset({"tls_chain_incomplete"}),
        side=side_of_server(case, fault.host),
    )


def tls_protocol(case: Case) -> Finding | None:
    """Client and server have no version or cipher in common, or one of them does not speak TLS at all."""
    fault = first_fault(case, "tls_protocol")
    if fault is None:
        return None
    plain = _PLAIN.search(fault.words) is not None
    named = _OLD.search(fault.words) is not None and not plain
    certainty: Certainty = "possible" if not fault.is_seen else "known" if named and fault.transcript else "likely"
    if _BARE_ALERT.search(fault.words) and not named and not _CIPHER.search(_all_words(case)):
        certainty = "possible"
    title = (
        "The port does not speak TLS, or a proxy answers on it"
        if plain
        else "Client and server agree on no TLS version or cipher"
    )
    transcript = fault.transcript
    offered = (
        Clue(text(f"The connection used {transcript.protocol}"), fault.place)
        if transcript and transcript.protocol
        else None
    )
    clues = tuple(filter(None, (fault.clue, offered)))
    return Finding(
        certainty, text(title), clues, values=_values(fault), rank=3, rules_out=frozenset({"connection_reset"})
    )


def tls_client_certificate(case: Case) -> Finding | None:
    """The server wants a certificate of the client, and got none that it takes."""
    fault = first_fault(case, "tls_client_certificate")
    said = first_said(case, _CLIENT_CERTIFICATE)
    asks = next(((each, place) for each, place in case.facts(TlsTranscript) if each.asks_client_certificate), None)
    if fault is None and said is None:
        return None
    clues = [each.clue for each in (fault, said) if each is not None]
    if asks is not None:
        clues.append(Clue(text("The server names authorities whose client certificates it takes"), asks[1]))
    wants = fault is not None and fault.is_seen and "required" in fault.words.lower()
    by_answer = said is not None and said.source == "answer"
    is_seen = (fault is not None and fault.is_seen) or (said is not None and said.source != "person")
    return Finding(
        "known" if wants or by_answer else "likely" if is_seen else "possible",
        text("The server asks for a client certificate and gets none that it takes"),
        tuple(clues),
        values={"host": (fault.host if fault else None) or "the server"},
        rank=5,
        rules_out=frozenset({"tls_protocol", "connection_reset"}),
    )


def _all_words(case: Case) -> str:
    return "\n".join(line for _, line in case.statement.lines)


def _values(fault: TlsFault) -> dict[str, str]:
    return {"host": fault.host or "the server"}


RULES: tuple[Rule, ...] = (
    Rule("tls_intercepted", "customer", tls_intercepted),
    Rule("tls_expired", "undecided", tls_expired),
    Rule("tls_host_mismatch", "undecided", tls_host_mismatch),
    Rule("tls_chain_incomplete", "undecided", tls_chain_incomplete),
    Rule("tls_self_signed", "undecided", tls_self_signed),
    Rule("tls_client_certificate", "customer", tls_client_certificate),
    Rule("tls_protocol", "customer", tls_protocol),
)
