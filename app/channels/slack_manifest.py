"""The manifest from which Slack makes the app: one slash command, the scope `commands`, no events."""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from app.domain.problems import InvalidArguments

EVENTS_PATH = "/slack/events"
DEFAULT_COMMAND = "/cse"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

USAGE_CHARACTERS = 1_000
DESCRIPTION_CHARACTERS = 2_000
"""Limits of Slack's manifest schema (slackapi/manifest-schema)."""

_COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")


def manifest(url: str, command: str, commands: Iterable[str]) -> dict[str, Any]:
    """The manifest of an app that sends `command` to the service at `url`, the address that Slack reaches.

    Raises:
        InvalidArguments: `url` is no https address, or `command` is no name that Slack takes.
    """
    if not is_protected(url) or urlsplit(url).query or urlsplit(url).fragment:
        raise InvalidArguments(
            "--url is the service's address as Slack reaches it, such as https://cse.example.com;"
            " http is for trials on this machine only.",
        )
    if not _COMMAND.fullmatch(command):
        raise InvalidArguments(
            "--command is a slash and up to 31 small letters, digits, hyphens or underscores, such as /cse."
        )
    names = sorted(commands)
    slash_command = {
        "command": command,
        "url": url.rstrip("/") + EVENTS_PATH,
        "description": f"Ask about your customers: {', '.join(names)}"[:DESCRIPTION_CHARACTERS],
        "usage_hint": f"help | {' | '.join(names)} [customer] | a question"[:USAGE_CHARACTERS],
        "should_escape": False,
    }
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "CSE agent",
            "description": "A customer success engineer's desk over your own customer data",
        },
        "features": {"slash_commands": [slash_command]},
        "oauth_config": {"scopes": {"bot": ["commands"]}},
        "settings": {"org_deploy_enabled": False, "socket_mode_enabled": False, "token_rotation_enabled": False},
    }


def is_protected(url: str) -> bool:
    """Whether what is sent to the address cannot be read on the way: https, or http that stays on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))
