"""The data of /champion, for programs: one type for each kind of answer."""

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from tools.champion.cover import Cover
from tools.champion.parameters import ActionKey, TraitKey
from tools.champion.people import Standing
from tools.champion.traits import State


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class TraitData(_Data):
    """A trait; `missing` says what would settle one that is unknown."""

    key: TraitKey
    state: State
    missing: str


class PersonData(_Data):
    """A person and the four traits; `traits_shown` counts those that are seen. `score` is the latest NPS score."""

    id: str
    name: str | None
    standing: Standing
    traits_shown: int
    traits: tuple[TraitData, ...]
    score: int | None
    left_on: dt.date | None


class TodoData(_Data):
    """Something to do; `person` is a contact's id, None where it is about the account."""

    key: str
    person: str | None
    does: str
    owner: str
    due: dt.date


class WaitsData(_Data):
    """What a champion is not asked now, and why."""

    key: ActionKey
    person: str
    why: str


class SuccessorData(_Data):
    """Who could follow a champion that left, and why."""

    gone: str
    person: str
    reasons: tuple[str, ...]


class AccountData(_Data):
    """An account's champions. `arr` is money a year at stake; None: unknown.

    Where `people_hidden`, the caller's role does not see people: everything of one person is left out.
    """

    action: Literal["account"] = "account"
    account: str
    cover: Cover
    champions: int
    candidates: int
    departed: int
    arr: float | None
    currency: str
    decision_date: dt.date | None
    renewal_date: dt.date | None
    sev1_open: bool
    people_hidden: bool
    people: tuple[PersonData, ...] = ()
    todos: tuple[TodoData, ...] = ()
    waits: tuple[WaitsData, ...] = ()
    successors: tuple[SuccessorData, ...] = ()


class BookLine(_Data):
    """An account of the book. `names` of its champions are empty where the caller's role does not see people."""

    account: str
    name: str
    cover: Cover
    champions: int
    names: tuple[str, ...]
    departed: int
    arr: float | None
    currency: str
    decision_date: dt.date | None
    tier: str
    owner: str | None


class BookData(_Data):
    """All accounts that are not covered by two champions, the most urgent first; `covers` counts all customers."""

    action: Literal["book"] = "book"
    customers: int
    covers: dict[Cover, int]
    accounts: tuple[BookLine, ...]
    total: int


class MarkData(_Data):
    """A person who was marked as champion, or no longer is. `contact` is None where it is not certain who is meant."""

    action: Literal["mark", "unmark"]
    account: str
    contact: str | None
    written: bool


class ChampionData(RootModel[Annotated[AccountData | BookData | MarkData, Field(discriminator="action")]]):
    """Data of /champion, by kind of answer."""
