"""Commercial ideas: what is read in them, and what goes for approval."""

import re
from pathlib import Path

import pytest

from app.domain.blocks import Draft
from app.domain.command import Outcome
from app.domain.effects import LogTouchpoint
from app.domain.problems import InvalidArguments
from app.render.text import to_text
from app.security.policy import load_policy
from tests.snapshots import account, signal
from tests.tools.renewal.conftest import PARAMETERS, SHIPPED, account_context, contract, planned
from tools.renewal import COMMAND, RenewalArgs
from tools.renewal.data import RenewalProposal
from tools.renewal.facts import Facts
from tools.renewal.proposing import NOTE, offers_in

IDEA = "50% off for 6 months, full price again once usage recovers"


def propose(idea: str | None, *, typed: bool = True) -> Outcome:
    facts = {"signals": [signal("s1", "budget_cut"), signal("s2", "competitor")], "typed": typed}
    return COMMAND.run(account_context(contract(60), **facts), RenewalArgs(account="acme", action="propose", idea=idea))


def data_of(outcome: Outcome) -> RenewalProposal:
    return RenewalProposal.model_validate(outcome.report.data.model_dump())


@pytest.mark.parametrize(
    ("idea", "offers"),
    [
        (IDEA, {"temporary_discount"}),
        ("temporary discount", {"temporary_discount"}),
        ("A multi-year term at a lower price", {"multi_year"}),
        ("three years, with 10% off", {"multi_year", "temporary_discount"}),
        ("Let them pay quarterly", {"payment_terms"}),
        ("early access to the beta", {"beta_access"}),
        ("something nice", set()),
        ("", set()),
    ],
)
def test_kinds_of_idea(idea: str, offers: set[str]) -> None:
    assert set(offers_in(idea, PARAMETERS.offers)) == offers


def test_an_idea_is_a_decision_for_those_who_approve_and_no_message() -> None:
    outcome = propose(IDEA)
    draft = next(block for block in outcome.report.blocks if isinstance(block, Draft))
    assert (draft.audience, draft.account_id) == ("internal", "acme")
    assert [(found.kind, found.words) for found in draft.commits] == [("discount", IDEA)]
    told = to_text((draft,), outcome.report.figures)
    assert "ARR USD 100,000" in told
    assert "Budget cuts: mentioned in 180 days: 1" in told
    assert "nothing is sent, offered or promised" in to_text(outcome.report.blocks, outcome.report.figures)
    assert data_of(outcome).proposed


def test_it_is_written_down_once_and_the_plan_sees_it() -> None:
    first, again = propose(IDEA), propose(f"  {IDEA.replace(' ', '  ')}")
    assert first.effects == again.effects
    (effect,) = first.effects
    assert isinstance(effect, LogTouchpoint)
    assert effect.item.kind == "note"
    steps = planned(contract(60), Facts(touchpoints=(effect.item,)), at_risk=True)
    assert steps["commercial_idea"].state == "done"


def test_nothing_is_written_unless_a_person_typed_it() -> None:
    outcome = propose(IDEA, typed=False)
    assert outcome.effects == ()
    assert not data_of(outcome).proposed


@pytest.mark.parametrize("idea", [None, "", "something nice"])
def test_an_idea_that_is_none_is_asked_for(idea: str | None) -> None:
    outcome = propose(idea)
    assert outcome.question is not None
    assert outcome.question.fields == ("idea",)
    assert outcome.effects == ()
    assert not any(isinstance(block, Draft) for block in outcome.report.blocks)
    for choice in outcome.question.choices:
        assert propose(choice).question is None


def test_secrets_in_it_are_masked() -> None:
    draft = next(
        b for b in propose(f"{IDEA}, key sk_live_4eC39HqLyjWDarjtT1zdp7dc").report.blocks if isinstance(b, Draft)
    )
    assert "4eC39HqLyjWDarjtT1zdp7dc" not in str(draft)


def test_who_is_no_customer_gets_no_idea() -> None:
    ctx = account_context(account(lifecycle="churned"))
    with pytest.raises(InvalidArguments, match="no customer"):
        COMMAND.run(ctx, RenewalArgs(account="acme", action="propose", idea=IDEA))
    with pytest.raises(InvalidArguments) as raised:
        COMMAND.needs(RenewalArgs(action="propose", idea=IDEA))
    assert raised.value.code


def test_no_idea_is_told_to_the_customer() -> None:
    ctx = account_context(contract(60), audience="customer")
    with pytest.raises(InvalidArguments, match="for colleagues"):
        COMMAND.run(ctx, RenewalArgs(account="acme", action="propose", idea=IDEA))


def test_every_offer_is_of_a_kind_that_somebody_approves() -> None:
    policy = load_policy()
    groups = {key: policy.kind(offer.kind).approves for key, offer in PARAMETERS.offers.items()}
    assert groups == {
        "multi_year": "commercial",
        "temporary_discount": "commercial",
        "payment_terms": "commercial",
        "beta_access": "product",
    }


def test_the_note_is_the_one_that_the_playbook_knows() -> None:
    notes = [step["done_by"].get("note") for step in SHIPPED["steps"] if step["done_by"].get("note")]
    assert notes == [NOTE]
    prompt = Path(__file__).resolve().parents[3].joinpath("prompts", "renewal.md").read_text(encoding="utf-8")
    steps = {step["key"] for step in SHIPPED["steps"]}
    assert set(re.findall(r"\[\[renewal\.(\w+)\.do_by\]\]", prompt)) <= steps
