"""Benchmarks of data: importing files, building a portfolio's snapshot, and scoring it."""

import asyncio
import datetime as dt
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from app.imports.run import run_import
from app.resources import commands
from app.runtime import open_runtime
from app.security.principals import LOCAL
from app.settings import Settings
from app.store import snapshots, versions
from app.store.engine import Store
from evals.bench import portfolio
from evals.bench.databases import new_database
from evals.bench.measured import measured

UTC = ZoneInfo("UTC")
DAYS_IN_FILE = 100


@dataclass(frozen=True, slots=True)
class ImportFigures:
    """An import of usage rows into an empty database. The CPU is that of the importing process.

    The rate by CPU differs less than the one by the clock where the machine has other work.
    """

    database: str
    rows: int
    seconds: float
    rows_per_second: float
    rows_per_cpu_second: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class SnapshotFigures:
    """A portfolio's snapshot: CPU seconds of building it, and of `/health` over it, which builds and scores it."""

    database: str
    accounts: int
    usage_rows: int
    build_seconds: float
    build_cpu_seconds: float
    health_cpu_seconds: float
    peak_mb: float


def import_figures(database: str, server: str | None, rows: int) -> ImportFigures:
    """Write files of about so many usage rows, then measure their import."""
    today = dt.datetime.now(dt.UTC).date()
    with TemporaryDirectory() as name:
        folder, files = Path(name), Path(name) / "files"
        files.mkdir()
        written = portfolio.write_files(files, max(rows // DAYS_IN_FILE, 1), DAYS_IN_FILE, today - dt.timedelta(days=1))
        with new_database(server, folder) as url:
            _migrate(url, folder)
            done = measured(_import, url, folder, files)
        shutil.rmtree(files)
    if done.result != written:
        raise RuntimeError(f"{done.result} of {written} rows were taken")
    return ImportFigures(
        database,
        rows=written,
        seconds=done.seconds,
        rows_per_second=written / done.seconds,
        rows_per_cpu_second=written / done.cpu_seconds,
        peak_mb=done.peak_mb,
    )


def snapshot_figures(database: str, server: str | None, accounts: int) -> SnapshotFigures:
    """Fill a database with so many accounts, then measure the snapshot of them all."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        with new_database(server, folder) as url:
            _migrate(url, folder)
            store = Store(url, folder)
            portfolio.fill(store, accounts, dt.datetime.now(dt.UTC).date())
            store.close()
            done = measured(_build_and_score, url, folder)
    seconds, cpu, health = done.result
    return SnapshotFigures(database, accounts, accounts * portfolio.WINDOW_DAYS, seconds, cpu, health, done.peak_mb)


def _migrate(url: str, folder: Path) -> None:
    store = Store(url, folder)
    store.migrate()
    store.close()


def _import(url: str, folder: Path, files: Path) -> int:
    store = Store(url, folder)
    now = dt.datetime.now(dt.UTC)
    report = run_import(store, files, source=portfolio.SOURCE, now=now, zone=UTC, actor=portfolio.SOURCE)
    store.close()
    return report.tables["usage"].created


def _build_and_score(url: str, folder: Path) -> tuple[float, float, float]:
    return asyncio.run(_in_runtime(Settings(_env_file=None, data_dir=folder, database_url=SecretStr(url))))


async def _in_runtime(settings: Settings) -> tuple[float, float, float]:
    """Seconds and CPU seconds of a build, then CPU seconds of `/health`; each after one that does not count."""
    async with open_runtime(settings) as runtime:
        today = runtime.today()

        def build() -> int:
            with runtime.store.reading() as conn:
                return len(snapshots.build_portfolio(conn, None, today, versions.current(conn), UTC))

        await asyncio.to_thread(build)
        begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.to_thread(build)
        seconds, cpu_build = time.perf_counter() - begun, time.process_time() - cpu
        await commands.call(runtime, LOCAL, "health", {})
        cpu = time.process_time()
        await commands.call(runtime, LOCAL, "health", {})
        return seconds, cpu_build, time.process_time() - cpu
