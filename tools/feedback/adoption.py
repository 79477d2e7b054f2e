"""Whether the customers who asked for a feature use it in the days after it shipped."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from app.domain.figures import Evidence, Figure
from app.domain.records import FeedbackItem
from app.domain.snapshot import Exposure, PortfolioSnapshot
from tools.feedback.data import AdoptionData


@dataclass(frozen=True, slots=True)
class Adoption:
    """Use by the customers that have not left. `reason` says why it cannot be told, or not yet for all of them.

    `used_by` counts those with a use in production so far; it is final where `reason` is None.
    """

    feature: str | None
    first: dt.date | None = None
    last: dt.date | None = None
    used_by: Figure | None = None
    accounts: Figure | None = None
    uses: tuple[Figure, ...] = ()
    reason: str | None = None

    def data(self) -> AdoptionData:
        used, of = self.used_by and self.used_by.value, self.accounts and self.accounts.value
        return AdoptionData(
            feature=self.feature,
            first=self.first,
            last=self.last,
            used_by=used if isinstance(used, int) and self.reason is None else None,
            accounts=of if isinstance(of, int) else 0,
            reason=self.reason,
        )


def adoption(
    item: FeedbackItem, named: str | None, portfolio: PortfolioSnapshot, exposure: Exposure | None
) -> Adoption:
    """Use of the feature in the exposure's window; `named` is the feature's name as the user gave it."""
    if exposure is None:
        return Adoption(named, reason="the day on which it shipped is not known")
    first, last = exposure.query.first, exposure.query.last
    if not exposure.known:
        return Adoption(named, first, last, reason=_unnamed(named, portfolio))
    feature = named or item.title
    rows = [row for row, account in enumerate(portfolio.accounts) if account.lifecycle != "churned"]
    used = [row for row in rows if exposure.rows[row] > 0]
    unknown = [row for row in rows if exposure.rows[row] == 0 and not exposure.covered[row]]
    window = f"{first.isoformat()} to {last.isoformat()}"

    def figure(key: str, label: str, value: float | None, formula: str, row: int | None) -> Figure:
        account_id = None if row is None else portfolio.accounts[row].id
        count = int(exposure.rows[row]) if row is not None else sum(int(exposure.rows[r]) for r in rows)
        return Figure(
            key=f"feedback.{item.id}.{key}",
            label=label,
            value=int(value) if value is not None and float(value).is_integer() else value,
            unit="count",
            account_id=account_id,
            as_of=portfolio.as_of,
            formula=formula,
            evidence=(Evidence(kind="feature_usage", first=first, last=last, count=count),),
        )

    def uses(row: int) -> float | None:
        if exposure.rows[row] == 0:
            return 0.0 if exposure.covered[row] else None
        return None if np.isnan(exposure.uses[row]) else float(exposure.uses[row])

    rule = f"sum of the uses of {feature} in production, {window}"
    return Adoption(
        feature,
        first,
        last,
        used_by=figure(
            "used_by", f"Customers who use {feature}", len(used), f"with a use in production, {window}", None
        ),
        accounts=figure("could_use", "Customers who asked", len(rows), "linked accounts that have not left", None),
        uses=tuple(figure("uses", f"Uses of {feature}, {window}", uses(row), rule, row) for row in rows),
        reason=_open(portfolio, unknown, last) if unknown else None,
    )


def _unnamed(named: str | None, portfolio: PortfolioSnapshot) -> str:
    features = sorted({str(feature) for feature in portfolio.features.feature})[:8]
    lately = f" In use lately: {', '.join(features)}." if features else ""
    if named:
        return f"no row of usage names a feature “{named}”.{lately}"
    return f"no feature in the usage data is called like the item; give feature=NAME.{lately}"


def _open(portfolio: PortfolioSnapshot, unknown: list[int], last: dt.date) -> str:
    """From when it can be told, or which customers send no usage."""
    connected = portfolio.feeds.connected("feature_usage")
    silent = [portfolio.accounts[row].name for row in unknown if not connected[row]]
    parts = [f"no usage of features is connected for {', '.join(silent)}"] if silent else []
    if len(silent) < len(unknown):
        ready = (last + dt.timedelta(days=1)).isoformat()
        parts.append(f"usage must be there to {last.isoformat()}: it can be told from {ready}, once that is imported")
    return "; ".join(parts)
