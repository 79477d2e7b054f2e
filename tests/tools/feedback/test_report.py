"""/feedback report, worked by hand. AS_OF is 2026-06-26: the last full month is May, the one before it April."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.blocks import Draft, Verdict
from app.domain.command import Context, Outcome
from app.domain.problems import InvalidArguments
from app.domain.records import FeedbackItem
from app.domain.snapshot import FeedbackBook, StatusOn, Voice
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, account, contact, days_before, portfolio, response, signal
from tests.tools.feedback.test_feedback import NOW, PARAMETERS, item
from tests.tools.feedback.voices import voice
from tools.feedback import COMMAND
from tools.feedback.data import ReportData
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.quotes import Quote, with_quotes
from tools.feedback.statuses import answer_of, meaning


def on(day: str) -> dt.date:
    return dt.date.fromisoformat(day)


ACCOUNTS = [
    account("calm", name="Calm"),
    account("near", name="Near", arr=300_000, renewal_date=AS_OF + dt.timedelta(days=60), notice_days=30),
    account("cross", name="Cross", arr=200_000),
    account("gone", name="Gone", arr=0, lifecycle="churned"),
    account("lapsed", name="Lapsed", arr=50_000, renewal_date=days_before(10), auto_renew=False),
]
CONTACTS = [contact("nina", "near"), contact("carl", "cross")]
FACTS: dict[str, Any] = {
    "contacts": CONTACTS,
    "nps": [
        response("n1", 3, "cross", days_ago=30, contact_id="carl"),
        response("n2", 9, "cross", days_ago=90, contact_id="carl"),
        response("n3", 2, "calm", days_ago=40, contact_id="c"),
        response("n4", 8, "calm", days_ago=4, contact_id="c"),  # the latest of a contact counts
        response("n5", 0, "calm", days_ago=200),  # too long ago
    ],
    "signals": [signal("s1", "competitor", "cross", days_ago=50), signal("s2", "budget_cut", "calm", days_ago=181)],
}

APRIL = (
    item("a1", created_on=on("2026-04-03"), status="Planned", account_ids=("calm",)),
    item("a2", created_on=on("2026-04-10"), status="declined"),
    item("a3", created_on=on("2026-04-20"), account_ids=("near",)),
    item("a4", created_on=on("2026-04-21"), status="duplicate"),
    item("a5", created_on=on("2026-04-30"), status="who knows"),
    item("a6", created_on=on("2026-04-30"), shipped_on=on("2026-05-12"), status="planned"),
)
OTHERS = (
    item("m1", created_on=on("2026-05-01"), status="in progress", category="bug", reach=7),
    item("m2", created_on=on("2026-05-31"), category="bug", reach=None, account_ids=("calm", "near", "cross")),
    item("m3", created_on=on("2026-05-31"), category="bug", reach=900, impact=None),
    item("m4", created_on=on("2026-05-31"), category="bug", reach=20),
    item("j1", created_on=on("2026-06-02"), reach=10_000),  # after the month
    item("f1", created_on=on("2026-03-15"), status="backlog", category="ux"),
    item("w1", created_on=on("2026-02-06"), category="performance"),
    item("u1", category="documentation"),
)


def run(
    *items: FeedbackItem,
    voices: tuple[Voice, ...] = (),
    history: dict[str, tuple[StatusOn, ...]] | None = None,
    as_of: dt.date = AS_OF,
    **args: Any,
) -> Outcome:
    ctx = Context(
        turn_id="turn_0123456789abcdef",
        now=NOW,
        as_of=as_of,
        version=1,
        timezone=ZoneInfo("UTC"),
        currency="USD",
        audience="internal",
        parameters=PARAMETERS,
        feedback=FeedbackBook(
            items,
            {a.id: a.name for a in ACCOUNTS},
            {a.id: a.arr for a in ACCOUNTS if a.arr is not None},
            {a.id: "USD" for a in ACCOUNTS},
            history=history or {},
            newest=items,
        ),
        portfolio=portfolio(ACCOUNTS, as_of=as_of, **FACTS),
        voices=voices,
        typed=True,
    )
    return COMMAND.run(ctx, COMMAND.args(action="report", **args))


def data(outcome: Outcome) -> ReportData:
    assert isinstance(outcome.report.data, ReportData)
    return outcome.report.data


def told(outcome: Outcome) -> str:
    return to_markdown(outcome.report.blocks, outcome.report.figures)


@pytest.fixture(scope="module")
def may() -> Outcome:
    return run(*APRIL, *OTHERS)


def test_it_opens_with_what_became_of_the_month_before(may: Outcome) -> None:
    assert data(may).month == "2026-05"
    answers = {a.id: (a.answer, a.since, a.days_waiting) for a in data(may).answers}
    assert answers == {
        "a1": ("planned", None, None),
        "a2": ("declined", None, None),
        "a3": ("waiting", None, 67),  # 20 April to 26 June
        "a4": ("duplicate", None, None),
        "a5": ("unknown", None, None),
        "a6": ("shipped", on("2026-05-12"), None),
    }
    verdict = may.report.blocks[0]
    assert isinstance(verdict, Verdict)
    counted = "1 no answer yet, 1 planned, 1 shipped, 1 declined, 1 a duplicate, 1 status unknown"
    assert verdict.lines[0] == (f"Of the 6 submitted in 2026-04: {counted}.",)
    draft = next(block for block in may.report.blocks if isinstance(block, Draft))
    assert draft.audience == "internal"
    assert draft.fields[0].label == "What became of 2026-04"
    assert "Title a3 (a3): no answer yet for 67 days" in told(may)


def test_the_acceptance_rate_counts_known_answers_alone(may: Outcome) -> None:
    """April: planned and shipped of planned, declined, waiting, shipped: 2 of 4. May: in progress of four bugs."""
    rates = {r.month: (r.adopted, r.counted, r.unknown, r.rate) for r in data(may).rates}
    assert rates == {
        "2026-04": (2, 4, 1, 50.0),
        "2026-05": (1, 4, 0, 25.0),
        "2026-03..2026-05": (4, 9, 1, pytest.approx(400 / 9)),  # and f1 of March
    }
    figures = {figure.key: figure for figure in may.report.figures}
    rate = figures["feedback.acceptance_rate.2026-04"]
    assert (rate.value, rate.unit) == (50, "%")
    assert [e.id for e in rate.evidence] == ["a1", "a2", "a3", "a6"]
    assert figures["feedback.adopted.2026-04"].value == 2
    assert "A status that is not known is not counted in the rate: a5 (“who knows”)." in told(may)


def test_the_top_requests_are_the_open_ones_by_rice() -> None:
    many = [item(f"r{n}", reach=100 - n, created_on=on("2026-05-02")) for n in range(7)]
    outcome = run(*many, item("x", effort_weeks=None, created_on=on("2026-05-02")), *APRIL)
    assert [r.id for r in data(outcome).requests] == ["r0", "r1", "r2", "r3", "r4"]
    assert "Title r0 (RICE 200, customers linked: 0)" in told(outcome)
    assert "Not ranked for want of an input: 1." in told(outcome)


def test_the_top_bugs_go_by_customers_affected(may: Outcome) -> None:
    """By reach, else by linked accounts: 900, 20, 7 before 3."""
    assert [(b.id, b.affected, b.customers) for b in data(may).bugs] == [("m3", 900, 0), ("m4", 20, 0), ("m1", 7, 0)]
    figures = {figure.key: figure.value for figure in may.report.figures}
    assert figures["feedback.m3.reach"] == 900
    assert "feedback.m3.rice" not in figures  # it has no impact


def test_others_in_short_and_the_longest_wait(may: Outcome) -> None:
    assert data(may).others == {"ux": ("f1",), "documentation": ("u1",), "performance": ("w1",)}
    assert "the longest for 140 days: Title w1 (w1)." in told(may)  # 6 February to 26 June
    assert "Of no month, for want of a day of creation: u1." in told(may)


def test_status_changes_are_told_from_what_was_recorded() -> None:
    items = (
        item("c1", created_on=on("2026-01-01"), status="planned"),
        item("c2", created_on=on("2026-01-01"), status="planned"),
        item("c3", created_on=on("2026-01-01"), status="planned"),
        item("c4", created_on=on("2026-01-01"), status="planned"),
    )
    history = {
        "c1": (
            StatusOn(on("2026-02-01"), "new"),
            StatusOn(on("2026-05-03"), "on roadmap"),
            StatusOn(on("2026-06-01"), "planned"),
        ),
        "c2": (StatusOn(on("2026-05-03"), "planned"),),  # first recorded: no change
        "c3": (StatusOn(on("2026-02-01"), "new"), StatusOn(on("2026-04-30"), "planned")),  # before the month
        "c4": (StatusOn(on("2026-02-01"), "scheduled"), StatusOn(on("2026-05-03"), "planned")),  # the same meaning
    }
    found = data(run(*items, history=history))
    assert [(c.id, c.answer, c.since) for c in found.changed] == [("c1", "planned", on("2026-05-03"))]


def test_customers_at_risk_with_their_words_and_what_to_do() -> None:
    kept = with_quotes(None, [Quote("We leave without webhooks", "cross", "carl", "ticket", "t1", on("2026-05-05"))])
    items = (
        item("web", title="Webhooks for refunds", account_ids=("calm", "near", "cross"), quote=kept, status="planned"),
        item("sso", title="SSO", account_ids=("gone",), workaround="Passwords"),
        item("map", title="Map of depots", account_ids=("near", "lapsed"), quote="No map, no deal", contact_id="nina"),
        item("old", title="Shipped already", account_ids=("near",), status="shipped"),
    )
    said = voice("Please add webhooks for refunds!", voice_id="t7", account_id="near")
    outcome = run(*items, voices=(said,))
    risks = {(r.account, r.item): r for r in data(outcome).risks}
    assert set(risks) == {("near", "web"), ("cross", "web"), ("gone", "sso"), ("near", "map"), ("lapsed", "map")}
    assert risks["cross", "web"].reasons == ("NPS score 3 on 2026-05-27", "competitor signal on 2026-05-07")
    assert risks["cross", "web"].words == "We leave without webhooks"
    assert risks["near", "web"].reasons == ("decides by 2026-07-26",)
    assert risks["near", "web"].words == "Please add webhooks for refunds!"
    assert risks["near", "map"].words == "No map, no deal"
    assert risks["lapsed", "map"].words is None  # it was nina of Near who said it
    assert risks["lapsed", "map"].reasons == ("contract lapsed on 2026-06-16",)
    assert risks["gone", "sso"].action == PARAMETERS.report.churned_action
    assert risks["near", "web"].action == PARAMETERS.report.actions.planned
    assert next(r.account for r in data(outcome).risks) == "cross"  # most reasons first
    assert "says “We leave without webhooks”: Webhooks for refunds." in told(outcome)
    assert "/health has the churn level" in told(outcome)


def test_words_that_are_the_items_title_are_told_once() -> None:
    asked = item(
        "map", title="A map of routes", account_ids=("near",), quote="A map of routes!", created_on=on("2026-05-03")
    )
    assert "says “A map of routes!”. →" in told(run(asked))


def test_a_month_with_nothing_in_it_still_says_how_things_stand() -> None:
    outcome = run(*APRIL, month="2026-02")
    assert data(outcome).answers == ()
    assert "Nothing to report for 2026-02" in told(outcome)
    outcome = run(*APRIL, item("r", created_on=on("2026-01-02")), month="2026-04")
    assert "No item was submitted in 2026-03." in told(outcome)
    assert "Acceptance rate of 2026-03: unknown" in told(outcome)
    assert "Statuses are as of 2026-06-26; as_of=2026-04-30 gives them as they were then." in told(outcome)


def test_no_items_at_all() -> None:
    outcome = run()
    assert "no feedback item is recorded" in told(outcome)
    assert not any(isinstance(block, Draft) for block in outcome.report.blocks)


def test_a_month_that_has_not_ended_says_so() -> None:
    assert "2026-06 has not ended; this is as of 2026-06-26." in told(run(*APRIL, title="this month"))


@pytest.mark.parametrize("args", [{"account": "calm"}, {"category": "bug"}, {"since": "2026-01-01"}])
def test_it_takes_no_filters(args: dict[str, Any]) -> None:
    with pytest.raises(InvalidArguments, match="/feedback report does not take these"):
        run(*APRIL, **args)


@pytest.mark.parametrize(
    ("status", "means"),
    [
        (None, "waiting"),
        ("", "waiting"),
        ("Under Review", "waiting"),
        ("in-progress", "in_progress"),
        ("Won’t do", "declined"),
        ("Released", "shipped"),
        ("merged", "duplicate"),
        ("someday", "unknown"),
    ],
)
def test_what_a_status_means(status: str | None, means: str) -> None:
    assert meaning(status, PARAMETERS) == means


def test_what_shipped_by_the_day_is_shipped_whatever_its_status() -> None:
    shipped = item("f", status="declined", shipped_on=AS_OF)
    assert answer_of(shipped, AS_OF, PARAMETERS) == "shipped"
    assert answer_of(shipped, days_before(1), PARAMETERS) == "declined"


@pytest.mark.parametrize("change", [{"waiting": ["new", "planned"]}, {"shipped": ["shipped", "new"]}])
def test_a_status_that_means_two_things_is_refused(change: dict[str, list[str]]) -> None:
    raw = PARAMETERS.model_dump(mode="json")
    with pytest.raises(ValueError, match="a status means one thing"):
        FeedbackParameters.model_validate(raw | {"statuses": raw["statuses"] | change})
