"""What the brief and the handover share: an account's findings, people, open work and past, and their typed data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.blocks import Column, Table
from app.domain.command import Context
from app.domain.figures import Evidence, Text, text
from app.domain.problems import InvalidArguments
from app.domain.records import Goal, Touchpoint
from app.domain.snapshot import AccountSnapshot
from tools.health.actions import due_figures, next_actions
from tools.health.args import HealthArgs
from tools.health.case import assess
from tools.health.comparison import Side
from tools.health.comparison_report import day_health
from tools.health.data import ActionData
from tools.health.findings import Findings, findings
from tools.health.history import PastEvent, past_events
from tools.health.history_data import (
    ContactData,
    EventData,
    GoalData,
    OpenEscalationData,
    OpenTicketData,
    PersonData,
)
from tools.health.indicators import INDICATORS
from tools.health.open_work import OpenTicket, OpenWork, open_work, past_due, progress
from tools.health.parameters import HealthParameters
from tools.health.people import Person, last_talk, people
from tools.health.stated import Stated
from tools.health.wording import INDICATOR_LABELS, WATCH_LABELS, counted, listing

MOST_TICKETS = 5


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is known of an account on the answer's day, and the figures that the answer states."""

    found: Findings
    actions: tuple[ActionData, ...]
    work: OpenWork
    people: tuple[Person, ...]
    events: tuple[PastEvent, ...]
    last_talk: Touchpoint | None
    stated: Stated

    @property
    def snapshot(self) -> AccountSnapshot:
        return self.found.snapshot

    @property
    def present(self) -> tuple[Person, ...]:
        """People who have not left by the day."""
        return tuple(person for person in self.people if person.contact.left_on is None)

    def name_of(self, contact_id: str | None) -> str:
        """A contact's name; "" where it is none on record."""
        return next((person.name for person in self.people if person.contact.id == contact_id), "")


def required_account(args: HealthArgs, action: str) -> str:
    """The account.

    Raises:
        InvalidArguments: it is missing, or filters of the portfolio are given with it.
    """
    if args.account is None:
        raise InvalidArguments(f"/health {action} needs the account.", missing=["account"])
    if args.filters():
        raise InvalidArguments(f"Filters go with the portfolio: leave out {', '.join(args.filters())}.")
    return args.account


def dossier(ctx: Context) -> Dossier:
    """The dossier of the context's account."""
    snapshot, parameters = ctx.account, ctx.parameters
    if snapshot is None or not isinstance(parameters, HealthParameters):
        raise TypeError("a dossier needs an account and the parameters of /health in its context")
    found = findings(assess(snapshot.columns, parameters).case(0, ctx.currency), snapshot)
    actions, stated = next_actions(found), Stated(found.case)
    stated.add(found.all_figures())
    stated.add(due_figures(found, actions))
    stated.add(figure for clock in found.promises for figure in clock.figures)
    return Dossier(
        found=found,
        actions=actions,
        work=open_work(found, ctx.escalations),
        people=people(snapshot),
        events=past_events(found, stated, ctx.feedback),
        last_talk=last_talk(snapshot, found.case.as_of),
        stated=stated,
    )


def relationship_fields(told: Dossier, events: Sequence[PastEvent]) -> dict[str, Any]:
    """The fields that the data of both answers share."""
    case, talk = told.found.case, told.last_talk
    return {
        "id": case.account.id,
        "name": case.account.name,
        "last_contact": ContactData(on=talk.date, kind=talk.kind, contact_id=talk.contact_id) if talk else None,
        "now": day_health(Side(told.found, "", "", case.as_of)),
        "people": tuple(_person(person) for person in told.people),
        "promises": tuple(clock.data() for clock in told.work.promises),
        "tickets": tuple(_ticket(item, told) for item in told.work.tickets),
        "escalations": tuple(
            OpenEscalationData(
                id=item.escalation.id,
                severity=item.escalation.severity,
                title=item.escalation.title,
                owner=item.escalation.owner,
                opened_on=item.opened_on,
                state=item.state,
                told_on=item.told_on,
            )
            for item in told.work.escalations
        ),
        "goals": tuple(_goal(goal, told) for goal in told.snapshot.goals),
        "events": tuple(EventData(on=event.on, kind=event.kind, what=event.what) for event in events),
    }


def risk_line(found: Findings) -> Text:
    """The churn level, and what is triggered; empty where there is no customer yet."""
    if found.case.begins is not None:
        return ()
    triggered = [INDICATOR_LABELS[key].lower() for key in INDICATORS if found.triggered(key)]
    triggered += [f"{WATCH_LABELS[key].lower()} (watch)" for key in found.case.watching]
    return text(f"Churn level {found.level}{f': {listing(triggered)}' if triggered else ', nothing triggered'}.")


def people_table(shown: Sequence[Person], more: int = 0) -> Table:
    rows = [
        (
            text(person.name),
            text(person.part or "–"),
            text(person.contact.role or "–"),
            text(f"{person.heard_on}, {person.heard_in}" if person.heard_on else "never on record"),
        )
        for person in shown
    ]
    columns = tuple(Column(label=label) for label in ("Who", "Part", "Role", "Last heard of"))
    return Table(columns=columns, rows=tuple(rows), more=text(f"Not shown: {more} more.") if more else ())


def talk_words(told: Dossier) -> Text:
    """The last conversation: "call with Jane Doe on 2026-03-01 (12 days ago)"."""
    talk = told.last_talk
    if talk is None:
        return ()
    kind = "business review" if talk.kind == "qbr" else talk.kind.replace("_", " ")
    whom = told.name_of(talk.contact_id)
    days = told.stated.number(
        "contact.last.days_ago",
        "Days since the last conversation",
        (told.found.case.as_of - talk.date).days,
        "days",
        "as_of less its day",
        (Evidence(kind="touchpoints", id=talk.id, date=talk.date),),
    )
    ago = text(" (", counted(days, "day", "days"), " ago)")
    return text(f"{kind}{f' with {whom}' if whom else ''} on {talk.date}", ago)


def _person(person: Person) -> PersonData:
    contact = person.contact
    return PersonData(
        id=contact.id,
        name=contact.name,
        role=contact.role,
        stakeholder=contact.stakeholder,
        champion=bool(contact.is_champion),
        left_on=contact.left_on,
        heard_on=person.heard_on,
        heard_in=person.heard_in or None,
    )


def _ticket(item: OpenTicket, told: Dossier) -> OpenTicketData:
    return OpenTicketData(
        id=item.ticket.id,
        severity=item.severity,
        opened_on=item.opened_on,
        age_days=(told.found.case.as_of - item.opened_on).days,
        late=item.late,
        escalated=item.escalated,
        subject=item.ticket.subject,
    )


def _goal(goal: Goal, told: Dossier) -> GoalData:
    reached = progress(goal, told.stated)
    return GoalData(
        id=goal.id,
        title=goal.title,
        status=goal.status,
        progress=float(reached.value) if reached is not None and isinstance(reached.value, (int, float)) else None,
        value_amount=goal.value_amount,
        due=goal.due,
        past_due=goal.status != "achieved" and past_due(goal, told.found.case.as_of),
    )
