"""What a token's claims say (RFC 7519 §4.1), whatever stands in their places."""

import datetime as dt
import math
from typing import Any

from tools.troubleshoot.facts.base import MOST_LISTED
from tools.troubleshoot.facts.identity import Token

LONGEST_CLAIM = 300
MILLISECONDS_FROM = 1_000_000_000_000
"""As seconds, a time of 13 digits lies tens of thousands of years ahead: it is in milliseconds."""

SCOPE_CLAIMS = ("scope", "scp", "scopes", "permissions", "roles", "role")


def token_of(header: dict[str, Any], claims: dict[str, Any], tail: str = "") -> Token:
    """The token with this header and these claims."""
    times = {name: _time(claims.get(name)) for name in ("exp", "nbf", "iat")}
    remarks = [f"{name} {remark}" for name, (_, remark) in times.items() if remark]
    if _text(header.get("alg")).lower() == "none":
        remarks.append("alg is none: the token is not signed")
    return Token(
        algorithm=_text(header.get("alg")),
        key_id=_text(header.get("kid")),
        type=_text(header.get("typ")),
        issuer=_text(claims.get("iss")) or None,
        subject=_text(claims.get("sub")) or None,
        audience=_texts(claims.get("aud")),
        authorized_party=_text(claims.get("azp")) or _text(claims.get("client_id")) or None,
        issued_at=times["iat"][0],
        not_before=times["nbf"][0],
        expires_at=times["exp"][0],
        scopes=_scopes(claims),
        nonce="nonce" in claims,
        claims=tuple(str(name)[:LONGEST_CLAIM] for name in list(claims)[:MOST_LISTED]),
        tail=tail,
        remarks=tuple(remarks),
    )


def _text(value: Any) -> str:
    return value[:LONGEST_CLAIM] if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(each[:LONGEST_CLAIM] for each in values[:MOST_LISTED] if isinstance(each, str) and each)


def _scopes(claims: dict[str, Any]) -> tuple[str, ...]:
    """Scopes are one string with spaces (RFC 8693 §4.2), or a list; permissions and roles stand beside them."""
    found: list[str] = []
    for name in SCOPE_CLAIMS:
        value = claims.get(name)
        found.extend(value[:20_000].split() if isinstance(value, str) else _texts(value))
    return tuple(dict.fromkeys(each[:LONGEST_CLAIM] for each in found))[:MOST_LISTED]


def _time(value: Any) -> tuple[dt.datetime | None, str]:
    """A NumericDate, and what is odd about it."""
    if value is None:
        return None, ""
    if isinstance(value, str):
        moment, _ = _time(_number(value))
        return moment, "is text in place of a number"
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None, "is no number"
    if value >= MILLISECONDS_FROM:
        return None, "is in milliseconds in place of seconds"
    try:
        return dt.datetime.fromtimestamp(value, dt.UTC), "lies before 1970" if value < 0 else ""
    except (ValueError, OverflowError, OSError):
        return None, "lies outside the calendar"


def _number(value: str) -> float | None:
    try:
        return float(value[:40])
    except ValueError:
        return None
