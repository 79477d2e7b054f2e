"""All commands on all demo accounts and on fifty of RavenStack: no two state different values for one figure."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from app.domain.command import Command
from app.domain.figures import Figure
from app.domain.problems import InvalidArguments, NotFound
from app.resources import accounts, commands
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL
from tests import demo_folder, ravenstack_folder
from tests.ravenstack_folder import needs_ravenstack
from tests.service.conftest import settings_in

ABOUT_THE_ISSUE = "escalation."
"""Figures of an issue that is just told, not of the account on record."""

Asked = tuple[str, Mapping[str, Any]]


def readings(command: Command[Any]) -> Iterable[dict[str, Any]]:
    """The command without a subcommand, and each subcommand that writes nothing."""
    yield {}
    field = type(command).args.model_fields.get("action")
    parts = (field.annotation, *get_args(field.annotation)) if field else ()
    actions = (name for part in parts for name in get_args(part) if isinstance(name, str))
    yield from ({"action": name} for name in actions if name not in command.writes)


async def answered(runtime: Runtime, asked: Iterable[Asked]) -> list[tuple[Asked, tuple[Figure, ...]]]:
    """The figures of what is answered. What lacks an argument of its own, or what it is about, is passed over."""
    found = []
    for name, body in asked:
        try:
            answer = await commands.call(runtime, LOCAL, name, dict(body))
        except (InvalidArguments, NotFound):
            continue
        found.append(((name, body), answer.figures))
    return found


async def ask_all(folder: Path, most: int | None, as_of: dt.date | None) -> list[tuple[Asked, tuple[Figure, ...]]]:
    day = {} if as_of is None else {"as_of": str(as_of)}
    async with open_runtime(settings_in(folder)) as runtime:
        names = sorted(await _account_ids(runtime))
        ids = names if most is None else names[:: max(len(names) // most, 1)][:most]
        every = [(name, reading) for name, command in runtime.commands.items() for reading in readings(command)]
        of_all = [(name, {**reading, **day}) for name, reading in every]
        of_one = [(name, {**reading, **day, "account": one}) for one in ids for name, reading in every]
        return await answered(runtime, [*of_all, *of_one])


async def _account_ids(runtime: Runtime) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        page = await accounts.list_accounts(runtime, LOCAL, None, 200, cursor)
        found += [account.id for account in page.items]
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


def check(found: list[tuple[Asked, tuple[Figure, ...]]], accounts_asked: int) -> None:
    stated: dict[tuple[str, str | None, dt.date], tuple[Any, str, Asked]] = {}
    shared = 0
    for asked, figures in found:
        for figure in figures:
            if figure.key.startswith(ABOUT_THE_ISSUE):
                continue
            key = (figure.key, figure.account_id, figure.as_of)
            value, unit, first = stated.setdefault(key, (figure.value, figure.unit, asked))
            assert (figure.value, figure.unit) == (value, unit), (key, first, asked)
            shared += first[0] != asked[0]
    of_one = Counter(name for (name, body), _ in found if "account" in body and "action" not in body)
    assert all(count == accounts_asked for count in of_one.values()), of_one
    assert len(of_one) >= LEAST_COMMANDS
    assert shared > accounts_asked


LEAST_COMMANDS = 7
"""Commands that answer for an account with nothing else given."""


def test_the_demo(tmp_path: Path) -> None:
    demo_folder.fill(tmp_path)
    found = asyncio.run(ask_all(tmp_path, None, None))
    check(found, 19)


@needs_ravenstack
def test_ravenstack(tmp_path: Path) -> None:
    ravenstack_folder.fill(tmp_path)
    found = asyncio.run(ask_all(tmp_path, 50, dt.date(2024, 12, 31)))
    check(found, 50)


@pytest.mark.parametrize("value", [1, 2])
def test_the_check_can_fail(value: int) -> None:
    def figure(value: int) -> Figure:
        return Figure(
            key="arr", label="ARR", value=value, unit="USD", account_id="a", as_of=dt.date(2026, 1, 1), formula=""
        )

    found: list[tuple[Asked, tuple[Figure, ...]]] = [(("health", {}), (figure(1),)), (("qbr", {}), (figure(value),))]
    with pytest.raises(AssertionError, match="'arr'" if value == 2 else "assert"):
        check(found, 1)
