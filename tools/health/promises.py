"""Open promises in the answers of /health: what was promised, whose it is, and how long it has or is over."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.domain.blocks import Block, Column, Heading, Notice, Table
from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure, Text, account_figure, text
from app.domain.promises import Promise, Side, open_promises
from app.domain.snapshot import PortfolioSnapshot
from tools.health.data import PromiseData
from tools.health.totals import TotalFigures
from tools.health.wording import counted

MOST_SHOWN = 5
"""Of more overdue promises so many are shown at once; the others are folded."""

MOST_TOLD = 50
"""Of more overdue promises only the number is told."""

MOST_CHARACTERS = 160
"""What was promised is told to this length."""

OURS: tuple[Side, ...] = ("us", "unknown")
"""A promise that nobody is known to have given is told among ours: it may be."""

_SIDES: Mapping[Side, str] = {"us": "us", "customer": "customer", "unknown": "unknown whose"}


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise with its figures. Without a due day there are none."""

    promise: Promise
    due: Figure | None
    days: Figure | None
    working: Figure | None

    @property
    def figures(self) -> tuple[Figure, ...]:
        return tuple(figure for figure in (self.due, self.days, self.working) if figure is not None)

    def due_text(self) -> Text:
        return text(self.due) if self.due else text("no day")

    def told(self) -> Text:
        """ "3 days overdue (1 working day)", "in 2 days (2 working days)", "today"."""
        if self.days is None or self.working is None:
            return text("no clock")
        if self.days.value == 0:
            return text("today")
        days = counted(self.days, "day", "days")
        working = text(" (", counted(self.working, "working day", "working days"), ")")
        return text(days, " overdue", working) if self.promise.overdue else text("in ", days, working)

    def who(self) -> Text:
        """Who gave it, and which side that is where the name does not tell."""
        side = _SIDES[self.promise.side]
        if not self.promise.by:
            return text(side)
        return text(self.promise.by if self.promise.by.casefold() == side else f"{self.promise.by} ({side})")

    def data(self) -> PromiseData:
        promise = self.promise
        return PromiseData(
            id=promise.id,
            account_id=promise.account_id,
            what=promise.what,
            by=promise.by or None,
            side=promise.side,
            due=promise.due,
            overdue=promise.overdue,
            days_left=promise.days_left,
            working_days=promise.working_days,
        )


def clocks(portfolio: PortfolioSnapshot, rows: Iterable[int] | None = None) -> tuple[Clock, ...]:
    """The open promises of the accounts in these rows, the longest overdue first."""
    return tuple(_clock(portfolio, promise) for promise in open_promises(portfolio, rows))


def ours_overdue(found: Sequence[Clock]) -> tuple[Clock, ...]:
    """Those of ours, or of nobody known, whose due day is over."""
    return tuple(clock for clock in found if clock.promise.overdue and clock.promise.side in OURS)


def _clock(portfolio: PortfolioSnapshot, promise: Promise) -> Clock:
    evidence = (Evidence(kind="commitments", id=promise.id, date=promise.due),)

    def made(name: str, label: str, value: dt.date | float | None, unit: str, rule: str) -> Figure:
        key = f"promise.{promise.id}.{name}"
        return account_figure(promise.account_id, portfolio.as_of, key, label, value, unit, rule, evidence)

    if promise.due is None or promise.days_left is None:
        return Clock(promise, None, None, None)
    over = promise.overdue
    name, days_rule = ("days_overdue", "as_of less the due day") if over else ("days_left", "due day less as_of")
    label = "Days overdue" if over else "Days left"
    working_rule = "Mondays to Fridays after the due day, up to as_of" if over else "Mondays to Fridays to the due day"
    return Clock(
        promise,
        made("due", "Due day of a promise", promise.due, "date", "the promise's own day"),
        made(name, label, abs(promise.days_left), "days", days_rule),
        made(f"working_{name}", f"{label}, working days", promise.working_days, "days", working_rule),
    )


def block(found: Sequence[Clock]) -> tuple[Block, ...]:
    """The open promises of one account, and how to close one."""
    if not found:
        return ()
    columns = tuple(Column(label=label) for label in ("Promise", "By", "Due", "Clock", "Id"))
    rows = [(text(shortened(c.promise.what)), c.who(), c.due_text(), c.told(), text(c.promise.id)) for c in found]
    account_id = found[0].promise.account_id
    close = text(f"Kept one? /health {account_id} log kept {found[0].promise.id}")
    return (
        Heading(text=text("Open promises")),
        Table(columns=columns, rows=tuple(rows)),
        Notice(tone="neutral", text=close),
    )


def portfolio_block(portfolio: PortfolioSnapshot, found: Sequence[Clock]) -> tuple[Block, ...]:
    """Our overdue promises over all accounts: the first few, the others folded."""
    if not found:
        return ()
    names = {account.id: account.name for account in portfolio.accounts}
    blocks: list[Block] = [Heading(text=text("Overdue promises")), _portfolio_table(names, found[:MOST_SHOWN])]
    if rest := found[MOST_SHOWN:MOST_TOLD]:
        table = _portfolio_table(names, rest)
        if untold := len(found) - MOST_TOLD if len(found) > MOST_TOLD else 0:
            table = table.model_copy(update={"more": text(f"{untold} more: /health with owner=NAME lists fewer.")})
        blocks += [Heading(text=text("More overdue promises"), folded=True), table]
    return tuple(blocks)


def number(found: Sequence[Clock], made: TotalFigures) -> Figure:
    """How many of our promises are overdue."""
    rule = "open promises of ours, or of which no side is known, whose due day is over"
    return made.number("promises.overdue", "Overdue promises", len(found), rule, evidence_of(found))


def _portfolio_table(names: Mapping[str, str], found: Sequence[Clock]) -> Table:
    columns = tuple(Column(label=label) for label in ("Account", "Promise", "By", "Due", "Overdue", "Close with"))
    rows = [
        (
            text(names[c.promise.account_id]),
            text(shortened(c.promise.what)),
            c.who(),
            c.due_text(),
            c.told(),
            text(f"/health {c.promise.account_id} log kept {c.promise.id}"),
        )
        for c in found
    ]
    return Table(columns=columns, rows=tuple(rows))


def evidence_of(found: Sequence[Clock]) -> tuple[Evidence, ...]:
    """The promises as evidence of their number."""
    if len(found) > MAX_LISTED_EVIDENCE:
        return (Evidence(kind="commitments", count=len(found)),)
    return tuple(Evidence(kind="commitments", id=clock.promise.id, date=clock.promise.due) for clock in found)


def shortened(what: str) -> str:
    """A promise in one line of a table."""
    words = " ".join(what.split())
    return words if len(words) <= MOST_CHARACTERS else f"{words[: MOST_CHARACTERS - 1]}…"
