"""A command's arguments as it takes them: checked by pydantic, its errors told in sentences."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app.domain.command import Args, Command
from app.domain.problems import InvalidArguments, Problem
from app.domain.syntax.wording import human, plain, shown

REASONS = {
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be yes or no",
    "bool_type": "must be yes or no",
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must have {min_length} characters or more",
    "string_too_long": "must have {max_length} characters or fewer",
    "string_type": "must be text",
    "string_unicode": "must be text",
    "string_pattern_mismatch": "is not written as it must be",
    "multiple_of": "must be a multiple of {multiple_of}",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "set_type": "must be a list",
    "frozen_set_type": "must be a list",
    "too_short": "must have {min_length} entries or more",
    "too_long": "must have {max_length} entries or fewer",
    "dict_type": "must be pairs of name and value",
    "mapping_type": "must be pairs of name and value",
    "date_type": "must be a date, written YYYY-MM-DD",
    "date_parsing": "must be a date, written YYYY-MM-DD",
    "date_from_datetime_parsing": "must be a date, written YYYY-MM-DD",
    "date_from_datetime_inexact": "must be a date, written YYYY-MM-DD",
    "datetime_type": "must be a time with its zone, such as 2026-03-31T14:30:00Z",
    "datetime_parsing": "must be a time with its zone, such as 2026-03-31T14:30:00Z",
    "datetime_from_date_parsing": "must be a time with its zone, such as 2026-03-31T14:30:00Z",
    "timezone_aware": "must be a time with its zone, such as 2026-03-31T14:30:00Z",
    "missing": "is not complete",
    "none_required": "must be left out",
    "value_error": "is not right: {error}",
    "assertion_error": "is not right: {error}",
    "extra_forbidden": "is not an option",
}
"""What is wrong with a value, by pydantic's type of error; `UNEXPLAINED` for the types that are not here."""

UNEXPLAINED = "cannot be used as it was given"

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def validate(command: Command[Any], arguments: Mapping[str, Any]) -> Args:
    """The arguments as the command takes them. None means not given.

    Raises:
        InvalidArguments: `extra["missing"]` names the required fields that are not there, `extra["invalid"]` gives
            `{field, reason}` for each value that cannot be used.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    try:
        args: Args = command.args.model_validate(given)
    except ValidationError as error:
        raise _invalid(command.name, error.errors(include_url=False, include_input=False)) from None
    return args


def parse_day(text: str) -> dt.date:
    """A date that the user gave, written YYYY-MM-DD.

    Raises:
        Problem: code `invalid_date`.
    """
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise Problem(
            f"as_of cannot be {shown(text)}. Write a date as YYYY-MM-DD, such as as_of=2026-03-31.",
            code="invalid_date",
            status=422,
            value=plain(text),
        ) from None


def _invalid(command: str, errors: Iterable[ErrorDetails]) -> InvalidArguments:
    missing: list[str] = []
    reasons: dict[str, list[str]] = {}
    for error in errors:
        field = plain(str(error["loc"][0])) if error["loc"] else ""
        if error["type"] == "missing" and len(error["loc"]) == 1:
            missing.append(field)
        else:
            reasons.setdefault(field, []).append(_reason(error))
    invalid = [{"field": field, "reason": ", or ".join(dict.fromkeys(given))} for field, given in reasons.items()]
    sentences = [f"/{command} needs {', '.join(map(human, missing))}."] if missing else []
    sentences += [f"{human(wrong['field']) or 'This'} {wrong['reason']}." for wrong in invalid]
    return InvalidArguments(" ".join(sentences), missing=missing, invalid=invalid)


def _reason(error: ErrorDetails) -> str:
    template = REASONS.get(error["type"], UNEXPLAINED)
    limits = error.get("ctx", {}).items()
    return template.format(**{k: int(v) if isinstance(v, float) and v.is_integer() else v for k, v in limits})
