"""A chain of exceptions as a program prints it: one led to the next. From it the stack trace is made."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.troubleshoot.facts.base import LONGEST_TEXT, MOST_LISTED
from tools.troubleshoot.facts.programs import Frame, Language, StackTrace

LONGEST_LINE = 2_000
"""Characters of a line that are looked at."""

CUT_SHORT = "The stack trace ends before it names its exception."


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception and its own frames, the innermost last. `direct`: the one before it in the chain was caused by it.

    Python's "during handling of" is no direct cause: there the later exception is an error of its own.
    """

    exception: str
    message: str
    frames: tuple[Frame, ...] = ()
    direct: bool = True

    @property
    def words(self) -> str:
        """As it is written: type and message."""
        return f"{self.exception}: {self.message}" if self.message else self.exception


@dataclass(frozen=True, slots=True)
class Read:
    """A stack trace and the lines that it takes, counted from 0, both included."""

    first: int
    last: int
    trace: StackTrace

    @property
    def notes(self) -> tuple[str, ...]:
        return () if self.trace.exception else (CUT_SHORT,)


def trace_of(language: Language, chain: Sequence[Raised]) -> StackTrace:
    """The trace of a chain, the exception that came out first, what led to it after it."""
    return StackTrace(
        language=language,
        exception=chain[0].exception[:300],
        message=chain[0].message[:LONGEST_TEXT],
        frames=_frames(chain),
        causes=tuple(each.words[:LONGEST_TEXT] for each in chain[1:][-MOST_LISTED:]),
    )


def _frames(chain: Sequence[Raised]) -> tuple[Frame, ...]:
    """The innermost frames down to the root: those of each exception, then those of its direct cause."""
    frames = list(chain[0].frames)
    for each in chain[1:]:
        if not each.direct:
            break
        frames.extend(each.frames)
    return tuple(frames[-MOST_LISTED:])
