"""MTTR beside repeats, first responses, first contact, escalations, CSAT: numbers worked by hand."""

import datetime as dt
from typing import Any

import pytest

from app.domain.records import Escalation, Ticket
from tests.snapshots import account
from tests.tools.metrics.world import metric, of_period
from tools.metrics.data import MetricData


def ticket(ticket_id: str, opened: str, **fields: Any) -> Ticket:
    """Opened at a time of 2026, UTC; `hours` makes it solved, `answered` answered after so many hours."""
    at = dt.datetime.fromisoformat(f"2026-{opened}").replace(tzinfo=dt.UTC)
    for name, field in (("hours", "resolved_at"), ("answered", "first_response_at"), ("reopened", "reopened_at")):
        if (hours := fields.pop(name, None)) is not None:
            fields[field] = at + dt.timedelta(hours=hours)
    return Ticket(id=ticket_id, account_id=fields.pop("account_id", "acme"), opened_at=at, **fields)


def measured(key: str, *tickets: Ticket, asked: str = "2026Q1", **given: Any) -> MetricData:
    return metric(of_period([account()], asked, tickets=tickets, **given), key)


def test_mttr_stands_by_severity_beside_the_repeats() -> None:
    found = measured(
        "mttr",
        ticket("t1", "02-02 10:00", severity="SEV2", hours=24, category="sso"),
        ticket("t2", "02-10 10:00", severity="SEV2", hours=100, category="sso"),  # a repeat, 7 days after
        ticket("t3", "02-03 10:00", severity="SEV1", hours=4, category="outage"),
        ticket("t4", "02-04 10:00", hours=50),  # no severity counts as SEV3
        ticket("t5", "02-05 10:00", severity="SEV1"),  # open past its target of 8 hours
    )
    assert found.value == pytest.approx((24 + 100 + 4 + 50) / 4)
    parts = {part.key: part for part in found.parts}
    assert (parts["SEV2"].value, parts["SEV2"].at_most, parts["SEV2"].repeat_issue_rate) == (62, 72, 50)
    assert (parts["SEV1"].value, parts["SEV1"].at_most, parts["SEV1"].repeat_issue_rate) == (4, 8, 0)
    assert parts["SEV3"].value == 50
    assert found.verdict == "met"
    assert [(each.n, each.ids) for each in found.cohort.left_out] == [(1, ("t5",))]


def test_mttr_is_missed_where_one_severity_is() -> None:
    slow = ticket("t1", "02-02 10:00", severity="SEV1", hours=9)
    assert measured("mttr", slow, ticket("t2", "02-02 10:00", severity="SEV4", hours=1)).verdict == "missed"


@pytest.mark.parametrize(
    ("second", "category", "repeats"),
    [
        ("02-20 10:00", "SSO", 1),
        ("03-07 10:00", "sso", 1),  # 30 days after the resolution to the hour
        ("03-07 11:00", "sso", 0),
        ("02-20 10:00", "billing", 0),
        ("02-02 12:00", "sso", 0),  # before the first was solved
    ],
)
def test_a_repeat_is_the_same_category_again(second: str, category: str, repeats: int) -> None:
    found = measured(
        "repeat_issue_rate",
        ticket("t1", "02-02 10:00", hours=72, category="sso"),
        ticket("t2", second, category=category),
        ticket("t3", "02-02 10:00"),
    )
    assert (found.numerator, found.denominator) == (repeats, 2)
    assert [each.reason for each in found.cohort.left_out] == ["without a category"]


def test_another_accounts_trouble_is_no_repeat() -> None:
    tickets = (
        ticket("t1", "02-02 10:00", hours=72, category="sso"),
        ticket("t2", "02-20 10:00", category="sso", account_id="other"),
    )
    data = of_period([account(), account("other")], "2026Q1", tickets=tickets)
    assert metric(data, "repeat_issue_rate").numerator == 0


@pytest.mark.parametrize(
    ("fields", "opened", "expected"),
    [
        ({"severity": "SEV1", "answered": 0.9}, "02-07 03:00", (1, 1)),  # a Saturday night counts
        ({"severity": "SEV1", "answered": 1}, "02-07 03:00", (0, 1)),  # under an hour, not an hour
        ({"answered": 3.9}, "02-02 09:30", (1, 1)),
        ({"answered": 4}, "02-02 09:30", (0, 1)),
        ({"answered": 66}, "02-06 16:00", (1, 1)),  # Friday 16:00 to Monday 10:00: 2 business hours
        ({"hours": 2}, "02-02 10:00", (1, 1)),  # solved is answered
        ({"hours": 30}, "02-02 10:00", (None, None)),  # nobody knows when it was answered
        ({}, "02-02 10:00", (0, 1)),  # still waiting
        ({"answered": 1}, "02-02 00:00", (None, None)),  # its hour is not on record
    ],
)
def test_first_responses_in_time(fields: dict[str, Any], opened: str, expected: tuple[int | None, int | None]) -> None:
    found = measured("sla_adherence", ticket("t1", opened, **fields))
    assert (found.numerator, found.denominator) == expected


def test_who_is_not_due_yet_does_not_count() -> None:
    """At 9:00 of AS_OF a ticket of 08:30 has waited for no business hour, one of the day before for 6."""
    found = measured("sla_adherence", ticket("t1", "06-26 08:30"), ticket("t2", "06-25 11:00"), asked="this")
    assert (found.numerator, found.denominator) == (0, 1)
    assert [each.ids for each in found.cohort.left_out] == [("t1",)]


@pytest.mark.parametrize(
    ("fields", "first"),
    [
        ({"replies": 2}, 1),
        ({"replies": 3}, 0),
        ({"replies": 1, "escalated": True}, 0),
        ({"replies": 1, "reopened": -1}, 0),  # reopened before, solved since
    ],
)
def test_first_contact(fields: dict[str, Any], first: int) -> None:
    found = measured("fcr", ticket("t1", "02-02 10:00", hours=5, **fields), ticket("t2", "02-02 10:00", hours=5))
    assert (found.numerator, found.denominator) == (first, 1)
    assert [each.ids for each in found.cohort.left_out] == [("t2",)]


def test_a_ticket_that_was_reopened_is_not_solved() -> None:
    assert measured("mttr", ticket("t1", "02-02 10:00", hours=5, reopened=9)).value is None


def test_escalations_are_held_against_the_period_before() -> None:
    tickets = [ticket(f"t{i}", "02-02 10:00", escalated=i == 0) for i in range(4)]
    earlier = [
        Ticket(id=f"e{i}", account_id="acme", opened_at=dt.datetime(2025, 11, 3, 9, tzinfo=dt.UTC), escalated=i == 0)
        for i in range(5)
    ]
    found = measured("escalation_rate", *tickets, *earlier)
    assert (found.value, found.trend.before, found.trend.direction, found.verdict) == (25, 20, "worse", "missed")


def test_quality_and_satisfaction_are_means_of_what_is_stored() -> None:
    opened = dt.datetime(2026, 2, 2, tzinfo=dt.UTC)
    escalations = [
        Escalation(id=f"e{i}", account_id="acme", opened_at=opened, title="Down", quality=quality)
        for i, quality in enumerate((5.0, 4.0, None))
    ]
    quality = measured("escalation_quality", escalations=escalations)
    assert (quality.value, quality.cohort.n, quality.verdict) == (4.5, 2, "met")
    assert [each.ids for each in quality.cohort.left_out] == [("e2",)]
    rated = measured("csat", ticket("t1", "02-02 10:00", hours=5, csat=4), ticket("t2", "02-02 10:00", hours=5))
    assert (rated.value, rated.cohort.n, rated.verdict) == (4, 1, "missed")


def test_what_is_not_there_is_missing_and_not_zero() -> None:
    data = of_period([account()], "2026Q1")
    for key in ("mttr", "repeat_issue_rate", "sla_adherence", "fcr", "escalation_rate", "escalation_quality", "csat"):
        found = metric(data, key)
        assert (found.value, found.verdict) == (None, "cannot_tell")
        assert found.why.startswith("missing: ")
