"""/renewal ACCOUNT: the plan of one renewal, what is in its way, and what it is worth."""

from typing import Literal

from app.domain.blocks import Block, Notice
from app.domain.command import Context, Needs, Report
from app.domain.contract import lapsed_days
from app.domain.records import Goal
from tools.health.notices import notices
from tools.health.open_work import progress
from tools.renewal.agenda import AgendaQuestion, agenda
from tools.renewal.case import RenewalCase, renewal_case
from tools.renewal.data import (
    AccountRenewal,
    AnniversaryData,
    BlockerData,
    CommitData,
    GoalValue,
    QuestionLine,
    RenewalData,
    StepData,
)
from tools.renewal.letter import value_mail
from tools.renewal.sections import sections
from tools.renewal.steps import PlannedStep, next_step
from tools.renewal.verdict import verdict


def needs(account: str) -> Needs:
    return Needs(account=account, family=True, feedback=True, escalations=True, daily=True, parameters_of=("health",))


def report(ctx: Context) -> Report:
    """The answer on the context's account."""
    case = renewal_case(ctx)
    questions = agenda(case) if case.at_risk and case.term is not None else ()
    head = verdict(case, ctx.family)
    body = tuple(sections(case, questions)) if case.is_customer else ()
    case.stated.add(case.dates.values())
    case.stated.add(case.value.values())
    case.stated.add(case.usage.values())
    case.stated.add(figure for clock in case.found.promises for figure in clock.figures)
    told: tuple[Block, ...] = _notices(case) if case.is_customer else ()
    if ctx.audience == "customer" and case.is_customer:
        told = (value_mail(case), *told)
    data = RenewalData(renewal_data(case, questions))
    return Report(data, (head, *body, *told), case.stated.figures)


def _notices(case: RenewalCase) -> tuple[Notice, ...]:
    """Of the notices on the data those that are not told above."""
    lapsed = "renewal.days_lapsed" in case.found.figures
    return tuple(each for each in notices(case.found) if not (lapsed and each.tone == "bad"))


def _state(case: RenewalCase) -> Literal["open", "lapsed", "churned", "not_yet", "no_date"]:
    if case.account.lifecycle == "churned":
        return "churned"
    if case.found.case.begins is not None:
        return "not_yet"
    if case.term is None:
        return "no_date"
    return "open" if case.term.lapsed is None else "lapsed"


def renewal_data(case: RenewalCase, questions: tuple[AgendaQuestion, ...]) -> AccountRenewal:
    """The renewal for programs."""
    health, account, term, first = case.found.case, case.account, case.term, next_step(case.steps)
    values = {key.removeprefix("value."): figure.value for key, figure in case.value.items()}
    return AccountRenewal(
        id=account.id,
        name=account.name,
        state=_state(case),
        tier=case.tier,
        churn_level=case.level,
        at_risk=case.at_risk and case.is_customer,
        arr=health.known(health.portfolio.arr),
        currency=health.currency,
        owner=account.owner,
        renewal_date=term.renewal if term else account.renewal_date,
        decision_date=term.decision if term else account.decision_date,
        lapsed_days=lapsed_days(account, health.as_of) if case.is_customer else None,
        auto_renew=account.auto_renew,
        rolled=term is not None and term.rolled,
        notice_days=account.notice_days,
        steps=tuple(_step(case, each) for each in case.steps),
        next_step=first.step.key if first else None,
        blockers=tuple(
            BlockerData(kind=each.kind, id=each.id, what=each.what, since=each.since, owner=each.owner)
            for each in case.blockers
        ),
        agenda=tuple(QuestionLine(ask=each.ask, because=each.because) for each in questions),
        goals=tuple(_goal(case, goal) for goal in case.goals),
        value_delivered=_number(values["delivered"]),
        value_in_reach=_number(values["in_reach"]),
        roi=_number(values["roi"]),
        commit=_commit(case),
        champions=tuple(case.name_of(each) for each in case.champions),
        decision_makers=tuple(case.name_of(each) for each in case.decision_makers),
        anniversaries=tuple(
            AnniversaryData(on=day, is_over=day < health.as_of) for day in (term.anniversaries if term else ())
        ),
        missing=tuple(_missing(case)) if case.is_customer else (),
    )


def _step(case: RenewalCase, planned: PlannedStep) -> StepData:
    step = planned.step
    return StepData(
        key=step.key,
        title=step.title,
        days=step.days,
        owner=step.owner,
        text=case.told(step),
        due_by_renewal=planned.by_renewal,
        due_by_decision=planned.by_decision,
        due=planned.due,
        binding=planned.binding,
        state=planned.state,
        overdue=planned.overdue,
        do_by=planned.do_by,
        into=planned.into,
        reason=planned.reason,
        done_on=planned.done.on if planned.done else None,
        evidence=planned.done.evidence if planned.done else None,
    )


def _goal(case: RenewalCase, goal: Goal) -> GoalValue:
    reached = progress(goal, case.stated)
    return GoalValue(
        id=goal.id,
        title=goal.title,
        status=goal.status,
        value=goal.value_amount,
        progress=_number(reached.value) if reached is not None else None,
    )


def _commit(case: RenewalCase) -> CommitData | None:
    found = case.commit
    if found is None:
        return None
    use = found.use
    return CommitData(
        first=use.first if use else None,
        last=use.last if use else None,
        used=use.calls if use else None,
        months=found.months,
        committed=found.committed,
        share=found.share,
        is_risk=found.is_risk,
        missing=found.missing,
    )


def _missing(case: RenewalCase) -> list[str]:
    account = case.account
    lacking = {
        "the renewal date": account.renewal_date is None,
        "the notice period": account.notice_days is None,
        "the length of the term": account.term_months is None,
        "whether the contract renews by itself": account.auto_renew is None,
        "who decides": not case.decision_makers,
        "a champion": not case.champions,
        "what the goals are worth": not any(goal.value_amount is not None for goal in case.goals),
        "the health tier": case.tier == "unknown",
    }
    return [what for what, lacks in lacking.items() if lacks]


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
