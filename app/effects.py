"""Carries out what a command wants done: the policy first, then rows in the turn's own transaction."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Connection

from app.domain.command import Role
from app.domain.effects import AddFeedback, Effect
from app.domain.problems import AccountNotFound
from app.security.principals import Principal
from app.store import effect_rows, versions

NEEDED_ROLE: dict[type[Effect], Role] = {AddFeedback: "cse"}
"""The least role that may cause an effect of each kind."""

SOURCE = "cse"
"""The source of what was written here, not imported."""

WHAT: dict[type[Effect], str] = {AddFeedback: "Adding a feedback item"}


def check(principal: Principal, effects: Sequence[Effect]) -> None:
    """Let pass only what this caller may cause.

    Raises:
        Forbidden: the role is too low.
        AccountNotFound: an account is outside the caller's scope.
    """
    for effect in effects:
        principal.require(NEEDED_ROLE[type(effect)], WHAT[type(effect)])
        for account_id in effect.item.account_ids:
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
        versions.put(conn, write_id, "feedback", [effect.item], source=SOURCE, effective_on=today)
        effect_rows.add(conn, turn_id, index, effect, write_id, now)
    versions.place(conn, write_id)
