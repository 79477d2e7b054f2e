"""The LangGraph graph: `route` → `run_command` or `answer` → `record`.

No checkpointer: conversations live in our own tables. The graph's stream is decoded here and nowhere else.
"""

import dataclasses
import functools
from collections.abc import AsyncIterator
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from app import effects
from app.agent import help_page, knowledge_answer
from app.agent.state import State, TurnContext
from app.domain import syntax
from app.domain.blocks import Notice, Question
from app.domain.command import Invocation
from app.domain.events import Event, ProblemDetail, StatusEvent
from app.domain.figures import text
from app.domain.problems import Problem
from app.domain.reply import Pending, Reply
from app.resources import accounts, commands, turns
from app.retrieval.knowledge import MAX_QUERY_CHARACTERS

RECURSION_LIMIT = 12
MOST_QUESTIONS = 2
"""A missing field is asked for once, and once again."""

LEAST_WORDS_OF_A_QUESTION = 3


@functools.cache
def build_graph() -> Any:
    """The compiled graph. It holds no data: everything comes with the state and the context."""
    graph = StateGraph(State, context_schema=TurnContext)
    graph.add_node("route", _route)
    graph.add_node("run_command", _run_command)
    graph.add_node("answer", _answer)
    graph.add_node("record", _record)
    graph.add_edge(START, "route")
    graph.add_conditional_edges("route", _next_node, ["run_command", "answer", "record"])
    graph.add_edge("run_command", "record")
    graph.add_edge("answer", "record")
    graph.add_edge("record", END)
    return graph.compile()


async def run(message: str, context: TurnContext) -> AsyncIterator[Event]:
    """Run one turn and yield its events; the turn is recorded before the last one."""
    stream = build_graph().astream(
        State(message=message), context=context, stream_mode="custom", config={"recursion_limit": RECURSION_LIMIT}
    )
    async for event in stream:
        yield event


def _next_node(state: State) -> str:
    if "reply" in state:
        return "record"
    return "run_command" if "invocation" in state else "answer"


async def _route(state: State, runtime: Runtime[TurnContext]) -> State:
    """Find the command: typed with a slash, or one that waits for an answer. Anything else is free text."""
    ctx, message = runtime.context, state["message"]
    try:
        if syntax.is_command(message):
            return await _route_command(message, ctx)
        if ctx.pending is not None and not _asks_something(message):
            return await _resume(message, ctx.pending, ctx)
    except Problem as problem:
        return State(reply=_problem_reply(problem))
    return State()


def _asks_something(message: str) -> bool:
    """A question of the user's own is no answer to ours; ours stays open meanwhile."""
    return message.rstrip().endswith("?") and len(message.split()) >= LEAST_WORDS_OF_A_QUESTION


async def _route_command(message: str, ctx: TurnContext) -> State:
    if help_page.is_help(message):
        return State(reply=Reply(blocks=help_page.blocks(message, ctx.runtime.commands), command="help"))
    directory = await accounts.directory(ctx.runtime, ctx.principal)
    parsed = syntax.parse(message, ctx.runtime.commands, directory)
    if not isinstance(parsed, syntax.AccountChoice):
        return State(invocation=_dated(parsed, ctx))
    if len(parsed.candidates) != 1 or _takes_raw_text(ctx, parsed.invocation):
        return State(reply=_ask_account(parsed, asked=1))
    closest = parsed.candidates[0]
    note = f"I read “{parsed.typed}” as {closest.name} ({closest.id})."
    return State(invocation=_dated(dataclasses.replace(parsed.invocation, account=closest.id), ctx), note=note)


def _takes_raw_text(ctx: TurnContext, invocation: Invocation) -> bool:
    """Where the account ends and raw text begins is only certain where the account is spelt as it is called."""
    return syntax.shape_of(ctx.runtime.commands[invocation.command]).raw is not None


async def _resume(message: str, pending: Pending, ctx: TurnContext) -> State:
    """The message answers the open question of the turn before."""
    command = commands.find_command(ctx.runtime, pending.invocation.command)
    directory = await accounts.directory(ctx.runtime, ctx.principal)
    try:
        filled = syntax.fill(command, pending.invocation, pending.fields, message, directory, pending.choices)
    except Problem as problem:
        return State(reply=_problem_reply(problem, pending.invocation, pending.asked, pending.fields))
    if isinstance(filled, syntax.AccountChoice):
        return State(reply=_ask_account(filled, pending.asked + 1))
    return State(invocation=filled, asked=pending.asked)


def _ask_account(choice: syntax.AccountChoice, asked: int) -> Reply:
    names = ", ".join(f"{a.name} ({a.id})" for a in choice.candidates)
    if choice.exact:
        question = f"Several accounts are called “{choice.typed}”: {names}. Which one?"
    elif choice.typed and names:
        question = f"I know no account “{choice.typed}”. Did you mean {names}?"
    elif choice.typed:
        question = f"I know no account “{choice.typed}” among those you may see. Which account?"
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
        pending=Pending(choice.invocation, ("account",), asked, asking.choices),
    )


def _dated(invocation: Invocation, ctx: TurnContext) -> Invocation:
    """A date in the message goes before the request's own."""
    return dataclasses.replace(invocation, as_of=invocation.as_of or ctx.as_of)


async def _run_command(state: State, runtime: Runtime[TurnContext]) -> State:
    ctx, invocation, asked = runtime.context, state["invocation"], state.get("asked", 0)
    runtime.stream_writer(_status(ctx, f"Running /{invocation.command}"))
    try:
        done = await commands.execute(
            ctx.runtime, ctx.principal, invocation, turn_id=ctx.turn_id, audience=ctx.audience
        )
        effects.check(ctx.principal, done.outcome.effects)
    except Problem as problem:
        return State(reply=_problem_reply(problem, invocation, asked))
    reply = commands.reply_of(done)
    pending = _pending(invocation, reply.question, asked)
    question = reply.question if pending else None
    blocks = tuple(block for block in reply.blocks if pending or block.type != "question")
    if note := state.get("note"):
        blocks = (*blocks[:1], Notice(tone="neutral", text=text(note)), *blocks[1:])
    return State(reply=dataclasses.replace(reply, blocks=blocks, question=question, pending=pending))


def _pending(invocation: Invocation, question: Question | None, asked: int) -> Pending | None:
    if question is None or asked >= MOST_QUESTIONS:
        return None
    return Pending(invocation, question.fields, asked + 1)


def _problem_reply(
    problem: Problem, invocation: Invocation | None = None, asked: int = 0, fields: tuple[str, ...] = ()
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
        pending=_pending(invocation, question, asked) if invocation else None,
        error=None if question else ProblemDetail(code=problem.code, detail=problem.detail, extra=problem.extra),
    )


async def _answer(state: State, runtime: Runtime[TurnContext]) -> State:
    """Free text: the closest passages of the knowledge base, or what can be asked."""
    ctx = runtime.context
    runtime.stream_writer(_status(ctx, "Searching the knowledge base"))
    try:
        query = state["message"][:MAX_QUERY_CHARACTERS]
        found = await ctx.runtime.knowledge.search(query, audience=ctx.audience)
    except Problem as problem:
        return State(reply=_problem_reply(problem))
    blocks = knowledge_answer.blocks(found, ctx.runtime.commands)
    return State(reply=Reply(blocks=blocks, degraded=found.reason, pending=ctx.pending))


async def _record(state: State, runtime: Runtime[TurnContext]) -> State:
    """Carry out the effects and store the answer in one transaction; only then is the answer told."""
    ctx = runtime.context
    for event in await turns.record(ctx.runtime, ctx.principal, ctx.turn_id, ctx.thread_id, state["reply"]):
        runtime.stream_writer(event)
    return State()


def _status(ctx: TurnContext, words: str) -> StatusEvent:
    return StatusEvent(turn_id=ctx.turn_id, thread_id=ctx.thread_id, text=words)
