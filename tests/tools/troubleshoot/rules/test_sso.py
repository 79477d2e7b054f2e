"""Sign-ins by OAuth and OpenID Connect that fail at the identity provider, or on the way back."""

import pytest

from tests.tools.troubleshoot.made import case_of
from tests.tools.troubleshoot.rules.asked import evidence, told
from tests.tools.troubleshoot.signed import call
from tools.troubleshoot.diagnosis import diagnose
from tools.troubleshoot.rules.oauth import difference

ENTRA_URI = "AADSTS50011: The redirect URI 'https://app.example.com/cb/' specified in the request does not match"
SECRET = '{"error":"invalid_client","error_description":"AADSTS7000222: the secret keys are expired"}'
USED = '{"error":"invalid_grant","error_description":"AADSTS54005: the code was already redeemed"}'


@pytest.mark.parametrize(
    ("rule", "message", "certainty"),
    [
        ("redirect_uri_mismatch", ENTRA_URI, "known customer"),
        ("redirect_uri_mismatch", "Error 400: redirect_uri_mismatch", "known customer"),
        ("redirect_uri_mismatch", "Since Monday we see AADSTS50011", "likely customer"),
        ("redirect_uri_mismatch", "Since Monday we have a redirect_uri_mismatch", "possible customer"),
        ("redirect_uri_mismatch", SECRET, None),
        ("redirect_uri_mismatch", "we changed the redirect URI and all is well", None),
        ("oauth_client", SECRET, "known customer"),
        ("oauth_client", call(None, body=SECRET), "known customer"),
        ("oauth_client", '{"error":"invalid_client"}', "likely customer"),
        ("oauth_client", USED, None),
        ("oauth_client", '{"error":"invalid client version"}', None),
        ("oauth_grant", USED, "known customer"),
        ("oauth_grant", '{"error":"invalid_grant","error_description":"Code not valid"}', "likely customer"),
        ("oauth_grant", "Since Monday we get invalid_grant", "possible customer"),
        ("oauth_grant", SECRET, None),
        ("oauth_grant", '{"error":"unsupported_grant_type"}', None),
        ("oauth_consent", "AADSTS65001: the user has not consented", "known customer"),
        ("oauth_consent", "AADSTS53003: access was blocked by a policy", "known customer"),
        (
            "oauth_consent",
            "https://app.example.com/cb?error=access_denied&error_description=User+not+assigned",
            "likely customer",
        ),
        ("oauth_consent", "https://app.example.com/cb?error=access_denied&error_description=No", "possible customer"),
        ("oauth_consent", '{"error":"access_denied","error_description":"Service not found: https://api"}', None),
        ("oauth_consent", call("Bearer FAKEFAKE00001234", "403 Forbidden"), None),
        ("oauth_state", "ERROR oidc callback: state mismatch", "likely customer"),
        ("oauth_state", "ERROR id token rejected: nonce mismatch", "likely customer"),
        ("oauth_state", "Since today our login says invalid state after the callback", "possible customer"),
        ("oauth_state", "login: invalid state transition", None),
        ("oauth_state", "the state of our database is unknown", None),
    ],
)
def test_rules(rule: str, message: str, certainty: str | None) -> None:
    assert told(rule, case_of(message)) == certainty


def test_a_refused_application_is_no_missing_key() -> None:
    assert [found.rule.id for found in diagnose(case_of(call(None, body=SECRET))).causes] == ["oauth_client"]


@pytest.mark.parametrize(
    ("sent", "registered", "words"),
    [
        ("https://a.example/cb/", "https://a.example/cb", "a slash at the end"),
        ("http://a.example/cb", "https://a.example/cb", "http in place of https"),
        ("https://b.example/cb", "https://a.example/cb", "another host"),
        ("https://a.example/CB", "https://a.example/cb", "capital letters"),
        ("https://a.example/x", "https://a.example/cb", "another path"),
        ("https://a.example/cb", "https://a.example/cb", ""),
        ("", "https://a.example/cb", ""),
        ("https://[", "https://a.example/cb", "they differ"),
    ],
)
def test_difference(sent: str, registered: str, words: str) -> None:
    assert difference(sent, registered) == words


def test_what_was_sent_and_what_is_registered_are_compared() -> None:
    said = (
        "We registered https://app.example.com/cb there, and our browser goes to\n"
        "https://login.example.com/authorize?client_id=x&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb%2F&state=y\n"
        "Error 400: redirect_uri_mismatch"
    )
    shown = evidence("redirect_uri_mismatch", case_of(said))
    assert shown.endswith("https://app.example.com/cb is registered: a slash at the end")


def test_the_address_is_named() -> None:
    assert "https://app.example.com/cb/" in evidence("redirect_uri_mismatch", case_of(ENTRA_URI))
