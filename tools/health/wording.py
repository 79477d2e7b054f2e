"""What components, indicators and gaps are called, and the sentences that say what was seen.

Templates hold names of a component's or indicator's inputs, filled with figures; `{name:one|many}` adds the noun that
goes with the number. They are ours alone: text of a
customer never becomes a template.
"""

from collections.abc import Mapping, Sequence
from string import Formatter

from app.domain.figures import Figure, Span, Text, text
from tools.health.indicators import IndicatorKey
from tools.health.parameters import ComponentKey
from tools.health.watch import Sign, WatchKey

COMPONENT_LABELS: Mapping[ComponentKey, str] = {
    "dau": "Daily active users",
    "api_calls": "API calls",
    "feature_adoption": "Feature adoption",
    "nps": "NPS",
    "outreach": "Response to outreach",
    "champion": "Champion activity",
    "ticket_volume": "Ticket volume",
    "resolution_time": "Time to resolution",
    "escalations": "Escalations",
    "outcomes": "Outcomes",
}

MEASURES: Mapping[ComponentKey, str] = {
    "dau": "active users per licensed seat",
    "api_calls": "calls of the last 28 days per mean 28-day calls of the 84 days before",
    "feature_adoption": "features used per feature available",
    "nps": "NPS drawn towards 0 by the neutral answers added",
    "outreach": "meetings attended per meeting invited to",
    "champion": "1 with a champion action in the window, 0 with none or where the last champion left without successor",
    "ticket_volume": "tickets opened",
    "resolution_time": "median of hours per target hour",
    "escalations": "escalated tickets",
    "outcomes": "goals achieved or on track per goal with a known status",
}
"""What the number is that a component's scale turns into points."""

COMPONENT_SEEN: Mapping[str, str] = {
    "dau": "{mean:active user|active users} a working day, {seats:licensed seat|licensed seats}",
    "dau.distinct": "{distinct:distinct user|distinct users} in 28 days, {seats:licensed seat|licensed seats}",
    "api_calls": "{calls:call|calls} in 28 days, {prior_calls} in the {span:day|days} before",
    "feature_adoption": "{used} of {available:feature|features} used in 28 days",
    "nps": "NPS {score}, responses: {responses}",
    "outreach": "{attended} of {invited:invitation|invitations} attended in {window_days} days",
    "champion": "{actions:action|actions} in {window_days} days",
    "champion.forsaken": "the last champion left and no successor is marked",
    "ticket_volume": "{opened:ticket|tickets} opened in {window_days} days",
    "resolution_time": "{ratio} of the target time at the median; open past target: {overdue}",
    "escalations": "{escalated:escalated ticket|escalated tickets} among those opened in {window_days} days",
    "outcomes": "{met} of {known:goal|goals} achieved or on track",
}

NOT_APPLICABLE: Mapping[str, str] = {
    "dau": "does not apply: the account is billed by API calls",
    "api_calls": "does not apply: the account is billed by seats",
    "low_adoption": "does not apply: the account is billed by API calls",
    "error_spike": "does not apply: the account is billed by seats and makes no API calls",
    "onboarding_stalled": "does not apply: the account is not onboarding",
}

INDICATOR_LABELS: Mapping[IndicatorKey, str] = {
    "usage_decline": "Usage decline",
    "low_adoption": "Low adoption",
    "support_spike": "Support spike",
    "champion_departure": "Champion departure",
    "budget_cuts": "Budget cuts",
    "competitor": "Competitor evaluation",
    "missed_meetings": "Missed meetings",
}

INDICATOR_SEEN: Mapping[str, str] = {
    "usage_decline": "{calls:API call|API calls} in 28 days after {earlier_calls} in the 28 before ({calls_change})",
    "usage_decline.users": (
        "{users:user day|user days} in 28 days after {earlier_users} in the 28 before ({users_change})"
    ),
    "low_adoption": "{distinct:distinct user|distinct users} in 28 days, {seats:licensed seat|licensed seats}",
    "low_adoption.peak": "{peak:user|users} on the highest of 28 days, {seats:licensed seat|licensed seats}",
    "support_spike": "{opened:ticket|tickets} opened in {window_days} days after {base} in the {base_days} before",
    "champion_departure": "champions who left in {window_days} days: {champions_left}; marked now: {champions}",
    "budget_cuts": "mentioned in {window_days} days: {mentions}; conversations in {conversation_days}: {conversations}",
    "competitor": "mentioned in {window_days} days: {mentions}; conversations in {conversation_days}: {conversations}",
    "missed_meetings": "{missed:no-show|no-shows} of {invited:meeting|meetings} in {window_days} days",
}

WATCH_LABELS: Mapping[WatchKey, str] = {
    "error_spike": "Error-rate spike",
    "three_declines": "Three declines in a row",
    "gone_quiet": "Gone quiet",
    "onboarding_stalled": "Onboarding stalled",
}

WATCH_SEEN: Mapping[str, str] = {
    "error_spike": "{share} of {calls:call|calls} failed in 7 days, after {base_share} in the 28 before",
    "three_declines": "API calls of four times 28 days: {calls_4}, {calls_3}, {calls_2}, {calls}",
    "three_declines.users": "user days of four times 28 days: {users_4}, {users_3}, {users_2}, {users}",
    "gone_quiet": (
        "{opened:ticket|tickets} opened in {window_days} days; months with a ticket before: {asked} of {months}; "
        "API calls {calls_change}"
    ),
    "gone_quiet.users": (
        "{opened:ticket|tickets} opened in {window_days} days; months with a ticket before: {asked} of {months}; "
        "active users {users_change}"
    ),
    "onboarding_stalled": "{idle:day|days} since the last sign of progress, {sign} on {last_sign}",
}

SIGN_NAMES: Mapping[Sign, str] = {
    "contract_start": "the contract's start",
    "first_use": "the first use",
    "new_feature": "a feature newly used",
    "rising_use": "rising use",
    "goal": "a goal on track",
    "meeting": "a meeting held",
}

FEED_NAMES: Mapping[str, str] = {
    "usage": "usage data",
    "feature_usage": "feature usage data",
    "tickets": "ticket data",
    "nps": "NPS data",
    "touchpoints": "touchpoint data",
    "signals": "signal data",
}

MISSING: Mapping[str, str] = {
    "active_users": "no active users on record",
    "licensed_seats": "the number of licensed seats is not known",
    "api_calls": "no API calls on record",
    "call_history": "API calls are on record for under {min_span_days} of the days before the last 28",
    "prior_calls": "no API calls in the 84 days before the last 28",
    "features_used": "no feature use was ever recorded",
    "features_available": "the number of available features is not known",
    "nps_responses": "no NPS response in {window_days} days",
    "invitations": "no invitation with an outcome in {window_days} days",
    "champion_actions": "no champion action was ever recorded",
    "resolutions": "no ticket resolved in {window_days} days and none open past target",
    "goal_status": "no goal with a known status",
    "usage_history": "usage is on record for under 56 days",
    "usage_base": "too little usage in the 28 days before to tell a decline",
    "distinct_users": "no count of distinct users, and the highest day alone does not settle it",
    "errors": "failed calls are not on record",
    "error_calls": "under {min_calls:.0f} calls in the last 7 days",
    "error_history": "calls and errors are on record for under 35 days",
    "error_base": "under {min_calls:.0f} calls in the 28 days before the last 7",
    "decline_history": "usage is on record for under 112 days",
    "decline_base": "too little usage in the first of the four windows to tell a decline",
    "contract_start": "the contract's start is not known, and no sign of progress is on record",
    "usage_ever": "no usage was ever recorded",
    "contacts": "no contacts on record",
    "champions": "no contact was ever marked as champion",
    "conversations": "no conversation recorded in {conversation_days} days, so silence proves nothing",
}
"""What an unknown component or indicator lacks; numbers come from its parameters. Feeds: `missing_feed`."""


ONLY_TIME_BRINGS = ("call_history", "prior_calls", "resolutions", "usage_history", "usage_base")
"""What is missing because it has not happened yet: no data could be brought in."""


def filled(template: str, figures: Mapping[str, Figure], settings: Mapping[str, object]) -> Text:
    """The template with each `{name}` replaced by the figure of that name, or by the setting."""
    parts: list[Span | Figure | Text] = []
    for literal, name, nouns, _ in Formatter().parse(template):
        parts.append(literal)
        if name is not None and nouns:
            parts.append(counted(figures[name], *nouns.split("|")))
        elif name is not None:
            parts.append(figures[name] if name in figures else str(settings[name]))
    return text(*(part for part in parts if part != ""))


def counted(figure: Figure, one: str, many: str) -> Text:
    """A number and its noun: "1 ticket", "3 tickets"."""
    is_one = isinstance(figure.value, (int, float)) and round(figure.value, 1) == 1
    return text(figure, f" {one if is_one else many}")


def listing(items: Sequence[str]) -> str:
    """Words in a row: "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def feeds_named(tables: Sequence[str]) -> str:
    """Feeds at the start of a sentence: "Usage and feature usage data"."""
    words = listing([FEED_NAMES[table].removesuffix(" data") for table in tables])
    return f"{words[0].upper()}{words[1:]} data"
