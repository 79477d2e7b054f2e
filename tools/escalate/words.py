"""Reads free text by the word rules of the parameters."""

from collections.abc import Mapping
from typing import TypeVar

from app.domain.word_rules import Match, Reader, WordRule, Words
from tools.escalate.parameters import Ended, EscalateParameters

NameT = TypeVar("NameT", bound=str)


def reader_of(parameters: EscalateParameters) -> Reader:
    return Reader(frozenset(parameters.negations), parameters.negation_reach, frozenset(parameters.denial_fillers))


def names_in(text: Words, names: Mapping[NameT, tuple[str, ...]], reader: Reader) -> tuple[NameT, ...]:
    """The keys of `names` one of whose phrases stands in the text, not negated."""
    return tuple(key for key, phrases in names.items() if reader.find(text, WordRule(phrases=phrases)))


def ended_in(text: Words, rule: Ended, reader: Reader) -> Match | None:
    """Where the text says that the trouble is over; nothing where it also says that it goes on."""
    return None if reader.find(text, rule.goes_on) else reader.find(text, rule.words)
