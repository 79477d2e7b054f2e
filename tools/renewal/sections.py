"""The sections of the answer on one renewal, below its verdict."""

from collections.abc import Iterable, Iterator, Sequence

from app.domain.blocks import Block, Column, Heading, Notice, Paragraph, Table
from app.domain.figures import Figure, Text, text
from tools.health.open_work import goal_table
from tools.renewal.agenda import AgendaQuestion
from tools.renewal.blockers import LABELS
from tools.renewal.case import RenewalCase, step_figures
from tools.renewal.steps import PlannedStep, check_ins

EMERGENCY = "emergency_call"
PROMISE_NOTHING = "Ideas are proposals for approval: nothing is sent, offered or promised by this."


def sections(case: RenewalCase, questions: Sequence[AgendaQuestion]) -> Iterator[Block]:
    """Plan and blockers open, the rest folded."""
    if case.steps:
        yield from _plan(case)
    if case.blockers:
        yield Heading(text=text("In the way"))
        rows = [
            (text(LABELS[each.kind]), each.what, text(str(each.since or "–")), text(each.owner))
            for each in case.blockers
        ]
        yield table(("Kind", "What", "Since", "Whose"), rows)
    if questions:
        is_held = any(each.step.key == EMERGENCY and each.state == "done" for each in case.steps)
        yield Heading(text=text("What to ask next" if is_held else "Agenda of the emergency call"))
        yield table(("Ask", "Because"), [(text(each.ask), each.because) for each in questions])
    if case.steps:
        yield from _steps_in_full(case)
    yield Heading(text=text("ROI report"), folded=True)
    yield from roi_report(case)
    yield from _people(case)
    yield from _commit(case)
    yield from _anniversaries(case)
    yield from _ideas(case)
    yield Notice(tone="neutral", text=text(f"A mail with the value so far, to send: /renewal {case.account.id} review"))


def table(labels: Sequence[str], rows: Iterable[tuple[Text, ...]], more: Text = ()) -> Table:
    return Table(columns=tuple(Column(label=label) for label in labels), rows=tuple(rows), more=more)


def _plan(case: RenewalCase) -> Iterator[Block]:
    yield Heading(text=text("Plan"))
    titles = {each.step.key: each.step.title for each in case.steps}
    rows = []
    for planned in case.steps:
        days = step_figures(case.found.case, planned)
        case.stated.add(days.values())
        titled = text(f"T-{planned.step.days} {planned.step.title}")
        both = (text(days["by_decision"]), text(days["by_renewal"]))
        rows.append((titled, *both, _now(planned, days, titles), text(planned.reason or "–")))
    yield table(("Step", "From the decision", "From the renewal", "Now", "Why"), rows)
    yield from _binding(case)


def _now(planned: PlannedStep, days: dict[str, Figure], titles: dict[str, str]) -> Text:
    """What is to be done with the step, and by when."""
    match planned.state:
        case "done":
            return text("done ", days["done_on"])
        case "merged":
            return text(f"overdue: merged into “{titles[planned.into or '']}”")
        case "dropped":
            return text("overdue: dropped")
        case "kept":
            return text("overdue: by " if planned.overdue else "due ", days["do_by"])


def _binding(case: RenewalCase) -> Iterator[Block]:
    """Which of the two days counts, in a line."""
    term = case.term
    if term is None:
        return
    if not case.account.notice_days:
        words = "No notice period is on record, so both days are one."
        if case.account.notice_days == 0:
            words = "Notice can be given until the renewal itself, so both days are one."
    elif all(each.binding == "renewal" for each in case.steps):
        words = "The day for notice is over and the contract does not renew by itself: the days from the renewal count."
    else:
        words = (
            "What must be done before they can give notice counts from the decision date, the rest from the renewal."
        )
    yield Notice(tone="neutral", text=text(words))
    if case.account.term_months is not None and case.account.term_months < 3:
        months = f"{case.account.term_months} month{'' if case.account.term_months == 1 else 's'}"
        yield Notice(
            tone="neutral", text=text(f"The term of {months} is shorter than the plan, so steps are always late.")
        )


def _steps_in_full(case: RenewalCase) -> Iterator[Block]:
    yield Heading(text=text("What each step is"), folded=True)
    rows = []
    for planned in case.steps:
        if planned.state in ("merged", "dropped"):
            continue
        number = check_ins(planned, case.steps)
        weekly: Text = ()
        if number is not None:
            key, rule = f"renewal.{planned.step.key}.calls", "one a week from its day to the day of the outcome"
            calls = case.stated.number(key, f"{planned.step.title}: calls", number, "count", rule)
            weekly = text(" Calls left: ", calls, ".")
        rows.append((text(planned.step.title), text(case.told(planned.step), weekly), text(planned.step.owner)))
    yield table(("Step", "What to do", "Whose"), rows)
    words = f"Held one? Write it down, and the plan sees it: /health {case.account.id} log Health check held today"
    yield Notice(tone="neutral", text=text(words))


def roi_report(case: RenewalCase) -> Iterator[Block]:
    """What they pay, what each goal is worth, and the sum."""
    arr, figures = case.found.figures["arr"], case.value
    delivered, reach, roi = (figures[key] for key in ("value.delivered", "value.in_reach", "value.roi"))
    case.stated.add(figures.values())
    if not case.goals:
        yield Paragraph(text=text("No goal is on record. Ask: what did you buy it for, and what is that worth a year?"))
        return
    yield goal_table(case.goals, case.stated, case.found.case.as_of, case.found.case.currency)
    if roi.value is not None:
        yield Paragraph(text=text("Return: ", delivered, " delivered ÷ ", arr, " paid a year = ", roi, "."))
    if reach.value is not None:
        yield Paragraph(text=text("Not proven yet, on track: ", reach, ". It is in no sum above."))
    unvalued = [goal.title for goal in case.goals if goal.value_amount is None]
    if unvalued:
        yield Paragraph(text=text(f"Ask what it is worth a year: {'; '.join(unvalued)}."))
    if unknown := [goal.title for goal in case.goals if goal.status is None]:
        yield Paragraph(text=text(f"Ask where it stands: {'; '.join(unknown)}."))


def _people(case: RenewalCase) -> Iterator[Block]:
    yield Heading(text=text("Who decides and who speaks for us"), folded=True)
    rows = [
        (text(case.name_of(each)), text(each.part or "part unknown"), text(str(each.heard_on or "never")))
        for each in dict.fromkeys((*case.decision_makers, *case.champions))
    ]
    if rows:
        yield table(("Name", "Part", "Last heard"), rows)
    if not case.decision_makers:
        yield Paragraph(text=text("Ask: who decides on the renewal, who signs, and who else is heard before it?"))
    if not case.champions:
        yield Paragraph(text=text(f"No champion is there: /champion {case.account.id} names who could become one."))


def _commit(case: RenewalCase) -> Iterator[Block]:
    commit, usage = case.commit, case.usage
    if commit is None:
        return
    yield Heading(text=text("Use against the commit"), folded=True)
    if not usage:
        yield Paragraph(text=text(f"Unknown: {commit.missing}."))
        return
    case.stated.add(usage.values())
    use = commit.use
    span = f" ({use.first} to {use.last})" if use is not None else ""
    terms = text(usage["used"], f" used{span} ÷ ", usage["committed"], " committed to = ", usage["share"], ".")
    yield Paragraph(
        text=text(
            terms,
            f" The commit is the monthly quota of {case.account.api_quota_monthly:,} × ",
            usage["months"],
            " months.",
        )
    )
    if commit.late_start and use is not None:
        yield Paragraph(
            text=text(
                f"The term began on {use.period.first}, usage data begins on {use.first}: only that part is measured."
            )
        )
    if commit.missing:
        yield Paragraph(text=text(f"No judgement: {commit.missing}."))


def _anniversaries(case: RenewalCase) -> Iterator[Block]:
    term, as_of = case.term, case.found.case.as_of
    if term is None or not term.anniversaries:
        return
    yield Heading(text=text("Value checkpoints within the term"), folded=True)
    rows = []
    for number, day in enumerate(term.anniversaries, 1):
        figure = case.stated.number(
            f"renewal.anniversary.{number}",
            f"End of year {number} of the term",
            day,
            "date",
            "whole years before the term's end",
        )
        state = "over" if day < as_of else "ahead: show the value of the year, and set the goals of the next"
        rows.append((text(f"End of year {number}"), text(figure), text(state)))
    yield table(("Checkpoint", "Day", "State"), rows)


def _ideas(case: RenewalCase) -> Iterator[Block]:
    if not (case.at_risk or case.is_lapsed):
        return
    yield Heading(text=text("Commercial ideas"), folded=True)
    rows = [
        (text(offer.title), text(f"/renewal {case.account.id} propose {offer.example}"))
        for offer in case.parameters.offers.values()
    ]
    yield table(("Idea", "Propose it with"), rows)
    yield Notice(tone="neutral", text=text(PROMISE_NOTHING))
