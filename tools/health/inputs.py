"""The inputs of every component and indicator as figures: one line each of what the answer may state."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.figures import Figure
from app.domain.snapshot import Floats
from tools.health import evidence
from tools.health.case import Case, figure
from tools.health.evidence import Records
from tools.health.indicators import INDICATORS, IndicatorKey
from tools.health.parameters import ComponentKey, Settings
from tools.health.scoring import COMPONENTS, NOT_APPLICABLE

Inputs = Mapping[str, Figure]
"""Figures by the name of the input column that they show."""


@dataclass(frozen=True, slots=True)
class Input:
    """How an input column is shown. The key's placeholders are lengths of windows in the settings, in days."""

    key: str
    label: str
    unit: str
    formula: str
    records: Callable[[Case, Any], Records]

    def key_for(self, settings: Settings) -> str:
        """The figure's key under these settings."""
        return self.key.format_map(settings.model_dump())


_FIELD = "the account's own field"
_SEATS = Input("seats.licensed", "Licensed seats", "seats", _FIELD, evidence.account_field)
_DISTINCT = Input(
    "usage.active_users.distinct.28d",
    "Distinct active users",
    "users",
    "the newest count of distinct users over 28 days, of the last 7 days",
    evidence.usage,
)
_CALLS = Input("usage.api_calls.28d", "API calls", "calls", "sum of the days", evidence.usage)
_OPENED = Input("tickets.opened.{window_days}d", "Tickets opened", "tickets", "opened in the window", evidence.opened)
_CHAMPIONS = Input(
    "contacts.champions", "Champions", "count", "contacts marked as champion who have not left", evidence.champions
)
_MENTION_INPUTS = {
    "conversations": Input(
        "conversations.{conversation_days}d",
        "Conversations",
        "count",
        "meetings, calls and mails of the window that took place",
        evidence.conversations,
    )
}

_COMPONENTS: Mapping[ComponentKey, Mapping[str, Input]] = {
    "dau": {
        "mean": Input(
            "usage.active_users.working_day_mean.28d",
            "Mean active users a working day",
            "users",
            "active users of Mondays to Fridays ÷ number of those days since the account's first usage",
            evidence.usage,
        ),
        "distinct": _DISTINCT,
        "seats": _SEATS,
    },
    "api_calls": {
        "calls": _CALLS,
        "prior_calls": Input(
            "usage.api_calls.prior_84d",
            "API calls before",
            "calls",
            "sum of the days before the last 28",
            evidence.usage_long_before,
        ),
        "span": Input(
            "usage.api_calls.prior_84d.span",
            "Days of API calls before",
            "days",
            "days before the last 28, from the account's first API calls on",
            evidence.usage_long_before,
        ),
    },
    "feature_adoption": {
        "used": Input(
            "features.used.28d",
            "Features used",
            "features",
            "distinct features with any use, in sandbox or production",
            evidence.features,
        ),
        "available": Input("features.available", "Features available", "features", _FIELD, evidence.account_field),
    },
    "nps": {
        "score": Input(
            "nps.score.{window_days}d",
            "NPS",
            "points",
            "100 × (promoters − detractors) ÷ responses",
            evidence.responses,
        ),
        "responses": Input(
            "nps.responses.{window_days}d",
            "NPS responses",
            "count",
            "the latest response of each contact, and every anonymous one",
            evidence.responses,
        ),
        "promoters": Input(
            "nps.promoters.{window_days}d", "NPS promoters", "count", "responses of 9 or 10", evidence.promoters
        ),
        "detractors": Input(
            "nps.detractors.{window_days}d", "NPS detractors", "count", "responses of 0 to 6", evidence.detractors
        ),
    },
    "outreach": {
        "attended": Input(
            "outreach.attended.{window_days}d",
            "Invitations attended",
            "count",
            "invitations attended",
            evidence.attended,
        ),
        "invited": Input(
            "outreach.invited.{window_days}d",
            "Invitations",
            "count",
            "business reviews, health checks, webinars, office hours and trainings attended, missed or declined",
            evidence.invited,
        ),
    },
    "champion": {
        "actions": Input(
            "champion.actions.{window_days}d",
            "Champion actions",
            "count",
            "champion actions, betas and advocacy",
            evidence.champion_actions,
        ),
        "champions": _CHAMPIONS,
        "champions_left": Input(
            "contacts.champions_left",
            "Champions who left",
            "count",
            "contacts marked as champion who have left",
            evidence.champions_left,
        ),
    },
    "ticket_volume": {"opened": _OPENED},
    "resolution_time": {
        "ratio": Input(
            "tickets.resolution_ratio.{window_days}d",
            "Resolution time per target",
            "ratio",
            "median of hours ÷ target hours over tickets resolved in the window and open ones past target at their age",
            evidence.resolved_or_overdue,
        ),
        "resolved": Input(
            "tickets.resolved.{window_days}d",
            "Tickets resolved",
            "tickets",
            "resolved in the window",
            evidence.resolved,
        ),
        "overdue": Input(
            "tickets.open_past_target",
            "Open tickets past target",
            "tickets",
            "open tickets older than the target of their severity",
            evidence.overdue,
        ),
    },
    "escalations": {
        "escalated": Input(
            "tickets.escalated.{window_days}d",
            "Escalated tickets",
            "tickets",
            "opened in the window and escalated",
            evidence.escalated,
        )
    },
    "outcomes": {
        "met": Input(
            "goals.achieved_or_on_track",
            "Goals achieved or on track",
            "count",
            "achieved, or on track and not past due",
            evidence.goals_met,
        ),
        "known": Input(
            "goals.with_status", "Goals with a known status", "count", "goals with any status", evidence.goals_known
        ),
    },
}

_INDICATORS: Mapping[IndicatorKey, Mapping[str, Input]] = {
    "usage_decline": {
        "calls": _CALLS,
        "earlier_calls": Input(
            "usage.api_calls.prior_28d", "API calls before", "calls", "sum of the days", evidence.usage_before
        ),
        "calls_change": Input(
            "usage.api_calls.change.28d",
            "Change of API calls",
            "%",
            "100 × (the last 28 days ÷ the 28 before − 1)",
            evidence.usage,
        ),
        "users": Input(
            "usage.active_users.sum.28d", "User days", "users", "sum of each day's active users", evidence.usage
        ),
        "earlier_users": Input(
            "usage.active_users.sum.prior_28d",
            "User days before",
            "users",
            "sum of each day's active users",
            evidence.usage_before,
        ),
        "users_change": Input(
            "usage.active_users.change.28d",
            "Change of active users",
            "%",
            "100 × (user days of the last 28 days ÷ of the 28 before − 1)",
            evidence.usage,
        ),
    },
    "low_adoption": {
        "distinct": _DISTINCT,
        "peak": Input(
            "usage.active_users.peak.28d",
            "Most active users on one day",
            "users",
            "the highest day",
            evidence.usage,
        ),
        "seats": _SEATS,
    },
    "support_spike": {
        "opened": _OPENED,
        "base": Input(
            "tickets.opened.prior_{base_days}d",
            "Tickets opened before",
            "tickets",
            "opened in the days before the window",
            evidence.opened_before,
        ),
    },
    "champion_departure": {
        "champions_left": Input(
            "contacts.champions_left.{window_days}d",
            "Champions who left",
            "count",
            "contacts marked as champion who left in the window",
            evidence.champions_left_lately,
        ),
        "champions": _CHAMPIONS,
    },
    "budget_cuts": {
        "mentions": Input(
            "signals.budget_cut.{window_days}d", "Mentions of budget cuts", "count", "signals", evidence.mentions
        ),
        **_MENTION_INPUTS,
    },
    "competitor": {
        "mentions": Input(
            "signals.competitor.{window_days}d", "Mentions of a competitor", "count", "signals", evidence.mentions
        ),
        **_MENTION_INPUTS,
    },
    "missed_meetings": {
        "missed": Input(
            "meetings.missed.{window_days}d", "No-shows", "count", "meetings not attended", evidence.missed
        ),
        "invited": Input(
            "meetings.invited.{window_days}d",
            "Meetings offered",
            "count",
            "business reviews, health checks and calls attended, missed or declined",
            evidence.invited,
        ),
    },
}


def input_of(key: IndicatorKey, name: str) -> Input:
    """How an input of an indicator is shown, for others that state the same figure."""
    return _INDICATORS[key][name]


def component_inputs(case: Case) -> Mapping[ComponentKey, Inputs]:
    """The inputs of every component that applies to the account."""
    columns = case.scores.components
    return {
        key: shown(case, _COMPONENTS[key], columns[key].inputs, getattr(case.parameters.components, key))
        for key in COMPONENTS
        if columns[key].state[case.row] != NOT_APPLICABLE
    }


def indicator_inputs(case: Case) -> Mapping[IndicatorKey, Inputs]:
    """The inputs of every indicator that applies to the account."""
    columns = case.churn.indicators
    return {
        key: shown(case, _INDICATORS[key], columns[key].inputs, getattr(case.parameters.indicators, key))
        for key in INDICATORS
        if columns[key].state[case.row] != NOT_APPLICABLE
    }


def indicator_keys(case: Case, state: str | None = None) -> tuple[str, ...]:
    """The keys of the inputs of all indicators that apply, or of those in one state, each once."""
    chosen = (
        key
        for key in INDICATORS
        if (own := case.churn.indicators[key].state[case.row]) != NOT_APPLICABLE and state in (None, own)
    )
    keys = (
        spec.key_for(getattr(case.parameters.indicators, key)) for key in chosen for spec in _INDICATORS[key].values()
    )
    return tuple(dict.fromkeys(keys))


def shown(case: Case, inputs: Mapping[str, Input], columns: Mapping[str, Floats], settings: Settings) -> Inputs:
    """The account's figures of these input columns."""
    return {name: _figure(case, spec, columns[name], settings) for name, spec in inputs.items()}


def _figure(case: Case, spec: Input, column: Floats, settings: Settings) -> Figure:
    found = spec.records(case, settings)
    label = f"{spec.label}, {found.window}" if found.window else spec.label
    number = case.known(column)
    value = dt.date.fromordinal(int(number)) if number is not None and spec.unit == "date" else number
    return figure(case, spec.key_for(settings), label, value, spec.unit, spec.formula, found.evidence)
