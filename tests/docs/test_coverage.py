"""docs/coverage.md: what it names is there, and all deliverables come out of commands."""

import re
from pathlib import Path
from typing import get_args

import pytest

from app.runtime import discover_commands

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`/([a-z]+)(?: ([a-z-]+))?`", TEXT)))
DELIVERABLES = 13


def subcommands(name: str) -> set[str]:
    field = type(discover_commands()[name]).args.model_fields["action"]
    parts = (field.annotation, *get_args(field.annotation))
    return {word for part in parts for word in get_args(part) if isinstance(word, str)}


def rows(section: str) -> list[str]:
    (found,) = re.findall(rf"^## {section}.*?\n\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    return [line for line in found.splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize(("name", "subcommand"), NAMED)
def test_every_command_that_it_names_is_there(name: str, subcommand: str) -> None:
    assert name in discover_commands()
    assert not subcommand or subcommand in subcommands(name)


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:tests|app|prompts|docs|knowledge)/[\w/.-]*)`", TEXT))
    assert len(named) > 20
    assert not [name for name in named if not (ROOT / name).exists()]


def test_each_deliverable_comes_out_of_a_command() -> None:
    deliverables = rows("The thirteen deliverables")
    assert len(deliverables) == DELIVERABLES
    assert all("`/" in row.split("|")[2] for row in deliverables)


def test_every_command_is_named() -> None:
    assert {name for name, _ in NAMED} == set(discover_commands())


def test_every_section_of_the_work_is_there() -> None:
    persona, blueprint = " ".join(rows("Persona")), " ".join(rows("Blueprint"))
    for section in ("2.1", "2.2", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3", "7.1", "7.2", "8.1"):
        assert f"§{section} " in persona
    for number in range(1, 21):
        assert f"§3.{number} " in blueprint
    for part in (4, 6, 7, 9, 10, 11, 12, 13, 16, 18):
        assert f"§{part} " in blueprint
