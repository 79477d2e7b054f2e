"""What people write beside the artifacts: the five questions, whom it hits, what changed, since when, what it costs."""

import pytest

from tools.escalate.endpoints import Endpoint
from tools.troubleshoot.facts.artifact import sealed
from tools.troubleshoot.reading.prose import read_statement
from tools.troubleshoot.statement import QuestionKey, Statement


def said(text: str) -> Statement:
    return read_statement((sealed("prose", text, last=text.count("\n") + 1),))


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("API is returning 500 errors since yesterday", set()),
        ("It does not work.", set()),
        ("We get 503 Service Unavailable (pool exhausted) now.", {"error"}),
        ('The page says "Your session is no longer valid" and stops.', {"error"}),
        ("It fails with connection refused.", {"error"}),
        ("We call POST /v1/orders and it fails.", {"request"}),
        ("We call /v1/orders and it fails.", set()),
        ("It failed at 14:30 UTC today.", {"time"}),
        ("It failed at 14:30 today.", set()),
        ("It failed at 14:30 and 15:10.\nAll times are in UTC.", {"time"}),
        ("Our key ends in 9f3Q.", {"key"}),
        ("The last four characters of the key are 9f3Q", {"key"}),
        ("last 4: 9f3Q", {"key"}),
        ("The key ends with that.", set()),
        ("We expected a 200 but got a 401.", {"expected"}),
        ("It should return the whole list, and returns half of it.", {"expected"}),
        ("It used to work last week.", {"expected"}),
        ("Date: Fri, 26 Jun 2026 10:00:00 +0000\nIt fails.", set()),
    ],
)
def test_which_questions_are_answered(text: str, answered: set[QuestionKey]) -> None:
    assert set(said(text).quotes) == answered


def test_the_key_is_told_by_its_tail_alone() -> None:
    key = "sk_live_" + "fake" * 4 + "9f3Q"
    found = said(f"We use {key} in production")
    assert found.quotes["key"] == "9f3Q"
    assert key not in found.text


@pytest.mark.parametrize(
    ("text", "extent"),
    [
        ("All our users get errors.", "All our users get errors"),
        ("It happens only in EU, not in US.", "only in EU"),
        ("Just one server is hit.", "Just one server is hit"),
        ("It works fine from my laptop.", "works fine from my laptop"),
        ("30% of our calls fail.", "30% of our calls fail"),
        ("Nobody can sign in.", "Nobody can sign in"),
        ("It fails intermittently.", "intermittently"),
        ("The sky is blue.", None),
        ("FATAL: sorry, too many clients already", None),
    ],
)
def test_whom_it_hits(text: str, extent: str | None) -> None:
    assert next(iter(said(text).extent), None) == extent


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("It fails after we rotated the key on Monday.", "after we rotated the key on Monday"),
        ("Since the deploy of 2.3 it is slow.", "Since the deploy of 2.3 it is slow"),
        ("We recently moved to a new datacenter.", "We recently moved to a new datacenter"),
        ("Our IT enabled a proxy.", "Our IT enabled a proxy"),
        ("We changed nothing.", None),
        ("When we update a record, it fails.", None),
        ("We would have updated it.", None),
        ("It fails.", None),
    ],
)
def test_what_changed(text: str, changed: str | None) -> None:
    assert next(iter(said(text).changed), None) == changed


def test_that_nothing_changed_is_said_too() -> None:
    assert said("We haven't changed anything on our side.").changed == ("We haven't changed anything on our side",)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("Failing since yesterday 14:30 UTC.", "since yesterday 14:30 UTC"),
        ("It started this morning.", "started this morning"),
        ("Broken for the last 3 days.", "for the last 3 days"),
        ("Since our users need it, please help.", "Since our users need it"),
        ("It fails.", ""),
    ],
)
def test_since_when(text: str, since: str) -> None:
    assert said(text).since == since


@pytest.mark.parametrize(
    ("text", "impact"),
    [
        ("Hi. Our checkout is down. Please help.", "Our checkout is down."),
        ("We lose $50K/hour because of it.", "We lose $50K/hour because of it."),
        ("The launch is blocked.", "The launch is blocked."),
        ("Our customers cannot pay.", "Our customers cannot pay."),
        ("Orders fail. It costs €900 a day.", "Orders fail. It costs €900 a day."),
        ("It is a little slow.", ""),
    ],
)
def test_what_it_costs(text: str, impact: str) -> None:
    assert said(text).impact == impact


def test_statuses_endpoint_moments_and_ids() -> None:
    found = said("GET /v1/x gives a 429 at 10:00 UTC, request id req_1a2b3c. /v1/y as well.")
    assert found.statuses == (429,)
    assert found.endpoint == Endpoint("/v1/x", "GET")
    assert [(moment.text, moment.zone) for moment in found.moments] == [("10:00 UTC", "UTC")]
    assert found.request_ids == ("req_1a2b3c",)


def test_lines_keep_their_numbers_and_other_artifacts_are_not_read() -> None:
    artifacts = (
        sealed("prose", "one\n\nthree", first=1, last=3),
        sealed("log", "We expected a 200", first=4, last=4),
        sealed("prose", "nine", first=9, last=9),
    )
    found = read_statement(artifacts)
    assert found.lines == ((1, "one"), (3, "three"), (9, "nine"))
    assert found.quotes == {}


@pytest.mark.parametrize(
    ("text", "statuses"),
    [
        ("429 in peaks", (429,)),
        ("504 Gateway Time-out", (504,)),
        ("Since today 401, nothing changed", (401,)),
        ("All requests 401 since 9 UTC!!", (401,)),
        ("GET /v1/terms failed: 401", (401,)),
        ("prod function 401, dev function ok", (401,)),
        ("we lost 404 of our orders", ()),
        ("room 503B, page 404, port 443", ()),
        ("it costs $401, or 502.50 €", ()),
        ("over 429 calls and 503 users", ()),
        ("500 since today", ()),  # a round number counts other things
        ("2026-05-01 is 401-2 and 1/503", ()),
    ],
)
def test_statuses_by_their_number_alone(text: str, statuses: tuple[int, ...]) -> None:
    assert said(text).statuses == statuses


@pytest.mark.parametrize(
    ("text", "tail"),
    [("(key 5f5f)", "5f5f"), ("key=..9d9d 401", "9d9d"), ("the key word", None), ("key facts", None)],
)
def test_the_tail_of_a_key_in_short(text: str, tail: str | None) -> None:
    assert said(text).quotes.get("key") == tail
