"""Figures of an account's contract: ARR, renewal and decision date. Every command states them the same way."""

import datetime as dt
import math
from collections.abc import Iterator
from urllib.parse import quote

from app.domain.figures import Evidence, Figure, listed
from app.domain.records import Account
from app.domain.snapshot import PortfolioSnapshot


def contract_figures(portfolio: PortfolioSnapshot, row: int, currency: str) -> dict[str, Figure]:
    """The contract figures of the account in that row, by key; `currency` counts where the account names none.

    `arr` is always there (None: unknown). With a renewal date: `renewal.date`, `renewal.decision_date`, and either
    `renewal.days_to_renewal` and `renewal.days_to_decision` (negative once it is over), or `renewal.days_lapsed`.
    """
    return {figure.key: figure for figure in (_arr(portfolio, row, currency), *_renewal(portfolio, row))}


def _arr(portfolio: PortfolioSnapshot, row: int, currency: str) -> Figure:
    account, amount = portfolio.accounts[row], float(portfolio.arr[row])
    movements = list(portfolio.arr_evidence[row])
    formula, evidence = "the account's ARR less its movements dated after as_of", _field(account)
    if movements:
        href = f"/v1/accounts/{quote(account.id, safe='')}/arr_movements?to={portfolio.as_of}"
        formula, evidence = "sum of the ARR movements up to as_of", listed("arr_movements", movements, href)
    return Figure(
        key="arr",
        label="ARR",
        value=None if math.isnan(amount) else int(amount) if amount.is_integer() else amount,
        unit=account.currency or currency,
        account_id=account.id,
        as_of=portfolio.as_of,
        formula=formula,
        evidence=evidence,
    )


def _renewal(portfolio: PortfolioSnapshot, row: int) -> Iterator[Figure]:
    account, as_of = portfolio.accounts[row], portfolio.as_of
    renewal, decision = account.renewal_date, account.decision_date
    if renewal is None or decision is None:
        return

    def stated(name: str, label: str, value: dt.date | int, formula: str) -> Figure:
        return Figure(
            key=f"renewal.{name}",
            label=label,
            value=value,
            unit="days" if isinstance(value, int) else "date",
            account_id=account.id,
            as_of=as_of,
            formula=formula,
            evidence=_field(account),
        )

    notice = "no notice period on record" if account.notice_days is None else f"{account.notice_days} days of notice"
    yield stated("date", "Renewal date", renewal, "the end of the contract's term")
    yield stated("decision_date", "Decision date", decision, f"renewal date less the notice period: {notice}")
    if renewal < as_of:
        yield stated(
            "days_lapsed", "Days since the contract lapsed", (as_of - renewal).days, "as_of less the renewal date"
        )
        return
    to_decision = "decision date less as_of; negative once it is over"
    yield stated("days_to_renewal", "Days to the renewal", (renewal - as_of).days, "renewal date less as_of")
    yield stated("days_to_decision", "Days to the decision date", (decision - as_of).days, to_decision)


def _field(account: Account) -> tuple[Evidence, ...]:
    return (Evidence(kind="accounts", id=account.id),)
