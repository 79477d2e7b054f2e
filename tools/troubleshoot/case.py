"""A case: all that a rule may look at. Artifacts, what the person says, and what is known of the account."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from app.domain.figures import Evidence, Figure
from tools.troubleshoot.facts.artifact import Artifact
from tools.troubleshoot.facts.base import Fact
from tools.troubleshoot.parameters import TroubleshootParameters
from tools.troubleshoot.statement import Statement

FactT = TypeVar("FactT", bound=Fact)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a line of the message (`name` empty) or of an attached file."""

    name: str
    line: int

    def __str__(self) -> str:
        return f"{self.name}, line {self.line}" if self.name else f"line {self.line}"

    @property
    def evidence(self) -> Evidence:
        return Evidence(kind="artifact", id=f"{self.name or 'message'}:{self.line}")


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record of the account, as of the case's day; None: unknown.

    `quota_monthly` and `used_this_month` are API calls, `rate_limit` calls a minute, `integrations` such as
    "sso (saml)". `error_rate_7` and `error_rate_28` are shares of failed calls over 7 days and the 28 before.
    """

    account_id: str
    name: str
    plan: str | None = None
    quota_monthly: int | None = None
    rate_limit: int | None = None
    used_this_month: int | None = None
    integrations: tuple[str, ...] = ()
    region: str | None = None
    error_rate_7: float | None = None
    error_rate_28: float | None = None
    figures: tuple[Figure, ...] = ()  # of the values above, by the shared makers


@dataclass(frozen=True, slots=True)
class Case:
    """Everything is read already: rules are pure functions of this. `now` is when the diagnosis is made."""

    now: dt.datetime
    as_of: dt.date
    artifacts: tuple[Artifact, ...]
    statement: Statement
    parameters: TroubleshootParameters
    known: Known | None = None
    mark: str = ""  # makes the figures' keys this case's own

    def facts(self, wanted: type[FactT]) -> Iterator[tuple[FactT, Place]]:
        """The facts of a type, in order, and where each stands."""
        for artifact in self.artifacts:
            for fact in artifact.facts:
                if isinstance(fact, wanted):
                    yield fact, Place(artifact.name, artifact.first + fact.line - 1)

    def first(self, wanted: type[FactT]) -> tuple[FactT, Place] | None:
        """The first fact of a type."""
        return next(self.facts(wanted), None)

    def figure(
        self, name: str, label: str, value: float | str | dt.date | None, unit: str, formula: str, *places: Place
    ) -> Figure:
        """A figure that was worked out from artifacts: its key is this case's own, its evidence are lines."""
        return Figure(
            key=f"case.{self.mark}.{name}",
            label=label,
            value=value,
            unit=unit,
            account_id=self.known.account_id if self.known else None,
            as_of=self.as_of,
            formula=formula,
            evidence=tuple(place.evidence for place in places),
        )
