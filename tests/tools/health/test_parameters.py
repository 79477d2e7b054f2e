"""The parameters file: what is shipped is sound, and a deployment's mistakes are told when it is loaded."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.domain.parameters import merge
from tests.tools.health.conftest import PARAMETERS, SHIPPED
from tools.health import HealthParameters

DESIGN_MAXIMA = {
    "dau": 20,
    "api_calls": 10,
    "feature_adoption": 10,
    "nps": 15,
    "outreach": 10,
    "champion": 5,
    "ticket_volume": 10,
    "resolution_time": 5,
    "escalations": 5,
    "outcomes": 10,
}


def test_the_shipped_maxima_are_the_design_s() -> None:
    assert PARAMETERS.weights == DESIGN_MAXIMA
    assert list(PARAMETERS.weights) == list(DESIGN_MAXIMA)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"weights": {"dau": 21}}, "sum to 100"),
        ({"weights": {"other": 0}}, "weights.other"),
        ({"tiers": {"yellow": 95}}, "below green"),
        ({"tiers": {"gold": 99}}, "tiers.gold"),
        ({"components": {"ticket_volume": {"full_at": 15}}}, "must differ"),
        ({"components": {"nps": {"window_days": 0}}}, "window_days"),
        ({"components": {"outreach": {"kinds": ["party"]}}}, "kinds"),
        ({"components": {"resolution_time": {"target_hours": {"SEV1": 0}}}}, "SEV1"),
        ({"churn": {"critical_at": 1}}, "must rise"),
        ({"onboarding": {"phases": []}}, "phases"),
        ({"playbook": {"expansion": {"due_working_days": -1}}}, "due_working_days"),
        ({"overrides": [{"segment": "smb", "set": {"weights": {"dau": 30}}}]}, "sum to 100"),
        ({"overrides": [{"segment": "smb", "set": {"nonsense": 1}}]}, "nonsense"),
    ],
)
def test_mistakes_are_told(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        HealthParameters.model_validate(merge(SHIPPED, change))
    assert told in str(wrong.value)


def test_price_cannot_be_moved_up_the_playbook() -> None:
    price = {"pricing_discussion": SHIPPED["playbook"]["pricing_discussion"]}
    with pytest.raises(ValidationError, match="last resort"):
        HealthParameters.model_validate(SHIPPED | {"playbook": price | SHIPPED["playbook"]})


def test_a_play_cannot_be_left_out() -> None:
    fewer = {key: play for key, play in SHIPPED["playbook"].items() if key != "open_sev1"}
    with pytest.raises(ValidationError, match="every play"):
        HealthParameters.model_validate(SHIPPED | {"playbook": fewer})


def test_weights_need_every_component() -> None:
    weights = {key: weight for key, weight in SHIPPED["weights"].items() if key != "champion"} | {"dau": 25}
    with pytest.raises(ValidationError, match="every component"):
        HealthParameters.model_validate(SHIPPED | {"weights": weights})
