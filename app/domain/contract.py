"""Figures of an account's contract: ARR, renewal and decision date. Every command states them the same way."""

import datetime as dt
import math
from collections.abc import Iterator
from urllib.parse import quote

from app.domain.figures import Evidence, Figure, account_figure, listed
from app.domain.records import Account
from app.domain.snapshot import PortfolioSnapshot


def contract_figures(portfolio: PortfolioSnapshot, row: int, currency: str) -> dict[str, Figure]:
    """The contract figures of the account in that row, by key; `currency` counts where the account names none.

    `arr` is always there (None: unknown), `arr.mismatch` where the account's own ARR and its movements differ. With a
    renewal date: `renewal.date`, `renewal.decision_date`, and either `renewal.days_to_renewal` and
    `renewal.days_to_decision` (negative once it is over), or `renewal.days_lapsed`; neither where the term is over and
    the contract renews by itself. `contract.begins` is there where the account is no customer yet.
    """
    found = (*_arr(portfolio, row, currency), *_begins(portfolio, row), *_renewal(portfolio, row))
    return {figure.key: figure for figure in found}


def lapsed_days(account: Account, as_of: dt.date) -> int | None:
    """Days since the contract ended; None where it runs, renews by itself, or has no renewal date on record."""
    if account.renewal_date is None or account.auto_renew or account.renewal_date >= as_of:
        return None
    return (as_of - account.renewal_date).days


def _arr(portfolio: PortfolioSnapshot, row: int, currency: str) -> Iterator[Figure]:
    account, as_of, amount = portfolio.accounts[row], portfolio.as_of, float(portfolio.arr[row])
    unit, movements = account.currency or currency, list(portfolio.arr_evidence[row])
    rule, evidence = "the account's ARR less its movements dated after as_of", _field(account)
    if movements:
        href = f"/v1/accounts/{quote(account.id, safe='')}/arr_movements?to={as_of}"
        rule, evidence = "sum of the ARR movements up to as_of", listed("arr_movements", movements, href)
    known = None if math.isnan(amount) else amount
    yield account_figure(account.id, as_of, "arr", "ARR", known, unit, rule, evidence)
    mismatch = float(portfolio.arr_mismatch[row])
    if not math.isnan(mismatch):
        label = "ARR that its movements do not explain"
        rule = "the account's own ARR less the sum of its movements"
        yield account_figure(account.id, as_of, "arr.mismatch", label, mismatch, unit, rule, _field(account))


def _begins(portfolio: PortfolioSnapshot, row: int) -> Iterator[Figure]:
    if not portfolio.begins[row]:
        return
    account, day = portfolio.accounts[row], dt.date.fromordinal(int(portfolio.begins[row]))
    rule = "the contract's start or the first ARR movement, the earlier of those after as_of"
    label = "Day on which the contract starts"
    yield account_figure(account.id, portfolio.as_of, "contract.begins", label, day, "date", rule, _field(account))


def _renewal(portfolio: PortfolioSnapshot, row: int) -> Iterator[Figure]:
    account, as_of = portfolio.accounts[row], portfolio.as_of
    renewal, decision = account.renewal_date, account.decision_date
    if renewal is None or decision is None:
        return

    def stated(name: str, label: str, value: dt.date | int, rule: str) -> Figure:
        unit = "days" if isinstance(value, int) else "date"
        return account_figure(account.id, as_of, f"renewal.{name}", label, value, unit, rule, _field(account))

    notice = "no notice period on record" if account.notice_days is None else f"{account.notice_days} days of notice"
    yield stated("date", "Renewal date", renewal, "the end of the contract's term")
    yield stated("decision_date", "Decision date", decision, f"renewal date less the notice period: {notice}")
    if renewal < as_of:
        lapsed = lapsed_days(account, as_of)
        if lapsed is not None:
            yield stated("days_lapsed", "Days since the contract lapsed", lapsed, "as_of less the renewal date")
        return
    to_decision = "decision date less as_of; negative once it is over"
    yield stated("days_to_renewal", "Days to the renewal", (renewal - as_of).days, "renewal date less as_of")
    yield stated("days_to_decision", "Days to the decision date", (decision - as_of).days, to_decision)


def _field(account: Account) -> tuple[Evidence, ...]:
    return (Evidence(kind="accounts", id=account.id),)
