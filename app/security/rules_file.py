"""Reads the files that rules of authority stand in. They are part of the program: a wrong one stops the start."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from app.domain.problems import Problem
from app.domain.yaml_text import Loader


def read_rules(file: Path, *, code: str) -> Mapping[str, Any]:
    """The mapping that stands in a YAML file.

    Raises:
        Problem: it cannot be read, is no mapping, or has a key twice, of which the last would win unseen (`code`).
    """
    try:
        values = yaml.load(file.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - it is a SafeLoader
    except (yaml.YAMLError, OSError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Problem(f"{file.name} cannot be read: {error}", code=code, status=500) from None
    if not isinstance(values, Mapping):
        raise Problem(f"{file.name} must be keys with values.", code=code, status=500)
    return values


def what_is_wrong(error: ValidationError) -> str:
    """Every fault, with the place that it stands in: "kinds.discount.approves: …"."""
    faults = error.errors(include_url=False)
    return "; ".join(f"{'.'.join(str(part) for part in fault['loc']) or 'file'}: {fault['msg']}" for fault in faults)


class _Loader(Loader):
    """Refuses a key that is there twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                told = f"{key.value} is there twice; take one of them out"
                raise yaml.constructor.ConstructorError(None, None, told, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)
