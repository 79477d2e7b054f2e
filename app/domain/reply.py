"""A turn's reply as it takes shape, before it is recorded and told."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from app.domain.authority import Proposal
from app.domain.blocks import Block, Question
from app.domain.command import Audience, Invocation
from app.domain.disclosure_blocks import Left
from app.domain.effects import Effect
from app.domain.events import ProblemDetail
from app.domain.figures import Figure


@dataclass(frozen=True, slots=True)
class Pending:
    """A command that waits for the user to name missing fields.

    `asked`: how often it was asked already; `choices`: the account ids that were offered; `typed`: the command was
    typed, not found in free text.
    """

    invocation: Invocation
    fields: tuple[str, ...]
    asked: int = 1
    choices: tuple[str, ...] = ()
    typed: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """What is to be recorded and told. `version` is the data version that it was computed from.

    `proposals` wait for an approval once the reply is recorded.
    `undoes` is the turn whose effects are taken back. `usage` counts what the model cost: model_calls, tool_calls,
    input_tokens, output_tokens; empty without one. With the audience customer, `reader` is the account of the customer
    who is to read it, and `withheld` what was left out so far.
    """

    blocks: tuple[Block, ...] = ()
    figures: tuple[Figure, ...] = ()
    command: str | None = None
    account_id: str | None = None
    as_of: dt.date | None = None
    version: int | None = None
    data: dict[str, Any] | None = None
    effects: tuple[Effect, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    undoes: str | None = None
    question: Question | None = None
    pending: Pending | None = None
    degraded: str | None = None
    usage: dict[str, int] = field(default_factory=dict)
    error: ProblemDetail | None = None
    audience: Audience = "internal"
    reader: str | None = None
    withheld: tuple[Left, ...] = ()
