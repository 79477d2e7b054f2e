"""/health brief: what changed since the last contact, what is open on both sides, and what to ask."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from app.domain import records
from app.domain.blocks import Block, Heading, Verdict
from app.domain.command import OnDay, Report
from app.domain.problems import InvalidArguments
from app.domain.snapshot import AccountSnapshot, EscalationBook, FeedbackBook
from app.render.markdown import to_markdown
from app.render.slack import to_messages
from app.render.text import to_text
from tests.snapshots import (
    AS_OF,
    account,
    account_snapshot,
    contact,
    daily_usage,
    days_before,
    goal,
    noon,
    response,
    signal,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import PARAMETERS, context
from tools.health import COMMAND, HealthArgs
from tools.health.history_data import HealthBrief

CONTACT_DAY = days_before(20)
ARGS = HealthArgs(account="acme", action="brief")


def _day_of(record: records.Record) -> dt.date:
    """The day that dates a fact; state has none and is always there."""
    match record:
        case records.Touchpoint() | records.Signal():
            return record.date
        case records.Ticket() | records.Escalation():
            return record.opened_at.date()
        case records.NpsResponse():
            return record.responded_at.date()
        case _:
            return dt.date.min


def tables(
    one: records.Account | None = None, as_of: dt.date = AS_OF, covered: Any = None, **facts: Any
) -> AccountSnapshot:
    """A snapshot as of a day: what is dated later is left out, as the store does."""
    kept = {name: [row for row in rows if _day_of(row) <= as_of] for name, rows in facts.items()}
    return account_snapshot(one or account(), as_of=as_of, covered=covered, **kept)


def brief(
    one: records.Account | None = None,
    *,
    then: dt.date | None = CONTACT_DAY,
    feedback: FeedbackBook | None = None,
    book: EscalationBook | None = None,
    **facts: Any,
) -> tuple[HealthBrief, Report]:
    """The brief of AS_OF, compared with `then`: the day of the last contact, where the facts hold one."""
    now = tables(one, **facts)
    days: dict[Any, OnDay] = {}
    if then is not None:
        talked = any(t.date == then for t in now.touchpoints)
        days["last_contact" if talked else 30] = OnDay(then, PARAMETERS, tables(one, then, **facts))
    ctx = replace(context(one=now), days=days, feedback=feedback, escalations=book)
    report = COMMAND.run(ctx, ARGS).report
    assert isinstance(report.data, HealthBrief)
    return report.data, report


def words(report: Report, width: int = 200) -> str:
    return " ".join(to_text(report.blocks, report.figures, width).split())


def headings(report: Report) -> list[str]:
    return [str(block.text[0]) for block in report.blocks if isinstance(block, Heading)]


CALL = touchpoint("call", "call", days_ago=20).model_copy(update={"contact_id": "jane"})
JANE = contact("jane", name="Jane Doe", role="VP", stakeholder="exec_sponsor", is_champion=True)


def test_an_account_of_which_nothing_is_known_has_a_brief_all_the_same() -> None:
    empty = records.Account(id="acme", name="Acme")
    data, report = brief(empty, then=None, covered=dict.fromkeys(
        ("usage", "feature_usage", "tickets", "nps", "touchpoints", "signals")
    ))  # fmt: skip
    shown = words(report)
    assert data.last_contact is None
    assert data.then is None
    assert len(data.questions) == 3
    assert "Last contact: none on record." in shown
    assert "No conversation is on record. Write one down with /health log after the call." in shown
    assert "No contact is on record: ask who will be there." in shown
    assert "open tickets unknown" in shown
    assert len({question.ask for question in data.questions}) == 3


def test_the_first_of_the_brief_is_a_verdict_of_twelve_lines_at_most() -> None:
    _, report = brief(contacts=[JANE], touchpoints=[CALL], usage=daily_usage(api_calls=10, active_users=3))
    first = report.blocks[0]
    assert isinstance(first, Verdict)
    assert len(first.lines) <= 11
    assert str(first.headline[0]).startswith("Acme: ")


def test_the_change_since_the_last_contact_has_its_numbers() -> None:
    """NPS alone is known of 15 points and, with tickets, 30 more: 9 before, then a 0 as well."""
    facts: dict[str, Any] = {
        "touchpoints": [CALL, touchpoint("q", "qbr", days_ago=25)],
        "contacts": [JANE],
        "nps": [response("n1", 9, days_ago=40), response("n2", 0, days_ago=5)],
        "goals": [goal("g", "achieved")],
        "usage": daily_usage(api_calls=1000, active_users=20, distinct=30),
    }
    data, report = brief(**facts)
    shown = words(report)
    assert data.last_contact is not None
    assert (data.last_contact.on, data.last_contact.kind) == (CONTACT_DAY, "call")
    assert data.then is not None
    assert data.then.on == CONTACT_DAY
    assert data.now.score is not None
    assert data.then.score is not None
    assert data.change == pytest.approx(data.now.score - data.then.score)
    # NPS: 15·(100·(1 − 0) ÷ 4 + 100) ÷ 150 = 12.5 before, 15·(0 ÷ 5 + 100) ÷ 150 = 10 now
    points = {f.key: f.value for f in report.figures if f.key.startswith("health.nps.points")}
    assert points == {
        "health.nps.points": pytest.approx(10),
        f"health.nps.points.on_{CONTACT_DAY}": pytest.approx(12.5),
    }
    assert f"Last contact: call with Jane Doe on {CONTACT_DAY} (20 days ago)." in shown
    assert f"since {CONTACT_DAY}" in shown
    assert "NPS 100" in shown
    assert "NPS answer 0" in shown
    assert "NPS answer 9" not in shown  # it was there before the call


def test_without_a_conversation_the_brief_says_so_and_takes_30_days() -> None:
    data, report = brief(then=days_before(30), touchpoints=[touchpoint("n", "note", None, days_ago=3)])
    assert data.last_contact is None
    assert data.then is not None
    assert data.then.on == days_before(30)
    assert f"changes are told since {days_before(30)}." in words(report)


def test_only_what_happened_after_the_last_contact_is_told_as_new() -> None:
    facts: dict[str, Any] = {
        "contacts": [JANE, contact("bob", name="Bob", is_champion=True, left_on=days_before(3))],
        "touchpoints": [CALL, touchpoint("miss", "health_check", "no_show", days_ago=2)],
        "tickets": [ticket("old", days_ago=20, hours=1), ticket("new", days_ago=19, severity="SEV1", subject="Down")],
        "signals": [signal("s", "competitor", days_ago=4)],
        "goals": [goal("g", "missed", status_on=days_before(1))],
    }
    data, report = brief(**facts)
    assert [(event.on, event.kind) for event in data.events] == [
        (days_before(19), "ticket"),
        (days_before(4), "signal"),
        (days_before(3), "person"),
        (days_before(2), "meeting"),
        (days_before(1), "goal"),
    ]
    shown = words(report)
    assert "Left since then: Bob" in shown
    assert "Ticket opened: new (SEV1): “Down”" in shown
    assert {change.key: change.now for change in data.indicators}["competitor"] == "triggered"


OURS = records.Commitment(id="p1", account_id="acme", by="us", what="Send the report", due=days_before(3))
THEIRS = records.Commitment(id="p2", account_id="acme", by="Jane Doe", what="Name an admin", due=days_before(-3))


def test_promises_of_both_sides_and_open_issues_are_told() -> None:
    """AS_OF is a Friday: three days before was a Tuesday, three days on is a Monday."""
    escalation = records.Escalation(
        id="E-1", account_id="acme", title="Timeouts", severity="SEV2", opened_at=noon(days_before(5))
    )
    told = records.EscalationUpdate(
        id="u", account_id="acme", escalation_id="E-1", at=noon(days_before(2)), kind="update"
    )
    data, report = brief(
        contacts=[JANE],
        touchpoints=[CALL],
        commitments=[OURS, THEIRS],
        tickets=[ticket("t1", days_ago=30), ticket("t2", days_ago=0, severity="SEV1"), ticket("t3", hours=1)],
        escalations=[escalation],
        book=EscalationBook(AS_OF, (escalation,), {"E-1": (told,)}, {}, {}),
    )
    shown = words(report)
    assert "Promises: ours: 1 open, 1 overdue; theirs: 1 open." in shown
    assert "Send the report us 2026-06-23 3 days overdue (3 working days)" in shown
    assert "Name an admin Jane Doe 2026-06-29 in 3 days (1 working day)" in shown
    assert "Open: 2 open tickets, SEV1: 1, 1 open escalation." in shown
    assert [(t.id, t.severity, t.age_days, t.late) for t in data.tickets] == [
        ("t2", "SEV1", 0, True),  # open for 12 hours at the day's end, its target is 8
        ("t1", "SEV3", 30, True),
    ]
    assert [(e.id, e.state, e.told_on) for e in data.escalations] == [("E-1", "open", days_before(2))]
    assert "what tides them over until the SEV1 is fixed" in data.settle


def test_a_promise_that_we_broke_comes_before_what_we_ask_of_them() -> None:
    theirs = THEIRS.model_copy(update={"due": days_before(5)})
    data, _ = brief(contacts=[JANE], touchpoints=[CALL], commitments=[OURS, theirs])
    assert data.questions[0].key == "overdue_promise"
    assert data.settle == "a new day for what we owe them, or that it is done"


def test_of_what_they_owe_us_they_are_asked() -> None:
    theirs = THEIRS.model_copy(update={"due": days_before(5)})
    data, _ = brief(contacts=[JANE], touchpoints=[CALL], commitments=[theirs])
    assert "What keeps “Name an admin”, and how can we help?" in [question.ask for question in data.questions]


def test_a_decision_that_is_near_is_settled_first() -> None:
    soon = account(renewal_date=AS_OF + dt.timedelta(days=45))  # 30 days of notice: the decision is in 15 days
    data, report = brief(soon, contacts=[JANE], touchpoints=[CALL])
    assert data.questions[0].key == "renewal"
    assert "Settle in this call: whether they renew" in words(report)
    assert "(the decision date is in 15 days)" in words(report)


def test_the_three_questions_are_of_different_matters_and_each_has_its_reason() -> None:
    """A missing fact, a risk and a goal nobody knows the state of."""
    data, report = brief(
        contacts=[JANE], touchpoints=[CALL], signals=[signal("s", "competitor")], goals=[goal("g", None)]
    )
    assert [question.key for question in data.questions] == ["product_gap", "success_plan", "goal.g"]
    shown = words(report)
    assert "“Goal g” stand, and what is missing for it?" in shown
    assert "the goal has no status" in shown
    assert all(question.because for question in data.questions)


def test_what_nobody_knows_is_asked_for_where_nothing_is_wrong() -> None:
    data, report = brief(contacts=[JANE], touchpoints=[CALL])
    assert data.questions[0].key == "dau"  # 20 points, the most of what is missing
    assert "it decides the tier" in words(report)


def test_what_they_asked_for_and_was_shipped_since_is_told() -> None:
    def item(item_id: str, shipped: dt.date, *accounts: str) -> records.FeedbackItem:
        return records.FeedbackItem(
            id=item_id, title=f"Feature {item_id}", category="feature_request", account_ids=accounts, shipped_on=shipped
        )

    items = (item("f1", days_before(2), "acme"), item("f2", days_before(2), "other"), item("f3", CONTACT_DAY, "acme"))
    book = FeedbackBook(items=items, account_names={}, account_arr={}, account_currency={})
    data, _ = brief(contacts=[JANE], touchpoints=[CALL], feedback=book)
    assert [event.what for event in data.events] == [("Shipped what they asked for: Feature f1",)]


def test_an_account_that_is_no_customer_yet_and_one_that_churned() -> None:
    _, report = brief(account(lifecycle=None, contract_start=AS_OF + dt.timedelta(days=9)), then=None)
    assert f"Acme: not a customer yet, contract starts {AS_OF + dt.timedelta(days=9)}" in words(report)
    _, report = brief(account(lifecycle="churned"), then=None)
    assert "Acme (churned)" in words(report)


HOSTILE = "</td>[x](http://evil.example) *b* <script>\n# h\x1b[31m " + "w" * 5000


def test_text_of_a_customer_is_data_and_long_text_is_cut() -> None:
    _, report = brief(
        account(name="[A](http://evil.example)"),
        contacts=[contact("jane", name=HOSTILE[:300], role="<b>", is_champion=True)],
        touchpoints=[CALL, touchpoint("c2", "call").model_copy(update={"text": HOSTILE})],
        tickets=[ticket("t", subject=HOSTILE)],
        goals=[records.Goal(id="g", account_id="acme", title=HOSTILE[:300])],
        commitments=[OURS.model_copy(update={"what": HOSTILE})],
        signals=[signal("s", "incident").model_copy(update={"text": HOSTILE})],
    )  # fmt: skip
    markdown = to_markdown(report.blocks, report.figures)
    assert not re.search(r"(?<!\\)\[[^\]]*\]\(|(?<!\\)<script", markdown)
    assert "\x1b" not in markdown
    assert len(markdown) < 12_000
    assert to_messages(report.blocks, report.figures, "/health acme brief")


def test_a_page_stays_one_page_however_much_there_is() -> None:
    many: dict[str, Any] = {
        "contacts": [contact(f"c{i}", name=f"C {i}") for i in range(200)],
        "touchpoints": [CALL, *(touchpoint(f"t{i}", "email", days_ago=i % 19) for i in range(300))],
        "tickets": [ticket(f"k{i}", days_ago=i % 19) for i in range(300)],
    }
    _, report = brief(**many)
    shown = to_text(report.blocks, report.figures)
    assert len(shown.splitlines()) < 90
    assert "Not shown: 295 more." in shown
    assert "earlier events since then." in shown


def test_every_key_means_one_thing_and_all_places_are_filled() -> None:
    _, report = brief(
        contacts=[JANE], touchpoints=[CALL], commitments=[OURS, THEIRS], tickets=[ticket("t")],
        usage=daily_usage(api_calls=100, active_users=5),
        goals=[goal("g", "on_track", baseline=10.0, target=20.0, current=15.0, value_amount=1000.0)],
    )  # fmt: skip
    keys = [(figure.key, figure.account_id) for figure in report.figures]
    assert len(keys) == len(set(keys))
    progress = next(figure for figure in report.figures if figure.key == "goal.g.progress")
    assert (progress.value, progress.unit) == (50.0, "%")
    assert {figure.as_of for figure in report.figures} == {AS_OF}


def test_a_brief_needs_its_account() -> None:
    with pytest.raises(InvalidArguments) as missing:
        COMMAND.needs(HealthArgs(action="brief"))
    assert missing.value.extra["missing"] == ["account"]
    with pytest.raises(InvalidArguments, match="Filters go with the portfolio"):
        COMMAND.needs(HealthArgs(action="brief", account="acme", tier="red"))


def test_blocks_that_fold_hide_nothing() -> None:
    _, report = brief(contacts=[JANE], touchpoints=[CALL])
    blocks: tuple[Block, ...] = report.blocks
    assert not any(isinstance(block, Heading) and block.folded for block in blocks)
    assert headings(report)[0] == "Ask"
