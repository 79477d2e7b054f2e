"""The tables of an account's answer."""

from collections.abc import Iterator, Sequence

from app.domain.blocks import Block, Column, Heading, Table
from app.domain.figures import Text, text
from tools.champion.cultivation import Waits
from tools.champion.people import STANDINGS, Judged
from tools.champion.succession import Successor
from tools.champion.traits import LABELS, TRAITS
from tools.health.people import PARTS

SHOWN_AS = {"yes": "yes", "no": "no", "unknown": "?"}
WAITS_NAMES = {
    "early_access": "early access",
    "advisory_board": "advisory board",
    "recognition": "case study or talk",
    "perks": "gift or ticket",
}


def people(judged: Sequence[Judged]) -> Iterator[Block]:
    """Everybody with the four traits."""
    if not judged:
        return
    yield Heading(text=text("People"))
    columns = _columns("Person", "Part", *(LABELS[key].capitalize() for key in TRAITS), "Of 4", "Stands as")
    yield Table(columns=columns, rows=tuple(map(_person, judged)))


def evidence(judged: Sequence[Judged]) -> Iterator[Block]:
    """What each trait rests on; of those who are still there."""
    present = [person for person in judged if person.present]
    if not present:
        return
    yield Heading(text=text("Evidence, person by person"), folded=True)
    rows = tuple(row for person in present for row in _traits(person))
    yield Table(columns=_columns("Person", "Trait", "Seen", "What it rests on"), rows=rows)


def following(gone: Judged, found: Sequence[Successor]) -> Iterator[Block]:
    """Who could follow a champion that left, best first."""
    if not found:
        return
    yield Heading(text=text(f"Who could follow {gone.name}"), folded=True)
    rows = tuple(
        (text(str(place)), text(each.person.name), text("; ".join(each.reasons) or "is still there"))
        for place, each in enumerate(found, start=1)
    )
    yield Table(columns=_columns("#", "Could follow", "Because"), rows=rows)


def waits(found: Sequence[Waits]) -> Iterator[Block]:
    """What a champion is not asked now, and why."""
    if not found:
        return
    yield Heading(text=text("What is not asked now"), folded=True)
    rows = tuple((text(WAITS_NAMES[each.key]), text(each.person.name), text(each.why)) for each in found)
    yield Table(columns=_columns("Not now", "Person", "Because"), rows=rows)


def _person(person: Judged) -> tuple[Text, ...]:
    contact = person.contact
    part = ", ".join(filter(None, (contact.role, PARTS[contact.stakeholder] if contact.stakeholder else None)))
    seen = tuple(text(SHOWN_AS[person.traits[key].state]) for key in TRAITS)
    stands: Text = text(STANDINGS[person.standing], *((" on ", person.left_on) if person.left_on else ()))
    return text(person.name), text(part or "unknown"), *seen, text(person.shown), stands


def _traits(person: Judged) -> Iterator[tuple[Text, ...]]:
    for trait in person.traits.values():
        told = text(trait.told, f" ({trait.missing})") if trait.missing else trait.told
        yield text(person.name), text(LABELS[trait.key]), text(SHOWN_AS[trait.state]), told


def _columns(*labels: str) -> tuple[Column, ...]:
    return tuple(Column(label=label, align="right" if label == "Of 4" else "left") for label in labels)
