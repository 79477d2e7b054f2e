"""The tables. One for each record type, with the record's own columns, and those of the service itself.

Every table of customer data is versioned: see `app.store.versions` and docs/decisions/0002-versions.md. Reads and
writes go through Core (`TABLES`); the classes are the schema, and Alembic compares the database with them.
"""

import datetime as dt
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import Index, MetaData, PrimaryKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel
from sqlmodel.sql.sqltypes import AutoString

from app.store.column_types import Instant, Json, Serial, Text, TextList

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """Base of all tables, with metadata of their own."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)


class Versioned(Row):
    """`since` and `until` are ids of the writes that made the row and that ended it."""

    since: int = Field(sa_type=sa.BigInteger)
    until: int | None = Field(default=None, sa_type=sa.BigInteger)


class Fact(Versioned):
    """A versioned row of customer data; `origin` is the source that it came from."""

    origin: str


class Numbered(Fact):
    """A row with a number of its own, since its key repeats with each version."""

    row_id: int | None = Field(default=None, primary_key=True, sa_type=Serial)


class State(Numbered):
    """Undated state: `effective_on` is the day from which the row describes its subject."""

    effective_on: dt.date


class AccountRow(State, table=True):
    __tablename__ = "accounts"
    __table_args__ = (Index(None, "id", "until"),)

    id: str
    name: str
    aliases: tuple[str, ...] = Field(sa_type=TextList)
    parent_id: str | None
    product: str | None
    segment: str | None
    lifecycle: str | None
    arr: float | None
    currency: str | None
    plan: str | None
    usage_model: str
    licensed_seats: int | None = Field(sa_type=sa.BigInteger)
    api_quota_monthly: int | None = Field(sa_type=sa.BigInteger)
    features_available: int | None = Field(sa_type=sa.BigInteger)
    contract_start: dt.date | None
    renewal_date: dt.date | None
    notice_days: int | None
    term_months: int | None
    auto_renew: bool | None
    owner: str | None
    industry: str | None
    region: str | None


class ContactRow(State, table=True):
    __tablename__ = "contacts"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id"))

    id: str
    account_id: str
    name: str | None
    email: str | None
    role: str | None
    stakeholder: str | None
    is_champion: bool | None
    influence: str | None
    left_on: dt.date | None


class UsageRow(Fact, table=True):
    """The largest table, so keyed by whole numbers and clustered by account and day.

    `account_key` stands for the record's `account_id` (see `AccountSource`), `day` is the ordinal of its `date`.
    """

    __tablename__ = "usage"
    __table_args__ = (PrimaryKeyConstraint("account_key", "day", "since"), {"sqlite_with_rowid": False})

    account_key: int
    day: int
    active_users: int | None = Field(sa_type=sa.BigInteger)
    active_users_28d: int | None = Field(sa_type=sa.BigInteger)
    api_calls: int | None = Field(sa_type=sa.BigInteger)
    errors: int | None = Field(sa_type=sa.BigInteger)
    p95_ms: float | None


class FeatureUsageRow(Fact, table=True):
    """Keyed and clustered like `UsageRow`."""

    __tablename__ = "feature_usage"
    __table_args__ = (
        PrimaryKeyConstraint("account_key", "day", "feature", "environment", "since"),
        {"sqlite_with_rowid": False},
    )

    account_key: int
    day: int
    feature: str
    environment: str
    count: int | None = Field(sa_type=sa.BigInteger)
    users: int | None = Field(sa_type=sa.BigInteger)


class ContactActivityRow(Numbered, table=True):
    __tablename__ = "contact_activity"
    __table_args__ = (Index(None, "contact_id", "date", "until"),)

    contact_id: str
    date: dt.date
    logins: int | None = Field(sa_type=sa.BigInteger)
    features: int | None = Field(sa_type=sa.BigInteger)


class TicketRow(Numbered, table=True):
    __tablename__ = "tickets"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id", "opened_at"))

    id: str
    account_id: str
    contact_id: str | None
    opened_at: dt.datetime = Field(sa_type=Instant)
    first_response_at: dt.datetime | None = Field(sa_type=Instant)
    resolved_at: dt.datetime | None = Field(sa_type=Instant)
    reopened_at: dt.datetime | None = Field(sa_type=Instant)
    escalated_at: dt.datetime | None = Field(sa_type=Instant)
    severity: str | None
    category: str | None
    escalated: bool | None
    csat: float | None
    replies: int | None = Field(sa_type=sa.BigInteger)
    engineering_key: str | None
    subject: str | None
    body: str | None


class NpsRow(Numbered, table=True):
    __tablename__ = "nps"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id", "responded_at"))

    id: str
    account_id: str
    contact_id: str | None
    responded_at: dt.datetime = Field(sa_type=Instant)
    score: int
    comment: str | None


class TouchpointRow(Numbered, table=True):
    __tablename__ = "touchpoints"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id", "date"))

    id: str
    account_id: str
    contact_id: str | None
    date: dt.date
    kind: str
    status: str | None
    text: str | None


class GoalRow(State, table=True):
    __tablename__ = "goals"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id"))

    id: str
    account_id: str
    title: str
    metric: str | None
    baseline: float | None
    target: float | None
    current: float | None
    value_amount: float | None
    due: dt.date | None
    status: str | None
    status_on: dt.date | None


class SignalRow(Numbered, table=True):
    __tablename__ = "signals"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id", "date"))

    id: str
    account_id: str
    date: dt.date
    kind: str
    text: str | None


class FeedbackRow(State, table=True):
    """Here and in `CommitmentRow`, `source` is the record's own field."""

    __tablename__ = "feedback"
    __table_args__ = (Index(None, "id", "until"),)

    id: str
    title: str
    category: str
    reach: float | None
    impact: float | None
    confidence: float | None
    effort_weeks: float | None
    account_ids: tuple[str, ...] = Field(sa_type=TextList)
    contact_id: str | None
    source: str | None
    quote: str | None
    workaround: str | None
    severity: str | None
    created_on: dt.date | None
    status: str | None
    shipped_on: dt.date | None


class ArrMovementRow(Numbered, table=True):
    __tablename__ = "arr_movements"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id", "date"))

    id: str
    account_id: str
    date: dt.date
    kind: str
    amount: float


class CommitmentRow(Numbered, table=True):
    __tablename__ = "commitments"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id"))

    id: str
    account_id: str
    made_on: dt.date | None
    by: str | None
    what: str
    due: dt.date | None
    done_on: dt.date | None
    source: str | None


class EscalationRow(Numbered, table=True):
    __tablename__ = "escalations"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id", "opened_at"))

    id: str
    account_id: str
    opened_at: dt.datetime = Field(sa_type=Instant)
    title: str
    kind: str | None
    severity: str | None
    owner: str | None
    ticket_id: str | None
    endpoint: str | None
    feature: str | None
    quality: float | None
    package: str | None
    resolved_at: dt.datetime | None = Field(sa_type=Instant)
    verified: str | None
    closed_at: dt.datetime | None = Field(sa_type=Instant)


class EscalationUpdateRow(Numbered, table=True):
    __tablename__ = "escalation_updates"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id", "at"))

    id: str
    account_id: str
    escalation_id: str
    at: dt.datetime = Field(sa_type=Instant)
    kind: str
    text: str | None
    customer_text: str | None
    author: str | None


class MilestoneRow(State, table=True):
    __tablename__ = "milestones"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id"))

    id: str
    account_id: str
    code: str
    title: str
    phase: int
    owner: str | None
    planned: dt.date
    due: dt.date
    acceptance: str | None
    measures: tuple[str, ...] = Field(sa_type=TextList)
    after: tuple[str, ...] = Field(sa_type=TextList)
    done_on: dt.date | None
    signed_by: str | None


class MilestoneSlipRow(Numbered, table=True):
    __tablename__ = "milestone_slips"
    __table_args__ = (Index(None, "id", "until"), Index(None, "account_id", "date"))

    id: str
    account_id: str
    milestone_id: str
    date: dt.date
    working_days: int
    whose: str | None
    reason: str | None


class CheckRow(State, table=True):
    __tablename__ = "checks"
    __table_args__ = (Index(None, "account_id", "checklist", "item", "until"),)

    account_id: str
    checklist: str
    item: str
    state: str | None
    note: str | None
    checked_on: dt.date | None
    checked_by: str | None


class RampSignoffRow(State, table=True):
    __tablename__ = "ramp_signoffs"
    __table_args__ = (Index(None, "owner", "goal", "until"),)

    owner: str
    goal: str
    signed_on: dt.date
    signed_by: str
    note: str | None


class PlanRow(State, table=True):
    __tablename__ = "plans"
    __table_args__ = (Index(None, "name", "until"),)

    name: str
    price_monthly: float | None
    quota_monthly: int | None = Field(sa_type=sa.BigInteger)
    rate_limit: int | None = Field(sa_type=sa.BigInteger)
    sla: str | None


class RoadmapRow(State, table=True):
    __tablename__ = "roadmap"
    __table_args__ = (Index(None, "feature", "until"),)

    feature: str
    quarter: str | None
    beta_open: bool | None
    audience: str | None


class IntegrationRow(State, table=True):
    __tablename__ = "integrations"
    __table_args__ = (Index(None, "account_id", "kind", "environment", "until"),)

    account_id: str
    kind: str
    auth: str | None
    environment: str
    status: str | None
    note: str | None


class AccountSource(Versioned, table=True):
    """A source knows an account: it put the account itself or facts of it, and its feeds cover the account.

    `account_key` is the whole number that stands for `account_id` in the usage tables, the same for every source.
    """

    __tablename__ = "account_source"
    __table_args__ = (Index(None, "account_id"), Index(None, "account_key"))

    row_id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    account_key: int
    account_id: str
    source: str


class Feed(Versioned, table=True):
    """How far a source covers a table. Both days are ordinals; `newest_on` is the day of its newest dated fact."""

    __tablename__ = "feed"
    __table_args__ = (Index(None, "source", "table_name"),)

    row_id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    source: str
    table_name: str
    covered_through: int
    newest_on: int | None


class Write(Row, table=True):
    """A change of customer data. It gets its `place`, the version number N it makes, when it commits."""

    __tablename__ = "write"
    __table_args__ = (UniqueConstraint("place"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    place: int | None = Field(default=None, sa_type=sa.BigInteger)
    kind: str
    actor: str
    started_at: dt.datetime = Field(sa_type=Instant)
    note: str


class Counter(Row, table=True):
    """One row: `n` is the newest version."""

    __tablename__ = "counter"

    n: int = Field(primary_key=True, sa_type=sa.BigInteger)


# The service itself.


class ApiKey(Row, table=True):
    """`key_hash` is the key's SHA-256 in hex; `account_ids` limits it to those accounts (NULL: all)."""

    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("key_hash"),)

    id: str = Field(primary_key=True)
    name: str
    key_hash: str
    role: str
    account_ids: list[str] | None = Field(sa_type=Json)
    groups: list[str] = Field(sa_type=Json)
    created_at: dt.datetime = Field(sa_type=Instant)
    created_by: str
    revoked_at: dt.datetime | None = Field(sa_type=Instant)


class SignInCode(Row, table=True):
    """A one-time code that signs a browser in."""

    __tablename__ = "sign_in_code"

    code_hash: str = Field(primary_key=True)
    key_id: str
    expires_at: dt.datetime = Field(sa_type=Instant)
    used_at: dt.datetime | None = Field(sa_type=Instant)


class Thread(Row, table=True):
    """A conversation. `pending` is what its last question waits for, `account_id` the account in talk.

    `conversation` is the name by which a channel that knows no thread ids finds it.
    """

    __tablename__ = "thread"
    __table_args__ = (Index(None, "owner_key_id", "updated_at"), Index(None, "owner_key_id", "conversation"))

    id: str = Field(primary_key=True)
    owner_key_id: str
    title: str
    created_at: dt.datetime = Field(sa_type=Instant)
    updated_at: dt.datetime = Field(sa_type=Instant)
    account_id: str | None
    pending: dict[str, Any] | None = Field(sa_type=Json)
    conversation: str | None


class Turn(Row, table=True):
    """A message and its answer. (as_of, version_n, parameters_version) replay it.

    `message` is as typed, its credentials masked; `attachments` are the ids and names of its files. `status` is
    running, done, failed, stopped or interrupted; a thread has one running turn at most. `runner` is the process that
    runs or ran it. `followed_at` is when another process last had a reader of it.
    """

    __tablename__ = "turn"
    __table_args__ = (
        UniqueConstraint("thread_id", "number"),
        Index(
            "ix_turn_running",
            "thread_id",
            unique=True,
            sqlite_where=sa.text("status = 'running'"),
            postgresql_where=sa.text("status = 'running'"),
        ),
    )

    id: str = Field(primary_key=True)
    thread_id: str | None
    owner_key_id: str
    number: int
    channel: str
    message: str
    attachments: list[Any] | None = Field(sa_type=Json)
    status: str
    command: str | None
    account_id: str | None
    as_of: dt.date | None
    version_n: int | None = Field(sa_type=sa.BigInteger)
    parameters_version: str | None
    answer: dict[str, Any] | None = Field(sa_type=Json)
    problem: dict[str, Any] | None = Field(sa_type=Json)
    started_at: dt.datetime = Field(sa_type=Instant)
    finished_at: dt.datetime | None = Field(sa_type=Instant)
    runner: str | None
    stop_requested_at: dt.datetime | None = Field(sa_type=Instant)
    followed_at: dt.datetime | None = Field(sa_type=Instant)


class AttachmentRow(Row, table=True):
    """What `command` read of an attached file, its secrets masked: `content`. The file itself is kept nowhere."""

    __tablename__ = "attachment"
    __table_args__ = (Index(None, "created_at"),)

    id: str = Field(primary_key=True)
    owner_key_id: str
    command: str
    name: str
    sha256: str
    bytes: int = Field(sa_type=sa.BigInteger)
    lines: int = Field(sa_type=sa.BigInteger)
    content: dict[str, Any] = Field(sa_type=Json)
    created_at: dt.datetime = Field(sa_type=Instant)


class Runner(Row, table=True):
    """A process that runs turns, jobs or requests: see `app.store.leases`."""

    __tablename__ = "runner"

    id: str = Field(primary_key=True)
    expires_at: dt.datetime = Field(sa_type=Instant)


class Job(Row, table=True):
    """Work that outlives a request, such as an import, of which one runs at a time.

    `status` is running, done, failed, cancelled or interrupted; `runner` is the process that runs or ran it.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "owner_key_id", "created_at"),
        Index(
            "ix_job_running_import",
            "kind",
            unique=True,
            sqlite_where=sa.text("status = 'running' AND kind = 'import'"),
            postgresql_where=sa.text("status = 'running' AND kind = 'import'"),
        ),
    )

    id: str = Field(primary_key=True)
    kind: str
    owner_key_id: str
    status: str
    progress: dict[str, Any] | None = Field(sa_type=Json)
    result: dict[str, Any] | None = Field(sa_type=Json)
    created_at: dt.datetime = Field(sa_type=Instant)
    updated_at: dt.datetime = Field(sa_type=Instant)
    finished_at: dt.datetime | None = Field(sa_type=Instant)
    runner: str | None
    cancel_requested_at: dt.datetime | None = Field(sa_type=Instant)


class IdempotencyRow(Row, table=True):
    """A request that came with an `Idempotency-Key`: claimed by its runner, then with the answer that it got.

    An answer that must not be kept has no body.
    """

    __tablename__ = "idempotency"
    __table_args__ = (PrimaryKeyConstraint("owner_key_id", "key"), Index(None, "created_at"))

    owner_key_id: str
    key: str
    runner: str | None
    fingerprint: str | None
    status: int | None
    headers: dict[str, Any] | None = Field(sa_type=Json)
    body: bytes | None = Field(sa_type=sa.LargeBinary)
    created_at: dt.datetime = Field(sa_type=Instant)


class Document(Row, table=True):
    """A document of the knowledge base; `indexed_digest` is the digest that the index holds."""

    __tablename__ = "document"

    id: str = Field(primary_key=True)
    title: str
    text: str
    audience: str
    digest: str
    updated_at: dt.datetime = Field(sa_type=Instant)
    deleted_at: dt.datetime | None = Field(sa_type=Instant)
    indexed_digest: str | None


class ParameterSetRow(Row, table=True):
    """The parameters of all commands as they were in force, kept so that a turn can be replayed."""

    __tablename__ = "parameter_set"

    version: str = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=Json)
    created_at: dt.datetime = Field(sa_type=Instant)


class ParametersInForce(Row, table=True):
    """From when on a parameter set was in force; each change is a row."""

    __tablename__ = "parameters_in_force"

    row_id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    version: str
    since: dt.datetime = Field(sa_type=Instant)


class EffectRow(Row, table=True):
    """An effect that was carried out: once for its (turn, index)."""

    __tablename__ = "effect"
    __table_args__ = (PrimaryKeyConstraint("turn_id", "index"),)

    turn_id: str
    index: int
    kind: str
    content: dict[str, Any] = Field(sa_type=Json)
    write_id: int | None = Field(sa_type=sa.BigInteger)
    created_at: dt.datetime = Field(sa_type=Instant)


class ExternalId(Versioned, table=True):
    """What a source calls an account or a contact (`subject`), and which of ours that is: `internal_id`.

    An account may have many in one source. `how` says why the two were joined: created (the source brought it in),
    crm_id, name, domain, email, or set (a person said so).
    """

    __tablename__ = "external_id"
    __table_args__ = (Index(None, "source", "subject", "external_id"), Index(None, "internal_id"))

    row_id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    source: str
    subject: str
    external_id: str
    internal_id: str
    how: str


class WaitingRow(Versioned, table=True):
    """A record whose account nobody knows yet. It becomes data when its `external_id` is matched.

    `record` holds the record's fields with external ids in them, `given` the fields that its file told of (NULL: all),
    `name` what the source calls the account.
    """

    __tablename__ = "waiting_row"
    __table_args__ = (Index(None, "source", "table_name", "record_key"), Index(None, "source", "external_id"))

    row_id: int | None = Field(default=None, primary_key=True, sa_type=Serial)
    source: str
    table_name: str
    record_key: str
    external_id: str
    name: str | None
    record: dict[str, Any] = Field(sa_type=Json)
    given: list[str] | None = Field(sa_type=Json)
    effective_on: dt.date


class ProposalRow(Row, table=True):
    """Something that waits for approval, or did: see `app.domain.authority.Proposal`. Its content never changes.

    `status` is pending, approved, rejected, withdrawn, expired or amended; `amends` is the proposal that it takes the
    place of. `content_sha256` is the digest of what is sent, byte for byte.
    """

    __tablename__ = "proposal"
    __table_args__ = (Index(None, "requester_key_id", "content_sha256"), Index(None, "turn_id"))

    id: str = Field(primary_key=True)
    turn_id: str | None
    requester_key_id: str
    requester: str
    account_id: str | None
    outgoing: dict[str, Any] | None = Field(sa_type=Json)
    content: str
    content_sha256: str
    figures: list[Any] = Field(sa_type=Json)
    evidence: list[Any] = Field(sa_type=Json)
    reason: str
    status: str
    amends: str | None
    created_at: dt.datetime = Field(sa_type=Instant)
    ended_at: dt.datetime | None = Field(sa_type=Instant)


class ApprovalRow(Row, table=True):
    """One group's decision on a proposal. `rule` is what found the `words`, or says that a person named the kind.

    `status` is pending, approved, rejected, expired, closed (the proposal ended without it) or void (it was approved,
    and then the proposal was amended). A review (`is_review`) comes after the fact: what it is about was done already,
    from an approved template.
    """

    __tablename__ = "approval"
    __table_args__ = (Index(None, "proposal_id"), Index(None, "status", "created_at"))

    id: str = Field(primary_key=True)
    proposal_id: str
    kind: str
    approver_group: str
    words: str
    rule: str
    status: str
    is_review: bool
    created_at: dt.datetime = Field(sa_type=Instant)
    expires_at: dt.datetime = Field(sa_type=Instant)
    decided_at: dt.datetime | None = Field(sa_type=Instant)
    decided_by_key_id: str | None
    decided_by: str | None
    reason: str | None


class OutboxRow(Row, table=True):
    """What leaves the house: written with what permits it, delivered once under its id as the idempotency key.

    `status` is waiting, delivered, failed, by_hand (a person is to send it) or sent_by_hand; `runner` is the process
    that delivers it.
    """

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("proposal_id"), Index(None, "status", "not_before"))

    id: str = Field(primary_key=True)
    proposal_id: str | None
    turn_id: str | None
    requester_key_id: str
    requester: str
    account_id: str | None
    outgoing: dict[str, Any] = Field(sa_type=Json)
    content_sha256: str
    status: str
    runner: str | None
    attempts: int
    not_before: dt.datetime = Field(sa_type=Instant)
    created_at: dt.datetime = Field(sa_type=Instant)
    finished_at: dt.datetime | None = Field(sa_type=Instant)
    last_error: str | None


class AuditRow(Row, table=True):
    """An event of the audit log: never changed, but for `details`, which an erasure empties. See `app.store.audit_log`.

    `details_digest` stands for the details in the chain, `previous` is the digest of the event before.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "account_id", "seq"),)

    seq: int = Field(primary_key=True, sa_type=sa.BigInteger, sa_column_kwargs={"autoincrement": False})
    at: dt.datetime = Field(sa_type=Instant)
    action: str
    actor_key_id: str
    actor: str
    account_id: str | None
    subject: str | None
    turn_id: str | None
    prompt_version: str | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    details: dict[str, Any] | None = Field(sa_type=Json)
    details_digest: str
    previous: str
    digest: str


class ErasedRow(Row, table=True):
    """An id, e-mail address or name of a person who was erased, as a keyed digest: see `app.store.erased_people`.

    `contact_id` is the pseudonym that stands for the person. A name has so many `words` and counts in texts of one
    account. `reindexed` says that articles named the person, so that the indexes were to be built anew.
    """

    __tablename__ = "erased"

    digest: str = Field(primary_key=True)
    kind: str
    contact_id: str
    account_id: str | None
    words: int | None
    erased_at: dt.datetime = Field(sa_type=Instant)
    reindexed: bool


TABLES: dict[str, sa.Table] = dict(Row.metadata.tables)
"""Every table by name, for Core."""

for _table in TABLES.values():
    for _column in _table.columns:
        if isinstance(_column.type, AutoString):  # what SQLModel makes of a str
            _column.type = Text()
