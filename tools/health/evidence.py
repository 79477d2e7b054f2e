"""The records behind each input of the score and the indicators, for one account.

Each function takes a case and the settings of a component or indicator, and gives the window and its records. The
selections are those that the formulas count. An address is given only where it leads to exactly the records counted.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

import numpy as np

from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, listed
from app.domain.snapshot import Flags, Index, Strings
from app.domain.windows import Instants
from tools.health import selections
from tools.health.case import Case, Window
from tools.health.parameters import (
    Champion,
    ChampionDeparture,
    GoneQuiet,
    Mention,
    MissedMeetings,
    Nps,
    Outreach,
    ResolutionTime,
    Settings,
    SupportSpike,
    WindowScale,
)
from tools.health.selections import PRIOR_CALLS_DAYS, USAGE_DAYS, WEEK_DAYS, EventTable
from tools.health.watch import SIGNS, Sign

SIGN_TABLES: Mapping[Sign, str] = {
    "contract_start": "accounts",
    "first_use": "usage",
    "new_feature": "feature_usage",
    "rising_use": "usage",
    "goal": "goals",
    "meeting": "touchpoints",
}
"""Which table tells of a sign of progress."""


@dataclass(frozen=True, slots=True)
class Records:
    """Evidence, and the window it lies in; no window for what is true as of the day."""

    evidence: tuple[Evidence, ...]
    window: Window | None = None


def href(case: Case, table: str, query: str = "") -> str:
    """Where the account's records of a table are to be had."""
    return f"/v1/accounts/{quote(case.account.id, safe='')}/{table}{query}"


def account_field(case: Case, _: Settings | None = None) -> Records:
    return Records((Evidence(kind="accounts", id=case.account.id),))


def usage(case: Case, _: Settings) -> Records:
    return _range(case, "usage", case.window("usage", USAGE_DAYS), int(case.portfolio.usage.rows_28[case.row]))


def usage_before(case: Case, _: Settings) -> Records:
    """The 28 days before the last 28."""
    rows = int(case.portfolio.usage.rows_prior_28[case.row])
    return _range(case, "usage", case.window("usage", USAGE_DAYS, before=USAGE_DAYS), rows)


def usage_third(case: Case, _: Settings) -> Records:
    """The 28 days before the last 56."""
    rows = int(case.portfolio.usage.rows_28_before_56[case.row])
    return _range(case, "usage", case.window("usage", USAGE_DAYS, before=2 * USAGE_DAYS), rows)


def usage_fourth(case: Case, _: Settings) -> Records:
    """The 28 days before the last 84."""
    rows = int(case.portfolio.usage.rows_28_before_84[case.row])
    return _range(case, "usage", case.window("usage", USAGE_DAYS, before=3 * USAGE_DAYS), rows)


def usage_week(case: Case, _: Settings) -> Records:
    return _range(case, "usage", case.window("usage", WEEK_DAYS), int(case.portfolio.usage.rows_7[case.row]))


def usage_before_week(case: Case, _: Settings) -> Records:
    """The 28 days before the last 7."""
    rows = int(case.portfolio.usage.rows_28_before_7[case.row])
    return _range(case, "usage", case.window("usage", USAGE_DAYS, before=WEEK_DAYS), rows)


def usage_long_before(case: Case, _: Settings) -> Records:
    """The 84 days before the last 28."""
    rows = int(case.portfolio.usage.rows_prior_84[case.row])
    return _range(case, "usage", case.window("usage", PRIOR_CALLS_DAYS, before=USAGE_DAYS), rows)


def features(case: Case, _: Settings) -> Records:
    rows = int(case.portfolio.features_rows_28[case.row])
    return _range(case, "feature_usage", case.window("feature_usage", USAGE_DAYS), rows)


def responses(case: Case, settings: Nps) -> Records:
    rows = selections.latest_responses(case.portfolio, settings.window_days)
    return _events(case, "nps", rows, case.window("nps", settings.window_days))


def promoters(case: Case, settings: Nps) -> Records:
    rows = selections.promoters(case.portfolio, settings.window_days)
    return _events(case, "nps", rows, case.window("nps", settings.window_days))


def detractors(case: Case, settings: Nps) -> Records:
    rows = selections.detractors(case.portfolio, settings.window_days)
    return _events(case, "nps", rows, case.window("nps", settings.window_days))


def invited(case: Case, settings: Outreach | MissedMeetings) -> Records:
    return _touchpoints(case, selections.invitations(case.portfolio, settings), settings.window_days)


def attended(case: Case, settings: Outreach) -> Records:
    return _touchpoints(case, selections.attended(case.portfolio, settings), settings.window_days)


def missed(case: Case, settings: MissedMeetings) -> Records:
    return _touchpoints(case, selections.no_shows(case.portfolio, settings), settings.window_days)


def conversations(case: Case, settings: Mention) -> Records:
    rows = selections.conversations(case.portfolio, settings)
    return _events(case, "touchpoints", rows, case.presence_window("touchpoints", settings.conversation_days))


def mentions(case: Case, settings: Mention) -> Records:
    rows = selections.mentions(case.portfolio, settings)
    return _events(case, "signals", rows, case.presence_window("signals", settings.window_days))


def champion_actions(case: Case, settings: Champion) -> Records:
    """Touchpoints and signals; where there are too many to list, a range of each."""
    did = case.presence_window("touchpoints", settings.window_days)
    heard = case.presence_window("signals", settings.window_days)
    acted = _events(case, "touchpoints", selections.recent_champion_touchpoints(case.portfolio, settings), did)
    spoke = _events(case, "signals", selections.recent_champion_signals(case.portfolio, settings), heard)
    window = acted.window if case.feed_last("touchpoints") else heard
    searched = acted.evidence + spoke.evidence
    found = tuple(record for record in searched if record.count != 0) or searched
    if len(found) > MAX_LISTED_EVIDENCE:
        found = (*_summed(acted.evidence), *_summed(spoke.evidence))
    return Records(found, window)


def champions(case: Case, _: Settings) -> Records:
    return _contacts(case, selections.champions_present(case.portfolio))


def champions_left(case: Case, _: Settings) -> Records:
    return _contacts(case, selections.champions_left(case.portfolio))


def champions_left_lately(case: Case, settings: ChampionDeparture) -> Records:
    first = case.as_of - dt.timedelta(days=settings.window_days - 1)
    rows = selections.champions_left(case.portfolio, settings.window_days)
    return Records(_contacts(case, rows).evidence, Window(settings.window_days, first, case.as_of))


def opened(case: Case, settings: WindowScale | SupportSpike | GoneQuiet) -> Records:
    rows = selections.tickets_opened(case.portfolio, settings.window_days)
    return _events(case, "tickets", rows, case.window("tickets", settings.window_days))


def opened_before(case: Case, settings: SupportSpike) -> Records:
    days, before = settings.base_days, settings.window_days
    rows = selections.tickets_opened(case.portfolio, days, before)
    return _events(case, "tickets", rows, case.window("tickets", days, before))


def opened_in_months_before(case: Case, settings: GoneQuiet) -> Records:
    days, before = settings.months * settings.window_days, settings.window_days
    rows = selections.tickets_opened(case.portfolio, days, before)
    return _events(case, "tickets", rows, case.window("tickets", days, before))


def escalated(case: Case, settings: WindowScale) -> Records:
    rows = selections.tickets_escalated(case.portfolio, settings.window_days)
    return _events(case, "tickets", rows, case.window("tickets", settings.window_days))


def resolved(case: Case, settings: ResolutionTime) -> Records:
    rows = selections.tickets_resolved(case.portfolio, settings.window_days)
    return _events(case, "tickets", rows, case.window("tickets", settings.window_days))


def overdue(case: Case, settings: ResolutionTime) -> Records:
    rows = selections.tickets_overdue(case.portfolio, settings.target_hours)
    found = _events(case, "tickets", rows, case.window("tickets", settings.window_days)).evidence
    if found and found[0].count == 0:  # no window was searched: open tickets of any age are looked at
        found = (Evidence(kind="tickets", last=case.feed_last("tickets"), count=0),)
    return Records(found)


def resolved_or_overdue(case: Case, settings: ResolutionTime) -> Records:
    late = selections.tickets_overdue(case.portfolio, settings.target_hours)
    rows = selections.tickets_resolved(case.portfolio, settings.window_days) | late
    return _events(case, "tickets", rows, case.window("tickets", settings.window_days))


def goals_met(case: Case, _: Settings) -> Records:
    return _goals(case, selections.goals_met(case.portfolio))


def goals_known(case: Case, _: Settings) -> Records:
    return _goals(case, selections.goals_known(case.portfolio))


def sign_of_progress(case: Case, _: Settings) -> Records:
    """The records of the last sign that an onboarding moves."""
    columns = case.watch["onboarding_stalled"].inputs
    last, place = case.known(columns["last_sign"]), case.known(columns["sign"])
    if last is None or place is None:
        return Records(())
    day, table = dt.date.fromordinal(int(last)), SIGN_TABLES[SIGNS[int(place)]]
    if table == "accounts":
        return account_field(case)
    return Records((Evidence(kind=table, date=day),))


def _range(case: Case, table: str, window: Window, rows: int) -> Records:
    """The days of a window; a known zero is evident from the window that was searched."""
    if window.last is None:
        return Records((), window)
    link = href(case, table, window.query)
    return Records((Evidence(kind=table, first=window.first, last=window.last, count=rows, href=link),), window)


def _touchpoints(case: Case, rows: Flags, days: int) -> Records:
    return _events(case, "touchpoints", rows, case.window("touchpoints", days))


def _events(case: Case, table: EventTable, rows: Flags, window: Window) -> Records:
    """This account's rows among the selected ones; a known zero is evident from the window that was searched."""
    mine = np.flatnonzero(getattr(case.portfolio, table).account == case.row).astype(np.int32)
    own, days = mine[rows[mine]], _days(case, table, mine)
    link = href(case, table, window.query) if _is_all(rows[mine], days, window) else None
    if not len(own):
        if not case.portfolio.feeds.usable(table)[case.row]:
            return Records((), window)
        return Records((Evidence(kind=table, first=window.first, last=window.last, count=0, href=link),), window)
    chosen = [day for day, selected in zip(days, rows[mine], strict=True) if selected]
    ids = getattr(case.portfolio, table).id[own]
    return Records(listed(table, list(zip(ids, chosen, strict=True)), link), window)


def _is_all(selected: Flags, days: list[dt.date], window: Window) -> bool:
    """Whether the selected rows are those dated within the window: what its address gives."""
    first, last = window.first, window.last
    if first is None or last is None:
        return False
    return all((first <= day <= last) == bool(chosen) for day, chosen in zip(days, selected, strict=True))


def _days(case: Case, table: EventTable, rows: Index) -> list[dt.date]:
    """The day by which the table is asked for, of each of these rows."""
    columns = getattr(case.portfolio, table)
    if table in ("touchpoints", "signals"):
        return [dt.date.fromordinal(int(day)) for day in columns.day[rows]]
    return _dates(columns.opened_at[rows] if table == "tickets" else columns.responded_at[rows], case)


def _summed(found: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """Single records as one range."""
    days = [record.date for record in found if record.date is not None]
    if not days:
        return tuple(record for record in found if record.count != 0)
    return (Evidence(kind=found[0].kind, first=min(days), last=max(days), count=len(found)),)


def _dates(moments: Instants, case: Case) -> list[dt.date]:
    """The calendar days of instants in the portfolio's time zone."""
    naive = cast("list[dt.datetime]", moments.astype("datetime64[us]").tolist())
    return [moment.replace(tzinfo=dt.UTC).astimezone(case.portfolio.timezone).date() for moment in naive]


def _contacts(case: Case, rows: Flags) -> Records:
    contacts = case.portfolio.contacts
    mine = contacts.account == case.row
    return _current(case, "contacts", contacts.id[rows & mine], int(mine.sum()))


def _goals(case: Case, rows: Flags) -> Records:
    goals = case.portfolio.goals
    mine = goals.account == case.row
    return _current(case, "goals", goals.id[rows & mine], int(mine.sum()))


def _current(case: Case, table: str, ids: Strings, there: int) -> Records:
    """Records of undated state among those `there` are; where there are none or too many to list, their number."""
    if 0 < len(ids) <= MAX_LISTED_EVIDENCE:
        return Records(tuple(Evidence(kind=table, id=record) for record in ids))
    link = href(case, table) if len(ids) == there else None
    return Records((Evidence(kind=table, count=len(ids), href=link),))
