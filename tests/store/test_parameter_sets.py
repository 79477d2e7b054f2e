"""Since when parameters are in force."""

import datetime as dt

import pytest

from app.store import parameter_sets
from tests.store.conftest import World

MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def put(world: World, version: str, at: dt.datetime) -> None:
    with world.store.writing() as conn:
        parameter_sets.put_in_force(conn, version, {"health": {"version": version}}, at)


def in_force_before(world: World, end: dt.datetime) -> str | None:
    with world.store.reading() as conn:
        found = parameter_sets.in_force_before(conn, end)
    assert found is None or found[1] == {"health": {"version": found[0]}}
    return found[0] if found else None


@pytest.mark.parametrize(
    ("end", "version"),
    [
        (MONDAY - DAY, "a"),  # the first one reaches back
        (MONDAY, "a"),
        (MONDAY + DAY, "a"),
        (MONDAY + DAY + dt.timedelta(seconds=1), "b"),
        (MONDAY + 5 * DAY, "a"),  # a deployment may go back to what it had
    ],
)
def test_the_set_that_was_in_force(world: World, end: dt.datetime, version: str) -> None:
    put(world, "a", MONDAY)
    put(world, "b", MONDAY + DAY)
    put(world, "a", MONDAY + 3 * DAY)
    assert in_force_before(world, end) == version


def test_a_set_that_counts_already_changes_nothing(world: World) -> None:
    assert in_force_before(world, MONDAY) is None
    for days in range(3):
        put(world, "a", MONDAY + days * DAY)
    with world.store.reading() as conn:
        assert parameter_sets.newest(conn) == "a"
        assert len(conn.execute(parameter_sets.IN_FORCE.select()).all()) == 1
