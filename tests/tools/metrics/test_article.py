"""The article on the metrics tells the numbers of the tool."""

import pytest

from tests.tools.metrics.world import OTHERS, PARAMETERS, TOOLS
from tools.health import HealthParameters
from tools.metrics.lines import part_of_year

ARTICLE = " ".join((TOOLS.parent / "knowledge" / "metrics.md").read_text(encoding="utf-8").split())
RULES = PARAMETERS.rules


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("The targets, above {} % and above 90 %, are those of a year", PARAMETERS.metrics["nrr"].target),
        ("above 110 % and above {} %, are those of a year", PARAMETERS.metrics["grr"].target),
        ("the target is below {}.", PARAMETERS.metrics["ttv"].target),
        ("The target is {} % faster than a year before.", PARAMETERS.metrics["onboarding_cycle_time"].target),
        ("use the product in production by day {}.", RULES.activation_days),
        ("had solved less than {} days before", RULES.repeat_days),
        ("out of 5; {} is the least", PARAMETERS.metrics["escalation_quality"].target),
        ("what followed within {} days", PARAMETERS.backtest.horizon_days),
        ("With fewer than {} churns nothing can be told.", PARAMETERS.backtest.min_events),
    ],
)
def test_its_numbers(sentence: str, number: object) -> None:
    value = getattr(number, "value", number)
    assert sentence.format(f"{value:g}") in ARTICLE


def test_its_quarterly_targets_and_severities() -> None:
    targets = [PARAMETERS.metrics[key].target for key in ("nrr", "grr")]
    first, second = (part_of_year(target, 3) for target in targets if target)
    assert f"{first:.1f} % and {second:.1f} %" in ARTICLE
    health = OTHERS["health"]
    assert isinstance(health, HealthParameters)
    hours = health.components.resolution_time.target_hours
    days = ", ".join(f"{hours[severity] / 24:g}" for severity in ("SEV2", "SEV3"))
    assert f"{hours['SEV1']:g} hours, {days} and {hours['SEV4'] / 24:g} days" in ARTICLE
