"""YAML of our own files. The C parser that PyYAML has in its packages reads it ten times as fast as the Python one.

What somebody else wrote is not read here: deep nesting ends the C parser without an exception.
"""

from typing import Any

import yaml

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

__all__ = ["Loader", "load_yaml"]


def load_yaml(text: str) -> Any:
    """What stands in the text.

    Raises:
        yaml.YAMLError: it is no YAML.
    """
    return yaml.load(text, Loader)
