"""Snapshots: everything known of some accounts as of a day, immutable, the only input of a command.

A `PortfolioSnapshot` is columnar: one entry for each account, and event tables whose `account` column is an index
into the accounts. Formulas are written once over these arrays; an `AccountSnapshot` is the same with one account,
plus the records themselves. The builder has already dropped what is later than `as_of`: facts dated later are not
in it, and a resolution, escalation or reopening that came later is NaT.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from app.domain import records
from app.domain.windows import STALE_AFTER_DAYS, Days, Instants

Index = NDArray[np.int32]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Strings = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class UsageWindows:
    """Sums of daily usage over the windows that end on each account's last covered day.

    Days without a row count as 0 from the account's first row on. A sum is NaN where the account has no row with that
    column at all; `*_first` is the ordinal of the first such row (0: none).
    """

    users_first: Days
    users_working_28: Floats  # active users summed over the Mondays to Fridays of the last 28 days
    users_28: Floats
    users_prior_28: Floats  # the 28 days before those
    users_28_before_56: Floats  # the 28 days before the last 56
    users_28_before_84: Floats
    users_peak_28: Floats  # the highest day of the last 28
    users_distinct_28: Floats  # newest active_users_28d of the last 7 days of the window; NaN: none
    users_7: Floats
    users_7_before_14: Floats  # the 7 days before the last 14
    calls_first: Days
    calls_28: Floats
    calls_prior_28: Floats
    calls_28_before_56: Floats
    calls_28_before_84: Floats
    calls_prior_84: Floats  # the 84 days before the last 28
    calls_7: Floats
    calls_7_before_14: Floats
    calls_28_before_7: Floats  # the 28 days before the last 7
    errors_first: Days
    errors_7: Floats
    errors_28_before_7: Floats
    rows_7: Index  # numbers of rows, for evidence
    rows_28_before_7: Index
    rows_28: Index
    rows_prior_28: Index
    rows_28_before_56: Index
    rows_28_before_84: Index
    rows_prior_84: Index


@dataclass(frozen=True, slots=True)
class FeatureColumns:
    """Features used (count above 0, or unknown count) in the last 28 covered days, one row each per environment.

    `weeks` tells in how many of the four weeks that end on the covered day it was used, 1 to 4.
    """

    account: Index
    feature: Strings
    environment: Strings
    first_day: Days
    last_day: Days
    count: Floats
    weeks: Index


@dataclass(frozen=True, slots=True)
class TicketColumns:
    account: Index
    id: Strings
    opened_at: Instants
    resolved_at: Instants  # NaT: open on as_of (a reopened ticket is open)
    escalated: Flags
    severity: NDArray[np.int8]  # 1 to 4; no severity counts as 3


@dataclass(frozen=True, slots=True)
class NpsColumns:
    account: Index
    id: Strings
    contact: Strings  # "" where anonymous
    responded_at: Instants
    score: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class TouchpointColumns:
    account: Index
    id: Strings
    day: Days
    kind: Strings
    status: Strings  # "" where none


@dataclass(frozen=True, slots=True)
class SignalColumns:
    account: Index
    id: Strings
    day: Days
    kind: Strings


@dataclass(frozen=True, slots=True)
class ContactColumns:
    account: Index
    id: Strings
    name: Strings  # "" where none
    is_champion: Flags
    left_day: Days  # 0: has not left


@dataclass(frozen=True, slots=True)
class GoalColumns:
    account: Index
    id: Strings
    status: Strings  # "" where unknown
    status_day: Days  # 0: not dated
    due_day: Days  # 0: no due date


@dataclass(frozen=True, slots=True)
class CommitmentColumns:
    """Promises that were open on as_of."""

    account: Index
    id: Strings
    by: Strings  # "" where nobody is named
    what: Strings
    due_day: Days  # 0: no due date


@dataclass(frozen=True, slots=True)
class Feeds:
    """How far each table's feeds cover each account, as ordinals; 0 where no source of the account has that table."""

    as_of: dt.date
    covered: Mapping[str, Days]

    def connected(self, table: str) -> Flags:
        return self.covered[table] > 0

    def window_end(self, table: str) -> Days:
        """The earlier of as_of and the covered day; 0 where not connected. Windows are shifted, never shortened."""
        return np.minimum(self.covered[table], self.as_of.toordinal()).astype(np.int32)

    def lag(self, table: str) -> Days:
        """Days from the end of the window to as_of (0 where not connected)."""
        end = self.window_end(table)
        return np.where(end > 0, self.as_of.toordinal() - end, 0).astype(np.int32)

    def usable(self, table: str) -> Flags:
        """Connected, and not more than 7 days behind as_of."""
        return self.connected(table) & (self.lag(table) <= STALE_AFTER_DAYS)


@dataclass(frozen=True, slots=True)
class PortfolioSnapshot:
    """Accounts as of a day, as seen at data version `version`.

    `arr` follows the design's rule for ARR at a date (NaN: unknown); `arr_mismatch` is the account's own ARR less the
    sum of its movements, NaN where both agree or one is missing. `assumed_since` is the day of the account's first
    version where that is later than as_of (its undated fields are then assumed), else 0. `begins` is the day on which
    the account becomes a customer where that is later than as_of, else 0. `features_first` is the day of the account's
    first row of feature usage (0: none), whatever its count; `features_rows_28` is the number of rows in the last 28
    covered days, for evidence.
    """

    as_of: dt.date
    version: int
    timezone: ZoneInfo
    accounts: tuple[records.Account, ...]
    assumed_since: Days
    begins: Days
    arr: Floats
    arr_mismatch: Floats
    arr_evidence: tuple[
        tuple[tuple[str, dt.date], ...], ...
    ]  # movements (id, day) that make up `arr`; empty: the field
    feeds: Feeds
    usage: UsageWindows
    features: FeatureColumns
    features_first: Days
    features_rows_28: Index
    tickets: TicketColumns
    nps: NpsColumns
    touchpoints: TouchpointColumns
    signals: SignalColumns
    contacts: ContactColumns
    goals: GoalColumns
    commitments: CommitmentColumns

    def __len__(self) -> int:
        return len(self.accounts)

    @property
    def today(self) -> int:
        """as_of as an ordinal."""
        return self.as_of.toordinal()

    @property
    def not_yet(self) -> Flags:
        """Accounts that are no customers yet on as_of."""
        flags: Flags = self.begins > 0
        return flags

    def alone(self, row: int) -> "PortfolioSnapshot":
        """The account in that row by itself: formulas run over one account as over all."""
        return replace(self, **{f.name: _of_row(getattr(self, f.name), row) for f in fields(self)})


def _of_row(columns: Any, row: int) -> Any:
    """One account's part of a snapshot's columns; event tables say in `account` whose each row is."""
    if isinstance(columns, np.ndarray | tuple):
        return columns[row : row + 1]
    if isinstance(columns, Feeds):
        return replace(columns, covered={table: days[row : row + 1] for table, days in columns.covered.items()})
    if not is_dataclass(columns) or isinstance(columns, type):
        return columns
    if not hasattr(columns, "account"):
        return replace(columns, **{f.name: getattr(columns, f.name)[row : row + 1] for f in fields(columns)})
    own = columns.account == row
    events: Any = columns
    mine = {f.name: getattr(events, f.name)[own] for f in fields(events)}
    return replace(events, **mine | {"account": np.zeros(int(own.sum()), dtype=np.int32)})


@dataclass(frozen=True, slots=True)
class AccountSnapshot:
    """One account: the columns (n = 1) for the formulas, and the records for the words."""

    columns: PortfolioSnapshot
    contacts: tuple[records.Contact, ...] = ()
    tickets: tuple[records.Ticket, ...] = ()
    nps: tuple[records.NpsResponse, ...] = ()
    touchpoints: tuple[records.Touchpoint, ...] = ()
    goals: tuple[records.Goal, ...] = ()
    signals: tuple[records.Signal, ...] = ()
    integrations: tuple[records.Integration, ...] = ()
    commitments: tuple[records.Commitment, ...] = ()
    escalations: tuple[records.Escalation, ...] = ()
    arr_movements: tuple[records.ArrMovement, ...] = ()
    milestones: tuple[records.Milestone, ...] = ()
    milestone_slips: tuple[records.MilestoneSlip, ...] = ()
    checks: tuple[records.Check, ...] = ()
    plans: tuple[records.Plan, ...] = ()

    @property
    def account(self) -> records.Account:
        return self.columns.accounts[0]

    @property
    def as_of(self) -> dt.date:
        return self.columns.as_of


@dataclass(frozen=True, slots=True)
class DailyUsage:
    """All days of an account's use up to the day that the feed covers, oldest first; only days that have a row.

    `last` is the covered day's ordinal, as_of at the latest; 0 where no source has such a feed. NaN: not told.
    """

    last: int
    day: Days
    active_users: Floats
    active_users_28d: Floats
    api_calls: Floats
    errors: Floats
    p95_ms: Floats


@dataclass(frozen=True, slots=True)
class FeatureDays:
    """All days of an account's use of features, oldest first; `last` as in `DailyUsage`. NaN: not told."""

    last: int
    day: Days
    feature: Strings
    environment: Strings
    count: Floats
    users: Floats


@dataclass(frozen=True, slots=True)
class FirstUse:
    """The first days on which each account of a portfolio used the product, as ordinals; 0: never.

    `calls_on` is the first day with an API call, `users_on` with an active user, `production_on` with a feature used in
    production.
    """

    calls_on: Days
    users_on: Days
    production_on: Days


@dataclass(frozen=True, slots=True)
class ArticleEntry:
    """A document of the knowledge base, without its text. `updated_on` is the day of its last change."""

    id: str
    title: str
    audience: str
    updated_on: dt.date


@dataclass(frozen=True, slots=True)
class PeerTicket:
    """An open ticket of another account within the caller's scope, for finding the same trouble elsewhere."""

    account_id: str
    account_name: str
    id: str
    opened_at: dt.datetime
    severity: str | None
    escalated: bool
    subject: str


@dataclass(frozen=True, slots=True)
class StatusOn:
    """The status of a feedback item as it was recorded on a day."""

    day: dt.date
    status: str | None


@dataclass(frozen=True, slots=True)
class FeedbackBook:
    """All feedback items within the caller's scope, and the names and ARR of the accounts they are linked to.

    `newest` are the items as they are recorded now, whatever as_of: what is written builds on them.
    """

    items: tuple[records.FeedbackItem, ...]
    account_names: Mapping[str, str]
    account_arr: Mapping[str, float]  # only known ARR
    account_currency: Mapping[str, str]
    assumed: frozenset[str] = field(default_factory=frozenset)  # items whose first version is later than as_of
    history: Mapping[str, tuple[StatusOn, ...]] = field(default_factory=dict)  # by item id, oldest first, to as_of
    newest: tuple[records.FeedbackItem, ...] = ()
    partial: frozenset[str] = field(default_factory=frozenset)  # items of which the caller sees only a part


@dataclass(frozen=True, slots=True)
class EscalationBook:
    """Escalations within the caller's scope that were opened by as_of, newest first, and their updates, oldest first.

    `as_of` is the day that the user named, else today, however far the feeds reach. `accounts` are the accounts that
    they belong to, `arr` is their ARR where it is known.
    """

    as_of: dt.date
    escalations: tuple[records.Escalation, ...]
    updates: Mapping[str, tuple[records.EscalationUpdate, ...]]  # by escalation id
    accounts: Mapping[str, records.Account]
    arr: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ExposureQuery:
    """A part of the product, and the days in question, both included. Without a feature: all API calls."""

    first: dt.date
    last: dt.date
    feature: str | None = None


@dataclass(frozen=True, slots=True)
class Exposure:
    """What each account of the portfolio did with a part of the product within a window, in the portfolio's order.

    `uses` counts uses of the feature, else API calls; `errors` counts failed calls; NaN where the days have no row.
    `covered` says whether the feed of `uses` covers the whole window, `calls_covered` the same of `calls` and `errors`;
    where it does not, no use is no proof.
    """

    query: ExposureQuery
    uses: Floats
    calls: Floats
    errors: Floats
    covered: Flags
    calls_covered: Flags
    rows: Index  # rows of use in the window, for evidence
    call_rows: Index  # those of calls
    known: bool = True  # whether any row of any account and day names the feature


@dataclass(frozen=True, slots=True)
class ShippedQuery:
    """A feedback item, by its id or words of its title; the day it shipped and the feature's name where given."""

    words: str
    on: dt.date | None = None
    feature: str | None = None
    days: int = 30  # of use from the day it shipped


VoiceKind = Literal["tickets", "nps", "touchpoints", "signals"]

MOST_VOICES = 5_000
"""So many texts are read at once, the newest; where there are so many, older ones may be left out."""

VOICE_CHARACTERS = 8_000
"""So much is read of a text."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Something a customer said: a ticket's text, a comment with an NPS score, notes of a meeting or of a signal."""

    kind: VoiceKind
    id: str
    account_id: str
    contact_id: str | None
    day: dt.date
    about: str  # a ticket's category, a touchpoint's or signal's kind, "" for NPS
    subject: str
    text: str
    score: int | None = None  # of NPS
