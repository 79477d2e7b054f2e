"""What a command is: pure, says what data it needs, and returns a report and the effects it wants."""

import datetime as dt
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from app.domain.blocks import Block, Citation, Question
from app.domain.effects import Effect
from app.domain.figures import Figure
from app.domain.parameters import Parameters
from app.domain.snapshot import AccountSnapshot, FeedbackBook, PeerTicket, PortfolioSnapshot

Role = Literal["viewer", "cse", "manager", "admin"]
Audience = Literal["internal", "customer"]


class Args(BaseModel):
    """A command's arguments. Three fields have a meaning of their own, where a command declares them:

    `account` takes the account's id once it was found by id, name or alias; `action` is the subcommand, a Literal;
    a field marked `raw_text()` takes all the text after the account as it stands.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


def raw_text(description: str, default: Any = ...) -> Any:
    """A field that takes the rest of the message verbatim: `=`, `-H` and `?` in it are not parsed."""
    return Field(default, description=description, json_schema_extra={"raw": True})


def free_words(description: str, default: Any = None) -> Any:
    """A field that takes the words of the message that are neither account, subcommand nor key=value."""
    return Field(default, description=description, json_schema_extra={"words": True})


@dataclass(frozen=True, slots=True)
class Needs:
    """The data a command asks for. Everything comes within the caller's scope."""

    account: str | None = None  # an account id
    portfolio: bool = False
    feedback: bool = False
    peers: bool = False  # open tickets of other accounts
    knowledge: str | None = None  # a query to the knowledge base


@dataclass(frozen=True, slots=True)
class Context:
    """All that a command may look at. `turn_id` gives new records their id."""

    turn_id: str
    now: dt.datetime
    as_of: dt.date
    version: int
    timezone: ZoneInfo
    currency: str
    audience: Audience
    parameters: Parameters
    account: AccountSnapshot | None = None
    portfolio: PortfolioSnapshot | None = None
    feedback: FeedbackBook | None = None
    peers: tuple[PeerTicket, ...] = ()
    passages: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """An answer: typed data for programs, blocks for people, and every figure that either states."""

    data: BaseModel
    blocks: tuple[Block, ...]
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A command's result. A `question` asks for missing input; the report says what is known so far."""

    report: Report
    effects: tuple[Effect, ...] = ()
    question: Question | None = None


ArgsT = TypeVar("ArgsT", bound=Args)


class Command(ABC, Generic[ArgsT]):
    """A slash-command. Found by the runtime as the `COMMAND` of a module in `tools/`.

    `role` is the least role that may run it; its effects are checked on their own. Parameters are read from
    `tools/<name>.yaml` and given in the context. `asked_as` are questions in plain words that it answers, about an
    account called acme; `writes` are the subcommands that write, which only a typed command reaches.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    examples: ClassVar[tuple[str, ...]]
    asked_as: ClassVar[tuple[str, ...]] = ()
    writes: ClassVar[frozenset[str]] = frozenset()
    role: ClassVar[Role] = "viewer"
    args: ClassVar[type[Args]]
    data: ClassVar[type[BaseModel]]
    parameters: ClassVar[type[Parameters]] = Parameters

    @abstractmethod
    def needs(self, args: ArgsT) -> Needs:
        """The data that `run` will look at."""

    @abstractmethod
    def run(self, ctx: Context, args: ArgsT) -> Outcome:
        """Compute the answer. Pure: the same context and arguments give the same outcome.

        Raises:
            Problem: the arguments make no sense together.
        """


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command that a user typed or called: which, about which account (its id), with which arguments."""

    command: str
    account: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    as_of: dt.date | None = None

    def dated(self, as_of: dt.date | None) -> "Invocation":
        """The same as of that day, unless it names its own."""
        return replace(self, as_of=self.as_of or as_of)
