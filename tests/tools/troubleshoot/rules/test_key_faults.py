"""Keys that are missing, broken, refused, of the other environment, barred, or lost on a redirect."""

import pytest

from tests.tools.troubleshoot.made import case_of
from tests.tools.troubleshoot.rules.asked import doubts, told
from tests.tools.troubleshoot.signed import call
from tools.troubleshoot.diagnosis import diagnose

LIVE, TEST = "Bearer sk_live_FAKE00000000abcd", "Bearer sk_test_FAKE00000000abcd"
MISSING, INVALID = '{"error":"Missing API key"}', '{"error":"Invalid API key provided"}'
REDIRECTED = """GET /v1/orders HTTP/1.1
Host: api.example.com
Authorization: Bearer FAKEFAKE00001234

HTTP/1.1 301 Moved Permanently
Location: https://www.example.com/v1/orders

"""
FOLLOWED = """GET /v1/orders HTTP/1.1
Host: www.example.com
Accept: application/json

HTTP/1.1 {status}
Content-Type: application/json

{{"error":"nobody"}}
"""


@pytest.mark.parametrize(
    ("message", "certainty"),
    [
        (call(None, body=MISSING), "known customer"),
        (call(None), "likely customer"),
        (call("Bearer "), "known customer"),
        (call("Bearer Bearer FAKEFAKE00001234"), "known customer"),
        (call("Bearer YOUR_API_KEY"), "likely customer"),
        (call("Bearer {{key}}", body=INVALID), "known customer"),
        (call("FAKEFAKE00001234"), "likely customer"),
        ("We get 401, it says no API key was provided", "possible customer"),
        (call(LIVE), None),
        (call(None, status="200 OK"), None),
        (call(LIVE, "403 Forbidden"), None),
    ],
)
def test_missing(message: str, certainty: str | None) -> None:
    assert told("key_missing", case_of(message)) == certainty


def test_a_key_that_is_there_speaks_against_it() -> None:
    case = case_of(call(LIVE, body=MISSING))
    assert told("key_missing", case) == "possible customer"
    assert "carries credentials" in doubts("key_missing", case)


def test_a_placeholder_rules_out_the_rest() -> None:
    causes = [found.rule.id for found in diagnose(case_of(call("Bearer {{key}}", body=INVALID))).causes]
    assert causes[0] == "key_missing"
    assert "key_invalid" not in causes


@pytest.mark.parametrize(
    ("message", "certainty"),
    [
        (call(LIVE, body='{"message":"This API key was revoked on 2026-06-01"}'), "known customer"),
        (call(LIVE, body=INVALID), "likely customer"),
        (call(LIVE, body='{"error":"invalid_token"}'), "possible customer"),
        ("We get 401 since today, unknown API key", "possible customer"),
        (call(LIVE), None),  # it does not say
        (call(LIVE, body='{"error":"invalid refresh token"}'), None),
        (call(LIVE, "400 Bad Request", '{"error":"idempotency key not found"}'), None),
    ],
)
def test_invalid(message: str, certainty: str | None) -> None:
    assert told("key_invalid", case_of(message)) == certainty


@pytest.mark.parametrize(
    ("message", "certainty"),
    [
        (call(LIVE, body='{"message":"A live key was used in the sandbox"}'), "known customer"),
        (call(LIVE, host="api.sandbox.example.com"), "likely customer"),
        (call(TEST, host="api.live.example.com"), "likely customer"),
        ("We get 401. We use the sandbox key in production", "possible customer"),
        (call(LIVE), None),
        (call(TEST), None),  # many APIs have one host for both
        (call(LIVE, "200 OK", host="api.sandbox.example.com"), None),
    ],
)
def test_environment(message: str, certainty: str | None) -> None:
    assert told("key_environment", case_of(message)) == certainty


@pytest.mark.parametrize(
    ("message", "certainty"),
    [
        (
            call(LIVE, "403 Forbidden", '{"message":"IP address 203.0.113.7 is not in the allow list"}'),
            "known customer",
        ),
        (call(LIVE, "403 Forbidden", '{"code":"ip_not_allowed"}'), "known customer"),
        ("We get 403, our IP address is blocked", "possible customer"),
        (call(LIVE, "403 Forbidden"), None),
        (
            call(
                LIVE,
                "403 Forbidden",
                "<html>Your IP address 203.0.113.7 was blocked</html>",
                headers={"Content-Type": "text/html"},
            ),
            None,
        ),
    ],
)
def test_address(message: str, certainty: str | None) -> None:
    assert told("ip_not_allowed", case_of(message)) == certainty


@pytest.mark.parametrize(
    ("message", "certainty"),
    [
        (REDIRECTED + FOLLOWED.format(status="401 Unauthorized"), "known customer"),
        (f"{REDIRECTED}\nand then we get 401", "likely customer"),
        (FOLLOWED.format(status="401 Unauthorized"), None),
        (REDIRECTED.replace("https://www.example.com", "https://api.example.com"), None),
        (REDIRECTED, None),
    ],
)
def test_redirect(message: str, certainty: str | None) -> None:
    assert told("redirect_dropped_auth", case_of(message)) == certainty
