"""The quota of a month: calls so far, the pace of each weekday, and the day on which the limit is reached."""

import calendar
import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.records import Account, Usage
from tests.snapshots import account, daily_columns
from tests.tools.adoption.setting import ENTERPRISE, PRO, calls_on, run, setting
from tools.adoption.data import AccountAdoption
from tools.adoption.quota import Quota, quota_of, weekday_means

JUNE_24 = dt.date(2026, 6, 24)
ACME = account("acme", usage_model="api", api_quota_monthly=10_000_000, plan="Pro")


def test_the_example_of_the_persona() -> None:
    """9M of 10M calls are 90 %, the limit is 3 days off, and the next plan has 10 times the quota for 2.5 the price.

    375,000 calls a day from 28 May to 24 June: 24 × 375,000 = 9,000,000 in June, and 2 2/3 days of it are left.
    """
    usage = calls_on(dt.date(2026, 5, 28), *[375_000] * 28)
    ctx = setting(ACME, as_of=JUNE_24, usage=usage, plans=(PRO, ENTERPRISE))
    report = run(ctx).report
    assert isinstance(report.data, AccountAdoption)
    values = {figure.key: figure.value for figure in report.figures}
    assert values["quota.used.month_to_date"] == 9_000_000
    assert values["quota.used_share.month_to_date"] == 90
    assert values["quota.limit_on"] == dt.date(2026, 6, 27)
    assert values["quota.limit_in"] == 3
    assert (values["expansion.headroom"], values["expansion.cost"], values["expansion.headroom_per_cost"]) == (
        10,
        2.5,
        4,
    )
    assert report.data.next_plan is not None
    assert (report.data.next_plan.name, report.data.next_plan.ratio) == ("Enterprise", 4)
    assert "near_limit" in [signal.key for signal in report.data.signals if signal.state == "triggered"]


def quota(calls: int) -> Account:
    return account("acme", usage_model="api", api_quota_monthly=calls)


def found(calls: int, usage: list[Usage], as_of: dt.date, last: dt.date | None = None) -> Quota:
    return quota_of(quota(calls), daily_columns(usage, last or as_of), as_of)


def test_each_weekday_counts_with_its_own_mean() -> None:
    """Four weeks of 100 calls on working days and 20 on the others, to Friday 12 June.

    1,040 are used in June; Saturday, Sunday and Monday make 1,180, and Tuesday the 16th passes 1,200.
    """
    first, friday = dt.date(2026, 5, 16), dt.date(2026, 6, 12)
    days = [100 if (first + dt.timedelta(days=n)).weekday() < 5 else 20 for n in range(28)]
    here = found(1_200, calls_on(first, *days), friday)
    assert list(here.means or ()) == [100] * 5 + [20] * 2
    assert here.used == 1_040
    assert (here.state, here.limit_on) == ("within", dt.date(2026, 6, 16))
    assert here.projected == 1_040 + 12 * 100 + 6 * 20


def test_a_lag_is_projected_from_the_day_that_is_covered() -> None:
    usage = calls_on(dt.date(2026, 5, 1), *[10] * 51)  # to 20 June
    here = found(230, usage, dt.date(2026, 6, 24), last=dt.date(2026, 6, 20))
    assert (here.used, here.covered) == (200, dt.date(2026, 6, 20))
    assert here.limit_on == dt.date(2026, 6, 23)  # before as_of: in days that nobody has told yet


def test_a_quota_that_is_used_up_says_since_when() -> None:
    here = found(45, calls_on(dt.date(2026, 5, 28), *[10] * 28), JUNE_24)
    assert (here.state, here.limit_on) == ("reached", dt.date(2026, 6, 5))


def test_a_month_without_a_covered_day_has_no_use_yet() -> None:
    here = found(100, calls_on(dt.date(2026, 5, 1), *[2] * 31), dt.date(2026, 6, 1), last=dt.date(2026, 5, 31))
    assert here.used is None
    assert here.used_share is None
    assert (here.projected, here.limit_on) == (60, None)


@pytest.mark.parametrize(
    ("one", "usage", "last", "state", "because"),
    [
        (account("acme", usage_model="seats", api_quota_monthly=5), [1] * 30, JUNE_24, "not_applicable", "seats"),
        (account("acme"), [1] * 30, JUNE_24, "not_applicable", "no quota is on record"),
        (quota(0), [1] * 30, JUNE_24, "not_applicable", "0 calls"),
        (quota(5), [], JUNE_24, "unknown", "no API calls are on record"),
        (quota(5), [1] * 10, dt.date(2026, 6, 10), "unknown", "end on 2026-06-10"),
    ],
)
def test_what_cannot_be_told_says_why(one: Account, usage: list[int], last: dt.date, state: str, because: str) -> None:
    here = quota_of(one, daily_columns(calls_on(dt.date(2026, 6, 1), *usage), last), JUNE_24)
    assert here.state == state
    assert because in here.because
    assert here.limit_on is None


def test_under_a_week_there_is_no_pace() -> None:
    here = found(100, calls_on(dt.date(2026, 6, 19), *[1] * 6), JUNE_24)
    assert (here.used, here.projected, here.rate) == (6, None, None)
    assert weekday_means(daily_columns(calls_on(dt.date(2026, 6, 18), *[1] * 7), JUNE_24)) == ((1.0,) * 7, 1.0)


@settings(max_examples=40, deadline=None)
@given(
    as_of=st.dates(dt.date(2023, 12, 20), dt.date(2028, 3, 10)),
    lag=st.integers(0, 7),
    calls=st.lists(st.integers(0, 50), min_size=40, max_size=80),
    limit=st.integers(1, 3_000),
)
def test_the_limit_is_where_the_sums_say(as_of: dt.date, lag: int, calls: list[int], limit: int) -> None:
    """In any month: up to the day before it the calls stay under the quota, on the day they reach it."""
    last = as_of - dt.timedelta(days=lag)
    here = found(limit, calls_on(last - dt.timedelta(days=len(calls) - 1), *calls), as_of, last)
    first, end = as_of.replace(day=1), as_of.replace(day=calendar.monthrange(as_of.year, as_of.month)[1])
    known = {last - dt.timedelta(days=ago): each for ago, each in enumerate(reversed(calls))}
    assert here.means is not None
    assert here.projected is not None
    so_far, crossed = 0.0, None
    for day in (first + dt.timedelta(days=n) for n in range(end.day)):
        so_far += known.get(day, 0) if day <= last else here.means[day.weekday()]
        if crossed is None and so_far >= limit - 1e-9:
            crossed = day
    assert here.projected == pytest.approx(so_far)
    assert here.limit_on == crossed or abs(so_far - limit) < 1e-6
    assert here.limit_on is None or first <= here.limit_on <= end
