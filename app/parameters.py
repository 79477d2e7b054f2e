"""Loads every command's parameters: the file beside the tool, then the deployment's own file laid over it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from app.domain.command import Command
from app.domain.parameters import Parameters, merge
from app.domain.problems import Problem
from app.domain.yaml_text import load_yaml

VERSION_LENGTH = 12


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """The parameters in force. `version` is a digest of `content`, so equal settings have equal versions."""

    version: str
    content: dict[str, Any]
    by_command: Mapping[str, Parameters]


def load_parameters(commands: Mapping[str, Command[Any]], shipped: Path, own: Path) -> ParameterSet:
    """Read `<shipped>/<command>.yaml` and, where it is there, `<own>/<command>.yaml` over it.

    Raises:
        Problem: a file is no YAML mapping, or its values break a rule (weights must sum to 100, …).
    """
    by_command = {name: _load(command, shipped, own) for name, command in sorted(commands.items())}
    content = {name: to_jsonable_python(_in_order(each.model_dump())) for name, each in by_command.items()}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return ParameterSet(digest[:VERSION_LENGTH], content, by_command)


def _in_order(value: Any) -> Any:
    """The same with sets as sorted lists: their own order differs from process to process, and the digest with it."""
    match value:
        case dict():
            return {key: _in_order(each) for key, each in value.items()}
        case list() | tuple():
            return [_in_order(each) for each in value]
        case frozenset() | set():
            return sorted(value)
        case _:
            return value


def _load(command: Command[Any], shipped: Path, own: Path) -> Parameters:
    own_file = own / f"{command.name}.yaml"
    values = merge(_read(shipped / f"{command.name}.yaml"), _read(own_file))
    try:
        return type(command).parameters.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Problem(f"The parameters of /{command.name} are wrong ({own_file}): {wrong}", code="parameters") from None


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        values = load_yaml(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Problem(f"{path} is not readable as YAML: {error}", code="parameters") from None
    if not isinstance(values, dict):
        raise Problem(f"{path} must be a mapping of parameters to values.", code="parameters")
    return values
