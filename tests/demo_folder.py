"""A data folder with the demo portfolio and an indexed knowledge base, as `cse up` makes it: made once, then copied."""

import asyncio
import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from app.resources import demo, knowledge
from app.runtime import open_runtime
from app.settings import Settings


def fill(folder: Path) -> None:
    """Put the demo into an empty folder."""
    shutil.copytree(_made_once(), folder, dirs_exist_ok=True)


@functools.cache
def _made_once() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="cse-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)

    async def make() -> None:
        async with open_runtime(Settings(_env_file=None, data_dir=folder)) as runtime:
            await demo.keep_fresh(runtime)
            await knowledge.sync(runtime)

    asyncio.run(make())
    return folder
