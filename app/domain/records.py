"""Customer records: what a company knows of its customers, one class for each file of the CSV set.

A record checks itself: ranges, ISO 8601 dates, instants with a zone. None means unknown; who reads a file leaves its
empty cells out.
The field names are the column names of the CSV files (design, section 3).
"""

import datetime as dt
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

EARLIEST_YEAR, LATEST_YEAR = 1970, 2100

_DateT = TypeVar("_DateT", bound=dt.date)


def _check_year(value: _DateT) -> _DateT:
    if not EARLIEST_YEAR <= value.year <= LATEST_YEAR:
        raise ValueError(f"the year must lie between {EARLIEST_YEAR} and {LATEST_YEAR}")
    return value


def _parse_day(value: Any) -> Any:
    """A calendar day is written YYYY-MM-DD; pydantic alone would also read 20240101 as a Unix time."""
    if isinstance(value, str):
        if len(value) != 10 or value[7] != "-":  # fromisoformat also reads 20240101 and 2024-W01-1
            raise ValueError("a date is written YYYY-MM-DD")
        return dt.date.fromisoformat(value)
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        raise ValueError("a date is written YYYY-MM-DD")
    return value


def _parse_instant(value: Any) -> Any:
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    if not isinstance(value, dt.datetime):
        raise ValueError("a time is written as ISO 8601, such as 2024-01-15T14:30:00Z")
    if value.tzinfo is None or value.utcoffset() is None:
        raise ValueError("a time needs its zone, such as 2024-01-15T14:30:00Z or +01:00")
    return _check_year(value).astimezone(dt.UTC)


def _split_list(value: Any) -> Any:
    """A list in one CSV cell is separated by semicolons; order is kept, repetitions are dropped."""
    parts = value.split(";") if isinstance(value, str) else value
    if isinstance(parts, list | tuple) and all(isinstance(part, str) for part in parts):
        return tuple(dict.fromkeys(stripped for part in parts if (stripped := part.strip())))
    return value


Id = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
LongText = Annotated[str, StringConstraints(max_length=100_000)]
Day = Annotated[dt.date, BeforeValidator(_parse_day), AfterValidator(_check_year)]
Instant = Annotated[dt.datetime, BeforeValidator(_parse_instant), AfterValidator(_check_year)]
Listed = Annotated[tuple[str, ...], BeforeValidator(_split_list)]
Money = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10**12)]
Quantity = Annotated[float, Field(allow_inf_nan=False)]
Currency = Annotated[str, StringConstraints(strip_whitespace=True, to_upper=True, pattern=r"^[A-Za-z]{3}$")]

Lifecycle = Literal["onboarding", "adopting", "established", "renewing", "churned"]
UsageModel = Literal["seats", "api", "hybrid"]
Stakeholder = Literal["developer", "it_admin", "security", "business_owner", "exec_sponsor", "vendor"]
Severity = Literal["SEV1", "SEV2", "SEV3", "SEV4"]
TouchpointKind = Literal[
    "qbr",
    "health_check",
    "webinar",
    "office_hours",
    "training",
    "call",
    "email",
    "beta",
    "champion_action",
    "note",
]
TouchpointStatus = Literal["scheduled", "attended", "no_show", "declined", "rescheduled", "cancelled_by_us"]
GoalStatus = Literal["achieved", "on_track", "at_risk", "missed"]
SignalKind = Literal["budget_cut", "competitor", "new_use_case", "seat_growth", "advocacy", "incident"]
FeedbackCategory = Literal["bug", "feature_request", "ux", "documentation", "performance"]
MovementKind = Literal["new", "expansion", "downgrade", "churn", "reactivation"]
Environment = Literal["sandbox", "production"]
IssueKind = Literal["bug", "performance", "outage", "data_corruption", "security"]
UpdateKind = Literal["opened", "update", "check", "resolved", "closed", "postmortem"]
Party = Literal["customer", "us", "vendor"]
CheckList = Literal["discovery", "readiness", "go_live"]
CheckState = Literal["yes", "no", "not_applicable"]


class Record(BaseModel):
    """A row of customer data. `key` names the columns that identify it within its table."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    key: ClassVar[tuple[str, ...]] = ("id",)

    @property
    def identity(self) -> str:
        """What the record is called within its table: its id, or the fields of its key."""
        return "/".join(str(getattr(self, name)) for name in self.key)


class Account(Record):
    """A customer company (or one product line of it, with `parent_id`). `arr` is money a year in `currency`."""

    id: Id
    name: Name
    aliases: Listed = ()
    parent_id: Id | None = None
    product: Name | None = None
    segment: Name | None = None
    lifecycle: Lifecycle | None = None
    arr: Money | None = None
    currency: Currency | None = None
    plan: Name | None = None
    usage_model: UsageModel = "hybrid"
    licensed_seats: Count | None = None
    api_quota_monthly: Count | None = None
    features_available: Count | None = None
    contract_start: Day | None = None
    renewal_date: Day | None = None
    notice_days: Annotated[int, Field(ge=0, le=730)] | None = None
    term_months: Annotated[int, Field(ge=1, le=240)] | None = None
    auto_renew: bool | None = None
    owner: Name | None = None
    industry: Name | None = None
    region: Name | None = None

    @property
    def decision_date(self) -> dt.date | None:
        """The last day on which the customer can give notice: renewal date less the notice period."""
        if self.renewal_date is None:
            return None
        return self.renewal_date - dt.timedelta(days=self.notice_days or 0)


class Contact(Record):
    """A person at a customer. `left_on` is the day the person left."""

    id: Id
    account_id: Id
    name: Name | None = None
    email: Name | None = None
    role: Name | None = None
    stakeholder: Stakeholder | None = None
    is_champion: bool | None = None
    influence: Name | None = None
    left_on: Day | None = None


class Usage(Record):
    """One account's use of the product on one day; `active_users_28d` counts distinct users of 28 days."""

    key: ClassVar[tuple[str, ...]] = ("account_id", "date")
    account_id: Id
    date: Day
    active_users: Count | None = None
    active_users_28d: Count | None = None
    api_calls: Count | None = None
    errors: Count | None = None
    p95_ms: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None = None


class FeatureUsage(Record):
    """How often one feature was used by one account on one day. No environment means production."""

    key: ClassVar[tuple[str, ...]] = ("account_id", "date", "feature", "environment")
    account_id: Id
    date: Day
    feature: Name
    environment: Environment = "production"
    count: Count | None = None
    users: Count | None = None


class ContactActivity(Record):
    """One person's logins and number of features used on one day."""

    key: ClassVar[tuple[str, ...]] = ("contact_id", "date")
    contact_id: Id
    date: Day
    logins: Count | None = None
    features: Count | None = None


class Ticket(Record):
    """A support case. Without a severity it counts as SEV3; `csat` is 1 to 5."""

    id: Id
    account_id: Id
    contact_id: Id | None = None
    opened_at: Instant
    first_response_at: Instant | None = None
    resolved_at: Instant | None = None
    reopened_at: Instant | None = None
    escalated_at: Instant | None = None
    severity: Severity | None = None
    category: Name | None = None
    escalated: bool | None = None
    csat: Annotated[float, Field(ge=1, le=5, allow_inf_nan=False)] | None = None
    replies: Count | None = None
    engineering_key: Name | None = None
    subject: LongText | None = None
    body: LongText | None = None


class NpsResponse(Record):
    """An answer to "how likely are you to recommend us", 0 to 10. No contact: anonymous."""

    id: Id
    account_id: Id
    contact_id: Id | None = None
    responded_at: Instant
    score: Annotated[int, Field(ge=0, le=10)]
    comment: LongText | None = None


class Touchpoint(Record):
    """A meeting, message or note with a customer."""

    id: Id
    account_id: Id
    contact_id: Id | None = None
    date: Day
    kind: TouchpointKind
    status: TouchpointStatus | None = None
    text: LongText | None = None


class Goal(Record):
    """An outcome the customer bought the product for."""

    id: Id
    account_id: Id
    title: Name
    metric: Name | None = None
    baseline: Quantity | None = None
    target: Quantity | None = None
    current: Quantity | None = None
    value_amount: Quantity | None = None
    due: Day | None = None
    status: GoalStatus | None = None
    status_on: Day | None = None


class Signal(Record):
    """Something heard or seen that bears on renewal or growth."""

    id: Id
    account_id: Id
    date: Day
    kind: SignalKind
    text: LongText | None = None


class FeedbackItem(Record):
    """A request or complaint for the product team. RICE inputs are checked where RICE is computed."""

    id: Id
    title: Name
    category: FeedbackCategory
    reach: Quantity | None = None
    impact: Quantity | None = None
    confidence: Quantity | None = None
    effort_weeks: Quantity | None = None
    account_ids: Listed = ()
    contact_id: Id | None = None
    source: Name | None = None
    quote: LongText | None = None
    workaround: LongText | None = None
    severity: Severity | None = None
    created_on: Day | None = None
    status: Name | None = None
    shipped_on: Day | None = None


class ArrMovement(Record):
    """A change of an account's ARR; `amount` is positive, its sign follows from `kind`."""

    id: Id
    account_id: Id
    date: Day
    kind: MovementKind
    amount: Money


class Commitment(Record):
    """A promise: who (`by`) owes what to whom by when."""

    id: Id
    account_id: Id
    made_on: Day | None = None
    by: Name | None = None
    what: LongText
    due: Day | None = None
    done_on: Day | None = None
    source: Name | None = None


class Escalation(Record):
    """An issue that was given to engineering, from its opening to its close.

    `quality` is the package's, 0 to 5. `resolved_at` is when the fix was in, `verified` says how that was checked, and
    only then is it closed. `endpoint` and `feature` say which part of the product is at fault.
    """

    id: Id
    account_id: Id
    opened_at: Instant
    title: Name
    kind: IssueKind | None = None
    severity: Severity | None = None
    owner: Name | None = None
    ticket_id: Id | None = None
    endpoint: Name | None = None
    feature: Name | None = None
    quality: Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)] | None = None
    package: LongText | None = None
    resolved_at: Instant | None = None
    verified: LongText | None = None
    closed_at: Instant | None = None


class EscalationUpdate(Record):
    """Something said or done about an escalation. `text` is for colleagues, `customer_text` was written to be sent."""

    id: Id
    account_id: Id
    escalation_id: Id
    at: Instant
    kind: UpdateKind
    text: LongText | None = None
    customer_text: LongText | None = None
    author: Name | None = None


class Milestone(Record):
    """A step of an account's onboarding plan. `code` is what people call it (M3), `phase` 1 to 4.

    `planned` is the day that the plan first gave, `due` the one that slips have moved it to. `owner` is a role.
    `done_on` is the day on which it was done, as `signed_by` says. `measures` are what data must show for it to be
    done, such as "calls 1000"; `after` are the codes of the milestones that it waits for.
    """

    id: Id
    account_id: Id
    code: Name
    title: Name
    phase: Annotated[int, Field(ge=1, le=4)]
    owner: Name | None = None
    planned: Day
    due: Day
    acceptance: LongText | None = None
    measures: Listed = ()
    after: Listed = ()
    done_on: Day | None = None
    signed_by: Name | None = None


class MilestoneSlip(Record):
    """A milestone moved by so many working days (back, where negative), since one of the parties keeps it waiting."""

    id: Id
    account_id: Id
    milestone_id: Id
    date: Day
    working_days: Annotated[int, Field(ge=-260, le=260)]
    whose: Party | None = None
    reason: LongText | None = None


class Check(Record):
    """One item of a list that is gone through with a customer: an answer, or whether it is in place.

    `checked_on` is the day on which `checked_by` said so.
    """

    key: ClassVar[tuple[str, ...]] = ("account_id", "checklist", "item")
    account_id: Id
    checklist: CheckList
    item: Name
    state: CheckState | None = None
    note: LongText | None = None
    checked_on: Day | None = None
    checked_by: Name | None = None


class RampSignoff(Record):
    """A goal of a CSE's first year that `signed_by` saw reached. `owner` is the CSE, `goal` the goal's key."""

    key: ClassVar[tuple[str, ...]] = ("owner", "goal")
    owner: Name
    goal: Name
    signed_on: Day
    signed_by: Name
    note: LongText | None = None


class Plan(Record):
    """A price plan; `quota_monthly` in API calls a month, `rate_limit` in calls a minute."""

    key: ClassVar[tuple[str, ...]] = ("name",)
    name: Name
    price_monthly: Money | None = None
    quota_monthly: Count | None = None
    rate_limit: Count | None = None
    sla: Name | None = None


class RoadmapItem(Record):
    """A feature planned for a quarter, and who may be told."""

    key: ClassVar[tuple[str, ...]] = ("feature",)
    feature: Name
    quarter: Name | None = None
    beta_open: bool | None = None
    audience: Name | None = None


class Integration(Record):
    """A connection between the customer's systems and the product."""

    key: ClassVar[tuple[str, ...]] = ("account_id", "kind", "environment")
    account_id: Id
    kind: Name
    auth: Name | None = None
    environment: Environment = "production"
    status: Name | None = None
    note: LongText | None = None


RECORD_TYPES: dict[str, type[Record]] = {
    "accounts": Account,
    "contacts": Contact,
    "usage": Usage,
    "feature_usage": FeatureUsage,
    "contact_activity": ContactActivity,
    "tickets": Ticket,
    "nps": NpsResponse,
    "touchpoints": Touchpoint,
    "goals": Goal,
    "signals": Signal,
    "feedback": FeedbackItem,
    "arr_movements": ArrMovement,
    "commitments": Commitment,
    "escalations": Escalation,
    "escalation_updates": EscalationUpdate,
    "milestones": Milestone,
    "milestone_slips": MilestoneSlip,
    "checks": Check,
    "ramp_signoffs": RampSignoff,
    "plans": Plan,
    "roadmap": RoadmapItem,
    "integrations": Integration,
}
"""Record type of each table, in the order in which files are read: accounts before what refers to them."""
