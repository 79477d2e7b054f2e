"""The LangGraph graph.

    route ─┬─ run_command ─┬──────────────────────────┬─ record
           │               └─ narrate (where asked) ──┤
           ├─ ask_model ⇄ call_tools                  │
           │      └─ verify_answer ───────────────────┤
           └─ answer (no model, or it failed) ────────┘

No checkpointer: conversations live in our own tables. The graph's stream is decoded here and nowhere else.
"""

import functools
from collections.abc import AsyncIterator
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime

from app.agent import disclosed, model_nodes, typed, unassisted
from app.agent.model_nodes import has_model
from app.agent.state import State, TurnContext
from app.domain.events import Event
from app.resources import turns

RECURSION_LIMIT = 2 * model_nodes.MOST_STEPS + 8
"""Beyond what the steps of the model and the nodes around them can come to."""


@functools.cache
def build_graph() -> Any:
    """The compiled graph. It holds no data: everything comes with the state and the context."""
    graph = StateGraph(State, context_schema=TurnContext)
    graph.add_node("route", typed.route)
    graph.add_node("run_command", typed.run_command)
    graph.add_node("narrate", model_nodes.narrate)
    graph.add_node("ask_model", model_nodes.ask_model)
    graph.add_node("call_tools", model_nodes.call_tools)
    graph.add_node("verify_answer", model_nodes.verify_answer)
    graph.add_node("answer", unassisted.answer)
    graph.add_node("record", _record)
    graph.add_edge(START, "route")
    graph.add_conditional_edges("route", _after_route, ["run_command", "ask_model", "answer", "record"])
    graph.add_conditional_edges("run_command", _after_command, ["narrate", "record"])
    graph.add_conditional_edges("ask_model", _after_model, ["call_tools", "verify_answer", "answer"])
    graph.add_conditional_edges("call_tools", _after_tools, ["ask_model", "answer"])
    graph.add_conditional_edges("verify_answer", _after_verifying, ["record", "answer"])
    for last in ("narrate", "answer"):
        graph.add_edge(last, "record")
    graph.add_edge("record", END)
    return graph.compile()


async def run(message: str, context: TurnContext) -> AsyncIterator[Event]:
    """Run one turn and yield its events; the turn is recorded before the last one."""
    stream = build_graph().astream(
        State(message=message), context=context, stream_mode="custom", config={"recursion_limit": RECURSION_LIMIT}
    )
    async for event in stream:
        yield event


def _after_route(state: State, runtime: Runtime[TurnContext]) -> str:
    if "reply" in state:
        return "record"
    if "invocation" in state:
        return "run_command"
    return "ask_model" if has_model(runtime.context) else "answer"


def _after_command(state: State, runtime: Runtime[TurnContext]) -> str:
    return "narrate" if runtime.context.narrate and "executed" in state else "record"


def _after_model(state: State) -> str:
    if "fault" in state:
        return "answer"
    return "call_tools" if state["talk"][-1].calls else "verify_answer"


def _after_tools(state: State) -> str:
    return "answer" if "fault" in state else "ask_model"


def _after_verifying(state: State) -> str:
    return "answer" if "fault" in state else "record"


async def _record(state: State, runtime: Runtime[TurnContext]) -> State:
    """Carry out the effects and store the answer in one transaction; only then is the answer told."""
    ctx, reply = runtime.context, state["reply"]
    if ctx.audience == "customer":
        reply = await disclosed.reply(ctx, reply)
    for event in await turns.record(ctx.runtime, ctx.principal, ctx.turn_id, ctx.thread_id, reply):
        runtime.stream_writer(event)
    return State()
