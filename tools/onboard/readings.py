"""What data show of a milestone's measures: whether each holds on as_of, since which day, and what it rests on.

A measure that once held and no longer does counts as not held; what was reached for good is signed with `done`.
"""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from app.domain.figures import Evidence, Figure, Text, text
from app.domain.first_value import first_value_day, first_value_figures
from app.domain.records import TouchpointKind
from tools.health.inputs import component_inputs
from tools.health.wording import counted
from tools.onboard import checklists, discovery, runs
from tools.onboard.material import Material
from tools.onboard.parameters import Measure, MeasureKind
from tools.onboard.runs import MONTH, WEEK, Run
from tools.onboard.traffic import MovedShare, Planned, moved_share, planned

Holds = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure as of as_of. `on` is the day since which it holds, None where that is not on record."""

    measure: Measure
    holds: Holds
    seen: Text
    on: dt.date | None = None
    figures: tuple[Figure, ...] = ()


def read(material: Material, measure: Measure) -> Reading:
    """What data show of one measure."""
    return _READERS[measure.kind](material, measure)


def _reading(measure: Measure, holds: bool | None, seen: Text, on: dt.date | None = None, *figures: Figure) -> Reading:
    state: Holds = "unknown" if holds is None else "yes" if holds else "no"
    return Reading(measure, state, seen, on if holds else None, figures)


# ── Meetings ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _meetings(
    material: Material, measure: Measure, kinds: tuple[TouchpointKind, ...], what: str, before: int
) -> Reading:
    """As many meetings of these kinds as the measure asks for, 1 without a number."""
    least = int(measure.least or 1)
    held = material.held(kinds, before)
    if len(held) < least and not material.case.portfolio.feeds.connected("touchpoints")[material.case.row]:
        return _reading(measure, None, text("no meetings are on record: no source of them is connected"))
    evidence = tuple(each.evidence for each in held)
    rule = f"attended meetings of the kinds {', '.join(kinds).replace('_', ' ')} since the contract's start"
    number = material.figure(f"{measure.kind}.held", what.capitalize(), len(held), "count", rule, evidence)
    if not held:
        return _reading(measure, False, text(f"no {what} on record yet"))
    last = held[least - 1].on if len(held) >= least else held[-1].on
    if least == 1:
        return _reading(measure, True, text(f"{held[0].kind.replace('_', ' ')} held on {held[0].on}"), held[0].on)
    return _reading(
        measure, len(held) >= least, text(number, f" held, {least} asked for, the last on {last}"), last, number
    )


def _kickoff(material: Material, measure: Measure) -> Reading:
    rules = material.parameters.measuring
    return _meetings(material, measure, rules.kickoff_kinds, "meeting", rules.before_start_days)


def _trainings(material: Material, measure: Measure) -> Reading:
    return _meetings(material, measure, material.parameters.measuring.training_kinds, "training session", 0)


def _health_check(material: Material, measure: Measure) -> Reading:
    return _meetings(material, measure, material.parameters.measuring.review_kinds, "review", 0)


# ── Lists, goals ──────────────────────────────────────────────────────────────────────────────────────────────────


def _discovery(material: Material, measure: Measure) -> Reading:
    answers = discovery.answers(material)
    known = [answer for answer in answers if not answer.is_open]
    evidence = tuple(each for answer in known for each in answer.evidence)
    rule = "questions of discovery that goals, contacts or a written answer answer"
    number = material.figure("discovery.answered", "Discovery questions answered", len(known), "count", rule, evidence)
    holds = len(known) == len(answers) if known else None
    days = [answer.on for answer in answers]
    on = max((day for day in days if day), default=None) if None not in days else None
    return _reading(measure, holds, text(number, f" of {len(answers)} questions answered"), on, number)


def _readiness(material: Material, measure: Measure) -> Reading:
    lines = checklists.readiness(material)
    required = [line for line in lines if line.item.required]
    closed = [line for line in required if line.is_closed]
    evidence = tuple(each for line in closed for each in line.evidence)
    rule = "required items of the readiness list that are in place or do not apply"
    number = material.figure("readiness.closed", "Readiness items in place", len(closed), "count", rule, evidence)
    seen = text(number, f" of {len(required)} required items in place")
    told = bool(closed) or any(line.state == "no" for line in required)
    holds = len(closed) == len(required) if told else None
    return _reading(measure, holds, seen, checklists.ready_on(lines), number)


def _go_live(material: Material, measure: Measure) -> Reading:
    signed = checklists.signatures(material)
    days = [each.on for each in signed]
    have = [day for day in days if day]
    seen = text(f"signed by {len(have)} of {len(signed)} roles")
    return _reading(measure, len(have) == len(signed) if have else None, seen, max(have, default=None))


def _goals(material: Material, measure: Measure) -> Reading:
    """Every goal that is due by the end of onboarding is settled: achieved or missed."""
    ends = material.ends
    due = [goal for goal in material.goals if goal.due and ends and goal.due <= ends]
    if not due:
        return _reading(measure, None, text("no goal is due by the end of the plan"))
    settled = [
        goal
        for goal in due
        if goal.status in ("achieved", "missed") and (goal.status_on is None or goal.status_on <= material.as_of)
    ]
    evidence = tuple(Evidence(kind="goals", id=goal.id) for goal in settled)
    rule = "goals due by the end of onboarding that were achieved or missed"
    number = material.figure("goals.settled", "Goals settled", len(settled), "count", rule, evidence)
    days = [goal.status_on for goal in settled]
    on = max((day for day in days if day), default=None) if None not in days else None
    return _reading(measure, len(settled) == len(due), text(number, f" of {len(due)} goals settled"), on, number)


# ── Use ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _first_use(material: Material, measure: Measure) -> Reading:
    """The first call or active user in any environment, or the first use of a feature in production."""
    row, model, use = material.case.row, material.account.usage_model, material.first_use
    columns = {"seats": (use.users_on,), "api": (use.calls_on,), "hybrid": (use.calls_on, use.users_on)}[model]
    days = [int(column[row]) for column in (*columns, use.production_on) if column[row]]
    if days:
        first = dt.date.fromordinal(min(days))
        return _reading(measure, True, text(f"first use on {first}"), first)
    if not material.usable("usage"):
        return _reading(measure, None, text(_no_usage(material)))
    return _reading(measure, False, text("no use on record yet"))


def _production(material: Material, measure: Measure) -> Reading:
    """A live integration in production; where none is on record at all, the first production use."""
    if material.integrations:
        live = checklists.live(material, "production")
        if live:
            named = ", ".join(each.kind for each in live)
            return _reading(measure, True, text(f"live in production: {named}"))
        states = ", ".join(
            f"{i.kind} {i.status or 'without a status'} ({i.environment})" for i in material.integrations
        )
        return _reading(measure, False, text(f"none is live in production: {states}"))
    portfolio, row = material.case.portfolio, material.case.row
    first = first_value_day(portfolio, material.first_use, row)
    if first is not None:
        figure = first_value_figures(portfolio, material.first_use, row)["ttv.first_use_on"]
        return _reading(measure, True, text("first production use on ", figure), first, figure)
    return _reading(measure, None, text("no integration and no production use is on record"))


def _calls(material: Material, measure: Measure) -> Reading:
    """All API calls so far. Those of a sandbox are among them where the feed does not part them."""
    least, usage, row = measure.least or 0, material.case.portfolio.usage, material.case.row
    window = float(usage.calls_28[row]) + float(usage.calls_prior_84[row])
    if math.isnan(window):
        return _reading(measure, None, text(_no_usage(material)))
    if material.daily is None:
        older = window < least and material.as_of.toordinal() - int(usage.calls_first[row]) >= MONTH + 84
        return _reading(measure, None if older else window >= least, ())
    total = float(np.nansum(material.daily.api_calls))
    first, last = (dt.date.fromordinal(int(day)) for day in (usage.calls_first[row], material.daily.last))
    evidence = (Evidence(kind="usage", first=first, last=last, count=len(material.daily.day)),)
    number = material.figure("calls", "API calls so far", total, "calls", "sum of all days on record", evidence)
    run = runs.reached(material.daily, least)
    return _reading(
        measure, total >= least, text(number, f" API calls so far, {least:,.10g} asked for"), run.since, number
    )


def _traffic(material: Material, measure: Measure) -> Reading:
    """Calls of seven days, made a month's, per the planned volume; or a goal that is the share itself."""
    least = measure.least or 0
    moved = moved_share(material)
    if moved is not None:
        return _moved_goal(material, measure, moved)
    volume, usage, row = planned(material), material.case.portfolio.usage, material.case.row
    calls, factor = float(usage.calls_7[row]), material.parameters.measuring.month_days / WEEK
    if volume is None:
        ask = material.parameters.volume.item
        return _reading(measure, None, text(f"no planned volume and no quota to measure it by: answer {ask} NUMBER"))
    if math.isnan(calls) or not material.usable("usage"):
        return _reading(measure, None, text(_no_usage(material)))
    share = 100 * calls * factor / volume.calls
    number = material.figure(
        "traffic_share", "Share of the traffic", share, "%", _rule(material, volume, calls), volume.evidence
    )
    run = runs.weekly_calls(material.daily, least / 100 * volume.calls / factor) if material.daily else Run()
    seen = text(number, f" of the traffic ({volume.words})", _lost(run, share >= least))
    return _reading(measure, share >= least, seen, run.since, number)


def _rule(material: Material, volume: Planned, calls: float) -> str:
    days = material.parameters.measuring.month_days
    calls_a_month = f"{calls:,.10g} calls of the last {WEEK} covered days × {days:g} ÷ {WEEK}"
    return f"100 × {calls_a_month} ÷ {volume.calls:,.10g} a month: {volume.words}"


def _moved_goal(material: Material, measure: Measure, moved: MovedShare) -> Reading:
    evidence = (Evidence(kind="goals", id=moved.goal.id),)
    rule = "the current value of the goal that measures it"
    number = material.figure("traffic_share", "Share of the traffic", moved.percent, "%", rule, evidence)
    holds = moved.percent >= (measure.least or 0)
    return _reading(measure, holds, text(number, " of the traffic, as the goal says"), moved.goal.status_on, number)


def _weekly_users(material: Material, measure: Measure) -> Reading:
    """Active users of a mean working day per seat: at least so many sign in within a week."""
    inputs, rules = component_inputs(material.case).get("dau"), material.parameters.measuring
    if inputs is None:
        return _reading(measure, None, text("seats do not apply to this account"))
    seats = inputs["seats"].value
    if not isinstance(seats, (int, float)) or not seats:
        return _reading(measure, None, text("the number of licensed seats is not on record"))
    few = seats <= rules.few_seats and inputs["distinct"].value is not None
    users = inputs["distinct" if few else "mean"]
    if not isinstance(users.value, (int, float)) or not material.usable("usage"):
        return _reading(measure, None, text(_no_usage(material)))
    share, least = 100 * users.value / seats, measure.least or 0
    said = (
        "people who used it in 28 days" if few else "active users of a mean working day, so at least that many a week"
    )
    rule = f"100 × {said} ÷ licensed seats"
    number = material.figure("weekly_share", "Share of seats that sign in", share, "%", rule, users.evidence)
    run = Run()
    if material.daily is not None and not few:
        run = runs.working_day_users(material.daily, least / 100 * seats)
    seen = text(number, " of ", counted(inputs["seats"], "seat", "seats"), f" at least, {least:g} % asked for")
    return _reading(
        measure, share >= least, text(seen, _lost(run, share >= least)), run.since, number, inputs["seats"], users
    )


def _features(material: Material, measure: Measure) -> Reading:
    """Different features used in production in the last 28 covered days."""
    columns, row, least = material.case.portfolio.features, material.case.row, measure.least or 0
    if not material.case.portfolio.features_first[row] or not material.usable("feature_usage"):
        return _reading(measure, None, text("no use of features is on record, or it is too old"))
    own = (columns.account == row) & (columns.environment == "production")
    names = sorted(set(columns.feature[own].tolist()))
    last = dt.date.fromordinal(int(columns.last_day[own].max())) if own.any() else None
    evidence = (Evidence(kind="feature_usage", date=last, count=len(names)),) if names else ()
    rule = "distinct features used in production in the last 28 covered days"
    number = material.figure("features_in_production", "Features in production", len(names), "features", rule, evidence)
    run = runs.features_in_use(material.feature_days, "production", least) if material.feature_days else Run()
    shown = f" ({', '.join(name.replace('_', ' ') for name in names[:5])})" if names else ""
    noun = counted(number, "feature", "features")
    seen = text(noun, f" in production{shown}, {least:g} asked for", _lost(run, len(names) >= least))
    return _reading(measure, len(names) >= least, seen, run.since, number)


def _lost(run: Run, holds: bool) -> str:
    """That it held once, where it no longer does."""
    return f"; it held on {run.once}, and no longer does" if run.once and not holds else ""


def _no_usage(material: Material) -> str:
    last = material.case.feed_last("usage")
    if last is None:
        return "no use is on record: no source of it is connected"
    if material.usable("usage"):
        return "no use is on record yet"
    return f"use is on record to {last} only, which says nothing of {material.as_of}"


_READERS: Mapping[MeasureKind, Callable[[Material, Measure], Reading]] = {
    "kickoff": _kickoff,
    "discovery": _discovery,
    "first_use": _first_use,
    "readiness": _readiness,
    "trainings": _trainings,
    "go_live": _go_live,
    "production": _production,
    "calls": _calls,
    "traffic": _traffic,
    "weekly_users": _weekly_users,
    "features": _features,
    "health_check": _health_check,
    "goals": _goals,
}
