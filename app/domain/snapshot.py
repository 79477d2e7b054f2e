"""Snapshots: everything known of some accounts as of a day, immutable, the only input of a command.

A `PortfolioSnapshot` is columnar: one entry for each account, and event tables whose `account` column is an index
into the accounts. Formulas are written once over these arrays; an `AccountSnapshot` is the same with one account,
plus the records themselves. The builder has already dropped what is later than `as_of`: facts dated later are not
in it, and a resolution, escalation or reopening that came later is NaT.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    users_peak_28: Floats  # the highest day of the last 28
    users_distinct_28: Floats  # newest active_users_28d of the last 7 days of the window; NaN: none
    calls_first: Days
    calls_28: Floats
    calls_prior_28: Floats
    calls_prior_84: Floats  # the 84 days before the last 28
    errors_7: Floats
    calls_7: Floats
    rows_7: Index  # numbers of rows, for evidence
    rows_28: Index
    rows_prior_28: Index
    rows_prior_84: Index


@dataclass(frozen=True, slots=True)
class FeatureColumns:
    """Features used (count above 0, or unknown count) in the last 28 covered days, one row each per environment."""

    account: Index
    feature: Strings
    environment: Strings
    first_day: Days
    last_day: Days
    count: Floats


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
    is_champion: Flags
    left_day: Days  # 0: has not left


@dataclass(frozen=True, slots=True)
class GoalColumns:
    account: Index
    id: Strings
    status: Strings  # "" where unknown
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
    plans: tuple[records.Plan, ...] = ()

    @property
    def account(self) -> records.Account:
        return self.columns.accounts[0]

    @property
    def as_of(self) -> dt.date:
        return self.columns.as_of


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
class FeedbackBook:
    """All feedback items within the caller's scope, and the names and ARR of the accounts they are linked to."""

    items: tuple[records.FeedbackItem, ...]
    account_names: Mapping[str, str]
    account_arr: Mapping[str, float]  # only known ARR
    account_currency: Mapping[str, str]
    assumed: frozenset[str] = field(default_factory=frozenset)  # items whose first version is later than as_of
