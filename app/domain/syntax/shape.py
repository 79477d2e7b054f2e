"""The fields of a command's arguments that the syntax treats in a way of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from app.domain.command import Command

ACCOUNT, ACTION, AS_OF, ATTACHMENTS = "account", "action", "as_of", "attachments"


@dataclass(frozen=True, slots=True)
class Shape:
    """A command's fields. `raw` and `words` are the marked ones; `actions` the subcommands, by lower-case name.

    `raw_actions` and `words_actions` are the subcommands that have them, "" for none given; empty: all do. `raw_fields`
    are all raw fields with their subcommands: before `under` chose one of them, `raw` is the first.
    """

    command: str
    fields: Mapping[str, FieldInfo]
    raw: str | None
    words: str | None
    actions: Mapping[str, str]
    raw_actions: frozenset[str] = frozenset()
    words_actions: frozenset[str] = frozenset()
    raw_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def under(self, action: str | None) -> "Shape":
        """The shape that the subcommand gives the command."""
        return replace(
            self,
            raw=next((name for name, actions in self.raw_fields.items() if _holds(actions, action)), None),
            words=self.words if _holds(self.words_actions, action) else None,
        )

    @property
    def has_account(self) -> bool:
        return ACCOUNT in self.fields

    @property
    def needs_account(self) -> bool:
        return self.has_account and self.fields[ACCOUNT].is_required()

    @property
    def raw_needs_account(self) -> bool:
        """Whether the raw text is always about an account: so where only some subcommands have one that must be."""
        extra = self.fields[self.raw].json_schema_extra if self.raw else None
        about_account = isinstance(extra, dict) and extra.get("about_account") is True
        return self.needs_account or (self.has_account and bool(self.raw_actions) and about_account)

    @property
    def action_leads(self) -> bool:
        """Whether a subcommand stands before all else, since after an account a raw text may begin with such a word."""
        return any("" in actions for actions in self.raw_fields.values())

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
    raw_fields = _actions_marked(fields, "raw")
    return Shape(
        command=command.name,
        fields=fields,
        raw=next(iter(raw_fields), None),
        words=next(iter(_actions_marked(fields, "words")), None),
        actions={action.lower(): action for action in actions if isinstance(action, str)},
        raw_actions=frozenset().union(*raw_fields.values()),
        words_actions=frozenset().union(*_actions_marked(fields, "words").values()),
        raw_fields=raw_fields,
    )


def _holds(actions: frozenset[str], action: str | None) -> bool:
    return not actions or (action or "") in actions


def _actions_marked(fields: Mapping[str, FieldInfo], marker: str) -> dict[str, frozenset[str]]:
    """The fields that `raw_text` or `free_words` made, with the subcommands that have them; empty: all."""
    found: dict[str, frozenset[str]] = {}
    for name, info in fields.items():
        marked = info.json_schema_extra.get(marker) if isinstance(info.json_schema_extra, dict) else None
        if marked:
            found[name] = frozenset(str(action) for action in marked) if isinstance(marked, list) else frozenset()
    return found


def _members(annotation: Any) -> tuple[Any, ...]:
    """The types in a union and the values of a Literal, however they are nested."""
    parts = get_args(annotation)
    if not parts:
        return (annotation,)
    if get_origin(annotation) is Literal:
        return parts
    return tuple(member for part in parts for member in _members(part))
