"""What the parts of the command line share: opening the runtime for one piece of work, and printing JSON."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer

from app.agent.llm import open_llm
from app.channels import logs
from app.render.characters import visible
from app.runtime import Runtime, open_runtime
from app.settings import load_settings

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON alone on stdout")]


def with_runtime(work: Callable[[Runtime], Coroutine[Any, Any, T]]) -> T:
    """Do the work with the deployment's runtime, and close it."""

    async def run() -> T:
        settings = load_settings()
        logs.configure(settings)
        async with open_runtime(settings, llm=open_llm(settings)) as runtime:
            return await work(runtime)

    return asyncio.run(run())


def print_json(value: Any) -> None:
    typer.echo(in_ascii_where_hidden(json.dumps(value, default=str, ensure_ascii=False, indent=2)))


def in_ascii_where_hidden(written: str) -> str:
    """JSON with what no reader sees, and what would steer a terminal, in escapes: it means the same."""
    hidden = {character for character in set(written) if not visible(character)}
    return written.translate({ord(character): json.dumps(character)[1:-1] for character in hidden})
