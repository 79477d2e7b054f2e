"""Tokens for somebody else, by somebody else, or without the scope."""

import pytest

from tests.tools.troubleshoot.made import case_of
from tests.tools.troubleshoot.rules.asked import doubts, evidence, told
from tests.tools.troubleshoot.signed import call, token

AUD = '{"message":"jwt audience invalid. expected: https://api.example.com"}'
ISS = '{"message":"jwt issuer invalid. expected: https://login.example.com/"}'
STAGING = "https://login.staging.example.com/"
NEEDS = {"WWW-Authenticate": 'Bearer error="insufficient_scope", scope="orders:write"'}


@pytest.mark.parametrize(
    ("message", "certainty"),
    [
        (call(f"Bearer {token(aud='https://other.example.com')}", body=AUD), "known customer"),
        (call("Bearer FAKEFAKE00001234", body=AUD), "likely customer"),
        (call(f"Bearer {token(aud='https://api.staging.example.com')}"), "likely customer"),
        ("Since today 401, invalid audience they say", "possible customer"),
        (f"The audience should be https://api.example.com.\n{call(f'Bearer {token(aud=[])}')}", None),
        (call(f"Bearer {token(aud=['https://api.example.com', 'x'])}"), None),
        (call(f"Bearer {token(aud='https://api.staging.example.com')}", status="200 OK"), None),
        ("SAML assertion audience mismatch", None),
    ],
)
def test_audience(message: str, certainty: str | None) -> None:
    assert told("token_audience", case_of(message)) == certainty


def test_a_right_audience_speaks_against_the_words() -> None:
    case = case_of(call(f"Bearer {token()}", body=AUD))
    assert told("token_audience", case) == "possible customer"
    assert "has the expected aud" in doubts("token_audience", case)


@pytest.mark.parametrize(
    ("message", "certainty"),
    [
        (call(f"Bearer {token(iss='https://login.example.com')}", body=ISS), "known customer"),
        (call(f"Bearer {token(iss=STAGING)}"), "likely customer"),
        (call("Bearer FAKEFAKE00001234", body='{"error":"unknown issuer"}'), "likely customer"),
        (call(f"Bearer {token(iss=STAGING)}", host="api.staging.example.com"), None),
        (call(f"Bearer {token()}"), None),
        ("curl: (60) SSL certificate problem: unable to get local issuer certificate", None),
        (call("Bearer FAKEFAKE00001234", body=AUD), None),
    ],
)
def test_issuer(message: str, certainty: str | None) -> None:
    assert told("token_issuer", case_of(message)) == certainty


def test_the_audience_is_right_and_the_issuer_is_not() -> None:
    case = case_of(call(f"Bearer {token(iss='https://login.example.com')}", body=ISS))
    assert "they differ in the slash at the end" in evidence("token_issuer", case)
    assert told("token_audience", case) is None


@pytest.mark.parametrize(
    ("message", "certainty"),
    [
        (call(f"Bearer {token(scope='orders:read')}", "403 Forbidden", headers=NEEDS), "known customer"),
        (call("Bearer FAKEFAKE00001234", "403 Forbidden", '{"error":"missing scope orders:write"}'), "likely customer"),
        (call("Bearer FAKEFAKE00001234", "403 Forbidden", '{"message":"role admin is required"}'), "likely customer"),
        (call(f"Bearer {token(scope='orders:write')}", "403 Forbidden", headers=NEEDS), "possible customer"),
        (call(f"Bearer {token(scope='orders:read')}", "403 Forbidden", method="POST"), "possible customer"),
        (call(f"Bearer {token(scope='orders:read')}", "403 Forbidden"), None),
        (call(f"Bearer {token(scope='orders:read orders:write')}", "403 Forbidden", method="POST"), None),
        (call(f"Bearer {token()}", "403 Forbidden"), None),
        (
            call(
                f"Bearer {token()}",
                "403 Forbidden",
                "<html><body>missing permission</body></html>",
                headers={"Content-Type": "text/html"},
            ),
            None,  # a web application firewall, and not the API
        ),
    ],
)
def test_scope(message: str, certainty: str | None) -> None:
    assert told("token_scope", case_of(message)) == certainty


def test_what_is_lacking_is_named() -> None:
    case = case_of(call(f"Bearer {token(scope='orders:read')}", "403 Forbidden", headers=NEEDS))
    assert "The token's scopes are orders:read: orders:write is not among them" in evidence("token_scope", case)
