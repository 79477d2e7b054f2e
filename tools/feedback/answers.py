"""What became of items: the answer by the day of the report, since when, and how long it has been waited for."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from app.domain.figures import Evidence, Figure, listed
from app.domain.records import FeedbackItem
from app.domain.snapshot import FeedbackBook, StatusOn
from tools.feedback.data import AnswerData, RateData
from tools.feedback.months import Month
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.statuses import Answer, answer_of, meaning


@dataclass(frozen=True, slots=True)
class Answered:
    """`since` is the day from which the answer is known, None for no answer or an unknown day."""

    item: FeedbackItem
    answer: Answer
    since: dt.date | None
    waiting: Figure | None

    def data(self) -> AnswerData:
        days = self.waiting.value if self.waiting else None
        return AnswerData(
            id=self.item.id,
            title=self.item.title,
            category=self.item.category,
            answer=self.answer,
            status=self.item.status,
            since=self.since,
            days_waiting=days if isinstance(days, int) else None,
        )


@dataclass(frozen=True, slots=True)
class Rate:
    """The acceptance rate of the items of some months, with what it is made of."""

    months: str
    adopted: Figure
    counted: Figure
    rate: Figure
    unknown: tuple[FeedbackItem, ...]

    def data(self) -> RateData:
        rate = self.rate.value
        return RateData(
            month=self.months,
            adopted=_whole(self.adopted),
            counted=_whole(self.counted),
            unknown=len(self.unknown),
            rate=rate if isinstance(rate, float) else None,
        )


def answered(item: FeedbackItem, book: FeedbackBook, as_of: dt.date, parameters: FeedbackParameters) -> Answered:
    """What became of the item by as_of."""
    answer = answer_of(item, as_of, parameters)
    waiting = _waiting(item, as_of) if answer == "waiting" and item.created_on is not None else None
    return Answered(item, answer, _since(item, answer, book.history.get(item.id, ()), parameters), waiting)


class Days(Protocol):
    """A month, or another run of days."""

    def holds(self, day: dt.date | None) -> bool: ...


def changed_in(days: Days, item: FeedbackItem, book: FeedbackBook, parameters: FeedbackParameters) -> bool:
    """Whether the item shipped on one of these days, or its status came to mean something else.

    What a status was before it was first recorded nobody knows: the first record is no change.
    """
    if days.holds(item.shipped_on):
        return True
    history = book.history.get(item.id, ())
    return any(
        days.holds(now.day) and meaning(now.status, parameters) != meaning(before.status, parameters)
        for before, now in pairwise(history)
    )


def acceptance_rate(
    items: Iterable[FeedbackItem], first: Month, last: Month, as_of: dt.date, parameters: FeedbackParameters
) -> Rate:
    """100 × adopted ÷ counted, of the items that were submitted in these months; unknown where none counts.

    Not counted are those whose status says nothing of adoption (a duplicate), and those whose status is not known.
    """
    months = str(last) if first == last else f"{first}..{last}"
    mine = [item for item in items if item.created_on is not None and first.first <= item.created_on <= last.last]
    answers = {item.id: answer_of(item, as_of, parameters) for item in mine}
    unknown = tuple(item for item in mine if answers[item.id] == "unknown")
    counted = [i for i in mine if answers[i.id] != "unknown" and answers[i.id] not in parameters.not_counted]
    adopted = [item for item in counted if answers[item.id] in parameters.adopted]
    value = 100 * len(adopted) / len(counted) if counted else None
    names = ", ".join(sorted(name.replace("_", " ") for name in parameters.adopted))
    left_out = ", ".join(sorted(name.replace("_", " ") for name in parameters.not_counted))

    def figure(
        key: str, label: str, value: float | None, unit: str, formula: str, of: Sequence[FeedbackItem]
    ) -> Figure:
        return Figure(
            key=f"feedback.{key}.{months}",
            label=f"{label} {months}",
            value=value,
            unit=unit,
            account_id=None,
            as_of=as_of,
            formula=formula,
            evidence=listed("feedback", [(item.id, item.created_on) for item in of if item.created_on], None),
        )

    rule = (
        f"100 × {len(adopted)} adopted ÷ {len(counted)} submitted; adopted: {names}; not counted: {left_out}, unknown"
    )
    return Rate(
        months=months,
        adopted=figure("adopted", "Items adopted of", len(adopted), "count", f"status by {as_of}: {names}", adopted),
        counted=figure("submitted", "Items submitted in", len(counted), "count", f"less {left_out}, unknown", counted),
        rate=figure("acceptance_rate", "Acceptance rate of", value, "%", rule, counted),
        unknown=unknown,
    )


def _since(
    item: FeedbackItem, answer: Answer, history: Sequence[StatusOn], parameters: FeedbackParameters
) -> dt.date | None:
    """The day of the first record of those, up to the last one, that mean the same; None where it is the item's own."""
    if answer == "waiting":
        return None
    if answer == "shipped" and item.shipped_on is not None:
        return item.shipped_on
    since = None
    for record in reversed(history):
        if meaning(record.status, parameters) != answer:
            break
        since = record.day
    created = item.created_on
    return since if since is not None and (created is None or since > created) else None


def _waiting(item: FeedbackItem, as_of: dt.date) -> Figure | None:
    if item.created_on is None:
        return None
    return Figure(
        key=f"feedback.{item.id}.days_waiting",
        label=f"Days without an answer to {item.title}",
        value=(as_of - item.created_on).days,
        unit="days",
        account_id=None,
        as_of=as_of,
        formula="as_of less the day on which the item was created",
        evidence=(Evidence(kind="feedback", id=item.id, date=item.created_on),),
    )


def _whole(figure: Figure) -> int:
    return figure.value if isinstance(figure.value, int) else 0
