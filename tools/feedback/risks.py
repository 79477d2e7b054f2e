"""Customers at risk who asked for something that is still open.

This command computes no health: /health has the churn level. What it goes by is in the data itself: a decision that is
near, a contract that lapsed, an NPS detractor, a signal of budget or competition, and a customer who has left.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.contract import contract_figures
from app.domain.figures import Figure, Text, text
from app.domain.records import Account, FeedbackItem
from app.domain.snapshot import PortfolioSnapshot, Voice
from app.domain.windows import end_of_day, instant
from tools.feedback.hearing import Ear, masked
from tools.feedback.likeness import are_alike
from tools.feedback.parameters import FeedbackParameters, ReportParameters
from tools.feedback.quotes import own_words, quotes_of
from tools.feedback.statuses import Answer, answer_of

NOUNS = {"budget_cut": "budget cut", "competitor": "competitor"}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a customer is at risk: `told` for people, `plain` for programs."""

    told: Text
    plain: str


@dataclass(frozen=True, slots=True)
class Risk:
    """A customer at risk and an open item that it asked for. `words` are its own on this item, where there are any."""

    account: Account
    row: int
    item: FeedbackItem
    reasons: tuple[Reason, ...]
    words: str | None
    action: str
    contract: Mapping[str, Figure]


class Risks:
    """Finds the risks; made once for a portfolio."""

    def __init__(
        self, portfolio: PortfolioSnapshot, voices: Iterable[Voice], currency: str, parameters: FeedbackParameters
    ) -> None:
        self._portfolio, self._currency, self._parameters = portfolio, currency, parameters
        self._rules: ReportParameters = parameters.report
        self._rows = {account.id: row for row, account in enumerate(portfolio.accounts)}
        self._voices: dict[str, list[Voice]] = defaultdict(list)
        for voice in voices:
            self._voices[voice.account_id].append(voice)
        self._ear = Ear(parameters.hearing)
        self._contacts = dict(zip(portfolio.contacts.id.tolist(), portfolio.contacts.account.tolist(), strict=True))
        self._detractors = self._find_detractors()
        self._signals = self._find_signals()

    def of(self, items: Sequence[FeedbackItem]) -> list[Risk]:
        """Of open items: most reasons first, then the most ARR; of one customer those first that it has words on."""
        found = [risk for item in items for risk in self._of_item(item)]

        def order(risk: Risk) -> tuple[int, float, str, bool, str]:
            arr = float(self._portfolio.arr[risk.row])
            return -len(risk.reasons), 0.0 if np.isnan(arr) else -arr, risk.account.id, risk.words is None, risk.item.id

        return sorted(found, key=order)

    def _of_item(self, item: FeedbackItem) -> Iterator[Risk]:
        answer = answer_of(item, self._portfolio.as_of, self._parameters)
        for account_id in item.account_ids:
            row = self._rows.get(account_id)
            if row is None:
                continue
            account = self._portfolio.accounts[row]
            contract = contract_figures(self._portfolio, row, self._currency)
            reasons = tuple(self._reasons(account, row, contract))
            if reasons:
                words = self._words(item, account_id)
                yield Risk(account, row, item, reasons, words, self._action(account, answer), contract)

    def _reasons(self, account: Account, row: int, contract: Mapping[str, Figure]) -> Iterator[Reason]:
        if account.lifecycle == "churned":
            yield Reason(text("has left"), "has left")
            return
        days = contract.get("renewal.days_to_decision")
        if days is not None and isinstance(days.value, int) and 0 <= days.value <= self._rules.decision_days:
            decision = contract["renewal.decision_date"]
            yield Reason(text("decides by ", decision, ", in ", days, " days"), f"decides by {decision.value}")
        to_renewal = contract.get("renewal.days_to_renewal")
        if days is not None and isinstance(days.value, int) and days.value < 0 and to_renewal is not None:
            yield Reason(text("renews in ", to_renewal, " days"), f"renews on {account.renewal_date}")
        lapsed = contract.get("renewal.days_lapsed")
        if lapsed is not None and isinstance(lapsed.value, int) and lapsed.value <= self._rules.decision_days:
            yield Reason(text("contract lapsed ", lapsed, " days ago"), f"contract lapsed on {account.renewal_date}")
        if row in self._detractors:
            score, day = self._detractors[row]
            yield _plain(f"NPS score {score} on {day}")
        for kind, day in self._signals.get(row, ()):
            yield _plain(f"{NOUNS.get(kind, kind.replace('_', ' '))} signal on {day}")

    def _action(self, account: Account, answer: Answer) -> str:
        if account.lifecycle == "churned":
            return self._rules.churned_action
        actions = self._rules.actions.model_dump()
        return str(actions.get(answer, actions["unknown"]))

    def _words(self, item: FeedbackItem, account_id: str) -> str | None:
        """The customer's words that the item keeps, else what it said lately about the same."""
        mine = [quote for quote in quotes_of(item) if quote.account_id == account_id]
        if mine:
            return max(mine, key=lambda quote: quote.day).words
        written = own_words(item)
        if written and self._is_of(item, account_id):
            return masked(written)
        title, alike = self._ear.telling_words(item.title), self._parameters.hearing.alike
        for voice in self._voices.get(account_id, ()):
            for heard in self._ear.hear(voice):
                if any(are_alike(words, title, item.category, alike) for words in (heard.words, heard.all_words)):
                    return heard.quote.words
        return None

    def _is_of(self, item: FeedbackItem, account_id: str) -> bool:
        """Whether words without a name on them are this customer's: its contact said them, or it is the only one."""
        if item.contact_id in self._contacts:
            return bool(self._contacts[item.contact_id] == self._rows[account_id])
        return item.contact_id is None and item.account_ids == (account_id,)

    def _find_detractors(self) -> dict[int, tuple[int, dt.date]]:
        """By account: the newest response of a detractor, of the latest ones of each contact."""
        nps, p = self._portfolio.nps, self._portfolio
        first = instant(end_of_day(p.as_of - dt.timedelta(days=self._rules.nps_days), p.timezone))
        latest: dict[tuple[int, str], int] = {}
        for place in np.argsort(nps.responded_at, kind="stable"):
            if nps.responded_at[place] >= first:
                latest[int(nps.account[place]), str(nps.contact[place] or nps.id[place])] = int(place)
        found: dict[int, tuple[int, dt.date]] = {}
        for (row, _), place in sorted(latest.items(), key=lambda each: each[1]):
            if nps.score[place] <= self._rules.detractor:
                day = nps.responded_at[place].astype("datetime64[us]").item().replace(tzinfo=dt.UTC)
                found[row] = int(nps.score[place]), day.astimezone(p.timezone).date()
        return found

    def _find_signals(self) -> dict[int, list[tuple[str, dt.date]]]:
        """By account: the newest signal of each kind that counts."""
        signals, first = self._portfolio.signals, self._portfolio.today - self._rules.signal_days
        newest: dict[tuple[int, str], int] = {}
        for row, kind, day in zip(signals.account, signals.kind, signals.day, strict=True):
            if day > first and kind in self._rules.signals:
                newest[int(row), str(kind)] = max(int(day), newest.get((int(row), str(kind)), 0))
        found: dict[int, list[tuple[str, dt.date]]] = defaultdict(list)
        for (row, kind), day in sorted(newest.items()):
            found[row].append((kind, dt.date.fromordinal(day)))
        return found


def _plain(told: str) -> Reason:
    return Reason(text(told), told)
