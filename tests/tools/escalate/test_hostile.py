"""Secrets are masked wherever they stand; broken, huge and odd input is taken and shown as data."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.escalate.conftest import EXAMPLE, data, escalate, peer, told
from tools.escalate.curl import find_curl

API_KEY = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
SECRETS: dict[str, Any] = {
    "issue": f"curl -u bob:hunter22 https://api.x.io/v1/a -H 'Authorization: Bearer {API_KEY}' returns 500 errors",
    "request": f"curl https://api.x.io/v1/a?api_key={API_KEY}",
    "error": '{"password": "hunter22"}',
    "logs": f"[ERROR] token={API_KEY}",
    "environment": f"production, X-Api-Key: {API_KEY}",
    "not_applicable": {"reproduction": f"needs {API_KEY}"},
    "impact": "postgres://app:hunter22@db/x",
}
MOST_CHARACTERS = 256_000


def test_no_secret_is_in_anything_that_is_told() -> None:
    outcome = escalate(**SECRETS)
    everything = told(outcome) + outcome.report.data.model_dump_json() + str(outcome.report.figures)
    assert API_KEY not in everything
    assert "hunter22" not in everything
    assert "p7dc" in everything
    assert "Masked in the text: api key, password" in told(outcome)


def test_a_secret_in_a_peer_s_subject_is_masked() -> None:
    outcome = escalate("API returns 502", peers=(peer("t1", f"502 with {API_KEY}"),))
    assert API_KEY not in told(outcome) + outcome.report.data.model_dump_json()


def test_a_secret_split_by_invisible_characters_is_masked() -> None:
    split = API_KEY[:6] + "\u200b" + API_KEY[6:12] + "\x00" + API_KEY[12:]
    outcome = escalate(f"it fails with {split}")
    assert API_KEY not in told(outcome)


def test_a_curl_command_whose_quotes_do_not_close_is_shown_and_told() -> None:
    outcome = escalate("curl -H 'oops https://x.io/p -d {{{{\nit fails")
    assert "do not close" in told(outcome)
    assert "https://x.io/p" in told(outcome)


@pytest.mark.parametrize(
    ("text", "method", "path"),
    [
        ("curl https://x.io/a/b?c=1", "GET", "/a/b"),
        ("curl x.io", "GET", "/"),
        ("curl -XPUT 'https://x.io/a'", "PUT", "/a"),
        ("curl -sSX DELETE https://x.io/a", "DELETE", "/a"),
        ("curl --request=patch https://x.io/a", "PATCH", "/a"),
        ("curl -d a=b https://x.io/a", "POST", "/a"),
        ("curl -G -d a=b https://x.io/a", "GET", "/a"),
        ("curl -I https://x.io/a", "HEAD", "/a"),
        ("curl -T f https://x.io/a", "PUT", "/a"),
        ("curl --url https://x.io/a --json '{}'", "POST", "/a"),
        ("curl -H 'A: https://no.io/x' \\\n  $BASE/v1/a", "GET", "/v1/a"),
        ("curl -u a:[password] https://a:[password]@x.io/v1/a", "GET", "/v1/a"),
        ("`curl https://x.io/a` fails", "GET", "/a"),
        ("curl https://x.io/a fails. Then more", "GET", "/a"),
    ],
)
def test_a_curl_command_is_read(text: str, method: str, path: str) -> None:
    (command,) = find_curl(text)
    assert (command.method, command.path) == (method, path)


@pytest.mark.parametrize("text", ["we used curl and got 500", "libcurl https://x.io", "curl -X POST", "curl --version"])
def test_prose_about_curl_is_no_command(text: str) -> None:
    assert find_curl(text) == ()


@pytest.mark.parametrize(
    "piece",
    [
        "{",
        "curl 'https://x \"\\",
        "curl https://x.io/a -d '{}'\n",
        "Error: x\n",
        "; Error: x",
        " severity=SEV1",
        "lost data ",
        "2024-01-15 14:30 ",
        "a.b.",
        "\x00\x1b[31m\u200b",
        "```\n",
        "2024-01-15T14:30:02Z ERROR db down req_8f2 /api/v2\n",
        "1 ",
        ";",
        "n/a, ",
        "🦊é\u202e",
    ],
)
def test_a_huge_issue_is_taken(piece: str) -> None:
    outcome = escalate("it fails " + piece * (MOST_CHARACTERS // len(piece)))
    assert len(told(outcome)) < 30_000
    assert len(outcome.report.data.model_dump_json()) < 30_000


def test_five_thousand_braces_in_a_request_are_taken() -> None:
    outcome = escalate(EXAMPLE.replace('{"amount": 100}', "{" * 5000 + "}" * 5000))
    assert "more characters" in told(outcome)


def test_bytes_read_as_text_are_taken() -> None:
    text = bytes(range(256)).decode("latin-1") * 40
    assert "\x1b" not in told(escalate(f"it fails {text}"))


def test_markup_in_the_issue_stays_text() -> None:
    outcome = escalate(
        "Issue: <script>alert(1)</script> [[arr]] {figure}\nImpact: [x](http://evil.io)\nLogs:\n```\n~~~\n```"
    )
    assert "<script>" not in told(outcome).replace("\\<script>", "")
    assert json.loads(outcome.report.data.model_dump_json())["account_id"] == "abc"


@settings(max_examples=60)
@given(st.text(min_size=1, max_size=400).filter(lambda text: bool(text.strip())))
def test_any_text_gives_an_answer(text: str) -> None:
    found = data(text)
    assert found.quality is not None
    assert 0 <= found.quality <= 5
    assert found.sendable or found.package is None


@settings(max_examples=60)
@given(st.permutations(EXAMPLE.splitlines()))
def test_the_order_of_the_lines_does_not_matter(lines: list[str]) -> None:
    assert data("\n".join(lines)).quality == 4.0
