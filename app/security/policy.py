"""The policy: which actions a CSE takes alone, and which group approves the others (role blueprint §13).

One readable file, `decision_rights.yaml`, checked at start. Kinds it does not name are refused.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.domain.authority import Group
from app.domain.command import Role
from app.domain.problems import InvalidArguments, Problem
from app.security.principals import Principal

FILE = Path(__file__).with_name("decision_rights.yaml")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GroupRule(_Part):
    """Who the group is, and which group decides where nobody of it can."""

    title: str
    deputy: Group


class ActionKind(_Part):
    """A kind of action. `approves` is None for what a CSE does alone: it is recorded, not approved.

    `lives_hours` is how long an approval may be waited for, and for a review how soon it is due. `evidence` names what
    a proposal must bring: account, reason, figures.
    """

    title: str
    section: str
    proposes: Role
    approves: Group | None = None
    lives_hours: int | None = Field(default=None, ge=1, le=24 * 90)
    evidence: tuple[str, ...] = ()
    is_review: bool = False

    @model_validator(mode="after")
    def _whole(self) -> "ActionKind":
        if (self.approves is None) != (self.lives_hours is None):
            raise ValueError("approves and lives_hours go together")
        return self

    @property
    def lives(self) -> dt.timedelta:
        return dt.timedelta(hours=self.lives_hours or 0)


class Policy(_Part):
    groups: Mapping[Group, GroupRule]
    kinds: Mapping[str, ActionKind]

    @model_validator(mode="after")
    def _every_group(self) -> "Policy":
        missing = [group for group in get_args(Group) if group not in self.groups]
        if missing:
            raise ValueError(f"groups without a rule: {', '.join(missing)}")
        return self

    def kind(self, name: str) -> ActionKind:
        """The kind of that name.

        Raises:
            InvalidArguments: the policy knows none (`unknown_kind`).
        """
        if name not in self.kinds:
            known = ", ".join(sorted(self.kinds))
            raise InvalidArguments(f"There is no kind of action {name!r}; kinds are {known}.", code="unknown_kind")
        return self.kinds[name]

    def may_decide(self, principal: Principal, group: Group) -> bool:
        """Whether the caller is of the group, or of its deputy."""
        return any(is_member(principal, each) for each in (group, self.groups[group].deputy))


def is_member(principal: Principal, group: Group) -> bool:
    """Whether the caller is of the group: by its key, or as a manager by its role."""
    return group in principal.groups or (group == "manager" and principal.has("manager"))


def load_policy(file: Path = FILE) -> Policy:
    """The policy of a file.

    Raises:
        Problem: it is not whole, or names what there is none of (`policy`).
    """
    import yaml

    try:
        return Policy.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise Problem(f"The decision rights in {file.name} are wrong: {error}", code="policy", status=500) from error
