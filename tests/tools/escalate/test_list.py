"""/escalate list: what is open, what is due, in which order; and the clocks behind it."""

import dataclasses
import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.blocks import Verdict
from app.domain.command import Outcome
from app.domain.records import Escalation, EscalationUpdate, Severity
from app.render.text import to_text
from tests.tools.escalate.conftest import NOW, PARAMETERS, Desk, abc_corp, told
from tools.escalate import COMMAND
from tools.escalate.clocks import clocks, next_update
from tools.escalate.data import ListData

BUG = "500 Internal Server Error on GET /v1/orders, kind: bug"


def listed(outcome: Outcome) -> ListData:
    assert isinstance(outcome.report.data, ListData)
    return outcome.report.data


def verdict(outcome: Outcome) -> str:
    block = outcome.report.blocks[0]
    assert isinstance(block, Verdict)
    return to_text((block,), outcome.report.figures, 1_000)


def escalation(severity: Severity | None = "SEV1", **fields: object) -> Escalation:
    given: dict[str, object] = {"id": "esc-1", "account_id": "abc", "opened_at": NOW, "title": "Down"}
    return Escalation.model_validate({**given, "severity": severity, **fields})


@pytest.mark.parametrize(
    ("severity", "last", "zone", "due"),
    [
        ("SEV1", "2026-06-26T14:30:00+00:00", "UTC", "2026-06-26T15:00:00+00:00"),
        ("SEV1", "2026-06-27T23:50:00+00:00", "UTC", "2026-06-28T00:20:00+00:00"),  # nights and weekends too
        ("SEV2", "2026-06-25T14:30:00+00:00", "UTC", "2026-06-26T14:30:00+00:00"),  # Thursday to Friday
        ("SEV2", "2026-06-26T14:30:00+00:00", "UTC", "2026-06-29T14:30:00+00:00"),  # Friday to Monday
        ("SEV2", "2026-06-27T09:00:00+00:00", "UTC", "2026-06-29T09:00:00+00:00"),  # Saturday counts from Friday
        ("SEV3", "2026-06-26T14:30:00+00:00", "UTC", "2026-06-30T14:30:00+00:00"),
        ("SEV4", "2026-06-26T14:30:00+00:00", "UTC", "2026-07-03T14:30:00+00:00"),
        # The clocks go forward on Sunday 29 March 2026: the same time of day, 23 hours less than three days later.
        ("SEV2", "2026-03-27T09:00:00+01:00", "Europe/Berlin", "2026-03-30T09:00:00+02:00"),
        # And back on Sunday 25 October: 30 minutes are 30 minutes, though 02:45 comes twice.
        ("SEV1", "2026-10-25T02:45:00+02:00", "Europe/Berlin", "2026-10-25T02:15:00+01:00"),
    ],
)
def test_when_the_next_update_is_due(severity: Severity, last: str, zone: str, due: str) -> None:
    at = dt.datetime.fromisoformat(last).astimezone(ZoneInfo(zone))
    found = next_update(at.astimezone(dt.UTC), severity, at, PARAMETERS)
    assert found.astimezone(dt.UTC) == dt.datetime.fromisoformat(due).astimezone(dt.UTC)


def test_without_a_severity_the_policys_counts() -> None:
    desk = Desk()
    desk.open("POST /v1/x answers 503")
    (line,) = listed(desk.ask(action="list")).escalations
    assert line.severity is None
    assert line.next_update_due == dt.datetime(2026, 6, 30, 14, 30, tzinfo=dt.UTC)  # SEV3: two working days


def test_ages_and_clocks_run_with_time() -> None:
    desk = Desk()
    name = desk.open()
    desk.wait(minutes=29)
    fresh = listed(desk.ask(action="list"))
    assert (fresh.open, fresh.updates_overdue) == (1, 0)
    desk.wait(minutes=61)
    late = desk.ask(action="list")
    assert listed(late).updates_overdue == 1
    assert listed(late).escalations[0].age_hours == 1.5
    assert f"1 update overdue: {name} (ABC Corp, SEV1), due 2026-06-26 15:00 UTC." in verdict(late)
    assert f"Next: /escalate update {name} …" in verdict(late)
    desk.ask(action="update", text=f"{name} engineering works on it")
    assert listed(desk.ask(action="list")).updates_overdue == 0


@pytest.mark.parametrize(
    ("hours", "told_as", "value"), [(47, "47 hours", 47), (48, "2 days", 2), (1_000.5, "41.7 days", 1_000.5 / 24)]
)
def test_an_age_is_told_in_days_from_two_days_on(hours: float, told_as: str, value: float) -> None:
    desk = Desk()
    name = desk.open()
    desk.wait(hours=hours)
    outcome = desk.ask(action="list")
    assert told_as in told(outcome)
    (age,) = (figure for figure in outcome.report.figures if figure.key == f"escalation.{name}.age")
    assert age.value == pytest.approx(value)
    assert age.unit == told_as.split()[1]
    assert f"age {told_as}" in told(desk.ask(action="update", text=f"{name} engineering works on it"))


def test_overdue_ones_come_first_then_what_is_due_next() -> None:
    desk = Desk()
    later = desk.open("POST /v1/b answers 503, SEV2", account="beta")
    first = desk.open("POST /v1/a answers 503, SEV1")
    fixed = desk.open("POST /v1/c answers 503, SEV1")
    desk.ask(action="resolve", text=f"{fixed} pool enlarged")
    desk.wait(hours=1)
    assert [line.id for line in listed(desk.ask(action="list")).escalations] == [first, later, fixed]


def test_by_owner_by_account_and_those_that_are_closed() -> None:
    desk = Desk()
    mine = desk.open("POST /v1/a answers 503, SEV1", by="Sofia Lindqvist")
    theirs = desk.open("POST /v1/b answers 503, SEV1", account="beta", owner="Marcus Bell")

    def ids(**filters: Any) -> list[str]:
        return [line.id for line in listed(desk.ask(action="list", **filters)).escalations]

    assert ids(owner="marcus") == [theirs]
    assert ids(account="abc") == [mine]
    assert ids(account="abc", owner="marcus") == []
    desk.ask(action="resolve", text=f"{mine} pool enlarged")
    desk.ask(action="close", text=f"{mine} verified: 200 again")
    assert ids() == [theirs]
    assert ids(status="all") == [theirs, mine]


def test_with_nothing_open_it_says_so() -> None:
    outcome = Desk().ask(action="list")
    assert "No escalation is open" in verdict(outcome)
    assert listed(outcome).escalations == ()


def test_what_is_at_stake_stands_beside_each() -> None:
    desk = Desk(abc_corp(arr=None, renewal_date=None))
    desk.open()
    shown = told(desk.ask(action="list"))
    assert "unknown" in shown  # no ARR, no renewal date: unknown, not zero
    desk = Desk()
    desk.open()
    shown = told(desk.ask(action="list"))
    assert "USD 500,000" in shown
    assert "2026-08-25" in shown


def test_a_day_that_is_over_is_told_as_it_stood_at_its_end() -> None:
    opened = dt.datetime(2026, 6, 25, 12, tzinfo=dt.UTC)
    found = clocks(escalation(opened_at=opened), (), dt.datetime(2026, 6, 26, tzinfo=ZoneInfo("UTC")), PARAMETERS)
    assert found.age_hours == 12
    assert found.update_overdue


def checks(resolved: dt.datetime, at: dt.datetime, *records: dt.datetime, closed: bool = False) -> list[str]:
    one = escalation(resolved_at=resolved, closed_at=resolved if closed else None)
    updates = tuple(
        EscalationUpdate(id=f"u{i}", account_id="abc", escalation_id="esc-1", at=each, kind="check", text="ok")
        for i, each in enumerate(records)
    )
    return [check.state for check in clocks(one, updates, at.astimezone(ZoneInfo("UTC")), PARAMETERS).checks]


@pytest.mark.parametrize(
    ("after", "recorded", "closed", "states"),
    [
        (0, (), False, ["due", "upcoming", "upcoming"]),
        (2, (), False, ["overdue", "upcoming", "upcoming"]),
        (2, (1,), False, ["done", "upcoming", "upcoming"]),
        (21, (1,), False, ["done", "due", "upcoming"]),
        (30, (1, 2, 3), False, ["done", "overdue", "upcoming"]),  # three checks in three hours are no day's
        (30, (1, 20.5), False, ["done", "done", "upcoming"]),  # a little early counts
        (170, (1,), False, ["done", "overdue", "due"]),
        (170, (169,), False, ["done", "done", "done"]),  # late is done too
        (200, (1, 24), True, ["done", "done", "overdue"]),  # closing takes no check away
        (168 + 24 + 14 * 24 + 1, (1, 24), True, ["done", "done", "lapsed"]),
        (168 + 24 + 14 * 24 + 1, (1, 24), False, ["done", "done", "overdue"]),
    ],
)
def test_which_checks_are_due_after_the_fix(
    after: float, recorded: tuple[float, ...], closed: bool, states: list[str]
) -> None:
    at = [NOW + dt.timedelta(hours=hours) for hours in (after, *recorded)]
    assert checks(NOW, at[0], *at[1:], closed=closed) == states


def test_checks_of_closed_ones_are_still_listed() -> None:
    desk = Desk()
    name = desk.open()
    desk.ask(action="resolve", text=f"{name} pool enlarged")
    desk.ask(action="close", text=f"{name} verified: 200 again")
    desk.wait(hours=25)
    outcome = desk.ask(action="list")
    assert listed(outcome).escalations == ()
    assert listed(outcome).checks_due == 1
    assert "the error rate has dropped and stays down" in told(outcome)


@given(
    st.integers(0, 730 * 24 * 60).map(lambda minutes: NOW + dt.timedelta(minutes=minutes)),
    st.sampled_from(["SEV1", "SEV2", "SEV3", "SEV4", None]),
    st.floats(0, 5_000),
    st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe"]),
)
def test_clocks_never_run_backwards(opened: dt.datetime, severity: Severity | None, hours: float, zone: str) -> None:
    at = (opened + dt.timedelta(hours=hours)).astimezone(ZoneInfo(zone))
    found = clocks(escalation(severity, opened_at=opened), (), at, PARAMETERS)
    assert found.age_hours == pytest.approx(hours, abs=1e-6)
    assert found.next_update_due is not None
    assert found.next_update_due > opened
    assert found.checks == ()


def test_counts_mean_the_same_whatever_is_listed() -> None:
    desk = Desk()
    name = desk.open()
    desk.ask(action="resolve", text=f"{name} fixed")
    desk.ask(action="close", text=f"{name} verified: 200 again")
    counts = [
        {figure.key: figure.value for figure in desk.ask(action="list", status=status).report.figures}
        for status in ("open", "all")
    ]
    assert [each["escalations.closed"] for each in counts] == [1, 1]


def test_what_is_closed_without_a_fix_waits_for_no_update() -> None:
    found = clocks(escalation(closed_at=NOW), (), NOW + dt.timedelta(days=1), PARAMETERS)
    assert (found.next_update_due, found.update_overdue) == (None, False)


def test_an_account_without_any_is_called_by_its_name() -> None:
    assert "No escalation of ABC Corp is open" in verdict(Desk().ask(action="list", account="abc"))


def test_a_list_of_a_day_that_is_over_asks_for_nothing() -> None:
    desk = Desk()
    desk.open()
    args = COMMAND.args(action="list")
    ctx = desk.context(args)
    later = dataclasses.replace(ctx, now=ctx.now + dt.timedelta(days=3))
    shown = told(COMMAND.run(later, args))
    assert "overdue" in shown
    assert "As it stood at the end of" in shown
    assert "Next:" not in shown
