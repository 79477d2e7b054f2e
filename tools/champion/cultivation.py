"""What to do for each champion (persona §5.3), with owner and day; what waits, and why."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.domain.windows import add_working_days
from tools.champion.cover import Told
from tools.champion.parameters import ActionKey
from tools.champion.people import Judged
from tools.champion.traits import TRAITS

LISTED = 3
"""So many of a person's requests are named."""


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to do. `person` is None where it is about the account; `key` is an action's or a step's.

    `detail` is what the checklist adds to it.
    """

    key: str
    person: Judged | None
    does: str
    why: str
    owner: str
    due: dt.date
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Waits:
    """Something that is not asked now, and why."""

    key: ActionKey
    person: Judged
    why: str


def todos(told: Told) -> tuple[Todo, ...]:
    """Everything to do for those who are there, by day."""
    found = [todo for person in told.people if person.present for todo in _for(told, person)]
    second = _second(told)
    found += [second] if second else []
    return tuple(sorted(found, key=lambda todo: (todo.due, todo.key, todo.person.name if todo.person else "")))


def waiting(told: Told) -> tuple[Waits, ...]:
    """What a champion is not asked now."""
    return tuple(each for person in told.champions for each in _waits(told, person))


def no_asking(told: Told, person: Judged) -> str | None:
    """Why nothing may be asked of a person now; None where it may."""
    if told.incident is not None:
        return "a SEV1 is open: solve it first"
    if person.is_detractor:
        return f"the latest NPS score is {person.score}: listen first"
    return None


def _for(told: Told, person: Judged) -> Iterator[Todo]:
    if person.standing == "candidate":
        yield _todo(told, "mark", person, mark=f"/champion {told.account.id} mark {person.contact.id}")
    if person.standing == "in_name":
        yield _todo(told, "revive", person, unmark=f"/champion {told.account.id} unmark {person.contact.id}")
    if person.marked and person.is_detractor:
        yield _todo(told, "listen", person)
    if person.standing != "champion":
        return
    yield _direct_line(told, person)
    for key in ("early_access", "advisory_board", "recognition", "perks"):
        if _why_not(told, person, key) is None:
            yield _todo(told, key, person, feature=_feature(told))


def _waits(told: Told, person: Judged) -> Iterator[Waits]:
    if person.standing != "champion":
        return
    for key in ("early_access", "advisory_board", "recognition", "perks"):
        if why := _why_not(told, person, key):
            yield Waits(key, person, why)


def _why_not(told: Told, person: Judged, key: ActionKey) -> str | None:
    """Why this is not asked of the person now; None where it is."""
    if told.parameters.actions[key].ask and (why := no_asking(told, person)):
        return why
    if key in ("recognition", "perks") and told.tier == "red":
        return "the account is red: help it first"
    match key:
        case "early_access":
            return None if told.betas else "no beta on the roadmap is open to customers"
        case "advisory_board":
            lacks = [key for key in ("influence", "feedback") if not person.has(key)]
            return None if not lacks else "needs a say in the renewal, and feedback given"
        case "recognition":
            return _no_recognition(told, person)
        case _:
            return None if person.has("advocate") else "nothing to thank for yet"


def _no_recognition(told: Told, person: Judged) -> str | None:
    if not person.has("advocate"):
        return "has not spoken for us yet"
    return None if told.reached else "no goal is reached yet: there is no result to tell of"


def _direct_line(told: Told, person: Judged) -> Todo:
    mine = [item for item in told.items if item.contact_id == person.contact.id]
    named = "; ".join(f"{item.title} ({item.status or 'no answer yet'})" for item in (mine or told.items)[:LISTED])
    todo = _todo(told, "direct_line", person)
    whose = "their" if mine else "their company's"
    return replace(todo, detail=f"Say where {whose} requests stand: {named}.") if named else todo


def _second(told: Told) -> Todo | None:
    """Who could become a second champion, where all hangs on one and nobody acts like one yet."""
    if told.cover != "single" or told.candidates:
        return None
    others = [p for p in told.people if p.standing == "contact" and p.contact.stakeholder != "vendor"]
    best = max(others, key=lambda p: (not p.is_detractor, p.number, p.has("influence")), default=None)
    if best is None:
        return None
    lacks = [key for key in told.parameters.next_step if not best.has(key)]
    step = told.parameters.next_step[lacks[0]] if lacks else told.parameters.next_step[TRAITS[0]]
    return _todo(told, "second", best, step="ask what went wrong, and help." if best.is_detractor else step)


def _feature(told: Told) -> str:
    """The betas, those that the account waits for first."""
    wanted = " ".join(item.title for item in told.items).casefold().split()
    ordered = sorted(told.betas, key=lambda beta: -len(set(beta.feature.casefold().split()) & set(wanted)))
    return " or ".join(f"“{beta.feature}”" for beta in ordered)


def _todo(told: Told, key: ActionKey, person: Judged, **words: str) -> Todo:
    action = told.parameters.actions[key]
    return Todo(
        key=key,
        person=person,
        does=action.does.format_map({"who": person.name, **words}),
        why=action.why,
        owner=action.owner,
        due=add_working_days(told.ctx.as_of, action.due),
    )
