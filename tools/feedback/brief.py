"""/feedback brief: the voice of the customer over a quarter, for product: what hurts, what lacks, what we ask for."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from app.domain.blocks import Block, Draft, DraftField, Heading, Notice, Table, Verdict
from app.domain.command import Context, Report
from app.domain.figures import Figure, Text, joined, text
from app.domain.records import FeedbackCategory
from app.domain.snapshot import MOST_VOICES, FeedbackBook
from tools.feedback import brief_parts as parts
from tools.feedback.arguments import FeedbackArgs
from tools.feedback.brief_facts import BriefFacts
from tools.feedback.collecting import listed_records, quote_data
from tools.feedback.data import BriefData, RiskData, ThemeData, ToldData
from tools.feedback.items import category_label, figures_of
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.spans import Counts, span_of
from tools.feedback.themes import Theme


def report(ctx: Context, args: FeedbackArgs, book: FeedbackBook, parameters: FeedbackParameters) -> Report:
    """The brief of a period: what was said in it; statuses and risks as of the day of the answer.

    Raises:
        InvalidArguments: there is no such period, or it has not begun.
    """
    if ctx.portfolio is None:
        raise TypeError("the brief needs the portfolio")
    return _Brief(ctx, span_of(ctx, args.period or args.title), book, parameters).made()


class _Brief(BriefFacts):
    """The parts of the brief."""

    @cached_property
    def counts(self) -> Counts:
        return Counts("voc", self.span.period, self.ctx.as_of)

    @cached_property
    def figures(self) -> dict[tuple[str, str | None], Figure]:
        """Those of items and contracts, which other commands state too."""
        found = [figure for rated in self.requests for figure in figures_of(rated, self.ctx.as_of)]
        found += [figure for risk in self.risks for figure in risk.contract.values()]
        return {(figure.key, figure.account_id): figure for figure in found}

    def made(self) -> Report:
        """The brief with its data."""
        tables, draft = tuple(self._tables()), self._draft()
        blocks = (self._verdict(), *self._notices(), *([draft] if self.said or self.requests else []), *tables)
        return Report(self._data(), blocks, (*self.figures.values(), *self.counts.made.values()))

    def _texts(self, before: bool = False) -> int:
        period = self.span.before if before else self.span.period
        return sum(voice.day in period for voice in self.ctx.voices)

    def _customers(self) -> list[str]:
        return list(dict.fromkeys(account for theme in self.said for account in theme.account_ids))

    def _verdict(self) -> Verdict:
        period = self.span.period.name
        if not self.said and not self.requests:
            lines = (text("Next: import tickets, NPS comments and notes of meetings, or name another period."),)
            return Verdict(
                tone="neutral", headline=text(f"Nobody said anything about the product in {period}"), lines=lines
            )
        if not self.pains:
            headline = text(f"Voice of the customer, {period}: nothing hurt that customers told us of")
        else:
            first = self.pains[0]
            headline = text(
                f"Voice of the customer, {period}: first pain is “{first.title}”, customers: ", self._number(first)
            )
        return Verdict(tone="neutral", headline=headline, lines=tuple(self._lines())[:11])

    def _lines(self) -> Iterator[Text]:
        yield text(
            "They asked or complained: customers ",
            self.counts.accounts("accounts", "Customers heard", self._customers()),
            ", ARR ",
            self.counts.money("arr", "ARR of the customers heard", self.money.arr(self._customers())),
            ".",
        )
        for theme in self.pains[1:3]:
            yield text(f"Then: “{theme.title}” ({parts.category(theme)}), customers: ", self._number(theme), ".")
        if self.requests:
            rated = self.requests[0]
            yield text(
                f"First request by RICE: {rated.item.title}, RICE ",
                self.figures[f"feedback.{rated.item.id}.rice", None],
                ".",
            )
        if self.gaps:
            yield text(f"First gap without a plan: “{self.gaps[0].title}”.")
        yield text(parts.changed(self.said, self.quiet, self.span))
        if self.risks:
            yield text(f"At risk while they wait for something: {', '.join(risk.account.name for risk in self.risks)}.")
        untold = sum(len(each.untold) for each in self.closed)
        if untold:
            yield text(f"Customers who, by our notes, were not told what became of their request: {untold}.")
        yield text("Next: read the draft with the asks, then send it to product. It is for colleagues alone.")

    def _number(self, theme: Theme) -> Figure:
        return self.counts.accounts(f"{theme.key}.accounts", f"Customers who said: {theme.title}", theme.account_ids)

    def _money(self, theme: Theme) -> Text:
        return self.counts.money(
            f"{theme.key}.arr", f"ARR of who said: {theme.title}", self.money.arr(theme.account_ids)
        )

    def _voices(self, theme: Theme) -> Figure:
        records = listed_records(theme.heard)
        label, rule = f"Times said: {theme.title}", "texts of the period that say it, each once"
        return self.counts.figure(f"{theme.key}.said", label, len(theme.heard), "count", rule, records)

    def _category_row(self, category: FeedbackCategory) -> tuple[Text, ...]:
        mine = [theme for theme in self.said if theme.category == category]
        heard = [heard for theme in mine for heard in theme.heard]
        before = sum(len(theme.before) for theme in self.themes if theme.category == category)
        customers, label = [a for theme in mine for a in theme.account_ids], category_label(category)
        rule = "texts of the period, once for each theme that they name"
        said = self.counts.figure(f"{category}.said", f"Times said: {label}", len(heard), "count", rule)
        number = self.counts.accounts(f"{category}.accounts", f"Customers: {label}", customers)
        money = self.counts.money(f"{category}.arr", f"ARR: {label}", self.money.arr(customers))
        return parts.category_row(label, len(mine), before, said, number, money)

    def _draft(self) -> Draft:
        p, most = self.parameters.brief, self.parameters.brief.quotes
        pains = (parts.theme_lines(t, self._number(t), self._money(t), self.names, most) for t in self.pains)
        gaps = (parts.gap_lines(t, self._number(t), self._money(t), self.names, most) for t in self.gaps)
        fields = (
            ("Top pain points", joined(pains, "\n") or text("None was told.")),
            (
                "Feature requests by RICE",
                joined(parts.request_lines(self.requests, self.figures), "\n") or text("None can be ranked."),
            ),
            ("Product gaps", joined(gaps, "\n") or text("None without a plan was told.")),
            (
                "Churn-risk feedback",
                joined(map(parts.risk_line, self.risks), "\n") or text("No customer at risk waits for an open item."),
            ),
            ("What changed", text(parts.changes(self.said, self.quiet, self.span))),
            (
                "What we told customers",
                joined(parts.told_lines(self.closed[: p.told], self.names), "\n") or text("No item changed."),
            ),
            ("What we ask of product", text("\n".join(f"- {ask.text}" for ask in self.asks) or "Nothing today.")),
        )
        title = text(f"Voice of the customer, {self.span.period.name}")
        return Draft(title=title, audience="internal", fields=tuple(DraftField(label=a, text=b) for a, b in fields))

    def _tables(self) -> Iterator[Block]:
        shown = [*self.pains, *self.gaps]
        if not shown:
            return
        yield Heading(text=text("By category"), folded=True)
        by_category = (
            self._category_row(category) for category in dict.fromkeys(theme.category for theme in self.said)
        )
        yield Table(columns=parts.CATEGORY_COLUMNS, rows=tuple(by_category))
        yield Heading(text=text("Themes in numbers"), folded=True)
        rows = tuple(
            parts.theme_row(theme, self._voices(theme), self._number(theme), self._money(theme)) for theme in shown
        )
        yield Table(columns=parts.THEME_COLUMNS, rows=rows)

    def _notices(self) -> Iterator[Notice]:
        if self.span.is_running:
            yield Notice(
                tone="neutral", text=text(f"{self.span.period.name} has not ended; this is as of {self.ctx.as_of}.")
            )
        if len(self.ctx.voices) >= MOST_VOICES:
            said = f"Only the newest {MOST_VOICES:,} texts were read, back to {self.ctx.voices[-1].day}."
            yield Notice(tone="warning", text=text(said))
        elif not self._texts(before=True):
            said = f"No text is on record for {self.span.before.name}: what is new cannot be told from what is old."
            yield Notice(tone="neutral", text=text(said))

    def _data(self) -> BriefData:
        return BriefData(
            period=self.span.period.name,
            before=self.span.before.name,
            texts=self._texts(),
            texts_before=self._texts(before=True),
            customers=len(self._customers()),
            pains=self._theme_data(self.pains),
            requests=tuple(rated.data() for rated in self.requests),
            gaps=self._theme_data(self.gaps),
            risks=tuple(
                RiskData(
                    account=risk.account.id,
                    item=risk.item.id,
                    reasons=tuple(reason.plain for reason in risk.reasons),
                    words=risk.words,
                    action=risk.action,
                )
                for risk in self.risks
            ),
            told=tuple(
                ToldData(item=c.item.id, answer=c.answered.answer, told=tuple(c.told), untold=c.untold)
                for c in self.closed
            ),
            asks=tuple(self.asks),
        )

    def _theme_data(self, themes: Sequence[Theme]) -> tuple[ThemeData, ...]:
        return tuple(
            ThemeData(
                key=theme.key,
                title=theme.title,
                category=theme.category,
                item=theme.item.id if theme.item else None,
                said=len(theme.heard),
                before=len(theme.before),
                accounts=theme.account_ids,
                arr_by_currency=self.money.arr(theme.account_ids),
                quotes=tuple(quote_data(heard) for heard in theme.heard),
            )
            for theme in themes
        )
