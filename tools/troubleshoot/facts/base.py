"""What every fact has: where it stands."""

import datetime as dt
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

LONGEST_TEXT = 4_000
"""Characters of a text within a fact; the rest is cut."""

MOST_LISTED = 50
"""Entries of a list within a fact, where it says nothing else."""

Line = Annotated[int, Field(ge=1)]
Moment = Annotated[dt.datetime, AwareDatetime]


class Part(BaseModel):
    """A part of a fact."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(Part):
    """Something an artifact says. `line` is where it begins in its artifact, from 1."""

    line: int = 1
