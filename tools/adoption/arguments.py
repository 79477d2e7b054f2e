"""Arguments of /adoption."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.domain.command import Args, free_words
from app.domain.problems import InvalidArguments
from app.domain.records import Day, Lifecycle

Action = Literal["enablement", "held", "release"]
Attendees = Literal["developer", "it_admin", "security"]
Change = Literal["new", "changed", "breaking", "retired"]

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)] | None
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)] | None

FILTERS = ("segment", "owner", "lifecycle")

TAKES: dict[Action | None, frozenset[str]] = {
    None: frozenset({"account", "segment", "owner", "lifecycle", "limit", "cursor"}),
    "enablement": frozenset({"account", "topic", "feature", "attendees", "recording"}),
    "held": frozenset({"account", "topic", "feature", "attendees", "recording", "on"}),
    "release": frozenset({"account", "topic", "feature", "on", "change", "what"}),
}
"""What each subcommand takes; anything else is refused by name, not ignored."""


class AdoptionArgs(Args):
    """One account, or the book with filters; or what `action` says. `feature` names the topic too."""

    action: Action | None = Field(
        None, description="material for a training, put down that one was held, or whom a release touches"
    )
    account: str | None = Field(None, description="The account; without it, adoption of every account")
    topic: Words = free_words(
        "The topic of the training, or the feature that is released", actions=("enablement", "held", "release")
    )
    feature: Words = Field(None, description="The same as topic: a feature's name as the usage data have it")
    attendees: Attendees | None = Field(None, description="enablement, held: developer, it_admin or security")
    recording: Annotated[str, StringConstraints(pattern=r"^https://[^\s]+$", max_length=500)] | None = Field(
        None, description="enablement, held: where the recording is, https://…"
    )
    on: Day | None = Field(None, description="held: the day of the training; release: the day of the release")
    change: Change | None = Field(None, description="release: new, changed, breaking or retired; else new")
    what: Said = Field(None, description="release: what changes, in a sentence that customers may read")
    segment: str | None = Field(None, max_length=300, description="Only accounts of this segment")
    owner: str | None = Field(None, max_length=300, description="Only accounts of this owner")
    lifecycle: Lifecycle | None = Field(None, description="Only this stage; churned accounts are left out unless asked")
    limit: int | None = Field(None, ge=1, le=100, description="Accounts on a page; else 20")
    cursor: str | None = Field(None, max_length=20, description="Where the next page begins, from the page before")

    def filters(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: str(value) for name in FILTERS if (value := getattr(self, name)) is not None}

    @property
    def about(self) -> str | None:
        """The topic or feature."""
        return self.feature or self.topic


def refuse_what_has_no_place(args: AdoptionArgs) -> None:
    """Arguments that mean nothing to the subcommand are named, not ignored.

    Raises:
        InvalidArguments: one is given.
    """
    takes = TAKES[args.action]
    if args.action is None and args.account is not None:
        takes = frozenset({"account"})
    given = [name for name in type(args).model_fields if name not in takes | {"action"} and _is_given(args, name)]
    if given:
        called = (
            f"/adoption {args.action}" if args.action else "/adoption with an account" if args.account else "/adoption"
        )
        raise InvalidArguments(f"{', '.join(given)}: {called} does not take that. It takes {', '.join(sorted(takes))}.")


def _is_given(args: AdoptionArgs, name: str) -> bool:
    return getattr(args, name) is not None


def day_not_ahead(on: dt.date | None, today: dt.date) -> None:
    """A training that was held lies behind.

    Raises:
        InvalidArguments: the day lies ahead.
    """
    if on is not None and on > today:
        raise InvalidArguments(f"on={on} lies ahead. On which day was the training held?", missing=["on"])
