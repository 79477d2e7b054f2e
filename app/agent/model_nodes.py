"""The graph's nodes that speak with the model. What goes wrong there sets `fault`; the answer then needs no model."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from langgraph.runtime import Runtime

from app.agent import model_tools, routing, spoken, talk
from app.agent.progress import status
from app.agent.state import State, TurnContext
from app.domain.blocks import Citation, Notice
from app.domain.directory import AccountDirectory, AccountName
from app.domain.figures import text
from app.domain.llm import Completion, Message, ModelFault, Tool
from app.domain.problems import Problem
from app.domain.redact import put_emails_back
from app.domain.reply import Reply
from app.resources import accounts, disclosure
from app.resources.commands import Executed
from app.retrieval.knowledge import MAX_QUERY_CHARACTERS

MOST_STEPS = 12
MOST_TOOL_CALLS = 8
"""What one turn may ask of the model and of the tools."""

PASSAGES_GIVEN = 4

T = TypeVar("T")


def has_model(ctx: TurnContext) -> bool:
    return ctx.runtime.llm is not None


async def ask_model(state: State, runtime: Runtime[TurnContext]) -> State:
    """The model's next message: calls of tools, or the answer. Before the first, the knowledge base is searched."""
    ctx = runtime.context
    tools = model_tools.offered(ctx)
    passages = state.get("passages")
    if passages is None:
        runtime.stream_writer(status(ctx, "Searching the knowledge base"))
        passages = await _passages(ctx, state["message"])
    said = state.get("talk")
    if said is None:
        said = await talk.of_question(ctx, state["message"], passages, await account_in_talk(ctx), tools)
    runtime.stream_writer(status(ctx, "Asking the model"))
    try:
        completion, usage = await _complete(ctx, said, tools, state.get("usage", {}))
    except ModelFault as fault:
        return State(fault=fault.reason, passages=passages)
    answer = Message("assistant", completion.text, completion.calls)
    return State(talk=(*said, answer), passages=passages, usage=usage)


async def call_tools(state: State, runtime: Runtime[TurnContext]) -> State:
    """Run what the model called, one after the other; what cannot be run is told to it."""
    ctx, done, usage = runtime.context, state.get("executed", ()), dict(state["usage"])
    results: list[Message] = []
    try:
        for call in state["talk"][-1].calls:
            if usage.get("tool_calls", 0) >= MOST_TOOL_CALLS:
                raise ModelFault("too_many_steps", f"it called tools more than {MOST_TOOL_CALLS} times")
            usage["tool_calls"] = usage.get("tool_calls", 0) + 1
            if call.name in ctx.runtime.commands:
                runtime.stream_writer(status(ctx, f"Running /{call.name}"))
            try:
                executed = await model_tools.run(ctx, call, done)
            except Problem as problem:
                if ctx.audience == "customer":
                    problem = await disclosure.problem_for_customer(ctx.runtime, problem)
                results.append(model_tools.result(call, problem))
                continue
            done = (*done, executed)
            results.append(model_tools.result(call, executed))
    except ModelFault as fault:
        return State(fault=fault.reason, usage=usage)
    return State(talk=(*state["talk"], *results), executed=done, usage=usage)


async def verify_answer(state: State, runtime: Runtime[TurnContext]) -> State:
    """The model's answer as far as it can be verified."""
    ctx = runtime.context
    directory = await accounts.directory(ctx.runtime, ctx.principal)
    account = await account_in_talk(ctx)
    try:
        if not state["usage"]["tool_calls"] and await _asks_for_data(ctx, state["message"], directory, account):
            raise ModelFault("unverified", "it answered without looking anything up")
        reply = await asyncio.to_thread(
            spoken.of_question,
            _put_back(state["talk"][-1].text, state),
            state.get("executed", ()),
            state.get("passages", ()),
            directory,
            account.id if account else None,
        )
    except ModelFault as fault:
        return State(fault=fault.reason)
    return State(reply=replace(reply, usage=state["usage"], pending=ctx.pending))


def _put_back(written: str, state: State) -> str:
    """The model's text with the mail addresses that it did not get to see: whoever reads the answer knows them."""
    reports = (model_tools.report_text(each) for each in state.get("executed", ()))
    passages = (passage.text for passage in state.get("passages", ()))
    return put_emails_back(written, chain([state["message"]], reports, passages))


async def _asks_for_data(
    ctx: TurnContext, message: str, directory: AccountDirectory, account: AccountName | None
) -> bool:
    """Whether a command answers the text, or it asks for something to be changed: no model's own words will do then."""
    readable = model_tools.readable(ctx)
    route = await routing.find_route(message, readable, directory, account, ctx.runtime.knowledge)
    return route.kind == routing.WRITING or (route.kind in readable and not route.is_close)


async def narrate(state: State, runtime: Runtime[TurnContext]) -> State:
    """A command's answer with the model's words; without them where there is no model, or it fails."""
    ctx, reply = runtime.context, state["reply"]
    executed: Executed = state["executed"][-1]
    if ctx.runtime.llm is None:
        return State(reply=without_model(reply, "none is set"))
    runtime.stream_writer(status(ctx, "Asking the model"))
    try:
        completion, usage = await _complete(ctx, talk.of_report(ctx, executed), (), {})
        directory = await accounts.directory(ctx.runtime, ctx.principal)
        blocks = await asyncio.to_thread(spoken.in_words, _put_back(completion.text, state), executed, directory)
    except ModelFault as fault:
        return State(reply=without_model(reply, fault.reason))
    kept = tuple(block for block in blocks if block.type != "question" or reply.question)
    return State(reply=replace(reply, blocks=kept, usage=usage))


def without_model(reply: Reply, reason: str) -> Reply:
    """A reply that had to do without the model, and says why."""
    told = f"Answered without the language model: {reason}."
    return replace(
        reply, degraded=told, blocks=(*reply.blocks, Notice(tone="neutral", text=text(told))) if reply.blocks else ()
    )


async def account_in_talk(ctx: TurnContext) -> AccountName | None:
    """The account that the conversation is about, where the caller may see it; none where a customer is to read."""
    if ctx.account_id is None or ctx.audience == "customer":
        return None
    found = (await accounts.directory(ctx.runtime, ctx.principal)).known([ctx.account_id])
    return found[0] if found else None


async def _passages(ctx: TurnContext, message: str) -> tuple[Citation, ...]:
    """What the knowledge base has on it, where the search takes it for an answer or close to one."""
    try:
        found = await ctx.runtime.knowledge.search(
            message[:MAX_QUERY_CHARACTERS], PASSAGES_GIVEN, audience=ctx.audience
        )
    except Problem:  # such as a text without words
        return ()
    return () if found.outcome == "handover" else tuple(found.results)


async def _complete(
    ctx: TurnContext, said: Sequence[Message], tools: Sequence[Tool], usage: dict[str, int]
) -> tuple[Completion, dict[str, int]]:
    """One call of the model, paid from the turn's budget before it is made.

    Raises:
        ModelFault: it failed, or the budget is used up.
    """
    llm = ctx.runtime.llm
    if llm is None:
        raise ModelFault("unreachable", "none is set")
    calls = usage.get("model_calls", 0) + 1
    if calls > MOST_STEPS:
        raise ModelFault("too_many_steps", f"it came to no answer in {MOST_STEPS} steps")
    completion = await _within_deadline(ctx, llm.complete(said, tools))
    return completion, {
        **usage,
        "model_calls": calls,
        "tool_calls": usage.get("tool_calls", 0),
        "input_tokens": usage.get("input_tokens", 0) + completion.input_tokens,
        "output_tokens": usage.get("output_tokens", 0) + completion.output_tokens,
    }


async def _within_deadline(ctx: TurnContext, call: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout_at(ctx.model_until):
            return await call
    except TimeoutError:
        raise ModelFault("timeout", "it took too long") from None
