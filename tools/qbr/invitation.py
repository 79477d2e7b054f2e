"""/qbr agenda: the invitation as a mail to the customer. It promises nothing, and asks for what is missing."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from app.domain.blocks import Draft, DraftField
from app.domain.figures import text
from tools.health.people import PARTS
from tools.qbr.meeting import Slot
from tools.qbr.people import addressee
from tools.qbr.review import Prompt, Review


def invitation(
    review: Review, planned: Sequence[Slot], prompts: Sequence[Prompt], on: dt.date | None, at: dt.time | None
) -> Draft:
    """The mail to who decides at the customer."""
    to = addressee(review)
    name = to.name if to and to.contact.name else "a contact that you choose"
    body = "\n\n".join(
        part
        for part in (
            f"Hello {name.split()[0]}," if to and to.contact.name else "Hello,",
            _opening(review, on, at, review.ctx.timezone),
            "\n".join(["What we would go through:", *(_line(place, slot) for place, slot in enumerate(planned, 1))]),
            _missing(prompts[: review.parameters.shown.prompts]),
            _guests(review),
            "Is anything missing that you want to speak about?",
            "Kind regards",
        )
        if part
    )
    fields = (
        DraftField(label="To", text=text(name)),
        DraftField(label="Subject", text=text(f"Quarterly review {review.quarters.period.name}: agenda")),
        DraftField(label="Text", text=text(body)),
    )
    return Draft(
        title=text(f"Invitation to the review of {review.quarters.period.name}"),
        audience="customer",
        fields=fields,
        account_id=review.account.id,
    )


def _opening(review: Review, on: dt.date | None, at: dt.time | None, zone: ZoneInfo) -> str:
    period, minutes = review.quarters.period, review.parameters.minutes
    about = f"let us look at the quarter from {period.first} to {period.last} together"
    hour = f" at {at:%H:%M} ({zone.key})" if at else ""
    if on is None:
        return f"{about}. It takes about {minutes} minutes. Which day suits you{hour}?"
    return f"{about}. Does {on}{hour} suit you? It takes about {minutes} minutes."


def _line(place: int, slot: Slot) -> str:
    begins = f"{slot.start:%H:%M} " if slot.start else ""
    return f"{place}. {begins}{slot.part.settles} ({slot.part.minutes} minutes)"


def _missing(prompts: Sequence[Prompt]) -> str:
    if not prompts:
        return ""
    return "\n".join(["It would help us to know before:", *(f"- {prompt.ask}" for prompt in prompts)])


def _guests(review: Review) -> str:
    lines = [f"- {PARTS[key]}: {why}" for key, why in review.parameters.stakeholders.items()]
    return "\n".join(["At your side it helps to have:", *lines])
