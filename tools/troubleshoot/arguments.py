"""The arguments of /troubleshoot: all that was pasted is `text`, verbatim; nothing in it is taken for an option."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from app.domain.command import Args, raw_text

LONGEST_PASTE = 2_000_000
"""Characters of a paste; what is longer comes as a file."""

MOST_FILES = 10
LONGEST_ID = 200

Action = Literal["solved", "repro"]

_ONLY_A_TICKET = re.compile(r"ticket\s?[=:]\s?#?(?P<id>[^\s=:]+)")


def _listed(value: Any) -> Any:
    """Several ids in one text are separated by commas or spaces."""
    return tuple(re.split(r"[\s,;]+", value.strip())) if isinstance(value, str) and value.strip() else value


FileId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_ID)]


class TroubleshootArgs(Args):
    """A case: what was pasted, files, or a ticket on record; or that one was `solved`, and by what."""

    action: Action | None = Field(
        None, description="solved: what fixed it, which closes the checks; repro: only the scripts that reproduce it"
    )
    account: str | None = Field(None, description="The customer; without one the diagnosis rests on the paste alone")
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_PASTE)] | None = raw_text(
        "Whatever the customer sent: error, curl, log, trace, token, certificate, mail; of `solved`, what fixed it",
        None,
        about_account=False,
    )
    attachments: Annotated[tuple[FileId, ...], Field(max_length=MOST_FILES), BeforeValidator(_listed)] = Field(
        (), description="Ids of uploaded files"
    )
    ticket: FileId | None = Field(None, description="A ticket on record: its subject and text are read too")

    @model_validator(mode="before")
    @classmethod
    def _named_ticket(cls, given: Any) -> Any:
        """A text that is nothing but `ticket=ID` names a ticket: after the account no option is read."""
        if not isinstance(given, dict) or given.get("ticket") or not isinstance(given.get("text"), str):
            return given
        text = given["text"].strip()
        named = _ONLY_A_TICKET.fullmatch(text) if len(text) <= LONGEST_ID else None
        return {**given, "text": None, "ticket": named["id"]} if named else given
