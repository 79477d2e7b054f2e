"""Rules of webhooks: signatures, ages, duplicates, endpoints that fail."""

import datetime as dt

import pytest

from tests.tools.troubleshoot.made import at, case_with
from tests.tools.troubleshoot.rules.asked import call, doubts, evidence, log, told
from tools.troubleshoot.case import Case
from tools.troubleshoot.diagnosis import diagnose
from tools.troubleshoot.facts.http import Exchange, WebhookDelivery
from tools.troubleshoot.facts.logs import Repeated

HOOK = "https://hooks.example.org/webhooks/orders"
SENT = at("11:00:00")


def delivery(**more: object) -> WebhookDelivery:
    return WebhookDelivery.model_validate({"scheme": "standard", **more})


def post(status: int | None = None, body: str | None = None, /, **more: object) -> Exchange:
    """A delivery to the customer's endpoint, and its answer."""
    return call(
        status, body, **{"method": "POST", "url": HOOK, "request_headers": {"webhook-signature": "v1,x"}, **more}
    )


MISMATCH = delivery(verdict="mismatch", verdict_text="signature mismatch")
PARSED = delivery(parsed_first=True, parsed_first_text="app.use(express.json())")


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(MISMATCH, PARSED, delivery(body_form="spaced")), "known customer"),
        (case_with(MISMATCH, PARSED), "likely customer"),
        (case_with(MISMATCH, PARSED, delivery(body_form="indented")), "likely customer"),  # indented for us, maybe
        (case_with(MISMATCH, delivery(body_form="spaced")), "likely customer"),
        (case_with(MISMATCH, delivery(body_form="indented")), "possible customer"),
        (case_with(PARSED), "possible customer"),
        (case_with(post(401, '{"error":"invalid signature"}'), PARSED), "likely customer"),
        (case_with(PARSED, said="webhook signature verification fails"), "likely customer"),
        (case_with(delivery(body_form="indented")), None),
        (case_with(MISMATCH, delivery(body_form="compact")), None),
        (case_with(call(401, '{"error":"invalid signature"}')), None),
    ],
)
def test_webhook_body_changed(case: Case, expected: str | None) -> None:
    assert told("webhook_body_changed", case) == expected


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(MISMATCH, said="since we rotated the signing secret"), "likely customer"),
        (case_with(MISMATCH), "possible customer"),
        (case_with(post(400, "signature verification failed")), "possible customer"),
        (case_with(said="our webhook handler says: invalid signature"), "possible customer"),
        (case_with(call(401, '{"error":"invalid signature"}')), None),
        (case_with(said="the token has an invalid signature"), None),
        (case_with(delivery(verdict="ok"), said="we rotated the secret"), None),
    ],
)
def test_webhook_secret(case: Case, expected: str | None) -> None:
    assert told("webhook_secret", case) == expected


def test_a_refused_delivery_that_was_written_anew_is_the_only_cause() -> None:
    case = case_with(post(401, '{"error":"invalid signature"}'), PARSED)
    assert [each.rule.id for each in diagnose(case).causes] == ["webhook_body_changed"]


def received_after(seconds: float, **more: object) -> WebhookDelivery:
    return delivery(sent_at=SENT, received_at=SENT + dt.timedelta(seconds=seconds), **more)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(received_after(900, verdict="too_old")), "known customer"),
        (case_with(received_after(-900, verdict="too_old")), "known customer"),
        (case_with(received_after(40, tolerance_seconds=30), said="timestamp outside the tolerance"), "known customer"),
        (case_with(received_after(900)), "likely customer"),
        (case_with(delivery(verdict="too_old")), "likely customer"),
        (case_with(said="webhook: timestamp outside the tolerance zone"), "possible customer"),
        (case_with(received_after(2)), None),
        (case_with(received_after(900, verdict="mismatch")), None),
        (case_with(received_after(900, verdict="ok")), None),
        (case_with(said="the timestamp is too old in our report"), None),
    ],
)
def test_webhook_replay_window(case: Case, expected: str | None) -> None:
    assert told("webhook_replay_window", case) == expected


def test_the_age_is_a_figure() -> None:
    shown = evidence("webhook_replay_window", case_with(received_after(900, verdict="too_old", attempt=4)))
    assert "From signing to receipt 900 s go by, and 300 s are tolerated" in shown
    assert "It is attempt 4" in shown


def repeated(statuses: tuple[int, ...], what: str = "event_id") -> Repeated:
    return Repeated.model_validate({"what": what, "value": "evt_1", "count": 3, "line": 2, "statuses": statuses})


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(log(repeated=(repeated((200, 200)),)), said="orders are shipped twice"), "known customer"),
        (case_with(log(repeated=(repeated((500, 200)),)), said="orders are shipped twice"), "likely customer"),
        (case_with(log(repeated=(repeated((200, 200)),))), "likely customer"),
        (case_with(delivery(event_id="evt_1"), delivery(event_id="evt_1")), "likely customer"),
        (case_with(said="webhooks arrive twice"), "possible customer"),
        (case_with(delivery(event_id="evt_1"), delivery(event_id="evt_2")), None),
        (case_with(log(repeated=(repeated((201,), "record_id"),))), None),
        (case_with(log(repeated=(repeated((500, 503), "delivery_id"),))), None),
        (case_with(log(repeated=(repeated((), "delivery_id"),))), None),
        (case_with(said="orders are created twice"), None),
    ],
)
def test_webhook_duplicate(case: Case, expected: str | None) -> None:
    assert told("webhook_duplicate", case) == expected


def test_a_late_answer_is_why_it_is_sent_again() -> None:
    case = case_with(post(error="timed out"), log(repeated=(repeated((200, 200)),)))
    assert "sent again" in evidence("webhook_duplicate", case)
    assert "evt_1 is in the log 3 times" in evidence("webhook_duplicate", case)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (case_with(post(500)), "known customer"),
        (case_with(post(302)), "known customer"),
        (case_with(post(error="timed out")), "likely customer"),
        (case_with(post(404, request_headers={}), said="webhook to our server"), "likely customer"),
        (case_with(log(repeated=(repeated((500, 503), "delivery_id"),))), "likely customer"),
        (case_with(log(repeated=(repeated((500, 200), "delivery_id"),))), None),
        (
            case_with(post(500, request_headers={}, url="https://hooks.example.org/in"), said="webhooks"),
            "likely customer",
        ),
        (case_with(said="the webhook deliveries fail since noon"), "possible customer"),
        (case_with(said="your webhook endpoint returns error 500"), "possible customer"),
        (case_with(post(200)), None),
        (case_with(post(401, '{"error":"invalid signature"}')), None),
        (case_with(post(400), delivery(verdict="too_old")), None),
        (case_with(call(500)), None),
        (case_with(post(404, request_headers={}, auth="bearer"), said="we create a webhook by API"), None),
    ],
)
def test_webhook_endpoint_failing(case: Case, expected: str | None) -> None:
    assert told("webhook_endpoint_failing", case) == expected


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_endpoint_is_no_failure_of_ours(status: int) -> None:
    diagnosed = diagnose(case_with(post(status)))
    assert [each.rule.id for each in diagnosed.causes] == ["webhook_endpoint_failing"]
    assert diagnosed.side == "customer"


def test_a_redirect_of_a_delivery_is_told() -> None:
    assert "Deliveries follow no redirects" in evidence("webhook_endpoint_failing", case_with(post(308)))
    assert doubts("webhook_endpoint_failing", case_with(post(308))) == ""
