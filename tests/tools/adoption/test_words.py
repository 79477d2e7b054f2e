"""What customers read of ours commits us to nothing, and holds nothing of ours."""

from collections.abc import Iterator

import pytest

from app.domain.disclosure import Unsaid, directory_of, leaks
from app.security.commitments import load_commitments
from app.security.disclosure import load_disclosure
from app.security.policy import load_policy
from tests.tools.adoption.setting import PARAMETERS
from tools.adoption.quota_section import LABELS

COMMITMENTS, DISCLOSURE = load_commitments(load_policy()), load_disclosure()
NOBODY = Unsaid(people=frozenset(), directory=directory_of(()), account_id="acme")
FILLED = {
    "covered": "2026-06-24",
    "limit_on": "2026-06-20",
    "limit_next": "2026-06-27",
    "limit_in:day|days": "3 days",
    "used": "9,000,000",
    "quota": "10,000,000",
    "share": "90%",
    "month": "May",
    "growth": "20%",
    "month_calls": "7,500,000",
    "feature": "webhooks",
    "uses:time|times": "6 times",
    "what": "The header has a new name.",
    "on": "2026-06-01",
    "asked": PARAMETERS.release.asked,
}


def mails() -> Iterator[str]:
    for mail in (*PARAMETERS.mails.values(), *PARAMETERS.release.mails.values()):
        yield "\n\n".join((mail.subject, *mail.paragraphs))


def filled(words: str) -> str:
    for name, value in FILLED.items():
        words = words.replace(f"{{{name}}}", value)
    assert "{" not in words
    return words


@pytest.mark.parametrize("mail", list(mails()))
def test_a_mail_commits_us_to_nothing_and_tells_nothing_of_ours(mail: str) -> None:
    assert COMMITMENTS.find(filled(mail)) == ()
    assert leaks(filled(mail), NOBODY, DISCLOSURE) == ()


def test_what_stands_in_a_customers_columns_is_fit_for_one() -> None:
    stages = [stage.customer for stage in PARAMETERS.stages.values()]
    steps = [hold.customer for hold in PARAMETERS.holds.values()]
    rules = PARAMETERS.enablement
    topics = (*rules.topics.values(), rules.any_topic)
    lab = [words for topic in topics for step in topic.lab for words in (step.do, step.see)]
    agenda = [words for part in rules.agenda for words in (part.part, part.outcome)]
    purposes = [words for topic in topics for words in (topic.title, topic.purpose, *topic.needs)]
    for words in (*stages, *steps, *lab, *agenda, *purposes, *LABELS.values()):
        assert leaks(words, NOBODY, DISCLOSURE) == (), words
