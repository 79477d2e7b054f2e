"""An account's people, judged by the four traits: who is champion in deed or in name, who could be, and who left."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.figures import Figure, account_figure
from app.domain.records import Contact
from app.domain.snapshot import AccountSnapshot
from tools.champion.parameters import ChampionParameters, TraitKey
from tools.champion.traits import LABELS, SHOWS, Trait, TraitReader
from tools.health.people import people

Standing = Literal["champion", "in_name", "candidate", "contact", "departed", "left"]

STANDINGS: dict[Standing, str] = {
    "champion": "champion",
    "in_name": "champion in name only",
    "candidate": "could be one",
    "contact": "",
    "departed": "champion, left",
    "left": "left",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A person with the four traits. `score` is the latest NPS score, `heard_on` when the person was last heard of."""

    contact: Contact
    traits: Mapping[TraitKey, Trait]
    standing: Standing
    score: int | None
    heard_on: dt.date | None
    shown: Figure
    left_on: Figure | None
    is_detractor: bool

    @property
    def name(self) -> str:
        return self.contact.name or self.contact.id

    @property
    def present(self) -> bool:
        return self.standing not in ("departed", "left")

    @property
    def marked(self) -> bool:
        """A champion on record who is still there."""
        return self.standing in ("champion", "in_name")

    def has(self, key: TraitKey) -> bool:
        return self.traits[key].state == "yes"

    @property
    def number(self) -> int:
        """Traits that are seen."""
        return sum(trait.state == "yes" for trait in self.traits.values())

    def words(self, state: str) -> list[str]:
        """The traits in that state, as they are called."""
        return [
            (SHOWS if state == "yes" else LABELS)[key] for key, trait in self.traits.items() if trait.state == state
        ]

    def figures(self) -> list[Figure]:
        own = [figure for trait in self.traits.values() for figure in trait.figures]
        return [*own, self.shown, *([self.left_on] if self.left_on else [])]


def judge(snapshot: AccountSnapshot, reader: TraitReader, parameters: ChampionParameters) -> tuple[Judged, ...]:
    """Everybody on record: champions first, then by traits shown, then by who was heard of last."""
    judged = [_judged(each.contact, each.heard_on, snapshot, reader, parameters) for each in people(snapshot)]
    return tuple(sorted(judged, key=_order))


def _judged(
    contact: Contact,
    heard_on: dt.date | None,
    snapshot: AccountSnapshot,
    reader: TraitReader,
    parameters: ChampionParameters,
) -> Judged:
    traits = reader.read(contact)
    number = sum(trait.state == "yes" for trait in traits.values())
    score = _latest_score(contact, snapshot, parameters.traits.feedback.window_days)
    detractor = score is not None and score <= parameters.detractor
    return Judged(
        contact=contact,
        traits=traits,
        standing=_standing(contact, number, snapshot.as_of, parameters, detractor=detractor),
        score=score,
        heard_on=heard_on,
        shown=_shown(contact, number, snapshot.as_of),
        left_on=_left(contact, snapshot.as_of),
        is_detractor=detractor,
    )


def _standing(
    contact: Contact, number: int, as_of: dt.date, parameters: ChampionParameters, *, detractor: bool
) -> Standing:
    if contact.left_on is not None and contact.left_on <= as_of:
        return "departed" if contact.is_champion else "left"
    if contact.is_champion:
        return "champion" if number else "in_name"
    return "candidate" if number >= parameters.candidate_traits and not detractor else "contact"


def _latest_score(contact: Contact, snapshot: AccountSnapshot, days: int) -> int | None:
    zone, as_of = snapshot.columns.timezone, snapshot.as_of
    mine = [
        answer
        for answer in snapshot.nps
        if answer.contact_id == contact.id and (as_of - answer.responded_at.astimezone(zone).date()).days < days
    ]
    return max(mine, key=lambda a: (a.responded_at, a.id)).score if mine else None


def _shown(contact: Contact, number: int, as_of: dt.date) -> Figure:
    rule = f"of the four: {', '.join(LABELS.values())}"
    key = f"contact.{contact.id}.champion_traits"
    return account_figure(contact.account_id, as_of, key, "Traits of a champion shown", number, "count", rule)


def _left(contact: Contact, as_of: dt.date) -> Figure | None:
    if contact.left_on is None or contact.left_on > as_of:
        return None
    key = f"contact.{contact.id}.left_on"
    return account_figure(
        contact.account_id, as_of, key, "Day on which the person left", contact.left_on, "date", "the contact's field"
    )


_RANKS: Sequence[Standing] = ("champion", "in_name", "candidate", "contact", "departed", "left")


def _order(judged: Judged) -> tuple[int, int, int, str]:
    heard = judged.heard_on.toordinal() if judged.heard_on else 0
    return _RANKS.index(judged.standing), -judged.number, -heard, judged.name
