"""Floors of the evals."""

import pytest

from evals.__main__ import EVALS
from evals.floors import Floor, load_floors, missed

FLOORS = {"both": Floor(at_least=0.9), "writes": Floor(at_most=0)}


def test_every_eval_has_floors() -> None:
    floors = load_floors()
    assert set(floors) == set(EVALS)
    assert all(floors.values())


@pytest.mark.parametrize(
    ("metrics", "low"),
    [
        ({"both": 0.9, "writes": 0, "route": 0.0}, []),
        ({"both": 0.89, "writes": 0}, ["both"]),
        ({"both": 1.0, "writes": 1}, ["writes"]),
        ({"both": 1.0}, ["writes"]),
    ],
)
def test_a_floor_is_missed(metrics: dict[str, float], low: list[str]) -> None:
    assert missed(metrics, FLOORS) == low
