"""Parameters of /escalate: the shape of `tools/escalate.yaml`, checked as a whole when it is loaded."""

from collections.abc import Collection
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.parameters import Parameters
from app.domain.records import Severity

Kind = Literal["outage", "data_corruption", "security", "performance", "bug"]
ItemName = Literal[
    "reproduction",
    "endpoint",
    "error",
    "timestamps",
    "request_ids",
    "environment",
    "logs",
    "impact",
    "business_impact",
    "customer_expectation",
]
OtherField = Literal[
    "customer",
    "severity",
    "kind",
    "issue",
    "request",
    "latency_ms",
    "normal_latency_ms",
    "customers_affected",
    "not_applicable",
    "time_zone",
]
Hours = Annotated[float, Field(gt=0, le=720)]
Characters = Annotated[int, Field(ge=50)]


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Together(Settings):
    """One of `words` and one of `of` with at most `within` words between, and one of `needs` in the same sentence."""

    words: tuple[str, ...]
    of: tuple[str, ...]
    within: Annotated[int, Field(ge=0, le=20)]
    needs: tuple[str, ...] = ()


class WordRule(Settings):
    """What words say so: a phrase, or words that stand together; `not_before` must not follow."""

    phrases: tuple[str, ...] = ()
    together: tuple[Together, ...] = ()
    not_before: tuple[str, ...] = ()


class KindRule(Settings):
    """A kind of issue: how it is recognised, what it goes before, which rubric items it does without."""

    label: str
    names: tuple[str, ...]
    criterion: str
    route: str
    not_applicable: tuple[ItemName, ...]
    over: tuple[Kind, ...]
    statuses: tuple[int, ...]
    words: WordRule


class Ended(Settings):
    """What words say that the trouble is over, of which kinds it then has to be asked, and what says it goes on."""

    kinds: frozenset[Kind]
    words: WordRule
    goes_on: WordRule


class SeverityLevel(Settings):
    """A level of the severity policy; what is missing follows within `follow_up_hours`."""

    names: tuple[str, ...]
    definition: str
    follow_up_hours: Hours


class Item(Settings):
    """An item of the rubric: who supplies it, how it is asked for, what lines that state it or a part are called."""

    label: str
    owner: str
    asks: str
    labels: tuple[str, ...]
    parts: tuple[str, ...] = ()
    words: WordRule = WordRule()


class AtOnce(Settings):
    """Severities and kinds that go to engineering at any quality."""

    severities: tuple[Severity, ...]
    kinds: tuple[Kind, ...]


class Similar(Settings):
    """When a peer's ticket is similar, and how many are listed."""

    shared_words: Annotated[int, Field(ge=1)]
    shown: Annotated[int, Field(ge=1)]
    ignored_words: frozenset[str]
    by_kind: frozenset[Kind]


class Shown(Settings):
    """How much of a long text is shown: characters of a field and of a summary, entries of a list."""

    field: Characters
    summary: Characters
    list: Annotated[int, Field(ge=1)]


class EscalateParameters(Parameters):
    """The escalation policy: criteria, severities, rubric, gate, and the words an issue is read by."""

    full_marks: Annotated[float, Field(gt=0)]
    threshold: Annotated[float, Field(ge=0)]
    latency_factor: Annotated[float, Field(gt=1)]
    several_customers: Annotated[int, Field(ge=2)]
    request_statuses: frozenset[int]
    at_once: AtOnce
    unstated_follow_up_hours: Hours
    coordinator: str
    triage: str
    instead: str
    severities: dict[Severity, SeverityLevel]
    negations: tuple[str, ...]
    negation_reach: Annotated[int, Field(ge=0, le=10)]
    denial_fillers: tuple[str, ...]
    ended: Ended
    kinds: dict[Kind, KindRule]
    items: dict[ItemName, Item]
    labels: dict[OtherField, tuple[str, ...]]
    asks: dict[OtherField, str]
    owner_of_rest: str
    not_given: frozenset[str]
    similar: Similar
    shown: Shown
    arr_tolerance: Annotated[float, Field(ge=0, lt=1)]
    renewal_tolerance_days: Annotated[int, Field(ge=0)]
    old_failure_days: Annotated[int, Field(ge=1)]
    share_tolerance: Annotated[float, Field(ge=0, le=100)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._require_all("severities", self.severities, get_args(Severity))
        self._require_all("kinds", self.kinds, get_args(Kind))
        self._require_all("items", self.items, get_args(ItemName))
        self._require_all("labels", self.labels, get_args(OtherField))
        if self.threshold > self.full_marks:
            raise ValueError("threshold must not lie above full_marks")
        if any(len(rule.not_applicable) == len(self.items) for rule in self.kinds.values()):
            raise ValueError("at least one item must apply to every kind")
        return self

    @staticmethod
    def _require_all(name: str, given: Collection[str], needed: tuple[str, ...]) -> None:
        if set(given) != set(needed):
            raise ValueError(f"{name} needs exactly {', '.join(needed)}")

    def ask(self, field: str) -> str:
        """How a field is asked for."""
        item = self._item(field)
        return item.asks if item else next(asks for name, asks in self.asks.items() if name == field)

    def owner(self, field: str) -> str:
        """Who supplies a field."""
        item = self._item(field)
        return item.owner if item else self.owner_of_rest

    def _item(self, field: str) -> Item | None:
        return next((item for name, item in self.items.items() if name == field), None)
