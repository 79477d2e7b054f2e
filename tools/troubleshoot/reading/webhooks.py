"""Reads webhook deliveries from their headers and body, and what handlers say of their signatures."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Literal

from tools.troubleshoot.facts.http import Exchange, WebhookDelivery
from tools.troubleshoot.reading.instants import instant
from tools.troubleshoot.reading.json_errors import read_json
from tools.troubleshoot.reading.parser import Piece

Scheme = Literal["stripe", "github", "slack", "standard", "shopify", "unknown"]
Verdict = Literal["mismatch", "too_old", "missing"]

MOST_LINES = 50_000
MOST_VERDICTS = 30
LONGEST_LINE = 1_000

SCHEMES: dict[str, Scheme] = {
    "stripe-signature": "stripe",
    "x-hub-signature-256": "github",
    "x-hub-signature": "github",
    "x-slack-signature": "slack",
    "webhook-signature": "standard",
    "svix-signature": "standard",
    "x-shopify-hmac-sha256": "shopify",
}
"""The header that carries the signature, and whose way of signing it is."""

_OTHER_SIGNATURE = re.compile(r"x-(?:[a-z0-9]+-){0,3}(?:webhook-)?(?:signature|hmac)(?:-[a-z0-9]+)?|x-webhook-[a-z-]+")
_SENT_AT = ("x-slack-request-timestamp", "webhook-timestamp", "svix-timestamp", "x-webhook-timestamp")
_DELIVERY = ("x-github-delivery", "x-shopify-webhook-id", "webhook-id", "svix-id", "x-webhook-delivery", "x-webhook-id")
_ATTEMPT = ("x-slack-retry-num", "webhook-attempt", "x-webhook-attempt", "x-delivery-attempt", "x-webhook-retry-count")
_STRIPE_TIME = re.compile(r"(?:^|[ ,])t=(\d{1,12})")

_VERDICTS: tuple[tuple[Verdict, re.Pattern[str]], ...] = (
    (
        "too_old",
        re.compile(
            r"timestamp outside (?:of )?the tolerance zone|(?:message )?timestamp (?:is )?too (?:old|new)"
            r"|webhook.{0,60}(?:timestamp|signature).{0,40}(?:expired|too old|outside|tolerance)"
            r"|(?:stale|expired) (?:webhook|slack) (?:timestamp|request|signature)|replay (?:attack"
            r"|window).{0,60}(?:webhook|signature)",
            re.IGNORECASE,
        ),
    ),
    (
        "missing",
        re.compile(
            r"unable to extract timestamp and signatures? from header|missing required (?:webhook )?headers"
            r"|(?:no|missing) (?:stripe-signature|x-hub-signature(?:-256)?|x-slack-signature|webhook-signature"
            r"|webhook signature)",
            re.IGNORECASE,
        ),
    ),
    (
        "mismatch",
        re.compile(
            r"no signatures? found matching the expected signature|no matching signature found|WebhookVerificationError"
            r"|SignatureVerificationError|StripeSignatureVerification"
            r"|(?:webhook|hmac|(?:stripe|github|slack|shopify|hub)[- ]signature).{0,80}"
            r"(?:verification (?:has )?failed|(?:is )?invalid|(?:do(?:es)?(?: no|n[’'])t|did(?: no"
            r"|n[’'])t) match|mismatch|failed verification)"
            r"|(?:invalid|wrong|bad|mismatched) (?:webhook|hmac|(?:stripe|github|slack|shopify)) signature"
            r"|signature (?:verification failed|mismatch|does not match|invalid).{0,80}webhook",
            re.IGNORECASE,
        ),
    ),
)
_WORDS = ("signature", "webhook", "tolerance", "timestamp", "hmac", "missing required")
_TOLERANCE = re.compile(r"tolerance(?: of)?[ =:(]{1,3}(\d{1,6})(?: ?(s|sec|seconds|m|min|minutes)\b)?", re.IGNORECASE)
_CLOCK = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")


def delivery_of(exchange: Exchange) -> WebhookDelivery | None:
    """The delivery that a request is, by its signed headers; None where it has none of those."""
    headers = exchange.request_headers or exchange.response_headers
    scheme = next((SCHEMES[name] for name in headers if name in SCHEMES), None)
    if scheme is None and not any(_OTHER_SIGNATURE.fullmatch(name) for name in headers):
        return None
    body = exchange.request_body
    return WebhookDelivery(
        line=exchange.line,
        scheme=scheme or "unknown",
        headers=headers,
        sent_at=_sent_at(headers),
        received_at=exchange.at,
        event_id=_event_id(headers, body),
        delivery_id=next((headers[name][:200] for name in _DELIVERY if headers.get(name)), None),
        attempt=_attempt(headers),
        body_form=body_form(body),
    )


def body_form(body: str | None) -> Literal["compact", "spaced", "indented", "none"]:
    """How the body is written: as senders write JSON (one line, no spaces), or as it looks when it was written anew."""
    body = (body or "").strip()
    if not body:
        return "none"
    if body[0] not in "{[":
        return "compact"
    if "\n" in body:
        return "indented"
    return "spaced" if re.search(r'"\s*:\s+\S|,\s+"', body[:2_000]) else "compact"


def find_webhook_verdicts(text: str) -> tuple[Piece, ...]:
    """The lines in which a handler says what became of a delivery's signature."""
    lowered = text.lower()
    if not any(word in lowered for word in _WORDS):
        return ()
    found: dict[tuple[str, str], Piece] = {}
    for number, line in enumerate(text.split("\n")[:MOST_LINES], start=1):
        verdict = _verdict(line[:LONGEST_LINE])
        if verdict is None or len(found) >= MOST_VERDICTS:
            continue
        found.setdefault((verdict.verdict or "", verdict.verdict_text), Piece("webhook", number, number, (verdict,)))
    return tuple(found.values())


def tolerance_in(text: str) -> float | None:
    """The tolerance in seconds that a text names."""
    match = _TOLERANCE.search(text)
    if match is None:
        return None
    return float(match[1]) * (60 if (match[2] or "").startswith("m") else 1)


def _verdict(line: str) -> WebhookDelivery | None:
    lowered = line.lower()
    if not any(word in lowered for word in _WORDS):
        return None
    for verdict, pattern in _VERDICTS:
        if match := pattern.search(line):
            clock = _CLOCK.search(line)
            return WebhookDelivery(
                scheme=_scheme_named(lowered),
                verdict=verdict,
                verdict_text=match.group().strip()[:300],
                received_at=instant(line[clock.start() :]) if clock else None,
                tolerance_seconds=tolerance_in(line),
            )
    return None


def _scheme_named(line: str) -> Scheme:
    named: tuple[Scheme, ...] = ("stripe", "github", "slack", "shopify")
    return next((scheme for scheme in named if scheme in line), "unknown")


def _sent_at(headers: Mapping[str, str]) -> dt.datetime | None:
    stripe = _STRIPE_TIME.search(headers.get("stripe-signature", ""))
    if stripe:
        return _of_epoch(stripe[1])
    return next((_of_epoch(headers[name]) for name in _SENT_AT if name in headers), None)


def _of_epoch(written: str) -> dt.datetime | None:
    """Seconds since 1970, or milliseconds where they would lie far ahead; else as an ISO instant."""
    if not re.fullmatch(r"[0-9]{1,14}", written.strip()):
        return instant(written)
    seconds = int(written)
    try:
        return dt.datetime.fromtimestamp(seconds / 1_000 if seconds > 10**11 else seconds, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _event_id(headers: Mapping[str, str], body: str | None) -> str | None:
    value = read_json(body).value if body and len(body) < 200_000 else None
    named = (value.get("id") or value.get("event_id")) if isinstance(value, dict) else None
    return str(named)[:200] if isinstance(named, str | int) else headers.get("webhook-id") or headers.get("svix-id")


def _attempt(headers: Mapping[str, str]) -> int | None:
    written = next((headers[name] for name in _ATTEMPT if name in headers), "")
    return int(written) if re.fullmatch(r"[0-9]{1,4}", written) else None
