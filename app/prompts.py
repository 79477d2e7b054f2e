"""The prompts: Markdown files with front matter `id` and `version`, read when the service starts."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from app.domain.problems import Problem

PERSONA = "persona"
FENCE = "---\n"


class Prompt(BaseModel):
    """A prompt's text, and the version that an answer was written with."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    id: str
    version: int
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def load_prompts(folder: Path, commands: Iterable[str]) -> Mapping[str, Prompt]:
    """The persona's prompt and one for each command, by id.

    Raises:
        Problem: a file is missing, or its front matter is wrong.
    """
    prompts = {name: _load(folder / f"{name}.md") for name in (PERSONA, *commands)}
    for name, prompt in prompts.items():
        if prompt.id != name:
            raise Problem(f"{folder / name}.md has the id {prompt.id!r}; it must be {name!r}.", code="prompts")
    return prompts


def _load(path: Path) -> Prompt:
    try:
        _, head, text = path.read_text(encoding="utf-8").split(FENCE, 2)
        return Prompt.model_validate({**yaml.safe_load(head), "text": text})
    except FileNotFoundError:
        raise Problem(f"The prompt {path} is missing; every command needs one.", code="prompts") from None
    except (ValueError, TypeError, yaml.YAMLError, ValidationError) as error:
        raise Problem(f"{path} needs front matter with id and version, and a text: {error}", code="prompts") from None
