"""The arguments of /onboard."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from app.domain.command import Args, free_words, raw_text

Action = Literal["done", "slip", "answer", "check", "sign-off", "readiness", "go-live", "integration", "samples"]
WRITES = ("done", "slip", "answer", "check", "sign-off")
"""The subcommands that write."""

Language = Literal["python", "node", "java"]
_CALLED = {"py": "python", "nodejs": "node", "node.js": "node", "javascript": "node", "js": "node"}

MOST_CHARACTERS = 20_000


def _language(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    named = value.strip().lower()
    return _CALLED.get(named, named) or None


class OnboardArgs(Args):
    """One account's plan, or the pipeline; or what `action` says."""

    action: Action | None = Field(
        None,
        description="done, slip: a milestone; answer: a question; check: an item; sign-off; readiness, go-live: lists; "
        "integration: a design note; samples: code",
    )
    account: str | None = Field(None, description="The account; without it, all that are in onboarding")
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MOST_CHARACTERS)] | None = raw_text(
        "done: M3; slip: M4 +5d whose=customer and why; answer: the question and the answer; check: the item, yes, "
        "no or n/a, and a note; sign-off: go-live, role=business by=name",
        None,
        actions=WRITES,
    )
    language: Annotated[Language | None, BeforeValidator(_language)] = free_words(
        "Of the samples: python, node or java; without it, all", actions=("samples",)
    )
    owner: str | None = Field(None, max_length=300, description="Of the pipeline: only accounts of this owner")
    segment: str | None = Field(None, max_length=300, description="Of the pipeline: only accounts of this segment")
