"""Reading a command: which one, about which account, with which values; the values are still as typed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.domain.command import Command, Invocation
from app.domain.directory import AccountDirectory, AccountName
from app.domain.problems import AccountNotFound, InvalidArguments, Problem
from app.domain.syntax.arguments import parse_day
from app.domain.syntax.scan import Word, first_word, given_twice, scan, unquoted
from app.domain.syntax.shape import ACCOUNT, ACTION, AS_OF, Shape, shape_of
from app.domain.syntax.wording import closest_names, plain, shown, suggestion, wrong

_UNSEEN = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_COMMAND = re.compile(rf"[\s{_UNSEEN}]*/(?P<name>\S*)")
_PATH = re.compile(rf"[\s{_UNSEEN}]*/\S*/")
_SEPARATOR = re.compile(r"\r\n|\s")

ONE_ACCOUNT = " A command is about one account; ask for each by itself."


@dataclass(frozen=True, slots=True)
class AccountChoice:
    """The account is not certain: the user is to say which it is.

    `invocation` is all that was read, without an account. `exact`: the candidates are all called what was typed;
    else they are only spelt like it, best first; none: nothing is spelt like it.
    """

    invocation: Invocation
    typed: str
    candidates: tuple[AccountName, ...]
    exact: bool


def is_command(message: str) -> bool:
    """Whether the message is meant as a command: it begins with a slash, and not with a path such as /v1/orders."""
    return _COMMAND.match(message) is not None and _PATH.match(message) is None


def parse(
    message: str, commands: Mapping[str, Command[Any]], directory: AccountDirectory
) -> Invocation | AccountChoice:
    """Read a command. Values are as typed: `validate` makes them the command's arguments.

    A raw text is never lost: where its account is not to be found, the choice keeps the text and has no candidates.

    Raises:
        Problem: code `unknown_command` (the closest names in extra) or `invalid_date`.
        InvalidArguments: an unknown or repeated option, one without a value, words that have no place.
        AccountNotFound: no account that the caller may see is called or spelt like what was typed.
    """
    match = _COMMAND.match(message)
    name = match["name"].lower() if match else ""
    command = commands.get(name)
    if match is None or command is None:
        raise unknown_command(name, commands)
    read = read_after_name(command, message[match.end() :], directory)
    if not isinstance(read, AccountChoice) or read.candidates:
        return read
    shape = shape_of(command).under(read.invocation.arguments.get(ACTION))
    if not shape.raw:
        words = scan(message[match.end() :], shape).words
        hint = _quotes_hint(words) or _one_account_hint(read.typed, directory)
        raise AccountNotFound(
            f"No account is called {shown(read.typed)}. Give an account's id, name or alias.{hint}",
            account=plain(read.typed),
        )
    return read


def unknown_command(name: str, commands: Iterable[str]) -> Problem:
    """The error that there is no such command; `extra["closest"]` lists similar names."""
    closest = closest_names(name.lower(), commands)
    hint = suggestion([f"/{close}" for close in closest])
    return Problem(
        f"There is no command {shown('/' + name)}.{hint} /help lists all commands.",
        code="unknown_command",
        status=404,
        command=plain(name),
        closest=closest,
    )


def resolve(invocation: Invocation, typed: str, directory: AccountDirectory) -> Invocation | AccountChoice:
    """The invocation with the account that is called `typed`, or the accounts it may be."""
    typed = unquoted(typed)
    accounts = directory.exact(typed)
    if accounts:
        return _with_account(invocation, typed, accounts)
    return AccountChoice(invocation, typed, directory.close(typed), exact=False)


def read_after_name(command: Command[Any], text: str, directory: AccountDirectory) -> Invocation | AccountChoice:
    """Read what follows a command's name: see `parse`."""
    shape = shape_of(command)
    if shape.raw_actions or shape.words_actions:
        shape = shape.under(_leading_action(text, shape, directory))
    scanned = scan(text, shape)
    options = dict(scanned.options)
    as_of = parse_day(options.pop(AS_OF)) if AS_OF in options else None
    typed = options.pop(ACCOUNT, None)
    invocation = Invocation(command.name, None, options, as_of)
    if shape.raw:
        return _read_raw(text[scanned.end :], invocation, typed, shape, directory)
    return _read_words(text, scanned.words, invocation, typed, shape, directory)


MOST_WORDS_BEFORE_ACTION = 8
"""A subcommand stands at most so many words after the command's name: before it is the account."""


def _leading_action(text: str, shape: Shape, directory: AccountDirectory) -> str | None:
    """The subcommand of a text of which only some subcommands take the rest verbatim.

    It is the first word after the options, or the first after the account; where no account is called as the text
    begins, the first of the next few words that is one. Where the command takes a raw text without a subcommand, that
    text may begin with such a word: after an account it is then a subcommand only where it stands alone.
    """
    scanned = scan(text, shape)
    begins = scanned.end if shape.raw or not scanned.words else scanned.words[0].start
    rest = text[begins:]
    action = _word_action(rest, shape)
    if action:
        return action
    if match := directory.longest(rest):
        return _word_action(rest[match.end :], shape) if _may_follow(rest[match.end :], shape) else None
    return None if shape.action_leads else _word_action(rest[_action_place(rest, shape) :], shape)


def _may_follow(text: str, shape: Shape) -> bool:
    """Whether the word that begins what follows an account may be a subcommand."""
    return not shape.action_leads or not text[first_word(text).end :].strip()


def _action_place(text: str, shape: Shape) -> int:
    """Where a subcommand stands among a text's first words; 0 where none does."""
    place = 0
    for _ in range(MOST_WORDS_BEFORE_ACTION):
        word = first_word(text[place:])
        if word.text.lower() in shape.actions:
            return place
        place += word.end
    return 0


def _word_action(text: str, shape: Shape) -> str | None:
    return shape.actions.get(first_word(text).text.lower())


def _read_raw(
    text: str, invocation: Invocation, typed: str | None, shape: Shape, directory: AccountDirectory
) -> Invocation | AccountChoice:
    """Read what follows the options of a command with a raw field: [subcommand] [account] [subcommand] raw text."""
    invocation, text = _with_leading_action(invocation, text, shape)
    if typed is not None:
        return resolve(_with_rest(invocation, text, shape), typed, directory)
    match = directory.longest(text) if shape.has_account else None
    if match:
        rest = text[match.end :]
        if _may_follow(rest, shape):
            invocation, rest = _with_leading_action(invocation, rest, shape)
        return _with_account(_with_rest(invocation, rest, shape), text[: match.end].strip(), match.accounts)
    if not shape.raw_needs_account or not text.strip():
        return _with_rest(invocation, text, shape)
    leads = shape.action_leads or ACTION in invocation.arguments
    if shape.raw_actions and not leads and (cut := _action_place(text, shape)):
        typed, text = text[:cut].strip(), text[cut:]
        invocation, rest = _with_leading_action(invocation, text, shape)
        return AccountChoice(_with_rest(invocation, rest, shape), typed, directory.close(typed), exact=False)
    guess = directory.close_start(text)
    invocation = _with_rest(invocation, text[guess.end :], shape)
    return AccountChoice(invocation, guess.typed or first_word(text).text, guess.accounts, exact=False)


def _with_leading_action(invocation: Invocation, text: str, shape: Shape) -> tuple[Invocation, str]:
    """Take the text's first word for the subcommand where it is one."""
    word = first_word(text)
    action = shape.actions.get(word.text.lower())
    if action is None or ACTION in invocation.arguments:
        return invocation, text
    return _with_argument(invocation, ACTION, action), text[word.end :]


def _with_rest(invocation: Invocation, text: str, shape: Shape) -> Invocation:
    """The invocation with the raw text: `text` less the one white space that parts it from what stands before."""
    separator = _SEPARATOR.match(text)
    raw = text[separator.end() :] if separator else text
    return _with_argument(invocation, shape.raw, raw) if shape.raw and raw.strip() else invocation


def _read_words(
    text: str,
    words: list[Word],
    invocation: Invocation,
    typed: str | None,
    shape: Shape,
    directory: AccountDirectory,
) -> Invocation | AccountChoice:
    """Place the words of a command without a raw field: account, subcommand, free words."""
    invocation, words = _with_first_action(invocation, words, shape)
    if typed is not None:
        return resolve(_with_words(invocation, words, shape), typed, directory)
    if not words or not shape.has_account:
        return _with_words(invocation, words, shape)
    match = directory.longest(text[words[0].start :])
    if match is None:
        return _read_unmatched(words, invocation, shape, directory)
    end = words[0].start + match.end
    named = [word for word in words if word.start < end]
    invocation, rest = _with_first_action(invocation, words[len(named) :], shape)
    if rest and not shape.words:
        return _read_longer_name(named, rest, invocation, shape, directory)
    return _with_account(_with_words(invocation, rest, shape), _joined(named), match.accounts)


def _read_unmatched(
    words: list[Word], invocation: Invocation, shape: Shape, directory: AccountDirectory
) -> Invocation | AccountChoice:
    """No account is called as the words begin: they are free words, or an account misspelt."""
    if shape.words and not shape.needs_account:
        return _with_words(invocation, words, shape)
    if shape.words:
        text = _joined(words)
        guess = directory.close_start(text)
        left = " ".join(text.split()[len(guess.typed.split()) :])
        invocation = _with_argument(invocation, shape.words, left) if left else invocation
        return AccountChoice(invocation, guess.typed or words[0].text, guess.accounts, exact=False)
    count = next((i for i, word in enumerate(words) if _action_of(word, shape)), len(words))
    invocation, rest = _with_first_action(invocation, words[count:], shape)
    return resolve(_with_words(invocation, rest, shape), _joined(words[:count]), directory)


def _read_longer_name(
    named: list[Word], rest: list[Word], invocation: Invocation, shape: Shape, directory: AccountDirectory
) -> Invocation | AccountChoice:
    """An account is followed by words that have no place: all of them together may be another account, misspelt."""
    read = resolve(invocation, _joined([*named, *rest]), directory)
    if isinstance(read, AccountChoice) and not read.candidates:
        raise _unplaced(rest, shape, ONE_ACCOUNT if directory.close(_joined(rest)) else "")
    return read


def _action_of(word: Word, shape: Shape) -> str | None:
    return None if word.quoted else shape.actions.get(word.text.lower())


def _with_first_action(invocation: Invocation, words: list[Word], shape: Shape) -> tuple[Invocation, list[Word]]:
    """Take the first word for the subcommand where it is one."""
    action = _action_of(words[0], shape) if words else None
    if action is None or ACTION in invocation.arguments:
        return invocation, words
    return _with_argument(invocation, ACTION, action), words[1:]


def _with_words(invocation: Invocation, words: list[Word], shape: Shape) -> Invocation:
    if not words:
        return invocation
    if not shape.words:
        raise _unplaced(words, shape)
    return _with_argument(invocation, shape.words, _joined(words))


def _with_argument(invocation: Invocation, name: str, value: Any) -> Invocation:
    if name in invocation.arguments:
        raise given_twice(name)
    return replace(invocation, arguments={**invocation.arguments, name: value})


def _with_account(invocation: Invocation, typed: str, accounts: tuple[AccountName, ...]) -> Invocation | AccountChoice:
    if len(accounts) == 1:
        return replace(invocation, account=accounts[0].id)
    return AccountChoice(invocation, typed, accounts, exact=True)


def _joined(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)


def _quotes_hint(words: Sequence[Word]) -> str:
    """A sentence for words that follow an option's value and may belong to it; "" for none."""
    for place, word in enumerate(words):
        if word.after:
            name, value = word.after
            whole = plain(f"{value} {_joined(words[place:])}")
            return f' If {shown(word.text)} belongs to {name}, put the value in quotes: {name}="{whole}".'
    return ""


def _one_account_hint(text: str, directory: AccountDirectory) -> str:
    """The sentence for a text that is one account after the other."""
    match = directory.longest(text)
    first = text[: match.end] if match else directory.close_start(text).typed
    rest = text[len(first) :]
    return ONE_ACCOUNT if first and rest.strip() and directory.close(rest) else ""


def _unplaced(words: Sequence[Word], shape: Shape, account_hint: str = "") -> InvalidArguments:
    closest = closest_names(words[0].text.lower(), shape.actions)
    hint = suggestion(closest) or _quotes_hint(words) or account_hint
    hint = hint or f" Its options are {', '.join(shape.options)}."
    text = _joined(words)
    return wrong(f"/{shape.command} cannot use {shown(text)}.{hint}", plain(text), "has no place here", closest=closest)
