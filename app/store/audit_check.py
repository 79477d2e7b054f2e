"""Verifies the audit log: walks its chain once, in memory that does not grow with it, and says where it does not hold.

A finding is something that this service did not do: the database was changed by other means, or the key or the anchor
is another. Who has the key, the anchor and the database together can rewrite all three: keep a copy of the anchor where
the service cannot reach it.
"""

import datetime as dt
import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from app.security.seal import NO_EVENTS, START, Anchor, AnchorUnusable, Head, Seal
from app.store.audit_log import CHAINED, EMPTIED, KEPT_DETAILS, PRUNED, RESTORED, canonical, digest_of
from app.store.engine import Store
from app.store.tables import TABLES

EVENTS = TABLES["audit_event"]
BATCH_ROWS = 1_000
MOST_FINDINGS = 200
"""Told one by one; the others are counted."""

Kind = Literal[
    "edited", "moved", "deleted", "front_cut", "front_back", "not_in_order", "details_edited", "details_emptied",
    "truncated", "not_anchored", "broken", "other_key", "key_wrong", "key_missing", "anchor_missing",
    "anchor_unreadable", "anchor_behind", "unreadable",
]  # fmt: skip

NEED_THE_KEY = frozenset({"edited", "front_cut", "front_back"})
"""Findings that rest on what sealed events say."""

MENDS: Mapping[Kind, str] = {
    "edited": "Compare it with the same event in a backup, and find out who could write to the database.",
    "moved": "Compare the order with a backup, and find out who could write to the database.",
    "deleted": "Look for the missing events in a backup, and find out who could write to the database.",
    "front_cut": "Look for the missing events in a backup. `cse sweep` leaves an event that tells what it removed.",
    "front_back": "They may have come back with a copy of the database file; `cse sweep` removes them again.",
    "not_in_order": "Compare this event and the one before it with a backup.",
    "details_edited": "Compare its details with a backup. Its other fields are as they were written.",
    "details_emptied": "Look for its details in a backup. `cse erase` empties them and leaves an event that says so.",
    "truncated": "Look for the missing events in a backup. A database file that was put back by hand looks like this.",
    "not_anchored": "Compare the log with a backup. A database file that was put back by hand looks like this.",
    "broken": "Look for the missing events in a backup. Restoring a backup of today takes the log as it is.",
    "other_key": "Put the key of that time back to verify them; keep it as long as the events.",
    "key_wrong": "Check CSE_AUDIT_KEY, or audit.key in the data folder. If that is the key, all events were edited.",
    "key_missing": "Put the key back: CSE_AUDIT_KEY, or audit.key in the data folder.",
    "anchor_missing": "Check CSE_AUDIT_ANCHOR, and put the file back from where you copy it to.",
    "anchor_unreadable": "Mend CSE_AUDIT_ANCHOR, or put the file back from where you copy it to.",
    "anchor_behind": "After a power cut, or where servers have an anchor each, a running service moves it on within "
    "seconds: verify again then. Else an older copy of the file was put in its place.",
    "unreadable": "Mend the database, or restore a backup.",
}


class Finding(BaseModel):
    """What does not hold, and what to do. `seq` is the event where it shows."""

    model_config = ConfigDict(frozen=True)
    kind: Kind
    seq: int | None
    detail: str
    mend: str


class Verified(BaseModel):
    """What a verification saw. `further` findings are not told one by one.

    `anchored_since` is the first event that the anchor was moved to: what was cut off before, it cannot know.
    """

    model_config = ConfigDict(frozen=True)
    events: int
    first: int | None
    last: int | None
    anchored_since: int | None
    findings: tuple[Finding, ...]
    further: int
    notes: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not self.findings


def verify(store: Store) -> Verified:
    """Verify the whole log, beside a running service. Blocking: meant for a thread.

    Raises:
        DatabaseUnavailable: the database cannot be reached.
    """
    seal, anchor, is_legible = store.seal, None, True
    try:
        anchor = seal.read()  # before the log is looked at: what comes meanwhile is no truncation
    except AnchorUnusable:
        is_legible = False
    with store.reading() as conn:
        if not seal.has_key():
            return _without_key(conn, anchor)
        walk = _Walk(seal, anchor, _told_by_the_log(conn, seal))
        try:
            for row in _rows(conn):
                walk.see(row)
        except DBAPIError:
            walk.find("unreadable", walk.last, f"The database gives no further event after {walk.last}.")
            return walk.verified()
    walk.end()
    if is_legible:
        walk.check_anchor()
        _look_behind(walk, seal)
    else:
        walk.find("anchor_unreadable", None, f"The anchor {seal.anchor_file} cannot be read.")
    return walk.verified()


def _without_key(conn: Connection, anchor: Anchor | None) -> Verified:
    count = conn.execute(select(sa.func.count()).select_from(EVENTS)).scalar_one()
    findings = []
    if count:
        detail = "The key of the audit log is not there, so that no event can be verified."
        findings.append(Finding(kind="key_missing", seq=None, detail=detail, mend=MENDS["key_missing"]))
    elif anchor is not None:
        detail = f"The log is empty; the anchor says that its newest event is {anchor.head.seq}."
        findings.append(Finding(kind="truncated", seq=anchor.head.seq, detail=detail, mend=MENDS["truncated"]))
    return Verified(
        events=count, first=None, last=None, anchored_since=None, findings=tuple(findings), further=0, notes=()
    )


def _look_behind(walk: "_Walk", seal: Seal) -> None:
    """Only an anchor that still lags when all was read does lag: writes went on meanwhile."""
    try:
        anchor = seal.read()
    except AnchorUnusable:
        return
    if anchor is None or walk.anchor is None:
        return
    if anchor.head.seq < walk.last_sealed and walk.is_anchored:
        detail = f"The anchor says that the newest event is {anchor.head.seq}; the log goes on to {walk.last_sealed}."
        walk.find("anchor_behind", anchor.head.seq, f"{detail} None of those after {anchor.head.seq} is vouched for.")


# What the log says of itself


@dataclass(slots=True)
class _Told:
    """What sealed events explain: details that were emptied, a front that was removed, logs that were put in place."""

    emptied: list[tuple[int, int, int]] = field(default_factory=list)  # first, last, told by
    first_kept: int = 1
    digest_before: str = START
    restored: list[tuple[int, Any]] = field(default_factory=list)

    def explains(self, seq: int) -> bool:
        """Whether a later erasure says that it emptied the details of this event."""
        return any(first <= seq <= last and seq < by for first, last, by in self._around(seq))

    def _around(self, seq: int) -> Iterator[tuple[int, int, int]]:
        place = bisect_right(self.emptied, seq, key=lambda told: told[0])
        while place and self.emptied[place - 1][1] >= seq:
            place -= 1
            yield self.emptied[place]


def _told_by_the_log(conn: Connection, seal: Seal) -> _Told:
    told = _Told()
    c = EVENTS.c
    wanted = sa.or_(c.action == PRUNED, c.action == RESTORED, c.action.startswith("erasure."))
    try:
        for row in _rows(conn, wanted):
            details = _details(row, seal) if _is_sealed(row, seal) else None
            if details is None:
                continue
            if row["action"] == PRUNED:
                told.first_kept, told.digest_before = int(details["first_kept"]), str(details["digest_before"])
            elif row["action"] == RESTORED:
                told.restored.append((row["seq"], details))
            else:
                told.emptied += [(first, last, row["seq"]) for first, last in details.get(EMPTIED, ())]
    except DBAPIError:
        pass  # the walk tells it
    told.emptied.sort()
    return told


# Rows as they lie in the database: what was tampered with may be no instant and no JSON


def _rows(conn: Connection, wanted: "sa.ColumnElement[bool] | None" = None) -> Iterator[Mapping[str, Any]]:
    c = EVENTS.c
    columns = (*CHAINED, "details", "digest")
    raw = (sa.cast(c[name], sa.String) if name in ("at", "details") else c[name] for name in columns)
    query = select(*(column.label(name) for name, column in zip(columns, raw, strict=True))).order_by(c.seq)
    if wanted is not None:
        query = query.where(wanted)
    for row in conn.execution_options(yield_per=BATCH_ROWS).execute(query).mappings():
        yield {**row, "at": _instant(row["at"])}


def _instant(text: Any) -> Any:
    try:
        at = dt.datetime.fromisoformat(text)
    except (ValueError, TypeError):
        return text
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)


def _is_sealed(row: Mapping[str, Any], seal: Seal) -> bool:
    try:
        return bool(digest_of(seal, row) == row["digest"])
    except (TypeError, ValueError):  # a cell of a type that we never write
        return False


def _details(row: Mapping[str, Any], seal: Seal) -> Any:
    """The details where they are those that were written; else None."""
    try:
        details = json.loads(row["details"])
        return details if seal.digest(canonical(details)) == row["details_digest"] else None
    except (ValueError, TypeError, RecursionError):
        return None


class _Walk:
    """Goes along the chain. It keeps the event before, and what it found."""

    def __init__(self, seal: Seal, anchor: Anchor | None, told: _Told) -> None:
        self.seal = seal
        self.anchor = anchor
        self.told = told
        self.count = 0
        self.first: int | None = None
        self.last = 0
        self.last_sealed = 0
        self.last_digest = START
        self.is_anchored = False
        self._last_is_sealed = True
        self._none_sealed_so_far = True
        self._at_anchor: dict[int, str] = {}
        self._edited: list[Mapping[str, Any]] = []
        self._findings: list[Finding] = []
        self._further = 0

    def find(self, kind: Kind, seq: int | None, detail: str) -> None:
        if len(self._findings) < MOST_FINDINGS:
            self._findings.append(Finding(kind=kind, seq=seq, detail=detail, mend=MENDS[kind]))
        else:
            self._further += 1

    def see(self, row: Mapping[str, Any]) -> None:
        seq = row["seq"] if isinstance(row["seq"], int) else self.last + 1
        sealed = _is_sealed(row, self.seal)
        if sealed and self._none_sealed_so_far:
            self._begin_with_this_key(row, seq)
        if self.first is None:
            self._check_first(row, seq)
        else:
            self._check_link(row, seq, sealed)
        if not sealed:
            self._note_edited(row, seq)
        else:
            self._check_details(row, seq)
            self.last_sealed = seq
        self._note(row, seq, sealed)

    def _begin_with_this_key(self, row: Mapping[str, Any], seq: int) -> None:
        """What came before a restore may be another key's."""
        self._none_sealed_so_far = False
        if self.count and row["action"] == RESTORED:
            self._forget_unsealed()
            detail = (
                f"The events {self.first} to {self.last} are not of this key: event {seq} restored them from a backup"
                " of another installation, or after the key was lost. Whether they were edited cannot be told."
            )
            self.find("other_key", self.first, detail)

    def _check_first(self, row: Mapping[str, Any], seq: int) -> None:
        self.first = seq
        told = self.told
        if seq > told.first_kept:
            detail = f"The log begins at event {seq}; it should begin at {told.first_kept}."
            self.find("front_cut", seq, f"{detail} The events {told.first_kept} to {seq - 1} are gone.")
        elif seq < told.first_kept:
            detail = f"The log begins at event {seq}, though the events before {told.first_kept} were removed by age."
            self.find("front_back", seq, detail)
        elif row["previous"] != told.digest_before and _is_sealed(row, self.seal):
            self.find("not_in_order", seq, f"Event {seq} does not follow the one that was before it.")

    def _check_link(self, row: Mapping[str, Any], seq: int, sealed: bool) -> None:
        if seq > self.last + 1:
            gone = (
                f"event {self.last + 1} is" if seq == self.last + 2 else f"the events {self.last + 1} to {seq - 1} are"
            )
            self.find("deleted", self.last + 1, f"Between {self.last} and {seq}, {gone} gone.")
        elif sealed and self._last_is_sealed and row["previous"] != self.last_digest:
            self.find(
                "not_in_order", seq, f"Event {seq} was written after another event than {self.last} as it is now."
            )

    def _note_edited(self, row: Mapping[str, Any], seq: int) -> None:
        detail = f"Event {seq} is not as this service wrote it, or it never did: {self._misfit(row)} was changed."
        if len(self._edited) < MOST_FINDINGS:
            self._edited.append(row)
        self.find("edited", seq, detail)

    def _misfit(self, row: Mapping[str, Any]) -> str:
        """What does not fit, as far as it can be told."""
        if _is_sealed({**row, "previous": self.last_digest}, self.seal):
            return "its link to the event before"
        try:
            details_digest = self.seal.digest(canonical(json.loads(row["details"])))
            if _is_sealed({**row, "details_digest": details_digest}, self.seal):
                return "the digest of its details"
        except (ValueError, TypeError, RecursionError):
            pass
        return "one of its fields, or its own digest,"

    def _check_details(self, row: Mapping[str, Any], seq: int) -> None:
        if row["details"] is None:
            if not self.told.explains(seq) or str(row["action"]).startswith(KEPT_DETAILS):
                self.find("details_emptied", seq, f"The details of event {seq} are gone, and no erasure says so.")
        elif _details(row, self.seal) is None:
            self.find("details_edited", seq, f"The details of event {seq} are not those that were written.")

    def _note(self, row: Mapping[str, Any], seq: int, sealed: bool) -> None:
        self.count += 1
        self.last, self.last_digest, self._last_is_sealed = seq, row["digest"], sealed
        if self.anchor is not None and seq in (self.anchor.head.seq, self.anchor.previous.seq):
            self._at_anchor[seq] = row["digest"]

    def _forget_unsealed(self) -> None:
        """What was found of events that this key never sealed says nothing of them."""
        self._findings = [finding for finding in self._findings if finding.kind not in NEED_THE_KEY]
        self._further = 0
        self._edited = []

    def end(self) -> None:
        """All events were seen: whether any is of this key, and which only stand at another's place."""
        if self.count and self._none_sealed_so_far:
            self._forget_unsealed()
            self.find("key_wrong", self.first, "No event fits this key: it is probably not the key of this log.")
        self._tell_moved()

    def check_anchor(self) -> None:
        """Whether the log ends where the anchor says."""
        if self.anchor is not None:
            self._check_end(self.anchor)
        elif self.count:
            detail = f"There is no anchor at {self.seal.anchor_file}: it cannot be told whether the log was cut off."
            self.find("anchor_missing", None, detail)

    def _tell_moved(self) -> None:
        """Events that were edited in their number alone."""
        seqs = [row["seq"] for row in self._edited]
        for row in self._edited:
            was = next((seq for seq in seqs if _is_sealed({**row, "seq": seq}, self.seal)), None)
            if was is None:
                continue
            detail = f"What stands as event {row['seq']} was written as event {was}: the order was changed."
            told = Finding(kind="moved", seq=row["seq"], detail=detail, mend=MENDS["moved"])
            self._findings = [told if (f.kind, f.seq) == ("edited", row["seq"]) else f for f in self._findings]

    def _check_end(self, anchor: Anchor) -> None:
        head = anchor.head
        is_pending = not anchor.confirmed and self._has(anchor.previous)
        self.is_anchored = self._has(head) or is_pending
        if not self.is_anchored and self.last < head.seq:
            gone = (
                f"event {head.seq} is" if head.seq == self.last + 1 else f"the events {self.last + 1} to {head.seq} are"
            )
            detail = f"The anchor says that the newest event is {head.seq}; the log ends at {self.last}: {gone} gone."
            self.find("truncated", self.last + 1, detail)
        elif not self.is_anchored:
            self.find("not_anchored", head.seq, f"Event {head.seq} is another one than the anchor saw being written.")
        if anchor.broken is not None:
            lost, at = anchor.broken.lost.seq, anchor.broken.went_on_at
            detail = f"Event {lost} was the newest, and then the log went on at event {at} without it as it was."
            self.find("broken", at, f"{detail} Events were cut off before that, or older data was put in place.")

    def _has(self, head: Head) -> bool:
        """Whether the log holds the event. From before a front that was removed by age, nothing can be told."""
        if head == NO_EVENTS or (self.first is not None and head.seq < self.first):
            return True
        return self._at_anchor.get(head.seq) == head.digest

    def verified(self) -> Verified:
        return Verified(
            events=self.count,
            first=self.first,
            last=self.last or None,
            anchored_since=self.anchor.since if self.anchor else None,
            findings=tuple(self._findings),
            further=self._further,
            notes=tuple(_restored(seq, details) for seq, details in self.told.restored),
        )


def _restored(seq: int, details: Any) -> str:
    before = details.get("head_before") or 0
    return f"Event {seq} put a backup in the place of the log, which had gone on to event {before} before."
