"""Part 5: goals to propose for the next quarter, each from something on record. They count once the customer agrees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.figures import Text, text
from app.domain.periods import quarter_after, quarter_with
from app.domain.records import Signal
from tools.health.comparison import signed
from tools.health.promises import shortened
from tools.qbr import outcomes
from tools.qbr import usage as usage_part
from tools.qbr.data import ProposalData
from tools.qbr.outcomes import Result
from tools.qbr.requests import Planned
from tools.qbr.review import Review, Section, heading, number, table
from tools.qbr.support import Incident
from tools.qbr.usage import Features

HEADING = "Part 5: goals for the next quarter"
NO_OTHER = "The goals on record run on past the next quarter"

COLUMNS = ("Proposal", "What it rests on")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A goal to agree on. `key` says what it rests on."""

    key: str
    what: str
    why: Text

    def data(self) -> ProposalData:
        return ProposalData(key=self.key, what=self.what)


def section(review: Review, severe: Sequence[Incident], ahead: Sequence[Planned]) -> Section:
    """The proposals, the most pressing first."""
    found = [*proposals(review, severe, ahead)][: review.parameters.shown.proposals] or [next_outcome(NO_OTHER)]
    rows = [(text(each.what), each.why) for each in found]
    slides = (heading(HEADING), table(COLUMNS, rows, text(review.parameters.proposal_note)))
    return Section(slides, data={"proposals": tuple(each.data() for each in found)})


def proposals(review: Review, severe: Sequence[Incident], ahead: Sequence[Planned]) -> Iterator[Proposal]:
    """From goals that are late or due, severe incidents, use and features, betas and new use cases."""
    results, features = outcomes.results(review), usage_part.features(review)
    yield from _late(review, results)
    yield from _incident(severe)
    yield from _due(review, results)
    yield from _use(review)
    yield from _features(review, features)
    yield from _beta(ahead)
    yield from _use_case(review)
    yield from _next_goal(results)


def _late(review: Review, results: Sequence[Result]) -> Iterator[Proposal]:
    for each in results:
        if each.stands in ("missed", "past_due", "at_risk"):
            title, words = shortened(each.goal.title), review.parameters.goal_words[each.stands]
            far = text(": ", each.progress, " of the way") if each.progress else ()
            what = "Set a new day and the next step for" if each.stands != "at_risk" else "Bring back on its way"
            yield Proposal(f"goal.{each.goal.id}", f"{what} “{title}”", text(words, far))


def _incident(severe: Sequence[Incident]) -> Iterator[Proposal]:
    if severe:
        worst = severe[0]
        subject = shortened(worst.ticket.subject or worst.ticket.id)
        why = text(f"{worst.severity}, opened on {worst.opened_on}")
        yield Proposal("incident", f"Settle how we both notice and prevent a repeat of “{subject}”", why)


def _due(review: Review, results: Sequence[Result]) -> Iterator[Proposal]:
    """On track and due by the end of the next quarter, or of no known status."""
    fiscal = review.ctx.fiscal_start
    until = quarter_after(quarter_with(review.ctx.as_of, fiscal), fiscal).last
    for each in results:
        goal, title = each.goal, shortened(each.goal.title)
        if each.stands == "unknown":
            why = text("its result is not known yet")
            yield Proposal(f"goal.{goal.id}", f"Agree on how “{title}” is measured, and how often we look", why)
        elif each.stands == "on_track" and goal.due is not None and goal.due <= until:
            far = text("on track: ", each.progress, " of the way") if each.progress else text("on track")
            yield Proposal(f"goal.{goal.id}", f"Reach “{title}” by {goal.due}", far)


def _use(review: Review) -> Iterator[Proposal]:
    """The first measure that fell by so much that it is spoken about."""
    for each in usage_part.usage(review):
        change = number(each.change)
        if each.change and change is not None and change <= -review.parameters.rules.moved:
            what = f"Find out what changed, and agree on a level of: {each.label}"
            yield Proposal("use", what, text(signed(each.change), " on the quarter before"))
            return


def _features(review: Review, features: Features) -> Iterator[Proposal]:
    if features.gone:
        names = ", ".join(features.gone[:3])
        yield Proposal("features.gone", f"Decide whether you still need {names}", text("No longer used in the quarter"))
    share = features.share
    if share is not None and share < review.parameters.rules.adopted:
        used, available = features.measured[0].now, review.found.components["feature_adoption"]["available"]
        what = "Pick one more feature that serves a goal, and try it with one team"
        yield Proposal("features.more", what, text(used, " of ", available, " features used"))


def _beta(ahead: Sequence[Planned]) -> Iterator[Proposal]:
    for each in ahead:
        if each.item.beta_open and each.request:
            why = text(f"Close to your request “{shortened(each.request.item.title)}”")
            yield Proposal("beta", f"Try the early access of {each.item.feature}", why)


def _use_case(review: Review) -> Iterator[Proposal]:
    """A new use case that the customer named in the quarter or since: what was noted of it is not told."""
    named = [s for s in review.snapshot.signals if _is_new_use(s) and s.date >= review.quarters.period.first]
    if named:
        newest = max(named, key=lambda each: (each.date, each.id))
        what = "Look at the further use case that you brought up, with its number and owner"
        yield Proposal("use_case", what, text(f"You named it on {newest.date}"))


def _is_new_use(signal: Signal) -> bool:
    return signal.kind == "new_use_case"


def _next_goal(results: Sequence[Result]) -> Iterator[Proposal]:
    """Where no goal is left to work on."""
    if all(each.stands in ("achieved", "missed") for each in results):
        yield next_outcome("Every goal on record is settled" if results else "No goal is on record")


def next_outcome(why: str) -> Proposal:
    what = "Set the next outcome: a number, where it starts, where it should be, by when"
    return Proposal("goal.next", what, text(why))
