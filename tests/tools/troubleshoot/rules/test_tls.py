"""TLS: chains, names, dates, proxies, versions, client certificates; and on whose side each lies."""

import pytest

from tests.tools.troubleshoot.made import case_of
from tests.tools.troubleshoot.rules.asked import doubts, evidence, told
from tests.tools.troubleshoot.signed import certificate, pem, s_client
from tools.troubleshoot.diagnosis import diagnose

HOOK, OURS = "hooks.acme.example", "api.example.com"
UNKNOWN = "unable to get local issuer certificate"
ALONE = s_client(HOOK, (f"CN = {HOOK}", "CN = Example CA 2"), code=20, words=UNKNOWN)
INTERNAL = ALONE.replace(HOOK, OURS).replace("Example CA 2", "Acme Corp Root CA")
WHOLE = s_client(
    HOOK, (f"CN = {HOOK}", "CN = Example CA 2"), ("CN = Example CA 2", "CN = Root"), code=20, words=UNKNOWN
)
SELF = s_client(HOOK, (f"CN = {HOOK}", f"CN = {HOOK}"), code=18, words="self-signed certificate")
ZSCALER = s_client(
    OURS, (f"CN = {OURS}", "O = Zscaler Inc."), code=19, words="self-signed certificate in certificate chain", depth=1
)
CORPORATE = ZSCALER.replace("Zscaler Inc.", "Acme Corp Root CA")
PRIVATE = ZSCALER.replace(OURS, "gw.acme.internal")
IN_CHAIN = (
    "requests.exceptions.SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
    "self signed certificate in certificate chain"
)
GO_NAME = 'Post "https://api.example.com/v1": x509: certificate is valid for {}, not api.example.com'
ALERT = "CONNECTED(00000003)\n4047E1D6B87F0000:error:0A000410:SSL routines:ssl3_read_bytes:{}:../ssl/record.c:1600\n---"


def curl(ends: str, begins: str = "Jan  1 00:00:00 2026 GMT") -> str:
    return "\n".join(
        [
            "* Connected to api.example.com (203.0.113.5) port 443",
            "* Server certificate:",
            "*  subject: CN=api.example.com",
            f"*  start date: {begins}",
            f"*  expire date: {ends}",
            "*  issuer: C=US; O=Example; CN=R3",
            "* SSL certificate problem: certificate has expired",
            "curl: (60) SSL certificate problem: certificate has expired",
        ]
    )


@pytest.mark.parametrize(
    ("rule", "message", "certainty"),
    [
        ("tls_chain_incomplete", ALONE, "known customer"),
        ("tls_chain_incomplete", ALONE.replace(HOOK, OURS), "known product"),
        ("tls_chain_incomplete", INTERNAL, "likely product"),  # a proxy sends its own certificate alone, too
        (
            "tls_chain_incomplete",
            "curl: (60) SSL certificate problem: unable to get local issuer certificate",
            "likely undecided",
        ),
        (
            "tls_chain_incomplete",
            "javax.net.ssl.SSLHandshakeException: PKIX path building failed",
            "possible undecided",
        ),
        ("tls_chain_incomplete", WHOLE, "possible customer"),
        ("tls_chain_incomplete", SELF, None),
        ("tls_chain_incomplete", "the supply chain is incomplete", None),
        ("tls_self_signed", SELF, "known customer"),
        ("tls_self_signed", "Error: self signed certificate", "likely undecided"),
        ("tls_self_signed", ZSCALER, None),
        ("tls_self_signed", IN_CHAIN, None),
        ("tls_intercepted", ZSCALER, "known customer"),
        ("tls_intercepted", CORPORATE, "likely customer"),
        ("tls_intercepted", f"We are behind our corporate proxy.\n{IN_CHAIN}", "likely customer"),
        ("tls_intercepted", IN_CHAIN, "possible customer"),
        ("tls_intercepted", PRIVATE, None),
        ("tls_intercepted", ALONE, None),
        ("tls_intercepted", "We use Zscaler and all is well", None),
        ("tls_expired", curl("Jun  1 00:00:00 2026 GMT"), "known product"),
        ("tls_expired", "Error: certificate has expired", "likely undecided"),
        ("tls_expired", curl("Dec  1 00:00:00 2026 GMT"), "possible product"),
        ("tls_expired", pem(certificate(OURS, ends="2026-06-01")), "possible undecided"),
        ("tls_expired", pem(certificate(OURS)), None),
        ("tls_expired", "ERROR SAML certificate of the IdP has expired", None),
        ("tls_host_mismatch", GO_NAME.format("www.example.com"), "known product"),
        (
            "tls_host_mismatch",
            "curl: (60) SSL: no alternative certificate subject name matches target host name 'api.example.com'",
            "likely product",
        ),
        ("tls_host_mismatch", ALONE + "\n" + pem(certificate(HOOK, "other.acme.example")), "possible customer"),
        ("tls_host_mismatch", ALONE + "\n" + pem(certificate(HOOK, "*.acme.example")), None),
        ("tls_host_mismatch", pem(certificate(OURS, "other.example.com")), None),
        ("tls_protocol", ALERT.format("tlsv1 alert protocol version"), "known customer"),
        ("tls_protocol", "ssl.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number", "likely customer"),
        ("tls_protocol", ALERT.format("sslv3 alert handshake failure"), "possible customer"),
        ("tls_protocol", f"Java 7 client, TLSv1.\n{ALERT.format('sslv3 alert handshake failure')}", "likely customer"),
        ("tls_protocol", ALONE, None),
        ("tls_protocol", "our protocol version is 3", None),
        ("tls_client_certificate", "curl: (56) OpenSSL SSL_read: tlsv13 alert certificate required", "known customer"),
        ("tls_client_certificate", "remote error: tls: bad certificate", "likely customer"),
        (
            "tls_client_certificate",
            "HTTP/1.1 400 Bad Request\nContent-Type: text/html\n\n<html>No required SSL certificate was sent</html>",
            "known customer",
        ),
        ("tls_client_certificate", ALERT.format("sslv3 alert handshake failure"), None),
        ("tls_client_certificate", SELF, None),
    ],
)
def test_rules(rule: str, message: str, certainty: str | None) -> None:
    assert told(rule, case_of(message)) == certainty


@pytest.mark.parametrize(
    "message", [ZSCALER, ZSCALER.replace("num=19:self-signed certificate in certificate chain", f"num=20:{UNKNOWN}")]
)
def test_a_proxy_explains_the_rest(message: str) -> None:
    assert [found.rule.id for found in diagnose(case_of(message)).causes] == ["tls_intercepted"]


def test_a_certificate_that_holds_speaks_against_it() -> None:
    """It may be an intermediate one, a proxy's, or the caller's clock."""
    assert "holds until 2026-12-01" in doubts("tls_expired", case_of(curl("Dec  1 00:00:00 2026 GMT")))


def test_an_intermediate_certificate_is_told_as_such() -> None:
    above = s_client(OURS, (f"CN = {OURS}", "CN = Example CA 2"), code=10, words="certificate has expired", depth=1)
    assert told("tls_expired", case_of(above)) == "likely product"
    assert "at depth 1" in evidence("tls_expired", case_of(above))


def test_a_wildcard_covers_one_label() -> None:
    assert told("tls_host_mismatch", case_of(GO_NAME.format("*.eu.example.com"))) == "known product"
    shown = evidence("tls_host_mismatch", case_of(GO_NAME.format("*.eu.example.com")))
    assert "api.example.com was asked for; the certificate's names are *.eu.example.com" in shown


def test_whose_server_it_is() -> None:
    said = 'Your deliveries to our endpoint fail: "unable to get local issuer certificate"'
    assert told("tls_chain_incomplete", case_of(said)) == "likely customer"
    works = f"It works in the browser.\n{ALONE}"
    assert "A browser fetches what is missing" in evidence("tls_chain_incomplete", case_of(works))
