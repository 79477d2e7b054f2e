"""Parents and product lines: a parent shows the mean of the accounts below it, the worst of them, and ARR once.

Accounts below a parent score by themselves. Their mean is weighted by ARR, a currency at a time, over those whose score
and ARR are known: an unknown score is not 0. Who churned or is not a customer yet is in no sum.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.blocks import Block, Column, Heading, Notice, Table
from app.domain.families import arr_counted_once, family_of
from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure, Ref, Text, text
from app.domain.records import Account
from app.domain.snapshot import Floats, PortfolioSnapshot
from tools.health.case import Assessment, Case, assess, figure
from tools.health.data import AccountLine, GroupCurrency, GroupHealth, account_fields
from tools.health.figures import account_figures
from tools.health.parameters import HealthParameters
from tools.health.totals import URGENCY
from tools.health.wording import counted

INDENT = "↳ "
COUNTED_ONCE = (
    "a parent's ARR without movements of its own that reaches the sum of the accounts below it contains it, and adds "
    "only the rest"
)


@dataclass(frozen=True, slots=True)
class Group:
    """What a parent's answer tells of the accounts below it."""

    data: GroupHealth
    line: Text
    blocks: tuple[Block, ...]
    figures: tuple[Figure, ...]


def counted_arr(portfolio: PortfolioSnapshot, currency: str) -> Floats:
    """What each account's ARR adds to a sum in which no money counts twice; NaN where its ARR is not known.

    Who churned or is not a customer yet keeps its own ARR, and is no part of another's.
    """
    if not any(account.parent_id for account in portfolio.accounts):
        return portfolio.arr
    customers = np.flatnonzero([is_customer(portfolio, row) for row in range(len(portfolio))])
    accounts = [portfolio.accounts[row] for row in customers]
    arr = {portfolio.accounts[r].id: float(portfolio.arr[r]) for r in customers if not np.isnan(portfolio.arr[r])}
    own = {portfolio.accounts[row].id for row in customers if portfolio.arr_evidence[row]}
    once = arr_counted_once(accounts, arr, {a.id: a.currency or currency for a in accounts}, own)
    added = portfolio.arr.copy()
    for row in customers:
        added[row] = once.get(portfolio.accounts[row].id, np.nan)
    return added


def is_customer(portfolio: PortfolioSnapshot, row: int) -> bool:
    """Neither churned nor yet to begin."""
    return portfolio.accounts[row].lifecycle != "churned" and not portfolio.not_yet[row]


def account_line(case: Case, added: float, parents: Mapping[str, Account]) -> AccountLine:
    """An account among others; `added` is what its ARR adds to their sum, `parents` are the accounts by id."""
    parent = parents.get(case.account.parent_id or "")
    return AccountLine(
        **account_fields(case),
        parent=parent.name if parent is not None and parent.id != case.account.id else None,
        arr_counted=None if np.isnan(added) else added,
    )


_COLUMNS = tuple(
    Column(label=label, align="right" if label in ("Score", "ARR") else "left")
    for label in ("Account", "Product", "Health", "Score", "Churn", "ARR", "Owner")
)


def group(parent: Case, below: PortfolioSnapshot, parameters: HealthParameters, limit: int) -> Group:
    """The accounts below a parent: `limit` of them are shown, each branch from its worst account on."""
    made = _Below(parent, assess(below, parameters))
    order = made.in_order()
    shown = {row: order[row] for row in list(order)[:limit]}
    left = len(order) - len(shown)
    more = text(f"and {left} more: the same command with a higher limit, 100 at most") if left else ()
    data = made.data(shown)
    table = Table(columns=_COLUMNS, rows=tuple(made.table_row(row, depth) for row, depth in shown.items()), more=more)
    line = made.line(data)
    heading = Heading(text=text("Accounts below, each by itself"), folded=True)
    once = Notice(tone="neutral", text=text(f"ARR counts once: {COUNTED_ONCE}."))
    return Group(data, line, (heading, table, *((once,) if made.contains else ())), tuple(made.figures.values()))


class _Below:
    """Sums over the accounts below a parent, and their figures."""

    def __init__(self, parent: Case, assessment: Assessment) -> None:
        self._parent, self._assessment = parent, assessment
        portfolio = assessment.portfolio
        self._cases = [assessment.case(row, parent.currency) for row in range(len(portfolio))]
        accounts = [parent.account, *(c.account for c in self._cases)]
        self._family = family_of({account.id: account.parent_id for account in accounts})
        self._customers = [case for case in self._cases if is_customer(portfolio, case.row)]
        counting = [*self._customers, *((parent,) if is_customer(parent.portfolio, parent.row) else ())]
        known = {c.account.id: arr for c in counting if (arr := c.known(c.portfolio.arr)) is not None}
        currencies = {c.account.id: c.currency for c in counting}
        own = {c.account.id for c in counting if c.portfolio.arr_evidence[c.row]}
        self._once = arr_counted_once([c.account for c in counting], known, currencies, own)
        self.contains = any(self._once[one] != arr for one, arr in known.items())
        self._counting = counting
        self.figures: dict[tuple[str, str | None], Figure] = {}

    def in_order(self) -> dict[int, int]:
        """Rows with their depth: parents before their children, siblings from the worst on."""
        rows = {case.account.id: case.row for case in self._cases}
        places = {row: place for place, row in enumerate(sorted(rows.values(), key=self._rank))}
        waiting, order = self._children(self._parent.account.id, 1, rows, places), {}
        while waiting:
            row, depth = waiting.pop()
            order[row] = depth
            waiting += self._children(self._cases[row].account.id, depth + 1, rows, places)
        return order

    def data(self, shown: Mapping[int, int]) -> GroupHealth:
        accounts = {c.account.id: c.account for c in (self._parent, *self._cases)}
        lines = [
            account_line(self._cases[row], self._once.get(self._cases[row].account.id, np.nan), accounts)
            for row in shown
        ]
        worst = self._worst()
        return GroupHealth(
            accounts=len(self._customers),
            currencies=tuple(self._currency(c) for c in sorted({case.currency for case in self._counting})),
            worst=worst.account.id if worst else None,
            below=tuple(lines),
        )

    def line(self, data: GroupHealth) -> Text:
        """The group in a line of the verdict."""
        number = self._count("group.accounts", "Customers below", self._customers)
        told = text("Below it: ", counted(number, "account", "accounts"))
        means = [self._mean_words(currency) for currency in data.currencies]
        told = text(told, *(span for part in means for span in ("; ", *part)))
        worst = self._worst()
        if worst is not None:
            self._tell(worst)
            score = Ref(figure="health.score", account_id=worst.account.id)
            tier = worst.scores.tier[worst.row]
            told = text(told, f"; worst {worst.account.name} ", (score,), f" ({tier})")
        return text(told, ".")

    def table_row(self, row: int, depth: int) -> tuple[Text, ...]:
        case = self._cases[row]
        self._tell(case)
        account, scored = case.account, case.known(case.scores.score) is not None
        state = "churned" if account.lifecycle == "churned" else "not a customer yet" if case.begins else ""
        return (
            text(f"{INDENT * (depth - 1)}{account.name}"),
            text(account.product or "–"),
            text(state or str(case.scores.tier[row])),
            text(Ref(figure="health.score", account_id=account.id)) if scored else text("–"),
            text(str(case.churn.level[row])),
            text(Ref(figure="arr", account_id=account.id)),
            text(account.owner or "–"),
        )

    def _children(
        self, parent: str, depth: int, rows: Mapping[str, int], places: Mapping[int, int]
    ) -> list[tuple[int, int]]:
        """The rows below a parent, the worst last: it is taken next."""
        own = [rows[child] for child in self._family.children.get(parent, ()) if child in rows]
        return [(row, depth) for row in sorted(own, key=lambda row: -places[row])]

    def _rank(self, row: int) -> tuple[bool, int, float, str]:
        """Customers first, by churn level, then by score; unknown scores after known ones."""
        case = self._cases[row]
        score = case.known(case.scores.score)
        level = URGENCY.index(case.churn.level[row])
        gone = not is_customer(case.portfolio, row)
        return gone, level, float("inf") if score is None else score, case.account.id

    def _worst(self) -> Case | None:
        """The customer with the lowest known score; of several, the one with more ARR."""
        scored = [case for case in self._customers if case.known(case.scores.score) is not None]

        def place(case: Case) -> tuple[float, float, str]:
            arr = case.known(case.portfolio.arr) or 0.0
            return float(case.scores.score[case.row]), -arr, case.account.id

        return min(scored, key=place, default=None)

    def _currency(self, currency: str) -> GroupCurrency:
        """The mean is unknown where no account below has both a score and ARR above 0."""
        below = [case for case in self._customers if case.currency == currency]
        weights = {case.row: self._once.get(case.account.id, 0.0) for case in below}
        scored = [c for c in below if c.known(c.scores.score) is not None and weights[c.row] > 0]
        covered = sum(weights[case.row] for case in scored)
        weighted = sum(weights[case.row] * float(case.scores.score[case.row]) for case in scored)
        everyone = [case for case in self._counting if case.currency == currency]
        return GroupCurrency(
            currency=currency,
            arr=sum(self._once.get(case.account.id, 0.0) for case in everyone),
            arr_below=sum(weights.values()),
            arr_scored=covered,
            arr_unknown=sum(case.account.id not in self._once for case in everyone),
            scored=len(scored),
            mean=weighted / covered if covered else None,
        )

    def _mean_words(self, of: GroupCurrency) -> Text:
        """The mean, how much of the ARR it stands for, and the ARR of the whole group."""
        currency, below = of.currency, [c for c in self._customers if c.currency == of.currency]
        everyone = [case for case in self._counting if case.currency == currency]
        rule = "Σ score × ARR ÷ Σ ARR over the customers below whose score and ARR are known"
        mean = self._figure(f"group.score.{currency}", "Mean score below, by ARR", of.mean, "points", rule, below)
        rule = "sum of the known ARR of customers below that have a score, each money once"
        covered = self._figure(f"group.arr.scored.{currency}", "ARR with a score", of.arr_scored, currency, rule, below)
        rule = "sum of the known ARR of customers below, each money once"
        whole = self._figure(f"group.arr.below.{currency}", "ARR below", of.arr_below, currency, rule, below)
        rule = f"sum of the known ARR of this account and those below; {COUNTED_ONCE}"
        total = self._figure(f"group.arr.{currency}", "ARR of the group", of.arr, currency, rule, everyone)
        if not below:
            return text("ARR of the group ", total)
        if of.mean is None:
            return text("no score with ARR below in ", f"{currency}, ARR of the group ", total)
        part = text(covered, " of ", whole) if of.arr_scored != of.arr_below else text(whole)
        return text("mean score by ARR ", mean, " (over ", part, "), ARR of the group ", total)

    def _count(self, key: str, label: str, cases: Sequence[Case]) -> Figure:
        return self._figure(key, label, len(cases), "count", "customers below this account", cases)

    def _figure(self, key: str, label: str, value: float | None, unit: str, rule: str, cases: Sequence[Case]) -> Figure:
        records = tuple(Evidence(kind="accounts", id=case.account.id) for case in cases)
        if len(records) > MAX_LISTED_EVIDENCE:
            records = (Evidence(kind="accounts", count=len(cases)),)
        made = figure(self._parent, key, label, value, unit, rule, records)
        self.figures[made.key, made.account_id] = made
        return made

    def _tell(self, case: Case) -> None:
        for made in account_figures(case).values():
            self.figures[made.key, made.account_id] = made
