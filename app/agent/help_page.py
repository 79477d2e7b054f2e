"""`/help`: what can be asked, derived from the commands themselves."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.agent.routing import PLACEHOLDER
from app.domain import syntax
from app.domain.blocks import Block, Column, Heading, Table, Verdict
from app.domain.command import Command
from app.domain.figures import Text, text

Row = tuple[Text, Text]

HELP = "help"
ONLY_TYPED = "(writes: only when typed)"


def is_help(message: str) -> bool:
    return message.strip().lower().split(maxsplit=1)[0] == f"/{HELP}"


def blocks(message: str, commands: Mapping[str, Command[Any]]) -> tuple[Block, ...]:
    """The list of commands, or one command's options (`/help health`).

    Raises:
        Problem: `unknown_command`.
    """
    words = message.strip().split()
    if len(words) == 1:
        return overview(commands)
    name = words[1].lstrip("/").lower()
    if name not in commands:
        raise syntax.unknown_command(name, commands)
    return _one(commands[name])


def overview(commands: Mapping[str, Command[Any]]) -> tuple[Block, ...]:
    """Every command with its examples, beside the words in which free text asks for the same."""
    return (
        Verdict(
            tone="neutral",
            headline=text("Type a command, or ask in your own words."),
            lines=(
                text(f"Where {PLACEHOLDER} stands, put an account: its id, name or alias, with no quotes."),
                text("Every command takes as_of=YYYY-MM-DD to answer as of an earlier day."),
                text("/help <command> lists its options."),
                text("undo takes back what was just written; /undo turn_… what an earlier turn wrote."),
            ),
        ),
        _table(row for _, command in sorted(commands.items()) for row in _summary_and_examples(command)),
    )


def _summary_and_examples(command: Command[Any]) -> tuple[Row, ...]:
    return ((text(f"/{command.name}"), text(command.summary)), *_examples(command))


def _table(rows: Iterable[Row]) -> Table:
    return Table(columns=(Column(label="Type"), Column(label="Or ask")), rows=tuple(rows))


def _examples(command: Command[Any]) -> tuple[Row, ...]:
    """The examples, each question beside the first that it answers, and the subcommands that have no example."""
    actions = {example: _action_of(example, command) for example in command.examples}
    asked: list[str] = []
    for example, action in actions.items():
        words = _in_own_words(example, action, command)
        asked.append(words if words == ONLY_TYPED or words not in asked else "")
    rows = tuple((text(example), text(words)) for example, words in zip(actions, asked, strict=True))
    further = [name for name in syntax.shape_of(command).actions.values() if name not in actions.values()]
    return (
        (*rows, (text(f"/{command.name} …"), text(f"further subcommands: {', '.join(further)}"))) if further else rows
    )


def _action_of(example: str, command: Command[Any]) -> str | None:
    """The subcommand in an example: the first or the second word behind the command."""
    actions = syntax.shape_of(command).actions
    return next((word for word in example.split()[1:3] if word in actions), None)


def _in_own_words(example: str, action: str | None, command: Command[Any]) -> str:
    """A question that the example answers; of one that writes, that it is only typed."""
    if action in command.writes:
        return ONLY_TYPED
    if action is not None:
        return next(iter(command.subcommands_asked_as.get(action, ())), "")
    is_about_one = PLACEHOLDER in example
    return next((asked for asked in command.asked_as if (PLACEHOLDER in asked) == is_about_one), "")


def unanswered(commands: Mapping[str, Command[Any]]) -> tuple[Block, ...]:
    """The answer to what neither a command nor an article answers: what can be asked instead."""
    line = "It is no question that a command answers, and no article covers it. What I can do:"
    rows = tuple(
        (text(f"/{command.name}"), text(command.summary), text(command.examples[0]))
        for _, command in sorted(commands.items())
    )
    return (
        Verdict(tone="warning", headline=text("I have no answer to that."), lines=(text(line),)),
        Table(columns=(Column(label="Command"), Column(label="What it does"), Column(label="Example")), rows=rows),
    )


def only_typed(commands: Mapping[str, Command[Any]]) -> tuple[Block, ...]:
    """The answer to a request that something be changed: what is typed to write."""
    told = Verdict(
        tone="warning",
        headline=text("Nothing is changed, sent or written on a request in plain words."),
        lines=(
            text("These write when they are typed; undo takes back what was just written."),
            text("/help <command> lists the others, and the options."),
        ),
    )
    rows = tuple(
        (text(example),)
        for _, command in sorted(commands.items())
        for example in command.examples
        if _action_of(example, command) in command.writes
    )
    return (told, Table(columns=(Column(label="Type"),), rows=rows))


def _one(command: Command[Any]) -> tuple[Block, ...]:
    fields = type(command).args.model_fields
    rows = tuple(
        (text(name), text(field.description or ""), text("required" if field.is_required() else ""))
        for name, field in fields.items()
    )
    return (
        Verdict(tone="neutral", headline=text(f"/{command.name} — {command.summary}")),
        _table(_examples(command)),
        Heading(text=text("Options")),
        Table(columns=(Column(label="Option"), Column(label="Meaning"), Column(label="")), rows=rows),
    )
