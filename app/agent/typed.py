"""The graph's nodes for what a user types: finding the command, running it, asking for what is missing."""

import dataclasses

from langgraph.runtime import Runtime

from app import effects
from app.agent import help_page, undo
from app.agent.model_nodes import account_in_talk
from app.agent.progress import status
from app.agent.state import State, TurnContext
from app.domain import syntax
from app.domain.blocks import Notice, Question, Verdict
from app.domain.command import Invocation
from app.domain.directory import AccountName
from app.domain.events import ProblemDetail
from app.domain.figures import text
from app.domain.problems import Problem
from app.domain.redact import mask_credentials
from app.domain.reply import Pending, Reply
from app.domain.syntax.shape import ACTION
from app.resources import accounts, attachments, commands

MOST_QUESTIONS = 2
"""A missing field is asked for once, and once again."""

LEAST_WORDS_OF_A_QUESTION = 3

DISMISSALS = frozenset({
    "never mind", "nevermind", "nvm", "cancel", "cancel that", "cancel it", "forget it", "forget that", "drop it",
    "leave it", "abort", "stop", "skip it", "no thanks", "no thank you",
})  # fmt: skip
"""Messages that drop the open question; in longer ones such words may be part of an answer."""


async def route(state: State, runtime: Runtime[TurnContext]) -> State:
    """Find the command: typed with a slash, or one that waits for an answer. Anything else is free text."""
    ctx, message = runtime.context, state["message"]
    try:
        if undo.is_undo(message):
            _require_no_files("undo", ctx)
            return State(reply=await undo.reply(message, ctx))
        if syntax.is_command(message):
            return await _route_command(message, ctx)
        if ctx.attachments:
            return await _route_files(message, ctx)
        if ctx.pending is not None and _dismisses(message):
            return State(reply=_dismissed(ctx.pending))
        if ctx.pending is not None and not _asks_something(message):
            return await _resume(message, ctx.pending, ctx)
    except Problem as problem:
        return State(reply=problem_reply(problem))
    return State()


def _asks_something(message: str) -> bool:
    """A question of the user's own is no answer to ours; ours stays open meanwhile."""
    return message.rstrip().endswith("?") and len(message.split()) >= LEAST_WORDS_OF_A_QUESTION


def _dismisses(message: str) -> bool:
    """Whether the message does nothing but drop our question."""
    return " ".join(message.casefold().strip(" \t\r\n.!,").replace(",", " ").split()) in DISMISSALS


def _dismissed(pending: Pending) -> Reply:
    told = Verdict(
        tone="neutral",
        headline=text(f"Dropped: /{pending.invocation.command} no longer waits for an answer"),
        lines=(text("What was written before stays as it is."),),
    )
    return Reply(blocks=(told,), command=pending.invocation.command, account_id=pending.invocation.account)


async def _route_command(message: str, ctx: TurnContext) -> State:
    if help_page.is_help(message):
        _require_no_files(help_page.HELP, ctx)
        return State(reply=Reply(blocks=help_page.blocks(message, ctx.runtime.commands), command="help"))
    directory = await accounts.directory(ctx.runtime, ctx.principal)
    parsed = _with_files(syntax.parse(message, ctx.runtime.commands, directory), ctx)
    if not isinstance(parsed, syntax.AccountChoice):
        return State(invocation=parsed.dated(ctx.as_of))
    if len(parsed.candidates) != 1 or _takes_raw_text(ctx, parsed.invocation):
        return State(reply=ask_account(parsed, asked=1))
    closest = parsed.candidates[0]
    note = f"I read “{parsed.typed}” as {closest.name} ({closest.id})."
    return State(invocation=dataclasses.replace(parsed.invocation, account=closest.id).dated(ctx.as_of), note=note)


def _takes_raw_text(ctx: TurnContext, invocation: Invocation) -> bool:
    """Where the account ends and raw text begins is only certain where the account is spelt as it is called."""
    shape = syntax.shape_of(ctx.runtime.commands[invocation.command])
    return shape.under(invocation.arguments.get(ACTION)).raw is not None


def _require_no_files(name: str, ctx: TurnContext) -> None:
    if ctx.attachments:
        raise attachments.no_files_taken(name, ctx.runtime.commands)


def _with_files(read: Invocation | syntax.AccountChoice, ctx: TurnContext) -> Invocation | syntax.AccountChoice:
    """What was read of the message, with the files that came with it."""
    known, ids = ctx.runtime.commands, ctx.attachments
    if isinstance(read, syntax.AccountChoice):
        return dataclasses.replace(read, invocation=attachments.with_files(known, read.invocation, ids))
    return attachments.with_files(known, read, ids)


async def _route_files(message: str, ctx: TurnContext) -> State:
    """Files with free text: the answer to what the command that reads files asked, or a case of its own."""
    command = attachments.reading_command(ctx.runtime.commands)
    if ctx.pending is not None and ctx.pending.invocation.command == command.name and not _asks_something(message):
        return await _resume(message, ctx.pending, ctx)
    account = await _account_meant(message, ctx)
    raw = syntax.shape_of(command).under(None).raw
    arguments = {raw: message} if raw and message.strip() else {}
    invocation = Invocation(command.name, account.id if account else None, arguments)
    about = f" about {account.name} ({account.id})" if account else ""
    read = attachments.with_files(ctx.runtime.commands, invocation, ctx.attachments)
    return State(invocation=read.dated(ctx.as_of), typed=False, note=f"I took the files for /{command.name}{about}.")


async def _account_meant(message: str, ctx: TurnContext) -> AccountName | None:
    """The one account that the text names first, else the one in talk."""
    mentions = (await accounts.directory(ctx.runtime, ctx.principal)).mentions(message)
    if not mentions:
        return await account_in_talk(ctx)
    return mentions[0].accounts[0] if len(mentions[0].accounts) == 1 else None


async def _resume(message: str, pending: Pending, ctx: TurnContext) -> State:
    """The message answers the open question of the turn before."""
    command = commands.find_command(ctx.runtime, pending.invocation.command)
    directory = await accounts.directory(ctx.runtime, ctx.principal)
    try:
        filled = syntax.fill(command, pending.invocation, pending.fields, message, directory, pending.choices)
    except Problem as problem:
        told = problem_reply(problem, pending.invocation, pending.asked, pending.fields, by_hand=pending.typed)
        return State(reply=told)
    filled = _with_files(filled, ctx)
    if isinstance(filled, syntax.AccountChoice):
        return State(reply=ask_account(filled, pending.asked + 1, by_hand=pending.typed))
    return State(invocation=filled, asked=pending.asked, typed=pending.typed)


def ask_account(choice: syntax.AccountChoice, asked: int, *, by_hand: bool = True) -> Reply:
    """The question which account is meant; after the last, the error that none was found."""
    names = ", ".join(f"{a.name} ({a.id})" for a in choice.candidates)
    typed = mask_credentials(choice.typed)
    if choice.exact:
        question = f"Several accounts are called “{typed}”: {names}. Which one?"
    elif typed and names:
        question = f"I know no account “{typed}”. Did you mean {names}?"
    elif typed:
        question = f"I know no account “{typed}” among those you may see. Which account?"
    else:
        question = "Which account?"
    if asked > MOST_QUESTIONS:
        told = ProblemDetail(code="account_not_found", detail=question)
        return Reply(command=choice.invocation.command, error=told)
    asking = Question(text=text(question), fields=("account",), choices=tuple(a.id for a in choice.candidates))
    return Reply(
        blocks=(asking,),
        command=choice.invocation.command,
        question=asking,
        pending=Pending(choice.invocation, ("account",), asked, asking.choices, by_hand),
    )


async def run_command(state: State, runtime: Runtime[TurnContext]) -> State:
    """Run the invocation; what is missing becomes a question, what is wrong the reply's error."""
    ctx, invocation, asked = runtime.context, state["invocation"], state.get("asked", 0)
    by_hand = state.get("typed", True)
    runtime.stream_writer(status(ctx, f"Running /{invocation.command}"))
    try:
        done = await commands.execute(
            ctx.runtime, ctx.principal, invocation, turn_id=ctx.turn_id, audience=ctx.audience, typed=by_hand
        )
        effects.check(ctx.principal, done.outcome.effects)
    except Problem as problem:
        return State(reply=_noted(problem_reply(problem, invocation, asked, by_hand=by_hand), state))
    reply = commands.reply_of(done)
    pending = _pending(invocation, reply.question, asked, by_hand)
    question = reply.question if pending else None
    blocks = tuple(block for block in reply.blocks if pending or block.type != "question")
    reply = dataclasses.replace(reply, blocks=blocks, question=question, pending=pending)
    return State(reply=_noted(reply, state), executed=(done,))


def _noted(reply: Reply, state: State) -> Reply:
    """The reply with the note of how the message was taken, behind what it says first; an error stands alone."""
    note = state.get("note")
    if not note or not reply.blocks:
        return reply
    notice = Notice(tone="neutral", text=text(note))
    return dataclasses.replace(reply, blocks=(*reply.blocks[:1], notice, *reply.blocks[1:]))


def _pending(invocation: Invocation, question: Question | None, asked: int, by_hand: bool) -> Pending | None:
    if question is None or asked >= MOST_QUESTIONS:
        return None
    return Pending(invocation, question.fields, asked + 1, typed=by_hand)


def problem_reply(
    problem: Problem,
    invocation: Invocation | None = None,
    asked: int = 0,
    fields: tuple[str, ...] = (),
    *,
    by_hand: bool = True,
) -> Reply:
    """A problem told in the chat; where fields are missing, it is a question that the next message answers.

    An answer to a question that cannot be used is asked for once more.
    """
    wanted = fields or tuple(problem.extra.get("missing", ()))
    if not wanted and asked:
        wanted = tuple(each["field"] for each in problem.extra.get("invalid", ()))
    question = None
    if invocation is not None and wanted and asked < MOST_QUESTIONS:
        question = Question(text=text(problem.detail), fields=wanted)
    return Reply(
        blocks=(question,) if question else (),
        command=invocation.command if invocation else None,
        account_id=invocation.account if invocation else None,
        question=question,
        pending=_pending(invocation, question, asked, by_hand) if invocation else None,
        error=None if question else ProblemDetail(code=problem.code, detail=problem.detail, extra=problem.extra),
    )
