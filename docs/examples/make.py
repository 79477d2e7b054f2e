"""Makes the examples beside this file, from examples.yaml: python docs/examples/make.py [FOLDER] (make docs).

The demo portfolio is loaded as of a fixed day, so the answers are the same whenever they are made. Those on RavenStack
need its files at ../shared/data/ravenstack, and are left as they are where these are missing.
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
from app.resources import demo, exports, imports, knowledge
from app.resources.exports import Format
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL
from app.settings import Settings

HERE = Path(__file__).parent
RAVENSTACK = HERE.parents[2] / "shared" / "data" / "ravenstack"
PLAN: Mapping[str, Any] = load_yaml((HERE / "examples.yaml").read_text(encoding="utf-8"))

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
    asked = turn.Turn(LOCAL, text, as_of=as_of, audience="customer" if audience else "internal", channel="cli")
    done = await turn.answer(runtime, asked)
    if not isinstance(done, DoneEvent) or done.answer.error is not None:
        raise SystemExit(f"{message}: {done}")
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
    if not RAVENSTACK.is_dir():
        sys.stderr.write(f"The examples on RavenStack are left as they are: {RAVENSTACK} is missing.\n")
        return
    with empty_folder() as data:
        async with open_runtime(settings_in(data)) as runtime:
            await imports.run_path(runtime, LOCAL, RAVENSTACK, imports.Options(profile="ravenstack"))
            await make_ravenstack(folder, runtime)


if __name__ == "__main__":
    asyncio.run(make_all(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE))
