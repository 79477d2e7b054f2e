"""/champion of one account: cover, what to do and when, who follows, and what a viewer gets."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.blocks import Checklist, Draft, Verdict
from app.domain.command import Outcome
from app.domain.records import Commitment, FeedbackItem, Touchpoint
from app.domain.windows import is_working_day
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, contact, days_before, goal, response, ticket
from tests.tools.champion.acme import acme, did, logins, on
from tools.champion import COMMAND
from tools.champion.arguments import ChampionArgs
from tools.champion.data import AccountData

JANE = contact(
    "jane", name="Jane Doe", email="jane@acme.example", is_champion=True, influence="high", role="Head of Data"
)
SAM = contact("sam", name="Sam Poe", stakeholder="developer", influence="medium")
ANN = contact("ann", name="Ann Lee", stakeholder="exec_sponsor", influence="high")
FULL: dict[str, Any] = {  # all four traits
    "contacts": (JANE, SAM, ANN),
    "activity": logins("jane", 2, 8),
    "touchpoints": (did("jane", "champion_action", 20, text="Showed the alerts to nine plants of theirs."),),
    "nps": (response("n1", 10, contact_id="jane"),),
    "goals": (goal("g1", "achieved"),),
}


def run(**facts: Any) -> Outcome:
    return COMMAND.run(acme(**facts), ChampionArgs(account="acme"))


def data(outcome: Outcome) -> AccountData:
    assert isinstance(outcome.report.data, AccountData)
    return outcome.report.data


def told(outcome: Outcome) -> str:
    return to_markdown(outcome.report.blocks, outcome.report.figures)


def keys(outcome: Outcome) -> dict[str, dt.date]:
    return {todo.key: todo.due for todo in data(outcome).todos}


def test_one_champion_with_all_four_traits() -> None:
    outcome = run(**FULL)
    answer = data(outcome)
    assert (answer.cover, answer.champions, answer.people[0].traits_shown) == ("single", 1, 4)
    assert answer.arr == 100_000
    assert keys(outcome) == {  # working days from Friday 2026-06-26
        "direct_line": on("2026-07-01"),
        "early_access": on("2026-07-03"),
        "recognition": on("2026-07-10"),
        "second": on("2026-07-10"),
        "advisory_board": on("2026-07-17"),
        "perks": on("2026-07-17"),
    }
    assert "hangs on one champion: Jane Doe, who is a power user, speaks for us" in told(outcome)


def test_the_person_with_most_traits_is_built_up_as_the_second() -> None:
    (second,) = [todo for todo in data(run(**FULL)).todos if todo.key == "second"]
    assert second.person == "ann"  # a say in the renewal; Sam shows none
    assert "office hours" in second.does  # the first trait that is not there


def test_an_unmarked_person_with_three_traits_is_a_candidate() -> None:
    bea = contact("bea", name="Bea Fox", influence="high")
    outcome = run(
        contacts=(JANE, bea), activity=logins("bea", 1, 6), nps=(response("n", 9, contact_id="bea"),), touchpoints=()
    )
    assert data(outcome).candidates == 1
    assert "/champion acme mark bea" in told(outcome)
    assert "second" not in keys(outcome)


def test_a_detractor_is_no_candidate_and_is_asked_for_nothing() -> None:
    bea = contact("bea", influence="high")
    facts: dict[str, Any] = {"activity": logins("bea", 1, 6), "nps": (response("n", 6, contact_id="bea"),)}
    assert data(run(contacts=(bea,), **facts)).candidates == 0
    marked = run(contacts=(bea.model_copy(update={"is_champion": True}),), **facts)
    assert set(keys(marked)) == {"listen", "direct_line"}
    assert {each.key for each in data(marked).waits} == {"early_access", "advisory_board", "recognition", "perks"}
    assert not [block for block in marked.report.blocks if isinstance(block, Draft)]


def test_the_latest_score_counts() -> None:
    scores = (response("n1", 2, contact_id="jane", days_ago=90), response("n2", 9, contact_id="jane", days_ago=3))
    assert "listen" not in keys(run(**FULL | {"nps": scores}))


def test_while_a_sev1_is_open_nothing_is_asked() -> None:
    outcome = run(**FULL, tickets=(ticket("t1", severity="SEV1", days_ago=1),))
    assert data(outcome).sev1_open
    assert {"recognition", "early_access", "advisory_board", "perks"}.isdisjoint(keys(outcome))
    assert not [block for block in outcome.report.blocks if isinstance(block, Draft)]
    assert "SEV1 open: 1." in told(outcome)
    assert not data(run(**FULL, tickets=(ticket("t1", severity="SEV1", days_ago=9, hours=4),))).sev1_open


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"goals": ()}, "no goal is reached"),
        ({"touchpoints": ()}, "has not spoken for us"),
    ],
)
def test_a_case_study_needs_a_voice_and_a_result(changes: dict[str, Any], why: str) -> None:
    (waits,) = [each for each in data(run(**FULL | changes)).waits if each.key == "recognition"]
    assert why in waits.why


def test_a_champion_in_name_only_is_said_and_may_be_unmarked() -> None:
    pat = contact("pat", name="Pat Ray", is_champion=True, influence="low")
    outcome = run(contacts=(pat,), activity=logins("pat", 0, 0))
    assert data(outcome).people[0].standing == "in_name"
    assert "shows none of the four traits" in told(outcome)
    assert "/champion acme unmark pat" in told(outcome)


GONE = JANE.model_copy(update={"left_on": days_before(20)})


def test_a_champion_left_and_nobody_follows() -> None:
    owed = Commitment(id="c1", account_id="acme", by="Ann Lee", what="Name who follows Jane Doe", due=days_before(4))
    outcome = run(
        contacts=(GONE, SAM, ANN),
        nps=(response("n1", 9, contact_id="sam"),),
        goals=(goal("g1", "on_track"),),
        commitments=(owed,),
        fields={"renewal_date": AS_OF + dt.timedelta(days=60)},
    )
    answer = data(outcome)
    assert (answer.cover, answer.departed) == ("departed", 1)
    assert [each.person for each in answer.successors] == ["ann", "sam"]  # one trait each: a say in the renewal first
    assert keys(outcome) == {
        "introduction": on("2026-06-30"),
        "access": on("2026-06-30"),
        "sponsor": on("2026-07-01"),  # the decision is 30 days off
        "handover": on("2026-07-03"),
        "promises": on("2026-07-03"),
        "goals": on("2026-07-10"),
        "follow": on("2026-07-10"),
        "mark": on("2026-07-24"),
    }
    (mail,) = [
        block for block in outcome.report.blocks if isinstance(block, Draft) and "First word" in str(block.title)
    ]
    assert mail.audience == "customer"
    assert "no champion since Jane Doe left on 2026-06-06" in told(outcome)


def test_while_a_sev1_is_open_nobody_gets_a_letter() -> None:
    outcome = run(contacts=(GONE, ANN), tickets=(ticket("t1", severity="SEV1", days_ago=1),))
    assert "introduction" in keys(outcome)
    assert not [block for block in outcome.report.blocks if isinstance(block, Draft)]


def test_a_champion_who_was_followed_is_news_for_a_while_only() -> None:
    kim = contact("kim", name="Kim Orr", is_champion=True, influence="high")
    soon = data(run(contacts=(GONE, kim)))
    assert (soon.cover, soon.departed, soon.successors[0].person) == ("single", 1, "kim")
    long_ago = JANE.model_copy(update={"left_on": days_before(181)})
    assert data(run(contacts=(long_ago, kim))).departed == 0
    assert data(run(contacts=(long_ago,))).cover == "departed"


def test_thanks_name_the_deed_and_none_of_our_notes() -> None:
    (mail,) = [block for block in run(**FULL).report.blocks if isinstance(block, Draft)]
    body = "".join(str(part) for field in mail.fields for part in field.text)
    assert (mail.audience, mail.account_id) == ("customer", "acme")
    assert "Hello Jane" in body
    assert "on 6 June 2026" in body
    assert "nine plants" not in body
    assert "champion" not in body


@pytest.mark.parametrize(
    ("contacts", "cover", "tone"),
    [
        ((), "unknown", "warning"),
        ((SAM,), "none", "bad"),
        ((JANE, contact("two", is_champion=True)), "covered", "good"),
    ],
)
def test_covers(contacts: tuple[Any, ...], cover: str, tone: str) -> None:
    outcome = run(contacts=contacts)
    verdict = outcome.report.blocks[0]
    assert isinstance(verdict, Verdict)
    assert (data(outcome).cover, verdict.tone) == (cover, tone)
    assert "None" not in told(outcome)


@pytest.mark.parametrize(
    "fields",
    [
        {"lifecycle": "churned"},
        {"contract_start": AS_OF + dt.timedelta(days=9), "lifecycle": "onboarding"},
        {"renewal_date": None, "contract_start": None, "arr": None},
        {"renewal_date": days_before(9)},
    ],
)
def test_any_account_gets_an_answer(fields: dict[str, Any]) -> None:
    answer = told(run(contacts=(JANE,), fields=fields))
    assert "None" not in answer
    if "renewal_date" not in fields:
        assert "no customer today" in answer


def test_betas_that_the_account_waits_for_come_first() -> None:
    item = FeedbackItem(id="f", title="Signed webhooks please", category="feature_request", account_ids=("acme",))
    assert "Signed webhooks" in told(run(**FULL, items=(item,)))
    assert "early_access" not in keys(run(**FULL, roadmap=()))


def test_a_viewer_gets_the_risk_and_nobody() -> None:
    outcome = run(**FULL, ctx={"sees_people": False})
    answer = json.dumps(outcome.report.data.model_dump(mode="json")) + told(outcome)
    answer += "".join(figure.model_dump_json() for figure in outcome.report.figures)
    for word in ("Jane", "jane", "sam", "ann@", "n1", "Head of Data", "logins", "NPS"):
        assert word not in answer, word
    assert data(outcome).people_hidden
    assert data(outcome).cover == "single"
    assert "Ask a CSE" in answer


def test_no_single_day_of_a_login_is_told() -> None:
    outcome = run(**FULL)
    rows = [e for f in outcome.report.figures for e in f.evidence if e.kind == "contact_activity"]
    assert rows
    assert all(e.id is None and e.date is None for e in rows)


@settings(max_examples=30, deadline=None)
@given(st.dates(dt.date(2024, 1, 1), dt.date(2028, 3, 1)))
def test_every_due_day_is_a_working_day_and_none_is_past(as_of: dt.date) -> None:
    act = Touchpoint(id="t", account_id="acme", contact_id="jane", date=as_of, kind="champion_action")
    ctx = acme(contacts=(JANE, SAM), touchpoints=(act,), as_of=as_of, ctx={"as_of": as_of})
    found = COMMAND.run(ctx, ChampionArgs(account="acme")).report
    tasks = [task for block in found.blocks if isinstance(block, Checklist) for task in block.items]
    assert tasks
    for task in tasks:
        assert task.due is not None
        assert is_working_day(task.due)
        assert task.due >= as_of
