"""Usage contracts: calls used against the commit of the term so far."""

import datetime as dt
from typing import Any

import pytest

from app.domain.records import Usage
from app.domain.snapshot import DailyUsage
from tests.snapshots import AS_OF, account, daily_columns, daily_usage
from tests.tools.renewal.conftest import PARAMETERS, ahead, contract, term
from tools.renewal.commit import CommitUse, commit_figures, commit_use
from tools.renewal.terms import Term

day = dt.date.fromisoformat


def measured(first: str, calls: int, quota: int = 3_000_000, last: str = "2026-06-25", **fields: Any) -> CommitUse:
    """A term of twelve months from 2025-12-26 on; so many calls on each day from `first` to `last`."""
    one = contract(
        day("2026-12-26"), term_months=12, contract_start=None, usage_model="api", api_quota_monthly=quota, **fields
    )
    days = (day(last) - day(first)).days + 1
    rows = daily_usage(days=days, ends=day(last), api_calls=calls)
    found = commit_use(one, term(one), daily_columns(rows, day(last)), AS_OF, PARAMETERS.commit)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("first", "calls", "months", "share", "risk"),
    [
        # 2025-12-26 to 2026-06-25 are six whole months and 182 days: 18M committed to
        ("2025-12-26", 100_000, 6, 100 * 18.2 / 18, False),
        ("2025-12-26", 60_000, 6, 100 * 10.92 / 18, True),
        # the feed begins in the term: 2026-04-26 to 06-25 are two months and 61 days
        ("2026-04-26", 60_000, 2, 100 * 3.66 / 6, True),
        # it begins before the term: the days before do not count
        ("2025-11-01", 100_000, 6, 100 * 18.2 / 18, False),
    ],
)
def test_share_of_the_pro_rata_commit(first: str, calls: int, months: float, share: float, risk: bool) -> None:
    found = measured(first, calls)
    assert found.months == pytest.approx(months)
    assert found.share == pytest.approx(share)
    assert (found.is_risk, found.late_start) == (risk, first == "2026-04-26")


def test_parts_of_months_count() -> None:
    """To 2026-06-10 it is five months and 16 of the 31 days from 05-26 on."""
    found = measured("2025-12-26", 100_000, last="2026-06-10")
    assert found.months == pytest.approx(5 + 16 / 31)
    assert found.committed == pytest.approx(3_000_000 * (5 + 16 / 31))


def test_the_threshold_itself_is_no_risk() -> None:
    """60 days of 70,000 calls against two months of 2.1M: exactly 100 %; of 3M: exactly 70 %."""
    assert not measured("2026-04-26", 0).share
    found = measured("2026-04-26", 70_000, 3_050_000)  # 61 × 70,000 = 4.27M of 6.1M
    assert found.share == pytest.approx(70)
    assert not found.is_risk


def test_too_short_to_tell() -> None:
    found = measured("2026-06-10", 10)
    assert (found.is_risk, found.missing) == (False, "too little of the term is known to tell")


@pytest.mark.parametrize(
    ("fields", "daily", "says"),
    [
        ({"usage_model": "seats", "api_quota_monthly": 10}, True, None),
        ({"usage_model": "hybrid", "api_quota_monthly": 10}, True, None),  # there the quota is a limit
        ({"usage_model": "api", "api_quota_monthly": None}, True, "quota"),
        (
            {"usage_model": "api", "api_quota_monthly": 10, "term_months": None, "contract_start": None},
            True,
            "length of the term",
        ),
        ({"usage_model": "api", "api_quota_monthly": 10, "renewal_date": None}, True, "length of the term"),
        ({"usage_model": "api", "api_quota_monthly": 10}, False, "no usage data"),
    ],
)
def test_what_is_not_known_is_said(fields: dict[str, Any], daily: bool, says: str | None) -> None:
    one = account(**{"term_months": 12, **fields})
    running: Term | None = term(one) if one.renewal_date else None
    use: DailyUsage = daily_columns([Usage(account_id="acme", date=AS_OF, api_calls=1)] if daily else [])
    found = commit_use(one, running, use if daily else None, AS_OF, PARAMETERS.commit)
    if says is None:
        assert found is None
    else:
        assert found is not None
        assert says in found.missing
        assert found.share is None
        assert not found.is_risk
        assert commit_figures(one, AS_OF, found) == {}


def test_of_a_lapsed_contract_the_term_counts_alone() -> None:
    one = contract(-14, term_months=12, contract_start=None, usage_model="api", api_quota_monthly=1000)
    rows = daily_usage(days=60, api_calls=100)
    found = commit_use(one, term(one), daily_columns(rows), AS_OF, PARAMETERS.commit)
    assert found is not None
    assert found.use is not None
    assert found.use.last == ahead(-14)
