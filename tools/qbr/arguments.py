"""The arguments of /qbr."""

import datetime as dt
from typing import Any, Literal

from pydantic import Field, field_validator

from app.domain.command import Args, free_words
from app.domain.records import Day


class QbrArgs(Args):
    """One account, a quarter, and the meeting's day and hour where they are fixed."""

    action: Literal["agenda"] | None = Field(None, description="agenda: the invitation, as a mail to the customer")
    account: str | None = Field(None, description="The customer")
    quarter: str | None = free_words("2026Q2, Q2, last, or this for the running one; else the newest that has ended")
    on: Day | None = Field(None, description="The day of the meeting, YYYY-MM-DD: dates the preparation")
    at: dt.time | None = Field(None, description="When it begins, HH:MM: gives each part its hour")

    @field_validator("at", mode="before")
    @classmethod
    def _clock(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        hour, colon, minute = value.strip().partition(":")
        if not (colon and hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
            raise ValueError("an hour is written HH:MM, such as 14:00")
        return dt.time(int(hour), int(minute))
