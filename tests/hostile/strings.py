"""The hostile strings of `strings.yaml`, as tests read them."""

from dataclasses import dataclass
from pathlib import Path

import yaml

PLACES = (
    "ticket",
    "note",
    "document",
    "feedback",
    "account_name",
    "contact_name",
    "nps_comment",
    "file_name",
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """A text, where it is planted, what must not come of it, and the part of it that must leave by no egress."""

    id: str
    where: tuple[str, ...]
    text: str
    must_not: str
    canary: str | None = None


def load_strings() -> tuple[Hostile, ...]:
    read = yaml.safe_load((Path(__file__).parent / "strings.yaml").read_text(encoding="utf-8"))
    return tuple(Hostile(**{**each, "where": tuple(each["where"])}) for each in read)


STRINGS = load_strings()
