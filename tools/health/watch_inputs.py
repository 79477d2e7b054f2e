"""The inputs of every watch item as figures."""

from collections.abc import Mapping

from tools.health import evidence
from tools.health.case import Case
from tools.health.inputs import Input, Inputs, input_of, shown
from tools.health.scoring import NOT_APPLICABLE
from tools.health.watch import WATCH_ITEMS, WatchKey

_CALLS_CHANGE = input_of("usage_decline", "calls_change")
_USERS_CHANGE = input_of("usage_decline", "users_change")
_SUM, _USER_DAYS = "sum of the days", "sum of each day's active users"

_WATCH: Mapping[WatchKey, Mapping[str, Input]] = {
    "error_spike": {
        "share": Input(
            "usage.error_share.7d", "Failed calls", "%", "100 × errors ÷ API calls of the 7 days", evidence.usage_week
        ),
        "base_share": Input(
            "usage.error_share.28d_before_7d",
            "Failed calls before",
            "%",
            "100 × errors ÷ API calls of the 28 days before",
            evidence.usage_before_week,
        ),
        "errors": Input("usage.errors.7d", "Errors", "calls", _SUM, evidence.usage_week),
        "calls": Input("usage.api_calls.7d", "API calls", "calls", _SUM, evidence.usage_week),
        "base_errors": Input("usage.errors.28d_before_7d", "Errors before", "calls", _SUM, evidence.usage_before_week),
        "base_calls": Input(
            "usage.api_calls.28d_before_7d", "API calls before", "calls", _SUM, evidence.usage_before_week
        ),
    },
    "three_declines": {
        "calls": input_of("usage_decline", "calls"),
        "calls_2": input_of("usage_decline", "earlier_calls"),
        "calls_3": Input(
            "usage.api_calls.28d_before_56d", "API calls, third window back", "calls", _SUM, evidence.usage_third
        ),
        "calls_4": Input(
            "usage.api_calls.28d_before_84d", "API calls, fourth window back", "calls", _SUM, evidence.usage_fourth
        ),
        "users": input_of("usage_decline", "users"),
        "users_2": input_of("usage_decline", "earlier_users"),
        "users_3": Input(
            "usage.active_users.sum.28d_before_56d",
            "User days, third window back",
            "users",
            _USER_DAYS,
            evidence.usage_third,
        ),
        "users_4": Input(
            "usage.active_users.sum.28d_before_84d",
            "User days, fourth window back",
            "users",
            _USER_DAYS,
            evidence.usage_fourth,
        ),
    },
    "gone_quiet": {
        "opened": Input(
            "tickets.opened.{window_days}d", "Tickets opened", "tickets", "opened in the window", evidence.opened
        ),
        "asked": Input(
            "tickets.months_with_any.{months}x{window_days}d",
            "Months with a ticket before",
            "count",
            "windows before the last with at least one ticket opened in each",
            evidence.opened_in_months_before,
        ),
        "calls_change": _CALLS_CHANGE,
        "users_change": _USERS_CHANGE,
    },
    "onboarding_stalled": {
        "idle": Input(
            "onboarding.idle_days",
            "Days without a sign of progress",
            "days",
            "days from the last sign of progress to the day that all feeds of such signs cover",
            evidence.sign_of_progress,
        ),
        "last_sign": Input(
            "onboarding.last_progress",
            "Last sign of progress",
            "date",
            "the latest of: contract start, first use, a feature newly used, rising use, a goal on track or achieved, "
            "a meeting held",
            evidence.sign_of_progress,
        ),
    },
}


def watch_inputs(case: Case) -> Mapping[WatchKey, Inputs]:
    """The inputs of every watch item that applies to the account."""
    return {
        key: shown(case, _WATCH[key], case.watch[key].inputs, getattr(case.parameters.watch, key))
        for key in WATCH_ITEMS
        if case.watch[key].state[case.row] != NOT_APPLICABLE
    }
