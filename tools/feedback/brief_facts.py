"""What the voice-of-customer brief is made from: themes, items, risks and asks of a period."""

from dataclasses import dataclass
from functools import cached_property

from app.domain.command import Context
from app.domain.records import FeedbackItem
from app.domain.snapshot import FeedbackBook
from tools.feedback import brief_parts as parts
from tools.feedback.answers import Answered, answered, changed_in
from tools.feedback.closing import Closed, closed_loops
from tools.feedback.data import AskData
from tools.feedback.hearing import Ear
from tools.feedback.items import Rated, linked_of, ranked, rate
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.risks import Risk, Risks
from tools.feedback.spans import Money, Span
from tools.feedback.themes import Theme, themes_of

WANTED = "feature_request"
UNANSWERED = ("waiting", "unknown", "declined")


@dataclass(frozen=True)
class BriefFacts:
    """What was said in the period; statuses and risks as of the day of the answer."""

    ctx: Context
    span: Span
    book: FeedbackBook
    parameters: FeedbackParameters

    @cached_property
    def items(self) -> tuple[FeedbackItem, ...]:
        """The items that were there by the end of the period; one of unknown day is taken to have been."""
        return tuple(i for i in self.book.items if i.created_on is None or i.created_on <= self.span.last)

    @cached_property
    def themes(self) -> tuple[Theme, ...]:
        """The most customers first, then the most ARR, then the most voices."""
        found = themes_of(self.ctx.voices, self.items, self.span, self.parameters.hearing)

        def order(theme: Theme) -> tuple[int, float, int, str]:
            arr = self.money.arr(theme.account_ids).get(self.ctx.currency, 0.0)
            return -len(theme.account_ids), -arr, -len(theme.heard), theme.key

        return tuple(sorted(found, key=order))

    @cached_property
    def said(self) -> list[Theme]:
        """What was said in the period itself."""
        return [theme for theme in self.themes if theme.account_ids]

    @cached_property
    def pains(self) -> list[Theme]:
        return [theme for theme in self.said if theme.category != WANTED][: self.parameters.brief.pains]

    @cached_property
    def gaps(self) -> list[Theme]:
        """What customers want and nobody has answered with a plan."""
        wanted = [theme for theme in self.said if theme.category == WANTED]
        return [t for t in wanted if t.item is None or self.answers[t.item.id].answer in UNANSWERED][
            : self.parameters.brief.gaps
        ]

    @cached_property
    def quiet(self) -> list[Theme]:
        """What was said before, and by nobody in the period."""
        return [theme for theme in self.themes if theme.before and not theme.account_ids]

    @cached_property
    def answers(self) -> dict[str, Answered]:
        return {i.id: answered(i, self.book, self.ctx.as_of, self.parameters) for i in self.items}

    @cached_property
    def rated(self) -> list[Rated]:
        """The open items."""
        linked, left = linked_of(self.ctx, self.book), self.parameters.left_ranking
        return [rate(i, linked, self.parameters) for i in self.items if self.answers[i.id].answer not in left]

    @cached_property
    def requests(self) -> list[Rated]:
        mine = [rated for rated in self.rated if rated.item.category == WANTED]
        return ranked(mine, self.ctx.currency)[: self.parameters.brief.requests]

    @cached_property
    def risks(self) -> list[Risk]:
        """The first of each customer at risk."""
        if self.ctx.portfolio is None:
            return []
        found = Risks(self.ctx.portfolio, self.ctx.voices, self.ctx.currency, self.parameters)
        first: dict[str, Risk] = {}
        for risk in found.of([rated.item for rated in self.rated]):
            first.setdefault(risk.account.id, risk)
        return list(first.values())[: self.parameters.brief.risks]

    @cached_property
    def closed(self) -> tuple[Closed, ...]:
        """What became of the items that changed in the period, and who was told."""
        changed = [self.answers[i.id] for i in self.items if changed_in(self.span, i, self.book, self.parameters)]
        ear = Ear(self.parameters.hearing)
        return closed_loops(changed, self.ctx.voices, ear, self.parameters.hearing.alike)

    @cached_property
    def asks(self) -> list[AskData]:
        """Answers that are waited for longest, dates for customers at risk, and inputs that RICE lacks."""
        most, waiting = self.parameters.brief.asks, [a for a in self.answers.values() if a.waiting]
        longest = sorted(waiting, key=lambda a: (a.item.created_on or self.ctx.as_of, a.item.id))[:most]
        unranked = [rated for rated in self.rated if rated.wrong][:most]
        return [
            *(AskData(kind="answer", item=a.item.id, text=parts.answer_ask(a)) for a in longest),
            *(AskData(kind="date", item=risk.item.id, text=parts.date_ask(risk)) for risk in self.risks[:most]),
            *(AskData(kind="inputs", item=rated.item.id, text=parts.inputs_ask(rated)) for rated in unranked),
        ]

    @cached_property
    def money(self) -> Money:
        if self.ctx.portfolio is None:
            raise TypeError("the brief needs the portfolio")
        return Money(self.ctx.portfolio, self.ctx.currency)

    @cached_property
    def names(self) -> dict[str, str]:
        return dict(linked_of(self.ctx, self.book).names)
