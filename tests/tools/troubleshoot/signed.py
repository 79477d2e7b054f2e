"""Tokens, certificates, SAML messages and refused calls as people paste them, all of them made up."""

import base64
import datetime as dt
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.tools.troubleshoot.made import at

SECRET = "FAKE-secret-of-a-test-that-opens-nothing"
API, ISSUER = "https://api.example.com", "https://login.example.com/"
SERVICE, ACS, IDP = "https://app.example.com/sp", "https://app.example.com/saml/acs", "https://idp.example.com/1"


def seconds(clock: str, day: str = "2026-06-26") -> int:
    """That time in UTC as a NumericDate."""
    return int(at(clock, day).timestamp())


def token(*, exp: str = "15:00:00", iat: str = "13:00:00", **claims: Any) -> str:
    """A token of the test's issuer for the API, on the day of the cases."""
    whole = {"iss": ISSUER, "aud": API, "sub": "svc-test", "iat": seconds(iat), "exp": seconds(exp), **claims}
    return jwt.encode(whole, SECRET, algorithm="HS256")


def raw_token(header: bytes, claims: bytes) -> str:
    """A token of these very bytes."""
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (header, claims, b"FAKE"))


def call(
    credentials: str | None,
    status: str = "401 Unauthorized",
    body: str = '{"error":"unauthorized"}',
    *,
    answered: str = "14:05:40",
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    host: str = "api.example.com",
) -> str:
    """A call as it is pasted, with its answer. `credentials` is the Authorization header; `answered` its Date."""
    asks = [f"{method} /v1/orders HTTP/1.1", f"Host: {host}", "Accept: application/json"]
    asks += [f"Authorization: {credentials}"] if credentials is not None else []
    date = f"Fri, 26 Jun 2026 {answered} GMT" if answered else ""
    told = {"Content-Type": "application/json", **({"Date": date} if date else {}), **(headers or {})}
    answers = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in told.items()), "", body]
    return "\n".join([*asks, "", *answers, ""])


@cache
def _key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate(
    name: str = "api.example.com",
    *names: str,
    issuer: str | None = None,
    begins: str = "2026-01-01",
    ends: str = "2026-12-31",
    is_ca: bool = False,
) -> x509.Certificate:
    """A certificate of that common name for the names; self-signed unless an issuer is given."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer or name)]))
        .public_key(_key(name).public_key())
        .serial_number(7)
        .not_valid_before(dt.datetime.fromisoformat(f"{begins}T00:00:00+00:00"))
        .not_valid_after(dt.datetime.fromisoformat(f"{ends}T00:00:00+00:00"))
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(each) for each in names]), False)
    return builder.sign(_key(issuer or name), hashes.SHA256())


def pem(made: x509.Certificate) -> str:
    return made.public_bytes(serialization.Encoding.PEM).decode()


def der(made: x509.Certificate) -> str:
    """The certificate as SAML holds it: base64 on one line."""
    return base64.b64encode(made.public_bytes(serialization.Encoding.DER)).decode()


def private_key() -> str:
    return (
        _key("private")
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def saml(
    *,
    audience: str = SERVICE,
    acs: str = ACS,
    begins: str = "11:59:00",
    ends: str = "12:05:00",
    status: str = "Success",
    answers: str = "_q1",
    name_id: str = "1.1:nameid-format:emailAddress",
    attributes: str = "email",
    signed_with: x509.Certificate | None = None,
    covers: str = "_a1",
) -> str:
    """A response issued at 12:00 on the day of the cases; signed where a certificate is given, with no real "
    "signature."""
    day = "2026-06-26T"
    signature = (
        '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>'
        f'<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f'<ds:Reference URI="#{covers}"/>'
        f"</ds:SignedInfo><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der(signed_with)}</ds:X509Certificate>"
        "</ds:X509Data></ds:KeyInfo></ds:Signature>"
        if signed_with
        else ""
    )
    attribute = f'<saml:AttributeStatement><saml:Attribute Name="{attributes}"/></saml:AttributeStatement>'
    return (
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        f' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r1" IssueInstant="{day}12:00:00Z"'
        f' Destination="{acs}"'
        f"{f' InResponseTo={chr(34)}{answers}{chr(34)}' if answers else ''}><saml:Issuer>{IDP}</saml:Issuer>"
        f'<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:{status}"/></samlp:Status>'
        f'<saml:Assertion ID="_a1"><saml:Issuer>{IDP}</saml:Issuer>{signature}<saml:Subject>'
        f'<saml:NameID Format="urn:oasis:names:tc:SAML:{name_id}">jo</saml:NameID><saml:SubjectConfirmation>'
        f'<saml:SubjectConfirmationData Recipient="{acs}" NotOnOrAfter="{day}{ends}Z"/></saml:SubjectConfirmation>'
        f'</saml:Subject><saml:Conditions NotBefore="{day}{begins}Z" NotOnOrAfter="{day}{ends}Z">'
        f"<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction>"
        f"</saml:Conditions>{attribute if attributes else ''}</saml:Assertion></samlp:Response>"
    )


def saml_request() -> str:
    """What the service provider asked."""
    return (
        f'<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_q1"'
        f' AssertionConsumerServiceURL="{ACS}"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">'
        f"{SERVICE}</saml:Issuer></samlp:AuthnRequest>"
    )


def encoded(xml: str) -> str:
    return base64.b64encode(xml.encode()).decode()


def deflated(xml: bytes) -> str:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return base64.b64encode(packer.compress(xml) + packer.flush()).decode()


def s_client(host: str, *links: tuple[str, str], code: int, words: str, depth: int = 0, alert: str = "") -> str:
    """What openssl s_client prints of a connection to the host that failed; links are subjects and issuers."""
    chain = [
        line for place, (subject, issuer) in enumerate(links) for line in (f" {place} s:{subject}", f"   i:{issuer}")
    ]
    return "\n".join(
        [
            f"$ openssl s_client -connect {host}:443 -servername {host}",
            "CONNECTED(00000003)",
            f"depth={depth} CN = {host}",
            f"verify error:num={code}:{words}",
            "verify return:1",
            *(
                [f"4047E1D6B87F0000:error:0A000410:SSL routines:ssl3_read_bytes:{alert}:../ssl/record.c:1600"]
                if alert
                else []
            ),
            "---",
            "Certificate chain",
            *chain,
            "---",
        ]
    )
