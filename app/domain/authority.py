"""Authority: who decides what (role blueprint §13). What needs a person's approval waits for it; nothing else waits."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from app.domain.effects import Outgoing
from app.domain.figures import Figure

Group = Literal[
    "peer", "support_lead", "product", "engineering", "security", "commercial", "executive", "manager"
]  # fmt: skip
"""Groups of approvers; `manager` is also whoever has the role manager or a higher one."""


class Found(BaseModel):
    """Words that commit the company: the kind of action they need an approval for, and the rule that found them."""

    model_config = ConfigDict(frozen=True)
    kind: str
    words: str
    rule: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What waits for approval: exactly this content, and what is done when every group has approved it.

    `found` says which kinds of action it is, and by which words; each kind's group must approve. `outgoing` is None
    where the decision itself is all that was asked for. `figures` are those that the content states, `evidence` what
    else the approver needs: ids of records, a reason, links to answers.
    """

    content: str
    found: tuple[Found, ...]
    outgoing: Outgoing | None = None
    account_id: str | None = None
    figures: tuple[Figure, ...] = ()
    evidence: tuple[str, ...] = ()
    reason: str = ""


class ApprovalLine(BaseModel):
    """An approval as an answer tells it: what waits, for whom, and until when it is given."""

    model_config = ConfigDict(frozen=True)
    id: str
    kind: str
    group: Group
    words: str
    status: str
    expires_at: dt.datetime
