"""Promises in the notes and mails of a customer that nobody has put on record: read by the rules of `log`."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.blocks import Block, Column, Heading, Table
from app.domain.figures import Evidence, Text, text
from app.domain.promises import CUSTOMER, US
from app.domain.records import Touchpoint
from app.domain.redact import mask_secrets
from app.domain.snapshot import AccountSnapshot
from tools.health.history_data import HeardData
from tools.health.notes.reading import Given, NoteReader
from tools.health.parameters import Notes
from tools.health.promises import shortened
from tools.health.stated import Stated

SPEAKERS = {US: "We", CUSTOMER: "They"}


@dataclass(frozen=True, slots=True)
class Heard:
    """A promise that a touchpoint's text tells of. Its days are counted from that of the touchpoint."""

    touchpoint: Touchpoint
    number: int
    promise: Given

    @property
    def what(self) -> str:
        return mask_secrets(self.promise.what)

    @property
    def line(self) -> str:
        """What is typed to put it on record; "" where nobody is said to have given it."""
        by = self.promise.by
        if by is None:
            return ""
        due = f" by {self.promise.due}" if self.promise.due else ""
        return f"/health {self.touchpoint.account_id} log {SPEAKERS.get(by, by)} will {self.what}{due}"

    def data(self) -> HeardData:
        return HeardData(
            touchpoint_id=self.touchpoint.id,
            date=self.touchpoint.date,
            by=self.promise.by,
            what=self.what,
            due=self.promise.due,
            record_with=self.line,
        )


def heard(snapshot: AccountSnapshot, notes: Notes) -> tuple[Heard, ...]:
    """Promises of the last `heard_days`, newest first, that no commitment on record says in the same words."""
    on_record = {_plain(commitment.what) for commitment in snapshot.commitments}
    first = snapshot.as_of - dt.timedelta(days=notes.heard_days - 1)
    found: list[Heard] = []
    for touchpoint in snapshot.touchpoints:
        if touchpoint.date >= first and touchpoint.text:
            for each in _in(touchpoint, snapshot, notes):
                if (words := _plain(each.what)) not in on_record:
                    on_record.add(words)
                    found.append(each)
    return tuple(found[: notes.most_heard])


def heard_blocks(found: tuple[Heard, ...], stated: Stated) -> tuple[Block, ...]:
    """What was heard, and the line that puts each on record; nothing where nothing was."""
    if not found:
        return ()
    labels = ("Day", "Heard", "By", "Due", "To record it, type")
    table = Table(
        columns=tuple(Column(label=label) for label in labels),
        rows=tuple(_row(each, stated) for each in found),
    )
    return Heading(text=text("Heard, and not on record")), table


def _row(each: Heard, stated: Stated) -> tuple[Text, ...]:
    point, promise = each.touchpoint, each.promise
    due = text("–")
    if promise.due is not None:
        key = f"heard.{point.id}.{each.number}.due"
        records = (Evidence(kind="touchpoints", id=point.id, date=point.date),)
        rule = "the day that the note names, counted from the note's own"
        due = text(stated.number(key, "Due day of a promise that was heard", promise.due, "date", rule, records))
    day = text(f"{point.date}, {point.kind.replace('_', ' ')}")
    return (
        day,
        text(shortened(each.what)),
        text(promise.by or "not clear"),
        due,
        text(each.line or "say who promised it"),
    )


def _in(touchpoint: Touchpoint, snapshot: AccountSnapshot, notes: Notes) -> Iterator[Heard]:
    reader = NoteReader(notes, snapshot.account, snapshot.contacts, touchpoint.date)
    for number, promise in enumerate(reader.read(touchpoint.text or "").promises, 1):
        yield Heard(touchpoint, number, promise)


def _plain(words: str) -> str:
    return " ".join(words.casefold().split()).rstrip(".")
