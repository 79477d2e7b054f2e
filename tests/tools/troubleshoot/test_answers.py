"""Whole answers, as a colleague reads them while the customer waits. After a change that is meant, write them anew:

python -m tests.tools.troubleshoot.test_answers
"""

from pathlib import Path

import pytest

from app.domain.blocks import Side, Verdict
from app.domain.command import Outcome
from app.domain.directory import AccountName
from app.domain.disclosure import Unsaid, directory_of
from app.domain.disclosure_blocks import for_customer
from app.render.markdown import to_markdown
from app.security.commitments import load_commitments
from app.security.policy import load_policy
from tests.tools.troubleshoot.asked import DISCLOSURE, ask, data, letter_of, peer, told
from tests.tools.troubleshoot.pastes import PASTES

FOLDER = Path(__file__).parent / "answers"
PEERS = (peer("T-9", "503 on POST /v1/payments"),)
COMMITMENTS = load_commitments(load_policy())
UNSAID = Unsaid(frozenset({"sam"}), directory_of([AccountName("acme", "Acme", ())]), "acme", name="Acme")


def answer(name: str) -> Outcome:
    return ask(PASTES[name], peers=PEERS, typed=True, may_write=True)


@pytest.mark.parametrize("name", PASTES)
def test_the_answer_is_the_one_that_was_read(name: str) -> None:
    assert told(answer(name)) == (FOLDER / f"{name}.md").read_text(encoding="utf-8")


def test_every_answer_belongs_to_a_paste() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == set(PASTES)


@pytest.mark.parametrize(
    ("name", "side"),
    [
        ("expired-token", "customer"),
        ("saml-audience", "customer"),
        ("incomplete-chain", "customer"),
        ("webhook-body", "customer"),
        ("outage", "product"),  # our API's own answer says whose pool it was
        ("bad-gateway", "undecided"),
        ("prose", "undecided"),
    ],
)
def test_the_fault_lies_where_an_experienced_colleague_sees_it(name: str, side: Side) -> None:
    assert data(answer(name)).side == side


@pytest.mark.parametrize("name", PASTES)
def test_the_verdict_is_twelve_lines_at_most_and_says_what_to_do_next(name: str) -> None:
    verdict = answer(name).report.blocks[0]
    assert isinstance(verdict, Verdict)
    lines = ["".join(str(span) for span in line) for line in verdict.lines]
    assert len(lines) <= 11
    assert any(line.startswith("Next: ") for line in lines)


@pytest.mark.parametrize("name", PASTES)
def test_only_what_is_known_is_told_as_a_fact(name: str) -> None:
    outcome = answer(name)
    known = any(cause.certainty == "known" for cause in data(outcome).causes)
    assert ("(proven)" in told(outcome)) == known
    assert ("What we found:" in letter_of(outcome)) == known


@pytest.mark.parametrize("name", PASTES)
def test_the_letter_commits_us_to_nothing_and_may_be_read_by_the_customer(name: str) -> None:
    assert COMMITMENTS.find(letter_of(answer(name))) == ()
    outcome = ask(PASTES[name], peers=PEERS, audience="customer")
    disclosed = for_customer(outcome.report.blocks, outcome.report.figures, DISCLOSURE, UNSAID)
    read = to_markdown(disclosed.blocks, disclosed.figures)
    assert "Kind regards" in read
    assert "Beta" not in read


@pytest.mark.parametrize("name", PASTES)
def test_without_an_account_there_is_a_diagnosis_all_the_same(name: str) -> None:
    alone, named = data(ask(PASTES[name], alone=True)), data(answer(name))
    assert (alone.account_id, alone.past) == (None, ())
    assert {cause.rule for cause in alone.causes} <= {cause.rule for cause in named.causes}
    assert bool(alone.causes) == bool(named.causes)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in PASTES:
        (FOLDER / f"{each}.md").write_text(told(answer(each)), encoding="utf-8")
