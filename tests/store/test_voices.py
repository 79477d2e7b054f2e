"""What customers said, from the database."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.domain.records import Account, NpsResponse, Signal, Ticket, Touchpoint
from app.domain.snapshot import VOICE_CHARACTERS, Voice
from app.store import versions, voices
from tests.store.conftest import TODAY, UTC, World, at, counting, day

FIRST = day("2026-02-01")


def said(
    world: World, first: dt.date = FIRST, as_of: dt.date = TODAY, scope: Any = None, zone: ZoneInfo = UTC
) -> tuple[Voice, ...]:
    with world.store.reading() as conn:
        return voices.build(conn, scope, first, as_of, versions.current(conn), zone)


def ids(found: tuple[Voice, ...]) -> list[str]:
    return [voice.id for voice in found]


@pytest.fixture
def filled(world: World) -> World:
    world.write(
        {
            "accounts": [Account(id=name, name=name) for name in ("a", "b")],
            "tickets": [
                Ticket(
                    id="t1",
                    account_id="a",
                    contact_id="c1",
                    opened_at=at("2026-03-01T23:30"),
                    category="bug",
                    subject="S",
                    body="B",
                ),
                Ticket(id="t2", account_id="b", opened_at=at("2026-03-02T10:00"), subject="only a subject"),
                Ticket(id="t3", account_id="b", opened_at=at("2026-03-02T10:00"), body="  "),
                Ticket(id="t4", account_id="b", opened_at=at("2026-01-31T23:59"), body="too old"),
                Ticket(id="t5", account_id="b", opened_at=at("2026-03-11T00:00"), body="not yet"),
            ],
            "nps": [
                NpsResponse(id="n1", account_id="a", responded_at=at("2026-02-10T09:00"), score=4, comment="slow"),
                NpsResponse(id="n2", account_id="a", responded_at=at("2026-02-11T09:00"), score=9),
            ],
            "touchpoints": [
                Touchpoint(id="m1", account_id="a", date=TODAY, kind="qbr", text="wants webhooks"),
                Touchpoint(id="m2", account_id="b", date=FIRST, kind="note", text="first day"),
                Touchpoint(id="m3", account_id="b", date=FIRST, kind="call", text=""),
            ],
            "signals": [
                Signal(id="s1", account_id="b", date=day("2026-02-20"), kind="competitor", text="looks around")
            ],
        }
    )
    return world


def test_all_kinds_newest_first_with_what_they_are_about(filled: World) -> None:
    found = said(filled)
    assert ids(found) == ["m1", "t2", "t1", "s1", "n1", "m2"]
    by_id = {voice.id: voice for voice in found}
    assert by_id["t1"] == Voice("tickets", "t1", "a", "c1", day("2026-03-01"), "bug", "S", "B", None)
    assert by_id["n1"] == Voice("nps", "n1", "a", None, day("2026-02-10"), "", "", "slow", 4)
    assert by_id["m1"] == Voice("touchpoints", "m1", "a", None, TODAY, "qbr", "", "wants webhooks", None)
    assert by_id["s1"] == Voice("signals", "s1", "b", None, day("2026-02-20"), "competitor", "", "looks around", None)
    assert (by_id["t2"].subject, by_id["t2"].text, by_id["t2"].about) == ("only a subject", "", "")


def test_days_are_those_of_the_deployment(filled: World) -> None:
    found = {voice.id: voice for voice in said(filled, zone=ZoneInfo("Asia/Tokyo"))}
    assert found["t1"].day == day("2026-03-02")
    assert "t4" in found  # 1 February, 08:59 in Tokyo


def test_the_window_ends_with_as_of(filled: World) -> None:
    assert ids(said(filled, as_of=day("2026-03-01"))) == ["t1", "s1", "n1", "m2"]
    assert ids(said(filled, first=TODAY, as_of=FIRST)) == []


@pytest.mark.parametrize(("scope", "found"), [({"a"}, ["m1", "t1", "n1"]), (set(), [])])
def test_only_accounts_in_scope(filled: World, scope: set[str], found: list[str]) -> None:
    assert ids(said(filled, scope=frozenset(scope))) == found


def test_the_newest_are_kept_where_there_are_too_many(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "MOST_VOICES", 3)
    assert ids(said(filled)) == ["m1", "t2", "t1"]


def test_a_long_text_is_cut(world: World) -> None:
    ticket = Ticket(id="t", account_id="a", opened_at=at("2026-03-01T10:00"), subject="s" * 9_000, body="b" * 90_000)
    world.write({"accounts": [Account(id="a", name="a")], "tickets": [ticket]})
    (voice,) = said(world)
    assert (len(voice.subject), len(voice.text)) == (VOICE_CHARACTERS, VOICE_CHARACTERS)


def test_an_older_version_is_not_heard_again(filled: World) -> None:
    filled.write({"touchpoints": [Touchpoint(id="m1", account_id="a", date=TODAY, kind="qbr", text="wants SSO")]})
    assert [voice.text for voice in said(filled) if voice.id == "m1"] == ["wants SSO"]


def test_one_statement_a_table(filled: World) -> None:
    with counting(filled.store.engine) as sent, filled.store.reading() as conn:
        voices.build(conn, None, FIRST, TODAY, versions.current(conn), UTC)
    assert sum("LIMIT" in statement and "trim" in statement for statement in sent) == 4
