"""A data folder with the demo portfolio and an indexed knowledge base, as `cse up` makes it: made once, then copied."""

import asyncio
import os
import shutil
from pathlib import Path

from filelock import FileLock

from app.resources import demo, knowledge
from app.runtime import open_runtime
from app.settings import Settings

SHARED = "TEST_SHARED_FOLDER"
"""Names the folder that the processes of one test run share; the first of them makes and removes it."""


def fill(folder: Path) -> None:
    """Put the demo into an empty folder."""
    shutil.copytree(_made_once(), folder, dirs_exist_ok=True)


def _made_once() -> Path:
    shared = Path(os.environ[SHARED])
    folder, done = shared / "demo", shared / "demo.done"
    with FileLock(shared / "demo.lock"):
        if not done.exists():
            asyncio.run(_make(folder))
            done.touch()
    return folder


async def _make(folder: Path) -> None:
    async with open_runtime(Settings(_env_file=None, data_dir=folder)) as runtime:
        await demo.keep_fresh(runtime)
        await knowledge.sync(runtime)
