"""The arithmetic of persona §4.2: calls a minute against the limit, and calls this month against the quota."""

import calendar
import datetime as dt
from collections import Counter
from dataclasses import dataclass

from app.domain.figures import Figure, text
from tools.troubleshoot.case import Case, Known, Place
from tools.troubleshoot.facts.logs import LogSummary
from tools.troubleshoot.rules.answers import answers
from tools.troubleshoot.rules.limit_headers import Limit, limit_of
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.rule import Clue

_PLAN_LIMIT = ("rate_limit",)
_QUOTA = ("quota.monthly", "quota_monthly", "api_quota_monthly")
_USED = ("quota.used.month_to_date", "used_this_month")
"""The ends of the keys under which the shared makers state these values."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The limit in calls a minute, who names it, and how it is written in a sentence."""

    calls: float
    figure: Figure
    clue: Clue
    words: str


@dataclass(frozen=True, slots=True)
class Pace:
    """Calls in the busiest minute, where they can be counted for one client. `excess` is calls ÷ limit.

    `whole`: the log is long enough to be the whole traffic, so that what it lacks was not sent.
    """

    calls: int
    figure: Figure
    place: Place
    excess: float | None
    whole: bool = False


def busiest_minute(case: Case) -> tuple[int, Place] | None:
    """Requests in the busiest calendar minute of a log or of exchanges; None where they are of several clients."""
    found = [
        (log.most_in_a_minute, place)
        for log, place in case.facts(LogSummary)
        if log.most_in_a_minute > 1 and log.statuses and _of_one_client(case, log)
    ]
    minutes: Counter[dt.datetime] = Counter()
    places: dict[dt.datetime, Place] = {}
    for answer in answers(case):
        if answer.exchange.at and not answer.in_log:
            minute = answer.exchange.at.replace(second=0, microsecond=0)
            minutes[minute] += 1
            places.setdefault(minute, answer.place)
    found += [(count, places[minute]) for minute, count in minutes.most_common(1) if count > 1]
    return max(found, key=lambda each: each[0], default=None)


def ceiling(case: Case) -> Ceiling | None:
    """The limit a minute: what a response names, else the plan on record."""
    for answer in calls(case):
        limit = limit_of(answer.exchange)
        if limit and limit.a_minute:
            return _named(case, limit, limit.a_minute, answer.place)
    if case.known is None or not case.known.rate_limit:
        return None
    of_plan = f" of the plan {case.known.plan}" if case.known.plan else " on record"
    figure = on_record(case.known, _PLAN_LIMIT) or case.figure(
        "rate.limit", "Rate limit", case.known.rate_limit, "calls", f"calls a minute{of_plan}"
    )
    clue = Clue(text(f"The limit{of_plan} is ", figure, " calls a minute"), figures=(figure,))
    return Ceiling(case.known.rate_limit, figure, clue, f"{case.known.rate_limit:,} calls a minute")


def pace(case: Case, limit: Ceiling | None) -> Pace | None:
    """The busiest minute against the limit."""
    busiest = busiest_minute(case)
    if busiest is None:
        return None
    count, place = busiest
    rule = "requests in the calendar minute that holds the most"
    figure = case.figure("rate.busiest_minute", "Calls in the busiest minute", count, "calls", rule, place)
    whole = any(log.records >= case.parameters.traffic.whole_log for log, _ in case.facts(LogSummary))
    return Pace(count, figure, place, count / limit.calls if limit else None, whole)


def pace_clue(case: Case, measured: Pace, limit: Ceiling) -> Clue:
    """The arithmetic in a sentence: measured calls, the limit, and how many times over."""
    excess = case.figure(
        "rate.excess",
        "Calls in the busiest minute in limits",
        measured.excess,
        "ratio",
        f"{measured.calls:,} calls ÷ {limit.calls:,.10g} calls a minute",
        measured.place,
    )
    said = text("The busiest minute holds ", measured.figure, " calls, ", excess, " times the limit of ", limit.figure)
    return Clue(said, measured.place, (measured.figure, excess, limit.figure))


def used_share(known: Known | None) -> float | None:
    """Calls this month ÷ the monthly quota; None where one of them is not on record."""
    if known is None or not known.quota_monthly or known.used_this_month is None:
        return None
    return known.used_this_month / known.quota_monthly


def quota_clue(case: Case) -> Clue | None:
    """What is used of the month's quota, and how long the rest lasts at the month's mean; None where it is unknown."""
    known, share = case.known, used_share(case.known)
    if known is None or share is None or known.used_this_month is None or not known.quota_monthly:
        return None
    rule = "API calls from the first of the month to the case's day"
    used = on_record(known, _USED) or case.figure(
        "quota.used", "Calls this month", known.used_this_month, "calls", rule
    )
    quota = on_record(known, _QUOTA) or case.figure(
        "quota.monthly", "Monthly quota", known.quota_monthly, "calls", "the contract's calls a month"
    )
    rule = f"100 × {known.used_this_month:,} ÷ {known.quota_monthly:,}"
    of_quota = case.figure("quota.used_share", "Share of the month's quota that is used", 100 * share, "%", rule)
    said = text("This month ", used, " of ", quota, " calls are used, ", of_quota)
    rest = _days_left(case, known.used_this_month, known.quota_monthly)
    if rest is None:
        return Clue(said, figures=(used, quota, of_quota))
    return Clue(text(said, "; the rest lasts ", rest, " days"), figures=(used, quota, of_quota, rest))


def month_end(day: dt.date) -> dt.datetime:
    """The first moment of the next month, in UTC."""
    last = calendar.monthrange(day.year, day.month)[1]
    return dt.datetime(day.year, day.month, last, tzinfo=dt.UTC) + dt.timedelta(days=1)


def on_record(known: Known, ends: tuple[str, ...]) -> Figure | None:
    """The figure of the account whose key is or ends with one of these names."""
    return next((f for f in known.figures if any(f.key == end or f.key.endswith(f".{end}") for end in ends)), None)


def _days_left(case: Case, used: int, quota: int) -> Figure | None:
    """Days for which the rest of the quota lasts at the mean of the month so far."""
    if not 0 < used < quota:
        return None
    days = case.as_of.day
    rule = f"({quota:,} − {used:,}) calls ÷ ({used:,} calls ÷ {days} days of the month so far)"
    return case.figure(
        "quota.lasts", "Days for which the rest of the quota lasts", (quota - used) * days / used, "days", rule
    )


def _named(case: Case, limit: Limit, a_minute: float, place: Place) -> Ceiling:
    rule = f"{limit.calls:,} calls in {limit.window:,.10g} s by the header {limit.header}, brought to a minute"
    figure = case.figure("rate.limit", "Rate limit that the answer names", a_minute, "calls", rule, place)
    clue = Clue(text(f"The answer's header {limit.header} sets ", figure, " calls a minute"), place, (figure,))
    return Ceiling(a_minute, figure, clue, f"{a_minute:,.10g} calls a minute")


def _of_one_client(case: Case, log: LogSummary) -> bool:
    clients = log.breakdown("client")
    if clients is None or (len(clients.values) <= 1 and not clients.left_out):
        return True
    most = max((each.count for each in clients.values), default=0)
    return most >= case.parameters.traffic.one_client * max(log.records, 1)
