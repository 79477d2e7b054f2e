"""`/help`: what can be asked, derived from the commands themselves."""

from collections.abc import Mapping
from typing import Any

from app.domain import syntax
from app.domain.blocks import Block, Column, Heading, Paragraph, Table, Verdict
from app.domain.command import Command
from app.domain.figures import text

HELP = "help"


def is_help(message: str) -> bool:
    return message.strip().lower().split(maxsplit=1)[0] == f"/{HELP}"


def blocks(message: str, commands: Mapping[str, Command[Any]]) -> tuple[Block, ...]:
    """The list of commands, or one command's options (`/help health`).

    Raises:
        NotFound: there is no such command.
    """
    words = message.strip().split()
    if len(words) == 1:
        return overview(commands)
    name = words[1].lstrip("/").lower()
    if name not in commands:
        raise syntax.unknown_command(name, commands)
    return _one(commands[name])


def overview(commands: Mapping[str, Command[Any]]) -> tuple[Block, ...]:
    rows = tuple(
        (text(f"/{command.name}"), text(command.summary), text(command.examples[0]))
        for _, command in sorted(commands.items())
    )
    return (
        Verdict(
            tone="neutral",
            headline=text("Type a command, or ask in your own words."),
            lines=(
                text("An account is found by its id, name or alias; names of several words need no quotes."),
                text("Every command takes as_of=YYYY-MM-DD to answer as of an earlier day."),
                text("/help <command> lists its options."),
            ),
        ),
        Table(columns=(Column(label="Command"), Column(label="What it does"), Column(label="Example")), rows=rows),
    )


def unanswered(commands: Mapping[str, Command[Any]]) -> tuple[Block, ...]:
    """The answer to what neither a command nor an article answers."""
    return _instead(
        "I have no answer to that.",
        "It is no question that a command answers, and no article covers it. What I can do:",
        commands,
    )


def only_typed(commands: Mapping[str, Command[Any]]) -> tuple[Block, ...]:
    """The answer to a request that something be changed."""
    return _instead(
        "Nothing is changed, sent or written on a request in plain words.",
        "Type the command that does it; /help <command> lists its options.",
        commands,
    )


def _instead(headline: str, line: str, commands: Mapping[str, Command[Any]]) -> tuple[Block, ...]:
    """Why there is no answer, and what can be asked in its place."""
    verdict = Verdict(tone="warning", headline=text(headline), lines=(text(line),))
    return (verdict, *overview(commands)[1:])


def _one(command: Command[Any]) -> tuple[Block, ...]:
    fields = type(command).args.model_fields
    rows = tuple(
        (text(name), text(field.description or ""), text("required" if field.is_required() else ""))
        for name, field in fields.items()
    )
    return (
        Verdict(tone="neutral", headline=text(f"/{command.name} — {command.summary}")),
        Table(columns=(Column(label="Option"), Column(label="Meaning"), Column(label="")), rows=rows),
        Heading(text=text("Examples")),
        *(Paragraph(text=text(example)) for example in command.examples),
    )
