"""A command that reads files, of the least that one has: for the tests of what is around it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from app import main, prompts, runtime
from app.domain.blocks import Question, Verdict
from app.domain.command import Args, Command, Context, Needs, Outcome, ReadFile, Report, raw_text
from app.domain.figures import text
from app.domain.redact import mask_secrets


class InspectArgs(Args):
    account: str | None = Field(None, description="The customer")
    attachments: tuple[str, ...] = Field((), description="Files")
    text: str = raw_text("What happened", "", about_account=False)


class FirstLine(ReadFile):
    name: str
    line: str

    @property
    def summary(self) -> str:
        return "log"


class InspectData(BaseModel):
    text: str
    files: tuple[FirstLine, ...]


class Inspect(Command[InspectArgs]):
    name = "inspect"
    summary = "Tells the first line of each file"
    examples = ("/inspect acme",)
    args = InspectArgs
    data = InspectData
    reads = FirstLine

    def read(self, name: str, chunks: Iterable[bytes]) -> FirstLine:
        """The first line alone: the rest of the file is not looked at."""
        first = next(iter(chunks), b"")
        return FirstLine(name=name, line=mask_secrets(first.split(b"\n")[0].decode(errors="replace"))[:200])

    def needs(self, args: InspectArgs) -> Needs:
        return Needs(account=args.account, attachments=args.attachments)

    def run(self, ctx: Context, args: InspectArgs) -> Outcome:
        files = tuple(each for each in ctx.attachments if isinstance(each, FirstLine))
        data = InspectData(text=mask_secrets(args.text), files=files)
        lines = tuple(text(f"{each.name}: {each.line}") for each in files)
        report = Report(data, (Verdict(tone="neutral", headline=text(data.text or "No words"), lines=lines),))
        missing = Question(text=text("What failed?"), fields=("text",))
        return Outcome(report, question=None if args.text else missing)


INSPECT = Inspect()


def put_in_place(patch: pytest.MonkeyPatch) -> None:
    """The service with this command as the only one that reads files."""

    def commands() -> Mapping[str, Command[Any]]:
        shipped = runtime_commands()
        return {**{name: each for name, each in shipped.items() if type(each).reads is None}, "inspect": INSPECT}

    def prompts_of(folder: Path, names: Iterable[str]) -> Mapping[str, prompts.Prompt]:
        found = load(folder, [name for name in names if name != "inspect"])
        return {**found, "inspect": prompts.Prompt(id="inspect", version=1, text="Say what it says.")}

    runtime_commands, load = runtime.discover_commands, prompts.load_prompts
    for module in (runtime, main):
        patch.setattr(module, "discover_commands", commands)
    patch.setattr(runtime, "load_prompts", prompts_of)
