"""/champion of one account: who speaks for us there, how well, what hangs on it, and what to do."""

from collections.abc import Iterator

from app.domain.blocks import Block, Checklist, Draft, Heading, Notice, Task, Verdict
from app.domain.command import Context, Report
from app.domain.figures import Figure, Text, text
from tools.champion import letters, tables
from tools.champion.cover import Told, told_of
from tools.champion.cultivation import Todo, todos, waiting
from tools.champion.data import AccountData, PersonData, SuccessorData, TodoData, TraitData, WaitsData
from tools.champion.hidden import TONES, hidden_report
from tools.champion.people import Judged
from tools.champion.stakes import account_data, at_stake
from tools.champion.succession import Successor, plan, successors
from tools.health.wording import listing

MOST_LINES = 11


def report(ctx: Context) -> Report:
    """The account's answer; without people, where the caller's role does not see them."""
    told = told_of(ctx)
    return _Report(told).made() if ctx.sees_people else hidden_report(told)


class _Report:
    """The parts of an account's answer."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._todos, self._waits = todos(told), waiting(told)
        following = {gone.contact.id: successors(told, gone) for gone in told.departed}
        self._plans = [
            (gone, following[gone.contact.id], plan(told, gone, following[gone.contact.id])) for gone in told.departed
        ]

    def made(self) -> Report:
        """The answer with its data and every figure that it states."""
        figures = dict(self._told.figures)
        for person in self._told.people:
            figures |= {figure.key: figure for figure in person.figures()}
        if incident := self._told.incident:
            figures[incident.key] = incident
        blocks = (
            self._verdict(),
            *tables.people(self._told.people),
            *self._steps(),
            *self._drafts(),
            *self._folded(),
            *self._notices(),
        )
        return Report(self._data(), blocks, tuple(figures.values()))

    @property
    def _steps_by_day(self) -> list[Todo]:
        steps = [step for _, _, steps in self._plans for step in steps]
        return sorted((*steps, *self._todos), key=lambda todo: todo.due)

    def _verdict(self) -> Verdict:
        lines = [*self._why(), *self._next()][:MOST_LINES]
        tone = TONES[self._told.cover] if self._told.is_customer else "neutral"
        return Verdict(tone=tone, headline=self._headline(), lines=tuple(lines))

    def _headline(self) -> Text:
        told, name = self._told, self._told.account.name
        match told.cover:
            case "unknown":
                return text(f"{name}: nobody is on record, so no champion can be told")
            case "none":
                return text(f"{name} has no champion: nobody there is marked as one")
            case "departed":
                gone = told.departed[0]
                return text(f"{name} has no champion since {gone.name} left on ", *_left(gone))
            case "single":
                return text(f"{name} hangs on one champion: {_with_traits(told.champions[0])}")
            case _:
                named = listing([person.name for person in told.champions])
                return text(f"{name} has ", told.figures["contacts.champions"], f" champions: {named}")

    def _why(self) -> Iterator[Text]:
        told = self._told
        if not told.is_customer:
            yield text("It is no customer today: nothing is at stake, and nobody is asked for anything.")
        else:
            yield at_stake(told)
        if told.incident is not None:
            yield text("SEV1 open: ", told.incident, ". Ask nobody there for a favour until it is solved.")
        for person in told.champions:
            if person.standing == "in_name":
                yield text(_in_name(person))
            elif person.is_detractor:
                yield text(f"{person.name} gave NPS {person.score}: listen before you ask.")
        if told.cover in ("single", "covered"):
            for gone in told.departed[:1]:
                yield text(f"{gone.name}, champion before, left on ", *_left(gone), ".")
        for person in told.candidates[: told.parameters.shown.candidates]:
            shows = listing(person.words("yes"))
            mark = f"/champion {told.account.id} mark {person.contact.id}"
            yield text(f"Not marked, but acts like one: {person.name} ({shows}). {mark}")
        if second := next((todo for todo in self._todos if todo.key == "second"), None):
            yield text(_second(second))
        for _, following, _ in self._plans[:1]:
            if following and not told.champions:
                yield text(f"Could follow: {_who(following[0])}.")

    def _next(self) -> Iterator[Text]:
        if self._told.cover == "unknown":
            yield text("Next: import contacts.csv, or log a call with the names: /health log names people it finds.")
        elif not self._told.is_customer:
            return
        elif self._steps_by_day:
            first = self._steps_by_day[0]
            yield text(f"Next: {first.does} ({first.owner}, by {first.due})")
        else:
            yield text("Next: ask on the next call who there would miss us most, and mark them: /champion … mark …")

    def _steps(self) -> Iterator[Block]:
        steps = self._steps_by_day if self._told.is_customer else []
        if not steps:
            return
        yield Heading(text=text("What to do"))
        yield Checklist(
            items=tuple(
                Task(text=text(" ".join(filter(None, (each.does, each.detail)))), owner=self._owner(each), due=each.due)
                for each in steps
            )
        )

    def _owner(self, todo: Todo) -> str:
        """The role; the account's owner is its CSE."""
        owner = self._told.account.owner
        return f"{owner} (CSE)" if owner and todo.owner == "CSE" else todo.owner

    def _drafts(self) -> Iterator[Draft]:
        if not self._told.is_customer:
            return
        for gone, following, _ in self._plans[:1]:
            if following and not self._told.champions and self._told.incident is None:
                yield letters.introduction(self._told, gone, following[0].person)
        if thanks := letters.thanks(self._told):
            yield thanks

    def _folded(self) -> Iterator[Block]:
        for gone, following, _ in self._plans:
            yield from tables.following(gone, following)
        yield from tables.waits(self._waits)
        yield from tables.evidence(self._told.people)

    def _notices(self) -> Iterator[Notice]:
        told = self._told
        if told.people and told.activity_missing:
            said = f"Who is a power user is unknown: {told.activity_missing}."
            yield Notice(tone="neutral", text=text(said))
        if left := told.unattributed:
            yield Notice(
                tone="neutral",
                text=text(f"Acts on our behalf that name nobody: {left}. Write down who it was with /health log."),
            )
        if told.people:
            said = "Personal data: for those who work with this customer. Logins are told by week, never by day."
            yield Notice(tone="neutral", text=text(said))

    def _data(self) -> AccountData:
        told = self._told
        return account_data(told).model_copy(
            update={
                "people": tuple(map(_person_data, told.people)),
                "todos": tuple(
                    TodoData(
                        key=each.key,
                        person=each.person.contact.id if each.person else None,
                        does=each.does,
                        owner=each.owner,
                        due=each.due,
                    )
                    for each in self._steps_by_day
                ),
                "waits": tuple(WaitsData(key=w.key, person=w.person.contact.id, why=w.why) for w in self._waits),
                "successors": tuple(
                    SuccessorData(gone=gone.contact.id, person=each.person.contact.id, reasons=each.reasons)
                    for gone, following, _ in self._plans
                    for each in following
                ),
            }
        )


def _with_traits(person: Judged) -> str:
    shows = listing(person.words("yes"))
    return f"{person.name}, who {shows}" if shows else f"{person.name}"


def _in_name(person: Judged) -> str:
    unknown = person.words("unknown")
    left = f"; unknown: {listing(unknown)}" if unknown else ""
    return f"{person.name} is marked as champion, but shows none of the four traits{left}."


def _second(todo: Todo) -> str:
    person = todo.person
    shows = listing(person.words("yes")) if person else ""
    warning = f"; NPS {person.score}, so listen first" if person and person.is_detractor else ""
    return f"A second one could be {person.name if person else ''} ({shows or 'no trait seen yet'}{warning})."


def _who(following: Successor) -> str:
    return f"{following.person.name} ({'; '.join(following.reasons) or 'is still there'})"


def _left(person: Judged) -> tuple[Figure, ...]:
    return (person.left_on,) if person.left_on else ()


def _person_data(person: Judged) -> PersonData:
    return PersonData(
        id=person.contact.id,
        name=person.contact.name,
        standing=person.standing,
        traits_shown=person.number,
        traits=tuple(TraitData(key=t.key, state=t.state, missing=t.missing) for t in person.traits.values()),
        score=person.score,
        left_on=person.contact.left_on,
    )
