"""The report of an escalation: verdict first, then what is missing, the draft, and how it was judged."""

from collections.abc import Iterator

from app.domain.blocks import Block, Checklist, Column, Heading, Notice, Question, Table, Task, Tone, Verdict
from app.domain.command import Audience, Report
from app.domain.figures import Text, text
from tools.escalate.case import Case, contradictions
from tools.escalate.criteria import Criterion
from tools.escalate.data import (
    CriterionData,
    EscalateData,
    EscalationData,
    ItemData,
    SimilarData,
    SimilarEscalationData,
    escalation_data,
)
from tools.escalate.opening import Opening, OpeningState
from tools.escalate.package import draft, package_data
from tools.escalate.similar import SimilarEscalation, SimilarTicket
from tools.escalate.statement import LONGEST_QUOTE, clip

STATES = {"met": "given", "missing": "missing", "not_applicable": "not applicable"}
HINTED_FIELDS = 3
"""So many missing fields are asked for with a hint each; of more, the checklist has the hints."""

MET = {True: "met", False: "not met", "unknown": "unknown"}


def report(case: Case, opening: Opening, audience: Audience) -> Report:
    """The answer. To a customer nothing is told of other customers."""
    inside = audience == "internal"
    blocks: list[Block] = [_verdict(case, opening), *_notices(case), *_checklist(case), *_levels(case), draft(case)]
    blocks += _similar_blocks(case) if inside else []
    blocks += [Heading(text=text("How it was judged"), folded=True), _criteria_table(case), _rubric_table(case)]
    return Report(data=_data(case, opening, inside), blocks=tuple(blocks), figures=tuple(case.figures.values()))


def question(case: Case) -> Question | None:
    """One question that asks for exactly the missing fields."""
    missing = case.gate.missing
    if not missing:
        return None
    asked = [_name(field) for field in missing]
    if len(missing) <= HINTED_FIELDS:
        asked = [f"{name} ({_ask(case, field)})" for name, field in zip(asked, missing, strict=True)]
    choices: tuple[str, ...] = ()
    if missing == ("severity",):
        choices = tuple(case.parameters.severities)
    if missing == ("kind",):
        choices = case.stated.kinds or tuple(case.parameters.kinds)
    return Question(text=text(f"To complete the escalation, give {listing(asked)}."), fields=missing, choices=choices)


def _ask(case: Case, field: str) -> str:
    reason = next(
        (m.because for m in case.gate.marks if m.name == field and m.because != "not given" and m.missing), ""
    )
    return f"{case.parameters.ask(field)}; {reason}" if reason else case.parameters.ask(field)


def _verdict(case: Case, opening: Opening) -> Verdict:
    gate = case.gate
    tone: Tone = "good" if gate.sendable and not gate.incomplete else "warning"
    return Verdict(tone=tone, headline=_headline(case, opening), lines=(*opening.lines, *_lines(case, opening)))


def _headline(case: Case, opening: Opening) -> Text:
    gate, stated = case.gate, case.stated
    kind = case.kinds or "issue of unstated kind"
    what = f"{stated.severity} {kind}" if stated.severity else kind
    quality = text("quality ", case.figures["escalation.quality"], " of ", case.figures["escalation.full_marks"])
    if opening.state == "already_open" and opening.entry:
        return text(f"{case.account.name}: already open as {opening.entry.id}: {what}, ", quality)
    if gate.sendable and not gate.incomplete:
        return text(f"{case.account.name}: ready for engineering: {what}, ", quality)
    if gate.sendable:
        how = "send at once, marked incomplete" if gate.at_once else "may go to engineering, with a rest to follow"
        return text(f"{case.account.name}: {how}: {what}, ", quality)
    if stated.kind is None:
        return text(f"{case.account.name}: not ready for engineering: the kind of issue is not certain, ", quality)
    if not gate.qualifies:
        return text(f"{case.account.name}: does not qualify for engineering as it stands: {what}, ", quality)
    return text(f"{case.account.name}: not ready for engineering: {what}, ", quality)


def _lines(case: Case, opening: Opening) -> Iterator[Text]:
    gate, stated, parameters = case.gate, case.stated, case.parameters
    yield from _why(case)
    yield _quality_line(case)
    if gate.at_once and not (gate.qualifies and gate.quality == parameters.full_marks):
        by = stated.severity if stated.severity in parameters.at_once.severities else "This kind of issue"
        yield text(f"{by} goes to engineering at any quality.")
    if case.follows:
        missing = ", ".join(_name(follow.field) for follow in case.follows)
        yield text(f"To follow by {case.due}: {missing}.")
    elif gate.missing:
        yield text(f"Missing: {', '.join(_name(field) for field in gate.missing)}.")
    if stated.severity is None:
        yield text(_unstated_severity(case))
    if opening.state == "already_open" and opening.entry:
        yield text(f"Next: add what is new: /escalate update {opening.entry.id} …")
    elif gate.sendable:
        yield text(f"Next: send it to {case.route}, and tell the {parameters.coordinator}.")
    elif stated.kind and not gate.qualifies:
        yield text(f"Next: {parameters.instead.strip()}")
    else:
        yield text("Next: complete it, then send it; until then tier 2 support works on it.")
    yield _customer_line(case)


def _unstated_severity(case: Case) -> str:
    stated, levels = case.stated, tuple(case.parameters.severities)
    if stated.severity_candidates:
        return f"No severity is stated. The text names {listing(list(stated.severity_candidates))}."
    if stated.severity_note:
        note = clip(stated.severity_note, LONGEST_QUOTE)
        return f"“{note}” is no severity: the levels are {levels[0]} to {levels[-1]}."
    return "No severity is stated."


def _why(case: Case) -> Iterator[Text]:
    """Why the issue qualifies or not, by the criteria of its kind."""
    own = [criterion for criterion in case.criteria if criterion.kind == case.stated.kind]
    ratio = case.figures.get("escalation.latency_ratio")
    for criterion in own:
        told = text(f"Criterion {_name(criterion.key)} {MET[criterion.met]}: {criterion.because}")
        if criterion.key == "latency" and ratio:
            told = text(told, ": ", ratio, " times")
        if criterion.key == "several_customers" and "escalation.similar_accounts" in case.figures:
            told = text(told, " (", case.figures["escalation.similar_accounts"], ")")
        yield text(told, ".")
    if own and not case.gate.qualifies and case.stated.kind:
        yield text(f"What qualifies: {case.parameters.kinds[case.stated.kind].criterion}.")
    ended = case.stated.kind_reading.ended
    if not own and ended:
        yield text(f"The text says “{ended}”: what is still wrong? Name the kind.")
    elif not own:
        said = f"The text reads as {case.kinds}: which?" if case.kinds else "The text names no kind of issue."
        yield text(said)


def _quality_line(case: Case) -> Text:
    figures = case.figures
    return text(
        figures["escalation.items_met"],
        " of ",
        figures["escalation.items_applicable"],
        " items of the rubric are given; a package needs quality ",
        figures["escalation.threshold"],
        ".",
    )


def _customer_line(case: Case) -> Text:
    figures = case.figures
    if "renewal.days_to_renewal" in figures:
        days, decision = figures["renewal.days_to_renewal"], figures["renewal.decision_date"]
        return text("Customer: ARR ", figures["arr"], ", renewal in ", days, " days, decision by ", decision, ".")
    return text("Customer: ARR ", figures["arr"], ".")


def _notices(case: Case) -> Iterator[Notice]:
    for disagreement in case.stated.disagreements:
        yield Notice(tone="warning", text=text(disagreement))
    for contradiction in contradictions(case):
        yield Notice(tone="warning", text=contradiction)
    for name in case.stated.unreasoned:
        yield Notice(tone="warning", text=text(f"“{name}” is called not applicable without a reason: write why."))
    if any(not command.closed for command in case.stated.curl):
        yield Notice(
            tone="warning", text=text("The quotes of the curl command do not close; it is shown as it stands.")
        )
    if case.stated.masked:
        yield Notice(tone="neutral", text=text(f"Masked in the text: {', '.join(case.stated.masked)}."))


def _checklist(case: Case) -> Iterator[Checklist]:
    due = {follow.field: follow.due.date() for follow in case.follows}
    tasks = tuple(
        Task(
            text=text(f"{_name(field).capitalize()}: {_ask(case, field)}"),
            owner=case.parameters.owner(field),
            due=due.get(field),
        )
        for field in case.gate.missing
    )
    if tasks:
        yield Checklist(items=tasks)


def _levels(case: Case) -> Iterator[Table]:
    """What each severity means, where it is asked for."""
    if "severity" in case.gate.missing:
        rows = tuple((text(name), text(level.definition)) for name, level in case.parameters.severities.items())
        yield Table(columns=(Column(label="Severity"), Column(label="Meaning")), rows=rows)


def _criteria_table(case: Case) -> Table:
    rows = tuple((text(_criterion(case, c)), text(MET[c.met]), text(c.because)) for c in case.criteria)
    labels = ("Criterion", "Met", "Why")
    return Table(columns=tuple(Column(label=label) for label in labels), rows=rows)


def _criterion(case: Case, criterion: Criterion) -> str:
    """The criterion's name, with the part of it where its kind has several."""
    name = case.parameters.kinds[criterion.kind].criterion
    return name if criterion.key == criterion.kind else f"{name}: {_name(criterion.key)}"


def _rubric_table(case: Case) -> Table:
    rows = tuple(
        (text(case.parameters.items[mark.name].label), text(STATES[mark.state]), text(mark.because))
        for mark in case.gate.marks
    )
    return Table(columns=tuple(Column(label=label) for label in ("Item", "State", "Why")), rows=rows)


def _similar_blocks(case: Case) -> list[Block]:
    shown = case.parameters.similar.shown
    return [*escalations_alike(case.similar_escalations, shown), *tickets_alike(case.similar, shown)]


def tickets_alike(similar: tuple[SimilarTicket, ...], shown: int) -> list[Block]:
    """Similar tickets of other accounts as a table; nothing where there are none."""
    rows = [
        (f"{found.ticket.account_name} ({found.ticket.account_id})", found.ticket.id, found.ticket.opened_at, found)
        for found in similar[:shown]
    ]
    cells = tuple(
        (text(account), text(name), text(at.date().isoformat()), text(found.subject), text(found.because))
        for account, name, at, found in rows
    )
    return _alike_table("Similar open tickets of other accounts", "Ticket", cells, len(similar) - shown)


def escalations_alike(similar: tuple[SimilarEscalation, ...], shown: int) -> list[Block]:
    """Similar open escalations of other accounts as a table; nothing where there are none."""
    cells = tuple(
        (
            text(f"{found.account_name} ({found.escalation.account_id})"),
            text(found.escalation.id),
            text(found.escalation.opened_at.date().isoformat()),
            text(found.escalation.title),
            text(found.because),
        )
        for found in similar[:shown]
    )
    return _alike_table("Similar open escalations of other accounts", "Escalation", cells, len(similar) - shown)


def _alike_table(title: str, what: str, rows: tuple[tuple[Text, ...], ...], left: int) -> list[Block]:
    if not rows:
        return []
    labels = ("Account", what, "Opened", "Subject", "Similar by")
    more = text(f"{left} more in the data") if left > 0 else ()
    table = Table(columns=tuple(Column(label=label) for label in labels), rows=rows, more=more)
    return [Heading(text=text(title)), table]


def listing(items: list[str]) -> str:
    """Words in a row: "a", "a and b", "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def _name(field: str) -> str:
    return field.removesuffix("_ms").replace("_", " ")


def _data(case: Case, opening: Opening, inside: bool) -> EscalateData:
    stated, gate = case.stated, case.gate
    return EscalateData(
        account_id=case.account.id,
        kind=stated.kind,
        severity=stated.severity,
        qualifies=gate.qualifies,
        criteria=tuple(CriterionData(key=c.key, kind=c.kind, met=c.met, because=c.because) for c in case.criteria),
        quality=gate.quality,
        threshold=case.parameters.threshold,
        items=tuple(ItemData(key=mark.name, state=mark.state, because=mark.because) for mark in gate.marks),
        missing=gate.missing,
        sendable=gate.sendable,
        incomplete=gate.incomplete,
        package=package_data(case) if gate.sendable else None,
        similar=similar_data(case.similar) if inside else (),
        similar_escalations=similar_escalation_data(case.similar_escalations) if inside else (),
        accounts_affected=1 + len({found.ticket.account_id for found in case.similar}),
        latency_ratio=stated.latency_ratio,
        disagreements=stated.disagreements,
        masked=stated.masked,
        opened=_entry_data(opening, "opened"),
        completed=_entry_data(opening, "completed"),
        already_open=_entry_data(opening, "already_open"),
    )


def _entry_data(opening: Opening, state: OpeningState) -> EscalationData | None:
    return escalation_data(opening.entry) if opening.entry and opening.state == state else None


def similar_escalation_data(similar: tuple[SimilarEscalation, ...]) -> tuple[SimilarEscalationData, ...]:
    return tuple(
        SimilarEscalationData(
            account_id=found.escalation.account_id,
            account_name=found.account_name,
            escalation_id=found.escalation.id,
            opened_at=found.escalation.opened_at,
            severity=found.escalation.severity,
            title=found.escalation.title,
            because=found.because,
        )
        for found in similar
    )


def similar_data(similar: tuple[SimilarTicket, ...]) -> tuple[SimilarData, ...]:
    return tuple(
        SimilarData(
            account_id=found.ticket.account_id,
            account_name=found.ticket.account_name,
            ticket_id=found.ticket.id,
            opened_at=found.ticket.opened_at,
            severity=found.ticket.severity,
            subject=found.subject,
            because=found.because,
        )
        for found in similar
    )
