"""What a command is: pure, says what data it needs, and returns a report and the effects it wants."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Generic, Literal, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from app.domain.blocks import Block, Citation, Question
from app.domain.disclosure import DisclosureRules
from app.domain.effects import Effect
from app.domain.figures import Figure
from app.domain.parameters import Parameters
from app.domain.periods import Period, PeriodQuery
from app.domain.records import Contact, Record
from app.domain.snapshot import (
    AccountSnapshot,
    ArticleEntry,
    DailyUsage,
    EscalationBook,
    Exposure,
    ExposureQuery,
    FeatureDays,
    FeedbackBook,
    FirstUse,
    PeerTicket,
    PortfolioSnapshot,
    ShippedQuery,
    Voice,
)

Role = Literal["viewer", "cse", "manager", "admin"]
Audience = Literal["internal", "customer"]
LastContact = Literal["last_contact"]
WantedDay = dt.date | int | LastContact
"""A day; so many days before the answer's; or the day of the account's last conversation before it."""

RecordT = TypeVar("RecordT", bound=Record)


class Args(BaseModel):
    """A command's arguments. Four fields have a meaning of their own, where a command declares them:

    `account` takes the account's id once it was found by id, name or alias; `action` is the subcommand, a Literal;
    a field marked `raw_text()` takes all the text after the account as it stands; `attachments` takes the ids of the
    caller's files, of a command that reads files.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


def raw_text(description: str, default: Any = ..., actions: tuple[str, ...] = (), *, about_account: bool = True) -> Any:
    """A field that takes the rest of the message verbatim: `=`, `-H` and `?` in it are not parsed.

    `actions` are the subcommands that have such a text, "" for the command without one; none given: all of them.
    Others may have a raw field of their own. Where some have it, the text is about an account, unless `about_account`
    says that it may do without.
    """
    marks: dict[str, Any] = {"raw": list(actions) or True, "about_account": about_account}
    return Field(default, description=description, json_schema_extra=marks)


def free_words(description: str, default: Any = None, actions: tuple[str, ...] = ()) -> Any:
    """A field that takes the words of the message that are neither account, subcommand nor key=value.

    `actions` are the subcommands that take such words, "" for the command without one; none given: all of them.
    """
    return Field(default, description=description, json_schema_extra={"words": list(actions) or True})


class ReadFile(BaseModel):
    """What a command read of a file."""

    @property
    def summary(self) -> str:
        """What it was read as, in a few words such as "log, stack trace"; "" where that cannot be said."""
        return ""


@dataclass(frozen=True, slots=True)
class Needs:
    """The data a command asks for. Everything comes within the caller's scope.

    `as_of` is the day to answer for where the user names none; `today` makes it today, however far the feeds reach.
    `days` are further days on which the account, or the portfolio, and the parameters are wanted. Escalations are
    written down here and not fed: they are as of the day that the user names, else of today.

    `records` are all records of these types, of the account where one is named, else of all within the scope; those
    dated facts only that are not older than `records_since` days before as_of. What belongs to no account comes too,
    `RampSignoff` to callers of the whole portfolio alone. Usage and feedback have fields of their own.
    """

    account: str | None = None  # an account id
    account_of: str | None = None  # an escalation's or ticket's id: its account is wanted where `account` names none
    portfolio: bool = False
    family: bool = False  # the accounts below `account`, where it is a parent
    feedback: bool = False
    peers: bool = False  # open tickets of other accounts
    escalations: bool = False
    exposure: ExposureQuery | None = None  # who used a part of the product in a window
    shipped: ShippedQuery | None = None  # an item, its accounts as the portfolio, their people and use; with feedback
    records: tuple[type[Record], ...] = ()
    records_since: int | None = None
    daily: bool = False  # every day of the account's use, and of its use of features
    month_to_date: bool = False  # API calls of the portfolio from the first of as_of's month on
    first_use: bool = False  # when each account of the portfolio, or the one account, first used the product
    periods: tuple[PeriodQuery, ...] = ()  # the account, or the portfolio, before and at the end of these periods
    articles: bool = False  # what the knowledge base holds
    parameters_of: tuple[str, ...] = ()  # other commands, whose parameters are wanted too
    attachments: tuple[str, ...] = ()  # ids of the caller's files, as the command read them
    voices_since: dt.date | int | None = None  # what customers said from that day on; so many days before as_of
    knowledge: str | None = None  # a query to the knowledge base
    as_of: dt.date | None = None
    today: bool = False
    days: tuple[WantedDay, ...] = ()


@dataclass(frozen=True, slots=True)
class OnDay:
    """The same data as of another day, and the command's parameters that were in force then."""

    as_of: dt.date
    parameters: Parameters
    account: AccountSnapshot | None = None
    portfolio: PortfolioSnapshot | None = None
    others: Mapping[str, Parameters] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OnPeriod:
    """A period with the data as of the day before it (None: before any data) and as of its last day.

    Of a period that still runs the last day is as_of.
    """

    period: Period
    before: OnDay | None
    end: OnDay


@dataclass(frozen=True, slots=True)
class Listing(Generic[RecordT]):
    """Records of one type: facts by account and day, or state by key; `effective_on` dates each row of state."""

    records: tuple[RecordT, ...] = ()
    effective_on: tuple[dt.date, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """All that a command may look at.

    `turn_id` gives new records their id, `actor` is who asks. `typed` says that a person gave the command: effects of
    any other are refused; so are those of one whose role may not write (`may_write`). `sees_people` says that the
    caller's role works with customers' people: others get no names and nothing of one person. `days` holds what was
    needed for further days, as `Needs` named them; a last conversation that never was is not among them. `disclosure`
    says what a customer may read. `fiscal_start` is the month in which the fiscal year begins; `others` holds the
    parameters of the other commands that were named. A period `back` that ended before any data is not among `periods`.
    """

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
    family: PortfolioSnapshot | None = None
    feedback: FeedbackBook | None = None
    peers: tuple[PeerTicket, ...] = ()
    escalations: EscalationBook | None = None
    exposure: Exposure | None = None
    voices: tuple[Voice, ...] = ()
    listings: Mapping[type[Record], Listing[Any]] = field(default_factory=dict)
    daily: DailyUsage | None = None
    feature_days: FeatureDays | None = None
    month_to_date: Exposure | None = None
    first_use: FirstUse | None = None
    periods: Mapping[PeriodQuery, OnPeriod] = field(default_factory=dict)
    articles: tuple[ArticleEntry, ...] = ()
    attachments: tuple[ReadFile, ...] = ()  # in the order in which `Needs` named them
    others: Mapping[str, Parameters] = field(default_factory=dict)
    fiscal_start: int = 1
    contacts: tuple[Contact, ...] = ()  # people at the accounts of the item that shipped
    days: Mapping[WantedDay, OnDay] = field(default_factory=dict)
    actor: str = ""
    typed: bool = False
    may_write: bool = False
    sees_people: bool = False
    passages: tuple[Citation, ...] = ()
    disclosure: DisclosureRules | None = None

    def listing(self, record_type: type[RecordT]) -> Listing[RecordT]:
        """The records of a type that `Needs.records` named."""
        return self.listings[record_type]


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
    account called acme, and `subcommands_asked_as` those that a subcommand answers; `writes` are the subcommands that
    write, which only a typed command reaches. `document_title` is what slides and PDFs of its answers are called, to
    customers too. `reads` is what a file becomes, of a command that reads files; see `read`.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    examples: ClassVar[tuple[str, ...]]
    asked_as: ClassVar[tuple[str, ...]] = ()
    subcommands_asked_as: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    writes: ClassVar[frozenset[str]] = frozenset()
    document_title: ClassVar[str] = ""
    role: ClassVar[Role] = "viewer"
    args: ClassVar[type[Args]]
    data: ClassVar[type[BaseModel]]
    parameters: ClassVar[type[Parameters]] = Parameters
    reads: ClassVar[type[ReadFile] | None] = None

    def read(self, name: str, chunks: Iterable[bytes]) -> ReadFile:
        """What a file says, as a `reads`: without secrets, and of a bounded size whatever the file's. Pure.

        Raises:
            NotImplementedError: the command reads no files.
        """
        raise NotImplementedError(f"/{self.name} reads no files")

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
