"""Benchmark of logs: what folding a line costs, beside a loop that only decodes and parts the same lines."""

import datetime as dt
import json
import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from evals.bench.measured import measured
from tools.troubleshoot.reading.file import read_file

CHUNK = 65_536
START = dt.datetime(2026, 6, 26, tzinfo=dt.UTC)
STATUSES = (200, 200, 200, 201, 404, 200, 429, 200, 503, 200)


@dataclass(frozen=True, slots=True)
class LogFigures:
    """A log that was folded: CPU microseconds of a line, how many bare lines that is, by how much memory grew."""

    measure: str
    format: str
    lines: int
    mb: float
    cpu_seconds: float
    line_us: float
    bare_lines: float
    grown_mb: float


def log_figures(lines: int) -> list[LogFigures]:
    """Logs of so many lines of three formats."""
    with TemporaryDirectory() as name:
        return [_figures(Path(name) / each, make, lines) for each, make in _FORMATS.items()]


def _figures(path: Path, make: Callable[[int], str], lines: int) -> LogFigures:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(make(number) + "\n" for number in range(lines))
    bare, folded = measured(_part, path), measured(_fold, path)
    return LogFigures(
        measure="log_fold",
        format=path.name,
        lines=lines,
        mb=path.stat().st_size / 1e6,
        cpu_seconds=folded.cpu_seconds,
        line_us=1e6 * folded.cpu_seconds / lines,
        bare_lines=folded.cpu_seconds / max(bare.cpu_seconds, 1e-6),
        grown_mb=folded.result,
    )


def _part(path: Path) -> int:
    """The baseline: each line decoded and parted at its spaces."""
    return sum(len(line.decode().split(" ")) for chunk in _chunks(path) for line in chunk.split(b"\n"))


def _fold(path: Path) -> float:
    """By how many MB the process grew."""
    before = _peak_mb()
    read_file(path.name, _chunks(path))
    return _peak_mb() - before


def _peak_mb() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (peak if sys.platform == "darwin" else peak * 1024) / 1e6


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _plain(number: int) -> str:
    at = START + dt.timedelta(milliseconds=137 * number)
    level = "ERROR" if number % 50 == 0 else "INFO"
    return (
        f"{at:%Y-%m-%d %H:%M:%S},{number % 1_000:03} {level} [worker-{number % 8}] job {number} took {number % 977} ms"
    )


def _nginx(number: int) -> str:
    at = START + dt.timedelta(milliseconds=137 * number)
    request = f'"POST /v1/orders/{number}/items HTTP/1.1" {STATUSES[number % 10]} {number % 4_000}'
    client, took = f"203.0.113.{number % 200}", f"0.{number % 977:03}"
    return f'{client} - - [{at:%d/%b/%Y:%H:%M:%S} +0000] {request} "-" "acme-py/2.{number % 5}" {took}'


def _json(number: int) -> str:
    at = START + dt.timedelta(milliseconds=137 * number)
    fields = {"time": at.isoformat(), "level": "info", "msg": f"job {number} done", "client_id": f"c{number % 90}"}
    http = {"method": "GET", "path": f"/v1/orders/{number}", "status_code": STATUSES[number % 10]}
    return json.dumps({**fields, "http": http, "duration_ms": number % 977, "request_id": f"{number:016x}"})


_FORMATS: dict[str, Callable[[int], str]] = {"plain": _plain, "nginx": _nginx, "json": _json}
