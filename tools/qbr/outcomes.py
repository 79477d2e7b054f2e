"""Part 2: goals against results, and what they are worth."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.domain.blocks import Block, Metric, Metrics
from app.domain.figures import Evidence, Figure, Text, joined, text
from app.domain.records import Goal
from app.domain.value import value_figures
from tools.health.comparison import signed
from tools.health.open_work import past_due, progress
from tools.health.promises import shortened
from tools.qbr.data import GoalData, ValueData
from tools.qbr.parameters import GoalWord
from tools.qbr.review import NOT_KNOWN, Prompt, Review, Section, asked, heading, number, table

HEADING = "Part 2: goals and results"
VALUE_HEADING = "Part 2: value"

GOAL_COLUMNS = ("Goal", "Started at", "Aims at", "Stands at", "Progress", "How it stands")
WORTH_COLUMNS = ("Goal", "Worth to you", "How it stands")


@dataclass(frozen=True, slots=True)
class Result:
    """A goal and what has come of it. `progress` is the share of the way, `change` that of the baseline."""

    goal: Goal
    stands: GoalWord
    baseline: Text
    target: Text
    current: Text
    progress: Figure | None
    change: Figure | None
    worth: Figure | None

    def data(self) -> GoalData:
        goal = self.goal
        return GoalData(
            id=goal.id,
            title=goal.title,
            metric=goal.metric,
            baseline=goal.baseline,
            target=goal.target,
            current=goal.current,
            progress=number(self.progress),
            change=number(self.change),
            stands=self.stands,
            due=goal.due,
        )


def section(review: Review) -> Section:
    """Goals against results and their worth; a question where a number is missing."""
    found = results(review)
    worth = value_figures(review.snapshot, review.ctx.currency)
    review.stated.add(worth.values())
    goal_prompts, worth_prompts = tuple(_goal_prompts(review, found)), tuple(_worth_prompts(review, found))
    first = review.parameters.ask_first
    slides: list[Block] = [heading(HEADING), _goal_slide(review, found) if found else asked(goal_prompts, first)]
    value = _value_slide(review, found, worth)
    slides += [heading(VALUE_HEADING), *(value or [asked(worth_prompts, first)])]
    still_open = (*(goal_prompts if found else ()), *(worth_prompts if value else ()))
    values = {name: number(worth[f"value.{name}"]) for name in ("delivered", "in_reach", "roi")}
    data = {
        "goals": tuple(each.data() for each in found),
        "value": ValueData(**values, currency=worth["value.delivered"].unit),
    }
    line = text(_goal_line(review, found), _value_line(worth))
    notes = tuple(_notes(review, found, worth))
    return Section(tuple(slides), (*goal_prompts, *worth_prompts), still_open, line, notes, data)


def results(review: Review) -> list[Result]:
    """Each goal, the earliest due first."""
    goals = sorted(review.snapshot.goals, key=lambda goal: (goal.due or dt.date.max, goal.id))
    return [_result(review, goal) for goal in goals]


def stands(goal: Goal, as_of: dt.date) -> GoalWord:
    """How a goal stands: one that is on track no longer is once its day is over."""
    if goal.status == "on_track" and past_due(goal, as_of):
        return "past_due"
    return goal.status or "unknown"


def _result(review: Review, goal: Goal) -> Result:
    return Result(
        goal,
        stands(goal, review.ctx.as_of),
        _quantity(review, goal, "baseline", "Where it started"),
        _quantity(review, goal, "target", "Where it should be"),
        _quantity(review, goal, "current", "Where it is"),
        progress(goal, review.stated),
        _change(review, goal),
        _worth(review, goal),
    )


def _quantity(review: Review, goal: Goal, name: str, label: str) -> Text:
    """A goal's own number as it was given: what it counts is not known, so it is not rounded."""
    value: float | None = getattr(goal, name)
    if value is None:
        return text(NOT_KNOWN)
    evidence = (Evidence(kind="goals", id=goal.id),)
    key, told = f"qbr.goal.{goal.id}.{name}", f"{label}: {shortened(goal.title)}"
    return text(review.stated.number(key, told, f"{value:,.10g}", "text", "the goal's own field", evidence))


def _change(review: Review, goal: Goal) -> Figure | None:
    """100 × (current − baseline) ÷ baseline (persona §3.3: from 2.5 % to 3.1 % is +24 %); None from a baseline of 0."""
    if goal.current is None or not goal.baseline:
        return None
    value = 100 * (goal.current - goal.baseline) / abs(goal.baseline)
    rule = f"100 × ({goal.current:g} − {goal.baseline:g}) ÷ {abs(goal.baseline):g}"
    evidence, label = (Evidence(kind="goals", id=goal.id),), f"Change: {shortened(goal.title)}"
    return review.stated.number(f"qbr.goal.{goal.id}.change", label, value, "%", rule, evidence)


def _worth(review: Review, goal: Goal) -> Figure | None:
    if goal.value_amount is None:
        return None
    key, label, unit = f"goal.{goal.id}.value", f"Value of {shortened(goal.title)}", review.found.case.currency
    evidence = (Evidence(kind="goals", id=goal.id),)
    return review.stated.number(key, label, goal.value_amount, unit, "the goal's own field", evidence)


# ── Slides ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _goal_slide(review: Review, found: Sequence[Result]) -> Block:
    most = review.parameters.shown.goals
    rows = [
        (
            text(shortened(each.goal.title)),
            each.baseline,
            each.target,
            text(each.current, " (", signed(each.change), ")") if each.change else each.current,
            text(each.progress) if each.progress else text(NOT_KNOWN),
            text(told(review, each)),
        )
        for each in found[:most]
    ]
    more = text(f"Not shown: {len(found) - most} more.") if len(found) > most else ()
    return table(GOAL_COLUMNS, rows, more, right=GOAL_COLUMNS[1:5])


def told(review: Review, each: Result) -> str:
    """How a goal stands, with its day."""
    words, goal = review.parameters.goal_words[each.stands], each.goal
    if each.stands == "achieved":
        return f"{words} {goal.status_on}" if goal.status_on else words
    return f"{words}, due {goal.due}" if goal.due else words


def _value_slide(review: Review, found: Sequence[Result], worth: dict[str, Figure]) -> list[Block]:
    """The sums of what is achieved and on track, and each goal's worth."""
    labels = {
        "value.delivered": "Value delivered",
        "value.in_reach": "In reach",
        "value.roi": "Times what you pay",
    }
    items = tuple(
        Metric(label=label, value=text(worth[key])) for key, label in labels.items() if number(worth[key]) is not None
    )
    counted = [(each, each.worth) for each in found if each.worth]
    most = review.parameters.shown.worth
    rows = [
        (text(shortened(each.goal.title)), text(amount), text(told(review, each))) for each, amount in counted[:most]
    ]
    more = text(f"Not shown: {len(counted) - most} more.") if len(counted) > most else ()
    sums: list[Block] = [Metrics(items=items)] if items else []
    return [*sums, *([table(WORTH_COLUMNS, rows, more, right=WORTH_COLUMNS[1:2])] if rows else [])]


# ── Words ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _goal_prompts(review: Review, found: Sequence[Result]) -> Iterator[Prompt]:
    """What is missing of the goals: all of them, a measure, or a value that is not older than the quarter."""
    if not found:
        yield review.prompt("outcomes", "no_goals", "We have no goal of yours on record yet.")
    for each in found:
        goal, known_on = each.goal, each.goal.status_on
        since = known_on or review.account.contract_start or review.quarters.period.first
        filled = {"title": shortened(goal.title), "metric": goal.metric or goal.title, "since": since}
        if goal.baseline is None or goal.target is None:
            yield review.prompt("outcomes", "goal_measure", "Without a start and a target, we cannot tell.", **filled)
        elif goal.current is None:
            yield review.prompt("outcomes", "goal_result", "No result is on record.", **filled)
        elif each.stands != "achieved" and known_on is not None and known_on < review.quarters.period.first:
            yield review.prompt("outcomes", "goal_today", "Our number is older than the quarter.", **filled)


def _worth_prompts(review: Review, found: Sequence[Result]) -> Iterator[Prompt]:
    unvalued = [each for each in found if each.stands == "achieved" and each.worth is None]
    for each in unvalued:
        title = shortened(each.goal.title)
        yield review.prompt("outcomes", "worth", "You reached it, and its worth is not on record.", title=title)
    if not unvalued and not any(each.worth for each in found):
        yield review.prompt("outcomes", "no_worth", "No worth of your goals is on record.")


def achieved(review: Review, found: Sequence[Result]) -> tuple[Figure, Figure]:
    """How many goals are achieved, and of how many."""
    records = [Evidence(kind="goals", id=each.goal.id) for each in found]
    done = tuple(record for record, each in zip(records, found, strict=True) if each.stands == "achieved")
    count = review.stated.count
    return (
        count("qbr.goals.achieved", "Goals achieved", done, "goals with the status achieved"),
        count("qbr.goals.total", "Goals", tuple(records), "goals on record"),
    )


def _goal_line(review: Review, found: Sequence[Result]) -> Text:
    """The goals in the verdict, the first three."""
    parts = [
        text(f"“{shortened(each.goal.title)}” ", each.progress, f" of the way ({told(review, each)})")
        for each in found
        if each.progress
    ]
    return text("Goals: ", joined(parts[:3], "; "), ". ") if parts else ()


def _value_line(worth: dict[str, Figure]) -> Text:
    delivered, roi = worth["value.delivered"], worth["value.roi"]
    if number(delivered) is None:
        return ()
    times = text(", ", roi, " times what is paid") if number(roi) is not None else ()
    return text("Value delivered: ", delivered, times, ".")


def _notes(review: Review, found: Sequence[Result], worth: dict[str, Figure]) -> Iterator[Text]:
    delivered, roi = worth["value.delivered"], worth["value.roi"]
    if number(delivered) is not None and number(roi) is not None:
        arr = review.found.figures["arr"]
        yield text("ROI: ", delivered, " delivered ÷ ", arr, " ARR = ", roi, "x.")
    if (times := number(roi)) is not None and times < 1:
        reach = worth["value.in_reach"]
        near = text(", with ", reach, " in reach") if number(reach) is not None else ()
        yield text("So far they get less than they pay", near, ": say what is next before they do.")
    for each in found:
        if each.stands in ("missed", "at_risk", "past_due"):
            words = review.parameters.goal_words[each.stands]
            yield text(f"“{shortened(each.goal.title)}” is {words}: say so first, with what changes now.")
