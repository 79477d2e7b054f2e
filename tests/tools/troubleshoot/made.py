"""Cases for the tests of /troubleshoot: from a text as a person pastes it, or from facts."""

import datetime as dt
from functools import cache
from pathlib import Path

from app.domain.yaml_text import load_yaml
from tools.troubleshoot.case import Case, Known
from tools.troubleshoot.facts.artifact import Artifact, ArtifactKind, sealed
from tools.troubleshoot.facts.base import Fact
from tools.troubleshoot.parameters import TroubleshootParameters
from tools.troubleshoot.reading.prose import read_statement
from tools.troubleshoot.reading.text import read_text

NOW = dt.datetime(2026, 6, 26, 12, tzinfo=dt.UTC)
ACME = Known("acc-1", "Acme", plan="Pro", quota_monthly=10_000_000, rate_limit=1_000)


def at(clock: str, day: str = "2026-06-26") -> dt.datetime:
    """That time in UTC."""
    return dt.datetime.fromisoformat(f"{day}T{clock}+00:00")


@cache
def parameters() -> TroubleshootParameters:
    """The shipped parameters."""
    text = Path("tools/troubleshoot.yaml").read_text(encoding="utf-8")
    return TroubleshootParameters.model_validate(load_yaml(text))


def case_of(text: str, *, now: dt.datetime = NOW, known: Known | None = None) -> Case:
    """The case of a message."""
    return _case(read_text(text).artifacts, now, known)


def case_with(
    *facts: Fact, kind: ArtifactKind = "log", said: str = "", now: dt.datetime = NOW, known: Known | None = None
) -> Case:
    """A case of these facts, each on its own line, and of the prose beside them."""
    prose = (sealed("prose", said, last=said.count("\n") + 1),) if said else ()
    return _case((*prose, sealed(kind, "", facts)), now, known)


def _case(artifacts: tuple[Artifact, ...], now: dt.datetime, known: Known | None) -> Case:
    return Case(now, now.date(), artifacts, read_statement(artifacts), parameters(), known, mark="t")
