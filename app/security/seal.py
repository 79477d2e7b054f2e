"""The seal of the audit log: the key of its hash chain, and the anchor that holds its head outside the database.

Whoever can write to the database alone can neither make a valid event nor cut the newest ones off unseen. The anchor is
moved twice with each write: before the commit to the coming head, after it to say that it came. A crash between the two
leaves the head unconfirmed, with the one before it beside it: either may be the database's, and no other.
"""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock

from app.domain.problems import Problem

KEY_FILE, ANCHOR_FILE = "audit.key", "audit.anchor"
LEAST_KEY_BYTES = 32
START = "0" * 64
"""What the first event has in the place of the digest of the one before it."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of the chain."""

    seq: int
    digest: str


NO_EVENTS = Head(0, START)


@dataclass(frozen=True, slots=True)
class Anchor:
    """`head` is the newest event. Where it is not `confirmed`, the newest may be the one before, `previous`."""

    head: Head
    previous: Head
    confirmed: bool


class Seal:
    """The key and the anchor of one database's audit log. Neither is made before the first event."""

    def __init__(self, folder: Path, key: str = "", anchor: Path | None = None) -> None:
        self._folder = folder
        self._given = key
        self.anchor_file = anchor or folder / ANCHOR_FILE

    def digest(self, content: bytes) -> str:
        """The HMAC-SHA-256 of the content under the key, in hexadecimal."""
        return hmac.new(self._key, content, hashlib.sha256).hexdigest()

    @property
    def _key(self) -> bytes:
        if self._given:
            return self._given.encode()
        return _key_in(self._folder / KEY_FILE)

    def prepare(self, head: Head, previous: Head) -> None:
        """Say that `head` is about to be committed after `previous`. The caller holds the database's write lock."""
        with self._lock():
            self._write(Anchor(head, previous, confirmed=False))

    def confirm(self, head: Head) -> None:
        """Say that `head` was committed; where another write has moved on already, nothing is said."""
        with self._lock():
            anchor = self.read()
            if anchor is not None and anchor.head == head and not anchor.confirmed:
                self._write(Anchor(head, anchor.previous, confirmed=True))

    def read(self) -> Anchor | None:
        """The anchor; None where there was never an event.

        Raises:
            Problem: the file cannot be read, or is no anchor (`anchor_unreadable`).
        """
        try:
            said = json.loads(self.anchor_file.read_text(encoding="utf-8"))
            return Anchor(Head(**said["head"]), Head(**said["previous"]), confirmed=bool(said["confirmed"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            detail = f"The audit anchor {self.anchor_file} cannot be read; restore it from where you copy it to."
            raise Problem(detail, code="anchor_unreadable", status=500) from error

    def _write(self, anchor: Anchor) -> None:
        """Atomically: a reader sees the old anchor or the new one."""
        part = self.anchor_file.with_name(f".{self.anchor_file.name}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(anchor), file)
        part.replace(self.anchor_file)

    def _lock(self) -> FileLock:
        return FileLock(self.anchor_file.with_name(f"{self.anchor_file.name}.lock"), mode=0o600)


def _key_in(file: Path) -> bytes:
    """The key of the folder, made with the first event. Of several processes one makes it."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        pass
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as made:
        made.write(secrets.token_hex(LEAST_KEY_BYTES).encode())
        made.flush()
        os.fsync(made.fileno())
    try:
        os.link(part, file)
    except FileExistsError:
        pass
    finally:
        part.unlink()
    return file.read_bytes()
