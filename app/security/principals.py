"""Principals: who is asking, with which role, about which accounts."""

from dataclasses import dataclass, field
from typing import get_args

from app.domain.command import Role
from app.domain.problems import Forbidden

ROLES: tuple[Role, ...] = get_args(Role)
"""Roles from least to most."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller. `accounts` limits what it may see to those ids; None is all accounts."""

    key_id: str
    name: str
    role: Role
    accounts: frozenset[str] | None = None
    groups: frozenset[str] = field(default_factory=frozenset)

    def has(self, role: Role) -> bool:
        return ROLES.index(self.role) >= ROLES.index(role)

    def require(self, role: Role, what: str) -> None:
        """Let pass only callers of at least this role.

        Raises:
            Forbidden: the role is lower; the sentence names what and who may.
        """
        if not self.has(role):
            raise Forbidden(f"{what} needs the role {role} or higher; this key has the role {self.role}.")


LOCAL = Principal(key_id="local", name="command line", role="admin")
"""Whoever can run the command line on the data folder already owns it."""

SERVICE = Principal(key_id="service", name="service", role="admin")
"""The service itself, where it acts on nobody's request: deliveries, expiry, retention."""
