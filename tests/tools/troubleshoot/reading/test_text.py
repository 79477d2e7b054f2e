"""A text as a whole: what is recognised in it, what stays prose, and that nothing of it breaks the reader or leaks."""

import pytest

from tools.troubleshoot.facts.artifact import Artifact, Reading
from tools.troubleshoot.facts.http import ClientError, Exchange
from tools.troubleshoot.facts.identity import OAuthError, Token
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.reading.cleaning import MOST_LINES
from tools.troubleshoot.reading.text import MOST_ARTIFACTS, read_text

KEY = "sk_live_" + "fake" * 4 + "9f3Q"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlLmNvbSIsImV4cCI6MTc4MjQ2ODAwMH0.c2lnbmF0dXJl"
MESSAGE = f"""Hi team, our checkout fails since yesterday 14:30 UTC.

```bash
curl -i https://api.example.com/v1/orders -H "Authorization: Bearer {KEY}"
```
returns:
```
HTTP/1.1 401 Unauthorized
Content-Type: application/json

{{"error":{{"message":"Invalid API key"}}}}
```
Please help, we lose $50K/hour."""


def kinds(text: str) -> list[str]:
    return [artifact.kind for artifact in read_text(text).artifacts]


def of_kind(reading: Reading, kind: str) -> list[Artifact]:
    return [artifact for artifact in reading.artifacts if artifact.kind == kind]


def test_a_message_is_parted_into_prose_and_artifacts() -> None:
    reading = read_text(MESSAGE)
    assert [(each.kind, each.first, each.last) for each in reading.artifacts] == [
        ("prose", 1, 1),
        ("curl", 4, 11),
        ("prose", 13, 13),
    ]
    exchange = reading.artifacts[1].facts[0]
    assert isinstance(exchange, Exchange)
    assert (exchange.status, exchange.key_tail) == (401, "9f3Q")
    assert reading.lines == 13
    assert len(reading.sha256) == 64


def test_no_secret_stays() -> None:
    reading = read_text(f"{MESSAGE}\n\nThe token is {JWT}\npassword: hunter2hunter2\n")
    told = reading.model_dump_json()
    assert not any(secret in told for secret in (KEY, JWT, "hunter2"))
    assert "9f3Q" in told


def test_half_a_private_key_is_never_shown() -> None:
    key = "\n".join(
        ["-----BEGIN " + "PRIVATE KEY-----", *("ZmFrZWZha2VmYWtl" * 4 for _ in range(90)), "-----END PRIVATE KEY-----"]
    )
    told = read_text(f"Here:\n\n{key}\n\nand more").model_dump_json()
    assert "ZmFrZWZha2" not in told
    assert "private key" in told


def test_a_token_in_a_header_is_seen_and_the_command_kept() -> None:
    reading = read_text(f"curl https://api.example.com/v1/x -H 'Authorization: Bearer {JWT}'")
    assert sorted(kinds(f"curl https://api.example.com/v1/x -H 'Authorization: Bearer {JWT}'")) == ["curl", "jwt"]
    token = of_kind(reading, "jwt")[0].facts[0]
    assert isinstance(token, Token)
    assert token.issuer == "https://idp.example.com"


def test_a_token_by_itself_is_no_prose() -> None:
    assert kinds(f"Our token:\n{JWT}") == ["prose", "jwt"]


def test_a_client_error_in_a_log_is_seen_and_the_log_kept() -> None:
    reading = read_text(
        "2026-06-26T10:00:00Z INFO GET /v1/orders 200 12ms\n"
        "2026-06-26T10:00:02Z ERROR connect ECONNREFUSED 203.0.113.7:443\n"
    )
    assert [artifact.kind for artifact in reading.artifacts] == ["log", "client_error"]
    assert isinstance(reading.artifacts[0].facts[0], LogSummary)
    error = reading.artifacts[1].facts[0]
    assert isinstance(error, ClientError)
    assert error.reason == "refused"


def test_an_oauth_error_in_a_response_is_both() -> None:
    text = 'HTTP/1.1 400 Bad Request\nServer: x\n\n{"error":"invalid_grant","error_description":"expired"}'
    facts = [fact for artifact in read_text(text).artifacts for fact in artifact.facts]
    assert any(isinstance(fact, Exchange) and fact.status == 400 for fact in facts)
    assert any(isinstance(fact, OAuthError) and fact.error == "invalid_grant" for fact in facts)


def test_a_library_s_words_on_a_status_are_not_told_twice() -> None:
    assert kinds("POST https://api.example.com/v1/x 401 (Unauthorized)") == ["http"]


def test_the_example_of_the_persona() -> None:
    text = """Issue: API returning 503 errors since 2024-01-15 14:30 UTC
- Endpoint: POST /api/v2/payments
- Request: curl -X POST https://api.example.com/payments -d '{"amount": 100}'
- Error: 503 Service Unavailable (database connection pool exhausted)"""
    facts = [fact for artifact in read_text(text).artifacts for fact in artifact.facts]
    assert any(isinstance(fact, Exchange) and fact.status == 503 for fact in facts)
    assert any(isinstance(fact, ClientError) and fact.reason == "pool_exhausted" for fact in facts)


@pytest.mark.parametrize(
    "text",
    [
        "We curl up on the sofa. Our error budget is gone; see https://docs.example.com/api for the list.",
        "API is returning 500 errors since yesterday",
        "All our users see a timeout when they sign in.\n\nSince Monday.\n",
        "Hi,\n\n1. one thing\n2. another {thing}\n3. [x] done\n\n> quoted\n* bullet\n\nBest,\nJo",
        "The token expired. The webhook fails. The certificate is fine. JSON is hard. CORS, too.",
    ],
)
def test_prose_stays_prose(text: str) -> None:
    assert set(kinds(text)) == {"prose"}


def test_all_prose_is_kept_however_long_the_artifact_between() -> None:
    log = "".join(f"2026-06-26T10:00:{second % 60:02}Z INFO GET /v1/orders 200 12ms\n" for second in range(2_000))
    reading = read_text(f"It began today.\n\n{log}\nWhat is wrong?")
    assert [each.text for each in of_kind(reading, "prose")] == ["It began today.", "What is wrong?"]


def test_long_prose_is_parted_at_empty_lines_and_nothing_lost() -> None:
    paragraphs = [f"Paragraph {number} tells of what we saw that day." * 20 for number in range(30)]
    told = "".join(each.text for each in of_kind(read_text("\n\n".join(paragraphs)), "prose"))
    assert all(f"Paragraph {number} tells" in told for number in range(30))


def test_nothing() -> None:
    for text in ("", "\n\n", "   ", "\x00" * 50, "\u200b\n\ufeff"):
        assert read_text(text).artifacts == ()


def test_windows_line_ends_escape_codes_and_unseen_characters() -> None:
    text = '\ufeffHTTP/1.1 \x1b[31m401\x1b[0m Unauthorized\r\nServer: x\r\n\r\n{"message":\u200b"no"}\r\n'
    (artifact,) = read_text(text).artifacts
    exchange = artifact.facts[0]
    assert isinstance(exchange, Exchange)
    assert (exchange.status, exchange.response_body) == (401, '{"message":"no"}')
    assert artifact.notes == ("it begins with a byte order mark (U+FEFF)",)


def test_binary_is_not_read() -> None:
    (artifact,) = read_text("".join(chr(code % 32) for code in range(5_000)) + "\ufffd" * 900).artifacts
    assert (artifact.kind, artifact.facts, artifact.notes) == ("unreadable", (), ("it is no text",))


def test_what_is_cut_is_noted() -> None:
    reading = read_text("Hello there.\n" + "\n" * (MOST_LINES + 10) + "the end")
    assert of_kind(reading, "unreadable")[0].notes[0].startswith(f"after line {MOST_LINES:,} nothing was read")
    many = read_text(
        "token Bearer x\n\n" + "Error: connect ECONNREFUSED a.example.com:1\n\n" + '{"message":"x"}\n\n' * 500
    )
    assert len(many.artifacts) <= MOST_ARTIFACTS + 201


@pytest.mark.parametrize(
    "text",
    [
        '{"message":"\\ud800 x"}',
        "\ud800 hello",
        'HTTP/1.1 400 Bad\n\n{"error":{"code":"\\udfff"}}',
        '{"log":{"entries":[{"request":{"method":"GET","url":"https://api.example.com/\\ud800"},"response":{}}]}}',
        '{"errors":[{"message":"\\ud800","path":["\\udc00"]}]}',
    ],
)
def test_half_a_character_does_not_break_what_is_stored(text: str) -> None:
    assert Reading.model_validate_json(read_text(text).model_dump_json()).artifacts
