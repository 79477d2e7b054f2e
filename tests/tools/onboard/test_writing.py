"""/onboard done, slip, answer, check, sign-off: what is written, refused, or on record already."""

import datetime as dt
from typing import Any

import pytest

from app.domain.command import Outcome
from app.domain.effects import AddSlip, SetCheck, SetMilestone
from app.domain.problems import InvalidArguments
from app.domain.records import Check, Milestone
from tests.snapshots import AS_OF, days_before
from tests.tools.onboard.desk import PARAMETERS, ask, context, headline, milestone, newcomer, told, written
from tools.onboard import COMMAND, OnboardArgs
from tools.onboard.arguments import Action

DUE = dt.date(2026, 6, 24)
"""A Wednesday."""

KEPT = (
    milestone("M1", days_before(20), done_on=days_before(20)),
    milestone("M2", DUE, after=("M1",)),
    milestone("M3", dt.date(2026, 7, 3), after=("M2",)),
    milestone("M4", dt.date(2026, 7, 3), after=("M1",)),
)


def write(action: Action, text: str | None, **facts: Any) -> Outcome:
    return ask(context(**{"milestones": KEPT, **facts}), action, text)


def milestones_of(outcome: Outcome) -> list[Milestone]:
    return [effect.item for effect in outcome.effects if isinstance(effect, SetMilestone)]


def check_of(outcome: Outcome) -> Check:
    (effect,) = outcome.effects
    assert isinstance(effect, SetCheck)
    return effect.item


def refused(action: Action, text: str, **facts: Any) -> str:
    with pytest.raises(InvalidArguments) as problem:
        write(action, text, **facts)
    return problem.value.detail


def test_done_signs_one_milestone_of_a_kept_plan() -> None:
    outcome = write("done", "m2")
    (signed,) = milestones_of(outcome)
    assert (signed.code, signed.done_on, signed.signed_by, signed.due) == ("M2", AS_OF, "Sam", DUE)
    assert headline(outcome) == "Signed: M2 “Step M2”, Acme, done on 2026-06-26"
    assert "Next: M3" in told(outcome)
    assert not written(outcome).plan_kept_now


def test_a_late_entry_keeps_its_day_and_none_lies_ahead() -> None:
    (signed,) = milestones_of(write("done", "M2 on 2026-06-23"))
    assert signed.done_on == dt.date(2026, 6, 23)
    assert "lies ahead" in refused("done", "M2 on 2026-06-27")
    assert "no day" in refused("done", "M2 2026-02-30")


def test_the_first_word_keeps_the_whole_plan() -> None:
    outcome = write("done", "M1", milestones=())
    rows = milestones_of(outcome)
    assert [row.code for row in rows] == [f"M{n}" for n in range(1, 15)]
    assert [row.done_on for row in rows if row.done_on] == [AS_OF]
    assert written(outcome).plan_kept_now
    assert len({row.id for row in rows}) == 14


def test_what_is_kept_is_not_moved_by_another_template() -> None:
    rows = milestones_of(write("done", "M1", milestones=()))
    template = tuple(each.model_copy(update={"day": 1, "measures": ()}) for each in PARAMETERS.milestones)
    other = PARAMETERS.model_copy(update={"milestones": template})
    outcome = ask(context(milestones=rows, fields={"parameters": other}))
    steps = outcome.report.data.model_dump()["steps"]
    assert [step["due"] for step in steps] == [row.due for row in rows]
    assert all(step["readings"] for step in steps)


def test_a_signature_against_the_data_says_so() -> None:
    row = milestone("M2", DUE, measures=("health_check",))
    assert "Signed although the data do not show it: no review on record yet." in told(
        write("done", "M2", milestones=[row])
    )


def test_done_twice_writes_once() -> None:
    outcome = write("done", "M1")
    assert (outcome.effects, written(outcome).written) == ((), False)


def test_a_slip_moves_what_waits_for_it() -> None:
    outcome = write("slip", "M2 +5d whose=customer the change board meets on Tuesday, in 3 days")
    assert {row.code: row.due for row in milestones_of(outcome)} == {
        "M2": dt.date(2026, 7, 1),
        "M3": dt.date(2026, 7, 10),
    }
    (slip,) = [effect.item for effect in outcome.effects if isinstance(effect, AddSlip)]
    assert (slip.milestone_id, slip.working_days, slip.whose) == ("acme.M2", 5, "customer")
    assert (slip.date, slip.reason) == (AS_OF, "the change board meets on Tuesday, in 3 days")
    words = told(outcome)
    assert "Moved back by 5 working days: M2 “Step M2” of Acme, now due 2026-07-01" in words
    assert "It pushes M3." in words
    assert "Working days so far: 5 for the customer." in words


@pytest.mark.parametrize(
    ("said", "days", "whose", "reason"),
    [
        ("M2 1w whose=us reason=our list came late", 5, "us", "our list came late"),
        ("M2 +3 working days", 3, None, None),
        ("M2 whose=vendor because of a freeze of 2 weeks, +4d", 4, "vendor", "because of a freeze of 2 weeks"),
        ("M3 -2d whose=us", -2, "us", None),
    ],
)
def test_slips_as_people_write_them(said: str, days: int, whose: str | None, reason: str | None) -> None:
    slip = written(write("slip", said)).slip
    assert slip is not None
    assert (slip.working_days, slip.whose, slip.reason) == (days, whose, reason)


def test_a_slip_whose_new_day_is_over_is_overdue_still() -> None:
    early = milestone("M2", days_before(14))
    assert "overdue all the same: the new day was 8 working days ago" in told(
        write("slip", "M2 2d", milestones=[early])
    )


@pytest.mark.parametrize(
    ("action", "said", "expected"),
    [
        ("slip", "M2 whose=customer", "By how many working days"),
        ("slip", "M2 +0d", "1 to 260"),
        ("slip", "M2 +5d whose=nobody", "whose is customer, us, vendor"),
        ("slip", "M1 +5d", "is done"),
        ("slip", "M3 -9d", "it waits for M2"),
        ("done", "M77", "The plan has M1, M2, M3, M4"),
        ("answer", "colour blue", "outcome, timeline, success, stack, champions, planned_calls"),
        ("answer", "stack", "What is the answer to stack?"),
        ("check", "sso perhaps", "Is sso in place?"),
        ("check", "nothing yes", "Which item?"),
        ("check", "rollback yes", "rollback needs its words"),
        ("sign-off", "the plan", "What is signed off?"),
        ("sign-off", "go-live role=king", "role is one of engineer, technical, business"),
        ("sign-off", "go-live role=business", "Add by=NAME"),
    ],
)
def test_what_cannot_be_read_is_asked_for(action: Action, said: str, expected: str) -> None:
    assert expected in refused(action, said)


def test_the_same_slip_twice_on_one_day_is_one() -> None:
    first = written(write("slip", "M2 +5d whose=us late list")).slip
    assert first is not None
    again = write("slip", "M2 +5d whose=us late list", milestone_slips=[first])
    assert (again.effects, written(again).written) == ((), False)


def test_an_answer_is_kept_as_it_was_said_and_may_be_told_by_number() -> None:
    said = check_of(write("answer", "4: Python = 3.12 on Kubernetes"))
    assert (said.checklist, said.item, said.state, said.note) == (
        "discovery",
        "stack",
        "yes",
        "Python = 3.12 on Kubernetes",
    )
    assert (said.checked_on, said.checked_by) == (AS_OF, "Sam")
    again = write("answer", "stack Python = 3.12 on Kubernetes", checks=[said])
    assert again.effects == ()


def test_secrets_are_not_kept() -> None:
    assert "abcdef" not in (check_of(write("answer", "stack key sk_live_abcdef123456")).note or "")


@pytest.mark.parametrize(
    ("said", "checklist", "item", "state", "note"),
    [
        ("sso yes tested with one group", "readiness", "sso", "yes", "tested with one group"),
        ("Security review: no, in August", "readiness", "security_review", "no", "in August"),
        ("private-link n/a", "readiness", "private_link", "not_applicable", None),
        ("rollback yes switch it off, 5 minutes", "go_live", "rollback", "yes", "switch it off, 5 minutes"),
    ],
)  # fmt: skip
def test_checks(said: str, checklist: str, item: str, state: str, note: str | None) -> None:
    found = check_of(write("check", said))
    assert (found.checklist, found.item, found.state, found.note) == (checklist, item, state, note)


def everything_in_place() -> list[Check]:
    areas = (("readiness", PARAMETERS.readiness.areas), ("go_live", PARAMETERS.go_live.areas))
    return [
        Check.model_validate(
            {
                "account_id": "acme",
                "checklist": name,
                "item": item.key,
                "state": "yes",
                "note": "n",
                "checked_on": AS_OF,
            }
        )
        for name, each in areas
        for area in each
        for item in area.items
        if item.by not in ("readiness", "no_severe")
    ]


def test_no_sign_off_while_required_items_are_open_and_they_are_named() -> None:
    outcome = write("sign-off", "go-live", checks=everything_in_place()[1:])
    assert (outcome.effects, written(outcome).open_items) == ((), ("environment",))
    assert headline(outcome) == "The go-live of Acme cannot be signed: 1 required item is open"
    assert "The environment is ready" in told(outcome)


def test_the_go_live_is_signed_by_role_and_the_last_signature_closes_the_milestone() -> None:
    row = milestone("M2", DUE, title="Go-live signed off", measures=("go_live",))
    checks = everything_in_place()
    for said, role, by in (
        ("go-live", "engineer", "Sam"),
        ("go live role=technical by=Ada Byron", "technical", "Ada Byron"),
    ):
        signature = check_of(write("sign-off", said, checks=checks, milestones=[row]))
        assert (signature.item, signature.note) == (f"sign_off.{role}", by)
        checks.append(signature)
    again = write("sign-off", "go-live", checks=checks, milestones=[row])
    assert again.effects == ()
    last = write("sign-off", 'go-live role="business owner" by="Ben Li"', checks=checks, milestones=[row])
    (signed,) = milestones_of(last)
    assert (signed.code, signed.done_on) == ("M2", AS_OF)
    assert written(last).checks[0].note == "Ben Li"
    assert "All sides have signed" in told(last)


def test_only_what_a_person_types_is_written() -> None:
    outcome = write("done", "M2", fields={"typed": False})
    assert outcome.effects == ()
    assert headline(outcome).startswith("Understood, not written")


def test_nothing_is_written_about_another_day() -> None:
    now = dt.datetime.combine(AS_OF + dt.timedelta(days=1), dt.time(9), dt.UTC)
    assert "leave as_of out" in refused("done", "M2", fields={"now": now})


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        ({"contract_start": None}, "has no plan"),
        ({"lifecycle": "churned"}, "has no plan"),
        ({"lifecycle": "established", "contract_start": days_before(400)}, "has no plan"),
    ],
)
def test_where_there_is_no_plan_nothing_is_signed(one: dict[str, Any], expected: str) -> None:
    assert expected in refused("done", "M1", one=newcomer(**one), milestones=())


@pytest.mark.parametrize("action", ["done", "slip", "answer", "check", "sign-off"])
def test_account_and_text_are_asked_for(action: Action) -> None:
    for fields, missing in (({"text": "M3"}, ["account"]), ({"account": "acme"}, ["text"])):
        with pytest.raises(InvalidArguments) as problem:
            COMMAND.needs(OnboardArgs.model_validate({"action": action, **fields}))
        assert problem.value.extra["missing"] == missing
