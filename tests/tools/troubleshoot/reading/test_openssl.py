"""What openssl and curl print of TLS."""

import pytest

from tests.tools.troubleshoot.made import at
from tests.tools.troubleshoot.signed import certificate, pem, s_client
from tools.troubleshoot.facts.tls import Certificate, TlsTranscript
from tools.troubleshoot.reading.openssl import find_openssl, transcript_in

LEAF, UPPER = ("CN = hooks.acme.example", "CN = Example CA 2")
ALONE = s_client("hooks.acme.example", (LEAF, UPPER), code=20, words="unable to get local issuer certificate")
SESSION = """
New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384
    Start Time: 1782475331
    Verify return code: 21 (unable to verify the first certificate)
---"""
CURL = """* Host api.example.com:443 was resolved.
*   Trying 203.0.113.5:443...
* Connected to api.example.com (203.0.113.5) port 443
* Server certificate:
*  subject: CN=api.example.com
*  start date: Jan  1 00:00:00 2026 GMT
*  expire date: Jun  1 00:00:00 2026 GMT
*  issuer: C=US; O=Example; CN=R3
* SSL certificate problem: certificate has expired"""
TEXT = """Certificate:
    Data:
        Version: 3 (0x2)
        Issuer: CN = Example CA
        Validity
            Not Before: Jun  1 00:00:00 2026 GMT
            Not After : Aug 30 23:59:59 2026 GMT
        Subject: CN = api.example.com
                Public-Key: (2048 bit)
        X509v3 extensions:
            X509v3 Subject Alternative Name:
                DNS:api.example.com, DNS:www.example.com, IP Address:203.0.113.9"""


def only(text: str) -> TlsTranscript:
    found = transcript_in(text)
    assert found is not None
    return found


def test_s_client() -> None:
    found = only(ALONE + SESSION)
    assert (found.host, found.server_name) == ("hooks.acme.example", "hooks.acme.example")
    assert [(link.depth, link.subject, link.issuer) for link in found.chain] == [(0, LEAF, UPPER)]
    assert (found.verify_code, found.verify_depth) == (20, 0)
    assert found.verify_text == "unable to get local issuer certificate"
    assert (found.protocol, found.cipher, found.at) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384", at("12:02:11"))


def test_a_certificate_within_it_is_read() -> None:
    (piece,) = find_openssl(ALONE + f"\nServer certificate\n{pem(certificate())}subject=CN = x\n---")
    assert [type(fact) for fact in piece.facts] == [TlsTranscript, Certificate]


def test_two_connections_are_two_pieces() -> None:
    first, second = find_openssl(f"{ALONE}\nand again\n{ALONE}")
    assert (first.first, second.first) == (1, ALONE.count("\n") + 3)


def test_curl() -> None:
    (piece,) = find_openssl(f"> GET /\n{CURL}\ncurl: (60) SSL certificate problem")
    assert (piece.first, piece.last) == (2, 10)
    found = only(CURL)
    assert (found.host, found.verify_code, found.expires_at) == ("api.example.com", 10, at("00:00:00", "2026-06-01"))
    assert found.chain[0].issuer == "C=US; O=Example; CN=R3"


def test_a_certificate_in_words() -> None:
    (piece,) = find_openssl(TEXT)
    (found,) = piece.facts
    assert isinstance(found, Certificate)
    assert (found.subject, found.issuer) == ("CN = api.example.com", "CN = Example CA")
    assert found.names == ("api.example.com", "www.example.com", "203.0.113.9")
    assert found.not_after == at("23:59:59", "2026-08-30")


@pytest.mark.parametrize(
    ("line", "code", "depth"),
    [
        ("error 20 at 0 depth lookup: unable to get local issuer certificate", 20, 0),
        ("error 10 at 1 depth lookup: certificate has expired", 10, 1),
        ("    Verify return code: 0 (ok)", 0, None),
        ("Verification error: self-signed certificate", 18, None),
        ("* SSL: no alternative certificate subject name matches target host name 'api.example.com'", 62, None),
    ],
)
def test_verifying(line: str, code: int, depth: int | None) -> None:
    found = only(line)
    assert (found.verify_code, found.verify_depth) == (code, depth)


def test_alerts() -> None:
    found = only(
        "CONNECTED(00000003)\n4047E1D6B87F0000:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake "
        "failure:x.c:1"
    )
    assert found.alert == "alert handshake failure"
    assert only("CONNECTED(00000003)\nAcceptable client certificate CA names\nCN = x").asks_client_certificate


@pytest.mark.parametrize(
    "text", ["", "Subject: my problem\nHi all", "Protocol : x", "New, shiny", "Data:\n1", "* Trying hard"]
)
def test_what_is_none(text: str) -> None:
    assert find_openssl(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "depth=0 \n" * 100_000,
        "CONNECTED(\n" * 90_000,
        "* Trying \n" * 90_000,
        "verify error:num=20:x\n" * 45_000,
        "DNS:" * 250_000,
        " " * 1_000_000,
    ],
)
def test_a_megabyte_is_read_to_its_end(text: str) -> None:
    assert isinstance(find_openssl(text), tuple)
