"""/feedback trends, worked by hand. AS_OF is 2026-06-26: the newest quarter that has ended is 2026Q1."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.blocks import Draft
from app.domain.command import Listing, Outcome
from app.domain.records import Escalation, EscalationUpdate, FeedbackItem, Ticket
from app.domain.snapshot import ArticleEntry, FeedbackBook
from app.render.markdown import to_markdown
from tests.snapshots import account, context, portfolio
from tests.tools.feedback.test_feedback import PARAMETERS, item
from tests.tools.feedback.voices import voice
from tools.feedback import COMMAND
from tools.feedback.data import TrendsData
from tools.feedback.repeats import hours_of, slug

UTC = ZoneInfo("UTC")
ACCOUNTS = [account("acme", arr=500_000), account("beta", arr=200_000), account("euro", arr=70_000, currency="EUR")]


def at(written: str) -> dt.datetime:
    return dt.datetime.fromisoformat(written).replace(tzinfo=dt.UTC)


def ticket(ticket_id: str, opened: str, category: str | None = "billing", **fields: Any) -> Ticket:
    """Answered an hour after it was opened; `hours` solve it so long after the answer."""
    opened_at = at(opened)
    answered = fields.pop("first_response_at", opened_at + dt.timedelta(hours=1))
    hours = fields.pop("hours", None)
    if hours is not None:
        fields["resolved_at"] = (answered or opened_at) + dt.timedelta(hours=hours)
    given: dict[str, Any] = {"account_id": "acme", "subject": f"Subject {ticket_id}", "first_response_at": answered}
    return Ticket(id=ticket_id, opened_at=opened_at, category=category, **(given | fields))


QUARTER = (
    ticket("b1", "2026-01-01", hours=10),
    ticket("b2", "2026-03-31T23:59", account_id="beta", hours=2.5),
    ticket("b3", "2026-02-01", account_id="euro", first_response_at=None, hours=4),  # counted from the opening
    ticket("b4", "2026-02-02"),  # open
    ticket("b5", "2026-02-03", hours=6, reopened_at=at("2026-02-09")),  # open again
    ticket("b6", "2026-02-04", hours=6, reopened_at=at("2026-02-04T03:00")),  # solved a second time
    ticket("o1", "2025-12-31"),  # the quarter before
    ticket("n1", "2026-04-01"),  # after it
    ticket("h1", "2026-01-05", "How to"),
    ticket("h2", "2026-01-06", "how-to", hours=1),
    ticket("x1", "2026-01-07", "security"),
    ticket("u1", "2026-01-08", None),
    ticket("s1", "2026-01-09", "spam"),
    ticket("s2", "2026-01-09", "spam"),
)


def run(
    *tickets: Ticket,
    articles: tuple[ArticleEntry, ...] = (),
    items: tuple[FeedbackItem, ...] = (),
    records: dict[Any, Any] | None = None,
    ctx: dict[str, Any] | None = None,
    **args: Any,
) -> Outcome:
    listings: dict[Any, Any] = {Ticket: Listing(tickets), Escalation: Listing(), EscalationUpdate: Listing()}
    given: dict[str, Any] = {
        "feedback": FeedbackBook(items, {}, {}, {}, newest=items),
        "portfolio": portfolio(ACCOUNTS),
        "listings": listings | (records or {}),
        "articles": articles,
    }
    return COMMAND.run(context(PARAMETERS, **(given | (ctx or {}))), COMMAND.args(action="trends", **args))


def data(outcome: Outcome) -> TrendsData:
    assert isinstance(outcome.report.data, TrendsData)
    return outcome.report.data


def told(outcome: Outcome) -> str:
    return to_markdown(outcome.report.blocks, outcome.report.figures)


def values(outcome: Outcome) -> dict[str, Any]:
    return {figure.key: figure.value for figure in outcome.report.figures}


def test_a_category_in_numbers() -> None:
    outcome = run(*QUARTER)
    found = data(outcome)
    assert (found.period, found.before, found.tickets, found.tickets_before, found.uncategorised) == (
        "2026Q1", "2025Q4", 10, 1, 1,
    )  # fmt: skip
    billing, how_to = found.categories
    assert (billing.category, billing.tickets, billing.before, billing.accounts) == ("billing", 6, 1, 3)
    assert billing.hours == 10 + 2.5 + 4 + 6
    assert billing.solved == 4
    assert billing.reopened == 40  # 2 of the 5 that were solved once
    assert billing.arr_by_currency == {"EUR": 70_000, "USD": 700_000}
    assert (how_to.category, how_to.tickets, how_to.hours) == ("how-to", 2, 1)  # written in two ways
    assert values(outcome)["trends.billing.hours.2026Q1"] == 22.5
    assert values(outcome)["trends.how-to.reopened.2026Q1"] == 0


@pytest.mark.parametrize(
    ("fields", "hours"),
    [
        ({}, None),
        ({"hours": 3}, 3),
        ({"hours": 3, "first_response_at": None}, 3),
        ({"resolved_at": at("2025-12-31")}, None),  # solved before it was opened
        ({"resolved_at": at("2026-01-01T00:30")}, 0),  # solved before the first response
        ({"hours": 3, "reopened_at": at("2026-02-01")}, None),
        ({"hours": 3, "reopened_at": at("2026-01-01T02:00")}, 3),
    ],
)
def test_hours(fields: dict[str, Any], hours: float | None) -> None:
    assert hours_of(ticket("t", "2026-01-01", **fields)) == hours


def test_days_are_those_of_the_zone() -> None:
    """2026-03-31 23:59 UTC is April in Auckland."""
    late = (ticket("a", "2026-03-31T23:59"), ticket("b", "2026-03-31T23:59"), ticket("c", "2026-03-30"))
    assert data(run(*late)).categories[0].tickets == 3
    assert data(run(*late, ctx={"timezone": ZoneInfo("Pacific/Auckland")})).tickets == 1


def test_once_is_no_repeat_and_no_category_is_said() -> None:
    assert "no category twice" in told(run(ticket("x", "2026-01-07", "security")))
    assert "none of 1 tickets has a category" in told(run(ticket("x", "2026-01-07", None)))
    assert "no ticket is on record" in told(run())


ARTICLES = (
    ArticleEntry("cse.rate-limits", "429, rate limits and back-off", "customer", dt.date(2026, 1, 1)),
    ArticleEntry("cse.bills", "Reading a billing statement", "customer", dt.date(2026, 1, 1)),
)


def test_the_article_that_is_there_and_what_would_deflect() -> None:
    quota = tuple(ticket(f"q{n}", "2026-01-05", "quota") for n in range(3))
    first, second = data(run(*quota, *QUARTER[:2], articles=ARTICLES)).categories
    assert (first.category, first.articles, first.remedy) == ("quota", ("cse.rate-limits",), "automation")
    assert (second.category, second.articles, second.remedy) == ("billing", ("cse.bills",), "sop")
    unknown = data(run(*(ticket(f"z{n}", "2026-01-05", "zoology") for n in range(2)))).categories[0]
    assert unknown.does == PARAMETERS.trends.other.does


def same(number: int, **fields: Any) -> tuple[Ticket, ...]:
    """Solved tickets about the same, a month apart up to June."""
    subjects = (
        "Export of invoices lacks the tax number",
        "Invoices export lacks tax numbers",
        "Tax number lacks in export",
    )
    return tuple(
        ticket(f"e{n}", f"2026-0{6 - n}-10", "bug", **({"hours": 5, "subject": subjects[n % 3]} | fields))
        for n in range(number)
    )


def drafts(outcome: Outcome) -> list[str]:
    found = [block for block in outcome.report.blocks if isinstance(block, Draft)]
    assert all(draft.audience == "internal" for draft in found)
    return [told(outcome)] if found else []


def test_the_third_solved_ticket_about_the_same_proposes_an_article() -> None:
    assert data(run(*same(2))).repeats == ()
    outcome = run(*same(3))
    (repeat,) = data(outcome).repeats
    assert repeat.tickets == ("e2", "e1", "e0")  # the oldest first
    assert repeat.document == "export-of-invoices-lacks-the-tax-number"  # the newest subject
    (draft,) = drafts(outcome)
    assert "The solution is not on record. Ask who solved e2, e1, e0" in draft
    assert "cse kb sync" in draft


@pytest.mark.parametrize(
    "tickets",
    [
        (*same(2), ticket("e9", "2026-05-01", "bug", subject="Export of invoices lacks the tax number")),  # open
        (*same(2), ticket("e9", "2026-05-01", "ux", hours=1, subject="Export of invoices lacks the tax number")),
        (*same(2), ticket("e9", "2026-05-01", "bug", hours=1, subject="Sign-in loop for guests")),
        (*same(2), ticket("e9", "2025-06-01", "bug", hours=1, subject="Export of invoices lacks the tax number")),
    ],
)
def test_what_is_not_the_third(tickets: tuple[Ticket, ...]) -> None:
    assert data(run(*tickets)).repeats == ()


def test_an_article_about_it_is_to_be_improved_and_not_written_again() -> None:
    there = ArticleEntry("cse.tax", "Tax numbers in the invoices export", "customer", dt.date(2026, 1, 1))
    outcome = run(*same(3), articles=(there,))
    assert data(outcome).repeats[0].exists == "cse.tax"
    assert drafts(outcome) == []
    assert "improve it" in told(outcome)


def test_the_draft_is_extracted_from_what_is_on_record() -> None:
    escalation = Escalation(
        id="esc-1",
        account_id="acme",
        opened_at=at("2026-05-10"),
        title="Export",
        ticket_id="e1",
        verified="Seen by both.",
    )
    done = {"account_id": "acme", "escalation_id": "esc-1", "at": at("2026-05-11")}
    updates = (
        EscalationUpdate(id="u1", kind="resolved", text="The tax field is exported again.", **done),
        EscalationUpdate(id="u2", kind="update", text="Still looking.", **done),
    )
    known = item(
        "fb-tax", title="Tax number lacks in the export of invoices", category="bug", workaround="Add it by hand."
    )
    body = voice("My key is sk_live_abcdefghijklmnop123456.", voice_id="e0")
    outcome = run(
        *same(3),
        items=(known,),
        records={Escalation: Listing((escalation,)), EscalationUpdate: Listing(updates)},
        ctx={"voices": (body,)},
    )
    (draft,) = drafts(outcome)
    for words in ("The tax field is exported again. (e1)", "Seen by both. (e1)", "Add it by hand. (fb-tax)"):
        assert words in draft
    assert "Still looking" not in draft
    assert "sk_live_abcdefghijklmnop123456" not in draft
    assert values(outcome)["trends.repeat.export-of-invoices-lacks-the-tax-number.hours.2026Q1"] == 15


def test_a_subject_cannot_write_the_articles_header() -> None:
    (draft,) = drafts(run(*same(3, subject="Export lacks tax\n---\naudience: customer")))
    assert draft.count("\n---\n") <= 2
    assert "\naudience: customer" not in draft


def test_what_is_read() -> None:
    needs = COMMAND.needs(COMMAND.args(action="trends"))
    assert (needs.records_since, needs.articles, needs.today) == (460, True, False)
    assert COMMAND.needs(COMMAND.args(action="trends", title="2024")).records_since is None


@given(st.text(max_size=40))
def test_a_slug_is_fit_for_a_key(said: str) -> None:
    assert all(part.isalnum() and part.isascii() for part in slug(said).split("-") if part)
    assert slug(slug(said)) == slug(said)
