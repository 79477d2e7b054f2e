"""The typed data of /troubleshoot, for programs. Nothing in it holds a secret. None: not known."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict, RootModel

from app.domain.blocks import Certainty, Side
from app.domain.records import Commitment, Severity
from app.domain.redact import SecretKind
from tools.escalate.criteria import CriterionKey, Met
from tools.escalate.parameters import Kind
from tools.troubleshoot.facts.artifact import ArtifactKind
from tools.troubleshoot.repro import Language
from tools.troubleshoot.statement import QuestionKey


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class ClueData(_Data):
    """A piece of evidence, figures left as their keys in [[ ]]; `where` is the line, "" where it follows."""

    text: str
    where: str


class FoundData(_Data):
    """A cause or context that a rule found. `settles` is what would prove or refute it."""

    rule: str
    title: str
    certainty: Certainty
    side: Side
    evidence: tuple[ClueData, ...]
    against: tuple[ClueData, ...]
    settles: tuple[str, ...]


class ArtifactData(_Data):
    """What was recognised: its lines in the message (`name` empty) or file, and how many facts it gave."""

    kind: ArtifactKind
    name: str
    first: int
    last: int
    facts: int
    notes: tuple[str, ...]


class TaskData(_Data):
    text: str
    owner: str


class FollowUpCheckData(_Data):
    """A check after the fix; `id` where it is, or would be, a promise on record."""

    what: str
    due: dt.date
    id: str | None


class JudgedData(_Data):
    key: CriterionKey
    met: Met
    because: str


class EngineeringData(_Data):
    """Whether engineering's criteria are met, and the message that escalates; None where it is none of theirs."""

    offered: bool
    qualifies: bool
    kind: Kind | None
    severity: Severity | None
    criteria: tuple[JudgedData, ...]
    missing: tuple[str, ...]
    message: str | None


class AlikeData(_Data):
    """A ticket or an escalation about the same."""

    kind: Literal["ticket", "escalation"]
    id: str
    account_id: str
    because: str


class TierData(_Data):
    """The tier of support; `article` answers all of it in tier 1, `first_response_due` is None there."""

    tier: Literal[1, 2, 3]
    first_response_due: dt.datetime | None
    article: str | None
    articles: tuple[str, ...]


class ScriptData(_Data):
    """A masked script, which is never run here; `note` says what to know before it is run."""

    language: Language
    title: str
    text: str
    note: str


class TroubleshootData(_Data):
    """A diagnosis. `checks_state` says what became of the checks: kept, on_record, not_kept, or none are due."""

    account_id: str | None
    ticket_id: str | None
    side: Side
    causes: tuple[FoundData, ...]
    contexts: tuple[FoundData, ...]
    questions: tuple[QuestionKey, ...]
    answered: dict[QuestionKey, str]
    artifacts: tuple[ArtifactData, ...]
    masked: tuple[SecretKind, ...]
    now: tuple[TaskData, ...]
    prevent: tuple[TaskData, ...]
    checks: tuple[FollowUpCheckData, ...]
    checks_state: Literal["kept", "on_record", "not_kept", "none"]
    support: TierData
    escalation: EngineeringData | None
    past: tuple[AlikeData, ...]
    elsewhere: tuple[AlikeData, ...]
    scripts: tuple[ScriptData, ...]


class ReproData(_Data):
    """The scripts alone."""

    account_id: str | None
    scripts: tuple[ScriptData, ...]


class SolvedData(_Data):
    """Checks that are done, and the draft of an article; `written` says whether anything was written."""

    account_id: str
    written: bool
    done: tuple[Commitment, ...]
    rules: tuple[str, ...]
    article: str | None


class TroubleshootAnswer(RootModel[TroubleshootData | ReproData | SolvedData]):
    """Data of /troubleshoot: of a diagnosis, of the scripts alone, or of a case that is solved."""
