"""The term of a contract that the renewal is about: when it began, when it ends, and until when notice can be given."""

import datetime as dt
from dataclasses import dataclass

from app.domain.contract import lapsed_days
from app.domain.periods import YEAR_MONTHS, add_months
from app.domain.records import Account


@dataclass(frozen=True, slots=True)
class Term:
    """`renews` says whether the contract renews by itself (None: not on record).

    `rolled` says that the term on record is over and the contract renewed by itself: these are the dates of the term
    that runs now. `lapsed` counts the days since a term that ended and did not renew. `anniversaries` are the ends of
    the years within a term of several, its own end left out.
    """

    starts: dt.date | None
    renewal: dt.date
    decision: dt.date
    renews: bool | None
    rolled: bool
    lapsed: int | None
    anniversaries: tuple[dt.date, ...]

    def decision_over(self, as_of: dt.date) -> bool:
        """Whether notice can no longer be given."""
        return self.decision < as_of


def term_of(account: Account, as_of: dt.date) -> Term | None:
    """The term that runs on a day, or that lapsed.

    None where no renewal date is on record, or it is over, the contract renews by itself, and no length of the term
    says until when.
    """
    renewal, months = account.renewal_date, account.term_months
    if renewal is None:
        return None
    terms = 0
    if renewal < as_of and account.auto_renew:
        if months is None:
            return None
        terms = max(0, ((as_of.year - renewal.year) * YEAR_MONTHS + as_of.month - renewal.month) // months)
        while add_months(renewal, terms * months) < as_of:
            terms += 1
    ends = add_months(renewal, terms * (months or 0))
    starts = _start(account, renewal, terms)
    notice = dt.timedelta(days=account.notice_days or 0)
    return Term(
        starts=starts,
        renewal=ends,
        decision=ends - notice,
        renews=account.auto_renew,
        rolled=terms > 0,
        lapsed=lapsed_days(account, as_of),
        anniversaries=_anniversaries(renewal, terms, months, starts),
    )


def _start(account: Account, renewal: dt.date, terms: int) -> dt.date | None:
    """The term's first day; the contract's start where that is later, or no length of the term is on record."""
    contract = account.contract_start
    if contract is not None and contract >= renewal:
        contract = None
    if account.term_months is None:
        return contract
    start = add_months(renewal, (terms - 1) * account.term_months)
    return start if contract is None else max(start, contract)


def _anniversaries(renewal: dt.date, terms: int, months: int | None, starts: dt.date | None) -> tuple[dt.date, ...]:
    """Whole years counted back from the end of a term of more than twelve months."""
    if months is None or months <= YEAR_MONTHS:
        return ()
    last = terms * months
    back = range(YEAR_MONTHS * ((months - 1) // YEAR_MONTHS), 0, -YEAR_MONTHS)
    days = (add_months(renewal, last - each) for each in back)
    return tuple(day for day in days if starts is None or day > starts)


def months_between(first: dt.date, end: dt.date) -> float:
    """Months from a day to another, the last one in part: from 2026-01-15 to 2026-03-01 it is 1 + 14 ÷ 28."""
    whole = max(0, (end.year - first.year) * YEAR_MONTHS + end.month - first.month - 1)
    while add_months(first, whole + 1) <= end:
        whole += 1
    begun = add_months(first, whole)
    return whole + (end - begun).days / (add_months(first, whole + 1) - begun).days
