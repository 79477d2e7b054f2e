"""The cases of /troubleshoot: what a customer pastes, and what an experienced colleague makes of it."""

import datetime as dt
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from app.domain.blocks import Certainty, Side
from app.domain.yaml_text import load_yaml
from tools.troubleshoot.case import Known
from tools.troubleshoot.rules.rule import Role
from tools.troubleshoot.statement import QuestionKey

FOLDER = Path(__file__).parent / "datasets" / "diagnosis"

Family = Literal[
    "keys",
    "sso",
    "tls",
    "limits",
    "network",
    "requests",
    "webhooks",
    "data",
    "services",
    "series",
    "wrong_guess",
    "undecidable",
]
"""A folder of cases. In `wrong_guess` the obvious guess is wrong; in `undecidable` the artifacts cannot decide."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class OnRecord(_Strict):
    """What is on record of the account; see `Known` for the units."""

    plan: str | None = None
    rate_limit: int | None = None
    quota_monthly: int | None = None
    used_this_month: int | None = None
    integrations: tuple[str, ...] = ()
    region: str | None = None

    def known(self) -> Known:
        """The same as the rules get it, of an invented account."""
        return Known("acc-eval", "Northwind", **self.model_dump())


class AttachedText(_Strict):
    """A file that came with the message."""

    name: str
    text: str


class Expected(_Strict):
    """What is right to say of a case.

    `causes` are the true ones that the artifacts support, the first of which must come first; `also` what is right to
    name too, contexts included. `known` are those of both that the artifacts prove. `questions` are those that a good
    colleague would still ask. `note` says why, and what a hasty reader would guess.
    """

    causes: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    side: Side
    questions: tuple[QuestionKey, ...] = ()
    note: str

    @property
    def right(self) -> frozenset[str]:
        """All that may be named as likely or known."""
        return frozenset((*self.causes, *self.also))

    def __str__(self) -> str:
        proven = f", known: {' '.join(self.known)}" if self.known else ""
        also = f", also: {' '.join(self.also)}" if self.also else ""
        return (
            f"{self.side}: {' '.join(self.causes) or 'nothing'}{also}{proven}; asks {' '.join(self.questions) or '-'}"
        )


class Pasted(_Strict):
    """A case as it comes in: `now` is when the diagnosis is made."""

    title: str
    held_out: bool = False
    now: AwareDatetime
    account: OnRecord | None = None
    message: str
    files: tuple[AttachedText, ...] = ()
    expect: Expected

    @property
    def on_day(self) -> dt.date:
        return self.now.date()

    def __str__(self) -> str:
        return self.title


class Stated(_Strict):
    """A rule that the engine named, and how certain it was."""

    rule: str
    role: Role
    certainty: Certainty

    @property
    def is_claimed(self) -> bool:
        """Whether it is said to be more than possible."""
        return self.certainty != "possible"

    def __str__(self) -> str:
        return f"{self.rule} ({self.certainty})"


class Outcome(_Strict):
    """What the engine made of a case: `stated` in its order, the causes first."""

    side: Side
    stated: tuple[Stated, ...] = ()
    questions: tuple[QuestionKey, ...] = ()

    @property
    def named(self) -> frozenset[str]:
        return frozenset(each.rule for each in self.stated)

    @property
    def first(self) -> str | None:
        """The cause that comes first."""
        return next((each.rule for each in self.stated if each.role == "cause"), None)

    def __str__(self) -> str:
        return f"{self.side}: {', '.join(map(str, self.stated)) or 'nothing'}; asks {' '.join(self.questions) or '-'}"


@cache
def load_diagnosis() -> Mapping[str, Pasted]:
    """The cases by the names of their files without suffix, in order.

    Raises:
        pydantic.ValidationError: a file is not a case.
        yaml.YAMLError: a file is no YAML.
    """
    files = sorted(FOLDER.glob("*/*.yaml"), key=lambda path: path.name)
    return {path.stem: Pasted.model_validate(load_yaml(path.read_text(encoding="utf-8"))) for path in files}
