"""The erasure of a person from every table: who is meant, what goes, what stays, and that no column is forgotten."""

import datetime as dt
import json
import re
from typing import Any

import pytest
import sqlalchemy as sa

from app.domain.records import (
    Account,
    Commitment,
    Contact,
    ContactActivity,
    FeedbackItem,
    NpsResponse,
    Record,
    Ticket,
    Touchpoint,
)
from app.resources.erasure import Erasure, erase_found
from app.security.naming import ERASED
from app.security.principals import LOCAL
from app.store import audit_log, erasure, versions
from app.store.audit_log import Event
from app.store.column_types import Instant, Text, TextList
from app.store.erased_people import ErasedPeople, all_erased
from app.store.erasure import FREE, PLAN, AmbiguousPerson, NobodyFound
from app.store.purging import purge
from app.store.tables import TABLES
from tests.store.conftest import NOW, TODAY, World, at, plain

LEE = Contact(id="c1", account_id="a", name="José Lee", email="Jose.Lee@Acme.example", role="CTO", is_champion=True)
PEOPLE = (
    LEE,
    Contact(id="x2", account_id="a", name="Josef Leeds", email="it@acme.example"),
    Contact(id="x3", account_id="b", name="José Wong", email="jose@beta.example"),
)
ACCOUNTS = (Account(id="a", name="Acme", owner="Bo Smith"), Account(id="b", name="Beta"))
NAMED = "Sí, JOSÉ LEE (jose.lee@ACME.example) said; José too. Josef Leeds and Joséphine stay."
LEFT = "Sí, [erased] ([erased]) said; [erased] too. Josef Leeds and Joséphine stay."


@pytest.fixture
def filled(world: World) -> World:
    world.write({"accounts": ACCOUNTS, "contacts": PEOPLE})
    return world


def erase(world: World, wanted: str, account_id: str | None = None) -> Erasure:
    with world.store.writing() as conn:
        found = erasure.find(conn, world.store.seal, wanted, account_id)
        return erase_found(conn, LOCAL, found, NOW)


def cells(world: World, table: str, *columns: str) -> list[tuple[Any, ...]]:
    t = TABLES[table]
    with world.store.reading() as conn:
        return [tuple(row) for row in conn.execute(sa.select(*(t.c[c] for c in columns)).order_by(*t.primary_key))]


# Every column


def holds_text(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, Text | sa.String | sa.JSON | TextList | sa.LargeBinary)


def test_no_column_is_forgotten() -> None:
    """Whoever adds a column says here whether a customer's person can be in it."""
    columns = {f"{table.name}.{c.name}" for table in TABLES.values() for c in table.c if holds_text(c)}
    planned = {f"{name}.{column}" for name, of in PLAN.items() for column in of.all}
    assert columns - planned - FREE.keys() == set()
    assert planned & FREE.keys() == set()
    assert (planned | FREE.keys()) - columns == set()
    assert all(reason.strip() for reason in FREE.values())


def value_for(column: sa.Column[Any], number: int) -> Any:
    """Something that fits the column; where a person may be, the person's name in it."""
    name = f"{column.table.name}.{column.name}"
    columns = PLAN.get(column.table.name)
    if columns and column.name in columns.contact:
        return LEE.id
    if columns and column.name in columns.values:
        return {"item": {"id": LEE.id, "account_id": "a", "name": LEE.name, "email": LEE.email}, NAMED: [NAMED, 1]}
    if name == "waiting_row.record_key":
        return json.dumps([LEE.id])
    if columns and column.name in columns.emptied:
        return json.dumps({"text": NAMED}).encode()
    if columns and column.name in (*columns.texts, *columns.who):
        return NAMED
    if column.name == "account_id":
        return "a"
    if isinstance(column.type, TextList):
        return ("a",)
    kinds: list[tuple[Any, Any]] = [
        (sa.Boolean, False), (sa.Integer, number), (sa.Float, 1.0), (sa.DateTime, NOW), (sa.Date, TODAY),
        (sa.LargeBinary, b"x"), (sa.JSON, {}), (Instant, NOW), ((Text, sa.String), f"{name}{number}"),
    ]  # fmt: skip
    return next(value for kind, value in kinds if isinstance(column.type, kind))


SPECIAL: dict[str, dict[str, Any]] = {
    "write": {"place": None},
    "contacts": {"email": LEE.email, "name": LEE.name},
    "waiting_row": {"table_name": "contacts", "record": {"id": LEE.id, "name": LEE.name}},
    "turn": {"id": "t"},
    "effect": {"turn_id": "t"},
    "proposal": {"id": "p"},
    "approval": {"proposal_id": "p"},
    "external_id": {"subject": "account"},
    "document": {"audience": "internal"},
}


@pytest.fixture
def planted(filled: World) -> World:
    """The person in every column in which a person may be, of every table."""
    with filled.store.writing() as conn:
        for number, name in enumerate(PLAN, start=100):
            table = TABLES[name]
            row = {c.name: value_for(c, number) for c in table.c if c.name not in ("row_id", "until")}
            row |= SPECIAL.get(name, {})
            conn.execute(table.insert().values(row))
        audit_log.record(conn, LOCAL, Event("contact.written", "a", details={"note": NAMED, "n": 1}), NOW)
    return filled


def said(value: Any) -> str:
    """All text of a cell."""
    if isinstance(value, bytes):
        return value.decode()
    return json.dumps(value, ensure_ascii=False, default=str)


def names_in(world: World) -> list[str]:
    """Columns that hold the person's name or address."""
    found = []
    with world.store.reading() as conn:
        for table in TABLES.values():
            for row in conn.execute(sa.select(table)).mappings():
                texts = {name: said(value).casefold() for name, value in row.items()}
                found += [f"{table.name}.{n}" for n, t in texts.items() if "josé lee" in t or "jose.lee@" in t]
    return sorted(set(found))


def test_no_row_holds_the_person_any_more(planted: World, database: str) -> None:
    wanted = {f"{n}.{c}" for n, of in PLAN.items() for c in (*of.texts, *of.values, *of.who, *of.emptied)}
    wanted -= {"waiting_row.record_key", "contacts.role", "contacts.influence"}
    assert wanted - {"contacts.email"} <= set(names_in(planted))  # it was there
    done = erase(planted, "c1")
    assert names_in(planted) == []
    assert set(done.rows) == PLAN.keys()
    assert purge(planted.store, done.rows)
    if database == "sqlite":
        for file in planted.store.data_dir.rglob("*"):
            content = file.read_bytes().lower() if file.is_file() else b""
            for trace in ("José Lee".lower(), "jose.lee@", "jos\\u00e9 lee"):
                assert trace.encode() not in content, file.name


def test_others_are_as_they_were(planted: World) -> None:
    before = cells(planted, "contacts", "id", "account_id", "name", "email")
    erase(planted, "jose.LEE@acme.example")
    after = cells(planted, "contacts", "id", "account_id", "name", "email")
    assert [row for row in after if not row[0].startswith("erased-")] == [row for row in before if row[0] != "c1"]
    assert (LEFT,) in cells(planted, "tickets", "body")
    assert cells(planted, "audit_event", "action", "details")[0] == ("contact.written", None)


def test_the_audit_log_tells_it_without_the_name(planted: World) -> None:
    done = erase(planted, "c1")
    (action, subject, account_id, details) = cells(
        planted, "audit_event", "action", "subject", "account_id", "details"
    )[-1]
    assert (action, subject, account_id) == ("erasure.done", done.pseudonyms[0], "a")
    assert details["emptied"] == [[1, 1]]
    assert details["rows"] == done.rows
    assert not re.search(r"\bc1\b", said(details))  # the pseudonym, of random hexadecimal digits, may hold them


def test_what_sources_call_the_person_goes_and_what_they_call_others_stays(filled: World) -> None:
    rows = [("contact", "hub-1", "c1"), ("contact", "hub-2", "x2"), ("account", "hub-3", "a"), ("account", "c1", "a")]
    with filled.store.writing() as conn:
        for subject, external_id, internal_id in rows:
            row = {"source": "hubspot", "subject": subject, "external_id": external_id, "internal_id": internal_id}
            conn.execute(TABLES["external_id"].insert().values(**row, how="email", since=1))
    (pseudonym,) = erase(filled, "c1").pseudonyms
    left = [("hub-2", "x2"), ("hub-3", "a"), (pseudonym, "a")]
    assert cells(filled, "external_id", "external_id", "internal_id") == left
    with filled.store.reading() as conn:
        people = ErasedPeople(filled.store.seal, all_erased(conn))
    assert people.repointed(ticket("x", contact_id="hub-1")) == ticket("x", contact_id=pseudonym)


# What is computed stays


def history(world: World) -> tuple[int, int]:
    """Two versions of a world in which the person matters; their numbers."""
    first = world.write(
        {
            "accounts": ACCOUNTS,
            "contacts": PEOPLE,
            "contact_activity": [ContactActivity(contact_id="c1", date=TODAY, logins=3)],
            "tickets": [Ticket(id="t", account_id="a", contact_id="c1", opened_at=at("2026-03-01T10:00"), body=NAMED)],
            "nps": [
                NpsResponse(
                    id=f"n{i}", account_id="a", contact_id="c1", responded_at=at(f"2026-03-0{i}T10:00"), score=i
                )
                for i in (1, 9)
            ],
            "touchpoints": [
                Touchpoint(id="p", account_id="a", contact_id="c1", date=TODAY, kind="champion_action", text=NAMED)
            ],
            "commitments": [Commitment(id="k", account_id="a", by="José", what="send it", made_on=TODAY)],
            "feedback": [
                FeedbackItem(id="f", title="F", category="bug", account_ids=("a",), contact_id="c1", quote=NAMED)
            ],
        }
    )
    left = LEE.model_copy(update={"left_on": TODAY, "name": "José Lee-Park"})
    return first, world.write({"contacts": [left]}, effective=TODAY + dt.timedelta(days=1))


def without_names(value: Any, pseudonym: str) -> Any:
    """A snapshot in which the person is only the pseudonym."""
    if isinstance(value, dict):
        return {key: without_names(item, pseudonym) for key, item in value.items() if key not in ("name", "email")}
    if isinstance(value, list | tuple):
        return [without_names(item, pseudonym) for item in value]
    if isinstance(value, Record):
        return without_names(value.model_dump(), pseudonym)
    texts = {NAMED: LEFT, "c1": pseudonym, "José": pseudonym}
    return texts.get(value, value) if isinstance(value, str) else value


def test_snapshots_of_old_versions_are_as_before_but_for_names(world: World) -> None:
    numbers = history(world)
    days = (TODAY, TODAY + dt.timedelta(days=1))
    before = [(plain(world.account("a", day, n)), plain(world.portfolio(day, n))) for n in numbers for day in days]
    (pseudonym,) = erase(world, "c1").pseudonyms
    after = [(plain(world.account("a", day, n)), plain(world.portfolio(day, n))) for n in numbers for day in days]
    assert world.current() == numbers[1]
    assert without_names(after, pseudonym) == without_names(before, pseudonym)


# Who is meant


@pytest.mark.parametrize(
    ("wanted", "account_id", "ids"),
    [
        ("c1", None, ["c1"]),
        ("  c1 ", None, ["c1"]),
        ("jose.lee@acme.example", None, ["c1"]),
        ("JOSÉ  lee", "a", ["c1"]),
        ("twin@acme.example", None, ["t1", "t2"]),
        ("t2", None, ["t1", "t2"]),
        ("box@acme.example", None, AmbiguousPerson),
        ("b1", None, ["b1"]),
        ("Max Same", None, AmbiguousPerson),
        ("Max Same", "a", AmbiguousPerson),
        ("Max Same", "b", ["m3"]),
        ("José", "a", NobodyFound),
        ("c1", "b", NobodyFound),
        ("c9", None, NobodyFound),
        ("", None, NobodyFound),
        ("%", None, NobodyFound),
    ],
)
def test_who_is_meant(filled: World, wanted: str, account_id: str | None, ids: Any) -> None:
    more = [
        ("t1", "a", "Tia Twin", "twin@acme.example"),
        ("t2", "b", None, "Twin@acme.example"),
        ("b1", "a", "Ida Box", "box@acme.example"),
        ("b2", "a", "Uwe Box", "box@acme.example"),
        ("m1", "a", "Max Same", None),
        ("m2", "a", "Max Same", "max@acme.example"),
        ("m3", "b", "Max Same", "max@beta.example"),
    ]
    filled.write({"contacts": [Contact(id=i, account_id=a, name=n, email=e) for i, a, n, e in more]})
    with filled.store.reading() as conn:
        if not isinstance(ids, list):
            with pytest.raises(ids):
                erasure.find(conn, filled.store.seal, wanted, account_id)
        else:
            found = erasure.find(conn, filled.store.seal, wanted, account_id)
            assert sorted(found.person.pseudonyms) == ids


def test_an_address_that_others_have_too_stays(filled: World) -> None:
    box = [
        Contact(id=i, account_id="a", name=n, email="Box@acme.example") for i, n in (("b1", "Ida X"), ("b2", "Bo Y"))
    ]
    filled.write({"contacts": box, "tickets": [ticket("box@acme.example: Ida X wrote")]})
    done = erase(filled, "b1")
    assert done.kept_addresses == ("Box@acme.example",)
    assert cells(filled, "tickets", "body") == [("box@acme.example: [erased] wrote",)]
    assert ("b2", "Box@acme.example") in cells(filled, "contacts", "id", "email")


def ticket(body: str, account_id: str = "a", contact_id: str | None = None) -> Ticket:
    return Ticket(id=f"t-{account_id}", account_id=account_id, contact_id=contact_id, opened_at=NOW, body=body)


def test_an_address_without_a_contact_goes_from_texts(filled: World) -> None:
    filled.write({"tickets": [ticket("stranger@else.example wrote")]})
    assert erase(filled, "Stranger@else.example").rows == {"tickets": 1}
    assert cells(filled, "tickets", "body") == [("[erased] wrote",)]


def test_another_of_the_same_name_elsewhere_stays(filled: World) -> None:
    filled.write({"contacts": [Contact(id="x", account_id="b", name="José Lee")]})
    filled.write({"tickets": [ticket("José Lee"), ticket("José Lee", "b")]})
    erase(filled, "c1")
    assert cells(filled, "tickets", "account_id", "body") == [("a", ERASED), ("b", "José Lee")]


def test_names_of_every_version_go(filled: World) -> None:
    filled.write({"contacts": [LEE.model_copy(update={"name": "José Park", "email": "park@acme.example"})]})
    filled.write({"tickets": [ticket("José Lee is José Park, park@acme.example or jose.lee@acme.example")]})
    erase(filled, "park@acme.example")
    assert cells(filled, "tickets", "body") == [("[erased] is [erased], [erased] or [erased]",)]
    assert [row for row in cells(filled, "contacts", "name", "email") if "lee" in str(row).casefold()] == [
        ("Josef Leeds", "it@acme.example")
    ]


def test_a_second_erasure_finds_nobody_and_says_when_it_was(filled: World) -> None:
    (pseudonym,) = erase(filled, "c1").pseudonyms
    for wanted, told in (("c1", "erased on 2026-03-10"), (pseudonym, "Nobody is known")):
        with filled.store.reading() as conn, pytest.raises(NobodyFound, match=told):
            erasure.find(conn, filled.store.seal, wanted, None)


# What waits for a decision, or to be sent


def test_what_was_to_be_approved_or_sent_is_not_any_more(planted: World) -> None:
    with planted.store.writing() as conn:
        for table, status in (("proposal", "pending"), ("approval", "pending"), ("outbox", "waiting")):
            conn.execute(TABLES[table].update().values(status=status))
    (digest,) = cells(planted, "outbox", "content_sha256")
    done = erase(planted, "c1")
    assert (done.withdrawn, len(done.unsent)) == (("p",), 1)
    assert cells(planted, "proposal", "status") == [("withdrawn",)]
    assert cells(planted, "approval", "status") == [("closed",)]
    assert cells(planted, "outbox", "status", "content_sha256") == [("failed", *digest)]


def test_a_kept_answer_that_names_the_person_has_no_body_any_more(planted: World) -> None:
    with planted.store.writing() as conn:
        row = {"owner_key_id": "k", "key": "other", "status": 200, "body": b'{"x": "Josefine"}', "created_at": NOW}
        conn.execute(TABLES["idempotency"].insert().values(row))
    erase(planted, "c1")
    assert [body for (body,) in cells(planted, "idempotency", "body")] in (
        [None, b'{"x": "Josefine"}'],
        [b'{"x": "Josefine"}', None],
    )


# Nobody comes back


def test_who_was_erased_is_known_by_digests_alone(filled: World) -> None:
    (pseudonym,) = erase(filled, "c1").pseudonyms
    with filled.store.reading() as conn:
        rows = all_erased(conn)
    assert {row.kind for row in rows} == {"id", "email", "name"}
    assert not any(trace in repr(rows).casefold() for trace in ("josé", "jose", "lee", "'c1'"))
    people = ErasedPeople(filled.store.seal, rows)
    assert people.is_erased(LEE)
    assert people.is_erased(Contact(id="new", account_id="b", email=" JOSE.lee@acme.example"))
    assert not people.is_erased(Contact(id="new", account_id="a", name="José Lee"))
    assert people.repointed(ticket("x", contact_id="c1")) == ticket("x", contact_id=pseudonym)
    assert people.repointed(ticket("x", contact_id="x2")) == ticket("x", contact_id="x2")


@pytest.mark.parametrize(
    ("text", "accounts", "left"),
    [
        ("José Lee, LEE, JOSE and jose lee!", ("a",), "[erased], [erased] and [erased]!"),
        ("José Lee", ("b",), "José Lee"),
        ("José Lee", (), "[erased]"),
        ("to jose.lee@ACME.example, x@y.example", ("b",), "to [erased], x@y.example"),
        ("José Leeds, Josef Lee", ("a",), "José Leeds, Josef Lee"),
        ("", ("a",), ""),
    ],
)
def test_texts_that_come_again(filled: World, text: str, accounts: tuple[str, ...], left: str) -> None:
    erase(filled, "c1")
    with filled.store.reading() as conn:
        people = ErasedPeople(filled.store.seal, all_erased(conn))
    assert people.without(text, accounts) == left


def test_the_same_person_has_the_same_pseudonym_again(filled: World) -> None:
    (first,) = erase(filled, "c1").pseudonyms
    filled.write({"contacts": [LEE]})
    with filled.store.writing() as conn:
        digests = [row.digest for row in all_erased(conn)]
        people = list(erasure.found_again(conn, filled.store.seal, digests))
    assert [list(found.person.pseudonyms.items()) for found in people] == [[("c1", first)]]


def test_an_unfinished_import_is_not_read(filled: World) -> None:
    """The caller holds the import lock and removes what a dead import left."""
    write_id = filled.begin()
    filled.put(write_id, "tickets", ticket("José Lee"))
    with filled.store.writing() as conn:
        versions.undo_unfinished(conn)
    assert "tickets" not in erase(filled, "c1").rows
