"""The review as one answer: a verdict, what is ours alone, and the slides, which the customer reads too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.blocks import Block, Paragraph, Tone, Verdict
from app.domain.command import Report
from app.domain.figures import Text, joined, text
from tools.health.comparison import signed
from tools.health.relationship import risk_line
from tools.health.verdict import contract_line
from tools.qbr import meeting, outcomes, people, proposals, requests, standing, support
from tools.qbr import usage as usage_part
from tools.qbr.arguments import QbrArgs
from tools.qbr.data import PromptData, QbrData, QuarterData
from tools.qbr.invitation import invitation
from tools.qbr.outcomes import Result
from tools.qbr.parameters import When
from tools.qbr.people import Ask
from tools.qbr.requests import Planned, prompts_of
from tools.qbr.review import Prompt, Review, Section, heading, table
from tools.qbr.standing import Standing
from tools.qbr.support import Incident

RISK_HEADING = "Health and risks"
NOTES_HEADING = "Speaker notes"
ASK_HEADING = "Attendees and asks"


@dataclass(frozen=True, slots=True)
class Made:
    """All parts of a review, and what stands beside them."""

    review: Review
    args: QbrArgs
    slots: tuple[meeting.Slot, ...]
    sections: tuple[Section, ...]  # usage, outcomes, support, roadmap, feedback, goals
    results: Sequence[Result]
    severe: Sequence[Incident]
    ahead: Sequence[Planned]
    standing: Standing
    asks: tuple[Ask, ...]

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        return prompts_of(self.sections)

    @property
    def holding(self) -> frozenset[When]:
        """What is so of the account, for the steps of the preparation."""
        holds: dict[When, bool] = {
            "always": True,
            "prompts": bool(self.prompts),
            "incidents": bool(self.severe),
            "overdue": standing.is_late(self.review),
            "at_risk": self.review.found.level in ("high", "critical"),
        }
        return frozenset(when for when, holding in holds.items() if holding)


def made(review: Review, args: QbrArgs) -> Made:
    """All parts of the review.

    Raises:
        InvalidArguments: the meeting's day lies in the past, or it would end after midnight.
    """
    meeting.check_day(args.on, review.ctx.as_of)
    found, severe = outcomes.results(review), support.incidents(review)
    ahead = requests.planned(review, requests.requests(review))
    first = (
        usage_part.section(review),
        outcomes.section(review),
        support.section(review),
        requests.roadmap_section(review),
    )
    still = tuple(prompt for section in first for prompt in section.still_open)
    sections = (*first, requests.feedback_section(review, still), proposals.section(review, severe, ahead))
    return Made(
        review=review,
        args=args,
        slots=meeting.slots(review.parameters, args.at),
        sections=sections,
        results=found,
        severe=severe,
        ahead=ahead,
        standing=standing.standing(review, args.quarter),
        asks=people.asks(review, found, severe, ahead),
    )


def deck(whole: Made) -> Report:
    """The slides with all that the speaker needs beside them."""
    blocks: list[Block] = [_verdict(whole), heading(meeting.AGENDA_HEADING, folded=False), meeting.agenda(whole.slots)]
    args, review = whole.args, whole.review
    steps = meeting.checklist(review.parameters, whole.holding, args.on, review.ctx.as_of)
    blocks += [heading(meeting.PREPARE_HEADING, folded=False), steps, *_risk_blocks(whole)]
    blocks += [block for section in whole.sections for block in section.slides]
    blocks += [*_note_blocks(whole), *_people_blocks(whole)]
    return Report(_data(whole), tuple(blocks), review.stated.figures)


def agenda(whole: Made) -> Report:
    """The invitation, and for colleagues who should get it."""
    review, args = whole.review, whole.args
    headline = f"Invitation to the QBR of {review.quarters.period.name} with {review.account.name}"
    when = f", {args.on}" if args.on else ""
    lines = [text("Next: fill in what you know better, and send it from your own mailbox.")]
    if args.on is None:
        again = f"/qbr {review.account.id} agenda{_named_quarter(args)}"
        lines.append(text(f"No day is set: {again} on=YYYY-MM-DD at=HH:MM puts it in."))
    verdict = Verdict(tone="neutral", headline=text(f"{headline}{when}"), lines=tuple(lines))
    draft = invitation(review, whole.slots, whole.prompts, args.on, args.at)
    blocks = (verdict, draft, heading("Attendees"), people.attendee_table(review))
    return Report(_data(whole), blocks, review.stated.figures)


# ── Verdict ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _verdict(whole: Made) -> Verdict:
    review = whole.review
    lines = [
        _quarter_line(review),
        whole.sections[0].line,
        usage_part.since_then(review),
        *(section.line for section in whole.sections[1:]),
        standing.health_line(review, whole.standing),
        risk_line(review.found),
        contract_line(review.found),
        _missing_line(whole),
        _next_line(whole),
    ]
    return Verdict(tone=_tone(whole), headline=_headline(whole), lines=tuple(filter(None, lines)))


def _headline(whole: Made) -> Text:
    """Which review, and its two numbers: goals achieved, and how use moved."""
    review = whole.review
    parts: list[Text] = []
    if whole.results:
        done, total = outcomes.achieved(review, whole.results)
        parts.append(text(done, " of ", total, f" goal{'s' if len(whole.results) != 1 else ''} achieved"))
    moved = next((each for each in usage_part.usage(review) if each.change), None)
    if moved and moved.change:
        parts.append(text(f"{moved.label if moved.key == 'calls' else 'active users'} ", signed(moved.change)))
    if still := support.open_incidents(review, whole.severe):
        parts.append(text("severe tickets open: ", still))
    running = " (still running)" if review.quarters.is_running else ""
    told = joined(parts, ", ") or text("little is on record, so bring the questions")
    return text(f"{review.account.name}, QBR {review.quarters.period.name}{running}: ", told)


def _quarter_line(review: Review) -> Text:
    """What a reader must know before the numbers: the customer left, or came after the quarter began."""
    account, quarters = review.account, review.quarters
    if account.lifecycle == "churned":
        return text(f"{account.name} has left: this looks back, for a talk about coming back or about what we learn.")
    start = review.customer_since
    if start is not None and start > quarters.period.last:
        this = f"/qbr {account.id} this"
        return text(f"The contract began on {start}, after {quarters.period.name}: {this} reviews the running quarter.")
    if start is not None and start > quarters.earlier.first:
        return text(f"The contract began on {start}: there is no whole quarter before to compare with.")
    return ()


def _missing_line(whole: Made) -> Text:
    prompts = whole.prompts
    if not prompts:
        return ()
    more = f" And {len(prompts) - 1} more, on the slides." if len(prompts) > 1 else ""
    return text(f"Missing, so ask: {prompts[0].ask}{more}")


def _next_line(whole: Made) -> Text:
    on, account, quarter = whole.args.on, whole.review.account.id, _named_quarter(whole.args)
    if on is None:
        return text(f"Next: fix the day. /qbr {account}{quarter} on=YYYY-MM-DD at=HH:MM dates all below.")
    hour = f" at={whole.args.at:%H:%M}" if whole.args.at else ""
    return text(f"Next: send the invitation: /qbr {account} agenda{quarter} on={on}{hour}.")


def _named_quarter(args: QbrArgs) -> str:
    return f" {args.quarter}" if args.quarter else ""


def _tone(whole: Made) -> Tone:
    found = whole.review.found
    if found.level in ("high", "critical") or any(each.age is not None for each in whole.severe):
        return "bad"
    if any(each.stands in ("missed", "at_risk", "past_due") for each in whole.results):
        return "warning"
    return "neutral" if found.tier == "unknown" else "good"


# ── For colleagues ────────────────────────────────────────────────────────────────────────────────────────────────


def _risk_blocks(whole: Made) -> Iterator[Block]:
    rows: list[tuple[Text, ...]] = [(text("Health"), standing.health_line(whole.review, whole.standing))]
    if moved := standing.mover(whole.standing):
        rows.append((text("What moved it"), moved))
    yield heading(RISK_HEADING)
    yield table(("Risk", "What is known"), [*rows, *standing.risk_rows(whole.review)])


def _note_blocks(whole: Made) -> Iterator[Block]:
    parts, sections = whole.review.parameters, whole.sections
    notes = {
        "usage": sections[0].notes,
        "outcomes": (*sections[1].notes, *sections[2].notes),
        "roadmap": sections[3].notes,
        "feedback": sections[4].notes,
        "goals": sections[5].notes,
    }
    rows = [(text(part.title), line) for part in parts.parts for line in (text(part.say), *notes[part.key])]
    yield heading(NOTES_HEADING)
    yield table(("In part", "Say"), rows)


def _people_blocks(whole: Made) -> Iterator[Block]:
    review = whole.review
    yield heading(ASK_HEADING)
    yield people.attendee_table(review)
    if whole.asks:
        yield table(("Ask them", "Because"), [(text(each.ask), each.because) for each in whole.asks])
    _, why_not = people.case_study(review, whole.results, whole.severe)
    if why_not:
        yield Paragraph(text=why_not)


def _data(whole: Made) -> QbrData:
    review, args = whole.review, whole.args
    values: dict[str, Any] = {}
    for section in whole.sections:
        values |= section.data
    return QbrData(
        id=review.account.id,
        name=review.account.name,
        quarter=quarter_data(review),
        on=args.on,
        agenda=tuple(slot.data() for slot in whole.slots),
        prompts=tuple(PromptData(part=p.part, key=p.key, ask=p.ask) for p in whole.prompts),
        asks=tuple(each.data() for each in whole.asks),
        attendees=people.attendees(review),
        preparation=meeting.steps(review.parameters, whole.holding, args.on),
        health=standing.data(review, whole.standing),
        **values,
    )


def quarter_data(review: Review) -> QuarterData:
    quarters = review.quarters
    return QuarterData(
        name=quarters.period.name,
        first=quarters.period.first,
        last=quarters.period.last,
        before=quarters.earlier.name,
        running=quarters.is_running,
    )


def not_yet(review: Review) -> Report:
    """The account is no customer yet: there is nothing to review."""
    begins = review.found.figures["contract.begins"]
    lines = (text(f"Next: /onboard {review.account.id} plans the first 90 days; a quarter later there is a review."),)
    headline = text(f"{review.account.name} is not a customer yet: its contract starts ", begins)
    data = QbrData(id=review.account.id, name=review.account.name, quarter=quarter_data(review))
    return Report(data, (Verdict(tone="neutral", headline=headline, lines=lines),), review.stated.figures)
