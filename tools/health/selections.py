"""Which event rows a formula counts. Figures take their evidence from the same selections.

Every selection gives flags over the rows of an event table. A window ends where the account's feed ends (at as_of at
the latest); where the feed is not usable, no row is selected. Where a single record settles the matter, its presence
counts whatever the feed says: see `present_on_days`.
"""

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np

from app.domain.records import Severity, TouchpointKind
from app.domain.snapshot import Flags, Floats, Index, PortfolioSnapshot, Strings
from app.domain.windows import Days, Instants, day_ends
from tools.health.parameters import Champion, Mention, MissedMeetings, Outreach

EventTable = Literal["tickets", "nps", "touchpoints", "signals"]

USAGE_DAYS = 28
"""The window of usage and feature use: fixed, since the snapshot holds its sums and not the days."""

PRIOR_CALLS_DAYS = 84
WEEK_DAYS = 7

HELD = ("", "attended")
"""A touchpoint with one of these statuses took place."""

INVITED = ("attended", "no_show", "declined")
"""A meeting with one of these statuses was offered by us and answered, by word or by absence."""

SEVERITIES: tuple[Severity, ...] = get_args(Severity)
SEV1 = 1


def rows_of(account: Index, selected: Flags, accounts: int) -> Floats:
    """Number of selected rows of each account."""
    return np.bincount(account[selected], minlength=accounts).astype(np.float64)


def count(portfolio: PortfolioSnapshot, table: EventTable, selected: Flags) -> Floats:
    """As `rows_of`; NaN, not 0, where the table's feed says nothing about as_of."""
    account: Index = getattr(portfolio, table).account
    counts = rows_of(account, selected, len(portfolio))
    return np.where(portfolio.feeds.usable(table), counts, np.nan)


def on_days(
    portfolio: PortfolioSnapshot, table: str, account: Index, days: Days, length: int, before: int = 0
) -> Flags:
    """Rows dated within the `length` days that end `before` days before the feed's window end."""
    last = portfolio.feeds.window_end(table) - before
    usable = portfolio.feeds.usable(table)
    return usable[account] & (days > (last - length)[account]) & (days <= last[account])


def present_on_days(portfolio: PortfolioSnapshot, table: str, account: Index, days: Days, length: int) -> Flags:
    """As `on_days`, to as_of whatever the feed covers: what counts by being there is there."""
    feeds = portfolio.feeds
    last = np.where(feeds.usable(table), feeds.window_end(table), portfolio.today)
    return (days > (last - length)[account]) & (days <= portfolio.today)


def present(portfolio: PortfolioSnapshot, table: EventTable, selected: Flags) -> Floats:
    """As `count`, but a number above 0 is known whatever the table's feed says."""
    account: Index = getattr(portfolio, table).account
    counts = rows_of(account, selected, len(portfolio))
    return np.where(portfolio.feeds.usable(table) | (counts > 0), counts, np.nan)


def at_instants(
    portfolio: PortfolioSnapshot, table: str, account: Index, moments: Instants, length: int, before: int = 0
) -> Flags:
    """As `on_days`, for rows with an instant; days begin and end in the portfolio's time zone."""
    last = (portfolio.feeds.window_end(table) - before).astype(np.int32)
    ends = day_ends(last, portfolio.timezone)
    starts = day_ends((last - length).astype(np.int32), portfolio.timezone)
    usable = portfolio.feeds.usable(table)
    return usable[account] & (moments >= starts[account]) & (moments < ends[account])


def tickets_opened(portfolio: PortfolioSnapshot, length: int, before: int = 0) -> Flags:
    tickets = portfolio.tickets
    return at_instants(portfolio, "tickets", tickets.account, tickets.opened_at, length, before)


def tickets_escalated(portfolio: PortfolioSnapshot, length: int) -> Flags:
    return tickets_opened(portfolio, length) & portfolio.tickets.escalated


def tickets_misdated(portfolio: PortfolioSnapshot) -> Flags:
    """Resolved before they were opened: no resolution time can be told from them."""
    return portfolio.tickets.resolved_at < portfolio.tickets.opened_at


def tickets_resolved(portfolio: PortfolioSnapshot, length: int) -> Flags:
    tickets = portfolio.tickets
    within = at_instants(portfolio, "tickets", tickets.account, tickets.resolved_at, length)
    return within & ~tickets_misdated(portfolio)


def hours_per_target(portfolio: PortfolioSnapshot, target_hours: Mapping[Severity, float]) -> Floats:
    """Calendar hours from opening to resolution, or to the window's end while open, per target hour.

    NaN where the feed is not usable and the ticket is not resolved.
    """
    targets = np.array([target_hours[severity] for severity in SEVERITIES])
    tickets = portfolio.tickets
    ends = day_ends(portfolio.feeds.window_end("tickets"), portfolio.timezone)[tickets.account]
    until = np.where(tickets_open(portfolio), ends, tickets.resolved_at)
    hours = (until - tickets.opened_at) / np.timedelta64(1, "h")
    per_target: Floats = hours / targets[tickets.severity - 1]
    return per_target


def tickets_overdue(portfolio: PortfolioSnapshot, target_hours: Mapping[Severity, float]) -> Flags:
    """Open, and older than the target of their severity."""
    return tickets_open(portfolio) & (hours_per_target(portfolio, target_hours) > 1)


def tickets_open(portfolio: PortfolioSnapshot) -> Flags:
    """Opened and not resolved by the window's end."""
    tickets = portfolio.tickets
    ends = day_ends(portfolio.feeds.window_end("tickets"), portfolio.timezone)[tickets.account]
    usable = portfolio.feeds.usable("tickets")[tickets.account]
    unresolved = np.isnat(tickets.resolved_at) | (tickets.resolved_at >= ends)
    return usable & unresolved & (tickets.opened_at < ends)


def latest_responses(portfolio: PortfolioSnapshot, length: int) -> Flags:
    """NPS responses in the window: each contact's latest, and every anonymous one."""
    nps = portfolio.nps
    selected = at_instants(portfolio, "nps", nps.account, nps.responded_at, length)
    named = np.flatnonzero(selected & (nps.contact != ""))
    contact = np.unique(nps.contact[named].astype(str), return_inverse=True)[1]
    response = np.unique(nps.id[named].astype(str), return_inverse=True)[1]
    order = np.lexsort((response, nps.responded_at[named], contact, nps.account[named]))
    account, contact = nps.account[named][order], contact[order]
    superseded = np.zeros(len(named), dtype=np.bool_)
    superseded[:-1] = (account[1:] == account[:-1]) & (contact[1:] == contact[:-1])
    selected[named[order[superseded]]] = False
    return selected


def promoters(portfolio: PortfolioSnapshot, length: int) -> Flags:
    """Latest responses of 9 or 10."""
    return latest_responses(portfolio, length) & (portfolio.nps.score >= 9)


def detractors(portfolio: PortfolioSnapshot, length: int) -> Flags:
    """Latest responses of 0 to 6."""
    return latest_responses(portfolio, length) & (portfolio.nps.score <= 6)


def invitations(portfolio: PortfolioSnapshot, settings: Outreach | MissedMeetings) -> Flags:
    """Touchpoints of the settings' kinds to which the customer was invited."""
    points = portfolio.touchpoints
    within = on_days(portfolio, "touchpoints", points.account, points.day, settings.window_days)
    return within & _is_one_of(points.kind, settings.kinds) & _is_one_of(points.status, INVITED)


def attended(portfolio: PortfolioSnapshot, settings: Outreach) -> Flags:
    return invitations(portfolio, settings) & _is_one_of(portfolio.touchpoints.status, ("attended",))


def no_shows(portfolio: PortfolioSnapshot, settings: MissedMeetings) -> Flags:
    return invitations(portfolio, settings) & _is_one_of(portfolio.touchpoints.status, ("no_show",))


def conversations(portfolio: PortfolioSnapshot, settings: Mention) -> Flags:
    """Touchpoints at which the customer could have said it."""
    points = portfolio.touchpoints
    within = present_on_days(portfolio, "touchpoints", points.account, points.day, settings.conversation_days)
    return within & _is_one_of(points.kind, settings.conversation_kinds) & _is_one_of(points.status, HELD)


def held(portfolio: PortfolioSnapshot, kinds: tuple[TouchpointKind, ...]) -> Flags:
    """Touchpoints of these kinds that took place, of whatever day."""
    points = portfolio.touchpoints
    return _is_one_of(points.kind, kinds) & _is_one_of(points.status, HELD)


def mentions(portfolio: PortfolioSnapshot, settings: Mention) -> Flags:
    signals = portfolio.signals
    within = present_on_days(portfolio, "signals", signals.account, signals.day, settings.window_days)
    return within & _is_one_of(signals.kind, (settings.signal,))


def champion_touchpoints(portfolio: PortfolioSnapshot, settings: Champion) -> Flags:
    """Champion actions among the touchpoints, of whatever day."""
    points = portfolio.touchpoints
    return _is_one_of(points.kind, settings.touchpoint_kinds) & _is_one_of(points.status, HELD)


def recent_champion_touchpoints(portfolio: PortfolioSnapshot, settings: Champion) -> Flags:
    points = portfolio.touchpoints
    within = present_on_days(portfolio, "touchpoints", points.account, points.day, settings.window_days)
    return within & champion_touchpoints(portfolio, settings)


def champion_signals(portfolio: PortfolioSnapshot, settings: Champion) -> Flags:
    """Champion actions among the signals, of whatever day."""
    return _is_one_of(portfolio.signals.kind, settings.signal_kinds)


def recent_champion_signals(portfolio: PortfolioSnapshot, settings: Champion) -> Flags:
    signals = portfolio.signals
    within = present_on_days(portfolio, "signals", signals.account, signals.day, settings.window_days)
    return within & champion_signals(portfolio, settings)


def champions_present(portfolio: PortfolioSnapshot) -> Flags:
    """Contacts marked as champion who have not left by as_of."""
    contacts = portfolio.contacts
    return contacts.is_champion & ~_left(portfolio)


def champions_left(portfolio: PortfolioSnapshot, length: int | None = None) -> Flags:
    """Contacts marked as champion who have left, within the last `length` days where that is given."""
    contacts = portfolio.contacts
    recent = contacts.left_day > portfolio.today - length if length is not None else np.True_
    return contacts.is_champion & _left(portfolio) & recent


def goals_known(portfolio: PortfolioSnapshot) -> Flags:
    return np.asarray(portfolio.goals.status != "", dtype=np.bool_)


def goals_met(portfolio: PortfolioSnapshot) -> Flags:
    """Achieved or on track. A goal that is past its due day and not achieved is at risk, whatever its status says."""
    goals = portfolio.goals
    past_due = (goals.due_day > 0) & (goals.due_day < portfolio.today)
    met: Flags = (goals.status == "achieved") | ((goals.status == "on_track") & ~past_due)
    return met


def _left(portfolio: PortfolioSnapshot) -> Flags:
    left = portfolio.contacts.left_day
    return (left > 0) & (left <= portfolio.today)


def _is_one_of(values: Strings, wanted: tuple[str, ...]) -> Flags:
    return np.isin(values, np.array(wanted, dtype=object))
