"""`python -m evals.bench`: measure, print tables, or with --json the figures alone."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from typing import Any

from rich.console import Console
from rich.table import Table

from evals.bench.data import ImportFigures, SnapshotFigures, import_figures, snapshot_figures
from evals.bench.databases import unreachable
from evals.bench.logs import LogFigures, log_figures
from evals.bench.requests import RequestFigures, request_figures

SERVER = "postgresql://postgres@127.0.0.1:5432"


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that was measured, and on what."""

    machine: dict[str, Any]
    imports: list[ImportFigures]
    snapshots: list[SnapshotFigures]
    requests: list[RequestFigures]
    logs: list[LogFigures]
    not_measured: list[str]


def main(arguments: Sequence[str]) -> int:
    """Measure as told; the exit code."""
    options = _options(arguments)
    console = Console(stderr=options.json)
    figures = _measure(options, console)
    if options.json:
        sys.stdout.write(json.dumps(asdict(figures), indent=2) + "\n")
        return 0
    for title, rows in (
        ("Imports", figures.imports),
        ("Snapshots of a portfolio", figures.snapshots),
        ("Requests", figures.requests),
        ("Logs", figures.logs),
    ):
        if rows:
            console.print(_table(title, rows))
    for sentence in figures.not_measured:
        console.print(f"Not measured: {sentence}")
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m evals.bench", description="Measure imports, snapshots, requests, logs."
    )
    parser.add_argument("--full", action="store_true", help="import a million rows, too (minutes)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON, alone on stdout")
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000], help="usage rows of an import")
    parser.add_argument("--accounts", type=int, nargs="*", default=[1_000, 10_000], help="accounts of a portfolio")
    parser.add_argument("--requests", type=int, default=200, help="requests of each kind; 0: none")
    parser.add_argument("--log-lines", type=int, default=100_000, help="lines of each log; 0: none")
    server = os.environ.get("POSTGRES_TEST_URL") or SERVER
    parser.add_argument("--postgresql", default=server, help="a server to make databases on; empty: SQLite alone")
    options = parser.parse_args(arguments)
    if min((*options.rows, *options.accounts, 1)) < 1 or min(options.requests, options.log_lines) < 0:
        parser.error("sizes are 1 or more")
    if options.full:
        options.rows = [*options.rows, 1_000_000]
    return options


def _measure(options: argparse.Namespace, console: Console) -> Figures:
    machine = {
        "cse_agent": version("cse-agent"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "cores": os.cpu_count(),
    }
    figures = Figures(machine, [], [], [], [], [])
    databases: dict[str, str | None] = {"sqlite": None}
    if options.postgresql:
        if reason := unreachable(options.postgresql):
            figures.not_measured.append(f"PostgreSQL ({reason})")
        else:
            databases["postgresql"] = options.postgresql
    for database, server in databases.items():
        for rows in options.rows:
            console.print(f"import of {rows:,} rows, {database} …", style="dim")
            figures.imports.append(import_figures(database, server, rows))
        for accounts in options.accounts:
            console.print(f"snapshot of {accounts:,} accounts, {database} …", style="dim")
            figures.snapshots.append(snapshot_figures(database, server, accounts))
        if options.requests:
            console.print(f"requests, {database} …", style="dim")
            figures.requests.extend(request_figures(database, server, options.requests))
    if options.log_lines:
        console.print(f"logs of {options.log_lines:,} lines …", style="dim")
        figures.logs.extend(log_figures(options.log_lines))
    return figures


def _table(title: str, rows: Sequence[Any]) -> Table:
    table = Table(title=title, title_justify="left")
    names = [field.name for field in fields(rows[0])]
    for name in names:
        table.add_column(name.replace("_", " "), justify="left" if isinstance(getattr(rows[0], name), str) else "right")
    for row in rows:
        table.add_row(*(_cell(getattr(row, name)) for name in names))
    return table


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1_000 else f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
