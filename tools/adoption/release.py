"""/adoption release: a feature is released, changed or retired: whom that touches, how much, and a mail for each."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import numpy as np

from app.domain.blocks import Block, Column, Draft, Heading, Notice, Table, Tone, Verdict
from app.domain.command import Context, Needs, Outcome, Report
from app.domain.contract import contract_figures
from app.domain.figures import MAX_LISTED_EVIDENCE, Evidence, Figure, Text, account_figure, text
from app.domain.problems import InvalidArguments
from app.domain.records import Account, Contact, RoadmapItem
from app.domain.usage_periods import PRODUCTION
from app.domain.windows import add_working_days
from tools.adoption.arguments import AdoptionArgs, Change
from tools.adoption.data import ReleaseData, TouchedData
from tools.adoption.features import known_names
from tools.adoption.mentions import is_named_in, slug
from tools.adoption.offers import letter
from tools.adoption.parameters import SAID_DAYS, AdoptionParameters, Impact, Touched
from tools.health.people import PARTS
from tools.health.wording import listing

IMPACTS: tuple[Impact, ...] = ("high", "medium", "low")
USE_DAYS = 28
COLUMNS = ("Customer", "Impact", "Because", "Uses", "ARR", "Renewal", "Owner")
NUMBERS = frozenset({"Uses", "ARR"})
MOST_NAMES = 8
FIRST_NAMED = 3


def needs(args: AdoptionArgs) -> Needs:
    """All accounts with their use, what was asked for, and the roadmap.

    Raises:
        InvalidArguments: no feature is named.
    """
    if not args.about:
        raise InvalidArguments("Which feature is released? Name it as the usage data have it.", missing=["feature"])
    return Needs(portfolio=True, feedback=True, voices_since=SAID_DAYS - 1, records=(RoadmapItem, Contact))


def run(ctx: Context, args: AdoptionArgs, parameters: AdoptionParameters) -> Outcome:
    """Whom it touches. Nothing is written."""
    return Outcome(_Release(ctx, args, parameters).report())


@dataclass(frozen=True, slots=True)
class _Hit:
    """An account that the release touches; `uses` counts those in production, None where it does not use it."""

    row: int
    account: Account
    because: tuple[Touched, ...]
    impact: Impact
    uses: float | None


class _Release:
    def __init__(self, ctx: Context, args: AdoptionArgs, parameters: AdoptionParameters) -> None:
        if ctx.portfolio is None or ctx.feedback is None:
            raise ValueError("/adoption release needs the portfolio and the feedback")
        self._ctx, self._args, self._rules = ctx, args, parameters.release
        self._portfolio, self._words = ctx.portfolio, parameters.feature_words
        self._change: Change = args.change or "new"
        self._names = known_names(ctx.portfolio)
        asked = args.about or ""
        self._feature = next((name for name in sorted(self._names) if slug(name) == slug(asked)), asked)
        self._items = tuple(item for item in ctx.feedback.items if self._is_meant(item.title))
        self._roadmap = tuple(r for r in ctx.listing(RoadmapItem).records if self._is_meant(r.feature))
        self._contract: dict[str, Mapping[str, Figure]] = {}
        self._made: dict[tuple[str, str | None], Figure] = {}
        self._hits = self._found()

    def report(self) -> Report:
        verdict, table, notices = self._verdict(), tuple(self._table()), tuple(self._notices())
        drafts = tuple(self._drafts())
        data = ReleaseData(
            feature=self._feature,
            change=self._change,
            on=self._args.on,
            touched=tuple(self._data(hit) for hit in self._hits),
            unknown=tuple(account.id for account in self._silent()),
        )
        return Report(data, (verdict, *table, *notices, *drafts), tuple(self._made.values()))

    # ── Whom it touches ───────────────────────────────────────────────────────────────────────────────────────────

    def _is_meant(self, words: str) -> bool:
        return is_named_in(words, self._feature, self._words)

    def _found(self) -> list[_Hit]:
        uses, tries = self._uses(), self._in_sandbox()
        testing = {v.account_id for v in self._ctx.voices if v.about == "beta" and self._is_meant(v.text)}
        asking = {account for item in self._items for account in item.account_ids}
        hits = []
        for row in self._rows():
            account = self._portfolio.accounts[row]
            found: dict[Touched, bool] = {
                "uses": row in uses,
                "tries": row in tries and row not in uses,
                "asked": account.id in asking,
                "beta": account.id in testing,
            }
            because = tuple(key for key, so in found.items() if so)
            if because:
                impact = min((self._rules.impact[self._change][key] for key in because), key=IMPACTS.index)
                hits.append(_Hit(row, account, because, impact, uses.get(row)))
        return sorted(hits, key=lambda h: (IMPACTS.index(h.impact), -self._arr(h.row), h.account.id))

    def _rows(self) -> Iterator[int]:
        """The customers of the day, or the one that was named."""
        for row, account in enumerate(self._portfolio.accounts):
            is_customer = account.lifecycle != "churned" and not self._portfolio.not_yet[row]
            if is_customer and self._args.account in (None, account.id):
                yield row

    def _uses(self) -> dict[int, float]:
        """Uses in production of the last 28 covered days, by row; NaN where a day does not tell how many."""
        features = self._portfolio.features
        live = np.flatnonzero((features.feature == self._feature) & (features.environment == PRODUCTION))
        usable = self._portfolio.feeds.usable("feature_usage")
        return {int(features.account[p]): float(features.count[p]) for p in live if usable[features.account[p]]}

    def _in_sandbox(self) -> set[int]:
        """Rows of the accounts that use it in the sandbox."""
        features = self._portfolio.features
        tried = (features.feature == self._feature) & (features.environment != PRODUCTION)
        return {int(row) for row in features.account[tried]}

    def _silent(self) -> list[Account]:
        """Customers whose use of features is not known."""
        usable, first = self._portfolio.feeds.usable("feature_usage"), self._portfolio.features_first
        touched = {hit.row for hit in self._hits}
        rows = (row for row in self._rows() if row not in touched and not (usable[row] and first[row]))
        return [self._portfolio.accounts[row] for row in rows]

    def _arr(self, row: int) -> float:
        arr = float(self._portfolio.arr[row])
        return 0.0 if math.isnan(arr) else arr

    # ── Blocks ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _verdict(self) -> Verdict:
        hits, change = self._hits, self._rules.changes[self._change]
        whom = "customer" if len(hits) == 1 else "customers"
        tone: Tone = "warning" if any(hit.impact == "high" for hit in hits) else "neutral"
        day = f" on {self._args.on}" if self._args.on else ""
        headline = text(f"{self._feature}, {change}{day}: it touches ", self._count("touched", hits), f" {whom}")
        lines = (*self._impact_lines(), *self._roadmap_lines(), self._next())
        return Verdict(tone=tone, headline=headline, lines=lines)

    def _impact_lines(self) -> Iterator[Text]:
        """How many of each impact, who, and what to do with them by when."""
        for impact in IMPACTS:
            own, play = [hit for hit in self._hits if hit.impact == impact], self._rules.what_to_do[impact]
            if own:
                due = max(self._ctx.as_of, add_working_days(self._ctx.as_of, play.working_days))
                whose = f"{play.tactic} ({play.owner}, by {due})."
                yield text(f"Impact {impact}: ", self._count(f"impact.{impact}", own), f", {_named(own)}. {whose}")

    def _next(self) -> Text:
        if not self._hits and self._feature not in self._names and not self._roadmap:
            known = sorted(self._names)[:MOST_NAMES]
            return text(f"Next: check the name. In use are {listing(known) or 'no features on record'}.")
        if not self._hits:
            return text("Next: nobody on record uses it or asked for it; put it into the release note.")
        if self._is_secret():
            return text("Next: ask Product whether customers may hear of it; no mail is drafted until then.")
        drafted = " The mails are drafted below." if self._told() else ""
        return text(f"Next: {self._hits[0].account.name} first.{drafted}")

    def _roadmap_lines(self) -> Iterator[Text]:
        for item in self._roadmap:
            parts = [item.feature, f"{item.quarter} quarter" if item.quarter else "no quarter"]
            parts += [] if item.beta_open is None else ["its beta is open" if item.beta_open else "no open beta"]
            parts += [f"to be told to: {item.audience}"] if item.audience else []
            yield text(f"Roadmap: {', '.join(parts)}.")

    def _is_secret(self) -> bool:
        return any(item.audience in self._rules.not_told for item in self._roadmap)

    def _table(self) -> Iterator[Block]:
        if not self._hits:
            return
        shown = self._hits[: self._rules.shown]
        more = text(f"{len(self._hits) - len(shown)} more are in the data.") if len(self._hits) > len(shown) else ()
        columns = tuple(Column(label=label, align="right" if label in NUMBERS else "left") for label in COLUMNS)
        yield Table(columns=columns, rows=tuple(self._row(hit) for hit in shown), more=more)

    def _row(self, hit: _Hit) -> tuple[Text, ...]:
        contract, uses = self._contract_of(hit), self._uses_figure(hit)
        renewal = contract.get("renewal.date")
        return (
            text(f"{hit.account.name} ({hit.account.id})"),
            text(hit.impact),
            text(", ".join(self._rules.because[key] for key in hit.because)),
            text(uses) if uses else text("–" if hit.uses is None else "unknown"),
            text(self._keep(contract["arr"])),
            text(self._keep(renewal)) if renewal else text("unknown"),
            text(hit.account.owner or "–"),
        )

    def _notices(self) -> Iterator[Notice]:
        if silent := self._silent():
            named = _named_accounts(silent)
            told = f"Use is not on record for {named}: ask them, or import feature_usage.csv."
            yield Notice(tone="warning", text=text(told))
        for item in self._items if self._change == "new" else ():
            line = f"/feedback shipped {item.id} on=YYYY-MM-DD"
            yield Notice(tone="neutral", text=text(f"{item.id} asks for it: {line} answers each in their own words."))
        if self._told() and self._is_ahead():
            said = "The mails leave the day out: to tell a day before the release is for Engineering to approve."
            yield Notice(tone="neutral", text=text(said))

    def _told(self) -> list[_Hit]:
        """Those to whom a mail is drafted: of what is new all, of a change those who use it."""
        if self._is_secret():
            return []
        return [hit for hit in self._hits if self._change == "new" or "uses" in hit.because][: self._rules.shown]

    def _is_ahead(self) -> bool:
        return self._args.on is not None and self._args.on > self._ctx.as_of

    def _drafts(self) -> Iterator[Block]:
        told = self._told()
        if told:
            yield Heading(text=text("Mails, one for each customer, for the CSM to send"), folded=True)
            yield from (self._mail(hit) for hit in told)

    def _mail(self, hit: _Hit) -> Draft:
        uses = self._uses_figure(hit)
        words = {
            "feature": self._feature,
            "what": self._args.what,
            "on": None if self._args.on is None or self._is_ahead() else str(self._args.on),
            "asked": self._rules.asked if "asked" in hit.because else None,
        }
        figures = {"uses": uses} if uses and uses.value else {}
        mail, known = self._rules.mails[self._change], {name: value for name, value in words.items() if value}
        reader = self._reader(hit.account.id)
        return letter(f"To {hit.account.name}", hit.account.id, reader, mail, figures, **known)

    def _reader(self, account_id: str) -> Contact | None:
        """The champion, else who decides; nobody who has left."""
        as_of, ranks = self._ctx.as_of, {part: rank for rank, part in enumerate(PARTS)}
        here = [
            contact
            for contact in self._ctx.listing(Contact).records
            if contact.account_id == account_id and (contact.left_on is None or contact.left_on > as_of)
        ]
        order = [(not c.is_champion, ranks[c.stakeholder] if c.stakeholder else len(ranks), c.id) for c in here]
        return here[order.index(min(order))] if here else None

    # ── Figures and data ──────────────────────────────────────────────────────────────────────────────────────────

    def _uses_figure(self, hit: _Hit) -> Figure | None:
        if hit.uses is None or math.isnan(hit.uses):
            return None
        last = dt.date.fromordinal(int(self._portfolio.feeds.window_end("feature_usage")[hit.row]))
        first = last - dt.timedelta(days=USE_DAYS - 1)
        href = f"/v1/accounts/{quote(hit.account.id, safe='')}/feature_usage?from={first}&to={last}"
        figure = account_figure(
            hit.account.id,
            self._ctx.as_of,
            f"adoption.{slug(self._feature)}.uses.{USE_DAYS}d",
            f"Uses of {self._feature}, {USE_DAYS} days to {last}",
            hit.uses,
            "count",
            "sum of the uses in production",
            (Evidence(kind="feature_usage", first=first, last=last, href=href),),
        )
        return self._keep(figure)

    def _count(self, name: str, hits: Sequence[_Hit]) -> Figure:
        evidence = tuple(Evidence(kind="accounts", id=hit.account.id) for hit in hits[:MAX_LISTED_EVIDENCE])
        whose = f".{slug(self._args.account)}" if self._args.account else ""
        figure = Figure(
            key=f"adoption.release.{slug(self._feature)}.{self._change}{whose}.{name}",
            label=f"Customers: {name.replace('.', ' ')}, {self._feature}",
            value=len(hits),
            unit="count",
            account_id=None,
            as_of=self._ctx.as_of,
            formula=f"customers who use it in production in {USE_DAYS} days, asked for it, or take part in its beta",
            evidence=evidence,
        )
        return self._keep(figure)

    def _contract_of(self, hit: _Hit) -> Mapping[str, Figure]:
        return contract_figures(self._portfolio, hit.row, self._ctx.currency)

    def _keep(self, figure: Figure) -> Figure:
        return self._made.setdefault((figure.key, figure.account_id), figure)

    def _data(self, hit: _Hit) -> TouchedData:
        return TouchedData(
            id=hit.account.id,
            name=hit.account.name,
            owner=hit.account.owner,
            arr=self._arr(hit.row) or None,
            currency=hit.account.currency or self._ctx.currency,
            because=hit.because,
            impact=hit.impact,
            uses=None if hit.uses is None or math.isnan(hit.uses) else hit.uses,
        )


def _named(hits: Sequence[_Hit]) -> str:
    return _named_accounts([hit.account for hit in hits])


def _named_accounts(accounts: Sequence[Account]) -> str:
    named = [account.name for account in accounts[:FIRST_NAMED]]
    more = len(accounts) - len(named)
    return f"{', '.join(named)} and {more} more" if more else listing(named)
