"""NRR and GRR of a period: who is in the cohort, who is left out, and whose ARR its movements do not explain."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.domain.figures import listed
from app.domain.records import ArrMovement
from app.domain.revenue import SIGNS
from app.domain.snapshot import PortfolioSnapshot
from tools.health.parents import counted_arr
from tools.metrics.book import Book, Span, portfolio_of
from tools.metrics.measure import HUNDREDTH, LeftOut, Measure
from tools.metrics.parameters import MetricKey
from tools.metrics.retention import Change, Retention, change, retention

WHO = "accounts with ARR above 0 at the end of the day before the period"
FORMULAS: dict[MetricKey, str] = {
    "nrr": "100 × (starting ARR + expansion − churn − downgrades) ÷ starting ARR",
    "grr": "100 × (starting ARR − churn − downgrades, of each account at most what it started with) ÷ starting ARR",
}
NO_DATA = "the ARR of the day before the period, which lies before any data"
NO_ARR = "ARR is not known on the day before the period"
NO_MOVEMENTS = "no dated ARR movements reach the end of the period"
UNDATED = "left on a day that no movement tells"


@dataclass(frozen=True, slots=True)
class Cohort:
    """The changes of each currency's accounts, and why others are not in it."""

    changes: Mapping[str, tuple[Change, ...]]
    left_out: tuple[LeftOut, ...]


def cohort(book: Book, span: Span) -> Cohort | None:
    """The starting cohort of a period; None where no data reaches back to its start."""
    if span.before is None or span.end is None:
        return None
    before, end = portfolio_of(span.before), portfolio_of(span.end)
    starting, places = counted_arr(before, book.ctx.currency), {a.id: row for row, a in enumerate(end.accounts)}
    told = end.feeds.usable("arr_movements")
    changes: defaultdict[str, list[Change]] = defaultdict(list)
    left: defaultdict[str, list[str]] = defaultdict(list)
    for row, account in enumerate(before.accounts):
        if account.id not in book.accounts or before.not_yet[row]:
            continue
        mine = [m for m in book.movements.get(account.id, ()) if span.has(m.date)]
        reason = _left_out(before, row, end, places.get(account.id), told, mine)
        if reason:
            left[reason].append(account.id)
        elif starting[row] > HUNDREDTH:
            currency = account.currency or book.ctx.currency
            changes[currency].append(change(account.id, float(starting[row]), mine))
    return Cohort(
        {currency: tuple(found) for currency, found in sorted(changes.items())},
        tuple(LeftOut(reason, tuple(ids)) for reason, ids in left.items()),
    )


def revenue_measures(book: Book, span: Span) -> list[Measure]:
    """NRR and GRR of each currency; one of each without a value where nothing can be told."""
    found = cohort(book, span)
    if found is None or not found.changes:
        left = found.left_out if found else ()
        missing = NO_DATA if found is None else left[0].reason if left else "an account with ARR before the period"
        return [
            Measure(key, None, rule, 0, "accounts", WHO, left_out=left, missing=missing)
            for key, rule in FORMULAS.items()
        ]
    made = []
    for currency, changes in found.changes.items():
        sums = retention(changes)
        made += [_measure(book, span, found, key, currency, sums, changes) for key in FORMULAS]
    return made


def _measure(
    book: Book,
    span: Span,
    found: Cohort,
    key: MetricKey,
    currency: str,
    sums: Retention,
    changes: tuple[Change, ...],
) -> Measure:
    kept = sums.net if key == "nrr" else sums.kept
    ids = [each.account_id for each in changes if each.expansion or each.churn or each.downgrades]
    rows = [(m.id, m.date) for one in ids for m in book.movements[one] if span.has(m.date)]
    left = tuple(
        LeftOut(each.reason, own)
        for each in found.left_out
        if (own := tuple(i for i in each.ids if (book.accounts[i].currency or book.ctx.currency) == currency))
    )
    return Measure(
        key,
        sums.nrr if key == "nrr" else sums.grr,
        FORMULAS[key],
        sums.accounts,
        "accounts",
        WHO,
        numerator=kept,
        denominator=sums.starting,
        parted=("ARR of the cohort at the end" if key == "nrr" else "starting ARR that was kept", "starting ARR"),
        unit=currency,
        left_out=left,
        evidence=listed("arr_movements", rows, None) if rows else (),
        of=currency,
    )


def _left_out(
    before: PortfolioSnapshot,
    row: int,
    end: PortfolioSnapshot,
    at_end: int | None,
    told: np.ndarray,
    mine: list[ArrMovement],
) -> str:
    """Why an account that was a customer before the period is not in the cohort; "" where it may be."""
    arr, churned = before.arr[row], before.accounts[row].lifecycle == "churned"
    if arr <= HUNDREDTH:
        return ""
    if at_end is None:
        return "no longer on record at the end"
    left_undated = end.accounts[at_end].lifecycle == "churned" and end.arr[at_end] > HUNDREDTH
    if churned or (left_undated and not any(m.kind == "churn" for m in mine)):
        return UNDATED
    if np.isnan(arr):
        return NO_ARR
    return "" if told[at_end] else NO_MOVEMENTS


def unexplained(book: Book, span: Span) -> tuple[str, ...]:
    """Accounts whose ARR moved by another sum than their movements, or differs from the sum of them all."""
    if span.before is None or span.end is None:
        return ()
    before, end = portfolio_of(span.before), portfolio_of(span.end)
    places = {a.id: row for row, a in enumerate(end.accounts)}
    found = []
    for row, account in enumerate(before.accounts):
        if account.id not in book.accounts or (at_end := places.get(account.id)) is None:
            continue
        moved = sum(SIGNS[m.kind] * m.amount for m in book.movements.get(account.id, ()) if span.has(m.date))
        gap = end.arr[at_end] - before.arr[row] - moved
        if abs(gap) > HUNDREDTH or not np.isnan(end.arr_mismatch[at_end]):  # an unknown gap is no gap
            found.append(account.id)
    return tuple(found)
