"""Material for a training, and putting down that it was held."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from app.domain.blocks import Citation, Heading
from app.domain.command import Context
from app.domain.effects import LogTouchpoint
from app.domain.problems import InvalidArguments
from app.domain.records import Contact
from app.domain.snapshot import ArticleEntry
from app.render.markdown import to_markdown
from tests.snapshots import AS_OF, days_before
from tests.tools.adoption.setting import PARAMETERS, run, setting, voice
from tools.adoption import COMMAND
from tools.adoption.arguments import AdoptionArgs
from tools.adoption.data import EnablementData, HeldData
from tools.adoption.enablement import answer_of, topic_of


def passage(document: str, text: str, heading: str = "Replay window") -> Citation:
    return Citation(document=document, title="Webhook signatures", heading=heading, lines=(1, 9), text=text)


def training() -> Context:
    articles = tuple(ArticleEntry(a, a, who, AS_OF) for a, who in (("open", "customer"), ("inside", "internal")))
    passages = (
        passage("open", "# Replay window\n\nRefuse **old** [stamps](https://x.example).\nAt once.\n\n| a | b |"),
        passage("inside", "Webhooks for colleagues."),
        passage("open", "Nothing of the kind.", heading="SSO").model_copy(update={"title": "Sign-in"}),
    )
    asked = (
        voice("How do I test it?", kind="tickets", id="t1", about="how-to", subject="Test a webhook"),
        voice("It fails", kind="tickets", id="t2", about="bug", subject="Webhook fails"),
    )
    people = (
        Contact(id="c1", account_id="acme", name="Ada", stakeholder="developer"),
        Contact(id="c2", account_id="acme", name="Ben", stakeholder="developer", left_on=days_before(3)),
        Contact(id="c3", account_id="acme", name="Cy", stakeholder="security"),
    )
    return replace(setting(voices=asked, contacts=people), articles=articles, passages=passages)


def told(ctx: Context, **args: Any) -> str:
    report = run(ctx, **({"action": "enablement", "topic": "webhooks"} | args)).report
    return to_markdown(report.blocks, report.figures)


def test_questions_are_answered_from_articles_for_customers_that_speak_of_the_topic() -> None:
    data = run(training(), action="enablement", topic="webhooks").report.data
    assert isinstance(data, EnablementData)
    assert [(q.question, q.answer, q.source) for q in data.questions] == [
        ("Replay window", "Refuse old stamps. At once.", "Webhook signatures"),
        ("Test a webhook", None, "ticket t1"),
    ]


def test_the_agenda_is_for_those_who_attend() -> None:
    developers, admins = told(training()), told(training(), attendees="it_admin")
    assert "requests, answers, errors" in developers
    assert "accounts, roles, network" not in developers
    assert "accounts, roles, network" in admins
    assert "Invite: Ada." in developers


def test_each_slide_has_a_heading() -> None:
    report = run(training(), action="enablement", topic="webhooks").report
    headings = [str(block.text[0]) for block in report.blocks if isinstance(block, Heading) and not block.folded]
    assert headings == ["Session", "Agenda", "Exercise", "Questions and answers", "What you asked before"]


def test_without_a_customer_no_ticket_is_named() -> None:
    text = told(replace(training(), account=None), account=None)
    assert "Test a webhook" in text
    assert "t1" not in text


def test_a_topic_without_material_says_what_is_missing() -> None:
    text = told(training(), topic="quantum_billing")
    assert "No article speaks of quantum billing" in text
    assert "the general one" in text
    assert "Open quantum billing in the sandbox" in text


@pytest.mark.parametrize(
    ("about", "title"),
    [("webhooks", "Webhooks"), ("OIDC", "Single sign-on"), ("rate_limits", "Rate limits and back-off"), ("x", "x")],
)
def test_a_topic_goes_by_its_words(about: str, title: str) -> None:
    assert topic_of(about, PARAMETERS.enablement).title == title


def test_an_answer_is_the_first_prose_of_a_passage() -> None:
    assert answer_of("```\ncode\n```") == "code"
    assert answer_of("- a list\n\nThen `prose`.\nMore.\n\nLast.") == "Then prose. More."
    assert answer_of("| a |") is None
    assert len(answer_of("word " * 200) or "") <= 242


def held(ctx: Context, **args: Any) -> tuple[HeldData, tuple[Any, ...]]:
    outcome = run(ctx, **({"action": "held", "topic": "webhooks", "on": "2026-06-20"} | args))
    assert isinstance(outcome.report.data, HeldData)
    return outcome.report.data, outcome.effects


def test_a_training_becomes_a_touchpoint_with_its_recording() -> None:
    data, effects = held(setting(), attendees="security", recording="https://video.example.com/1")
    (effect,) = effects
    assert isinstance(effect, LogTouchpoint)
    item = effect.item
    assert (item.kind, item.status, item.date, item.id) == ("training", "attended", dt.date(2026, 6, 20), data.recorded)
    assert item.text == "Webhooks for security staff. Recording: https://video.example.com/1"


def test_the_same_training_is_written_once_and_only_by_hand() -> None:
    _, (effect,) = held(setting())
    assert held(setting())[1] == (effect,)
    assert held(setting(touchpoints=[effect.item]))[1] == ()
    data, effects = held(replace(setting(), typed=False))
    assert (data.recorded, effects) == (None, ())


def test_what_is_missing_is_asked_for() -> None:
    for args in ({"action": "enablement"}, {"action": "held", "account": "acme"}, {"action": "held", "topic": "x"}):
        with pytest.raises(InvalidArguments):
            COMMAND.needs(AdoptionArgs.model_validate(args))
    with pytest.raises(InvalidArguments, match="lies ahead"):
        held(setting(), on="2026-06-27")
    with pytest.raises(ValueError, match="recording"):
        AdoptionArgs(action="enablement", topic="x", recording="javascript:alert(1)")
