"""The letter: what it does to the customer first, nothing as a fact that is not one, one question last, no promise."""

from typing import Any

import pytest

from app.domain.blocks import Side
from app.domain.directory import AccountName
from app.domain.disclosure import Unsaid, directory_of, leaks
from app.domain.disclosure_blocks import for_customer
from app.render.markdown import to_markdown
from app.security.commitments import load_commitments
from app.security.policy import load_policy
from tests.snapshots import contact, ticket
from tests.tools.troubleshoot.asked import (
    DISCLOSURE,
    a_file,
    ask,
    data,
    diagnosed_as,
    drafts,
    field_of,
    found,
    headings,
    letter_of,
    peer,
    told,
)
from tests.tools.troubleshoot.made import at, parameters
from tools.troubleshoot.facts.http import Exchange
from tools.troubleshoot.facts.identity import SsoMessage
from tools.troubleshoot.letter import NEXT
from tools.troubleshoot.rules.catalogue import RULES

COMMITMENTS = load_commitments(load_policy())
CAUSES = [rule for rule in RULES if rule.role == "cause"]
UNSAID = Unsaid(
    frozenset({"sam"}),
    directory_of([AccountName("acme", "Acme", ()), AccountName("beta", "Beta Ltd", ())]),
    "acme",
    name="Acme",
)
REFUSED = Exchange(
    line=1, source="http", method="GET", url="https://api.example.com/v1/orders", status=401, at=at("11:30:00")
)


def paragraphs(outcome: Any) -> list[str]:
    return letter_of(outcome).split("\n\n")


def test_a_known_cause_is_told_after_what_it_does_and_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("token_expired", "customer", "known", "The token had expired"))
    assert paragraphs(ask("401")) == [
        "Hello Dora,",
        "I understand what this means for you: your calls are refused, so whatever rests on them stands still.",
        "What we found: The access token had run out when the call was made, so our API had to refuse it.",
        "What you can do now:\n– Request a new token and repeat the call with it.",
        "Once that is done, we look together whether the failures have stopped.",
        "So that it does not come back: Get a new token before the old one runs out, and once more when a call is "
        "answered 401.",
        "Our article “JWT authentication failures” tells more about it.",
        "Kind regards",
    ]


def test_a_likely_cause_is_never_told_as_a_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("token_expired", "customer", "likely", "The token had expired"))
    said = letter_of(ask("401"))
    assert "Our first finding, which is not proven yet: The access token had run out" in said
    assert "What we found" not in said
    assert "So that it does not come back" not in said
    assert said.endswith(
        "Could you send us this, so that we know for sure?\n– A call with a token that was issued a moment ago."
        "\n\nKind regards"
    )


def test_possible_causes_are_named_as_such_and_nothing_is_to_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("token_expired", "customer", "possible", "The token may have expired"))
    outcome = ask("401")
    said = letter_of(outcome)
    assert "What you sent fits one cause, and does not prove it yet: The access token had run out" in said
    assert "6. A call with a token that was issued a moment ago.\n\nKind regards" in said
    assert field_of(drafts(outcome, "customer")[0], "Subject") == parameters().letter.subject_open
    assert "What you can do now" not in said
    assert data(outcome).now == ()


def test_without_a_cause_nothing_is_guessed_and_the_five_questions_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    said = paragraphs(ask("API is slow"))
    assert said[2] == "From what we have so far the cause cannot be told yet, and I do not want to guess."
    assert said[3].startswith("So that we get on, could you answer these in one reply?\n1. Could you paste the exact")
    assert said[3].count("\n") == 5
    assert said[4] == "Kind regards"


def test_one_missing_answer_is_one_question(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("server_error", "product", "possible", "An error within the server"))
    outcome = ask("It says 401 Unauthorized", files=(a_file(REFUSED),))
    assert data(outcome).questions == ("key",)
    assert paragraphs(outcome)[-2] == parameters().questions["key"].ask
    assert outcome.question is not None
    assert outcome.question.fields == ("key_ends_in",)


@pytest.mark.parametrize(
    ("side", "owner", "next_step"),
    [
        ("customer", "customer developer", "we look together whether"),
        ("product", "us", "I go through this with our engineers now"),
        ("external", "us", "so that you can take it to them"),
    ],
)
def test_the_next_step_is_of_the_side(monkeypatch: pytest.MonkeyPatch, side: Side, owner: str, next_step: str) -> None:
    diagnosed_as(monkeypatch, found("token_expired", side, "likely", "Something"))
    outcome = ask("401")
    assert next_step in letter_of(outcome)
    assert ("What you can do now" in letter_of(outcome)) == (side == "customer")
    assert {step.owner for step in data(outcome).now} == {owner}


def test_what_helps_until_a_fault_of_ours_is_mended_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("server_error", "product", "likely", "An error within the server"))
    assert parameters().letter.meanwhile["service"] in paragraphs(ask("500"))


@pytest.mark.parametrize(
    ("sent", "secrets"),
    [
        ("password: hunter22 fails", "(password)"),
        (f"our key is sk_live_{'4eC39HqLyjWDarjtT1zdp7dc'}", "(API key)"),
        ("401", ""),
    ],
)
def test_a_secret_that_came_in_full_is_to_be_replaced(monkeypatch: pytest.MonkeyPatch, sent: str, secrets: str) -> None:
    diagnosed_as(monkeypatch)
    outcome = ask(sent)
    assert (f"shows a secret in full {secrets}" in letter_of(outcome)) == bool(secrets)
    assert ("What came in full is to be replaced" in told(outcome)) == bool(secrets)


def test_it_goes_to_who_reported_it(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch)
    reported = ticket("T-7", contact_id="c-9", subject="401", body="It fails")
    facts = {"tickets": (reported,), "contacts": (contact("c-9", name="Ruth Okoye"),)}
    outcome = ask(ticket="T-7", facts=facts)
    assert field_of(drafts(outcome, "customer")[0], "To") == "Ruth Okoye"
    assert letter_of(outcome).startswith("Hello Ruth,")


def test_who_may_see_no_people_gets_no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("token_expired", "customer", "likely", "The token had expired"))
    said = told(ask("401", sees_people=False))
    for name in ("Dora", "Ivo", "Sena"):
        assert name not in said


def test_the_customer_reads_the_letter_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("token_expired", "customer", "likely", "The token had expired"))
    outcome = ask("401", audience="customer", peers=(peer("T-9", "401 on GET /v1/orders"),), facts={"tickets": ()})
    assert [block.type for block in outcome.report.blocks] == ["draft"]
    assert data(outcome).escalation is None
    assert data(outcome).elsewhere == ()
    disclosed = for_customer(outcome.report.blocks, outcome.report.figures, DISCLOSURE, UNSAID)
    read = to_markdown(disclosed.blocks, disclosed.figures)
    assert letter_of(outcome).split("\n\n")[1] in read
    assert disclosed.withheld == ()


@pytest.mark.parametrize(
    ("said", "told_back"),
    [
        ("Our checkout is down.", "You write: “Our checkout is down”. I understand"),
        ("Their checkout is down.", "I understand what this means for you: your work with us"),
        ("We lose $50K an hour since our checkout is down.", ", and you told us what that costs you."),
    ],
)
def test_what_it_costs_them_is_told_back_without_the_sum(
    monkeypatch: pytest.MonkeyPatch, said: str, told_back: str
) -> None:
    diagnosed_as(monkeypatch)
    outcome = ask(said, audience="customer")
    disclosed = for_customer(outcome.report.blocks, outcome.report.figures, DISCLOSURE, UNSAID)
    assert told_back in to_markdown(disclosed.blocks, disclosed.figures)
    assert "$50" not in letter_of(outcome)
    assert COMMITMENTS.find(letter_of(outcome)) == ()


def test_a_change_of_sign_in_begins_with_a_break_glass_session(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("saml_audience", "customer", "likely", "The audience is another"))
    outcome = ask(files=(a_file(SsoMessage(reason="audience", text="Invalid audience"), kind="sso_message"),))
    tasks = data(outcome).now
    assert "break-glass" in tasks[0].text
    assert tasks[0].owner == "customer IT admin"
    said = told(outcome)
    assert "Do now: Before anything is changed, keep a break-glass session open" in said
    assert "Involve the customer's IT admin: Ivo Brandt, Head of IT" in said
    assert "Involve the customer's security: Sena Okafor" in said
    assert "Involve our identity specialist" in said
    assert "break-glass" in letter_of(outcome)


def sentences_for_customers() -> list[str]:
    """Every sentence of ours that may stand in a letter: steps only of causes that need not be ours."""
    shipped = parameters()
    told_always = [
        *NEXT.values(),
        shipped.sign_in.break_glass,
        shipped.letter.subject,
        shipped.letter.subject_open,
        *shipped.letter.meanwhile.values(),
        shipped.letter.unknown_impact,
        *shipped.letter.impact.values(),
        *(each.ask for each in shipped.questions.values()),
    ]
    for rule in CAUSES:
        texts = shipped.rules[rule.id]
        told_always += [texts.title, texts.means]
        told_always += [*texts.now, *texts.prevent, *texts.settles] if rule.side in ("customer", "undecided") else []
    return list(dict.fromkeys(told_always))


@pytest.mark.parametrize("sentence", sentences_for_customers())
def test_no_sentence_commits_us_or_tells_what_is_not_for_customers(sentence: str) -> None:
    assert COMMITMENTS.find(sentence) == ()
    assert leaks(sentence, UNSAID, DISCLOSURE) == ()


@pytest.mark.parametrize("certainty", ["known", "likely", "possible"])
def test_no_letter_commits_us(monkeypatch: pytest.MonkeyPatch, certainty: Any) -> None:
    for rule in CAUSES:
        diagnosed_as(monkeypatch, found(rule.id, rule.side, certainty, parameters().rules[rule.id].title))
        said = letter_of(ask("it fails"))
        assert COMMITMENTS.find(said) == (), rule.id
        assert "{" not in said, rule.id


def test_sections_of_a_colleagues_answer_stand_in_the_order_of_the_four_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed_as(monkeypatch, found("token_expired", "customer", "likely", "The token had expired"))
    shown = headings(ask("401").report.blocks)
    steps = [each for each in shown if each.startswith("Step ")]
    assert [each[:6] for each in steps] == ["Step 1", "Step 2", "Step 3", "Step 4"]
    assert shown.index(steps[-1]) < shown.index("Letter to the customer") < shown.index("On record of Acme")
