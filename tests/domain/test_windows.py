"""Days, windows and working days, against the calendar."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.windows import (
    Days,
    add_working_days,
    day_ends,
    day_starts,
    end_of_day,
    instant,
    instants,
    is_working_day,
    working_days_between,
)

DATES = st.dates(dt.date(1970, 1, 1), dt.date(2100, 12, 31))
SOME_DATES = st.dates(dt.date(2023, 1, 1), dt.date(2025, 12, 31))
UTC = ZoneInfo("UTC")


def days(*dates: dt.date | None) -> Days:
    return np.array([date.toordinal() if date else 0 for date in dates], dtype=np.int32)


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        ("UTC", "2024-01-01", "2024-01-02T00:00Z"),
        ("Europe/Berlin", "2024-01-01", "2024-01-01T23:00Z"),
        ("Europe/Berlin", "2024-03-31", "2024-03-31T22:00Z"),  # a day of 23 hours
        ("America/New_York", "2024-11-03", "2024-11-04T05:00Z"),  # a day of 25 hours
        ("America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00Z"),  # the next day begins at 01:00
        ("Africa/Cairo", "2024-04-25", "2024-04-25T22:00Z"),  # the next day begins at 01:00
        ("America/Havana", "2024-11-02", "2024-11-03T04:00Z"),  # the next day's first hour comes twice
        ("Pacific/Apia", "2011-12-29", "2011-12-30T10:00Z"),  # the next day does not exist
        ("Asia/Kolkata", "2024-01-01", "2024-01-01T18:30Z"),
    ],
)
def test_a_day_ends_where_the_next_one_begins_in_its_zone(zone: str, day: str, end: str) -> None:
    assert end_of_day(dt.date.fromisoformat(day), ZoneInfo(zone)) == dt.datetime.fromisoformat(end)


@given(SOME_DATES, st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"]))
def test_the_columns_of_days_say_what_each_day_says(day: dt.date, name: str) -> None:
    zone = ZoneInfo(name)
    ends = day_ends(days(day, None, day), zone)
    assert list(ends[[0, 2]]) == [instant(end_of_day(day, zone))] * 2
    assert np.isnat(ends[1])
    starts = day_starts(days(day, None), zone)
    assert starts[0] == instant(end_of_day(day - dt.timedelta(days=1), zone))
    assert np.isnat(starts[1])


def test_no_days_give_no_ends() -> None:
    assert day_ends(days(), UTC).shape == (0,)
    assert day_starts(days(), UTC).dtype == np.dtype("datetime64[us]")


def test_instants_are_in_utc() -> None:
    cet = dt.timezone(dt.timedelta(hours=1))
    column = instants([dt.datetime(2024, 1, 1, 1, 0, 0, 5, cet), None, dt.datetime(2024, 1, 1)])  # noqa: DTZ001
    assert column.dtype == np.dtype("datetime64[us]")
    assert column[0] == np.datetime64("2024-01-01T00:00:00.000005")
    assert np.isnat(column[1])
    assert column[2] == np.datetime64("2024-01-01T00:00")
    assert instant(dt.datetime(2024, 1, 1, 1, tzinfo=cet)) == column[2]
    assert instants([]).dtype == instants([None]).dtype == column.dtype


@given(DATES, st.integers(-20, 800))
def test_working_days_between_counts_mondays_to_fridays(first: dt.date, length: int) -> None:
    last = first + dt.timedelta(days=length - 1)
    counted = sum(is_working_day(first + dt.timedelta(days=i)) for i in range(length))
    assert working_days_between(days(first), days(last)).tolist() == [counted]


@pytest.mark.parametrize(
    ("first", "last", "count"),
    [
        ("2024-01-01", "2024-01-28", 20),  # 28 days are always 20 working days
        ("2024-01-06", "2024-01-07", 0),  # a weekend
        ("2024-01-05", "2024-01-08", 2),
        ("2024-01-08", "2024-01-05", 0),
        ("2024-01-01", "2024-01-01", 1),
    ],
)
def test_working_days_by_hand(first: str, last: str, count: int) -> None:
    span = days(dt.date.fromisoformat(first)), days(dt.date.fromisoformat(last))
    assert working_days_between(*span).tolist() == [count]


@pytest.mark.parametrize(
    ("day", "count", "result"),
    [
        ("2024-01-05", 0, "2024-01-05"),  # a Friday
        ("2024-01-05", 1, "2024-01-08"),
        ("2024-01-05", 5, "2024-01-12"),
        ("2024-01-06", 0, "2024-01-05"),
        ("2024-01-06", 1, "2024-01-08"),
        ("2024-01-07", 2, "2024-01-09"),
        ("2024-01-03", 3, "2024-01-08"),
        ("2024-01-08", -1, "2024-01-05"),
        ("2024-01-08", -6, "2023-12-29"),
    ],
)
def test_add_working_days(day: str, count: int, result: str) -> None:
    assert add_working_days(dt.date.fromisoformat(day), count) == dt.date.fromisoformat(result)


@given(SOME_DATES, st.integers(0, 60))
def test_adding_working_days_passes_so_many(day: dt.date, count: int) -> None:
    later = add_working_days(day, count)
    assert is_working_day(later)
    start = add_working_days(day, 0)
    assert working_days_between(days(start), days(later)).tolist() == [count + 1]
