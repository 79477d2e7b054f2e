"""The parameters of all commands as one set."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.parameters import load_parameters
from app.runtime import PROJECT, discover_commands

SCRIPT = """
from pathlib import Path
from app.parameters import load_parameters
from app.runtime import discover_commands
print(load_parameters(discover_commands(), Path("tools"), Path("none")).version)
"""


def version_in_a_process(hash_seed: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout


def test_equal_settings_have_equal_versions_in_every_process() -> None:
    assert version_in_a_process("1") == version_in_a_process("2") != ""


@pytest.mark.parametrize("name", sorted(discover_commands()))
def test_what_is_kept_of_parameters_can_be_read_again(name: str) -> None:
    """The parameters of an earlier day are read back from what was kept of them."""
    own = load_parameters(discover_commands(), PROJECT / "tools", PROJECT / "none")
    kept = json.loads(json.dumps(own.content[name]))
    assert type(own.by_command[name]).model_validate(kept) == own.by_command[name]
