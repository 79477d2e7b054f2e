"""The five signs of growth as a table: whether each is seen, and what shows it."""

import datetime as dt
from collections.abc import Iterator

from app.domain.blocks import Block, Column, Heading, Table
from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure, Text, joined, text
from tools.adoption.signals import Shown, Signal
from tools.adoption.telling import Telling
from tools.health.promises import shortened
from tools.health.wording import counted

STATE_WORDS = {"triggered": "yes", "clear": "no", "unknown": "unknown", "not_applicable": "does not apply"}
RECORDS = {
    "signals": "signal",
    "touchpoints": "conversation",
    "tickets": "ticket",
    "nps": "NPS answer",
    "feedback": "request",
}
MOST_TOLD = 2


def signal_blocks(telling: Telling) -> Iterator[Block]:
    """A row for each sign."""
    yield Heading(text=text("Signs that they are ready for more"))
    columns = tuple(Column(label=label) for label in ("Sign", "Seen", "What shows it"))
    rows = tuple(
        (text(telling.parameters.signals[each.key].label), text(STATE_WORDS[each.state]), _shown(telling, each))
        for each in telling.found.signals
    )
    yield Table(columns=columns, rows=rows)


def _shown(telling: Telling, signal: Signal) -> Text:
    """The records, or the shares, that show the sign; else what is known or missing."""
    if signal.missing:
        return text(signal.missing)
    parts = [*_shares(telling, signal), *(text(_record(each)) for each in signal.shown[:MOST_TOLD])]
    if len(signal.shown) > MOST_TOLD:
        parts.append(text("in all: ", _records(telling, signal)))
    return joined(parts, "; ") or text(f"nothing in {telling.parameters.signals[signal.key].days} days")


def _record(shown: Shown) -> str:
    said = f": “{shortened(shown.said)}”" if shown.said else ""
    on = f" {shown.on}" if shown.on > dt.date.min else ""
    return f"{RECORDS[shown.where]}{on}{said}"


def _records(telling: Telling, signal: Signal) -> Figure:
    """How many records show the sign."""
    sign = telling.parameters.signals[signal.key]
    evidence = tuple(each.evidence for each in signal.shown[:MAX_LISTED_EVIDENCE])
    return telling.figure(
        f"expansion.{signal.key}.records.{sign.days}d",
        f"Records of: {sign.label.lower()}, {sign.days} days",
        len(signal.shown),
        "count",
        "signals, conversations, tickets and open requests that show it",
        evidence,
    )


def _shares(telling: Telling, signal: Signal) -> Iterator[Text]:
    if signal.key == "near_limit":
        yield from _calls(telling)
    if signal.key == "team_growth":
        yield from _team(telling)


def _calls(telling: Telling) -> Iterator[Text]:
    used = telling.quota.get("quota.used_share.month_to_date")
    recent = telling.found.found.components.get("api_calls", {}).get("calls")
    if used:
        yield text(telling.keep(used), " of the month's calls used")
    if recent is not None:
        monthly = telling.keep(telling.quota["quota.monthly"])
        yield text(telling.keep(recent), " calls in 28 days, ", monthly, " a month in the contract")


def _team(telling: Telling) -> Iterator[Text]:
    inputs = telling.found.found.indicators.get("low_adoption", {})
    users, seats = inputs.get("distinct"), inputs.get("seats")
    usable = telling.found.snapshot.columns.feeds.usable("usage")[0]
    if usable and users and seats and users.value is not None and seats.value is not None:
        people = counted(telling.keep(users), "person", "people")
        yield text(people, " in 28 days, ", counted(telling.keep(seats), "seat", "seats"))
    if new := _new_people(telling):
        yield text(f"first heard of in {telling.parameters.new_people_days} days: ", new)


def _new_people(telling: Telling) -> Figure | None:
    """People who are first heard of lately, where others were heard of before."""
    snapshot, days = telling.found.snapshot, telling.parameters.new_people_days
    zone = snapshot.columns.timezone
    heard = (
        *((t.contact_id, t.date) for t in snapshot.touchpoints),
        *((t.contact_id, t.opened_at.astimezone(zone).date()) for t in snapshot.tickets),
        *((r.contact_id, r.responded_at.astimezone(zone).date()) for r in snapshot.nps),
    )
    first: dict[str, dt.date] = {}
    for contact, day in heard:
        if contact is not None and day <= snapshot.as_of:
            first[contact] = min(day, first.get(contact, day))
    since = snapshot.as_of - dt.timedelta(days=days)
    new = sorted(contact for contact, day in first.items() if day > since)
    if not new or len(new) == len(first):
        return None
    evidence = tuple(Evidence(kind="contacts", id=contact) for contact in new[:MAX_LISTED_EVIDENCE])
    rule = f"contacts whose first ticket, conversation or NPS answer is of the last {days} days"
    return telling.figure(f"expansion.new_people.{days}d", "People first heard of", len(new), "count", rule, evidence)
