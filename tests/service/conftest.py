"""A real server on loopback, over its own data folder, for the tests of HTTP and of the whole."""

import asyncio
import datetime as dt
import socket
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from app.main import create_app
from app.resources import keys, operations
from app.runtime import open_runtime
from app.security.principals import LOCAL
from app.settings import Settings
from tests.databases import DATABASES, empty_database
from tests.demo_folder import fill
from tests.postgres import postgres_database

START_SECONDS = 30
ON_EVERY_DATABASE = frozenset(
    {"test_chat", "test_data", "test_hand_worked", "test_idempotency", "test_jobs", "test_one_truth"}
)


@dataclass(frozen=True)
class Service:
    """A running service. `client` gives an HTTP client that signs in with a new key."""

    url: str
    settings: Settings
    admin_key: str

    def client(self, role: str = "cse", accounts: list[str] | None = None) -> httpx.Client:
        with httpx.Client(base_url=self.url, headers=bearer(self.admin_key)) as admin:
            made = admin.post("/v1/keys", json={"name": "test", "role": role, "accounts": accounts})
            made.raise_for_status()
        return httpx.Client(base_url=self.url, headers=bearer(made.json()["key"]), timeout=60)


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def prepare(settings: Settings, *, filled: bool) -> str:
    """Make a data folder, filled as `cse up` does or empty; the secret of an admin key."""
    if filled:
        await asyncio.to_thread(fill, settings.data_dir)
    async with open_runtime(settings) as runtime:
        made = await keys.create(runtime, LOCAL, name="admin", role="admin")
    return made.key


def serve(settings: Settings) -> Generator[str]:
    """Run the service in a thread until the generator is closed; yields its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            assert time.monotonic() < deadline, "the service did not start"
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(timeout=START_SECONDS)


def settings_in(folder: Path, database_url: str = "") -> Settings:
    return Settings(_env_file=None, data_dir=folder, database_url=SecretStr(database_url), timezone="UTC")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Some modules run on every kind of database; the others on SQLite alone."""
    if metafunc.module.__name__.rpartition(".")[2] not in ON_EVERY_DATABASE:
        return
    if "service" in metafunc.fixturenames:
        metafunc.parametrize("service", DATABASES, indirect=True, scope="session")
    if "empty_service" in metafunc.fixturenames:
        metafunc.parametrize("empty_service", DATABASES, indirect=True)


@pytest.fixture(scope="session")
def service(request: pytest.FixtureRequest) -> Service:
    """A service over the demo portfolio, shared by the tests that change nothing others look at."""
    found: Service = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_service")
    return found


@pytest.fixture(scope="session")
def sqlite_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = settings_in(tmp_path_factory.mktemp("data"))
    key = asyncio.run(prepare(settings, filled=True))
    for url in serve(settings):
        yield Service(url, settings, key)


@pytest.fixture(scope="session")
def postgresql_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The demo comes into the database as a backup of the SQLite one."""
    folder = tmp_path_factory.mktemp("data")
    with postgres_database(migrated=False) as database_url:
        fill(folder)
        operations.backup(settings_in(folder), folder / "demo.zip", dt.datetime.now(dt.UTC))
        settings = settings_in(folder, database_url)
        operations.restore(settings, folder / "demo.zip", force=False, now=dt.datetime.now(dt.UTC))
        key = asyncio.run(prepare(settings, filled=False))
        for url in serve(settings):
            yield Service(url, settings, key)


@pytest.fixture
def empty_service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Service]:
    """A service with no customer data, for tests that write."""
    with empty_database(getattr(request, "param", "sqlite"), tmp_path) as database_url:
        settings = settings_in(tmp_path, database_url)
        key = asyncio.run(prepare(settings, filled=False))
        for url in serve(settings):
            yield Service(url, settings, key)


@pytest.fixture(scope="session")
def today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
