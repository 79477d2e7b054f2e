"""All records of a type, every day of use, first days of use."""

import datetime as dt
from typing import Any

import numpy as np
import pytest

from app.domain.records import (
    Account,
    Check,
    Contact,
    ContactActivity,
    FeatureUsage,
    Milestone,
    MilestoneSlip,
    RampSignoff,
    Record,
    RoadmapItem,
    Ticket,
    Usage,
)
from app.store import listings, versions
from app.store.view import View, open_view
from tests.store.conftest import TODAY, UTC, World, at


def back(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def looked(world: World, conn: Any, as_of: dt.date = TODAY, scope: Any = None, only: Any = None) -> View:
    return open_view(conn, versions.current(conn), as_of, UTC, scope, only)


@pytest.fixture
def filled(world: World) -> World:
    world.write(
        {
            "accounts": [Account(id="a", name="A"), Account(id="b", name="B")],
            "contacts": [Contact(id="pa", account_id="a"), Contact(id="pb", account_id="b")],
            "contact_activity": [
                ContactActivity(contact_id="pb", date=back(1), logins=2),
                ContactActivity(contact_id="pa", date=back(40), logins=1),
                ContactActivity(contact_id="pa", date=back(2), logins=3),
            ],
            "usage": [
                Usage(account_id="a", date=back(9), active_users=0, api_calls=0),
                Usage(account_id="a", date=back(4), active_users=3),
                Usage(account_id="a", date=back(3), active_users=2, api_calls=70, errors=1, p95_ms=80),
            ],
            "feature_usage": [
                FeatureUsage(account_id="a", date=back(8), feature="alerts", environment="sandbox", count=1),
                FeatureUsage(account_id="a", date=back(6), feature="alerts", count=0),
                FeatureUsage(account_id="a", date=back(5), feature="alerts", count=4, users=2),
            ],
            "tickets": [
                Ticket(id="t1", account_id="a", opened_at=at("2026-01-05T10:00"), body="long", subject="short"),
                Ticket(id="t2", account_id="b", opened_at=at("2026-03-09T10:00"), resolved_at=at("2026-03-12T10:00")),
            ],
            "milestones": [
                Milestone(
                    id="m1", account_id="a", code="M1", title="Kick-off", phase=1, planned=back(30), due=back(20),
                    done_on=back(18), signed_by="Ann",
                )
            ],
            "milestone_slips": [
                MilestoneSlip(id="s1", account_id="a", milestone_id="m1", date=back(25), working_days=6)
            ],
            "checks": [Check(account_id="a", checklist="go_live", item="alerts", state="yes", checked_on=back(3))],
            "ramp_signoffs": [RampSignoff(owner="Ann", goal="d30.shadow", signed_on=back(3), signed_by="Bo")],
            "roadmap": [RoadmapItem(feature="Replay", quarter="2026Q2")],
        },
        effective=back(60),
        covered={"usage": back(2), "feature_usage": back(1)},
    )  # fmt: skip
    return world


def ids(found: Any) -> list[str]:
    return [record.identity for record in found.records]


def test_records_within_the_scope_as_of_the_day(filled: World) -> None:
    def of(record_type: type[Record], since: dt.date | None = None, **seen: Any) -> list[str]:
        with filled.store.reading() as conn:
            return ids(listings.listing(looked(filled, conn, **seen), record_type, since))

    assert of(Ticket) == ["t1", "t2"]
    assert of(Ticket, since=back(5)) == ["t2"]
    assert of(Ticket, scope=frozenset("a")) == ["t1"]
    assert of(Ticket, as_of=back(10)) == ["t1"]
    assert of(MilestoneSlip) == ["s1"]
    assert of(ContactActivity) == [f"pa/{back(40)}", f"pa/{back(2)}", f"pb/{back(1)}"]
    assert of(ContactActivity, since=back(5), only=frozenset("a")) == [f"pa/{back(2)}"]
    assert of(RoadmapItem, scope=frozenset("b")) == ["Replay"]
    assert of(RampSignoff) == ["Ann/d30.shadow"]
    assert of(RampSignoff, scope=frozenset("b")) == []
    with pytest.raises(ValueError, match="Usage is not listed"):
        of(Usage)


def test_what_happened_later_is_not_in_it(filled: World) -> None:
    with filled.store.reading() as conn:
        today, earlier = looked(filled, conn), looked(filled, conn, as_of=back(19))
        (ticket,) = listings.listing(today, Ticket, back(5)).records
        assert (ticket.resolved_at, ticket.body) == (None, None)
        done, open_then = listings.listing(today, Milestone, None), listings.listing(earlier, Milestone, None)
        assert (done.records[0].done_on, done.effective_on) == (back(18), (back(60),))
        assert (open_then.records[0].done_on, open_then.records[0].signed_by) == (None, None)
        assert listings.listing(earlier, Check, None).records[0].state is None


def test_the_account_snapshot_has_its_plan(filled: World) -> None:
    account = filled.account("a")
    assert [m.code for m in account.milestones] == ["M1"]
    assert [s.working_days for s in account.milestone_slips] == [6]
    assert [c.item for c in account.checks] == ["alerts"]


def test_every_day_of_use_to_the_day_that_is_covered(filled: World) -> None:
    with filled.store.reading() as conn:
        view = looked(filled, conn, only=frozenset("a"))
        daily, features = listings.daily_usage(view), listings.feature_days(view)
        cut = listings.daily_usage(looked(filled, conn, as_of=back(4), only=frozenset("a")))
        other = listings.daily_usage(looked(filled, conn, only=frozenset("b")))
    assert daily.last == back(2).toordinal()
    assert daily.day.tolist() == [back(n).toordinal() for n in (9, 4, 3)]
    assert np.array_equal(daily.api_calls, [0, np.nan, 70], equal_nan=True)
    assert np.array_equal(daily.p95_ms, [np.nan, np.nan, 80], equal_nan=True)
    assert (cut.last, cut.day.size) == (back(4).toordinal(), 2)
    assert (other.last, other.day.size) == (back(2).toordinal(), 0)
    assert features.environment.tolist() == ["sandbox", "production", "production"]
    assert np.array_equal(features.users, [np.nan, np.nan, 2], equal_nan=True)


def test_first_days_of_use(filled: World) -> None:
    with filled.store.reading() as conn:
        first = listings.first_use(looked(filled, conn), filled.portfolio())
    assert first.calls_on.tolist() == [back(3).toordinal(), 0]
    assert first.users_on.tolist() == [back(4).toordinal(), 0]
    assert first.production_on.tolist() == [back(5).toordinal(), 0]
