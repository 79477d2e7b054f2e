"""Messages of one template come together, in bounded memory; errors outlast frequent noise."""

import random
from collections.abc import Iterable

import pytest

from tools.troubleshoot.facts.logs import MOST_TEMPLATES, Template
from tools.troubleshoot.reading.logs.record import Record
from tools.troubleshoot.reading.logs.templates import MOST_GROUPS, Groups, add, templates_of
from tools.troubleshoot.reading.logs.variables import pattern_of


def groups_of(messages: Iterable[str], level: str = "info") -> Groups:
    groups = Groups()
    for line, message in enumerate(messages, start=1):
        add(groups, Record("plain", message, at=1782482591.0 + line, level=level), line, message)
    return groups


def told(messages: Iterable[str], level: str = "info") -> list[tuple[str, int]]:
    return [(each.text, each.count) for each in templates_of(groups_of(messages, level))]


@pytest.mark.parametrize(
    ("message", "pattern"),
    [
        ("user 4711 signed in from 203.0.113.5:4711", "user <*> signed in from <*>"),
        ("took 12.5ms, 3 retries", "took <*>, <*> retries"),
        ("job 0a1b2c3d-aaaa-4bbb-8ccc-0a1b2c3d4e5f done", "job <*> done"),
        ("cache miss for key acct:4711:profile", "cache miss for key acct:<*>"),
        ('user "Jane Doe" not found', "user <*> not found"),
        ("KeyError: 'amount'", "KeyError: <*>"),
        ("it doesn't work and can't", "it doesn't work and can't"),
        ("GET /v1/orders/4711/items?page=2 failed", "GET /v1/orders/{id}/items<*> failed"),
        ("POST https://api.example.com/v1/pay/17 failed", "POST https://api.example.com/v1/pay/{id} failed"),
        ("mail to jane@example.com bounced", "mail to <*> bounced"),
        ("status=503 after 0x7f3a", "status=<*> after <*>"),
        ("plain words only", "plain words only"),
        ("worker-3 and v2.3.1", "<*> and <*>"),
    ],
)
def test_what_varies_is_left_out(message: str, pattern: str) -> None:
    assert pattern_of(message) == pattern


def test_messages_of_one_template_are_counted_together() -> None:
    messages = [f"payment {number} captured for customer {number * 7}" for number in range(50)]
    messages += [f"finished the job of {name}" for name in ("alpha", "beta", "gamma")]
    assert told(messages) == [("payment <*> captured for customer <*>", 50), ("finished the job of <*>", 3)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("connection refused", "connection closed"),
        ("cache warmed", "queue drained"),
        ("user created in database main", "user removed from cache side"),
    ],
)
def test_messages_that_say_different_things_stay_apart(one: str, other: str) -> None:
    assert len(told([one, other])) == 2


def test_levels_and_statuses_are_never_mixed() -> None:
    groups = Groups()
    for line, (level, status) in enumerate((("info", 200), ("info", 503), ("error", 503), ("info", 200)), start=1):
        add(groups, Record("json", "request completed", level=level, status=status), line, "request completed")
    assert sorted((each.count, each.is_error) for each in templates_of(groups)) == [(1, True), (1, True), (2, False)]


def test_requests_without_words_are_told_by_endpoint_and_status() -> None:
    groups = Groups()
    for line in range(1, 30):
        add(groups, Record("nginx", method="GET", path=f"/v1/orders/{line}", status=503), line, "x")
    assert [(each.text, each.count) for each in templates_of(groups)] == [("GET /v1/orders/{id} 503", 29)]


def test_a_template_keeps_its_times_its_first_line_and_a_sample() -> None:
    (template,) = templates_of(groups_of(f"user {number} signed in" for number in range(10)))
    assert isinstance(template, Template)
    assert (template.line, template.sample, template.level) == (1, "user 0 signed in", "info")
    assert template.first is not None
    assert template.last is not None
    assert (template.last - template.first).total_seconds() == 9


def test_errors_come_first_and_some_room_is_left_for_the_rest() -> None:
    words = ["alpha", "bravo", "carol", "delta", "early", "fixed", "green", "hotel", "inner", "jolly"]
    groups = groups_of(f"{one} {other} broke" for one in words for other in words)
    for group in groups.all:
        group.key = ("error", None, True, "")
    for line in range(1_000, 1_040):
        add(groups, Record("plain", f"{words[line % 10]} is well today", level="info"), line, "x")
    templates = templates_of(groups)
    assert len(templates) == MOST_TEMPLATES
    assert [each.is_error for each in templates] == sorted((each.is_error for each in templates), reverse=True)
    assert sum(not each.is_error for each in templates) >= 1


def test_unique_messages_do_not_grow_it_and_errors_outlast_them() -> None:
    chosen = random.Random(7)  # noqa: S311 - no secret
    letters = "abcdefghijklmnopqrstuvwxyz"
    groups = Groups()
    add(groups, Record("plain", "the disk is full", level="error"), 1, "the disk is full")
    for line in range(2, 6_000):
        message = " ".join("".join(chosen.choices(letters, k=6)) for _ in range(chosen.randint(1, 12)))
        add(groups, Record("plain", message, level="info"), line, message)
    assert len(groups.all) <= MOST_GROUPS
    assert len(groups.remembered) <= 5_000
    assert templates_of(groups)[0].text == "the disk is full"
    assert groups.dropped + sum(group.count for group in groups.all if not group.is_dropped) == 5_999


def test_a_frequent_message_that_comes_late_is_told() -> None:
    rare = [f"{'x' * (number % 90 + 1)} {'y' * (number // 90 + 1)} happened" for number in range(3_000)]
    assert told([*rare, *["queue drained"] * 500])[0] == ("queue drained", 500)
