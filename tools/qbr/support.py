"""Part 2, how we have served the customer: tickets, time to resolution, NPS and incidents, told as they are."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from app.domain.blocks import Block
from app.domain.figures import Evidence, Figure, Text, text
from app.domain.periods import Period
from app.domain.records import NpsResponse, Severity, Ticket
from app.domain.snapshot import Flags
from app.domain.windows import end_of_day, instant
from tools.health import selections
from tools.health.open_work import NO_SEVERITY
from tools.health.promises import shortened
from tools.health.wording import counted
from tools.qbr.data import IncidentData, SupportData
from tools.qbr.review import NOT_KNOWN, NOTHING, Prompt, Review, Section, asked, heading, number, table

HEADING = "Part 2: support"
INCIDENT_HEADING = "Part 2: incidents"

COLUMNS = ("Measured", "Quarter before", "Reviewed quarter")
INCIDENT_COLUMNS = ("Ticket", "Severity", "Opened on", "How long", "Subject")

PROMOTER, DETRACTOR = 9, 6

MEASURES = (
    ("opened", "Tickets opened"),
    ("resolved", "Tickets solved"),
    ("median_hours", "Median hours to a solution"),
    ("sev1", "SEV1 tickets opened"),
    ("sev2", "SEV2 tickets opened"),
)


@dataclass(frozen=True, slots=True)
class Incident:
    """A severe ticket; `hours` to its resolution where it is resolved, else `age` in days."""

    ticket: Ticket
    severity: Severity
    opened_on: dt.date
    hours: Figure | None
    age: Figure | None

    def data(self) -> IncidentData:
        return IncidentData(
            ticket=self.ticket.id,
            severity=self.severity,
            opened_on=self.opened_on,
            hours=number(self.hours),
            subject=self.ticket.subject,
        )


def section(review: Review) -> Section:
    """Support of the quarter beside the quarter before, then every incident; a question where nothing is known."""
    quarters = review.quarters
    now = _measures(review, _told_days(review, quarters.period))
    before = _measures(review, _compared_days(review))
    nps, severe = nps_figures(review, quarters.period), incidents(review)
    prompts = tuple(_prompts(review, now, nps))
    rows: list[tuple[Text, ...]] = [
        (text(label), text(before[key]) if key in before else text(NOTHING), text(now[key]))
        for key, label in MEASURES
        if key in now
    ]
    rows += _nps_rows(review, nps)
    slides: list[Block] = [heading(HEADING)]
    slides.append(table(COLUMNS, rows, right=COLUMNS[1:]) if rows else asked(prompts, review.parameters.ask_first))
    if severe:
        slides += [heading(INCIDENT_HEADING), _incident_slide(review, severe)]
    data = {"support": _data(now, nps), "incidents": tuple(each.data() for each in severe)}
    notes = tuple(_notes(review, nps, severe))
    return Section(tuple(slides), prompts, prompts if rows else (), _line(review, now, severe), notes, data)


# ── Tickets ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _covered(review: Review) -> int:
    """The last day that the ticket feed covers, as an ordinal; 0 where there is none."""
    return int(review.snapshot.columns.feeds.window_end("tickets")[0])


def _told_days(review: Review, period: Period) -> Period | None:
    """The part of a period that the ticket feed covers; None where the customer came later."""
    last, start = _covered(review), review.customer_since
    if last < period.first.toordinal() or (start is not None and start > period.last):
        return None
    return Period(period.name, period.first, min(period.last, dt.date.fromordinal(last)), period.months)


def _compared_days(review: Review) -> Period | None:
    """Of the quarter before, as many days; None where the customer came later."""
    start = review.customer_since
    return review.quarters.days_alike(start.toordinal() if start else 1, _covered(review))


def _measures(review: Review, days: Period | None) -> dict[str, Figure]:
    """The figures of a period's tickets; the median is left out where none was resolved."""
    if days is None:
        return {}
    columns = review.snapshot.columns.tickets
    opened = _within(review, columns.opened_at, days)
    resolved = _within(review, columns.resolved_at, days) & ~selections.tickets_misdated(review.snapshot.columns)
    found = {
        "opened": _count(review, "opened", "Tickets opened", opened, days, "opened in the period"),
        "resolved": _count(review, "resolved", "Tickets resolved", resolved, days, "resolved in the period, and since"),
    }
    for severity in (1, 2):
        key, label = f"sev{severity}", f"SEV{severity} tickets opened"
        rows = opened & (columns.severity == severity)
        found[key] = _count(review, key, label, rows, days, f"opened in the period, of severity SEV{severity}")
    if resolved.any():
        hours = (columns.resolved_at[resolved] - columns.opened_at[resolved]) / np.timedelta64(1, "h")
        rule = "median of the calendar hours from opening to resolution, of the tickets resolved in the period"
        key, label = f"qbr.support.median_hours.{days.name}", f"Median hours to resolution, {days.name}"
        evidence = found["resolved"].evidence
        found["median_hours"] = review.stated.number(key, label, float(np.median(hours)), "hours", rule, evidence)
    return found


def _within(review: Review, moments: np.ndarray, days: Period) -> Flags:
    zone = review.snapshot.columns.timezone
    first = instant(end_of_day(days.first - dt.timedelta(days=1), zone))
    inside: Flags = (moments >= first) & (moments < instant(end_of_day(days.last, zone)))
    return inside


def _count(review: Review, key: str, label: str, rows: Flags, days: Period, rule: str) -> Figure:
    columns, zone = review.snapshot.columns.tickets, review.snapshot.columns.timezone
    opened = {ticket.id: ticket.opened_at.astimezone(zone).date() for ticket in review.snapshot.tickets}
    records = tuple(Evidence(kind="tickets", id=str(each), date=opened.get(str(each))) for each in columns.id[rows])
    return review.stated.count(f"qbr.support.{key}.{days.name}", f"{label}, {days.name}", records, rule, "tickets")


# ── NPS ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def latest(responses: Sequence[NpsResponse]) -> list[NpsResponse]:
    """Each contact's latest response, and every anonymous one."""
    ordered = sorted(responses, key=lambda each: (each.responded_at, each.id))
    named = {each.contact_id: each for each in ordered if each.contact_id}
    return [each for each in ordered if each.contact_id is None or named[each.contact_id] is each]


def net_promoter_score(scores: Sequence[int]) -> float | None:
    """100 × (promoters − detractors) ÷ responses; None of none."""
    if not scores:
        return None
    promoters = sum(score >= PROMOTER for score in scores)
    return 100 * (promoters - sum(score <= DETRACTOR for score in scores)) / len(scores)


def nps_figures(review: Review, period: Period) -> dict[str, Figure]:
    """`score` and `answers` of a period."""
    zone = review.snapshot.columns.timezone
    days = {each.id: each.responded_at.astimezone(zone).date() for each in review.snapshot.nps}
    told = latest([each for each in review.snapshot.nps if days[each.id] in period])
    records = tuple(Evidence(kind="nps", id=each.id, date=days[each.id]) for each in told)
    name, rule = period.name, "100 × (promoters − detractors) ÷ responses of the period, each contact's latest"
    answers = review.stated.count(f"qbr.nps.answers.{name}", f"NPS responses, {name}", records, "in the period")
    value = net_promoter_score([each.score for each in told])
    score = review.stated.number(f"qbr.nps.score.{name}", f"NPS, {name}", value, "points", rule, answers.evidence)
    return {"score": score, "answers": answers}


def _nps_rows(review: Review, nps: dict[str, Figure]) -> list[tuple[Text, ...]]:
    """So few answers that a reader could tell whose they are stand in the speaker's notes alone."""
    answers = number(nps["answers"]) or 0
    if answers < review.parameters.rules.nps_least:
        return []
    told = text(nps["score"], " of ", counted(nps["answers"], "answer", "answers"))
    return [(text("NPS (−100 to 100)"), text(NOTHING), told)]


# ── Incidents ─────────────────────────────────────────────────────────────────────────────────────────────────────


def incidents(review: Review) -> list[Incident]:
    """Tickets of a severity that counts, opened from the quarter's first day to as_of, or still open; newest first."""
    zone = review.snapshot.columns.timezone
    first, as_of = review.quarters.period.first, review.ctx.as_of
    found = []
    columns = review.snapshot.columns.tickets
    still = {str(i) for i, at in zip(columns.id, columns.resolved_at, strict=True) if np.isnat(at)}
    for ticket in review.snapshot.tickets:
        severity, opened_on = ticket.severity or NO_SEVERITY, ticket.opened_at.astimezone(zone).date()
        if severity in review.parameters.rules.incident_severities and (opened_on >= first or ticket.id in still):
            evidence = (Evidence(kind="tickets", id=ticket.id, date=opened_on),)
            is_open = ticket.id in still
            hours = None if is_open else _hours(review, ticket, evidence)
            age = _age(review, ticket.id, (as_of - opened_on).days, evidence) if is_open else None
            found.append(Incident(ticket, severity, opened_on, hours, age))
    return sorted(
        found, key=lambda each: (each.age is None, each.severity, -each.opened_on.toordinal(), each.ticket.id)
    )


def _hours(review: Review, ticket: Ticket, evidence: tuple[Evidence, ...]) -> Figure | None:
    if ticket.resolved_at is None or ticket.resolved_at < ticket.opened_at:
        return None
    hours = (ticket.resolved_at - ticket.opened_at).total_seconds() / 3600
    key, rule = f"qbr.incident.{ticket.id}.hours", "calendar hours from its opening to its resolution"
    return review.stated.number(key, f"Hours to the resolution of {ticket.id}", hours, "hours", rule, evidence)


def _age(review: Review, ticket_id: str, days: int, evidence: tuple[Evidence, ...]) -> Figure:
    label, rule = f"Age of ticket {ticket_id}", "days from its opening to as_of"
    return review.stated.number(f"ticket.{ticket_id}.age", label, days, "days", rule, evidence)


def _incident_slide(review: Review, severe: Sequence[Incident]) -> Block:
    most = review.parameters.shown.incidents
    rows = [
        (
            text(each.ticket.id),
            text(each.severity),
            text(str(each.opened_on)),
            lasted(each),
            text(shortened(each.ticket.subject or "") or NOTHING),
        )
        for each in severe[:most]
    ]
    more = text(f"Not shown: {len(severe) - most} more.") if len(severe) > most else ()
    return table(INCIDENT_COLUMNS, rows, more)


def lasted(each: Incident) -> Text:
    """How long it took, or that it is open."""
    if each.age is not None:
        return text("open for ", counted(each.age, "day", "days"))
    return text(counted(each.hours, "hour", "hours")) if each.hours else text(NOT_KNOWN)


# ── Words ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _prompts(review: Review, now: dict[str, Figure], nps: dict[str, Figure]) -> Iterator[Prompt]:
    if not now:
        yield review.prompt("outcomes", "support", "Our records hold no tickets of the quarter.")
    if not number(nps["answers"]) and not _answered_since(review):
        yield review.prompt("outcomes", "recommend", "Nobody of yours has answered since the quarter began.")


def _answered_since(review: Review) -> bool:
    """Whether anybody has answered since the quarter began."""
    zone, first = review.snapshot.columns.timezone, review.quarters.period.first
    return any(each.responded_at.astimezone(zone).date() >= first for each in review.snapshot.nps)


def open_incidents(review: Review, severe: Sequence[Incident]) -> Figure | None:
    """How many of them are open on the answer's day; None of none."""
    records = tuple(
        Evidence(kind="tickets", id=each.ticket.id, date=each.opened_on) for each in severe if each.age is not None
    )
    if not records:
        return None
    rule = f"open, of severity {' or '.join(review.parameters.rules.incident_severities)}"
    return review.stated.count("qbr.incident.open", "Severe tickets open", records, rule, "tickets")


def _line(review: Review, now: dict[str, Figure], severe: Sequence[Incident]) -> Text:
    if not now:
        return ()
    median = text(", median ", now["median_hours"], " hours to a solution") if "median_hours" in now else ()
    worst = text(", SEV1: ", now["sev1"], ", SEV2: ", now["sev2"])
    still = open_incidents(review, severe)
    open_now = text("; severe ones open now: ", still) if still else ()
    opened = counted(now["opened"], "ticket", "tickets")
    return text("Support: ", opened, " opened, ", now["resolved"], " solved", median, worst, open_now, ".")


def _notes(review: Review, nps: dict[str, Figure], severe: Sequence[Incident]) -> Iterator[Text]:
    answers = number(nps["answers"]) or 0
    if 0 < answers < review.parameters.rules.nps_least:
        told = counted(nps["answers"], "answer", "answers")
        yield text("NPS of the quarter: ", nps["score"], " of ", told, ". Not on a slide: too few to hide whose it is.")
    if not answers and _answered_since(review) and (lately := review.found.components.get("nps")):
        review.stated.add((lately["score"],))
        yield text("They answered since the quarter ended: NPS ", lately["score"], " of the last half year.")
    for each in severe[:2]:
        state = (
            "still open: say what happens now" if each.age else "say what failed, and what keeps it from coming back"
        )
        yield text(f"{each.severity} {each.ticket.id} of {each.opened_on} is on a slide; {state}.")


def _data(now: dict[str, Figure], nps: dict[str, Figure]) -> SupportData:
    def whole(key: str) -> int | None:
        value = number(now.get(key))
        return None if value is None else int(value)

    return SupportData(
        opened=whole("opened"),
        resolved=whole("resolved"),
        median_hours=number(now.get("median_hours")),
        sev1=whole("sev1"),
        sev2=whole("sev2"),
        nps=number(nps["score"]),
        nps_answers=int(number(nps["answers"]) or 0),
    )
