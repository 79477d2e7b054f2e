"""The five signs that a customer is ready for more (persona §5.2), each with the records that show it."""

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.domain.figures import Evidence
from app.domain.records import FeedbackItem
from app.domain.snapshot import FeedbackBook, PortfolioSnapshot, SignalColumns, TouchpointColumns, Voice
from tools.adoption.mentions import has_phrase
from tools.adoption.parameters import SIGNALS, AdoptionParameters, Sign, SignalKey
from tools.adoption.quota import quota_applies
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.statuses import answer_of
from tools.health import selections
from tools.health.parameters import HealthParameters

State = Literal["triggered", "clear", "unknown", "not_applicable"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A record that shows a sign, and what was said; `where` is the kind of record."""

    where: str
    on: dt.date
    said: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Signal:
    """A sign's state. `by_share`: the share of the quota or of the seats triggers it.

    `missing` says what an unknown one lacks, or why it does not apply.
    """

    key: SignalKey
    state: State
    shown: tuple[Shown, ...] = ()
    by_share: bool = False
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of one account: its row, calls of the month so far (NaN: unknown), what it said and asked for.

    `items` are linked to the account and neither shipped nor declined.
    """

    row: int
    used: float
    voices: tuple[Voice, ...]
    items: tuple[FeedbackItem, ...]


def open_items(
    book: FeedbackBook, account_id: str, as_of: dt.date, parameters: FeedbackParameters
) -> tuple[FeedbackItem, ...]:
    """The items that the account asked for and that have not left the ranking."""
    linked = (item for item in book.items if account_id in item.account_ids)
    return tuple(item for item in linked if answer_of(item, as_of, parameters) not in parameters.left_ranking)


def seats_share(portfolio: PortfolioSnapshot, row: int) -> float | None:
    """Distinct users of 28 days per licensed seat; where these are not counted, those of the highest day."""
    seats = portfolio.accounts[row].licensed_seats
    if not seats or not portfolio.feeds.usable("usage")[row]:
        return None
    distinct, peak = float(portfolio.usage.users_distinct_28[row]), float(portfolio.usage.users_peak_28[row])
    users = peak if math.isnan(distinct) else distinct
    return None if math.isnan(users) else users / seats


def quota_share(portfolio: PortfolioSnapshot, row: int, used: float) -> float | None:
    """The larger of the calls of this month so far and of the last 28 days, per call of the quota."""
    quota = portfolio.accounts[row].api_quota_monthly
    known = [calls for calls in (used, float(portfolio.usage.calls_28[row])) if not math.isnan(calls)]
    usable = bool(portfolio.feeds.usable("usage")[row])
    return max(known) / quota if quota and known and usable else None


class SignalReader:
    """Tells the signs of the accounts of a portfolio, one after the other."""

    def __init__(self, portfolio: PortfolioSnapshot, parameters: AdoptionParameters, health: HealthParameters) -> None:
        self._portfolio, self._parameters = portfolio, parameters
        talks = selections.conversations(portfolio, health.indicators.budget_cuts)
        self._spoken = selections.rows_of(portfolio.touchpoints.account, talks, len(portfolio)) > 0

    def signals(self, heard: Heard) -> tuple[Signal, ...]:
        """All five of an account, in the order of the persona."""
        others = (key for key in SIGNALS if key != "near_limit")
        return (self._near_limit(heard), *(self._signal(key, heard) for key in others))

    def _signal(self, key: SignalKey, heard: Heard) -> Signal:
        shown = tuple(sorted(self._shown(self._parameters.signals[key], heard), key=lambda s: s.on, reverse=True))
        share = seats_share(self._portfolio, heard.row) if key == "team_growth" else None
        by_share = share is not None and share >= self._parameters.seats_share
        if shown or by_share:
            return Signal(key, "triggered", shown, by_share)
        if self._spoken[heard.row]:
            return Signal(key, "clear")
        return Signal(key, "unknown", missing="no recent conversation is on record, so silence proves nothing")

    def _near_limit(self, heard: Heard) -> Signal:
        if because := quota_applies(self._portfolio.accounts[heard.row]):
            return Signal("near_limit", "not_applicable", missing=because)
        share = quota_share(self._portfolio, heard.row, heard.used)
        if share is None:
            return Signal("near_limit", "unknown", missing="no API calls of these weeks are on record")
        near = share >= self._parameters.quota.near_share
        return Signal("near_limit", "triggered" if near else "clear", by_share=near)

    def _shown(self, sign: Sign, heard: Heard) -> Iterator[Shown]:
        """Records of the sign's kinds, and what was said in its words, within the days that count."""
        portfolio = self._portfolio
        first = portfolio.as_of - dt.timedelta(days=sign.days - 1)
        said = [voice for voice in heard.voices if voice.day >= first]
        texts = {(str(voice.kind), voice.id): voice.text for voice in said}
        yield from _of_kinds("signals", portfolio.signals, sign.signal_kinds, heard.row, first, texts)
        yield from _of_kinds("touchpoints", portfolio.touchpoints, sign.touchpoint_kinds, heard.row, first, texts)
        for voice in said:
            is_told = voice.about in (*sign.signal_kinds, *sign.touchpoint_kinds)
            if not is_told and has_phrase(f"{voice.subject}\n{voice.text}", sign.phrases):
                evidence = Evidence(kind=voice.kind, id=voice.id, date=voice.day)
                yield Shown(voice.kind, voice.day, voice.text or voice.subject, evidence)
        yield from _asked_for(sign, heard.items)


def _of_kinds(
    table: str,
    columns: SignalColumns | TouchpointColumns,
    kinds: Sequence[str],
    row: int,
    first: dt.date,
    texts: Mapping[tuple[str, str], str],
) -> Iterator[Shown]:
    for place in np.flatnonzero((columns.account == row) & (columns.day >= first.toordinal())):
        if columns.kind[place] in kinds:
            on, record = dt.date.fromordinal(int(columns.day[place])), str(columns.id[place])
            yield Shown(table, on, texts.get((table, record), ""), Evidence(kind=table, id=record, date=on))


def _asked_for(sign: Sign, items: Iterable[FeedbackItem]) -> Iterator[Shown]:
    """Requests in whose words the sign's phrases stand."""
    phrases = (*sign.phrases, *sign.request_phrases)
    for item in items:
        words = "\n".join(each for each in (item.title, item.quote, item.workaround) if each)
        if item.category in sign.feedback and has_phrase(words, phrases):
            told = f"{item.title} (meanwhile: {item.workaround})" if item.workaround else item.title
            evidence = Evidence(kind="feedback", id=item.id, date=item.created_on)
            yield Shown("feedback", item.created_on or dt.date.min, told, evidence)
