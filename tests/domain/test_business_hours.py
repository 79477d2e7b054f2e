"""Business hours between instants, across nights, weekends, zones and changes of clocks."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.business_hours import BusinessHours

UTC, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")
NINE_TO_FIVE = BusinessHours.model_validate(
    {
        "days": {
            day: {"opens": "09:00", "closes": "17:00"}
            for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
        }
    }
)


def at(text: str, zone: ZoneInfo = UTC) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        ("2026-06-26 10:00", "2026-06-26 13:30", 3.5),
        ("2026-06-26 07:00", "2026-06-26 09:00", 0),  # before the desk opens
        ("2026-06-26 16:00", "2026-06-29 10:00", 2),  # Friday to Monday
        ("2026-06-27 10:00", "2026-06-28 10:00", 0),  # a weekend
        ("2026-06-22 09:00", "2026-06-29 09:00", 40),
        ("2026-06-26 13:00", "2026-06-26 10:00", 0),
    ],
)
def test_between(begin: str, end: str, hours: float) -> None:
    assert NINE_TO_FIVE.between(at(begin), at(end), UTC) == dt.timedelta(hours=hours)


def test_the_zone_says_when_the_desk_is_open() -> None:
    """08:00 UTC is 10:00 in Berlin in summer, when the desk there has been open for an hour."""
    begin, end = at("2026-06-26 06:00"), at("2026-06-26 08:00")
    assert NINE_TO_FIVE.between(begin, end, UTC) == dt.timedelta()
    assert NINE_TO_FIVE.between(begin, end, BERLIN) == dt.timedelta(hours=1)


def test_a_weekday_has_hours_of_its_own() -> None:
    hours = BusinessHours.model_validate({"days": {"saturday": {"opens": "10:00", "closes": "12:30"}}})
    assert hours.between(at("2026-06-22 00:00"), at("2026-06-29 00:00"), UTC) == dt.timedelta(hours=2.5)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-10-24", 24)])
def test_a_change_of_clocks_counts_as_it_was(day: str, hours: float) -> None:
    every_day = {"opens": "00:00", "closes": "24:00"}
    round_the_clock = BusinessHours.model_validate({"days": {"saturday": every_day, "sunday": every_day}})
    begin = at(f"{day} 00:00", BERLIN)
    end = at(f"{dt.date.fromisoformat(day) + dt.timedelta(days=1)} 00:00", BERLIN)
    assert round_the_clock.between(begin, end, BERLIN) == dt.timedelta(hours=hours)


@pytest.mark.parametrize(
    ("begin", "hours", "due"),
    [
        ("2026-06-26 10:00", 4, "2026-06-26 14:00"),
        ("2026-06-26 15:00", 4, "2026-06-29 11:00"),
        ("2026-06-26 13:00", 4, "2026-06-26 17:00"),
        ("2026-06-27 12:00", 4, "2026-06-29 13:00"),
        ("2026-06-26 20:00", 0.5, "2026-06-29 09:30"),
    ],
)
def test_after(begin: str, hours: float, due: str) -> None:
    assert NINE_TO_FIVE.after(at(begin), dt.timedelta(hours=hours), UTC) == at(due)


INSTANTS = st.integers(0, 364 * 24 * 60).map(
    lambda minutes: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
)


@settings(max_examples=40)
@given(INSTANTS, st.integers(min_value=1, max_value=60 * 100))
def test_what_is_due_after_so_long_is_so_long_after(begin: dt.datetime, minutes: int) -> None:
    wait = dt.timedelta(minutes=minutes)
    assert NINE_TO_FIVE.between(begin, NINE_TO_FIVE.after(begin, wait, BERLIN), BERLIN) == wait


@settings(max_examples=40)
@given(INSTANTS, INSTANTS, INSTANTS)
def test_parts_add_up(one: dt.datetime, two: dt.datetime, three: dt.datetime) -> None:
    a, b, c = sorted((one, two, three))
    parts = NINE_TO_FIVE.between(a, b, BERLIN) + NINE_TO_FIVE.between(b, c, BERLIN)
    assert parts == NINE_TO_FIVE.between(a, c, BERLIN)


@pytest.mark.parametrize("opening", [("17:00", "09:00"), ("09:00", "24:30"), ("9", "17:00"), (True, "17:00")])
def test_impossible_hours_are_refused(opening: tuple[object, object]) -> None:
    with pytest.raises(ValidationError):
        BusinessHours.model_validate({"days": {"monday": {"opens": opening[0], "closes": opening[1]}}})
