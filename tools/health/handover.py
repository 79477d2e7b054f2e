"""/health handover: what a new owner needs to know of an account, and does in the first 30 days."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.domain.blocks import Block, Checklist, Column, Heading, Paragraph, Table, Task, Tone, Verdict
from app.domain.command import Context, Needs, Outcome, Report
from app.domain.figures import Evidence, Text, text
from app.domain.windows import add_working_days
from tools.health.actions import due_ref, missing_data
from tools.health.args import HealthArgs
from tools.health.case import assess
from tools.health.comparison import Side
from tools.health.fields import FIELDS, WORD, field_figure, field_words
from tools.health.findings import Findings, findings
from tools.health.history import PastEvent, timeline
from tools.health.history_data import HandoverTask, HealthHandover, IntegrationData, QuestionData
from tools.health.indicators import INDICATORS
from tools.health.notices import notices
from tools.health.open_work import (
    escalation_table,
    goal_table,
    joined,
    promise_counts,
    promise_table,
    ticket_counts,
    ticket_table,
)
from tools.health.parameters import HandoverKey, HandoverStep, HealthParameters
from tools.health.people import DECIDERS, PARTS, Person
from tools.health.promises import shortened
from tools.health.relationship import (
    Dossier,
    dossier,
    people_table,
    relationship_fields,
    required_account,
    risk_line,
    talk_words,
)
from tools.health.scoring import GREEN, RED, UNKNOWN
from tools.health.verdict import contract_line, tone_of
from tools.health.wording import INDICATOR_LABELS, WATCH_LABELS, counted, listing

EARLIER_DAYS = (180, 150, 120, 90, 60, 30)
"""Days before the handover on which the tier is looked up, for the history."""

NEW_OWNER = "new owner"
MOST_EVENTS, MOST_TICKETS, MOST_PEOPLE = 20, 10, 15


@dataclass(frozen=True, slots=True)
class Risk:
    label: str
    seen: Text


def needs(args: HealthArgs) -> Needs:
    """The account now and over the half year before.

    Raises:
        InvalidArguments: the account is missing (`missing`), or filters are given with it.
    """
    account = required_account(args, "handover")
    return Needs(account=account, feedback=True, escalations=True, days=EARLIER_DAYS)


def run(ctx: Context, args: HealthArgs) -> Outcome:
    """The handover; it writes nothing, the new owner included."""
    told = dossier(ctx)
    events = tuple(sorted((*_major(told), *_tier_changes(ctx, told)), key=lambda event: event.on))
    return Outcome(_report(told, events))


def _report(told: Dossier, events: Sequence[PastEvent]) -> Report:
    found, stated, work = told.found, told.stated, told.work
    risks, tasks, asked = tuple(_risks(told)), tuple(_first_days(told)), tuple(_old_owner(told))
    blocks: list[Block] = [_verdict(told), Heading(text=text("First 30 days")), _checklist(tasks)]
    blocks += [Heading(text=text("Ask the old owner")), _question_table(asked)]
    if risks:
        columns = (Column(label="Risk"), Column(label="What was seen"))
        rows = tuple((text(risk.label), risk.seen) for risk in risks)
        blocks += [Heading(text=text("Risks")), Table(columns=columns, rows=rows)]
    blocks += _people(told)
    if work.promises:
        blocks += [Heading(text=text("Open promises")), promise_table(work, stated)]
    if work.tickets or work.escalations:
        blocks.append(Heading(text=text("Open issues")))
        blocks += [ticket_table(work, stated, found.case.as_of, MOST_TICKETS)] if work.tickets else []
        blocks += [escalation_table(work)] if work.escalations else []
    if told.snapshot.goals:
        table = goal_table(told.snapshot.goals, stated, found.case.as_of, found.case.currency)
        blocks += [Heading(text=text("Goals and value")), table]
    blocks += _history(events)
    blocks += [Heading(text=text("Account")), _field_table(told)]
    if told.snapshot.integrations:
        blocks += [Heading(text=text("Integrations")), _integration_table(told)]
    return Report(_data(told, events, risks, tasks, asked), (*blocks, *notices(found)), stated.figures)


def _data(
    told: Dossier,
    events: Sequence[PastEvent],
    risks: Sequence[Risk],
    tasks: tuple[HandoverTask, ...],
    asked: tuple[QuestionData, ...],
) -> HealthHandover:
    return HealthHandover(
        **relationship_fields(told, events),
        owner=told.found.case.account.owner,
        risks=tuple(text(f"{risk.label}: ", risk.seen) for risk in risks),
        single_champion=len(_champions(told)) == 1,
        integrations=tuple(
            IntegrationData(kind=i.kind, auth=i.auth, environment=i.environment, status=i.status, note=i.note)
            for i in told.snapshot.integrations
        ),
        missing=missing_data(told.found),
        actions=told.actions,
        first_days=tasks,
        ask_old_owner=asked,
    )


# ── Verdict ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _verdict(told: Dossier) -> Verdict:
    found, work, stated = told.found, told.work, told.stated
    promised = promise_counts(work, stated)
    lines = [
        contract_line(found),
        _terms_line(told),
        risk_line(found),
        _people_line(told),
        text("Last contact: ", talk_words(told) or "none on record", "."),
        text("Promises: ", promised, ".") if promised else text("No promise is on record."),
        text("Open: ", ticket_counts(work, found.case, stated), "."),
        _next_line(told),
    ]
    return Verdict(tone=tone_of(found), headline=_headline(told), lines=tuple(line for line in lines if line))


def _headline(told: Dossier) -> Text:
    figures, found = told.found.figures, told.found
    name = f"Handover of {found.case.account.name}"
    if "contract.begins" in figures:
        return text(f"{name}: not a customer yet, contract starts ", figures["contract.begins"])
    churned = " (churned)" if found.case.account.lifecycle == "churned" else ""
    if found.tier == UNKNOWN:
        return text(f"{name}{churned}: health unknown, coverage ", figures["health.coverage"])
    firm = ", provisional" if found.case.scores.provisional[found.case.row] else ""
    return text(f"{name}{churned}: {found.tier}{firm}, ", figures["health.score"], " of 100")


def _terms_line(told: Dossier) -> Text:
    """Who owns the account, its stage, plan and product, as far as they are known."""
    account = told.found.case.account
    words = [
        f"{label} {value}"
        for label, value in (
            ("owner", account.owner),
            ("stage", account.lifecycle),
            ("plan", account.plan),
            ("product", account.product),
            ("segment", account.segment),
            ("region", account.region),
        )
        if value
    ]
    line = ", ".join(words)
    return text(f"{line[0].upper()}{line[1:]}.") if line else text("Owner, stage and plan are not on record.")


def _people_line(told: Dossier) -> Text:
    present, champions = told.present, _champions(told)
    if not present:
        return text("No contact is on record.")
    known = told.stated.count(
        "contacts.present",
        "Contacts",
        tuple(Evidence(kind="contacts", id=person.contact.id) for person in present),
        "contacts who have not left",
    )
    who = f"champion{'' if len(champions) == 1 else 's'} {listing([p.name for p in champions])}" if champions else ""
    return text("People: ", counted(known, "contact", "contacts"), f", {who or 'no champion is marked'}.")


def _next_line(told: Dossier) -> Text:
    if not told.actions:
        return ()
    first = told.actions[0]
    return text(f"Due first: {first.text} {first.stakeholder}, by ", due_ref(told.found, first), ".")


# ── Risks, people, account ────────────────────────────────────────────────────────────────────────────────────────


def _risks(told: Dossier) -> Iterator[Risk]:
    """What is triggered, one champion alone, and what nobody knows."""
    found, champions = told.found, _champions(told)
    for key in INDICATORS:
        if found.triggered(key):
            yield Risk(INDICATOR_LABELS[key], found.indicator_seen(key))
    for watched in found.case.watching:
        yield Risk(f"{WATCH_LABELS[watched]} (watch)", found.watch_seen(watched))
    if len(champions) == 1:
        yield Risk("Only one champion", text(f"all hangs on {champions[0].name}"))
    elif not champions and told.present:
        yield Risk("No champion", text("no contact who is still there is marked as champion"))
    if told.present and not any(person.contact.stakeholder in DECIDERS for person in told.present):
        yield Risk("No decider known", text(f"no contact is marked as {' or '.join(PARTS[part] for part in DECIDERS)}"))
    missing = missing_data(found)
    if missing:
        yield Risk("Unknown", text("; ".join(missing)))


def _champions(told: Dossier) -> tuple[Person, ...]:
    return tuple(person for person in told.present if person.contact.is_champion)


def _people(told: Dossier) -> list[Block]:
    heading = Heading(text=text("People"))
    if not told.people:
        return [heading, Paragraph(text=text("No contact is on record."))]
    present = told.present
    blocks: list[Block] = [heading]
    if present:
        blocks.append(people_table(present[:MOST_PEOPLE], max(len(present) - MOST_PEOPLE, 0)))
    left = [person for person in told.people if person.contact.left_on is not None]
    if left:
        gone = listing([f"{p.name} ({p.part or 'contact'}, {p.contact.left_on})" for p in left[:MOST_PEOPLE]])
        blocks.append(Paragraph(text=text(f"Left: {gone}.")))
    return blocks


def _field_table(told: Dossier) -> Table:
    """The fields of the account that are known."""
    case, rows = told.found.case, []
    for field in FIELDS:
        if getattr(case.account, field.name) is not None:
            if field.unit != WORD:
                told.stated.add((field_figure(case, field),))
            rows.append((text(field.label), field_words(case, field)))
    return Table(columns=(Column(label="Field"), Column(label="Value")), rows=tuple(rows))


def _integration_table(told: Dossier) -> Table:
    columns = tuple(Column(label=label) for label in ("Integration", "Environment", "Sign-in", "Status", "Note"))
    rows = tuple(
        (text(i.kind), text(i.environment), text(i.auth or "–"), text(i.status or "–"), text(shortened(i.note or "–")))
        for i in told.snapshot.integrations
    )
    return Table(columns=columns, rows=rows)


# ── History ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _major(told: Dossier) -> tuple[PastEvent, ...]:
    return tuple(event for event in told.events if event.major)


def _tier_changes(ctx: Context, told: Dossier) -> Iterator[PastEvent]:
    """The tier on the earlier days and now, where it is not the one before."""
    days = {day.as_of: day for before in EARLIER_DAYS if (day := ctx.days.get(before)) is not None}
    sides = []
    for on in sorted(days):
        snapshot, parameters = days[on].account, days[on].parameters
        if on < ctx.as_of and snapshot is not None and isinstance(parameters, HealthParameters):
            found = findings(assess(snapshot.columns, parameters).case(0, ctx.currency), snapshot)
            sides.append(Side(found, f".on_{on}", f"on {on}", ctx.as_of))
    sides.append(Side(told.found, "", "now", ctx.as_of))
    customers = [side for side in sides if side.found.case.begins is None]
    for before, after in pairwise(customers):
        if before.found.tier != after.found.tier:
            words = text(f"Health {before.found.tier} → {after.found.tier}", _scores(told, before, after))
            yield PastEvent(after.found.case.as_of, "tier", words, _tier_tone(after.found))


def _scores(told: Dossier, before: Side, after: Side) -> Text:
    """The scores on both days, where there are any."""
    parts = []
    for side in (before, after):
        if side.score is None:
            parts.append(text("unknown"))
            continue
        score = side.named(side.found.figures["health.score"])
        if side.suffix:  # the figures that it is made of are not told here, so they are no evidence
            day = side.found.case.as_of
            evidence = (Evidence(kind="accounts", id=side.found.case.account.id, date=day),)
            score = score.model_copy(update={"formula": f"what /health says as of {day}", "evidence": evidence})
        told.stated.add((score,))
        parts.append(text(score))
    return text(" (", *joined(parts, " → "), f"), some day after {before.found.case.as_of}")


def _tier_tone(found: Findings) -> Tone:
    tones: dict[str, Tone] = {GREEN: "good", RED: "bad", UNKNOWN: "neutral"}
    return tones.get(found.tier, "warning")


def _history(events: Sequence[PastEvent]) -> list[Block]:
    shown = events[-MOST_EVENTS:]
    if not shown:
        return [Heading(text=text("History")), Paragraph(text=text("Nothing dated is on record."))]
    blocks: list[Block] = [Heading(text=text("History")), timeline(shown)]
    if len(events) > len(shown):
        blocks.append(Paragraph(text=text(f"Not shown: {len(events) - len(shown)} earlier events.")))
    return blocks


# ── To do and to ask ──────────────────────────────────────────────────────────────────────────────────────────────


def _first_days(told: Dossier) -> Iterator[HandoverTask]:
    """The steps that apply, by due day, each with the reason for it."""
    steps = told.found.case.parameters.handover.steps
    reasons = _reasons(told)
    tasks = [_task(told, key, step, reasons[key]) for key, step in steps.items() if reasons[key]]
    yield from sorted(tasks, key=lambda task: task.due)


def _task(told: Dossier, key: HandoverKey, step: HandoverStep, because: Text) -> HandoverTask:
    as_of = told.found.case.as_of
    due = max(as_of, add_working_days(as_of, step.due_working_days))
    return HandoverTask(key=key, text=step.text, because=because, due=due)


def _reasons(told: Dossier) -> dict[HandoverKey, Text]:
    """Why each step is called for; empty where it is not."""
    work, found, champions = told.work, told.found, _champions(told)
    promised, missing = promise_counts(work, told.stated), missing_data(found)
    doubtful = [goal for goal in told.snapshot.goals if goal.status is None]
    no_champion = text("no champion is marked") if not champions else ()
    goals = text("no goal is on record") if not told.snapshot.goals else ()
    return {
        "read_up": text("what is on record is below"),
        "old_owner": text("what is on record nowhere, only the old owner knows"),
        "promises": promised,
        "open_issues": ticket_counts(work, found.case, told.stated) if work.tickets or work.escalations else (),
        "introduction": text("a new owner nobody introduced is a stranger"),
        "champion": text(f"all hangs on {champions[0].name}") if len(champions) == 1 else no_champion,
        "integrations": text(listing([i.kind for i in told.snapshot.integrations]))
        if told.snapshot.integrations
        else (),
        "goals": text("goals without a status: ", listing([shortened(g.title) for g in doubtful]))
        if doubtful
        else goals,
        "missing_data": text("; ".join(missing)) if missing else (),
        "renewal": _renewal_reason(told),
        "health_check": text("a first review of your own"),
    }


def _renewal_reason(told: Dossier) -> Text:
    """The decision is near, over, or on no record."""
    figures, account = told.found.figures, told.found.case.account
    if account.lifecycle == "churned":
        return ()
    if account.renewal_date is None:
        return text("no renewal date is on record")
    left = figures.get("renewal.days_to_decision")
    near = told.found.case.parameters.churn.decision_days
    if left is not None and isinstance(left.value, int) and left.value <= near:
        return text("the decision date is ", figures["renewal.decision_date"])
    return text("the contract lapsed on ", figures["renewal.date"]) if "renewal.days_lapsed" in figures else ()


def _old_owner(told: Dossier) -> Iterator[QuestionData]:
    """What the records leave open, then what no record ever holds."""

    def question(key: str, ask: str, because: Text) -> QuestionData:
        return QuestionData(key=key, ask=ask, because=because)

    account, as_of = told.found.case.account, told.found.case.as_of
    if told.last_talk is None:
        ask = "When did you last speak with them, and with whom?"
        yield question("last_contact", ask, text("no conversation is on record"))
    if not any(person.contact.stakeholder in DECIDERS for person in told.present):
        yield question("decider", "Who decides there on money and on the product?", text("no decider is on record"))
    if not _champions(told):
        yield question("champion", "Who speaks for us when we are not there?", text("no champion is on record"))
    for clock in (*told.work.of_side("unknown"), *told.work.overdue("us")):
        what = f"Is “{shortened(clock.promise.what)}” done, and if not, who told them what?"
        yield question(f"promise.{clock.promise.id}", what, text("open promise, ", clock.told()))
    for item in told.work.escalations:
        if item.told_on is None or (as_of - item.told_on) > dt.timedelta(
            days=told.found.case.parameters.handover.quiet_days
        ):
            last = f"last update {item.told_on}" if item.told_on else "no update on record"
            yield question(f"escalation.{item.escalation.id}", f"Where does {item.escalation.id} stand?", text(last))
    if account.renewal_date is None:
        yield question("renewal", "When and how does the contract end?", text("no renewal date is on record"))
    if not told.snapshot.goals:
        yield question("goals", "What did they buy the product for?", text("no goal is on record"))
    yield question("unwritten", "What have you promised them that is written nowhere?", text("nobody else can know"))
    ask = "What are they sore about, and whom should one not ask about it?"
    yield question("sore_points", ask, text("no record tells"))


def _checklist(tasks: Sequence[HandoverTask]) -> Checklist:
    items = (Task(text=text(t.text, " Because: ", t.because), owner=NEW_OWNER, due=t.due) for t in tasks)
    return Checklist(items=tuple(items))


def _question_table(asked: Sequence[QuestionData]) -> Table:
    columns = (Column(label="Question"), Column(label="Because"))
    return Table(columns=columns, rows=tuple((text(question.ask), question.because) for question in asked))
