"""The five questions of discovery (persona §2.1): what on record answers each, and which are still to be asked."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from app.domain.figures import Evidence
from app.domain.records import Goal
from tools.health.promises import shortened
from tools.onboard.material import Material
from tools.onboard.parameters import AnsweredBy, Question

_NUMBER = re.compile(
    r"(?<![\w.,])(?P<number>\d+(?:[.,' ]\d{3})*(?:\.\d+)?)\s*(?P<scale>k|m|mio|thousand|million|bn|billion)?\b", re.I
)
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with what answers it; `found` is "" where nothing does. `on` is the day, where it is known."""

    question: Question
    found: str = ""
    on: dt.date | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def is_open(self) -> bool:
        return not self.found


def answers(material: Material) -> tuple[Answer, ...]:
    """Each question with its answer: what was written down as one counts first, then goals and contacts."""
    return tuple(_answer(material, question) for question in material.parameters.questions)


def planned_calls(material: Material) -> float | None:
    """The planned calls a month that were answered; None where there is no number."""
    said = material.check("discovery", material.parameters.volume.item)
    return number_in(said.note or "") if said else None


def number_in(said: str) -> float | None:
    """The first number of a text: "4,000,000 a month", "2.5M"; None where there is none above 0."""
    match = _NUMBER.search(said)
    if match is None:
        return None
    value = float(re.sub(r"[,' ](?=\d{3})", "", match["number"])) * _SCALES.get((match["scale"] or "").lower(), 1)
    return value if value > 0 else None


def _answer(material: Material, question: Question) -> Answer:
    said = material.check("discovery", question.key)
    if said is not None and said.state != "no" and (said.note or said.state == "yes"):
        evidence = (Evidence(kind="checks", id=said.identity, date=said.checked_on),)
        return Answer(question, said.note or "answered", said.checked_on, evidence)
    return _BY[question.by](material, question)


def _by_goals(wanted: Callable[[Goal], str]) -> Callable[[Material, Question], Answer]:
    def answer(material: Material, question: Question) -> Answer:
        found = [(goal, words) for goal in material.goals if (words := wanted(goal))]
        evidence = tuple(Evidence(kind="goals", id=goal.id) for goal, _ in found)
        return Answer(question, "; ".join(words for _, words in found[:2]), None, evidence)

    return answer


def _measured(goal: Goal) -> str:
    if goal.metric is None or goal.baseline is None or goal.target is None:
        return ""
    return f"{shortened(goal.metric)}: from {goal.baseline:,.10g} to {goal.target:,.10g}"


def _by_champions(material: Material, question: Question) -> Answer:
    champions = [contact for contact in material.people if contact.is_champion]
    evidence = tuple(Evidence(kind="contacts", id=contact.id) for contact in champions)
    named = ", ".join(contact.name or contact.id for contact in champions)
    return Answer(question, named, None, evidence)


def _by_check(material: Material, question: Question) -> Answer:
    return Answer(question)


_BY: Mapping[AnsweredBy, Callable[[Material, Question], Answer]] = {
    "goal": _by_goals(lambda goal: shortened(goal.title)),
    "goal_due": _by_goals(lambda goal: f"{shortened(goal.title)}: by {goal.due}" if goal.due else ""),
    "goal_measure": _by_goals(_measured),
    "check": _by_check,
    "champion": _by_champions,
}


def still_open(material: Material) -> Iterator[Question]:
    """The questions that nothing answers."""
    yield from (answer.question for answer in answers(material) if answer.is_open)
