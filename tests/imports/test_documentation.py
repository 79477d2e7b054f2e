"""docs/data.md tells of every column, value, derivation and check there is, and its profile is one."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from app.domain.records import RECORD_TYPES
from app.imports.derivations import CHECKS, DERIVATIONS
from app.imports.profile import own_profile, parse_profile

TEXT = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")


def words(annotation: Any) -> set[str]:
    """The strings that a Literal allows, wherever it stands in an annotation."""
    if isinstance(annotation, str):
        return {annotation}
    return set().union(*map(words, get_args(annotation)))


@pytest.mark.parametrize("table", RECORD_TYPES)
def test_every_column_and_word_is_told(table: str) -> None:
    (cells,) = re.findall(rf"^\| {table} \| (.*) \|$", TEXT, re.MULTILINE)
    told = set(re.findall(r"\w+", cells))
    for name, field in RECORD_TYPES[table].model_fields.items():
        assert name in told
        assert (f"**{name}**" in cells) == field.is_required(), name
        if name != "severity" or table == "tickets":  # told once
            assert words(field.annotation) <= told, name


def test_every_file_derivation_and_check_is_told() -> None:
    assert len(re.findall(r"^\| \w+ \| .*\*\*.* \|$", TEXT, re.MULTILINE)) == len(own_profile().files())
    for name in (*DERIVATIONS, *CHECKS):
        assert re.search(rf"\b{name}\b", TEXT), name


def test_the_profile_in_it_is_one() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    profile = parse_profile(text)
    assert list(profile.files()) == ["accounts", "tickets"]
