"""/health log: the answer, the records that it wants written, and closing promises."""

import dataclasses
import datetime as dt
from typing import Any

import pytest

from app.domain.command import Outcome
from app.domain.effects import LogTouchpoint, RecordCommitment, SetContact
from app.domain.problems import InvalidArguments
from app.domain.records import Commitment, Touchpoint
from app.render.text import to_text
from tests.snapshots import AS_OF, account, account_snapshot, contact
from tests.tools.health.conftest import context
from tools.health import COMMAND, HealthArgs
from tools.health.log_data import LogData

CONTACTS = [contact("c1", name="Maria Santos", email="maria@acme.com", is_champion=True), contact("c2", name="Tom Lee")]
PROMISES = [
    Commitment(id="c-12", account_id="acme", what="send the SSO document", by="us", due=AS_OF - dt.timedelta(days=2)),
    Commitment(id="c-13", account_id="acme", what="share the usage plan", by="customer"),
    Commitment(id="PR 12", account_id="acme", what="quote for a sandbox", by="us"),
]


def log(text: str | None, *, typed: bool = True, **facts: Any) -> Outcome:
    snapshot = account_snapshot(account(), **{"contacts": CONTACTS, "commitments": PROMISES, **facts})
    args = HealthArgs(action="log", account="acme", text=text)
    COMMAND.needs(args)
    return COMMAND.run(dataclasses.replace(context(one=snapshot), typed=typed), args)


def told(outcome: Outcome) -> str:
    return " ".join(to_text(outcome.report.blocks, outcome.report.figures).split())


def data(outcome: Outcome) -> LogData:
    assert isinstance(outcome.report.data, LogData)
    return outcome.report.data


def test_a_note_is_written_whole_with_what_it_says() -> None:
    outcome = log("Call with Maria. We will send the fix by Friday. Tom left. Key sk_live_abcdef123456")
    touchpoint, gone, promise = outcome.effects
    assert isinstance(touchpoint, LogTouchpoint)
    assert (touchpoint.item.kind, touchpoint.item.contact_id, touchpoint.item.date) == ("call", "c1", AS_OF)
    assert touchpoint.item.text is not None
    assert touchpoint.item.text.startswith("Call with Maria.")
    assert "abcdef" not in touchpoint.item.text
    assert isinstance(gone, SetContact)
    assert (gone.item.id, gone.item.left_on, gone.item.name) == ("c2", AS_OF, "Tom Lee")
    assert isinstance(promise, RecordCommitment)
    assert (promise.item.by, promise.item.what, promise.item.due) == ("us", "send the fix", AS_OF)
    words = told(outcome)
    assert "Logged: call of 2026-06-26 with Maria Santos and Tom Lee, Acme" in words
    assert "1 promise and 1 departure" in words
    assert "No day is given on which Tom Lee left" in words
    assert "/v1/turns/turn_1/undo" in words
    assert "abcdef" not in words


def test_a_departure_ahead_is_told_as_such() -> None:
    outcome = log("tom is leaving on 12 july")
    going = outcome.effects[1]
    assert isinstance(going, SetContact)
    assert going.item.left_on == dt.date(2026, 7, 12)
    assert "Leaves Tom Lee, on 2026-07-12" in told(outcome)


def test_ids_come_from_the_text_so_that_the_same_note_is_the_same_records() -> None:
    first, second = (log("Call with Maria. We will send the fix by Friday").effects for _ in range(2))
    other = log("Call with Maria. We will send the fix by Monday").effects
    assert first == second
    assert {e.item.identity for e in first}.isdisjoint(e.item.identity for e in other)


def test_the_same_text_on_the_same_day_writes_nothing() -> None:
    there = Touchpoint(id="t1", account_id="acme", date=AS_OF, kind="note", text="Lunch with Maria")
    outcome = log("Lunch with Maria", touchpoints=[there])
    assert outcome.effects == ()
    assert (data(outcome).written, data(outcome).duplicate_of) == (False, "t1")
    assert "Already logged" in told(outcome)
    yesterday = there.model_copy(update={"date": AS_OF - dt.timedelta(days=1)})
    assert len(log("Lunch with Maria", touchpoints=[yesterday]).effects) == 1


def test_only_what_a_person_typed_writes() -> None:
    outcome = log("Call with Maria. They are evaluating RivalCo", typed=False)
    assert outcome.effects == ()
    assert "Nothing was written" in told(outcome)
    assert log("kept c-12", typed=False).effects == ()


@pytest.mark.parametrize("text", [None, "", " \n\t", "\u200b\ufeff "])
def test_an_empty_note_is_asked_for(text: str | None) -> None:
    with pytest.raises(InvalidArguments) as asked:
        log(text)
    assert asked.value.extra["missing"] == ["text"]


def test_no_account_is_asked_for() -> None:
    with pytest.raises(InvalidArguments) as asked:
        COMMAND.needs(HealthArgs(action="log", text="Call"))
    assert asked.value.extra["missing"] == ["account"]


def test_a_text_that_is_too_long_is_refused_whole() -> None:
    with pytest.raises(InvalidArguments) as refused:
        log("x" * 100_001)
    assert refused.value.code == "note_too_long"
    (written,) = log("word " * 20_000).effects
    assert isinstance(written, LogTouchpoint)
    assert len(written.item.text or "") == 100_000


def test_what_is_not_certain_is_told() -> None:
    words = told(log("Dana to send the SSO doc by 5/6. They may cut the budget. Met Bob Miller."))
    assert "“5/6” can be 6 May or 5 June; write YYYY-MM-DD" in words
    assert "A budget cut is only supposed, so none was written" in words
    assert "Bob Miller is none of the contacts on record" in words


@pytest.mark.parametrize(
    ("text", "ids", "day"),
    [
        ("kept c-12", ["c-12"], AS_OF),
        ("Kept: c-12, c-13", ["c-12", "c-13"], AS_OF),
        ("done c-13", ["c-13"], AS_OF),
        ("done: sent the SSO doc and the document link", ["c-12"], AS_OF),
        ("done: they shared the plan yesterday", ["c-13"], AS_OF - dt.timedelta(days=1)),
        ("kept c-12 and c-13", ["c-12", "c-13"], AS_OF),
        ("kept c-12, sent it yesterday", ["c-12"], AS_OF - dt.timedelta(days=1)),
        ("kept c-12 but not c-13", ["c-12"], AS_OF),
        ("Kept PR 12", ["PR 12"], AS_OF),
    ],
)
def test_a_promise_is_closed(text: str, ids: list[str], day: dt.date) -> None:
    effects = log(text).effects
    assert [(e.item.id, e.item.done_on) for e in effects if isinstance(e, RecordCommitment)] == [(i, day) for i in ids]
    assert len(effects) == len(ids)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kept c-99", "promise_not_found"),
        ("kept c-12 and c-99", "promise_not_found"),
        ("kept", "promise_not_found"),
        ("done:", "promise_not_found"),
        ("done: paid the invoice", "promise_not_found"),
        ("kept: share the document", "promise_ambiguous"),
    ],
)
def test_which_promise_is_meant_is_never_guessed(text: str, code: str) -> None:
    with pytest.raises(InvalidArguments) as refused:
        log(text)
    assert refused.value.code == code
    assert "c-12 (send the SSO document)" in refused.value.detail


def test_a_note_that_begins_like_a_close_is_a_note() -> None:
    (effect,) = log("Done with the onboarding, Maria is happy").effects
    assert isinstance(effect, LogTouchpoint)
