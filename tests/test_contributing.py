"""The eleventh command in CONTRIBUTING.md works as it is printed there."""

import importlib.util
import re
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from app.domain.command import Command

DOCUMENT = Path(__file__).resolve().parent.parent / "CONTRIBUTING.md"
LISTING = re.compile(r"^   `([\w/.]+)`\n\n   ```\w+\n(.*?)^   ```$", re.M | re.S)


@pytest.fixture
def listings(tmp_path: Path) -> dict[str, Path]:
    """The files that the document lists, by their path in the repository, written to a folder."""
    files = {}
    for name, content in LISTING.findall(DOCUMENT.read_text(encoding="utf-8")):
        files[name] = tmp_path / name
        files[name].parent.mkdir(parents=True, exist_ok=True)
        files[name].write_text(textwrap.dedent(content), encoding="utf-8")
    return files


def load(name: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


def test_the_listed_command_is_whole(listings: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(listings) == {
        "tools/contract.py",
        "tools/contract.yaml",
        "prompts/contract.md",
        "tests/tools/test_contract.py",
    }
    command = load("tools.contract", listings["tools/contract.py"], monkeypatch).COMMAND
    assert isinstance(command, Command)
    parameters = yaml.safe_load(listings["tools/contract.yaml"].read_text(encoding="utf-8"))
    assert type(command).parameters.model_validate(parameters)


def test_the_listed_test_passes(listings: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    load("tools.contract", listings["tools/contract.py"], monkeypatch)
    listed = load("test_contract", listings["tests/tools/test_contract.py"], monkeypatch)
    cases = listed.test_decision_date.pytestmark[0].args[1]
    assert len(cases) == 3
    for case in cases:
        listed.test_decision_date(*case)
