"""The clocks of an escalation: its age, when the customer hears next, and which checks after the fix are due."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from app.domain.command import Context
from app.domain.records import Escalation, EscalationUpdate, Severity, UpdateKind
from app.domain.snapshot import EscalationBook
from app.domain.windows import add_working_days, end_of_day
from tools.escalate.parameters import Cadence, EscalateParameters, FollowUp, FollowUpKey

State = Literal["open", "resolved", "closed"]
CheckState = Literal["done", "upcoming", "due", "overdue", "lapsed"]

TOLD: frozenset[UpdateKind] = frozenset({"opened", "update", "resolved", "closed"})
"""What the customer hears of: from the last of these the next update is reckoned."""

SECONDS_AN_HOUR = 3600
HOURS_A_DAY = 24

HOURS_TOLD_IN_DAYS = 48
"""From so many hours on, a duration is told in days."""


@dataclass(frozen=True, slots=True)
class Check:
    """A check after the fix. `done_at` is the first record that does it."""

    key: FollowUpKey
    rule: FollowUp
    due: dt.datetime
    state: CheckState
    done_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Clocks:
    """Where an escalation stands at `at`. `age_hours` run from its opening to its close, while it is open to `at`.

    `next_update_due` is None once the fix is in, or it is closed; `checks` is empty before.
    """

    at: dt.datetime
    state: State
    age_hours: float
    resolution_hours: float | None
    last_update_at: dt.datetime
    next_update_due: dt.datetime | None
    checks: tuple[Check, ...]

    @property
    def update_overdue(self) -> bool:
        return self.next_update_due is not None and self.next_update_due < self.at

    @property
    def checks_wanted(self) -> tuple[Check, ...]:
        """The checks that are due or overdue."""
        return tuple(check for check in self.checks if check.state in ("due", "overdue"))


def clock_of(ctx: Context, book: EscalationBook) -> dt.datetime:
    """The instant that ages run to: now, or the end of a day that is over."""
    return min(ctx.now, end_of_day(book.as_of, ctx.timezone)).astimezone(ctx.timezone)


def clocks(
    escalation: Escalation, updates: tuple[EscalationUpdate, ...], at: dt.datetime, parameters: EscalateParameters
) -> Clocks:
    """The clocks at an instant, which names the zone of working days. `updates` are oldest first."""
    state: State = "closed" if escalation.closed_at else "resolved" if escalation.resolved_at else "open"
    told = [update.at for update in updates if update.kind in TOLD]
    last = max([escalation.opened_at, *told])
    resolved = escalation.resolved_at
    return Clocks(
        at=at,
        state=state,
        age_hours=hours_between(escalation.opened_at, escalation.closed_at or at),
        resolution_hours=hours_between(escalation.opened_at, resolved) if resolved else None,
        last_update_at=last,
        next_update_due=next_update(last, severity_of(escalation, parameters), at, parameters)
        if state == "open"
        else None,
        checks=tuple(_checks(escalation, updates, at, parameters)),
    )


def severity_of(escalation: Escalation, parameters: EscalateParameters) -> Severity:
    """The severity that counts: where none is stated, the policy's."""
    return escalation.severity or parameters.unstated_severity


def next_update(last: dt.datetime, severity: Severity, at: dt.datetime, parameters: EscalateParameters) -> dt.datetime:
    """When the update after that of `last` is due, in the zone of `at`."""
    zone = at.tzinfo if isinstance(at.tzinfo, ZoneInfo) else ZoneInfo("UTC")
    return _after(last, parameters.cadence[severity], zone)


def _after(last: dt.datetime, cadence: Cadence, zone: ZoneInfo) -> dt.datetime:
    """Minutes are elapsed time; a working day later is the same time of day, whatever the clocks do between."""
    if cadence.minutes is not None:
        return (last.astimezone(dt.UTC) + dt.timedelta(minutes=cadence.minutes)).astimezone(zone)
    local = last.astimezone(zone)
    day = add_working_days(local.date(), cadence.working_days or 1)
    return dt.datetime.combine(day, local.time(), zone)


def hours_between(start: dt.datetime, end: dt.datetime) -> float:
    """Elapsed hours, 0 at least."""
    return max((end - start).total_seconds(), 0.0) / SECONDS_AN_HOUR


def duration(hours: float) -> tuple[float, str]:
    """A duration as people are told it, with its unit: hours, from two days on days."""
    return (hours, "hours") if hours < HOURS_TOLD_IN_DAYS else (hours / HOURS_A_DAY, "days")


def _checks(
    escalation: Escalation, updates: tuple[EscalationUpdate, ...], at: dt.datetime, parameters: EscalateParameters
) -> Iterator[Check]:
    """Each check after the fix. A record does every check that it is not too early for."""
    resolved = escalation.resolved_at
    if resolved is None:
        return
    zone = at.tzinfo
    records = [update.at for update in updates if update.kind == "check" and update.at >= resolved]
    lapse = dt.timedelta(days=parameters.follow_up_lapses_days)
    for key, rule in parameters.follow_ups.items():
        due = resolved + dt.timedelta(hours=rule.after_hours)
        opens = due - dt.timedelta(hours=rule.early_hours)
        late = due + dt.timedelta(hours=rule.late_hours)
        done = next((record for record in records if record >= opens), None)
        state: CheckState = "due"
        if done is not None:
            state = "done"
        elif at < opens:
            state = "upcoming"
        elif escalation.closed_at and at > late + lapse:
            state = "lapsed"
        elif at > late:
            state = "overdue"
        yield Check(key, rule, due.astimezone(zone), state, done.astimezone(zone) if done else None)
