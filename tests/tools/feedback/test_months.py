"""Months as people write them."""

import datetime as dt

import pytest

from app.domain.problems import InvalidArguments
from tools.feedback.months import Month, read_month


@pytest.mark.parametrize(
    ("written", "as_of", "month"),
    [
        (None, "2026-06-26", "2026-05"),
        (None, "2026-06-30", "2026-06"),  # it has ended with that day
        (None, "2026-01-15", "2025-12"),
        ("2026-6", "2026-06-26", "2026-06"),
        (" Last  Month ", "2026-06-30", "2026-05"),
        ("this month", "2026-06-01", "2026-06"),
    ],
)
def test_a_month(written: str | None, as_of: str, month: str) -> None:
    assert str(read_month(written, dt.date.fromisoformat(as_of))) == month


@pytest.mark.parametrize(
    "written", ["2026-13", "2026-00", "June", "1969-12", "2101-01", "26-06", "2026-06-01", "٢٠٢٦-٠٦x"]
)
def test_what_is_no_month_is_asked_for(written: str) -> None:
    with pytest.raises(InvalidArguments, match="A month is written YYYY-MM") as error:
        read_month(written, dt.date(2026, 6, 26))
    assert error.value.extra["missing"] == ["month"]


def test_a_month_ahead_is_refused() -> None:
    with pytest.raises(InvalidArguments, match="2026-07 begins after 2026-06-26"):
        read_month("2026-07", dt.date(2026, 6, 26))


def test_months_before() -> None:
    assert Month(2026, 1).back(1) == Month(2025, 12)
    assert Month(2026, 2).back(14) == Month(2024, 12)
    assert Month(2024, 2).last == dt.date(2024, 2, 29)
