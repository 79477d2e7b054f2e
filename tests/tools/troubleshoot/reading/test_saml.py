"""SAML messages in all their encodings; nothing within one is fetched, expanded or trusted."""

from urllib.parse import quote

import pytest

from tests.tools.troubleshoot.made import at
from tests.tools.troubleshoot.signed import ACS, IDP, SERVICE, certificate, deflated, encoded, saml, saml_request
from tools.troubleshoot.facts.identity import SamlResponse
from tools.troubleshoot.reading.saml import find_saml

ENVELOPE = '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol">'


def only(text: str) -> SamlResponse:
    (piece,) = find_saml(text)
    (fact,) = piece.facts
    assert isinstance(fact, SamlResponse)
    assert bool(piece.notes) == bool(fact.fault)
    return fact


def test_a_response_is_read() -> None:
    idp = certificate("idp.example.com")
    found = only(saml(signed_with=idp))
    assert (found.message, found.issuer, found.audiences, found.recipient) == ("response", IDP, (SERVICE,), ACS)
    assert (found.not_before, found.not_on_or_after) == (at("11:59:00"), at("12:05:00"))
    assert (found.status, found.in_response_to, found.name_id_format) == ("Success", "_q1", "emailAddress")
    assert (found.assertion_signed, found.response_signed, found.signature_fault) == (True, False, "")
    assert (found.attributes, found.signature_algorithm) == (("email",), "rsa-sha256")
    assert found.certificate_expires_at == at("00:00:00", "2026-12-31")


@pytest.mark.parametrize(
    "written",
    [
        encoded(saml()),
        "\n".join(encoded(saml())[n : n + 76] for n in range(0, len(encoded(saml())), 76)),
        f"SAMLResponse={quote(encoded(saml()), safe='')}&RelayState=x",
        f'<input type="hidden" name="SAMLResponse" value="{encoded(saml())}"/>',
        f'{{"SAMLResponse": "{encoded(saml())}"}}',
        f"https://app.example.com/acs?SAMLResponse={quote(deflated(saml().encode()), safe='')}",
    ],
)
def test_every_encoding(written: str) -> None:
    assert only(written).audiences == (SERVICE,)


def test_requests_and_metadata() -> None:
    asked = only(f"https://idp.example.com/sso?SAMLRequest={quote(deflated(saml_request().encode()), safe='')}")
    assert (asked.message, asked.id, asked.issuer, asked.recipient) == ("request", "_q1", SERVICE, ACS)
    metadata = only(
        f'<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{SERVICE}">'
        "<md:SPSSODescriptor>"
        f'<md:AssertionConsumerService Location="{ACS}"/></md:SPSSODescriptor></md:EntityDescriptor>'
    )
    assert (metadata.message, metadata.issuer, metadata.recipient) == ("metadata", SERVICE, ACS)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (saml()[:400], "cut or broken"),
        (f"{ENVELOPE}{'<a>' * 5_000}", "nested"),
        (f"SAMLRequest={deflated(b'<' * 20_000_000)}", "unpacks to more"),
        (f"SAMLResponse={'Q' * 80}", "neither XML"),
        ("SAMLResponse=" + encoded(f'<!DOCTYPE a [<!ENTITY e "x">]>{ENVELOPE}&e;</samlp:Response>'), "document type"),
        ("SAMLResponse=" + encoded(f'<!DOCTYPE a SYSTEM "http://x.example/">{saml()}'), "document type"),
        (f"{ENVELOPE}&e;</samlp:Response>", "cut or broken"),
        (f"{ENVELOPE}{'x' * 1_100_000}</samlp:Response>", "cut or broken"),
    ],
)
def test_hostile_and_broken_ones_say_why(text: str, fault: str) -> None:
    assert fault in only(text).fault


def test_a_wrapped_signature_is_said() -> None:
    assert "another element" in only(saml(signed_with=certificate("idp.example.com"), covers="_other")).signature_fault
    twice = saml().replace("<saml:Conditions", '<saml:Assertion ID="_evil"/><saml:Conditions')
    assert "more than one assertion" in only(twice).signature_fault
    assert only(saml()).signature_fault == ""


@pytest.mark.parametrize(
    "text", ["", "SAMLResponse is empty", "<Response>no</Response>", "PHNhbW" * 3, "SAMLResponse=abc"]
)
def test_what_is_none(text: str) -> None:
    assert find_saml(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "<saml:Response " * 65_000,
        "SAMLResponse=" * 75_000,
        "PHNhbW" * 160_000,
        "SAML<a:Response>" * 60_000,
        "SAMLResponse' value=" * 45_000,
    ],
)
def test_a_megabyte_is_read_to_its_end(text: str) -> None:
    assert isinstance(find_saml(text), tuple)
