"""A data folder with RavenStack, which nobody here wrote: imported once in a test run, then copied."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from app.resources import imports
from app.runtime import open_runtime
from app.security.principals import LOCAL
from app.settings import Settings
from tests.demo_folder import SHARED

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "ravenstack"

needs_ravenstack = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="needs ../shared/data/ravenstack beside the repository"
)


def fill(folder: Path) -> None:
    """Put RavenStack into an empty folder."""
    shutil.copytree(_made_once(), folder, dirs_exist_ok=True)


def _made_once() -> Path:
    shared = Path(os.environ[SHARED])
    folder, done = shared / "ravenstack", shared / "ravenstack.done"
    with FileLock(shared / "ravenstack.lock"):
        if not done.exists():
            asyncio.run(_make(folder))
            done.touch()
    return folder


async def _make(folder: Path) -> None:
    async with open_runtime(Settings(_env_file=None, data_dir=folder)) as runtime:
        await imports.run_path(runtime, LOCAL, FOLDER, imports.Options(profile="ravenstack"))
