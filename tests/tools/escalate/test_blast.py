"""/escalate blast: hit, not hit or not known, and drafts with a customer's own numbers only."""

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from app.domain.blocks import Draft, Verdict
from app.domain.command import Context
from app.domain.problems import InvalidArguments
from app.domain.records import Account
from app.domain.snapshot import Exposure, ExposureQuery, Voice
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, account, days_before, portfolio
from tests.tools.escalate.conftest import NOW, PARAMETERS
from tools.escalate.blast import Fault, fault_of, judge, run
from tools.escalate.blast_data import BlastData
from tools.escalate.parameters import Blast

UNKNOWN = float("nan")
FIRST, LAST = days_before(2), days_before(1)
RULES = Blast(error_share=2, longest_window_days=31, shown=3)
FEATURE = Fault("webhooks", None, FIRST, LAST)
ENDPOINT = Fault(None, "POST /v1/payments", FIRST, LAST)
BOTH = Fault("webhooks", "POST /v1/payments", FIRST, LAST)

Row = tuple[float, float, float, bool]
"""Uses, calls and errors of an account, and whether its feed covers the days."""


def exposure(fault: Fault, rows: Sequence[Row]) -> Exposure:
    uses, calls, errors, covered = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Exposure(
        query=ExposureQuery(fault.first, fault.last, fault.feature),
        uses=np.array(uses, dtype=np.float64),
        calls=np.array(calls, dtype=np.float64),
        errors=np.array(errors, dtype=np.float64),
        covered=np.array(covered, dtype=np.bool_),
        calls_covered=np.array(covered, dtype=np.bool_),
        rows=np.full(len(rows), 2, dtype=np.int32),
        call_rows=np.full(len(rows), 1, dtype=np.int32),
    )


def ticket_text(account_id: str, words: str, day: dt.date = LAST) -> Voice:
    return Voice("tickets", f"t-{account_id}", account_id, None, day, "", "Help", words)


def context(accounts: Mapping[str, tuple[Account, Row]], fault: Fault, voices: Sequence[Voice] = ()) -> Context:
    return Context(
        turn_id="turn_1",
        now=NOW,
        as_of=AS_OF,
        version=1,
        timezone=ZoneInfo("UTC"),
        currency="USD",
        audience="internal",
        parameters=PARAMETERS,
        portfolio=portfolio([a for a, _ in accounts.values()]),
        exposure=exposure(fault, [row for _, row in accounts.values()]),
        voices=tuple(voices),
    )


@pytest.mark.parametrize(
    ("fault", "row", "state"),
    [
        (FEATURE, (5, 100, 0, True), "hit"),
        (FEATURE, (5, UNKNOWN, UNKNOWN, False), "hit"),  # what it did use, it used
        (FEATURE, (0, 100, 0, True), "not_hit"),
        (FEATURE, (0, 100, 50, False), "unknown"),  # the feed ends before the days do
        (FEATURE, (UNKNOWN, 100, 50, True), "unknown"),
        (ENDPOINT, (100, 100, 2, True), "hit"),  # 2 of 100: at the share
        (ENDPOINT, (101, 101, 2, True), "not_hit"),
        (ENDPOINT, (0, 0, 0, True), "not_hit"),
        (ENDPOINT, (0, 0, 0, False), "unknown"),
        (ENDPOINT, (100, 100, UNKNOWN, True), "unknown"),
        (ENDPOINT, (100, 100, 50, False), "hit"),  # the failures are on record
        (ENDPOINT, (100, 100, 1, False), "unknown"),
        (ENDPOINT, (UNKNOWN, UNKNOWN, UNKNOWN, True), "unknown"),
        (BOTH, (5, 100, 2, True), "hit"),
        (BOTH, (5, 100, 1, True), "not_hit"),  # it used the feature, its calls did not fail
        (BOTH, (0, 100, 50, True), "not_hit"),  # its calls failed, it did not use the feature
        (BOTH, (UNKNOWN, 100, 50, True), "unknown"),
        (BOTH, (UNKNOWN, 100, 1, True), "not_hit"),
        (BOTH, (5, UNKNOWN, UNKNOWN, True), "unknown"),
    ],
)
def test_states(fault: Fault, row: Row, state: str) -> None:
    (found,) = judge(portfolio([account()]), exposure(fault, [row]), (), fault, RULES)
    assert found.state == state


@pytest.mark.parametrize(
    ("fault", "words", "hit"),
    [
        (ENDPOINT, "We get 503 on POST /v1/payments since noon", True),
        (ENDPOINT, "We get 503 on /v1/payments since noon", True),
        (ENDPOINT, "GET /v1/payments is fine", False),
        (ENDPOINT, "POST /v1/paymentsx fails", False),
        (FEATURE, "Our Webhooks stopped.", True),
        (FEATURE, "webhookserver fails", False),
        (BOTH, "Our webhooks stopped.", True),
        (BOTH, "503 on POST /v1/payments", True),
        (BOTH, "GET /v1/payments is fine", False),
        (ENDPOINT, "GET /v1/orders is fine, POST /v1/payments is not", True),
        (Fault(None, "/ingest", FIRST, LAST), "503 on POST https://api.example/ingest", True),
        (Fault(None, "/ingest", FIRST, LAST), "the /ingester runs", False),
        (Fault("C++ (beta)", None, FIRST, LAST), "the C++ (beta) client stops", True),
        (Fault('a.*("b', None, FIRST, LAST), "abc", False),
    ],
)
def test_a_ticket_of_the_days_that_names_the_part_is_a_hit(fault: Fault, words: str, hit: bool) -> None:
    rows = exposure(fault, [(0, 0, 0, True)])
    (found,) = judge(portfolio([account()]), rows, [ticket_text("acme", words)], fault, RULES)
    assert (found.state == "hit") is hit
    (late,) = judge(portfolio([account()]), rows, [ticket_text("acme", words, AS_OF)], fault, RULES)
    assert late.state == "not_hit"


def test_who_is_no_customer_is_left_out() -> None:
    gone, ahead = account("gone", lifecycle="churned"), account("ahead", contract_start=AS_OF + dt.timedelta(days=9))
    ahead = ahead.model_copy(update={"lifecycle": "onboarding"})
    rows: list[Row] = [(9, 9, 9, True)] * 3
    accounts = [account(), gone, ahead]
    book = portfolio(accounts)
    found = judge(book, exposure(FEATURE, rows), (), FEATURE, RULES)
    expected = [a.id for a, later in zip(accounts, book.not_yet, strict=True) if a.id != "gone" and not later]
    assert [f.account.id for f in found] == sorted(expected)
    assert "gone" not in {f.account.id for f in found}


THREE: Mapping[str, tuple[Account, Row]] = {
    "acme": (account("acme", arr=100_000), (12, 500, 50, True)),
    "bolt": (account("bolt", arr=300_000, currency="EUR"), (3, 400, 0, True)),
    "core": (account("core", arr=None), (0, 100, 0, True)),
    "dune": (account("dune", arr=70_000), (UNKNOWN, UNKNOWN, UNKNOWN, False)),
}


def test_the_answer_counts_accounts_and_arr_and_tells_the_largest_first() -> None:
    report = run(context(THREE, FEATURE), FEATURE, None, RULES).report
    assert isinstance(report.data, BlastData)
    totals = {total.state: (total.accounts, total.arr) for total in report.data.totals}
    assert totals == {
        "hit": (2, {"EUR": 300_000, "USD": 100_000}),
        "unknown": (1, {"USD": 70_000}),
        "not_hit": (1, {"USD": 0}),
    }
    assert [each.id for each in report.data.accounts] == ["bolt", "acme", "dune", "core"]
    verdict = report.blocks[0]
    assert isinstance(verdict, Verdict)
    assert len(verdict.lines) <= 11
    text = to_markdown(report.blocks, report.figures)
    assert "2 hit, 1 not hit, 1 not known" in text
    assert "EUR 300,000, USD 100,000" in text


def test_a_draft_holds_its_own_numbers_only() -> None:
    report = run(context(THREE, FEATURE), FEATURE, None, RULES).report
    drafts = [block for block in report.blocks if isinstance(block, Draft)]
    assert len(drafts) == 2
    for draft, own in zip(drafts, ("Bolt", "Acme"), strict=True):
        text = to_markdown((draft,), report.figures)
        assert own in text
        assert draft.audience == "customer"
        others = {"Bolt", "Acme", "Core", "Dune"} - {own}
        assert not any(word in text for word in (*others, "ARR", "USD", "EUR", "renew", "churn", "Sam"))
    assert "On these days you used it 3 times." in to_markdown((drafts[0],), report.figures)


def test_calls_of_an_endpoint() -> None:
    called = {"acme": (account("acme"), (500.0, 500.0, 50.0, True)), "bolt": (account("bolt"), (9.0, 9.0, 9.0, True))}
    report = run(context(called, ENDPOINT), ENDPOINT, "acme", RULES).report
    assert "50 of all your 500 API calls failed" in to_markdown(report.blocks, report.figures)
    assert isinstance(report.data, BlastData)
    assert [each.id for each in report.data.accounts] == ["acme"]


def test_a_feature_at_an_endpoint_tells_both_counts() -> None:
    two = {"acme": (account(), (12, 500, 50, True)), "bolt": (account("bolt"), (7, 400, 0, True))}
    report = run(context(two, BOTH), BOTH, None, RULES).report
    text = to_markdown(report.blocks, report.figures)
    assert "webhooks at POST /v1/payments" in text
    assert "used it on these days; at least 2% of its calls failed" in text
    (draft,) = (block for block in report.blocks if isinstance(block, Draft))
    told = to_markdown((draft,), report.figures)
    assert "you used it 12 times. On these days 50 of all your 500 API calls failed." in told
    rows = {
        f.key.split(".2")[0]: f.evidence[0].count for f in report.figures if f.account_id == "acme" and "usage" in f.key
    }
    assert rows == {"usage.feature.webhooks": 2, "usage.api_calls": 1, "usage.errors": 1}
    assert isinstance(report.data, BlastData)
    assert [(each.id, each.state, each.uses, each.calls, each.errors) for each in report.data.accounts] == [
        ("acme", "hit", 12, 500, 50),
        ("bolt", "not_hit", 7, 400, 0),
    ]


def test_each_figure_is_unique_and_has_its_evidence() -> None:
    report = run(context(THREE, FEATURE, [ticket_text("dune", "webhooks fail")]), FEATURE, None, RULES).report
    keys = [(figure.key, figure.account_id) for figure in report.figures]
    assert len(keys) == len(set(keys))
    assert all(figure.evidence for figure in report.figures if figure.value)


@pytest.mark.parametrize(("hit", "told"), [(3, False), (5, True)])
def test_each_account_that_is_listed_as_hit_has_its_draft(hit: int, told: bool) -> None:
    many = {f"a{i}": (account(f"a{i}"), (1.0, 1.0, 1.0, True)) for i in range(hit)}
    report = run(context(many, BOTH), BOTH, None, RULES).report
    assert sum(isinstance(block, Draft) for block in report.blocks) == RULES.shown == 3
    how = f'ACCOUNT feature="webhooks" endpoint="POST /v1/payments" since={FIRST} until={LAST}'
    assert (how in to_markdown(report.blocks, report.figures)) is told


def test_a_draft_claims_no_more_than_is_on_record() -> None:
    called = {"acme": (account("acme"), (500.0, 500.0, 0.0, True)), "bolt": (account("bolt"), (9.0, 9.0, 9.0, True))}
    report = run(
        context(called, ENDPOINT, [ticket_text("acme", "POST /v1/payments fails")]), ENDPOINT, None, RULES
    ).report
    drafts = [to_markdown((block,), report.figures) for block in report.blocks if isinstance(block, Draft)]
    assert all("may have affected you" in draft for draft in drafts)
    with_ticket = next(draft for draft in drafts if "t-acme" in draft)
    assert "API calls failed" not in with_ticket
    assert "You wrote to us about it in t-acme." in with_ticket


def test_days_after_the_answers_day_are_left_out() -> None:
    ahead = Fault("webhooks", None, FIRST, AS_OF + dt.timedelta(days=9))
    report = run(context(THREE, ahead), ahead, None, RULES).report
    assert isinstance(report.data, BlastData)
    assert report.data.last == AS_OF
    assert str(ahead.last) not in to_markdown(report.blocks, report.figures)


def test_a_feature_that_nobody_ever_used_is_a_name_to_check() -> None:
    fault = Fault("日本", None, FIRST, LAST)
    ctx = context({"acme": (account(), (UNKNOWN, 100, 50, True))}, fault)
    assert ctx.exposure is not None
    ctx = dataclasses.replace(ctx, exposure=dataclasses.replace(ctx.exposure, known=False))
    report = run(ctx, fault, None, RULES).report
    text = to_markdown(report.blocks, report.figures)
    assert "check the name" in text
    assert "Failed" not in text  # failed calls are not those of the feature
    assert {figure.key for figure in report.figures if figure.key.startswith("blast.")} == {
        f"blast.日本.{FIRST}.{LAST}.{name}"
        for name in ("hit.accounts", "not_hit.accounts", "unknown.accounts", "unknown.arr.USD")
    }


def test_an_account_that_is_no_customer_is_not_counted() -> None:
    gone = {"gone": (account("gone", lifecycle="churned"), (9.0, 9.0, 9.0, True))}
    report = run(context(gone, FEATURE), FEATURE, "gone", RULES).report
    assert "nobody is counted" in to_markdown(report.blocks, report.figures)


def test_nobody() -> None:
    report = run(context({}, FEATURE), FEATURE, None, RULES).report
    assert "0 hit, 0 not hit, 0 not known" in to_markdown(report.blocks, report.figures)


@pytest.mark.parametrize(
    ("feature", "endpoint", "first", "last", "said"),
    [
        (None, None, FIRST, LAST, "Which part"),
        ("a", None, None, None, "Since which day"),
        ("a", None, LAST, FIRST, "Turn them round"),
        (None, "payments", FIRST, LAST, "is no endpoint"),
        ("a", "payments", FIRST, LAST, "is no endpoint"),
    ],
)
def test_what_cannot_be_asked(
    feature: str | None, endpoint: str | None, first: dt.date | None, last: dt.date | None, said: str
) -> None:
    with pytest.raises(InvalidArguments, match=said):
        fault_of(feature, endpoint, first, last)


def test_a_window_that_is_too_long() -> None:
    long = Fault("webhooks", None, days_before(31), AS_OF)
    with pytest.raises(InvalidArguments, match="32 days are too many; the limit is 31"):
        run(context(THREE, long), long, None, RULES)


def test_a_window_after_the_answers_day() -> None:
    ahead = Fault("webhooks", None, AS_OF + dt.timedelta(days=1), AS_OF + dt.timedelta(days=1))
    with pytest.raises(InvalidArguments, match="after the answer's day"):
        run(context(THREE, ahead), ahead, None, RULES)
