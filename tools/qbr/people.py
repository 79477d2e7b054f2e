"""Who should be there, and what we ask of the customer: introductions, a case study, a beta."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.blocks import Table
from app.domain.figures import Text, text
from app.domain.records import Stakeholder
from tools.health.people import DECIDERS, PARTS, Person, people
from tools.qbr.data import AskData, AttendeeData
from tools.qbr.outcomes import Result
from tools.qbr.requests import Planned
from tools.qbr.review import NOTHING, Review, number, table
from tools.qbr.support import Incident


@dataclass(frozen=True, slots=True)
class Ask:
    """Something that we ask of the customer, and why it is in place."""

    key: str
    ask: str
    because: Text

    def data(self) -> AskData:
        return AskData(key=self.key, ask=self.ask)


def present(review: Review) -> list[Person]:
    """The people on record who have not left."""
    return [person for person in people(review.snapshot) if person.contact.left_on is None]


def by_stakeholder(review: Review) -> dict[Stakeholder, list[Person]]:
    """Whom to have there, by the part that they play; empty where nobody is on record."""
    here = present(review)
    return {each: [p for p in here if p.contact.stakeholder == each] for each in review.parameters.stakeholders}


def attendees(review: Review) -> tuple[AttendeeData, ...]:
    groups = by_stakeholder(review)
    return tuple(AttendeeData(stakeholder=key, names=tuple(p.name for p in group)) for key, group in groups.items())


def attendee_table(review: Review) -> Table:
    """Theirs by the part that they play, then ours."""
    rows = [
        (text("theirs"), text(PARTS[key]), text(_names(group)), text(review.parameters.stakeholders[key]))
        for key, group in by_stakeholder(review).items()
    ]
    unplaced = [person for person in present(review) if person.contact.stakeholder is None]
    if unplaced:
        rows.append((text("theirs"), text("part not known"), text(_names(unplaced)), text(NOTHING)))
    rows += [(text("ours"), text(each.role), text(NOTHING), text(each.does)) for each in review.parameters.our_side]
    return table(("Side", "Part", "Who", "What for"), rows)


def addressee(review: Review) -> Person | None:
    """Whom the invitation goes to: who decides, a champion first."""
    here = present(review)
    deciding = [person for person in here if person.contact.stakeholder in DECIDERS]
    return next(iter([*[p for p in deciding if p.contact.is_champion], *deciding, *here]), None)


def asks(
    review: Review, results: Sequence[Result], severe: Sequence[Incident], ahead: Sequence[Planned]
) -> tuple[Ask, ...]:
    """What to ask for, as far as the account's health and what is on record allow it."""
    study, _ = case_study(review, results, severe)
    return (*_introductions(review), *([study] if study else []), *_betas(review, ahead))


def case_study(review: Review, results: Sequence[Result], severe: Sequence[Incident]) -> tuple[Ask | None, Text]:
    """The ask for a case study, or why it is not in place."""
    rules = review.parameters.rules.case_study
    score, nps = review.found.figures["health.score"], review.found.components.get("nps", {}).get("score")
    review.stated.add((nps,) if nps else ())
    done = next((each for each in results if each.stands == "achieved"), None)
    if any(each.age is not None for each in severe):
        return None, text("No case study: a severe ticket is open.")
    if done is None:
        return None, text("No case study: no goal is achieved yet.")
    if (value := number(score)) is None or value < rules.least_score:
        return None, text("No case study: health ", score, f", it takes {rules.least_score:g}.")
    if nps is None or (answer := number(nps)) is None or answer < rules.least_nps:
        told = text(nps) if nps else text("not known")
        return None, text("No case study: NPS ", told, f", it takes {rules.least_nps:g}.")
    because = text("health ", score, ", NPS ", nps)
    return Ask("case_study", f"May we tell how you reached “{done.goal.title}”?", because), ()


def _introductions(review: Review) -> Iterator[Ask]:
    groups = by_stakeholder(review)
    for key in review.parameters.introductions:
        if not groups.get(key):
            what_for = review.parameters.stakeholders.get(key, "")
            told = f"Would you introduce us to your {PARTS[key]}?"
            yield Ask(f"introduction.{key}", told, text(f"nobody on record; {what_for}".rstrip("; ")))


def _betas(review: Review, ahead: Sequence[Planned]) -> Iterator[Ask]:
    """Open betas that answer a request of theirs."""
    for each in ahead:
        if each.item.beta_open and each.request:
            told = f"Would you try {each.item.feature} before others, and tell us what is missing?"
            yield Ask("beta", told, text(f"they asked for it: “{each.request.item.title}”"))


def _names(group: Sequence[Person]) -> str:
    named = [f"{p.name} (champion)" if p.contact.is_champion else p.name for p in group]
    return ", ".join(named) or "nobody on record"
