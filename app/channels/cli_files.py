"""Files and standard input of `cse ask`."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from app.domain.problems import InvalidArguments, Problem
from app.resources import attachments
from app.runtime import Runtime
from app.security.principals import LOCAL

STDIN = "-"


def require_stdin_once(names: Sequence[str]) -> None:
    """
    Raises:
        InvalidArguments: several things are to be read from standard input.
    """
    if names.count(STDIN) > 1:
        raise InvalidArguments("Standard input can be read once: as the text, or as one file.", code="stdin_twice")


def stdin_text(most_bytes: int) -> str:
    """What stands in standard input, up to a byte more than a message may have: that is told where it is sent."""
    return sys.stdin.buffer.read(most_bytes + 1).decode(errors="replace")


async def attach(runtime: Runtime, names: Sequence[str]) -> tuple[str, ...]:
    """Read the files, `-` from standard input; their ids.

    Raises:
        Problem: one cannot be opened (`file_not_found`), or as `attachments.add`.
    """
    if not names:
        return ()
    with ExitStack() as opened:
        files = [attachments.File(*_opened(name, opened)) for name in names]
        return tuple(each.id for each in (await attachments.add(runtime, LOCAL, files)).items)


def _opened(name: str, opened: ExitStack) -> tuple[str, BinaryIO]:
    if name == STDIN:
        return "stdin", sys.stdin.buffer
    try:
        return name, opened.enter_context(Path(name).open("rb"))
    except OSError as error:
        raise Problem(f"{name} cannot be read: {error.strerror}.", code="file_not_found") from None
