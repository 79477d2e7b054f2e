"""Where an account stands: before, in or past its onboarding."""

from typing import Literal

from tools.onboard.material import Material

Standing = Literal["ahead", "running", "over", "churned", "undated"]
"""Before the contract begins; in onboarding; past it; no customer any more; without a contract start on record."""

WEEK = 7


def standing_of(material: Material) -> Standing:
    account = material.account
    if account.lifecycle == "churned":
        return "churned"
    start = account.contract_start
    if material.case.begins is not None or (start is not None and start > material.as_of):
        return "ahead"
    if material.stage is not None and material.stage.day is not None:
        return "running"
    if start is None:
        return "over" if account.lifecycle in ("established", "renewing") else "undated"
    return "over"


def weeks(material: Material, phase: int) -> str:
    """The weeks of a phase: "1", "2–4"."""
    phases = material.case.parameters.onboarding.phases
    if phase > len(phases):
        return str(phase)
    first = phases[phase - 2].through_day // WEEK + 1 if phase > 1 else 1
    last = phases[phase - 1].through_day // WEEK
    return str(first) if first >= last else f"{first}–{last}"
