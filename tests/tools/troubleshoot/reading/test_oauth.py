"""Errors of OAuth and OpenID Connect in the forms in which they come."""

import pytest

from tests.tools.troubleshoot.made import at
from tools.troubleshoot.facts.identity import OAuthError
from tools.troubleshoot.reading.oauth import challenge_error, find_oauth_errors, oauth_error_in

ENTRA = (
    "AADSTS50011: The redirect URI 'https://app.example.com/cb/' specified in the request does not match\n"
    "Trace ID: 1111aaaa-22bb\nTimestamp: 2026-06-26 12:00:05Z"
)


def only(text: str) -> OAuthError:
    (piece,) = find_oauth_errors(text)
    (fact,) = piece.facts
    assert isinstance(fact, OAuthError)
    return fact


@pytest.mark.parametrize(
    ("text", "error", "provider"),
    [
        ('{"error":"invalid_grant","error_description":"expired"}', "invalid_grant", "unknown"),
        ('x {"data":{"error":"invalid_client"}}', "invalid_client", "unknown"),
        ("GET /cb?error=access_denied&error_description=no&state=x", "access_denied", "unknown"),
        ("https://app.example.com/cb#error=login_required&state=x", "login_required", "unknown"),
        ('WWW-Authenticate: Bearer error="insufficient_scope", scope="a:b"', "insufficient_scope", "unknown"),
        (ENTRA, "redirect_uri_mismatch", "entra"),
        ('{"error":"invalid_client","error_description":"AADSTS7000222: expired"}', "invalid_client", "entra"),
        ("Error 400: redirect_uri_mismatch", "redirect_uri_mismatch", "google"),
        ("Callback URL mismatch: not allowed", "redirect_uri_mismatch", "auth0"),
        ("WARN type=LOGIN_ERROR, error=invalid_redirect_uri, realm=x", "redirect_uri_mismatch", "keycloak"),
        ("access_denied: User is not assigned to the client application.", "access_denied", "okta"),
        ("PingFederate: redirect_uri does not match any of the configured", "redirect_uri_mismatch", "ping"),
    ],
)
def test_forms(text: str, error: str, provider: str) -> None:
    found = only(text)
    assert (found.error, found.provider) == (error, provider)


def test_entra_tells_more() -> None:
    found = only(f"before\n{ENTRA}\nafter")
    assert (found.provider_code, found.redirect_uri) == ("AADSTS50011", "https://app.example.com/cb/")
    assert (found.trace_id, found.at) == ("1111aaaa-22bb", at("12:00:05"))
    (piece,) = find_oauth_errors(f"before\n{ENTRA}\nafter")
    assert (piece.first, piece.last) == (2, 4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"error":"not found"}',
        '{"error":{"code":"invalid_grant"}}',
        "we get invalid_grant since today",
        "since Monday it says AADSTS50011",
        "/search?error=1",
        "Error 404: not_a_code",
    ],
)
def test_what_is_none_and_what_stays_with_its_sentence(text: str) -> None:
    assert find_oauth_errors(text) == ()


def test_a_sentence_is_understood_all_the_same() -> None:
    assert (found := oauth_error_in("we get invalid_grant since today")) is not None
    assert found.error == "invalid_grant"
    assert (coded := oauth_error_in("since Monday it says AADSTS65001")) is not None
    assert (coded.error, coded.provider_code) == ("consent_required", "AADSTS65001")
    assert oauth_error_in("all is well with invalid_data") is None


def test_a_challenge() -> None:
    found = challenge_error('Bearer realm="api", error="invalid_token", error_description="The token expired"')
    assert found is not None
    assert (found.error, found.description) == ("invalid_token", "The token expired")
    assert challenge_error('Bearer realm="api"') is None


@pytest.mark.parametrize(
    "text",
    [
        "?error=invalid_grant " * 45_000,
        "?error=" * 140_000,
        "bearer error=" * 75_000,
        '{"error":' * 100_000,
        "AADSTS50011:\n" * 75_000,
        "a_" * 500_000,
        "\x00" * 1_000_000,
    ],
)
def test_a_megabyte_is_read_to_its_end(text: str) -> None:
    assert isinstance(find_oauth_errors(text), tuple)
    oauth_error_in(text)
