"""The manifest from which Slack makes the app, against Slack's schema (slackapi/manifest-schema, major version 1)."""

import pytest

from app.channels.slack import router
from app.channels.slack_manifest import EVENTS_PATH, is_protected, manifest
from app.domain.problems import InvalidArguments

NAMES = ("health", "feedback", "escalate")


def test_the_manifest_asks_for_one_slash_command_and_no_more() -> None:
    made = manifest("https://cse.example.com/", "/cse", NAMES)
    (command,) = made["features"]["slash_commands"]
    assert command == {
        "command": "/cse",
        "url": "https://cse.example.com/slack/events",
        "description": "Ask about your customers: escalate, feedback, health",
        "usage_hint": "help | escalate | feedback | health [customer] | a question",
        "should_escape": False,
    }
    assert made["oauth_config"] == {"scopes": {"bot": ["commands"]}}
    assert set(made) == {"_metadata", "display_information", "features", "oauth_config", "settings"}
    assert "event_subscriptions" not in made["settings"]
    assert len(made["display_information"]["name"]) <= 35
    assert len(made["display_information"]["description"]) <= 140


def test_the_address_is_the_one_that_is_served() -> None:
    assert [getattr(route, "path", None) for route in router.routes] == [EVENTS_PATH]


def test_many_commands_stay_within_slacks_limits() -> None:
    (command,) = manifest("https://x.example", "/cse", [f"command{n}" for n in range(500)])["features"][
        "slash_commands"
    ]
    assert len(command["description"]) <= 2_000
    assert len(command["usage_hint"]) <= 1_000


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]", "https://a.example/b"]
)
def test_addresses_that_are_taken(url: str) -> None:
    assert manifest(url, "/desk-2", NAMES)["features"]["slash_commands"][0]["url"] == f"{url}/slack/events"


@pytest.mark.parametrize(
    "url",
    [
        "http://cse.example.com",
        "cse.example.com",
        "ftp://a.example",
        "https://",
        "",
        "https://a.example?x=1",
        "http://[x",
    ],
)
def test_addresses_that_are_not(url: str) -> None:
    with pytest.raises(InvalidArguments, match="--url"):
        manifest(url, "/cse", NAMES)


@pytest.mark.parametrize("command", ["cse", "/", "/CSE", "/a b", "/" + "a" * 32, "/cse\n", "//x"])
def test_names_that_slack_does_not_take(command: str) -> None:
    with pytest.raises(InvalidArguments, match="--command"):
        manifest("https://cse.example.com", command, NAMES)


@pytest.mark.parametrize(
    ("url", "protected"),
    [
        ("https://hooks.slack.com/commands/1", True),
        ("http://127.0.0.1:1/x", True),
        ("http://hooks.slack.com/commands/1", False),
        ("http://127.0.0.1.evil.example/", False),
        ("http://user@evil.example/", False),
        ("file:///etc/passwd", False),
    ],
)
def test_what_cannot_be_read_on_the_way(url: str, protected: bool) -> None:
    assert is_protected(url) is protected
