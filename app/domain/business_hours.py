"""Business hours: when the desk is open, by weekday, in a time zone (persona §4.1: "<4 hours (business hours)")."""

import datetime as dt
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

LONGEST_WAIT_DAYS = 3660
"""Opening hours are looked for at most so many days ahead."""


def _minutes(value: object) -> object:
    """A time of day, written HH:MM, as minutes; 24:00 is the end of the day."""
    if isinstance(value, str) and len(value) == 5 and value[2] == ":" and (value[:2] + value[3:]).isdigit():
        hours, minutes = int(value[:2]), int(value[3:])
        if minutes < 60 and 60 * hours + minutes <= 24 * 60:
            return 60 * hours + minutes
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError('a time of day is written "HH:MM", in quotes')


Minutes = Annotated[int, Field(ge=0, le=24 * 60), BeforeValidator(_minutes)]
"""A local time of day, in minutes after midnight."""


class Opening(BaseModel):
    """The desk is open from `opens` until `closes`, local time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    opens: Minutes
    closes: Minutes

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("opens must lie before closes")
        return self


class BusinessHours(BaseModel):
    """Opening times by weekday; a weekday that is not named is closed. At least one is open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[dict[Weekday, Opening], Field(min_length=1)]

    def between(self, begin: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> dt.timedelta:
        """Open time from `begin` to `end`, both aware; zero where end is not after begin."""
        total = dt.timedelta()
        day, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
        while day <= last:
            if opening := self._on(day, zone):
                total += max(min(opening[1], end) - max(opening[0], begin), dt.timedelta())
            day += dt.timedelta(days=1)
        return total

    def after(self, begin: dt.datetime, wait: dt.timedelta, zone: ZoneInfo) -> dt.datetime:
        """The first instant by which the desk was open for `wait` since `begin`, in UTC.

        Raises:
            ValueError: it lies more than ten years ahead.
        """
        left, day = wait, begin.astimezone(zone).date()
        for _ in range(LONGEST_WAIT_DAYS):
            if opening := self._on(day, zone):
                start = max(opening[0], begin)
                open_for = max(opening[1] - start, dt.timedelta())
                if open_for and left <= open_for:
                    return (start + left).astimezone(dt.UTC)
                left -= open_for
            day += dt.timedelta(days=1)
        raise ValueError(f"{wait} of business hours are not over within {LONGEST_WAIT_DAYS} days")

    def _on(self, day: dt.date, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime] | None:
        """When the desk opens and closes on a day, in UTC: so that a change of clocks counts as it was."""
        opening = self.days.get(WEEKDAYS[day.weekday()])
        if opening is None:
            return None
        return _instant(day, opening.opens, zone), _instant(day, opening.closes, zone)


def _instant(day: dt.date, minutes: int, zone: ZoneInfo) -> dt.datetime:
    days, rest = divmod(minutes, 24 * 60)
    time = dt.time(rest // 60, rest % 60)
    return dt.datetime.combine(day + dt.timedelta(days=days), time, zone).astimezone(dt.UTC)
