"""/health brief: one page before a call. What changed since the last contact, promises, open issues, what to ask."""

import datetime as dt
from collections.abc import Iterator, Sequence

from app.domain.blocks import Block, Column, Heading, Notice, Paragraph, Table, Verdict
from app.domain.command import Context, Needs, OnDay, Outcome, Report
from app.domain.figures import Figure, Text, text
from tools.health.account import watch_data
from tools.health.args import HealthArgs
from tools.health.comparison import Comparison, Side, compared, main_cause, signed
from tools.health.comparison_report import day_health, indicator_changes
from tools.health.fields import WORD, changed_fields, field_figure, field_words
from tools.health.heard import Heard, heard, heard_blocks
from tools.health.history import PastEvent, timeline
from tools.health.history_data import HealthBrief, QuestionData
from tools.health.indicators import TRIGGERED
from tools.health.notices import notices
from tools.health.open_work import (
    escalation_table,
    goal_table,
    promise_counts,
    promise_table,
    ticket_counts,
    ticket_table,
)
from tools.health.parameters import HealthParameters
from tools.health.people import DECIDERS, Person
from tools.health.relationship import (
    MOST_TICKETS,
    Dossier,
    dossier,
    people_table,
    relationship_fields,
    required_account,
    risk_line,
    talk_words,
)
from tools.health.topics import Topic, questions, topics
from tools.health.verdict import contract_line, tone_of
from tools.health.watch import WATCH_ITEMS
from tools.health.wording import WATCH_LABELS, listing

NO_CONTACT_DAYS = 30
"""Where no conversation is on record, the account is compared with how it stood so many days before."""

MOST_EVENTS = 8
MOST_PEOPLE = 6

COMPARED_INPUTS = (
    ("API calls, 28 days", "usage.api_calls.28d"),
    ("Active users a working day", "usage.active_users.working_day_mean.28d"),
    ("Distinct users, 28 days", "usage.active_users.distinct.28d"),
    ("Features used, 28 days", "features.used.28d"),
    ("NPS", "nps.score.180d"),
)


def needs(args: HealthArgs) -> Needs:
    """The account now and on the day of the last conversation.

    Raises:
        InvalidArguments: the account is missing (`missing`), or filters are given with it.
    """
    account = required_account(args, "brief")
    return Needs(account=account, feedback=True, escalations=True, days=("last_contact", NO_CONTACT_DAYS))


def run(ctx: Context, args: HealthArgs) -> Outcome:
    """The brief; it writes nothing."""
    told = dossier(ctx)
    comparison = _comparison(ctx)
    talk = topics(told.found, told.actions, told.work)
    return Outcome(_report(told, comparison, talk[0], questions(talk)))


def _comparison(ctx: Context) -> Comparison | None:
    """With the last conversation's day, or 30 days before; None where there is no earlier day on record."""
    then: OnDay | None = ctx.days.get("last_contact") or ctx.days.get(NO_CONTACT_DAYS)
    now, today = ctx.account, ctx.parameters
    if then is None or then.account is None or now is None or then.as_of >= ctx.as_of:
        return None
    if not isinstance(then.parameters, HealthParameters) or not isinstance(today, HealthParameters):
        raise TypeError("/health needs its own parameters in its context")
    return compared(then.account, now, then.parameters, today, today, ctx.currency)


def _report(told: Dossier, comparison: Comparison | None, first: Topic, asked: Sequence[Topic]) -> Report:
    stated, work, as_of = told.stated, told.work, told.found.case.as_of
    if comparison is not None:
        stated.add(comparison.figures())
    events = _recent(told, comparison)
    blocks: list[Block] = [_verdict(told, comparison, first, asked), Heading(text=text("Ask")), _question_table(asked)]
    blocks += _changes(told, comparison, events)
    if work.promises:
        blocks += [Heading(text=text("Promises")), promise_table(work, stated)]
    untold = heard(told.snapshot, told.found.case.parameters.notes)
    blocks += heard_blocks(untold, stated)
    if work.tickets or work.escalations:
        blocks.append(Heading(text=text("Open issues")))
        blocks += [ticket_table(work, stated, as_of, MOST_TICKETS)] if work.tickets else []
        blocks += [escalation_table(work)] if work.escalations else []
    blocks += _people(told, comparison)
    if told.snapshot.goals:
        table = goal_table(told.snapshot.goals, stated, as_of, told.found.case.currency)
        blocks += [Heading(text=text("Goals and value")), table]
    blocks += _contact_notice(told, comparison)
    data = _data(told, comparison, events, first, asked, untold)
    return Report(data, (*blocks, *notices(told.found)), stated.figures)


def _data(
    told: Dossier,
    comparison: Comparison | None,
    events: Sequence[PastEvent],
    first: Topic,
    asked: Sequence[Topic],
    untold: Sequence[Heard],
) -> HealthBrief:
    return HealthBrief(
        **relationship_fields(told, events),
        settle=first.settle,
        settle_because=first.because,
        questions=tuple(QuestionData(key=topic.key, ask=topic.ask, because=topic.because) for topic in asked),
        then=day_health(comparison.then) if comparison else None,
        change=comparison.moved if comparison and comparison.has_scores else None,
        indicators=tuple(indicator_changes(comparison)) if comparison else (),
        watch=tuple(watch_data(told.found, key) for key in WATCH_ITEMS),
        heard=tuple(each.data() for each in untold),
    )


# ── Verdict ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _verdict(told: Dossier, comparison: Comparison | None, first: Topic, asked: Sequence[Topic]) -> Verdict:
    work, stated, case = told.work, told.stated, told.found.case
    promised = promise_counts(work, stated)
    lines = [
        text(f"Settle in this call: {first.settle} (", first.because, ")."),
        text("Last contact: ", talk_words(told) or "none on record", "."),
        _cause_line(comparison),
        risk_line(told.found),
        text("Promises: ", promised, ".") if promised else (),
        text("Open: ", ticket_counts(work, case, stated), "."),
        contract_line(told.found),
        text(f"Ask first: {asked[0].ask}"),
    ]
    return Verdict(tone=tone_of(told.found), headline=_headline(told, comparison), lines=tuple(filter(None, lines)))


def _headline(told: Dossier, comparison: Comparison | None) -> Text:
    """Who, and how the account stands now and stood then."""
    figures, found, name = told.found.figures, told.found, told.found.case.account.name
    if "contract.begins" in figures:
        return text(f"{name}: not a customer yet, contract starts ", figures["contract.begins"])
    churned = " (churned)" if found.case.account.lifecycle == "churned" else ""
    if found.tier == "unknown":
        low, high = figures["health.band.low"], figures["health.band.high"]
        told_now = text("Unknown, coverage ", figures["health.coverage"], " (band ", low, "–", high, ")")
    else:
        told_now = text(f"{found.tier.capitalize()}, ", figures["health.score"], " of 100")
    if comparison is None:
        return text(f"{name}{churned}: ", told_now)
    tier, since = _tier(comparison.then), comparison.since
    if comparison.has_scores:
        was = f", {tier} then" if tier != found.tier else ""
        return text(f"{name}{churned}: ", told_now, ", ", signed(comparison.change), f" since {since}{was}")
    if comparison.then.score is not None:
        return text(f"{name}{churned}: ", told_now, f"; {tier}, ", comparison.then.ref("health.score"), f" on {since}")
    return text(f"{name}{churned}: ", told_now)


def _tier(side: Side) -> str:
    return side.found.tier


def _cause_line(comparison: Comparison | None) -> Text:
    if comparison is None or not comparison.has_scores:
        return ()
    cause = main_cause(comparison)
    if not cause:
        return text(f"The score has not moved since {comparison.since}.")
    return text(f"Most of the change since {comparison.since}: ", cause, ".")


def _question_table(asked: Sequence[Topic]) -> Table:
    columns = (Column(label="Question"), Column(label="Because"))
    return Table(columns=columns, rows=tuple((text(topic.ask), topic.because) for topic in asked))


# ── What changed ──────────────────────────────────────────────────────────────────────────────────────────────────


def _recent(told: Dossier, comparison: Comparison | None) -> tuple[PastEvent, ...]:
    """What happened after the day compared with."""
    if comparison is None:
        return ()
    return tuple(event for event in told.events if event.on > comparison.since)


def _changes(told: Dossier, comparison: Comparison | None, events: Sequence[PastEvent]) -> list[Block]:
    if comparison is None:
        return []
    rows = tuple(_change_rows(told, comparison))
    blocks: list[Block] = [Heading(text=text(f"Since {comparison.since}"))]
    if rows:
        columns = (Column(label="What"), Column(label=f"On {comparison.since}"), Column(label="Now"))
        blocks.append(Table(columns=columns, rows=rows))
    shown = events[-MOST_EVENTS:]
    if shown:
        blocks.append(timeline(shown))
    if len(events) > len(shown):
        blocks.append(Paragraph(text=text(f"Not shown: {len(events) - len(shown)} earlier events since then.")))
    if not rows and not shown:
        blocks.append(Paragraph(text=text("Nothing on record has changed.")))
    return blocks


def _change_rows(told: Dossier, comparison: Comparison) -> Iterator[tuple[Text, Text, Text]]:
    then, now = comparison.then, comparison.now
    before, after = then.found, now.found
    if (_tier(then), then.score) != (_tier(now), now.score):
        yield text("Health"), _health(then), _health(now)
    if before.level != after.level:
        yield text("Churn level"), text(before.level), text(after.level)
    for change in indicator_changes(comparison):
        if TRIGGERED in (change.then, change.now):
            state = text(change.now.replace("_", " "), ": ", change.because)
            yield text(change.label), text(change.then.replace("_", " ")), state
    for key in WATCH_ITEMS:
        states = [str(side.found.case.watch[key].state[0]) for side in (then, now)]
        if states[0] != states[1] and TRIGGERED in states:
            seen = now.text(after.watch_seen(key))
            yield (
                text(f"Watch: {WATCH_LABELS[key].lower()}"),
                text(states[0].replace("_", " ")),
                text(states[1], ": ", seen),
            )
    yield from _input_rows(comparison)
    yield from _field_rows(told, comparison)


def _health(side: Side) -> Text:
    if side.found.tier == "unknown":
        return text("unknown, coverage ", side.ref("health.coverage"))
    return text(f"{side.found.tier}, ", side.ref("health.score"))


def _input_rows(comparison: Comparison) -> Iterator[tuple[Text, Text, Text]]:
    """Usage and ARR that are not the same on both days, where they are known on one of them."""
    before, after = (
        {made.key: made for made in side.found.all_figures()} for side in (comparison.then, comparison.now)
    )
    for label, key in (*COMPARED_INPUTS, ("ARR", "arr")):
        was, is_now = before.get(key), after.get(key)
        if (was and was.value) != (is_now and is_now.value):
            yield text(label), _value(comparison.then, was), _value(comparison.now, is_now)


def _value(side: Side, made: Figure | None) -> Text:
    return text(side.ref(made.key)) if made else text("unknown")


def _field_rows(told: Dossier, comparison: Comparison) -> Iterator[tuple[Text, Text, Text]]:
    then, now = comparison.then, comparison.now
    for field in changed_fields(then.found.case.account, now.found.case.account):
        cells = []
        for side in (then, now):
            if field.unit != WORD:
                told.stated.add((side.named(field_figure(side.found.case, field)),))
            cells.append(side.text(field_words(side.found.case, field)))
        yield text(field.label), cells[0], cells[1]


# ── People ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _people(told: Dossier, comparison: Comparison | None) -> list[Block]:
    """Who will likely be there: champions, those who decide, and who was heard of last."""
    present = told.present
    if not told.people:
        return [Heading(text=text("People")), Paragraph(text=text("No contact is on record: ask who will be there."))]
    since = comparison.since if comparison else dt.date.min
    left = [person for person in told.people if person.contact.left_on and person.contact.left_on > since]
    shown = sorted(present, key=lambda person: not _matters(person))[:MOST_PEOPLE]
    blocks: list[Block] = [Heading(text=text("People")), people_table(shown, len(present) - len(shown))]
    if left:
        words = listing([f"{person.name} ({person.part or 'contact'}, {person.contact.left_on})" for person in left])
        blocks.append(Paragraph(text=text(f"Left since then: {words}.")))
    return blocks


def _matters(person: Person) -> bool:
    return bool(person.contact.is_champion) or person.contact.stakeholder in DECIDERS or person.heard_on is not None


def _contact_notice(told: Dossier, comparison: Comparison | None) -> list[Notice]:
    if told.last_talk is not None:
        return []
    words = "No conversation is on record. Write one down with /health log after the call"
    against = f"; changes are told since {comparison.since}" if comparison else ""
    return [Notice(tone="warning", text=text(f"{words}{against}."))]
