"""`python -m evals [NAME …]`: run evals, print what went wrong and the metrics; 1 where a floor is missed."""

import argparse
import asyncio
import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pydantic_evals.reporting import RenderValueConfig
from rich.console import Console

from evals.floors import Floor, load_floors, missed
from evals.scored import Scored

EVALS = ("routing", "planted_numbers", "diagnosis", "artifacts")

WIDTH = 160

AS_TEXT: RenderValueConfig = {"value_formatter": str}


def main(arguments: Sequence[str]) -> int:
    """Run the evals that are named, else all; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m evals", description="Score routing, model text and diagnoses.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{' or '.join(EVALS)}; all where none is named")
    names = parser.parse_args(arguments).names or EVALS
    if unknown := [name for name in names if name not in EVALS]:
        parser.error(f"there is no eval {unknown[0]}; choose from {', '.join(EVALS)}")
    console, floors = Console(width=WIDTH), load_floors()
    held = [_run(name, floors.get(name, {}), console) for name in names]
    return 0 if all(held) else 1


def _run(name: str, floors: Mapping[str, Floor], console: Console) -> bool:
    """Run an eval and print its result; whether all floors hold."""
    scored: Scored = asyncio.run(importlib.import_module(f"evals.{name}").run())
    _print_wrong(scored, console)
    floors = {**floors, "errors": Floor(at_most=0)}
    low = missed(scored.metrics, floors)
    console.print(f"{name}: {len(scored.report.cases) + len(scored.report.failures)} cases, {len(scored.wrong)} wrong")
    for metric, value in scored.metrics.items():
        floor = f"  ({floors[metric]}{', MISSED' if metric in low else ''})" if metric in floors else ""
        console.print(
            f"  {metric:<16}{value:.3f}{floor}" if isinstance(value, float) else f"  {metric:<16}{value}{floor}"
        )
    for metric in low:
        if metric not in scored.metrics:
            console.print(f"  {metric:<16}not measured ({floors[metric]}, MISSED)")
    console.print()
    return not low


def _print_wrong(scored: Scored, console: Console) -> None:
    """pydantic-evals' report of the cases that went wrong, and its analyses of all cases."""
    wrong = [replace(case, labels={}) for case in scored.report.cases if case.name in scored.wrong]
    replace(scored.report, cases=wrong).print(
        console=console,
        include_input=True,
        include_output=True,
        include_expected_output=True,
        include_durations=False,
        include_averages=False,
        include_reasons=True,
        input_config=AS_TEXT,
        output_config=AS_TEXT,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
