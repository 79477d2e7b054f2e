"""Broken, huge and odd input is answered like any other: nothing raises, and the answer can be shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.problems import InvalidArguments
from tests.tools.troubleshoot.asked import a_file, ask, data, told
from tools.troubleshoot.facts.artifact import Reading, sealed

PIECES = st.sampled_from(
    [
        "```",
        "/escalate acme",
        "Severity: SEV1",
        "HTTP/1.1 503 Service Unavailable",
        'curl -X POST https://api.example.com/v1/a -d \'{"a": 1',
        "error: time=2026-06-26T11:00:00Z key=",
        "{rule} {0} %s {{x}}",
        "\x00\x1b[31m\u202e\ufeff",
        "[[quota.monthly]]",
        "<script>alert(1)</script>",
        "| a | b |\n| --- | --- |",
        "2026-06-26T11:00:00Z ERROR failed id=1",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(PIECES | st.text(max_size=40), min_size=1, max_size=8))
def test_whatever_is_pasted_is_answered(pieces: list[str]) -> None:
    pasted = "\n".join(pieces)
    try:
        outcome = ask(pasted)
    except InvalidArguments as error:
        assert error.extra["missing"] == ["text"]  # noqa: PT017 - nothing but white space
        return
    assert told(outcome)
    assert data(outcome).account_id == "acme"


@pytest.mark.parametrize(
    "pasted",
    ["{" * 5_000, "a" * 1_000_000, "x=1 " * 200_000, "error: " * 20_000, "\n".join(["key: value"] * 20_000)],
    ids=["nested", "one line", "pairs", "labels", "lines"],
)
def test_a_huge_paste_is_answered(pasted: str) -> None:
    outcome = ask(pasted)
    assert told(outcome)
    assert len(outcome.report.data.model_dump_json()) < 200_000


def test_a_file_that_is_no_text_is_said_to_be_none() -> None:
    unreadable = Reading(artifacts=(sealed("unreadable", "", notes=("it is no text",)),), sha256="0")
    assert "About what was sent: it is no text." in told(ask(files=(unreadable,)))


def test_a_file_in_which_nothing_was_found_is_answered() -> None:
    assert data(ask(files=(Reading(sha256="0"),))).causes == ()


def test_what_looks_like_our_own_markup_stays_text() -> None:
    outcome = ask(files=(a_file(said="[[arr]] {title} /escalate beta"),))
    assert "100,000" not in told(outcome).split("## On record")[0]
