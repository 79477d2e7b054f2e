"""Where an account stands in its onboarding plan: counted from the contract's start, which is day 1."""

import datetime as dt
from dataclasses import dataclass

from app.domain.records import Account
from tools.health.parameters import Onboarding, Phase

SETTLED = ("established", "renewing", "churned")
"""Lifecycle stages after onboarding: a contract that starts anew does not bring an account back to it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The day of onboarding and its phase; `day` is None where the contract's start is not known."""

    day: int | None
    phase: Phase
    ends: dt.date | None


def stage(account: Account, as_of: dt.date, plan: Onboarding) -> Stage | None:
    """The account's stage; None where it is not onboarding (any more)."""
    if account.lifecycle in SETTLED:
        return None
    if account.contract_start is None:
        return Stage(None, plan.phases[0], None) if account.lifecycle == "onboarding" else None
    day = (as_of - account.contract_start).days + 1
    if day < 1 or (day > plan.days and account.lifecycle != "onboarding"):
        return None
    phase = next((p for p in plan.phases if day <= p.through_day), plan.phases[-1])
    return Stage(day, phase, phase_end(account.contract_start, phase))


def phase_end(start: dt.date, phase: Phase) -> dt.date:
    """The last day of a phase."""
    return start + dt.timedelta(days=phase.through_day - 1)
