"""/feedback trends: what comes again and again in tickets, what it costs, and what would keep it from coming."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from app.domain.blocks import Block, Column, Draft, Heading, Notice, Table, Verdict
from app.domain.command import Context, Needs, Report
from app.domain.figures import Text, text
from app.domain.records import Escalation, EscalationUpdate, FeedbackItem, Ticket
from tools.feedback.arguments import FeedbackArgs
from tools.feedback.article_draft import Sources, article
from tools.feedback.data import CategoryTrend, RepeatData, TrendsData
from tools.feedback.hearing import Ear
from tools.feedback.likeness import are_alike
from tools.feedback.parameters import FeedbackParameters, Remedy
from tools.feedback.repeats import Repeat, Trend, articles_of, repeats_of, slug, trends_of
from tools.feedback.spans import RECENT_DAYS, Money, Span, first_read, span_of
from tools.feedback.trend_figures import TrendFigures

LABELS = ("Category", "Tickets", "Before", "Customers", "Hours", "Reopened", "ARR")
REMEDY_LABELS = ("Category", "Article there", "What would deflect it", "As", "Whose")
KINDS = {"article": "article", "automation": "automation", "sop": "procedure"}
TOLD = 3


def needs(args: FeedbackArgs) -> Needs:
    """The tickets of the period and the one before, and those that may repeat: of a named year all there are."""
    first = first_read(args.period or args.title)
    return Needs(
        feedback=True,
        portfolio=True,
        records=(Ticket, Escalation, EscalationUpdate),
        records_since=first if isinstance(first, int) else None,
        articles=True,
        voices_since=RECENT_DAYS,
    )


def report(ctx: Context, args: FeedbackArgs, parameters: FeedbackParameters) -> Report:
    """The categories that came again in a period, and articles for what was solved often enough.

    Raises:
        InvalidArguments: there is no such period, or it has not begun.
    """
    return _Trends(ctx, span_of(ctx, args.period or args.title), parameters).made()


@dataclass(frozen=True)
class _Trends:
    """The parts of the answer."""

    ctx: Context
    span: Span
    parameters: FeedbackParameters

    @cached_property
    def tickets(self) -> tuple[Ticket, ...]:
        """Without those that are no work for us."""
        skipped = {slug(each) for each in self.parameters.trends.skipped}
        return tuple(t for t in self.ctx.listing(Ticket).records if slug(t.category or "") not in skipped)

    @cached_property
    def trends(self) -> tuple[Trend, ...]:
        return trends_of(self.tickets, self.span, self.ctx.timezone, self.parameters.trends)

    @cached_property
    def shown(self) -> tuple[Trend, ...]:
        return self.trends[: self.parameters.trends.categories]

    @cached_property
    def ear(self) -> Ear:
        return Ear(self.parameters.hearing)

    @cached_property
    def repeats(self) -> tuple[Repeat, ...]:
        alike, rules = self.parameters.hearing.alike, self.parameters.trends
        return repeats_of(self.tickets, self.ctx.articles, self.ear, alike, rules, self.ctx.as_of)

    @cached_property
    def missing(self) -> list[Repeat]:
        """Those that no article is about."""
        return [repeat for repeat in self.repeats if repeat.exists is None]

    @cached_property
    def figures(self) -> TrendFigures:
        return TrendFigures(self.span, self.money, self.ctx.timezone, self.parameters.trends.repeat_days)

    @cached_property
    def money(self) -> Money:
        if self.ctx.portfolio is None:
            raise TypeError("trends need the portfolio")
        return Money(self.ctx.portfolio, self.ctx.currency)

    def made(self) -> Report:
        """The answer with its data and figures."""
        blocks = (self._verdict(), *self._table(), *self._drafts(), *self._repeated(), *self._notices())
        return Report(self._data(), blocks, self.figures.made)

    def _in(self, *, before: bool = False, uncategorised: bool = False) -> list[Ticket]:
        period, zone = self.span.before if before else self.span.period, self.ctx.timezone
        mine = [t for t in self.tickets if t.opened_at.astimezone(zone).date() in period]
        return [t for t in mine if not slug(t.category or "")] if uncategorised else mine

    def _verdict(self) -> Verdict:
        period = self.span.period.name
        if not self.shown:
            told = self._why_none()
            lines = [
                *self._repeat_lines(),
                text("Next: import tickets with a category, or name another period (this, last, 2026Q2)."),
            ]
            return Verdict(
                tone="neutral", headline=text(f"Nothing is known to repeat in {period}: {told}"), lines=tuple(lines)
            )
        first = self.shown[0]
        headline = text(
            f"In {period} “{first.category}” came most: tickets ",
            self.figures.tickets(first),
            ", customers ",
            self.figures.customers(first),
        )
        return Verdict(tone="neutral", headline=headline, lines=tuple(self._lines()))

    def _why_none(self) -> str:
        opened, bare = len(self._in()), len(self._in(uncategorised=True))
        if not opened:
            return "no ticket is on record"
        return f"none of {opened} tickets has a category" if bare == opened else f"{opened} tickets, no category twice"

    def _lines(self) -> Iterator[Text]:
        first = self.shown[0]
        yield text(
            "It took ",
            self.figures.hours(first),
            " calendar hours from first response to solution, and touches ARR ",
            self.figures.arr(first),
            f". {_against(first, self.span)}",
        )
        yield text(f"To deflect it: {self._what(first)}")
        for trend in self.shown[1:TOLD]:
            yield text(
                f"Then “{trend.category}”: tickets ",
                self.figures.tickets(trend),
                ", hours ",
                self.figures.hours(trend),
                f". {self._what(trend)}",
            )
        yield from self._repeat_lines()
        remedy, first_missing = self._remedy(first), next(iter(self.missing), None)
        if first_missing:
            yield text(f"Next: complete the draft below and save it: knowledge/{first_missing.document}.md.")
        else:
            yield text(f"Next: agree who makes it and by when ({remedy.owner}); compare next quarter.")

    def _repeat_lines(self) -> Iterator[Text]:
        for repeat in self.missing[: self.parameters.trends.drafts]:
            yield text(f"Solved {len(repeat.tickets)} times without an article: “{repeat.title}”. A draft is below.")

    def _what(self, trend: Trend) -> str:
        remedy = self._remedy(trend)
        return f"{remedy.does.removesuffix('.')} ({KINDS[remedy.kind]}, {remedy.owner})."

    def _remedy(self, trend: Trend) -> Remedy:
        return self.parameters.trends.remedies.get(trend.category, self.parameters.trends.other)

    def _table(self) -> Iterator[Block]:
        if not self.shown:
            return
        left = len(self.trends) - len(self.shown)
        yield Heading(text=text("What repeats"))
        columns = tuple(Column(label=label, align="right" if label in LABELS[1:] else "left") for label in LABELS)
        more = text(f"and {left} more that came at least {self.parameters.trends.least} times") if left else ()
        yield Table(columns=columns, rows=tuple(map(self._row, self.shown)), more=more)
        yield Heading(text=text("What would deflect them"))
        columns = tuple(Column(label=label) for label in REMEDY_LABELS)
        yield Table(columns=columns, rows=tuple(map(self._remedy_row, self.shown)))

    def _remedy_row(self, trend: Trend) -> tuple[Text, ...]:
        articles = ", ".join(a.title for a in articles_of(trend.category, self.ctx.articles, self.parameters.trends))
        remedy = self._remedy(trend)
        told = (articles or "none", remedy.does, KINDS[remedy.kind], remedy.owner)
        return text(trend.category), *(text(each) for each in told)

    def _row(self, trend: Trend) -> tuple[Text, ...]:
        return (
            text(trend.category),
            text(self.figures.tickets(trend)),
            text(self.figures.before(trend)),
            text(self.figures.customers(trend)),
            text(self.figures.hours(trend)),
            text(self.figures.reopened(trend)),
            self.figures.arr(trend),
        )

    def _drafts(self) -> Iterator[Draft]:
        escalations = self.ctx.listing(Escalation).records
        updates = self.ctx.listing(EscalationUpdate).records
        sources = Sources(self.ctx.voices, escalations, updates, self.parameters.trends.longest_line)
        for repeat in self.missing[: self.parameters.trends.drafts]:
            yield article(repeat, sources, self._item(repeat), self.figures.repeat_hours(repeat))

    def _item(self, repeat: Repeat) -> FeedbackItem | None:
        """The feedback item about the same."""
        alike, book = self.parameters.hearing.alike, self.ctx.feedback
        items = book.items if book else ()
        found = (i for i in items if are_alike(self.ear.telling_words(i.title), repeat.words, i.category, alike))
        return next(found, None)

    def _repeated(self) -> Iterator[Block]:
        if not self.repeats:
            return
        yield Heading(text=text("Solved again and again"), folded=True)
        columns = tuple(Column(label=label) for label in ("About", "Category", "Solved tickets", "Article"))
        rows = tuple(
            (
                text(repeat.title),
                text(repeat.category),
                text(", ".join(ticket.id for ticket in repeat.tickets)),
                text(f"{repeat.exists.title}: it did not keep them away, improve it" if repeat.exists else "none yet"),
            )
            for repeat in self.repeats
        )
        yield Table(columns=columns, rows=rows)

    def _notices(self) -> Iterator[Notice]:
        if self.span.is_running:
            period = self.span.period.name
            said = f"{period} has not ended: its numbers are as of {self.ctx.as_of}, those before are whole."
            yield Notice(tone="neutral", text=text(said))
        if bare := self._in(uncategorised=True):
            yield Notice(
                tone="neutral", text=text(f"Tickets without a category, in no row: {len(bare)} of {len(self._in())}.")
            )
        unanswered = [t for trend in self.shown for t in trend.solved if t.first_response_at is None]
        if unanswered:
            said = f"Without a first response on record, counted from the opening: {len(unanswered)} tickets."
            yield Notice(tone="neutral", text=text(said))

    def _data(self) -> TrendsData:
        return TrendsData(
            period=self.span.period.name,
            before=self.span.before.name,
            tickets=len(self._in()),
            tickets_before=len(self._in(before=True)),
            uncategorised=len(self._in(uncategorised=True)),
            categories=tuple(self._trend_data(trend) for trend in self.shown),
            repeats=tuple(
                RepeatData(
                    document=repeat.document,
                    category=repeat.category,
                    tickets=tuple(ticket.id for ticket in repeat.tickets),
                    accounts=len(repeat.account_ids),
                    exists=repeat.exists.id if repeat.exists else None,
                )
                for repeat in self.repeats
            ),
        )

    def _trend_data(self, trend: Trend) -> CategoryTrend:
        remedy = self._remedy(trend)
        return CategoryTrend(
            category=trend.category,
            tickets=len(trend.tickets),
            before=len(trend.before),
            accounts=len(trend.account_ids),
            hours=trend.hours,
            solved=len(trend.solved),
            reopened=trend.reopened_share,
            arr_by_currency=self.money.arr(trend.account_ids),
            articles=tuple(a.id for a in articles_of(trend.category, self.ctx.articles, self.parameters.trends)),
            remedy=remedy.kind,
            does=remedy.does,
        )


def _against(trend: Trend, span: Span) -> str:
    """How the number moved; a period that still runs is not compared."""
    if span.is_running:
        return f"{span.before.name} had {len(trend.before)}."
    more = len(trend.tickets) - len(trend.before)
    if more == 0:
        return f"As many as in {span.before.name}."
    return f"{abs(more)} {'more' if more > 0 else 'fewer'} than in {span.before.name}."
