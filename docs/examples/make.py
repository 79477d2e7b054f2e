"""Makes the examples beside this file by their two plans: python docs/examples/make.py [FOLDER] (make docs).

examples.yaml holds what the commands are asked, troubleshoot.yaml the cases put to /troubleshoot. The demo portfolio is
loaded as of a fixed day, so the answers are the same whenever they are made. Those on RavenStack need its files at
../shared/data/ravenstack, and are left as they are where these are missing.
"""

import asyncio
import datetime as dt
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app import turn
from app.domain.events import DoneEvent
from app.domain.yaml_text import load_yaml
from app.resources import attachments, demo, exports, imports, knowledge
from app.resources.attachments import File
from app.resources.exports import Format
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL
from app.settings import Settings

HERE = Path(__file__).parent
RAVENSTACK = HERE.parents[2] / "shared" / "data" / "ravenstack"
PLAN: Mapping[str, Any] = load_yaml((HERE / "examples.yaml").read_text(encoding="utf-8"))
CASES: list[Mapping[str, str]] = load_yaml((HERE / "troubleshoot.yaml").read_text(encoding="utf-8"))["cases"]
CASE_FILES = HERE / "troubleshoot"

_MADE_UP = re.compile(r"\b(turn|thread|prop|appr)_[0-9a-z]{8,}")
"""Ids that differ each time."""


def settings_in(folder: Path) -> Settings:
    """Those of a new deployment, whatever the shell and .env say."""
    return Settings(_env_file=None, data_dir=folder)  # type: ignore[call-arg]


async def make_demo(folder: Path, data: Path) -> None:
    """Write the examples on the demo portfolio, and the documents made from them, into `folder`."""
    now = dt.datetime.combine(PLAN["today"], dt.time(9), dt.UTC)
    async with open_runtime(settings_in(data), lambda: now) as runtime:
        await demo.load(runtime)
        await knowledge.sync(runtime)
        for name, messages in PLAN["demo"].items():
            (folder / f"{name}.md").write_text(await _answers(runtime, messages, None), encoding="utf-8")
        for document in PLAN["documents"]:
            await _write_document(runtime, document, folder)


async def make_cases(folder: Path, data: Path) -> None:
    """Put the cases to /troubleshoot on the demo portfolio, and write each with its answer into `folder`."""
    now = dt.datetime.combine(PLAN["today"], dt.time(10, 30), dt.UTC)  # after the last line of what they sent
    async with open_runtime(settings_in(data), lambda: now) as runtime:
        await demo.load(runtime)
        await knowledge.sync(runtime)
        for case in CASES:
            (folder / f"{case['name']}.md").write_text(await _case(runtime, case), encoding="utf-8")


async def _case(runtime: Runtime, case: Mapping[str, str]) -> str:
    """A case as a page: who writes, what they sent, the file, and the answer."""
    files: tuple[str, ...] = ()
    sent = f"/troubleshoot {case['account']}\n{case['message']}"
    parts = [f"# {case['about'].strip()}", _fenced(sent)]
    if name := case.get("file"):
        files = await _attached(runtime, CASE_FILES / name)
        parts.append(f"Attached: [{name}]({name})")
    done = await _answered(runtime, turn.Turn(LOCAL, sent, channel="cli", attachments=files))
    return _MADE_UP.sub(r"\1_…", "\n\n".join((*parts, "---", done.answer.text)))


async def _attached(runtime: Runtime, path: Path) -> tuple[str, ...]:
    with path.open("rb") as content:
        added = await attachments.add(runtime, LOCAL, [File(path.name, content)])
    return tuple(each.id for each in added.items)


def _fenced(said: str) -> str:
    """The text in a fence that is longer than every run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", said)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{said.rstrip()}\n{fence}"


async def make_ravenstack(folder: Path, runtime: Runtime) -> None:
    """Write the examples on RavenStack, which is loaded, into `folder`."""
    as_of = PLAN["ravenstack_as_of"]
    for name, messages in PLAN["ravenstack"].items():
        path = folder / f"{name}-ravenstack.md"
        path.write_text(await _answers(runtime, messages, as_of), encoding="utf-8")


async def _answers(runtime: Runtime, messages: list[str], as_of: dt.date | None) -> str:
    parts = [f"# `{message}`\n\n{(await _ask(runtime, message, as_of)).answer.text}" for message in messages]
    return _MADE_UP.sub(r"\1_…", "\n".join(parts))


async def _ask(runtime: Runtime, message: str, as_of: dt.date | None = None) -> DoneEvent:
    audience, _, text = message.rpartition(" | ")
    return await _answered(
        runtime, turn.Turn(LOCAL, text, as_of=as_of, audience="customer" if audience else "internal", channel="cli")
    )


async def _answered(runtime: Runtime, asked: turn.Turn) -> DoneEvent:
    done = await turn.answer(runtime, asked)
    if not isinstance(done, DoneEvent) or done.answer.error is not None:
        raise SystemExit(f"{asked.message}: {done}")
    return done


async def _write_document(runtime: Runtime, document: Mapping[str, Any], folder: Path) -> None:
    answer = (await _ask(runtime, document["message"])).answer
    for form in document["formats"]:
        made = await exports.export(runtime, LOCAL, answer.turn_id, _format(form))
        (folder / f"{document['name']}.{form}").write_bytes(made.content)


def _format(form: str) -> Format:
    if form not in exports.MEDIA_TYPES:
        raise SystemExit(f"There is no format {form!r}.")
    return form  # type: ignore[return-value]


@contextmanager
def empty_folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


async def make_all(folder: Path) -> None:
    """Write every example that can be made here into `folder`."""
    with empty_folder() as data:
        await make_demo(folder, data)
    with empty_folder() as data:
        (folder / CASE_FILES.name).mkdir(exist_ok=True)
        await make_cases(folder / CASE_FILES.name, data)
    if not RAVENSTACK.is_dir():
        sys.stderr.write(f"The examples on RavenStack are left as they are: {RAVENSTACK} is missing.\n")
        return
    with empty_folder() as data:
        async with open_runtime(settings_in(data)) as runtime:
            await imports.run_path(runtime, LOCAL, RAVENSTACK, imports.Options(profile="ravenstack"))
            await make_ravenstack(folder, runtime)


if __name__ == "__main__":
    asyncio.run(make_all(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE))
