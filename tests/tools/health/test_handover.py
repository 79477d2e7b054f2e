"""/health handover: history, risks, people and the first 30 days, for a new owner."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from app.domain import records
from app.domain.blocks import Checklist, Timeline, Verdict
from app.domain.command import OnDay, Report
from app.domain.problems import InvalidArguments
from app.domain.windows import add_working_days
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
    features_used,
    goal,
    response,
    signal,
    ticket,
    touchpoint,
)
from tests.tools.health.conftest import PARAMETERS, context
from tools.health import COMMAND, HealthArgs
from tools.health.history_data import HealthHandover

JANE = contact("jane", name="Jane Doe", role="VP", stakeholder="exec_sponsor", is_champion=True)


def handover(
    one: records.Account | None = None, earlier: dict[int, Any] | None = None, **facts: Any
) -> tuple[HealthHandover, Report]:
    """The handover on AS_OF; `earlier` gives the facts of so many days before."""
    days: dict[Any, OnDay] = {
        before: OnDay(
            days_before(before), PARAMETERS, account_snapshot(one or account(), as_of=days_before(before), **then)
        )
        for before, then in (earlier or {}).items()
    }
    ctx = replace(context(one=account_snapshot(one or account(), **facts)), days=days)
    report = COMMAND.run(ctx, HealthArgs(account="acme", action="handover")).report
    assert isinstance(report.data, HealthHandover)
    return report.data, report


def words(report: Report, width: int = 240) -> str:
    return " ".join(to_text(report.blocks, report.figures, width).split())


def test_an_account_of_which_nothing_is_known_is_handed_over_all_the_same() -> None:
    covered = dict.fromkeys(("usage", "feature_usage", "tickets", "nps", "touchpoints", "signals"))
    data, report = handover(records.Account(id="acme", name="Acme"), covered=covered)
    shown = words(report)
    assert "Handover of Acme: health unknown" in shown
    assert "Nothing dated is on record." in shown
    assert "No contact is on record." in shown
    assert "No promise is on record." in shown  # not that there is none
    assert "open tickets unknown" in shown
    assert data.missing
    assert [question.key for question in data.ask_old_owner] == [
        "last_contact", "decider", "champion", "renewal", "goals", "unwritten", "sore_points",
    ]  # fmt: skip


def test_the_first_30_days_are_dated_in_working_days_and_belong_to_the_new_owner() -> None:
    """AS_OF is a Friday: one working day on is Monday, five are the Friday after."""
    data, report = handover(contacts=[JANE], goals=[goal("g", "on_track")])
    due = {task.key: task.due for task in data.first_days}
    assert due["read_up"] == AS_OF + dt.timedelta(days=3)
    assert due["introduction"] == AS_OF + dt.timedelta(days=7)
    assert due["health_check"] == add_working_days(AS_OF, 20)
    assert all(due_day <= AS_OF + dt.timedelta(days=30) for due_day in due.values())
    assert list(due.values()) == sorted(due.values())
    checklist = next(block for block in report.blocks if isinstance(block, Checklist))
    assert {task.owner for task in checklist.items} == {"new owner"}


@pytest.mark.parametrize(
    ("key", "facts"),
    [
        ("promises", {"commitments": [records.Commitment(id="p", account_id="acme", by="us", what="Call")]}),
        ("open_issues", {"tickets": [ticket("t")]}),
        ("integrations", {"integrations": [records.Integration(account_id="acme", kind="webhook")]}),
        ("goals", {"goals": [goal("g", None)]}),
    ],
)
def test_a_step_is_there_only_where_there_is_a_reason(key: str, facts: dict[str, Any]) -> None:
    settled: dict[str, Any] = {"contacts": [JANE, contact("bob", name="Bob", is_champion=True)]}
    without, _ = handover(**settled, goals=[goal("g", "on_track")])
    with_it, report = handover(**settled, **({"goals": [goal("g", "on_track")]} | facts))
    assert key not in {task.key for task in without.first_days}
    assert key in {task.key for task in with_it.first_days}
    assert all(task.because for task in with_it.first_days)
    assert to_text(report.blocks, report.figures)


@pytest.mark.parametrize(
    ("fields", "called_for"),
    [
        ({"renewal_date": AS_OF + dt.timedelta(days=120), "notice_days": 30}, True),  # decided in 90 days
        ({"renewal_date": AS_OF + dt.timedelta(days=121), "notice_days": 30}, False),
        ({"renewal_date": None}, True),
        ({"renewal_date": days_before(10)}, True),  # lapsed
        ({"renewal_date": None, "lifecycle": "churned"}, False),
    ],
)
def test_a_renewal_that_is_near_or_unknown_is_for_the_first_days(fields: dict[str, Any], called_for: bool) -> None:
    data, _ = handover(account(**fields), contacts=[JANE])
    assert ("renewal" in {task.key for task in data.first_days}) is called_for


def test_one_champion_alone_is_a_risk() -> None:
    data, report = handover(contacts=[JANE])
    assert data.single_champion
    assert "Only one champion all hangs on Jane Doe" in words(report)
    data, report = handover(contacts=[JANE, contact("bob", name="Bob", is_champion=True)])
    assert not data.single_champion
    assert "Only one champion" not in words(report)
    data, report = handover(contacts=[contact("bob", name="Bob")])
    assert "No champion no contact who is still there is marked as champion" in words(report)
    assert "No decider known" in words(report)


def test_the_history_is_told_in_order_with_amounts() -> None:
    def moved(move_id: str, day: dt.date, kind: records.MovementKind, amount: float) -> records.ArrMovement:
        return records.ArrMovement(id=move_id, account_id="acme", date=day, kind=kind, amount=amount)

    data, report = handover(
        account(contract_start=days_before(400)),
        arr_movements=[
            moved("m1", days_before(400), "new", 80_000),
            moved("m2", days_before(100), "expansion", 30_000),
            moved("m3", days_before(20), "downgrade", 10_000),
            moved("m4", AS_OF + dt.timedelta(days=1), "churn", 100_000),
        ],
        contacts=[JANE, contact("bob", name="Bob", is_champion=True, left_on=days_before(50))],
        touchpoints=[touchpoint("q", "qbr", days_ago=60), touchpoint("e", "email", days_ago=5)],
        goals=[goal("g", "achieved", status_on=days_before(30))],
        tickets=[ticket("t1", days_ago=70, severity="SEV1", hours=2), ticket("t2", days_ago=40, severity="SEV4")],
        signals=[signal("s", "advocacy", days_ago=10)],
        nps=[response("n", 9, days_ago=3)],
    )
    assert [(event.on, event.kind) for event in data.events] == [
        (days_before(400), "contract"),
        (days_before(400), "arr"),
        (days_before(100), "arr"),
        (days_before(70), "ticket"),
        (days_before(60), "meeting"),
        (days_before(50), "person"),
        (days_before(30), "goal"),
        (days_before(20), "arr"),
        (days_before(10), "signal"),
    ]
    shown = words(report)
    assert "Expansion: USD 30,000" in shown
    assert "Downgrade: USD 10,000" in shown
    assert "Churn" not in shown.split("History")[1].split("Account")[0]
    line = next(block for block in report.blocks if isinstance(block, Timeline))
    assert [item.tone for item in line.items][3:6] == ["bad", "neutral", "bad"]


def test_a_tier_that_changed_is_in_the_history() -> None:
    """Green with all it takes 60 days ago; 30 days ago and now hardly anything is known."""
    healthy: dict[str, Any] = {
        "usage": daily_usage(ends=days_before(60), active_users=30, api_calls=1000, distinct=40),
        "feature_usage": features_used(number=8, day=days_before(60)),
        "touchpoints": [touchpoint("q", "qbr", days_ago=61), touchpoint("a", "champion_action", days_ago=61)],
        "contacts": [JANE],
        "nps": [response("n", 10, days_ago=61), response("m", 10, days_ago=61)],
        "goals": [goal("g", "achieved")],
    }
    covered = dict.fromkeys(("usage", "feature_usage", "nps", "touchpoints"))
    data, report = handover(contacts=[JANE], covered=covered, earlier={60: healthy, 30: {"covered": covered}})
    (change,) = [event for event in data.events if event.kind == "tier"]
    assert change.on == days_before(30)
    assert "Health green → unknown" in words(report)
    assert f"some day after {days_before(60)}" in words(report)
    keys = [figure.key for figure in report.figures]
    assert f"health.score.on_{days_before(60)}" in keys
    assert len(keys) == len(set(keys))


def test_days_before_the_contract_are_no_change() -> None:
    """An account that began 20 days ago was no customer 30 days ago, and its tier then is none."""
    data, _ = handover(account(contract_start=days_before(20), lifecycle=None), earlier={30: {}, 60: {}})
    assert not [event for event in data.events if event.kind == "tier"]


def test_what_the_old_owner_promised_is_asked_for() -> None:
    data, _ = handover(
        contacts=[JANE],
        commitments=[
            records.Commitment(id="late", account_id="acme", by="us", what="Send the report", due=days_before(3)),
            records.Commitment(id="whose", account_id="acme", what="Name an admin"),
            records.Commitment(id="fine", account_id="acme", by="us", what="Call", due=AS_OF),
        ],
    )
    assert [q.key for q in data.ask_old_owner if q.key.startswith("promise")] == ["promise.whose", "promise.late"]


def test_an_answer_is_a_verdict_first_and_fits_every_channel() -> None:
    _, report = handover(
        account(name="[x](http://evil.example) <b>"),
        contacts=[contact(f"c{i}", name=f"<i>{i}</i>") for i in range(100)],
        tickets=[ticket(f"t{i}", days_ago=i, severity="SEV1") for i in range(100)],
        commitments=[records.Commitment(id=f"p{i}", account_id="acme", what="w" * 3000) for i in range(3)],
    )
    first = report.blocks[0]
    assert isinstance(first, Verdict)
    assert len(first.lines) <= 11
    shown = to_text(report.blocks, report.figures)
    assert "Not shown: 90 more." in shown
    assert "Not shown: 81 earlier events." in shown  # 100 tickets and the contract's start, less 20
    assert max(map(len, to_markdown(report.blocks, report.figures).splitlines())) < 5_000
    assert to_messages(report.blocks, report.figures, "/health acme handover")


def test_a_handover_needs_its_account() -> None:
    with pytest.raises(InvalidArguments) as missing:
        COMMAND.needs(HealthArgs(action="handover"))
    assert missing.value.extra["missing"] == ["account"]
