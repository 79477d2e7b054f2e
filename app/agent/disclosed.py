"""A turn's reply as the customer may read it: the one place that every answer for a customer passes."""

from dataclasses import replace

from app.agent.state import TurnContext
from app.domain.events import ProblemDetail
from app.domain.problems import Problem
from app.domain.reply import Reply
from app.resources import disclosure


async def reply(ctx: TurnContext, given: Reply) -> Reply:
    """The reply without what its customer must not read; where that fails, an error, and nothing is written."""
    try:
        told = await disclosure.reply_for_customer(ctx.runtime, replace(given, audience="customer"))
    except Problem as problem:
        error = ProblemDetail(code=problem.code, detail=problem.detail)
        return Reply(command=given.command, error=error, usage=given.usage, audience="customer")
    if told.error is None:
        return told
    about = Problem(told.error.detail, code=told.error.code, **told.error.extra)
    fit = await disclosure.problem_for_customer(ctx.runtime, about)
    return replace(told, error=ProblemDetail(code=fit.code, detail=fit.detail, extra=fit.extra))
