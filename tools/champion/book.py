"""/champion of all accounts: who has no champion, whose champion left, and who hangs on one; by ARR and decision."""

import datetime as dt
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.blocks import Block, Column, Heading, Notice, Table, Verdict
from app.domain.command import Context, Report
from app.domain.contract import contract_figures, lapsed_days
from app.domain.figures import Figure, Text, joined, listed, text
from app.domain.snapshot import PortfolioSnapshot
from tools.champion.arguments import ChampionArgs
from tools.champion.cover import COVERS, Cover, parameters_of
from tools.champion.data import BookData, BookLine
from tools.champion.parameters import ChampionParameters
from tools.health import Assessment, HealthParameters, assess
from tools.health.figures import account_figures
from tools.health.inputs import component_inputs
from tools.health.parents import counted_arr, is_customer
from tools.health.wording import listing

COLUMNS = ("Account", "Cover", "Champions", "Acts", "ARR", "Decision", "Health", "Owner")
RIGHT = ("Champions", "ARR")
UNCOVERED: tuple[Cover, ...] = ("departed", "none", "unknown", "single")
FIRST_NAMED = 3
IMPORT = "Import contacts.csv with is_champion, or log calls with names."


@dataclass(frozen=True, slots=True)
class Line:
    """A customer of the book. `counted` is what its ARR adds to a sum in which no money counts twice."""

    row: int
    cover: Cover
    names: tuple[str, ...]
    departed: int
    arr: float | None
    counted: float
    currency: str
    decision: dt.date | None


def report(ctx: Context, args: ChampionArgs) -> Report:
    """The book, with an owner's accounts alone where one is named."""
    health = ctx.others.get("health")
    if ctx.portfolio is None or not isinstance(health, HealthParameters):
        raise TypeError("/champion needs the portfolio and the parameters of /health")
    return _Book(ctx, args, ctx.portfolio, assess(ctx.portfolio, health), parameters_of(ctx)).made()


def lines_of(portfolio: PortfolioSnapshot, currency: str, owner: str | None) -> list[Line]:
    """The customers, those of one owner where one is named."""
    contacts, added = portfolio.contacts, counted_arr(portfolio, currency)
    people = Counter(contacts.account.tolist())
    names: defaultdict[int, list[str]] = defaultdict(list)
    gone: Counter[int] = Counter()
    for place in np.flatnonzero(contacts.is_champion):
        row, left = int(contacts.account[place]), 0 < contacts.left_day[place] <= portfolio.today
        if left:
            gone[row] += 1
        else:
            names[row].append(str(contacts.name[place] or contacts.id[place]))
    wanted = (owner or "").casefold()
    return [
        _line(portfolio, row, currency, tuple(names[row]), gone[row], people[row], float(added[row]))
        for row, account in enumerate(portfolio.accounts)
        if is_customer(portfolio, row) and (not wanted or (account.owner or "").casefold() == wanted)
    ]


def _line(
    portfolio: PortfolioSnapshot, row: int, currency: str, names: tuple[str, ...], gone: int, people: int, added: float
) -> Line:
    account, arr = portfolio.accounts[row], float(portfolio.arr[row])
    return Line(
        row=row,
        cover=_cover(len(names), gone, people),
        names=names,
        departed=gone,
        arr=None if math.isnan(arr) else arr,
        counted=0.0 if math.isnan(added) else added,
        currency=account.currency or currency,
        decision=account.decision_date,
    )


def _cover(champions: int, gone: int, people: int) -> Cover:
    if champions > 1:
        return "covered"
    if champions:
        return "single"
    if gone:
        return "departed"
    return "none" if people else "unknown"


class _Book:
    """The customers without two champions, the most urgent first."""

    def __init__(
        self,
        ctx: Context,
        args: ChampionArgs,
        portfolio: PortfolioSnapshot,
        assessment: Assessment,
        parameters: ChampionParameters,
    ) -> None:
        self._ctx, self._args, self._portfolio, self._assessment = ctx, args, portfolio, assessment
        self._parameters = parameters
        self._lines = lines_of(portfolio, ctx.currency, args.owner)
        self._open = sorted((line for line in self._lines if line.cover in UNCOVERED), key=self._order)
        self._shown = self._open[: args.limit or parameters.shown.accounts]
        self._figures: dict[tuple[str, str | None], Figure] = {}

    def made(self) -> Report:
        """The answer, with the figures that it states."""
        rows = tuple(self._row(line) for line in self._shown)
        blocks: list[Block] = [self._verdict()]
        if rows:
            left = len(self._open) - len(rows)
            more = text(f"{left} more: limit={min(100, len(self._open))} shows more") if left else ()
            blocks.append(Heading(text=text("Accounts without two champions")))
            blocks.append(Table(columns=_columns(), rows=rows, more=more))
        blocks += self._notices()
        return Report(self._data(), tuple(blocks), tuple(self._figures.values()))

    def _order(self, line: Line) -> tuple[int, bool, float, dt.date, str]:
        """By cover; then decisions that are near, the most ARR, the first decision."""
        soon = self._decides_soon(line)
        return (
            UNCOVERED.index(line.cover),
            not soon,
            -(line.arr or 0.0) if line.currency == self._ctx.currency else 0.0,
            line.decision or dt.date.max,
            self._portfolio.accounts[line.row].id,
        )

    def _decides_soon(self, line: Line) -> bool:
        """Whether the decision is near, or the contract lapsed while nobody decided."""
        account, most = self._portfolio.accounts[line.row], self._parameters.decision_days
        lapsed = lapsed_days(account, self._ctx.as_of)
        days = (line.decision - self._ctx.as_of).days if line.decision else -1
        return (lapsed is not None and lapsed <= most) or 0 <= days <= most

    def _verdict(self) -> Verdict:
        if not self._lines:
            whose = f" of {self._args.owner}" if self._args.owner else ""
            return Verdict(tone="neutral", headline=text(f"No customer{whose} is on record"))
        bare, single, unknown = self._of("departed", "none"), self._of("single"), self._of("unknown")
        everyone = self._count("all", "any number of champions", self._lines)
        if len(unknown) == len(self._lines):
            headline = text("Nobody is on record at any of ", everyone, " customers, so no champion can be told")
            lines = (
                text("ARR of these: ", self._arr("unknown", "nobody on record", unknown), "."),
                text(f"Next: {IMPORT[0].lower()}{IMPORT[1:]}"),
            )
            return Verdict(tone="warning", headline=headline, lines=lines)
        number, hanging = self._count("without", "no champion", bare), self._count("single", "one champion", single)
        return Verdict(
            tone="bad" if bare else "warning" if single else "good",
            headline=text(number, " of ", everyone, " customers have no champion, and ", hanging, " hang on one"),
            lines=tuple(self._told(bare, single, unknown)),
        )

    def _of(self, *covers: Cover) -> list[Line]:
        return [line for line in self._lines if line.cover in covers]

    def _told(self, bare: Sequence[Line], single: Sequence[Line], unknown: Sequence[Line]) -> Iterator[Text]:
        if bare:
            yield text("ARR without a champion: ", self._arr("without", "no champion", bare), ".")
        if single:
            yield text("ARR that hangs on one champion: ", self._arr("single", "one champion", single), ".")
        for line in self._shown[:FIRST_NAMED]:
            yield self._first(line)
        if unknown:
            number = self._count("unknown", "nobody on record", unknown)
            yield text("Customers with nobody on record: ", number, f". {IMPORT}")
        if self._shown:
            yield text(f"Next: /champion {self._portfolio.accounts[self._shown[0].row].id} says whom to turn to.")

    def _first(self, line: Line) -> Text:
        contract = self._contract(line)
        name, what = self._portfolio.accounts[line.row].name, COVERS[line.cover]
        decision = contract.get("renewal.decision_date")
        by = text(", decision by ", decision) if decision and self._decides_soon(line) else ()
        if lapsed := contract.get("renewal.days_lapsed"):
            by = text(", contract lapsed ", lapsed, " days ago")
        return text(f"{name}: {what}, ARR ", contract["arr"], by, ".")

    def _row(self, line: Line) -> tuple[Text, ...]:
        account, contract = self._portfolio.accounts[line.row], self._contract(line)
        case = self._assessment.case(line.row, self._ctx.currency)
        champion, health = component_inputs(case)["champion"], account_figures(case)
        number, acts, tier = champion["champions"], champion["actions"], health["health.tier"]
        for figure in (acts, number, tier):
            bare = () if not self._ctx.sees_people else figure.evidence
            self._figures[figure.key, figure.account_id] = figure.model_copy(update={"evidence": bare})
        named = f" ({listing(list(line.names))})" if line.names and self._ctx.sees_people else ""
        decision = contract.get("renewal.decision_date")
        return (
            text(f"{account.name} ({account.id})"),
            text(COVERS[line.cover]),
            text(number, named),
            text(acts),
            text(contract["arr"]),
            text(decision) if decision else text("unknown"),
            text(tier),
            text(account.owner or "nobody"),
        )

    def _contract(self, line: Line) -> dict[str, Figure]:
        found = contract_figures(self._portfolio, line.row, self._ctx.currency)
        self._figures |= {(figure.key, figure.account_id): figure for figure in found.values()}
        return found

    def _count(self, name: str, what: str, lines: Sequence[Line]) -> Figure:
        return self._book_figure(f"accounts.{name}", f"Customers with {what}", len(lines), "count", lines)

    def _arr(self, name: str, what: str, lines: Sequence[Line]) -> Text:
        by_currency: defaultdict[str, list[Line]] = defaultdict(list)
        for line in lines:
            if line.arr is not None:
                by_currency[line.currency].append(line)
        made = [
            self._book_figure(
                f"arr.{name}.{currency.lower()}", f"ARR with {what}", sum(each.counted for each in mine), currency, mine
            )
            for currency, mine in sorted(by_currency.items())
        ]
        return joined(made, " + ") or text("unknown")

    def _book_figure(self, name: str, label: str, value: float, unit: str, lines: Sequence[Line]) -> Figure:
        slug = re.sub(r"[^a-z0-9]+", "-", (self._args.owner or "").lower())
        prefix = f"champions.owner_{slug}" if slug else "champions"
        rule = "customers with such a number of marked champions who are still there"
        accounts = [(self._portfolio.accounts[line.row].id, self._ctx.as_of) for line in lines]
        evidence = listed("accounts", accounts, None)
        figure = Figure(
            key=f"{prefix}.{name}",
            label=label,
            value=value,
            unit=unit,
            account_id=None,
            as_of=self._ctx.as_of,
            formula=rule if unit == "count" else f"sum of their known ARR, each money once; {rule}",
            evidence=evidence,
        )
        self._figures[figure.key, None] = figure
        return figure

    def _notices(self) -> Iterator[Notice]:
        if self._open and not self._ctx.sees_people:
            said = "Names are left out: your role does not work with customers' people."
            yield Notice(tone="neutral", text=text(said))
        if self._open:
            said = "Champions are the people marked as such; /champion with an account says who acts like one."
            yield Notice(tone="neutral", text=text(said))

    def _data(self) -> BookData:
        counted = Counter(line.cover for line in self._lines)
        return BookData(
            customers=len(self._lines),
            covers={cover: counted[cover] for cover in COVERS},
            accounts=tuple(self._line_data(line) for line in self._shown),
            total=len(self._open),
        )

    def _line_data(self, line: Line) -> BookLine:
        account = self._portfolio.accounts[line.row]
        return BookLine(
            account=account.id,
            name=account.name,
            cover=line.cover,
            champions=len(line.names),
            names=line.names if self._ctx.sees_people else (),
            departed=line.departed,
            arr=line.arr,
            currency=line.currency,
            decision_date=line.decision,
            tier=str(self._assessment.scores.tier[line.row]),
            owner=account.owner,
        )


def _columns() -> tuple[Column, ...]:
    return tuple(Column(label=label, align="right" if label in RIGHT else "left") for label in COLUMNS)
