"""Window sums against the same sums written naively, day by day."""

import datetime as dt
import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.records import Account, FeatureUsage, Record, Usage
from app.domain.snapshot import UsageWindows
from tests.store.conftest import TODAY, World, day, new_world

SOURCES = ("api", "app")
NOTHING: dict[str, Sequence[Record]] = {"usage": []}

_value = st.none() | st.integers(0, 50)
_row = st.tuples(st.integers(-3, 130), _value, _value, _value, _value)
_account = st.tuples(
    st.lists(_row, max_size=25, unique_by=lambda row: row[0]),
    st.sampled_from([(), ("api",), ("app",), ("api", "app")]),
)


@settings(max_examples=20)
@given(
    accounts=st.lists(_account, min_size=1, max_size=4),
    covered=st.fixed_dictionaries({source: st.integers(-5, 40) for source in SOURCES}),
)
def test_sums_are_those_of_the_rows_day_by_day(
    database: str,
    accounts: list[tuple[list[tuple[int, int | None, int | None, int | None, int | None]], tuple[str, ...]]],
    covered: dict[str, int],
) -> None:
    """Days are counted back from as_of; negative ones lie after it."""
    known = {f"a{i}": sources for i, (_, sources) in enumerate(accounts)}
    rows = {
        f"a{i}": [
            Usage(
                account_id=f"a{i}",
                date=TODAY - dt.timedelta(days=back),
                active_users=users,
                active_users_28d=distinct,
                api_calls=calls,
                errors=errors,
            )
            for back, users, distinct, calls, errors in days
        ]
        for i, (days, _) in enumerate(accounts)
    }
    through = {source: TODAY - dt.timedelta(days=back) for source, back in covered.items()}
    with new_world(database) as world:
        for source in SOURCES:
            put = [Account(id=name, name=name) for name, sources in known.items() if source in sources]
            world.write({"accounts": put}, source=source, covered={"usage": through[source]})
        world.write({"accounts": [Account(id=name, name=name) for name in known]}, source="no feed")
        world.write({"usage": [row for mine in rows.values() for row in mine]}, source="no feed")
        found = world.portfolio().usage
    for place, name in enumerate(sorted(known)):
        end = min(TODAY, max((through[source] for source in known[name]), default=dt.date.min))
        expected = naive(rows[name], end)
        for column, value in expected.items():
            got = float(getattr(found, column)[place])
            assert got == value or (math.isnan(got) and math.isnan(value)), (name, column)


def naive(rows: list[Usage], end: dt.date) -> dict[str, float]:
    """All window sums of one account whose windows end on `end`."""
    rows = [row for row in rows if row.date <= end]

    def within(newest: int, days: int) -> list[Usage]:
        return [row for row in rows if newest <= (end - row.date).days < newest + days]

    def first(field: str) -> int:
        return min((row.date.toordinal() for row in rows if getattr(row, field) is not None), default=0)

    def combined(field: str, some: list[Usage], how: Callable[[list[int]], float] = sum) -> float:
        if not first(field):
            return math.nan
        return how([value for row in some if (value := getattr(row, field)) is not None] or [0])

    newest = max((row for row in within(0, 7) if row.active_users_28d is not None), key=lambda r: r.date, default=None)
    return {
        "users_first": first("active_users"),
        "users_working_28": combined("active_users", [row for row in within(0, 28) if row.date.weekday() < 5]),
        "users_28": combined("active_users", within(0, 28)),
        "users_prior_28": combined("active_users", within(28, 28)),
        "users_28_before_56": combined("active_users", within(56, 28)),
        "users_28_before_84": combined("active_users", within(84, 28)),
        "users_peak_28": combined("active_users", within(0, 28), max),
        "users_distinct_28": math.nan if newest is None else float(newest.active_users_28d or 0),
        "users_7": combined("active_users", within(0, 7)),
        "users_7_before_14": combined("active_users", within(14, 7)),
        "calls_first": first("api_calls"),
        "calls_28": combined("api_calls", within(0, 28)),
        "calls_prior_28": combined("api_calls", within(28, 28)),
        "calls_prior_84": combined("api_calls", within(28, 84)),
        "calls_28_before_56": combined("api_calls", within(56, 28)),
        "calls_28_before_84": combined("api_calls", within(84, 28)),
        "calls_7": combined("api_calls", within(0, 7)),
        "calls_7_before_14": combined("api_calls", within(14, 7)),
        "calls_28_before_7": combined("api_calls", within(7, 28)),
        "errors_first": first("errors"),
        "errors_7": combined("errors", within(0, 7)),
        "errors_28_before_7": combined("errors", within(7, 28)),
        "rows_7": len(within(0, 7)),
        "rows_28_before_7": len(within(7, 28)),
        "rows_28_before_56": len(within(56, 28)),
        "rows_28_before_84": len(within(84, 28)),
        "rows_28": len(within(0, 28)),
        "rows_prior_28": len(within(28, 28)),
        "rows_prior_84": len(within(28, 84)),
    }


def _windows(world: World, rows: Sequence[Usage], covered: dt.date, as_of: dt.date = TODAY) -> UsageWindows:
    world.write({"accounts": [Account(id="a", name="Acme")], "usage": rows}, covered={"usage": covered})
    return world.portfolio(as_of).usage


def test_days_without_a_row_are_zero_from_the_first_row_on(world: World) -> None:
    found = _windows(world, [Usage(account_id="a", date=TODAY - dt.timedelta(days=60), api_calls=5)], TODAY)
    assert (found.calls_28[0], found.calls_prior_28[0], found.calls_prior_84[0]) == (0, 0, 5)
    assert math.isnan(found.users_28[0])


def test_windows_are_shifted_to_the_covered_day_and_not_shortened(world: World) -> None:
    rows = [Usage(account_id="a", date=TODAY - dt.timedelta(days=back), api_calls=1) for back in range(60)]
    found = _windows(world, rows, TODAY - dt.timedelta(days=20))
    assert (found.calls_28[0], found.rows_28[0], found.calls_prior_28[0]) == (28, 28, 12)


def test_usage_after_as_of_is_not_seen(world: World) -> None:
    rows = [Usage(account_id="a", date=TODAY - dt.timedelta(days=back), api_calls=1) for back in range(10)]
    found = _windows(world, rows, TODAY, as_of=TODAY - dt.timedelta(days=8))
    assert (found.calls_28[0], found.calls_first[0]) == (2, (TODAY - dt.timedelta(days=9)).toordinal())


def test_a_table_that_no_source_covers_is_unknown(world: World) -> None:
    rows = [Usage(account_id="a", date=TODAY, api_calls=1)]
    world.write({"accounts": [Account(id="a", name="Acme")], "usage": rows})
    found = world.portfolio()
    assert not found.feeds.connected("usage")[0]
    assert math.isnan(found.usage.calls_28[0])


def _feature(name: str, date: str, count: int | None, environment: str = "production") -> FeatureUsage:
    return FeatureUsage.model_validate(
        {"account_id": "a", "date": date, "feature": name, "count": count, "environment": environment}
    )


def test_features_used_in_the_last_28_covered_days(world: World) -> None:
    rows = [
        _feature("export", "2026-03-01", 2),
        _feature("export", "2026-02-10", 3),
        _feature("export", "2026-02-05", 9),  # 29 days before the covered day
        _feature("export", "2026-03-06", 9),  # not covered yet
        _feature("export", "2026-03-02", 1, "sandbox"),
        _feature("sso", "2026-03-01", 0),
        _feature("webhooks", "2026-03-05", None),
    ]
    world.write(
        {"accounts": [Account(id="a", name="Acme")], "feature_usage": rows},
        covered={"feature_usage": day("2026-03-05")},
    )
    snapshot = world.portfolio()
    found = snapshot.features
    assert snapshot.features_first.tolist() == [day("2026-02-05").toordinal()]
    assert snapshot.features_rows_28.tolist() == [5]  # rows of whatever count, as a list of the records gives them
    assert list(zip(found.feature, found.environment, found.first_day, found.last_day, strict=True)) == [
        ("export", "production", day("2026-02-10").toordinal(), day("2026-03-01").toordinal()),
        ("export", "sandbox", day("2026-03-02").toordinal(), day("2026-03-02").toordinal()),
        ("webhooks", "production", day("2026-03-05").toordinal(), day("2026-03-05").toordinal()),
    ]
    assert found.count[:2].tolist() == [5, 1]
    assert np.isnan(found.count[2])
    assert found.weeks.tolist() == [2, 1, 1]  # of export, 4 and 23 days before: the newest week and the fourth


def test_the_first_feature_row_is_seen_from_its_day_on(world: World) -> None:
    world.write(
        {"accounts": [Account(id="a", name="Acme")], "feature_usage": [_feature("sso", "2026-02-05", 0)]},
        covered={"feature_usage": day("2026-03-05")},
    )
    for as_of, first in (("2026-02-04", 0), ("2026-02-05", day("2026-02-05").toordinal())):
        assert world.portfolio(day(as_of)).features_first.tolist() == [first]


@pytest.mark.parametrize(("back", "counted"), [(27, True), (28, False)])
def test_a_window_of_28_days_has_28_dates(world: World, back: int, counted: bool) -> None:
    rows = [
        Usage(account_id="a", date=TODAY - dt.timedelta(days=200), api_calls=0),
        Usage(account_id="a", date=TODAY - dt.timedelta(days=back), api_calls=1),
    ]
    assert bool(_windows(world, rows, TODAY).calls_28[0]) is counted
