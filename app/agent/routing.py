"""Free text without a model: which command answers it, found by likeness to the questions that commands name."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from app.agent.metric_nouns import words_of
from app.domain import syntax
from app.domain.command import Command, Invocation
from app.domain.directory import AccountDirectory, AccountName, Mention
from app.retrieval.knowledge import Knowledge
from app.retrieval.search import Mode

ROUTING = Path(__file__).with_name("routing.yaml")
KNOWLEDGE, NOTHING, WRITING = "knowledge", "nothing", "writing"

PLACEHOLDER = "acme"
"""Stands in for the account's name, as in the questions, so that a name's own words do not route."""

MOST_CHARACTERS = 600
"""What is asked stands at the beginning; what is pasted behind it does not route."""

NEAREST = 2
"""The likeness to a kind of question is the mean over so many of its questions, the nearest."""

MEANING_WEIGHT = 0.7
"""Of the likeness in meaning, against that in words, where vectors are to be had."""

SHORT_WORDS = 4
"""A text of so few words goes on about the account in talk."""

LEAST_MISSPELT = 8
LEAST_MISSPELT_WORD = 10
"""Letters of a misspelt name of several words, and of one: what is shorter may be like a name by chance."""

LEAST_LEAD = 0.2
"""A text that is much more like one command than like anything else needs to be less like it."""

CLOSE_LEAD = 0.07
"""A smaller lead over the next kind of question decides nothing."""

DEFINING_LEAD = 0.25
"""So much more likely is an article where a text asks how or what something is in general."""

_OBJECT = r"(?:(?:the|a|an|their|its|this|that|acme|\w+['’]s)\s+)*"
_WRITING = re.compile(
    rf"""^\W*(?:(?:please|pls|can\ you|could\ you|would\ you|kindly|acme)\W+)*(?:
      (?:create|add|delete|remove|rename|merge|assign|book|e-?mail|invite|approve|log|mark|schedule)\b
    | (?:give|offer|grant)\b.*\b(?:discount|credit|refund|extension|months?\ free)\b
    | (?:send|write)\b.*\b(?:e-?mail|mail|message|invitation|invite|note|reminder|letter)s?\b
    | (?:send|write)\s+(?:to\s+)?(?:acme|them|him|her|it)\b
    | (?:update|change|set|close|cancel|reset|drop|record)\s+{_OBJECT}(?:owner|status|record|account|ticket|goal|meeting
        |contract|renewal\ date|date|tier|score|plan|password|name|note|call|seats?)\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)
"""Asks for something to be changed. Only a typed command changes anything."""

_DEFINING = re.compile(
    r"^\W*(?:how (?:do|does|should|can|is|are|to)|what (?:is|are|does|do|counts|makes|should)"
    r"|when (?:should|is|do|does)|why (?:do|does|is|are|would)|explain|define|is there an?)\b"
    r"(?!.*\b(?:our|my|we|us)\b)",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?<!\S)[^\W\d_]{4}\S*")
_ABOUT_A_NAME = re.compile(
    r"\b(?:[Hh]ow(?: i|['’])s|[Ii]s|[Aa]bout|[Dd]oes|[Hh]as|[Ww]ill|[Aa]t)\s+"
    r"(?P<name>[A-Z][a-z][\w&.-]*(?:\s+[A-Z][\w&.-]*)*)(?=\W|$)"
)
_AS_OF = re.compile(r"\b(?:as of|on|at|until|to|per)\s+(\d{4}-\d{2}-\d{2})(?![\d-])", re.IGNORECASE)
_PAST_TIME = re.compile(
    r"\bago\b|\byesterday\b|\b(?:last|previous) (?:week|month|quarter|year)\b|\b\d{4}-\d{2}-\d{2}\b|\bQ[1-4]\b"
    r"|\b(?:back )?in (?:january|february|march|april|june|july|august|september|october|november|december)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"^\W*(?:and|so|ok(?:ay)?|what about|how about)\b|\b(?:it|its|they|them|their|theirs|there|this account"
    r"|this customer|that account|that customer)\b",
    re.IGNORECASE,
)
_OF_ALL = re.compile(
    r"\b(?:accounts|customers|clients|portfolio|everyone|everybody|anyone|overall|all of|book|logos|who|whole)\b",
    re.IGNORECASE,
)


class _Least(BaseModel):
    model_config = ConfigDict(extra="forbid")
    command: float
    with_account: float
    anything: float


class _Routing(BaseModel):
    """The file beside this module."""

    model_config = ConfigDict(extra="forbid")
    knowledge: tuple[str, ...]
    nothing: tuple[str, ...]
    least_likeness: dict[Mode, _Least]


@dataclass(frozen=True, slots=True)
class Route:
    """What free text asks for: a command, with the accounts that it names as `typed` (not one: one is to be chosen).

    `kind` is a command's name, KNOWLEDGE, NOTHING or WRITING. An account in talk is not `typed`; `others` are named
    too, but an answer is about one. `is_close`: something else is as likely, so that an article which plainly answers
    goes first.
    """

    kind: str
    accounts: tuple[AccountName, ...] = ()
    typed: str = ""
    others: tuple[AccountName, ...] = ()
    is_close: bool = False


@cache
def _routing() -> _Routing:
    return _Routing.model_validate(yaml.safe_load(ROUTING.read_text("utf-8")))


async def find_route(
    message: str,
    commands: Mapping[str, Command[Any]],
    directory: AccountDirectory,
    talk: AccountName | None,
    knowledge: Knowledge,
) -> Route:
    """What free text asks for. `talk` is the account that the conversation is about."""
    asked = message[:MOST_CHARACTERS]
    mentions = directory.mentions(asked) or _misspelt(asked, directory)
    goes_on = not mentions and talk is not None and _goes_on(asked)
    if not mentions and not goes_on:
        mentions = _unknown(asked, directory)
    plain = _GOES_ON.sub(PLACEHOLDER, asked) if goes_on else _without_names(asked, mentions)
    likeness, mode = await _likeness(plain, commands, knowledge)
    is_about_one = bool(mentions) or goes_on
    if _DEFINING.match(asked) and not is_about_one:
        likeness[KNOWLEDGE] += DEFINING_LEAD
    kind = WRITING if _WRITING.match(plain) else _kind(likeness, mode, is_about_one=is_about_one)
    if kind not in commands or not syntax.shape_of(commands[kind]).has_account:
        return Route(kind)
    is_close = likeness[kind] - max(each for name, each in likeness.items() if name != kind) < CLOSE_LEAD
    if mentions:
        first, *rest = mentions
        others = {each.id: each for mention in rest for each in mention.accounts if each not in first.accounts}
        return Route(kind, first.accounts, asked[first.start : first.end], tuple(others.values()), is_close)
    return Route(kind, (talk,) if goes_on and talk else (), is_close=is_close)


def _misspelt(asked: str, directory: AccountDirectory) -> tuple[Mention, ...]:
    """The account whose name a word begins to misspell; none where several are meant or none is."""
    for word in _WORD.finditer(asked):
        guess = directory.close_start(asked[word.start() :])
        least = LEAST_MISSPELT if " " in guess.typed or word[0][0].isupper() else LEAST_MISSPELT_WORD
        if len(guess.accounts) == 1 and len(guess.typed) >= least:
            return (Mention(guess.accounts, word.start(), word.start() + len(guess.typed)),)
    return ()


def _unknown(asked: str, directory: AccountDirectory) -> tuple[Mention, ...]:
    """A name that is asked about and is no account's, with the accounts of a like name: "How is Initech doing?"."""
    found = _ABOUT_A_NAME.search(asked)
    return (Mention(directory.close(found["name"]), *found.span("name")),) if found else ()


def _without_names(asked: str, mentions: Sequence[Mention]) -> str:
    for mention in reversed(mentions):
        asked = f"{asked[: mention.start]}{PLACEHOLDER}{asked[mention.end :]}"
    return asked


def _kind(likeness: Mapping[str, float], mode: Mode, *, is_about_one: bool) -> str:
    """The kind of question that the text is most like, where it is like it enough."""
    least = _routing().least_likeness[mode]
    (kind, best), (_, second), *_ = sorted(likeness.items(), key=lambda item: -item[1])
    if best < least.anything:
        return NOTHING
    if kind in (KNOWLEDGE, NOTHING):
        return kind
    leads = best - second >= LEAST_LEAD and best >= least.with_account
    return kind if leads or best >= (least.with_account if is_about_one else least.command) else KNOWLEDGE


def invocation_of(route: Route, command: Command[Any], message: str) -> Invocation:
    """The command that is run for the route, as of the day that is named. A raw field takes the whole message.

    Raises:
        Problem: `invalid_date` for a day that there is none of.
    """
    raw = syntax.shape_of(command).raw
    account = route.accounts[0].id if len(route.accounts) == 1 else None
    if raw:
        return Invocation(command.name, account, {raw: message})
    day = _AS_OF.search(message[:MOST_CHARACTERS])
    return Invocation(command.name, account, {}, syntax.parse_day(day[1]) if day else None)


def names_another_time(message: str) -> bool:
    """Whether a question names a time that it is not answered for: "a month ago", "in March"."""
    asked = message[:MOST_CHARACTERS]
    return not _AS_OF.search(asked) and _PAST_TIME.search(asked) is not None


def _goes_on(message: str) -> bool:
    if _OF_ALL.search(message):
        return False
    return bool(_GOES_ON.search(message)) or len(message.split()) <= SHORT_WORDS


async def _likeness(
    message: str, commands: Mapping[str, Command[Any]], knowledge: Knowledge
) -> tuple[dict[str, float], Mode]:
    """How like the text is to each kind of question, 0 to 1."""
    questions = {name: command.asked_as for name, command in commands.items() if command.asked_as}
    questions |= {KNOWLEDGE: _routing().knowledge, NOTHING: _routing().nothing}
    texts = [question for asked in questions.values() for question in asked]
    scores = _in_words(message, texts)
    meant = await knowledge.likeness(message, texts)
    if meant is not None:
        scores = [MEANING_WEIGHT * m + (1 - MEANING_WEIGHT) * w for m, w in zip(meant, scores, strict=True)]
    found: dict[str, float] = {}
    start = 0
    for name, asked in questions.items():
        nearest = sorted(scores[start : start + len(asked)], reverse=True)[:NEAREST]
        found[name] = sum(nearest) / len(nearest)
        start += len(asked)
    return found, "lexical" if meant is None else "hybrid"


def _in_words(message: str, texts: Sequence[str]) -> list[float]:
    """Cosine of the words' weights, rare words weighing more."""
    documents = [Counter(words_of(text)) for text in texts]
    spread = Counter(word for document in documents for word in document)
    idf = {word: math.log(1 + len(texts) / count) for word, count in spread.items()}
    asked = Counter(words_of(message))
    return [_cosine(asked, document, idf) for document in documents]


def _cosine(one: Counter[str], other: Counter[str], idf: Mapping[str, float]) -> float:
    shared = sum(one[word] * other[word] * idf[word] ** 2 for word in one.keys() & other.keys())
    lengths = (sum((n * idf.get(word, 1.0)) ** 2 for word, n in each.items()) for each in (one, other))
    length = math.sqrt(math.prod(lengths))
    return shared / length if length else 0.0
