"""The closed set of derivations and checks that a profile may name.

A derivation gives a field's value from a row's cells; a check says whether a row is odd, and rejects nothing.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from app.domain.records import Account, FeatureUsage, Record
from app.imports.subscriptions import SubscriptionBook, Terms


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a row's cells alone do not say. `day` is the day of which undated state is told."""

    subscriptions: SubscriptionBook
    day: dt.date
    zone: ZoneInfo  # of times that name none


@dataclass(frozen=True, slots=True)
class Derivation:
    """`run` takes the cells of so many columns, none of them empty, and the formats of dates among them.

    Its ValueError rejects the row and says why; None leaves the field unknown.
    """

    columns: int
    run: Callable[[list[str], tuple[str, ...], Surroundings], Any]
    needs_subscriptions: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """`warning` is reported with the number of rows for which `is_odd` holds, given one cell and the row's record."""

    warning: str
    is_odd: Callable[[str, Record, Surroundings], bool]
    needs_subscriptions: bool = False


def parse_date(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> dt.datetime:
    """The instant that `text` tells in one of the strptime formats: midnight where it is a day.

    Raises:
        ValueError: no format fits.
    """
    for pattern in formats:
        try:
            value = dt.datetime.strptime(text, pattern)  # noqa: DTZ007 - the zone follows
        except ValueError:
            continue
        return value if value.tzinfo else value.replace(tzinfo=zone)
    raise ValueError(f"{text!r} is no date in the form {' or '.join(formats)}")


def _minutes_after(cells: list[str], formats: tuple[str, ...], around: Surroundings) -> dt.datetime:
    start, minutes = cells
    try:
        return parse_date(start, formats, around.zone) + dt.timedelta(minutes=float(minutes))
    except OverflowError:
        raise ValueError(f"{minutes!r} minutes lead to no date") from None


def _account_of_subscription(cells: list[str], _formats: tuple[str, ...], around: Surroundings) -> str:
    found = around.subscriptions.get(cells[0])
    if found is None:
        raise ValueError(f"unknown subscription {cells[0]!r}")
    return found.account_id


def _of_terms(name: str) -> Derivation:
    """A field of the terms of the account whose id the cell holds; None where it has no subscription."""

    def run(cells: list[str], _formats: tuple[str, ...], around: Surroundings) -> Any:
        terms: Terms | None = around.subscriptions.terms(cells[0], around.day)
        return None if terms is None else getattr(terms, name)

    return Derivation(1, run, needs_subscriptions=True)


def _before_subscription(cell: str, record: Record, around: Surroundings) -> bool:
    found = around.subscriptions.get(cell)
    return found is not None and isinstance(record, FeatureUsage) and record.date < found.start


def _after_subscription(cell: str, record: Record, around: Surroundings) -> bool:
    found = around.subscriptions.get(cell)
    return found is not None and isinstance(record, FeatureUsage) and found.end is not None and record.date > found.end


def _flagged_but_paying(cell: str, record: Record, _around: Surroundings) -> bool:
    return cell.lower() in ("true", "1", "yes") and isinstance(record, Account) and record.lifecycle != "churned"


DERIVATIONS: dict[str, Derivation] = {
    "minutes_after": Derivation(2, _minutes_after),
    "account_of_subscription": Derivation(1, _account_of_subscription, needs_subscriptions=True),
    "subscription_arr": _of_terms("arr"),
    "subscription_seats": _of_terms("seats"),
    "subscription_plan": _of_terms("plan"),
    "subscription_term": _of_terms("term_months"),
    "subscription_renewal": _of_terms("renewal_date"),
    "subscription_auto_renew": _of_terms("auto_renew"),
    "subscription_lifecycle": _of_terms("lifecycle"),
}

CHECKS: dict[str, Check] = {
    "before_subscription": Check("dated before its subscription starts; kept", _before_subscription, True),
    "after_subscription": Check("dated after its subscription ended; kept", _after_subscription, True),
    "flagged_but_paying": Check("flagged as churned while paid subscriptions run; not churned", _flagged_but_paying),
}
