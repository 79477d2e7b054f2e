"""Runs a command: the one function behind the graph's node, the HTTP endpoint and the command line."""

import datetime as dt
import functools
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar, get_args
from uuid import uuid4

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from app import effects
from app.domain import syntax
from app.domain.authority import ApprovalLine, Proposal
from app.domain.blocks import Block, Citation, Question
from app.domain.command import Audience, Command, Invocation, Outcome
from app.domain.disclosure_blocks import Left
from app.domain.effects import Effect
from app.domain.figures import Figure
from app.domain.problems import InvalidArguments, Problem
from app.domain.reply import Reply
from app.domain.syntax.shape import ATTACHMENTS
from app.render.markdown import to_markdown
from app.render.values import with_shown
from app.resources import accounts, attachments, disclosure, drafts, turns
from app.resources.contexts import gather
from app.runtime import Runtime
from app.security.principals import Principal

DataT = TypeVar("DataT", bound=BaseModel)


class CommandInfo(BaseModel):
    """A command as clients see it; `arguments` is a JSON schema, `asked_as` are questions in plain words."""

    name: str
    summary: str
    examples: tuple[str, ...]
    asked_as: tuple[str, ...]
    role: str
    arguments: dict[str, Any]


class CommandPage(BaseModel):
    items: list[CommandInfo]
    next_cursor: str | None = None


class CommandAnswer(BaseModel, Generic[DataT]):
    """A command's answer without a chat. `text` is the blocks as Markdown; for a customer there is no `data`."""

    turn_id: str
    command: str
    as_of: dt.date
    data: DataT | None
    blocks: tuple[Block, ...]
    figures: tuple[Figure, ...]
    effects: tuple[Effect, ...]
    approvals: tuple[ApprovalLine, ...]
    question: Question | None
    text: str


class CommonArguments(BaseModel):
    """What every command takes besides its own arguments."""

    model_config = ConfigDict(extra="ignore")
    as_of: dt.date | None = None
    audience: Audience = "internal"


@dataclass(frozen=True, slots=True)
class Executed:
    """A command's outcome with what it was computed from: enough to replay it.

    `about` is the account that it is about. For a customer the report is what that customer may read, and `withheld`
    what was left out of it.
    """

    invocation: Invocation
    as_of: dt.date
    version: int
    outcome: Outcome
    proposals: tuple[Proposal, ...] = ()
    about: str | None = None
    audience: Audience = "internal"
    withheld: tuple[Left, ...] = ()


def find_command(runtime: Runtime, name: str) -> Command[Any]:
    """The command of that name.

    Raises:
        Problem: there is none (`unknown_command`); `extra["closest"]` lists similar names.
    """
    command = runtime.commands.get(name.lower())
    if command is None:
        raise syntax.unknown_command(name, runtime.commands)
    return command


def list_commands(runtime: Runtime) -> CommandPage:
    """All commands by name, with the JSON schema of what they take."""
    return CommandPage(
        items=[
            CommandInfo(
                name=name,
                summary=command.summary,
                examples=command.examples,
                asked_as=command.asked_as,
                role=command.role,
                arguments=request_schema(command),
            )
            for name, command in sorted(runtime.commands.items())
        ]
    )


@functools.cache
def request_schema(command: Command[Any]) -> dict[str, Any]:
    """The JSON schema of a call: the command's own arguments, and the common ones. It is shared: copy to change it."""
    schema = type(command).args.model_json_schema()
    common = CommonArguments.model_json_schema()
    return {**schema, "properties": {**schema.get("properties", {}), **common["properties"]}}


async def call(runtime: Runtime, principal: Principal, name: str, body: dict[str, Any]) -> CommandAnswer[BaseModel]:
    """Run a command without a chat. The account is an exact id, name or alias.

    A call with effects or approvals becomes a turn.

    Raises:
        Problem: as `execute`; `account_not_found`; `invalid_date`; `leak`, where an answer for a customer holds what it
            must not.
    """
    command = find_command(runtime, name)
    audience = _common_arguments(body).audience
    try:
        return await _call(runtime, principal, command, body, audience)
    except Problem as problem:
        if audience == "customer":
            raise await disclosure.problem_for_customer(runtime, problem) from None
        raise


async def _call(
    runtime: Runtime, principal: Principal, command: Command[Any], body: dict[str, Any], audience: Audience
) -> CommandAnswer[BaseModel]:
    invocation = await invocation_of(runtime, principal, command, body)
    turn_id = f"turn_{uuid4().hex}"
    done = await execute(runtime, principal, invocation, turn_id=turn_id, audience=audience)
    reply = reply_of(done)
    if audience == "customer":
        reply = await disclosure.reply_for_customer(runtime, reply)
    approvals: tuple[ApprovalLine, ...] = ()
    if reply.effects or reply.proposals:
        effects.check(principal, reply.effects)
        approvals = await turns.record_call(runtime, principal, turn_id, f"/{command.name}", reply)
    return CommandAnswer[BaseModel](
        turn_id=turn_id,
        command=command.name,
        as_of=done.as_of,
        data=None if audience == "customer" else done.outcome.report.data,
        blocks=reply.blocks,
        figures=with_shown(reply.figures),
        effects=() if audience == "customer" else reply.effects,
        approvals=approvals,
        question=reply.question,
        text=to_markdown(reply.blocks, reply.figures, runtime.settings.link_hosts),
    )


async def invocation_of(
    runtime: Runtime, principal: Principal, command: Command[Any], body: dict[str, Any]
) -> Invocation:
    """The invocation that a call's body asks for; None in it means not given.

    Raises:
        Problem: `account_not_found` for what is no exact id, name or alias; `invalid_date`; a wrong audience; files for
            a command that takes none (`no_files_taken`).
    """
    common = _common_arguments(body)
    arguments = {k: v for k, v in body.items() if k not in CommonArguments.model_fields and v is not None}
    if ATTACHMENTS in arguments and not attachments.takes_files(command):
        raise attachments.no_files_taken(command.name, runtime.commands)
    account = arguments.pop("account", None)
    if account is not None and "account" in type(command).args.model_fields:
        account = await accounts.resolve(runtime, principal, str(account))
    return Invocation(command.name, account, arguments, common.as_of)


def _common_arguments(body: dict[str, Any]) -> CommonArguments:
    as_of, audience = body.get("as_of"), body.get("audience", "internal")
    if audience not in get_args(Audience):
        raise InvalidArguments("audience is internal or customer.", invalid=["audience"])
    return CommonArguments(as_of=None if as_of is None else syntax.parse_day(str(as_of)), audience=audience)


def blocks_of(outcome: Outcome) -> tuple[Block, ...]:
    """The report's blocks, and the question last, so that every channel tells it."""
    question = outcome.question
    if question is None or question in outcome.report.blocks:
        return outcome.report.blocks
    return (*outcome.report.blocks, question)


def reply_of(done: Executed) -> Reply:
    """The reply that tells a command's outcome."""
    outcome, report = done.outcome, done.outcome.report
    return Reply(
        blocks=blocks_of(outcome),
        figures=report.figures,
        command=done.invocation.command,
        account_id=done.invocation.account,
        as_of=done.as_of,
        version=done.version,
        data=None if done.audience == "customer" else report.data.model_dump(mode="json"),
        effects=outcome.effects,
        proposals=done.proposals,
        question=outcome.question,
        audience=done.audience,
        reader=done.about,
        withheld=done.withheld,
    )


async def execute(
    runtime: Runtime,
    principal: Principal,
    invocation: Invocation,
    *,
    turn_id: str,
    audience: Audience = "internal",
    typed: bool = True,
) -> Executed:
    """Validate the arguments, gather what the command needs within the caller's scope, and run it in a thread.

    `typed` says that a person gave the command: only then does it want effects.

    Raises:
        Problem: the role is too low, an argument is wrong, the account is not there, or `as_of` is out of range.
    """
    command = find_command(runtime, invocation.command)
    principal.require(command.role, f"/{command.name}")
    arguments = dict(invocation.arguments)
    if invocation.account is not None:
        arguments["account"] = invocation.account
    args = syntax.validate(command, arguments)
    needs = command.needs(args)
    passages: tuple[Citation, ...] = ()
    if needs.knowledge:
        passages = (await runtime.knowledge.search(needs.knowledge, audience=audience)).results

    may_write = effects.may_write(principal)

    def gather_and_run(conn: Connection) -> Executed:
        ctx = gather(conn, runtime, principal, command.name, needs, invocation.as_of)
        ctx = replace(ctx, turn_id=turn_id, audience=audience, passages=passages, typed=typed, may_write=may_write)
        ctx = replace(ctx, sees_people=principal.has("cse"))
        outcome = command.run(ctx, args)
        about = ctx.account.account.id if ctx.account else invocation.account
        report, raised = drafts.with_approvals(
            conn,
            runtime,
            principal,
            outcome.report,
            command=command.name,
            account_id=about,
            turn_id=turn_id,
            by_hand=typed,
        )
        done = Executed(invocation, ctx.as_of, ctx.version, replace(outcome, report=report), raised, about=about)
        return _for_customer(conn, runtime, done) if audience == "customer" else done

    return await runtime.store.read(gather_and_run)


def _for_customer(conn: Connection, runtime: Runtime, done: Executed) -> Executed:
    """The outcome as its customer may read it; what waits for an approval is of the drafts to that customer alone."""
    disclosed = disclosure.report_for(conn, runtime, done.outcome.report, done.about)
    report = replace(done.outcome.report, blocks=disclosed.blocks, figures=disclosed.figures)
    return replace(
        done,
        outcome=replace(done.outcome, report=report),
        proposals=tuple(each for each in done.proposals if done.about and each.account_id == done.about),
        audience="customer",
        withheld=disclosed.withheld,
    )
