"""The typed data of /health log, for programs."""

from pydantic import BaseModel, ConfigDict

from app.domain.records import Commitment, Contact, Signal, Touchpoint


class LogData(BaseModel):
    """A note as it was understood, and what was written of it. `uncertain` says what was not written, and why.

    `duplicate_of` is the touchpoint of the same day with the same text; then nothing was written.
    """

    model_config = ConfigDict(frozen=True)

    account_id: str
    written: bool
    duplicate_of: str | None = None
    touchpoint: Touchpoint | None = None
    signals: tuple[Signal, ...] = ()
    contacts: tuple[Contact, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    uncertain: tuple[str, ...] = ()
