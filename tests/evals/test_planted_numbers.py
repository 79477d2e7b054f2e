"""No planted wrong number reaches the reader, and what is true does."""

import asyncio

from evals.floors import load_floors, missed
from evals.planted_numbers import run


def test_the_check_on_model_text_holds_its_floors() -> None:
    scored = asyncio.run(run())
    told = [
        f"{case.name}, {name}: {result.reason}"
        for case in scored.report.cases
        for name, result in case.assertions.items()
        if not result.value
    ]
    told += [f"{failure.name}: {failure.error_message}" for failure in scored.report.failures]
    assert scored.metrics["errors"] == 0, told
    assert missed(scored.metrics, load_floors()["planted_numbers"]) == [], told
