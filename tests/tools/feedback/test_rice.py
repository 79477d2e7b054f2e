"""RICE: worked by hand, its ranges, and how it moves with its inputs."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.records import FeedbackItem
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.rice import Inputs, fraction, read_inputs, rice

SHIPPED: dict[str, Any] = yaml.safe_load(
    (Path(__file__).resolve().parents[3] / "tools" / "feedback.yaml").read_text(encoding="utf-8")
)
RANGES = FeedbackParameters.model_validate(SHIPPED).ranges


def inputs(**fields: Any) -> Inputs | tuple[str, ...]:
    given: dict[str, Any] = {"reach": 50, "impact": 10, "confidence": 0.8, "effort_weeks": 4}
    return read_inputs(FeedbackItem(id="f", title="f", category="bug", **(given | fields)), RANGES)


def test_fifty_customers_at_ten_with_eighty_percent_over_four_weeks_is_a_hundred() -> None:
    assert rice(50, 10, 0.8, 4) == pytest.approx(100, abs=1e-9)
    found = inputs()
    assert isinstance(found, Inputs)
    assert found.rice == pytest.approx(100, abs=1e-9)
    assert found.formula == "50 × 10 × 0.8 ÷ 4"


@pytest.mark.parametrize(
    ("fields", "score"),
    [
        ({"confidence": 80}, 100),
        ({"confidence": 1}, 125),
        ({"confidence": 100}, 125),
        ({"confidence": 1.5}, 50 * 10 * 0.015 / 4),
        ({"confidence": 0}, 0),
        ({"reach": 1}, 2),
        ({"reach": 10_000}, 20_000),
        ({"impact": 1}, 10),
        ({"effort_weeks": 50}, 8),
        ({"effort_weeks": 0.5}, 400),
        ({"effort_weeks": 1}, 400),
        ({"reach": None, "account_ids": ("a", "b", "a")}, 4),
        ({"reach": 50, "account_ids": ("a", "b")}, 100),
    ],
)
def test_inputs_at_their_limits(fields: dict[str, Any], score: float) -> None:
    found = inputs(**fields)
    assert isinstance(found, Inputs)
    assert found.rice == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"reach": 0}, ("reach 0 is outside 1–10,000 customers",)),
        ({"reach": 10_001}, ("reach 10001 is outside 1–10,000 customers",)),
        ({"reach": -5}, ("reach -5 is outside 1–10,000 customers",)),
        ({"reach": None}, ("reach is not known: none is given and no account is linked",)),
        ({"impact": 0.9}, ("impact 0.9 is outside 1–10 points",)),
        ({"impact": 11}, ("impact 11 is outside 1–10 points",)),
        ({"impact": None}, ("impact is not known",)),
        ({"confidence": 101}, ("confidence 101 is outside 0–100 %",)),
        ({"confidence": -0.1}, ("confidence -0.1 is outside 0–100 %",)),
        ({"confidence": None}, ("confidence is not known",)),
        ({"effort_weeks": 0}, ("effort 0 is outside 1–50 weeks",)),
        ({"effort_weeks": -1}, ("effort -1 is outside 1–50 weeks",)),
        ({"effort_weeks": 50.5}, ("effort 50.5 is outside 1–50 weeks",)),
        ({"effort_weeks": None}, ("effort is not known",)),
        ({"impact": 0, "effort_weeks": 0}, ("impact 0 is outside 1–10 points", "effort 0 is outside 1–50 weeks")),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], wrong: tuple[str, ...]) -> None:
    assert inputs(**fields) == wrong


def test_how_an_input_was_taken_is_told() -> None:
    found = inputs(effort_weeks=0.25, reach=None, account_ids=("a",))
    assert isinstance(found, Inputs)
    assert found.notes == ("reach is the number of linked accounts", "effort 0.25 counts as 1")


REACH, IMPACT = st.floats(1, 10_000), st.floats(1, 10)
CONFIDENCE, EFFORT = st.floats(0, 1), st.floats(1, 50)


@given(REACH, IMPACT, CONFIDENCE, EFFORT, st.floats(1, 10))
def test_more_of_the_good_never_lowers_it_and_more_effort_never_raises_it(
    reach: float, impact: float, confidence: float, effort: float, more: float
) -> None:
    score = rice(reach, impact, confidence, effort)
    assert 0 <= score <= 100_000
    assert rice(reach * more, impact, confidence, effort) >= score
    assert rice(reach, impact * more, confidence, effort) >= score
    assert rice(reach, impact, confidence * more, effort) >= score
    assert rice(reach, impact, confidence, effort * more) <= score


@given(st.floats(0, 100))
def test_a_confidence_is_a_fraction(confidence: float) -> None:
    assert 0 <= fraction(confidence) <= 1


@given(
    st.fixed_dictionaries(
        {name: st.none() | st.floats(-1e6, 1e6) for name in ("reach", "impact", "confidence", "effort_weeks")}
    )
)
def test_any_item_has_a_score_or_a_reason(fields: dict[str, Any]) -> None:
    found = inputs(**fields)
    assert bool(found)
    if isinstance(found, Inputs):
        assert 0 <= found.rice <= 100_000


@pytest.mark.parametrize(
    "change", [{"ranges": {"reach": {"least": 5, "most": 1, "unit": "x"}}}, {"shown": 0}, {"unknown": 1}]
)
def test_wrong_parameters_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FeedbackParameters.model_validate(SHIPPED | change)
