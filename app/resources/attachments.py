"""Files that a caller attaches: read at once by the command that reads files. Only what it read is kept."""

import asyncio
import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO
from uuid import uuid4

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from app.domain.command import Command, Invocation, ReadFile
from app.domain.problems import InvalidArguments, Problem
from app.domain.redact import mask_secrets
from app.domain.syntax.shape import ATTACHMENTS
from app.render.characters import one_line
from app.runtime import Commands, Runtime
from app.security.principals import Principal
from app.store import attachment_rows, audit_log
from app.store.attachment_rows import StoredFile

MOST_FILES = 10
"""Of one message: what one case has of logs, HARs and responses, with room."""

MOST_BYTES = 100 * 1024 * 1024
"""Of one file: room for the log of a bad day. What is larger holds more than a failure, and takes minutes to read."""

READ_SECONDS = 240.0
"""For all files of one upload, the wait for those of others included. A large one takes a minute of a whole core."""

CHUNK_BYTES = 256 * 1024
MOST_NAME = 200
"""Characters of a name that are kept."""


@dataclass(frozen=True, slots=True)
class File:
    """A file on its way in, by the name that its sender gives it."""

    name: str
    content: BinaryIO


class AttachedFile(BaseModel):
    """A file that was read. `bytes`, `lines` and `sha256` are the file's; `read` says what it was read as."""

    model_config = ConfigDict(frozen=True)
    id: str
    name: str
    bytes: int
    lines: int
    sha256: str
    read: str


class AttachedFiles(BaseModel):
    items: list[AttachedFile]


class _Stopped(Exception):
    """Nobody waits for the rest any more."""


async def add(runtime: Runtime, principal: Principal, files: Sequence[File]) -> AttachedFiles:
    """Read the files, and keep what was read, for messages of the caller's that name their ids.

    Raises:
        Forbidden: the role of the command that reads files is above the caller's.
        Problem: no command reads files (`no_files_taken`); there is none, or too many (`no_file`, `too_many_files`);
            one is too large (`file_too_large`); they could not be read in time (`reading_too_slow`).
    """
    command = reading_command(runtime.commands)
    principal.require(command.role, "Attaching a file")
    _require_few(files)
    stop = threading.Event()
    try:
        async with asyncio.timeout(READ_SECONDS), runtime.reading:
            read = await asyncio.to_thread(lambda: [_read(command, file, stop) for file in files])
    except TimeoutError:
        raise Problem(
            f"The files could not be read within {READ_SECONDS:.0f} s. Attach fewer, or the part that matters.",
            code="reading_too_slow",
            status=503,
        ) from None
    finally:
        stop.set()
    await runtime.store.write(_keep, runtime, principal, [stored for stored, _ in read])
    return AttachedFiles(items=[_told(stored, content) for stored, content in read])


def reading_command(commands: Commands) -> Command[Any]:
    """The command that reads files.

    Raises:
        Problem: there is none (`no_files_taken`).
    """
    found = next((command for command in commands.values() if takes_files(command)), None)
    if found is None:
        raise Problem("No command of this service takes files.", code="no_files_taken", status=422)
    return found


def takes_files(command: Command[Any]) -> bool:
    return type(command).reads is not None and ATTACHMENTS in type(command).args.model_fields


def with_files(commands: Commands, invocation: Invocation, ids: Sequence[str]) -> Invocation:
    """The invocation with these files behind those that it has already.

    Raises:
        InvalidArguments: its command takes no files (`no_files_taken`), or not so many (`too_many_files`).
    """
    if not ids:
        return invocation
    command = commands.get(invocation.command)
    if command is None or not takes_files(command):
        raise no_files_taken(invocation.command, commands)
    before = invocation.arguments.get(ATTACHMENTS, ())
    typed = before.replace(",", " ").split() if isinstance(before, str) else before
    both = tuple(dict.fromkeys((*typed, *ids)))
    _require_few(both)
    return replace(invocation, arguments={**invocation.arguments, ATTACHMENTS: both})


def no_files_taken(name: str, commands: Commands) -> InvalidArguments:
    """The error that a command takes no files, and which does."""
    other = next((f" /{each.name} does." for each in commands.values() if takes_files(each)), "")
    return InvalidArguments(f"/{name} takes no files.{other}", code="no_files_taken")


def read_files(
    conn: Connection, principal: Principal, command: Command[Any], ids: Sequence[str]
) -> tuple[ReadFile, ...]:
    """What the command read of the caller's files, in the order of `ids`.

    Raises:
        Problem: `attachment_not_found`; `too_many_files`; it was read by another release (`attachment_outdated`).
    """
    model = type(command).reads
    if not ids or model is None:
        return ()
    _require_few(ids)
    contents = attachment_rows.contents(conn, principal.key_id, command.name, ids)
    try:
        return tuple(model.model_validate(each) for each in contents)
    except ValueError:
        detail = "A file was read by another release of the service, which told it in another way. Attach it again."
        raise Problem(detail, code="attachment_outdated", status=409) from None


def _require_few(files: Sequence[File] | Sequence[str]) -> None:
    if not files:
        raise InvalidArguments("There is no file to attach.", code="no_file")
    if len(files) > MOST_FILES:
        detail = f"These are {len(files)} files; a message takes {MOST_FILES} at most. Attach those that matter."
        raise Problem(detail, code="too_many_files", status=413)


def _keep(conn: Connection, runtime: Runtime, principal: Principal, files: Sequence[StoredFile]) -> None:
    now = runtime.clock()
    for file in files:
        attachment_rows.add(conn, principal.key_id, file, now)
    details = {"files": [{"id": file.id, "sha256": file.sha256, "bytes": file.bytes} for file in files]}
    audit_log.record(conn, principal, audit_log.Event("attachment.read", details=details), now)


def _told(file: StoredFile, read: ReadFile) -> AttachedFile:
    return AttachedFile(
        id=file.id,
        name=file.name,
        bytes=file.bytes,
        lines=file.lines,
        sha256=file.sha256,
        read=one_line(read.summary),
    )


def _read(command: Command[Any], file: File, stop: threading.Event) -> tuple[StoredFile, ReadFile]:
    """Read one file to its end, however much of it the command wants.

    Raises:
        Problem: it is too large (`file_too_large`).
        _Stopped: nobody waits any more.
    """
    name = _name(file.name)
    if file.content.seekable():
        size = file.content.seek(0, os.SEEK_END)
        file.content.seek(0)
        _require_small(name, size)
    stream = _Stream(name, file.content, stop)
    chunks = stream.chunks()
    read = command.read(name, chunks)
    for _ in chunks:
        pass
    _require_small(name, stream.bytes)
    stored = StoredFile(
        id=f"att_{uuid4().hex}",
        command=command.name,
        name=name,
        sha256=stream.sha256.hexdigest(),
        bytes=stream.bytes,
        lines=stream.lines,
        content=read.model_dump(mode="json"),
    )
    return stored, read


class _Stream:
    """A file's content in chunks, counted on its way; the last line counts with or without an end."""

    def __init__(self, name: str, content: BinaryIO, stop: threading.Event) -> None:
        self._name = name
        self._content = content
        self._stop = stop
        self.bytes = 0
        self.lines = 0
        self.sha256 = hashlib.sha256()

    def chunks(self) -> Iterator[bytes]:
        last = b"\n"
        while chunk := self._content.read(CHUNK_BYTES):
            if self._stop.is_set():
                raise _Stopped
            self.bytes += len(chunk)
            _require_small(self._name, self.bytes)
            self.lines += chunk.count(b"\n")
            self.sha256.update(chunk)
            last = chunk
            yield chunk
        self.lines += not last.endswith(b"\n")


def _require_small(name: str, size: int) -> None:
    if size > MOST_BYTES:
        raise Problem(
            f"{name} has more than the {MOST_BYTES / 1024**2:.0f} MB that a file may have. "
            "Attach the part around the failure.",
            code="file_too_large",
            status=413,
        )


def _name(given: str) -> str:
    """The file's own name: no folders, nothing invisible, no secrets."""
    own = one_line(given.replace("\\", "/").rpartition("/")[2])
    return mask_secrets(own)[:MOST_NAME].strip() or "file"
