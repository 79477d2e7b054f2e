"""The customer's people by their part in the plan, and who is missing."""

from dataclasses import dataclass

from app.domain.records import Contact, Stakeholder
from tools.health.people import PARTS
from tools.onboard.material import Material


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the customer's people, and who plays it."""

    stakeholder: Stakeholder
    people: tuple[Contact, ...]
    is_needed: bool
    called: str
    does: str

    @property
    def name(self) -> str:
        return PARTS[self.stakeholder]

    @property
    def is_missing(self) -> bool:
        return self.is_needed and not self.people


def parts(material: Material) -> tuple[Part, ...]:
    """Every part, in the order of the parameters."""
    return tuple(
        Part(
            stakeholder,
            tuple(contact for contact in material.people if contact.stakeholder == stakeholder),
            audience.needed,
            audience.called,
            audience.does,
        )
        for stakeholder, audience in material.parameters.audiences.items()
    )


def named(contacts: tuple[Contact, ...], *, with_names: bool) -> str:
    """Who they are; their number alone where the reader's role does not work with customers' people."""
    if not with_names:
        return f"{len(contacts)} on record"
    return ", ".join(f"{c.name or c.id}{f' ({c.role})' if c.role else ''}" for c in contacts)
