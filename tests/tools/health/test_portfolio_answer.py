"""The answer for the portfolio: rank, filters, pages, totals."""

import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from app.domain import records
from app.domain.problems import InvalidArguments
from app.domain.snapshot import PortfolioSnapshot
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, account, daily_usage, days_before, goal, portfolio, response, signal, touchpoint
from tests.tools.health.conftest import account_report, portfolio_report
from tools.health import HealthArgs, HealthData


def book(accounts: list[records.Account], **facts: Any) -> PortfolioSnapshot:
    """Accounts of which each had a meeting, so that four indicators are known: the level is low unless told."""
    meetings = [touchpoint(f"m-{a.id}", "qbr", "attended", a.id) for a in accounts]
    return portfolio(accounts, touchpoints=meetings, **facts)


def heard(account_id: str, *kinds: records.SignalKind) -> list[records.Signal]:
    return [signal(f"{account_id}-{kind}", kind, account_id) for kind in kinds]


def order(snapshot: PortfolioSnapshot, **arguments: Any) -> list[str]:
    return [line.id for line in portfolio_report(snapshot, **arguments)[0].accounts]


def test_rank_is_level_then_what_is_at_stake_then_id() -> None:
    accounts = [
        account("low", arr=10**9),
        account("small", arr=10),
        account("large", arr=1000),
        account("twin-b", arr=500),
        account("twin-a", arr=500),
        account("no-arr", arr=None),
        account("critical", arr=1, renewal_date=AS_OF + dt.timedelta(days=40)),
    ]
    at_high = [s for a in accounts[1:] for s in heard(a.id, "budget_cut", "competitor")]
    assert order(book(accounts, signals=at_high)) == [
        "critical",
        "large",
        "twin-a",
        "twin-b",
        "small",
        "no-arr",
        "low",
    ]


def test_a_better_score_at_stake_counts_less() -> None:
    """The same ARR: the account whose band lies lower comes first."""
    accounts = [account("a-better"), account("b-worse")]
    goals = [goal("g", "achieved", "a-better"), goal("h", "missed", "b-worse")]
    assert order(book(accounts, goals=goals)) == ["b-worse", "a-better"]


def test_an_unknown_level_stands_between_elevated_and_low() -> None:
    accounts = [account("known"), account("blank"), account("worried")]
    meetings = [touchpoint("m", "qbr", "attended", "known")]
    snapshot = portfolio(accounts, touchpoints=meetings, signals=heard("worried", "budget_cut"))
    assert order(snapshot) == ["worried", "blank", "known"]


def test_churned_accounts_are_left_out_unless_asked_for() -> None:
    snapshot = book([account("here"), account("gone", lifecycle="churned")])
    data, _ = portfolio_report(snapshot)
    assert [line.id for line in data.accounts] == ["here"]
    assert (data.totals.accounts, data.totals.currencies[0].arr) == (1, 100_000)
    assert order(snapshot, lifecycle="churned") == ["gone"]


def test_who_is_no_customer_yet_is_left_out_whatever_is_asked() -> None:
    later = AS_OF + dt.timedelta(days=1)
    soon = account("soon", lifecycle=None, contract_start=later)
    paying = records.ArrMovement(id="m", account_id="trial", date=later, kind="new", amount=9)
    snapshot = book([account("here"), soon, account("trial", lifecycle="onboarding")], arr_movements=[paying])
    data, _ = portfolio_report(snapshot)
    assert [line.id for line in data.accounts] == ["here"]
    assert data.totals.accounts == 1
    assert order(snapshot, lifecycle="onboarding") == []
    assert order(snapshot, renewal=1095) == ["here"]


MIXED = [
    account("a", segment="enterprise", owner="Sam", renewal_date=AS_OF + dt.timedelta(days=100), notice_days=60),
    account("b", segment="SMB", owner="Kim", lifecycle="onboarding", contract_start=days_before(10)),
    account("c", segment="smb", owner=None, renewal_date=days_before(10)),
    account("d", segment=None, owner="sam", renewal_date=None),
    account("e", segment="smb", owner="Kim", renewal_date=days_before(120)),
]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "abcde"),
        ({"segment": "smb"}, "bce"),
        ({"segment": " Enterprise "}, "a"),
        ({"owner": "SAM"}, "ad"),
        ({"lifecycle": "onboarding"}, "b"),
        ({"renewal": 40}, "ac"),  # a decides in 40 days; c lapsed ten days ago; e long ago
        ({"renewal": 39}, "c"),
        ({"tier": "unknown"}, "abcde"),
        ({"tier": "red"}, ""),
        ({"level": "low"}, "abcde"),
        ({"level": "critical"}, ""),
        ({"segment": "smb", "owner": "kim"}, "be"),
    ],
)
def test_filters(arguments: dict[str, Any], expected: str) -> None:
    assert sorted(order(book(MIXED), **arguments)) == list(expected)


def test_a_filter_never_changes_an_account_s_numbers() -> None:
    everything = {line.id: line for line in portfolio_report(book(MIXED))[0].accounts}
    some = portfolio_report(book(MIXED), segment="smb")[0].accounts
    assert [everything[line.id] for line in some] == list(some)


def test_no_match_tells_what_there_is() -> None:
    data, report = portfolio_report(book(MIXED), segment="gov")
    told = to_markdown(report.blocks, report.figures)
    assert data.accounts == ()
    assert "No account matches segment gov." in told
    assert "Known values of segment: SMB, enterprise and smb." in told


def test_an_empty_portfolio_says_how_to_fill_it() -> None:
    data, report = portfolio_report(portfolio())
    assert (data.totals.accounts, data.next_cursor) == (0, None)
    assert "cse import PATH" in to_markdown(report.blocks, report.figures)


def test_pages_together_are_the_whole() -> None:
    snapshot = book([account(f"a{i:02}", arr=100 - i) for i in range(23)])
    whole = order(snapshot, limit=100)
    pages, cursor = [], None
    while True:
        data, report = portfolio_report(snapshot, limit=10, cursor=cursor)
        pages.append([line.id for line in data.accounts])
        assert data.totals.accounts == 23
        assert {f.account_id for f in report.figures if f.account_id} == set(pages[-1])
        cursor = data.next_cursor
        if cursor is None:
            break
    assert [len(page) for page in pages] == [10, 10, 3]
    assert [line for page in pages for line in page] == whole


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "²", "", "5", "99999"])
def test_a_cursor_of_nobody_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        portfolio_report(book(MIXED), cursor=cursor)
    assert refused.value.code == "invalid_cursor"


@pytest.mark.parametrize(
    "arguments", [{"limit": 0}, {"limit": 101}, {"tier": "blue"}, {"renewal": 0}, {"level": "bad"}, {"colour": "red"}]
)
def test_arguments_out_of_range_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HealthArgs(**arguments)


def test_totals_are_per_currency_by_tier_and_at_risk() -> None:
    accounts = [
        account("a", arr=100, currency="USD"),
        account("b", arr=50, currency="USD"),
        account("c", arr=None, currency="USD"),
        account("d", arr=70, currency="EUR"),
        account("e", arr=5, currency=None),  # the deployment's currency: USD
    ]
    signals = heard("a", "budget_cut", "competitor") + heard("d", "budget_cut")
    data, report = portfolio_report(book(accounts, signals=signals))
    euro, dollar = data.totals.currencies
    assert (euro.currency, euro.accounts, euro.arr, euro.arr_at_risk) == ("EUR", 1, 70, 0)
    assert (dollar.accounts, dollar.arr, dollar.arr_unknown, dollar.arr_at_risk) == (4, 155, 1, 100)
    assert (dollar.tiers["unknown"].accounts, dollar.tiers["unknown"].arr) == (4, 155)
    assert (data.totals.levels["high"], data.totals.levels["elevated"], data.totals.levels["low"]) == (1, 1, 3)
    found = {f.key: f.value for f in report.figures if f.account_id is None}
    assert found["portfolio.arr_at_risk.USD"] == 100
    assert found["portfolio.accounts"] == 5


def test_filters_are_in_the_keys_of_the_totals() -> None:
    """A key means one thing: the total of a segment is not the total of all."""
    _, report = portfolio_report(book(MIXED), segment="SMB", renewal=40)
    keys = {f.key for f in report.figures if f.account_id is None}
    assert keys
    assert all(key.startswith("portfolio.segment_smb.renewal_40.") for key in keys)


def test_the_table_tells_of_a_lapsed_contract_and_of_the_next_page() -> None:
    _, report = portfolio_report(book(MIXED), limit=4)
    told = to_markdown(report.blocks, report.figures)
    assert "lapsed 10 days ago" in told
    assert "cursor=4" in told
    assert "Next: /health " in told


def test_lagging_feeds_are_told() -> None:
    covered = {"usage": {"a": days_before(3), "b": days_before(30)}, "nps": days_before(9)}
    _, report = portfolio_report(book(MIXED, covered=covered))
    told = to_markdown(report.blocks, report.figures)
    assert "Usage data ends before 2026-06-26 (accounts: 1)" in told
    assert "Usage data is too old to tell (accounts: 1)" in told
    assert "NPS data is too old to tell (accounts: 5)" in told


def test_a_row_says_what_the_account_s_own_answer_says() -> None:
    one = account("acme", licensed_seats=20)
    facts: dict[str, Any] = {
        "usage": daily_usage(active_users=6, api_calls=50, distinct=9),
        "nps": [response("n", 9)],
        "touchpoints": [touchpoint("q", "qbr", "attended")],
    }
    alone, own = account_report(one, **facts)
    data, report = portfolio_report(portfolio([account("other"), one], **facts))
    line = next(line for line in data.accounts if line.id == "acme")
    shared = set(type(line).model_fields) & set(type(alone).model_fields)
    assert alone.model_dump(include=shared) == line.model_dump(include=shared)
    assert set(type(line).model_fields) - shared == {"parent", "arr_counted"}
    own_figures = {f.key: f for f in own.figures}
    assert all(own_figures[f.key] == f for f in report.figures if f.account_id == "acme")


def test_data_has_every_key_of_the_contract() -> None:
    data, _ = portfolio_report(book(MIXED))
    document = data.model_dump(mode="json")
    line = {"id", "name", "score", "band", "coverage", "tier", "provisional", "churn_level", "arr", "owner"}
    assert line | {"renewal_date"} <= set(document["accounts"][0])
    assert HealthData.model_validate(document).model_dump(mode="json") == document


def test_a_filtered_verdict_names_its_filters() -> None:
    _, report = portfolio_report(book(MIXED), segment="smb", owner="kim")
    assert to_markdown(report.blocks, report.figures).startswith(
        "**2 accounts with segment smb and owner kim: 2 unknown.**"
    )


def test_feeds_late_for_the_same_accounts_share_a_notice() -> None:
    covered = {"usage": days_before(1), "feature_usage": days_before(1), "nps": {"a": days_before(2)}}
    _, report = portfolio_report(book(MIXED, covered=covered))
    told = to_markdown(report.blocks, report.figures)
    assert "Usage and feature usage data end before 2026-06-26 (accounts: 5): windows end with it." in told
    assert "NPS data ends before 2026-06-26 (accounts: 1)" in told
