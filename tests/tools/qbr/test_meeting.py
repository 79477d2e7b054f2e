"""The agenda's hours, what is prepared by when, the invitation, and the parameters."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.domain.blocks import Checklist, Draft
from app.domain.problems import InvalidArguments
from app.domain.windows import is_working_day, working_days_between
from tests.snapshots import contact, goal
from tests.tools.qbr.conftest import PARAMETERS, data, review, shipped, told
from tools.qbr.arguments import QbrArgs
from tools.qbr.meeting import slots, steps
from tools.qbr.parameters import QbrParameters, When

ALL: frozenset[When] = frozenset(("always", "prompts", "incidents", "overdue", "at_risk"))


def test_the_parts_take_eighty_minutes() -> None:
    """20, 20, 15, 15 and 10 (persona §3.3), one after the other from 14:00."""
    planned = slots(PARAMETERS, dt.time(14))
    assert [slot.part.minutes for slot in planned] == [20, 20, 15, 15, 10]
    assert [f"{slot.start:%H:%M}" for slot in planned] == ["14:00", "14:20", "14:40", "14:55", "15:10"]
    assert all(slot.start is None for slot in slots(PARAMETERS, None))


def test_a_meeting_ends_by_midnight() -> None:
    assert slots(PARAMETERS, dt.time(22, 40))[-1].start == dt.time(23, 50)
    with pytest.raises(InvalidArguments):
        slots(PARAMETERS, dt.time(22, 41))


def test_days_are_counted_back_from_the_meeting() -> None:
    """From Thursday 2026-07-16: ten working days before is Thursday the 2nd, two after is Monday the 20th."""
    due = {step.what[:10]: step.due for step in steps(PARAMETERS, ALL, dt.date(2026, 7, 16))}
    assert due["Settle day"] == dt.date(2026, 7, 2)
    assert due["Get the nu"] == dt.date(2026, 7, 7)
    assert due["Rehearse t"] == dt.date(2026, 7, 13)
    assert due["Send the s"] == dt.date(2026, 7, 14)
    assert due["Send notes"] == dt.date(2026, 7, 20)


@given(on=st.dates(dt.date(2023, 1, 1), dt.date(2032, 12, 31)))
@settings(max_examples=60)
def test_what_is_due_is_due_on_a_working_day_in_order(on: dt.date) -> None:
    """A meeting on a weekend counts from the Friday before."""
    due = [step.due for step in steps(PARAMETERS, ALL, on) if step.due is not None]
    assert due == sorted(due)
    assert all(is_working_day(day) for day in due)
    after, until = (np.array(day, dtype=np.int32) for day in (due[0].toordinal() + 1, on.toordinal()))
    assert int(working_days_between(after, until)) == PARAMETERS.preparation[0].days


def test_what_should_have_been_done_is_due_today() -> None:
    made = review(args={"on": dt.date(2026, 6, 30)})
    tasks = next(block for block in made.blocks if isinstance(block, Checklist)).items
    assert tasks[0].due == dt.date(2026, 6, 26)
    assert "(was due 2026-06-16)" in told(made, tasks[0].text)
    assert data(made).preparation[0].due == dt.date(2026, 6, 16)


def test_without_a_day_the_distance_is_told() -> None:
    made = review()
    tasks = next(block for block in made.blocks if isinstance(block, Checklist)).items
    assert "10 working days before the meeting" in told(made, tasks[0].text)
    assert tasks[0].due is None
    assert "2 working days after the meeting" in told(made, tasks[-1].text)


def test_a_meeting_in_the_past_is_refused() -> None:
    with pytest.raises(InvalidArguments):
        review(args={"on": dt.date(2026, 6, 25)})


@pytest.mark.parametrize("at", ["14", "24:00", "12:60", "noon", "-1:00", ":"])
def test_an_hour_is_written_hh_mm(at: str) -> None:
    with pytest.raises(ValidationError):
        QbrArgs(account="acme", at=at)
    assert QbrArgs(account="acme", at="9:05").at == dt.time(9, 5)


def test_the_invitation_goes_to_who_decides_and_asks_for_what_is_missing() -> None:
    contacts = [
        contact("dev", name="Dee Ray", stakeholder="developer", is_champion=True),
        contact("own", name="Ona Fox", stakeholder="business_owner"),
        contact("boss", name="Bo Hart", stakeholder="exec_sponsor", left_on=dt.date(2026, 6, 1)),
    ]
    args = {"action": "agenda", "on": dt.date(2026, 7, 16), "at": dt.time(14)}
    made = review(args=args, contacts=contacts, goals=[goal("g", "on_track", metric="latency", baseline=8, target=2)])
    drafts = [block for block in made.blocks if isinstance(block, Draft)]
    assert [draft.audience for draft in drafts] == ["customer"]
    to, _, body = (told(made, field.text) for field in drafts[0].fields)
    assert to == "Ona Fox"
    assert body.startswith("Hello Ona,")
    assert "Does 2026-07-16 at 14:00 (UTC) suit you? It takes about 80 minutes." in body
    assert "What did “latency” do since" in body
    assert "\n5. 15:10 " in body


@pytest.mark.parametrize(
    "change",
    [
        {"longest": 70},
        {"shortest": 81},
        {"parts": shipped("qbr")["parts"][:4]},
        {"not_shown": []},
        {"goal_words": {"achieved": "done"}},
        {"shown": {**shipped("qbr")["shown"], "tickets": 5}},
    ],
)
def test_parameters_that_make_no_review_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        QbrParameters.model_validate(shipped("qbr") | change)


def test_parameters_can_be_written_and_read_again() -> None:
    assert QbrParameters.model_validate(PARAMETERS.model_dump(mode="json")) == PARAMETERS
