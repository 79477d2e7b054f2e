"""Snapshots: what is in them on a day, what is not, and for whom."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from app.domain.problems import AccountNotFound
from app.domain.records import (
    Account,
    ArrMovement,
    Commitment,
    Contact,
    FeatureUsage,
    FeedbackItem,
    Goal,
    Integration,
    NpsResponse,
    Plan,
    Record,
    Signal,
    Ticket,
    Touchpoint,
    Usage,
)
from app.domain.snapshot import FeedbackBook, PeerTicket
from app.store import snapshots, versions
from tests.store.conftest import TODAY, UTC, World, at, counting, day, plain

A = Account(id="a", name="Acme", arr=100.0, currency="USD")
B = Account(id="b", name="Bee", arr=50.0, currency="EUR")


def ticket(**fields: object) -> Ticket:
    return Ticket.model_validate({"id": "t", "account_id": "a", "opened_at": at("2026-02-01T10:00"), **fields})


# Tickets


def noon(date: str | None) -> dt.datetime | None:
    return None if date is None else at(f"{date}T12:00")


@pytest.mark.parametrize(
    ("resolved", "reopened", "as_of", "expected"),
    [
        (None, None, "2026-02-10", None),
        ("2026-02-05", None, "2026-02-04", None),
        ("2026-02-05", None, "2026-02-05", "2026-02-05"),
        ("2026-02-05", "2026-02-07", "2026-02-06", "2026-02-05"),
        ("2026-02-05", "2026-02-07", "2026-02-07", None),
        ("2026-02-09", "2026-02-07", "2026-02-08", None),
        ("2026-02-09", "2026-02-07", "2026-02-09", "2026-02-09"),
    ],
)
def test_a_ticket_is_open_or_resolved_on_a_day(
    world: World, resolved: str | None, reopened: str | None, as_of: str, expected: str | None
) -> None:
    world.write({"accounts": [A], "tickets": [ticket(resolved_at=noon(resolved), reopened_at=noon(reopened))]})
    for columns in (world.account(as_of=day(as_of)).columns.tickets, world.portfolio(day(as_of)).tickets):
        (found,) = columns.resolved_at.tolist()
        assert found == (None if expected is None else dt.datetime.fromisoformat(f"{expected}T12:00"))


@pytest.mark.parametrize(
    ("escalated_at", "flag", "as_of", "expected"),
    [
        ("2026-02-05", True, "2026-02-04", False),
        ("2026-02-05", None, "2026-02-05", True),
        (None, True, "2026-02-02", True),
        (None, False, "2026-02-02", False),
        (None, None, "2026-02-02", False),
    ],
)
def test_a_ticket_is_escalated_on_a_day(
    world: World, escalated_at: str | None, flag: bool | None, as_of: str, expected: bool
) -> None:
    world.write({"accounts": [A], "tickets": [ticket(escalated_at=noon(escalated_at), escalated=flag)]})
    snapshot = world.account(as_of=day(as_of))
    (record,) = snapshot.tickets
    assert (record.escalated_at is not None or record.escalated is True) is expected
    assert snapshot.columns.tickets.escalated.tolist() == [expected]
    assert world.portfolio(day(as_of)).tickets.escalated.tolist() == [expected]


def test_what_came_after_the_day_is_not_in_the_ticket(world: World) -> None:
    later = "2026-02-05T10:00Z"
    late = ticket(
        first_response_at=later, resolved_at=later, reopened_at=later, escalated_at=later, escalated=True, csat=1
    )
    world.write({"accounts": [A], "tickets": [late]})
    (before,) = world.account(as_of=day("2026-02-04")).tickets
    assert before == ticket(escalated=False)
    assert world.account(as_of=day("2026-02-05")).tickets == (late,)


@pytest.mark.parametrize(
    ("zone", "as_of", "there"),
    [
        ("UTC", "2026-01-31", False),
        ("UTC", "2026-02-01", True),
        ("America/Los_Angeles", "2026-01-31", True),  # 02:00 in UTC is the evening before
        ("America/Los_Angeles", "2026-01-30", False),
    ],
)
def test_a_day_ends_when_it_does_in_the_deployments_zone(world: World, zone: str, as_of: str, there: bool) -> None:
    world.write(
        {
            "accounts": [A],
            "tickets": [ticket(opened_at=at("2026-02-01T02:00"))],
            "nps": [NpsResponse(id="n", account_id="a", responded_at=at("2026-02-01T02:00"), score=9)],
        }
    )
    found = world.portfolio(day(as_of), zone=ZoneInfo(zone))
    assert (len(found.tickets.id), len(found.nps.id)) == ((1, 1) if there else (0, 0))


@pytest.mark.parametrize(("severity", "number"), [("SEV1", 1), ("SEV4", 4), (None, 3)])
def test_a_ticket_without_severity_counts_as_the_third(world: World, severity: str | None, number: int) -> None:
    world.write({"accounts": [A], "tickets": [ticket(severity=severity)]})
    assert world.portfolio().tickets.severity.tolist() == [number]


# Other facts and state


def test_facts_dated_after_the_day_are_not_in_it(world: World) -> None:
    days = ("2026-02-01", "2026-02-10")
    world.write(
        {
            "accounts": [A],
            "touchpoints": [Touchpoint(id=d, account_id="a", date=day(d), kind="qbr", status="attended") for d in days],
            "signals": [Signal(id=d, account_id="a", date=day(d), kind="competitor") for d in days],
            "commitments": [Commitment(id=d, account_id="a", made_on=day(d), what="call") for d in days]
            + [Commitment(id="undated", account_id="a", what="write")],
        }
    )
    before, after = world.account(as_of=day("2026-02-09")), world.account(as_of=day("2026-02-10"))
    assert (len(before.touchpoints), len(before.signals)) == (1, 1)
    assert {c.id for c in before.commitments} == {"2026-02-01", "undated"}
    assert before.columns.touchpoints.id.tolist() == ["2026-02-01"]
    assert before.columns.signals.id.tolist() == ["2026-02-01"]
    assert [t.id for t in after.touchpoints] == ["2026-02-10", "2026-02-01"]
    assert [s.id for s in after.signals] == ["2026-02-10", "2026-02-01"]


@pytest.mark.parametrize(("as_of", "status"), [("2026-02-04", ""), ("2026-02-05", "on_track")])
def test_a_goals_status_counts_from_its_day(world: World, as_of: str, status: str) -> None:
    goal = Goal(id="g", account_id="a", title="faster", status="on_track", status_on=day("2026-02-05"))
    world.write({"accounts": [A], "goals": [goal]})
    snapshot = world.account(as_of=day(as_of))
    assert snapshot.columns.goals.status.tolist() == [status]
    assert snapshot.columns.goals.status_day.tolist() == [day("2026-02-05").toordinal() if status else 0]
    assert [found.status or "" for found in snapshot.goals] == [status]
    assert world.portfolio(day(as_of)).goals.status.tolist() == [status]


def test_a_goal_keeps_the_status_it_had_before_a_later_import(world: World) -> None:
    goal = Goal(id="g", account_id="a", title="faster", status="on_track", status_on=day("2026-02-05"))
    worse = goal.model_copy(update={"status": "missed", "status_on": day("2026-03-01")})
    world.write({"accounts": [A], "goals": [goal]}, effective=day("2026-02-06"))
    world.write({"goals": [worse]}, effective=day("2026-03-02"))
    assert [world.portfolio(day(d)).goals.status[0] for d in ("2026-02-20", "2026-03-02")] == ["on_track", "missed"]


@pytest.mark.parametrize(("as_of", "left"), [("2026-02-04", False), ("2026-02-05", True)])
def test_a_contact_leaves_on_a_day(world: World, as_of: str, left: bool) -> None:
    contact = Contact(id="c", account_id="a", is_champion=True, left_on=day("2026-02-05"))
    world.write({"accounts": [A], "contacts": [contact]})
    snapshot = world.account(as_of=day(as_of))
    for columns in (snapshot.columns, world.portfolio(day(as_of))):
        assert columns.contacts.left_day.tolist() == [day("2026-02-05").toordinal() if left else 0]
    assert [found.left_on is not None for found in snapshot.contacts] == [left]


def test_a_contact_that_moved_belongs_to_its_new_account_alone(world: World) -> None:
    world.write({"accounts": [A, B], "contacts": [Contact(id="c", account_id="a")]}, effective=day("2026-01-01"))
    world.write({"contacts": [Contact(id="c", account_id="b")]}, effective=day("2026-02-01"))
    assert [len(world.account(account).contacts) for account in ("a", "b")] == [0, 1]
    assert [len(world.account(account, day("2026-01-15")).contacts) for account in ("a", "b")] == [1, 0]


def test_an_account_has_its_records_with_it(world: World) -> None:
    integration = Integration(account_id="a", kind="webhook", status="live")
    plan = Plan(name="gold", quota_monthly=1000)
    done = Commitment(id="k", account_id="a", what="call", made_on=day("2026-01-01"), done_on=day("2026-02-05"))
    other = Integration(account_id="b", kind="webhook")
    world.write({"accounts": [A, B], "integrations": [integration, other], "plans": [plan], "commitments": [done]})
    moved = [
        ArrMovement(id=f"m-{date}", account_id="a", date=day(date), kind="expansion", amount=1)
        for date in ("2026-02-03", "2026-02-04", "2026-02-05")
    ]
    world.write({"arr_movements": moved})
    snapshot = world.account(as_of=day("2026-02-04"))
    assert [movement.id for movement in snapshot.arr_movements] == ["m-2026-02-04", "m-2026-02-03"]
    assert snapshot.account == A
    assert snapshot.integrations == (integration,)
    assert snapshot.plans == (plan,)
    assert snapshot.commitments == (done.model_copy(update={"done_on": None}),)
    assert world.account().commitments == (done,)


def test_the_columns_of_one_account_are_those_of_the_portfolio(world: World) -> None:
    world.write(_company(3), covered=dict.fromkeys(("usage", "feature_usage", "tickets", "nps"), TODAY))
    for account_id in ("a000", "a001", "a002"):
        alone = world.account(account_id).columns
        assert plain(alone) == plain(world.portfolio(scope=frozenset((account_id,))))


# ARR


def _movement(date: str, kind: str, amount: float) -> ArrMovement:
    return ArrMovement.model_validate(
        {"id": f"{kind} {date}", "account_id": "a", "date": date, "kind": kind, "amount": amount}
    )


def test_arr_by_movements_from_the_first(world: World) -> None:
    moves = [_movement("2026-01-01", "new", 80), _movement("2026-02-01", "expansion", 20)]
    world.write({"accounts": [A, B], "arr_movements": moves})
    before, after = world.portfolio(day("2026-01-15")), world.portfolio()
    assert before.arr.tolist() == [80, 50]
    assert before.arr_evidence == ((("new 2026-01-01", day("2026-01-01")),), ())
    assert after.arr.tolist() == [100, 50]
    assert plain(after.arr_mismatch) == [None, None]


def test_a_churn_dated_after_the_day_has_not_happened_on_it(world: World) -> None:
    gone = A.model_copy(update={"lifecycle": "churned", "arr": 0.0})
    moves = [_movement("2026-01-05", "new", 100), _movement("2026-02-05", "churn", 100)]
    world.write({"accounts": [gone, B], "arr_movements": moves})
    for as_of, stage in (("2026-02-04", None), ("2026-02-05", "churned")):
        assert world.portfolio(day(as_of)).accounts[0].lifecycle == stage
        assert world.account(as_of=day(as_of)).account.lifecycle == stage


def test_an_account_is_no_customer_before_its_first_day(world: World) -> None:
    soon = B.model_copy(update={"contract_start": day("2026-02-07")})
    world.write({"accounts": [A, soon], "arr_movements": [_movement("2026-02-05", "new", 100)]})
    for as_of, expected in (("2026-02-04", [True, True]), ("2026-02-05", [False, True]), ("2026-02-07", [False] * 2)):
        assert world.portfolio(day(as_of)).not_yet.tolist() == expected
    assert world.portfolio(day("2026-02-04")).begins.tolist() == [
        day("2026-02-05").toordinal(),
        day("2026-02-07").toordinal(),
    ]


def test_arr_that_disagrees_with_its_movements_is_reported(world: World) -> None:
    world.write({"accounts": [A], "arr_movements": [_movement("2026-01-01", "new", 80)]})
    assert world.portfolio().arr_mismatch.tolist() == [20]


def test_arr_is_unknown_where_nothing_says_it(world: World) -> None:
    world.write({"accounts": [Account(id="a", name="Acme")]})
    assert plain(world.portfolio().arr) == [None]


def test_the_newest_arr_less_what_came_later(world: World) -> None:
    world.write({"accounts": [A], "arr_movements": [_movement("2026-02-01", "expansion", 20)]})
    assert world.portfolio(day("2026-01-15")).arr.tolist() == [80]


def test_an_earlier_accounts_row_says_the_arr_of_its_time(world: World) -> None:
    world.write({"accounts": [A]}, effective=day("2026-01-01"))
    later: dict[str, Sequence[Record]] = {
        "accounts": [A.model_copy(update={"arr": 120.0})],
        "arr_movements": [_movement("2026-02-01", "expansion", 20)],
    }
    world.write(later, effective=day("2026-02-02"))
    assert [world.portfolio(day(d)).arr.tolist() for d in ("2026-01-15", "2026-02-02")] == [[100], [120]]
    assert world.portfolio(day("2025-12-01")).arr.tolist() == [100]


# Feeds


def test_a_source_covers_every_account_that_it_knows(world: World) -> None:
    """Tickets of one account from a source make a known zero for the source's other accounts, and for no others."""
    world.write({"accounts": [A, B], "tickets": [ticket()]}, source="crm", covered={"tickets": TODAY})
    world.write({"accounts": [Account(id="c", name="Cee")]}, source="other")
    assert world.portfolio().feeds.connected("tickets").tolist() == [True, True, False]


def test_facts_connect_an_account_to_their_source(world: World) -> None:
    world.write({"accounts": [A, B]}, source="crm", covered={"accounts": TODAY})
    world.write({"tickets": [ticket()]}, source="helpdesk", covered={"tickets": TODAY - dt.timedelta(days=3)})
    feeds = world.portfolio().feeds
    assert feeds.connected("tickets").tolist() == [True, False]
    assert feeds.lag("tickets").tolist() == [3, 0]


def test_the_furthest_of_an_accounts_sources_counts(world: World) -> None:
    for source, back in (("one", 9), ("two", 2), ("three", 5)):
        world.write({"accounts": [A]}, source=source, covered={"usage": TODAY - dt.timedelta(days=back)})
    assert world.portfolio().feeds.lag("usage").tolist() == [2]


# The day to answer for


def test_default_as_of_and_first_day(world: World) -> None:
    def days() -> tuple[dt.date, dt.date | None]:
        with world.store.reading() as conn:
            n = versions.current(conn)
            return snapshots.default_as_of(conn, n, TODAY), snapshots.first_day(conn, n)

    assert days() == (TODAY, None)
    world.write({"accounts": [A]})
    assert days() == (TODAY, None)
    world.write({"tickets": [ticket()]}, covered={"tickets": day("2026-02-01")})
    assert days() == (day("2026-02-01"), day("2026-02-01"))
    world.write({"usage": [Usage(account_id="a", date=day("2025-11-05"))]}, covered={"usage": day("2026-02-20")})
    assert days() == (day("2026-02-20"), day("2025-11-05"))
    world.write(
        {"signals": [Signal(id="s", account_id="a", date=day("2025-10-01"), kind="incident")]},
        covered={"signals": day("2026-05-01")},
    )
    assert days() == (TODAY, day("2025-10-01"))


# Scope


def test_a_scope_never_shows_more_than_it_names(world: World) -> None:
    world.write(_company(4), covered={"usage": TODAY, "feature_usage": TODAY})
    scope = frozenset(("a001", "a003", "absent"))
    found = world.portfolio(scope=scope)
    assert [account.id for account in found.accounts] == ["a001", "a003"]
    assert "a000" not in repr(plain(found))
    assert "a002" not in repr(plain(found))
    for table in (found.tickets, found.nps, found.touchpoints, found.signals, found.contacts, found.goals):
        assert set(table.account.tolist()) == {0, 1}
    assert len(world.portfolio(scope=frozenset())) == 0


@pytest.mark.parametrize(("account_id", "scope"), [("a", frozenset("b")), ("absent", None), ("a", frozenset())])
def test_an_account_that_is_forbidden_is_like_one_that_is_absent(
    world: World, account_id: str, scope: frozenset[str] | None
) -> None:
    world.write({"accounts": [A, B]})
    with pytest.raises(AccountNotFound) as caught:
        world.account(account_id, scope=scope)
    assert caught.value.code == "account_not_found"
    assert caught.value.detail == f"There is no account {account_id!r} among those you may see."


def test_names_within_a_scope(world: World) -> None:
    world.write({"accounts": [A, B]}, effective=day("2026-01-01"))
    world.write({"accounts": [A.model_copy(update={"name": "Acme Corp", "aliases": ("ac",)})]})
    with world.store.reading() as conn:
        n = versions.current(conn)
        assert snapshots.account_names(conn, n, None) == [("a", "Acme Corp", ("ac",)), ("b", "Bee", ())]
        assert snapshots.account_names(conn, n, frozenset("b")) == [("b", "Bee", ())]


# Peers and feedback


def _peers(world: World, scope: frozenset[str] | None = None, as_of: dt.date = TODAY) -> tuple[PeerTicket, ...]:
    with world.store.reading() as conn:
        return snapshots.build_peers(conn, "a", scope, as_of, versions.current(conn), UTC)


def test_peers_are_the_open_tickets_of_others_newest_first(world: World) -> None:
    def of_b(name: str, **fields: object) -> Ticket:
        return ticket(id=name, account_id="b", **fields)

    world.write(
        {
            "accounts": [A, B],
            "tickets": [
                ticket(id="own"),
                of_b("old", opened_at=at("2026-01-01"), subject="slow", severity="SEV2"),
                of_b("reopened", resolved_at=at("2026-02-02"), reopened_at=at("2026-02-03")),
                of_b("resolved", resolved_at=at("2026-02-02")),
                of_b("later", opened_at=at("2026-02-03"), resolved_at=at("2026-02-20"), escalated_at=at("2026-02-21")),
                of_b("to come", opened_at=at("2026-02-11")),
                ticket(id="nobody's", account_id="gone"),
            ],
        }
    )
    found = _peers(world, as_of=day("2026-02-10"))
    assert [peer.id for peer in found] == ["later", "reopened", "old"]
    assert found[2] == PeerTicket("b", "Bee", "old", at("2026-01-01"), "SEV2", escalated=False, subject="slow")
    assert [peer.escalated for peer in found] == [False, False, False]
    assert _peers(world, frozenset("a")) == ()


def _feedback(world: World, scope: frozenset[str] | None = None, as_of: dt.date = TODAY) -> FeedbackBook:
    with world.store.reading() as conn:
        return snapshots.build_feedback(conn, scope, as_of, versions.current(conn))


def _item(name: str, *accounts: str, **fields: object) -> FeedbackItem:
    return FeedbackItem.model_validate(
        {"id": name, "title": name, "category": "ux", "account_ids": accounts, "quote": "words of a customer", **fields}
    )


def test_feedback_with_the_arr_of_the_accounts_it_is_linked_to(world: World) -> None:
    unpriced = Account(id="c", name="Cee")
    items = [_item("1", "a", "c"), _item("2"), _item("3", "gone")]
    world.write({"accounts": [A, B, unpriced], "feedback": items}, effective=day("2026-03-05"))
    book = _feedback(world)
    assert book.items == tuple(items)
    assert book.account_names == {"a": "Acme", "c": "Cee"}
    assert (book.account_arr, book.account_currency) == ({"a": 100.0}, {"a": "USD"})
    assert book.assumed == frozenset()
    assert _feedback(world, as_of=day("2026-03-04")).assumed == {"1", "2", "3"}


def test_feedback_on_a_day(world: World) -> None:
    item = _item("1", created_on="2026-02-01", shipped_on="2026-03-01", status="shipped")
    world.write({"feedback": [item]})
    assert _feedback(world, as_of=day("2026-01-31")).items == ()
    (before,) = _feedback(world, as_of=day("2026-02-28")).items
    assert (before.status, before.shipped_on) == (None, None)
    assert _feedback(world, as_of=day("2026-03-01")).items == (item,)


def test_feedback_within_a_scope_does_not_tell_of_others(world: World) -> None:
    items = [
        _item("1", "a"),
        _item("2", "b"),
        _item("3", "a", "b", contact_id="c"),
        _item("4"),
        _item("5", contact_id="c"),
    ]
    world.write({"accounts": [A, B], "feedback": items})
    book = _feedback(world, frozenset("a"))
    assert [item.id for item in book.items] == ["1", "3", "4"]
    assert book.items[1].account_ids == ("a",)
    assert (book.items[1].quote, book.items[1].contact_id) == (None, None)
    assert book.account_names == {"a": "Acme"}


# The cost


def _company(size: int) -> dict[str, Sequence[Record]]:
    """Some of everything for each account."""
    ids = [f"a{i:03}" for i in range(size)]
    moment = at("2026-03-01")
    return {
        "accounts": [Account(id=i, name=f"Company {i}", arr=10.0) for i in ids],
        "contacts": [Contact(id=f"c {i}", account_id=i) for i in ids],
        "usage": [Usage(account_id=i, date=moment.date(), active_users=1, api_calls=2, errors=0) for i in ids],
        "feature_usage": [FeatureUsage(account_id=i, date=moment.date(), feature="export", count=1) for i in ids],
        "tickets": [ticket(id=f"t {i}", account_id=i) for i in ids],
        "nps": [NpsResponse(id=f"n {i}", account_id=i, responded_at=moment, score=7) for i in ids],
        "touchpoints": [Touchpoint(id=f"p {i}", account_id=i, date=moment.date(), kind="call") for i in ids],
        "goals": [Goal(id=f"g {i}", account_id=i, title="faster") for i in ids],
        "signals": [Signal(id=f"s {i}", account_id=i, date=moment.date(), kind="advocacy") for i in ids],
        "arr_movements": [
            ArrMovement(id=f"m {i}", account_id=i, date=moment.date(), kind="new", amount=10.0) for i in ids
        ],
        "feedback": [_item(f"f {i}", i) for i in ids],
    }


def test_the_number_of_queries_does_not_grow_with_the_accounts(world: World) -> None:
    def queries() -> list[int]:
        with world.store.reading() as conn:
            n = versions.current(conn)
            counts = []
            for build in (
                lambda: snapshots.build_portfolio(conn, None, TODAY, n, UTC),
                lambda: snapshots.build_account(conn, "a000", None, TODAY, n, UTC),
                lambda: snapshots.build_feedback(conn, None, TODAY, n),
                lambda: snapshots.build_peers(conn, "a000", None, TODAY, n, UTC),
            ):
                with counting(world.store.engine) as sent:
                    build()
                counts.append(len(sent))
            return counts

    world.write(_company(1), covered={"usage": TODAY})
    one = queries()
    world.write(_company(200))
    assert len(world.portfolio()) == 200
    assert queries() == one


def test_an_empty_store_has_an_empty_portfolio(world: World) -> None:
    found = world.portfolio()
    assert len(found) == 0
    assert found.usage.calls_28.shape == found.arr.shape == (0,)
    assert found.tickets.resolved_at.dtype == np.dtype("datetime64[us]")
