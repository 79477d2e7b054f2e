"""YAML of our own files: the fast parser reads what the slow one reads."""

from pathlib import Path

import pytest
import yaml

from app.domain.yaml_text import load_yaml

PROJECT = Path(__file__).resolve().parents[2]
FILES = sorted([*PROJECT.glob("tools/*.yaml"), *PROJECT.glob("app/security/*.yaml"), *PROJECT.glob("app/agent/*.yaml")])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_both_parsers_read_the_same(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert load_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize("text", ["a: [1", "a: b: c", "\x00", "!!python/object:os.system {}"])
def test_what_is_no_yaml_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        load_yaml(text)
