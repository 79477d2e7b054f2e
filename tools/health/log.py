"""/health log: a note, understood and written at once; or that a promise was kept."""

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.blocks import Block, Column, Notice, Table, Verdict
from app.domain.command import Context, Needs, Outcome, Report
from app.domain.effects import AddSignal, Effect, LogTouchpoint, RecordCommitment, SetContact
from app.domain.figures import Evidence, Figure, Text, account_figure, text
from app.domain.problems import InvalidArguments
from app.domain.records import Commitment, Contact, Signal, Touchpoint
from app.domain.redact import mask_secrets
from app.domain.snapshot import AccountSnapshot
from tools.health import kept
from tools.health.args import HealthArgs
from tools.health.log_data import LogData
from tools.health.notes.reading import NoteReader, Reading
from tools.health.parameters import HealthParameters
from tools.health.wording import listing

MOST_CHARACTERS = 100_000
"""What a record's text may hold."""

MOST_WORDS = 160
"""What was read is quoted to this length."""

KEY_LENGTH = 12
"""Hexadecimal digits of the hash that names a note's records: 2^48 of them."""

SOURCE = "note"
"""The `source` of a promise that was read in a note."""

_INVISIBLE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")


@dataclass(frozen=True, slots=True)
class Written:
    """A note's records. Their ids come from the account, the day and the text: the same note is the same records."""

    touchpoint: Touchpoint
    signals: tuple[Signal, ...]
    contacts: tuple[Contact, ...]
    commitments: tuple[Commitment, ...]

    def effects(self, known: Sequence[Contact]) -> tuple[Effect, ...]:
        """What is to be written; of a known contact only what the note changes."""
        before = {contact.id: contact for contact in known}
        return (
            LogTouchpoint(item=self.touchpoint),
            *(SetContact(item=item, fields=_changed(before.get(item.id), item)) for item in self.contacts),
            *(AddSignal(item=item) for item in self.signals),
            *(RecordCommitment(item=item) for item in self.commitments),
        )


def needs(args: HealthArgs) -> Needs:
    """The account as of today, or of the day that the user names: a note is written on it.

    Raises:
        InvalidArguments: no account, or no text, is given.
    """
    if args.account is None:
        raise InvalidArguments("Which account is the note about?", missing=["account"])
    if not _INVISIBLE.sub("", args.text or ""):
        raise InvalidArguments(
            "What happened? A line or a whole mail: who, when, what was said, who promised what by when.",
            missing=["text"],
        )
    return Needs(account=args.account, today=True)


def run(ctx: Context, args: HealthArgs) -> Outcome:
    """Write the note and what it says, or close the promise that was kept.

    Raises:
        InvalidArguments: the text is too long; no open promise is meant, or several.
    """
    snapshot, note, parameters = ctx.account, args.text or "", ctx.parameters
    if snapshot is None or not isinstance(parameters, HealthParameters):
        raise TypeError("/health log needs an account and the parameters of /health in its context")
    if len(note) > MOST_CHARACTERS:
        raise InvalidArguments(
            f"The note has {len(note):,} characters; at most {MOST_CHARACTERS:,} are kept. Log it in parts.",
            code="note_too_long",
        )
    if closing := kept.closing(note, snapshot, ctx.as_of):
        return kept.outcome(ctx, snapshot, closing)
    masked = mask_secrets(note)[:MOST_CHARACTERS]
    account = snapshot.account
    settings = parameters.for_account(account.segment, account.lifecycle)
    reading = NoteReader(settings.notes, account, snapshot.contacts, ctx.as_of).read(note)
    written = _records(snapshot, reading, masked, ctx.as_of)
    if there := _already(snapshot, written.touchpoint):
        return _duplicate(snapshot, there)
    figures = tuple(_due_figure(ctx, item) for item in written.commitments if item.due)
    blocks = (
        _verdict(ctx, snapshot, reading, written),
        _understood(reading, written, figures, ctx.as_of),
        *_notices(ctx, reading),
    )
    data = LogData(
        account_id=account.id,
        written=ctx.typed,
        touchpoint=written.touchpoint,
        signals=written.signals,
        contacts=written.contacts,
        commitments=written.commitments,
        uncertain=tuple(mask_secrets(doubt) for doubt in reading.doubts),
    )
    return Outcome(Report(data, blocks, figures), effects=written.effects(snapshot.contacts) if ctx.typed else ())


def _changed(before: Contact | None, after: Contact) -> tuple[str, ...] | None:
    """The fields in which they differ; None where there was nobody before."""
    if before is None:
        return None
    return tuple(name for name in Contact.model_fields if getattr(before, name) != getattr(after, name))


def _records(snapshot: AccountSnapshot, reading: Reading, masked: str, today: dt.date) -> Written:
    account_id, found = snapshot.account.id, reading.occasion
    key = hashlib.sha256(f"{account_id}\n{today}\n{masked}".encode()).hexdigest()[:KEY_LENGTH]
    return Written(
        touchpoint=Touchpoint(
            id=f"tp-{key}",
            account_id=account_id,
            contact_id=reading.contacts[0].id if reading.contacts else None,
            date=found.day,
            kind=found.kind,
            status=found.status,
            text=masked,
        ),
        signals=tuple(
            Signal(
                id=f"sig-{key}-{number}",
                account_id=account_id,
                date=min(found.day, today),
                kind=heard.kind,
                text=mask_secrets(heard.sentence),
            )
            for number, heard in enumerate(reading.signals, 1)
        ),
        contacts=_contacts(reading, account_id, key),
        commitments=tuple(
            Commitment(
                id=f"c-{key}-{number}",
                account_id=account_id,
                made_on=min(found.day, today),
                by=given.by,
                what=mask_secrets(given.what),
                due=given.due,
                source=SOURCE,
            )
            for number, given in enumerate(reading.promises, 1)
        ),
    )


def _contacts(reading: Reading, account_id: str, key: str) -> tuple[Contact, ...]:
    """Contacts who left or became champion, each once, and those who are new."""
    changed: dict[str, Contact] = {}
    for gone in reading.departures:
        changed[gone.contact.id] = gone.contact.model_copy(update={"left_on": gone.left_on})
    for contact, _ in reading.champions:
        before = changed.get(contact.id, contact)
        changed[contact.id] = before.model_copy(update={"is_champion": True})
    new = (
        Contact(
            id=f"con-{key}-{number}",
            account_id=account_id,
            name=person.name,
            role=person.role,
            email=person.email,
            is_champion=True if person.is_champion else None,
        )
        for number, person in enumerate(reading.newcomers, 1)
    )
    return (*changed.values(), *new)


def _already(snapshot: AccountSnapshot, touchpoint: Touchpoint) -> Touchpoint | None:
    """The touchpoint of the same day with the same text, where there is one."""
    same = (t for t in snapshot.touchpoints if t.date == touchpoint.date and t.text and t.text == touchpoint.text)
    return next(same, None)


def _duplicate(snapshot: AccountSnapshot, there: Touchpoint) -> Outcome:
    line = text("Nothing was written. Add a word to log a second note of the same day.")
    headline = text(f"Already logged: {_named(there)} with this text ({there.id})")
    data = LogData(account_id=snapshot.account.id, written=False, duplicate_of=there.id, touchpoint=there)
    return Outcome(Report(data, (Verdict(tone="neutral", headline=headline, lines=(line,)),)))


def _named(touchpoint: Touchpoint) -> str:
    status = f", {touchpoint.status.replace('_', ' ')}" if touchpoint.status not in (None, "attended") else ""
    return f"{touchpoint.kind.replace('_', ' ')} of {touchpoint.date}{status}"


def _verdict(ctx: Context, snapshot: AccountSnapshot, reading: Reading, written: Written) -> Verdict:
    """What was logged in one line, what of it bears on the account, and how to take it back."""
    people = listing([contact.name or contact.id for contact in reading.contacts])
    headline = f"{_named(written.touchpoint)}{f' with {people}' if people else ''}, {snapshot.account.name}"
    counted = [
        f"{len(items)} {one if len(items) == 1 else many}"
        for items, one, many in (
            (reading.promises, "promise", "promises"),
            (reading.departures, "departure", "departures"),
            (reading.signals, "signal", "signals"),
            (reading.newcomers, "new contact", "new contacts"),
            (reading.champions, "new champion", "new champions"),
        )
        if items
    ]
    lines = [text(f"In it: {listing(counted)}.")] if counted else []
    if not ctx.typed:
        told = (*lines, text("Nothing was written: only what a person types writes. Type the command to log it."))
        return Verdict(tone="warning", headline=text(f"Understood: {headline}"), lines=told)
    undo = text(f"Wrong? `undo` takes all of it back (POST /v1/turns/{ctx.turn_id}/undo).")
    return Verdict(tone="good", headline=text(f"Logged: {headline}"), lines=(*lines, undo))


def _understood(reading: Reading, written: Written, figures: Sequence[Figure], today: dt.date) -> Table:
    """Each thing that was understood, with the words it was read from."""
    found = reading.occasion
    rows: list[tuple[str, Text, str]] = [
        ("Kind", text(found.kind.replace("_", " ")), found.kind_words),
        ("Day", text(str(found.day)), found.day_words),
    ]
    if found.status is not None:
        rows.append(("Status", text(found.status.replace("_", " ")), found.status_words))
    if reading.contacts:
        rows.append(("Who", text(listing([f"{c.name or c.id} ({c.id})" for c in reading.contacts])), ""))
    rows += [
        ("Leaves" if d.left_on > today else "Left", text(f"{d.contact.name or d.contact.id}, on {d.left_on}"), d.words)
        for d in reading.departures
    ]
    rows += [("Champion", text(contact.name or contact.id), words) for contact, words in reading.champions]
    rows += [
        ("New contact", text(", ".join(part for part in (new.name, new.role, new.email) if part)), new.words)
        for new in reading.newcomers
    ]
    rows += [("Signal", text(heard.kind.replace("_", " ")), heard.words) for heard in reading.signals]
    dues = {figure.key: figure for figure in figures}
    for given, item in zip(reading.promises, written.commitments, strict=True):
        due = dues.get(f"promise.{item.id}.due")
        by = item.by or "unknown who"
        told = text(f"{by}: {item.what}, ", "by " if due else "no day", *([due] if due else []), f" ({item.id})")
        rows.append(("Promise", told, given.words))
    columns = tuple(Column(label=label) for label in ("What", "Understood", "Read from"))
    return Table(columns=columns, rows=tuple((text(a), b, text(_quoted(c))) for a, b, c in rows))


def _quoted(words: str) -> str:
    """The words of the note, on one line and without secrets; "–" where something was taken without any."""
    words = " ".join(mask_secrets(words).split())
    if not words:
        return "–"
    return f"“{words if len(words) <= MOST_WORDS else f'{words[: MOST_WORDS - 1]}…'}”"


def _notices(ctx: Context, reading: Reading) -> tuple[Block, ...]:
    """What was not written and why, and what was taken without being said."""
    most = reading_limit(ctx)
    told = [f"{doubt[:1].upper()}{doubt[1:]}." for doubt in map(mask_secrets, reading.doubts[:most])]
    if len(reading.doubts) > most:
        told.append(f"{len(reading.doubts) - len(told)} more uncertain places were not written.")
    undated = [d.contact.name or d.contact.id for d in reading.departures if not d.is_dated]
    if undated:
        told.append(f"No day is given on which {listing(undated)} left: {ctx.as_of} was taken.")
    unsure = [given.what for given in reading.promises if given.by is None]
    if unsure:
        told.append(f"Unknown who promised: {'; '.join(mask_secrets(what) for what in unsure)}.")
    if reading.unread:
        told.append(f"Quoted history is kept with the text and was not read: {reading.unread} lines.")
    return tuple(Notice(tone="warning", text=text(words)) for words in told)


def reading_limit(ctx: Context) -> int:
    """So many uncertain places are told one by one."""
    return ctx.parameters.notes.most_records if isinstance(ctx.parameters, HealthParameters) else 0


def _due_figure(ctx: Context, item: Commitment) -> Figure:
    rule, evidence = "the promise's own day", (Evidence(kind="commitments", id=item.id, date=item.due),)
    key = f"promise.{item.id}.due"
    return account_figure(item.account_id, ctx.as_of, key, "Due day of a promise", item.due, "date", rule, evidence)
