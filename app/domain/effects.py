"""Effects: what a command wants done. Tools only describe them; `app.effects` carries them out.

Each writes one record. Its id is made from the turn's, so that an effect that is carried out twice is the same row.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.domain.records import (
    Check,
    Commitment,
    Contact,
    Escalation,
    EscalationUpdate,
    FeedbackItem,
    Goal,
    Milestone,
    MilestoneSlip,
    RampSignoff,
    Signal,
    Touchpoint,
)


class _Effect(BaseModel):
    model_config = ConfigDict(frozen=True)


class AddFeedback(_Effect):
    """Write a feedback item that a customer asked for."""

    kind: Literal["add_feedback"] = "add_feedback"
    item: FeedbackItem


class UpdateFeedback(_Effect):
    """Write what became of a feedback item."""

    kind: Literal["update_feedback"] = "update_feedback"
    item: FeedbackItem


class LogTouchpoint(_Effect):
    """Write down a call, meeting, message or note."""

    kind: Literal["log_touchpoint"] = "log_touchpoint"
    item: Touchpoint


class AddSignal(_Effect):
    """Write down something heard that bears on renewal or growth."""

    kind: Literal["add_signal"] = "add_signal"
    item: Signal


class SetGoal(_Effect):
    """Write a goal, or what became of it."""

    kind: Literal["set_goal"] = "set_goal"
    item: Goal


class SetContact(_Effect):
    """Write a person at the customer: new, with another part, or gone.

    `fields` names what is told; the others keep what is on record. None: all are told.
    """

    kind: Literal["set_contact"] = "set_contact"
    item: Contact
    fields: tuple[str, ...] | None = None


class RecordCommitment(_Effect):
    """Write a promise, or that it was kept."""

    kind: Literal["record_commitment"] = "record_commitment"
    item: Commitment


class SetEscalation(_Effect):
    """Open an escalation, or write its state."""

    kind: Literal["set_escalation"] = "set_escalation"
    item: Escalation


class AddEscalationUpdate(_Effect):
    """Write what was said or done about an escalation."""

    kind: Literal["add_escalation_update"] = "add_escalation_update"
    item: EscalationUpdate


class SetMilestone(_Effect):
    """Write a step of an onboarding plan, or that it was done or moved."""

    kind: Literal["set_milestone"] = "set_milestone"
    item: Milestone


class AddSlip(_Effect):
    """Write why a milestone moved, and who keeps it waiting."""

    kind: Literal["add_slip"] = "add_slip"
    item: MilestoneSlip


class SetCheck(_Effect):
    """Write an item of a list as answered or checked."""

    kind: Literal["set_check"] = "set_check"
    item: Check


class SignOffRamp(_Effect):
    """Write that a CSE reached a goal of the first year."""

    kind: Literal["sign_off_ramp"] = "sign_off_ramp"
    item: RampSignoff


Effect = Annotated[
    AddFeedback
    | UpdateFeedback
    | LogTouchpoint
    | AddSignal
    | SetGoal
    | SetContact
    | RecordCommitment
    | SetEscalation
    | AddEscalationUpdate
    | SetMilestone
    | AddSlip
    | SetCheck
    | SignOffRamp,
    Field(discriminator="kind"),
]
"""The closed union of effects that write a record; commands that write more kinds of record add members here."""


class SendMessage(_Effect):
    """Send this to the customer, byte for byte. `template` names the approved template that it was made from."""

    kind: Literal["send_message"] = "send_message"
    account_id: str
    subject: str
    body: str
    template: str | None = None


class PublishArticle(_Effect):
    """Write an article that customers read."""

    kind: Literal["publish_article"] = "publish_article"
    document: str
    title: str
    text: str


Outgoing = Annotated[SendMessage | PublishArticle, Field(discriminator="kind")]
"""The closed union of effects that leave the house. They write no record: they go through the outbox, once."""
