"""The diagnosis as typed data, for programs."""

from collections.abc import Iterable, Iterator

from app.domain.blocks import Task
from app.domain.figures import Text
from tools.troubleshoot import steps
from tools.troubleshoot.data import (
    AlikeData,
    ArtifactData,
    ClueData,
    EngineeringData,
    FollowUpCheckData,
    FoundData,
    JudgedData,
    ScriptData,
    TaskData,
    TierData,
    TroubleshootData,
)
from tools.troubleshoot.diagnosis import Found
from tools.troubleshoot.handover import Handover, message
from tools.troubleshoot.inquiry import Inquiry
from tools.troubleshoot.repro import Script
from tools.troubleshoot.rules.rule import Clue
from tools.troubleshoot.wording import sentences


def told(inquiry: Inquiry, *, inside: bool) -> TroubleshootData:
    """The data of a diagnosis; without what is for colleagues alone where it is not for one of us (`inside`)."""
    opened, diagnosed = inquiry.opened, inquiry.diagnosed
    return TroubleshootData(
        account_id=inquiry.account_id,
        ticket_id=opened.ticket.id if opened.ticket else None,
        side=diagnosed.side,
        causes=tuple(_found(inquiry, each) for each in diagnosed.causes),
        contexts=tuple(_found(inquiry, each) for each in diagnosed.contexts),
        questions=inquiry.missing,
        answered=dict(inquiry.answered),
        artifacts=tuple(_artifacts(inquiry)),
        masked=tuple(sorted({kind for each in inquiry.case.artifacts for kind in each.masked})),
        now=_steps(steps.now(inquiry)),
        prevent=_steps(steps.prevention(inquiry)),
        checks=tuple(FollowUpCheckData(what=c.what, due=c.due, id=c.id) for c in inquiry.follow_up.checks),
        checks_state=inquiry.follow_up.state,
        support=_support(inquiry),
        escalation=_escalation(inquiry) if inside else None,
        past=tuple(
            AlikeData(kind="ticket", id=p.ticket.id, account_id=p.ticket.account_id, because=p.because)
            for p in inquiry.past
        ),
        elsewhere=tuple(_elsewhere(inquiry.handover)) if inside else (),
        scripts=scripts_data(inquiry.scripts),
    )


def scripts_data(scripts: Iterable[Script]) -> tuple[ScriptData, ...]:
    return tuple(
        ScriptData(language=each.language, title=each.title, text=each.text, note=each.note) for each in scripts
    )


def flat(said: Text) -> str:
    """A text with its figures as [[key]]."""
    return "".join(span if isinstance(span, str) else f"[[{span.figure}]]" for span in said)


def _found(inquiry: Inquiry, found: Found) -> FoundData:
    finding = found.finding
    return FoundData(
        rule=found.rule.id,
        title=flat(finding.title),
        certainty=finding.certainty,
        side=found.side,
        evidence=tuple(_clue(each) for each in finding.clues),
        against=tuple(_clue(each) for each in finding.against),
        settles=tuple(sentences(inquiry.texts(found).settles, found)),
    )


def _clue(clue: Clue) -> ClueData:
    return ClueData(text=flat(clue.text), where=str(clue.place) if clue.place else "")


def _artifacts(inquiry: Inquiry) -> Iterator[ArtifactData]:
    for each in inquiry.case.artifacts:
        yield ArtifactData(
            kind=each.kind, name=each.name, first=each.first, last=each.last, facts=len(each.facts), notes=each.notes
        )


def _steps(tasks: Iterable[Task]) -> tuple[TaskData, ...]:
    return tuple(TaskData(text=flat(task.text), owner=task.owner) for task in tasks)


def _support(inquiry: Inquiry) -> TierData:
    found = inquiry.support
    return TierData(
        tier=found.tier,
        first_response_due=found.due,
        article=found.answers.id if found.answers else None,
        articles=tuple(each.id for each in found.articles),
    )


def _escalation(inquiry: Inquiry) -> EngineeringData:
    found = inquiry.handover
    return EngineeringData(
        offered=found.offered,
        qualifies=found.offered and found.gate.qualifies,
        kind=found.stated.kind,
        severity=found.severity,
        criteria=tuple(JudgedData(key=c.key, met=c.met, because=c.because) for c in found.own),
        missing=found.gate.missing,
        message=message(found, inquiry.account_id) if found.offered else None,
    )


def _elsewhere(found: Handover) -> Iterator[AlikeData]:
    for ticket in found.similar:
        yield AlikeData(kind="ticket", id=ticket.ticket.id, account_id=ticket.ticket.account_id, because=ticket.because)
    for escalation in found.similar_escalations:
        known = escalation.escalation
        yield AlikeData(kind="escalation", id=known.id, account_id=known.account_id, because=escalation.because)
