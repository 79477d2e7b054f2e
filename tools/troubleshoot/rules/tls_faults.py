"""Why a TLS connection failed: by openssl's codes and alerts, by clients' errors, by words in logs and sentences."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.blocks import Side
from app.domain.figures import text
from tools.troubleshoot.case import Case, Place
from tools.troubleshoot.facts.http import ClientError, ClientErrorReason
from tools.troubleshoot.facts.tls import CertificateLine, TlsTranscript
from tools.troubleshoot.reading.client_errors import client_error
from tools.troubleshoot.reading.sso_messages import is_own_words, quoted_in
from tools.troubleshoot.reading.tls_lines import code_of
from tools.troubleshoot.rules.answers import Source
from tools.troubleshoot.rules.receivers import SIDE_OF, receiver_at
from tools.troubleshoot.rules.rule import Clue
from tools.troubleshoot.rules.sayings import LONGEST_QUOTE, SAYS, Quote, all_said

_SPOKEN = re.compile(r"certificate|\bcert\b|\bssl\b|\btls\b|x509|PKIX|CERT_|ERR_TLS|EPROTO|SSLHandshake", re.IGNORECASE)
_SIGN_IN = re.compile(r"saml|assertion|\bidp\b|identity provider|single sign|\bsso\b", re.IGNORECASE)
_CODES: dict[int, ClientErrorReason] = {
    2: "tls_chain_incomplete",
    9: "tls_not_yet_valid",
    10: "tls_expired",
    18: "tls_self_signed",
    19: "tls_self_signed",
    20: "tls_chain_incomplete",
    21: "tls_chain_incomplete",
    62: "tls_host_mismatch",
}
_ALERTS: tuple[tuple[str, ClientErrorReason], ...] = (
    ("certificate required", "tls_client_certificate"),
    ("bad certificate", "tls_client_certificate"),
    ("unknown ca", "tls_client_certificate"),
    ("certificate expired", "tls_expired"),
    ("protocol", "tls_protocol"),
    ("version", "tls_protocol"),
    ("cipher", "tls_protocol"),
    ("handshake failure", "tls_protocol"),
    ("renegotiation", "tls_protocol"),
    ("key too small", "tls_protocol"),
)
_ALERT = re.compile(r"\balert ([a-z ]{5,40})", re.IGNORECASE)
_ROOT_IN_CHAIN = re.compile(r"in (?:the )?(?:certificate )?chain|IN_CHAIN", re.IGNORECASE)
_THEIR_SERVER = re.compile(
    r"\bwebhooks?\b|\b(?:our|my) (?:\w{1,20} ){0,2}(?:endpoint|server|receiver|listener|callback|gateway|box"
    r"|certificate)\b",
    re.IGNORECASE,
)
_HOOK_HOST = re.compile(r"(?:^|\.)(?:web)?hooks?[.-]|(?:^|\.)callbacks?[.-]")


@dataclass(frozen=True, slots=True)
class TlsFault:
    """A failure; `root_in_chain`: what was self-signed is not the server's own certificate but one above it."""

    reason: ClientErrorReason
    words: str
    place: Place
    source: Source
    host: str | None = None
    at: dt.datetime | None = None
    transcript: TlsTranscript | None = None
    root_in_chain: bool = False

    @property
    def clue(self) -> Clue:
        who = "The transcript says" if self.transcript else SAYS[self.source]
        return Clue(text(f'{who}: "{" ".join(self.words.split())[:LONGEST_QUOTE]}"'), self.place)

    @property
    def is_seen(self) -> bool:
        """Whether a program says so, and not a person."""
        return self.source != "person"


def faults(case: Case) -> Iterator[TlsFault]:
    """The failures, what tells most first: transcripts, clients' errors, words."""
    spoken = frozenset(("", number) for number, line in case.statement.lines if is_own_words(line))
    for transcript, place in case.facts(TlsTranscript):
        yield from _of_transcript(transcript, place)
    for error, place in case.facts(ClientError):
        if error.reason.startswith("tls_"):
            yield _of_error(error, place, "person" if (place.name, place.line) in spoken else "client")
    for quote in all_said(case, _SPOKEN):
        read = None if _SIGN_IN.search(quote.line) else client_error(quote.line)
        source = _source(quote)
        if read is not None and read.reason.startswith("tls_"):
            yield _of_error(read, quote.saying.place, source)
        elif read is None and (code := code_of(quote.line)) in _CODES and code and not _SIGN_IN.search(quote.line):
            reason, above = _CODES[code], code == 19
            yield TlsFault(reason, quote.line, quote.saying.place, source, root_in_chain=above)
        elif read is None and (alert := _ALERT.search(quote.line)):
            told = next((reason for words, reason in _ALERTS if words in alert[1].lower()), None)
            if told is not None:
                yield TlsFault(told, quote.line, quote.saying.place, source)


def first_fault(case: Case, *reasons: ClientErrorReason) -> TlsFault | None:
    """The first failure for one of the reasons."""
    return next((each for each in faults(case) if each.reason in reasons), None)


def chain_of(case: Case, fault: TlsFault | None) -> tuple[CertificateLine, ...]:
    """The chain that was seen on the connection that failed, the server's own certificate first."""
    if fault is not None and fault.transcript is not None:
        return fault.transcript.chain
    found = (each for each, _ in case.facts(TlsTranscript) if fault is None or _same_host(each.host, fault.host))
    transcript = next(found, None)
    return transcript.chain if transcript else ()


def side_of_server(case: Case, host: str | None) -> Side | None:
    """Where a fault of the server's own lies: with whoever runs it; None where that is not told."""
    receiver = receiver_at(case, host)
    if receiver != "unknown":
        return SIDE_OF[receiver]
    if (host and _HOOK_HOST.search(host)) or _names_theirs(case):
        return "customer"
    return "product" if host and host.startswith("api.") else None


def _source(quote: Quote) -> Source:
    """Who tells: what a person quotes word for word is what a program told them."""
    if quote.source == "person" and any(_SPOKEN.search(each) for each in quoted_in(quote.saying.text)):
        return "client"
    return quote.source


def _names_theirs(case: Case) -> bool:
    return any(_THEIR_SERVER.search(line) for _, line in case.statement.lines)


def _of_transcript(transcript: TlsTranscript, place: Place) -> Iterator[TlsFault]:
    code = transcript.verify_code or 0
    alert = next((reason for words, reason in _ALERTS if words in transcript.alert), None)
    host = transcript.server_name or transcript.host
    if code in _CODES:
        words = transcript.verify_text or f"verify return code {code}"
        yield TlsFault(_CODES[code], words, place, "client", host, transcript.at, transcript, code == 19)
    if alert is not None:
        asked = (
            alert == "tls_protocol" and "handshake failure" in transcript.alert and transcript.asks_client_certificate
        )
        reason: ClientErrorReason = "tls_client_certificate" if asked else alert
        yield TlsFault(reason, transcript.alert, place, "client", host, transcript.at, transcript)


def _of_error(error: ClientError, place: Place, source: Source) -> TlsFault:
    above = error.reason == "tls_self_signed" and _ROOT_IN_CHAIN.search(error.text) is not None
    return TlsFault(error.reason, error.text, place, source, error.host, error.at, None, above)


def _same_host(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one.lower() == other.lower()
