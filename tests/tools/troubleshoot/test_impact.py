"""What a failure does to the customer's business, by their own words: never the technical part, never a reproach."""

import pytest

from tools.troubleshoot.impact import own_words
from tools.troubleshoot.statement import Statement


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Hi, our dashboard is empty.", "our dashboard is empty"),
        ("Your API is down! Our ledger is behind.", "Our ledger is behind"),
        ("POST /v1/events answers 503, meter readings do not arrive", "meter readings do not arrive"),
        ("We get errors from the API. Please fix it, the plant is waiting.", "the plant is waiting"),
        ("None of our people can log in, the ward waits", "None of our people can log in, the ward waits"),
        ("It doesn’t work.", "It doesn’t work"),
        ("Nothing has been loaded since, and it costs us 50,000 dollars an hour", "Nothing has been loaded since"),
        ("We changed nothing!!", ""),
        ("Their checkout is down.", ""),
        ("The customer cannot work.", ""),
        ("SEV1 our shop is down", ""),
        ("GET https://api.example.com/v1/orders 401", ""),
        ("What is the limit of our plan?", ""),
        ("down", ""),
        ("", ""),
    ],
)
def test_their_words(said: str, words: str) -> None:
    assert own_words(Statement(said)) == words


def test_a_huge_message_is_read_at_its_beginning() -> None:
    assert own_words(Statement("a, " * 400_000 + "our shop is down")) == ""
    assert own_words(Statement("our shop is down. " + "x" * 1_000_000)) == "our shop is down"
