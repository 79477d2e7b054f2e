"""The commitment detector: which words of a text for a customer commit the company, by rules that are data.

It fails closed: a denial, a question, a fact of the past or the customer's own words excuse what they hold only where
nothing else in the sentence speaks against it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.domain.authority import Found
from app.domain.problems import Problem
from app.security.patterns import Occurrences, Pattern, PatternError, Patterns, Span
from app.security.plain_words import Reader, Reading, Word
from app.security.policy import Policy
from app.security.rules_file import read_rules, what_is_wrong

FILE = Path(__file__).with_name("commitments.yaml")

WINDOW, STEP = 120, 80
"""Words that are read at once, and after how many the next reading begins: no rule reaches over more than the rest."""

SHORT_SENTENCE = 4
"""Words of a sentence that is read with its neighbours: "20%. Off." is no two sentences."""

MOST_FOUND = 20
"""Findings of a kind after which it is looked for no more; its approval is needed anyway."""

LONGEST_QUOTE = 200
"""Characters of the text that a finding quotes."""

DENIAL_REACH = 6
"""Words between a denial and what it denies."""

ASKED_FROM = 2
"""Words before the opening of a question: "And when do you need it?"."""

HEARD_REACH = 6
"""Words between "you wrote" and the quotation mark."""

_ONLY_MARKS = re.compile(r"[\s*_`~]*")
_APART = re.compile(r"[,:;()\[\]{}<>/|–—]|\s-|-\s")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Part):
    """Phrases that commit, and what they commit to.

    `unless` are phrases of which those words are a harmless part. `past`: told as a fact of the past they do not
    commit; `asked`: nor in a question to the customer; `denied`: nor where they are denied.
    """

    kind: str
    rule: str
    phrases: tuple[str, ...] = Field(min_length=1)
    unless: tuple[str, ...] = ()
    past: bool = False
    asked: bool = False
    denied: bool = True


class Rules(_Part):
    """The file: how words are read, groups of words and of phrases that rules refer to, what excuses, the rules."""

    abbreviations: tuple[str, ...]
    endings: Mapping[str, str]
    spelled: Mapping[str, str]
    lookalikes: Mapping[str, str]
    nods: str
    misspelt: tuple[str, ...]
    no_misspelling: tuple[str, ...]
    frequent: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...]


NEEDED = (
    *("denial", "undoes", "no_turn", "negative", "happened", "ahead", "question", "ours", "heard", "agreement"),
    *("wondered", "passed_on", "deadline", "alone"),
)
"""Groups of words or phrases that excuses are told by."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase of a rule, and the phrases that it is a harmless part of."""

    rule: Rule
    pattern: Pattern
    unless: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class _Window:
    """Some words of a text, and where each group and phrase stands among them, and among those after them."""

    text: str
    reading: Reading
    words: Sequence[Word]
    occurrences: Occurrences
    after: Occurrences
    agrees: bool

    def sentence(self, place: int) -> tuple[int, int]:
        """The first and the last word of the sentence of a word."""
        first = last = place
        number = self.words[place].sentence
        while first > 0 and self.words[first - 1].sentence == number:
            first -= 1
        while last + 1 < len(self.words) and self.words[last + 1].sentence == number:
            last += 1
        return first, last

    def between(self, first: int, last: int) -> Iterator[str]:
        """What stands between each two words of [first, last]."""
        for place in range(first, last):
            yield self.text[self.words[place].end : self.words[place + 1].start]

    def has(self, group: str, first: int, last: int) -> bool:
        return self.occurrences.any_within(group, first, last)


class Commitments:
    """The rules of a file, ready to read with. Pure: the same text gives the same findings."""

    def __init__(self, rules: Rules) -> None:
        self._nods = frozenset(rules.nods)
        self._patterns = Patterns(rules.words, rules.phrases, rules.frequent)
        self._phrases: list[_Phrase] = []
        for rule in rules.rules:
            unless = tuple(self._patterns.compile(phrase) for phrase in rule.unless)
            self._phrases += [_Phrase(rule, self._patterns.compile(phrase), unless) for phrase in rule.phrases]
        self._index = self._patterns.index([phrase.pattern for phrase in self._phrases])
        self._reader = Reader(
            vocabulary=self._patterns.vocabulary,
            endings=rules.endings,
            spelled=rules.spelled,
            lookalikes={char: plain for plain, chars in rules.lookalikes.items() for char in chars},
            misspelt=frozenset(rules.misspelt),
            no_misspelling=frozenset(rules.no_misspelling),
            abbreviations=frozenset(rules.abbreviations),
        )

    def find(self, text: str) -> tuple[Found, ...]:
        """The commitments in the text, in the order in which they stand there; at most `MOST_FOUND` of a kind."""
        reading = self._reader.read(text)
        agrees = self._agrees(text, reading)
        found: dict[tuple[str, int], tuple[int, int, Rule]] = {}
        counts: dict[str, int] = {}
        ahead = Occurrences()
        for words, after in pairwise(chain(_windows(reading.words), [[]])):
            occurrences = ahead if ahead.places else self._patterns.occurrences([word.plain for word in words])
            ahead = self._patterns.occurrences([word.plain for word in after])
            window = _Window(text, reading, words, occurrences, ahead, agrees)
            met: set[str] = set()
            for number in self._index.possible(occurrences):
                rule = self._phrases[number].rule
                if rule.rule in met or counts.get(rule.kind, 0) >= MOST_FOUND:
                    continue
                span = _first(window, self._phrases[number])
                if span is None:
                    continue
                met.add(rule.rule)
                start, end = words[span[0]].start, words[span[1]].end
                if (rule.rule, start) not in found:
                    found[rule.rule, start] = start, max(end, start), rule
                    counts[rule.kind] = counts.get(rule.kind, 0) + 1
        placed = sorted(found.values(), key=lambda each: (each[0], each[1], each[2].rule))
        return tuple(
            Found(kind=rule.kind, words=" ".join(text[start:end].split())[:LONGEST_QUOTE], rule=rule.rule)
            for start, end, rule in placed
        )

    def _agrees(self, text: str, reading: Reading) -> bool:
        """Whether the text agrees to something, in words outside of its quotations or by a sign."""
        if not reading.quotes:
            return False
        if not self._nods.isdisjoint(text):
            return True
        own = [word.plain for word in reading.words if not reading.is_quoted(word.start)]
        return any(
            self._patterns.occurrences(own[at : at + WINDOW]).any_within("agreement", 0, WINDOW)
            for at in range(0, len(own), STEP)
        )


def load_commitments(policy: Policy, file: Path = FILE) -> Commitments:
    """The rules of a file.

    Raises:
        Problem: it is not whole, or names a kind that the policy has none of or that nobody approves (`commitments`).
    """
    try:
        rules = Rules.model_validate(read_rules(file, code="commitments"))
        _check(rules, policy)
        return Commitments(rules)
    except ValidationError as error:
        told = what_is_wrong(error)
    except PatternError as error:
        told = str(error)
    raise Problem(f"The rules in {file.name} are wrong: {told}.", code="commitments", status=500)


def _check(rules: Rules, policy: Policy) -> None:
    missing = [name for name in NEEDED if name not in rules.words and name not in rules.phrases]
    if missing:
        raise PatternError(f"there is no group {', '.join(missing)}; excuses are told by it")
    names: set[str] = set()
    for rule in rules.rules:
        if rule.kind not in policy.kinds:
            raise PatternError(f"rule {rule.rule}: there is no kind {rule.kind}; name one of decision_rights.yaml")
        if policy.kinds[rule.kind].approves is None:
            raise PatternError(f"rule {rule.rule}: nobody approves the kind {rule.kind}; name another kind")
        if rule.rule in names:
            raise PatternError(f"rule {rule.rule} is there twice; give one of them another name")
        names.add(rule.rule)


def _windows(words: list[Word]) -> Iterator[list[Word]]:
    """The words to read at once: a sentence, with its neighbours where one of the two is short."""
    start = 0
    for end in _sentence_ends(words):
        chunk = words[start:end]
        for at in range(0, max(len(chunk) - (WINDOW - STEP), 1), STEP):
            yield chunk[at : at + WINDOW]
        start = end


def _sentence_ends(words: list[Word]) -> Iterator[int]:
    start, before = 0, SHORT_SENTENCE
    for place in range(1, len(words) + 1):
        if place < len(words) and words[place].sentence == words[start].sentence:
            continue
        is_short = place - start < SHORT_SENTENCE
        if start and not is_short and before >= SHORT_SENTENCE:
            yield start
        before, start = place - start, place
    yield len(words)


def _first(window: _Window, phrase: _Phrase) -> Span | None:
    """The first place where the phrase stands and nothing excuses it."""
    spans = window.occurrences.matches(phrase.pattern)
    return next((span for span in spans if not _is_excused(window, phrase, span)), None)


def _is_excused(window: _Window, phrase: _Phrase, span: Span) -> bool:
    rule = phrase.rule
    return (
        any(_overlap(span, other) for part in phrase.unless for other in window.occurrences.matches(part))
        or (rule.denied and _is_denied(window, span))
        or (rule.past and _is_past(window, span))
        or (rule.asked and _is_asked(window, span))
        or _is_heard(window, span)
        or _is_left_open(window, span)
    )


def _is_denied(window: _Window, span: Span) -> bool:
    """Whether a denial reaches the words, with no mark between and nothing in the sentence that turns it around."""
    first, last = window.sentence(span[0])
    if span[1] > last:
        return False
    for start, end in window.occurrences.spans("denial"):
        is_near = first <= start <= span[1] and span[0] - end <= DENIAL_REACH
        if not is_near or not all(_ONLY_MARKS.fullmatch(gap) for gap in window.between(min(start, span[0]), span[1])):
            continue
        negatives = sum(1 for place, _ in window.occurrences.spans("negative") if first <= place <= last)
        return negatives <= 1 and not _is_undone(window.occurrences, first, last, span[1] + 1)
    return False


def _is_undone(occurrences: Occurrences, first: int, last: int, from_word: int) -> bool:
    """Whether anything in [first, last] turns around what is said; from a word on "but I will tell you" does not."""
    harmless = [span for span in occurrences.spans("no_turn") if span[0] >= from_word]
    return any(
        first <= span[0] and span[1] <= last and not any(_overlap(span, other) for other in harmless)
        for span in occurrences.spans("undoes")
    )


def _is_past(window: _Window, span: Span) -> bool:
    first, last = window.sentence(span[0])
    happened = any(_overlap(span, other) for other in window.occurrences.spans("happened"))
    return happened and span[1] <= last and not window.has("ahead", first, last)


def _is_asked(window: _Window, span: Span) -> bool:
    """Whether it is a question of one clause to the customer in which nobody of us does anything."""
    first, last = window.sentence(span[0])
    if window.words[first].sentence not in window.reading.questions or span[1] > last:
        return False
    opens = any(first <= start <= first + ASKED_FROM for start, _ in window.occurrences.spans("question"))
    if not opens or window.has("ours", first, last):
        return False
    return not any(_APART.search(gap) for gap in window.between(first, last))


def _is_heard(window: _Window, span: Span) -> bool:
    """Whether the words stand in a quotation of what the customer said, and nothing in the text agrees to it."""
    reading, start = window.reading, window.words[span[0]].start
    if window.agrees or not reading.is_quoted(start):
        return False
    mark = reading.quote_before(start)
    if reading.quote_before(window.words[span[1]].start) != mark:
        return False
    before = sum(1 for word in window.words if word.start < mark)
    return any(before - HEARD_REACH <= end + 1 <= before for _, end in window.occurrences.spans("heard"))


def _is_left_open(window: _Window, span: Span) -> bool:
    """Whether they repeat what the customer wants to know, and the next sentence says that it is not answered here."""
    first, last = window.sentence(span[0])
    opens = any(
        first <= start <= first + ASKED_FROM and end < span[0] for start, end in window.occurrences.spans("wondered")
    )
    if not opens or last + 1 < len(window.words) or any(_APART.search(gap) for gap in window.between(first, last)):
        return False
    if _is_undone(window.occurrences, span[0], last, last + 1) or _is_undone(window.after, 0, WINDOW, 0):
        return False
    is_time_told = window.after.any_within("deadline", 0, WINDOW) and not window.after.any_within("alone", 0, WINDOW)
    is_agreed = window.after.any_within("agreement", 0, WINDOW)
    return window.after.any_within("passed_on", 0, WINDOW) and not is_time_told and not is_agreed


def _overlap(one: Span, other: Span) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
