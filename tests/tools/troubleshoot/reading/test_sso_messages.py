"""What logs and pages say of a sign-in that failed."""

import pytest

from tests.tools.troubleshoot.made import at
from tools.troubleshoot.facts.identity import SsoMessage
from tools.troubleshoot.reading.sso_messages import find_sso_messages, quoted_in, sso_message_in


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("https://app.example.com/sp is not a valid audience for this Response", "audience"),
        ("SAML assertion audience mismatch", "audience"),
        ("The response was received at http://a.example/acs instead of https://a.example/acs", "recipient"),
        (
            'Response validation failed: Destination "http://a.example" does not match the ACS URL (InResponseTo _q)',
            "recipient",
        ),
        ("SAML assertion is not yet valid", "time"),
        ("SAML assertion has expired", "time"),
        ("Signature validation failed. SAML Response rejected", "signature"),
        ("SAMLResponse rejected: signature validation failed, issuer=https://idp.example.com", "signature"),
        ("No Signature found. SAML Response rejected", "signature"),
        ("saml certificate fingerprint mismatch", "certificate"),
        ("Invalid issuer in the Assertion/Response", "issuer"),
        ("SAML: no user found for NameID jo", "user_unknown"),
        ("SSO login failed: account does not exist", "user_unknown"),
        ("Invalid NameID format in assertion", "name_id"),
        ("Required attribute email is missing in the SAML assertion", "attribute_missing"),
        ("Unsolicited SAML response is not allowed", "in_response_to"),
        ("SAML response has already been used: replay detected", "in_response_to"),
        ("state mismatch in OAuth callback", "state"),
        ("nonce mismatch", "nonce"),
    ],
)
def test_reasons(line: str, reason: str) -> None:
    found = sso_message_in(line)
    assert found is not None
    assert found.reason == reason


@pytest.mark.parametrize(
    "line",
    [
        "",
        "SSL certificate problem: certificate has expired",
        "x509: certificate of the IdP has expired",
        "unable to get local issuer certificate",
        "invalid signature for webhook response",
        "jwt audience invalid: response 401",
        "The response body was not valid JSON",
        "User not found",
        "invalid state transition in login flow: not found",
        "v:NotBefore: Jun  1 00:00:00 2026 GMT; NotAfter: Aug 30 23:59:59 2026 GMT",
        '<saml:Conditions NotBefore="2026-06-26T11:59:00Z" NotOnOrAfter="2026-06-26T12:00:00Z" x="invalid">',
        "database is in an unknown state",
    ],
)
def test_what_is_none(line: str) -> None:
    assert sso_message_in(line) is None


@pytest.mark.parametrize(
    ("line", "got", "expected"),
    [
        (
            "SAML audience mismatch. Expected: https://a.example Received: https://b.example/",
            "https://b.example/",
            "https://a.example",
        ),
        ("https://b.example/sp is not a valid audience for this Response", "https://b.example/sp", ""),
        (
            "response received at http://a.example/acs instead of https://a.example/acs",
            "http://a.example/acs",
            "https://a.example/acs",
        ),
        ("SAML certificate mismatch: signed with 9A:3F, metadata has 41:7B", "9A:3F", "41:7B"),
        ("SAML audience did not match the expected one", "", ""),
    ],
)
def test_both_values(line: str, got: str, expected: str) -> None:
    found = sso_message_in(line)
    assert found is not None
    assert (found.got, found.expected) == (got, expected)


def test_both_clocks() -> None:
    found = sso_message_in(
        "2026-06-26T11:59:00Z ERROR SAML assertion not yet valid: NotBefore 2026-06-26T12:00:05Z, current time "
        "2026-06-26T11:58:58Z"
    )
    assert found is not None
    assert (found.at, found.at_idp, found.at_sp) == (at("11:59:00"), at("12:00:05"), at("11:58:58"))


def test_a_sentence_stays_with_its_person() -> None:
    said = 'Since today our users see "SAML assertion has expired"'
    assert find_sso_messages(said) == ()
    assert quoted_in(said) == ("SAML assertion has expired",)
    (piece,) = find_sso_messages("a\nERROR SAML assertion has expired")
    assert (piece.first, piece.last) == (2, 2)
    assert isinstance(piece.facts[0], SsoMessage)


@pytest.mark.parametrize(
    "text", ["saml audience mismatch expected " * 30_000, '"' * 1_000_000, ("not before " * 300 + "saml\n") * 290]
)
def test_a_megabyte_is_read_to_its_end(text: str) -> None:
    assert isinstance(find_sso_messages(text), tuple)
