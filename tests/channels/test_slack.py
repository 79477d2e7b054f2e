"""What is read out of a slash command, and which ids are remembered. End to end: tests/service/test_slack.py."""

import pytest

from app.channels.slack import RecentIds, SlashCommand, message_of

COMMANDS = ("health", "feedback")


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("health acme", "/health acme"),
        ("  Health  acme ", "/Health  acme"),
        ("/health acme", "/health acme"),
        ("feedback", "/feedback"),
        ("help", "/help"),
        ("", "/help"),
        (" \n", "/help"),
        ("/helth acme", "/helth acme"),
        ("helth acme", "helth acme"),
        ("healthy accounts?", "healthy accounts?"),
        ("why 503?\nline two", "why 503?\nline two"),
        ("a &lt;b&gt; &amp; c &quot;", "a <b> & c &quot;"),
        ("&amp;lt;", "&lt;"),
    ],
)
def test_what_is_typed_after_the_command_becomes_the_message(typed: str, message: str) -> None:
    assert message_of(typed, COMMANDS) == message


def test_an_asker_is_a_user_of_a_workspace_and_talks_in_a_channel() -> None:
    command = SlashCommand("T1", "C1", "U1", "robin", "/cse", "", "", "")
    assert (command.principal.key_id, command.principal.name) == ("slack:T1:U1", "robin")
    assert (command.principal.role, command.principal.accounts, command.principal.groups) == ("cse", None, frozenset())
    assert command.conversation == "slack:T1:C1"


def test_only_the_last_ids_are_remembered() -> None:
    ids = RecentIds(2)
    assert [ids.is_new(name) for name in "aabcbca"] == [True, False, True, True, False, False, True]
