"""The data of /escalate blast, for programs."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

Hit = Literal["hit", "not_hit", "unknown"]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class BlastAccount(_Data):
    """Whether a fault hit an account. `uses` counts uses of the feature, None without one; None: not on record."""

    id: str
    name: str
    state: Hit
    because: str
    arr: float | None
    currency: str
    renewal_date: dt.date | None
    owner: str | None
    uses: float | None
    calls: float | None
    errors: float | None
    tickets: tuple[str, ...]


class BlastTotal(_Data):
    """Accounts of a state, and their known ARR by currency."""

    state: Hit
    accounts: int
    arr: dict[str, float]


class BlastData(_Data):
    """Whom a fault in a part of the product hit from `first` to `last`, both included."""

    action: Literal["blast"] = "blast"
    part: str
    first: dt.date
    last: dt.date
    totals: tuple[BlastTotal, ...]
    accounts: tuple[BlastAccount, ...]
