"""Snapshots made in memory, for tests of commands: records in, columns out, with no database.

    portfolio(
        [account("acme", licensed_seats=50)],
        usage=daily_usage("acme", days=112, active_users=20, api_calls=1000),
        tickets=[ticket("t1", "acme", days_ago=3)],
        covered={"nps": None},
    )

Everything is dated relative to AS_OF unless a test gives its own `as_of`. The window sums are plain loops over the
records, as the design tells them.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from app.domain import records
from app.domain.command import Context
from app.domain.parameters import Parameters
from app.domain.revenue import arr_at, begins_after, lifecycle_at
from app.domain.snapshot import (
    AccountSnapshot,
    CommitmentColumns,
    ContactColumns,
    DailyUsage,
    FeatureColumns,
    FeatureDays,
    Feeds,
    GoalColumns,
    NpsColumns,
    PortfolioSnapshot,
    SignalColumns,
    Strings,
    TicketColumns,
    TouchpointColumns,
    UsageWindows,
)
from app.domain.windows import Days, end_of_day, instants

AS_OF = dt.date(2026, 6, 26)
"""A Friday. The 28 days to it hold 20 working days."""

UTC = ZoneInfo("UTC")
FEEDS = ("usage", "feature_usage", "contact_activity", "tickets", "nps", "touchpoints", "signals", "arr_movements")
Covered = Mapping[str, dt.date | Mapping[str, dt.date | None] | None]
OWN_RECORDS = ("integrations", "escalations", "plans", "milestones", "milestone_slips", "checks")
"""What an account snapshot has beside its columns, and no facts of `portfolio`."""

R = TypeVar("R", bound=records.Record)


def days_before(days: int, as_of: dt.date = AS_OF) -> dt.date:
    return as_of - dt.timedelta(days=days)


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), dt.UTC)


def account(account_id: str = "acme", **fields: Any) -> records.Account:
    """An established account of 100,000 USD whose renewal is a year off; `fields` change it."""
    given: dict[str, Any] = {
        "name": account_id.capitalize(),
        "segment": "enterprise",
        "lifecycle": "established",
        "arr": 100_000,
        "currency": "USD",
        "licensed_seats": 50,
        "features_available": 10,
        "contract_start": days_before(400),
        "renewal_date": AS_OF + dt.timedelta(days=330),
        "notice_days": 30,
        "owner": "Sam",
    }
    return records.Account(id=account_id, **(given | fields))


def contact(contact_id: str, account_id: str = "acme", **fields: Any) -> records.Contact:
    return records.Contact(id=contact_id, account_id=account_id, **fields)


def ticket(ticket_id: str, account_id: str = "acme", days_ago: int = 0, **fields: Any) -> records.Ticket:
    """A ticket opened at noon so many days before AS_OF; `hours` makes it resolved after so long."""
    opened = fields.pop("opened_at", noon(days_before(days_ago)))
    hours = fields.pop("hours", None)
    if hours is not None:
        fields["resolved_at"] = opened + dt.timedelta(hours=hours)
    return records.Ticket(id=ticket_id, account_id=account_id, opened_at=opened, **fields)


def response(
    response_id: str, score: int, account_id: str = "acme", days_ago: int = 1, contact_id: str | None = None
) -> records.NpsResponse:
    """An NPS response at noon so many days before AS_OF; no contact: anonymous."""
    return records.NpsResponse(
        id=response_id,
        account_id=account_id,
        contact_id=contact_id,
        responded_at=noon(days_before(days_ago)),
        score=score,
    )


def touchpoint(
    touchpoint_id: str,
    kind: records.TouchpointKind,
    status: records.TouchpointStatus | None = "attended",
    account_id: str = "acme",
    days_ago: int = 1,
) -> records.Touchpoint:
    return records.Touchpoint(
        id=touchpoint_id, account_id=account_id, date=days_before(days_ago), kind=kind, status=status
    )


def signal(signal_id: str, kind: records.SignalKind, account_id: str = "acme", days_ago: int = 1) -> records.Signal:
    return records.Signal(id=signal_id, account_id=account_id, date=days_before(days_ago), kind=kind)


def goal(goal_id: str, status: records.GoalStatus | None, account_id: str = "acme", **fields: Any) -> records.Goal:
    return records.Goal(id=goal_id, account_id=account_id, title=f"Goal {goal_id}", status=status, **fields)


def daily_usage(account_id: str = "acme", days: int = 112, ends: dt.date = AS_OF, **fields: Any) -> list[records.Usage]:
    """The same usage on each of so many days; `distinct` is the count of 28 days, on the last day only."""
    distinct = fields.pop("distinct", None)
    rows = [
        records.Usage(account_id=account_id, date=days_before(back, ends), **fields) for back in reversed(range(days))
    ]
    rows[-1] = rows[-1].model_copy(update={"active_users_28d": distinct})
    return rows


def features_used(account_id: str = "acme", number: int = 6, day: dt.date = AS_OF) -> list[records.FeatureUsage]:
    """So many different features, each used on that day."""
    return [
        records.FeatureUsage(account_id=account_id, date=day, feature=f"feature {i}", count=1) for i in range(number)
    ]


def portfolio(
    accounts: Sequence[records.Account] = (),
    *,
    as_of: dt.date = AS_OF,
    zone: ZoneInfo = UTC,
    covered: Covered | None = None,
    usage: Iterable[records.Usage] = (),
    feature_usage: Iterable[records.FeatureUsage] = (),
    tickets: Iterable[records.Ticket] = (),
    nps: Iterable[records.NpsResponse] = (),
    touchpoints: Iterable[records.Touchpoint] = (),
    signals: Iterable[records.Signal] = (),
    contacts: Iterable[records.Contact] = (),
    goals: Iterable[records.Goal] = (),
    commitments: Iterable[records.Commitment] = (),
    arr_movements: Sequence[records.ArrMovement] = (),
    assumed_since: Mapping[str, dt.date] | None = None,
) -> PortfolioSnapshot:
    """A snapshot of the accounts. Every feed is connected and covers as_of, but for those named in `covered`.

    `covered` gives a table's last covered day, None where it is not connected, or a mapping of these by account.
    Facts after as_of are left out, and what happened to a ticket after it has not happened.
    """
    place = {a.id: i for i, a in enumerate(accounts)}
    feeds = _feeds(accounts, as_of, covered or {})
    end = end_of_day(as_of, zone)
    feature_usage = list(feature_usage)
    movements = {a.id: [m for m in arr_movements if m.account_id == a.id] for a in accounts}
    arr = [arr_at(a.arr, movements[a.id], as_of) for a in accounts]
    later = {a.id: a.id in (assumed_since or {}) for a in accounts}
    begins = [begins_after(a, movements[a.id], as_of, assumed=later[a.id]) for a in accounts]
    stages = [lifecycle_at(a, movements[a.id], as_of, assumed=later[a.id]) for a in accounts]
    return PortfolioSnapshot(
        as_of=as_of,
        version=1,
        timezone=zone,
        accounts=tuple(a.model_copy(update={"lifecycle": s}) for a, s in zip(accounts, stages, strict=True)),
        assumed_since=_days((assumed_since or {}).get(a.id) for a in accounts),
        begins=_days(begins),
        arr=np.array([np.nan if a.amount is None else a.amount for a in arr]),
        arr_mismatch=np.array([np.nan if a.mismatch is None else a.mismatch for a in arr]),
        arr_evidence=tuple(tuple((m.id, m.date) for m in a.movements) for a in arr),
        feeds=feeds,
        usage=_usage_windows(accounts, feeds, list(usage)),
        features=_feature_columns(place, feeds, feature_usage),
        features_first=_features_first(accounts, feeds, feature_usage),
        features_rows_28=_features_rows(place, feeds, feature_usage),
        tickets=_ticket_columns(place, [t for t in tickets if t.opened_at < end], end),
        nps=_nps_columns(place, [r for r in nps if r.responded_at < end]),
        touchpoints=_touchpoint_columns(place, [t for t in touchpoints if t.date <= as_of]),
        signals=_signal_columns(place, [s for s in signals if s.date <= as_of]),
        contacts=_contact_columns(place, list(contacts), as_of),
        goals=_goal_columns(place, list(goals), as_of),
        commitments=_commitment_columns(place, commitments, as_of),
    )


def account_snapshot(one: records.Account, **facts: Any) -> AccountSnapshot:
    """A snapshot of one account, from the same facts as `portfolio`."""
    tables = ("contacts", "tickets", "nps", "touchpoints", "goals", "signals", "commitments")
    kept = {name: tuple(facts.get(name, ())) for name in tables}
    others = {name: tuple(facts.pop(name, ())) for name in OWN_RECORDS}
    as_of = facts.get("as_of", AS_OF)
    others["arr_movements"] = tuple(m for m in facts.get("arr_movements", ()) if m.date <= as_of)
    return AccountSnapshot(columns=portfolio([one], **facts), **kept, **others)


def daily_columns(rows: Sequence[records.Usage], last: dt.date = AS_OF) -> DailyUsage:
    """The rows as every day of an account's use, covered to `last`."""
    kept = sorted((row for row in rows if row.date <= last), key=lambda row: row.date)
    names = ("active_users", "active_users_28d", "api_calls", "errors", "p95_ms")
    columns = (np.array([getattr(row, name) for row in kept], dtype=np.float64) for name in names)
    return DailyUsage(last.toordinal(), _days(row.date for row in kept), *columns)


def feature_day_columns(rows: Sequence[records.FeatureUsage], last: dt.date = AS_OF) -> FeatureDays:
    """The rows as every day of an account's use of features, covered to `last`."""
    kept = sorted((row for row in rows if row.date <= last), key=lambda row: row.date)
    return FeatureDays(
        last.toordinal(),
        _days(row.date for row in kept),
        _strings(row.feature for row in kept),
        _strings(row.environment for row in kept),
        np.array([row.count for row in kept], dtype=np.float64),
        np.array([row.users for row in kept], dtype=np.float64),
    )


def context(parameters: Parameters, **fields: Any) -> Context:
    """A context at 9:00 on AS_OF, of somebody who types and may write; `fields` change it."""
    as_of = fields.get("as_of", AS_OF)
    given: dict[str, Any] = {
        "turn_id": "turn_1",
        "now": dt.datetime.combine(as_of, dt.time(9), dt.UTC),
        "as_of": as_of,
        "version": 1,
        "timezone": UTC,
        "currency": "USD",
        "audience": "internal",
        "actor": "Sam",
        "typed": True,
        "may_write": True,
    }
    return Context(parameters=parameters, **(given | fields))


def _feeds(accounts: Sequence[records.Account], as_of: dt.date, covered: Covered) -> Feeds:
    def last(table: str, account_id: str) -> dt.date | None:
        value = covered.get(table, as_of)
        return value.get(account_id, as_of) if isinstance(value, Mapping) else value

    return Feeds(as_of, {table: _days(last(table, a.id) for a in accounts) for table in FEEDS})


def _usage_windows(accounts: Sequence[records.Account], feeds: Feeds, usage: Sequence[records.Usage]) -> UsageWindows:
    by_account: dict[str, list[records.Usage]] = {a.id: [] for a in accounts}
    for row in usage:
        by_account[row.account_id].append(row)
    ends = feeds.window_end("usage")
    windows = [_windows_of(by_account[a.id], int(end)) for a, end in zip(accounts, ends, strict=True)]
    columns: dict[str, Any] = {
        name: np.array(
            [w[name] for w in windows],
            dtype=np.int32 if name.startswith("rows") or name.endswith("first") else np.float64,
        )
        for name in UsageWindows.__dataclass_fields__
    }
    return UsageWindows(**columns)


def _windows_of(rows: Sequence[records.Usage], end: int) -> dict[str, float]:
    rows = sorted((row for row in rows if row.date.toordinal() <= end), key=lambda row: row.date)

    def values(field: str, first_ago: int, last_ago: int, *, working: bool = False) -> list[int] | None:
        """A field's values from `first_ago` to `last_ago` days before the end; None where it never has any."""
        known = [row for row in rows if getattr(row, field) is not None]
        within = [row for row in known if last_ago <= end - row.date.toordinal() <= first_ago]
        wanted = [row for row in within if not working or row.date.weekday() < 5]
        return [getattr(row, field) for row in wanted] if known else None

    def total(found: list[int] | None) -> float:
        return np.nan if found is None else float(sum(found))

    def rows_between(first_ago: int, last_ago: int) -> int:
        return sum(last_ago <= end - row.date.toordinal() <= first_ago for row in rows)

    def first(field: str) -> int:
        return next((row.date.toordinal() for row in rows if getattr(row, field) is not None), 0)

    peak, distinct = values("active_users", 27, 0), values("active_users_28d", 6, 0)
    return {
        "users_first": first("active_users"),
        "users_working_28": total(values("active_users", 27, 0, working=True)),
        "users_28": total(values("active_users", 27, 0)),
        "users_prior_28": total(values("active_users", 55, 28)),
        "users_28_before_56": total(values("active_users", 83, 56)),
        "users_28_before_84": total(values("active_users", 111, 84)),
        "users_peak_28": np.nan if peak is None else float(max(peak, default=0)),
        "users_distinct_28": float(distinct[-1]) if distinct else np.nan,
        "users_7": total(values("active_users", 6, 0)),
        "users_7_before_14": total(values("active_users", 20, 14)),
        "calls_first": first("api_calls"),
        "calls_28": total(values("api_calls", 27, 0)),
        "calls_prior_28": total(values("api_calls", 55, 28)),
        "calls_28_before_56": total(values("api_calls", 83, 56)),
        "calls_28_before_84": total(values("api_calls", 111, 84)),
        "calls_prior_84": total(values("api_calls", 111, 28)),
        "calls_7": total(values("api_calls", 6, 0)),
        "calls_7_before_14": total(values("api_calls", 20, 14)),
        "calls_28_before_7": total(values("api_calls", 34, 7)),
        "errors_first": first("errors"),
        "errors_7": total(values("errors", 6, 0)),
        "errors_28_before_7": total(values("errors", 34, 7)),
        "rows_7": rows_between(6, 0),
        "rows_28_before_7": rows_between(34, 7),
        "rows_28_before_56": rows_between(83, 56),
        "rows_28_before_84": rows_between(111, 84),
        "rows_28": rows_between(27, 0),
        "rows_prior_28": rows_between(55, 28),
        "rows_prior_84": rows_between(111, 28),
    }


def _feature_columns(place: Mapping[str, int], feeds: Feeds, rows: Iterable[records.FeatureUsage]) -> FeatureColumns:
    ends = feeds.window_end("feature_usage")
    used: dict[tuple[int, str, str], list[records.FeatureUsage]] = {}
    for row in rows:
        at = place[row.account_id]
        if row.count != 0 and 0 <= ends[at] - row.date.toordinal() < 28:
            used.setdefault((at, row.feature, row.environment), []).append(row)
    counts = [[row.count for row in group if row.count is not None] for group in used.values()]
    return FeatureColumns(
        account=np.array([key[0] for key in used], dtype=np.int32),
        feature=_strings(key[1] for key in used),
        environment=_strings(key[2] for key in used),
        first_day=_days(min(row.date for row in group) for group in used.values()),
        last_day=_days(max(row.date for row in group) for group in used.values()),
        count=np.array([float(sum(known)) if known else np.nan for known in counts]),
        weeks=np.array(
            [len({(int(ends[key[0]]) - row.date.toordinal()) // 7 for row in group}) for key, group in used.items()],
            dtype=np.int32,
        ),
    )


def _features_first(accounts: Sequence[records.Account], feeds: Feeds, rows: Sequence[records.FeatureUsage]) -> Days:
    """The first day with a row, up to the window's end."""
    ends = {a.id: int(end) for a, end in zip(accounts, feeds.window_end("feature_usage"), strict=True)}
    seen = [row for row in rows if row.date.toordinal() <= ends[row.account_id]]
    return _days(min((row.date for row in seen if row.account_id == a.id), default=None) for a in accounts)


def _features_rows(place: Mapping[str, int], feeds: Feeds, rows: Sequence[records.FeatureUsage]) -> Days:
    """Rows of the last 28 covered days, whatever their count."""
    ends = feeds.window_end("feature_usage")
    places = [at for row in rows if 0 <= ends[at := place[row.account_id]] - row.date.toordinal() < 28]
    return np.bincount(np.array(places, dtype=np.int64), minlength=len(place)).astype(np.int32)


def _ticket_columns(place: Mapping[str, int], rows: Sequence[records.Ticket], end: dt.datetime) -> TicketColumns:
    def resolved(row: records.Ticket) -> dt.datetime | None:
        if row.resolved_at is None or row.resolved_at >= end:
            return None
        reopened = row.reopened_at is not None and row.resolved_at < row.reopened_at < end
        return None if reopened else row.resolved_at

    def escalated(row: records.Ticket) -> bool:
        return row.escalated is True if row.escalated_at is None else row.escalated_at < end

    return TicketColumns(
        account=_places(place, rows),
        id=_strings(row.id for row in rows),
        opened_at=instants([row.opened_at for row in rows]),
        resolved_at=instants([resolved(row) for row in rows]),
        escalated=np.array([escalated(row) for row in rows], dtype=np.bool_),
        severity=np.array([int((row.severity or "SEV3")[3]) for row in rows], dtype=np.int8),
    )


def _nps_columns(place: Mapping[str, int], rows: Sequence[records.NpsResponse]) -> NpsColumns:
    return NpsColumns(
        account=_places(place, rows),
        id=_strings(row.id for row in rows),
        contact=_strings(row.contact_id for row in rows),
        responded_at=instants([row.responded_at for row in rows]),
        score=np.array([row.score for row in rows], dtype=np.int8),
    )


def _touchpoint_columns(place: Mapping[str, int], rows: Sequence[records.Touchpoint]) -> TouchpointColumns:
    return TouchpointColumns(
        account=_places(place, rows),
        id=_strings(row.id for row in rows),
        day=_days(row.date for row in rows),
        kind=_strings(row.kind for row in rows),
        status=_strings(row.status for row in rows),
    )


def _signal_columns(place: Mapping[str, int], rows: Sequence[records.Signal]) -> SignalColumns:
    return SignalColumns(
        account=_places(place, rows),
        id=_strings(row.id for row in rows),
        day=_days(row.date for row in rows),
        kind=_strings(row.kind for row in rows),
    )


def _contact_columns(place: Mapping[str, int], rows: Sequence[records.Contact], as_of: dt.date) -> ContactColumns:
    left = (row.left_on if row.left_on is not None and row.left_on <= as_of else None for row in rows)
    return ContactColumns(
        account=_places(place, rows),
        id=_strings(row.id for row in rows),
        name=_strings(row.name for row in rows),
        is_champion=np.array([row.is_champion is True for row in rows], dtype=np.bool_),
        left_day=_days(left),
    )


def _goal_columns(place: Mapping[str, int], rows: Sequence[records.Goal], as_of: dt.date) -> GoalColumns:
    later = [row.status_on is not None and row.status_on > as_of for row in rows]
    return GoalColumns(
        account=_places(place, rows),
        id=_strings(row.id for row in rows),
        status=_strings(None if unset else row.status for row, unset in zip(rows, later, strict=True)),
        status_day=_days(None if unset else row.status_on for row, unset in zip(rows, later, strict=True)),
        due_day=_days(row.due for row in rows),
    )


def _commitment_columns(
    place: Mapping[str, int], rows: Iterable[records.Commitment], as_of: dt.date
) -> CommitmentColumns:
    """Made by as_of and not kept by then."""
    made = [row for row in rows if row.made_on is None or row.made_on <= as_of]
    still = [row for row in made if row.done_on is None or row.done_on > as_of]
    return CommitmentColumns(
        account=_places(place, still),
        id=_strings(row.id for row in still),
        by=_strings(row.by for row in still),
        what=_strings(row.what for row in still),
        due_day=_days(row.due for row in still),
    )


def _places(place: Mapping[str, int], rows: Sequence[Any]) -> Days:
    return np.array([place[row.account_id] for row in rows], dtype=np.int32)


def _strings(values: Iterable[str | None]) -> Strings:
    return np.array([value or "" for value in values], dtype=object)


def _days(values: Iterable[dt.date | None]) -> Days:
    return np.array([value.toordinal() if value else 0 for value in values], dtype=np.int32)
