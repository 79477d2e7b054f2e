"""A runtime over either database, with an account, keys and a clock that tests move."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, select, update

from app.domain.command import Role
from app.domain.records import Account, Escalation, Record
from app.resources import keys
from app.runtime import Runtime, open_runtime
from app.security.principals import LOCAL, Principal
from app.settings import Settings
from app.store import versions
from app.store.tables import TABLES
from tests.databases import DATABASES, empty_database

NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
T = TypeVar("T")


@dataclass
class Clock:
    now: dt.datetime = NOW

    def __call__(self) -> dt.datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += dt.timedelta(**by)


@dataclass
class Office:
    """What a test does with a runtime. `settings` are those of a deployment with no way to deliver."""

    settings: Settings
    clock: Clock = field(default_factory=Clock)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator["Desk"]:
        async with open_runtime(self.settings, self.clock) as runtime:
            yield Desk(runtime, self.clock)

    def run(self, work: Callable[["Desk"], Coroutine[Any, Any, T]]) -> T:
        """Open the runtime, with two accounts in it, and do the work."""

        async def within() -> T:
            async with self.opened() as desk:
                await desk.put("accounts", Account(id="acme", name="Acme"), Account(id="globex", name="Globex"))
                return await work(desk)

        return asyncio.run(within())


@dataclass(frozen=True)
class Desk:
    runtime: Runtime
    clock: Clock

    async def key(self, role: Role = "cse", *groups: str, accounts: frozenset[str] | None = None) -> Principal:
        """A new key's principal."""
        made = await keys.create(
            self.runtime,
            LOCAL,
            name=f"{role} {' '.join(groups)}",
            role=role,
            accounts=accounts,
            groups=frozenset(groups),
        )
        return await keys.authenticate(self.runtime, made.key)

    async def put(self, table: str, *records: Record) -> None:
        def write(conn: Connection) -> None:
            write_id = versions.begin_write(conn, "import", "test", self.clock(), "")
            versions.put(conn, write_id, table, records, "crm", self.clock().date())
            versions.place(conn, write_id)

        await self.runtime.store.write(write)

    async def remove_account(self, account_id: str) -> None:
        """As an import does that says the account is gone."""

        def write(conn: Connection) -> None:
            write_id = versions.begin_write(conn, "import", "test", self.clock(), "")
            accounts = TABLES["accounts"]
            conn.execute(update(accounts).where(accounts.c.id == account_id).values(until=write_id))
            versions.place(conn, write_id)

        await self.runtime.store.write(write)

    async def open_escalation(self, severity: Any = "SEV1", account: str = "acme", **given: Any) -> str:
        escalation = Escalation(
            id="esc-1", account_id=account, opened_at=self.clock(), title="Down", severity=severity, **given
        )
        await self.put("escalations", escalation)
        return escalation.id

    async def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """The rows of a table, by these columns."""
        c = TABLES[table].c

        def read(conn: Connection) -> list[tuple[Any, ...]]:
            return sorted(tuple(row) for row in conn.execute(select(*(c[name] for name in columns))))

        return await self.runtime.store.read(read)

    async def actions(self) -> list[str]:
        """What the audit log says of approvals and of what went out, in order."""

        def read(conn: Connection) -> list[str]:
            events = TABLES["audit_event"]
            return list(conn.execute(select(events.c.action).order_by(events.c.seq)).scalars())

        ours = ("approval.", "review.", "outbox.")
        return [action for action in await self.runtime.store.read(read) if action.startswith(ours)]


@pytest.fixture(params=DATABASES)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    with new_office(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def sqlite_office(tmp_path: Path) -> Iterator[Office]:
    """For what no database decides."""
    with new_office("sqlite", tmp_path) as made:
        yield made


@contextmanager
def new_office(database: str, folder: Path) -> Iterator[Office]:
    with empty_database(database, folder) as url:
        yield Office(Settings(_env_file=None, data_dir=folder, database_url=SecretStr(url), timezone="UTC"))
