"""The command syntax: what a user types, read into an invocation; what is missing or wrong, told in sentences.

    /name [account] [subcommand] [key=value | --flag | free words]

A command with a raw field takes everything after the account verbatim; its options stand before the account.
"""

from app.domain.syntax.answers import fill
from app.domain.syntax.arguments import parse_day, validate
from app.domain.syntax.reading import AccountChoice, is_command, parse, unknown_command
from app.domain.syntax.shape import shape_of

__all__ = ["AccountChoice", "fill", "is_command", "parse", "parse_day", "shape_of", "unknown_command", "validate"]
