"""Net and gross revenue retention, on the cohort that was there at the start (design §4, persona §8.2).

NRR = (starting + expansion − churn − downgrades) ÷ starting; GRR = (starting − churn − downgrades) ÷ starting. An
account is in the cohort where its ARR was above 0 at the end of the day before the period: one that was won in the
period is not. What left has left: ARR that comes back within the period is neither expansion nor less churn, and
whatever happens to that ARR later in the period counts no more. Of GRR an account loses at most what it started with,
since the loss of what was added within the period is no loss of the start; so GRR lies between 0 and 100 %, and NRR is
never below it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain.records import ArrMovement
from tools.metrics.measure import HUNDREDTH, percent

LOSSES = ("churn", "downgrade")


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one account's starting ARR within a period; all of it in the account's currency, none below 0.

    `returned` is ARR that came back, or came new, after the account had left: it counts for nothing.
    """

    account_id: str
    starting: float
    expansion: float = 0.0
    churn: float = 0.0
    downgrades: float = 0.0
    returned: float = 0.0

    @property
    def net(self) -> float:
        return self.starting + self.expansion - self.churn - self.downgrades

    @property
    def kept(self) -> float:
        """Of the starting ARR."""
        return max(self.starting - self.churn - self.downgrades, 0.0)


@dataclass(frozen=True, slots=True)
class Retention:
    """The sums over a cohort; `nrr` and `grr` are percent, None where it started with nothing."""

    accounts: int
    starting: float
    expansion: float
    churn: float
    downgrades: float
    kept: float

    @property
    def net(self) -> float:
        return self.starting + self.expansion - self.churn - self.downgrades

    @property
    def nrr(self) -> float | None:
        return percent(self.net, self.starting)

    @property
    def grr(self) -> float | None:
        return percent(self.kept, self.starting)


def change(account_id: str, starting: float, movements: Sequence[ArrMovement]) -> Change:
    """What the movements of a period, oldest first, did to an account that had `starting` ARR before it."""
    counted, returned, lost = starting, 0.0, {"churn": 0.0, "downgrade": 0.0}
    expansion = came_back = 0.0
    for movement in movements:
        if movement.kind in LOSSES:
            of_returned = min(movement.amount, returned)
            loss = min(movement.amount - of_returned, counted)
            returned, counted = returned - of_returned, counted - loss
            lost[movement.kind] += loss
        elif movement.kind == "reactivation" or counted < HUNDREDTH:
            returned, came_back = returned + movement.amount, came_back + movement.amount
        else:
            counted, expansion = counted + movement.amount, expansion + movement.amount
    return Change(account_id, starting, expansion, lost["churn"], lost["downgrade"], came_back)


def retention(changes: Iterable[Change]) -> Retention:
    """The sums over a cohort of one currency."""
    cohort = [each for each in changes if each.starting > 0]
    return Retention(
        accounts=len(cohort),
        starting=sum(each.starting for each in cohort),
        expansion=sum(each.expansion for each in cohort),
        churn=sum(each.churn for each in cohort),
        downgrades=sum(each.downgrades for each in cohort),
        kept=sum(each.kept for each in cohort),
    )
