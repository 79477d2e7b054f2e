"""Feedback items with their RICE and the ARR behind them, in the order of their rank."""

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.domain.blocks import Column
from app.domain.command import Context
from app.domain.figures import Evidence, Figure, Text, joined, text
from app.domain.records import FeedbackItem
from app.domain.snapshot import FeedbackBook
from tools.feedback.data import ItemData
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.rice import Inputs, read_inputs, usable_reach
from tools.feedback.statuses import answer_of


@dataclass(frozen=True, slots=True)
class Linked:
    """The accounts that items are linked to: names, known ARR and currency by id. `default`: where none is known."""

    names: Mapping[str, str]
    arr: Mapping[str, float]
    currency: Mapping[str, str]
    default: str


@dataclass(frozen=True, slots=True)
class Rated:
    """An item and its inputs, or why it has none. `arr` is the linked accounts' known ARR by currency.

    `reach` is there without the other inputs too: customers affected, None where unknown.
    """

    item: FeedbackItem
    inputs: Inputs | None
    wrong: tuple[str, ...]
    arr: Mapping[str, float]
    names: tuple[str, ...]
    reach: float | None

    def data(self) -> ItemData:
        item, inputs = self.item, self.inputs
        return ItemData(
            id=item.id,
            title=item.title,
            category=item.category,
            reach=inputs.reach if inputs else item.reach,
            impact=item.impact,
            confidence=inputs.confidence if inputs else None,
            effort=inputs.effort if inputs else item.effort_weeks,
            rice=inputs.rice if inputs else None,
            arr=next(iter(self.arr.values())) if len(self.arr) == 1 else None,
            arr_by_currency=dict(self.arr),
            customers=len(item.account_ids),
            accounts=item.account_ids,
            created_on=item.created_on,
            status=item.status,
            source=item.source,
            notes=inputs.notes if inputs else (),
        )


def linked_of(ctx: Context, book: FeedbackBook) -> Linked:
    """The accounts that items are linked to, and those of the snapshots at hand."""
    names, arr, currency = dict(book.account_names), dict(book.account_arr), dict(book.account_currency)
    for columns in (ctx.portfolio, ctx.account.columns if ctx.account else None):
        for account, amount in zip(columns.accounts, columns.arr, strict=True) if columns else ():
            names[account.id] = account.name
            if account.currency:
                currency[account.id] = account.currency
            if not math.isnan(amount):
                arr[account.id] = float(amount)
    return Linked(names, arr, currency, ctx.currency)


def rate(item: FeedbackItem, linked: Linked, parameters: FeedbackParameters) -> Rated:
    """Check the item's inputs and sum up the ARR of its accounts; money of different currencies is not added."""
    found, arr = read_inputs(item, parameters.ranges), arr_of(item.account_ids, linked)
    names = tuple(linked.names.get(account_id, account_id) for account_id in item.account_ids)
    if isinstance(found, Inputs):
        return Rated(item, found, (), arr, names, found.reach)
    return Rated(item, None, found, arr, names, usable_reach(item, parameters.ranges))


def arr_of(account_ids: Iterable[str], linked: Linked) -> dict[str, float]:
    """The accounts' known ARR by currency."""
    arr: dict[str, float] = {}
    for account_id in account_ids:
        if account_id in linked.arr:
            currency = linked.currency.get(account_id, linked.default)
            arr[currency] = arr.get(currency, 0.0) + linked.arr[account_id]
    return arr


def ranked(items: Iterable[Rated], currency: str) -> list[Rated]:
    """The valid items: highest RICE first; of equal ones by linked ARR in `currency`, then the oldest first."""

    def order(rated: Rated) -> tuple[float, float, dt.date, str]:
        score = rated.inputs.rice if rated.inputs else 0.0
        return -score, -rated.arr.get(currency, 0.0), rated.item.created_on or dt.date.max, rated.item.id

    return sorted((rated for rated in items if rated.inputs), key=order)


def newest(items: Iterable[Rated]) -> list[Rated]:
    """The items, newest first; those of unknown date last."""
    return sorted(items, key=lambda rated: (-_day(rated.item), rated.item.id))


def is_closed(item: FeedbackItem, as_of: dt.date, parameters: FeedbackParameters) -> bool:
    """Whether the item competes no more: shipped by as_of, or its status says so."""
    return answer_of(item, as_of, parameters) in parameters.left_ranking


def figures_of(rated: Rated, as_of: dt.date) -> Iterator[Figure]:
    """RICE with its inputs, and the ARR of the linked accounts: `feedback.<id>.rice`, `.reach`, `.arr.usd` …"""
    item, inputs = rated.item, rated.inputs
    record = (Evidence(kind="feedback", id=item.id, date=item.created_on),)
    accounts = tuple(Evidence(kind="accounts", id=account_id) for account_id in item.account_ids)

    def figure(
        name: str, label: str, value: float, unit: str, formula: str, evidence: tuple[Evidence, ...] = record
    ) -> Figure:
        whole = int(value) if value == int(value) and name != "rice" else value
        return Figure(
            key=f"feedback.{item.id}.{name}",
            label=f"{label} of {item.title}",
            value=whole,
            unit=unit,
            account_id=None,
            as_of=as_of,
            formula=formula,
            evidence=evidence,
        )

    stated = "the item's field"
    if rated.reach is not None:
        given = item.reach is not None
        counted = stated if given else "number of linked accounts"
        yield figure("reach", "Reach", rated.reach, "count", counted, record if given else (*record, *accounts))
    if inputs:
        yield figure("rice", "RICE", inputs.rice, "RICE", f"reach × impact × confidence ÷ effort = {inputs.formula}")
        yield figure("impact", "Impact", inputs.impact, "count", stated)
        yield figure("confidence", "Confidence", 100 * inputs.confidence, "%", stated)
        yield figure("effort", "Effort", inputs.effort, "weeks", "; ".join((stated, *inputs.notes)))
    yield figure("customers", "Linked accounts", len(item.account_ids), "count", "number of linked accounts", accounts)
    for currency, amount in rated.arr.items():
        yield figure(f"arr.{currency.lower()}", "ARR", amount, currency, "sum of the linked accounts' ARR", accounts)


def _day(item: FeedbackItem) -> int:
    return item.created_on.toordinal() if item.created_on else 0


def arr_text(rated: Rated, figures: Mapping[str, Figure]) -> Text:
    """The ARR in each of its currencies."""
    parts = [figures[f"feedback.{rated.item.id}.arr.{currency.lower()}"] for currency in rated.arr]
    return joined(parts, " + ") or text("unknown" if rated.item.account_ids else "none linked")


def columns(labels: tuple[str, ...], right: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """A table's columns; those in `right` hold numbers."""
    return tuple(Column(label=label, align="right" if label in right else "left") for label in labels)


def titled(item: FeedbackItem) -> str:
    return f"{item.title} ({item.id})"


def category_label(category: str) -> str:
    return category.replace("_", " ")
