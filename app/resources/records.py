"""Records written by hand: a touchpoint, signal, goal, contact or promise of one account, written as a turn."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args
from uuid import uuid4

from pydantic import BaseModel, SerializeAsAny, ValidationError
from sqlalchemy import Connection

from app.domain.blocks import Verdict
from app.domain.effects import AddSignal, Effect, LogTouchpoint, RecordCommitment, SetContact, SetGoal
from app.domain.figures import text
from app.domain.problems import Conflict, InvalidArguments, NotFound
from app.domain.record_rules import Fault, time_fault
from app.domain.records import RECORD_TYPES, Record
from app.domain.redact import mask_secrets
from app.domain.reply import Reply
from app.domain.windows import end_of_day
from app.resources import turns
from app.runtime import Runtime
from app.security.principals import Principal
from app.store import account_rows

Table = Literal["touchpoints", "signals", "goals", "contacts", "commitments"]
TABLES: tuple[Table, ...] = get_args(Table)

TEXTS = frozenset({"text", "what", "title"})
"""Fields of free text: secrets in them are masked."""

ID_LENGTH = 12
"""Hexadecimal digits of the turn's random id that name its record: 2^48 of them."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How a table is written by hand: the effect, how new ids begin, what one record is called.

    Only records that are `updatable` are changed by their id.
    """

    effect: type[Effect]
    prefix: str
    called: str
    updatable: bool


KINDS: Mapping[Table, Kind] = {
    "touchpoints": Kind(LogTouchpoint, "tp", "touchpoint", updatable=False),
    "signals": Kind(AddSignal, "sig", "signal", updatable=False),
    "goals": Kind(SetGoal, "goal", "goal", updatable=True),
    "contacts": Kind(SetContact, "con", "contact", updatable=True),
    "commitments": Kind(RecordCommitment, "c", "promise", updatable=True),
}


class Written(BaseModel):
    """`undo` is where to post to take the record back."""

    turn_id: str
    record: SerializeAsAny[Record]
    undo: str


def undo_address(turn_id: str) -> str:
    return f"/v1/turns/{turn_id}/undo"


def request_schema(table: Table) -> dict[str, Any]:
    """The JSON schema of a record as it is sent: without the account, and with the id where one is known."""
    schema = RECORD_TYPES[table].model_json_schema()
    properties = {name: field for name, field in schema["properties"].items() if name != "account_id"}
    required = [name for name in schema["required"] if name not in ("id", "account_id")]
    return {**schema, "properties": properties, "required": [] if KINDS[table].updatable else required}


async def write(
    runtime: Runtime, principal: Principal, account_id: str, table: Table, body: Mapping[str, Any]
) -> Written:
    """Write one record of an account. Of a goal, contact or promise that is there, only the given fields change.

    Raises:
        Forbidden: the role is too low.
        AccountNotFound: there is no such account among those the caller may see.
        InvalidArguments: a field is wrong (`extra["invalid"]`) or missing (`extra["missing"]`).
        Conflict: `id_taken`: a record that is not changed this way, or that of another account, has the id.
        NotFound: `record_not_found`: the key is limited, and no record of the account has the id.
    """
    principal.require("cse", f"Writing a {KINDS[table].called}")
    turn_id = f"turn_{uuid4().hex}"

    def write_it(conn: Connection) -> Record:
        today = runtime.today()
        account_rows.get_account(conn, account_id, principal.accounts, today)
        record = _record(conn, principal, table, account_id, body, turn_id, today)
        fault = time_fault(table, record, today, end_of_day(today, runtime.settings.zone))
        fault = fault or _contact_fault(conn, record, account_id, today)
        if fault is not None:
            raise _wrong([fault])
        turns.store_call(conn, runtime, principal, turn_id, f"POST {table}", _reply(table, record, account_id, today))
        return record

    return Written(turn_id=turn_id, record=await runtime.store.write(write_it), undo=undo_address(turn_id))


def _record(
    conn: Connection,
    principal: Principal,
    table: Table,
    account_id: str,
    body: Mapping[str, Any],
    turn_id: str,
    today: dt.date,
) -> Record:
    kind, record_type = KINDS[table], RECORD_TYPES[table]
    if body.get("account_id", account_id) != account_id:
        raise _wrong([("account_id", "the address names another account")])
    given = {**body, "account_id": account_id}
    before = _before(conn, principal, table, account_id, given.get("id"), today)
    if before is not None:
        given = {**before.model_dump(), **given}
    elif given.get("id") is None:
        given["id"] = f"{kind.prefix}-{turn_id.removeprefix('turn_')[:ID_LENGTH]}"
    if table == "commitments" and before is None:
        given.setdefault("made_on", today)
    texts = {name: mask_secrets(v) for name, v in given.items() if isinstance(v, str) and name in TEXTS}
    try:
        return record_type.model_validate(given | texts)
    except ValidationError as error:
        faults = [(str(e["loc"][0]), e["msg"].removeprefix("Value error, ")) for e in error.errors()]
        missing = [str(e["loc"][0]) for e in error.errors() if e["type"] == "missing"]
        raise _wrong(faults, missing) from None


def _before(
    conn: Connection, principal: Principal, table: Table, account_id: str, record_id: object, today: dt.date
) -> Record | None:
    """The record of that id as it is now; None where there is none.

    A limited key names ids of the account alone: which others are taken would tell it what other accounts have.
    """
    if not isinstance(record_id, str) or not record_id.strip():
        return None
    found, called = account_rows.find_record(conn, table, record_id.strip(), today), KINDS[table].called
    is_own = getattr(found, "account_id", None) == account_id
    if principal.accounts is not None and not is_own:
        raise NotFound(
            f"This account has no {called} {record_id!r}. Leave the id out, and the {called} gets its own.",
            code="record_not_found",
        )
    if found is None:
        return None
    if not KINDS[table].updatable or not is_own:
        raise Conflict(f"The id {record_id!r} is taken; leave it out, and the {called} gets its own.", code="id_taken")
    return found


def _contact_fault(conn: Connection, record: Record, account_id: str, today: dt.date) -> Fault | None:
    """A fault where the record names a contact who is none of the account's."""
    contact_id = getattr(record, "contact_id", None)
    if contact_id is None:
        return None
    contact = account_rows.find_record(conn, "contacts", contact_id, today)
    is_own = contact is not None and getattr(contact, "account_id", None) == account_id
    return None if is_own else ("contact_id", f"{contact_id!r} is no contact of this account")


def _wrong(faults: list[tuple[str, str]], missing: list[str] | None = None) -> InvalidArguments:
    told = "; ".join(f"{field}: {reason}" for field, reason in faults)
    invalid = [{"field": field, "reason": reason} for field, reason in faults]
    return InvalidArguments(f"Nothing was written. {told}.", missing=missing or [], invalid=invalid)


def _reply(table: Table, record: Record, account_id: str, today: dt.date) -> Reply:
    kind = KINDS[table]
    headline = text(f"Written: {kind.called} {record.model_dump()['id']}")
    effect = kind.effect.model_validate({"item": record})
    return Reply(
        blocks=(Verdict(tone="good", headline=headline),), account_id=account_id, as_of=today, effects=(effect,)
    )
