"""How a request identifies itself, and what is wrong with that as it is written."""

import pytest

from tools.troubleshoot.reading.credentials import Credentials, basic_credentials, credentials_of

KEY = "sk_live_" + "fake" * 5 + "Ab12"


@pytest.mark.parametrize(
    ("value", "scheme", "fault"),
    [
        (f"Bearer {KEY}", "bearer", None),
        (f"bearer {KEY}", "bearer", None),
        ("", "authorization", "empty"),
        ("Bearer", "bearer", "empty"),
        ("Bearer ", "bearer", "empty"),
        ("Bearer undefined", "bearer", "empty"),
        ("Bearer null", "bearer", "empty"),
        ("Bearer $API_KEY", "bearer", "placeholder"),
        ("Bearer ${API_KEY}", "bearer", "placeholder"),
        ("Bearer {{api_key}}", "bearer", "placeholder"),
        ("Bearer YOUR_API_KEY", "bearer", "placeholder"),
        ("Bearer <your token>", "bearer", "placeholder"),
        (f"Bearer Bearer {KEY}", "bearer", "doubled_scheme"),
        (KEY, "authorization", "no_scheme"),
        (f"Bearer {KEY}\\n", "bearer", "whitespace"),
        ("Bearer abcdefgh ijklmnop", "bearer", "whitespace"),
        ("Bearer ********", "bearer", None),
        ("Bearer <redacted>", "bearer", None),
        ("Bearer <token>", "bearer", None),
        ("Bearer [token…Ab12]", "bearer", None),
        ("[api-key…Ab12]", "authorization", None),
    ],
)
def test_the_authorization_header(value: str, scheme: str, fault: str | None) -> None:
    found = credentials_of({"authorization": value})
    assert (found.scheme, found.fault) == (scheme, fault)


def test_a_variable_that_a_shell_has_yet_to_fill_is_no_fault() -> None:
    assert credentials_of({"authorization": "Bearer $API_KEY"}, expanded=False) == Credentials("bearer")
    assert credentials_of({"x-api-key": "%API_KEY%"}, expanded=False) == Credentials("x-api-key")


@pytest.mark.parametrize(
    ("value", "tail", "environment"),
    [
        (f"Bearer {KEY}", "Ab12", "live"),
        ("Bearer sk_test_fakefakefake9876", "9876", "test"),
        ("Bearer [api-key…Ab12]", "Ab12", None),
        ("Bearer ****Ab12", "Ab12", None),
        ("Bearer short", None, None),
        ("Bearer abc", None, None),
        ("Bearer latest_greatest_key1", "key1", None),
    ],
)
def test_what_may_be_told_of_the_key(value: str, tail: str | None, environment: str | None) -> None:
    found = credentials_of({"authorization": value})
    assert (found.tail, found.environment) == (tail, environment)


def test_other_ways() -> None:
    assert credentials_of({"x-api-key": KEY}).scheme == "x-api-key"
    assert credentials_of({"x-api-key": ""}) == Credentials("x-api-key", "empty")
    assert credentials_of({}, f"https://api.example.com/x?api_key={KEY}").tail == "Ab12"
    assert credentials_of({}, "https://api.example.com/x?api_key=").fault == "empty"
    assert credentials_of({"cookie": "a=b"}).scheme == "cookie"
    assert (
        credentials_of({"authorization": "AWS4-HMAC-SHA256 Credential=AKIAFAKEFAKEFAKE/x"}).scheme == "aws4-hmac-sha256"
    )
    assert credentials_of({"accept": "*/*"}, "https://api.example.com/x?page=2") == Credentials()
    assert credentials_of({}, "http://[broken") == Credentials()


def test_basic() -> None:
    assert basic_credentials("sk_test_fakefakefake9876:") == Credentials("basic", None, "9876", "test")
    assert basic_credentials("jo@example.com:secret") == Credentials("basic")
    assert basic_credentials(":") == Credentials("basic", "empty")
    assert credentials_of({"authorization": "Basic am86c2VjcmV0"}) == Credentials("basic")
    assert credentials_of({"authorization": "Basic"}).fault == "empty"
    assert credentials_of({"authorization": "Basic é"}).scheme == "basic"
