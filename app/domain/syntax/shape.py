"""The fields of a command's arguments that the syntax treats in a way of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from app.domain.command import Command

ACCOUNT, ACTION, AS_OF = "account", "action", "as_of"


@dataclass(frozen=True, slots=True)
class Shape:
    """A command's fields. `raw` and `words` are the marked ones; `actions` the subcommands, by lower-case name."""

    command: str
    fields: Mapping[str, FieldInfo]
    raw: str | None
    words: str | None
    actions: Mapping[str, str]

    @property
    def has_account(self) -> bool:
        return ACCOUNT in self.fields

    @property
    def needs_account(self) -> bool:
        return self.has_account and self.fields[ACCOUNT].is_required()

    @property
    def options(self) -> tuple[str, ...]:
        """What may stand before `=`: every field, and as_of, which is not the command's own."""
        return (*self.fields, AS_OF)

    def is_flag(self, name: str) -> bool:
        """Whether `--name` alone sets it."""
        return name in self.fields and bool in _members(self.fields[name].annotation)


def shape_of(command: Command[Any]) -> Shape:
    fields = command.args.model_fields
    actions = _members(fields[ACTION].annotation) if ACTION in fields else ()
    return Shape(
        command=command.name,
        fields=fields,
        raw=_marked(fields, "raw"),
        words=_marked(fields, "words"),
        actions={action.lower(): action for action in actions if isinstance(action, str)},
    )


def _marked(fields: Mapping[str, FieldInfo], marker: str) -> str | None:
    """The field that `raw_text` or `free_words` made."""
    for name, field in fields.items():
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get(marker):
            return name
    return None


def _members(annotation: Any) -> tuple[Any, ...]:
    """The types in a union and the values of a Literal, however they are nested."""
    parts = get_args(annotation)
    if not parts:
        return (annotation,)
    if get_origin(annotation) is Literal:
        return parts
    return tuple(member for part in parts for member in _members(part))
