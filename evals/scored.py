"""What a run of an eval gives, whichever eval it was."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_evals.reporting import EvaluationReport

Report = EvaluationReport[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Scored:
    """The report, the names of the cases that went wrong, and the metrics over all cases.

    Shares are fractions. The metric `errors` counts the cases that raised an exception.
    """

    report: Report
    wrong: frozenset[str]
    metrics: Mapping[str, float]


def share(values: Iterable[bool]) -> float:
    """The share of the values that are true; 1 where there are none."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 1.0
