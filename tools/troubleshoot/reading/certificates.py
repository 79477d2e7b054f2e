"""Reads X.509 certificates (RFC 5280): PEM, and DER as base64. Private keys are neither read nor kept."""

import base64
import binascii
import re
import warnings
from collections.abc import Iterator
from itertools import islice

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tools.troubleshoot.facts.tls import Certificate
from tools.troubleshoot.reading.parser import Piece
from tools.troubleshoot.reading.places import Lines

MOST_CERTIFICATES = 20
LONGEST_CERTIFICATE = 40_000
"""Characters of its base64."""

MOST_NAMES = 100

_PEM = re.compile(
    r"-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s\\>|]{0,60000}+)(-----END [A-Z0-9 ]{1,30}-----)?"
)
_DER = re.compile(
    r"(?<![A-Za-z0-9+/=])MII[A-Za-z0-9+/]{40,}+={0,2}"
    r"(?:\r?\n(?:[A-Za-z0-9+/]{40,}+={0,2}|[A-Za-z0-9+/]{1,80}={1,2}|(?:[A-Za-z0-9+/]{4}){4,10})(?=\s|$))*+"
)
_PRIVATE = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY-----")
_PRIVATE_END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY-----")


def find_certificates(text: str) -> tuple[Piece, ...]:
    """The certificates of a text; certificates that follow each other are a piece each, in the order of the chain.

    A private key is a piece without facts: sealing masks it, and a note says that it must be replaced.
    """
    lines = Lines(text)
    pieces = list(_private_keys(text, lines))
    for first, last, body, is_pem in _bodies(text, lines):
        if any(first <= piece.last and piece.first <= last for piece in pieces):
            continue
        found = certificates_of_base64(body)
        if found:
            pieces.append(Piece("certificate", first, last, found))
        elif is_pem:
            pieces.append(
                Piece("certificate", first, last, (), ("a certificate could not be read: it is cut or broken",))
            )
    return tuple(sorted(pieces, key=lambda piece: piece.first))


def certificates_of_base64(body: str) -> tuple[Certificate, ...]:
    """The certificate whose DER is written as base64; nothing where it is none."""
    plain = re.sub(r"[^A-Za-z0-9+/=]", "", body.replace("\\n", "\n").replace("\\r", "")).partition("=")[0]
    if not plain or len(plain) > LONGEST_CERTIFICATE:
        return ()
    try:
        der = base64.b64decode(plain[: len(plain) - (len(plain) % 4 == 1)] + "=" * (-len(plain) % 4))
    except (binascii.Error, ValueError):
        return ()
    certificate = _loaded(_without_rest(der))
    return (certificate,) if certificate else ()


def _without_rest(der: bytes) -> bytes:
    """The first element of the DER alone: words after the base64 may have been taken for a part of it."""
    if der[:2] != b"\x30\x82":
        return der
    return der[: int.from_bytes(der[2:4], "big") + 4]


def _bodies(text: str, lines: Lines) -> Iterator[tuple[int, int, str, bool]]:
    for pem in islice(_PEM.finditer(text), MOST_CERTIFICATES):
        yield (
            lines.at(pem.start()),
            lines.at(max(pem.start(), len(pem.group().rstrip()) + pem.start() - 1)),
            pem[1],
            True,
        )
    for der in islice(_DER.finditer(text), MOST_CERTIFICATES):
        if text[max(0, der.start() - 60) : der.start()].rstrip().endswith("X509Certificate>"):
            continue  # it belongs to a SAML message
        yield lines.at(der.start()), lines.at(der.end() - 1), der.group(), False


def _private_keys(text: str, lines: Lines) -> Iterator[Piece]:
    position = 0
    while key := _PRIVATE.search(text, position):
        end = _PRIVATE_END.search(text, key.end())
        position = end.end() if end else len(text)
        note = "a private key was pasted: it was masked and not kept; whoever uses it must replace it"
        yield Piece("certificate", lines.at(key.start()), lines.at(max(key.start(), position - 1)), (), (note,))


def _loaded(der: bytes) -> Certificate | None:
    """What the certificate says. Whatever a broken one makes the library raise, it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read(x509.load_der_x509_certificate(der))
    except (ValueError, TypeError, OverflowError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return None


def _read(certificate: x509.Certificate) -> Certificate:
    subject, issuer = certificate.subject.rfc4514_string()[:500], certificate.issuer.rfc4514_string()[:500]
    algorithm = certificate.signature_hash_algorithm
    return Certificate(
        subject=subject,
        issuer=issuer,
        names=_names(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        self_signed=_is_self_signed(certificate),
        is_ca=_is_ca(certificate),
        key=_key(certificate),
        signature_algorithm=algorithm.name if algorithm else "",
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        issuer_url=_issuer_url(certificate),
    )


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    dns = names.get_values_for_type(x509.DNSName)
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return tuple(name[:255] for name in [*dns, *addresses][:MOST_NAMES])


def _is_self_signed(certificate: x509.Certificate) -> bool:
    """Whether its own key signed it; where that cannot be checked, whether it names itself as issuer."""
    if certificate.subject != certificate.issuer:
        return False
    try:
        certificate.verify_directly_issued_by(certificate)
    except (ValueError, TypeError):
        return True
    except Exception:  # InvalidSignature and what a broken key raises: another key signed it
        return False
    return True


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except (x509.ExtensionNotFound, ValueError):
        return False


def _key(certificate: x509.Certificate) -> str:
    try:
        key = certificate.public_key()
    except Exception:  # UnsupportedAlgorithm, ValueError: the key is of a kind that is not read
        return ""
    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA {key.key_size}"
    return f"EC {key.curve.name}" if isinstance(key, ec.EllipticCurvePublicKey) else ""


def _issuer_url(certificate: x509.Certificate) -> str:
    """Where the issuer's certificate is said to be (RFC 5280 §4.2.2.1)."""
    try:
        access = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except (x509.ExtensionNotFound, ValueError):
        return ""
    places = (
        each.access_location
        for each in access
        if each.access_method == x509.oid.AuthorityInformationAccessOID.CA_ISSUERS
    )
    return next((place.value[:300] for place in places if isinstance(place, x509.UniformResourceIdentifier)), "")
