"""Tokens are found wherever they stand, read without trust, and never kept."""

import datetime as dt
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.troubleshoot.made import at
from tests.tools.troubleshoot.signed import API, ISSUER, raw_token, seconds, token
from tools.troubleshoot.facts.artifact import sealed
from tools.troubleshoot.facts.identity import Token
from tools.troubleshoot.reading.jwt import find_tokens, tokens_in

HEADER = b'{"alg":"none"}'


def only(text: str) -> Token:
    (found,) = tokens_in(text)
    return found


def test_a_token_is_read() -> None:
    found = only(f"Authorization: Bearer {token(scope='a b', nonce='n', azp='app')}")
    assert (found.issuer, found.audience, found.algorithm, found.type) == (ISSUER, (API,), "HS256", "JWT")
    assert (found.expires_at, found.issued_at) == (at("15:00:00"), at("13:00:00"))
    assert (found.scopes, found.nonce, found.authorized_party, found.fault) == (("a", "b"), True, "app", "")


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "Cookie: session={}; a=b",
        "GET /cb?id_token={}&state=1",
        "GET /cb?u=%3Ftoken%3D{}",
        '{{"access_token":"{}"}}',
    ],
)
def test_it_is_found_anywhere(around: str) -> None:
    text = f"first\n{around.format(token())}\nlast"
    (piece,) = find_tokens(text)
    assert (piece.kind, piece.first, piece.last) == ("jwt", 2, 2)
    assert isinstance(piece.facts[0], Token)
    assert piece.facts[0].expires_at == at("15:00:00")


def test_an_encoded_dot_is_a_dot() -> None:
    assert only(quote(token()).replace(".", "%2E")).issuer == ISSUER


@pytest.mark.parametrize("claim", [{"scope": "a b"}, {"scp": ["a", "b"]}, {"permissions": ["a"], "roles": ["b"]}])
def test_scopes_have_several_names(claim: dict[str, Any]) -> None:
    assert only(token(**claim)).scopes == ("a", "b")


def test_decoded_claims_are_a_token_too() -> None:
    claims = '{"alg":"RS256","typ":"JWT"}\n{"iss": "https://login.example.com/",\n "exp": 1782482400}'
    (piece,) = find_tokens(f"decoded:\n{claims}")
    assert (piece.first, piece.last) == (2, 4)
    assert isinstance(piece.facts[0], Token)
    assert (piece.facts[0].algorithm, piece.facts[0].issuer) == ("RS256", "https://login.example.com/")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no token",
        "eyJpZCI6MTIzNDU2Nzg5MH0.abc",
        '{"exp": "soon"}',
        '{"id": 1, "iat": "x"}',
        "ewing.example.com/eyJ",
    ],
)
def test_what_is_no_token_is_none(text: str) -> None:
    assert find_tokens(text) == ()


def test_no_signature_is_said() -> None:
    assert "alg is none: the token is not signed" in only(raw_token(HEADER, b'{"exp":1}')).remarks


@pytest.mark.parametrize(
    ("claims", "expires", "remark"),
    [
        (b'{"exp":"17"}', dt.datetime(1970, 1, 1, 0, 0, 17, tzinfo=dt.UTC), "exp is text in place of a number"),
        (b'{"exp":17.5}', dt.datetime(1970, 1, 1, 0, 0, 17, 500_000, dt.UTC), ""),
        (b'{"exp":-5}', dt.datetime(1969, 12, 31, 23, 59, 55, tzinfo=dt.UTC), "exp lies before 1970"),
        (b'{"exp":253402300799}', dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC), ""),
        (b'{"exp":1782482400000}', None, "exp is in milliseconds in place of seconds"),
        (b'{"exp":-99999999999}', None, "exp lies outside the calendar"),
        (b'{"exp":1e400}', None, "exp is no number"),
        (b'{"exp":NaN}', None, "exp is no number"),
        (b'{"exp":true}', None, "exp is no number"),
        (b'{"exp":[1]}', None, "exp is no number"),
    ],
)
def test_odd_times(claims: bytes, expires: dt.datetime | None, remark: str) -> None:
    found = only(raw_token(HEADER, claims))
    assert found.expires_at == expires
    assert remark == "" or remark in found.remarks


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (raw_token(HEADER, b"[1]"), "decoded"),
        (raw_token(HEADER, b"[" * 5_000 + b"]" * 5_000), "decoded"),
        (raw_token(HEADER, b'{"a":' * 5_000 + b"1" + b"}" * 5_000), "decoded"),
        (raw_token(HEADER, b'{"exp":' + b"9" * 5_000 + b"}"), "decoded"),
        (raw_token(HEADER, b"\xff\xfe"), "decoded"),
        (token().split(".")[0] + ".", "cut"),
        (token(scope="x" * 70_000), "too long"),
        (raw_token(b'{"alg":"dir","enc":"A256GCM"}', b"key") + ".abcd.efgh", "encrypted"),
    ],
)
def test_a_broken_one_says_why(written: str, fault: str) -> None:
    assert fault in only(written).fault


def test_the_token_itself_is_not_kept() -> None:
    written = token()
    (piece,) = find_tokens(written)
    shown = sealed("jwt", written, piece.facts).model_dump_json()
    assert written not in shown
    assert written.split(".")[2] not in shown


def test_a_token_without_its_signature_is_read() -> None:
    assert only(token().rpartition(".")[0]).issuer == ISSUER
    assert seconds("15:00:00") == 1782486000


@pytest.mark.parametrize("text", ["eyJ" * 300_000, "eyJhbGciOiJIUzI1NiJ9." * 45_000, '{"exp":1,"iat":' + "{" * 900_000])
def test_a_megabyte_is_read_to_its_end(text: str) -> None:
    assert isinstance(find_tokens(text), tuple)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=120))
def test_any_bytes_are_survived(header: bytes, claims: bytes) -> None:
    for found in tokens_in(raw_token(b'{"alg":"x",' + header, claims) + " " + raw_token(HEADER, claims)):
        assert found.fault or found.claims == tuple(found.claims)
