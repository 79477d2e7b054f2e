"""Scales, and how the numbers of a chart are written."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.render.charts import excel_format, is_marked, scale_of, values_of, written
from app.render.document import Plot, PlotSeries

Form = Literal["line", "bar"]


def plot(values: list[float | None], form: Form = "line", unit: str = "calls") -> Plot:
    labels = tuple(str(n) for n in range(len(values)))
    return Plot("T", form, labels, (PlotSeries("S", tuple(values), labels),), unit, "")


def many(*values: float) -> list[float | None]:
    """So many points that none is marked, and no room is kept for marks."""
    return [*values] * 13


@pytest.mark.parametrize(
    ("values", "form", "ticks"),
    [
        (many(0, 1200, 2500), "bar", (0, 500, 1000, 1500, 2000, 2500)),
        (many(95, 98), "bar", (0, 20, 40, 60, 80, 100)),
        (many(95, 98), "line", (0, 20, 40, 60, 80, 100)),
        (many(2, 3), "line", (0, 1, 2, 3)),  # no part of a whole call
        (many(10, 40), "line", (0, 10, 20, 30, 40)),
        (many(-120, 340), "bar", (-200, -100, 0, 100, 200, 300, 400)),
        (many(0, 0), "bar", (0, 1)),
        (many(0, 2), "bar", (0, 1, 2)),
        ([100.0, None], "bar", (0, 25, 50, 75, 100, 125)),  # with room for what is written above
    ],
)
def test_a_scale_is_of_round_numbers(values: list[float | None], form: Form, ticks: tuple[float, ...]) -> None:
    assert scale_of(plot(values, form)).ticks == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("values", "form", "ticks"),
    [
        (many(95, 98), "line", (95, 96, 97, 98)),
        (many(95.1, 96), "line", (95, 95.2, 95.4, 95.6, 95.8, 96)),
        (many(50, 50), "line", (44, 46, 48, 50, 52, 54, 56)),
        (many(40, 98), "line", (0, 20, 40, 60, 80, 100)),
        (many(95, 98), "bar", (0, 20, 40, 60, 80, 100)),
    ],
)
def test_a_line_of_high_shares_is_seen_from_near(
    values: list[float | None], form: Form, ticks: tuple[float, ...]
) -> None:
    assert scale_of(plot(values, form, "%")).ticks == pytest.approx(ticks)


@given(
    st.lists(st.floats(-1e12, 1e12).map(lambda value: round(value, 6)), min_size=1, max_size=8),
    st.sampled_from(["line", "bar"]),
)
@settings(max_examples=100)
def test_every_value_is_on_the_scale(values: list[float], form: Form) -> None:
    scale = scale_of(plot([*values], form))
    assert scale.low < scale.high
    assert scale.low <= min(values) + scale.step * 1e-6
    assert scale.high >= max(values) - scale.step * 1e-6
    assert 2 <= len(scale.ticks) <= 12
    if form == "bar":
        assert scale.low <= 0 <= scale.high


def test_few_values_are_marked_and_unknown_ones_left_out() -> None:
    few = plot([1, None, 3])
    assert values_of(few) == (1, 3)
    assert is_marked(few)
    assert not is_marked(plot(many(1)))


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (2_500_000, "calls", "2,500,000"),
        (97.5, "%", "97.5%"),
        (-200_000, "USD", "USD -200,000"),
        (0.25, "ratio", "0.25"),
    ],
)
def test_numbers_of_an_axis(value: float, unit: str, told: str) -> None:
    assert written(value, unit) == told


@pytest.mark.parametrize(
    ("values", "unit", "form"),
    [
        ([1.0, 2.0], "calls", "#,##0"),
        ([1.5], "calls", "#,##0.0"),
        ([97.5], "%", '#,##0.0"%"'),
        ([1.0], "USD", '"USD" #,##0;"USD" -#,##0'),
        ([1.5], "EUR", '"EUR" #,##0.00;"EUR" -#,##0.00'),
    ],
)
def test_formats_of_powerpoint(values: list[float], unit: str, form: str) -> None:
    assert excel_format(values, unit) == form
