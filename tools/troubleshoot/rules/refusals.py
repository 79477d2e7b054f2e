"""Statuses that the API answered to the customer's calls; not those of third parties, nor of the customer's servers."""

from app.domain.figures import text
from tools.troubleshoot.case import Case
from tools.troubleshoot.rules.answers import Seen, seen
from tools.troubleshoot.rules.receivers import receiver_of, tells_of_deliveries
from tools.troubleshoot.rules.rule import Clue

TOO_MANY = 429


def refusals(case: Case, *statuses: int) -> tuple[Seen, ...]:
    """Where one of the statuses was answered to a call of the API: by no third party, and by no customer's server."""
    hooks = tells_of_deliveries(case)
    return tuple(each for each in seen(case, *statuses) if _is_call(case, each, hooks))


def status_clues(refused: tuple[Seen, ...]) -> tuple[Clue, ...]:
    """The first two of the statuses."""
    return tuple(Clue(text(f"The status is {each.status}"), each.place) for each in refused[:2])


def _is_call(case: Case, each: Seen, hooks: bool) -> bool:
    if each.exchange is None:
        return not (hooks and each.source == "person")
    return receiver_of(case, each.exchange) in ("ours", "unknown")
