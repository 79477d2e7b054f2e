"""Whether a certificate covers the name that was asked for (RFC 6125), by the library that verifies it."""

import ipaddress
from collections.abc import Sequence

from service_identity import CertificateError, VerificationError
from service_identity.hazmat import (
    DNS_ID,
    CertificatePattern,
    DNSPattern,
    IPAddress_ID,
    IPAddressPattern,
    verify_service_identity,
)


def covers(names: Sequence[str], host: str) -> bool | None:
    """Whether one of a certificate's names is the host's; None where the host is no name that can be asked for."""
    try:
        wanted = _wanted(host)
    except ValueError:
        return None
    patterns = [pattern for name in names if (pattern := _pattern(name)) is not None]
    try:
        verify_service_identity(patterns, [wanted], [])
    except (VerificationError, CertificateError):
        return False
    return True


def _wanted(host: str) -> DNS_ID | IPAddress_ID:
    try:
        return IPAddress_ID(str(ipaddress.ip_address(host.strip("[]"))))
    except ValueError:
        return DNS_ID(host)


def _pattern(name: str) -> CertificatePattern | None:
    try:
        return IPAddressPattern(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return DNSPattern.from_bytes(name.encode("ascii"))
    except (CertificateError, UnicodeError):
        return None
