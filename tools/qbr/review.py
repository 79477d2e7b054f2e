"""What every part of a review is made from, and what a part gives: slides, prompts to the customer, a line, notes."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.domain.blocks import Block, Column, Heading, Table
from app.domain.command import Context
from app.domain.figures import Figure, Text, text
from app.domain.records import Account
from app.domain.snapshot import AccountSnapshot
from tools.health.findings import Findings
from tools.health.stated import Stated
from tools.qbr.parameters import PartKey, QbrParameters
from tools.qbr.quarters import Quarters

NOT_KNOWN = "not known"
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Review:
    """An account, its findings on the answer's day, the quarters, and the figures that the answer states."""

    ctx: Context
    snapshot: AccountSnapshot
    found: Findings
    quarters: Quarters
    parameters: QbrParameters
    stated: Stated

    @property
    def account(self) -> Account:
        return self.snapshot.account

    @property
    def customer_since(self) -> dt.date | None:
        """The start of the contract or the first ARR movement, the earlier; None where neither is on record."""
        days = [movement.date for movement in self.snapshot.arr_movements]
        return min([*days, *([self.account.contract_start] if self.account.contract_start else [])], default=None)

    def prompt(self, part: PartKey, key: str, because: str, **filled: object) -> "Prompt":
        """What the customer is asked, in our words of that key, since something is missing."""
        template: str = getattr(self.parameters.ask, key)
        return Prompt(part, key, template.format(**filled), because)


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question to the customer where the data has a hole."""

    part: PartKey
    key: str
    ask: str
    because: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the review. `slides` are for the customer too, `notes` are for the speaker alone.

    `still_open` are the prompts that none of its slides shows.
    """

    slides: tuple[Block, ...]
    prompts: tuple[Prompt, ...] = ()
    still_open: tuple[Prompt, ...] = ()
    line: Text = ()
    notes: tuple[Text, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


def heading(words: str, *, folded: bool = True) -> Heading:
    return Heading(text=text(words), folded=folded)


def table(labels: Sequence[str], rows: Sequence[Sequence[Text]], more: Text = (), right: Sequence[str] = ()) -> Table:
    """A table whose columns in `right` hold numbers."""
    columns = tuple(Column(label=label, align="right" if label in right else "left") for label in labels)
    return Table(columns=columns, rows=tuple(tuple(row) for row in rows), more=more)


def asked(prompts: Sequence[Prompt], first: str) -> Table:
    """What stands on a slide in place of what is missing."""
    rows = [(text(f"{first} {prompt.ask}"), text(prompt.because)) for prompt in prompts]
    return table(("Question for you", "Why we ask"), rows)


def number(figure: Figure | None) -> float | None:
    """A figure's value where it is a number."""
    value = figure.value if figure else None
    return float(value) if isinstance(value, int | float) else None
