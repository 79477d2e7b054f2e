"""A command's thresholds and weights: data, checked when they are loaded, overridable by segment and lifecycle."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Parameters(BaseModel):
    """Base of a command's parameters. Loaded from `tools/<command>.yaml`, then the deployment's own file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Override(BaseModel):
    """Changes that hold for accounts of a segment, of a lifecycle stage, or of both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    segment: str | None = None
    lifecycle: str | None = None
    set: dict[str, Any]

    def applies(self, segment: str | None, lifecycle: str | None) -> bool:
        return self.segment in (None, segment) and self.lifecycle in (None, lifecycle)


class Overridable(Parameters):
    """Parameters that differ by segment or lifecycle. Later overrides win; each result is checked as a whole."""

    overrides: tuple[Override, ...] = ()

    def for_account(self, segment: str | None, lifecycle: str | None) -> Self:
        """The parameters in force for an account.

        Raises:
            pydantic.ValidationError: an override leads to invalid parameters.
        """
        changes = [o.set for o in self.overrides if o.applies(segment, lifecycle)]
        if not changes:
            return self
        merged = self.model_dump(mode="json", exclude={"overrides"})
        for change in changes:
            merged = merge(merged, change)
        return type(self).model_validate(merged)


def merge(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`base` with `change` laid over it, mapping by mapping; anything else is replaced whole."""
    merged = dict(base)
    for name, value in change.items():
        current = merged.get(name)
        merged[name] = merge(current, value) if isinstance(current, dict) and isinstance(value, dict) else value
    return merged
