"""The inputs of every component and indicator as figures: one line each of what the answer may state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.figures import Figure
from app.domain.snapshot import Floats
from tools.health import evidence
from tools.health.case import Case
from tools.health.evidence import Records
from tools.health.figures import figure
from tools.health.indicators import INDICATORS, IndicatorKey
from tools.health.parameters import ComponentKey, Settings
from tools.health.scoring import COMPONENTS, NOT_APPLICABLE

Inputs = Mapping[str, Figure]
"""Figures by the name of the input column that they show."""


@dataclass(frozen=True, slots=True)
class Input:
    """How an input column is shown. `{days}` in the key is the length of the records' window."""

    key: str
    label: str
    unit: str
    formula: str
    records: Callable[[Case, Any], Records]


_FIELD = "the account's own field"
_SEATS = Input("seats.licensed", "Licensed seats", "seats", _FIELD, evidence.account_field)
_DISTINCT = Input(
    "usage.active_users.distinct.{days}d",
    "Distinct active users",
    "users",
    "the newest count of distinct users over 28 days, of the last 7 days",
    evidence.usage,
)
_CALLS = Input("usage.api_calls.{days}d", "API calls", "calls", "sum of the days", evidence.usage)
_OPENED = Input("tickets.opened.{days}d", "Tickets opened", "tickets", "opened in the window", evidence.opened)
_CHAMPIONS = Input(
    "contacts.champions", "Champions", "count", "contacts marked as champion who have not left", evidence.champions
)
_MENTION_INPUTS = {
    "conversations": Input(
        "conversations.{days}d",
        "Conversations",
        "count",
        "meetings, calls and mails of the window that took place",
        evidence.conversations,
    )
}

_COMPONENTS: Mapping[ComponentKey, Mapping[str, Input]] = {
    "dau": {
        "mean": Input(
            "usage.active_users.working_day_mean.{days}d",
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
            "usage.api_calls.prior_{days}d",
            "API calls before",
            "calls",
            "sum of the days before the last 28",
            evidence.usage_long_before,
        ),
        "span": Input(
            "usage.api_calls.prior_{days}d.span",
            "Days of API calls before",
            "days",
            "days before the last 28, from the account's first API calls on",
            evidence.usage_long_before,
        ),
    },
    "feature_adoption": {
        "used": Input(
            "features.used.{days}d",
            "Features used",
            "features",
            "distinct features with any use, in sandbox or production",
            evidence.features,
        ),
        "available": Input("features.available", "Features available", "features", _FIELD, evidence.account_field),
    },
    "nps": {
        "score": Input(
            "nps.score.{days}d", "NPS", "points", "100 × (promoters − detractors) ÷ responses", evidence.responses
        ),
        "responses": Input(
            "nps.responses.{days}d",
            "NPS responses",
            "count",
            "the latest response of each contact, and every anonymous one",
            evidence.responses,
        ),
        "promoters": Input(
            "nps.promoters.{days}d", "NPS promoters", "count", "responses of 9 or 10", evidence.responses
        ),
        "detractors": Input(
            "nps.detractors.{days}d", "NPS detractors", "count", "responses of 0 to 6", evidence.responses
        ),
    },
    "outreach": {
        "attended": Input(
            "outreach.attended.{days}d", "Invitations attended", "count", "invitations attended", evidence.attended
        ),
        "invited": Input(
            "outreach.invited.{days}d",
            "Invitations",
            "count",
            "business reviews, health checks, webinars, office hours and trainings attended, missed or declined",
            evidence.invited,
        ),
    },
    "champion": {
        "actions": Input(
            "champion.actions.{days}d",
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
            "tickets.resolution_ratio.{days}d",
            "Resolution time per target",
            "ratio",
            "median of hours ÷ target hours over tickets resolved in the window and open ones past target at their age",
            evidence.resolved_or_overdue,
        ),
        "resolved": Input(
            "tickets.resolved.{days}d", "Tickets resolved", "tickets", "resolved in the window", evidence.resolved
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
            "tickets.escalated.{days}d",
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
            "usage.api_calls.prior_{days}d", "API calls before", "calls", "sum of the days", evidence.usage_before
        ),
        "calls_change": Input(
            "usage.api_calls.change.{days}d",
            "Change of API calls",
            "%",
            "100 × (the last 28 days ÷ the 28 before − 1)",
            evidence.usage,
        ),
        "users": Input(
            "usage.active_users.sum.{days}d", "User days", "users", "sum of each day's active users", evidence.usage
        ),
        "earlier_users": Input(
            "usage.active_users.sum.prior_{days}d",
            "User days before",
            "users",
            "sum of each day's active users",
            evidence.usage_before,
        ),
        "users_change": Input(
            "usage.active_users.change.{days}d",
            "Change of active users",
            "%",
            "100 × (user days of the last 28 days ÷ of the 28 before − 1)",
            evidence.usage,
        ),
    },
    "low_adoption": {
        "distinct": _DISTINCT,
        "peak": Input(
            "usage.active_users.peak.{days}d",
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
            "tickets.opened.prior_{days}d",
            "Tickets opened before",
            "tickets",
            "opened in the days before the window",
            evidence.opened_before,
        ),
    },
    "champion_departure": {
        "champions_left": Input(
            "contacts.champions_left.{days}d",
            "Champions who left",
            "count",
            "contacts marked as champion who left in the window",
            evidence.champions_left_lately,
        ),
        "champions": _CHAMPIONS,
    },
    "budget_cuts": {
        "mentions": Input(
            "signals.budget_cut.{days}d", "Mentions of budget cuts", "count", "signals", evidence.mentions
        ),
        **_MENTION_INPUTS,
    },
    "competitor": {
        "mentions": Input(
            "signals.competitor.{days}d", "Mentions of a competitor", "count", "signals", evidence.mentions
        ),
        **_MENTION_INPUTS,
    },
    "missed_meetings": {
        "missed": Input("meetings.missed.{days}d", "No-shows", "count", "meetings not attended", evidence.missed),
        "invited": Input(
            "meetings.invited.{days}d",
            "Meetings offered",
            "count",
            "business reviews, health checks and calls attended, missed or declined",
            evidence.invited,
        ),
    },
}


def component_inputs(case: Case) -> Mapping[ComponentKey, Inputs]:
    """The inputs of every component that applies to the account."""
    columns = case.scores.components
    return {
        key: _shown(case, _COMPONENTS[key], columns[key].inputs, getattr(case.parameters.components, key))
        for key in COMPONENTS
        if columns[key].state[case.row] != NOT_APPLICABLE
    }


def indicator_inputs(case: Case) -> Mapping[IndicatorKey, Inputs]:
    """The inputs of every indicator that applies to the account."""
    columns = case.churn.indicators
    return {
        key: _shown(case, _INDICATORS[key], columns[key].inputs, getattr(case.parameters.indicators, key))
        for key in INDICATORS
        if columns[key].state[case.row] != NOT_APPLICABLE
    }


def _shown(case: Case, inputs: Mapping[str, Input], columns: Mapping[str, Floats], settings: Settings) -> Inputs:
    return {name: _figure(case, spec, columns[name], settings) for name, spec in inputs.items()}


def _figure(case: Case, spec: Input, column: Floats, settings: Settings) -> Figure:
    found = spec.records(case, settings)
    key = spec.key.format(days=found.window.days) if found.window else spec.key
    label = f"{spec.label}, {found.window}" if found.window else spec.label
    return figure(case, key, label, case.known(column), spec.unit, spec.formula, found.evidence)
