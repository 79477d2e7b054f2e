"""/feedback report: a month's feedback for product, as a draft, opening with what became of the month before's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.domain.blocks import Block, Draft, DraftField, Heading, Notice, Table, Verdict
from app.domain.command import Context, Report
from app.domain.figures import Figure, Text, joined, text
from app.domain.records import FeedbackCategory, FeedbackItem
from app.domain.snapshot import FeedbackBook
from tools.feedback.answers import Answered, Rate, acceptance_rate, answered, changed_in
from tools.feedback.arguments import FeedbackArgs
from tools.feedback.data import BugData, ReportData, RiskData
from tools.feedback.items import (
    Rated,
    arr_text,
    category_label,
    columns,
    figures_of,
    linked_of,
    ranked,
    rate,
    titled,
)
from tools.feedback.months import Month, read_month
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.risks import Risk, Risks
from tools.feedback.statuses import LABELS, Answer

VOICES_DAYS = 90
"""So many days before as_of the words of customers at risk are looked for."""

OTHERS: dict[FeedbackCategory, str] = {
    "ux": "Usability",
    "documentation": "Documentation",
    "performance": "Performance",
}
ANSWER_COLUMNS = ("Item", "Category", "Answer", "Since", "Days waiting")
REQUEST_COLUMNS = ("#", "Request", "RICE", "Customers", "ARR")
BUG_COLUMNS = ("#", "Bug", "Customers affected", "Linked accounts")
RISK_COLUMNS = ("Customer", "ARR", "At risk because", "Asked for", "Action")


def report(ctx: Context, args: FeedbackArgs, book: FeedbackBook, parameters: FeedbackParameters) -> Report:
    """The report of a month: all of it as of the day of the answer.

    Raises:
        InvalidArguments: the month is none, or begins after as_of.
    """
    if ctx.portfolio is None:
        raise TypeError("the report needs the portfolio")
    return _Report(ctx, read_month(args.month or args.title, ctx.as_of), book, parameters).made()


@dataclass(frozen=True)
class _Report:
    """The parts of a month's report."""

    ctx: Context
    month: Month
    book: FeedbackBook
    parameters: FeedbackParameters

    @cached_property
    def items(self) -> tuple[FeedbackItem, ...]:
        """The items that were there by the end of the month; one of unknown day is taken to have been."""
        return tuple(i for i in self.book.items if i.created_on is None or i.created_on <= self.month.last)

    @cached_property
    def rated(self) -> dict[str, Rated]:
        linked = linked_of(self.ctx, self.book)
        return {item.id: rate(item, linked, self.parameters) for item in self.items}

    @cached_property
    def answers(self) -> dict[str, Answered]:
        return {i.id: answered(i, self.book, self.ctx.as_of, self.parameters) for i in self.items}

    @cached_property
    def before(self) -> list[Answered]:
        """Of the items of the month before: those without an answer last, the oldest first."""
        last = self.month.back(1)
        mine = [self.answers[item.id] for item in self.items if last.holds(item.created_on)]
        return sorted(mine, key=lambda a: (a.answer == "waiting", a.item.created_on or last.first, a.item.id))

    @cached_property
    def changed(self) -> list[Answered]:
        """The other items whose status changed in the month."""
        last = self.month.back(1)
        return [
            self.answers[item.id]
            for item in self.items
            if not last.holds(item.created_on) and changed_in(self.month, item, self.book, self.parameters)
        ]

    @cached_property
    def waiting(self) -> list[Answered]:
        """Older items without an answer, the longest first."""
        first = self.month.back(1).first
        older = [a for a in self.answers.values() if a.waiting and a.item.created_on and a.item.created_on < first]
        return sorted(older, key=lambda a: (a.item.created_on or first, a.item.id))

    @cached_property
    def rates(self) -> tuple[Rate, ...]:
        """Of the month before, of the month, and of the months to it."""
        last, first = self.month.back(1), self.month.back(self.parameters.report.quarter_months - 1)
        spans = ((last, last), (self.month, self.month), (first, self.month))
        return tuple(acceptance_rate(self.items, *span, self.ctx.as_of, self.parameters) for span in spans)

    @cached_property
    def open(self) -> list[Rated]:
        left = self.parameters.left_ranking
        return [self.rated[item.id] for item in self.items if self.answers[item.id].answer not in left]

    @cached_property
    def requests(self) -> list[Rated]:
        mine = [rated for rated in self.open if rated.item.category == "feature_request"]
        return ranked(mine, self.ctx.currency)[: self.parameters.report.top_requests]

    @cached_property
    def unranked(self) -> int:
        return sum(rated.item.category == "feature_request" and not rated.inputs for rated in self.open)

    @cached_property
    def bugs(self) -> list[Rated]:
        return self._by_affected("bug")[: self.parameters.report.top_bugs]

    @cached_property
    def risks(self) -> list[Risk]:
        if self.ctx.portfolio is None:
            return []
        found = Risks(self.ctx.portfolio, self.ctx.voices, self.ctx.currency, self.parameters)
        return found.of([rated.item for rated in self.open])

    @cached_property
    def shown_risks(self) -> list[Risk]:
        """The first of each customer."""
        first = {risk.account.id: risk for risk in reversed(self.risks)}
        once = [risk for risk in self.risks if first[risk.account.id] is risk]
        return once[: self.parameters.report.churn_risks]

    @cached_property
    def figures(self) -> dict[tuple[str, str | None], Figure]:
        """Of all items that the report names, the rates, and the contracts of customers at risk."""
        answers = (*self.before, *self.changed, *self.waiting)
        others = [rated for category in OTHERS for rated in self._by_affected(category)[:1]]
        told = {rated.item.id: rated for rated in (*self.requests, *self.bugs, *others)}
        found = [figure for rated in told.values() for figure in figures_of(rated, self.ctx.as_of)]
        found += [a.waiting for a in answers if a.waiting]
        found += [figure for each in self.rates for figure in (each.adopted, each.counted, each.rate)]
        found += [figure for risk in self.shown_risks for figure in risk.contract.values()]
        return {(figure.key, figure.account_id): figure for figure in found}

    def made(self) -> Report:
        draft = (self._draft(),) if self.items else ()
        blocks = (self._verdict(), *self._notices(), *draft, *self._tables())
        return Report(self._data(), blocks, tuple(self.figures.values()))

    def _by_affected(self, category: FeedbackCategory) -> list[Rated]:
        """The open items of a category, those that affect the most customers first."""

        def order(rated: Rated) -> tuple[float, float, str]:
            return -(rated.reach or 0.0), -rated.arr.get(self.ctx.currency, 0.0), rated.item.id

        return sorted((rated for rated in self.open if rated.item.category == category), key=order)

    def _figure(self, rated: Rated, name: str) -> Figure:
        return self.figures[f"feedback.{rated.item.id}.{name}", None]

    def _by_key(self, rated: Rated) -> dict[str, Figure]:
        return {
            key: figure for (key, _), figure in self.figures.items() if key.startswith(f"feedback.{rated.item.id}.")
        }

    def _verdict(self) -> Verdict:
        if not self.items:
            return Verdict(
                tone="neutral",
                headline=text(f"Nothing to report for {self.month}: no feedback item is recorded"),
                lines=(text("Next: /feedback collect finds requests and complaints in what customers said."),),
            )
        last = self.rates[0]
        lines: list[Text] = [text(line) for line in self._answer_lines()[:2]]
        lines.append(self._rate_line(last))
        if self.requests:
            first = self.requests[0]
            lines.append(text(f"First request: {first.item.title}, RICE ", self._figure(first, "rice"), "."))
        if self.bugs:
            bug = self.bugs[0]
            lines.append(text(f"First bug: {bug.item.title}, customers affected: ", self._affected(bug), "."))
        if self.waiting:
            longest = self.waiting[0]
            told = text(
                f"{len(self.waiting)} older without an answer, the longest for ", *_maybe(longest.waiting), " days"
            )
            lines.append(text(told, f": {titled(longest.item)}."))
        if self.risks:
            names = ", ".join(dict.fromkeys(risk.account.name for risk in self.shown_risks))
            lines.append(text(f"Customers at risk who wait for something: {names}."))
        lines.append(text("Next: read the draft, then send it to product."))
        return Verdict(tone="neutral", headline=text(f"Feedback report for {self.month}"), lines=tuple(lines))

    def _answer_lines(self) -> list[str]:
        """How the items of the month before stand, and what changed among the others."""
        last = self.month.back(1)
        if not self.before:
            lines = [f"No item was submitted in {last}."]
        else:
            lines = [f"Of the {len(self.before)} submitted in {last}: {_counted([a.answer for a in self.before])}."]
        if self.changed:
            lines.append(f"Changed in {self.month} of the others: {_counted([a.answer for a in self.changed])}.")
        return lines

    def _rate_line(self, rate: Rate) -> Text:
        if rate.rate.value is None:
            return text(f"Acceptance rate of {rate.months}: unknown, no item with a known status was submitted.")
        made = text(rate.adopted, " of ", rate.counted)
        return text(f"Acceptance rate of {rate.months}: ", rate.rate, " (", made, ").")

    def _draft(self) -> Draft:
        last = self.month.back(1)
        fields = [
            DraftField(label=f"What became of {last}", text=joined(self._became(), "\n")),
            DraftField(label="Acceptance rate", text=joined(map(self._rate_line, self.rates), "\n")),
            DraftField(label=self._top_label(), text=joined(self._request_lines(), "\n")),
            DraftField(
                label=f"Top {self.parameters.report.top_bugs} bugs (by customers affected)",
                text=joined(self._bug_lines(), "\n"),
            ),
            DraftField(label="Usability, documentation, performance", text=joined(self._other_lines(), "\n")),
            DraftField(label="Churn-risk feedback", text=joined(self._risk_lines(), "\n")),
        ]
        return Draft(title=text(f"Customer feedback, {self.month}"), audience="internal", fields=tuple(fields))

    def _top_label(self) -> str:
        return f"Top {self.parameters.report.top_requests} feature requests (by RICE)"

    def _became(self) -> list[Text]:
        lines: list[Text] = [text(line) for line in self._answer_lines()]
        shown = (*self.before, *self.changed)
        most = self.parameters.report.answers_shown
        lines += [text("- ", self._answer_line(each)) for each in shown[:most]]
        if len(shown) > most:
            lines.append(text(f"- and {len(shown) - most} more"))
        if self.waiting:
            longest = self.waiting[0]
            told = text("Longest without an answer: ", longest.item.title, ", ", *_maybe(longest.waiting), " days.")
            lines.append(told)
        return lines

    def _answer_line(self, each: Answered) -> Text:
        told = text(f"{titled(each.item)}: {LABELS[each.answer]}")
        if each.answer == "unknown":
            told = text(told, f" (“{each.item.status}”)")
        if each.since:
            return text(told, f" since {each.since.isoformat()}" if each.answer != "shipped" else f" on {each.since}")
        return text(told, " for ", each.waiting, " days") if each.waiting else told

    def _request_lines(self) -> Iterator[Text]:
        for place, rated in enumerate(self.requests, start=1):
            told = text(f"{place}. {rated.item.title} (RICE ", self._figure(rated, "rice"))
            told = text(told, ", customers linked: ", self._figure(rated, "customers"))
            arr = text(", ARR ", arr_text(rated, self._by_key(rated))) if rated.item.account_ids else ()
            yield text(told, arr, ")")
        if not self.requests:
            yield text("None can be ranked." if self.unranked else "None is open.")
        if self.unranked:
            yield text(f"Not ranked for want of an input: {self.unranked}.")

    def _bug_lines(self) -> Iterator[Text]:
        for place, rated in enumerate(self.bugs, start=1):
            told = text(f"{place}. {rated.item.title} (customers affected: ", self._affected(rated))
            yield text(told, f", workaround: {rated.item.workaround})" if rated.item.workaround else ")")
        if not self.bugs:
            yield text("None is open.")

    def _affected(self, rated: Rated) -> Text:
        return text(self._figure(rated, "reach")) if rated.reach is not None else text("unknown")

    def _other_lines(self) -> Iterator[Text]:
        for category, label in OTHERS.items():
            mine = self._by_affected(category)
            if not mine:
                yield text(f"{label}: none is open.")
                continue
            told = text(f"{label}: {len(mine)} open; first {mine[0].item.title}")
            yield text(told, ", customers affected: ", self._affected(mine[0]), ".")

    def _risk_lines(self) -> Iterator[Text]:
        for risk in self.shown_risks:
            told = text(f"- {risk.account.name} (ARR ", risk.contract["arr"], "; ", _reasons(risk), ")")
            said = f" says “{risk.words}”" if risk.words else " asked for"
            also = [each.item.title for each in self.risks if each.account.id == risk.account.id and each is not risk]
            told = text(told, f"{said}." if says_the_title(risk) else f"{said}: {risk.item.title}.")
            told = text(told, f" Also waits for: {'; '.join(also)}.") if also else told
            told = text(told, f" → Action: {risk.action}")
            yield text(told, f" Workaround: {risk.item.workaround}") if risk.item.workaround else told
        if not self.risks:
            yield text("No customer with an open item shows a sign of risk.")
        left = len({risk.account.id for risk in self.risks}) - len(self.shown_risks)
        if left:
            yield text(f"- customers more: {left}")

    def _tables(self) -> Iterator[Block]:
        shown = [*self.before, *self.changed, *self.waiting][: self.parameters.most_shown]
        if shown:
            yield Heading(text=text("Answers, item by item"), folded=True)
            yield Table(columns=columns(ANSWER_COLUMNS, right=ANSWER_COLUMNS[4:]), rows=tuple(map(_answer_row, shown)))
        if self.requests:
            yield Heading(text=text(self._top_label()), folded=True)
            rows = tuple(self._request_row(place, rated) for place, rated in enumerate(self.requests, start=1))
            yield Table(columns=columns(REQUEST_COLUMNS, right=REQUEST_COLUMNS[2:]), rows=rows)
        if self.bugs:
            yield Heading(text=text("Top bugs"), folded=True)
            rows = tuple(
                (text(str(place)), text(titled(r.item)), self._affected(r), text(self._figure(r, "customers")))
                for place, r in enumerate(self.bugs, start=1)
            )
            yield Table(columns=columns(BUG_COLUMNS, right=BUG_COLUMNS[2:]), rows=rows)
        if self.shown_risks:
            yield Heading(text=text("Customers at risk"), folded=True)
            rows = tuple(map(_risk_row, self.shown_risks))
            yield Table(columns=columns(RISK_COLUMNS, right=("ARR",)), rows=rows)

    def _request_row(self, place: int, rated: Rated) -> tuple[Text, ...]:
        named = (text(str(place)), text(titled(rated.item)))
        return (
            *named,
            *(text(self._figure(rated, n)) for n in ("rice", "customers")),
            arr_text(rated, self._by_key(rated)),
        )

    def _notices(self) -> Iterator[Notice]:
        unknown = {item.id: item for rate in self.rates for item in rate.unknown}
        if unknown:
            told = ", ".join(f"{item.id} (“{item.status}”)" for item in unknown.values())
            yield Notice(tone="warning", text=text(f"A status that is not known is not counted in the rate: {told}."))
        undated = [item.id for item in self.items if item.created_on is None]
        if undated:
            said = f"Of no month, for want of a day of creation: {', '.join(undated)}."
            yield Notice(tone="neutral", text=text(said))
        if self.month.last > self.ctx.as_of:
            yield Notice(tone="neutral", text=text(f"{self.month} has not ended; this is as of {self.ctx.as_of}."))
        elif self.month != _newest(self.ctx):
            said = f"Statuses are as of {self.ctx.as_of}; as_of={self.month.last} gives them as they were then."
            yield Notice(tone="neutral", text=text(said))
        if self.risks:
            said = (
                "A customer counts as at risk by its decision date or a lapsed contract, an NPS detractor, a budget or "
                "competitor signal, or because it has left. /health has the churn level."
            )
            yield Notice(tone="neutral", text=text(said))

    def _data(self) -> ReportData:
        return ReportData(
            month=str(self.month),
            answers=tuple(each.data() for each in self.before),
            changed=tuple(each.data() for each in self.changed),
            rates=tuple(rate.data() for rate in self.rates),
            requests=tuple(rated.data() for rated in self.requests),
            bugs=tuple(
                BugData(id=r.item.id, title=r.item.title, affected=r.reach, customers=len(r.item.account_ids))
                for r in self.bugs
            ),
            others={category: tuple(r.item.id for r in self._by_affected(category)) for category in OTHERS},
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
        )


def _newest(ctx: Context) -> Month:
    return read_month(None, ctx.as_of)


def _answer_row(each: Answered) -> tuple[Text, ...]:
    waiting = text(each.waiting) if each.waiting else text("")
    since = each.since.isoformat() if each.since else ""
    status = LABELS[each.answer] if each.answer != "unknown" else f"unknown: {each.item.status}"
    return text(titled(each.item)), text(category_label(each.item.category)), text(status), text(since), waiting


def _risk_row(risk: Risk) -> tuple[Text, ...]:
    customer = text(f"{risk.account.name} ({risk.account.id})")
    return customer, text(risk.contract["arr"]), _reasons(risk), text(titled(risk.item)), text(risk.action)


def says_the_title(risk: Risk) -> bool:
    """Whether the customer's words are the item's title."""
    said, title = ((words or "").strip(" .!?").casefold() for words in (risk.words, risk.item.title))
    return said == title


def _reasons(risk: Risk) -> Text:
    return joined((reason.told for reason in risk.reasons), ", ")


def _counted(answers: Sequence[Answer]) -> str:
    """ "2 planned, 1 shipped, 3 no answer yet", in the order of the labels."""
    return ", ".join(f"{answers.count(answer)} {label}" for answer, label in LABELS.items() if answer in answers)


def _maybe(figure: Figure | None) -> tuple[Figure, ...]:
    return (figure,) if figure else ()
