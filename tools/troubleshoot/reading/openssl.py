"""Reads what openssl (s_client, x509, verify) and `curl -v` say of TLS. It connects to nothing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from tools.troubleshoot.facts.base import LONGEST_TEXT, Fact
from tools.troubleshoot.facts.tls import Certificate, TlsTranscript
from tools.troubleshoot.reading.certificates import find_certificates
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.tls_lines import Told, tell

LONGEST_GAP = 45
"""Lines between two of openssl's own, such as a certificate or session data."""

MOST_BLOCKS, MOST_TRIED = 20, 400
MOST_LINES = 2_000
"""Lines of a block that are read; what follows them belongs to it and is not."""

_OPENSSL = re.compile(
    r"\s{0,6}(?:CONNECTED\(|depth=\d|verify (?:error|return)|Certificate chain\s*$|\d{1,2} s:|[iav]:\s?\S"
    r"|Server certificate\s*$"
    r"|(?:subject|issuer|notBefore|notAfter)=|Verif(?:y return code|ication error|ication)\s?:|Protocol\s{0,4}: "
    r"|New, |\(NONE\), Cipher|Cipher\s{0,6}: |SSL handshake has|No client certificate CA"
    r"|Acceptable client certificate CA"
    r"|Start Time: |Timeout\s|[0-9A-Fa-f]{8,16}:error:|error \d{1,3} at \d{1,2} depth|\S{1,200}: (?:OK"
    r"|verification failed)\s*$"
    r"|error \S{1,200}: verification failed|Peer sign|Server Temp Key|DONE\s*$|read:errno|write:errno"
    r"|no peer certificate)"
)
_X509 = re.compile(
    r"\s{0,24}(?:Certificate:\s*$|Data:\s*$|Issuer: |Subject: |Not (?:Before|After )\s?: |X509v3 |DNS:|CA:(?:TRUE"
    r"|FALSE)"
    r"|IP Address:|Signature Algorithm: |Serial Number|Validity\s*$|Version: \d)"
)
_CURL = re.compile(
    r"\* {1,3}(?:Connected to |SSL|TLS|ALPN|Server certificate|subject|issuer|start date|expire date|common name"
    r"|OpenSSL"
    r"|LibreSSL|schannel|GnuTLS|error:|CAfile|CApath|Trying |Host \S{1,200} was resolved|Certificate level|Closing conn"
    r"|successfully set certificate|IPv[46]: )",
    re.IGNORECASE,
)
_COMMAND = re.compile(r"[$#>\s]{0,6}(?:echo[^|]{0,20}\|\s?)?openssl (?:s_client|x509|verify)\b")
_CONNECTED = re.compile(r"\s{0,3}(?:CONNECTED\(|\* {1,3}Connected to )")
_BEGINS = re.compile(r"\s{0,3}(?:CONNECTED\(|\* {1,3}(?:Trying |Host \S{1,200} was resolved|Connected to ))")
_TELLING = re.compile(
    r"depth=\d|verif|subject|issuer|Certificate|not ?(?:before|after)|SSL|TLS|alert|error:|s:|no peer certificate",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Block:
    first: int
    last: int
    form: str
    lines: list[str] = field(default_factory=list)
    connected: bool = False  # a connection is spoken of already: the next one is a block of its own


def find_openssl(text: str) -> tuple[Piece, ...]:
    """The transcripts of a text, one for each connection or certificate that is spoken of."""
    pieces = []
    for block in islice(_blocks(text.split("\n")), MOST_TRIED):
        facts = _facts("\n".join(block.lines))
        if facts:
            pieces.append(Piece("openssl", block.first, block.last, facts))
        if len(pieces) >= MOST_BLOCKS:
            break
    return tuple(pieces)


def transcript_in(text: str) -> TlsTranscript | None:
    """The transcript within a text that belongs to another artifact, such as the output of `curl -v`."""
    found = (fact for piece in find_openssl(text) for fact in piece.facts if isinstance(fact, TlsTranscript))
    return next(found, None)


def _blocks(lines: Sequence[str]) -> Iterator[_Block]:
    block: _Block | None = None
    for number, line in enumerate(lines, start=1):
        form = _form(line) if len(line) <= LONGEST_TEXT else ""
        if not form:
            continue
        if block is None or not _continues(block, form, line, number):
            if block:
                yield block
            block = _Block(number, number, form, [line])
        else:
            block.lines.extend(lines[block.last : number] if len(block.lines) < MOST_LINES else ())
            block.last = number
        block.connected |= _CONNECTED.match(line) is not None
    if block:
        yield block


def _form(line: str) -> str:
    if _COMMAND.match(line):
        return "command"
    if _CURL.match(line):
        return "curl"
    if _OPENSSL.match(line):
        return "openssl"
    return "x509" if _X509.match(line) else ""


def _continues(block: _Block, form: str, line: str, number: int) -> bool:
    """Whether a line goes on with the block: of curl's lines only those that follow at once."""
    if form == "command" or number - block.last > (1 if form == "curl" else LONGEST_GAP):
        return False
    if block.connected and _BEGINS.match(line):
        return False
    return block.form in (form, "command") or {block.form, form} == {"openssl", "x509"}


def _facts(text: str) -> tuple[Fact, ...]:
    """What a block says: a certificate in words, a transcript, and the certificates that stand in it."""
    if not _TELLING.search(text):
        return ()
    told = Told()
    for line in text.split("\n"):
        tell(told, line[:LONGEST_TEXT])
    certificates = tuple(
        fact.model_copy(update={"line": piece.first})
        for piece in find_certificates(text)
        for fact in piece.facts
        if isinstance(fact, Certificate)
    )
    spoken = told.certificate() if not certificates else None
    if spoken is not None and not told.speaks_of_connection:
        return (spoken,)
    transcript = told.transcript()
    return tuple(fact for fact in (transcript, *certificates) if fact is not None)
