"""The cases of /troubleshoot are whole, and what the engine makes of them holds the floors."""

import asyncio
import re
from collections import Counter
from datetime import timedelta
from typing import get_args

import pytest

from evals.diagnosis import false_findings, outcome_of, overlap, rows_by_rule, run, unproven_known, wrong_known
from evals.diagnosis_cases import FOLDER, Expected, Family, Outcome, Pasted, Stated, load_diagnosis
from evals.floors import load_floors, missed
from tools.troubleshoot.rules.catalogue import RULES
from tools.troubleshoot.rules.rule import Role

CASES = load_diagnosis()
FAMILY = {path.stem: path.parent.name for path in FOLDER.glob("*/*.yaml")}
ROLES: dict[str, Role] = {rule.id: rule.role for rule in RULES}

INTERVIEW = ("1-401", "1-403", "1-429", "1-500", "2-saml", "2-oidc")
"""The blueprint's cases: a failing request by status, and a sign-in that fails after SAML or OIDC was enabled."""


def test_there_are_enough_cases() -> None:
    families = Counter(FAMILY.values())
    assert len(CASES) == len(FAMILY) >= 150
    assert set(families) == set(get_args(Family))
    assert families["wrong_guess"] >= 25
    assert families["undecidable"] >= 25


def test_a_third_is_held_out() -> None:
    assert 0.3 <= sum(case.held_out for case in CASES.values()) / len(CASES) <= 0.35


def test_names_are_numbers_and_words_and_unique() -> None:
    assert [name for name in CASES if not re.fullmatch(r"\d{3}-[a-z0-9]+(-[a-z0-9]+)*", name)] == []
    for part in ("numbers", "words"):
        parts = Counter(name.split("-", 1)[part == "words"] for name in CASES)
        assert [value for value, count in parts.items() if count > 1] == [], part


def test_nothing_is_asked_twice() -> None:
    assert len({(case.message, case.files) for case in CASES.values()}) == len(CASES)
    assert len({case.title for case in CASES.values()}) == len(CASES)


def test_the_interview_cases_are_there() -> None:
    assert [part for part in INTERVIEW if not any(f"interview-{part}" in name for name in CASES)] == []


def test_every_cause_has_two_cases_and_every_context_one() -> None:
    causes = Counter(rule for case in CASES.values() for rule in case.expect.causes)
    also = {rule for case in CASES.values() for rule in case.expect.also}
    assert [id for id, role in ROLES.items() if role == "cause" and causes[id] < 2] == []
    assert [id for id, role in ROLES.items() if role == "context" and id not in also] == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_expected_is_sound(case: Pasted) -> None:
    expect = case.expect
    assert expect.right <= set(ROLES)
    assert all(ROLES[cause] == "cause" for cause in expect.causes)
    assert not set(expect.causes) & set(expect.also)
    assert set(expect.known) <= expect.right
    assert expect.note.endswith(".")
    assert len(set(expect.questions)) == len(expect.questions)
    assert case.now.utcoffset() == timedelta(0)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_is_proven_needs_no_question(case: Pasted) -> None:
    assert not (case.expect.causes and case.expect.causes[0] in case.expect.known and case.expect.questions)


@pytest.mark.parametrize("name", [name for name, family in FAMILY.items() if family == "undecidable"])
def test_where_nothing_is_decidable_nothing_is_known(name: str) -> None:
    assert (CASES[name].expect.side, CASES[name].expect.known) == ("undecided", ())


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_keys_are_visibly_fake(case: Pasted) -> None:
    text = "\n".join((case.message, *(file.text for file in case.files)))
    assert [key for key in re.findall(r"\b(?:sk|ak)_(?:live|test)_\w+", text) if "FAKE" not in key] == []


def test_no_wrong_cause_is_stated_as_known() -> None:
    wrong = {name: wrong_known(case.expect, outcome_of(case)) for name, case in CASES.items()}
    assert {name: rules for name, rules in wrong.items() if rules} == {}


def test_the_diagnosis_holds_its_floors() -> None:
    scored = asyncio.run(run())
    assert [failure.name for failure in scored.report.failures] == []
    assert missed(scored.metrics, load_floors()["diagnosis"]) == [], scored.metrics


EXPECT = Expected(causes=("rate_limited",), also=("one_client",), known=(), side="customer", note="A sentence.")


def stated(rule: str, certainty: str) -> Stated:
    role = "context" if rule == "one_client" else "cause"
    return Stated.model_validate({"rule": rule, "role": role, "certainty": certainty})


@pytest.mark.parametrize(
    ("rule", "certainty", "false", "wrong", "unproven"),
    [
        ("rate_limited", "likely", [], [], []),
        ("rate_limited", "known", [], [], ["rate_limited"]),
        ("one_client", "known", [], [], []),
        ("quota_exhausted", "possible", [], [], []),
        ("quota_exhausted", "likely", ["quota_exhausted"], [], []),
        ("quota_exhausted", "known", ["quota_exhausted"], ["quota_exhausted"], []),
    ],
)
def test_a_statement_is_judged(
    rule: str, certainty: str, false: list[str], wrong: list[str], unproven: list[str]
) -> None:
    outcome = Outcome(side="customer", stated=(stated(rule, certainty),))
    assert false_findings(EXPECT, outcome) == false
    assert wrong_known(EXPECT, outcome) == wrong
    assert unproven_known(EXPECT, outcome) == unproven


def test_a_rule_is_counted() -> None:
    case = next(iter(CASES.values())).model_copy(update={"expect": EXPECT})
    outcomes = [
        Outcome(side="customer", stated=(stated("rate_limited", "likely"), stated("quota_exhausted", "likely"))),
        Outcome(side="customer", stated=(stated("quota_exhausted", "possible"), stated("rate_limited", "possible"))),
        Outcome(side="customer"),
    ]
    assert rows_by_rule([(case, outcome) for outcome in outcomes]) == [
        ["one_client", 3, 0, 0, 0, 0, "-", "0.00"],
        ["quota_exhausted", 0, 0, 0, 1, 1, "0.00", "-"],
        ["rate_limited", 3, 2, 1, 1, 0, "1.00", "0.67"],
    ]


@pytest.mark.parametrize(
    ("expected", "got", "share"),
    [((), (), 1.0), (("key",), (), 0.0), (("key", "time"), ("time",), 0.5), (("key", "time"), ("time", "key"), 1.0)],
)
def test_questions_overlap(expected: tuple[str, ...], got: tuple[str, ...], share: float) -> None:
    assert overlap(expected, got) == share
