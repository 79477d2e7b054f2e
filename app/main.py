"""The service: `create_app(settings)` is the only wiring."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version

from fastapi import FastAPI
from starlette.types import ASGIApp

from app.agent.llm import open_llm
from app.channels import api_document, http, http_problems, slack
from app.channels.body_limit import BodyLimit
from app.channels.limits import LimitsMiddleware
from app.channels.security_headers import SecurityHeaders
from app.resources import approvals, delivery, running_work
from app.runtime import discover_commands, open_runtime
from app.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """The application. Everything it holds is built when it starts and closed when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_runtime(settings, llm=open_llm(settings)) as runtime, slack.open_channel(runtime) as channel:
            app.state.runtime = runtime
            app.state.slack = channel
            await running_work.look_after(runtime)
            runtime.start_background(runtime.with_each_beat(partial(running_work.look_after, runtime)))
            runtime.start_background(runtime.with_each_beat(partial(approvals.expire, runtime)))
            runtime.start_background(runtime.knowledge.open())
            async with delivery.delivering(runtime):
                yield

    app = FastAPI(
        title="cse-agent",
        version=version("cse-agent"),
        summary="A customer success engineer's desk over a company's own customer data.",
        lifespan=lifespan,
        docs_url=None,  # it loads scripts from elsewhere; app.channels.docs_page is ours
        redoc_url=None,
    )
    http_problems.install(app)
    api_document.install(app)
    http.install(app, discover_commands())
    slack.install(app)
    app.add_middleware(BodyLimit)  # the last one added stands before all others
    build = app.build_middleware_stack  # what it builds answers errors on our side, too

    def with_edge() -> ASGIApp:
        return SecurityHeaders(LimitsMiddleware(build(), settings))

    app.build_middleware_stack = with_edge  # type: ignore[method-assign]
    return app
