"""Worlds: what a turn's tools found, for texts that speak of it."""

import datetime as dt
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from app.domain.blocks import Citation
from app.domain.directory import AccountDirectory, AccountName
from app.domain.figures import Figure
from app.render.values import show

FILE = Path(__file__).with_name("worlds.yaml")

_REFERENCE = re.compile(r"\[\[(?P<key>[\w.]+)(?:@(?P<account>[\w-]+))?\]\]")


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    aliases: tuple[str, ...] = ()


class _Known(BaseModel):
    """A figure as the file gives it: account and day stand above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    label: str
    value: float | int | str | dt.date | None
    unit: str
    formula: str


class _Found(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    as_of: dt.date
    report: str
    figures: dict[str, tuple[_Known, ...]]


class _File(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: tuple[_Named, ...]
    passages: tuple[Citation, ...]
    worlds: tuple[_Found, ...]


class World(BaseModel):
    """The figures, passages and accounts that a text may use, and the plain text of the tools' answers."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    name: str
    figures: tuple[Figure, ...]
    passages: tuple[Citation, ...]
    accounts: AccountDirectory
    report: str

    def filled(self, text: str) -> str:
        """`text` with its references replaced by what the reader sees; one that means no single figure stays."""
        return _REFERENCE.sub(self._shown, text)

    def _shown(self, reference: re.Match[str]) -> str:
        key, account = reference["key"], reference["account"]
        meant = [each for each in self.figures if each.key == key and account in (None, each.account_id)]
        return show(meant[0]) if len(meant) == 1 else reference[0]


@cache
def load_worlds() -> Mapping[str, World]:
    """The worlds of worlds.yaml, by name.

    Raises:
        ValueError: two worlds have the same name.
    """
    file = _File.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))
    accounts = AccountDirectory(AccountName(each.id, each.name, each.aliases) for each in file.accounts)
    worlds = {found.name: _world(found, file.passages, accounts) for found in file.worlds}
    if len(worlds) < len(file.worlds):
        raise ValueError("two worlds in worlds.yaml have the same name")
    return worlds


def _world(found: _Found, passages: tuple[Citation, ...], accounts: AccountDirectory) -> World:
    figures = tuple(
        Figure(**dict(known), account_id=account_id, as_of=found.as_of)
        for account_id, listed in found.figures.items()
        for known in listed
    )
    return World(name=found.name, figures=figures, passages=passages, accounts=accounts, report=found.report)
