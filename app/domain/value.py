"""What the customer's goals are worth, and the return on what it pays (persona §3.3: $500K ÷ $250K ARR = 2x)."""

from collections.abc import Sequence

from app.domain.contract import contract_figures
from app.domain.figures import Evidence, Figure, account_figure
from app.domain.records import Goal, GoalStatus
from app.domain.snapshot import AccountSnapshot


def value_figures(account: AccountSnapshot, currency: str) -> dict[str, Figure]:
    """`value.delivered`, `value.in_reach` and `value.roi` of an account, by key; `currency` where it names none.

    Delivered is the worth of the goals achieved, in reach that of the goals on track. A sum is None where no goal with
    that status has a worth on record; the return is None where it or the ARR is unknown, or the ARR is 0.
    """
    unit = account.account.currency or currency
    delivered, in_reach = (_worth(account.goals, status) for status in ("achieved", "on_track"))
    arr = contract_figures(account.columns, 0, currency)["arr"].value
    paid = arr if isinstance(arr, (int, float)) and arr else None
    roi = None if delivered is None or paid is None else delivered / paid

    def stated(key: str, label: str, value: float | None, unit: str, rule: str, status: GoalStatus) -> Figure:
        evidence = tuple(Evidence(kind="goals", id=goal.id) for goal in _valued(account.goals, status))
        return account_figure(account.account.id, account.as_of, key, label, value, unit, rule, evidence)

    rule = "sum of the worth of the goals {}"
    found = (
        stated("value.delivered", "Value delivered", delivered, unit, rule.format("achieved"), "achieved"),
        stated("value.in_reach", "Value in reach", in_reach, unit, rule.format("on track"), "on_track"),
        stated("value.roi", "Return on what they pay", roi, "ratio", "value delivered ÷ ARR", "achieved"),
    )
    return {figure.key: figure for figure in found}


def _valued(goals: Sequence[Goal], status: GoalStatus) -> list[Goal]:
    return [goal for goal in goals if goal.status == status and goal.value_amount is not None]


def _worth(goals: Sequence[Goal], status: GoalStatus) -> float | None:
    valued = _valued(goals, status)
    return sum(goal.value_amount or 0.0 for goal in valued) if valued else None
