"""Arguments of /renewal."""

from typing import Literal

from pydantic import Field

from app.domain.command import Args, raw_text

FILTERS = ("owner", "segment", "days")


class RenewalArgs(Args):
    """One account's renewal, or the calendar with filters; or what `action` says."""

    action: Literal["review", "propose"] | None = Field(
        None, description="the value review with a mail to send, or propose a commercial idea for approval"
    )
    account: str | None = Field(None, description="The account; without it, the calendar of renewals and the forecast.")
    idea: str | None = raw_text("The commercial idea, in a sentence", None, actions=("propose",))
    owner: str | None = Field(None, max_length=300, description="Only accounts of this owner.")
    segment: str | None = Field(None, max_length=300, description="Only accounts of this segment.")
    days: int | None = Field(None, ge=1, le=1095, description="Only decisions within so many days; else of a year.")
    limit: int = Field(20, ge=1, le=100, description="Accounts on a page.")
    cursor: str | None = Field(None, max_length=20, description="Where the next page begins, from the page before.")

    def filters(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: str(value) for name in FILTERS if (value := getattr(self, name)) is not None}
