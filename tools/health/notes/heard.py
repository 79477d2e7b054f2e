"""Signals in a note: a competitor, a budget cut, a new use, growth, a good word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.records import SignalKind
from tools.health.notes.people import CAPITAL, People, is_name
from tools.health.notes.phrases import doubt_of, matches, not_said, pattern
from tools.health.parameters import Notes

_COMPANY_NAME = re.compile(
    rf"\s+(?:the\s+)?(?P<name>{CAPITAL}(?:[ ]{CAPITAL})?)(?!\s+(?:plan|tier|module|feature|edition|API))"
)

_NAME_ALONE = re.compile(
    rf"\s+(?P<name>{CAPITAL}(?:[ ]{CAPITAL})?)"
    r"(?=\s*(?:$|[,.;:!)–-])|\s+(?:as|instead|too|and|or|for|because|since|now|again)\b)"
)
_BESIDE_US = re.compile(r"\b(?:also|instead|too|alternatives?|replacement|replace)\b", re.IGNORECASE)
"""Whoever looks at something beside these words looks at it in our place."""

_WHAT: dict[SignalKind, str] = {
    "budget_cut": "a budget cut",
    "competitor": "a competitor",
    "new_use_case": "a new use case",
    "seat_growth": "more seats",
    "advocacy": "advocacy",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A signal, with the sentence that says so and the words in it."""

    kind: SignalKind
    sentence: str
    words: str
    about: str = ""  # the competitor, where one is named


class SignalReader:
    """Reads signals. What is denied, supposed or asked is added to the doubts."""

    def __init__(self, notes: Notes, people: People, own_names: Sequence[str]) -> None:
        self._notes = notes
        self._people = people
        self._own = {name.lower() for name in own_names}

    def read(self, sentence: str, taken: Sequence[tuple[int, int]], doubts: list[str]) -> Iterator[Heard]:
        """The signals of a sentence, each kind once. What stands in a departure or a promise is none."""
        told: set[SignalKind] = set()
        for kind, start, end, about in self._found(sentence, doubts):
            if kind in told or any(first <= start < last for first, last in taken):
                continue
            words = sentence[start:end]
            if any(matches(self._notes.unless.get(kind, ()), words)):
                continue
            doubt = doubt_of(sentence, start, end)
            if doubt is not None:
                doubts.append(f"{_WHAT.get(kind, kind)} {not_said(doubt)}: “{words}”")
            else:
                told.add(kind)
                yield Heard(kind, sentence, words, about.lower())

    def _found(self, sentence: str, doubts: list[str]) -> Iterator[tuple[SignalKind, int, int, str]]:
        """Each signal with its place, and the competitor that is named."""
        for match in matches(self._notes.competitors, sentence):
            yield "competitor", match.start(), match.end(), match.group()
        evaluating = pattern(self._notes.evaluating)
        for match in evaluating.finditer(sentence) if evaluating else ():
            named = _COMPANY_NAME.match(sentence, match.end())
            if named is not None and self._may_compete(named["name"]):
                yield "competitor", match.start(), named.end("name"), named["name"]
        for match in matches(self._notes.looking, sentence):
            named = _NAME_ALONE.match(sentence, match.end())
            if named is None or not self._may_compete(named["name"]):
                continue
            if _BESIDE_US.search(sentence):
                yield "competitor", match.start(), named.end("name"), named["name"]
            else:
                name = named["name"]
                doubts.append(f"“{match.group()} {name}”: a competitor? Then log “they are evaluating {name}”")
        for kind, phrases in self._notes.signals.items():
            for match in matches(phrases, sentence):
                yield kind, match.start(), match.end(), ""

    def _may_compete(self, name: str) -> bool:
        """A name that is no contact's, not the account's own, and no short abbreviation such as SSO."""
        is_short = name.isupper() and len(name) <= 4
        return is_name(name) and not is_short and name.lower() not in self._own and not self._people.called(name)
