"""What components, indicators and gaps are called, and the sentences that say what was seen.

Templates hold names of a component's or indicator's inputs, filled with figures. They are ours alone: text of a
customer never becomes a template.
"""

from collections.abc import Mapping, Sequence
from string import Formatter

from app.domain.figures import Figure, Span, Text, text
from tools.health.indicators import IndicatorKey
from tools.health.parameters import ComponentKey

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
    "dau": "{mean} active users a working day, {seats} licensed seats",
    "dau.distinct": "{distinct} distinct users in 28 days, {seats} licensed seats",
    "api_calls": "{calls} calls in 28 days, {prior_calls} in the {span} days before",
    "feature_adoption": "{used} of {available} features used in 28 days",
    "nps": "NPS {score}, responses: {responses}",
    "outreach": "{attended} of {invited} invitations attended in {window_days} days",
    "champion": "{actions} in {window_days} days",
    "champion.forsaken": "the last champion left and no successor is marked",
    "ticket_volume": "{opened} opened in {window_days} days",
    "resolution_time": "{ratio} of the target time at the median; open past target: {overdue}",
    "escalations": "{escalated} among the tickets opened in {window_days} days",
    "outcomes": "{met} of {known} goals achieved or on track",
}

NOT_APPLICABLE: Mapping[str, str] = {
    "dau": "does not apply: the account is billed by API calls",
    "api_calls": "does not apply: the account is billed by seats",
    "low_adoption": "does not apply: the account is billed by API calls",
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
    "usage_decline": "{calls} API calls in 28 days after {earlier_calls} in the 28 before ({calls_change})",
    "usage_decline.users": "{users} user days in 28 days after {earlier_users} in the 28 before ({users_change})",
    "low_adoption": "{distinct} distinct users in 28 days, {seats} licensed seats",
    "low_adoption.peak": "{peak} users on the highest of 28 days, {seats} licensed seats",
    "support_spike": "{opened} tickets opened in {window_days} days after {base} in the {base_days} before",
    "champion_departure": "champions who left in {window_days} days: {champions_left}; marked now: {champions}",
    "budget_cuts": "mentioned in {window_days} days: {mentions}; conversations in {conversation_days}: {conversations}",
    "competitor": "mentioned in {window_days} days: {mentions}; conversations in {conversation_days}: {conversations}",
    "missed_meetings": "{missed} no-shows of {invited} meetings in {window_days} days",
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
    "features_used": "no feature use on record in 28 days",
    "features_available": "the number of available features is not known",
    "nps_responses": "no NPS response in {window_days} days",
    "invitations": "no invitation with an outcome in {window_days} days",
    "champion_actions": "no champion action was ever recorded",
    "resolutions": "no ticket resolved in {window_days} days and none open past target",
    "goal_status": "no goal with a known status",
    "usage_history": "usage is on record for under 56 days",
    "usage_base": "too little usage in the 28 days before to tell a decline",
    "distinct_users": "no count of distinct users, and the highest day alone does not settle it",
    "contacts": "no contacts on record",
    "champions": "no contact was ever marked as champion",
    "conversations": "no conversation recorded in {conversation_days} days, so silence proves nothing",
}
"""What an unknown component or indicator lacks; numbers come from its parameters. Feeds: `missing_feed`."""


ONLY_TIME_BRINGS = ("call_history", "prior_calls", "resolutions", "usage_history", "usage_base")
"""What is missing because it has not happened yet: no data could be brought in."""


def filled(template: str, figures: Mapping[str, Figure], settings: Mapping[str, object]) -> Text:
    """The template with each `{name}` replaced by the figure of that name, or by the setting."""
    spans: list[Span | Figure] = []
    for literal, name, _, _ in Formatter().parse(template):
        spans.append(literal)
        if name is not None:
            spans.append(figures[name] if name in figures else str(settings[name]))
    return text(*(span for span in spans if span != ""))


def listing(items: Sequence[str]) -> str:
    """Words in a row: "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"
