"""SAML: audience, recipient, time, signature, status, request, user; and the obvious guesses that are wrong."""

import pytest

from tests.tools.troubleshoot.made import case_of
from tests.tools.troubleshoot.rules.asked import doubts, evidence, told
from tests.tools.troubleshoot.signed import SERVICE, certificate, pem, saml, saml_request
from tools.troubleshoot.diagnosis import diagnose

IDP, NEW = certificate("idp.example.com"), certificate("idp-new.example.com")
OTHER = "https://app.example.com/other"
AUDIENCE = f"ERROR SAML assertion audience mismatch. Expected: {SERVICE} Received: {OTHER}"
AT_SP = "2026-06-26T12:07:31Z ERROR"
EXPIRED_AT = f"{AT_SP} SAML assertion has expired"
FAILED = "ERROR Signature validation failed. SAML Response rejected"
TWO_CLOCKS = "ERROR SAML assertion not yet valid: NotBefore 2026-06-26T12:00:05Z, current time 2026-06-26T11:58:58Z"
FINGERPRINTS = "ERROR saml certificate fingerprint mismatch: signed with 9A:3F:11, metadata has 41:7B:E0"


@pytest.mark.parametrize(
    ("rule", "message", "certainty"),
    [
        ("saml_audience", AUDIENCE, "known customer"),
        ("saml_audience", f"{saml(audience=OTHER)}\n{saml_request()}", "likely customer"),
        ("saml_audience", "ERROR SAML audience is not valid", "likely customer"),
        ("saml_audience", "Since today our SSO says the SAML audience is invalid", "possible customer"),
        ("saml_audience", f"{saml()}\n{saml_request()}", None),
        ("saml_audience", "401 jwt audience invalid", None),
        (
            "saml_recipient",
            "ERROR saml response was received at http://a.example/acs instead of https://a.example/acs",
            "known customer",
        ),
        ("saml_recipient", f"{saml(acs='http://app.example.com/saml/acs')}\n{saml_request()}", "likely customer"),
        ("saml_recipient", f"{saml()}\n{saml_request()}", None),
        ("saml_recipient", "the recipient of the e-mail is invalid", None),
        ("saml_time", TWO_CLOCKS, "known customer"),
        ("saml_time", f"{saml()}\n{EXPIRED_AT}", "known customer"),
        ("saml_time", "ERROR SAML assertion has expired", "likely customer"),
        ("saml_time", saml(), None),  # long ago by now, which says nothing
        ("saml_time", f"{saml()}\n2026-06-26T12:01:00Z {FAILED}", None),
        ("saml_time", "the certificate of our site has expired", None),
        ("saml_signature", FINGERPRINTS, "known customer"),
        ("saml_signature", f"{saml(signed_with=NEW)}\n{pem(IDP)}\n{FAILED}", "known customer"),
        ("saml_signature", FAILED, "likely customer"),
        ("saml_signature", f"{saml(signed_with=NEW, covers='_x')}\n{FAILED}", "likely customer"),
        ("saml_signature", "Since today SSO fails, our SAML signature is invalid it says", "possible customer"),
        ("saml_signature", saml(signed_with=IDP), None),
        ("saml_signature", "invalid signature of the webhook response", None),
        ("saml_status", saml(status="Responder"), "known customer"),
        ("saml_status", "ERROR status urn:oasis:names:tc:SAML:2.0:status:AuthnFailed", "likely customer"),
        ("saml_status", saml(), None),
        ("saml_status", "ERROR responder failed", None),
        (
            "saml_request_unmatched",
            f"{saml(answers='')}\nERROR Unsolicited SAML response is not allowed",
            "known customer",
        ),
        ("saml_request_unmatched", f"{saml(answers='_q9')}\n{saml_request()}", "likely customer"),
        ("saml_request_unmatched", "ERROR SAML response replay detected", "likely customer"),
        ("saml_request_unmatched", f"{saml()}\n{saml_request()}", None),
        ("saml_request_unmatched", saml(answers=""), None),  # begun at the portal, and nobody says that it failed
        ("sso_user_unknown", "ERROR SAML: no user found for NameID jo", "likely customer"),
        (
            "sso_user_unknown",
            f"{saml(attributes='')}\nERROR Required attribute email is missing in the SAML assertion",
            "known customer",
        ),
        (
            "sso_user_unknown",
            f"{saml(name_id='2.0:nameid-format:persistent')}\nERROR invalid NameID format",
            "known customer",
        ),
        (
            "sso_user_unknown",
            "AADSTS50020: User account from identity provider does not exist in tenant",
            "likely customer",
        ),
        ("sso_user_unknown", '{"error":"user not found"}', None),
        ("sso_user_unknown", saml(attributes=""), None),
    ],
)
def test_rules(rule: str, message: str, certainty: str | None) -> None:
    assert told(rule, case_of(message)) == certainty


def test_an_outage_of_the_identity_provider_is_not_the_customers() -> None:
    down = saml(status="Responder").replace(
        "</samlp:Status>", "<samlp:StatusMessage>Service unavailable</samlp:StatusMessage></samlp:Status>"
    )
    assert told("saml_status", case_of(down)) == "known external"


def test_a_clock_and_not_the_audience() -> None:
    """Some libraries say that a condition failed and name the audience, whichever it was."""
    case = case_of(f"{saml()}\n{saml_request()}\n{AT_SP} Invalid SAML response: audience condition not valid")
    causes = [found.rule.id for found in diagnose(case).causes]
    assert causes[0] == "saml_time"
    assert "saml_audience" not in causes
    assert "is expected" in doubts("saml_audience", case)


def test_the_same_certificate_speaks_against_a_rotation() -> None:
    case = case_of(f"{saml(signed_with=IDP)}\n{pem(IDP)}\n{FAILED}")
    assert told("saml_signature", case) == "possible customer"
    assert "the certificate that is configured" in doubts("saml_signature", case)


def test_both_clocks_are_told() -> None:
    shown = evidence("saml_time", case_of(f"{saml()}\n{EXPIRED_AT}"))
    assert "NotOnOrAfter is 2026-06-26 12:05:00 UTC; the assertion was read at 2026-06-26 12:07:31 UTC" in shown
    assert shown.endswith("2 min 31 s later")
    assert evidence("saml_time", case_of(TWO_CLOCKS)).endswith("1 min 7 s before")


def test_what_tells_two_addresses_apart() -> None:
    slash = f"ERROR SAML audience mismatch. Expected: {SERVICE} Received: {SERVICE}/"
    assert "they differ in the slash at the end" in evidence("saml_audience", case_of(slash))
