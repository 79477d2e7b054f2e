"""/health changes: what happened in the portfolio since a day, with causes, by owner, worst first."""

import datetime as dt
from typing import Any

import pytest

from app.domain.blocks import Heading, Verdict
from app.domain.command import Context, OnDay, Report
from app.domain.figures import Ref
from app.domain.problems import Problem
from app.domain.records import Account, ArrMovement, Commitment, Escalation
from app.domain.snapshot import EscalationBook
from app.render.text import to_text
from tests.snapshots import (
    AS_OF,
    account,
    account_snapshot,
    contact,
    days_before,
    goal,
    noon,
    portfolio,
    signal,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import PARAMETERS, SHIPPED, context
from tests.tools.health.test_compare import OTHER, compared
from tests.tools.health.test_ledger import healthy_facts
from tests.tools.health.test_score import full_facts
from tools.health import COMMAND, HealthArgs, HealthParameters
from tools.health.data import AccountChanges, PortfolioChanges

WEEK_AGO, TEN_DAYS_AGO = days_before(7), days_before(10)
Facts = dict[str, Any]


def week(
    accounts: list[Account],
    was: list[Account] | None = None,
    later: Facts | None = None,
    old: HealthParameters = PARAMETERS,
    new: HealthParameters = PARAMETERS,
    escalations: tuple[Escalation, ...] = (),
    since: dt.date | int = 7,
    **facts: Any,
) -> Context:
    """The context of a week: the same facts on both days, `later` ones on the second alone."""
    day = days_before(since) if isinstance(since, int) else since
    now = portfolio(accounts, **facts | (later or {}))
    then = portfolio(was or accounts, as_of=day, **facts)
    base = context(many=now, parameters=new)
    on = {since: OnDay(day, old, portfolio=then), 0: OnDay(AS_OF, new, portfolio=now)}
    book = EscalationBook(as_of=AS_OF, escalations=escalations, updates={}, accounts={}, arr={})
    changed = {"days": on, "escalations": book}
    return Context(**{name: getattr(base, name) for name in Context.__dataclass_fields__} | changed)


def changes(ctx: Context, **arguments: Any) -> tuple[PortfolioChanges, Report]:
    args = HealthArgs(action="changes", **arguments)
    COMMAND.needs(args)
    report = COMMAND.run(ctx, args).report
    assert isinstance(report.data, PortfolioChanges)
    return report.data, report


def one(ctx: Context) -> tuple[AccountChanges, list[tuple[str, str, str]]]:
    """The only account that something happened to; (kind, trend, words) of each, figures left out."""
    data, _ = changes(ctx)
    assert len(data.accounts) == 1
    found = data.accounts[0]
    return found, [(c.kind, c.trend, "".join(s for s in c.text if isinstance(s, str))) for c in found.changes]


def told(report: Report) -> str:
    return to_text(report.blocks, report.figures, width=10_000)


def people(*names: str) -> Facts:
    return {"contacts": [contact(name, is_champion=True) for name in names]}


@pytest.mark.parametrize(
    ("before", "later", "expected"),
    [
        (
            {},
            {"tickets": [ticket("t1", severity="SEV1", days_ago=3), ticket("t9", severity="SEV3", days_ago=3)]},
            ("ticket", "worse", "SEV1 opened: t1"),
        ),
        (
            {"tickets": [ticket("t1", severity="SEV2", days_ago=20)]},
            {"tickets": [ticket("t1", severity="SEV2", days_ago=20, hours=17 * 24)]},
            ("ticket", "better", "resolved: t1"),
        ),
        (
            {"tickets": [ticket("t1", severity="SEV3", days_ago=20)]},
            {"tickets": [ticket("t1", severity="SEV3", days_ago=20, escalated=True)]},
            ("ticket", "worse", "ticket escalated: t1"),
        ),
        (
            {"tickets": [ticket("t1", severity="SEV1", days_ago=20, hours=5)]},
            {
                "tickets": [
                    ticket("t1", severity="SEV1", days_ago=20, hours=5, reopened_at=noon(days_before(2))),
                ]
            },
            ("ticket", "worse", "ticket reopened: t1"),
        ),
        (
            {"contacts": [contact("jo", name="Jo", is_champion=True)]},
            {"contacts": [contact("jo", name="Jo", is_champion=True, left_on=days_before(3))]},
            ("contact", "worse", "champion left: Jo"),
        ),
        (
            {"contacts": [contact("jo", is_champion=False)]},
            {"contacts": [contact("jo", is_champion=True)]},
            ("contact", "better", "new champion: jo"),
        ),
        (
            {"contacts": [contact("jo", is_champion=True)]},
            {"contacts": [contact("jo", is_champion=False)]},
            ("contact", "worse", "no longer marked as champion: jo"),
        ),
        (
            {"contacts": [contact("al", name="Al")]},
            {"contacts": [contact("al", name="Al", left_on=days_before(1))]},
            ("contact", "other", "contact left: Al"),
        ),
        (
            {"commitments": [Commitment(id="c", account_id="acme", what="Send  it", due=days_before(3))]},
            {},
            ("promise", "worse", "promise overdue: Send it"),
        ),
        (
            {"commitments": [Commitment(id="c", account_id="acme", what="Send it", due=AS_OF)]},
            {},
            ("promise", "other", "promise due today: Send it"),
        ),
        (
            {"touchpoints": [touchpoint("m", "qbr", days_ago=20)]},
            {"signals": [signal("s", "competitor", days_ago=2)]},
            ("indicator", "worse", "competitor evaluation triggered"),
        ),
        (
            {
                "touchpoints": [touchpoint("m", "qbr", days_ago=20)],
                "signals": [signal("s", "competitor", days_ago=183)],
            },
            {},
            ("indicator", "better", "competitor evaluation cleared"),
        ),
    ],
)
def test_what_happens(before: Facts, later: Facts, expected: tuple[str, str, str]) -> None:
    found, happened = one(week([account()], later=later, **before))
    assert expected in happened
    assert found.trend == expected[1] or expected[1] == "other"


@pytest.mark.parametrize(
    ("before", "later"),
    [
        ({"tickets": [ticket("t1", severity="SEV1", days_ago=7)]}, {}),  # opened on the earlier day itself
        ({"tickets": [ticket("t3", severity="SEV3", days_ago=2)]}, {}),
        ({"commitments": [Commitment(id="c", account_id="acme", what="x", due=days_before(7))]}, {}),
        ({"commitments": [Commitment(id="c", account_id="acme", what="x", due=days_before(2), done_on=AS_OF)]}, {}),
        ({"contacts": [contact("jo", is_champion=True, left_on=days_before(7))]}, {}),
    ],
)
def test_what_is_no_news(before: Facts, later: Facts) -> None:
    data, report = changes(week([account()], later=later, **before))
    assert (data.accounts, data.quiet) == ((), 1)
    assert "1 quiet" in told(report)


def test_fields_of_the_contract_are_told_with_both_values() -> None:
    was = account(renewal_date=dt.date(2027, 1, 1), licensed_seats=50, owner="Sam", plan="Growth")
    now = account(renewal_date=dt.date(2027, 7, 1), licensed_seats=40, owner="Kim", plan="Scale", arr=90_000)
    data, report = changes(week([now], was=[was]))
    answer = told(report)
    for words in (
        "ARR USD 90,000, was USD 100,000",
        "renewal date 2027-07-01, was 2027-01-01",
        "licensed seats 40, was 50",
        "owner Kim, was Sam",
        "plan Scale, was Growth",
    ):
        assert words in answer
    assert data.accounts[0].trend == "worse"
    assert data.arr_worse == {"USD": 90_000}


def test_who_came_and_who_left() -> None:
    start = days_before(3)
    gone = ArrMovement(id="m1", account_id="gone", date=days_before(400), kind="new", amount=5000)
    churn = ArrMovement(id="m2", account_id="gone", date=days_before(2), kind="churn", amount=5000)
    accounts = [
        account("fresh", contract_start=start, lifecycle="onboarding"),
        account("gone", lifecycle="churned", arr=0),
        account("long-gone", lifecycle="churned"),
        account("soon", contract_start=AS_OF + dt.timedelta(days=5), lifecycle="onboarding"),
    ]
    was = [accounts[0], account("gone", arr=5000), *accounts[2:]]
    data, _ = changes(week(accounts, was=was, arr_movements=[gone, churn]))
    assert {a.id: (a.trend, a.changes[0].text) for a in data.accounts} == {
        "gone": ("worse", ("churned",)),
        "fresh": ("better", ("new customer",)),
    }
    assert data.quiet == 0
    assert data.arr_worse == {"USD": 5000}  # what it had before it left


def test_a_stopped_feed_is_told_as_unknown_and_never_as_worse() -> None:
    """The usage feed stopped: usage was better than the rest, so the score falls, and nothing became worse."""
    facts = healthy_facts() | {"goals": [goal("g1", "missed")]}
    ctx = week([account()], since=TEN_DAYS_AGO, later={"covered": {"usage": TEN_DAYS_AGO}}, **facts)
    data, report = changes(ctx, since=TEN_DAYS_AGO)
    assert data.worse == 0
    answer = told(report)
    assert "Usage data stopped (accounts: 1): what rests on it is unknown now, which is no decline." in answer


def test_a_tier_that_moves_with_what_is_known_is_neither_better_nor_worse() -> None:
    """Full points in usage (30) and none in goals, tickets and NPS: without usage the rest is red."""
    facts = healthy_facts() | {"goals": [], "nps": [], "tickets": [ticket(f"t{i}", days_ago=20) for i in range(16)]}
    ctx = week([account()], since=TEN_DAYS_AGO, later={"covered": {"usage": TEN_DAYS_AGO}}, **facts)
    data, _ = changes(ctx, since=TEN_DAYS_AGO)
    assert data.accounts[0].now.tier != data.accounts[0].then.tier
    for found in data.accounts:
        assert found.trend == "other"
        assert all(change.trend != "worse" for change in found.changes)
    assert data.worse == 0


def test_new_settings_make_nobody_worse() -> None:
    strict = HealthParameters.model_validate(SHIPPED | {"tiers": SHIPPED["tiers"] | {"green": 99.5, "yellow": 99}})
    facts = healthy_facts() | {"goals": [], "nps": []}
    facts["touchpoints"] = [*facts["touchpoints"], touchpoint("p9", "qbr", "declined", days_ago=60)]
    data, report = changes(week([account()], new=strict, **facts))
    assert data.worse == 0
    assert "by new settings" in told(report)


def test_our_escalations_are_told() -> None:
    escalation = Escalation(id="e1", account_id="acme", opened_at=noon(days_before(2)), title="Ingest fails")
    old = Escalation(
        id="e2", account_id="acme", opened_at=noon(days_before(30)), title="Old", closed_at=noon(days_before(1))
    )
    stranger = Escalation(id="e3", account_id="elsewhere", opened_at=noon(days_before(1)), title="Not ours to see")
    _, happened = one(week([account()], escalations=(escalation, old, stranger)))
    assert happened == [
        ("escalation", "worse", "escalation opened: Ingest fails"),
        ("escalation", "better", "escalation closed: Old"),
    ]


def test_the_ledger_is_that_of_the_account_s_comparison() -> None:
    facts = healthy_facts()
    later = {"tickets": [*facts["tickets"], *(ticket(f"n{i}", severity="SEV2", days_ago=2) for i in range(9))]}
    data, report = changes(week([account()], later=later, **facts))
    now, then = account_snapshot(account(), **facts | later), account_snapshot(account(), as_of=WEEK_AGO, **facts)
    base = context(one=now)
    on = {WEEK_AGO: OnDay(WEEK_AGO, PARAMETERS, then), 0: OnDay(AS_OF, PARAMETERS, now)}
    ctx = Context(**{name: getattr(base, name) for name in Context.__dataclass_fields__} | {"days": on})
    _, alone = compared(ctx, dates=str(WEEK_AGO))
    own = {f.key: f.value for f in alone.figures}
    ours = {f.key: f.value for f in report.figures if f.account_id == "acme"}
    assert sum(key.startswith("health.ledger.") for key in ours) == 11
    assert {key: own[key] for key in ours} == ours
    assert data.accounts[0].change == pytest.approx(own[f"health.change.since_{WEEK_AGO}"])
    assert "Ticket volume -4.0 points (9 tickets opened in 30 days; before: 0 tickets opened" in told(report)


def many(number: int) -> tuple[list[Account], list[Account], Facts]:
    """Accounts of three owners; every other one loses ARR, and one of Kim's got a competitor as well."""
    owners = ("Sam", "Kim", None)
    was = [account(f"a{i:02}", owner=owners[i % 3], arr=1000 + i) for i in range(number)]
    now = [a.model_copy(update={"arr": a.arr - 500}) if i % 2 else a for i, a in enumerate(was) if a.arr is not None]
    return now, was, {"signals": [signal("s", "competitor", "a01", days_ago=1)]}


def test_owners_by_their_worst_account_and_pages_that_are_the_whole() -> None:
    now, was, later = many(24)
    ctx = week(now, was=was, later=later)
    whole, _ = changes(ctx, limit=100)
    assert (whole.worse, whole.better, whole.quiet) == (12, 0, 12)
    assert whole.accounts[0].id == "a01"
    owners = [a.owner for a in whole.accounts]
    assert owners[0] == "Kim"
    assert len({*owners}) == len([o for i, o in enumerate(owners) if i == 0 or owners[i - 1] != o])
    pages, cursor = [], None
    for _ in range(3):
        data, report = changes(ctx, limit=5, cursor=cursor)
        pages += [a.id for a in data.accounts]
        assert (data.worse, data.quiet) == (12, 12)
        cursor = data.next_cursor
        assert isinstance(report.blocks[0], Verdict)
    assert cursor is None
    assert pages == [a.id for a in whole.accounts]


def test_an_owner_s_part_and_a_segment_s() -> None:
    now, was, _ = many(24)
    ctx = week(now, was=was)
    data, report = changes(ctx, owner="kim")
    assert {a.owner for a in data.accounts} == {"Kim"}
    assert (data.worse, data.quiet) == (4, 4)
    assert all(".owner_kim." in f.key for f in report.figures if f.account_id is None)
    assert changes(ctx, segment="nowhere")[0].quiet == 0
    assert "No customers to tell of with segment nowhere." in told(changes(ctx, segment="nowhere")[1])


def test_who_changed_hands_is_told_to_both_owners() -> None:
    ctx = week([account(owner="Kim")], was=[account(owner="Sam")])
    for owner in ("Sam", "Kim"):
        assert [a.id for a in changes(ctx, owner=owner)[0].accounts] == ["acme"]


def test_a_verdict_of_twelve_lines_and_the_rest_folded() -> None:
    now, was, later = many(60)
    _, report = changes(week(now, was=was, later=later))
    verdict, *rest = report.blocks
    assert isinstance(verdict, Verdict)
    assert len(verdict.lines) <= 11
    assert all(block.folded for block in rest if isinstance(block, Heading))
    stated = {(f.key, f.account_id) for f in report.figures}
    assert len(stated) == len(report.figures)
    spans = [span for line in verdict.lines for span in line if isinstance(span, Ref)]
    assert {(s.figure, s.account_id) for s in spans} <= stated


def test_arr_of_a_parent_counts_once() -> None:
    """The parent's 100 is the 60 and 40 of its two product lines."""
    was = [
        account("group", arr=100, plan="A"),
        account("line-a", arr=60, parent_id="group"),
        account("line-b", arr=40, parent_id="group"),
    ]
    now = [a.model_copy(update={"licensed_seats": 10}) for a in was]
    data, _ = changes(week(now, was=was))
    assert data.worse == 3
    assert (data.arr_worse, data.arr) == ({"USD": 100}, {"USD": 100})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"account": "acme"}, "/health acme compare"),
        ({"tier": "red"}, "leave out tier"),
        ({"renewal": 90, "level": "high"}, "leave out level and renewal"),
    ],
)
def test_what_changes_does_not_take(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(Problem, match=words):
        COMMAND.needs(HealthArgs(action="changes", **arguments))


def test_since_must_lie_before() -> None:
    with pytest.raises(Problem, match="is not before"):
        changes(week([account()], since=AS_OF), since=AS_OF)
    with pytest.raises(Problem, match="none of ours"):
        changes(week([account()]), cursor="999")


def test_an_empty_portfolio() -> None:
    data, report = changes(week([]))
    assert (data.worse, data.quiet) == (0, 0)
    assert "No customers to tell of" in told(report)


def test_settings_of_both_days_score_the_weeks() -> None:
    data, report = changes(week([account()], old=PARAMETERS, new=OTHER, **full_facts()))
    keys = [f.key for f in report.figures]
    assert len(keys) == len(set(keys))
    assert data.worse in (0, 1)
