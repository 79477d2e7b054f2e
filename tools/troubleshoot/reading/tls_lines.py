"""Single lines of openssl and curl about TLS, and what they add up to."""

import datetime as dt
import re
from dataclasses import dataclass, field

from tools.troubleshoot.facts.tls import Certificate, CertificateLine, TlsTranscript
from tools.troubleshoot.reading.instants import instant

MOST_NAMES = 100

_CONNECT = re.compile(r"-connect\s{1,3}\[?([^\s:\]]{1,253})")
_SERVER_NAME = re.compile(r"-servername\s{1,3}(\S{1,253})")
_CURL_HOST = re.compile(r"\* {1,3}Connected to (\S{1,253}) \(")
_RESOLVED = re.compile(r"\* {1,3}Host (\S{1,253}?)(?::\d{1,5})? was resolved")
_CHAIN = re.compile(r"\s{0,3}(\d{1,2}) s:\s?(.{0,500})")
_CHAIN_ISSUER = re.compile(r"\s{0,6}i:\s?(.{0,500})")
_DEPTH = re.compile(r"depth=(\d{1,2}) (.{0,500})")
_VERIFY_ERROR = re.compile(r"verify error:num=(\d{1,3}):(.{1,200})")
_VERIFY_CODE = re.compile(r"\s{0,6}Verif(?:y return code|ication error)\s?: ?(?:(\d{1,3}) \()?([^)\n]{1,200})")
_LOOKUP = re.compile(r"\s{0,3}error (\d{1,3}) at (\d{1,2}) depth lookup: ?(.{1,200})")
_VERIFIED = re.compile(r"\s{0,3}(?:Verification: OK|\S{1,200}: OK\s*$)")
_PROTOCOL = re.compile(
    r"(?:\s{0,6}Protocol\s{0,4}: |New, |\* {1,3}SSL connection using )(TLSv[\d.]{1,4}|SSLv[\d.]{1,3})"
)
_CIPHER = re.compile(r"(?:Cipher\s{0,6}: |Cipher is |SSL connection using \S{1,12} / )([A-Z0-9_()-]{3,80})")
_ALERT = re.compile(
    r"(?:alert [a-z ]{3,40}|unsupported protocol|wrong version number|no shared cipher|no protocols available"
    r"|handshake failure|dh key too small|unsafe legacy renegotiation disabled|no cipher match|internal error)",
    re.IGNORECASE,
)
_PROBLEM = re.compile(
    r"\* {1,3}(?:SSL certificate problem: (.{1,200})|SSL: (no alternative certificate subject name .{1,200})"
    r"|SSL certificate verify result: (.{1,200})|( ?subjectAltName does not match .{1,200}))"
)
_TARGET = re.compile(r"(?:target host(?: ?name)?|does not match|host) ['\"]?([A-Za-z0-9.-]{3,253})['\"]?")
_SUBJECT = re.compile(r"(?:\* {1,3}|\s{0,24})subject(?:: |=\s?)(.{1,500})", re.IGNORECASE)
_ISSUER = re.compile(r"(?:\* {1,3}|\s{0,24})issuer(?:: |=\s?)(.{1,500})", re.IGNORECASE)
_BEGINS = re.compile(r"(?:\* {1,3}start date: |\s{0,24}Not Before\s?: |\s{0,3}notBefore=)(.{10,40})")
_EXPIRES = re.compile(r"(?:\* {1,3}expire date: |\s{0,24}Not After\s{0,2}: |\s{0,3}notAfter=)(.{10,40})")
_CHAIN_DATES = re.compile(r"\s{0,6}v:NotBefore: (.{10,30}); NotAfter: (.{10,30})")
_NAMES = re.compile(r"(?:DNS|IP Address):([^\s,]{1,253})")
_START_TIME = re.compile(r"\s{0,6}Start Time: (\d{9,10})\b")
_KEY = re.compile(r"\s{0,24}(?:RSA )?Public[- ]Key: \((\d{3,5}) bit")

CODES: tuple[tuple[str, int], ...] = (
    ("certificate has expired", 10),
    ("not yet valid", 9),
    ("self signed certificate in certificate chain", 19),
    ("self-signed certificate in certificate chain", 19),
    ("self signed certificate", 18),
    ("self-signed certificate", 18),
    ("unable to get local issuer certificate", 20),
    ("unable to verify the first certificate", 21),
    ("unable to get issuer certificate", 2),
    ("no alternative certificate subject name", 62),
    ("subjectaltname does not match", 62),
    ("hostname mismatch", 62),
)
"""openssl's codes (X509_V_ERR_…) by their words, as far as they are spoken without a number."""


@dataclass(slots=True)
class Told:
    """What the lines have told so far."""

    host: str | None = None
    server_name: str | None = None
    chain: list[CertificateLine] = field(default_factory=list)
    subject: str = ""
    issuer: str = ""
    depth: int | None = None
    verify_code: int | None = None
    verify_depth: int | None = None
    verify_text: str = ""
    protocol: str = ""
    cipher: str = ""
    alert: str = ""
    begins_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    names: list[str] = field(default_factory=list)
    at: dt.datetime | None = None
    asks_client_certificate: bool = False
    is_ca: bool = False
    key: str = ""
    speaks_of_connection: bool = False

    def transcript(self) -> TlsTranscript | None:
        """The transcript; None where the lines say nothing of it."""
        chain = self.chain
        if not chain and self.subject and self.issuer:
            chain = [CertificateLine(depth=0, subject=self.subject, issuer=self.issuer)]
        said = chain or self.verify_code is not None or self.alert or self.expires_at or self.protocol
        if not said and not self.asks_client_certificate:
            return None
        return TlsTranscript(
            host=self.host,
            server_name=self.server_name,
            chain=tuple(chain[:20]),
            verify_code=self.verify_code,
            verify_text=self.verify_text,
            verify_depth=self.verify_depth,
            protocol=self.protocol,
            cipher=self.cipher,
            alert=self.alert,
            expires_at=self.expires_at,
            begins_at=self.begins_at,
            names=tuple(self.names[:MOST_NAMES]),
            at=self.at,
            asks_client_certificate=self.asks_client_certificate,
        )

    def certificate(self) -> Certificate | None:
        """The certificate that is told in words; None where its dates are not all there."""
        if not (self.begins_at and self.expires_at and self.subject and self.issuer):
            return None
        return Certificate(
            subject=self.subject,
            issuer=self.issuer,
            names=tuple(self.names[:MOST_NAMES]),
            not_before=self.begins_at,
            not_after=self.expires_at,
            self_signed=self.subject == self.issuer,
            is_ca=self.is_ca,
            key=self.key,
        )


def tell(told: Told, line: str) -> None:
    """Add what a line says."""
    _tell_where(told, line)
    _tell_chain(told, line)
    _tell_verifying(told, line)
    _tell_session(told, line)
    _tell_certificate(told, line)


def _tell_where(told: Told, line: str) -> None:
    if "s_client" in line:
        connect, name = _CONNECT.search(line), _SERVER_NAME.search(line)
        told.host = connect[1] if connect else told.host
        told.server_name = name[1] if name else told.server_name
        told.speaks_of_connection = True
    curl = _CURL_HOST.match(line) or _RESOLVED.match(line)
    if curl:
        told.host = curl[1]
    told.speaks_of_connection |= line.startswith(("CONNECTED(", "* "))


def _tell_chain(told: Told, line: str) -> None:
    link = _CHAIN.match(line)
    if link:
        told.chain.append(CertificateLine(depth=int(link[1]), subject=link[2].strip(), issuer=""))
        told.speaks_of_connection = True
        return
    issuer = _CHAIN_ISSUER.match(line)
    if issuer and told.chain and not told.chain[-1].issuer:
        told.chain[-1] = told.chain[-1].model_copy(update={"issuer": issuer[1].strip()})
    depth = _DEPTH.match(line)
    if depth:
        told.depth = int(depth[1])


def _tell_verifying(told: Told, line: str) -> None:
    lookup = _LOOKUP.match(line)
    if lookup:
        _verified(told, int(lookup[1]), lookup[3], int(lookup[2]))
    error = _VERIFY_ERROR.match(line)
    if error:
        _verified(told, int(error[1]), error[2], told.depth)
    code = _VERIFY_CODE.match(line)
    if code:
        _verified(told, int(code[1]) if code[1] else code_of(code[2]), code[2], told.verify_depth)
    problem = _PROBLEM.match(line)
    if problem:
        words = next(filter(None, problem.groups()), "").strip()
        _verified(told, code_of(words), words, None)
        target = _TARGET.search(words)
        told.host = target[1] if target else told.host
    if _VERIFIED.match(line) and told.verify_code is None:
        told.verify_code = 0


def _verified(told: Told, code: int | None, words: str, depth: int | None) -> None:
    """The first error counts: the one at the end repeats the last, which may follow from the first."""
    if told.verify_code:
        return
    told.verify_code, told.verify_text, told.verify_depth = code, words.strip()[:200], depth


def code_of(words: str) -> int | None:
    """openssl's code for its own words; None where they are others."""
    lowered = words.lower()
    if lowered.strip().startswith("ok"):
        return 0
    return next((code for phrase, code in CODES if phrase in lowered), None)


def _tell_session(told: Told, line: str) -> None:
    protocol, cipher, start = _PROTOCOL.match(line), _CIPHER.search(line), _START_TIME.match(line)
    told.protocol = protocol[1] if protocol else told.protocol
    told.cipher = cipher[1] if cipher and "(NONE)" not in cipher[1] else told.cipher
    if start:
        told.at = dt.datetime.fromtimestamp(int(start[1]), dt.UTC)
    if "error:" in line or "alert" in line.lower():
        alert = _ALERT.search(line)
        told.alert = " ".join(alert.group().lower().split()) if alert and not told.alert else told.alert
        told.speaks_of_connection |= alert is not None
    if "Acceptable client certificate CA names" in line or "alert certificate required" in line.lower():
        told.asks_client_certificate = True


def _tell_certificate(told: Told, line: str) -> None:
    subject, issuer = _SUBJECT.match(line), _ISSUER.match(line)
    told.subject = told.subject or (subject[1].strip() if subject else "")
    told.issuer = told.issuer or (issuer[1].strip() if issuer else "")
    begins, expires = _BEGINS.match(line), _EXPIRES.match(line)
    told.begins_at = told.begins_at or (instant(begins[1]) if begins else None)
    told.expires_at = told.expires_at or (instant(expires[1]) if expires else None)
    dates = _CHAIN_DATES.match(line) if len(told.chain) == 1 else None
    if dates:
        told.begins_at, told.expires_at = instant(dates[1]), instant(dates[2])
    told.names.extend(name[1] for name in _NAMES.finditer(line))
    told.is_ca |= "CA:TRUE" in line
    key = _KEY.match(line)
    told.key = f"{key[1]} bits" if key else told.key
