"""The plan of a renewal: every step with both its due days, and what becomes of those that are overdue."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.domain.windows import add_working_days
from tools.renewal.facts import Done, Facts
from tools.renewal.parameters import Anchor, LateRule, RenewalParameters, Step
from tools.renewal.terms import Term

State = Literal["kept", "merged", "dropped", "done"]
WEEK_DAYS = 7

Verdicts = dict[str, tuple[State, str | None, str]]
"""What becomes of the steps that are not done, by key: the state, the step that it goes into, and why."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step with its due day from the renewal date and from the decision date; `due` is the one that `binding` names.

    Due days on a weekend are the Friday before. `do_by` is the day for what is kept: the due day, or where that is over
    (`overdue`) a day soon. `into` is the step into which a merged one goes. `reason` says why it is not simply due.
    """

    step: Step
    by_renewal: dt.date
    by_decision: dt.date
    binding: Anchor
    due: dt.date
    state: State
    overdue: bool
    do_by: dt.date | None
    into: str | None
    reason: str
    done: Done | None


def plan(
    term: Term, facts: Facts, as_of: dt.date, parameters: RenewalParameters, *, at_risk: bool
) -> tuple[PlannedStep, ...]:
    """The steps for the account, in their order. Each is exactly one of kept, merged, dropped and done."""
    steps = [step for step in parameters.steps if at_risk or not step.at_risk_only]
    due = {step.key: _due(step, term, as_of) for step in steps}
    done = {step.key: facts.done(step, due[step.key], as_of) for step in steps}
    open_steps = [step for step in steps if done[step.key] is None]
    verdicts: Verdicts = {}
    for step in reversed(open_steps):
        verdicts[step.key] = _verdict(step, term, as_of, due, verdicts)
    soon = _soon(open_steps, due, verdicts, as_of, parameters.late_working_days)
    return tuple(_planned(step, term, as_of, due[step.key], done[step.key], verdicts, soon) for step in steps)


def _planned(
    step: Step,
    term: Term,
    as_of: dt.date,
    due: dt.date,
    done: Done | None,
    verdicts: Verdicts,
    soon: dt.date,
) -> PlannedStep:
    state, into, reason = ("done", None, "") if done is not None else verdicts[step.key]
    return PlannedStep(
        step=step,
        by_renewal=_before(term.renewal, step.days),
        by_decision=_before(term.decision, step.days),
        binding=binding(step, term, as_of),
        due=due,
        state=state,
        overdue=done is None and due < as_of,
        do_by=(due if due >= as_of else soon) if state == "kept" else None,
        into=into,
        reason=reason,
        done=done,
    )


def binding(step: Step, term: Term, as_of: dt.date) -> Anchor:
    """The decision date for what must be done before notice can be given.

    Once that day is over, and the contract does not renew by itself, only the renewal date is left.
    """
    if not step.before_notice or (term.decision_over(as_of) and not term.renews):
        return "renewal"
    return "decision"


def next_step(steps: Sequence[PlannedStep]) -> PlannedStep | None:
    """What is to be done first: of the steps that are kept the one with the nearest day."""
    kept = [each for each in steps if each.do_by is not None]
    return min(kept, key=lambda each: each.do_by or dt.date.max, default=None)


def check_ins(step: PlannedStep, steps: Sequence[PlannedStep]) -> int | None:
    """How many weekly calls there are from a step's day to the day of the step that ends them; None where it has none.

    The last is on that day or in the week before it.
    """
    end = next((each for each in steps if each.step.key == step.step.weekly_until), None)
    if step.do_by is None or end is None:
        return None
    until = end.do_by or end.due
    return 1 + max(0, (until - step.do_by).days) // WEEK_DAYS


def _due(step: Step, term: Term, as_of: dt.date) -> dt.date:
    anchor = term.decision if binding(step, term, as_of) == "decision" else term.renewal
    return _before(anchor, step.days)


def _before(anchor: dt.date, days: int) -> dt.date:
    """So many days before; the Friday before where that is a weekend."""
    return add_working_days(anchor - dt.timedelta(days=days), 0)


def _verdict(
    step: Step,
    term: Term,
    as_of: dt.date,
    due: dict[str, dt.date],
    later: Verdicts,
) -> tuple[State, str | None, str]:
    """What becomes of a step that is not done. One that is merged goes where its goal goes, and is dropped with it."""
    if due[step.key] >= as_of:
        return "kept", None, ""
    rule = next(rule for rule in step.late if _applies(rule, term, as_of, due))
    if rule.do == "keep":
        return "kept", None, rule.reason
    if rule.into is None:
        return "dropped", None, rule.reason
    if rule.into not in later:
        return "dropped", None, "The meeting that it would have gone into has taken place"
    state, into, reason = later[rule.into]
    if state == "dropped":
        return "dropped", None, reason
    return "merged", into if state == "merged" else rule.into, rule.reason


def _applies(rule: LateRule, term: Term, as_of: dt.date, due: dict[str, dt.date]) -> bool:
    """A day is still ahead until it is over; a later step until its due day is reached."""
    anchors = {"decision": term.decision, "renewal": term.renewal}
    if rule.auto_renew is not None and rule.auto_renew != bool(term.renews):
        return False
    if rule.after is not None and as_of <= anchors[rule.after]:
        return False
    if rule.before is None:
        return True
    if rule.before in anchors:
        return as_of <= anchors[rule.before]
    return rule.before in due and as_of < due[rule.before]


def _soon(
    steps: Sequence[Step],
    due: dict[str, dt.date],
    verdicts: Verdicts,
    as_of: dt.date,
    working_days: int,
) -> dt.date:
    """The day for overdue steps that are kept: within the working days, and not after the next step that is due."""
    ahead = [due[step.key] for step in steps if verdicts[step.key][0] == "kept" and due[step.key] >= as_of]
    return max(as_of, min([add_working_days(as_of, working_days), *ahead]))
