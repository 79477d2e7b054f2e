"""How values are shown."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.figures import Figure, Ref, text
from app.render.values import Values, number, show

AS_OF = dt.date(2026, 1, 31)


def figure(value: float | int | str | dt.date | None, unit: str, key: str = "k", account: str | None = "a") -> Figure:
    return Figure(key=key, label=key, value=value, unit=unit, account_id=account, as_of=AS_OF, formula="given")


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (90, "points", "90.0"),
        (78.44, "points", "78.4"),
        (89.96, "points", "89.96"),
        (89.9999, "points", "89.9999"),
        (69.95, "points", "69.95"),
        (90.04, "points", "90.04"),
        (0.04, "points", "0.04"),
        (0.1 + 0.2 + 89.7, "points", "90.0"),
        (89.99999999999999, "points", "90.0"),
        (64, "%", "64%"),
        (64.04, "%", "64.04%"),
        (29.97, "%", "29.97%"),
        (64.26, "%", "64.3%"),
        (-12.5, "%", "-12.5%"),
        (0.85, "ratio", "0.85"),
        (4.998, "ratio", "4.998"),
        (9_000_000, "calls", "9,000,000"),
        (12345.678, "users", "12,345.7"),
        (3, "tickets", "3"),
        (36.5, "hours", "36.5"),
        (72.0, "hours", "72"),
        (14, "days", "14"),
        (1250, "ms", "1,250"),
        (100.0, "RICE", "100"),
        (500000.0, "USD", "USD 500,000"),
        (1234.5, "EUR", "EUR 1,234.50"),
        (-0.004, "USD", "USD 0"),
        (-300000, "USD", "USD -300,000"),
        (dt.date(2026, 3, 1), "date", "2026-03-01"),
        ("Jane Doe", "text", "Jane Doe"),
        (None, "points", "unknown"),
        (None, "USD", "unknown"),
        (float("nan"), "%", "unknown"),
        (float("nan"), "USD", "unknown"),
        (float("inf"), "ratio", "unknown"),
    ],
)
def test_value_is_shown_by_its_unit(value: float | int | str | dt.date | None, unit: str, shown: str) -> None:
    assert show(figure(value, unit)) == shown


@given(st.floats(-1e6, 1e6), st.integers(1, 2), st.booleans())
def test_rounding_never_crosses_or_reaches_a_whole_number(value: float, decimals: int, padded: bool) -> None:
    shown = float(number(value, decimals, padded=padded).replace(",", ""))
    assert abs(shown - value) <= 0.5 * 10**-decimals + 1e-9
    if abs(value - round(value)) > 1e-9 * max(1.0, abs(value)):
        assert shown % 1 != 0
        assert shown // 1 == value // 1


def test_a_unit_that_no_figure_has_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"'k' has the unit 'parsecs'"):
        show(figure(1, "parsecs"))


def test_a_reference_means_its_account_first_and_no_account_next() -> None:
    values = Values([figure(1, "count", "n"), figure(2, "count", "n", None), figure(3, "count", "all", None)])
    assert values.value(Ref(figure="n", account_id="a")) == "1"
    assert values.value(Ref(figure="n")) == "2"
    assert values.value(Ref(figure="n", account_id="other")) == "2"
    assert values.value(Ref(figure="all", account_id="a")) == "3"


def test_a_reference_without_a_figure_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match=r"no figure 'health\.score' of account 'a'"):
        Values([figure(1, "points", "health.score", "b")]).value(Ref(figure="health.score", account_id="a"))


def test_two_values_of_one_figure_are_an_error_and_repetition_is_none() -> None:
    assert Values([figure(1, "count"), figure(1, "count")]).value(Ref(figure="k", account_id="a")) == "1"
    with pytest.raises(ValueError, match=r"2 different figures 'k'"):
        Values([figure(1, "count"), figure(2, "count")]).value(Ref(figure="k", account_id="a"))


def test_text_is_filled_in_and_nothing_invisible_is_left() -> None:
    score, name = figure(89.96, "points", "s"), figure("Ac\u202eme\x1b[31m", "text", "name")
    assert (
        Values([score, name]).text(text(name, " scores\r\n", score, "\u200b of 100")) == "Acme[31m scores\n89.96 of 100"
    )
