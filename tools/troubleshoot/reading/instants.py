"""Reads instants that say their zone, in the forms that identity providers, SAML, HTTP and openssl write."""

import datetime as dt
import re
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?", re.IGNORECASE
)
_OPENSSL = re.compile(r"([A-Z][a-z]{2})\s{1,2}(\d{1,2})\s(\d\d:\d\d:\d\d)\s(\d{4})\sGMT")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def instant(written: str) -> dt.datetime | None:
    """The instant, in UTC; None where none is written, or none with its zone."""
    written = written.strip()[:60]
    iso = _ISO.match(written)
    if iso:
        return _of_iso(iso[1], iso[2], iso[4])
    openssl = _OPENSSL.match(written)
    if openssl and openssl[1] in _MONTHS:
        return _of_iso(f"{openssl[4]}-{_MONTHS.index(openssl[1]) + 1:02}-{int(openssl[2]):02}", openssl[3], zone="GMT")
    return http_date(written)


def http_date(written: str) -> dt.datetime | None:
    """The instant of a Date header (RFC 9110 §5.6.7), in UTC."""
    try:
        moment = parsedate_to_datetime(written[:60])
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment.astimezone(dt.UTC) if moment.tzinfo else None


def _of_iso(day: str, clock: str, zone: str | None) -> dt.datetime | None:
    if zone is None:
        return None
    offset = "+00:00" if zone.upper() in ("Z", "UTC", "GMT") else zone
    try:
        return dt.datetime.fromisoformat(f"{day}T{clock}{offset}").astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
