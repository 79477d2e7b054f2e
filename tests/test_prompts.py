"""Prompts are read with their version; a missing or broken one is told when the service starts."""

from pathlib import Path

import pytest

from app.domain.problems import Problem
from app.prompts import load_prompts
from app.runtime import PROJECT, discover_commands


def test_the_persona_and_every_command_have_a_prompt() -> None:
    commands = discover_commands()
    prompts = load_prompts(PROJECT / "prompts", commands)
    assert set(prompts) == {"persona", *commands}
    assert all(prompt.version >= 1 and prompt.text for prompt in prompts.values())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "missing"),
        ("no front matter", "front matter"),
        ("---\nid: persona\n---\ntext", "version"),
        ("---\nid: other\nversion: 1\n---\ntext", "must be 'persona'"),
        ("---\nid: persona\nversion: 1\n---\n  \n", "text"),
        ("---\n[\n---\ntext", "front matter"),
    ],
)
def test_a_wrong_prompt_is_told(tmp_path: Path, content: str | None, told: str) -> None:
    if content is not None:
        (tmp_path / "persona.md").write_text(content)
    with pytest.raises(Problem, match=told):
        load_prompts(tmp_path, [])
