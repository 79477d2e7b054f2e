"""Taking a text apart into options, words and quoted texts."""

import re
from dataclasses import dataclass, replace
from typing import Any

from app.domain.problems import InvalidArguments
from app.domain.syntax.shape import ACCOUNT, Shape
from app.domain.syntax.wording import closest_names, plain, shown, suggestion, wrong

_NAME = r"[^\W\d]\w*(?:-\w+)*"
_OPTION = re.compile(rf"--(?P<flag>{_NAME})(?:(?P<equals>=)|(?=\s|\Z))|(?P<key>{_NAME})=")
_DOUBLE_QUOTED = re.compile(r'["“”„](?P<text>.*?)["“”](?=\s|\Z)', re.DOTALL)
_SINGLE_QUOTED = re.compile(r"['‘](?P<text>.*?)['’](?=\s|\Z)", re.DOTALL)
_WHOLLY_QUOTED = re.compile(r"""["“”„](?P<double>[^"“”„]*)["“”]|['‘](?P<single>[^'‘’]*)['’]""")
_OPENING_QUOTES = tuple('"“”„')
_BLANK = re.compile(r"\s*")
_WORD = re.compile(r"\S*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a quoted text without its quotes; it stands at [start, end) of the text.

    `after` is the option, with its unquoted value, that stands right before it.
    """

    text: str
    start: int
    end: int
    quoted: bool = False
    after: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Scan:
    """The options and words of a text. Of a raw command's text only the options are read, up to `end`."""

    options: dict[str, Any]
    words: list[Word]
    end: int


def scan(text: str, shape: Shape) -> Scan:
    """Take apart what follows a command's name.

    Raises:
        InvalidArguments: an unknown or repeated option, one without a value, a quote that is not closed.
    """
    options: dict[str, Any] = {}
    words: list[Word] = []
    after: tuple[str, str] | None = None
    end = 0
    while (start := _skip(_BLANK, text, end)) < len(text):
        option = _OPTION.match(text, start)
        if option and (_option_name(option) in shape.options or not _may_be_raw(shape, options)):
            name, value, end = _read_option(text, option, shape)
            if name in options:
                raise given_twice(name)
            options[name] = value
            after = (name, value) if isinstance(value, str) and value and text.endswith(value, start, end) else None
        elif shape.raw:
            break
        else:
            words.append(replace(_read_word(text, start), after=after))
            end, after = words[-1].end, None
    return Scan(options, words, end)


def first_word(text: str) -> Word:
    """The first run of characters that are not white space, quotes and all."""
    start = _skip(_BLANK, text, 0)
    end = _skip(_WORD, text, start)
    return Word(text[start:end], start, end)


def unquoted(text: str) -> str:
    """The text without white space and one pair of quotes around it."""
    text = text.strip()
    quoted = _WHOLLY_QUOTED.fullmatch(text)
    return text[1:-1] if quoted else text


def given_twice(name: str) -> InvalidArguments:
    return wrong(f"{name} is given twice. Give it once.", name, "is given twice")


def _may_be_raw(shape: Shape, options: dict[str, Any]) -> bool:
    """Whether the raw text may begin here: its command needs no account, or has it from an option."""
    return shape.raw is not None and (not shape.raw_needs_account or ACCOUNT in options)


def _option_name(option: re.Match[str]) -> str:
    return (option["flag"] or option["key"]).lower().replace("-", "_")


def _read_option(text: str, option: re.Match[str], shape: Shape) -> tuple[str, Any, int]:
    """An option's name, its value, and where it ends."""
    name, start = _option_name(option), option.end()
    if name not in shape.options:
        raise _unknown_option(name, shape)
    if option["flag"] and not option["equals"]:
        if shape.is_flag(name):
            return name, True, start
        start = _skip(_BLANK, text, start)
        if text.startswith("--", start):
            raise _without_value(name)
    single = _SINGLE_QUOTED.match(text, start)
    value = Word(single["text"], start, single.end(), quoted=True) if single else _read_word(text, start)
    if value.end == start:
        raise _without_value(name)
    return name, value.text, value.end


def _read_word(text: str, start: int) -> Word:
    """The word or double-quoted text at `start`. A single quote is an apostrophe here; only options are quoted so."""
    double = _DOUBLE_QUOTED.match(text, start)
    if double:
        return Word(double["text"], start, double.end(), quoted=True)
    if text.startswith(_OPENING_QUOTES, start):
        piece = plain(text[start:])
        raise wrong(
            f"The quote before {shown(piece[1:])} is not closed. Close it or leave it out.", piece, "is not closed"
        )
    end = _skip(_WORD, text, start)
    return Word(text[start:end], start, end)


def _skip(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start


def _without_value(name: str) -> InvalidArguments:
    return wrong(f"{name} has no value. Write {name}=VALUE.", name, "has no value")


def _unknown_option(name: str, shape: Shape) -> InvalidArguments:
    closest = closest_names(name, shape.options)
    hint = suggestion(closest) or f" Its options are {', '.join(shape.options)}."
    return wrong(
        f"/{shape.command} has no option {shown(name)}.{hint}", plain(name), "is not an option", closest=closest
    )
