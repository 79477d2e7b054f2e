"""Webhook deliveries by their headers and body, and what handlers say of their signatures."""

import pytest

from tests.tools.troubleshoot.made import at
from tools.troubleshoot.facts.http import Exchange, WebhookDelivery
from tools.troubleshoot.reading.webhooks import body_form, delivery_of, find_webhook_verdicts, tolerance_in


def delivery(headers: dict[str, str], body: str | None = None) -> WebhookDelivery | None:
    return delivery_of(Exchange(source="http", request_headers=headers, request_body=body))


@pytest.mark.parametrize(
    ("headers", "scheme", "sent"),
    [
        ({"stripe-signature": "t=1782468000,v1=ab,v0=cd"}, "stripe", "10:00:00"),
        ({"stripe-signature": "v1=ab"}, "stripe", None),
        ({"x-hub-signature-256": "sha256=ab"}, "github", None),
        ({"x-slack-signature": "v0=ab", "x-slack-request-timestamp": "1782468000"}, "slack", "10:00:00"),
        ({"webhook-id": "m", "webhook-timestamp": "1782468000", "webhook-signature": "v1,ab"}, "standard", "10:00:00"),
        ({"svix-signature": "v1,ab", "svix-timestamp": "1782468000"}, "standard", "10:00:00"),
        ({"x-shopify-hmac-sha256": "ab"}, "shopify", None),
        ({"x-acme-signature": "ab", "x-webhook-timestamp": "1782468000000"}, "unknown", "10:00:00"),
        ({"x-webhook-signature": "ab", "x-webhook-timestamp": "2026-06-26T10:00:00Z"}, "unknown", "10:00:00"),
        ({"x-webhook-signature": "ab", "x-webhook-timestamp": "soon"}, "unknown", None),
        ({"x-webhook-signature": "ab", "x-webhook-timestamp": "99999999999999"}, "unknown", "09:46:39"),
    ],
)
def test_whose_way_of_signing_and_when(headers: dict[str, str], scheme: str, sent: str | None) -> None:
    found = delivery(headers)
    assert found is not None
    assert found.scheme == scheme
    assert (found.sent_at.strftime("%H:%M:%S") if found.sent_at else None) == sent


def test_other_requests_are_no_deliveries() -> None:
    assert delivery({"authorization": "Bearer x", "x-request-id": "y"}) is None
    assert delivery({}) is None


def test_ids_and_attempt() -> None:
    headers = {"x-hub-signature-256": "x", "x-github-delivery": "d-1", "x-webhook-attempt": "3"}
    found = delivery(headers, '{"id":"evt_1"}')
    assert found is not None
    assert (found.event_id, found.delivery_id, found.attempt) == ("evt_1", "d-1", 3)
    odd = delivery({"webhook-signature": "x", "webhook-id": "m-1", "webhook-attempt": "many"}, "[1,")
    assert odd is not None
    assert (odd.event_id, odd.delivery_id, odd.attempt) == ("m-1", "m-1", None)


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (None, "none"),
        ("  ", "none"),
        ('{"a":1,"b":[1,2]}', "compact"),
        ('{"a": 1, "b": 2}', "spaced"),
        ('{\n  "a": 1\n}', "indented"),
        ("a=1&b=2", "compact"),
        ('{"text":"one, two: three"}', "compact"),
    ],
)
def test_how_the_body_is_written(body: str | None, form: str) -> None:
    assert body_form(body) == form


@pytest.mark.parametrize(
    ("line", "verdict", "scheme"),
    [
        ("No signatures found matching the expected signature for payload", "mismatch", "unknown"),
        (
            "stripe.error.SignatureVerificationError: Timestamp outside the tolerance zone (1782468000)",
            "too_old",
            "stripe",
        ),
        ("WebhookVerificationError: Message timestamp too old", "too_old", "unknown"),
        ("WebhookVerificationError: No matching signature found", "mismatch", "unknown"),
        ("Unable to extract timestamp and signatures from header", "missing", "unknown"),
        ("missing stripe-signature header", "missing", "stripe"),
        ("ERROR webhook signature verification failed", "mismatch", "unknown"),
        ("github webhook: signatures did not match, HMAC mismatch", "mismatch", "github"),
        ("Invalid Slack signature", "mismatch", "slack"),
    ],
)
def test_what_handlers_say(line: str, verdict: str, scheme: str) -> None:
    (piece,) = find_webhook_verdicts(line)
    fact = piece.facts[0]
    assert isinstance(fact, WebhookDelivery)
    assert (fact.verdict, fact.scheme) == (verdict, scheme)


def test_when_the_handler_had_it() -> None:
    line = "2026-06-26T10:07:00Z ERROR webhook signature verification failed: Timestamp outside the tolerance zone"
    (piece,) = find_webhook_verdicts(f"{line}\n{line}")
    fact = piece.facts[0]
    assert isinstance(fact, WebhookDelivery)
    assert fact.received_at == at("10:07:00")


@pytest.mark.parametrize(
    "line",
    [
        "invalid signature in the JWT",
        "We need your signature on the contract.",
        "SAML signature verification failed",
        "Our webhook is registered for all events",
        "the timestamp is wrong",
        "tolerance is a virtue",
    ],
)
def test_other_signatures_are_no_verdicts(line: str) -> None:
    assert find_webhook_verdicts(line) == ()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("tolerance = 300", 300), ("tolerance of 5 minutes", 300), ("tolerance=600 seconds", 600), ("no tolerance", None)],
)
def test_the_tolerance(text: str, seconds: float | None) -> None:
    assert tolerance_in(text) == seconds
