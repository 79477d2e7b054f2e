"""Certificates in their forms; private keys are never kept."""

import pytest

from tests.tools.troubleshoot.made import at
from tests.tools.troubleshoot.signed import certificate, der, pem, private_key
from tools.troubleshoot.facts.artifact import sealed
from tools.troubleshoot.facts.tls import Certificate
from tools.troubleshoot.reading.certificates import find_certificates

MADE = certificate("api.example.com", "api.example.com", "*.eu.example.com", ends="2026-07-01")


def only(text: str) -> Certificate:
    (piece,) = find_certificates(text)
    assert isinstance(piece.facts[0], Certificate)
    return piece.facts[0]


def test_a_certificate_is_read() -> None:
    found = only(pem(MADE))
    assert (found.subject, found.issuer, found.names) == (
        "CN=api.example.com",
        "CN=api.example.com",
        ("api.example.com", "*.eu.example.com"),
    )
    assert (found.not_before, found.not_after) == (at("00:00:00", "2026-01-01"), at("00:00:00", "2026-07-01"))
    assert (found.self_signed, found.is_ca, found.key, found.signature_algorithm) == (
        True,
        False,
        "EC secp256r1",
        "sha256",
    )
    assert len(found.sha256) == 64


@pytest.mark.parametrize(
    "written",
    [
        der(MADE),
        der(MADE) + "\nThanks",
        pem(MADE).replace("\n", "\\n"),
        "> " + pem(MADE).replace("\n", "\n> "),
        "x\n" + pem(MADE),
    ],
)
def test_every_form(written: str) -> None:
    assert only(written).subject == "CN=api.example.com"


def test_a_chain_is_a_piece_each() -> None:
    authority = certificate("ca.example", is_ca=True)
    leaf = certificate("api.example.com", "api.example.com", issuer="ca.example")
    first, second = find_certificates(pem(leaf) + pem(authority))
    assert first.last < second.first
    assert [fact.issuer for piece in (first, second) for fact in piece.facts if isinstance(fact, Certificate)] == [
        "CN=ca.example",
        "CN=ca.example",
    ]
    assert not only(pem(leaf)).self_signed
    assert only(pem(authority)).is_ca


def test_who_names_itself_but_did_not_sign_is_not_self_signed() -> None:
    forged = pem(MADE)
    broken = forged.replace(forged.split("\n")[-3][-8:-4], "AAAA")
    for piece in find_certificates(broken):
        assert all(not fact.self_signed for fact in piece.facts if isinstance(fact, Certificate))


@pytest.mark.parametrize(
    "written",
    [pem(MADE)[:300], "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----", "-----BEGIN CERTIFICATE-----"],
)
def test_a_broken_one_is_noted(written: str) -> None:
    (piece,) = find_certificates(written)
    assert piece.facts == ()
    assert "cut or broken" in piece.notes[0]


def test_a_private_key_is_masked_and_said() -> None:
    written = f"here:\n{private_key()}and {pem(MADE)}"
    key, made = find_certificates(written)
    assert key.facts == ()
    assert "must replace it" in key.notes[0]
    assert len(made.facts) == 1
    secret = private_key().split("\n")[1]
    lines = written.split("\n")[key.first - 1 : key.last]
    assert secret not in sealed("certificate", "\n".join(lines), key.facts, notes=key.notes).model_dump_json()


@pytest.mark.parametrize("text", ["", "MII" + "A" * 200, "MIIB", "BEGIN CERTIFICATE", "no certificate"])
def test_what_is_none(text: str) -> None:
    assert find_certificates(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "MII" * 300_000,
        ("MII" + "A" * 45 + "\n") * 20_000,
        "-----BEGIN CERTIFICATE-----" * 37_000,
        ("-----BEGIN " + "PRIVATE KEY-----") * 37_000,
    ],
)
def test_a_megabyte_is_read_to_its_end(text: str) -> None:
    assert isinstance(find_certificates(text), tuple)
