"""All accounts: who is near a limit, who uses too little, and the same figures as the answer about one."""

import datetime as dt
from dataclasses import replace

import pytest

from app.domain.command import Context
from app.domain.figures import Figure
from app.domain.problems import InvalidArguments
from app.render.markdown import to_markdown
from tests.snapshots import account, days_before
from tests.tools.adoption.setting import calls_on, run, setting, used
from tools.adoption.data import AdoptionBook

HABIT = (0, 7, 14)
SIX = [row for n in range(6) for row in used(f"feature {n}", *HABIT)]


def book() -> Context:
    """acme uses six of ten; beta two, and 90 of its 100 calls of June; gamma nothing that is on record."""
    others = [
        account("beta", owner="Kim", usage_model="api", api_quota_monthly=100, arr=5_000),
        account("gamma", arr=1_000),
        account("gone", lifecycle="churned"),
    ]
    rows = [*SIX, *used("feature 1", *HABIT, account_id="beta"), *used("feature 2", 1, account_id="beta")]
    usage = calls_on(days_before(29), *[0] * 27, 30, 30, 30, account_id="beta")
    ctx = setting(others=others, feature_usage=rows, usage=usage)
    return replace(ctx, account=None)


def data(ctx: Context, **args: object) -> AdoptionBook:
    found = run(ctx, account=None, **args).report.data
    assert isinstance(found, AdoptionBook)
    return found


def test_near_a_limit_first_then_the_unknown_then_those_that_do_well() -> None:
    found = data(book())
    assert [(line.id, line.used, line.habit, line.enough) for line in found.accounts] == [
        ("beta", 2, 1, False),
        ("gamma", None, None, None),
        ("acme", 6, 6, True),
    ]
    assert (found.enough, found.not_enough, found.unknown) == (1, 1, 1)
    assert found.accounts[0].quota_used_share == 90
    assert "near_limit" in found.accounts[0].triggered


def test_its_head_counts_and_names() -> None:
    report = run(book(), account=None).report
    text = to_markdown(report.blocks, report.figures)
    assert "1 of 2 accounts use 60% of the features or more" in text
    assert "Near the limit of their quota: 1, Beta." in text
    assert "Not known: 1, Gamma" in text


def test_filters_and_pages() -> None:
    assert [line.id for line in data(book(), owner="kim").accounts] == ["beta"]
    assert [line.id for line in data(book(), lifecycle="churned").accounts] == ["gone"]
    first = data(book(), limit=2)
    assert first.next_cursor == "2"
    assert [line.id for line in data(book(), limit=2, cursor="2").accounts] == ["acme"]
    with pytest.raises(InvalidArguments):
        data(book(), cursor="9")


def test_filters_without_a_match_name_the_values() -> None:
    report = run(book(), account=None, owner="Nobody").report
    assert "Known values of owner: Kim and Sam." in to_markdown(report.blocks, report.figures)


def test_the_book_and_the_account_state_the_same() -> None:
    ctx = book()
    usage = calls_on(days_before(29), *[0] * 27, 30, 30, 30)
    one = setting(
        account("acme", usage_model="api", api_quota_monthly=100), feature_usage=SIX, usage=usage, others=[account("b")]
    )
    shared = _figures(run(replace(one, account=None), account=None).report.figures, "acme")
    mine = _figures(run(one).report.figures, "acme")
    common = shared.keys() & mine.keys()
    assert {"adoption.habit", "quota.used.month_to_date", "quota.used_share.month_to_date"} <= common
    assert {key: mine[key] for key in common} == {key: shared[key] for key in common}
    assert ctx.as_of == dt.date(2026, 6, 26)


def _figures(figures: tuple[Figure, ...], account_id: str) -> dict[str, object]:
    return {figure.key: figure.value for figure in figures if figure.account_id == account_id}
