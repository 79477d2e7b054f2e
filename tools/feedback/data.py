"""The data of /feedback, for programs: one type for each kind of answer."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from app.domain.records import FeedbackCategory
from tools.feedback.statuses import Answer


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


class ItemsData(_Data):
    """The items asked for, on this page; `total` counts them on all pages. `closed` items are not ranked."""

    action: Literal["rank", "list", "add"]
    items: tuple[ItemData, ...] = ()
    invalid: tuple[InvalidData, ...] = ()
    total: int = 0
    closed: int = 0
    added: ItemData | None = None


class QuoteData(_Data):
    """A customer's words. `source` is a ticket, nps, or the kind of meeting; `second_hand`: our people's note of it."""

    account: str
    contact: str | None
    source: str
    record: str
    day: dt.date
    words: str
    second_hand: bool
    score: int | None = None


class ProposalData(_Data):
    """A proposal: a new item, or customers and words for the item `item_id`. `near` is an item that may be the same."""

    id: str
    item_id: str | None
    near: str | None
    title: str
    category: FeedbackCategory
    customers: int
    accounts: tuple[str, ...]
    arr_by_currency: dict[str, float]
    quotes: tuple[QuoteData, ...]


class CollectData(_Data):
    """What was heard from `since` to `until`: the proposals of this page; `total` counts them on all pages.

    `texts` counts what was read, by kind; `recorded` sentences were known, `vague` texts ask without saying for what.
    `complete` is false where there may be more texts than are read at once.
    """

    action: Literal["collect"] = "collect"
    since: dt.date
    until: dt.date
    texts: dict[str, int]
    complete: bool
    proposals: tuple[ProposalData, ...]
    total: int
    recorded: int
    vague: int


class AcceptData(_Data):
    """The items that were added, and those that got further customers or words."""

    action: Literal["accept"] = "accept"
    added: tuple[ItemData, ...] = ()
    updated: tuple[ItemData, ...] = ()


class AnswerData(_Data):
    """What became of an item. `since` is the day of its status, `days_waiting` counts while there is no answer."""

    id: str
    title: str
    category: FeedbackCategory
    answer: Answer
    status: str | None
    since: dt.date | None
    days_waiting: int | None


class RateData(_Data):
    """Acceptance rate in percent; None where nothing counts. `unknown` items have a status that is not known."""

    month: str
    adopted: int
    counted: int
    unknown: int
    rate: float | None


class BugData(_Data):
    """A bug; `affected` customers: its reach, else the linked accounts; None where neither is known."""

    id: str
    title: str
    affected: float | None
    customers: int


class RiskData(_Data):
    """A customer at risk who asked for an item, and why it is one."""

    account: str
    item: str
    reasons: tuple[str, ...]
    words: str | None
    action: str


class ReportData(_Data):
    """The monthly report: `answers` are about the items of the month before."""

    action: Literal["report"] = "report"
    month: str
    answers: tuple[AnswerData, ...]
    changed: tuple[AnswerData, ...]
    rates: tuple[RateData, ...]
    requests: tuple[ItemData, ...]
    bugs: tuple[BugData, ...]
    others: dict[FeedbackCategory, tuple[str, ...]]
    risks: tuple[RiskData, ...]


class AskedData(_Data):
    """A customer who asked for an item that shipped. `days` to the renewal; `uses` of the feature, None: unknown."""

    account: str
    contacts: tuple[str, ...]
    words: tuple[str, ...]
    renewal_date: dt.date | None
    days: int | None
    arr: float | None
    currency: str
    uses: float | None
    reply: str | None


class AdoptionData(_Data):
    """Use of the feature from `first` to `last`; `used_by` is None while it cannot be told."""

    feature: str | None
    first: dt.date | None
    last: dt.date | None
    used_by: int | None
    accounts: int
    reason: str | None


class ShippedData(_Data):
    """Who is to be told that an item shipped, the most urgent first. `item` is None where it is not certain which."""

    action: Literal["shipped"] = "shipped"
    item: str | None = None
    shipped_on: dt.date | None = None
    asked: tuple[AskedData, ...] = ()
    adoption: AdoptionData | None = None
    candidates: tuple[str, ...] = ()


class ThemeData(_Data):
    """What customers said about one thing in a period. `before` counts those of the period before.

    `item` is the feedback item that it is about, where one is recorded.
    """

    key: str
    title: str
    category: FeedbackCategory
    item: str | None
    said: int
    before: int
    accounts: tuple[str, ...]
    arr_by_currency: dict[str, float]
    quotes: tuple[QuoteData, ...]


class ToldData(_Data):
    """An item that shipped or changed in the period: the customers who were told, by our notes, and those who wait."""

    item: str
    answer: Answer
    told: tuple[str, ...]
    untold: tuple[str, ...]


class AskData(_Data):
    """Something asked of product; `item` is the feedback item's id."""

    kind: Literal["answer", "date", "inputs"]
    item: str
    text: str


class BriefData(_Data):
    """The voice of the customer in a period. `pains` and `gaps` are themes, `requests` open items by RICE."""

    action: Literal["brief"] = "brief"
    period: str
    before: str
    texts: int
    texts_before: int
    customers: int
    pains: tuple[ThemeData, ...]
    requests: tuple[ItemData, ...]
    gaps: tuple[ThemeData, ...]
    risks: tuple[RiskData, ...]
    told: tuple[ToldData, ...]
    asks: tuple[AskData, ...]


class CategoryTrend(_Data):
    """Tickets of a category that were opened in a period; hours from first response to solution, of those solved.

    `reopened` is a share in percent. `articles` are those that exist, `remedy` what would deflect the tickets.
    """

    category: str
    tickets: int
    before: int
    accounts: int
    hours: float | None
    solved: int
    reopened: float | None
    arr_by_currency: dict[str, float]
    articles: tuple[str, ...]
    remedy: Literal["article", "automation", "sop"]
    does: str


class RepeatData(_Data):
    """Solved tickets about the same, often enough for an article. `document` is the id that it would get."""

    document: str
    category: str
    tickets: tuple[str, ...]
    accounts: int
    exists: str | None


class TrendsData(_Data):
    """What comes again and again in tickets; `uncategorised` tickets have no category."""

    action: Literal["trends"] = "trends"
    period: str
    before: str
    tickets: int
    tickets_before: int
    uncategorised: int
    categories: tuple[CategoryTrend, ...]
    repeats: tuple[RepeatData, ...]


class FeedbackData(
    RootModel[
        Annotated[
            ItemsData | CollectData | AcceptData | ReportData | ShippedData | BriefData | TrendsData,
            Field(discriminator="action"),
        ]
    ]
):
    """Data of /feedback, by subcommand."""
