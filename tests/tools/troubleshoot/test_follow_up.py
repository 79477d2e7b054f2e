"""Checks after the fix: two promises of ours, written once, by those who may; done when somebody says what fixed it."""

import datetime as dt
from typing import Any

import pytest

from app.domain.command import Outcome
from app.domain.effects import LogTouchpoint, RecordCommitment
from app.domain.problems import InvalidArguments
from app.domain.promises import side_of
from app.domain.records import Commitment
from app.domain.yaml_text import load_yaml
from tests.snapshots import AS_OF, contact, ticket
from tests.tools.troubleshoot.asked import a_file, acme, ask, data, diagnosed_as, drafts, field_of, found, told
from tools.troubleshoot.data import SolvedData

WRITES: dict[str, Any] = {"typed": True, "may_write": True}
EXPIRED = found("token_expired", "customer", "known", "The token had expired")


def commitments(outcome: Outcome) -> list[Commitment]:
    return [effect.item for effect in outcome.effects if isinstance(effect, RecordCommitment)]


@pytest.fixture
def expired(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, EXPIRED)


@pytest.mark.usefixtures("expired")
def test_two_checks_are_kept_as_promises_of_ours() -> None:
    outcome = ask("401", **WRITES)
    soon, later = commitments(outcome)
    assert (soon.due, later.due) == (dt.date(2026, 6, 29), AS_OF + dt.timedelta(days=7))  # the day after is a Saturday
    assert (soon.account_id, soon.made_on, soon.done_on) == ("acme", AS_OF, None)
    assert soon.what == "Check after the fix (The token had expired): No call is answered 401 for an expired token."
    assert side_of(soon.by or "", acme(), ()) == "us"
    assert data(outcome).checks_state == "kept"
    assert "Checks after the fix are written down for 2026-06-29 and 2026-07-03. Type undo" in told(outcome)


@pytest.mark.usefixtures("expired")
def test_asked_twice_a_day_they_are_the_same_records() -> None:
    first, second = (commitments(ask(text, **WRITES)) for text in ("401", "401 again, other words"))
    assert [each.id for each in first] == [each.id for each in second]


@pytest.mark.usefixtures("expired")
def test_on_another_day_or_for_another_rule_they_are_others(monkeypatch: pytest.MonkeyPatch) -> None:
    today = commitments(ask("401", **WRITES))
    tomorrow = dt.datetime(2026, 6, 27, 9, tzinfo=dt.UTC)
    later = commitments(ask("401", **WRITES, now=tomorrow, as_of=tomorrow.date()))
    diagnosed_as(monkeypatch, found("rate_limited", "customer", "known", "Too fast"))
    other = commitments(ask("429", **WRITES))
    assert len({each.id for each in (*today, *later, *other)}) == 6


@pytest.mark.usefixtures("expired")
def test_open_ones_of_the_same_rule_are_not_written_again() -> None:
    before = tuple(commitments(ask("401", **WRITES)))
    tomorrow = dt.datetime(2026, 6, 27, 9, tzinfo=dt.UTC)
    again = ask("401", **WRITES, now=tomorrow, as_of=tomorrow.date(), facts={"commitments": before})
    assert again.effects == ()
    assert data(again).checks_state == "on_record"
    assert [each.due for each in data(again).checks if each.id] == [each.due for each in before]
    assert "Checks after the fix are on record already." in told(again)


@pytest.mark.usefixtures("expired")
def test_those_done_today_are_not_opened_again() -> None:
    done = tuple(each.model_copy(update={"done_on": AS_OF}) for each in commitments(ask("401", **WRITES)))
    assert ask("401", **WRITES, facts={"commitments": done}).effects == ()


@pytest.mark.usefixtures("expired")
@pytest.mark.parametrize(
    ("options", "because"),
    [
        ({"typed": False, "may_write": True}, "only a command that a person types writes"),
        ({"typed": True, "may_write": False}, "your key may only read"),
        ({**WRITES, "as_of": AS_OF - dt.timedelta(days=3)}, "the answer is for a day that is over"),
        ({**WRITES, "alone": True}, "no account is named"),
    ],
)
def test_what_may_not_be_written_is_said_and_shown(options: dict[str, Any], because: str) -> None:
    outcome = ask("401", **options)
    assert outcome.effects == ()
    assert data(outcome).checks_state == "not_kept"
    assert len(data(outcome).checks) == 3
    assert f"not written down: {because}" in told(outcome)


def test_an_answer_for_the_customer_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, EXPIRED)
    assert ask("401", **WRITES, audience="customer").effects == ()


@pytest.mark.parametrize("causes", [(), (found("token_expired", "customer", "possible", "Perhaps expired"),)])
def test_where_nothing_is_likely_nothing_is_checked(monkeypatch: pytest.MonkeyPatch, causes: Any) -> None:
    diagnosed_as(monkeypatch, *causes)
    outcome = ask("401", **WRITES)
    assert outcome.effects == ()
    assert data(outcome).checks == ()


@pytest.mark.usefixtures("expired")
def test_the_day_is_that_of_the_desk() -> None:
    late = dt.datetime(2026, 6, 29, 23, 30, tzinfo=dt.UTC)  # Tuesday, 08:30 in Tokyo
    kept = commitments(ask("401", **WRITES, now=late, zone="Asia/Tokyo", as_of=dt.date(2026, 6, 30)))
    assert kept[0].due == dt.date(2026, 7, 1)


FIX = (
    "Dora Lang at Acme renewed the client secret of https://id.acme.example.com (203.0.113.9), ticket T-10422; "
    "password: hunter22 was changed, ask dora@acme.example.com"
)


def solved(fix: str = FIX, **options: Any) -> Outcome:
    before = tuple(commitments(ask("401", **WRITES)))
    dora = contact("c-dev", name="Dora Lang", email="dora@acme.example.com", stakeholder="developer")
    others = options.pop("others", ())
    facts = {"commitments": (*before, *others), "contacts": (dora,), "tickets": (ticket("T-10422"),)}
    return ask(fix, action="solved", facts=facts, **{**WRITES, **options})


@pytest.mark.usefixtures("expired")
def test_solved_closes_the_checks_and_logs_the_fix() -> None:
    theirs = Commitment(id="c-1", account_id="acme", what="Send the document", by="us")
    outcome = solved(others=(theirs,))
    done = commitments(outcome)
    assert [each.done_on for each in done] == [AS_OF, AS_OF]
    note = next(effect.item for effect in outcome.effects if isinstance(effect, LogTouchpoint))
    assert note.kind == "note"
    assert (note.text or "").startswith("Solved: The token had expired. Fix: Dora Lang at Acme renewed")
    assert "hunter22" not in (note.text or "")
    assert "2 checks are done" in told(outcome)


@pytest.mark.usefixtures("expired")
def test_the_article_holds_the_fix_and_nothing_of_the_customer() -> None:
    article = field_of(drafts(solved(), "internal")[0], "Text")
    _, head, body = article.split("---\n", 2)
    assert load_yaml(head) == {
        "id": "solved-token-expired",
        "title": "The token had expired",
        "audience": "internal",
        "category": "key",
    }
    assert "renewed the client secret of" in body
    for theirs in ("Acme", "acme", "Dora", "Lang", "203.0.113.9", "T-10422", "hunter22", "example.com"):
        assert theirs not in body, theirs


OTHER = Commitment(id="chk-o", account_id="acme", what="Check", by="us", source="troubleshoot rate_limited")


@pytest.mark.usefixtures("expired")
def test_of_several_cases_it_is_asked_which_and_the_next_message_names_it() -> None:
    asked = solved("A restart helped", others=(OTHER,))
    assert asked.effects == ()
    assert asked.question is not None
    assert set(asked.question.choices) == {"token_expired", "rate_limited"}
    answered = solved("A restart helped\nrate_limited", others=(OTHER,))
    assert [each.id for each in commitments(answered)] == ["chk-o"]


@pytest.mark.usefixtures("expired")
@pytest.mark.parametrize("options", [{"typed": False}, {"may_write": False}, {"audience": "customer"}])
def test_solved_writes_only_for_those_who_may(options: dict[str, Any]) -> None:
    outcome = solved(**options)
    assert outcome.effects == ()
    found_data = outcome.report.data
    assert isinstance(found_data, SolvedData)
    assert not found_data.written


def test_solved_without_a_check_logs_the_fix_and_drafts_nothing() -> None:
    outcome = ask("A restart helped", action="solved", **WRITES)
    assert [effect.kind for effect in outcome.effects] == ["log_touchpoint"]
    assert drafts(outcome, "internal") == []
    assert "No check of a diagnosis was open" in told(outcome)


def test_the_same_fix_told_twice_is_one_note() -> None:
    first, second = (ask("A restart helped", action="solved", **WRITES).effects[0] for _ in range(2))
    assert first == second


@pytest.mark.parametrize(("text", "alone", "missing"), [(None, False, ["text"]), ("x", True, ["account"])])
def test_solved_asks_for_what_it_needs(text: str | None, alone: bool, missing: list[str]) -> None:
    with pytest.raises(InvalidArguments) as error:
        ask(text, action="solved", alone=alone)
    assert error.value.extra["missing"] == missing


def test_the_checks_are_of_the_top_cause_whatever_file_it_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, EXPIRED, found("token_expired", "customer", "possible", "Another"))
    assert len(commitments(ask(files=(a_file(said="401"),), **WRITES))) == 2
