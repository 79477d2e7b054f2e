"""What the parts of the command line share: opening the runtime for one piece of work, and printing JSON."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, TypeVar

import typer

from app.agent.llm import open_llm
from app.runtime import Runtime, open_runtime
from app.settings import load_settings

T = TypeVar("T")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON alone on stdout")]


def with_runtime(work: Callable[[Runtime], Coroutine[Any, Any, T]]) -> T:
    """Do the work with the deployment's runtime, and close it."""

    async def run() -> T:
        settings = load_settings()
        async with open_runtime(settings, llm=open_llm(settings)) as runtime:
            return await work(runtime)

    return asyncio.run(run())


def print_json(value: Any) -> None:
    typer.echo(json.dumps(value, default=str, ensure_ascii=False, indent=2))
