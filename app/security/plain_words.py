"""A text as the words that a person reads in it, whatever characters and marks it is written with.

Invisible characters are gone, letters that look like ours are ours, and words that are pulled apart ("d i s c o u n t",
"dis**count**"), glued together, misspelt or written with digits ("d1scount") are the words of the vocabulary that they
stand for. Pure, and linear in the length of the text.
"""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.characters import visible

LONGEST_WORD = 20
"""Letters of the longest word that is put together of pieces."""

SHORTEST_JOINED, SHORTEST_SPACED = 3, 6
"""Letters of the shortest word that is put together across marks, and across a space."""

FURTHEST_APART = 6
"""Characters between two parts of a word, and half of them between two letters of one that is spelled out."""

SHORTEST_GLUED = 7
"""Letters of the shortest word that is taken apart."""

_ASIDE = re.compile(
    r"""<[/!]?[a-z][\w:.-]{0,40}(?:[\s/][^<>]{0,300})?>
      | <!--(?:(?!-->)[^<]){0,300}-->
      | (?<=\])\([^()\n]{0,500}\)
      | (?P<entity>&(?:\#\d{1,7}|\#x[0-9a-f]{1,6}|[a-z]{2,31}\d{0,2});)""",
    re.VERBOSE | re.IGNORECASE,
)
_PLAIN = re.compile(r"[\t\n -~]*+")
_LATIN = re.compile(
    r"(?:LATIN [A-Z ]*LETTER|SYMBOL LETTER) (?:SMALL CAPITAL |SCRIPT |DOTLESS |OPEN )?([A-Z])(?: WITH .+)?$"
)
_TOKEN = re.compile(
    r"""(?P<number>\d++(?:[.,:]\d++)*+(?![a-z0-9@$]))
      | (?P<run>[a-z0-9@$]++(?:['!|][a-z0-9]++)*+)
      | (?P<sign>[%"?!.;:,])""",
    re.VERBOSE,
)
_PIECE = re.compile(r"\d++(?:[.,:]\d++)*+|[a-z]++(?:'[a-z]++)*+|[$@]")
_ITEM = re.compile(r"\n\s*(?:[-*+>#]|\n)")
_LEET = tuple(str.maketrans("013457@$!|", f"o{one}eastas{one}{one}") for one in "il")


@dataclass(frozen=True, slots=True)
class Word:
    """A word in its plain form; it stands at text[start:end]. `sentence` counts the sentences before it."""

    plain: str
    start: int
    end: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a text; which sentences are questions; and where its quotation marks stand."""

    words: list[Word]
    questions: frozenset[int]
    quotes: list[int]

    def is_quoted(self, place: int) -> bool:
        """Whether an odd number of quotation marks stands before that place of the text, and one behind it."""
        before = bisect_right(self.quotes, place)
        return before % 2 == 1 and before < len(self.quotes)

    def quote_before(self, place: int) -> int:
        """Where the last quotation mark before that place stands."""
        return self.quotes[bisect_right(self.quotes, place) - 1]


@dataclass(slots=True)
class _Piece:
    plain: str
    start: int
    end: int
    apart: str  # what stands between it and the piece before, in folded characters


@dataclass(frozen=True)
class Reader:
    """Reads texts as words.

    `vocabulary` holds the words that matter; `endings` and `spelled` what an ending ("n't": "not") or a whole word
    ("won't": "will not") stands for; `lookalikes` what a character of another script looks like; `misspelt` the words
    that are known with one letter missing, doubled, wrong or swapped, `no_misspelling` words that are no such;
    `abbreviations` do not end a sentence.
    """

    vocabulary: frozenset[str]
    endings: Mapping[str, str]
    spelled: Mapping[str, str]
    lookalikes: Mapping[str, str]
    misspelt: frozenset[str]
    no_misspelling: frozenset[str]
    abbreviations: frozenset[str]
    _folded: dict[str, str] = field(default_factory=dict, init=False)
    _near: dict[str, str] = field(default_factory=dict, init=False)
    _beginnings: set[str] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._beginnings.update(word[:length] for word in self.vocabulary for length in range(1, len(word)))
        for word in self.misspelt:
            self._near[word] = word
            for shorter in _one_less(word):
                self._near.setdefault(shorter, word)

    def read(self, text: str) -> Reading:
        """The words of the text; link targets and tags are read after all else, so that nothing hides in them."""
        words: list[Word] = []
        questions: set[int] = set()
        quotes: list[int] = []
        meanings: dict[str, list[str]] = {}
        sentence = 0
        for part, inner, is_aside in self._parts(text):
            for pieces, is_question, marks in self._sentences(part):
                quotes += [] if is_aside else [inner[mark] for mark in marks]
                for piece in self._mended(pieces):
                    meant = meanings.get(piece.plain)
                    if meant is None:
                        meant = meanings[piece.plain] = self._meant(piece.plain)
                    start, end = inner[piece.start], inner[piece.end - 1] + 1
                    words += [Word(plain, start, end, sentence) for plain in meant]
                if is_question:
                    questions.add(sentence)
                sentence += 1
        return Reading(words, frozenset(questions), quotes)

    def _parts(self, text: str) -> Iterator[tuple[str, Sequence[int], bool]]:
        """The text in plain characters and where each stands in it, then the same of what is left out of it."""
        folded, places, asides = self._fold(text)
        yield folded, places, False
        for start, end in asides:
            aside, inner, _ = self._fold(text[start + 1 : end - 1], tags=False)
            yield aside, [place + start + 1 for place in inner], True

    def _fold(self, text: str, *, tags: bool = True) -> tuple[str, list[int], list[tuple[int, int]]]:
        """The text in plain characters, where each stands in it, and the parts that are left out of it."""
        parts: list[str] = []
        places: list[int] = []
        asides: list[tuple[int, int]] = []
        last = 0
        for aside in _ASIDE.finditer(text) if tags else ():
            self._fold_into(parts, places, text, last, aside.start())
            if aside["entity"]:
                plain = "".join(self._plain(char) for char in html.unescape(aside.group()))
                parts.append(plain)
                places += [aside.start()] * len(plain)
            else:
                asides.append(aside.span())
            last = aside.end()
        self._fold_into(parts, places, text, last, len(text))
        return "".join(parts), places, asides

    def _fold_into(self, parts: list[str], places: list[int], text: str, start: int, end: int) -> None:
        while start < end:
            plain = _PLAIN.match(text, start, end)
            if plain and plain.end() > start:
                parts.append(plain.group().lower())
                places += range(start, plain.end())
                start = plain.end()
                continue
            folded = self._plain(text[start])
            parts.append(folded)
            places += [start] * len(folded)
            start += 1

    def _plain(self, char: str) -> str:
        known = self._folded.get(char)
        if known is None:
            known = self._folded[char] = self._fold_char(char)
        return known

    def _fold_char(self, char: str) -> str:
        if char in self.lookalikes:
            return self.lookalikes[char]
        if char == "\r":
            return " "  # a newline follows, or it shows nothing
        decomposed = unicodedata.normalize("NFKD", visible(char)).casefold()
        return "".join(self.lookalikes.get(each) or _latin(each) for each in decomposed)

    def _sentences(self, folded: str) -> Iterator[tuple[list[_Piece], bool, list[int]]]:
        """The pieces of each sentence, whether it is a question, and its quotation marks."""
        pieces: list[_Piece] = []
        marks: list[int] = []
        last, before = 0, ""
        for token in _TOKEN.finditer(folded):
            gap = folded[last : token.start()]
            if pieces and "\n" in gap and _is_break(gap, before):
                yield pieces, False, marks
                pieces, marks = [], []
            if token["sign"] and token.group() != "%":
                before = token.group()
                if before == '"':
                    marks.append(token.start())
                elif pieces and self._ends(folded, token.start(), pieces[-1].plain):
                    yield pieces, before == "?", marks
                    pieces, marks = [], []
                continue
            for plain, start, end in self._runs(token.group(), token.start()):
                pieces.append(_Piece(plain, start, end, gap if start == token.start() else ""))
            last, before = token.end(), ""
        if pieces or marks:
            yield pieces, False, marks

    def _ends(self, folded: str, place: int, before: str) -> bool:
        """Whether the mark at that place ends a sentence."""
        mark, after = folded[place], folded[place + 1 : place + 2]
        if mark in ",:":
            return False
        if after and not after.isspace() and after not in '"?!.)':
            return False
        return mark != "." or not (before in self.abbreviations or (len(before) == 1 and before.isalpha()))

    def _runs(self, run: str, start: int) -> list[tuple[str, int, int]]:
        """The words of a run of letters and digits, and where they stand: "20k" is two, "d1scount" is one."""
        if run.isalpha() or run.isdigit() or len(run) == 1 or run in self.spelled:
            return [(run, start, start + len(run))]
        if len(run) <= LONGEST_WORD and any(char.isalpha() for char in run):
            for table in _LEET:
                if (word := run.translate(table)) in self.vocabulary:
                    return [(word, start, start + len(run))]
        return [(piece.group(), start + piece.start(), start + piece.end()) for piece in _PIECE.finditer(run)]

    def _mended(self, pieces: list[_Piece]) -> Iterator[_Piece]:
        """The pieces with words put together that were pulled apart."""
        place = 0
        while place < len(pieces):
            first = pieces[place]
            if len(first.plain) == 1 and (letters := _single_letters(pieces, place)) > 2:
                yield from self._spelled_out(pieces[place : place + letters])
                place += letters
                continue
            count = self._joined(pieces, place) if first.plain in self._beginnings else 1
            if count == 1:
                yield first
            else:
                plain = "".join(piece.plain for piece in pieces[place : place + count])
                yield _Piece(plain, first.start, pieces[place + count - 1].end, first.apart)
            place += count

    def _joined(self, pieces: list[_Piece], place: int) -> int:
        """Of how many pieces the word at that place is put together. Two words that we know and that a space parts
        stay two: "roll out" is no "rollout".
        """
        joined, best, is_spaced = pieces[place].plain, 1, False
        are_words = joined in self.vocabulary
        for count, piece in enumerate(pieces[place + 1 : place + 3], start=2):
            if not piece.plain.isalpha() or len(piece.apart) > FURTHEST_APART:
                break
            joined += piece.plain
            are_words = are_words and piece.plain in self.vocabulary
            is_spaced = is_spaced or any(char.isspace() for char in piece.apart)
            shortest = SHORTEST_SPACED if is_spaced else SHORTEST_JOINED
            if shortest <= len(joined) and joined in self.vocabulary and not (is_spaced and are_words):
                best = count
        return best

    def _spelled_out(self, pieces: list[_Piece]) -> Iterator[_Piece]:
        letters = "".join(piece.plain for piece in pieces)
        at = 0
        while at < len(letters):
            length = self._longest(letters, at) or 1
            yield _Piece(letters[at : at + length], pieces[at].start, pieces[at + length - 1].end, pieces[at].apart)
            at += length

    def _longest(self, letters: str, at: int) -> int:
        """Letters of the longest word of the vocabulary that stands there; 0 where none does."""
        lengths = range(min(LONGEST_WORD, len(letters) - at), 0, -1)
        return next((length for length in lengths if letters[at : at + length] in self.vocabulary), 0)

    def _meant(self, plain: str) -> list[str]:
        """The words that a piece stands for."""
        return [word for part in self._unglued(plain) for word in self._spellings(part)]

    def _unglued(self, word: str) -> list[str]:
        """The words of a piece such as "weguarantee" that consists of nothing but known words, else the piece."""
        if len(word) < SHORTEST_GLUED or len(word) > 4 * LONGEST_WORD or word in self.vocabulary or not word.isalpha():
            return [word]
        parts: list[str] = []
        at = 0
        while at < len(word):
            length = self._longest(word, at)
            if not length:
                return [word]
            parts.append(word[at : at + length])
            at += length
        return parts

    def _spellings(self, plain: str) -> list[str]:
        if plain in self.spelled:
            return self.spelled[plain].split()
        if "'" in plain:
            return self._contracted(plain)
        is_known = plain in self.vocabulary or plain in self.no_misspelling
        if is_known or not SHORTEST_SPACED <= len(plain) <= LONGEST_WORD:
            return [plain]
        return [next((self._near[each] for each in (plain, *_one_less(plain)) if each in self._near), plain)]

    def _contracted(self, plain: str) -> list[str]:
        """The words of one with apostrophes: "we'll" is two, "dis'count" is one."""
        if (joined := plain.replace("'", "")) in self.vocabulary and len(joined) >= SHORTEST_SPACED:
            return [joined]
        for ending, stands_for in self.endings.items():
            before = plain.removesuffix(ending)
            if before != plain and before and "'" not in before:
                return [*self._spellings(before), *stands_for.split()]
        return [word for part in plain.split("'") for word in self._spellings(part)]


def _latin(char: str) -> str:
    """The character in plain letters and marks; a space where it is none, nothing where it only marks a letter."""
    category = unicodedata.category(char)
    if char.isascii():
        return char if char.isprintable() or char in "\t\n" else " "
    if category in {"Mn", "Me", "Cf"}:
        return ""
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category == "Pd" or char == "−":
        return "-"
    if category == "Sc":
        return "$"
    if char in "‘’‚‛′ʼ`´":
        return "'"
    if category in {"Pi", "Pf"} or char in "„‟″〝〞":
        return '"'
    latin = _LATIN.search(unicodedata.name(char, ""))
    return latin[1].lower() if latin else " "


def _is_break(gap: str, before: str) -> bool:
    """Whether a sentence ends at a line's end: an item follows, or a blank line does and a mark went before."""
    item = _ITEM.search(gap)
    return item is not None and (not item.group().endswith("\n") or (before != "" and before in ",:"))


def _single_letters(pieces: list[_Piece], place: int) -> int:
    """How many pieces of one letter stand there in a row, a space or a mark apart."""
    end = place
    while end < len(pieces) and len(pieces[end].plain) == 1 and pieces[end].plain.isalpha():
        if end > place and len(pieces[end].apart) > FURTHEST_APART // 2:
            break
        end += 1
    return end - place


def _one_less(word: str) -> Iterator[str]:
    """The word with each one of its letters left out."""
    return (word[:at] + word[at + 1 :] for at in range(len(word)))
