"""Types of arguments that several routes take."""

import datetime as dt
from typing import Annotated

from pydantic import BeforeValidator

from app.domain import syntax


def _day(value: object) -> dt.date:
    return syntax.parse_day(str(value))


Day = Annotated[dt.date, BeforeValidator(_day)]
"""A day as 2026-03-01; pydantic alone takes numbers, too, as seconds since 1970."""
