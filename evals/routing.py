"""The eval of routing: what happens to free text where no model is set."""

import os
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict
from pydantic_evals import Dataset
from pydantic_evals.evaluators import ConfusionMatrixEvaluator, Evaluator, EvaluatorContext
from pydantic_evals.reporting import ReportCase

from app import turn
from app.domain.events import Answer, ErrorEvent
from app.resources import demo, knowledge
from app.runtime import Runtime, discover_commands, open_runtime
from app.security.principals import LOCAL
from app.settings import Settings
from evals.scored import Scored, share

FILE = Path(__file__).parent / "datasets" / "routing.yaml"

SETTING_PREFIXES = ("CSE_", "OPENAI_")

CommandRoute = Literal[
    "health",
    "feedback",
    "escalate",
    "troubleshoot",
    "onboard",
    "qbr",
    "adoption",
    "renewal",
    "champion",
    "metrics",
    "other",
]
Route = CommandRoute | Literal["knowledge", "nothing"]
COMMANDS: tuple[CommandRoute, ...] = get_args(CommandRoute)
ROUTE_OF_COMMAND: Mapping[str, CommandRoute] = {route: route for route in COMMANDS}
WRITES = {name: command.writes for name, command in discover_commands().items()}


_TAKEN_FOR = re.compile(r"I took this for a question to /\w+(?: (?!about )(?P<action>[\w-]+))?")


class Message(BaseModel):
    """A message, and the account that its thread is about."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: str
    talk: str | None = None

    def __str__(self) -> str:
        return self.message if self.talk is None else f"({self.talk} in talk) {self.message}"


class Routed(BaseModel):
    """Where a message went: to a command and an account (none: all of them), to the articles, or nowhere.

    `action` is the command's subcommand, none for the command alone. `wrote`: it wrote a record, or asked for the
    fields of one to write.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    route: Route
    action: str | None = None
    account: str | None = None
    wrote: bool = False

    def __str__(self) -> str:
        account = self.account or "all accounts" if self.route in COMMANDS else ""
        return " ".join(filter(None, (self.route, self.action, account, "and wrote" if self.wrote else "")))


class Note(BaseModel):
    """Routes of a case that are as right as the expected one, and whether it was kept out of tuning."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    also: tuple[Route, ...] = ()
    held_out: bool = False


Routing = Dataset[Message, Routed, Note]
RoutedCase = ReportCase[Message, Routed, Note]


@dataclass
class Judge(Evaluator[Message, Routed, Note]):
    """Whether route, account and subcommand are right. The last two count where a command is expected."""

    def evaluate(self, ctx: EvaluatorContext[Message, Routed, Note]) -> dict[str, bool | str]:
        expected, got = ctx.expected_output, ctx.output
        if expected is None:
            raise TypeError("a case says where its message must go")
        note = ctx.metadata or Note()
        judged: dict[str, bool | str] = {
            "expected": expected.route,
            "got": got.route,
            "route": got.route in (expected.route, *note.also),
            "writes nothing": not got.wrote,
        }
        if expected.route in COMMANDS:
            judged["account"] = got.route in COMMANDS and got.account == expected.account
            judged["action"] = got.route == expected.route and got.action == expected.action
        return judged


def load_routing() -> Routing:
    """The dataset, without evaluators."""
    return Routing.from_file(FILE)


async def run() -> Scored:
    """Send every message of the dataset, each in a thread of its own."""
    dataset = load_routing()
    dataset.add_evaluator(Judge())
    dataset.report_evaluators.append(
        ConfusionMatrixEvaluator(
            predicted_from="labels",
            predicted_key="got",
            expected_from="labels",
            expected_key="expected",
            title="Routes",
        )
    )
    async with _demo_runtime() as runtime:
        report = await dataset.evaluate(partial(send, runtime), name="routing", max_concurrency=1, progress=False)
    return Scored(
        report=report,
        wrong=frozenset(case.name for case in report.cases if not _is_right(case) or case.output.wrote),
        metrics={**_metrics(report.cases, len(report.failures)), "errors": len(report.failures)},
    )


async def send(runtime: Runtime, message: Message) -> Routed:
    """Where the message goes in a new thread, or in one that is about the account in talk.

    Raises:
        RuntimeError: the turn failed.
    """
    thread = None
    if message.talk is not None:
        thread = (await _answer(runtime, f"/health {message.talk}", None)).thread_id
    return routed(await _answer(runtime, message.message, thread))


def routed(answer: Answer) -> Routed:
    """What an answer says of where its message went."""
    if answer.command is None:
        return Routed(route="knowledge" if answer.citations else "nothing", wrote=bool(answer.effects))
    action = _action(answer)
    asks_to_write = answer.question is not None and action in WRITES.get(answer.command, ())
    return Routed(
        route=ROUTE_OF_COMMAND.get(answer.command, "other"),
        action=action,
        account=answer.account_id,
        wrote=bool(answer.effects) or asks_to_write,
    )


def _action(answer: Answer) -> str | None:
    """The subcommand that the answer says it took the message for."""
    taken = _TAKEN_FOR.search(answer.text)
    return taken["action"] if taken else None


async def _answer(runtime: Runtime, message: str, thread: str | None) -> Answer:
    last = await turn.answer(runtime, turn.Turn(LOCAL, message, thread))
    if isinstance(last, ErrorEvent):
        raise RuntimeError(f"the turn failed: {last.error.detail} [{last.error.code}]")
    return last.answer


def _metrics(cases: Sequence[RoutedCase], errors: int) -> dict[str, float]:
    """Shares over the cases; one that raised an exception is wrong in all that counts right ones."""
    wrong = [False] * errors
    no_command = [case for case in cases if case.labels["expected"].value not in COMMANDS]
    return {
        "route": share([*(case.assertions["route"].value for case in cases), *wrong]),
        "account": share(case.assertions["account"].value for case in cases if "account" in case.assertions),
        "action": share(case.assertions["action"].value for case in cases if "action" in case.assertions),
        "all": share([*map(_is_right, cases), *wrong]),
        "held_out": share(_is_right(case) for case in cases if _is_held_out(case)),
        "false_commands": share(map(_is_false_command, no_command)) if no_command else 0.0,
        "writes": sum(case.output.wrote for case in cases),
    }


def _is_right(case: RoutedCase) -> bool:
    return all(case.assertions[name].value for name in ("route", "account", "action") if name in case.assertions)


def _is_held_out(case: RoutedCase) -> bool:
    return case.metadata is not None and case.metadata.held_out


def _is_false_command(case: RoutedCase) -> bool:
    return case.output.route in COMMANDS and not case.assertions["route"].value


@asynccontextmanager
async def _demo_runtime() -> AsyncIterator[Runtime]:
    """A runtime with no model over a temporary data folder that holds the demo and the shipped articles."""
    for name in [name for name in os.environ if name.startswith(SETTING_PREFIXES)]:
        del os.environ[name]  # a model or another database of the shell's would change what is measured
    with TemporaryDirectory(prefix="cse-evals-") as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder), timezone="UTC")
        async with open_runtime(settings) as runtime:
            await demo.load(runtime)
            await knowledge.sync(runtime)
            yield runtime
