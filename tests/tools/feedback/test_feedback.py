"""/feedback: the ranking and its ties, the list, and adding an item."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.blocks import Verdict
from app.domain.command import Context, Needs, Outcome
from app.domain.effects import AddFeedback
from app.domain.problems import AccountNotFound, InvalidArguments, Problem
from app.domain.records import FeedbackItem
from app.domain.snapshot import FeedbackBook
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, account, account_snapshot, days_before, portfolio
from tests.tools.feedback.test_rice import SHIPPED
from tools.feedback import COMMAND
from tools.feedback.data import ItemsData
from tools.feedback.parameters import FeedbackParameters

PARAMETERS = FeedbackParameters.model_validate(SHIPPED)
NOW = dt.datetime(2026, 6, 26, 23, 30, tzinfo=dt.UTC)


def item(item_id: str, **fields: Any) -> FeedbackItem:
    """An item of RICE 100."""
    given: dict[str, Any] = {
        "title": f"Title {item_id}",
        "category": "feature_request",
        "reach": 50,
        "impact": 10,
        "confidence": 0.8,
        "effort_weeks": 4,
    }
    return FeedbackItem(id=item_id, **(given | fields))


def book(*items: FeedbackItem, **fields: Any) -> FeedbackBook:
    given: dict[str, Any] = {
        "account_names": {"acme": "Acme Inc", "beta": "Beta", "gamma": "Gamma"},
        "account_arr": {"acme": 500_000.0, "beta": 200_000.0},
        "account_currency": {"acme": "USD", "beta": "EUR", "gamma": "USD"},
    }
    return FeedbackBook(items=items, **(given | fields))


def run(*items: FeedbackItem, zone: str = "UTC", book_fields: dict[str, Any] | None = None, **args: Any) -> Outcome:
    accounts = [account("acme", name="Acme Inc", arr=500_000), account("beta"), account("b2", name="Beta")]
    ctx = Context(
        turn_id="turn_0123456789abcdef0123456789abcdef",
        now=NOW,
        as_of=AS_OF,
        version=1,
        timezone=ZoneInfo(zone),
        currency="USD",
        audience="internal",
        parameters=PARAMETERS,
        feedback=book(*items, **(book_fields or {})),
        account=account_snapshot(account(args["account"], arr=1000)) if args.get("account") else None,
        portfolio=portfolio(accounts),
        typed=True,
    )
    return COMMAND.run(ctx, COMMAND.args(**args))


def data(outcome: Outcome) -> ItemsData:
    assert isinstance(outcome.report.data, ItemsData)
    return outcome.report.data


def told(outcome: Outcome) -> str:
    return to_markdown(outcome.report.blocks, outcome.report.figures)


def ids(outcome: Outcome) -> list[str]:
    return [shown.id for shown in data(outcome).items]


def test_items_are_ranked_by_rice_with_their_inputs() -> None:
    outcome = run(item("low", impact=1), item("high", account_ids=("acme", "beta")))
    assert ids(outcome) == ["high", "low"]
    first = data(outcome).items[0]
    assert (first.reach, first.impact, first.confidence, first.effort, first.rice) == (50, 10, 0.8, 4, 100)
    assert (first.customers, first.accounts) == (2, ("acme", "beta"))
    figures = {figure.key: figure for figure in outcome.report.figures}
    assert figures["feedback.high.rice"].value == pytest.approx(100, abs=1e-9)
    assert figures["feedback.high.rice"].formula.endswith("50 × 10 × 0.8 ÷ 4")
    assert [e.id for e in figures["feedback.high.rice"].evidence] == ["high"]
    assert figures["feedback.high.confidence"].value == pytest.approx(80, abs=1e-9)
    assert isinstance(outcome.report.blocks[0], Verdict)
    assert "First by RICE: Title high (RICE 100)" in told(outcome)


def test_ties_go_by_linked_arr_then_to_the_older() -> None:
    outcome = run(
        item("undated"),
        item("newer", created_on=days_before(5)),
        item("older", created_on=days_before(50)),
        item("in_euro", account_ids=("beta",), created_on=days_before(60)),
        item("rich", account_ids=("acme",)),
    )
    assert ids(outcome) == ["rich", "in_euro", "older", "newer", "undated"]


def test_money_of_different_currencies_is_not_added_up() -> None:
    outcome = run(item("f", account_ids=("acme", "beta", "gamma")))
    first = data(outcome).items[0]
    assert first.arr is None
    assert first.arr_by_currency == {"USD": 500_000, "EUR": 200_000}
    assert "USD 500,000 + EUR 200,000" in told(outcome)
    assert "not added up" in told(outcome)
    assert data(run(item("f", account_ids=("acme", "gamma")))).items[0].arr == 500_000


def test_invalid_items_are_named_with_their_reasons() -> None:
    outcome = run(item("good"), item("bad", reach=0, effort_weeks=0), item("blank", impact=None))
    assert ids(outcome) == ["good"]
    assert {i.id: i.reason for i in data(outcome).invalid} == {
        "bad": "reach 0 is outside 1–10,000 customers; effort 0 is outside 1–50 weeks",
        "blank": "impact is not known",
    }
    assert "reach 0 is outside" in told(outcome)


@pytest.mark.parametrize(
    ("fields", "closed"),
    [
        ({"status": "Shipped"}, True),
        ({"status": "won't do"}, True),
        ({"shipped_on": AS_OF}, True),
        ({"shipped_on": AS_OF + dt.timedelta(days=1)}, False),
        ({"status": "planned"}, False),
    ],
)
def test_what_is_shipped_leaves_the_ranking_not_the_list(fields: dict[str, Any], closed: bool) -> None:
    assert data(run(item("f", **fields))).closed == int(closed)
    assert ids(run(item("f", **fields))) == ([] if closed else ["f"])
    assert ids(run(item("f", **fields), action="list")) == ["f"]


def test_the_list_is_newest_first_and_shows_what_is_not_ranked() -> None:
    outcome = run(
        item("old", created_on=days_before(9), effort_weeks=0),
        item("undated"),
        item("new", created_on=AS_OF),
        action="list",
    )
    assert ids(outcome) == ["new", "old", "undated"]
    assert "not ranked" in told(outcome)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"category": "bug"}, ["bug"]),
        ({"category": "Bug reports"}, ["bug"]),
        ({"category": "docs"}, []),
        ({"account": "acme"}, ["linked"]),
        ({"title": "LINKED title"}, ["linked"]),
        ({"title": "nothing like it"}, []),
        ({"limit": 1}, ["bug"]),
    ],
)
def test_filters(filters: dict[str, Any], found: list[str]) -> None:
    items = (item("bug", category="bug", confidence=0.9), item("linked", account_ids=("acme",)))
    assert ids(run(*items, **filters)) == found


def test_what_does_not_fit_on_the_page_is_told() -> None:
    outcome = run(item("a"), item("b"), item("c"), limit=2)
    assert data(outcome).total == 3
    assert "1 more" in told(outcome)


@pytest.mark.parametrize("action", ["rank", "list"])
def test_no_items_at_all(action: str) -> None:
    assert "No feedback item is recorded" in told(run(action=action))


def test_fields_of_a_new_item_need_add() -> None:
    with pytest.raises(InvalidArguments, match="reach, effort: these describe a new item"):
        run(reach=5, effort=2)


def test_items_whose_first_version_came_later_are_marked() -> None:
    assert "assumed to have held before: f" in told(run(item("f"), book_fields={"assumed": frozenset({"f"})}))


def test_an_item_is_added_with_its_rice() -> None:
    outcome = run(
        action="add",
        title="Webhooks for payments",
        category="Feature request",
        accounts="Acme; b2",
        impact=10,
        confidence="80%",
        effort=4,
        reach=50,
        quote="we need it; password=hunter22",
    )
    (effect,) = outcome.effects
    assert isinstance(effect, AddFeedback)
    assert effect.item == FeedbackItem(
        id="fb-0123456789ab",
        title="Webhooks for payments",
        category="feature_request",
        reach=50,
        impact=10,
        confidence=0.8,
        effort_weeks=4,
        account_ids=("acme", "b2"),
        quote="we need it; password=[password]",
        created_on=dt.date(2026, 6, 26),
    )
    assert outcome.question is None
    added = data(outcome).added
    assert added is not None
    assert added.rice == pytest.approx(100, abs=1e-9)
    assert "Added: Webhooks for payments, RICE 100" in told(outcome)
    assert "draft" not in told(outcome)


def test_its_day_is_today_in_the_deployment_s_zone_and_its_account_is_linked() -> None:
    outcome = run(action="add", title="x", category="ux", account="acme", zone="Asia/Tokyo")
    (effect,) = outcome.effects
    assert isinstance(effect, AddFeedback)
    assert (effect.item.created_on, effect.item.account_ids) == (dt.date(2026, 6, 27), ("acme",))


def test_an_item_without_inputs_is_added_without_a_rank() -> None:
    outcome = run(action="add", title="x", category="ux")
    assert len(outcome.effects) == 1
    assert "Added without a rank" in told(outcome)
    assert "impact is not known" in told(outcome)


def test_an_effort_under_a_week_counts_as_one_and_says_so() -> None:
    outcome = run(action="add", title="x", category="ux", reach=2, impact=5, confidence=0.5, effort=0.5)
    assert "effort 0.5 counts as 1." in told(outcome)
    assert data(outcome).added is not None
    assert "RICE 5" in told(outcome)


@pytest.mark.parametrize(
    ("args", "fields", "choices"),
    [
        ({}, ("title", "category"), 0),
        ({"title": "x"}, ("category",), 5),
        ({"category": "ux"}, ("title",), 0),
        ({"title": " ", "category": "ux"}, ("title",), 0),
    ],
)
def test_title_and_category_are_asked_for(args: dict[str, Any], fields: tuple[str, ...], choices: int) -> None:
    outcome = run(action="add", **args)
    assert outcome.effects == ()
    assert outcome.question is not None
    assert (outcome.question.fields, len(outcome.question.choices)) == (fields, choices)


def test_every_input_out_of_its_range_is_named() -> None:
    with pytest.raises(InvalidArguments) as error:
        run(action="add", title="x", category="ux", reach=0, impact=11, confidence="150%", effort=0)
    ranges = ("1–10,000 customers", "1–10 points", "0–100 %", "1–50 weeks")
    assert all(allowed in error.value.detail for allowed in ranges)


@pytest.mark.parametrize(("confidence", "kept"), [("80%", 0.8), ("1%", 0.01), (80, 80), (1, 1), ("0.5", 0.5)])
def test_a_confidence_may_be_written_as_a_percentage(confidence: object, kept: float) -> None:
    assert COMMAND.args(confidence=confidence).confidence == kept


@pytest.mark.parametrize(
    ("accounts", "problem", "asked"),
    [
        ("zeta-systems", AccountNotFound, "I know no account “zeta-systems” among those you may see. Which account?"),
        ("Acmee", AccountNotFound, "Did you mean Acme Inc (acme)? Which account?"),
        ("BETA", InvalidArguments, "called “BETA”: Beta (beta), Beta (b2). Which account?"),
        ("acme; nobody at all", AccountNotFound, "Give all accounts to link, separated by semicolons."),
    ],
)
def test_an_account_that_is_not_there_or_not_one_is_asked_for(
    accounts: str, problem: type[Problem], asked: str
) -> None:
    with pytest.raises(problem) as error:
        run(action="add", title="x", category="ux", accounts=accounts)
    assert asked in error.value.detail
    assert error.value.extra["missing"] == ["accounts"]


def test_an_item_of_the_same_title_is_pointed_at() -> None:
    assert "already an item of this title: f" in told(run(item("f"), action="add", title="title F", category="ux"))


@pytest.mark.parametrize(
    ("args", "needs"),
    [
        ({}, Needs(feedback=True, today=True)),
        ({"account": "acme"}, Needs(feedback=True, account="acme", today=True)),
        ({"action": "add", "accounts": "acme"}, Needs(feedback=True, portfolio=True, today=True)),
    ],
)
def test_it_asks_for_the_data_it_needs(args: dict[str, Any], needs: Needs) -> None:
    assert COMMAND.needs(COMMAND.args(**args)) == needs


@given(st.lists(st.tuples(st.floats(1, 100), st.booleans()), max_size=8))
def test_the_order_is_by_rice_whatever_the_items(given_items: list[tuple[float, bool]]) -> None:
    items = tuple(
        item(f"f{place}", reach=reach, account_ids=("acme",) if linked else ())
        for place, (reach, linked) in enumerate(given_items)
    )
    outcome = run(*items)
    scores = [shown.rice or 0 for shown in data(outcome).items]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == len(items)
