"""One sentence of a model's text, held against what the turn knows: it passes with its figures in place, or not at all.

References stand in it as single private characters, so that nothing in them is taken for words.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.agent.claims import CURRENCY_CODES, Claim, find_claims
from app.agent.material import Material, as_quoted, subject_of, tokens
from app.agent.metric_nouns import (
    COUNTED,
    DISCOURSE,
    UNIT_NOUNS,
    UNITS_SHOWN_WHOLE,
    is_measured_otherwise,
    is_named_otherwise,
    label_nouns,
    naming_words,
    nouns,
    words_of,
)
from app.domain.figures import Figure, Span, Text, text
from app.render.values import show

MOST_CHARACTERS = 1_000
MOST_STATED = 40
"""What is longer or states more is no sentence that anybody reads; bounded, since each statement costs a search."""

WORDS_TO_A_NOUN = 3
"""How far behind a number in words its noun may stand: "three of its open tickets"."""

MOST_OF_A_TEXT = 10
"""More reasons, steps or things than these are counted, not told."""

WORDS_OF_A_QUOTATION = 3
"""Fewer words in quotation marks are a name or a figure of speech."""

FIRST_MARK, LAST_MARK = "\ue000", "\uf8ff"
MARK = re.compile(f"[{FIRST_MARK}-{LAST_MARK}]")
SENTENCE_END = re.compile(r"(?<=[.!?…])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bNo\.)[\"'”’)\]]*\s+|\n+")

TIERS = frozenset(("green", "yellow", "red"))
"""By these words a reader takes the tier of an account, whatever stands around them."""

_PASSAGE = re.compile(r"passage\.(\d{1,3})")
_CLAUSE_END = re.compile(r"[,;]|\s[–—-]\s|\b(?:and|but|while|whereas|against|versus)\b", re.IGNORECASE)
_AFTER_END = re.compile(
    rf":|{_CLAUSE_END.pattern}|\b(?:with|at|in|on|to|from|after|than|by|of|over|for)\b", re.IGNORECASE
)
_OF_ANOTHER = re.compile(rf"\s*(?:out\s+)?of\s+(?:the\s+)?{MARK.pattern}")
_DEADLINE = re.compile(r"\b(?:before|by|until|ahead of|than)\s*$", re.IGNORECASE)
_CHANGED_BY = re.compile(
    r"\b(?:declin|decreas|dropp|fallen|fell|gr[eo]w|increas|ris|ros|shr[aiu]nk|sank)\w*\s+(?:\w+\s+)?by\s+$",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:another|other|average|every|all|each|most)\s+(?:\w+\s+)?(?:account|customer|client)s?\b"
    r"|\b(?:total|altogether|combined|together)\b",
    re.IGNORECASE,
)
_SCALE = re.compile(r"^\s*(?:of|out of|/|from)\s*$")
_FULL_MARKS = re.compile(r"(\d+)\s*[·×]")
_PERIOD = re.compile(r"(?:prior_)?(\d+)d")
_NO_PERIOD = frozenset(("ago", "away", "from", "late", "later", "left", "more", "notice", "old", "overdue"))
_QUOTATION = re.compile(r"[\"“„«]([^\"“”„«»]{8,500})[\"”“»]")
_POSSESSIVE = re.compile(r"\w+(?:['’]s|s['’])\s")
_NAMED_BY_NUMBER = frozenset(
    ("http", "status", "error", "code", "version", "tier", "level", "phase", "step", "section")
)
_STATUS_AFTER = frozenset(("error", "response", "status", "code"))
_ACCOUNTS = frozenset(("account", "customer"))
_POINTING = frozenset(("first", "last", "next", "other", "the", "these", "those"))

# What may touch a figure, or stand by it as a sign: anything else makes another number of it, as in "$[[seats]]".
_FREE_BEFORE = re.compile(rf"(?:^|[\s(\[\"'“‘«„=→—]|{MARK.pattern}\s?[/–-])$")
_FREE_BEHIND = re.compile(rf"[)\]\"'”’».,;:!?…]*(?:\s|—|$)|\s?[/–-]\s?{MARK.pattern}|-(?=[^\W\d_])")
_SIGN_BEFORE = re.compile(
    rf"(?:[×*+÷±^<>$€£¥~≈]|\b(?:minus|negative|plus|times|{'|'.join(CURRENCY_CODES)}))\s?$", re.IGNORECASE
)
_SIGN_BEHIND = re.compile(r"\s?[%‰$€£¥×*+÷±^]")


class NotKnown(Exception):
    """The sentence states what the turn does not know."""


@dataclass
class Sentence:
    """One sentence. `about` are words that it is read with, `meant` the accounts it speaks of; none: nobody says.

    `cite` gives the number under which a passage is cited.
    """

    material: Material
    words: str
    about: str
    meant: tuple[str, ...]
    references: Sequence[str]
    cite: Callable[[int], int]

    def checked(self) -> Text:
        """The sentence with its figures in place.

        Raises:
            NotKnown: it states what the turn does not know.
        """
        if len(self.words) > MOST_CHARACTERS:
            raise NotKnown
        claims = [claim for claim in find_claims(self.words) if not self._is_said_elsewhere(claim)]
        if len(claims) + len(self._marks) > MOST_STATED:
            raise NotKnown
        stated = {(place, place + 1): self._referred(said, place) for place, said in self._references}
        if not all(self._stands_for(figure, *span) for span, figure in stated.items()):
            raise NotKnown
        open_claims: list[Claim] = []
        for claim in claims:
            if figure := self._figure_of(claim):
                stated[claim.start, claim.end] = figure
            else:
                open_claims.append(claim)
        if self._contradicts(stated.values()):
            raise NotKnown
        if not all(self._is_period(claim, stated) or self._is_full_marks(claim, stated) for claim in open_claims):
            raise NotKnown
        filled: dict[tuple[int, int], Span] = {span: text(figure)[0] for span, figure in stated.items()}
        filled |= {(place, place + 1): f"[{self.cite(number)}]" for place, number in self._cited}
        return self._filled(filled)

    def _filled(self, filled: Mapping[tuple[int, int], Span]) -> Text:
        spans: list[Span] = []
        position = 0
        for (start, end), span in sorted(filled.items()):
            spans += [self.words[position:start], span]
            position = end
        return tuple(span for span in (*spans, self.words[position:]) if span)

    # ── References ────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _marks(self) -> tuple[tuple[int, str], ...]:
        """Where references stand, and what they refer to."""
        return tuple((m.start(), self.references[ord(m[0]) - ord(FIRST_MARK)]) for m in MARK.finditer(self.words))

    @cached_property
    def _cited(self) -> tuple[tuple[int, int], ...]:
        """Where passages are cited, by their number from 0.

        Raises:
            NotKnown: there is no such passage.
        """
        found = [(place, m) for place, said in self._marks if (m := _PASSAGE.fullmatch(said.casefold()))]
        cited = tuple((place, int(match[1]) - 1) for place, match in found)
        if any(not 0 <= number < len(self.material.passages) for _, number in cited):
            raise NotKnown
        return cited

    @cached_property
    def _references(self) -> tuple[tuple[int, str], ...]:
        """Where figures are referred to, and by what."""
        return tuple((place, said) for place, said in self._marks if not _PASSAGE.fullmatch(said.casefold()))

    @cached_property
    def _only_figures(self) -> str:
        """The words, with a space where a passage is cited."""
        words = list(self.words)
        for place, _ in self._cited:
            words[place] = " "
        return "".join(words)

    def _referred(self, reference: str, place: int) -> Figure:
        """The one figure that is meant; one of an account that the sentence does not speak of there is none."""
        key, _, account = reference.partition("@")
        candidates = self.material.by_key.get(key.strip().casefold(), [])
        if account:
            candidates = [f for f in candidates if f.account_id == self._account_id(account.strip())]
        elif not self.meant and len(candidates) > 1:
            candidates = [f for f in candidates if f.account_id in (None, self.material.account_id)]
        candidates = [f for f in candidates if self._may_be_meant(f, place)]
        if len({(f.account_id, show(f)) for f in candidates}) != 1:
            raise NotKnown
        return candidates[0]

    def _account_id(self, account: str) -> str | None:
        found = self.material.accounts.exact(account)
        return found[0].id if len(found) == 1 else None

    def _may_be_meant(self, figure: Figure, place: int) -> bool:
        """Whether the words before `place` leave it open that the figure's account, or what it is of, is meant."""
        if figure.account_id is not None:
            meant = self._meant_before(place)
            return figure.account_id in meant if meant else not _OTHERS.search(self.words)
        subject = subject_of(figure)
        return subject is None or subject == self._subject_before(place, subject)

    def _meant_before(self, place: int) -> tuple[str, ...]:
        """The account that was named last before `place`; else those that the sentence speaks of."""
        named = [account for _, end, account in self._mentions if end <= place]
        return tuple(named[-1:]) if len(self.meant) > 1 and named else self.meant

    @cached_property
    def _mentions(self) -> list[tuple[int, int, str]]:
        """Where accounts are named; one that the sentence is read with stands before it."""
        about = f"{self.about} "
        named = self.material.mentions(f"{about}{MARK.sub(' ', self.words)}")
        return [(start - len(about), end - len(about), account) for start, end, account in named]

    @cached_property
    def _subjects(self) -> list[tuple[int, int, str]]:
        """Where other things that have figures are named."""
        said = self.words.casefold()
        return sorted(
            (place, place + len(name), subject)
            for name, subject in self.material.subjects.items()
            if len(said) == len(self.words) and (place := said.find(name)) >= 0
            and not said[place + len(name) : place + len(name) + 1].isalnum()
        )  # fmt: skip

    def _subject_before(self, place: int, otherwise: str) -> str:
        """What was named last before `place`; else what is named at all; else `otherwise`."""
        before = [subject for _, end, subject in self._subjects if end <= place]
        return (before[-1:] or [subject for *_, subject in self._subjects[:1]] or [otherwise])[0]

    # ── The words around a figure ─────────────────────────────────────────────────────────────────────────────────

    def _stands_for(self, figure: Figure, start: int, end: int) -> bool:
        """Whether the words around [start, end) say of it what the figure is."""
        before, behind = self._only_figures[:start], self._only_figures[end:]
        if not _FREE_BEFORE.search(before) or not _FREE_BEHIND.match(behind):
            return False
        if _SIGN_BEFORE.search(before) or _SIGN_BEHIND.match(behind):
            return False
        following = _POSSESSIVE.sub("", behind, count=1)
        if figure.unit == "%":
            following = re.sub(r"^\s*of (?:the |all |their |its )?", "", following)
        if is_measured_otherwise(figure, MARK.split(following)[0]):
            return False
        return not self._is_named_otherwise(figure, before, behind) and self._is_named(figure)

    def _is_named(self, figure: Figure) -> bool:
        """Whether a bare number is given any name. What shows its unit may do without, and so may a score's points."""
        if figure.unit in (*UNITS_SHOWN_WHOLE, "%", "points") or figure.unit in CURRENCY_CODES:
            return True
        return bool(nouns(figure) & self._said)

    @cached_property
    def _said(self) -> frozenset[str]:
        return frozenset(naming_words(f"{self.about} {MARK.sub(' ', self.words)}"))

    def _is_named_otherwise(self, figure: Figure, before: str, behind: str) -> bool:
        """Whether the words around a figure name another one.

        What stands before it counts first. Between two references the words may belong to either, so both sides count.
        """
        others = [f for f in self.material.figures if f.account_id in (None, figure.account_id)]
        parts = MARK.split(before)
        leading = naming_words(f"{self.about} {_CLAUSE_END.split(parts[-1])[-1]}")
        if len(parts) > 1 and (previous := self._figure_before(len(before))):
            leading = [word for word in leading if word not in nouns(previous) or word in nouns(figure)]
        trailing = naming_words(_AFTER_END.split(MARK.split(_OF_ANOTHER.sub("", behind, count=1))[0])[0])
        counted = trailing[:1] if trailing[:1] and trailing[0] in UNIT_NOUNS.values() else []
        vocabulary = frozenset(UNIT_NOUNS.values()).union(*(label_nouns(f.label) for f in others))
        if len(parts) > 1 and leading[-1:] == ["of"]:
            words = leading + trailing[:1]
        elif label_nouns(figure.label) <= set(trailing):
            words = trailing
        elif len(parts) > 1 or not vocabulary.intersection(leading):
            words = leading + trailing
        else:
            words = leading + counted
        if _CHANGED_BY.search(before):
            if "change" not in label_nouns(figure.label):
                return True
            words.append("change")
        is_deadline = figure.unit == "date" and _DEADLINE.search(before) is not None
        return is_named_otherwise(figure, words, others, anywhere=self._said, loosely=is_deadline)

    def _figure_before(self, place: int) -> Figure | None:
        """The figure that is referred to last before `place`."""
        references = [(start, said) for start, said in self._references if start < place]
        return self._referred(references[-1][1], references[-1][0]) if references else None

    # ── Numbers in plain text ─────────────────────────────────────────────────────────────────────────────────────

    def _is_said_elsewhere(self, claim: Claim) -> bool:
        """Whether a claim needs no figure: it is none, or it stands in what the sentence names, quotes or cites."""
        if any(start <= claim.start and claim.end <= end for start, end in self._names_and_quotations):
            return True
        if claim.kind in ("words", "ordinal") and not self._counts(claim):
            return True
        if claim.kind == "name" and self._token(claim) in self.material.known_tokens:
            return True
        return self._is_name(claim) or self._is_as_of(claim) or self._is_of_a_passage(claim)

    @cached_property
    def _names_and_quotations(self) -> list[tuple[int, int]]:
        quoted = [
            match.span(1)
            for match in _QUOTATION.finditer(self.words)
            if len(match[1].split()) >= WORDS_OF_A_QUOTATION and as_quoted(match[1]) in self.material.quotable
        ]
        return quoted + [(start, end) for start, end, _ in (*self._mentions, *self._subjects)]

    def _token(self, claim: Claim) -> str:
        return self.words[claim.start : claim.end].casefold()

    def _next_words(self, claim: Claim) -> list[str]:
        return words_of(MARK.sub(" ", self.words[claim.end : claim.end + 80]))

    def _words_before(self, claim: Claim) -> list[str]:
        return words_of(MARK.sub(" ", self.words[max(claim.start - 80, 0) : claim.start]))

    def _counts(self, claim: Claim) -> bool:
        """Whether a number in words counts what the turn is about, not what the text is: "two reasons", "the two"."""
        following = self._next_words(claim)[:WORDS_TO_A_NOUN]
        if claim.value == 1:
            return bool(COUNTED.intersection(following[:1]))
        if claim.value == len({account for *_, account in self._mentions}) and _ACCOUNTS.intersection(following):
            return False  # "three accounts: …", each of them named
        if DISCOURSE.intersection(following) and (claim.value or 0) <= MOST_OF_A_TEXT:
            return False
        if claim.kind == "ordinal":
            return not self.words[claim.end :].startswith(",")
        labels = frozenset().union(*(label_nouns(f.label) for f in self.material.figures))
        if (COUNTED | labels).intersection(following):
            return True
        is_capitals = claim.value is None  # a numeral, or an abbreviation such as CI
        return not (following if is_capitals else _POINTING.intersection(self._words_before(claim)[-1:]))

    def _contradicts(self, stated: Iterable[Figure]) -> bool:
        """Whether a value in words is told otherwise: "the churn level is low" where it is critical, "it is green"."""
        said = self._said
        tiers = said & TIERS
        return any(
            (label_nouns(figure.label) <= said or (figure.key == "health.tier" and tiers))
            and not said.intersection(words_of(str(figure.value)))
            for figure in self.material.figures
            if figure.unit == "text" and self._is_of_the_account(figure, len(self.words)) and figure not in stated
        )

    def _is_period(self, claim: Claim, stated: Mapping[tuple[int, int], Figure]) -> bool:
        """The days over which a figure of its clause is measured: "in 28 days" of `usage.api_calls.28d`."""
        following = self._next_words(claim)
        if claim.unit not in ("d", "day", "days") and (claim.unit or following[:1] != ["day"]):
            return False
        if claim.kind not in ("number", "words") or _NO_PERIOD.intersection(following[:2]):
            return False
        first, last = self._clause_of(claim)
        figures = [figure for (start, _), figure in stated.items() if first <= start <= last or first == 0]
        periods = {int(m[1]) for f in figures for part in f.key.split(".") if (m := _PERIOD.fullmatch(part))}
        return claim.value in periods

    def _clause_of(self, claim: Claim) -> tuple[int, int]:
        ends = [(0, 0), *(m.span() for m in _CLAUSE_END.finditer(self.words)), (len(self.words), len(self.words))]
        return (
            max(end for _, end in ends if end <= claim.start),
            min(start for start, _ in ends if start >= claim.end),
        )

    def _is_full_marks(self, claim: Claim, stated: Mapping[tuple[int, int], Figure]) -> bool:
        """What a figure in points is measured on: "of 100", right behind the figure. Its formula begins with it."""
        before = max((span for span in stated if span[1] <= claim.start), default=None)
        if before is None or claim.kind != "number" or not _SCALE.match(self.words[before[1] : claim.start]):
            return False
        full = _FULL_MARKS.match(stated[before].formula)
        return stated[before].unit == "points" and full is not None and float(full[1]) == claim.value

    def _is_name(self, claim: Claim) -> bool:
        """A thing that is called by a number, as the turn calls it: "HTTP 503", "a 503 error", "tier 2"."""
        if claim.kind not in ("number", "words") or claim.unit:
            return False
        before, after = self._words_before(claim)[-1:], self._next_words(claim)[:1]
        if _STATUS_AFTER.intersection(after) and 100 <= (claim.value or 0) <= 599:
            return self._token(claim) in self.material.known_tokens
        said = tokens(self.words[: claim.start])[-1:]
        return bool(_NAMED_BY_NUMBER.intersection(before) and said) and (
            (said[0], self._token(claim)) in self.material.known_pairs
        )

    def _is_as_of(self, claim: Claim) -> bool:
        """The day that the turn's figures are of."""
        if claim.kind != "date" or not re.search(r"\bas of\s*$", self.words[: claim.start], re.IGNORECASE):
            return False
        days = {(f.as_of.year, f.as_of.month, f.as_of.day) for f in self.material.figures}
        return any(day in days for day in claim.dates)

    def _is_of_a_passage(self, claim: Claim) -> bool:
        """Whether a sentence of a cited passage has the same, beside the same word, and speaks of the same things."""
        if not self._cited:
            return False
        wanted = tokens(self.words[claim.start : claim.end])
        before = tokens(MARK.sub(" ", self.words[: claim.start]))[-1:]
        after = tokens(MARK.sub(" ", self.words[claim.end :]))[:1]
        others = f"{self.words[: claim.start]} {' '.join(tokens(self.words[claim.end :])[1:])}"
        return any(
            _stands_in(wanted, before, after, tokens(sentence)) and _is_akin(MARK.sub(" ", others), sentence)
            for _, number in self._cited
            for sentence in SENTENCE_END.split(" ".join(self.material.passages[number].text.split()))
        )

    def _figure_of(self, claim: Claim) -> Figure | None:
        """The figure that a bare number is: of the account meant, in its unit, its whole name in the sentence."""
        said = self._said | {"date"} if claim.kind == "date" else self._said
        found = [
            f
            for f in self.material.figures
            if label_nouns(f.label) <= said
            and _is_value(claim, f, self._next_words(claim))
            and self._is_of_the_account(f, claim.start)
            and self._stands_for(f, claim.start, claim.end)
        ]
        return max(found, key=lambda f: len(label_nouns(f.label)), default=None)

    def _is_of_the_account(self, figure: Figure, place: int) -> bool:
        """Whether a bare number can be of no other account than the figure's."""
        if not self._may_be_meant(figure, place):
            return False
        if figure.account_id is None:
            return True
        return len(self._meant_before(place) or self.material.account_ids) == 1


def _stands_in(wanted: list[str], before: list[str], after: list[str], found: list[str]) -> bool:
    for start in range(len(found) - len(wanted) + 1):
        end = start + len(wanted)
        beside = (before and found[max(start - 1, 0) : start] == before, after and found[end : end + 1] == after)
        if found[start:end] == wanted and any(beside):
            return True
    return False


def _is_akin(words: str, sentence: str) -> bool:
    """Whether a sentence has most of these words, and every name with digits among them."""
    said = {word for word in words_of(words) if len(word) > 3}
    names = {word for word in said if any(map(str.isdigit, word)) and not word.isdigit()}
    there = set(words_of(sentence))
    return names <= there and len(said & there) * 2 >= len(said)


def _is_value(claim: Claim, figure: Figure, following: Sequence[str]) -> bool:
    """Whether a claim says the figure's value as it is shown, in its unit."""
    if claim.kind == "date":
        shown = str(figure.value)
        return figure.unit == "date" and any(_same_day(day, shown) for day in claim.dates)
    if claim.value is None or not isinstance(figure.value, int | float):
        return False
    is_money = len(figure.unit) == 3 and figure.unit.isupper()
    if claim.kind == "money":
        return is_money and claim.unit == figure.unit and _same_number(claim.value, figure)
    if claim.kind == "percent":
        return figure.unit == "%" and claim.unit == "%" and _same_number(claim.value, figure)
    if claim.kind not in ("number", "words") or figure.unit == "%" or is_money or claim.unit:
        return False
    noun = next((n for n in following[:WORDS_TO_A_NOUN] if n in UNIT_NOUNS.values()), None)
    return noun in (None, UNIT_NOUNS.get(figure.unit)) and _same_number(claim.value, figure)


def _same_number(value: float, figure: Figure) -> bool:
    shown = re.search(r"-?[\d,]+(?:\.\d+)?", show(figure))
    return shown is not None and float(shown[0].replace(",", "")) == value


def _same_day(day: tuple[int | None, int, int], shown: str) -> bool:
    year, month, number = day
    return shown.endswith(f"-{month:02}-{number:02}") and (year is None or shown.startswith(f"{year:04}-"))
