"""Mails to customers: thanks for what somebody did for us, and a word to who may follow a champion.

A mail says nothing of what we think of a person, repeats none of our notes, and promises nothing.
"""

import datetime as dt

from app.domain.blocks import Draft, DraftField
from app.domain.figures import text
from tools.champion.cover import Told
from tools.champion.cultivation import no_asking
from tools.champion.people import Judged
from tools.health.people import held

CLOSING = "Kind regards"


def thanks(told: Told) -> Draft | None:
    """Thanks to the one who did most for us lately; None where nothing may be thanked for now."""
    dated = [
        (day, kind, person)
        for person in told.people
        if person.present and no_asking(told, person) is None
        for day, kind in _deeds(told, person)
    ]
    if not dated or not told.is_customer:
        return None
    day, kind, person = max(dated, key=lambda each: (each[2].marked, each[1] == "champion_action", each[0]))
    lines = [
        _greeting(person),
        f"thank you {told.parameters.mails.thanks[kind]} on {day.day} {day:%B %Y}. "
        "It helps others to see what can be done, and it helps us to build the right things.",
        _beta(told, person),
        "Is there anything that would make your work with it easier? A line is enough.",
        CLOSING,
    ]
    return _mail(f"Thanks to {person.name}", person, "Thank you", lines)


def introduction(told: Told, gone: Judged, successor: Judged) -> Draft:
    """A first word to who may follow: what matters to them now, and who takes over."""
    lines = [
        _greeting(successor),
        f"since {gone.name} left we would like to hear how things stand for you and your colleagues.",
        "Could we talk for half an hour in the next days? We would like to hear what matters to you now, what was "
        f"still open between {gone.name} and us, and who takes over on your side.",
        CLOSING,
    ]
    return _mail(f"First word to {successor.name}", successor, f"After {gone.name}", lines)


def _deeds(told: Told, person: Judged) -> list[tuple[dt.date, str]]:
    """Days and kinds of what the person did for us lately."""
    known, since = told.parameters.mails.thanks, told.parameters.thanks_days
    return [
        (t.date, t.kind)
        for t in told.snapshot.touchpoints
        if t.contact_id == person.contact.id
        and t.kind in known
        and held(t)
        and 0 <= (told.ctx.as_of - t.date).days < since
    ]


def _beta(told: Told, person: Judged) -> str:
    if not told.betas or not person.marked:
        return ""
    names = " and ".join(f"“{beta.feature}”" for beta in told.betas)
    return f"Since you know the product so well: {names} can be tried now. Would you like to?"


def _greeting(person: Judged) -> str:
    first = (person.contact.name or "").split()
    return f"Hello {first[0]}," if first else "Hello,"


def _mail(title: str, person: Judged, subject: str, lines: list[str]) -> Draft:
    body = "\n\n".join(line for line in lines if line)
    return Draft(
        title=text(title),
        audience="customer",
        fields=(
            DraftField(label="To", text=text(person.contact.email or person.name)),
            DraftField(label="Subject", text=text(subject)),
            DraftField(label="Text", text=text(body)),
        ),
        account_id=person.contact.account_id,
    )
