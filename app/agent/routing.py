"""Free text without a model: which command answers it, found by likeness to the questions that commands name."""

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from app.agent.metric_nouns import words_of
from app.domain import syntax
from app.domain.command import Command, Invocation
from app.domain.directory import AccountDirectory, AccountName, Mention
from app.domain.syntax.shape import ACTION, Shape
from app.domain.yaml_text import load_yaml
from app.retrieval.knowledge import Knowledge
from app.retrieval.search import Mode

ROUTING = Path(__file__).with_name("routing.yaml")
KNOWLEDGE, NOTHING, WRITING = "knowledge", "nothing", "writing"

PLACEHOLDER = "acme"
"""Stands in for the account's name, as in the questions, so that a name's own words do not route."""

DATES, SINCE, UNTIL = "dates", "since", "until"
"""The fields of a subcommand that take the days of a text."""

_FORMS: Mapping[str, re.Pattern[str]] = {
    "endpoint": re.compile(
        r"(?:\b(?:GET|POST|PUT|PATCH|DELETE)\s+)?(?<![\w./:-])/(?:api|v\d{1,2}|rest|graphql)(?:/[\w{}.:/-]*[\w}])?"
    ),
    "escalation": re.compile(r"\besc-[\w-]*\w"),
    "item": re.compile(r"\bfb-[\w-]*\w"),
    "month": re.compile(r"(?<![\d-])\d{4}-\d{2}(?![\d-])"),
}
"""The other fields of a subcommand that take what has such a form in a text."""

ANY_DAY = "2026-01-31"
"""Stands in for every day, in the questions as well, so that its digits do not route."""

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

LEAST_MISTYPED = 6
LEAST_ALIKE = 0.85
"""A word of so many letters that is in no question is read as the word of theirs that is this much alike, 0 to 1."""

LEAST_LEAD = 0.1
"""A text that is so much more like one command than like anything else needs to be less like it."""

CLOSE_LEAD = 0.07
"""A smaller lead over the next kind of question decides nothing."""

DEFINING_LEAD = 0.25
"""So much more likely is an article where a text asks how or what something is in general."""

_POLITELY = r"(?:(?:please|pls|can\ you|could\ you|would\ you|kindly|acme)\W+)*"
_OBJECT = r"(?:(?!(?:in|of|on|at|to|from|since|between|me|us|for)\b)[\w'’-]+\s+){0,4}?"
_WRITING = re.compile(
    rf"""^\W*{_POLITELY}(?:
      (?:create|add|delete|remove|rename|merge|assign|book|e-?mail|invite|approve|log(?!\s+(?:files?|lines?|in)\b)|mark|schedule|accept|reject|reopen
        |undo|revert|jot)\b
    | (?:note|write|put)\s+(?:\w+\s+)?down\b | take\s+(?:\w+\s+)?back\b | tick\b.*\boff\b
    | (?:record|remember)\s+(?:that|this)\b | save\s+{_OBJECT}note\b
    | (?:make|appoint)\s+(?!(?:me|us|a|an|the|sure)\b).*\b(?:champion|owner|sponsor|contact|lead)\b
    | (?:give|offer|grant)\b.*\b(?:discount|credit|refund|extension|months?\ free)\b
    | (?:send|write)\b.*\b(?:e-?mail|mail|message|invitation|invite|note|reminder|letter)s?\b
    | (?:send|write)\s+(?:to\s+)?(?:acme|them|him|her|it)\b(?!\s+up\b)
    | (?:update|change|set|close|cancel|reset|drop|record|resolve)\s+{_OBJECT}(?:owner|status|record|account|ticket
        |goal|meeting|contract|renewal\ date|date|tier|score|plan|password|name|note|call|seats?|escalation|incident
        |issue|case|promise|commitment|champion|contact|proposal|item|esc-\w+)\b
    )
    | \b(?:log|record|note|save)\s+(?:it|this|that)(?:\s+(?:down|please|pls|for\ me))*\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""Asks for something to be changed. Only a typed command changes anything."""

_DEFINING = re.compile(
    r"^\W*(?:how (?:do|does|should|can|is|are|to)|what (?:is|are|does|do|counts|makes|should|belongs|goes)"
    r"|when (?:should|is|do|does)|why (?:do|does|is|are|would)|explain|define|is there an?)\b"
    r"(?!.*\b(?:our|my|we|us)\b)",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"(?<!\S)[^\W\d_]{4}\S*")
_ABOUT_A_NAME = re.compile(
    r"\b(?:[Hh]ow(?: i|['’])s|[Ii]s|[Aa]bout|[Dd]oes|[Hh]as|[Ww]ill|[Aa]t)\s+"
    r"(?P<name>[A-Z][a-z][\w&.-]*(?:\s+[A-Z][\w&.-]*)*)(?=\W|$)"
)
_AS_OF = re.compile(r"\b(?:as of|on|at|until|to|per)\s+(\d{4}-\d{2}-\d{2})(?![\d-])", re.IGNORECASE)
_DAY = re.compile(r"(?<![\d-])\d{4}-\d{2}-\d{2}(?![\d-])")
_SINCE = re.compile(r"\bsince\s+(\d{4}-\d{2}-\d{2})(?![\d-])", re.IGNORECASE)
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
    leading: float
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

    `kind` is a command's name, KNOWLEDGE, NOTHING or WRITING; `action` is the subcommand that answers, if one does. An
    account in talk is not `typed`; `others` are named too, but an answer is about one. `is_close`: a question to the
    articles is as likely, so that one which plainly answers goes first.
    """

    kind: str
    action: str | None = None
    accounts: tuple[AccountName, ...] = ()
    typed: str = ""
    others: tuple[AccountName, ...] = ()
    is_close: bool = False


@cache
def _routing() -> _Routing:
    return _Routing.model_validate(load_yaml(ROUTING.read_text("utf-8")))


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
    plain = _DAY.sub(ANY_DAY, plain)
    likeness, actions, mode = await _likeness(plain, commands, knowledge)
    is_about_one = bool(mentions) or goes_on
    if _DEFINING.match(asked) and not is_about_one:
        likeness[KNOWLEDGE] += DEFINING_LEAD
    kind = WRITING if _WRITING.search(plain) else _kind(likeness, mode, is_about_one=is_about_one)
    if kind not in commands:
        return Route(kind)
    is_close = likeness[kind] - likeness[KNOWLEDGE] < CLOSE_LEAD
    if not syntax.shape_of(commands[kind]).has_account:
        return Route(kind, actions.get(kind), is_close=is_close)
    if mentions:
        first, *rest = mentions
        others = {each.id: each for mention in rest for each in mention.accounts if each not in first.accounts}
        typed = asked[first.start : first.end]
        return Route(kind, actions.get(kind), first.accounts, typed, tuple(others.values()), is_close)
    return Route(kind, actions.get(kind), (talk,) if goes_on and talk else (), is_close=is_close)


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
    kind, best = max(likeness.items(), key=lambda item: item[1])
    if best < least.anything:
        return NOTHING
    if kind in (KNOWLEDGE, NOTHING):
        return kind
    leads = best - max(likeness[KNOWLEDGE], likeness[NOTHING]) >= LEAST_LEAD
    enough = least.leading if leads else least.command
    if best >= (least.with_account if is_about_one else enough):
        return kind
    return max((KNOWLEDGE, NOTHING), key=lambda other: likeness[other])


def invocation_of(route: Route, command: Command[Any], message: str) -> Invocation:
    """The command that is run for the route, as of the day that is named. A raw field takes the whole message.

    A subcommand's fields take the days, the endpoint and the ids that stand in the message.

    Raises:
        Problem: `invalid_date` for a day that there is none of.
    """
    whole = syntax.shape_of(command)
    shape = whole.under(route.action)
    account = route.accounts[0].id if len(route.accounts) == 1 else None
    asked = message[:MOST_CHARACTERS]
    if route.action is None:
        arguments = {shape.raw: message} if shape.raw else {}
        return Invocation(command.name, account, arguments, None if shape.raw else _day_of(asked))
    taken = shape.fields.keys() - {whole.words} | {shape.words}
    found = {name: match[0] for name, form in _FORMS.items() if name in taken and (match := form.search(asked))}
    days = _days_in(asked, shape)
    return Invocation(command.name, account, {ACTION: route.action, **found, **days}, None if days else _day_of(asked))


def _day_of(asked: str) -> dt.date | None:
    day = _AS_OF.search(asked)
    return syntax.parse_day(day[1]) if day else None


def _days_in(asked: str, shape: Shape) -> dict[str, str]:
    """The days of the message by the fields that take them: the days to compare, or a span's first and last."""
    days = _DAY.findall(asked)
    if not days:
        return {}
    if shape.words == DATES:
        return {DATES: " ".join(days)}
    if UNTIL in shape.fields:
        return {SINCE: min(days)} | ({UNTIL: max(days)} if len(days) > 1 else {})
    since = _SINCE.search(asked)
    return {SINCE: since[1]} if since and SINCE in shape.fields else {}


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
) -> tuple[dict[str, float], dict[str, str], Mode]:
    """How like the text is to each kind of question, 0 to 1, and the subcommand that comes nearest, by command."""
    questions: dict[tuple[str, str], tuple[str, ...]] = {
        (KNOWLEDGE, ""): _routing().knowledge,
        (NOTHING, ""): _routing().nothing,
    }
    for name, command in commands.items():
        asked_as = {"": command.asked_as, **command.subcommands_asked_as}
        questions |= {(name, action): asked for action, asked in asked_as.items() if asked}
    texts = [_DAY.sub(ANY_DAY, question) for asked in questions.values() for question in asked]
    message = _spelt_right(message, frozenset(word for text in texts for word in words_of(text)))
    scores = _in_words(message, texts)
    meant = await knowledge.likeness(message, texts)
    if meant is not None:
        scores = [MEANING_WEIGHT * m + (1 - MEANING_WEIGHT) * w for m, w in zip(meant, scores, strict=True)]
    found: dict[str, float] = {}
    actions: dict[str, str] = {}
    start = 0
    for (name, action), asked in questions.items():
        nearest = sorted(scores[start : start + len(asked)], reverse=True)[:NEAREST]
        start += len(asked)
        likeness = sum(nearest) / len(nearest)
        if likeness > found.get(name, -1.0):
            found[name] = likeness
            actions[name] = action
    named = {name: action for name, action in actions.items() if action}
    return found, named, "lexical" if meant is None else "hybrid"


def _spelt_right(message: str, known: frozenset[str]) -> str:
    """The message with its mistyped words as the questions spell them."""

    def spelt(word: re.Match[str]) -> str:
        if len(word[0]) < LEAST_MISTYPED or not known.isdisjoint(words_of(word[0])):
            return word[0]
        return next(iter(get_close_matches(word[0].lower(), known, n=1, cutoff=LEAST_ALIKE)), word[0])

    return _LETTERS.sub(spelt, message)


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
