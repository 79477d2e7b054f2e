"""The arguments of /metrics."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from app.domain.command import Args, free_words
from app.domain.records import Day

Action = Literal["ramp", "sign-off", "backtest"]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]

SIGN_OFF = ("sign-off", "signoff", "sign_off")
OF_ACTION: dict[str | None, str] = {None: "period", "ramp": "owner", "sign-off": "note", "backtest": "indicators"}
"""What the free words are to each subcommand."""


class MetricsArgs(Args):
    """A period, narrowed to a segment or an owner; or what `action` says.

    The free words are the period; an owner for `ramp`, a note for `sign-off`, indicators for `backtest`.
    `ramp sign-off …` is `sign-off …`.
    """

    action: Action | None = Field(
        None,
        description="ramp: a CSE's goals of the first year; sign-off: a manager's word on one of them; backtest: how "
        "well the churn indicators foretold the churn",
    )
    asked: Note | None = free_words("The period: 2026Q2, Q2, 2026, 2026-05, last, this; else what the subcommand needs")
    period: Words | None = Field(None, description="The period: 2026Q2, Q2, 2026, 2026-05, last, this")
    segment: Words | None = Field(None, description="Only accounts of this segment")
    owner: Words | None = Field(None, description="Only accounts of this owner; the CSE whose ramp it is")
    since: Day | None = Field(None, description="The CSE's first day, for ramp")
    goal: Words | None = Field(None, description="The goal to sign off, such as d60.articles")
    note: Note | None = Field(None, description="What the sign-off rests on")
    indicators: Words | None = Field(None, description="Only these churn indicators or tiers, for backtest")
    years: int = Field(2, ge=1, le=2, description="How far back the backtest looks; 1 is quicker for a large portfolio")

    @model_validator(mode="before")
    @classmethod
    def _place_words(cls, given: Any) -> Any:
        """The free words become the field that the subcommand takes them for."""
        if not isinstance(given, dict):
            return given
        placed = dict(given)
        words = str(placed.get("asked") or "").strip()
        first, _, rest = words.partition(" ")
        if placed.get("action") == "ramp" and first.lower() in SIGN_OFF:
            placed["action"], words = "sign-off", rest.strip()
        action = placed.get("action")
        field = OF_ACTION.get(action) if isinstance(action, str | None) else None
        if words and field is not None and placed.get(field) is None:
            placed[field], placed["asked"] = words, None
        return placed

    def filters(self) -> dict[str, str]:
        """The segment and the owner, where they are given."""
        return {name: value for name in ("segment", "owner") if (value := getattr(self, name)) is not None}
