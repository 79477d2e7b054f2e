"""Promises in notes and mails of a customer that are not on record."""

import datetime as dt
from typing import Any

import pytest

from app.domain import records
from app.domain.blocks import Table
from tests.snapshots import AS_OF, account, contact, touchpoint
from tests.tools.health.conftest import PARAMETERS
from tests.tools.health.test_brief import brief, headings, tables, words
from tools.health.heard import heard
from tools.health.notes.reading import NoteReader

FRIDAY = AS_OF  # a Friday
JANE = contact("jane", name="Jane Doe")


def note(text: str, days_ago: int = 7, touchpoint_id: str = "p1") -> records.Touchpoint:
    """A call on the Friday before, unless `days_ago` says otherwise."""
    return touchpoint(touchpoint_id, "call", days_ago=days_ago).model_copy(update={"text": text})


def found(*points: records.Touchpoint, **facts: Any) -> list[tuple[str | None, str, dt.date | None]]:
    snapshot = tables(account(owner="Sam Ray"), contacts=[JANE], touchpoints=list(points), **facts)
    return [(each.promise.by, each.what, each.promise.due) for each in heard(snapshot, PARAMETERS.notes)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good call. We will send the audit log by Tuesday.", [("us", "send the audit log", FRIDAY - dt.timedelta(3))]),
        ("Jane will share the plan.", [("Jane Doe", "share the plan", None)]),
        ("They asked for the audit log. Nothing was promised.", []),
        ("If they renew we will send a plan.", []),
        ("", []),
    ],
)
def test_what_a_text_promises(text: str, expected: list[tuple[str | None, str, dt.date | None]]) -> None:
    """Days count from the note's own day, not from today."""
    assert found(note(text)) == expected


def test_what_is_on_record_or_long_ago_is_not_told() -> None:
    promised = "We will send the audit log."
    kept = records.Commitment(id="c1", account_id="acme", what="Send the audit log", by="us", done_on=AS_OF)
    assert found(note(promised), commitments=[kept]) == []
    assert found(note(promised, days_ago=59)) != []
    assert found(note(promised, days_ago=60)) == []
    assert len(found(note(promised), note(promised, touchpoint_id="p2"))) == 1


def test_the_brief_tells_them_with_the_line_that_records_each() -> None:
    data, report = brief(
        account(owner="Sam Ray"),
        contacts=[JANE],
        touchpoints=[note("We will send the audit log by Tuesday. He will look into SSO.")],
    )
    assert "Heard, and not on record" in headings(report)
    lines = {each.what: each.record_with for each in data.heard}
    assert lines["send the audit log"] == f"/health acme log We will send the audit log by {FRIDAY - dt.timedelta(3)}"
    assert lines["look into SSO"] == ""  # nobody was named before
    assert "say who promised it" in words(report)
    assert "send the audit log" in words(report)
    due = next(figure for figure in report.figures if figure.key == "heard.p1.1.due")
    assert (due.value, due.evidence[0].id) == (FRIDAY - dt.timedelta(3), "p1")


def test_the_line_says_what_was_heard() -> None:
    """Logged as it stands it puts the same promise on record."""
    told = "Jane will share the plan by Tuesday, and we will send the audit log."
    snapshot = tables(account(owner="Sam Ray"), contacts=[JANE], touchpoints=[note(told)])
    each = heard(snapshot, PARAMETERS.notes)
    assert len(each) == 2
    for one in each:
        text = one.line.removeprefix("/health acme log ")
        (again,) = NoteReader(PARAMETERS.notes, snapshot.account, snapshot.contacts, AS_OF).read(text).promises
        assert (again.by, again.what, again.due) == (one.promise.by, one.promise.what, one.promise.due)


def test_a_brief_with_nothing_heard_says_nothing_of_it() -> None:
    data, report = brief(contacts=[JANE], touchpoints=[note("All is well.")])
    assert data.heard == ()
    assert "Heard, and not on record" not in headings(report)
    assert any(isinstance(block, Table) for block in report.blocks)
