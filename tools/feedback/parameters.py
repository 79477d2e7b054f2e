"""Parameters of /feedback: the shape of `tools/feedback.yaml`, checked when it is loaded."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.parameters import Parameters


class Range(BaseModel):
    """The least and the most that an input may be, and what it counts."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    least: Annotated[float, Field(ge=0)]
    most: float
    unit: str

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least >= self.most:
            raise ValueError("least must lie below most")
        return self

    def __str__(self) -> str:
        return f"{self.least:g}–{self.most:,g} {self.unit}"


class Ranges(BaseModel):
    """The range of each RICE input; confidence in percent, effort in weeks."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    reach: Range
    impact: Range
    confidence: Range
    effort: Range


class FeedbackParameters(Parameters):
    """Ranges of the RICE inputs, the statuses that leave the ranking, and how much is shown."""

    ranges: Ranges
    closed_statuses: frozenset[str]
    shown: Annotated[int, Field(ge=1)]
    most_shown: Annotated[int, Field(ge=1)]
    top: Annotated[int, Field(ge=1, le=5)]
