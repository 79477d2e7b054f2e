"""Texts made to break the reader: it never raises, and takes time linear in the text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.troubleshoot.reading.client_errors import find_client_errors
from tools.troubleshoot.reading.code import find_code
from tools.troubleshoot.reading.cors import find_cors
from tools.troubleshoot.reading.curl import find_curl_calls, find_curl_mentions
from tools.troubleshoot.reading.graphql import find_graphql_messages
from tools.troubleshoot.reading.har import find_har
from tools.troubleshoot.reading.http_messages import find_http, find_loose_http
from tools.troubleshoot.reading.json_bodies import find_json
from tools.troubleshoot.reading.parser import Parser
from tools.troubleshoot.reading.prose import read_statement
from tools.troubleshoot.reading.status_messages import find_status_messages
from tools.troubleshoot.reading.text import read_text
from tools.troubleshoot.reading.webhooks import find_webhook_verdicts

PARSERS: tuple[Parser, ...] = (
    find_http,
    find_loose_http,
    find_curl_calls,
    find_curl_mentions,
    find_har,
    find_json,
    find_graphql_messages,
    find_cors,
    find_client_errors,
    find_status_messages,
    find_webhook_verdicts,
    find_code,
)
PIECES = (
    "curl ",
    "https://api.example.com/x",
    " -H '",
    "'",
    '"',
    "\n",
    "\n\n",
    "{",
    "}",
    "[",
    "]",
    '{"a":',
    "1",
    ",",
    "NaN",
    "HTTP/1.1 401 Unauthorized",
    "POST /x HTTP/1.1",
    "> ",
    "< ",
    "* ",
    "* Trying 203.0.113.5:443...",
    "Status: 429",
    " 500 ",
    "Authorization: Bearer ",
    "Basic ",
    "Content-Type: application/json",
    "Retry-After: 9",
    "curl: (28) ",
    "ECONNREFUSED",
    "x509: ",
    "blocked by CORS policy",
    "Stripe-Signature: t=9,v1=a",
    "webhook signature",
    "const x = (",
    ");",
    "def f(",
    "Bearer Bearer",
    '"log":{"entries":[',
    "\x00",
    "\ufeff",
    "\u2028",
    "é",
    "\\",
    "`",
    "```",
    " ",
    "\t",
    "→",
    "time_total: 1",
    "since ",
    "after we rotated",
    "key ends in ",
    "${",
    "%0A",
    "999999999999999999",
    "-1",
)

KB = 200_000
HOSTILE = {
    "empty lines": "\n" * KB,
    "one line": "x" * KB,
    "spaces": " " * KB,
    "braces": "{" * KB,
    "open objects": "{\n\n" * (KB // 3),
    "nested": "[" * 5_000 + "]" * 5_000,
    "quotes": '"' * KB,
    "escapes": '{"a":"' + "\\" * KB,
    "commands": "curl 'https://x.example.com \n" * (KB // 30),
    "errors": ("curl: (28) " * 180 + "\n") * (KB // 2_000),
    "errors that differ": "".join("CERTIFICATE_VERIFY_FAILED] " * 70 + f"q{n}z\n" for n in range(KB // 2_000)),
    "transcripts": "> GET /x HTTP/1.1\n> Host: a.example.com\n>\n< HTTP/1.1 200 OK\n<\n" * (KB // 60),
    "requests": "POST https://api.example.com/v1/x → 401 Unauthorized\n" * (KB // 50),
    "headers": "X-Request-Id: abc\nRetry-After: 3\n" * (KB // 30),
    "reasons": ("404 " + "Aa " * 600 + "\n") * (KB // 1_800),
    "webhooks": ("webhook signature " * 200 + "\n") * (KB // 3_600),
    "calls": "foo(bar, ((((((((((((((((((((((((((((((\n" * (KB // 40),
    "decorators": ("@Aaa(" + "x" * 900 + "\n") * (KB // 900),
    "sentences": "since after we the our all works only we expected key ends \n" * (KB // 60),
    "python": "{'error': 'x', " + "'a': 'b', " * (KB // 10) + "}",
    "twice": "{" + '"a":1,' * (KB // 6) + '"b":2}',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_every_parser_comes_to_an_end(name: str) -> None:
    text = HOSTILE[name]
    for find in PARSERS:
        assert isinstance(find(text), tuple), find.__name__


@pytest.mark.parametrize("name", HOSTILE)
def test_the_prose_is_read_to_its_end(name: str) -> None:
    artifacts = read_text(HOSTILE[name][:60_000]).artifacts
    assert len(read_statement(artifacts).text) <= 60_000


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@settings(max_examples=100, deadline=None)
def test_whatever_the_pieces(text: str) -> None:
    lines = text.split("\n")
    for find in PARSERS:
        for piece in find(text):
            assert 1 <= piece.first <= piece.last <= len(lines)
    reading = read_text(text)
    assert all(artifact.first <= artifact.last for artifact in reading.artifacts)
    read_statement(reading.artifacts)


@given(st.text(max_size=400))
@settings(max_examples=60, deadline=None)
def test_whatever_the_text(text: str) -> None:
    read_statement(read_text(text).artifacts)
