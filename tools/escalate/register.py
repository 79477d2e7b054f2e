"""Escalations on record: each with its account, updates and clocks, and the one that is meant."""

import datetime as dt
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.command import Context
from app.domain.figures import Evidence, Figure, Text, account_figure, text
from app.domain.problems import InvalidArguments, NotFound
from app.domain.records import Account, Escalation, EscalationUpdate
from app.domain.snapshot import EscalationBook
from tools.escalate.arguments import EscalateArgs
from tools.escalate.clocks import Clocks, clock_of, clocks, duration
from tools.escalate.parameters import EscalateParameters

ID_PREFIX = "esc-"

LIKE_AN_ID = 0.8
"""From this likeness on (difflib's ratio, 0 to 1) a word is a misspelt id, not the start of what is said."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An escalation with what is known of it. `arr` is its account's, None where unknown."""

    escalation: Escalation
    account: Account
    updates: tuple[EscalationUpdate, ...]
    arr: float | None
    currency: str
    clocks: Clocks

    @property
    def id(self) -> str:
        return self.escalation.id

    @property
    def is_open(self) -> bool:
        """Not closed: being worked on, or fixed and not verified yet."""
        return self.escalation.closed_at is None


@dataclass(frozen=True, slots=True)
class Meant:
    """The escalation that is meant, and the text that was said with it."""

    entry: Entry
    text: str


_FITS: Mapping[str, Callable[[Entry], bool]] = {
    "resolve": lambda entry: entry.clocks.state == "open",
    "check": lambda entry: entry.clocks.state == "resolved",
    "close": lambda entry: entry.clocks.state == "resolved",
    "reopen": lambda entry: True,
    "postmortem": lambda entry: True,
}
"""Which of an account's escalations an action may mean; of the others those that are open."""


def book_of(ctx: Context) -> EscalationBook:
    if ctx.escalations is None:
        raise TypeError("/escalate needs the escalations in its context")
    return ctx.escalations


def entries(ctx: Context, parameters: EscalateParameters) -> tuple[Entry, ...]:
    """All escalations within the caller's scope, newest first."""
    book = book_of(ctx)
    at = clock_of(ctx, book)
    return tuple(entry_of(escalation, book, at, ctx.currency, parameters) for escalation in book.escalations)


def entry_of(
    escalation: Escalation, book: EscalationBook, at: dt.datetime, currency: str, parameters: EscalateParameters
) -> Entry:
    updates, account = book.updates.get(escalation.id, ()), book.accounts[escalation.account_id]
    return Entry(
        escalation=escalation,
        account=account,
        updates=updates,
        arr=book.arr.get(account.id),
        currency=account.currency or currency,
        clocks=clocks(escalation, updates, at, parameters),
    )


def find(args: EscalateArgs, every: tuple[Entry, ...], account_name: str | None) -> Meant | tuple[Entry, ...]:
    """The escalation that is meant; or those that it may be, where that is not certain.

    It is named by its id or its ticket's: as `escalation`, or as the first word of the text. With an account alone it
    is the account's one escalation in the state that the action is for.

    Raises:
        NotFound: none of those that the caller may see has this id; or the account has none (`escalation_not_found`).
    """
    mine = tuple(entry for entry in every if args.account in (None, entry.account.id))
    said = (args.text or "").strip()
    first, rest = _first_word(said)
    if args.escalation is not None:
        named = _named(args.escalation, mine)
        if named is None:
            raise not_found(args.escalation, every)
        return Meant(named, rest if _named(first, (named,)) else said)
    if first and (named := _named(first, mine)):
        return Meant(named, rest)
    if first.lower().startswith(ID_PREFIX) or _like(first, mine):
        raise not_found(first, every)
    still = tuple(entry for entry in mine if entry.is_open)
    fit = _FITS.get(args.action or "")
    fits = tuple(entry for entry in mine if fit(entry)) if fit else still
    if args.account is None:
        return fits or still
    if not mine:
        raise NotFound(
            f"{account_name or args.account} has no escalation on record. /escalate {args.account} … opens one.",
            code="escalation_not_found",
        )
    likely = fits or still or mine
    return Meant(likely[0], said) if len(likely) == 1 else likely


def _first_word(text: str) -> tuple[str, str]:
    """The first word, without the punctuation after it, and the rest as it stands."""
    first, *rest = text.split(maxsplit=1) or [""]
    return first.rstrip(":,;."), "".join(rest)


def not_found(named: str, among: tuple[Entry, ...]) -> NotFound:
    """That none has this id, with those that are written like it."""
    like = _like(named, among)
    meant = f" Did you mean {' or '.join(like)}?" if like else ""
    return NotFound(
        f"There is no escalation “{named}” among those you may see.{meant} /escalate list shows them.",
        code="escalation_not_found",
    )


def _like(written: str, among: tuple[Entry, ...]) -> list[str]:
    """The ids, of escalations and their tickets, that are spelt nearly so."""
    if not any(character in written for character in "-_0123456789"):
        return []
    ids = [name for entry in among for name in (entry.id, entry.escalation.ticket_id) if name]
    near = {name.casefold(): name for name in ids}
    return [near[each] for each in difflib.get_close_matches(written[:100].casefold(), near, 2, LIKE_AN_ID)]


def _named(written: str, among: tuple[Entry, ...]) -> Entry | None:
    """The escalation of that id; else of that ticket: an open one first, then the newest."""
    wanted = written.casefold()
    by_id = next((entry for entry in among if entry.id.casefold() == wanted), None)
    of_ticket = [entry for entry in among if (entry.escalation.ticket_id or "").casefold() == wanted]
    return by_id or next((entry for entry in of_ticket if entry.is_open), of_ticket[0] if of_ticket else None)


def require_live(ctx: Context) -> None:
    """Let pass only what is about today: what is written is written now.

    Raises:
        InvalidArguments: a day that is over is named.
    """
    if book_of(ctx).as_of < ctx.now.astimezone(ctx.timezone).date():
        raise InvalidArguments(
            "What is written about an escalation is written now: leave as_of out.", invalid=["as_of"]
        )


def moment(at: dt.datetime, ctx: Context) -> str:
    """An instant in the deployment's zone, to the minute."""
    return f"{at.astimezone(ctx.timezone):%Y-%m-%d %H:%M %Z}"


def age_figure(entry: Entry, as_of: dt.date) -> Figure:
    rule = "from the opening to the close; while it is open, to the time of the answer"
    return figure(entry, as_of, "age", "Age", *duration(entry.clocks.age_hours), rule)


def age_text(entry: Entry, as_of: dt.date) -> Text:
    """The age with its unit."""
    age = age_figure(entry, as_of)
    return text(age, f" {age.unit}")


def arr_figure(entry: Entry, as_of: dt.date) -> Figure:
    evidence = (Evidence(kind="accounts", id=entry.account.id),)
    rule = "the ARR of the escalation's account"
    return _figure(entry, as_of, "arr", "ARR", entry.arr, entry.currency, rule, evidence)


def figure(entry: Entry, as_of: dt.date, name: str, label: str, value: float | None, unit: str, rule: str) -> Figure:
    """A figure of an escalation; the escalation's record is its evidence."""
    opened = entry.escalation.opened_at.date()
    return _figure(
        entry, as_of, name, label, value, unit, rule, (Evidence(kind="escalations", id=entry.id, date=opened),)
    )


def _figure(
    entry: Entry,
    as_of: dt.date,
    name: str,
    label: str,
    value: float | None,
    unit: str,
    rule: str,
    evidence: tuple[Evidence, ...],
) -> Figure:
    key = f"escalation.{entry.id}.{name}"
    return account_figure(entry.account.id, as_of, key, label, value, unit, rule, evidence)
