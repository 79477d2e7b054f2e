"""docs/data.md tells of every column, value, derivation and check there is, and its profile is one."""

import datetime as dt
import re
import textwrap
from pathlib import Path
from typing import Any, get_args

import pytest

from app.domain.problems import Problem
from app.domain.records import RECORD_TYPES
from app.imports.derivations import CHECKS, DERIVATIONS
from app.imports.profile import Clues, FieldSource, FileMap, Profile, own_profile, parse_profile, profile_names
from tests.imports.conftest import Desk, new_desk

SAMPLES = Path(__file__).parents[3] / "shared" / "data" / "crm-samples"

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


def block(kind: str) -> str:
    """The one fenced block of this kind, without what it is indented by."""
    (text,) = re.findall(rf"^( *)```{kind}\n(.*?)\n *```", TEXT, re.DOTALL | re.MULTILINE)
    return textwrap.dedent(text[1]) + "\n"


def test_the_guides_example_does_what_it_says(desk: Desk) -> None:
    desk.load({"accounts.csv": "id,name\nacme,Acme\nglobex,Globex\n"})
    profile = parse_profile(block("yaml"))
    report = desk.load(
        {"helpdesk-cases.csv": block("csv")}, profile=profile, now=dt.datetime(2026, 3, 20, tzinfo=dt.UTC)
    )
    assert report.as_text() + "\n" == block("text")
    assert desk.rows("tickets", "id", "account_id", "severity", "category") == [
        ("helpdesk-4711", "acme", "SEV1", "export, slow"),
        ("helpdesk-4712", "globex", "SEV3", None),
    ]
    wrong = block("yaml").replace("subject:", "titel:")
    with pytest.raises(Problem, match=r"helpdesk\.yaml is wrong: tickets has no field titel"):
        parse_profile(wrong, "helpdesk.yaml")


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="needs ../shared/data/crm-samples beside the repository")
def test_the_reports_in_it_are_those_of_the_samples(tmp_path: Path) -> None:
    told = block("report").strip().split("\n\n")
    with new_desk("sqlite", tmp_path) as desk:
        for text in told:
            command, _, lines = text.partition("\n")
            report = desk.run(SAMPLES, profile=command.split()[-1], now=dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC))
            made = [line for line in report.as_text().splitlines() if not line.startswith("Note:")]
            assert made == lines.splitlines(), command


def test_every_profile_and_key_is_told() -> None:
    for name in profile_names():
        assert re.search(rf"^\| {name} ", TEXT, re.MULTILINE), name
    keys = {*Profile.model_fields, *FileMap.model_fields, *FieldSource.model_fields, *Clues.model_fields}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", TEXT)] == []
