"""Arguments of /health."""

import datetime as dt
from typing import Literal

from pydantic import Field

from app.domain.command import Args, free_words, raw_text
from app.domain.records import Lifecycle
from tools.health.data import Level, Tier

FILTERS = ("segment", "owner", "tier", "level", "lifecycle", "renewal")


Action = Literal["log", "compare", "changes", "brief", "handover"]


class HealthArgs(Args):
    """One account, or the portfolio with filters; or what `action` says."""

    action: Action | None = Field(
        None, description="log a note, compare two days, changes of the portfolio, a brief before a call, a handover"
    )
    account: str | None = Field(None, description="The account; without it, the portfolio is ranked.")
    segment: str | None = Field(None, max_length=300, description="Only accounts of this segment.")
    owner: str | None = Field(None, max_length=300, description="Only accounts of this owner.")
    tier: Tier | None = Field(None, description="Only accounts of this health tier.")
    level: Level | None = Field(None, description="Only accounts of this churn level.")
    lifecycle: Lifecycle | None = Field(
        None, description="Only this stage; churned accounts are left out unless asked."
    )
    renewal: int | None = Field(
        None, ge=1, le=1095, description="Only accounts that decide or renew within so many days, or lapsed lately."
    )
    text: str | None = raw_text("What happened, in a line or a whole note", None, actions=("log",))
    dates: str | None = free_words("The earlier and the later day, YYYY-MM-DD each", actions=("compare",))
    since: dt.date | None = Field(None, description="From this day on: what changed in the portfolio since then.")
    limit: int = Field(20, ge=1, le=100, description="Accounts on a page.")
    cursor: str | None = Field(None, max_length=20, description="Where the next page begins, from the page before.")

    def filters(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: str(value) for name in FILTERS if (value := getattr(self, name)) is not None}
