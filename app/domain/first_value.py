"""Time to value: days from the contract's start to the first production use (persona §8.1)."""

import datetime as dt

from app.domain.figures import Evidence, Figure, account_figure
from app.domain.snapshot import FirstUse, PortfolioSnapshot

RULE = "first day of a feature in production; where no use of features is told, of an API call or an active user"


def first_value_day(portfolio: PortfolioSnapshot, first_use: FirstUse, row: int) -> dt.date | None:
    """The first day of production use of the account in that row; None where there is none yet, or none is told.

    Where use of features is told it decides, since calls alone may be those of a sandbox.
    """
    if portfolio.features_first[row]:
        return _day(int(first_use.production_on[row]))
    model = portfolio.accounts[row].usage_model
    days = [int(first_use.users_on[row])] if model == "seats" else [int(first_use.calls_on[row])]
    if model == "hybrid":
        days.append(int(first_use.users_on[row]))
    return _day(min((day for day in days if day), default=0))


def days_to_value(portfolio: PortfolioSnapshot, first_use: FirstUse, row: int) -> int | None:
    """Days from the contract's start to the first production use, 0 where that came before; None where unknown."""
    start, first = portfolio.accounts[row].contract_start, first_value_day(portfolio, first_use, row)
    return None if start is None or first is None else max((first - start).days, 0)


def first_value_figures(portfolio: PortfolioSnapshot, first_use: FirstUse, row: int) -> dict[str, Figure]:
    """`ttv.first_use_on` and `ttv.days` of the account in that row, by key."""
    account, first = portfolio.accounts[row], first_value_day(portfolio, first_use, row)
    table = "feature_usage" if portfolio.features_first[row] else "usage"
    used = () if first is None else (Evidence(kind=table, date=first),)
    field = (Evidence(kind="accounts", id=account.id),)
    days = days_to_value(portfolio, first_use, row)
    rule = "first production use less the contract's start; 0 where it came before"
    stated = (
        account_figure(
            account.id, portfolio.as_of, "ttv.first_use_on", "First production use", first, "date", RULE, used
        ),
        account_figure(account.id, portfolio.as_of, "ttv.days", "Time to value", days, "days", rule, (*field, *used)),
    )
    return {figure.key: figure for figure in stated}


def _day(ordinal: int) -> dt.date | None:
    return dt.date.fromordinal(ordinal) if ordinal else None
