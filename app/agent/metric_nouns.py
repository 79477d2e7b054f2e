"""Which words name which figure: read from the figures' own labels, so that every command brings its words along."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import takewhile

from app.domain.figures import Figure

UNIT_NOUNS = {
    "calls": "call", "users": "user", "seats": "seat", "features": "feature", "tickets": "ticket", "hours": "hour",
    "days": "day", "weeks": "week", "ms": "millisecond", "RICE": "rice", "%": "percent", "points": "point",
}  # fmt: skip
"""What is counted in a unit, where the unit says it."""

COUNTED = frozenset(
    ("account", "customer", "user", "seat", "ticket", "incident", "outage", "call", "request", "error", "day", "week",
     "month", "year", "hour", "minute", "second", "feature", "goal", "meeting", "champion", "contact", "response",
     "promoter", "detractor", "invitation", "indicator", "escalation", "renewal", "point", "percent", "dollar", "euro",
     "milestone", "licence", "license", "integration", "webhook", "engineer", "team")
)  # fmt: skip
"""Nouns that are counted: "[[tickets.open]] customers" is wrong, and "one ticket" is a number, but "one way" is not."""

DISCOURSE = frozenset(
    ("action", "area", "cause", "choice", "factor", "item", "kind", "lever", "option", "part", "party", "place",
     "priority", "question", "reason", "risk", "side", "signal", "step", "thing", "topic", "way")
)  # fmt: skip
"""Nouns of the text itself: "two things matter" counts nothing of the customer's."""

SCALES_AND_SIZES = frozenset(
    ("hundred", "thousand", "million", "billion", "trillion", "lakh", "crore", "dozen", "grand", "buck", "cent", "mil",
     "k", "m", "mn", "mio", "b", "bn", "ms", "millisecond", "percentage", "pct", "pound", "yen", "times", "fold")
)  # fmt: skip
"""Words behind a figure that make another amount of it."""

UNITS_SHOWN_WHOLE = ("date", "text")
"""Units of values that say what they are: no noun behind them makes them anything else."""

RATES = frozenset(("second", "minute", "hour", "day", "week", "month", "quarter", "year"))

MOST_NOUNS_OF_A_NAME = 4
"""A longer label holds somebody's title, whose words name nothing."""

WORDS_FOR_A_NAME = 3
"""One word may stand for a name of as many: "open" alone is no "due day of open SEV1"."""

_FILLERS = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "is", "of", "on", "one", "or", "per", "that", "the",
     "their", "to", "who", "whose", "with")
)  # fmt: skip
_PAST = frozenset(("after", "against", "before", "compared", "earlier", "from", "previous", "prior", "than", "versus"))
_SAME = {
    "use": "used", "using": "used", "decide": "decision", "decided": "decision", "renew": "renewal",
    "renewed": "renewal", "revenue": "arr", "escalation": "escalated",
}  # fmt: skip
"""Words that people use for those of the labels."""

_WORD = re.compile(r"[^\W_]+")
_STOP = re.compile(r"[,;:.!?()]")
_DIGIT = re.compile(r"\d")
_RATE = re.compile(r"[ ]?(?:[\w-]+ ){0,3}?(?:(?:an?|each|every) (?:working |business )?(?P<time>\w+)|per (?P<any>\w+))")


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, plurals as singulars."""
    return [_singular(word) for word in _WORD.findall(text.lower())]


def naming_words(text: str) -> list[str]:
    """The words of a text as labels have them."""
    return [_SAME.get(word, word) for word in words_of(text)]


@lru_cache(maxsize=4096)
def label_nouns(label: str) -> frozenset[str]:
    """The words by which people name a figure: without its period, which stands behind a comma, and without a title."""
    name, _, rest = label.partition(",")
    found = frozenset(naming_words(name if _DIGIT.search(rest) else label)) - _FILLERS
    if len(found) > MOST_NOUNS_OF_A_NAME and " of " in name:
        return label_nouns(name.partition(" of ")[0])
    return found


@lru_cache(maxsize=4096)
def _key_nouns(key: str) -> frozenset[str]:
    return frozenset(naming_words(key)) - _FILLERS


def nouns(figure: Figure) -> frozenset[str]:
    """The words of a figure's label, key and unit."""
    return _all_nouns(figure) | {UNIT_NOUNS.get(figure.unit, figure.unit.lower())}


def _all_nouns(figure: Figure) -> frozenset[str]:
    return label_nouns(figure.label) | _key_nouns(figure.key)


def is_named_otherwise(
    figure: Figure,
    words: Iterable[str],
    others: Iterable[Figure],
    *,
    anywhere: Iterable[str] = (),
    loosely: bool = False,
) -> bool:
    """Whether words name another figure rather than this one: "ARR is …" does not lead to a health score.

    They do where none of them is this figure's and one is another's, or where another's name of the same unit, or
    another's whole name, is met better. What names nothing names nothing else. `anywhere` are all the words of the
    sentence, which may complete this figure's name; `loosely`: the words before a deadline name its matter, and name
    another date only where none of them is this one's.
    """
    said = frozenset(words)
    said |= {"before"} if said & _PAST else frozenset()
    own = label_nouns(figure.label)
    if "before" in own and "before" not in said:
        return True
    is_strange = not said & _all_nouns(figure)
    if is_strange and figure.unit not in UNITS_SHOWN_WHOLE and said & _units_but(figure.unit):
        return True
    met = len(own & said), own <= said.union(anywhere), len(_all_nouns(figure) & said)
    return any(
        _is_nearer(other, said, met, is_strange, loosely=loosely, same_unit=other.unit == figure.unit)
        for other in others
        if label_nouns(other.label) != own
    )


def is_measured_otherwise(figure: Figure, following: str) -> bool:
    """Whether what stands right behind a figure makes another amount of it: "[[days]] weeks", "[[arr]] a month"."""
    if figure.unit in UNITS_SHOWN_WHOLE:
        return False
    rate = _RATE.match(following.lower())
    if rate and rate["any"]:
        return _singular(rate["any"]) not in _with_year(figure)
    if rate and rate["time"] in RATES:
        return rate["time"] not in _with_year(figure)
    words = words_of(_STOP.split(following)[0])
    near = list(takewhile(lambda word: word not in _FILLERS, words))[:2]
    if following.startswith("-") and not nouns(figure).intersection(near[:1]):
        return True
    measure = next((word for word in near if word in COUNTED or word in SCALES_AND_SIZES), None)
    return measure is not None and measure not in nouns(figure)


def _with_year(figure: Figure) -> frozenset[str]:
    """The nouns of a figure, and the year that recurring revenue is of."""
    own = label_nouns(figure.label)
    return own | {"year", "annum"} if "arr" in own else own


def _is_nearer(
    other: Figure, said: frozenset[str], met: tuple[int, bool, int], is_strange: bool, *, loosely: bool, same_unit: bool
) -> bool:
    """Whether another's name is met better: more of it is said, or as much, which is all of it, or of its key."""
    named = label_nouns(other.label)
    shared, is_whole = len(named & said), named <= said
    if is_strange and len(named) <= MOST_NOUNS_OF_A_NAME and 0 < len(named) <= shared * WORDS_FOR_A_NAME:
        return same_unit or not loosely
    if loosely or not (same_unit or (is_whole and not met[1])):
        return False
    theirs = shared, is_whole, len(_all_nouns(other) & said)
    return theirs[2] > 0 and theirs > met


def _units_but(unit: str) -> frozenset[str]:
    return frozenset(noun for each, noun in UNIT_NOUNS.items() if each != unit)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word
