"""What is done now, whose each step is, whom it involves, and what keeps it from coming back (persona §4.2)."""

from collections.abc import Iterator

from app.domain.blocks import Task
from app.domain.figures import Text, text
from tools.health.people import PARTS
from tools.troubleshoot.diagnosis import Found
from tools.troubleshoot.inquiry import Inquiry
from tools.troubleshoot.parameters import Person
from tools.troubleshoot.wording import sentences

US = "us"
DEVELOPER: Person = "developer"
FAMILY_OF_SIGN_IN = "sso"
BEGINNINGS = ("deploy_near_start", "error_rate_step")
"""Rules that tell of the moment at which it began, what says most first."""


def first_step(inquiry: Inquiry) -> Task | None:
    """The first step for now: to engineering what is theirs; of a sign-in, what is kept open before any change."""
    return next(iter((*escalated(inquiry), *now(inquiry))), None)


def now(inquiry: Inquiry) -> tuple[Task, ...]:
    """The steps for now, each once; nothing is changed on a mere possibility."""
    found = _mended(inquiry)
    tasks = [*_before_a_change(inquiry, found)]
    for cause in found:
        owner = owner_of(inquiry, cause)
        tasks += [Task(text=text(each), owner=owner) for each in sentences(inquiry.texts(cause).now, cause)]
    return _each_once([*tasks, *_changes(inquiry)])


def _changes(inquiry: Inquiry) -> Iterator[Task]:
    """Where the cause is not known: to look at what changed when it began, at a deploy before all else."""
    contexts = {each.rule.id: each for each in inquiry.diagnosed.contexts}
    begun = next((contexts[rule] for rule in BEGINNINGS if rule in contexts), None)
    if begun is None or inquiry.decided is None or inquiry.diagnosed.is_known:
        return
    yield from (Task(text=text(each), owner=US) for each in sentences(inquiry.texts(begun).now, begun)[:1])


def settling(inquiry: Inquiry) -> tuple[Task, ...]:
    """What would settle the causes that are not known, the likelier first."""
    tasks: list[Task] = []
    for cause in inquiry.diagnosed.causes:
        if cause.finding.certainty != "known":
            owner = owner_of(inquiry, cause)
            tasks += [Task(text=text(each), owner=owner) for each in sentences(inquiry.texts(cause).settles, cause)]
    return _each_once(tasks)


def prevention(inquiry: Inquiry) -> tuple[Task, ...]:
    """What keeps it from coming back."""
    tasks = [
        Task(text=text(each), owner=owner_of(inquiry, cause))
        for cause in _mended(inquiry)
        for each in sentences(inquiry.texts(cause).prevent, cause)
    ]
    return _each_once(tasks)


def _mended(inquiry: Inquiry) -> list[Found]:
    """The causes that are mended now: the known ones, else the likeliest, so that one change at a time is tried."""
    known = [each for each in inquiry.diagnosed.causes if each.finding.certainty == "known"]
    return known or ([inquiry.decided] if inquiry.decided else [])


def checked(inquiry: Inquiry) -> tuple[Task, ...]:
    """The SQL that checks the case, where there is any: it only reads."""
    titles = [each.title for each in inquiry.scripts if each.language == "sql"]
    owner = owner_of(inquiry, inquiry.top) if inquiry.top else US
    return tuple(Task(text=text(f"Check with the read-only SQL below: {each}."), owner=owner) for each in titles)


def involved(inquiry: Inquiry) -> tuple[Task, ...]:
    """Whom a fault of sign-in, or a rule, involves: at the customer by name where one is on record, and of ours."""
    told = [_who(inquiry, part) for part in _parts(inquiry)]
    if _is_sign_in(inquiry):
        told.append(inquiry.parameters.sign_in.specialist)
    return tuple(Task(text=text(f"Involve {who}."), owner=US) for who in told)


def named(inquiry: Inquiry) -> list[str]:
    """Whom a fault of sign-in involves, in short."""
    if not _is_sign_in(inquiry):
        return []
    people = [(PARTS[part], inquiry.person(part)) for part in _parts(inquiry)]
    told = [f"their {part} ({person.name})" if person else f"their {part}" for part, person in people]
    return [*told, inquiry.parameters.sign_in.specialist]


def owner_of(inquiry: Inquiry, found: Found) -> str:
    """Whose the steps are: the part of the customer that the rule names first, else ours.

    They are ours where the fault is ours or a third party's, and while engineering looks whether it is.
    """
    if found.side in ("product", "external") or (found.side == "undecided" and inquiry.handover.meets):
        return US
    parts = inquiry.texts(found).involve or (DEVELOPER,)
    return f"customer {PARTS[parts[0]]}"


def _parts(inquiry: Inquiry) -> tuple[Person, ...]:
    """Whom to involve beside the developer to whom the letter goes."""
    own = inquiry.texts(inquiry.top).involve if inquiry.top else ()
    if _is_sign_in(inquiry):
        return tuple(dict.fromkeys((*inquiry.parameters.sign_in.involve, *own)))
    return own if own != (DEVELOPER,) else ()


def _is_sign_in(inquiry: Inquiry) -> bool:
    return inquiry.top is not None and inquiry.texts(inquiry.top).family == FAMILY_OF_SIGN_IN


def escalated(inquiry: Inquiry) -> Iterator[Task]:
    """What meets the criteria goes to engineering before anything else is tried."""
    if inquiry.handover.meets:
        severity = f" as {inquiry.handover.severity}" if inquiry.handover.severity else ""
        yield Task(text=text(f"Read the package for engineering below, and send it{severity}."), owner=US)


def _before_a_change(inquiry: Inquiry, found: list[Found]) -> Iterator[Task]:
    """A sign-in is changed only with a way in that does not rest on it."""
    if any(inquiry.texts(each).family == FAMILY_OF_SIGN_IN for each in found):
        yield Task(text=text(inquiry.parameters.sign_in.break_glass), owner=f"customer {PARTS['it_admin']}")


def _who(inquiry: Inquiry, part: Person) -> str:
    person = inquiry.person(part)
    called = f"the customer's {PARTS[part]}"
    if person is None or person.name is None:
        asked = inquiry.snapshot is not None and inquiry.sees_people
        return f"{called} (no name on record: ask for one)" if asked else called
    role = f", {person.role}" if person.role else ""
    return f"{called}: {person.name}{role}"


def _each_once(tasks: list[Task]) -> tuple[Task, ...]:
    each_once: dict[Text, Task] = {}
    for task in tasks:
        each_once.setdefault(task.text, task)
    return tuple(each_once.values())
