"""Parameters of /champion: the shape of `tools/champion.yaml`, checked when it is loaded."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.parameters import Overridable
from app.domain.records import SignalKind, Stakeholder, TouchpointKind

ACTIVITY_DAYS = 56
"""So many days of what people did are read: a window, and the days that a feed may lag behind."""

TraitKey = Literal["power_user", "advocate", "feedback", "influence"]
ActionKey = Literal[
    "early_access", "direct_line", "advisory_board", "recognition", "perks", "revive", "listen", "second", "mark"
]  # fmt: skip
StepKey = Literal["introduction", "access", "sponsor", "handover", "promises", "goals", "mark", "follow"]

Positive = Annotated[int, Field(ge=1)]
Window = Annotated[int, Field(ge=7, le=730)]
Words = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PowerUser(_Section):
    """Logs in at least `logins_a_week` times a week and uses so much of the features on one day."""

    window_days: Annotated[int, Field(ge=7, le=ACTIVITY_DAYS - 8)]
    least_days: Positive
    logins_a_week: Annotated[float, Field(gt=0)]
    features_share: Annotated[float, Field(gt=0, le=1)]


class Advocate(_Section):
    """At least so many acts on our behalf in the window."""

    window_days: Window
    least: Positive
    touchpoint_kinds: tuple[TouchpointKind, ...]
    signal_kinds: tuple[SignalKind, ...]


class GivesFeedback(_Section):
    """At least so many answers, sessions and items in the window."""

    window_days: Window
    least: Positive
    touchpoint_kinds: tuple[TouchpointKind, ...]


class Influence(_Section):
    """Words of the field `influence`, parts and words of a role that tell of a say in the renewal."""

    high: tuple[Words, ...]
    low: tuple[Words, ...]
    deciders: tuple[Stakeholder, ...]
    role_words: tuple[Words, ...]


class Traits(_Section):
    """The four traits of a champion (persona §5.3)."""

    power_user: PowerUser
    advocate: Advocate
    feedback: GivesFeedback
    influence: Influence


class Shown(_Section):
    """How many are told, at most."""

    accounts: Positive
    candidates: Positive
    successors: Positive


class Action(_Section):
    """Something to do, due so many working days after the answer. An `ask` waits while the customer has a reason to."""

    due: Annotated[int, Field(ge=0, le=60)]
    owner: Words
    ask: bool
    does: Words
    why: Words


class Step(_Section):
    """A step of the plan when a champion is gone."""

    key: StepKey
    due: Annotated[int, Field(ge=0, le=60)]
    owner: Words
    does: Words


class Mails(_Section):
    """What a mail thanks for, by kind of record."""

    thanks: dict[str, Words]


class ChampionParameters(Overridable):
    """Thresholds of the traits, what to do for champions, and the plan when one is gone."""

    traits: Traits
    early_days: Positive
    candidate_traits: Annotated[int, Field(ge=1, le=4)]
    detractor: Annotated[int, Field(ge=0, le=10)]
    departed_days: Positive
    decision_days: Positive
    thanks_days: Positive
    shown: Shown
    actions: dict[ActionKey, Action]
    next_step: dict[TraitKey, Words]
    succession: tuple[Step, ...]
    mails: Mails

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = set(ActionKey.__args__) - set(self.actions)  # type: ignore[attr-defined]
        if missing:
            raise ValueError(f"actions lack {', '.join(sorted(missing))}")
        return self
