"""Refusals that a later call got past: what refused the earlier one is no longer what fails."""

from collections.abc import Callable
from dataclasses import replace

from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.rules.answers import Answer
from tools.troubleshoot.rules.receivers import calls
from tools.troubleshoot.rules.refused_calls import FORBIDDEN, UNAUTHORIZED
from tools.troubleshoot.rules.rule import Clue, Finding

_REFUSALS = (UNAUTHORIZED, FORBIDDEN)


def only_while_refused(examine: Callable[[Case], Finding | None]) -> Callable[[Case], Finding | None]:
    """The rule, whose finding is only possible where a later call to the same host was not refused."""

    def examined(case: Case) -> Finding | None:
        finding = examine(case)
        later = later_answer(case) if finding else None
        if finding is None or later is None:
            return finding
        against = Clue(text(f"A later call to the same host was answered {later.status}"), later.place)
        return replace(finding, certainty="possible", against=(*finding.against, against), rules_out=frozenset())

    return examined


def later_answer(case: Case) -> Answer | None:
    """The first answer after the last refusal that is none, from the same host."""
    told = [each for each in calls(case) if each.status is not None]
    places = [place for place, each in enumerate(told) if each.status in _REFUSALS]
    if not places:
        return None
    last = told[places[-1]]
    after = (each for each in told[places[-1] + 1 :] if each.in_log == last.in_log)
    return next((each for each in after if each.exchange.host == last.exchange.host), None)
