"""Carries out what a command wants done: the policy first, then rows in the turn's own transaction."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from app.domain.command import Role
from app.domain.effects import (
    AddEscalationUpdate,
    AddFeedback,
    AddSignal,
    AddSlip,
    Effect,
    LogTouchpoint,
    RecordCommitment,
    SetCheck,
    SetContact,
    SetEscalation,
    SetGoal,
    SetMilestone,
    SignOffRamp,
    UpdateFeedback,
)
from app.domain.problems import AccountNotFound, Conflict, Forbidden
from app.domain.records import FeedbackItem, RampSignoff, Record
from app.security.principals import Principal
from app.store import effect_rows, snapshots, versions


@dataclass(frozen=True, slots=True)
class Rule:
    """The table that an effect writes to, the least role that may cause it, and what it is called in a refusal."""

    table: str
    role: Role
    what: str


RULES: dict[type[Effect], Rule] = {
    AddFeedback: Rule("feedback", "cse", "Adding a feedback item"),
    UpdateFeedback: Rule("feedback", "cse", "Changing a feedback item"),
    LogTouchpoint: Rule("touchpoints", "cse", "Logging a touchpoint"),
    AddSignal: Rule("signals", "cse", "Recording a signal"),
    SetGoal: Rule("goals", "cse", "Writing a goal"),
    SetContact: Rule("contacts", "cse", "Writing a contact"),
    RecordCommitment: Rule("commitments", "cse", "Recording a commitment"),
    SetEscalation: Rule("escalations", "cse", "Writing an escalation"),
    AddEscalationUpdate: Rule("escalation_updates", "cse", "Writing an update of an escalation"),
    SetMilestone: Rule("milestones", "cse", "Writing a milestone"),
    AddSlip: Rule("milestone_slips", "cse", "Moving a milestone"),
    SetCheck: Rule("checks", "cse", "Checking an item of a list"),
    SignOffRamp: Rule("ramp_signoffs", "manager", "Signing off a ramp goal"),
}


def may_write(principal: Principal) -> bool:
    """Whether the caller's role lets any effect pass; each is checked by itself, its scope too."""
    return any(principal.has(rule.role) for rule in RULES.values())


def check(principal: Principal, effects: Sequence[Effect]) -> None:
    """Let pass only what this caller may cause.

    Raises:
        Forbidden: the role is too low; or the key is limited to accounts, and the effect is about none.
        AccountNotFound: an account is outside the caller's scope.
    """
    for effect in effects:
        rule = RULES[type(effect)]
        principal.require(rule.role, rule.what)
        if isinstance(effect, SignOffRamp) and principal.accounts is not None:
            raise Forbidden(f"{rule.what} needs a key for all accounts; this one is limited to some.")
        for account_id in _account_ids(effect):
            if principal.accounts is not None and account_id not in principal.accounts:
                raise AccountNotFound(f"There is no account {account_id!r} among those you may see.")


def carry_out(
    conn: Connection, principal: Principal, turn_id: str, effects: Sequence[Effect], now: dt.datetime, today: dt.date
) -> None:
    """Write the effects as one version of the data, each once for its (turn id, index)."""
    new = [(i, effect) for i, effect in enumerate(effects) if not effect_rows.is_done(conn, turn_id, i)]
    if not new:
        return
    write_id = versions.begin_write(conn, kind="effects", actor=principal.name, now=now, note=turn_id)
    for index, effect in new:
        table = RULES[type(effect)].table
        told = frozenset(effect.fields) if isinstance(effect, SetContact) and effect.fields is not None else None
        versions.put(conn, write_id, table, [effect.item], snapshots.DESK, effective_on=today, given=told)
        effect_rows.add(conn, turn_id, index, effect, write_id, now)
    versions.place(conn, write_id)


def undoable(conn: Connection, principal: Principal, turn_id: str) -> tuple[Effect, ...]:
    """The effects of a turn that an undo would take back. The caller knows the turn to be the principal's own.

    Raises:
        Conflict: it wrote nothing (`nothing_to_undo`), was undone before (`already_undone`), or a later write that
            still stands changed one of the records (`changed_since`).
        Forbidden, AccountNotFound: as `check`.
    """
    found = effect_rows.of_turn(conn, turn_id)
    if not found:
        raise Conflict(
            f"{turn_id} wrote nothing that could be undone. An undo itself is not undone: write it anew.",
            code="nothing_to_undo",
        )
    effects = tuple(effect for effect, _ in found)
    check(principal, effects)
    wrote = _records_by_write(found)
    if any(versions.undo_of(conn, write_id) is not None for write_id in wrote):
        raise Conflict(f"What {turn_id} wrote is undone already.", code="already_undone")
    for write_id, records in wrote.items():
        versions.require_unchanged(conn, write_id, records)
    return effects


def take_back(conn: Connection, principal: Principal, turn_id: str, now: dt.datetime) -> None:
    """Undo a turn's effects as a new version of the data, all of them or none.

    Raises:
        Conflict, Forbidden, AccountNotFound: as `undoable`.
    """
    undoable(conn, principal, turn_id)
    wrote = _records_by_write(effect_rows.of_turn(conn, turn_id))
    for undone in sorted(wrote, reverse=True):
        write_id = versions.begin_undo(conn, principal.name, now, undone)
        versions.revert(conn, write_id, undone, wrote[undone])
        versions.place(conn, write_id)


def _records_by_write(found: Sequence[tuple[Effect, int]]) -> dict[int, dict[str, list[Record]]]:
    """What each write wrote, by table."""
    wrote: dict[int, dict[str, list[Record]]] = {}
    for effect, write_id in found:
        wrote.setdefault(write_id, {}).setdefault(RULES[type(effect)].table, []).append(effect.item)
    return wrote


def _account_ids(effect: Effect) -> tuple[str, ...]:
    match effect.item:
        case FeedbackItem() as item:
            return item.account_ids
        case RampSignoff():
            return ()
        case item:
            return (item.account_id,)
