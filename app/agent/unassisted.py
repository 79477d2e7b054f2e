"""The graph's node for free text without the model: a command that reads, the articles, or what can be asked."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from langgraph.runtime import Runtime

from app.agent import help_page, knowledge_answer, model_tools, routing, typed
from app.agent.model_nodes import account_in_talk, without_model
from app.agent.progress import status
from app.agent.state import State, TurnContext
from app.domain import syntax
from app.domain.command import Command
from app.domain.problems import Problem
from app.domain.reply import Reply
from app.resources import accounts
from app.retrieval.knowledge import MAX_QUERY_CHARACTERS
from app.retrieval.search import SearchResult


async def answer(state: State, runtime: Runtime[TurnContext]) -> State:
    """The answer that needs no model. Where one failed, the reply says why."""
    ctx = runtime.context
    reply = await _reply(state, runtime)
    if fault := state.get("fault"):
        reply = without_model(reply, fault)
    return State(reply=dataclasses.replace(reply, usage=state.get("usage", {}), pending=reply.pending or ctx.pending))


async def _reply(state: State, runtime: Runtime[TurnContext]) -> Reply:
    ctx, message = runtime.context, state["message"]
    runtime.stream_writer(status(ctx, "Finding out what is asked"))
    directory = await accounts.directory(ctx.runtime, ctx.principal)
    readable = model_tools.readable(ctx)
    talk = await account_in_talk(ctx)
    route = await routing.find_route(message, readable, directory, talk, ctx.runtime.knowledge)
    if route.kind in readable and not route.is_close:
        return await _ask_command(state, route, readable, runtime)
    runtime.stream_writer(status(ctx, "Searching the knowledge base"))
    found = await _search(ctx, message)
    if route.kind in readable and found.outcome != "answer":
        return await _ask_command(state, route, readable, runtime)
    if route.kind == routing.WRITING and found.outcome != "answer":
        return Reply(blocks=help_page.only_typed(readable), degraded=found.reason)
    if route.kind == routing.NOTHING and found.outcome != "answer":
        return Reply(blocks=help_page.unanswered(readable), degraded=found.reason)
    return Reply(blocks=knowledge_answer.blocks(found, readable), degraded=found.reason)


async def _ask_command(
    state: State, route: routing.Route, readable: Mapping[str, Command[Any]], runtime: Runtime[TurnContext]
) -> Reply:
    """The command's answer to free text, with a note of how it was taken; a command that would write gives none."""
    try:
        invocation = routing.invocation_of(route, readable[route.kind], state["message"])
    except Problem as problem:
        return typed.problem_reply(problem)
    if route.typed and len(route.accounts) != 1:
        choice = syntax.AccountChoice(invocation, route.typed, route.accounts, exact=False)
        return typed.ask_account(choice, asked=1, by_hand=False)
    asked_of = " ".join(filter(None, (f"/{invocation.command}", route.action)))
    note = f"I took this for a question to {asked_of}{_about(route)}.{_others(route)}"
    if (
        not route.action
        and not syntax.shape_of(readable[route.kind]).under(None).raw
        and routing.names_another_time(state["message"])
    ):
        note = f"{note} It is answered as of the newest data; name another day as in “as of 2026-03-31”."
    asked = State(message=state["message"], invocation=invocation.dated(runtime.context.as_of), note=note, typed=False)
    reply: Reply = (await typed.run_command(asked, runtime))["reply"]
    return reply if not reply.effects else Reply(blocks=help_page.unanswered(readable))


async def _search(ctx: TurnContext, message: str) -> SearchResult:
    """What the knowledge base has; nothing where the text holds no word to look for."""
    try:
        return await ctx.runtime.knowledge.search(message[:MAX_QUERY_CHARACTERS], audience=ctx.audience)
    except Problem:
        return SearchResult(outcome="handover", results=(), mode=ctx.runtime.knowledge.mode.name)


def _about(route: routing.Route) -> str:
    """Which account it was taken to be about."""
    return "".join(f" about {account.name} ({account.id})" for account in route.accounts)


def _others(route: routing.Route) -> str:
    """A sentence on accounts that were named besides."""
    names = ", ".join(account.name for account in route.others)
    return f" An answer is about one account: ask about {names} by itself." if names else ""
