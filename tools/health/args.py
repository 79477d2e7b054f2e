"""Arguments of /health."""

from pydantic import Field

from app.domain.command import Args
from app.domain.records import Lifecycle
from tools.health.data import Level, Tier

FILTERS = ("segment", "owner", "tier", "level", "lifecycle", "renewal")


class HealthArgs(Args):
    """One account, or the portfolio with filters."""

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
    limit: int = Field(20, ge=1, le=100, description="Accounts on a page.")
    cursor: str | None = Field(None, max_length=20, description="Where the next page begins, from the page before.")

    def filters(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: str(value) for name in FILTERS if (value := getattr(self, name)) is not None}
