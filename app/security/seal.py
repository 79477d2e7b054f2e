"""The seal of the audit log: the key of its hash chain, and the anchor that holds its head outside the database.

Whoever can write to the database alone can neither make a valid event nor cut the newest ones off unseen. The anchor is
moved twice with each write: before the commit to the coming head, after it to say that it came. A crash between the two
leaves the head unconfirmed, with the one before it beside it: either may be the database's, and no other.

The anchor is one disk sector, written in place and not synced: a power cut leaves the old one or the new one, whole. An
event is synced before its anchor is confirmed, so an anchor can only ever fall behind the log, and it is moved on then.
"""

import hashlib
import hmac
import json
import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from app.domain.problems import Problem

KEY_FILE, ANCHOR_FILE = "audit.key", "audit.anchor"
LEAST_KEY_BYTES = 32
ANCHOR_BYTES = 512
LOCK_SECONDS = 5
POLL_SECONDS = 0.002
TRIES_TO_READ = 3
START = "0" * 64
"""What the first event has in the place of the digest of the one before it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of the chain."""

    seq: int
    digest: str


NO_EVENTS = Head(0, START)


@dataclass(frozen=True, slots=True)
class Break:
    """The log went on at the event `went_on_at` without the one that had been its newest."""

    lost: Head
    went_on_at: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """`head` is the newest event. Where it is not `confirmed`, the newest may be the one before, `previous`.

    `since` is the first event that this anchor was moved to. `broken` is the first break that it saw.
    """

    head: Head
    previous: Head
    confirmed: bool
    since: int
    broken: Break | None = None


class AnchorUnusable(Problem):
    """The anchor cannot be read or moved. Nothing is done that cannot be audited."""

    code = "audit_anchor_unusable"
    status = 503


class KeyUnusable(Problem):
    """The key of the audit log is not there, cannot be read, or is another than the log's."""

    code = "audit_key_unusable"
    status = 503


class Seal:
    """The key and the anchor of one database's audit log. Neither is made before the first event.

    `fits` says that the key was seen to be the log's.
    """

    def __init__(self, folder: Path, key: str = "", anchor: Path | None = None) -> None:
        self.key_file = None if key else folder / KEY_FILE
        self.anchor_file = anchor or folder / ANCHOR_FILE
        self.fits = False
        self._key = key.encode()
        self._one_at_a_time = threading.Lock()
        lock_file = self.anchor_file.with_name(f"{self.anchor_file.name}.lock")
        self._lock = FileLock(lock_file, mode=0o600, thread_local=False, poll_interval=POLL_SECONDS)

    def has_key(self) -> bool:
        """Whether there is a key already."""
        return self.key_file is None or self.key_file.exists()

    def digest(self, content: bytes) -> str:
        """The HMAC-SHA-256 of the content under the key, in hexadecimal. A key is made where there is none.

        Raises:
            KeyUnusable: the key file cannot be read or made, or holds too little.
        """
        if not self._key and self.key_file is not None:
            self._key = _key_in(self.key_file)
        return hmac.new(self._key, content, hashlib.sha256).hexdigest()

    def prepare(self, head: Head, before: Head, holds: Callable[[Head], bool], *, anew: bool = False) -> None:
        """Say that `head` is about to be committed after `before`. The caller holds the database's write lock.

        `holds` says whether the log holds an event; where it lacks the newest one, the break is noted for good. `anew`
        takes the log as it is, as a restore does.

        Raises:
            AnchorUnusable: the anchor cannot be read or written.
        """
        with self._locked():
            old = None if anew else self.read()
            if old is None:
                self._write(Anchor(head, before, confirmed=False, since=head.seq))
                return
            broken = old.broken
            if broken is None and not follows(old, before, holds):
                broken = Break(old.head, head.seq)
            self._write(Anchor(head, before, confirmed=False, since=old.since, broken=broken))

    def confirm(self, head: Head) -> None:
        """Say that `head` was committed; where another write has moved on already, nothing is said.

        Where it fails the head stays unconfirmed: the write itself was done.
        """
        try:
            with self._locked():
                old = self.read()
                if old is not None and old.head == head and not old.confirmed:
                    self._write(Anchor(head, old.previous, confirmed=True, since=old.since, broken=old.broken))
        except AnchorUnusable as problem:
            log.warning("%s", problem.detail)

    def follow(self, newest: Head, holds: Callable[[Head], bool]) -> None:
        """Move on to what others wrote, and settle what a crash left open. The caller holds the database's write lock.

        Raises:
            AnchorUnusable: the anchor cannot be read or written.
        """
        old = self.read()
        if old is None or (old.head == newest and old.confirmed) or not follows(old, newest, holds):
            return
        with self._locked():
            self._write(Anchor(newest, newest, confirmed=True, since=old.since, broken=old.broken))

    def read(self) -> Anchor | None:
        """The anchor; None where there is none.

        Raises:
            AnchorUnusable: the file cannot be read, or is no anchor.
        """
        try:
            return self._read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable("read", error.strerror) from error
        except (ValueError, TypeError, KeyError) as error:
            raise self._unusable("read", "it is no anchor") from error

    def _read(self) -> Anchor:
        """A read beside a write may see half of it, for a microsecond."""
        for _ in range(TRIES_TO_READ - 1):
            try:
                return _anchor(self.anchor_file.read_bytes())
            except (ValueError, TypeError, KeyError):
                continue
        return _anchor(self.anchor_file.read_bytes())

    def _write(self, anchor: Anchor) -> None:
        content = json.dumps(asdict(anchor), separators=(",", ":")).encode().ljust(ANCHOR_BYTES - 1) + b"\n"
        try:
            with self.anchor_file.open("r+b", buffering=0) as file:
                file.write(content)
        except FileNotFoundError:
            _make(self.anchor_file, content)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One at a time, of all processes."""
        folder = self.anchor_file.parent
        if not folder.is_dir():  # the lock would make it, also where a disk is not mounted
            raise self._unusable("written", f"there is no folder {folder}")
        try:
            with self._one_at_a_time, self._lock.acquire(timeout=LOCK_SECONDS):
                yield
        except Timeout:
            raise self._unusable("written", "another process holds it") from None
        except OSError as error:
            raise self._unusable("written", error.strerror) from error

    def _unusable(self, done: str, why: str | None) -> AnchorUnusable:
        return AnchorUnusable(
            f"Nothing was changed: the audit anchor {self.anchor_file} cannot be {done} ({why})."
            " Mend it or CSE_AUDIT_ANCHOR, then try again; `cse doctor` checks it."
        )


def follows(anchor: Anchor, newest: Head, holds: Callable[[Head], bool]) -> bool:
    """Whether a log that ends with `newest` has lost nothing that the anchor knows of."""
    known = (anchor.head,) if anchor.confirmed else (anchor.head, anchor.previous)
    return newest in known or any(holds(head) for head in known)


def _anchor(content: bytes) -> Anchor:
    said = json.loads(content)
    broken = said["broken"]
    return Anchor(
        head=Head(**said["head"]),
        previous=Head(**said["previous"]),
        confirmed=bool(said["confirmed"]),
        since=int(said["since"]),
        broken=Break(Head(**broken["lost"]), int(broken["went_on_at"])) if broken else None,
    )


def _key_in(file: Path) -> bytes:
    """The key of the folder, made with the first event. Of several processes one makes it."""
    try:
        if not file.exists():
            _make(file, secrets.token_hex(LEAST_KEY_BYTES).encode())
        key = file.read_bytes().strip()
    except OSError as error:
        detail = f"The audit key {file} cannot be read or made ({error.strerror}); mend it, or set CSE_AUDIT_KEY."
        raise KeyUnusable(detail) from error
    if len(key) < LEAST_KEY_BYTES:
        raise KeyUnusable(
            f"The audit key {file} is shorter than {LEAST_KEY_BYTES} bytes; put the one back that it was."
        )
    return key


def _make(file: Path, content: bytes) -> None:
    """Make a file that is whole and on the disk when it has its name; one that is there meanwhile stays."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as made:
            made.write(content)
            made.flush()
            os.fsync(made.fileno())
        try:
            os.link(part, file)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
