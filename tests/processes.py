"""Processes of their own for tests that need several, or one that dies.

They are forked from a process that has imported the service and has nothing open: a new interpreter would need a second
for each to import it.
"""

import gc
import multiprocessing
from collections.abc import Callable
from functools import cache
from multiprocessing.process import BaseProcess
from typing import Any

from app.store import engine

SECONDS = 120


@cache
def _forks() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "app.main", "app.channels.cli", "app.imports.run", "app.store.backup"])
    return context


def start(target: Callable[..., object], *given: object) -> BaseProcess:
    """Run a function of a module in a process."""
    process: BaseProcess = _forks().Process(target=_run, args=(target, *given))
    process.start()
    return process


def ended(process: BaseProcess) -> int | None:
    """Wait for its end; its exit code, -9 after kill -9, None where it goes on for too long."""
    process.join(SECONDS)
    return process.exitcode


def _run(target: Callable[..., object], *given: object) -> None:
    gc.freeze()
    engine.SQLITE_SYNCHRONOUS = "OFF"  # as in the tests' own process
    target(*given)
