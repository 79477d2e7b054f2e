"""The data of /escalate, for programs."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, RootModel

from app.domain.records import Severity, UpdateKind
from app.domain.redact import SecretKind
from tools.escalate.arguments import Action
from tools.escalate.blast_data import BlastData
from tools.escalate.clocks import CheckState, State
from tools.escalate.criteria import CriterionKey, Met
from tools.escalate.parameters import FollowUpKey, ItemName, Kind
from tools.escalate.register import Entry
from tools.escalate.rubric import ItemState


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class CriterionData(_Data):
    """A criterion for engineering; `kind` is the kind of issue that it belongs to."""

    key: CriterionKey
    kind: Kind
    met: Met
    because: str


class ItemData(_Data):
    """An item of the rubric."""

    key: ItemName
    state: ItemState
    because: str


class FollowData(_Data):
    """What follows a package that goes incomplete, from whom and by when."""

    field: str
    owner: str
    due: dt.datetime


class SimilarData(_Data):
    """An open ticket of another account that tells of something similar."""

    account_id: str
    account_name: str
    ticket_id: str
    opened_at: dt.datetime
    severity: str | None
    subject: str
    because: str


class CheckData(_Data):
    """A check after the fix."""

    key: FollowUpKey
    due: dt.datetime
    state: CheckState
    done_at: dt.datetime | None


class EscalationData(_Data):
    """An escalation on record. `arr` is its account's money a year in `currency`.

    `age_hours` run from the opening to the close, else to the time of the answer; `next_update_due` is None once the
    fix is in, `checks` is empty before.
    """

    id: str
    account_id: str
    account_name: str
    title: str
    kind: Kind | None
    severity: Severity | None
    state: State
    owner: str | None
    ticket_id: str | None
    endpoint: str | None
    opened_at: dt.datetime
    resolved_at: dt.datetime | None
    closed_at: dt.datetime | None
    age_hours: float
    last_update_at: dt.datetime
    next_update_due: dt.datetime | None
    update_overdue: bool
    checks: tuple[CheckData, ...]
    arr: float | None
    currency: str
    renewal_date: dt.date | None


class SimilarEscalationData(_Data):
    """An open escalation of another account that tells of something similar."""

    account_id: str
    account_name: str
    escalation_id: str
    opened_at: dt.datetime
    severity: str | None
    title: str
    because: str


class WithheldData(_Data):
    """A sentence that was left out of the message to the customer, and why."""

    text: str
    reason: str


class PackageData(_Data):
    """The package for engineering. None: not given, or not known; all text is masked.

    `arr` is money a year in `currency`; `error_share_7d` is the share of API calls that failed in the last 7 days of
    usage data, in percent, whatever the customer says of the impact.
    """

    account_id: str
    customer: str
    arr: float | None
    currency: str
    plan: str | None
    lifecycle: str | None
    renewal_date: dt.date | None
    decision_date: dt.date | None
    open_tickets: int | None
    severity: Severity | None
    kind: Kind | None
    route: str
    issue: str
    impact: str | None
    error_share_7d: float | None
    customers_affected: int | None
    latency_ms: float | None
    normal_latency_ms: float | None
    business_impact: str | None
    reproduction: str | None
    endpoint: str | None
    request: str | None
    error: str | None
    timestamps: tuple[str, ...]
    request_ids: tuple[str, ...]
    environment: str | None
    customer_expectation: str | None
    logs: str | None
    incomplete: bool
    follows: tuple[FollowData, ...]


class EscalateData(_Data):
    """Whether an issue qualifies for engineering and its package may go.

    `quality` is 0 to 5 (None where no item applies), `threshold` what a package needs; `missing` are the fields to
    give, by the names of the arguments; `package` is None where it may not go yet. `latency_ratio` is the latency now
    ÷ the normal one; `accounts_affected` counts this account and those with a similar ticket. Of `opened` (opened now),
    `completed` (open before, its package now fuller) and `already_open` (open before, nothing written) one at most is
    there.
    """

    account_id: str
    kind: Kind | None
    severity: Severity | None
    qualifies: bool
    criteria: tuple[CriterionData, ...]
    quality: float | None
    threshold: float
    items: tuple[ItemData, ...]
    missing: tuple[str, ...]
    sendable: bool
    incomplete: bool
    package: PackageData | None
    similar: tuple[SimilarData, ...]
    similar_escalations: tuple[SimilarEscalationData, ...] = ()
    accounts_affected: int
    latency_ratio: float | None
    disagreements: tuple[str, ...]
    masked: tuple[SecretKind, ...]
    opened: EscalationData | None = None
    completed: EscalationData | None = None
    already_open: EscalationData | None = None


class ListData(_Data):
    """Escalations, what is overdue first. It is also the answer where it is asked which of them is meant."""

    action: Action
    escalations: tuple[EscalationData, ...]
    open: int
    updates_overdue: int
    checks_due: int


class UpdateData(_Data):
    """What was written about an escalation, and the message to the customer that goes with it.

    `customer_text` is None where there is no message, `withheld` what of ours was left out of it, and
    `needs_approval` what in it waits for one. `recorded` is false where nothing was written.
    """

    action: Action
    escalation: EscalationData
    recorded: bool
    text: str
    customer_text: str | None
    withheld: tuple[WithheldData, ...] = ()
    needs_approval: tuple[str, ...] = ()
    verified: str | None = None


class SimilarCasesData(_Data):
    """Open tickets and escalations of other accounts that tell of the same trouble."""

    escalation: EscalationData
    tickets: tuple[SimilarData, ...]
    escalations: tuple[SimilarEscalationData, ...]


class TimelineData(_Data):
    """Something that happened; `kind` is that of an update, or what happened to the ticket."""

    at: dt.datetime
    kind: UpdateKind | Literal["ticket"]
    author: str | None
    text: str


class ActionData(_Data):
    """Something promised, or a check that was not made."""

    what: str
    owner: str | None
    due: dt.date | None
    done: bool
    source: Literal["commitments", "checks"]


class PostmortemData(_Data):
    """A draft of the postmortem, from the record alone. Hours and what is not recorded: None.

    `response_met` and `resolution_met` say whether the severity's target was met, None where that is not known.
    """

    account_id: str
    escalation_id: str | None
    ticket_id: str | None
    severity: Severity | None
    opened_at: dt.datetime
    resolved_at: dt.datetime | None
    response_hours: float | None
    response_met: bool | None
    resolution_hours: float | None
    resolution_met: bool | None
    timeline: tuple[TimelineData, ...]
    causes: tuple[str, ...]
    actions: tuple[ActionData, ...]
    open_questions: tuple[str, ...]


class EscalateAnswer(RootModel[EscalateData | ListData | UpdateData | SimilarCasesData | PostmortemData | BlastData]):
    """Data of /escalate: of a package, of a list, of one escalation, of similar cases, or of a postmortem."""


def escalation_data(entry: Entry) -> EscalationData:
    """An escalation on record, for programs."""
    escalation, clocks = entry.escalation, entry.clocks
    return EscalationData(
        id=escalation.id,
        account_id=entry.account.id,
        account_name=entry.account.name,
        title=escalation.title,
        kind=escalation.kind,
        severity=escalation.severity,
        state=clocks.state,
        owner=escalation.owner,
        ticket_id=escalation.ticket_id,
        endpoint=escalation.endpoint,
        opened_at=escalation.opened_at,
        resolved_at=escalation.resolved_at,
        closed_at=escalation.closed_at,
        age_hours=clocks.age_hours,
        last_update_at=clocks.last_update_at,
        next_update_due=clocks.next_update_due,
        update_overdue=clocks.update_overdue,
        checks=tuple(CheckData(key=c.key, due=c.due, state=c.state, done_at=c.done_at) for c in clocks.checks),
        arr=entry.arr,
        currency=entry.currency,
        renewal_date=entry.account.renewal_date,
    )
