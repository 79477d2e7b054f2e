"""What to ask in the emergency call: questions for what the data shows, each with its evidence beside it."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.figures import Text, text
from tools.health.findings import Findings
from tools.health.indicators import INDICATORS
from tools.health.open_work import past_due
from tools.health.promises import shortened
from tools.health.wording import INDICATOR_LABELS
from tools.renewal.case import RenewalCase


@dataclass(frozen=True, slots=True)
class AgendaQuestion:
    """`because` is what we saw, for us; a customer is told it in our own words."""

    ask: str
    because: Text


def agenda(case: RenewalCase) -> tuple[AgendaQuestion, ...]:
    """The questions, those about triggered indicators first; the last one is for any call of this kind."""
    asked, most = case.parameters.agenda, case.parameters.most_questions
    found = [AgendaQuestion(asked[key], because) for key, because in _reasons(case) if key in asked]
    first = {question.ask: question for question in reversed(found)}
    kept = sorted(first.values(), key=found.index)[: most - 1]
    return (*kept, AgendaQuestion(asked["always"], text("it says what the plan must bring")))


def _reasons(case: RenewalCase) -> Iterator[tuple[str, Text]]:
    yield from _indicators(case.found)
    if case.commit is not None and case.commit.is_risk:
        yield "commit", text(case.usage["used"], " used of ", case.usage["committed"], " committed to so far")
    for blocker in case.blockers:
        if blocker.kind in ("ticket", "promise", "integration"):
            yield blocker.kind, blocker.what
    for goal in case.goals:
        late = goal.status != "achieved" and past_due(goal, case.found.case.as_of)
        if goal.status in ("at_risk", "missed") or late:
            state = (goal.status or "no status").replace("_", " ")
            yield "goal", text(f"“{shortened(goal.title)}”: {state}{', past due' if late else ''}")


def _indicators(found: Findings) -> Iterator[tuple[str, Text]]:
    for key in INDICATORS:
        if found.triggered(key):
            yield key, text(f"{INDICATOR_LABELS[key]}: ", found.indicator_seen(key))
