"""Parameters: overrides by segment and lifecycle, each result checked as a whole."""

from typing import Any, Self

import pytest
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from app.domain.parameters import Overridable, Override, merge


class Weights(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    usage: int
    support: int


class Scoring(Overridable):
    weights: Weights
    targets: tuple[int, ...] = (1, 2)

    @model_validator(mode="after")
    def _sum_to_100(self) -> Self:
        if self.weights.usage + self.weights.support != 100:
            raise ValueError("weights must sum to 100")
        return self


def scoring(*overrides: dict[str, Any]) -> Scoring:
    return Scoring.model_validate({"weights": {"usage": 60, "support": 40}, "overrides": overrides})


@pytest.mark.parametrize(
    ("override", "segment", "lifecycle", "applies"),
    [
        ({}, None, None, True),
        ({}, "SMB", "onboarding", True),
        ({"segment": "SMB"}, "SMB", None, True),
        ({"segment": "SMB"}, "Enterprise", None, False),
        ({"segment": "SMB"}, None, None, False),
        ({"lifecycle": "onboarding"}, "SMB", "onboarding", True),
        ({"lifecycle": "onboarding"}, "SMB", "renewing", False),
        ({"segment": "SMB", "lifecycle": "onboarding"}, "SMB", "onboarding", True),
        ({"segment": "SMB", "lifecycle": "onboarding"}, "SMB", None, False),
    ],
)
def test_whom_an_override_is_for(
    override: dict[str, Any], segment: str | None, lifecycle: str | None, applies: bool
) -> None:
    assert Override.model_validate({**override, "set": {}}).applies(segment, lifecycle) is applies


def test_without_an_override_the_parameters_stay() -> None:
    parameters = scoring({"segment": "SMB", "set": {"targets": [9]}})
    assert parameters.for_account("Enterprise", None) is parameters


def test_later_overrides_win_field_by_field() -> None:
    parameters = scoring(
        {"segment": "SMB", "set": {"weights": {"usage": 70, "support": 30}, "targets": [9]}},
        {"lifecycle": "onboarding", "set": {"weights": {"usage": 50, "support": 50}}},
    )
    both = parameters.for_account("SMB", "onboarding")
    assert (both.weights, both.targets) == (Weights(usage=50, support=50), (9,))
    assert both.overrides == ()
    assert parameters.for_account("SMB", "renewing").weights == Weights(usage=70, support=30)
    assert parameters.weights == Weights(usage=60, support=40)


@pytest.mark.parametrize("change", [{"weights": {"usage": 70}}, {"colour": 1}, {"weights": {"nps": 1}}, {"targets": 3}])
def test_an_override_that_leads_to_invalid_parameters_is_refused(change: dict[str, Any]) -> None:
    parameters = scoring({"segment": "SMB", "set": change})
    with pytest.raises(ValidationError):
        parameters.for_account("SMB", None)


def test_unknown_keys_are_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        Scoring.model_validate({"weights": {"usage": 60, "support": 40}, "colour": 1})
    with pytest.raises(ValidationError, match="colour"):
        scoring({"set": {}, "colour": 1})


@pytest.mark.parametrize(
    ("base", "change", "merged"),
    [
        ({}, {}, {}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}}, {"a": {"x": 1, "y": 3}}),
        ({"a": {"x": 1}}, {"a": 5}, {"a": 5}),
        ({"a": 5}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {"d": 2}}}, {"a": {"b": {"c": 1, "d": 2}}}),
        ({"a": 1}, {"a": None}, {"a": None}),
    ],
)
def test_merge_lays_one_mapping_over_another(
    base: dict[str, Any], change: dict[str, Any], merged: dict[str, Any]
) -> None:
    before = repr(base)
    assert merge(base, change) == merged
    assert repr(base) == before
