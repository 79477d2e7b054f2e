"""The answer for one account: its head, its drafts, and accounts of which little is known."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from app.domain.blocks import Draft, Verdict
from app.domain.command import Context
from app.domain.problems import InvalidArguments
from app.domain.records import Contact
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, account, daily_usage, days_before, features_used, ticket
from tests.tools.adoption.setting import ENTERPRISE, PRO, STARTER, adoption, calls_on, run, setting, used
from tools.adoption import COMMAND
from tools.adoption.arguments import AdoptionArgs

API = account("acme", plan="Pro", api_quota_monthly=10_000_000)


def told(ctx: Context, **args: Any) -> str:
    report = run(ctx, **args).report
    return to_markdown(report.blocks, report.figures)


def head(ctx: Context) -> str:
    report = run(ctx).report
    verdict = report.blocks[0]
    assert isinstance(verdict, Verdict)
    assert len(verdict.lines) <= 11
    return to_markdown((verdict,), report.figures)


def drafts(ctx: Context) -> dict[str, str]:
    """The drafts' texts by whom they are for."""
    report = run(ctx).report
    return {
        block.audience: to_markdown((block,), report.figures) for block in report.blocks if isinstance(block, Draft)
    }


def near() -> Context:
    """9M of 10M calls by 24 June, 375,000 a day."""
    usage = calls_on(dt.date(2026, 5, 28), *[375_000] * 28)
    people = (Contact(id="c1", account_id="acme", name="Ada Reyes", is_champion=True),)
    return setting(API, as_of=dt.date(2026, 6, 24), usage=usage, plans=(PRO, ENTERPRISE), contacts=people)


def test_a_limit_that_is_near_leads_and_is_written_about() -> None:
    text = head(near())
    assert "90% of the month's API calls used, the limit is reached on 2026-06-27 (in 3 days)" in text
    assert "Pro to Enterprise: 10 × the quota for 2.5 × the list price, headroom per cost 4" in text
    mail = drafts(near())["customer"]
    assert "Hello Ada" in mail
    assert "9,000,000 of the 10,000,000 API calls" in mail
    assert "last until 2026-06-27, 3 days from now" in mail


def test_the_mail_holds_no_price_no_plan_and_nothing_of_ours() -> None:
    mail, note = drafts(near())["customer"], drafts(near())["internal"]
    for word in ("Enterprise", "25", "price", "ARR", "Sales", "headroom"):
        assert word not in mail
    assert "yours to say" in note
    assert "USD 100,000" in note


def test_a_quota_that_is_used_up_says_since_when() -> None:
    ctx = setting(API, usage=calls_on(dt.date(2026, 5, 1), *[500_000] * 57), plans=(PRO,))
    assert "has used up its API calls of the month since 2026-06-20" in head(ctx)
    assert "On 2026-06-20 the month's calls were used up." in drafts(ctx)["customer"]
    assert "no bigger plan is on record" in head(ctx)


@pytest.mark.parametrize(
    ("calls", "fields", "right_size"),
    [
        (96_000, {}, True),  # the 31 days of May: 2,976,000 of 10M
        (101_000, {}, False),
        (96_000, {"contract_start": days_before(89)}, False),  # it may still grow into it
        (96_000, {"lifecycle": "onboarding"}, False),
    ],
)
def test_a_quota_far_too_large_is_told_and_not_upsold(calls: int, fields: dict[str, Any], right_size: bool) -> None:
    one = API.model_copy(update=fields)
    small = PRO.model_copy(update={"name": "Small", "quota_monthly": 4_000_000})
    ctx = setting(one, usage=calls_on(dt.date(2026, 4, 1), *[calls] * 87), plans=(STARTER, small, PRO, ENTERPRISE))
    assert adoption(ctx).quota.right_size is right_size
    assert ("no upsell of calls" in head(ctx)) is right_size
    assert bool(drafts(ctx)) is right_size
    assert ("Small would hold it" in head(ctx)) is right_size


def test_a_quota_that_no_smaller_plan_replaces_needs_no_mail() -> None:
    ctx = setting(API, usage=calls_on(dt.date(2026, 4, 1), *[96_000] * 87), plans=(STARTER, PRO, ENTERPRISE))
    assert "No smaller plan on record would do." in head(ctx)
    assert not drafts(ctx)


@pytest.mark.parametrize(
    ("fields", "facts", "reason"),
    [
        ({"lifecycle": "onboarding"}, {}, "the onboarding is not over"),
        ({"renewal_date": days_before(14), "auto_renew": False}, {}, "the contract lapsed 14 days ago"),
        ({}, {"tickets": [ticket("t1", severity="SEV1")]}, "a SEV1 is open"),
    ],
)
def test_no_offer_at_a_wrong_time(fields: dict[str, Any], facts: dict[str, Any], reason: str) -> None:
    ctx = setting(account("acme", **fields), feature_usage=features_used(), **facts)
    assert adoption(ctx).hold_off == reason
    assert f"No offer now: {reason}" in head(ctx)


def test_little_is_known() -> None:
    bare = account(
        "acme", contract_start=None, renewal_date=None, licensed_seats=None, features_available=None, arr=None
    )
    text = told(setting(bare))
    assert "which features it uses is not on record" in text
    assert "Import feature_usage.csv" in text
    assert "None" not in text


def test_who_is_no_customer_gets_no_advice() -> None:
    gone = setting(account("acme", lifecycle="churned"), feature_usage=used("webhooks", 1))
    assert "is no customer any more" in told(gone)
    later = setting(account("acme", contract_start=AS_OF + dt.timedelta(days=9), lifecycle="onboarding"))
    assert "no customer yet: the contract starts on 2026-07-05" in told(later)
    assert not drafts(gone)


def test_every_figure_has_one_value() -> None:
    report = run(near()).report
    keys = [(figure.key, figure.account_id) for figure in report.figures]
    assert len(keys) == len(set(keys))


def test_a_customer_reads_no_judgement_in_the_head() -> None:
    ctx = setting(feature_usage=features_used(number=3), usage=daily_usage(active_users=4, api_calls=10))
    assert "make it stick" in told(ctx)
    assert "make it stick" not in told(replace(ctx, audience="customer"))


@pytest.mark.parametrize(
    "args",
    [{"owner": "Sam"}, {"on": "2026-06-01"}, {"action": "enablement", "topic": "x", "limit": 3}, {"topic": "webhooks"}],
)
def test_what_has_no_place_is_refused_by_name(args: dict[str, Any]) -> None:
    with pytest.raises(
        InvalidArguments, match=next(name for name in ("owner", "on", "limit", "topic") if name in args)
    ):
        COMMAND.needs(AdoptionArgs.model_validate({"account": "acme"} | args))
