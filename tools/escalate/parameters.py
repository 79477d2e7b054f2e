"""Parameters of /escalate: the shape of `tools/escalate.yaml`, checked as a whole when it is loaded."""

from collections.abc import Collection
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.domain.parameters import Parameters
from app.domain.records import Severity
from app.domain.word_rules import Unless, WordRule

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
FollowUpKey = Literal["now", "day", "week"]
Hours = Annotated[float, Field(gt=0, le=720)]
Characters = Annotated[int, Field(ge=50)]


class Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KindRule(Settings):
    """A kind of issue: how it is recognised, what it goes before, which rubric items it does without.

    `failing` says so too, but where a status points at the request.
    """

    label: str
    names: tuple[str, ...]
    criterion: str
    route: str
    not_applicable: tuple[ItemName, ...]
    over: tuple[Kind, ...]
    statuses: tuple[int, ...]
    words: WordRule
    failing: Unless = Unless(words=WordRule())


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


class Cadence(Settings):
    """How long after an update the next one is due: minutes, or working days at the same time of day."""

    minutes: Annotated[int, Field(ge=1, le=1440)] | None = None
    working_days: Annotated[int, Field(ge=1, le=20)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.minutes is None) == (self.working_days is None):
            raise ValueError("a cadence is told in minutes or in working_days")
        return self


class FollowUp(Settings):
    """A check after the fix: due `after_hours`, done by a check at most `early_hours` before that or at any time
    later, overdue `late_hours` after it."""

    label: str
    what: str
    after_hours: Annotated[float, Field(ge=0, le=2000)]
    early_hours: Annotated[float, Field(ge=0, le=200)]
    late_hours: Annotated[float, Field(ge=0, le=200)]


class Target(Settings):
    """First response and resolution, in hours from the opening; a response may be told in business hours."""

    response_hours: Hours
    in_business_hours: bool
    resolution_hours: Hours


class Verification(Settings):
    """What words say that a fix was looked at, that it does not hold, and that nobody looked yet."""

    words: WordRule
    fails: WordRule
    not_done: WordRule


class Withheld(Unless):
    """Words that are not for the customer, and why."""

    reason: str


class Promise(Unless):
    """Words that promise a time for the fix, but where `unless` tells of the past and nothing of what lies `ahead`.

    `committed` says that engineering gave the time.
    """

    reason: str
    ahead: WordRule
    committed: WordRule


class ToCustomer(Settings):
    """What a message to the customer says by itself, and what of ours it leaves out besides what no customer reads."""

    acknowledged: dict[Kind, str]
    acknowledged_unstated: str
    acknowledged_fixed: str
    nothing_said: frozenset[str]
    nothing_new: str
    reopened: str
    cause_unknown: str
    working: str
    fixed: str
    fixed_ask: str
    thanks: str
    closed: str
    closed_ask: str
    withheld: tuple[Withheld, ...]
    promise: Promise


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
    open: Annotated[int, Field(ge=1)]
    title: Annotated[int, Field(ge=50, le=300)]


class Blast(Settings):
    """When failed calls tell of a hit, and how much is shown.

    `error_share`: percent of an account's calls in the window that failed; `shown`: accounts of a state, and drafts.
    """

    error_share: Annotated[float, Field(gt=0, le=100)]
    longest_window_days: Annotated[int, Field(ge=1, le=366)]
    shown: Annotated[int, Field(ge=1, le=200)]


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
    same_within_hours: Hours
    unstated_severity: Severity
    cadence: dict[Severity, Cadence]
    follow_ups: dict[FollowUpKey, FollowUp]
    follow_up_lapses_days: Annotated[int, Field(ge=1, le=365)]
    targets: dict[Severity, Target]
    cause_words: Unless
    verification: Verification
    to_customer: ToCustomer
    prompts: tuple[str, ...]
    shown: Shown
    arr_tolerance: Annotated[float, Field(ge=0, lt=1)]
    renewal_tolerance_days: Annotated[int, Field(ge=0)]
    old_failure_days: Annotated[int, Field(ge=1)]
    blast: Blast
    share_tolerance: Annotated[float, Field(ge=0, le=100)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._require_all("severities", self.severities, get_args(Severity))
        self._require_all("cadence", self.cadence, get_args(Severity))
        self._require_all("targets", self.targets, get_args(Severity))
        self._require_all("follow_ups", self.follow_ups, get_args(FollowUpKey))
        self._require_all("to_customer.acknowledged", self.to_customer.acknowledged, get_args(Kind))
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
