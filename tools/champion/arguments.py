"""Arguments of /champion."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.domain.command import Args, free_words

Action = Literal["mark", "unmark"]

Who = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)] | None


class ChampionArgs(Args):
    """One account, or all accounts in scope; `mark` and `unmark` name a person of the account."""

    action: Action | None = Field(None, description="mark a person as champion, or take the mark away")
    account: str | None = Field(None, description="The account; without it, all accounts by risk")
    who: Who = free_words("mark, unmark: the person, by name, mail address or id", actions=("mark", "unmark"))
    owner: str | None = Field(None, max_length=300, description="Without an account: only accounts of this owner")
    limit: int | None = Field(None, ge=1, le=100, description="Without an account: accounts to show")
