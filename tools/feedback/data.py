"""The data of /feedback, for programs."""

import datetime as dt

from pydantic import BaseModel, ConfigDict

from app.domain.records import FeedbackCategory
from tools.feedback.arguments import Action


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class ItemData(_Data):
    """A feedback item with its RICE inputs: confidence as a fraction, effort in weeks; None: not known or not valid.

    `customers` is the number of linked accounts. `arr` is the sum of their known ARR where all of it is in one
    currency, else None; `arr_by_currency` has every currency. `notes` tell how an input was taken.
    """

    id: str
    title: str
    category: FeedbackCategory
    reach: float | None
    impact: float | None
    confidence: float | None
    effort: float | None
    rice: float | None
    arr: float | None
    arr_by_currency: dict[str, float]
    customers: int
    accounts: tuple[str, ...]
    created_on: dt.date | None
    status: str | None
    source: str | None
    notes: tuple[str, ...] = ()


class InvalidData(_Data):
    """An item that cannot be ranked, and why."""

    id: str
    title: str
    reason: str


class FeedbackData(_Data):
    """The items asked for, on this page; `total` counts them on all pages. `closed` items are not ranked."""

    action: Action
    items: tuple[ItemData, ...] = ()
    invalid: tuple[InvalidData, ...] = ()
    total: int = 0
    closed: int = 0
    added: ItemData | None = None
