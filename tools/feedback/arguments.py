"""The arguments of /feedback."""

import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from app.domain.command import Args, free_words
from app.domain.problems import InvalidArguments
from app.domain.records import Day, FeedbackCategory, Listed, Severity

Action = Literal["rank", "list", "add", "collect", "accept", "report", "shipped", "brief", "trends"]

CATEGORY_STARTS: dict[str, FeedbackCategory] = {
    "bug": "bug",
    "feature": "feature_request",
    "ux": "ux",
    "doc": "documentation",
    "perf": "performance",
}
"""What a category may begin with: "Feature requests" and "docs" are understood."""


def _category(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    written = value.strip().lower()
    return next((category for start, category in CATEGORY_STARTS.items() if written.startswith(start)), value)


def _confidence(value: Any) -> Any:
    """`80%` as a fraction; what lies outside 0–100 % is left for the range check to name."""
    match = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*%\s*", value) if isinstance(value, str) else None
    if match is None:
        return value
    percent = float(match[1])
    return percent / 100 if 0 <= percent <= 100 else percent


Number = Annotated[float, Field(allow_inf_nan=False)] | None
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000)] | None
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None
Free = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000)] | None

LONGEST_TITLE = 300

INPUTS = frozenset({"reach", "impact", "confidence", "effort"})
"""The inputs of RICE."""

TAKES: dict[Action, frozenset[str]] = {
    "rank": frozenset({"account", "title", "category", "limit"}),
    "list": frozenset({"account", "title", "category", "limit"}),
    "add": INPUTS
    | {"account", "title", "category", "accounts", "quote", "source", "workaround", "severity", "contact"},
    "collect": frozenset({"account", "title", "category", "limit", "since"}),
    "accept": INPUTS | {"account", "title", "category", "since", "ids", "item"},
    "report": frozenset({"title", "month"}),
    "shipped": frozenset({"account", "title", "item", "on", "feature"}),
    "brief": frozenset({"title", "period"}),
    "trends": frozenset({"title", "period"}),
}
"""What each subcommand takes; anything else is refused by name, not ignored."""


class FeedbackArgs(Args):
    """`rank` and `list` take the filters; `add` takes the new item; the others say what they take.

    `title` holds the free words of a message. For `accept`, `report` and `shipped` they are `ids`, `month` and `item`,
    for `brief` and `trends` `period`, where these are not given by name.
    """

    action: Action = Field(
        "rank",
        description="rank by RICE, list newest first, add an item, collect proposals from what customers said, "
        "accept proposals, report a month to product, follow up an item that shipped, brief product on a quarter, "
        "or find what comes again and again in tickets (trends)",
    )
    account: str | None = Field(None, description="An account the items are linked to")
    title: Free = free_words("The new item's title; else words that titles must hold")
    category: Annotated[FeedbackCategory | None, BeforeValidator(_category)] = Field(
        None, description="bug, feature_request, ux, documentation or performance"
    )
    reach: Number = Field(None, description="Customers affected, 1–10,000; else the number of linked accounts")
    impact: Number = Field(None, description="How much it improves the customer's outcome, 1–10")
    confidence: Annotated[Number, BeforeValidator(_confidence)] = Field(None, description="0–1, or 0–100 %")
    effort: Number = Field(None, description="Engineering weeks, 1–50")
    accounts: Listed = Field((), description="Linked accounts by id or name, separated by ;")
    quote: Words = Field(None, description="The customer's own words")
    source: Title = Field(None, description="Where it was heard: ticket, QBR, NPS …")
    workaround: Words = None
    severity: Severity | None = None
    contact: Title = Field(None, description="The contact's id")
    limit: Annotated[int, Field(ge=1)] | None = Field(None, description="Items to show")
    since: Day | None = Field(None, description="collect and accept: what was said from that day on; else of 90 days")
    ids: Listed = Field((), description="accept: the proposals' ids, separated by ;")
    month: Title = Field(None, description="report: YYYY-MM, or “last month”; else the last full month")
    period: Title = Field(None, description="brief and trends: 2026Q2, Q2, last, this, 2026 or 2026-05; else last")
    item: Title = Field(None, description="shipped: the item's id, or words of its title; accept: the item to link to")
    on: Day | None = Field(None, description="shipped: the day on which it shipped")
    feature: Title = Field(None, description="shipped: what the feature is called in the usage data")

    @model_validator(mode="after")
    def _title_fits_an_item(self) -> Self:
        if self.action not in ("accept", "rank") and len(self.title or "") > LONGEST_TITLE:
            raise ValueError(f"the title must have {LONGEST_TITLE} characters or fewer")
        return self


def refuse_what_has_no_place(args: FeedbackArgs) -> None:
    """Arguments that mean nothing to the subcommand are named, not ignored.

    Raises:
        InvalidArguments: one is given.
    """
    names = [name for name in FeedbackArgs.model_fields if name != "action" and name not in TAKES[args.action]]
    given = given_of(args, names)
    if not given:
        return
    if args.action in ("rank", "list") and set(given) <= TAKES["add"]:
        why = "these describe a new item. Write /feedback add <title> …"
    else:
        why = f"/feedback {args.action} does not take these. It takes {', '.join(sorted(TAKES[args.action]))}."
    raise InvalidArguments(f"{', '.join(given)}: {why}")


def given_of(args: FeedbackArgs, names: Iterable[str]) -> list[str]:
    """Those of the arguments that are given."""
    return [name for name in names if getattr(args, name) not in (None, ())]
