"""The arguments of /feedback."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from app.domain.command import Args, free_words
from app.domain.records import FeedbackCategory, Listed, Severity

Action = Literal["rank", "list", "add"]

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


class FeedbackArgs(Args):
    """`rank` and `list` take the filters; `add` takes the new item."""

    action: Action = Field("rank", description="rank by RICE, list newest first, or add an item")
    account: str | None = Field(None, description="An account the items are linked to")
    title: Title = free_words("The new item's title; else words that titles must hold")
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
