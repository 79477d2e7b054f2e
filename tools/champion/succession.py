"""When a champion is gone: who could follow, ranked with reasons, and the plan."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.domain.windows import add_working_days
from tools.champion.cover import Told
from tools.champion.cultivation import Todo
from tools.champion.parameters import Step
from tools.champion.people import Judged
from tools.champion.traits import SHOWS
from tools.health.people import DECIDERS, PARTS

MOST_PROMISES = 3
NOBODY = "the people who are still there"


@dataclass(frozen=True, slots=True)
class Successor:
    """A person who could follow, and why."""

    person: Judged
    reasons: tuple[str, ...]


def successors(told: Told, gone: Judged) -> tuple[Successor, ...]:
    """Those who could follow: champions first, then by traits, a say in the renewal, and the same part.

    A vendor's people and those who left are none. A detractor is one, with the warning among the reasons.
    """
    present = [p for p in told.people if p.present and p.contact.stakeholder != "vendor"]

    def order(person: Judged) -> tuple[bool, int, bool, bool, int, str]:
        heard = person.heard_on.toordinal() if person.heard_on else 0
        same = person.contact.stakeholder is not None and person.contact.stakeholder == gone.contact.stakeholder
        return not person.marked, -person.number, not person.has("influence"), not same, -heard, person.name

    ranked = sorted(present, key=order)[: told.parameters.shown.successors]
    return tuple(Successor(person, tuple(_reasons(person, gone))) for person in ranked)


def plan(told: Told, gone: Judged, following: tuple[Successor, ...]) -> tuple[Todo, ...]:
    """The steps that apply, by day."""
    words = _words(told, gone, following)
    steps = [step for step in told.parameters.succession if _applies(told, gone, following, step)]
    made = [
        Todo(
            key=step.key,
            person=following[0].person if following and step.key in ("handover", "goals", "mark") else None,
            does=step.does.format_map(words),
            why=f"{gone.name} left",
            owner=step.owner,
            due=add_working_days(told.ctx.as_of, step.due),
        )
        for step in steps
    ]
    return tuple(sorted(made, key=lambda todo: todo.due))


def decider(told: Told) -> Judged | None:
    """Who decides there, other than those who left: the sponsor first."""
    found = [p for p in told.people if p.present and p.contact.stakeholder in DECIDERS]
    return min(found, key=lambda p: (p.contact.stakeholder != "exec_sponsor", p.name), default=None)


def _applies(told: Told, gone: Judged, following: tuple[Successor, ...], step: Step) -> bool:
    followed = bool(told.champions)
    match step.key:
        case "sponsor":
            return told.decides_soon and not followed
        case "introduction":
            return not followed
        case "promises":
            return bool(told.promises_of(gone))
        case "goals":
            return bool(told.snapshot.goals)
        case "mark":
            return bool(following) and not followed
        case _:
            return True


def _words(told: Told, gone: Judged, following: tuple[Successor, ...]) -> dict[str, str]:
    first, decides = following[0].person if following else None, decider(told)
    promises = [
        f"“{each.what}”{f' (due {each.due})' if each.due else ''}" for each in told.promises_of(gone)[:MOST_PROMISES]
    ]
    return {
        "gone": gone.name,
        "successor": first.name if first else NOBODY,
        "decider": decides.name if decides else "whoever decides there",
        "promises": "; ".join(promises),
        "mark": f"/champion {told.account.id} mark {first.contact.id}" if first else "",
    }


def _reasons(person: Judged, gone: Judged) -> Iterator[str]:
    if person.marked:
        yield "is marked as champion"
    for key, trait in person.traits.items():
        if trait.state == "yes":
            yield SHOWS[key]
    part = person.contact.stakeholder
    if part is not None and part == gone.contact.stakeholder:
        yield f"the same part: {PARTS[part]}"
    if person.heard_on:
        yield f"last heard of on {person.heard_on}"
    if person.is_detractor:
        yield f"but NPS {person.score}: listen first"
