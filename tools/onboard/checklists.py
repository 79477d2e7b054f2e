"""Readiness and go-live: each item's state, from what a person said of it, else from what is on record.

An item's `by` is one of: "integration" (one is live in production), "sandbox" (live in the sandbox), "sign-in" (a live
integration signs people in, or the feature sso is used), "scim", "volume", "readiness", "no_severe", "feature NAME".
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.domain.figures import Evidence
from app.domain.records import CheckList, CheckState, Integration
from tools.health.selections import tickets_open
from tools.onboard.discovery import planned_calls
from tools.onboard.material import Material
from tools.onboard.parameters import Area, Item, SignOff

Source = Literal["said", "data"]
SIGN_OFF = "sign_off."
"""A sign-off is kept as an item of the go-live list under its role."""

SEVERE = 2
"""Tickets of SEV1 and SEV2 are severe."""


@dataclass(frozen=True, slots=True)
class Line:
    """An item of a list. `state` None: nobody said, and nothing on record tells."""

    area: str
    item: Item
    state: CheckState | None
    source: Source | None
    seen: str
    on: dt.date | None
    evidence: tuple[Evidence, ...]

    @property
    def is_closed(self) -> bool:
        return self.state in ("yes", "not_applicable")

    @property
    def is_missing(self) -> bool:
        """It is required and not in place."""
        return self.item.required and not self.is_closed


@dataclass(frozen=True, slots=True)
class Signature:
    """A role's sign-off of the go-live; `on` is None where it has not signed."""

    role: str
    sign_off: SignOff
    on: dt.date | None
    by: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What is on record of an item, in words, and the records."""

    words: str
    evidence: tuple[Evidence, ...] = ()


def readiness(material: Material) -> tuple[Line, ...]:
    return tuple(_lines(material, "readiness", material.parameters.readiness.areas))


def go_live(material: Material) -> tuple[Line, ...]:
    return tuple(_lines(material, "go_live", material.parameters.go_live.areas))


def missing(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(line for line in lines if line.is_missing)


def ready_on(lines: tuple[Line, ...]) -> dt.date | None:
    """The day on which the last required item was said to be in place; None where one has no day."""
    days = [line.on for line in lines if line.item.required]
    return max((day for day in days if day), default=None) if None not in days else None


def signatures(material: Material) -> tuple[Signature, ...]:
    """Each role's sign-off. One with no day on record counts as signed on the first day that is known: as_of."""
    found = []
    for role, sign_off in material.parameters.go_live.sign_offs.items():
        said = material.check("go_live", f"{SIGN_OFF}{role}")
        signed = said is not None and said.state == "yes"
        on = (said.checked_on or material.as_of) if said is not None and signed else None
        found.append(Signature(role, sign_off, on, (said.note or said.checked_by or "") if said and signed else ""))
    return tuple(found)


def _lines(material: Material, checklist: CheckList, areas: tuple[Area, ...]) -> Iterator[Line]:
    model = material.account.usage_model
    for area in areas:
        for item in area.items:
            if model in item.models:
                yield _line(material, checklist, area.area, item)


def _line(material: Material, checklist: CheckList, area: str, item: Item) -> Line:
    said = material.check(checklist, item.key)
    if said is not None and said.state is not None:
        evidence = (Evidence(kind="checks", id=said.identity, date=said.checked_on),)
        return Line(area, item, said.state, "said", said.note or "", said.checked_on, evidence)
    if item.by is not None and (seen := _on_record(material, item.by)):
        return Line(area, item, "yes", "data", seen.words, None, seen.evidence)
    note = said.note or "" if said is not None else ""
    return Line(area, item, None, None, note, None, ())


def live(material: Material, environment: str) -> tuple[Integration, ...]:
    """The integrations in use in an environment."""
    words = material.parameters.measuring.live
    return tuple(
        i for i in material.integrations if i.environment == environment and (i.status or "").strip().lower() in words
    )


def signs_in(material: Material, integration: Integration) -> bool:
    auth = (integration.auth or "").lower()
    return any(word in auth for word in material.parameters.integration.sso_auths)


def _on_record(material: Material, by: str) -> Seen | None:
    name, _, rest = by.partition(" ")
    return _feature(material, rest) if name == "feature" else _SHOWN[name](material)


def _feature(material: Material, feature: str) -> Seen | None:
    columns = material.case.portfolio.features
    used = (columns.account == material.case.row) & (columns.feature == feature)
    if not used.any() or not material.usable("feature_usage"):
        return None
    last = dt.date.fromordinal(int(columns.last_day[used].max()))
    return Seen(f"{feature.replace('_', ' ')} used, last on {last}", (Evidence(kind="feature_usage", date=last),))


def _integrations(found: tuple[Integration, ...]) -> Seen | None:
    if not found:
        return None
    words = ", ".join(f"{i.kind} ({i.environment})" for i in found)
    return Seen(f"live: {words}", tuple(Evidence(kind="integrations", id=i.identity) for i in found))


def _secrets(material: Material) -> Seen | None:
    """A live connection in production that has a key or client of its own."""
    words = material.parameters.integration.secret_auths
    found = live(material, "production")
    return _integrations(tuple(i for i in found if any(word in (i.auth or "").lower() for word in words)))


def _sign_in(material: Material) -> Seen | None:
    live_ones = (*live(material, "production"), *live(material, "sandbox"))
    found = tuple(i for i in live_ones if signs_in(material, i))
    return _integrations(found) or _feature(material, "sso")


def _scim(material: Material) -> Seen | None:
    found = (*live(material, "production"), *live(material, "sandbox"))
    return _integrations(tuple(i for i in found if "scim" in f"{i.kind} {i.auth} {i.note}".lower()))


def _volume(material: Material) -> Seen | None:
    calls = planned_calls(material)
    return Seen(f"planned: {calls:,.10g} calls a month") if calls else None


def _ready(material: Material) -> Seen | None:
    return None if missing(readiness(material)) else Seen("every required item is in place")


def _no_severe(material: Material) -> Seen | None:
    if not material.usable("tickets"):
        return None
    return None if severe_tickets(material) else Seen("none is open")


def severe_tickets(material: Material) -> tuple[str, ...]:
    """The ids of the open tickets of SEV1 and SEV2."""
    columns = material.case.portfolio.tickets
    own = (columns.account == material.case.row) & tickets_open(material.case.portfolio) & (columns.severity <= SEVERE)
    return tuple(str(columns.id[place]) for place in np.flatnonzero(own))


_SHOWN: Mapping[str, Callable[[Material], Seen | None]] = {
    "integration": _secrets,
    "sandbox": lambda material: _integrations(live(material, "sandbox")),
    "sign-in": _sign_in,
    "scim": _scim,
    "volume": _volume,
    "readiness": _ready,
    "no_severe": _no_severe,
}
SHOWN_BY = frozenset({*_SHOWN, "feature"})
"""What an item's `by` may begin with."""
