"""Finds what a customer asks for, or complains about, in what was said."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.records import FeedbackCategory
from app.domain.redact import mask_secrets
from app.domain.snapshot import Voice
from tools.feedback.likeness import telling
from tools.feedback.parameters import Hearing, Rule
from tools.feedback.phrases import Found, Phrases, Token, tokens_of
from tools.feedback.quotes import Quote
from tools.feedback.sentences import sentences_of

_PHONE = re.compile(r"(?<![\w.+-])\+\d[\d ()./-]{6,18}\d(?!\w)")
_TURNS = frozenset({"but", "however", "although", "though", "whereas", "because", "due"})
_WHERE = {"tickets": "ticket", "nps": "nps", "signals": "signal"}


HEAD = 500
"""Characters of a text in which an auto-reply says that it is one."""

LONGEST_SENTENCE = 800
"""Characters of a sentence that are read; what is longer is no prose."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A sentence that asks for something or complains. `words` say what about; `all_words` have the complaint too."""

    voice: Voice
    category: FeedbackCategory
    quote: Quote
    title: str
    words: frozenset[str]
    all_words: frozenset[str]
    second_hand: bool


@dataclass(frozen=True, slots=True)
class _Cue:
    """The words that tell of a category."""

    category: FeedbackCategory
    found: Found


class _Rule:
    def __init__(self, rule: Rule) -> None:
        self.category = rule.category
        self.second_hand = rule.second_hand
        self.phrases = Phrases(rule.phrases)
        self.together = [(Phrases(one), Phrases(other)) for one, other in rule.together]

    def find(self, tokens: Sequence[Token]) -> Iterator[Found]:
        """Where the rule is met; of phrases that stand together, the first."""
        yield from self.phrases.find(tokens)
        for one, other in self.together:
            others = list(other.find(tokens))
            yield from (found for found in one.find(tokens) if any(found.start != each.start for each in others))


class Ear:
    """Reads voices by the parameters; made once for all of them."""

    def __init__(self, hearing: Hearing) -> None:
        self._hearing = hearing
        self._rules = tuple(_Rule(rule) for rule in hearing.rules)
        self._over = Phrases(hearing.over)
        self._not_wanted = Phrases(hearing.not_wanted)
        self._questions = Phrases(hearing.questions)
        self._auto_replies = Phrases(hearing.auto_replies)
        self._our_words = Phrases(hearing.our_words)
        self._fillers = frozenset(word for line in hearing.fillers for word in line.split())
        self._same = {word: words[0] for words in hearing.same_words for word in words}
        self._joined: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for row, one in hearing.joined_words:
            first = row.split()[0]
            self._joined.setdefault(first, []).append((tuple(row.split()), one))
        self._filed = {name: category for category, names in hearing.ticket_categories.items() for name in names}

    def telling_words(self, text: str) -> frozenset[str]:
        """The words that say what a text is about."""
        return telling((token.word for token in self._tokens(text)), self._fillers, self._same)

    def hear(self, voice: Voice) -> tuple[Heard, ...]:
        """What the voice asks for or complains about, a sentence each; nothing where it is no customer's."""
        return self.listen(voice)[0]

    def listen(self, voice: Voice) -> tuple[tuple[Heard, ...], bool]:
        """What is heard, and whether the voice asks for something without saying what ("missing features")."""
        if voice.kind == "tickets" and voice.about.strip().lower() in self._hearing.skipped_categories:
            return (), False
        if any(self._contains(self._auto_replies, text) for text in (voice.subject, voice.text[:HEAD])):
            return (), False
        sentences = [
            sentence
            for text in (voice.subject, voice.text)
            for sentence in sentences_of(text, self._hearing.our_labels)
        ]
        heard = [found for sentence in sentences if (found := self._hear(voice, sentence)) is not None]
        filed = self._filed_as(voice)
        if not heard and filed and sentences:
            heard = [self._as_filed(voice, filed, sentences[0])]
        told = tuple(_each_once([found for found in heard if found.words]))
        return told, bool(heard) and not told

    def _tokens(self, text: str) -> list[Token]:
        return tokens_of(text[:LONGEST_SENTENCE], self._joined)

    def _contains(self, phrases: Phrases, text: str) -> bool:
        return phrases.is_in(self._tokens(text))

    def _is_second_hand(self, voice: Voice) -> bool:
        return voice.kind in self._hearing.second_hand and voice.about not in self._hearing.first_hand_kinds

    def _filed_as(self, voice: Voice) -> FeedbackCategory | None:
        return self._filed.get(voice.about.strip().lower()) if voice.kind == "tickets" else None

    def _hear(self, voice: Voice, sentence: str) -> Heard | None:
        tokens = self._tokens(sentence)
        if len(tokens) < self._hearing.least_words or self._our_words.is_in(tokens):
            return None
        over = list(self._over.find(tokens))
        for clause in _clauses(tokens):
            cue = self._cue(voice, clause, over, tokens)
            if cue is not None:
                return self._heard(voice, sentence, clause, cue)
        return None

    def _cue(
        self, voice: Voice, clause: Sequence[Token], over: Sequence[Found], tokens: Sequence[Token]
    ) -> _Cue | None:
        """The first rule that a clause meets; a ticket filed as a complaint is one of that category."""
        second_hand = self._is_second_hand(voice)
        for rule in self._rules:
            if rule.second_hand and not second_hand:
                continue
            for found in rule.find(clause):
                if self._counts(voice, rule, clause, found, over, tokens):
                    return _Cue(self._category(voice, rule.category), found)
        return None

    def _category(self, voice: Voice, category: FeedbackCategory) -> FeedbackCategory:
        filed = self._filed_as(voice)
        return filed if filed and "feature_request" not in (filed, category) else category

    def _counts(
        self,
        voice: Voice,
        rule: _Rule,
        clause: Sequence[Token],
        found: Found,
        over: Sequence[Found],
        tokens: Sequence[Token],
    ) -> bool:
        parts = {token.part for token in clause[found.start : found.end]}
        first, last = clause[0].start, clause[-1].end
        for done in over:
            words = tokens[done.start : done.end]
            if words[0].start >= first and words[-1].end <= last and not parts.isdisjoint({w.part for w in words}):
                return False
        if rule.category != "feature_request":
            return True
        if self._is_question(voice) and next(self._questions.at(clause, found.start), None) is not None:
            return False
        return not self._asks_for_something_else(clause, found)

    def _is_question(self, voice: Voice) -> bool:
        return voice.kind == "tickets" and voice.about.strip().lower() in self._hearing.question_categories

    def _asks_for_something_else(self, clause: Sequence[Token], found: Found) -> bool:
        """Whether an invoice, a call, or help is wanted, and nothing of the product."""
        place = found.end
        while place < len(clause) and clause[place].word in self._hearing.skipped:
            place += 1
        return next(self._not_wanted.at(clause, place), None) is not None

    def _heard(self, voice: Voice, sentence: str, clause: Sequence[Token], cue: _Cue) -> Heard:
        words = self._telling(clause)
        if cue.category in ("feature_request", "documentation"):
            found = cue.found
            outside = self._telling((*clause[: found.start], *clause[found.end :]))
            words = outside if outside or cue.category == "feature_request" else words
        title = self._title(voice, sentence, clause, cue, words)
        return self._made(voice, cue.category, sentence, title, words, self._telling(clause))

    def _telling(self, tokens: Sequence[Token]) -> frozenset[str]:
        return telling((token.word for token in tokens), self._fillers, self._same)

    def _as_filed(self, voice: Voice, category: FeedbackCategory, sentence: str) -> Heard:
        words = self.telling_words(sentence)
        return self._made(voice, category, sentence, _cut(sentence, self._hearing.longest_title), words, words)

    def _made(
        self,
        voice: Voice,
        category: FeedbackCategory,
        sentence: str,
        title: str,
        words: frozenset[str],
        all_words: frozenset[str],
    ) -> Heard:
        quote = Quote(
            words=_cut(masked(sentence), self._hearing.longest_quote),
            account_id=voice.account_id,
            contact_id=voice.contact_id,
            where=_WHERE.get(voice.kind, voice.about),
            record=voice.id,
            day=voice.day,
        )
        return Heard(voice, category, quote, masked(title), words, all_words, self._is_second_hand(voice))

    def _title(self, voice: Voice, sentence: str, clause: Sequence[Token], cue: _Cue, words: frozenset[str]) -> str:
        """A request by what stands after its cue; a complaint by the ticket's subject, where that is about the same."""
        longest = self._hearing.longest_title
        if cue.category == "feature_request":
            wanted = list(clause[cue.found.end :])
            while wanted and (wanted[0].word in self._fillers or wanted[0].word in self._hearing.skipped):
                wanted.pop(0)
            while wanted and wanted[-1].word in self._fillers:
                wanted.pop()
            if self._telling(wanted):
                return _cut(_sentence_case(sentence[wanted[0].start : wanted[-1].end]), longest)
        subject = " ".join(voice.subject.split())
        if subject and words & self.telling_words(subject):
            return _cut(subject, longest)
        return _cut(_sentence_case(sentence.rstrip(" .!?,;:")), longest)


def masked(text: str) -> str:
    """The text without secrets, mail addresses and telephone numbers."""
    return _PHONE.sub("[phone]", mask_secrets(text))


def _clauses(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The parts of a sentence that are set against each other: "it is great, but …"."""
    start = 0
    for place, token in enumerate(tokens):
        if token.word in _TURNS and place > start:
            yield tokens[start:place]
            start = place + 1
    if start < len(tokens):
        yield tokens[start:]


def _each_once(heard: Sequence[Heard]) -> Iterator[Heard]:
    """Without sentences that say the same as one before them, in the words that tell."""
    said: set[tuple[FeedbackCategory, frozenset[str]]] = set()
    for found in heard:
        if (found.category, found.words) not in said:
            said.add((found.category, found.words))
            yield found


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cut(text: str, longest: int) -> str:
    """The text, or as many whole words of it as there is room for, and an ellipsis."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    return f"{kept.rsplit(' ', 1)[0].rstrip(' ,;:')}…" if " " in kept else f"{kept}…"
