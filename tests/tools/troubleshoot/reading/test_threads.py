"""Threads of tickets, mails and chats, and what is told of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.troubleshoot.reading.threads import find_threads, messages_of, summarise_thread

TICKET = """Jane Doe (Acme) 2026-06-25 14:02 UTC:
Hi team, since 13:40 UTC our checkout fails with 503 on POST /v1/payments.
We restarted our workers, which did not help.

Sam Lee (Support) 2026-06-25 14:20 UTC:
Thanks for the report. I can see 503 responses for your account since 13:41 UTC.
We will send an update by Friday.

Jane Doe (Acme) 2026-06-25 15:00 UTC:
The weather is nice here in Cologne this week.
Can you tell us whether the pool limit was changed?
"""
REPLY = """Still broken, any news on this ticket?

On Thu, Jun 25, 2026 at 2:20 PM Sam Lee <sam@example.com> wrote:
> We rolled back the release at 14:10 UTC.
> I'll get back to you by tomorrow.
>
> On Thu, Jun 25, 2026 at 2:02 PM, Jane Doe <jane@example.com> wrote:
>> The API returns 500 errors for all calls.
"""
CHAT = "Jane Doe  2:03 PM\nthe webhook is failing with timeouts\nSam Lee  2:05 PM\nwe'll check the delivery logs now\n"
MAIL = """From: Jane Doe <jane@example.com>
Sent: Thursday, June 25, 2026 2:02 PM
To: Support <support@example.com>
Subject: 500 errors

The API returns 500 errors since 13:00 UTC.

-----Original Message-----
From: Sam Lee
To: Jane Doe
Date: 2026-06-24 10:00 UTC

We have rotated the key today.
"""
PHONE = "[25/06/2026, 14:02:11] Jane Doe: the API is down\n[25/06/2026, 14:03:40] Sam Lee: we'll look into it at once\n"


@pytest.mark.parametrize(
    ("text", "first", "last", "who"),
    [
        (TICKET, 1, 11, ["Jane Doe (Acme)", "Sam Lee (Support)", "Jane Doe (Acme)"]),
        (REPLY, 3, 8, ["Jane Doe", "Sam Lee", ""]),
        (CHAT, 1, 4, ["Jane Doe", "Sam Lee"]),
        (MAIL, 1, 13, ["Sam Lee", "Jane Doe"]),
        (PHONE, 1, 2, ["Jane Doe", "Sam Lee"]),
        (
            "2026-06-25 14:02 UTC - Jane Doe: it fails\n2026-06-25 14:03 UTC - Sam Lee: since when?",
            1,
            2,
            ["Jane Doe", "Sam Lee"],
        ),
        (
            "Jane Doe, Acme | 25 June 2026 14:02\nit fails\nSam Lee · Jun 25, 2026, 14:09\nok",
            1,
            4,
            ["Jane Doe, Acme", "Sam Lee"],
        ),
    ],
)
def test_a_thread_is_found_with_who_wrote_what_oldest_first(text: str, first: int, last: int, who: list[str]) -> None:
    (piece,) = find_threads(text)
    assert (piece.kind, piece.first, piece.last, piece.facts) == ("thread", first, last, ())
    assert [message.who for message in messages_of(text)] == who


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hi team,\nsince 14:02 UTC the API fails.\nIt began on 2026-06-25 14:02 UTC.\nThanks, Jane",
        "On Monday we deployed.\nThen on Tuesday it broke.",
        "2026-06-25 14:02:11 Worker: failed\n2026-06-25 14:02:12 Worker: failed again",
        "2026-06-25T14:02:11Z ERROR worker: failed\n2026-06-25T14:02:12Z INFO Payments: done",
        "- 14:02 deploy\n- 14:10 first error",
        "Started 14:02\nEnded 14:10",
        "Error 14:02 UTC:\nError 14:03 UTC:",
        "Date: Thu, 25 Jun 2026 14:02:00 GMT\nRetry-After: 30",
        "From: header is missing\nTo: be checked later",
        "> quoted words alone",
        "## Timeline\n14:02 UTC: deploy\n14:10 UTC: errors",
    ],
)
def test_what_is_no_thread(text: str) -> None:
    assert find_threads(text) == ()


def test_the_sentences_that_tell_most() -> None:
    assert summarise_thread(TICKET) == (
        ("Jane Doe (Acme)", "since 13:40 UTC our checkout fails with 503 on POST /v1/payments."),
        ("Jane Doe (Acme)", "We restarted our workers, which did not help."),
        ("Sam Lee (Support)", "I can see 503 responses for your account since 13:41 UTC."),
        ("Sam Lee (Support)", "We will send an update by Friday."),
        ("Jane Doe (Acme)", "Can you tell us whether the pool limit was changed?"),
    )


def test_what_is_quoted_comes_before_the_reply() -> None:
    assert summarise_thread(REPLY) == (
        ("Jane Doe", "The API returns 500 errors for all calls."),
        ("Sam Lee", "We rolled back the release at 14:10 UTC."),
        ("Sam Lee", "I'll get back to you by tomorrow."),
        ("", "Still broken, any news on this ticket?"),
    )


def test_the_newest_question_is_told_though_little_room_is_left() -> None:
    assert summarise_thread(TICKET, 1) == (("Jane Doe (Acme)", "Can you tell us whether the pool limit was changed?"),)
    assert summarise_thread(TICKET, 0) == ()


def test_a_quotation_is_told_once_and_secrets_are_masked() -> None:
    key = "sk_live_" + "0000fake0000key1"
    text = (
        f"Sam Lee 2026-06-25 14:20 UTC:\nDid you try the key {key} once more?\n"
        f"Jane Doe 2026-06-25 14:30 UTC:\n> Did you try the key {key} once more?\n"
        "Yes, we tried it and it failed with 401.\n"
    )
    told = summarise_thread(text)
    assert [who for who, _ in told] == ["Sam Lee", "Jane Doe"]
    assert key not in str(told)
    assert "key1" in told[0][1]


@given(
    st.lists(
        st.sampled_from([*TICKET.split("\n"), *REPLY.split("\n"), "> ", "From: x", "?", "a. b. c!", "\x00"]),
        max_size=30,
    )
)
@settings(max_examples=100, deadline=None)
def test_it_says_nothing_in_its_own_words(lines: list[str]) -> None:
    text = "\n".join(lines)
    find_threads(text)
    words = set(text.replace(">", " ").split())
    for _, sentence in summarise_thread(text):
        assert {word.strip("[]…") for word in sentence.split()} <= {word.strip("[]…") for word in words}


@pytest.mark.parametrize(
    "unit", ["> ", "a ", "A", "On ", "14:02 ", "From: a\n", "Jane Doe ", ".?!", "a.b", "[", "Jane Doe 14:02 "]
)
def test_hostile_text_is_read_to_its_end(unit: str) -> None:
    text = (unit * 200_000)[:200_000]
    assert isinstance(find_threads(text), tuple)
    assert len(summarise_thread(text)) <= 5
