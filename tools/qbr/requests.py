"""Parts 3 and 4: what is planned and shipped, matched to what the customer asked for; its requests and open tickets."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.blocks import Block
from app.domain.figures import Evidence, Text, text
from app.domain.records import FeedbackItem, RoadmapItem, Touchpoint
from tools.feedback.hearing import Ear
from tools.feedback.likeness import are_alike
from tools.feedback.parameters import FeedbackParameters
from tools.feedback.statuses import Answer, answer_of
from tools.health.open_work import OpenTicket, open_work
from tools.health.people import held
from tools.health.promises import shortened
from tools.health.wording import counted
from tools.qbr.data import RequestData, RoadmapData
from tools.qbr.review import NOTHING, Prompt, Review, Section, asked, heading, table

ROADMAP_HEADING = "Part 3: roadmap preview"
REQUEST_HEADING = "Part 4: your requests"
QUESTION_HEADING = "Part 4: questions for you"

ROADMAP_COLUMNS = ("Feature", "Planned for", "Early access", "Your request")
REQUEST_COLUMNS = ("Your request or ticket", "Since", "How it stands")
QUESTION_COLUMNS = ("Question for you", "What we see")


@dataclass(frozen=True, slots=True)
class Request:
    """What the customer asked for, and what became of it."""

    item: FeedbackItem
    stands: Answer

    def data(self) -> RequestData:
        item = self.item
        return RequestData(
            id=item.id, title=item.title, stands=self.stands, since=item.created_on, shipped_on=item.shipped_on
        )


@dataclass(frozen=True, slots=True)
class Planned:
    """A roadmap item that customers may see, and the customer's own request that it answers."""

    item: RoadmapItem
    when: str
    request: Request | None

    def data(self) -> RoadmapData:
        item, request = self.item, self.request
        return RoadmapData(
            feature=item.feature,
            quarter=item.quarter,
            beta_open=bool(item.beta_open),
            request=request.item.id if request else None,
        )


def requests(review: Review) -> list[Request]:
    """The account's requests, those that shipped first, then the newest."""
    settings, book = _feedback(review), review.ctx.feedback
    mine = [item for item in (book.items if book else ()) if review.account.id in item.account_ids]
    found = [Request(item, answer_of(item, review.ctx.as_of, settings)) for item in mine]
    shown = [each for each in found if each.stands not in review.parameters.not_shown]
    return sorted(shown, key=lambda each: (each.stands != "shipped", -_day(each.item), each.item.id))


def planned(review: Review, asked_for: Sequence[Request]) -> list[Planned]:
    """What customers may see of the roadmap: what answers a request of this one first, then open betas, then by day."""
    rules, ear = review.parameters.rules, Ear(_feedback(review).hearing)
    items = [
        i for i in review.ctx.listing(RoadmapItem).records if (i.audience or "").casefold() in rules.roadmap_audiences
    ]
    found = [Planned(item, _when(review, item), _answered(review, ear, item, asked_for)) for item in items]
    order = {words: place for place, words in enumerate(review.parameters.quarter_words.values())}

    def first(each: Planned) -> tuple[bool, bool, int, str, str]:
        place = order.get(each.when, len(order))
        return each.request is None, not each.item.beta_open, place, each.when, each.item.feature

    return sorted(found, key=first)


def unspoken(review: Review) -> list[str]:
    """Roadmap items that no customer may hear of."""
    rules = review.parameters.rules
    items = review.ctx.listing(RoadmapItem).records
    return [item.feature for item in items if (item.audience or "").casefold() not in rules.roadmap_audiences]


def last_review(review: Review) -> Touchpoint | None:
    """The newest business review that took place before as_of."""
    talks = (t for t in review.snapshot.touchpoints if t.kind == "qbr" and held(t) and t.date < review.ctx.as_of)
    return max(talks, key=lambda each: (each.date, each.id), default=None)


def _answered(review: Review, ear: Ear, item: RoadmapItem, asked_for: Sequence[Request]) -> Request | None:
    words, alike = ear.telling_words(item.feature), _feedback(review).hearing.alike
    open_requests = (each for each in asked_for if each.stands not in ("shipped", "declined"))
    return next(
        (
            each
            for each in open_requests
            if are_alike(words, ear.telling_words(each.item.title), each.item.category, alike)
        ),
        None,
    )


def _feedback(review: Review) -> FeedbackParameters:
    parameters = review.ctx.others["feedback"]
    if not isinstance(parameters, FeedbackParameters):
        raise TypeError("/qbr needs the parameters of /feedback in its context")
    return parameters


def _when(review: Review, item: RoadmapItem) -> str:
    if not item.quarter:
        return "no quarter set"
    return f"{review.parameters.quarter_words.get(item.quarter.casefold(), item.quarter)}"


def _day(item: FeedbackItem) -> int:
    return (item.shipped_on or item.created_on or dt.date.min).toordinal()


# ── Part 3 ────────────────────────────────────────────────────────────────────────────────────────────────────────


def roadmap_section(review: Review) -> Section:
    """What shipped since the last review, then what is planned; a question where there is neither."""
    asked_for = requests(review)
    ahead, last, most = planned(review, asked_for), last_review(review), review.parameters.shown.roadmap
    since = last.date if last else review.quarters.period.first
    arrived = [each for each in asked_for if each.item.shipped_on is not None and each.item.shipped_on > since]
    rows = [_shipped_row(each) for each in arrived] + [_planned_row(each) for each in ahead]
    prompts = () if rows else (review.prompt("roadmap", "roadmap", "We want to hear it before we plan on."),)
    more = text(review.parameters.roadmap_note)
    slide = table(ROADMAP_COLUMNS, rows[:most], more) if rows else asked(prompts, review.parameters.ask_first)
    notes = tuple(_roadmap_notes(review, ahead, last))
    data = {"roadmap": tuple(each.data() for each in ahead)}
    return Section((heading(ROADMAP_HEADING), slide), prompts, notes=notes, data=data)


def _shipped_row(each: Request) -> tuple[Text, ...]:
    title = shortened(each.item.title)
    return text(title), text(f"available since {each.item.shipped_on}"), text(NOTHING), text("yes")


def _planned_row(each: Planned) -> tuple[Text, ...]:
    request = f"“{shortened(each.request.item.title)}”" if each.request else NOTHING
    return text(each.item.feature), text(each.when), text("open" if each.item.beta_open else NOTHING), text(request)


def _roadmap_notes(review: Review, ahead: Sequence[Planned], last: Touchpoint | None) -> Iterator[Text]:
    matched = [each for each in ahead if each.request]
    if matched:
        yield text(f"Answers their own requests: {', '.join(each.item.feature for each in matched)}.")
    if not ahead:
        yield text("No roadmap item that customers may see is on record: ask product what may be shown.")
    if hidden := unspoken(review):
        yield text(f"Not for customers, so not a word of: {', '.join(hidden)}.")
    if last is None:
        yield text("No earlier QBR is on record: what shipped is told since the quarter's first day.")
    else:
        yield text(f"The last QBR was on {last.date}; what shipped is told since then.")


# ── Part 4 ────────────────────────────────────────────────────────────────────────────────────────────────────────


def feedback_section(review: Review, still_open: Sequence[Prompt]) -> Section:
    """Open tickets and requests with how they stand; then what is always asked, and what is missing elsewhere."""
    asked_for, tickets = requests(review), _open_tickets(review)
    shown = review.parameters.shown
    rows = [_ticket_row(review, each) for each in tickets[: shown.tickets]]
    rows += [_request_row(review, each) for each in asked_for[: shown.requests]]
    left = max(len(tickets) - shown.tickets, 0) + max(len(asked_for) - shown.requests, 0)
    more = text(f"Not shown: {left} more.") if left else ()
    slides: list[Block] = [heading(REQUEST_HEADING), table(REQUEST_COLUMNS, rows, more)] if rows else []
    slides += [heading(QUESTION_HEADING), _question_slide(review, asked_for, still_open)]
    notes = tuple(_feedback_notes(asked_for))
    return Section(tuple(slides), notes=notes, data={"requests": tuple(each.data() for each in asked_for)})


def _open_tickets(review: Review) -> tuple[OpenTicket, ...]:
    return open_work(review.found, None).tickets


def _ticket_row(review: Review, each: OpenTicket) -> tuple[Text, ...]:
    evidence = (Evidence(kind="tickets", id=each.ticket.id, date=each.opened_on),)
    age = review.stated.number(
        f"ticket.{each.ticket.id}.age",
        f"Age of ticket {each.ticket.id}",
        (review.ctx.as_of - each.opened_on).days,
        "days",
        "days from its opening to as_of",
        evidence,
    )
    subject = f"{each.ticket.id}: {shortened(each.ticket.subject or '')}".rstrip(": ")
    return text(subject), text(str(each.opened_on)), text(f"{each.severity}, open for ", counted(age, "day", "days"))


def _request_row(review: Review, each: Request) -> tuple[Text, ...]:
    words = review.parameters.request_words[each.stands]
    if each.stands == "shipped":
        words = f"{words} {each.item.shipped_on}" if each.item.shipped_on else "available"
    return text(shortened(each.item.title)), text(str(each.item.created_on or NOTHING)), text(words)


def _question_slide(review: Review, asked_for: Sequence[Request], still_open: Sequence[Prompt]) -> Block:
    questions, most = review.parameters.questions, review.parameters.shown.prompts
    on_record = [each.item.title for each in asked_for if each.stands not in ("shipped", "declined")]
    titles = "; ".join(f"“{shortened(title)}”" for title in on_record[:3])
    wished = f"On record: {titles}" if titles else "We have no request of yours on record yet"
    rows = [
        (text(questions.working), _working(review)),
        (text(questions.frustrating), _frustrating(review)),
        (text(questions.top_three), text(wished)),
        *((text(prompt.ask), text(prompt.because)) for prompt in still_open[:most]),
    ]
    return table(QUESTION_COLUMNS, rows)


def _working(review: Review) -> Text:
    done = [goal.title for goal in review.snapshot.goals if goal.status == "achieved"]
    return text(f"You reached “{shortened(done[0])}”" if done else NOTHING)


def _frustrating(review: Review) -> Text:
    """What the tickets of the quarter are about most."""
    zone, period = review.snapshot.columns.timezone, review.quarters.period
    opened = [t for t in review.snapshot.tickets if t.opened_at.astimezone(zone).date() in period]
    kinds = Counter(ticket.category for ticket in opened if ticket.category)
    if not kinds:
        return text(NOTHING)
    kind, _ = max(kinds.items(), key=lambda each: (each[1], each[0]))
    records = tuple(
        Evidence(kind="tickets", id=t.id, date=t.opened_at.astimezone(zone).date())
        for t in opened
        if t.category == kind
    )
    key, label = f"qbr.support.top_category.{period.name}", f"Tickets on {kind}, {period.name}"
    count = review.stated.count(key, label, records, "opened in the period, of its most frequent category", "tickets")
    return text(counted(count, "ticket", "tickets"), f" in the quarter on: {kind}")


def _feedback_notes(asked_for: Sequence[Request]) -> Iterator[Text]:
    waiting = [each.item.title for each in asked_for if each.stands == "waiting"]
    if waiting:
        titles = "; ".join(f"“{shortened(title)}”" for title in waiting[:3])
        yield text(f"Product has not answered yet: {titles}. Get a word before the meeting.")


def prompts_of(sections: Sequence[Section]) -> tuple[Prompt, ...]:
    """The questions of all parts, in their order."""
    return tuple(prompt for section in sections for prompt in section.prompts)
