"""The commands as a model's tools: what it is offered, and what it gets back. It reads; nothing it calls writes."""

import copy
import json
from collections.abc import Iterable
from typing import Any

from app.agent.state import TurnContext
from app.agent.untrusted import seen_by_model
from app.domain.command import Command
from app.domain.figures import Figure
from app.domain.llm import Message, ModelFault, Tool, ToolCall
from app.domain.problems import Forbidden, InvalidArguments, Problem
from app.domain.syntax.shape import ACTION, ATTACHMENTS
from app.render.text import to_text
from app.render.values import show
from app.resources import commands
from app.resources.commands import Executed

REPORT_WIDTH = 160
MOST_REPORT_CHARACTERS = 12_000
MOST_FIGURES = 250
NOT_OFFERED = ("audience", ATTACHMENTS)
"""Arguments that are the user's alone."""

SYNTAX_MARKS = ("raw", "words", "about_account")


def readable(ctx: TurnContext) -> dict[str, Command[Any]]:
    """The commands that free text may run: those of the caller's role."""
    return {name: command for name, command in ctx.runtime.commands.items() if ctx.principal.has(command.role)}


def offered(ctx: TurnContext) -> tuple[Tool, ...]:
    """The same as a model's tools, without the subcommands that write."""
    return tuple(_tool(command) for _, command in sorted(readable(ctx).items()))


def _tool(command: Command[Any]) -> Tool:
    schema = copy.deepcopy(commands.request_schema(command))
    for name in NOT_OFFERED:
        schema["properties"].pop(name, None)
    schema["properties"] = {
        name: _told(field)
        for name, field in schema["properties"].items()
        if not command.writes.issuperset(_actions_of(field) or ("",))
    }
    if ACTION in schema["properties"]:
        _leave_reading(schema["properties"][ACTION], command)
    return Tool(command.name, command.summary, schema)


def _actions_of(field: dict[str, Any]) -> tuple[str, ...]:
    """The subcommands that alone take the field, "" for none given; empty: it is not bound to any."""
    marked = field.get("raw") or field.get("words")
    return tuple(marked) if isinstance(marked, list) else ()


def _told(field: dict[str, Any]) -> dict[str, Any]:
    """The field without what only the syntax of a typed command needs, which a schema has no words for."""
    told = {name: value for name, value in field.items() if name not in SYNTAX_MARKS}
    actions = _actions_of(field)
    if actions:
        with_these = " or ".join(f"{ACTION} {action}" if action else f"no {ACTION}" for action in actions)
        told["description"] = f"{field.get('description', '').rstrip('.')}. Only with {with_these}."
    return told


def _leave_reading(action: dict[str, Any], command: Command[Any]) -> None:
    """Take away the subcommands that write, and say of the others which question they answer."""
    offered: list[str] = []
    for choice in (action, *action.get("anyOf", ())):
        if "const" in choice:  # how a schema says an enum of one
            choice["enum"] = [choice.pop("const")]
        if "enum" in choice:
            choice["enum"] = [name for name in choice["enum"] if name not in command.writes]
            offered += choice["enum"]
    asked_as = command.subcommands_asked_as
    told = (f"{name}, as in “{asked_as[name][0]}”" if asked_as.get(name) else name for name in offered)
    action["description"] = f"A subcommand, where the command alone does not answer: {'; '.join(told)}"


async def run(ctx: TurnContext, call: ToolCall, done: Iterable[Executed]) -> Executed:
    """Run the command that the model called, within the caller's rights.

    Raises:
        ModelFault: there is no such tool.
        Problem: what the model is told, so that it can ask again: a wrong argument, an unknown account, another day
            than that of the calls before, something that would write.
    """
    command = ctx.runtime.commands.get(call.name)
    if command is None or not ctx.principal.has(command.role):
        raise ModelFault("unknown_tool", "it called a tool that there is none of")
    try:
        json.dumps(call.arguments, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InvalidArguments("A text holds half characters; write whole ones.", code="invalid_text") from None
    invocation = await commands.invocation_of(ctx.runtime, ctx.principal, command, call.arguments)
    action = invocation.arguments.get(ACTION)
    if isinstance(action, str) and action in command.writes:
        raise _would_write(command)
    executed = await commands.execute(
        ctx.runtime,
        ctx.principal,
        invocation.dated(ctx.as_of),
        turn_id=ctx.turn_id,
        audience=ctx.audience,
        typed=False,
    )
    if executed.outcome.effects:
        raise _would_write(command)
    if any(before.as_of != executed.as_of for before in done):
        raise InvalidArguments("One answer is about one day: leave as_of out, or ask about the other day by itself.")
    return executed


def _would_write(command: Command[Any]) -> Forbidden:
    return Forbidden(f"That would write. Only a person does it, by typing /{command.name}; say so.")


def result(call: ToolCall, outcome: Executed | Problem) -> Message:
    """What the model is told: the report, and its figures by the references that stand for them. All of it is data."""
    if isinstance(outcome, Problem):
        told: dict[str, Any] = {"error": outcome.code, "detail": outcome.detail}
    else:
        told = report(outcome)
    return Message("tool", "", call_id=call.id, data=told)


def report(executed: Executed) -> dict[str, Any]:
    """A command's answer as data for a model."""
    figures = executed.outcome.report.figures
    return {
        "command": executed.invocation.command,
        "as_of": executed.as_of.isoformat(),
        "report": seen_by_model(report_text(executed))[:MOST_REPORT_CHARACTERS],
        "figures": [
            {"write": f"[[{reference(f)}]]", "label": f.label, "value": show(f), "unit": f.unit}
            for f in figures[:MOST_FIGURES]
        ],
    }


def report_text(executed: Executed) -> str:
    """The report as a reader would see it."""
    return to_text(commands.blocks_of(executed.outcome), executed.outcome.report.figures, REPORT_WIDTH)


def reference(figure: Figure) -> str:
    """What the model writes for a figure."""
    return figure.key if figure.account_id is None else f"{figure.key}@{figure.account_id}"
