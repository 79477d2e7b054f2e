"""The policy: which actions a CSE takes alone, and which group approves the others (role blueprint §13).

One readable file, `decision_rights.yaml`, checked at start. Kinds it does not name are refused.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from app.domain.authority import Found, Group, Proposal
from app.domain.command import Role
from app.domain.problems import InvalidArguments, Problem
from app.security.principals import Principal
from app.security.rules_file import read_rules, what_is_wrong

FILE = Path(__file__).with_name("decision_rights.yaml")

GROUPS: tuple[Group, ...] = get_args(Group)

LINES: Mapping[str, int] = {"independent": 5, "team": 3, "manager": 4, "executive": 4, "budget": 2}
"""The headings of §13, and how many lines stand below each."""

Evidence = Literal["account", "reason", "figures"]
"""What a proposal must bring: the account that it is about, why it is asked for, the figures that speak for it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GroupRule(_Part):
    """Who the group is, and which group decides where nobody of it can."""

    title: str = Field(min_length=1)
    deputy: Group


class ActionKind(_Part):
    """A kind of action. `approves` is None for what a CSE does alone: it is recorded, not approved.

    `section` is the heading of §13 and the line below it. `lives_hours` is how long an approval may be waited for, and
    for a review how soon it is due.
    """

    title: str = Field(min_length=1)
    section: str
    proposes: Role
    approves: Group | None = None
    lives_hours: int | None = Field(default=None, ge=1, le=24 * 90)
    evidence: tuple[Evidence, ...] = ()
    is_review: bool = False

    @field_validator("section")
    @classmethod
    def _is_a_line(cls, section: str) -> str:
        heading, _, line = section.partition(" ")
        if line not in {str(number) for number in range(1, LINES.get(heading, 0) + 1)}:
            lines = ", ".join(f"{name} 1 to {last}" for name, last in LINES.items())
            raise ValueError(f"name a line of §13: {lines}")
        return section

    @model_validator(mode="after")
    def _whole(self) -> "ActionKind":
        if self.approves is None and (self.lives_hours is not None or self.evidence or self.is_review):
            raise ValueError("nobody approves it: name a group in approves, or drop lives_hours, evidence, is_review")
        if self.approves is not None and self.lives_hours is None:
            raise ValueError("a group approves it: say in lives_hours how long it may wait")
        if self.proposes == "viewer":
            raise ValueError("a viewer proposes nothing: name cse or a higher role in proposes")
        if len(set(self.evidence)) < len(self.evidence):
            raise ValueError("evidence is named twice: take one of them out")
        return self

    @property
    def lives(self) -> dt.timedelta:
        return dt.timedelta(hours=self.lives_hours or 0)

    def missing_evidence(self, proposal: Proposal) -> tuple[Evidence, ...]:
        """What a proposal of this kind must bring and does not."""
        brought = {
            "account": proposal.account_id is not None,
            "reason": bool(proposal.reason.strip()),
            "figures": bool(proposal.figures),
        }
        return tuple(each for each in self.evidence if not brought[each])


class Policy(_Part):
    groups: Mapping[Group, GroupRule]
    kinds: Mapping[str, ActionKind]

    @field_validator("groups")
    @classmethod
    def _every_group(cls, groups: Mapping[Group, GroupRule]) -> Mapping[Group, GroupRule]:
        missing = [group for group in GROUPS if group not in groups]
        if missing:
            raise ValueError(f"groups without a rule: {', '.join(missing)}; add a title and a deputy for each")
        alone = [group for group, rule in groups.items() if rule.deputy == group]
        if alone:
            raise ValueError(f"groups that are their own deputy: {', '.join(alone)}; name another group")
        return groups

    @field_validator("kinds")
    @classmethod
    def _names(cls, kinds: Mapping[str, ActionKind]) -> Mapping[str, ActionKind]:
        wrong = [name for name in kinds if not (name.isascii() and name.isidentifier() and name == name.lower())]
        if wrong:
            raise ValueError(f"kinds with a wrong name: {', '.join(wrong)}; write a name as in engineering_timeline")
        return kinds

    def kind(self, name: str) -> ActionKind:
        """The kind of that name.

        Raises:
            InvalidArguments: the policy knows none (`unknown_kind`).
        """
        if name not in self.kinds:
            known = ", ".join(sorted(self.kinds))
            raise InvalidArguments(f"There is no kind of action {name!r}; kinds are {known}.", code="unknown_kind")
        return self.kinds[name]

    def approvals_needed(self, found: Iterable[Found]) -> tuple[tuple[str, Group], ...]:
        """Each kind that was found with the group that approves it, once, in the order of the findings.

        What a CSE does alone is left out.

        Raises:
            InvalidArguments: the policy knows none of a kind (`unknown_kind`).
        """
        needed = {each.kind: self.kind(each.kind).approves for each in found}
        return tuple((kind, group) for kind, group in needed.items() if group is not None)

    def may_decide(self, principal: Principal, group: Group) -> bool:
        """Whether the caller is of the group, or of its deputy."""
        return any(is_member(principal, each) for each in (group, self.groups[group].deputy))


def is_member(principal: Principal, group: Group) -> bool:
    """Whether the caller is of the group: by its key, or as a manager by its role."""
    return group in principal.groups or (group == "manager" and principal.has("manager"))


def require_groups(names: Iterable[str]) -> None:
    """Let pass only names of groups, so that no key joins one that approves nothing.

    Raises:
        InvalidArguments: a name is none (`unknown_group`).
    """
    unknown = sorted(set(names) - set(GROUPS))
    if unknown:
        raise InvalidArguments(
            f"There is no group {', '.join(unknown)}; groups are {', '.join(GROUPS)}.",
            code="unknown_group",
            invalid=unknown,
        )


def load_policy(file: Path = FILE) -> Policy:
    """The policy of a file.

    Raises:
        Problem: it is not whole, or names what there is none of; the detail names the kind and the mend (`policy`).
    """
    try:
        return Policy.model_validate(read_rules(file, code="policy"))
    except ValidationError as error:
        detail = f"The decision rights in {file.name} are wrong: {what_is_wrong(error)}."
        raise Problem(detail, code="policy", status=500) from None
