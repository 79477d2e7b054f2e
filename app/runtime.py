"""Runtime: what a running service or command line shares. Built once, in the lifespan; nothing is built at import."""

import asyncio
import datetime as dt
import importlib
import logging
import pkgutil
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

import tools
from app.domain.command import Command
from app.domain.directory import AccountDirectory
from app.domain.disclosure import DisclosureRules, Unsaid
from app.domain.llm import LLM
from app.domain.problems import Problem
from app.parameters import ParameterSet, load_parameters
from app.prompts import Prompt, load_prompts
from app.retrieval.embed import Endpoint, find_embedder
from app.retrieval.knowledge import Knowledge
from app.retrieval.search import load_thresholds
from app.security.commitments import Commitments, load_commitments
from app.security.disclosure import load_disclosure
from app.security.policy import Policy, load_policy
from app.security.principals import SERVICE
from app.security.seal import Seal
from app.security.templates import Templates, load_templates
from app.settings import Settings
from app.store import audit_log, parameter_sets
from app.store.engine import Store
from app.store.leases import BEAT_SECONDS, Lease
from app.turn_runs import RunningTurns

Commands = Mapping[str, Command[Any]]
FILES_READ_AT_ONCE = 2
"""Uploads whose files are read at a time: reading takes a core each, and the requests beside it need some too."""

PROJECT = Path(__file__).resolve().parent.parent

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Runtime:
    """The shared parts. `clock` gives the current time, aware; tests give their own. `llm` is None without a model."""

    settings: Settings
    store: Store
    knowledge: Knowledge
    llm: LLM | None
    commands: Commands
    parameters: ParameterSet
    prompts: Mapping[str, Prompt]
    clock: Callable[[], dt.datetime]
    lease: Lease
    policy: Policy
    commitments: Commitments
    disclosure: DisclosureRules
    templates: Templates
    turns: RunningTurns = field(default_factory=RunningTurns)
    directories: dict[tuple[int, frozenset[str] | None], AccountDirectory] = field(default_factory=dict)
    unsaid: dict[tuple[int, str | None], Unsaid] = field(default_factory=dict)

    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(FILES_READ_AT_ONCE))
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    outbox_filled: asyncio.Event = field(default_factory=asyncio.Event)

    def start_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a job beside the requests; the runtime's end waits for it."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def with_each_beat(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do the work again and again until the runtime ends. A failure is logged; the next beat tries again."""
        while not self.ending.is_set():
            try:
                await work()
            except Problem as problem:
                log.warning("what is done with each beat failed: %s", problem.detail)
            except Exception:
                log.exception("what is done with each beat failed")
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ending.wait(), BEAT_SECONDS)

    def today(self) -> dt.date:
        return self.clock().astimezone(self.settings.zone).date()


def discover_commands() -> Commands:
    """The commands found in `tools/`: one module each, exposing COMMAND."""
    found: dict[str, Command[Any]] = {}
    for module in pkgutil.iter_modules(tools.__path__):
        command = getattr(importlib.import_module(f"tools.{module.name}"), "COMMAND", None)
        if isinstance(command, Command):
            found[command.name] = command
    return found


def _knowledge(store: Store, settings: Settings, clock: Callable[[], dt.datetime]) -> Knowledge:
    endpoint = None
    if settings.embedding_base_url:
        key = settings.embedding_api_key.get_secret_value() or None
        endpoint = Endpoint(settings.embedding_base_url, settings.embedding_model, key, settings.private_hosts)
    find = partial(find_embedder, endpoint)
    return Knowledge(store, settings.data_dir, find, load_thresholds(), clock, settings.chroma_url)


def seal_of(settings: Settings) -> Seal:
    """The seal of the deployment's audit log."""
    return Seal(settings.data_dir, settings.audit_key.get_secret_value(), settings.audit_anchor)


def _put_in_force(conn: Connection, parameters: ParameterSet, now: dt.datetime) -> None:
    if parameter_sets.put_in_force(conn, parameters.version, parameters.content, now):
        audit_log.record(conn, SERVICE, audit_log.Event("parameters.in_force", subject=parameters.version), now)


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


async def _renew(runtime: Runtime) -> None:
    if runtime.lease.is_taken:
        await runtime.store.write(runtime.lease.renew, runtime.clock())


async def _give_back(runtime: Runtime) -> None:
    """So that nobody waits for the lease to expire. Where it fails, they do."""
    if not runtime.lease.is_taken:
        return
    with suppress(Problem):
        await runtime.store.write(runtime.lease.end)
    runtime.lease.release()


@asynccontextmanager
async def open_runtime(
    settings: Settings, clock: Callable[[], dt.datetime] = _utc_now, llm: LLM | None = None
) -> AsyncIterator[Runtime]:
    """Open the store and the knowledge base, bring the tables up to date; close both, and the model, at the end.

    Raises:
        Problem: the parameters or the prompts are wrong.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    commands = discover_commands()
    parameters = load_parameters(commands, PROJECT / "tools", settings.data_dir / "parameters")
    prompts = load_prompts(PROJECT / "prompts", commands)
    policy, disclosure, templates = load_policy(), load_disclosure(), load_templates()
    commitments = load_commitments(policy)
    store = Store(settings.store_url, settings.data_dir, seal_of(settings))
    try:
        await asyncio.to_thread(store.migrate)
        if await store.read(parameter_sets.newest) != parameters.version:
            await store.write(_put_in_force, parameters, clock())
        knowledge = _knowledge(store, settings, clock)
        lease = Lease(store)
        runtime = Runtime(
            settings,
            store,
            knowledge,
            llm,
            commands,
            parameters,
            prompts,
            clock,
            lease,
            policy,
            commitments,
            disclosure,
            templates,
        )
        runtime.start_background(runtime.with_each_beat(partial(_renew, runtime)))
        try:
            yield runtime
        finally:
            runtime.ending.set()
            await runtime.turns.stop_all()
            if runtime.tasks:
                await asyncio.wait(runtime.tasks)
            await knowledge.close()
            await _give_back(runtime)
    finally:
        if llm is not None:
            await llm.close()
        store.close()
