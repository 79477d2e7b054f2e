"""Parameters of /onboard: the template of the plan, the lists that are gone through, and what is said of risks."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.parameters import Overridable
from app.domain.records import Party, Stakeholder, TouchpointKind, UsageModel

MeasureKind = Literal[
    "kickoff", "discovery", "first_use", "readiness", "trainings", "go_live", "production", "calls", "traffic",
    "weekly_users", "features", "health_check", "goals",
]  # fmt: skip
NUMBERED: frozenset[MeasureKind] = frozenset({"trainings", "calls", "traffic", "weekly_users", "features"})
"""Measures that need a number."""

AnsweredBy = Literal["goal", "goal_due", "goal_measure", "check", "champion"]
RiskKey = Literal[
    "overdue", "slipped", "deadline", "small_team", "no_developers", "competitor", "no_champion", "one_champion",
    "no_business_owner", "no_sponsor", "severe_tickets", "not_in_production", "no_use", "stalled", "promise",
    "no_measure", "readiness",
]  # fmt: skip
Direction = Literal["in", "out", "both"]
Models = Annotated[tuple[UsageModel, ...], Field(min_length=1)]
ALL_MODELS: tuple[UsageModel, ...] = get_args(UsageModel)
Key = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
_MEASURE = re.compile(r"(?P<kind>[a-z_]+)(?: (?P<least>\d+(?:\.\d+)?))?")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Measure(_Part):
    """What data must show: a kind, and the number from which on it holds, for the kinds that have one."""

    kind: MeasureKind
    least: float | None = None


def measure_of(written: str) -> Measure | None:
    """A measure as a milestone keeps it ("calls 1000"); None where it is none that we know."""
    match = _MEASURE.fullmatch(written.strip())
    if match is None or match["kind"] not in get_args(MeasureKind):
        return None
    kind, least = match["kind"], float(match["least"]) if match["least"] else None
    return None if (kind in NUMBERED) != (least is not None) else Measure.model_validate({"kind": kind, "least": least})


class Template(_Part):
    """A milestone of the template; `day` is a working day, 1 being the contract's start."""

    key: Key
    phase: Annotated[int, Field(ge=1, le=4)]
    day: Annotated[int, Field(ge=1, le=260)]
    owner: str
    title: str
    acceptance: str
    measures: tuple[str, ...] = ()
    after: tuple[Key, ...] = ()
    models: Models = ALL_MODELS

    @model_validator(mode="after")
    def _measures_known(self) -> Self:
        unknown = [each for each in self.measures if measure_of(each) is None]
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: a measure is {', '.join(get_args(MeasureKind))}, and its number")
        return self

    @property
    def wording(self) -> str:
        """The acceptance, with the numbers of its measures."""
        known = [measure_of(each) for each in self.measures]
        return self.acceptance.format_map({m.kind: f"{m.least:,.10g}" for m in known if m and m.least is not None})


class Measuring(_Part):
    """How the measures are taken. `volume_metrics` give how many of a goal's numbers make a month."""

    before_start_days: Annotated[int, Field(ge=0, le=365)]
    kickoff_kinds: tuple[TouchpointKind, ...]
    training_kinds: tuple[TouchpointKind, ...]
    review_kinds: tuple[TouchpointKind, ...]
    live: frozenset[str]
    month_days: Annotated[float, Field(gt=0)]
    few_seats: Annotated[int, Field(ge=0)]
    volume_metrics: Mapping[str, Annotated[float, Field(gt=0)]]
    share_metrics: tuple[str, ...]


class Volume(_Part):
    """The planned traffic of a month: the item under which an answer is kept, and how it is asked for."""

    item: Key
    ask: str


class Question(_Part):
    """A question of discovery, and what on record answers it."""

    key: Key
    by: AnsweredBy
    ask: str


class Audience(_Part):
    """A part of the customer's people, and what it is called to them; a plan lacks something without needed ones."""

    needed: bool
    called: str
    does: str


class RiskText(_Part):
    label: str
    do: str


class Risks(_Part):
    """A team of up to `small_team_developers` is small; slips of `slipped_working_days` in all are told as a risk."""

    small_team_developers: Annotated[int, Field(ge=1)]
    slipped_working_days: Annotated[int, Field(ge=1)]
    told: Mapping[RiskKey, RiskText]

    @model_validator(mode="after")
    def _every_risk(self) -> Self:
        if missing := set(get_args(RiskKey)) - set(self.told):
            raise ValueError(f"risks lack {', '.join(sorted(missing))}")
        return self


class Item(_Part):
    """An item of a list. `by` names what on record may show it: see `tools.onboard.checklists`.

    With `needs_note` a yes needs a note: the way back is nothing without what it is.
    """

    key: Key
    ask: str
    owner: str
    required: bool
    needs_note: bool = False
    by: str | None = None
    models: Models = ALL_MODELS


class Area(_Part):
    area: str
    items: Annotated[tuple[Item, ...], Field(min_length=1)]


class Readiness(_Part):
    areas: tuple[Area, ...]


class SignOff(_Part):
    """A role that signs; `words` are what it is called when it is written."""

    title: str
    words: tuple[str, ...]


class GoLive(_Part):
    areas: tuple[Area, ...]
    sign_offs: Mapping[Key, SignOff]


class MappedField(_Part):
    ours: str
    meaning: str
    theirs: str


class Carries(_Part):
    """What a kind of integration carries: into our product, out of it, or both ways."""

    direction: Direction
    carries: str


class UsageWords(_Part):
    """The busiest day per mean day: up to `steady` use is steady, from `bursty` on bursty."""

    steady: Annotated[float, Field(ge=1)]
    bursty: Annotated[float, Field(ge=1)]


class Integrating(_Part):
    sso_auths: tuple[str, ...]
    secret_auths: tuple[str, ...]
    usage_words: UsageWords
    mapping: tuple[MappedField, ...]
    roles: Mapping[str, Carries]
    other_role: Carries


class Architecture(_Part):
    """A reference architecture: labels of its nodes by id, and edges from node to node with their label."""

    key: Key
    title: str
    models: Models
    nodes: Mapping[Annotated[str, Field(pattern=r"^[a-z]+$")], str]
    edges: tuple[tuple[str, str, str], ...]

    @model_validator(mode="after")
    def _joined(self) -> Self:
        if unknown := {end for edge in self.edges for end in edge[:2]} - set(self.nodes):
            raise ValueError(f"edges name {', '.join(sorted(unknown))}, which are no nodes")
        return self


class OnboardParameters(Overridable):
    """All that the plan, the lists and the design note depend on."""

    roles: Mapping[str, Party]
    milestones: Annotated[tuple[Template, ...], Field(min_length=1)]
    measuring: Measuring
    soon_working_days: Annotated[int, Field(ge=0, le=60)]
    most_rows: Annotated[int, Field(ge=1, le=100)]
    volume: Volume
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]
    audiences: Mapping[Stakeholder, Audience]
    risks: Risks
    readiness: Readiness
    go_live: GoLive
    integration: Integrating
    architectures: Annotated[tuple[Architecture, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        for model in ALL_MODELS:
            self._check_template([each for each in self.milestones if model in each.models])
            if not any(model in each.models for each in self.architectures):
                raise ValueError(f"no architecture is for the usage model {model}")
        keys = [item.key for area in (*self.readiness.areas, *self.go_live.areas) for item in area.items]
        if len(keys) != len(set(keys)):
            raise ValueError("each item of the lists needs a key of its own")
        if set(self.audiences) != set(get_args(Stakeholder)):
            raise ValueError("audiences needs every part")
        return self

    def _check_template(self, plan: list[Template]) -> None:
        """Keys are unique, days rise, and a milestone waits only for those before it."""
        keys, every = [each.key for each in plan], {each.key for each in self.milestones}
        if len(keys) != len(set(keys)):
            raise ValueError("each milestone needs a key of its own")
        if sorted(plan, key=lambda each: each.day) != plan:
            raise ValueError("milestones must be in the order of their days")
        for place, each in enumerate(plan):
            if wrong := [key for key in each.after if key not in every or key in keys[place:]]:
                raise ValueError(f"{each.key} waits for {', '.join(wrong)}, which is not before it")
            if each.owner not in self.roles:
                raise ValueError(f"{each.owner} is none of the roles")
