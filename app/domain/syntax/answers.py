"""The answer to a question: the next message of a thread fills what was missing."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.domain.command import Command, Invocation
from app.domain.directory import AccountDirectory, singled_out
from app.domain.problems import InvalidArguments
from app.domain.syntax.reading import AccountChoice, read_after_name, resolve
from app.domain.syntax.scan import unquoted
from app.domain.syntax.shape import ACCOUNT, ACTION, Shape, shape_of
from app.domain.syntax.wording import human

_BULLET = r"\s*(?:[-*•]\s+|\d+[.)]\s+)?"
_FENCE = "```"
_ASCII_CASE = re.IGNORECASE | re.ASCII  # else ı would match the i of a name, and ſ its s


def fill(
    command: Command[Any],
    invocation: Invocation,
    fields: Sequence[str],
    message: str,
    directory: AccountDirectory,
    choices: Sequence[str] = (),
) -> Invocation | AccountChoice:
    """The invocation with the answer to a question that asked for `fields`.

    An answer gives fields as `name: value` or `name=value`, a line each or separated by semicolons or commas; a name
    alone on its line takes the lines below it. Text without a name is the value of the one field that was asked for,
    else goes to the command's raw field. Where the account was asked for too, text is read as after the command's name.
    `choices` are the ids of accounts that the question offered: a word of one's name alone is enough to take it.

    Raises:
        InvalidArguments: several fields were asked for, and the answer names none of them.
        Problem: as for `parse`, where the account was asked for with other fields.
    """
    shape = shape_of(command).under(invocation.arguments.get(ACTION))
    values, text = _labelled(message, fields, continued=shape.raw is None)
    unnamed = [field for field in fields if field not in values]
    filled = _with_values(invocation, values, shape)
    if not text.strip():
        typed = values.get(ACCOUNT)
    elif unnamed == [ACCOUNT]:
        typed = text
    elif ACCOUNT in unnamed:
        return _continued(filled, read_after_name(command, text, directory), shape)
    else:
        typed = values.get(ACCOUNT)
        filled = _with_text(filled, text, fields, values, shape)
    return _chosen(filled, typed, directory, choices) if typed else filled


def _chosen(
    invocation: Invocation, typed: str, directory: AccountDirectory, choices: Sequence[str]
) -> Invocation | AccountChoice:
    """The invocation with the account that was meant. What is like none leaves the offered ones to choose from."""
    read = resolve(invocation, typed, directory)
    if isinstance(read, Invocation) or read.exact:
        return read
    offered = directory.known(choices)
    if meant := singled_out(typed, offered):
        return replace(invocation, account=meant.id)
    return replace(read, candidates=read.candidates or offered)


def _with_values(invocation: Invocation, values: Mapping[str, str], shape: Shape) -> Invocation:
    for field, value in values.items():
        if field != ACCOUNT:
            invocation = _with_field(invocation, field, value, shape)
    return invocation


def _with_text(
    invocation: Invocation, text: str, fields: Sequence[str], values: Mapping[str, str], shape: Shape
) -> Invocation:
    """Place the part of an answer that names no field. Beside named ones it is a greeting, where nothing takes it."""
    if len(fields) == 1 and not values:
        return _with_field(invocation, fields[0], text, shape)
    if shape.raw:
        return _with_raw(invocation, text, shape.raw)
    if values:
        return invocation
    raise InvalidArguments(
        f"Say which value is which, a line each: {'; '.join(f'{human(field)}: …' for field in fields)}.",
        missing=list(fields),
        invalid=[],
    )


def _with_field(invocation: Invocation, field: str, value: str, shape: Shape) -> Invocation:
    """Set a field that was asked for. One that the command does not have is kept, with its name, in the raw text."""
    if shape.raw and field == shape.raw:
        return _with_raw(invocation, value, shape.raw)
    if shape.raw and field not in shape.fields:
        gap = "\n" if "\n" in value else " "
        return _with_raw(invocation, f"{human(field)}:{gap}{value}", shape.raw)
    return replace(invocation, arguments={**invocation.arguments, field: value.strip()})


def _with_raw(invocation: Invocation, text: str, raw: str) -> Invocation:
    """Append a line to the raw text."""
    before = invocation.arguments.get(raw)
    return replace(invocation, arguments={**invocation.arguments, raw: f"{before}\n{text}" if before else text})


def _continued(before: Invocation, read: Invocation | AccountChoice, shape: Shape) -> Invocation | AccountChoice:
    """What was known before, with what was read from the answer."""
    if isinstance(read, AccountChoice):
        return replace(read, invocation=_merged(before, read.invocation, shape))
    return _merged(before, read, shape)


def _merged(before: Invocation, read: Invocation, shape: Shape) -> Invocation:
    arguments = dict(read.arguments)
    added = arguments.pop(shape.raw, None) if shape.raw else None
    merged = replace(read, arguments={**before.arguments, **arguments}, as_of=read.as_of or before.as_of)
    return _with_raw(merged, added, shape.raw) if shape.raw and added else merged


def _labelled(message: str, fields: Sequence[str], *, continued: bool) -> tuple[dict[str, str], str]:
    """The values that the message gives by name, and the rest of it as it stands.

    Where `continued`, lines without a name go on with the value above them. Nothing in a code fence is a name.
    """
    if not fields:
        return {}, message
    first, further = _label_patterns(fields)
    found: dict[str, list[str]] = {}
    rest: list[str] = []
    below, fenced = rest, False
    for line in message.split("\n"):
        label = None if fenced else first.match(line)
        fenced ^= line.lstrip().startswith(_FENCE)
        if label is None:
            below.append(line)
            continue
        for name, value in _pairs(line, label, further[label["sep"]]):
            below = found.setdefault(name, [])
            below += [value] if value else []
        below = below if continued or not value else rest
    values = {name: value for name, lines in found.items() if (value := unquoted("\n".join(lines)))}
    return values, "\n".join(rest)


def _label_patterns(fields: Sequence[str]) -> tuple[re.Pattern[str], dict[str, re.Pattern[str]]]:
    """How a line that names a field begins; and, by its separator, what stands before the next name on the line."""
    spellings = (r"[\s_-]+".join(map(re.escape, field.split("_"))) for field in sorted(fields, key=len, reverse=True))
    name = rf"(?P<name>{'|'.join(spellings)})"
    first = re.compile(rf"{_BULLET}{name}\s*(?P<sep>[:=])", _ASCII_CASE)
    listed = re.compile(rf"[;,]\s*{name}\s*[:=]", _ASCII_CASE)
    tokens = re.compile(rf"(?:[;,]\s*|(?<=\s)){name}=", _ASCII_CASE)
    return first, {":": listed, "=": tokens}


def _pairs(line: str, label: re.Match[str], further: re.Pattern[str]) -> Iterable[tuple[str, str]]:
    """The fields that a line names, with their values."""
    for following in further.finditer(line, label.end()):
        yield _field_name(label["name"]), line[label.end() : following.start()].strip()
        label = following
    yield _field_name(label["name"]), line[label.end() :].strip()


def _field_name(label: str) -> str:
    return re.sub(r"[\s_-]+", "_", label.lower())
