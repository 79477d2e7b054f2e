"""Tokens that had expired or were not yet valid, and clocks that are wrong; and what only looks like it."""

import pytest

from tests.tools.troubleshoot.made import case_of, case_with
from tests.tools.troubleshoot.rules.asked import ask, doubts, evidence, told
from tests.tools.troubleshoot.signed import call, seconds, token
from tools.troubleshoot.diagnosis import diagnose
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.identity import Token

EXPIRED = token(exp="14:02:11")
CHALLENGE = {"WWW-Authenticate": 'Bearer error="invalid_token", error_description="The access token expired"'}
KEY = "Bearer sk_live_FAKE00000000abcd"
IN_LOG = "2026-06-26T14:05:40Z ERROR GET https://api.example.com/v1/orders 401 12ms"


@pytest.mark.parametrize(
    ("message", "certainty"),
    [
        (call(f"Bearer {EXPIRED}"), "known customer"),
        (call(f"Bearer {token(exp='10:00:00')}", headers=CHALLENGE, answered=""), "known customer"),
        (f"{EXPIRED}\n{call(None, headers=CHALLENGE)}", "known customer"),
        (f"{EXPIRED}\n\n{call(None)}", "likely customer"),
        (call(KEY, headers=CHALLENGE), "likely customer"),
        (call(KEY, body='{"error":"jwt expired"}'), "likely customer"),
        (f"We get 401 with {token(exp='10:00:00')}", "possible customer"),
        ("We get 401 and it says the token is expired", "possible customer"),
        (call(f"Bearer {EXPIRED}", body='{"error":"invalid audience"}'), "possible customer"),
    ],
)
def test_expired(message: str, certainty: str) -> None:
    assert told("token_expired", case_of(message)) == certainty


@pytest.mark.parametrize(
    "message",
    [
        call(f"Bearer {token()}"),  # still valid
        f"An old one: {EXPIRED}\n\n{call(KEY)}",  # the call sent another
        call(f"Bearer {EXPIRED}", status="200 OK"),
        call(f"Bearer {EXPIRED}", status="403 Forbidden"),
        call(f"Bearer {EXPIRED}", answered="14:02:10"),  # a second before
        call(KEY, body='{"error":"invalid_grant","error_description":"refresh token expired"}'),
        call(KEY, body='{"error":"the page cursor token has expired"}'),
        call(KEY, body='{"error":"certificate token expired"}'),
        EXPIRED,  # nothing failed
    ],
)
def test_not_expired(message: str) -> None:
    assert told("token_expired", case_of(message)) is None


def test_the_values_are_told_with_their_clock() -> None:
    shown = evidence("token_expired", case_of(call(f"Bearer {EXPIRED}")))
    assert "The token ended at 2026-06-26 14:02:11 UTC (exp)" in shown
    assert "The call came at 2026-06-26 14:05:40 UTC, by the server's Date header: 3 min 29 s later" in shown


def test_the_servers_clock_goes_before_the_callers() -> None:
    exchange = Exchange(
        source="har",
        url="https://api.example.com/",
        status=401,
        auth="bearer",
        at=case_of("").now,
        response_headers={"date": "Fri, 26 Jun 2026 11:59:59 GMT"},
    )
    assert told("token_expired", case_with(Token(expires_at=case_of("").now), exchange)) is None


def test_a_valid_token_speaks_against_the_words() -> None:
    case = case_of(call(f"Bearer {token()}", headers=CHALLENGE))
    assert told("token_expired", case) == "possible customer"
    assert "was valid" in doubts("token_expired", case)


def test_it_rules_out_a_wrong_key() -> None:
    found = ask("token_expired", case_of(call(f"Bearer {EXPIRED}")))
    assert found is not None
    assert {"key_invalid", "token_scope"} <= found.finding.rules_out


@pytest.mark.parametrize(
    ("message", "certainty"),
    [
        (call(f"Bearer {token(nbf=seconds('16:05:40'), exp='18:00:00')}"), "known customer"),
        (call(f"Bearer {token(iat='14:07:40', exp='18:00:00')}"), "likely customer"),  # a clock may explain it
        (call(KEY, body='{"error":"Token used before issued"}'), "likely customer"),
        (call(f"Bearer {token(nbf=seconds('13:00:00') * 1000)}"), "likely customer"),
    ],
)
def test_not_yet_valid(message: str, certainty: str) -> None:
    assert told("token_not_yet_valid", case_of(message)) == certainty


@pytest.mark.parametrize(
    "message",
    [
        call(f"Bearer {token()}"),
        call(f"Bearer {token(iat='14:06:00')}"),
        call(KEY),
        f"{IN_LOG}\n{token(iat='13:59:00')}",
    ],
)
def test_valid_in_time(message: str) -> None:
    assert told("token_not_yet_valid", case_of(message)) is None


@pytest.mark.parametrize(
    ("message", "certainty"),
    [
        (call(KEY, "403 Forbidden", '{"code":"RequestTimeTooSkewed","message":"no"}'), "known customer"),
        (call(KEY, body='{"error":"Request timestamp is too old"}'), "known customer"),
        (call(f"Bearer {token(iat='14:07:40', exp='18:00:00')}"), "likely customer"),
        (call(f"Bearer {token(iat='14:06:00')}", body='{"error":"Token used before issued"}'), "likely customer"),
        ("We get 401; the clock is wrong on our box, I think", "possible customer"),
    ],
)
def test_skew(message: str, certainty: str) -> None:
    assert told("clock_skew", case_of(message)) == certainty


@pytest.mark.parametrize(
    "message",
    [
        call(f"Bearer {token()}"),
        call(f"Bearer {token(iat='16:05:40', exp='18:00:00')}"),  # two hours: no clock drifts so far
        call(KEY, "400 Bad Request", '{"error":"webhook timestamp outside the allowed tolerance"}'),
        call(KEY, body='{"error":"clock skew tolerance is 60 s"}'),
    ],
)
def test_no_skew(message: str) -> None:
    assert told("clock_skew", case_of(message)) is None


@pytest.mark.parametrize(
    ("date", "certainty"),
    [("12:07:00", "likely customer"), ("11:59:20", None), ("14:00:10", None), ("15:30:00", None)],
)
def test_the_callers_clock_is_measured_by_the_servers(date: str, certainty: str | None) -> None:
    """Whole and half hours are zones, and a minute is nothing."""
    exchange = Exchange(
        source="har",
        url="https://api.example.com/",
        status=401,
        at=case_of("").now,
        response_headers={"date": f"Fri, 26 Jun 2026 {date} GMT"},
    )
    assert told("clock_skew", case_with(exchange)) == certainty


def test_skew_that_explains_it_rules_out_the_token() -> None:
    case = case_of(call(f"Bearer {token(iat='14:07:40', exp='18:00:00')}"))
    assert "token_not_yet_valid" not in {found.rule.id for found in diagnose(case).causes}
