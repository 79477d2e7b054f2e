"""/feedback brief, worked by hand. AS_OF is 2026-06-26: the newest quarter that has ended is January to March."""

import datetime as dt
from typing import Any

import pytest

from app.domain.blocks import Draft, Verdict
from app.domain.command import Outcome
from app.domain.problems import InvalidArguments
from app.domain.records import FeedbackItem
from app.domain.snapshot import FeedbackBook, StatusOn, Voice
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, account, context, portfolio, signal
from tests.tools.feedback.test_feedback import PARAMETERS, item
from tests.tools.feedback.voices import voice
from tools.feedback import COMMAND
from tools.feedback.data import BriefData
from tools.feedback.spans import Money, first_read

ACCOUNTS = [
    account("acme", name="Acme", arr=500_000),
    account("beta", name="Beta", arr=200_000),
    account("euro", name="Euro", arr=70_000, currency="EUR"),
    account("child", name="Child", arr=120_000, parent_id="acme"),
]


def on(day: str) -> dt.date:
    return dt.date.fromisoformat(day)


def said(text: str, account_id: str, day: str, number: int, **fields: Any) -> Voice:
    return voice(text, voice_id=f"t{number}", account_id=account_id, day=on(day), **fields)


VOICES = (
    said("The export is broken since Monday.", "acme", "2026-01-05", 1, subject="Export broken"),
    said("The export is broken again.", "beta", "2026-03-31", 2, subject="Export broken"),
    said("The export is broken.", "euro", "2025-12-31", 3, subject="Export broken"),  # the quarter before
    said("The export is broken.", "child", "2026-04-01", 4, subject="Export broken"),  # after it
    said("The alert editor is confusing.", "acme", "2026-02-02", 5),
    said("The pump view is confusing.", "acme", "2025-11-11", 6),
)


def run(
    *items: FeedbackItem,
    voices: tuple[Voice, ...] = VOICES,
    history: dict[str, tuple[StatusOn, ...]] | None = None,
    facts: dict[str, Any] | None = None,
    ctx: dict[str, Any] | None = None,
    **args: Any,
) -> Outcome:
    names, arr = {a.id: a.name for a in ACCOUNTS}, {a.id: float(a.arr or 0) for a in ACCOUNTS}
    currencies = {a.id: a.currency or "USD" for a in ACCOUNTS}
    book = FeedbackBook(items, names, arr, currencies, history=history or {}, newest=items)
    given: dict[str, Any] = {
        "feedback": book,
        "portfolio": portfolio(ACCOUNTS, **(facts or {})),
        "voices": tuple(sorted(voices, key=lambda v: v.day, reverse=True)),
    }
    return COMMAND.run(context(PARAMETERS, **(given | (ctx or {}))), COMMAND.args(action="brief", **args))


def data(outcome: Outcome) -> BriefData:
    assert isinstance(outcome.report.data, BriefData)
    return outcome.report.data


def told(outcome: Outcome) -> str:
    return to_markdown(outcome.report.blocks, outcome.report.figures)


def values(outcome: Outcome) -> dict[str, Any]:
    return {figure.key: figure.value for figure in outcome.report.figures}


def test_pains_by_customers_with_arr_and_words() -> None:
    found = data(run())
    assert (found.period, found.before, found.texts, found.texts_before) == ("2026Q1", "2025Q4", 3, 2)
    export, editor = found.pains
    assert (export.title, export.category, export.said, export.before) == ("Export broken", "bug", 2, 1)
    assert set(export.accounts) == {"acme", "beta"}
    assert export.arr_by_currency == {"USD": 700_000}
    assert [(q.account, q.record) for q in export.quotes] == [("beta", "t2"), ("acme", "t1")]  # the newest first
    assert (editor.category, editor.accounts, editor.before) == ("ux", ("acme",), 0)


def test_what_changed_since_the_quarter_before() -> None:
    answer = told(run())
    assert "Against 2025Q4: 1 new, 1 said by more than before, 1 not heard any more." in answer
    assert "The pump view is confusing" in answer


def test_words_that_fit_an_item_are_the_items_theme() -> None:
    known = item("fb-export", title="Export broken", category="bug", account_ids=("euro",), created_on=on("2025-10-01"))
    (theme,) = [theme for theme in data(run(known)).pains if theme.item]
    assert (theme.key, theme.said) == ("fb-export", 2)
    assert set(theme.accounts) == {"acme", "beta"}  # those who said it in the quarter


def test_an_item_of_the_quarter_counts_its_customers_where_nobody_is_heard() -> None:
    new = item("fb-x", title="Shift view", category="ux", account_ids=("beta", "euro"), created_on=on("2026-02-01"))
    outcome = run(new, voices=())
    (theme,) = data(outcome).pains
    assert (theme.said, theme.arr_by_currency) == (0, {"EUR": 70_000, "USD": 200_000})
    assert values(outcome)["voc.fb-x.accounts.2026Q1"] == 2
    assert "EUR 70,000 + USD 200,000" in told(outcome)


def test_gaps_are_requests_that_nothing_is_planned_for() -> None:
    asked = {"created_on": on("2026-02-01"), "account_ids": ("acme",)}
    outcome = run(
        item("w", workaround="A script.", **asked),
        item("p", status="planned", **asked),
        item("d", status="declined", **asked),
        voices=(),
    )
    assert {gap.key for gap in data(outcome).gaps} == {"w", "d"}
    assert "Workaround: A script." in told(outcome)


def test_requests_by_rice_and_asks_to_product() -> None:
    outcome = run(
        item("low", reach=10, created_on=on("2026-01-02")),  # RICE 20
        item("top", created_on=on("2026-03-02"), account_ids=("beta",)),  # RICE 100
        item("bare", impact=None, created_on=on("2026-03-03"), status="planned"),
        item("late", created_on=on("2026-04-01")),  # after the quarter
        facts={"signals": [signal("s", "competitor", "beta", days_ago=5)]},
    )
    found = data(outcome)
    assert [request.id for request in found.requests] == ["top", "low"]
    assert [(ask.kind, ask.item) for ask in found.asks] == [
        ("answer", "low"),  # the longest without an answer
        ("answer", "top"),
        ("date", "top"),  # Beta is at risk
        ("inputs", "bare"),
    ]
    assert values(outcome)["feedback.top.rice"] == 100


def test_who_was_told_what_became_of_it() -> None:
    shipped = item("s", title="Bulk replay endpoint", account_ids=("acme", "beta"), shipped_on=on("2026-02-10"))
    talks = (
        said("Told them that the bulk replay endpoint is there.", "acme", "2026-02-20", 8, kind="touchpoints"),
        said("Asked for a bulk replay endpoint.", "beta", "2026-02-01", 9, kind="touchpoints"),  # before it shipped
    )
    (loop,) = data(run(shipped, voices=talks)).told
    assert (loop.answer, loop.told, loop.untold) == ("shipped", ("acme",), ("beta",))
    assert "/feedback shipped s" in told(run(shipped, voices=talks))


def test_a_changed_status_is_told_too() -> None:
    changed = item("c", status="planned", account_ids=("acme",), created_on=on("2025-12-01"))
    before = (StatusOn(on("2025-12-01"), "new"), StatusOn(on("2026-03-05"), "planned"))
    assert [each.item for each in data(run(changed, history={"c": before})).told] == ["c"]
    assert data(run(changed, history={"c": before}, period="2025Q4")).told == ()


def test_it_is_for_colleagues_alone() -> None:
    drafts = [block for block in run().report.blocks if isinstance(block, Draft)]
    assert [draft.audience for draft in drafts] == ["internal"]


@pytest.mark.parametrize(
    ("written", "period"), [(None, "2026Q1"), ("this", "2026Q2"), ("2025", "2025"), ("2026-01", "2026-01")]
)
def test_periods(written: str | None, period: str) -> None:
    assert data(run(title=written)).period == period


def test_a_fiscal_year_may_begin_in_february() -> None:
    """Quarters then begin in February, May, August and November; the year is named for its end."""
    assert data(run(ctx={"fiscal_start": 2})).period == "FY2027Q1"


def test_a_period_that_has_not_begun_is_refused() -> None:
    with pytest.raises(InvalidArguments, match="2027Q1"):
        run(period="2027Q1")


def test_nothing_said_is_no_praise() -> None:
    outcome = run(voices=())
    verdict = outcome.report.blocks[0]
    assert isinstance(verdict, Verdict)
    assert verdict.tone == "neutral"
    assert "Nobody said anything" in told(outcome)


@pytest.mark.parametrize(
    ("written", "first"),
    [(None, 460), ("last", 460), ("Q3", 460), ("2024Q1", on("2022-01-01")), ("FY2026", on("2024-01-01"))],
)
def test_enough_is_read_for_the_period_and_the_one_before(written: str | None, first: dt.date | int) -> None:
    assert first_read(written) == first


@pytest.mark.parametrize(
    ("accounts", "arr"),
    [
        (("acme", "acme", "beta"), {"USD": 700_000}),
        (("acme", "child"), {"USD": 500_000}),  # a parent's ARR contains its child's
        (("child",), {"USD": 120_000}),
        (("euro", "beta"), {"EUR": 70_000, "USD": 200_000}),
        (("unknown",), {}),
    ],
)
def test_money_counts_once(accounts: tuple[str, ...], arr: dict[str, float]) -> None:
    assert Money(portfolio(ACCOUNTS), "USD").arr(accounts) == arr


def test_the_brief_is_as_of_today() -> None:
    needs = COMMAND.needs(COMMAND.args(action="brief"))
    assert needs.today
    assert needs.voices_since == 460
    assert AS_OF.year == 2026
